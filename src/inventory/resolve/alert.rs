//! Alerts: destinations and signals.

use crate::blueprint::alert::{Alert as Written, Signal as Word};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::inventory::codes::network::SIGNAL_WITHOUT_SOURCE;
use crate::inventory::{Alert, Destination, Does, Environment, Signal};
use crate::source::{Origin, Sourced};

use super::environment::Described;
use super::text;

/// Adds the alerts of an environment.
pub(super) fn resolve(described: &Described<'_>, environment: &mut Environment, log: &mut Diagnostics) {
    let named: Vec<Signal> = described
        .blueprint
        .alerts
        .iter()
        .flat_map(|entry| entry.body.on.as_slice())
        .filter_map(|word| signal(word.value))
        .collect();
    for entry in described.blueprint.alerts.iter() {
        let signals = entry
            .body
            .on
            .as_slice()
            .iter()
            .flat_map(|word| match signal(word.value) {
                Some(signal) => {
                    without_source(environment, signal, word, log);
                    vec![word.origin.put(signal)]
                }
                None => Signal::ALL
                    .into_iter()
                    .filter(|signal| !named.contains(signal))
                    .map(|signal| word.origin.derived("everything else").put(signal))
                    .collect(),
            })
            .collect();
        environment.alerts.push(Alert {
            name: text(&entry.name),
            physical_name: format!("{}-{}", described.prefix(), entry.name.value),
            destinations: destinations(&entry.body),
            signals,
            origin: Origin::written(entry.name.span()),
        });
    }
}

/// Signals that somebody asks for by name, and that nothing in the environment could ever send.
fn without_source(environment: &Environment, signal: Signal, word: &Sourced<Word>, log: &mut Diagnostics) {
    let missing = match signal {
        Signal::AccessDenied | Signal::RootUsed | Signal::UnusualReads
            if environment.trail_log_group.is_none() =>
        {
            "`trail-log-group` of the environment, the log group that a trail delivers to"
        }
        Signal::RotationLate if !environment.tasks.iter().any(|task| task.does == Does::Watch) => {
            "a secret that is rotated, and no `rotation-watch: false`"
        }
        Signal::LogInFailed if environment.tasks.iter().all(|task| task.does == Does::Watch) => {
            "`check: read` to the rotation of a database user"
        }
        Signal::BreakGlassUsed if environment.people.break_glass.is_none() => "`people: { break-glass: … }`",
        Signal::AccessDenied
        | Signal::RootUsed
        | Signal::UnusualReads
        | Signal::BreakGlassUsed
        | Signal::RotationFailed
        | Signal::RotationSucceeded
        | Signal::RotationLate
        | Signal::LogInFailed
        | Signal::FunctionFailing
        | Signal::SecretDeleted
        | Signal::PolicyChanged
        | Signal::KeyDisabled => return,
    };
    log.push(
        Diagnostic::new(
            &SIGNAL_WITHOUT_SOURCE,
            word.span(),
            format!("nothing in environment `{}` can send `{}`", environment.name.value, signal.word()),
        )
        .also(environment.origin.span, "this environment")
        .help(format!("add {missing}")),
    );
}

fn destinations(written: &Written) -> Vec<Sourced<Destination>> {
    let mut destinations: Vec<Sourced<Destination>> = written
        .email
        .iter()
        .chain(&written.emails)
        .map(|email| text(email).map(Destination::Email))
        .collect();
    destinations.extend(written.https.as_ref().map(|url| text(url).map(Destination::Https)));
    destinations.extend(written.sqs.as_ref().map(|queue| text(queue).map(Destination::Sqs)));
    destinations.extend(written.lambda.as_ref().map(|function| text(function).map(Destination::Lambda)));
    destinations
}

fn signal(word: Word) -> Option<Signal> {
    Some(match word {
        Word::RotationFailed => Signal::RotationFailed,
        Word::RotationSucceeded => Signal::RotationSucceeded,
        Word::RotationLate => Signal::RotationLate,
        Word::LogInFailed => Signal::LogInFailed,
        Word::SecretDeleted => Signal::SecretDeleted,
        Word::PolicyChanged => Signal::PolicyChanged,
        Word::KeyDisabled => Signal::KeyDisabled,
        Word::BreakGlassUsed => Signal::BreakGlassUsed,
        Word::AccessDenied => Signal::AccessDenied,
        Word::RootUsed => Signal::RootUsed,
        Word::UnusualReads => Signal::UnusualReads,
        Word::FunctionFailing => Signal::FunctionFailing,
        Word::EverythingElse => return None,
    })
}
