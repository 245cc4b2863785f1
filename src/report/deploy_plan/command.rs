//! A command of the AWS CLI as data: for a shell, and as JSON.

use serde_json::{Value, json};

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// As it is.
    Text(String),
    /// What is known only when the plan is carried out, by the name of a shell variable.
    Value(String),
    /// The same, in the quotes of the AWS CLI's shorthand.
    Shorthand(String),
}

/// One command.
#[derive(Debug)]
pub(super) struct Command {
    /// What it does, for people.
    pub(super) does: &'static str,
    /// Its words, the program's name first.
    pub(super) words: Vec<Vec<Piece>>,
}

/// A word without anything that is not known yet.
pub(super) fn text(word: impl Into<String>) -> Vec<Piece> {
    vec![Piece::Text(word.into())]
}

/// A word that is known only when the plan is carried out.
pub(super) fn value(name: &str) -> Vec<Piece> {
    vec![Piece::Value(name.to_owned())]
}

impl Command {
    /// A command of CloudFormation in a Region.
    pub(super) fn cloudformation(does: &'static str, operation: &str, region: &str) -> Self {
        Self { does, words: Vec::new() }.words(["aws", "cloudformation", operation, "--region", region])
    }

    /// Words as they are.
    pub(super) fn words<'a>(mut self, words: impl IntoIterator<Item = &'a str>) -> Self {
        self.words.extend(words.into_iter().map(text));
        self
    }

    /// An option with its value.
    pub(super) fn option(mut self, name: &str, value: Vec<Piece>) -> Self {
        self.words.extend([text(name), value]);
        self
    }

    /// For a shell, one option on each line.
    pub(super) fn shell(&self) -> String {
        let mut line = String::new();
        for word in &self.words {
            let is_option = matches!(word.as_slice(), [Piece::Text(text)] if text.starts_with("--"));
            line.push_str(if line.is_empty() {
                ""
            } else if is_option {
                " \\\n  "
            } else {
                " "
            });
            line.push_str(&quoted(word));
        }
        line
    }

    /// The words; what is not known yet is an object.
    pub(super) fn json(&self) -> Value {
        let words: Vec<Value> = self.words.iter().map(|word| word_json(word)).collect();
        json!({ "does": self.does, "argv": words })
    }
}

fn word_json(word: &[Piece]) -> Value {
    let pieces: Vec<Value> = word.iter().map(piece_json).collect();
    match <[Value; 1]>::try_from(pieces) {
        Ok([piece]) => piece,
        Err(pieces) => json!({ "join": pieces }),
    }
}

fn piece_json(piece: &Piece) -> Value {
    match piece {
        Piece::Text(text) => Value::from(text.as_str()),
        Piece::Value(name) => json!({ "value": name }),
        Piece::Shorthand(name) => json!({ "value": name, "quotes": "shorthand" }),
    }
}

/// A word as a shell reads it back.
pub(super) fn quoted(word: &[Piece]) -> String {
    let is_plain = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+,./:@=%-".contains(&byte))
    };
    match word {
        [Piece::Text(text)] if is_plain(text) => text.clone(),
        [Piece::Text(text)] => format!("'{}'", text.replace('\'', r"'\''")),
        _ => {
            let pieces: Vec<String> = word
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) => escaped(text),
                    Piece::Value(name) if word.len() == 1 => format!("${name}"),
                    Piece::Value(name) => format!("${{{name}}}"),
                    Piece::Shorthand(name) => format!("$(shorthand \"${name}\")"),
                })
                .collect();
            format!("\"{}\"", pieces.concat())
        }
    }
}

/// A text between double quotes.
fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for letter in text.chars() {
        if matches!(letter, '\\' | '"' | '$' | '`') {
            safe.push('\\');
        }
        safe.push(letter);
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_as_a_shell_needs() {
        assert_eq!(quoted(&text("eu-west-1")), "eu-west-1");
        assert_eq!(quoted(&text("")), "''");
        assert_eq!(quoted(&text("it's; $HOME `id` \n")), "'it'\\''s; $HOME `id` \n'");
        let mixed = [Piece::Text("a\"$`\\".to_owned()), Piece::Value("name".to_owned())];
        assert_eq!(quoted(&mixed), r#""a\"\$\`\\${name}""#);
        assert_eq!(quoted(&[Piece::Shorthand("v".to_owned())]), r#""$(shorthand "$v")""#);
    }

    #[test]
    fn options_stand_on_lines_of_their_own() {
        let command = Command::cloudformation("delete it", "delete-stack", "eu-west-1")
            .option("--stack-name", value("stack"));
        assert_eq!(
            command.shell(),
            "aws cloudformation delete-stack \\\n  --region eu-west-1 \\\n  --stack-name \"$stack\""
        );
        assert_eq!(
            command.json()["argv"],
            json!(["aws", "cloudformation", "delete-stack", "--region", "eu-west-1", "--stack-name",
                { "value": "stack" }])
        );
    }
}
