//! What a run is asked for beside its sources.

use crate::verify::{Memory, OutsideRules};

/// What a run is asked for beside its sources.
#[derive(Default)]
pub struct Options<'a> {
    /// The day of the run, `YYYY-MM-DD`; waivers end by it.
    pub today: String,
    /// Whether templates are judged; benches compile without.
    pub verify: bool,
    /// Rules of a user.
    pub outside: Option<OutsideRules<'a>>,
    /// What earlier runs found about the same texts.
    pub memory: Option<Memory<'a>>,
}
