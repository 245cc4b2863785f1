//! The direct evaluator: one request, all policies that apply, one decision.
//!
//! *Never:* anything from the symbolic side; the two share the model alone, so that each checks the other.

mod condition;
mod nearest;
mod statement;

pub use nearest::{Nearest, nearest};

use super::policy::{Effect, Entry, Policy, Statement};
use super::reading::Reading;
use super::request::{Principal, Request};
use statement::{Benefit, Way};

/// Every policy that applies to a request; what is absent does not apply.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policies {
    /// Identity policies of the caller.
    pub identity: Vec<Policy>,
    /// The resource's own policy: key and trust policies too.
    pub resource: Option<Policy>,
    /// Permissions boundaries of the caller.
    pub boundaries: Vec<Policy>,
    /// Session policies: one alone must allow.
    pub session: Vec<Policy>,
    /// Service control policies, per level from the root down.
    pub scps: Vec<Vec<Policy>>,
    /// Resource control policies, per level from the root down.
    pub rcps: Vec<Vec<Policy>>,
    /// The policy of the endpoint that the request came through.
    pub endpoint: Vec<Policy>,
}

/// What AWS decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whether the request is allowed.
    pub allowed: bool,
    /// The statements that decide it, or what is missing.
    pub by: Vec<String>,
}

/// Decides a request under the usual reading of what AWS leaves open.
pub fn evaluate(request: &Request, policies: &Policies) -> Decision {
    decide(request, policies, &Reading::USUAL, Benefit::None)
}

/// Whether the request is allowed for certain: what is not understood denies.
pub(crate) fn surely_allowed(request: &Request, policies: &Policies, reading: &Reading) -> bool {
    decide(request, policies, reading, Benefit::Denial).allowed
}

/// Whether the request may be allowed: what is not understood allows.
pub(crate) fn perhaps_allowed(request: &Request, policies: &Policies, reading: &Reading) -> bool {
    decide(request, policies, reading, Benefit::Access).allowed
}

/// Whether this policy alone, without the others AWS would ask, surely grants the request.
pub(crate) fn surely_grants(request: &Request, policy: &Policy, reading: &Reading) -> bool {
    grants(request, policy, reading, Benefit::Denial)
}

/// Whether this policy alone may grant the request.
pub(crate) fn perhaps_grants(request: &Request, policy: &Policy, reading: &Reading) -> bool {
    grants(request, policy, reading, Benefit::Access)
}

/// The statement of a policy that allows the request, in words.
pub(crate) fn granting(request: &Request, policy: &Policy) -> Option<String> {
    let asked = Asked { request, reading: &Reading::USUAL, benefit: Benefit::Denial, bounded: false };
    asked.first(policy, Effect::Allow, &ANY).map(Statement::label)
}

fn grants(request: &Request, policy: &Policy, reading: &Reading, benefit: Benefit) -> bool {
    let asked = Asked { request, reading, benefit, bounded: false };
    asked.first(policy, Effect::Deny, &ANY).is_none() && asked.first(policy, Effect::Allow, &ANY).is_some()
}

const ANY: [Way; 3] = [Way::Direct, Way::Role, Way::Account];

/// A request together with how it is read.
struct Asked<'a> {
    request: &'a Request,
    reading: &'a Reading,
    benefit: Benefit,
    /// Whether the caller has a boundary, which `NotPrincipal` never exempts.
    bounded: bool,
}

impl Asked<'_> {
    /// The first statement of this effect that matches and names the caller in one of these ways.
    fn first<'p>(&self, policy: &'p Policy, effect: Effect, ways: &[Way]) -> Option<&'p Statement> {
        policy.statements.iter().find(|statement| {
            statement.effect == effect && statement::matches(self, policy.kind, statement, ways)
        })
    }

    fn any<'p>(&self, policies: &'p [Policy], effect: Effect) -> Option<(usize, &'p Statement)> {
        let found = |(index, policy)| self.first(policy, effect, &ANY).map(|s| (index, s));
        policies.iter().enumerate().find_map(found)
    }
}

fn decide(request: &Request, policies: &Policies, reading: &Reading, benefit: Benefit) -> Decision {
    let asked = Asked { request, reading, benefit, bounded: !policies.boundaries.is_empty() };
    let service = matches!(request.principal, Principal::Service(_));
    let linked = is_service_linked(&request.principal);
    let scps: &[Vec<Policy>] = if service || linked { &[] } else { &policies.scps };
    let exempt = linked || request.action.eq_ignore_ascii_case("kms:RetireGrant");
    let rcps: &[Vec<Policy>] = if exempt { &[] } else { &policies.rcps };
    if let Some(by) = denied(&asked, policies, scps, rcps) {
        return Decision { allowed: false, by: vec![by] };
    }
    let mut by = Vec::new();
    if let Err(missing) = guarded(&asked, policies, scps, rcps, &mut by) {
        return Decision { allowed: false, by: vec![missing] };
    }
    match granted(&asked, policies) {
        Ok(grants) => {
            by.splice(0..0, grants);
            Decision { allowed: true, by }
        }
        Err(missing) => Decision { allowed: false, by: vec![missing] },
    }
}

/// The explicit deny that decides, if there is one.
fn denied(asked: &Asked, policies: &Policies, scps: &[Vec<Policy>], rcps: &[Vec<Policy>]) -> Option<String> {
    let named = |part: &str, list: &[Policy]| {
        let (index, statement) = asked.any(list, Effect::Deny)?;
        Some(format!("{part}[{index}] {} denies", statement.label()))
    };
    let levels = |part: &str, levels: &[Vec<Policy>]| {
        levels.iter().enumerate().find_map(|(level, list)| named(&format!("{part}[{level}]"), list))
    };
    levels("scps", scps)
        .or_else(|| levels("rcps", rcps))
        .or_else(|| named("endpoint", &policies.endpoint))
        .or_else(|| named("boundaries", &policies.boundaries))
        .or_else(|| named("sessionPolicy", &policies.session))
        .or_else(|| named("identity", &policies.identity))
        .or_else(|| {
            let statement = asked.first(policies.resource.as_ref()?, Effect::Deny, &ANY)?;
            Some(format!("resourcePolicy {} denies", statement.label()))
        })
}

/// The policies that never grant but must allow: SCPs, RCPs, the endpoint's.
fn guarded(
    asked: &Asked,
    policies: &Policies,
    scps: &[Vec<Policy>],
    rcps: &[Vec<Policy>],
    by: &mut Vec<String>,
) -> Result<(), String> {
    for (level, list) in scps.iter().enumerate() {
        match asked.any(list, Effect::Allow) {
            Some((index, statement)) => by.push(format!("scps[{level}][{index}] {}", statement.label())),
            None => return Err(format!("scps[{level}] allows nothing that matches")),
        }
    }
    for (level, list) in rcps.iter().enumerate() {
        // `RCPFullAWSAccess` cannot be detached: a level whose allows are not shown has it.
        let shown = list.iter().any(|p| p.statements.iter().any(|s| s.effect == Effect::Allow));
        if shown && asked.any(list, Effect::Allow).is_none() {
            return Err(format!("rcps[{level}] allows nothing that matches"));
        }
    }
    if !policies.endpoint.is_empty() {
        match asked.any(&policies.endpoint, Effect::Allow) {
            Some((index, statement)) => by.push(format!("endpoint[{index}] {}", statement.label())),
            None => return Err("endpoint allows nothing that matches".to_owned()),
        }
    }
    Ok(())
}

/// The grants that suffice together, by the table of policy evaluation.
fn granted(asked: &Asked, policies: &Policies) -> Result<Vec<String>, String> {
    let request = asked.request;
    let by_resource = |way: Way| {
        let statement = asked.first(policies.resource.as_ref()?, Effect::Allow, &[way])?;
        Some(format!("resourcePolicy {}", statement.label()))
    };
    let capped = |part: &str, list: &[Policy]| -> Option<Vec<String>> {
        if list.is_empty() {
            return Some(Vec::new());
        }
        let (index, statement) = asked.any(list, Effect::Allow)?;
        Some(vec![format!("{part}[{index}] {}", statement.label())])
    };
    let identity = || match &request.principal {
        Principal::Root(account) => Some(format!("the root user of {account}")),
        Principal::FederatedUser(_) if policies.session.is_empty() => None,
        Principal::User(_) | Principal::Role(_) | Principal::Session { .. } | Principal::FederatedUser(_) => {
            let (index, statement) = asked.any(&policies.identity, Effect::Allow)?;
            Some(format!("identity[{index}] {}", statement.label()))
        }
        Principal::Service(_) | Principal::Federated(_) | Principal::Canonical(_) | Principal::Anonymous => {
            None
        }
    };
    let caps = || {
        let mut by = capped("boundaries", &policies.boundaries)?;
        by.extend(capped("sessionPolicy", &policies.session)?);
        Some(by)
    };
    let joined = |first: String, second: Option<String>, mut rest: Vec<String>| {
        rest.insert(0, first);
        rest.extend(second);
        Ok(rest)
    };
    let foreign = match (request.principal.account(), request.owner()) {
        (Some(caller), Some(owner)) => caller != owner,
        (Some(_), None) | (None, _) => false,
    };
    if foreign {
        let Some(named) =
            by_resource(Way::Direct).or_else(|| by_resource(Way::Role)).or_else(|| by_resource(Way::Account))
        else {
            return Err("no statement of the resource policy allows another account's caller".to_owned());
        };
        let (Some(identity), Some(caps)) = (identity(), caps()) else {
            return Err(missing(asked, policies));
        };
        return joined(identity, Some(named), caps);
    }
    if let Some(named) = by_resource(Way::Direct) {
        return Ok(vec![named]);
    }
    if let (Some(named), Some(caps)) = (by_resource(Way::Role), caps()) {
        return joined(named, None, caps);
    }
    let delegated = if needs_delegation(request) {
        match by_resource(Way::Account) {
            Some(named) => Some(named),
            None => return Err("the resource policy delegates nothing that matches".to_owned()),
        }
    } else {
        None
    };
    match (identity(), caps()) {
        (Some(identity), Some(caps)) => joined(identity, delegated, caps),
        _ => Err(missing(asked, policies)),
    }
}

/// Says which of identity policy, boundary and session policy is silent.
fn missing(asked: &Asked, policies: &Policies) -> String {
    let silent = |list: &[Policy]| !list.is_empty() && asked.any(list, Effect::Allow).is_none();
    let which = if silent(&policies.boundaries) {
        "boundary"
    } else if silent(&policies.session) {
        "session policy"
    } else {
        "identity policy"
    };
    format!("no {which} allows it")
}

/// A KMS key and a role answer for themselves: identity policies count only where they delegate to the account.
fn needs_delegation(request: &Request) -> bool {
    let action = request.action.to_ascii_lowercase();
    let trust = ["sts:assumerole", "sts:tagsession", "sts:setsourceidentity", "sts:setcontext"];
    if action.starts_with("kms:") {
        request.resource != "*" && !request.resource.contains(":alias/")
    } else {
        trust.iter().any(|name| action.starts_with(name)) && request.resource.contains(":role/")
    }
}

/// Organisations' policies do not bind the roles that services create for themselves.
fn is_service_linked(principal: &Principal) -> bool {
    match principal {
        Principal::Role(role) | Principal::Session { role, .. } => {
            role.contains(":role/aws-service-role/") || role.contains(":role/AWSServiceRoleFor")
        }
        Principal::Root(_)
        | Principal::User(_)
        | Principal::FederatedUser(_)
        | Principal::Service(_)
        | Principal::Federated(_)
        | Principal::Canonical(_)
        | Principal::Anonymous => false,
    }
}

/// In which way an entry names a caller.
fn way(entry: &Entry, caller: &Principal) -> Option<Way> {
    let same = |a: &str, b: &str, way| (a == b).then_some(way);
    match (entry, caller) {
        (Entry::Anyone, _) => Some(Way::Direct),
        (Entry::Account(account), caller) => same(account, caller.account()?, Way::Account),
        (Entry::User(arn), Principal::User(user)) => same(arn, user, Way::Direct),
        (Entry::User(arn), Principal::FederatedUser(session)) => {
            let user = session.replacen(":sts::", ":iam::", 1).replacen(":federated-user/", ":user/", 1);
            same(arn, &user, Way::Role)
        }
        (Entry::Role(arn), Principal::Role(role) | Principal::Session { role, .. }) => {
            same(arn, role, Way::Role)
        }
        (Entry::Session(arn), Principal::Session { arn: session, .. }) => same(arn, session, Way::Direct),
        (Entry::FederatedUser(arn), Principal::FederatedUser(session)) => same(arn, session, Way::Direct),
        (Entry::Service(name), Principal::Service(caller)) => same(name, caller, Way::Direct),
        (Entry::Federated(name), Principal::Federated(caller)) => same(name, caller, Way::Direct),
        (Entry::Canonical(id), Principal::Canonical(caller)) => same(id, caller, Way::Direct),
        (
            Entry::User(_)
            | Entry::Role(_)
            | Entry::Session(_)
            | Entry::FederatedUser(_)
            | Entry::Service(_)
            | Entry::Federated(_)
            | Entry::Canonical(_)
            | Entry::Deleted(_),
            _,
        ) => None,
    }
}
