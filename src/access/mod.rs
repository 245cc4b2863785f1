//! The meaning of policy documents: what they allow, exactly.
//!
//! `question` states claims, `symbolic` decides them, `evaluate` answers for one request and shares with `symbolic`
//! nothing but the model. Every witness is replayed through `evaluate`.
//!
//! *Never:* where a document came from, or which access was wanted.

mod arn;
mod catalogue;
mod context_keys;
mod lint;
mod names;
mod pattern;
mod policy;
mod reading;
mod reference;
mod request;
mod value;

mod evaluate;
mod question;
mod report;
mod symbolic;
mod transition;
mod unknown;
mod world;

pub use catalogue::known_actions;
pub(crate) use evaluate::granting;
pub use evaluate::{Decision, Nearest, Policies, evaluate, nearest};
pub(crate) use lint::{Flaw, lint};
pub(crate) use names::Names;
pub(crate) use policy::Effect;
pub use policy::{Policy, PolicyError, PolicyKind};
pub use question::{Answer, Budget, Comparison, compare, exceeds};
pub use reading::Reading;
pub use report::{compare_texts, comparison_json, decide_line, witness};
pub use request::{Context, Principal, Request};
pub use transition::Transition;
pub(crate) use unknown::literal;
pub use unknown::{Unknowns, readable};
pub use world::{Inquiry, Resource, Role, Who, World};

/// Which editions of the guides the semantics are written from.
pub const SEMANTICS: &str = "in editions of 2025 and 2026, else of June 2023";
