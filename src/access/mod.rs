//! The meaning of policy documents: what they allow, exactly.
//!
//! `question` states claims, `symbolic` decides them, `evaluate` answers for one request and shares with `symbolic`
//! nothing but the model. Every witness is replayed through `evaluate`.
//!
//! *Never:* where a document came from, or which access was wanted.

mod arn;
mod context_keys;
mod pattern;
mod policy;
mod reading;
mod request;
mod value;

mod evaluate;
mod question;
mod symbolic;

pub use evaluate::{Decision, Policies, evaluate};
pub use question::{Answer, Budget, Comparison, compare};
pub use policy::{Policy, PolicyError, PolicyKind};
pub use reading::Reading;
pub use request::{Context, Principal, Request};
