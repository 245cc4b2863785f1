//! Workflows of GitHub Actions.

use super::facts::{Compute, Provider, ServiceTrust, Trust, WebIdentity};
use super::runs_on::Kind;
use crate::blueprint::codes::fields;
use crate::blueprint::mapping::mapping;
use crate::blueprint::scalar::{Branch, ForeignName, Repository};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Sourced;

pub(super) const KIND: Kind = Kind::new::<Options>(
    "github-actions",
    "A workflow of GitHub Actions, by OIDC.",
    "{ github-actions: example/checkout, environment: production }",
    None,
);

mapping! {
    /// A workflow of GitHub Actions; the account has GitHub's OIDC provider already.
    struct Options = "a GitHub Actions workflow" with check {
        /// The repository, with its owner.
        repository: Sourced<Repository> = "github-actions" like "example/checkout";
        /// The GitHub environment in which the workflow runs.
        environment: Option<Sourced<ForeignName>> = "environment" like "production";
        /// The branch on which the workflow runs.
        branch: Option<Sourced<Branch>> = "branch" like "main";
    }
}

impl From<Options> for Compute {
    fn from(options: Options) -> Self {
        let repository = &options.repository.value;
        let place = match (&options.environment, &options.branch) {
            (Some(environment), _) => format!("environment:{}", environment.value),
            (None, Some(branch)) => format!("ref:refs/heads/{}", branch.value),
            (None, None) => "ref:refs/heads/main".to_owned(),
        };
        let trust = Trust::WebIdentity(WebIdentity {
            provider: Provider::Fixed("token.actions.githubusercontent.com"),
            subject: format!("repo:{repository}:{place}"),
            audience: "sts.amazonaws.com",
        });
        Self { trust, ..Self::of("github-actions", ServiceTrust::of(&[])) }
    }
}

fn check(options: &Options, log: &mut Diagnostics) {
    match (&options.environment, &options.branch) {
        (None, None) => log.push(
            Diagnostic::new(
                &fields::MISSING_FIELD,
                options.span,
                "a workflow without `environment` or `branch`",
            )
            .help(
                "add `environment: NAME` or `branch: NAME`; without one, each branch could assume the role",
            ),
        ),
        (Some(environment), Some(branch)) => log.push(
            Diagnostic::new(&fields::CONFLICTING_FIELDS, branch.span(), "`branch` beside `environment`")
                .also(environment.span(), "in an environment, GitHub's token does not name the branch")
                .help("keep one of the two"),
        ),
        _ => {}
    }
}
