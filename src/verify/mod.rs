//! Judgement of compiled templates: the checks and what they need.

pub mod guard;
pub mod provider_schema;
