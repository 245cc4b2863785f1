//! Secrets' values that stand in a blueprint.
//!
//! Every finding marks exactly the text to hide. No message repeats it, and the tree drops it, so that no later
//! message can.

use std::ops::Range;

use super::codes::values;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{SourceId, Span};

/// The places whose text must not be shown, in every rendering of every message.
pub(crate) fn masked(log: &Diagnostics) -> Vec<Span> {
    log.iter()
        .filter(|entry| entry.code == values::LITERAL_SECRET.name)
        .filter_map(|entry| entry.labels.first())
        .map(|label| label.span)
        .collect()
}

/// The message about a value that stands at a place.
pub(super) fn found(place: Span, what: &str) -> Diagnostic {
    Diagnostic::new(&values::LITERAL_SECRET, place, format!("{what}; it is not shown again"))
        .here("masked")
        .help("remove it, replace the value where it is in use, and take it out of the history of the repository")
        .help("Secrets Manager generates values; one that others issue is set after deployment, outside of templates")
}

/// Tokens that begin with fixed letters: the letters, then the least number of characters behind them.
const PREFIXES: &[(&str, usize, &str)] = &[
    ("AKIA", 16, "an AWS access key id"),
    ("ASIA", 16, "an AWS access key id"),
    ("ghp_", 30, "a GitHub token"),
    ("gho_", 30, "a GitHub token"),
    ("ghu_", 30, "a GitHub token"),
    ("ghs_", 30, "a GitHub token"),
    ("ghr_", 30, "a GitHub token"),
    ("github_pat_", 30, "a GitHub token"),
    ("glpat-", 16, "a GitLab token"),
    ("xoxb-", 10, "a Slack token"),
    ("xoxp-", 10, "a Slack token"),
    ("xoxa-", 10, "a Slack token"),
    ("xoxs-", 10, "a Slack token"),
    ("xoxr-", 10, "a Slack token"),
    ("sk_live_", 10, "a Stripe key"),
    ("sk_test_", 10, "a Stripe key"),
    ("rk_live_", 10, "a Stripe key"),
    ("npm_", 30, "an npm token"),
    ("AIza", 30, "a Google API key"),
    ("SG.", 40, "a SendGrid key"),
    ("eyJ", 30, "a JSON web token"),
];

/// The values that a text holds in a known format, with what they are, in the order of the text.
pub(crate) fn known_values(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let mut all: Vec<(Range<usize>, &'static str)> = Vec::new();
    for (prefix, least, what) in PREFIXES {
        all.extend(tokens(text, prefix, *least).into_iter().map(|range| (range, *what)));
    }
    all.extend(private_keys(text).into_iter().map(|range| (range, "a private key")));
    all.extend(connection_passwords(text).map(|range| (range, "a connection string with a password")));
    all.sort_by_key(|(range, _)| (range.start, range.end));
    let mut apart: Vec<(Range<usize>, &'static str)> = Vec::new();
    for (range, what) in all {
        if apart.last().is_none_or(|(last, _)| last.end <= range.start) {
            apart.push((range, what));
        }
    }
    apart
}

/// Finds values by their format anywhere in the text, comments and broken YAML included.
pub(super) fn known_formats(source: SourceId, text: &str, log: &mut Diagnostics) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for (range, what) in known_values(text) {
        let span = Span::new(source, range);
        log.push(found(span, what));
        spans.push(span);
    }
    spans
}

/// Linear in the text: a run of token characters is looked at once.
fn tokens(text: &str, prefix: &'static str, least: usize) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut from: usize = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find(prefix)) {
        let at = from.saturating_add(found);
        from = at.saturating_add(prefix.len());
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        if before.is_some_and(|c| c.is_ascii_alphanumeric()) {
            continue;
        }
        let rest = text.get(at..).unwrap_or("");
        let length =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_-.+/=".contains(c))).unwrap_or(rest.len());
        let json_web_token =
            prefix != "eyJ" || rest.get(..length).is_some_and(|token| token.matches('.').count() == 2);
        from = from.max(at.saturating_add(length));
        if json_web_token && length >= prefix.len().saturating_add(least) {
            all.push(at..at.saturating_add(length));
        }
    }
    all
}

/// From the header to the footer, or to the end of the text.
fn private_keys(text: &str) -> Vec<Range<usize>> {
    const BEGIN: &str = "-----BEGIN ";
    const END: &str = "-----END ";
    let mut all = Vec::new();
    let mut from: usize = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find(BEGIN)) {
        let at = from.saturating_add(found);
        from = at.saturating_add(BEGIN.len());
        let title: String = text.get(from..).unwrap_or("").chars().take(40).collect();
        if !title.split("-----").next().is_some_and(|title| title.ends_with("PRIVATE KEY")) {
            continue;
        }
        let footer = text.get(from..).and_then(|rest| rest.find(END)).map(|end| from.saturating_add(end));
        let line_end = footer.and_then(|footer| Some(footer.saturating_add(text.get(footer..)?.find('\n')?)));
        let line = text.get(footer.unwrap_or(0)..line_end.unwrap_or(text.len())).unwrap_or("");
        let end = footer.map_or(text.len(), |footer| footer.saturating_add(line.trim_end().len()));
        all.push(at..end);
        from = end;
    }
    all
}

/// The password in `scheme://user:password@host`, unless it is a placeholder.
fn connection_passwords(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("://").filter_map(move |(at, separator)| {
        let start = at.saturating_add(separator.len());
        let rest = text.get(start..)?;
        let end = rest.find(|c: char| c.is_whitespace() || "/?#\"'<>,".contains(c)).unwrap_or(rest.len());
        let (user_info, _) = rest.get(..end)?.rsplit_once('@')?;
        let (user, password) = user_info.split_once(':')?;
        let placeholder = password.is_empty() || password.starts_with(['$', '{', '*', '%']);
        let first = start.saturating_add(user.len()).saturating_add(1);
        (!placeholder).then(|| first..first.saturating_add(password.len()))
    })
}

/// Finds random words in text that is not YAML, whose lines other messages may show; comments are left out.
pub(super) fn random_words(source: SourceId, text: &str, known: [&[Span]; 2], log: &mut Diagnostics) {
    let mut line_start: usize = 0;
    for line in text.split_inclusive('\n') {
        let comment = if line.starts_with('#') { Some(0) } else { line.find(" #") };
        let code = comment.and_then(|at| line.get(..at)).unwrap_or(if comment.is_some() { "" } else { line });
        let mut from: usize = 0;
        for word in code.split(|c: char| c.is_whitespace() || "\"'[]{},".contains(c)) {
            let start = line_start.saturating_add(from);
            let span = Span::new(source, start..start.saturating_add(word.len()));
            let hidden = known.iter().any(|known| overlaps(known, span));
            if !hidden && looks_random(word) {
                log.push(found(span, "text that looks like a secret's value"));
            }
            from = from.saturating_add(word.len());
            from = from.saturating_add(
                code.get(from..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8),
            );
        }
        line_start = line_start.saturating_add(line.len());
    }
}

/// Whether a span touches one of those found, which stand in the order of the text.
pub(super) fn overlaps(found: &[Span], span: Span) -> bool {
    let ends_before = found.partition_point(|found| found.end <= span.start);
    found.get(ends_before).is_some_and(|found| found.start < span.end)
}

/// Length from which a text can look random.
const LEAST_RANDOM: usize = 20;

/// Whether a text looks generated rather than named: no spaces, mixed characters, and changes between kinds of
/// characters far more often than words do.
pub(crate) fn looks_random(text: &str) -> bool {
    const PUBLIC: &[&str] =
        &["arn:", "cluster-", "db-", "prx-", "o-", "ou-", "oidc.", "http://", "https://", "cron("];
    if text.len() < LEAST_RANDOM || PUBLIC.iter().any(|prefix| text.starts_with(prefix)) {
        return false;
    }
    text.split_whitespace().any(random_word)
}

fn random_word(word: &str) -> bool {
    let mixed = |word: &str| {
        let has = |kind: fn(&char) -> bool| word.chars().any(|c| kind(&c));
        has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase) && has(char::is_ascii_digit)
    };
    let token =
        |word: &str| word.len() >= LEAST_RANDOM && mixed(word) && changes(word) >= 40 && distinct(word) >= 10;
    let digits_and_one_case = |word: &str| {
        word.len() >= 24
            && word.bytes().any(|b| b.is_ascii_digit())
            && word.bytes().any(|b| b.is_ascii_alphabetic())
            && changes(word) >= 25
            && distinct(word) >= 8
    };
    token(word) || word.split(|c: char| !c.is_ascii_alphanumeric()).any(digits_and_one_case)
}

/// How many of a hundred neighbours are of different kinds: lower case, upper case, digit, other.
fn changes(word: &str) -> usize {
    let kind = |b: u8| match b {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    let pairs = word.bytes().zip(word.bytes().skip(1));
    let different = pairs.filter(|(left, right)| kind(*left) != kind(*right)).count();
    different.saturating_mul(100) / word.len().saturating_sub(1).max(1)
}

fn distinct(word: &str) -> usize {
    word.bytes().collect::<std::collections::BTreeSet<u8>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn findings(text: &str) -> Vec<String> {
        let mut sources = Sources::default();
        let id = sources.add("t.yaml", text);
        let mut log = Diagnostics::default();
        known_formats(id, text, &mut log);
        masked(&log).into_iter().map(|span| text[span.range()].to_owned()).collect()
    }

    #[test]
    fn known_formats_are_found_wherever_they_stand() {
        assert_eq!(findings("# old: AKIAIOSFODNN7EXAMPLE\n"), ["AKIAIOSFODNN7EXAMPLE"]);
        assert_eq!(
            findings("a: \"ghp_0123456789012345678901234567890123456\""),
            ["ghp_0123456789012345678901234567890123456"]
        );
        assert_eq!(findings("postgres://app:hunter2@db:5432/x"), ["hunter2"]);
        let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----";
        assert_eq!(findings(&format!("k: |\n{key}\nb: 1")), [key]);
    }

    #[test]
    fn lookalikes_are_left_alone() {
        for text in [
            "MAKIAIOSFODNN7EXAMPLE",
            "postgres://app:${PASSWORD}@db",
            "https://example.com:443/a@b",
            "sk_live_",
            "-----BEGIN CERTIFICATE-----",
        ] {
            assert_eq!(findings(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn messages_do_not_repeat_the_value() {
        let mut sources = Sources::default();
        let id = sources.add("t.yaml", "k: AKIAIOSFODNN7EXAMPLE");
        let mut log = Diagnostics::default();
        known_formats(id, "k: AKIAIOSFODNN7EXAMPLE", &mut log);
        assert!(!format!("{log:?}").contains("AKIA"));
    }

    #[test]
    fn random_text_is_told_from_names() {
        for text in [
            "wJalrXUtnFEMIK7MDENGbPxRfiCYzT3q9LkV",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
            "kX9$wQ2!mP7#rT4vB8nZ",
            "token k3j9x0q2m8v7t5z1w4y6b8n0",
        ] {
            assert!(looks_random(text), "{text}");
        }
        for text in [
            "orders.cluster-cx4ab1k2m3n4.eu-west-1.rds.amazonaws.com",
            "arn:aws:kms:eu-west-1:333333333333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "the provider issues keys by hand, each quarter",
            "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
            "/aws/lambda/OrdersProductionCheckout2024",
            "RotateOrdersProductionDatabase2024",
            "subnet-0a1b2c3d4e5f60718",
            "cluster-ABCDEFGHIJKLM1234567890NOP",
            "organization-trail/production-2024-eu-west-1",
            "1234abcd-12ab-34cd-56ef-1234567890ab",
        ] {
            assert!(!looks_random(text), "{text}");
        }
    }
}
