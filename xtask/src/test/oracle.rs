//! Requests are valid in the eyes of a validator that is not ours.

use anyhow::Result;

use super::stages::Scope;
use super::{Session, Tally};
use crate::corpus::PROGRAM;
use crate::oracle::{Scale, Servers};

pub(super) fn check(session: &Session) -> Result<Tally> {
    let scale = match session.scope {
        Scope::Full => Scale::FULL,
        Scope::Fast | Scope::Usual => Scale::SAMPLE,
    };
    let mut program = session.builds.native()?.program(PROGRAM)?;
    let servers = Servers::start()?;
    Tally::of_tests(servers.add_to(&mut program, scale))
}
