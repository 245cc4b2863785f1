//! One side of a comparison: templates with what is known of their deployment, and what can be looked up in them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Spot;
use crate::access::Unknowns;
use crate::deployed::{Argument, Common, Deployed, DeployedDocument, Located, Place, others};

/// A template of one side.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    /// How people call it.
    pub(crate) path: String,
    /// Its name below the side, which pairs it with a template of the other side.
    pub(crate) key: String,
    /// The document.
    pub(crate) document: Value,
    /// The account that it is deployed in, if it is known.
    pub(crate) account: Option<String>,
    /// The Region, if it is known.
    pub(crate) region: Option<String>,
    /// The name of its stack, if it is known.
    pub(crate) stack: Option<String>,
    /// What is known of its parameters.
    pub(crate) parameters: BTreeMap<String, Argument>,
}

/// A side, read: what its templates deploy.
pub(super) struct Side<'u> {
    pub(super) units: &'u [Unit],
    pub(super) located: Vec<Located<'u>>,
    pub(super) deployed: Deployed,
    /// The policies of everything else, of templates that are not the same on both sides.
    pub(super) others: Vec<DeployedDocument>,
}

impl<'u> Side<'u> {
    /// Reads all templates of a side; `unknowns` are shared with the other side, so that equal names mean the same.
    pub(super) fn read(
        units: &'u [Unit],
        located: Vec<Located<'u>>,
        unknowns: &mut Unknowns,
        common: &mut Common,
    ) -> Side<'u> {
        let deployed = Deployed::read_state(&located, unknowns, common);
        let others = others(&located, unknowns, common);
        Side { units, located, deployed, others }
    }

    /// A place as changes name it.
    pub(super) fn spot(&self, place: &Place) -> Option<Spot> {
        let unit = self.units.get(place.template)?;
        Some(Spot {
            template: unit.path.clone(),
            logical_id: place.logical_id().unwrap_or_default(),
            pointer: place.pointer.clone(),
        })
    }
}

/// Templates as they are deployed.
pub(super) fn located(units: &[Unit]) -> Vec<Located<'_>> {
    let located = units.iter().map(|unit| Located {
        path: unit.key.clone(),
        document: &unit.document,
        account: unit.account.clone(),
        region: unit.region.clone(),
        stack: unit.stack.clone(),
        parameters: unit.parameters.clone(),
    });
    located.collect()
}

impl Unit {
    /// The resources with their logical ids.
    pub(super) fn resources(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.document.get("Resources").and_then(Value::as_object).into_iter().flat_map(Map::iter)
    }

    /// A resource by its logical id.
    pub(super) fn resource(&self, id: &str) -> Option<&Value> {
        self.document.get("Resources")?.get(id)
    }
}

/// The type of a resource.
pub(super) fn type_of(resource: &Value) -> &str {
    resource.get("Type").and_then(Value::as_str).unwrap_or("")
}
