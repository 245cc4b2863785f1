//! One caller, one authorisation: whether there is such a request, and the statements that decide.

use super::calls::Call;
use super::{CallAnswer, Ground, Verdict};
use crate::access::{
    Answer, Budget, Context, Decision, Inquiry, Policy, Principal, Request, Who, World, nearest, readable,
    witness,
};
use crate::deployed::scene::{Actor, Scene, ThingKind};
use crate::deployed::{Place, Placed};

/// Answers for one scene; what was found out for one question serves the next.
pub(crate) struct Inquirer<'s> {
    scene: &'s Scene,
    world: &'s World,
    endpoint: Option<&'s Placed>,
    inquiry: Inquiry<'s>,
    more: Vec<(String, String)>,
    usual: Vec<(String, String)>,
}

impl<'s> Inquirer<'s> {
    /// Prepares the questions that some calls pose; every request has `more` condition keys.
    pub(crate) fn new(scene: &'s Scene, calls: &[Call], more: &[(String, String)]) -> Inquirer<'s> {
        let meant: Vec<Policy> = calls.iter().filter_map(|call| call.meant(more)).collect();
        let inquiry = Inquiry::new(&scene.world, &meant.iter().collect::<Vec<_>>(), Budget::default());
        Inquirer {
            scene,
            world: &scene.world,
            endpoint: None,
            inquiry,
            more: more.to_vec(),
            usual: Vec::new(),
        }
    }

    /// The same for requests that come through an endpoint: `world` is the scene's with the endpoint's policy.
    pub(crate) fn through(
        scene: &'s Scene,
        world: &'s World,
        endpoint: &'s Placed,
        calls: &[Call],
        more: &[(String, String)],
    ) -> Inquirer<'s> {
        let meant: Vec<Policy> = calls.iter().filter_map(|call| call.meant(more)).collect();
        let inquiry = Inquiry::new(world, &meant.iter().collect::<Vec<_>>(), Budget::default());
        Inquirer { scene, world, endpoint: Some(endpoint), inquiry, more: more.to_vec(), usual: Vec::new() }
    }

    /// Condition keys that requests of the account's principals usually have, for saying why one is refused.
    pub(crate) fn with_usual(mut self, usual: &[(String, String)]) -> Inquirer<'s> {
        self.usual = usual.to_vec();
        self
    }

    /// Every class of callers.
    pub(crate) fn everyone(&self) -> Vec<Who> {
        self.inquiry.everyone()
    }

    /// Whether a caller can make a call.
    pub(crate) fn ask(&mut self, who: &Who, call: &Call) -> CallAnswer {
        let mut answer = CallAnswer {
            action: call.actions.first().cloned().unwrap_or_default(),
            resource: readable(&call.resource.arn),
            verdict: Verdict::Undecided,
            by: Vec::new(),
            when: Vec::new(),
            because: None,
        };
        let Some(meant) = call.meant(&self.more) else {
            answer.because = Some("the context cannot be asked for".to_owned());
            return answer;
        };
        match self.inquiry.nothing_beyond(who, &call.resource, None, &meant) {
            Answer::Refuted(request) => {
                let decision = self.world.decide(who, &call.resource, &request);
                answer.verdict = Verdict::Yes;
                answer.action.clone_from(&request.action);
                answer.by = self.grounds(who, call, &decision);
                answer.when = self.when(call, &request);
            }
            Answer::Proven => {
                answer.verdict = Verdict::No;
                let request = self.typical(who, call);
                let decision = self.world.decide(who, &call.resource, &request);
                answer.by = self.grounds(who, call, &decision);
                answer.because = Some(self.silence(who, call, &request, &decision));
            }
            Answer::Undecided(reason) => answer.because = Some(readable(&reason)),
        }
        answer
    }

    /// The condition keys of a request that follow neither from the caller nor from the question.
    fn when(&self, call: &Call, request: &Request) -> Vec<(String, String)> {
        let asked = |key: &str| {
            call.context.iter().chain(&self.more).any(|(known, _)| known.eq_ignore_ascii_case(key))
        };
        let shown = witness(request);
        let context = shown.get("context").and_then(|it| it.as_object());
        let text =
            |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        context
            .into_iter()
            .flatten()
            .filter(|(key, _)| !asked(key) && !FOLLOWING.iter().any(|it| it.eq_ignore_ascii_case(key)))
            .map(|(key, value)| (key.clone(), text(value)))
            .collect()
    }

    /// The request that a person means, for saying why there is none.
    fn typical(&self, who: &Who, call: &Call) -> Request {
        let principal = principal(&self.scene.world, who);
        let mut context = Context::default();
        let account =
            if let Who::Account(account) = who { account.clone() } else { self.scene.world.account.clone() };
        let owner = call.resource.arn.split(':').nth(4).unwrap_or_default();
        let region = call.resource.arn.split(':').nth(3).unwrap_or_default();
        for (key, value) in [
            ("aws:PrincipalArn", principal.to_string()),
            ("aws:PrincipalAccount", account.clone()),
            ("kms:CallerAccount", account),
            ("aws:ResourceAccount", owner.to_owned()),
            ("aws:RequestedRegion", region.to_owned()),
            ("aws:SecureTransport", "true".to_owned()),
            ("secretsmanager:VersionStage", "AWSCURRENT".to_owned()),
            ("secretsmanager:SecretId", call.resource.arn.clone()),
        ] {
            context.add(key, [value]);
        }
        let own = matches!(who, Who::Role(_) | Who::OtherInAccount);
        let usual =
            self.usual.iter().filter(|(key, _)| own && self.more.iter().all(|(known, _)| known != key));
        for (key, value) in call.context.iter().chain(&self.more).chain(usual) {
            context.add(key, [value.clone()]);
        }
        Request {
            principal,
            action: call.actions.first().cloned().unwrap_or_default(),
            resource: call.resource.arn.clone(),
            resource_account: None,
            context,
        }
    }

    /// Why nothing allows a request.
    fn silence(&self, who: &Who, call: &Call, request: &Request, decision: &Decision) -> String {
        if decision.allowed {
            return "under every reading of what AWS leaves open it is not allowed".to_owned();
        }
        let missing = decision.by.first().cloned().unwrap_or_default();
        if missing.ends_with(" denies") {
            return "it is denied".to_owned();
        }
        let here = self.missing(who, call, request, &missing);
        // An endpoint that lets nothing through hides what is missing behind it.
        let behind = self.endpoint.map(|_| self.scene.world.decide(who, &call.resource, request));
        match behind.filter(|behind| !behind.allowed && *behind != *decision) {
            Some(behind) => {
                format!("{here}; behind it, {}", self.silence_behind(who, call, request, &behind))
            }
            None => here,
        }
    }

    fn silence_behind(&self, who: &Who, call: &Call, request: &Request, decision: &Decision) -> String {
        match decision.by.first() {
            Some(missing) if missing.ends_with(" denies") => "it is denied".to_owned(),
            Some(missing) => self.missing(who, call, request, missing),
            None => String::new(),
        }
    }

    /// One authorisation that is missing, and the statement that comes nearest to it.
    fn missing(&self, who: &Who, call: &Call, request: &Request, missing: &str) -> String {
        let role = role(who).and_then(|at| self.scene.world.roles.get(at));
        let is_open = role_actor(self.scene, who).is_some_and(|actor| actor.is_open);
        let identity = role.map(|role| role.identity.as_slice()).unwrap_or_default();
        let policies = match missing {
            "no identity policy allows it" if !is_open => identity,
            "no boundary allows it" => role.map(|role| role.boundaries.as_slice()).unwrap_or_default(),
            "endpoint allows nothing that matches" => self.world.endpoint.as_slice(),
            _ => call.resource.policy.as_slice(),
        };
        let near = policies
            .iter()
            .filter_map(|policy| nearest(request, policy))
            .min_by_key(|near| near.because.len());
        let missing = match missing {
            "the resource policy delegates nothing that matches" => {
                "the key policy names neither it nor its account for this".to_owned()
            }
            "endpoint allows nothing that matches" => {
                "the endpoint policy does not let it through".to_owned()
            }
            _ => readable(missing),
        };
        match near {
            Some(near) => format!("{missing}; nearest is {}: {}", near.statement, near.because.join(", ")),
            None => format!("{missing}; no statement is for this action"),
        }
    }

    fn grounds(&self, who: &Who, call: &Call, decision: &Decision) -> Vec<Ground> {
        let mut grounds: Vec<Ground> =
            decision.by.iter().filter_map(|text| self.ground(who, call, text)).collect();
        grounds.dedup();
        grounds
    }

    /// Reads what the evaluator says decides, `identity[0] statement 2`, and finds where that stands.
    fn ground(&self, who: &Who, call: &Call, text: &str) -> Option<Ground> {
        let (part, rest) = text.split_once(' ')?;
        let statement = rest.strip_suffix(" denies").unwrap_or(rest);
        if !statement.starts_with("statement ") {
            return None;
        }
        let (part, at) = match part.split_once('[') {
            Some((part, at)) => (part, at.trim_end_matches(']').parse::<usize>().ok()?),
            None => (part, 0),
        };
        let actor = role_actor(self.scene, who);
        let thing = call.thing.and_then(|at| self.scene.things.get(at));
        let (policy, document): (&str, Option<&Placed>) = match part {
            "identity" => ("identity policy", actor.and_then(|it| it.identity.get(at))),
            "boundaries" => ("permissions boundary", actor.and_then(|it| it.boundaries.get(at))),
            "resourcePolicy" => {
                let is_key = thing.is_some_and(|thing| thing.kind == ThingKind::Key);
                let name = if is_key { "key policy" } else { "resource policy" };
                (name, thing.and_then(|thing| thing.policy.as_ref()))
            }
            "endpoint" => ("endpoint policy", self.endpoint),
            other => (other, None),
        };
        let is_shown = document.is_some();
        Some(Ground {
            policy: if is_shown { policy.to_owned() } else { format!("{policy} that no template shows") },
            statement: if is_shown { statement.to_owned() } else { String::new() },
            stands: document.map(|it| stands(it, statement)),
            template: None,
            logical_id: document.and_then(|it| logical_id(&it.place)).map(str::to_owned),
            blueprint: None,
            line: None,
        })
    }
}

/// Condition keys that follow from the caller, the resource, or the time.
const FOLLOWING: [&str; 14] = [
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalType",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalServiceName",
    "aws:ResourceAccount",
    "aws:RequestedRegion",
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:userid",
    "aws:username",
    "kms:CallerAccount",
    "kms:EncryptionContextKeys",
    "secretsmanager:SecretId",
];

/// Where a statement stands, by its words.
fn stands(placed: &Placed, statement: &str) -> Place {
    let index = placed.policy.statements.iter().position(|it| it.label() == statement);
    index.map_or_else(|| placed.place.clone(), |index| placed.statement(index))
}

fn role(who: &Who) -> Option<usize> {
    if let Who::Role(at) = who { Some(*at) } else { None }
}

fn role_actor<'s>(scene: &'s Scene, who: &Who) -> Option<&'s Actor> {
    scene.roles.get(role(who)?)
}

fn principal(world: &World, who: &Who) -> Principal {
    match who {
        Who::Role(at) => Principal::Role(world.roles.get(*at).map_or_else(String::new, |it| it.arn.clone())),
        Who::OtherInAccount => Principal::Role(format!("arn:aws:iam::{}:role/any-other", world.account)),
        Who::Account(account) => Principal::Role(format!("arn:aws:iam::{account}:role/any")),
        Who::OtherAccount => Principal::Role("arn:aws:iam::000000000000:role/any".to_owned()),
        Who::Service(name) => Principal::Service(name.clone()),
        Who::OtherService => Principal::Service("any-other.amazonaws.com".to_owned()),
        Who::Federated(name) => Principal::Federated(name.clone()),
        Who::OtherFederated => Principal::Federated("any-other".to_owned()),
        Who::Anonymous => Principal::Anonymous,
    }
}

/// The resource that a place lies in.
pub(crate) fn logical_id(place: &Place) -> Option<&str> {
    place.pointer.strip_prefix("/Resources/")?.split('/').next()
}

/// How a class of callers is called in answers.
pub(crate) fn name_of(scene: &Scene, who: &Who) -> String {
    match who {
        Who::Role(at) => {
            let arn = scene.world.roles.get(*at).map_or("", |role| role.arn.as_str());
            let name = readable(arn.split(":role/").nth(1).unwrap_or(arn));
            match name.find('?') {
                // A role without a name of its own is called by its logical id.
                Some(_) => scene
                    .roles
                    .get(*at)
                    .and_then(|actor| actor.place.as_ref())
                    .and_then(logical_id)
                    .map_or(name, str::to_owned),
                None => name,
            }
        }
        Who::OtherInAccount => "any other principal of the account that its own policies allow".to_owned(),
        Who::Account(account) => format!("account {account}"),
        Who::OtherAccount => "any other account".to_owned(),
        Who::Service(name) => format!("service {name}"),
        Who::OtherService => "any other service".to_owned(),
        Who::Federated(name) => format!("identities of {name}"),
        Who::OtherFederated => "identities of any other provider".to_owned(),
        Who::Anonymous => "anyone, without credentials".to_owned(),
    }
}
