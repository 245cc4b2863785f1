//! YAML text to a tree of located nodes; the only file that knows the YAML parser.
//!
//! Order and duplicates are kept, scalars stay text, and whatever makes a value depend on another place or on the
//! reader (anchors, merge keys, tags) is refused.

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError};

use super::codes::text;
use super::literal;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{SourceId, Span};

/// Longest text that is read, in bytes.
pub(super) const MOST_BYTES: usize = 4 * 1024 * 1024;
/// Most values in one file.
const MOST_NODES: usize = 500_000;
/// Most mappings and lists inside each other; whatever walks a tree may recurse this deep.
const MOST_LEVELS: usize = 32;

/// A value with its place.
#[derive(Debug)]
pub(super) struct Node {
    /// The text of the value.
    pub(super) span: Span,
    /// Where messages about the value as a whole point: the field that holds it, or its beginning.
    pub(super) head: Span,
    /// What it is.
    pub(super) kind: NodeKind,
}

/// What a node is.
#[derive(Debug)]
pub(super) enum NodeKind {
    /// Fields in the order of the text, duplicates kept.
    Mapping(Vec<(Node, Node)>),
    /// A list.
    Sequence(Vec<Node>),
    /// A text and whether it stood without quotes.
    Scalar {
        /// The text after YAML's own escapes.
        text: String,
        /// Whether it stood without quotes.
        plain: bool,
    },
    /// A field with nothing behind it.
    Nothing,
    /// Something a message has been written about already; nothing more is said of it.
    Refused,
}

/// Reads the one document of a file; after text that is not YAML there is no tree.
pub(super) fn parse(source: SourceId, text: &str, log: &mut Diagnostics) -> Option<Node> {
    let start = Span::new(source, 0..0);
    if text.len() > MOST_BYTES {
        log.push(
            Diagnostic::new(
                &text::OVER_LIMIT,
                start,
                format!("a file of {} MiB", text.len() / (1024 * 1024)),
            )
            .help("a blueprint has up to 4 MiB; an application of its own belongs in a file of its own"),
        );
        return None;
    }
    let options = granit_parser::options! {
        emit_comments: false,
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        flow_nesting_limit: MOST_LEVELS,
        block_nesting_limit: MOST_LEVELS,
        disallow_directives: true,
    };
    if report_unseen(source, text, log) {
        return None;
    }
    let literals = literal::known_formats(source, text, log);
    let mut tree = Tree {
        source,
        text,
        literals,
        random: Vec::new(),
        open: Vec::new(),
        root: None,
        nodes: 0,
        documents: 0,
    };
    for event in Parser::new_from_str_with_options(text, options) {
        let outcome = match event {
            Ok((event, span)) => tree.take(event, &span, log),
            Err(error) => {
                log.push(syntax_error(source, text, &error));
                literal::random_words(source, text, [&tree.literals, &tree.random], log);
                Err(Abort)
            }
        };
        if outcome.is_err() {
            return None;
        }
    }
    let root = tree.root.filter(|root| !matches!(root.kind, NodeKind::Nothing));
    if root.is_none() {
        let end = Span::new(source, text.len()..text.len());
        log.push(
            Diagnostic::new(&text::EMPTY_BLUEPRINT, end, "there is no blueprint in this file")
                .help("a blueprint begins with `blueprint: v1` and `application: NAME`"),
        );
    }
    root
}

/// Reports characters that cannot be seen, in comments too; the mark at the very beginning of a file is allowed.
fn report_unseen(source: SourceId, text: &str, log: &mut Diagnostics) -> bool {
    const MOST: usize = 20;
    let marks =
        text.char_indices().filter(|(at, c)| unseen(*c) && *c != '\r' && !(*at == 0 && *c == '\u{feff}'));
    let mut any = false;
    for (at, character) in marks.take(MOST) {
        any = true;
        let place = Span::new(source, at..at.saturating_add(character.len_utf8()));
        log.push(
            Diagnostic::new(
                &text::CONTROL_CHARACTER,
                place,
                format!("the character U+{:04X}", u32::from(character)),
            )
            .help("remove it; it cannot be seen"),
        );
    }
    any
}

/// Says that the rest of the file cannot be read.
struct Abort;

struct Tree<'text> {
    source: SourceId,
    text: &'text str,
    literals: Vec<Span>,
    random: Vec<Span>,
    open: Vec<Open>,
    root: Option<Node>,
    nodes: usize,
    documents: usize,
}

enum Open {
    Mapping { start: usize, entries: Vec<(Node, Node)>, field: Option<Node> },
    Sequence { start: usize, items: Vec<Node> },
}

impl Tree<'_> {
    fn take(
        &mut self,
        event: Event<'_>,
        span: &granit_parser::Span,
        log: &mut Diagnostics,
    ) -> Result<(), Abort> {
        let place = self.place(span);
        let tag = span.tag_span().filter(|_| event.is_node());
        if let Some(tag) = tag {
            log.push(
                Diagnostic::new(&text::YAML_TAG, self.place(&tag), "a YAML tag on a value")
                    .help("a blueprint has no tags; the value stands alone, in quotes where it is a text"),
            );
        }
        match event {
            Event::DocumentStart(..) => self.document(place, log),
            Event::MappingStart(..) => {
                let start = place.range().start;
                self.descend(Open::Mapping { start, entries: Vec::new(), field: None }, place, log)
            }
            Event::SequenceStart(..) => {
                self.descend(Open::Sequence { start: place.range().start, items: Vec::new() }, place, log)
            }
            Event::MappingEnd | Event::SequenceEnd => self.ascend(place, log),
            Event::Scalar(text, style, ..) => {
                let plain = style == ScalarStyle::Plain;
                let kind =
                    if tag.is_some() { NodeKind::Refused } else { self.scalar(&text, plain, place, log) };
                self.put(Node { span: place, head: place, kind }, log)
            }
            Event::Anchor(..) => {
                log.push(
                    Diagnostic::new(&text::ANCHOR_OR_ALIAS, place, "an anchor")
                        .help("write the value out wherever it belongs; a blueprint has no anchors"),
                );
                Ok(())
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                log.push(Diagnostic::new(&text::ANCHOR_OR_ALIAS, place, "an alias").help(
                    "write out the value that the alias stands for; a text that begins with `*` needs quotes",
                ));
                self.put(Node { span: place, head: place, kind: NodeKind::Refused }, log)
            }
            Event::StreamStart | Event::StreamEnd | Event::DocumentEnd | Event::Comment(..) | _ => Ok(()),
        }
    }

    fn place(&self, span: &granit_parser::Span) -> Span {
        let range = span.byte_range().unwrap_or(self.text.len()..self.text.len());
        let trimmed = self.text.get(range.clone()).map_or(0, |text| text.trim_end().len());
        Span::new(self.source, range.start..range.start.saturating_add(trimmed))
    }

    fn document(&mut self, place: Span, log: &mut Diagnostics) -> Result<(), Abort> {
        self.documents = self.documents.saturating_add(1);
        if self.documents < 2 {
            return Ok(());
        }
        log.push(
            Diagnostic::new(&text::SEVERAL_DOCUMENTS, place, "a second document in the file")
                .help("a file holds one application; move this one into a file of its own"),
        );
        Err(Abort)
    }

    fn scalar(&mut self, text: &str, plain: bool, place: Span, log: &mut Diagnostics) -> NodeKind {
        if plain
            && (text.is_empty() || place.range().is_empty() || matches!(text, "~" | "null" | "Null" | "NULL"))
        {
            return NodeKind::Nothing;
        }
        if literal::overlaps(&self.literals, place) {
            return NodeKind::Refused;
        }
        if literal::looks_random(text) {
            log.push(literal::found(place, "text that looks like a secret's value"));
            self.random.push(place);
            return NodeKind::Refused;
        }
        if let Some(character) = text.chars().find(|c| unseen(*c)) {
            let code = u32::from(character);
            log.push(
                Diagnostic::new(
                    &text::CONTROL_CHARACTER,
                    place,
                    format!("a text with the character U+{code:04X} in it"),
                )
                .help("remove the character; it cannot be seen"),
            );
            return NodeKind::Refused;
        }
        NodeKind::Scalar { text: text.to_owned(), plain }
    }

    fn descend(&mut self, open: Open, place: Span, log: &mut Diagnostics) -> Result<(), Abort> {
        self.open.push(open);
        if self.open.len() <= MOST_LEVELS {
            return Ok(());
        }
        log.push(too_deep(place));
        Err(Abort)
    }

    fn ascend(&mut self, end: Span, log: &mut Diagnostics) -> Result<(), Abort> {
        let node = match self.open.pop() {
            Some(Open::Mapping { start, entries, .. }) => {
                let last = entries.last().map(|(_, value)| value.span);
                let span = self.extent(start, end, last);
                Node {
                    span,
                    head: entries.first().map_or(span, |(field, _)| field.span),
                    kind: NodeKind::Mapping(entries),
                }
            }
            Some(Open::Sequence { start, items }) => {
                let last = items.last().map(|item| item.span);
                let span = self.extent(start, end, last);
                Node {
                    span,
                    head: Span::new(self.source, start..start.saturating_add(1)),
                    kind: NodeKind::Sequence(items),
                }
            }
            None => return Ok(()),
        };
        self.put(node, log)
    }

    /// Flow collections end at their bracket, block collections with their last value.
    fn extent(&self, start: usize, end: Span, last: Option<Span>) -> Span {
        let end = if end.range().is_empty() {
            last.map_or(start, |last| last.range().end)
        } else {
            end.range().end
        };
        Span::new(self.source, start..end.max(start))
    }

    fn put(&mut self, mut node: Node, log: &mut Diagnostics) -> Result<(), Abort> {
        self.nodes = self.nodes.saturating_add(1);
        if self.nodes > MOST_NODES {
            log.push(Diagnostic::new(
                &text::OVER_LIMIT,
                node.head,
                format!("more than {MOST_NODES} values in one file"),
            ));
            return Err(Abort);
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::Sequence { items, .. }) => items.push(node),
            Some(Open::Mapping { field: field @ None, .. }) => {
                if let NodeKind::Scalar { text, plain: true } = &node.kind
                    && text == "<<"
                {
                    log.push(
                        Diagnostic::new(&text::MERGE_KEY, node.span, "the merge key `<<`")
                            .help("write the merged fields out; a blueprint has no merge keys"),
                    );
                    node.kind = NodeKind::Refused;
                }
                *field = Some(node);
            }
            Some(Open::Mapping { entries, field, .. }) => {
                if let Some(field) = field.take() {
                    node.head = field.span;
                    entries.push((field, node));
                }
            }
        }
        Ok(())
    }
}

fn too_deep(place: Span) -> Diagnostic {
    Diagnostic::new(
        &text::OVER_LIMIT,
        place,
        format!("more than {MOST_LEVELS} mappings and lists inside each other"),
    )
}

/// Control characters, and marks that change the direction of the text around them.
fn unseen(c: char) -> bool {
    let control = c.is_control() && !matches!(c, '\n' | '\t');
    control
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn syntax_error(source: SourceId, text: &str, error: &ScanError) -> Diagnostic {
    let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
    let width = text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let place = Span::new(source, at..at.saturating_add(width));
    let kind = error.kind();
    let tab = matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar
            | ErrorKind::TabAtBlockScalarStart
    );
    if tab || text.get(at..).is_some_and(|rest| rest.starts_with('\t')) {
        return Diagnostic::new(&text::TAB_INDENTATION, place, "a tab where YAML wants spaces")
            .help("indent with spaces");
    }
    if matches!(kind, ErrorKind::RecursionLimitExceeded) {
        return too_deep(place);
    }
    if matches!(kind, ErrorKind::MissingAnchorOrAliasName) {
        return Diagnostic::new(&text::ANCHOR_OR_ALIAS, place, "an anchor or alias without a name")
            .help("a text that begins with `*` or `&` needs quotes");
    }
    match IN_WORDS.iter().find(|(known, ..)| known == kind) {
        Some((_, message, help)) => Diagnostic::new(&text::YAML_SYNTAX, place, *message).help(*help),
        None => Diagnostic::new(&text::YAML_SYNTAX, place, kind.to_string()),
    }
}

/// The parser's errors in words, with what to do about them; the others keep the parser's own words.
const IN_WORDS: &[(ErrorKind, &str, &str)] = &[
    (
        ErrorKind::MappingValueNotAllowed,
        "a `:` where no field can begin",
        "a text with `: ` in it needs quotes, and each field begins a line at the depth of its neighbours",
    ),
    (
        ErrorKind::ExpectedBlockMappingKey,
        "this line is not at the depth of its neighbours",
        "fields of one mapping begin in one column, entries of one list with `- ` in one column",
    ),
    (ErrorKind::UnclosedFlowCollection { open: '[' }, "a `[` without its `]`", "close the list with `]`"),
    (ErrorKind::UnclosedFlowCollection { open: '{' }, "a `{` without its `}`", "close the mapping with `}`"),
    (
        ErrorKind::MismatchedFlowCollectionEnd { open: '[', close: '}' },
        "a `[` without its `]`",
        "close the list with `]`",
    ),
    (
        ErrorKind::MismatchedFlowCollectionEnd { open: '{', close: ']' },
        "a `{` without its `}`",
        "close the mapping with `}`",
    ),
    (
        ErrorKind::UnclosedQuotedScalar,
        "a quote without its end",
        "close the text with the quote it began with",
    ),
    (ErrorKind::InvalidTrailingDoubleQuotedScalar, BEHIND_QUOTE, QUOTE_INSIDE),
    (ErrorKind::InvalidTrailingSingleQuotedScalar, BEHIND_QUOTE, QUOTE_INSIDE),
    (ErrorKind::DirectiveDisallowed, "a YAML directive", "remove the line; a blueprint has no directives"),
    (ErrorKind::UnexpectedCharacter { character: '@' }, RESERVED, "put the text in quotes"),
    (ErrorKind::UnexpectedCharacter { character: '`' }, RESERVED, "put the text in quotes"),
    (ErrorKind::SimpleKeyExpected, NO_COLON, COLON),
    (ErrorKind::InvalidSimpleKey, NO_COLON, COLON),
    (ErrorKind::ExpectedFlowMappingSeparator, "no `,` or `}` here", "fields in braces are parted by `, `"),
    (
        ErrorKind::ExpectedFlowSequenceSeparator,
        "no `,` or `]` here",
        "entries in brackets are parted by `, `",
    ),
];

const BEHIND_QUOTE: &str = "text behind a closing quote";
const QUOTE_INSIDE: &str =
    "a quote inside of a text in double quotes is `\\\"`, inside of single quotes `''`";
const RESERVED: &str = "a text that begins with a reserved character";
const NO_COLON: &str = "a field without its `:`";
const COLON: &str = "write `FIELD: VALUE`, with a space behind the colon";
