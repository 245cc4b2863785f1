//! The names of AWS's actions, as far as one dated list knows them.
//!
//! A witness prefers an action that exists. *Never:* a proof; the list lags behind AWS and covers the services that
//! deployments of secrets meet. `schemas/actions.py` writes it.

use std::sync::OnceLock;

use super::policy::Json;

/// The list.
pub(crate) struct Catalogue {
    /// The day of the data.
    pub(crate) date: String,
    /// Service and name, as AWS writes them.
    actions: Vec<(String, String)>,
}

/// The list that is built in.
pub(crate) fn catalogue() -> &'static Catalogue {
    static BUILT_IN: OnceLock<Catalogue> = OnceLock::new();
    BUILT_IN.get_or_init(|| read(include_str!("actions.json")))
}

impl Catalogue {
    /// The action as AWS writes it, if it is known.
    pub(crate) fn written(&self, action: &str) -> Option<String> {
        let (service, name) = action.split_once(':')?;
        let same = |known: &&(String, String)| {
            known.0.eq_ignore_ascii_case(service) && known.1.eq_ignore_ascii_case(name)
        };
        self.actions.iter().find(same).map(|(service, name)| format!("{service}:{name}"))
    }

    /// All actions, those of one service first.
    pub(crate) fn starting_with(&self, service: &str) -> impl Iterator<Item = String> {
        let own = self.actions.iter().filter(move |(own, _)| own == service);
        let others = self.actions.iter().filter(move |(own, _)| own != service);
        own.chain(others).map(|(service, name)| format!("{service}:{name}"))
    }
}

/// The actions of a service, as AWS writes them; none of a service that the list does not have.
pub fn known_actions(service: &str) -> Vec<String> {
    let own = catalogue().actions.iter().filter(|(known, _)| known == service);
    own.map(|(service, name)| format!("{service}:{name}")).collect()
}

fn read(text: &str) -> Catalogue {
    let json = Json::parse(text).unwrap_or(Json::Null);
    let date = json.field("date").and_then(Json::text).unwrap_or_default().to_owned();
    let services = json.field("services").and_then(Json::fields).unwrap_or_default();
    let names = |(service, names): &(String, Json)| {
        let service = service.clone();
        let named = |name: &Json| Some((service.clone(), name.text()?.to_owned()));
        names.items().iter().filter_map(named).collect::<Vec<_>>()
    };
    Catalogue { date, actions: services.iter().flat_map(names).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_there() {
        let list = catalogue();
        assert_eq!(
            list.written("secretsmanager:getsecretvalue").as_deref(),
            Some("secretsmanager:GetSecretValue")
        );
        assert_eq!(list.written("kms:Nonsense"), None);
        assert!(list.starting_with("kms").next().is_some_and(|action| action.starts_with("kms:")));
        assert_eq!(list.date.len(), 10);
    }
}
