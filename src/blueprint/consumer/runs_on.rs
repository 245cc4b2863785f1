//! `runs-on`: which kind of compute, and its options.

use serde_json::{Value, json};

use super::KINDS;
use super::facts::Compute;
use crate::blueprint::codes::fields;
use crate::blueprint::schema::{self, Shapes};
use crate::blueprint::syntax::{Syntax, scalar, unknown_word};
use crate::blueprint::yaml::{Node, NodeKind};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Origin, Sourced};

/// A kind of compute.
pub(super) struct Kind {
    /// The word the author writes, alone or as the field that names the kind.
    pub(super) word: &'static str,
    /// What it is, in one sentence.
    pub(super) about: &'static str,
    /// The facts where the author gives the word alone; none for kinds that need options.
    pub(super) alone: Option<fn() -> Compute>,
    /// How a schema describes the options; none for kinds without.
    pub(super) schema: Option<fn(&mut Shapes) -> Value>,
    /// The facts that follow from the options.
    pub(super) read: fn(&Node, &mut Diagnostics) -> Option<Compute>,
    /// The options as they are written, for messages.
    pub(super) example: &'static str,
}

impl Kind {
    /// A kind with options: a mapping `T`.
    pub(super) const fn new<T: Syntax + Into<Compute>>(
        word: &'static str,
        about: &'static str,
        example: &'static str,
        alone: Option<fn() -> Compute>,
    ) -> Self {
        let read = |node: &Node, log: &mut Diagnostics| T::decode(node, log).map(Into::into);
        Self { word, about, alone, schema: Some(T::schema), read, example }
    }

    /// A kind without options.
    pub(super) const fn alone(word: &'static str, about: &'static str, facts: fn() -> Compute) -> Self {
        Self { word, about, alone: Some(facts), schema: None, read: without_options, example: word }
    }
}

fn without_options(node: &Node, log: &mut Diagnostics) -> Option<Compute> {
    let diagnostic =
        Diagnostic::new(&fields::WRONG_TYPE, node.head, "options where the kind of compute has none");
    log.push(diagnostic.help("write the word alone, such as `runs-on: ec2`"));
    None
}

impl Syntax for Sourced<Compute> {
    fn schema(shapes: &mut Shapes) -> Value {
        let alone = schema::words(
            KINDS.iter().filter(|kind| kind.alone.is_some()).map(|kind| (kind.word, kind.about)),
        );
        let with_options = KINDS.iter().filter_map(|kind| kind.schema).map(|schema| schema(shapes));
        let mut forms = vec![alone];
        forms.extend(with_options);
        json!({ "anyOf": forms })
    }

    fn decode(node: &Node, log: &mut Diagnostics) -> Option<Self> {
        let words: Vec<&str> = KINDS.iter().map(|kind| kind.word).collect();
        let what = "a kind of compute";
        let put = |compute| Origin::written(node.span).put(compute);
        if let NodeKind::Mapping(entries) = &node.kind {
            let named = entries.iter().find_map(|(field, _)| kind_of(field));
            return match (named, entries.first()) {
                (Some(kind), _) => (kind.read)(node, log).map(put),
                (None, Some((field, _))) => {
                    if let NodeKind::Scalar { text, .. } = &field.kind {
                        unknown_word(field, text, what, &words, log);
                    }
                    None
                }
                (None, None) => {
                    let example = "{ eks-pod: main, namespace: shop, service-account: api }";
                    let message = "`runs-on` names no kind of compute";
                    log.push(
                        Diagnostic::new(&fields::WRONG_TYPE, node.head, message)
                            .help(format!("write `{example}`")),
                    );
                    None
                }
            };
        }
        let (text, _) = scalar(node, what, log)?;
        let Some(kind) = kind_of(node) else {
            unknown_word(node, text, what, &words, log);
            return None;
        };
        let Some(alone) = kind.alone else {
            let message = format!("`{}` needs options", kind.word);
            let help = format!("write `runs-on: {}`", kind.example);
            log.push(Diagnostic::new(&fields::MISSING_FIELD, node.span, message).help(help));
            return None;
        };
        Some(put(alone()))
    }
}

fn kind_of(node: &Node) -> Option<&'static Kind> {
    let NodeKind::Scalar { text, .. } = &node.kind else { return None };
    KINDS.iter().find(|kind| kind.word == text)
}
