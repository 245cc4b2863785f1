//! Tasks of ECS, with the execution role that starts them.

use super::facts::{
    Compute, ExecutionRole, Need, Piece, Placement, ResourcePattern, Resources, ServiceTrust, When,
    name_or_own,
};
use super::runs_on::Kind;
use crate::aws::LogGroupName;
use crate::blueprint::mapping::mapping;
use crate::blueprint::scalar::{ForeignName, ImageRepository};
use crate::source::Sourced;

pub(super) const KIND: Kind = Kind::new::<Options>(
    "ecs-task",
    "A task of ECS; what `inject` names is read by its execution role.",
    "{ ecs-task: checkout, repositories: [shop/checkout] }",
    Some(|| facts(None, Vec::new(), None)),
);

mapping! {
    /// A task of ECS; `runs-on: ecs-task` alone pulls public images and logs to `/ecs/application-environment-consumer`.
    struct Options = "an ECS task" {
        /// The family of the task definition; its log group is `/ecs/FAMILY`.
        family: Sourced<ForeignName> = "ecs-task" like "checkout";
        /// The repositories of this account's ECR from which the execution role pulls images.
        repositories: Vec<Sourced<ImageRepository>> = "repositories" like "[shop/checkout]";
        /// The log group, where it is another.
        log_group: Option<Sourced<LogGroupName>> = "log-group" like "/shop/checkout";
    }
}

impl From<Options> for Compute {
    fn from(options: Options) -> Self {
        let repositories =
            options.repositories.into_iter().map(|repository| repository.value.to_string()).collect();
        let log_group = options.log_group.map(|group| group.value.to_string());
        facts(Some(options.family.value.to_string()), repositories, log_group)
    }
}

fn facts(family: Option<String>, repositories: Vec<String>, log_group: Option<String>) -> Compute {
    let trust = || ServiceTrust::of(&["ecs-tasks.amazonaws.com"]).for_source("ecs", "*");
    let group = match log_group {
        Some(name) => vec![Piece::Given(name)],
        None => vec![Piece::Text("/ecs/"), name_or_own(family)],
    };
    let mut needs = vec![Need::logs(group)];
    if !repositories.is_empty() {
        needs.push(Need::everywhere("LogInToRegistry", &["ecr:GetAuthorizationToken"], When::Always));
        needs.push(Need {
            sid: "PullImages",
            actions: &["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
            resources: Resources::These(repositories.into_iter().map(repository).collect()),
            when: When::Always,
            withheld_from_code: false,
        });
    }
    Compute {
        placement: Placement::InVpc,
        execution: Some(ExecutionRole { trust: trust(), needs }),
        ..Compute::of("ecs-task", trust())
    }
}

fn repository(name: String) -> ResourcePattern {
    ResourcePattern { service: "ecr", resource: vec![Piece::Text("repository/"), Piece::Given(name)] }
}
