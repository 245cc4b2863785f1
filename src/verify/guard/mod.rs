//! Guard rules: packs of rules parsed once, templates judged by them, findings without values.
//!
//! The only code that knows `cloudformation_guard_lang`.
//!
//! Never: a value of the template in a message. The engine's own reports echo the document, so nothing of
//! their text leaves this folder; messages come from the rule files alone.

mod built_in;
mod child;
mod context;
mod document;
mod engine;
mod filter;
mod lint;
mod pack;
mod records;
mod walk;

use serde::{Deserialize, Serialize};

pub use built_in::{BUILT_IN_FILES, built_in};
pub use child::{
    ChildFault, NamedOutcomes, NamedTemplate, Request, Response, RuleText, child_main, evaluate_in_child,
};
pub use engine::EngineError;
pub use pack::RulePack;

/// One rule of a pack, as its file describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The name as written.
    pub name: String,
    /// The message of the rule's first clause that has one.
    pub message: String,
    /// The comment above the rule, unwrapped into one paragraph.
    pub explanation: String,
    /// The file that holds the rule, as it was named to the pack.
    pub file: String,
    /// The line of the `rule` keyword, counted from one.
    pub line: usize,
    /// The resource types whose absence makes the rule not applicable.
    pub applies_to: Vec<String>,
}

/// What one rule says about one template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleOutcome {
    /// The name of the rule.
    pub rule: String,
    /// What it says.
    pub verdict: Verdict,
}

/// The four answers a rule can give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every clause of the rule holds.
    Pass,
    /// Some clause does not hold.
    Fail {
        /// Where, without duplicates, in the order of evaluation; never empty.
        findings: Vec<Finding>,
    },
    /// The rule has nothing to judge in this template.
    NotApplicable {
        /// Why.
        reason: String,
    },
    /// The engine could not evaluate the rule, which is no pass.
    Undecided {
        /// Why, without any value of the template.
        reason: String,
    },
}

/// One place of the template at which a clause does not hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// JSON pointer to the deepest value reached; empty where the clause is about the template as a whole.
    pub pointer: String,
    /// The resource that the pointer lies in.
    pub logical_id: Option<String>,
    /// The clause's own message, from the rule file.
    pub message: Option<String>,
}

/// Something wrong with a rule file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RuleProblem {
    /// The file, as it was named to the pack.
    pub file: String,
    /// The line, counted from one.
    pub line: usize,
    /// The column, counted from one, where it is known.
    pub column: Option<usize>,
    /// What kind of problem it is.
    pub kind: ProblemKind,
    /// What is wrong.
    pub message: String,
}

/// The kinds of problem that a rule file can have; each keeps the pack from being used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// The text is not a rule file.
    Syntax,
    /// The text is larger, or nested deeper, than any honest rule file.
    Limit,
    /// The file holds no rule.
    NoRules,
    /// Clauses stand outside any rule and have no name of their own.
    UnnamedClauses,
    /// Two rules have one name.
    DuplicateRule,
    /// A rule has no message.
    NoMessage,
    /// Rules call each other in a circle, which exhausts the stack.
    RuleCycle,
    /// Variables are defined by each other, which exhausts the stack.
    VariableCycle,
    /// A variable is used that nothing defines.
    UnknownVariable,
    /// A rule is called that does not exist.
    UnknownRule,
    /// A query passes silently or makes the engine panic.
    UnsoundQuery,
    /// A resource type is misspelt, so the rule would never apply.
    MisspeltType,
}
