use super::limits::{MAX_EVALUATION_DEPTH, MAX_STEPS};

/// What one validation may still do.
#[derive(Debug)]
pub(super) struct Budget {
    steps: usize,
    depth: usize,
}

/// Why a validation ended without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitExceeded {
    /// The value and the schema together lead too deep.
    TooDeep,
    /// The value takes too much work against this schema.
    TooMuchWork,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            steps: MAX_STEPS,
            depth: MAX_EVALUATION_DEPTH,
        }
    }
}

impl Budget {
    pub(super) fn spend(&mut self, steps: usize) -> Result<(), LimitExceeded> {
        self.steps = self
            .steps
            .checked_sub(steps)
            .ok_or(LimitExceeded::TooMuchWork)?;
        Ok(())
    }

    /// For work that runs over bytes faster than over values.
    pub(super) fn spend_on_text(&mut self, bytes: usize) -> Result<(), LimitExceeded> {
        self.spend(bytes.div_euclid(32))
    }

    pub(super) fn deeper<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, LimitExceeded>,
    ) -> Result<T, LimitExceeded> {
        self.descend()?;
        let result = work(self)?;
        self.ascend();
        Ok(result)
    }

    pub(super) fn descend(&mut self) -> Result<(), LimitExceeded> {
        self.depth = self.depth.checked_sub(1).ok_or(LimitExceeded::TooDeep)?;
        Ok(())
    }

    pub(super) fn ascend(&mut self) {
        self.depth = self.depth.saturating_add(1);
    }
}
