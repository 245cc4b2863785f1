//! From a solution per dimension to a request.

use std::collections::BTreeMap;

use super::super::arn;
use super::super::request::{Context, Principal, Request};
use super::caller::{AwsCaller, Caller, Shape};
use super::encode::Scope;
use super::engine::{Dimension, Solution};
use super::survey::Survey;

/// Values of variables' keys: a text, or none.
pub(crate) type Binding = BTreeMap<String, Option<String>>;

/// A solution in the dimensions that matter.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    action: Option<String>,
    parts: BTreeMap<usize, String>,
    keys: BTreeMap<String, Option<Vec<String>>>,
}

impl Model {
    /// Adds one dimension's solution.
    pub(crate) fn add(&mut self, dimension: Dimension, solution: Solution) {
        match (dimension, solution) {
            (Dimension::Action, Solution::Text(text)) => self.action = Some(text),
            (Dimension::Part(index), Solution::Text(text)) => {
                self.parts.insert(index, text);
            }
            (Dimension::Key(key), Solution::Values(values)) => {
                self.keys.insert(key, Some(values));
            }
            (Dimension::Key(key), _) => {
                self.keys.insert(key, None);
            }
            (Dimension::Action | Dimension::Part(_) | Dimension::Unknown(_), _) => {}
        }
    }

    /// The one value of a key.
    pub(crate) fn single(&self, key: &str) -> Option<&str> {
        match self.keys.get(key)?.as_deref() {
            Some([value]) => Some(value),
            Some(_) | None => None,
        }
    }

    fn part(&self, index: usize) -> Option<&str> {
        self.parts.get(&index).map(String::as_str)
    }
}

/// An account for callers and resources that no policy restricts: the one AWS uses in examples.
const EXAMPLE_ACCOUNT: &str = "111122223333";

/// An action where no policy restricts it.
const EXAMPLE_ACTION: &str = "secretsmanager:GetSecretValue";

/// Fills what the model leaves open and builds the request.
pub(crate) fn request(model: &Model, caller: &Caller, scope: &Scope) -> Request {
    let action = model.action.clone().unwrap_or_else(|| EXAMPLE_ACTION.to_owned());
    let resource = match scope {
        Scope::Wildcard => "*".to_owned(),
        Scope::Fixed { arn, .. } => arn.clone(),
        Scope::Arn => resource_arn(model, &action),
    };
    let resource_account = match scope {
        Scope::Fixed { account, .. } => Some(account.clone()),
        Scope::Arn | Scope::Wildcard => {
            model.single("aws:resourceaccount").filter(|a| arn::is_account_id(a)).map(str::to_owned)
        }
    };
    let mut context = Context::default();
    for (key, values) in &model.keys {
        if let Some(values) = values {
            context.add(key, values.iter().cloned());
        }
    }
    let principal = principal(model, caller, &resource);
    Request { principal, action, resource, resource_account, context }
}

fn resource_arn(model: &Model, action: &str) -> String {
    let service = action.split(':').next().unwrap_or("example");
    let account = model.single("aws:resourceaccount").unwrap_or(EXAMPLE_ACCOUNT);
    let defaults = ["arn", "aws", service, "us-east-1", account, "example"];
    let parts: Vec<&str> =
        defaults.iter().enumerate().map(|(i, default)| model.part(i).unwrap_or(default)).collect();
    parts.join(":")
}

fn principal(model: &Model, caller: &Caller, resource: &str) -> Principal {
    match caller {
        Caller::Unspecified => match model.single("aws:principalarn") {
            Some(text) => Principal::parse(text, &Context::default()),
            None => {
                let account = arn::account(resource).filter(|a| arn::is_account_id(a));
                let account = model.single("aws:principalaccount").or(account).unwrap_or(EXAMPLE_ACCOUNT);
                Principal::Role(format!("arn:aws:iam::{account}:role/example"))
            }
        },
        Caller::Aws(caller) => aws_principal(model, caller),
        Caller::Service(name) => {
            let free = model.single("aws:principalservicename").unwrap_or("example.amazonaws.com");
            Principal::Service(name.clone().unwrap_or_else(|| free.to_owned()))
        }
        Caller::Federated(name) => {
            Principal::Federated(name.clone().unwrap_or_else(|| "idp.example.com".to_owned()))
        }
        Caller::Canonical(id) => Principal::Canonical(id.clone()),
        Caller::Anonymous => Principal::Anonymous,
    }
}

fn aws_principal(model: &Model, caller: &AwsCaller) -> Principal {
    let known = model.single("aws:principalarn");
    let account = caller
        .account
        .as_deref()
        .or_else(|| known.and_then(arn::account))
        .or_else(|| model.single("aws:principalaccount"))
        .or_else(|| model.single("kms:calleraccount"))
        .unwrap_or("999988887777");
    let arn = |service: &str, name: &str| {
        let text = caller.arn.as_deref().or(known);
        text.map_or_else(|| format!("arn:aws:{service}::{account}:{name}"), str::to_owned)
    };
    match (caller.shape, &caller.session) {
        (Shape::Role, Some(session)) => {
            let plain = format!("role/{}", caller.role_name().unwrap_or("example"));
            Principal::Session { arn: session.clone(), role: arn("iam", &plain) }
        }
        (Shape::Role, None) => Principal::Role(arn("iam", "role/example")),
        (Shape::User, _) => Principal::User(arn("iam", "user/example")),
        (Shape::FederatedUser, _) => Principal::FederatedUser(arn("sts", "federated-user/example")),
        (Shape::Root, _) => Principal::Root(account.to_owned()),
    }
}

/// Dimensions are solved apart, but some keys follow from others. If a request breaks such a tie, these are the
/// values to ask for instead; an empty list means that no tie is broken.
pub(crate) fn refinements(
    request: &Request,
    caller: &Caller,
    scope: &Scope,
    survey: &Survey,
) -> Vec<Binding> {
    let mut bindings = Vec::new();
    let mentioned = |key: &str| survey.keys.contains(key);
    let values = |keys: &[&str]| -> Vec<String> {
        let mut found: Vec<String> =
            keys.iter().filter_map(|key| request.context.single(key)).map(str::to_owned).collect();
        found.sort();
        found.dedup();
        found
    };
    if caller.account().is_none() {
        let mut accounts = values(&["aws:principalaccount", "kms:calleraccount"]);
        accounts.extend(request.context.single("aws:principalarn").and_then(arn::account).map(str::to_owned));
        accounts.sort();
        accounts.dedup();
        if accounts.len() > 1 {
            for account in accounts {
                let keys = ["aws:principalaccount", "kms:calleraccount", PRINCIPAL_ARN_ACCOUNT];
                let pin = |key: &&str| ((*key).to_owned(), Some(account.clone()));
                let kept = |key: &&&str| mentioned(key) || ***key == *PRINCIPAL_ARN_ACCOUNT;
                bindings.push(keys.iter().filter(kept).map(pin).collect());
            }
        }
    }
    if *scope == Scope::Arn
        && mentioned("aws:resourceaccount")
        && let Some(named) = request.context.single("aws:resourceaccount")
        && let Some(part) = arn::account(&request.resource)
        && named != part
    {
        for account in [part, named] {
            let pin = |key: &str| (key.to_owned(), Some(account.to_owned()));
            bindings.push([pin("aws:resourceaccount"), pin(RESOURCE_ACCOUNT_PART)].into());
        }
    }
    bindings
}

/// Stands in bindings for the account part of `aws:PrincipalArn`.
pub(crate) const PRINCIPAL_ARN_ACCOUNT: &str = "account part of aws:principalarn";
/// Stands in bindings for the account part of the resource.
pub(crate) const RESOURCE_ACCOUNT_PART: &str = "account part of the resource";
