//! The command line of `mcp-edge audit`.

use clap::{Args, Subcommand};

use super::{seal, verify};
use crate::outcome::{Failure, Outcome};

/// Verifies an audit log, or appends it to a sealed log
///
/// A server links its events into chains and signs them, so that a verifier with the log and the server's public keys can tell
/// whether something is missing or was changed.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    step: Step,
}

#[derive(Subcommand)]
enum Step {
    Verify(verify::Arguments),
    Key(seal::MakeKey),
    Seal(seal::Seal),
    Prove(seal::Prove),
    Check(seal::Check),
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge audit verify --keys https://mcp.example.com/.well-known/jwks.json events.ndjson
  $ mcp-edge audit seal --log sealed --key log.key events.ndjson";

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    match &arguments.step {
        Step::Verify(arguments) => verify::run(arguments),
        Step::Key(arguments) => seal::make_key(arguments),
        Step::Seal(arguments) => seal::seal(arguments),
        Step::Prove(arguments) => seal::prove(arguments),
        Step::Check(arguments) => seal::check(arguments),
    }
}
