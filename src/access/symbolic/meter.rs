//! Work that may still be spent: counted, never timed, so that equal input gives equal answers.

/// Spends a budget.
#[derive(Debug)]
pub(crate) struct Meter {
    left: u64,
}

/// The budget is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exhausted;

impl Meter {
    /// A meter with this many steps.
    pub(crate) fn new(steps: u64) -> Meter {
        Meter { left: steps }
    }

    /// Pays for steps, or says that they cannot be paid.
    pub(crate) fn spend(&mut self, steps: usize) -> Result<(), Exhausted> {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        match self.left.checked_sub(steps) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                self.left = 0;
                Err(Exhausted)
            }
        }
    }
}
