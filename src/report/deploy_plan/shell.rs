//! The plan as a script for bash, which stops at the first thing that fails and can be run again.

use std::fmt::Write as _;

use super::command::{quoted, text};
use super::{Line, Plan, Request};

const PREAMBLE: &str = include_str!("preamble.sh");
const FOR_STACKS: &str = include_str!("stacks.sh");
const FOR_STACK_SETS: &str = include_str!("stack_sets.sh");

/// Writes the script.
pub(super) fn script(plan: &Plan<'_>, request: &Request<'_>) -> String {
    let of = if request.fleet.is_some() { "StackSets" } else { "stacks" };
    let mut script = format!(
        "#!/usr/bin/env bash\n# Deploys {} {of} in order; made by keyprint. Run again, it goes on where it ended.\n",
        plan.steps.len()
    );
    let _ = writeln!(script, "# The first argument is the directory of the templates.");
    for variable in &plan.variables {
        let _ = writeln!(script, "# {} has to be set: {}", variable.name, one_line(variable.description));
    }
    let _ = writeln!(script, "templates=${{1:-{}}}", in_default(request.directory));
    script.push_str(PREAMBLE);
    script.push_str(if request.fleet.is_some() { FOR_STACK_SETS } else { FOR_STACKS });
    script.push('\n');
    for variable in &plan.variables {
        let _ = writeln!(script, "[ -n \"${{{0}:-}}\" ] || fail {1}", variable.name, {
            let words = format!("{} has to be set: {}", variable.name, one_line(variable.description));
            quoted(&text(words))
        });
    }
    for step in &plan.steps {
        let _ = writeln!(script, "unchanged {} {}", step.stack.sha256, step.stack.template);
    }
    for (at, step) in plan.steps.iter().enumerate() {
        let title = format!("{} of {}: {}", at + 1, plan.steps.len(), step.title);
        let _ = writeln!(script, "\nsay {}", quoted(&text(title)));
        for line in &step.lines {
            match line {
                Line::Both(command) => {
                    let _ = writeln!(script, "{} >/dev/null", command.shell());
                }
                Line::Shell(text) => {
                    let _ = writeln!(script, "{text}");
                }
                Line::Json(_) => {}
            }
        }
    }
    let _ = writeln!(script, "\nsay 'all deployed'");
    script
}

/// A text as the default of a parameter expansion that stands outside of quotes.
fn in_default(text_of: &str) -> String {
    quoted(&text(text_of))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
