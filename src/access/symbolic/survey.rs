//! What the policies of a question mention: keys, variables, principals, accounts; and the callers that follow.

use std::collections::BTreeSet;

use super::super::policy::Quantifier;
use super::super::policy::{Condition, Entry, Policy, Test};
use super::super::{arn, context_keys, pattern::Pattern, pattern::Piece};
use super::caller::{AwsCaller, Caller, Shape};

/// Everything mentioned.
#[derive(Debug, Clone, Default)]
pub(crate) struct Survey {
    /// Condition keys.
    pub(crate) keys: BTreeSet<String>,
    /// Keys of policy variables.
    pub(crate) variables: BTreeSet<String>,
    /// Keys that can have several values.
    pub(crate) many: BTreeSet<String>,
    /// Principal entries.
    pub(crate) entries: BTreeSet<Entry>,
    /// Accounts of principals.
    pub(crate) accounts: BTreeSet<String>,
    /// How many statements there are.
    pub(crate) statements: usize,
}

impl Survey {
    /// Reads all policies of a question.
    pub(crate) fn of<'p>(policies: impl IntoIterator<Item = &'p Policy>) -> Survey {
        let mut survey = Survey::default();
        for statement in policies.into_iter().flat_map(|policy| policy.statements.iter()) {
            survey.statements += 1;
            survey.entries.extend(statement.principal.entries().iter().cloned());
            survey.variables_of(statement.resource.patterns());
            for condition in &statement.conditions {
                survey.condition(condition);
            }
        }
        let accounts: Vec<String> = survey.entries.iter().filter_map(account_of).collect();
        survey.accounts.extend(accounts);
        survey
    }

    /// Roles that are to be told apart, though no policy names them.
    pub(crate) fn name_roles<'r>(&mut self, arns: impl Iterator<Item = &'r String>) {
        self.entries.extend(arns.map(|arn| Entry::Role(arn.clone())));
    }

    fn condition(&mut self, condition: &Condition) {
        let key = &condition.key;
        self.keys.insert(key.clone());
        if condition.quantifier != Quantifier::One || context_keys::is_multivalued(key) {
            self.many.insert(key.clone());
        }
        let (Test::Text { patterns, .. } | Test::Arn(patterns)) = &condition.test else { return };
        self.variables_of(patterns);
        let account_key = matches!(key.as_str(), "aws:principalaccount" | "kms:calleraccount");
        for pattern in patterns {
            let text = match key.as_str() {
                _ if account_key => spelled(pattern.pieces()),
                "aws:principalarn" => pattern.parts().get(4).and_then(|part| spelled(part)),
                _ => None,
            };
            self.accounts.extend(text.filter(|text| arn::is_account_id(text)));
        }
    }

    fn variables_of(&mut self, patterns: &[Pattern]) {
        let keys = patterns.iter().flat_map(Pattern::variables).map(|variable| variable.key.clone());
        self.variables.extend(keys);
    }

    /// The callers that the policies can tell apart: whoever is named, and the rest by kind and account.
    pub(crate) fn callers(&self) -> Vec<Caller> {
        let mut callers = BTreeSet::new();
        for entry in &self.entries {
            self.named(entry, &mut callers);
        }
        let accounts = self.accounts.iter().map(|account| Some(account.as_str())).chain([None]);
        for account in accounts {
            for shape in [Shape::Role, Shape::User, Shape::FederatedUser, Shape::Root] {
                callers.insert(Caller::aws(shape, account, None));
            }
        }
        callers.extend([Caller::Service(None), Caller::Federated(None), Caller::Anonymous]);
        callers.into_iter().collect()
    }

    fn named(&self, entry: &Entry, callers: &mut BTreeSet<Caller>) {
        let aws = |shape, text: &str| Caller::aws(shape, arn::account(text), Some(text));
        match entry {
            Entry::Anyone | Entry::Account(_) | Entry::Deleted(_) => {}
            Entry::User(user) => {
                let session = user.replacen(":iam::", ":sts::", 1).replacen(":user/", ":federated-user/", 1);
                callers.insert(aws(Shape::User, user));
                callers.insert(aws(Shape::FederatedUser, &session));
            }
            Entry::Role(role) => {
                callers.insert(aws(Shape::Role, role));
            }
            Entry::FederatedUser(session) => {
                callers.insert(aws(Shape::FederatedUser, session));
            }
            Entry::Session(session) => self.sessions(session, callers),
            Entry::Service(name) => {
                callers.insert(Caller::Service(Some(name.clone())));
            }
            Entry::Federated(name) => {
                callers.insert(Caller::Federated(Some(name.clone())));
            }
            Entry::Canonical(id) => {
                callers.insert(Caller::Canonical(id.clone()));
            }
        }
    }

    /// A session belongs to a role of its name: one that policies name, or one with another path.
    fn sessions(&self, session: &str, callers: &mut BTreeSet<Caller>) {
        let account = arn::account(session).map(str::to_owned);
        let arn = None;
        let caller = AwsCaller { shape: Shape::Role, account, arn, session: Some(session.to_owned()) };
        for entry in &self.entries {
            let Entry::Role(role) = entry else { continue };
            let name = role.rsplit('/').next();
            if name == caller.role_name() && arn::account(role) == caller.account.as_deref() {
                callers.insert(Caller::Aws(AwsCaller { arn: Some(role.clone()), ..caller.clone() }));
            }
        }
        callers.insert(Caller::Aws(caller));
    }
}

fn account_of(entry: &Entry) -> Option<String> {
    match entry {
        Entry::Account(account) => Some(account.clone()),
        Entry::User(text) | Entry::Role(text) | Entry::Session(text) | Entry::FederatedUser(text) => {
            arn::account(text).map(str::to_owned)
        }
        Entry::Anyone | Entry::Service(_) | Entry::Federated(_) | Entry::Canonical(_) | Entry::Deleted(_) => {
            None
        }
    }
}

fn spelled(pieces: &[Piece]) -> Option<String> {
    let character = |piece: &Piece| match piece {
        Piece::Char(c) => Some(*c),
        Piece::One | Piece::Any | Piece::Variable(_) => None,
    };
    pieces.iter().map(character).collect()
}
