//! Text to typed blueprint: what the author wrote, every leaf with its place, names not yet looked up.
//!
//! The language is described once, in the tables of the concept files; reader, messages and schema use the same ones.
//!
//! *Never:* CloudFormation, logical ids, stacks.

pub(crate) mod acknowledgement;
pub(crate) mod alert;
pub(crate) mod codes;
pub(crate) mod consumer;
pub(crate) mod environment;
pub(crate) mod key;
mod literal;
mod mapping;
pub(crate) mod name;
pub(crate) mod people;
pub(crate) mod rotation;
pub(crate) mod scalar;
mod schema;
mod scope;
pub(crate) mod secret;
mod syntax;
mod timetable;
pub(crate) mod waiver;
mod words;
mod yaml;

pub(crate) use literal::masked;
pub(crate) use mapping::Located;
pub(crate) use schema::schema;
pub(crate) use syntax::{Entry, Table};

use mapping::mapping;
use name::Name;
use scalar::Text;
use syntax::Syntax;
use words::words;

use crate::aws::{OrganizationId, TagKey, TagValue};
use crate::diagnostic::Diagnostics;
use crate::source::{Sourced, Sources};

mapping! {
    /// One application: its environments, keys, secrets and who uses them.
    pub(crate) struct Blueprint = "a blueprint" {
        /// The version of the language.
        version: Sourced<Version> = "blueprint" like "v1";
        /// The name of the application; every physical name begins with it.
        application: Sourced<Name> = "application" like "orders";
        /// What the application does.
        #[expect(dead_code, reason = "for people and editors alone")]
        description: Option<Sourced<Text>> = "description" like "Order capture and the nightly load into the warehouse";
        /// The team that owns it; a tag on everything, and the addressee of findings.
        owner: Sourced<TagValue> = "owner" like "payments";
        /// Where the owner is reached; a tag on everything.
        contact: Option<Sourced<TagValue>> = "contact" like "payments@example.com";
        /// How much a leak would hurt; a tag on everything.
        data_class: Option<Sourced<DataClass>> = "data-class" like "confidential";
        /// Further tags on everything.
        tags: Table<TagKey, Sourced<TagValue>> = "tags" like "{ cost-centre: \"4711\" }";
        /// The organization outside of which nobody reads.
        organization: Option<Sourced<OrganizationId>> = "organization" like "o-a1b2c3d4e5";
        /// Where the application is deployed, by environment.
        environments: Environments = "environments" like "{ production: { account: \"333333333333\", regions: [eu-west-1] } }";
        /// The roles in which people work.
        people: Option<people::People> = "people" like "{ administrators: { role: platform-admin } }";
        /// The KMS keys; an application without one gets one of its own name.
        keys: Table<Name, key::Key> = "keys" like "{ orders: { rotate-every: 365 days } }";
        /// The secrets.
        secrets: Table<Name, secret::Secret> = "secrets" like "{ payment-provider: { type: api-key, rotation: none } }";
        /// Who uses the secrets.
        consumers: Table<Name, consumer::Consumer> = "consumers" like "{ checkout: { runs-on: lambda, reads: [payment-provider] } }";
        /// Who is told about what.
        alerts: Table<Name, alert::Alert> = "alerts" like "{ page: { email: oncall@example.com, on: [rotation-failed] } }";
        /// Findings that the owner accepts for a time.
        waivers: Vec<waiver::Waiver> = "waivers" like "[{ finding: secret-without-rotation, on: secrets.payment-provider, because: the provider issues keys by hand, until: 2027-03-31 }]";
        /// Changes that the owner has seen and accepts for a time.
        acknowledged: Vec<acknowledgement::Acknowledgement> = "acknowledged" like "[{ change: \"broader:3f9a1c02d4e5\", because: the nightly load now settles with the provider, until: 2027-01-31 }]";
    }
}

words! {
    /// A version of the language.
    pub(crate) enum Version = "a version of the language" {
        /// The first.
        V1 = "v1",
    }
}

words! {
    /// How much a leak would hurt.
    pub(crate) enum DataClass = "a data class" {
        /// Anyone may see it.
        Public = "public",
        /// The company may see it.
        Internal = "internal",
        /// A few may see it.
        Confidential = "confidential",
        /// A leak endangers people or the company.
        Restricted = "restricted",
    }
}

/// At least one environment, by name.
#[derive(Debug, Clone)]
pub(crate) struct Environments(Table<Name, environment::Environment>);

impl std::ops::Deref for Environments {
    type Target = Table<Name, environment::Environment>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Syntax for Environments {
    fn schema(shapes: &mut schema::Shapes) -> serde_json::Value {
        let mut table = Table::<Name, environment::Environment>::schema(shapes);
        if let Some(members) = table.as_object_mut() {
            members.insert("minProperties".to_owned(), serde_json::json!(1));
        }
        table
    }

    fn decode(node: &yaml::Node, log: &mut Diagnostics) -> Option<Self> {
        let table: Table<_, _> = Table::decode(node, log)?;
        if table.is_empty() {
            log.push(crate::diagnostic::Diagnostic::new(
                &codes::fields::WRONG_TYPE,
                node.head,
                "no environment where at least one belongs",
            ));
            return None;
        }
        Some(Self(table))
    }
}

/// Reads every source as one blueprint each; what is not understood has been reported and is left out.
pub(crate) fn read(sources: &Sources, log: &mut Diagnostics) -> Vec<Blueprint> {
    let mut blueprints = Vec::new();
    for (id, source) in sources.blueprints() {
        if let Some(root) = yaml::parse(id, source.text(), log) {
            let blueprint = Blueprint::decode(&root, log);
            blueprints.extend(blueprint.filter(|blueprint| match blueprint.version.value {
                Version::V1 => true,
            }));
        }
    }
    blueprints
}
