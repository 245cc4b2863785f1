//! A pack of rules: files parsed once, their catalogue, and why a rule may have nothing to say.

use cloudformation_guard_lang::exprs::RulesFile;
use cloudformation_guard_lang::parser::{from_str2, rules_file};

use super::engine::on_deep_stack;
use super::records::tidy;
use super::walk::{gate_types, messages};
use super::{ProblemKind, Rule, RuleProblem, lint};

/// A larger file is refused unread: nobody writes rules of this size, and reading is not linear.
const MAX_FILE_BYTES: usize = 1 << 20;

/// Deeper brackets are refused unread: the parser recurses, and its alternatives multiply with depth.
const MAX_NESTING: usize = 24;

/// Rules from one or more files, parsed and found sound.
#[derive(Debug)]
pub struct RulePack<'text> {
    pub(super) files: Vec<ParsedFile<'text>>,
    rules: Vec<Rule>,
}

/// One file of rules.
#[derive(Debug)]
pub(super) struct ParsedFile<'text> {
    pub(super) name: &'text str,
    pub(super) text: &'text str,
    pub(super) rules: RulesFile<'text>,
}

impl<'text> RulePack<'text> {
    /// Parses files given as (name, text). The types that templates can hold serve to find misspelt ones.
    pub fn parse(
        files: &[(&'text str, &'text str)],
        known_types: &[&str],
    ) -> Result<RulePack<'text>, Vec<RuleProblem>> {
        let mut parsed = Vec::with_capacity(files.len());
        let mut problems = Vec::new();
        for (name, text) in files {
            match parse_file(name, text) {
                Ok(file) => parsed.push(file),
                Err(problem) => problems.push(problem),
            }
        }
        let rules: Vec<Rule> = parsed.iter().flat_map(describe).collect();
        problems.extend(lint::check(&parsed, &rules, known_types));
        problems.sort();
        if problems.is_empty() { Ok(RulePack { files: parsed, rules }) } else { Err(problems) }
    }

    /// The rules in the order of the files.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// A rule by its name.
    pub fn rule(&self, name: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.name == name)
    }

    pub(super) fn why_skipped(&self, name: &str) -> String {
        match self.rule(name).map(|rule| rule.applies_to.as_slice()) {
            Some([first, rest @ ..]) => {
                let types =
                    rest.iter().fold(format!("`{first}`"), |types, next| format!("{types}, `{next}`"));
                format!("the template has nothing of the kind that the rule judges in {types}")
            }
            _ => String::from("the rule's condition does not hold for the template"),
        }
    }
}

fn parse_file<'text>(name: &'text str, text: &'text str) -> Result<ParsedFile<'text>, RuleProblem> {
    let problem = |line, column, kind, message: String| RuleProblem {
        file: name.to_owned(),
        line,
        column,
        kind,
        message,
    };
    if text.len() > MAX_FILE_BYTES {
        return Err(problem(
            1,
            None,
            ProblemKind::Limit,
            format!("the file is larger than {MAX_FILE_BYTES} bytes"),
        ));
    }
    if let Some(line) = too_deep(text) {
        let message = format!("brackets are nested more than {MAX_NESTING} deep");
        return Err(problem(line, None, ProblemKind::Limit, message));
    }
    match on_deep_stack(|| rules_file(from_str2(text)).map_err(|error| error.to_string())) {
        Ok(Ok(Some(rules))) => Ok(ParsedFile { name, text, rules }),
        Ok(Ok(None)) => Err(problem(1, None, ProblemKind::NoRules, String::from("the file holds no rule"))),
        Ok(Err(message)) => {
            let line = number_after(&message, " at line ").unwrap_or(1);
            let column = number_after(&message, " at column ");
            Err(problem(
                line,
                column,
                ProblemKind::Syntax,
                String::from("the text from here on is not a guard rule"),
            ))
        }
        Err(error) => {
            Err(problem(1, None, ProblemKind::Syntax, format!("the file cannot be parsed: {error}")))
        }
    }
}

/// The line at which brackets outside strings and comments pass the limit.
fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, line) in text.lines().enumerate() {
        let mut quote = None;
        for character in line.chars() {
            match (quote, character) {
                (Some(open), _) if character == open => quote = None,
                (Some(_), _) => {}
                (None, '#') => break,
                (None, '\'' | '"') => quote = Some(character),
                (None, '[' | '{' | '(') => depth += 1,
                (None, ']' | '}' | ')') => depth = depth.saturating_sub(1),
                (None, _) => {}
            }
            if depth > MAX_NESTING {
                return Some(index + 1);
            }
        }
    }
    None
}

fn number_after(message: &str, words: &str) -> Option<usize> {
    let (_, rest) = message.split_once(words)?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn describe(file: &ParsedFile<'_>) -> Vec<Rule> {
    let lines: Vec<&str> = file.text.lines().collect();
    let named = file.rules.guard_rules.iter().map(|rule| {
        let line = line_of(&lines, "rule", &rule.rule_name);
        Rule {
            name: rule.rule_name.clone(),
            message: messages(rule).into_iter().find_map(|message| tidy(Some(message))).unwrap_or_default(),
            explanation: comment_above(&lines, line),
            file: file.name.to_owned(),
            line,
            applies_to: gate_types(rule, &file.rules.assignments),
        }
    });
    named.collect()
}

/// The line, counted from one, on which `keyword name` stands; the first line if it does not.
pub(super) fn line_of(lines: &[&str], keyword: &str, name: &str) -> usize {
    let starts = |line: &&str| -> bool {
        let rest = line.trim_start().strip_prefix(keyword).map(str::trim_start);
        let rest = rest.and_then(|rest| rest.strip_prefix(name));
        rest.is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_'))
    };
    lines.iter().position(starts).map_or(1, |index| index + 1)
}

fn comment_above(lines: &[&str], line: usize) -> String {
    let above = lines.get(..line.saturating_sub(1)).unwrap_or_default();
    let comment = above.iter().rev().map_while(|line| line.trim().strip_prefix('#'));
    let mut words: Vec<&str> = comment.map(str::trim).collect();
    words.reverse();
    words.join(" ").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{RuleOutcome, Verdict};
    use super::*;

    const TEXT: &str = "\
# About keys.

# A key is switched on.
# It would not decrypt otherwise.
rule KEY_IS_ON when %keys !empty {
    %keys.Properties.Enabled == true <<the key
        is off>>
}

let keys = Resources.*[ Type == 'AWS::KMS::Key' ]
let all = Resources
rule REFERENCE_RESOLVES when %keys !empty {
    %keys {
        let name = Properties.Peer.Ref
        %all.%name.Type == 'AWS::KMS::Key' <<the peer is no key>>
    }
    KEY_IS_ON <<the key is off>>
}
rule unless(given) { %given.Properties.Enabled exists }
rule SAYS_WHETHER_ON when %keys !empty { unless(%keys) <<the key does not say whether it is on>> }
";

    fn outcomes(enabled: serde_json::Value) -> Vec<RuleOutcome> {
        let files = [("keys.guard", TEXT)];
        let pack = RulePack::parse(&files, &["AWS::KMS::Key"]);
        let problems = pack.as_ref().err().cloned();
        assert_eq!(problems.map(|found| found.into_iter().map(|each| each.kind).collect::<Vec<_>>()), None);
        let key = json!({ "Type": "AWS::KMS::Key", "Properties": { "Enabled": enabled, "Peer": { "Ref": "Key" } } });
        pack.unwrap().evaluate(&json!({ "Resources": { "Key": key } })).unwrap()
    }

    #[test]
    fn a_rule_is_described_by_its_comment_and_its_first_message() {
        let files = [("keys.guard", TEXT)];
        let pack = RulePack::parse(&files, &["AWS::KMS::Key"]).unwrap();
        let rule = pack.rule("KEY_IS_ON").unwrap();
        assert_eq!(rule.explanation, "A key is switched on. It would not decrypt otherwise.");
        assert_eq!(rule.message, "the key is off");
        assert_eq!((rule.line, rule.applies_to.as_slice()), (5, &[String::from("AWS::KMS::Key")][..]));
        assert_eq!(pack.rules().len(), 3);
    }

    #[test]
    fn rules_that_call_rules_and_look_up_by_name_are_judged() {
        let all_pass = outcomes(json!(true));
        assert!(all_pass.iter().all(|outcome| outcome.verdict == Verdict::Pass), "{all_pass:?}");
        let off = outcomes(json!(false));
        let failed: Vec<&str> = off
            .iter()
            .filter(|outcome| matches!(outcome.verdict, Verdict::Fail { .. }))
            .map(|outcome| outcome.rule.as_str())
            .collect();
        assert_eq!(failed, ["KEY_IS_ON", "REFERENCE_RESOLVES"]);
    }
}
