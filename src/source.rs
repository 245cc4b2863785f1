//! Positions in the author's files, and where every value comes from.

use std::ops::Range;

/// The files of one run, by id.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
}

/// One file as it was read: how it is called in messages, its text and its line starts.
#[derive(Debug, Clone)]
pub struct Source {
    path: String,
    text: String,
    kind: SourceKind,
    line_starts: Vec<usize>,
}

/// What a file is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// A blueprint.
    Blueprint,
    /// A file of Guard rules, which is only shown in messages.
    Rules,
    /// A CloudFormation template that keyprint did not make.
    Template,
    /// A file that a blueprint names.
    Attachment,
}

/// The number of a file within one [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceId(u32);

/// A byte range in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// First byte behind.
    pub end: u32,
}

/// A place as people count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
}

/// Why a value is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The author wrote it there.
    Written,
    /// The author left it out; the span is what would have held it.
    Defaulted,
    /// The named rule of the compiler made it from what stands there.
    Derived(&'static str),
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The text that decided it.
    pub span: Span,
    /// How it was decided.
    pub cause: Cause,
}

/// A value with its origin; equality looks at the value alone.
#[derive(Debug, Clone, Copy)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

impl Sources {
    /// Takes a blueprint in and hands out its id.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> SourceId {
        self.add_as(SourceKind::Blueprint, path, text)
    }

    /// Takes a file in and hands out its id.
    pub fn add_as(&mut self, kind: SourceKind, path: impl Into<String>, text: impl Into<String>) -> SourceId {
        let text = text.into();
        let line_starts =
            std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at.saturating_add(1))).collect();
        let id = SourceId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(Source { path: path.into(), text, kind, line_starts });
        id
    }

    /// All files with their ids, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.files
            .iter()
            .enumerate()
            .map(|(at, file)| (SourceId(u32::try_from(at).unwrap_or(u32::MAX)), file))
    }

    /// The blueprints with their ids, in the order they were added.
    pub fn blueprints(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.iter().filter(|(_, file)| file.kind == SourceKind::Blueprint)
    }

    /// The path of a file beside the blueprint that a span is in, and the file if it was read.
    pub(crate) fn beside(&self, span: Span, file: &str) -> (String, Option<&Source>) {
        let blueprint = self.get(span.source).map_or("", Source::path);
        let path = match blueprint.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{file}"),
            None => file.to_owned(),
        };
        let found =
            self.files.iter().find(|source| source.kind == SourceKind::Attachment && source.path == path);
        (path, found)
    }

    /// The file behind an id; ids of another [`Sources`] have none.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.files.get(usize::try_from(id.0).ok()?)
    }

    /// The path and the place where a span begins, as shown to people.
    pub fn locate(&self, span: Span) -> Option<(&str, LineColumn)> {
        let source = self.get(span.source)?;
        Some((source.path(), source.line_column(span.range().start)))
    }
}

impl Source {
    /// How the file is called in messages.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What it is read as.
    pub fn kind(&self) -> SourceKind {
        self.kind
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte offset; an offset behind the end counts as the end.
    pub fn line_column(&self, offset: usize) -> LineColumn {
        let line = self.line_starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.line_starts.get(line).copied().unwrap_or(0);
        let before = self.text.get(start..offset.min(self.text.len())).unwrap_or("");
        LineColumn { line: line.saturating_add(1), column: before.chars().count().saturating_add(1) }
    }
}

impl Span {
    /// A span from byte offsets; files over 4 GiB do not occur, the workspace refuses them.
    pub fn new(source: SourceId, range: Range<usize>) -> Self {
        let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { source, start: clamp(range.start), end: clamp(range.end.max(range.start)) }
    }

    /// The byte range.
    pub fn range(self) -> Range<usize> {
        let widen = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
        widen(self.start)..widen(self.end)
    }
}

impl Origin {
    /// An origin the author wrote.
    pub fn written(span: Span) -> Self {
        Self { span, cause: Cause::Written }
    }

    /// The origin of a default that stands in for something missing at `span`.
    pub fn defaulted(span: Span) -> Self {
        Self { span, cause: Cause::Defaulted }
    }

    /// The same place, with the rule that derived something from it.
    #[must_use]
    pub fn derived(self, rule: &'static str) -> Self {
        Self { span: self.span, cause: Cause::Derived(rule) }
    }

    /// Puts a value at this origin.
    pub fn put<T>(self, value: T) -> Sourced<T> {
        Sourced { value, origin: self }
    }
}

impl<T> Sourced<T> {
    /// Converts the value and keeps the place.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Sourced<U> {
        Sourced { value: convert(self.value), origin: self.origin }
    }

    /// Borrows the value at the same place.
    pub fn as_ref(&self) -> Sourced<&T> {
        Sourced { value: &self.value, origin: self.origin }
    }

    /// The text that decided the value.
    pub fn span(&self) -> Span {
        self.origin.span
    }
}

impl<T: PartialEq> PartialEq for Sourced<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Sourced<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let mut sources = Sources::default();
        let id = sources.add("a.yaml", "é: 1\nb: ü2\n");
        let source = sources.get(id).unwrap();
        assert_eq!(source.line_column(4), LineColumn { line: 1, column: 4 });
        assert_eq!(source.line_column(11), LineColumn { line: 2, column: 5 });
        assert_eq!(source.line_column(999), LineColumn { line: 3, column: 1 });
    }

    #[test]
    fn equality_ignores_the_origin() {
        let mut sources = Sources::default();
        let id = sources.add("a.yaml", "ab");
        let first = Origin::written(Span::new(id, 0..1)).put(7);
        let second = Origin::defaulted(Span::new(id, 1..2)).put(7);
        assert_eq!(first, second);
    }
}
