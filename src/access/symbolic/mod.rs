//! The symbolic side: is there a request that a formula over policies lets through?
//!
//! Dimensions (action, resource parts, condition keys) are independent of each other; a conjunction is satisfiable
//! iff it is in each of them. `search` walks the boolean structure, `engine` answers per dimension and remembers.

mod automaton;
mod caller;
mod encode;
mod engine;
mod facts;
mod formula;
mod hash;
mod memo;
mod meter;
mod model;
mod predicate;
mod resource;
mod search;
mod survey;
mod text;

pub(super) use caller::{Caller, Naming, Shape};
pub(super) use encode::{ANY_WAY, Encoder, Scope, delegates};
pub(super) use engine::Engine;
pub(super) use facts::Facts;
pub(super) use formula::Formula;
pub(super) use meter::{Exhausted, Meter};
pub(super) use model::{Binding, refinements, request};
pub(super) use search::{Found, search};
pub(super) use survey::Survey;
