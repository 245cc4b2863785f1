//! What can be wrong with templates, beside what rules say.

use crate::diagnostic::code;

code! {
    /// ## What it finds
    ///
    /// A resource whose properties do not agree with CloudFormation's own schema of its type.
    ///
    /// ## Why it matters
    ///
    /// The deployment would fail. As a rule this is a value that the author gave and that no check of the language
    /// covers, such as a tag that is too long.
    ///
    /// ## Example
    ///
    /// A secret with a description of 2,049 characters.
    ///
    /// ## Instead
    ///
    /// Give a value that the schema takes; the message names the property and what is expected.
    PROVIDER_SCHEMA = "provider-schema" { Error, Schema, "a resource does not agree with its provider schema" }

    /// ## What it finds
    ///
    /// A rule file given with `--policies` that cannot be used, or that cannot be trusted to say what it seems to say:
    /// a syntax error, rules that call each other, a query that passes whatever the template holds, a misspelt type.
    ///
    /// ## Why it matters
    ///
    /// A rule that silently passes is worse than no rule.
    ///
    /// ## Example
    ///
    /// A rule about `AWS::SecretsManager::Secrets`.
    ///
    /// ## Instead
    ///
    /// Correct the place that the message names.
    RULE_FILE = "rule-file" { Error, Guard, "a rule file cannot be used" }

    /// ## What it finds
    ///
    /// A check that could not be decided for a template.
    ///
    /// ## Why it matters
    ///
    /// What is not decided is not proved. It counts as an error and cannot be waived.
    ///
    /// ## Example
    ///
    /// A rule of `--policies` that compares a number with a text.
    ///
    /// ## Instead
    ///
    /// Correct the rule; the message names what could not be decided.
    UNDECIDED = "undecided" { Error, Schema, "a check could not be decided" }
}
