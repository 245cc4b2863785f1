//! Which resources realise an inventory.
//!
//! Every policy is made from one list of intended accesses ([`grants`]): identity policies, key policies, secret
//! policies and endpoint policies cannot disagree about who may do what.
//!
//! *Never:* YAML, diagnostics, template text.

mod alarm;
mod arn;
mod calls;
mod change;
mod endpoint;
pub(crate) mod function;
mod grants;
mod identity;
mod key;
mod pack;
mod people;
mod program;
mod role;
mod rollback;
mod rotation;
mod secret;
mod site;
mod statements;
mod task;
mod trust;
mod undelivered;

use crate::cfn::Resources;
use crate::inventory::Inventory;

use site::World;

/// Turns what will exist into resources. An inventory without errors always lowers.
pub(crate) fn lower(inventory: &Inventory) -> Resources {
    let mut world = World::new(inventory);
    let grants = grants::intended(inventory);
    let sites = site::sites(inventory);
    for site in &sites {
        key::lower(&mut world, site, &grants);
    }
    for site in &sites {
        secret::lower(&mut world, site, &grants);
    }
    for site in &sites {
        endpoint::lower(&mut world, site, &grants);
        people::lower(&mut world, site, &grants);
        role::lower(&mut world, site, &grants);
        rotation::lower(&mut world, site, &grants);
        task::lower(&mut world, site, &grants);
        change::lower(&mut world, site);
        alarm::lower(&mut world, site);
        undelivered::finish(&mut world, site);
    }
    world.resources
}
