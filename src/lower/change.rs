//! Functions that are told when another value has become current: they deploy anew, or empty a cache.

use crate::cfn::resource::events::{Rule, Target};
use crate::cfn::resource::lambda::Permission;
use crate::cfn::{Draft, LogicalId, Value};

use super::site::{Site, World};
use super::{arn, task, undelivered};

/// Makes the rules of a site; the event that a label was moved comes without a trail (Secrets Manager docs).
pub(super) fn lower(world: &mut World<'_>, site: &Site<'_>) {
    if !site.is_primary() {
        return;
    }
    for secret in site.environment.secrets.rows() {
        let Some(function) = &secret.on_change else { continue };
        let home = world.stack_home(site, secret.stack.as_ref());
        let by = function.origin.derived("event rule");
        let stable_name = format!("{}-changed", secret.stable_name);
        let letters = undelivered::letters(world, site, home);
        let target = Target {
            id: Some(by.put(Value::from("on-change"))),
            arn: Some(function.clone().map(Value::from)),
            dead_letter_config: Some(by.put(undelivered::config(&letters, by))),
            ..Target::default()
        };
        let what = format!("Tells a function when another value of {} is current", secret.name.value);
        let rule = world.resources.add(
            Draft::new(home, LogicalId::of(&stable_name, "Rule"), function.origin),
            &Rule {
                name: Some(by.put(Value::from(secret.change_rule(&site.prefix())))),
                description: Some(by.put(Value::from(what))),
                event_pattern: Some(by.put(task::became_current(vec![&secret.physical_name.value]))),
                state: Some(by.put(Value::from("ENABLED"))),
                targets: Some(by.put(vec![target])),
                tags: Some(by.put(site.tags(&[]))),
                ..Rule::default()
            },
        );
        undelivered::admit(world, home, rule.arn());
        world.resources.add(
            Draft::new(home, LogicalId::of(&stable_name, "Permission"), by),
            &Permission {
                function_name: Some(function.clone().map(Value::from)),
                action: Some(by.put(Value::from("lambda:InvokeFunction"))),
                principal: Some(by.put(Value::from("events.amazonaws.com"))),
                source_account: Some(by.put(arn::own_account())),
                source_arn: Some(by.put(rule.arn().widen())),
            },
        );
    }
}
