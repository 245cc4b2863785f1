//! What policies allow: named cases, laws, and the search against the evaluator.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at a mistake of its own")]

#[path = "access/brute.rs"]
mod brute;
#[path = "access/compare.rs"]
mod compare;
#[path = "access/decide.rs"]
mod decide;
#[path = "access/laws.rs"]
mod laws;
#[path = "access/random.rs"]
mod random;
#[path = "access/robust.rs"]
mod robust;
#[path = "access/world.rs"]
mod world;
