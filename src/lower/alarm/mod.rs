//! Alarms: topics, rules on events, metric alarms, and one composite alarm for each application.
//!
//! Secrets Manager publishes no metric for rotation; failures exist as events only (Secrets Manager docs). Every rule and
//! every alarm has an action, and what cannot be delivered ends in a queue that is watched itself.

mod event;
mod metric;
mod topic;

use crate::cfn::Value;
use crate::cfn::value::words::TopicArn;
use crate::inventory::{Alert, Signal};
use crate::source::Sourced;

use super::site::{Site, World};

/// A topic of the site with the alert it serves.
struct Made<'inventory> {
    alert: &'inventory Alert,
    topic: Value<TopicArn>,
}

/// Makes the alerts of a site.
pub(super) fn lower(world: &mut World<'_>, site: &Site<'_>) {
    let topics = topic::lower(world, site);
    if topics.is_empty() {
        return;
    }
    event::lower(world, site, &topics);
    metric::lower(world, site, &topics);
}

/// The topics that a signal goes to, with the line that asks for it.
fn listeners<'a>(topics: &'a [Made<'_>], signal: Signal) -> Vec<(&'a Made<'a>, &'a Sourced<Signal>)> {
    topics
        .iter()
        .filter_map(|made| {
            let asked = made.alert.signals.iter().find(|asked| asked.value == signal)?;
            Some((made, asked))
        })
        .collect()
}
