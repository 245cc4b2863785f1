//! JSON as people review it: two spaces, one member a line, and on one line what is short.

use std::fmt::Write;

/// Writes JSON text front to back.
#[derive(Debug, Default)]
pub(super) struct Json {
    text: String,
    depth: usize,
    fresh: bool,
    items: usize,
}

/// The most characters of a block on one line.
const WIDTH: usize = 100;
/// The most members of an object on one line.
const MOST_MEMBERS: usize = 2;
/// How much longer than its line a block that fits there can be, for its indentation.
const WORST: usize = 8;

impl Json {
    /// The finished text, with a line break at its end.
    pub(super) fn finish(mut self) -> String {
        self.text.push('\n');
        self.text
    }

    /// An object around what the closure writes.
    pub(super) fn object(&mut self, members: impl FnOnce(&mut Self)) {
        self.block('{', '}', members);
    }

    /// A list around what the closure writes.
    pub(super) fn list(&mut self, items: impl FnOnce(&mut Self)) {
        self.block('[', ']', items);
    }

    /// A member's name; its value is written next.
    pub(super) fn member(&mut self, name: &str) {
        self.item();
        self.string(name);
        self.text.push_str(": ");
    }

    /// The place of a list's next item.
    pub(super) fn item(&mut self) {
        if !self.fresh {
            self.text.push(',');
        }
        self.fresh = false;
        self.items = self.items.saturating_add(1);
        self.line();
    }

    /// A member that is a text.
    pub(super) fn text_member(&mut self, name: &str, text: &str) {
        self.member(name);
        self.string(text);
    }

    /// A text; runs without anything to escape are taken over whole.
    pub(super) fn string(&mut self, text: &str) {
        self.text.push('"');
        let mut rest = text;
        while let Some(at) = rest.find(needs_escape) {
            let (plain, tail) = rest.split_at(at);
            self.text.push_str(plain);
            let mut chars = tail.chars();
            match chars.next() {
                Some('"') => self.text.push_str("\\\""),
                Some('\\') => self.text.push_str("\\\\"),
                Some('\n') => self.text.push_str("\\n"),
                Some('\r') => self.text.push_str("\\r"),
                Some('\t') => self.text.push_str("\\t"),
                Some(c) => {
                    let _ = write!(self.text, "\\u{:04x}", u32::from(c));
                }
                None => {}
            }
            rest = chars.as_str();
        }
        self.text.push_str(rest);
        self.text.push('"');
    }

    /// A number or a truth value as it is.
    pub(super) fn raw(&mut self, text: impl std::fmt::Display) {
        let _ = write!(self.text, "{text}");
    }

    fn block(&mut self, open: char, close: char, inside: impl FnOnce(&mut Self)) {
        let (start, outside) = (self.text.len(), std::mem::take(&mut self.items));
        self.text.push(open);
        self.depth = self.depth.saturating_add(1);
        self.fresh = true;
        inside(self);
        self.depth = self.depth.saturating_sub(1);
        if !self.fresh {
            self.line();
        }
        self.fresh = false;
        self.text.push(close);
        let items = std::mem::replace(&mut self.items, outside);
        if open == '[' || items <= MOST_MEMBERS {
            self.shorten(start, open == '{');
        }
    }

    /// Puts a block on one line if it fits there; texts hold no line breaks of their own.
    fn shorten(&mut self, start: usize, is_object: bool) {
        let block = self.text.get(start..).unwrap_or_default();
        if block.len() > WIDTH.saturating_mul(WORST) {
            return;
        }
        let mut line = String::with_capacity(block.len());
        for (at, part) in block.split('\n').enumerate() {
            // Objects have a blank inside their braces, lists have none.
            let is_edge = at == 1 || part.trim_start() == "]";
            if at > 0 && (is_object || !is_edge) {
                line.push(' ');
            }
            line.push_str(part.trim_start());
        }
        if line.len() <= WIDTH {
            self.text.truncate(start);
            self.text.push_str(&line);
        }
    }

    fn line(&mut self) {
        self.text.push('\n');
        for _ in 0..self.depth {
            self.text.push_str("  ");
        }
    }
}

fn needs_escape(c: char) -> bool {
    matches!(c, '"' | '\\' | '\u{7f}') || u32::from(c) < 0x20
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn short_blocks_stand_on_one_line_and_empty_ones_are_empty() {
        let mut json = Json::default();
        json.object(|json| {
            json.text_member("a", "x\"\n\u{1}");
            json.member("b");
            json.list(|_| {});
            json.member("c");
            json.list(|json| {
                json.item();
                json.raw(1);
                json.item();
                json.object(|json| json.text_member("Ref", "Key"));
            });
            json.member("long");
            json.list(|json| {
                for _ in 0..2 {
                    json.item();
                    json.string(&"y".repeat(60));
                }
            });
        });
        let text = json.finish();
        let long = "y".repeat(60);
        assert_eq!(
            text,
            format!(
                "{{\n  \"a\": \"x\\\"\\n\\u0001\",\n  \"b\": [],\n  \"c\": [1, {{ \"Ref\": \"Key\" }}],\n  \
                 \"long\": [\n    \"{long}\",\n    \"{long}\"\n  ]\n}}\n"
            )
        );
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
    }
}
