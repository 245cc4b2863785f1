//! Where the resources of a template stand in its text.

use std::collections::BTreeMap;
use std::ops::Range;

/// The bytes of the logical id of each resource, as the text has it.
pub(crate) fn resources(text: &str) -> BTreeMap<String, Range<usize>> {
    if text.trim_start().starts_with('{') { in_json(text) } else { in_yaml(text) }
}

fn in_json(text: &str) -> BTreeMap<String, Range<usize>> {
    let mut found = BTreeMap::new();
    let (mut depth, mut in_resources, mut at) = (0_usize, false, 0);
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'"' => {
                let end = end_of_string(text, at);
                let is_key = text.get(end..).is_some_and(|rest| rest.trim_start().starts_with(':'));
                let word = text.get(at + 1..end.saturating_sub(1)).unwrap_or_default();
                if is_key && depth == 1 {
                    in_resources = word == "Resources";
                } else if is_key && depth == 2 && in_resources {
                    found.insert(word.to_owned(), at..end);
                }
                at = end;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    found
}

/// The byte behind the closing quote of a string that opens at `start`.
fn end_of_string(text: &str, start: usize) -> usize {
    let mut is_escaped = false;
    for (offset, byte) in text.bytes().enumerate().skip(start + 1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return offset + 1,
            _ => {}
        }
    }
    text.len()
}

/// Block style alone; the keys of `Resources` stand at one indentation, and everything below them deeper.
fn in_yaml(text: &str) -> BTreeMap<String, Range<usize>> {
    let mut found = BTreeMap::new();
    let (mut in_resources, mut indentation, mut start) = (false, None, 0);
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start_matches(' ');
        let indent = line.len() - bare.len();
        let is_blank = bare.trim().is_empty() || bare.starts_with('#');
        if !is_blank && indent == 0 {
            in_resources = key(bare).is_some_and(|(word, _)| word == "Resources");
            indentation = None;
        } else if !is_blank
            && in_resources
            && indent == *indentation.get_or_insert(indent)
            && let Some((word, length)) = key(bare)
        {
            found.insert(word.to_owned(), start + indent..start + indent + length);
        }
        start += line.len();
    }
    found
}

/// The key that a line opens, without quotes, and its length with them.
fn key(line: &str) -> Option<(&str, usize)> {
    let (written, _) = line.split_once(':')?;
    Some((written.trim().trim_matches(['"', '\'']), written.trim_end().len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(String, String)> {
        let found = resources(text);
        found.into_iter().map(|(id, range)| (id, text.get(range).unwrap_or("?").to_owned())).collect()
    }

    #[test]
    fn ids_of_resources_and_nothing_else() {
        let json = "{\"Parameters\": {\"X\": {}}, \"Resources\": {\"A\": {\"Type\": \"\\\"}{\", \"Resources\": {\"B\": 1}},\n \
                    \"C\" : {}}, \"Outputs\": {\"D\": {}}}";
        assert_eq!(shown(json), [("A".into(), "\"A\"".into()), ("C".into(), "\"C\"".into())]);
        let yaml = "Parameters:\n  X:\n    Type: String\nResources:\n\n  # one\n  A:\n    Type: T\n    Text: |\n      B:\n\
                    \n  'C' :\n    Type: T\nOutputs:\n  D: {}\n";
        assert_eq!(shown(yaml), [("A".into(), "A".into()), ("C".into(), "'C'".into())]);
        assert!(shown("").is_empty() && shown("{\"Resources\": {\"A").is_empty());
    }
}
