//! What a search may know about condition keys: from the caller, from AWS's promises, from bindings.

use super::super::context_keys::{FACTS, Fact};
use super::super::policy::Entry;
use super::caller::{AwsCaller, Caller, Shape};
use super::encode::{Encoder, Scope, exactly};
use super::engine::{Claim, Dimension, Members};
use super::formula::Formula;
use super::meter::Exhausted;
use super::model::{PRINCIPAL_ARN_ACCOUNT, RESOURCE_ACCOUNT_PART};
use super::predicate::{Predicate, Signed};
use super::survey::Survey;
use super::text::{Class, Glob, Step, TextSet};

/// Which facts about condition keys a search may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Facts {
    /// Those that follow from the caller by definition.
    Caller,
    /// These, and what AWS promises to send or not to send.
    All,
}

impl Encoder<'_> {
    /// The key is present and every value is in the set, or is not.
    fn key_in(&mut self, key: &str, set: TextSet, holds: bool) -> Formula {
        let predicate = self.engine.predicates.intern(Predicate::Text(set));
        let members = Members::Every(Signed { predicate, holds });
        self.key(key, Claim::Values { absent: false, empty: false, members })
    }

    fn absent(&mut self, key: &str) -> Formula {
        self.key(key, Claim::Values { absent: true, empty: false, members: Members::Constant(false) })
    }

    fn present(&mut self, key: &str) -> Formula {
        self.key(key, Claim::Values { absent: false, empty: false, members: Members::Constant(true) })
    }

    /// What is known of the keys that policies mention, and what bindings fix.
    pub(crate) fn circumstances(&mut self, survey: &Survey, facts: Facts) -> Result<Formula, Exhausted> {
        let mut parts = Vec::new();
        for (key, fact) in FACTS {
            if survey.keys.contains(key) || survey.variables.contains(key) {
                self.engine.meter.spend(1 + survey.entries.len() + survey.accounts.len())?;
                parts.extend(self.fact(key, fact, survey, facts));
            }
        }
        for (key, value) in self.binding {
            parts.push(match (key.as_str(), value) {
                (PRINCIPAL_ARN_ACCOUNT, Some(account)) => {
                    let glob = arn_of(Some(account), "*", "*");
                    self.key_in("aws:principalarn", TextSet::new([glob]), true)
                }
                (RESOURCE_ACCOUNT_PART, Some(account)) => {
                    let set = Predicate::Text(TextSet::single(account));
                    let id = self.engine.predicates.intern(set);
                    Formula::Is(self.engine.literal(Dimension::Part(4), Claim::Text(id)))
                }
                (key, Some(value)) => self.key_in(key, TextSet::single(value), true),
                (key, None) => self.absent(key),
            });
        }
        Ok(Formula::all(parts))
    }

    fn fact(&mut self, key: &str, fact: Fact, survey: &Survey, facts: Facts) -> Option<Formula> {
        let all = facts == Facts::All;
        let caller = self.caller;
        match (fact, caller) {
            (Fact::Always([]), _) => all.then(|| self.present(key)),
            (Fact::Always(values), _) => all.then(|| {
                let globs = values.iter().map(|value| exactly(value));
                self.key_in(key, TextSet::new(globs), true)
            }),
            (Fact::PrincipalArn, Caller::Aws(aws)) => Some(self.principal_arn(key, aws, survey)),
            (Fact::PrincipalArn, Caller::Unspecified) => all.then(|| {
                let glob = arn_of(None, "*", "*");
                self.key_in(key, TextSet::new([glob]), true)
            }),
            (Fact::PrincipalAccount, Caller::Aws(AwsCaller { account: Some(account), .. })) => {
                Some(self.key_in(key, TextSet::single(account), true))
            }
            (Fact::PrincipalAccount, Caller::Aws(_)) => {
                let named = survey.accounts.iter().map(|a| exactly(a));
                let others = self.key_in(key, TextSet::new(named), false);
                let account = self.key_in(key, TextSet::new([account_glob()]), true);
                Some(Formula::all([account, others]))
            }
            (Fact::PrincipalAccount, Caller::Unspecified) => {
                all.then(|| self.key_in(key, TextSet::new([account_glob()]), true))
            }
            (Fact::PrincipalArn, Caller::Anonymous | Caller::Federated(_)) => Some(self.absent(key)),
            (Fact::PrincipalAccount, Caller::Anonymous | Caller::Federated(_) | Caller::Service(_)) => {
                // Such callers are in no account of a customer, and customers' accounts are what policies name.
                let named = survey.accounts.iter().map(|account| exactly(account));
                let predicate = self.engine.predicates.intern(Predicate::Text(TextSet::new(named)));
                let members = Members::Every(Signed { predicate, holds: false });
                Some(self.key(key, Claim::Values { absent: true, empty: false, members }))
            }
            (Fact::PrincipalArn, Caller::Service(_)) => Some(self.absent(key)),
            (Fact::PrincipalType, Caller::Aws(aws)) => {
                let word = match aws.shape {
                    Shape::Role => "AssumedRole",
                    Shape::User => "User",
                    Shape::FederatedUser => "FederatedUser",
                    Shape::Root => "Account",
                };
                Some(self.key_in(key, TextSet::single(word), true))
            }
            (Fact::PrincipalIsService, Caller::Unspecified) => {
                all.then(|| self.key_in(key, TextSet::single("false"), true))
            }
            (Fact::PrincipalIsService, _) => {
                let word = if matches!(caller, Caller::Service(_)) { "true" } else { "false" };
                Some(self.key_in(key, TextSet::single(word), true))
            }
            (Fact::ServiceOnly, Caller::Service(Some(name))) if key == "aws:principalservicename" => {
                Some(self.key_in(key, TextSet::single(name), true))
            }
            (Fact::ServiceOnly, Caller::Aws(_) | Caller::Anonymous) => all.then(|| self.absent(key)),
            (Fact::AwsOnly, Caller::Service(_) | Caller::Anonymous) => all.then(|| self.absent(key)),
            (Fact::ResourceAccount, _) => match self.scope {
                Scope::Fixed { account, .. } => Some(self.key_in(key, TextSet::single(account), true)),
                Scope::Arn => all.then(|| self.key_in(key, TextSet::new([account_glob()]), true)),
                Scope::Wildcard => None,
            },
            (
                Fact::PrincipalArn
                | Fact::PrincipalAccount
                | Fact::PrincipalType
                | Fact::ServiceOnly
                | Fact::AwsOnly,
                _,
            ) => None,
        }
    }

    fn principal_arn(&mut self, key: &str, caller: &AwsCaller, survey: &Survey) -> Formula {
        if let Some(arn) = &caller.arn {
            return self.key_in(key, TextSet::single(arn), true);
        }
        let account = caller.account.as_deref();
        let (service, name) = match caller.shape {
            Shape::Role => ("iam", "role/?*"),
            Shape::User => ("iam", "user/?*"),
            Shape::FederatedUser => ("sts", "federated-user/?*"),
            Shape::Root => ("iam", "root"),
        };
        let within = match caller.role_name() {
            Some(role) => {
                let plain = arn_of(account, service, &format!("role/{role}"));
                vec![plain, arn_of(account, service, &format!("role/*/{role}"))]
            }
            None => vec![arn_of(account, service, name)],
        };
        let mut parts = vec![self.key_in(key, TextSet::new(within), true)];
        let named = survey.entries.iter().filter_map(|entry| match entry {
            Entry::User(arn) | Entry::Role(arn) | Entry::FederatedUser(arn) => Some(exactly(arn)),
            Entry::Anyone
            | Entry::Account(_)
            | Entry::Session(_)
            | Entry::Service(_)
            | Entry::Federated(_)
            | Entry::Canonical(_)
            | Entry::Deleted(_) => None,
        });
        let mut others: Vec<Glob> = named.collect();
        if account.is_none() {
            others.extend(survey.accounts.iter().map(|account| arn_of(Some(account), "*", "*")));
        }
        parts.push(self.key_in(key, TextSet::new(others), false));
        Formula::all(parts)
    }
}

fn account_glob() -> Glob {
    vec![Step::Once(Class::Digit); 12]
}

/// ARNs of a global service in an account, or in any; `?` and `*` are wildcards in the name.
fn arn_of(account: Option<&str>, service: &str, name: &str) -> Glob {
    let wild = |text: &str, class| -> Glob {
        text.chars()
            .map(|c| match c {
                '*' => Step::Run(class),
                '?' => Step::Once(class),
                c => Step::Once(Class::Char(c)),
            })
            .collect()
    };
    let account = account.map_or_else(account_glob, exactly);
    let colon = [Step::Once(Class::Char(':'))];
    let parts = [
        exactly("arn:aws"),
        vec![Step::Run(Class::InPart)],
        colon.to_vec(),
        wild(service, Class::InPart),
        exactly("::"),
        account,
        colon.to_vec(),
        wild(name, Class::Any),
    ];
    parts.concat()
}
