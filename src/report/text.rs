//! The report for people, in the form of rustc's messages.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Group, Level as Heading, Renderer, Snippet};

use super::Voice;
use super::excerpt::excerpt;
use super::mask::Mask;
use super::place::{counted, visible};
use crate::catalog;
use crate::diagnostic::{Diagnostic, Level, Subject};
use crate::run::{Outcome, Run};
use crate::source::SourceId;

/// The messages with their source lines, and the counts of the run; coloured.
pub(super) fn report(run: &Run, voice: Voice) -> String {
    let renderer = Renderer::styled().decor_style(DecorStyle::Ascii);
    let mask = Mask::of(run);
    let mut text = String::new();
    for diagnostic in run.diagnostics.sorted() {
        text.push_str(&renderer.render(&[group(run, diagnostic, &mask)]));
        text.push_str("\n\n");
    }
    if voice == Voice::Full {
        text.push_str(&summary(run));
        text.push('\n');
        if let Some(code) = first_code(run) {
            text.push_str(&format!("`keyprint explain {code}` says more\n"));
        }
    }
    text
}

/// The counts of a run: `3 stacks, 57 resources, 2 errors, 1 warning`.
fn summary(run: &Run) -> String {
    let levels = [(Level::Error, "error"), (Level::Warning, "warning"), (Level::Note, "note")];
    let mut counts = vec![counted(run.summary.stacks, "stack"), counted(run.summary.resources, "resource")];
    let sorted = run.diagnostics.sorted();
    for (level, noun) in levels {
        let count = sorted.iter().filter(|diagnostic| diagnostic.level == level).count();
        if count > 0 || level != Level::Note {
            counts.push(counted(count, noun));
        }
    }
    let undecided = run.evidence.iter().filter(|it| matches!(it.outcome, Outcome::Undecided(_))).count();
    if undecided > 0 {
        counts.push(format!("{} undecided", counted(undecided, "check")));
    }
    counts.join(", ")
}

/// The code of the first finding that has an explanation.
fn first_code(run: &Run) -> Option<&'static str> {
    let sorted = run.diagnostics.sorted();
    sorted.iter().find_map(|diagnostic| catalog::find(&diagnostic.code)).map(|code| code.name)
}

fn group<'run>(run: &'run Run, diagnostic: &'run Diagnostic, mask: &Mask<'run>) -> Group<'run> {
    let title = heading(diagnostic.level)
        .primary_title(visible(&mask.hide(&diagnostic.message)))
        .id(visible(&diagnostic.code));
    let mut group = title.elements(snippets(run, diagnostic, mask));
    if let Some(subject) = diagnostic.subject.as_ref().filter(|it| !is_named(it, &diagnostic.message)) {
        group = group.element(Heading::NOTE.message(visible(&about(subject))));
    }
    group.elements(diagnostic.help.iter().map(|help| Heading::HELP.message(visible(&mask.hide(help)))))
}

fn heading(level: Level) -> Heading<'static> {
    match level {
        Level::Error => Heading::ERROR,
        Level::Warning => Heading::WARNING,
        Level::Note => Heading::NOTE,
    }
}

/// One snippet for each file with labels, the primary label's first.
fn snippets<'run>(run: &'run Run, diagnostic: &'run Diagnostic, mask: &Mask<'run>) -> Vec<Element<'run>> {
    let mut files: Vec<SourceId> = Vec::new();
    for label in &diagnostic.labels {
        if !files.contains(&label.span.source) {
            files.push(label.span.source);
        }
    }
    files.into_iter().filter_map(|id| snippet(run, diagnostic, id, mask)).map(Element::from).collect()
}

fn snippet<'run>(
    run: &'run Run,
    diagnostic: &'run Diagnostic,
    id: SourceId,
    mask: &Mask<'run>,
) -> Option<Snippet<'run, annotate_snippets::Annotation<'run>>> {
    let source = run.sources.get(id)?;
    let labels: Vec<_> =
        diagnostic.labels.iter().enumerate().filter(|(_, label)| label.span.source == id).collect();
    let ranges: Vec<_> = labels.iter().map(|(_, label)| label.span.range()).collect();
    let excerpt = excerpt(id, source, &ranges, mask);
    let annotations = labels.iter().zip(excerpt.marks).map(|((at, label), mark)| {
        let kind = if *at == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let annotation = kind.span(mark);
        if label.text.is_empty() { annotation } else { annotation.label(visible(&mask.hide(&label.text))) }
    });
    let snippet = Snippet::source(excerpt.text)
        .line_start(excerpt.first_line)
        .path(visible(source.path()))
        .annotations(annotations);
    Some(snippet)
}

/// Whether a message names the whole of its subject already.
fn is_named(subject: &Subject, message: &str) -> bool {
    subject.logical_id.is_none() && subject.pointer.is_none() && message.contains(&subject.template)
}

fn about(subject: &Subject) -> String {
    let template = &subject.template;
    match (&subject.logical_id, &subject.pointer) {
        (_, Some(pointer)) => format!("in `{template}` at `{pointer}`"),
        (Some(id), None) => format!("in `{template}`, resource `{id}`"),
        (None, None) => format!("in `{template}`"),
    }
}
