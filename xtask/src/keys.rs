//! Signing keys for tests.

use std::fs::File;
use std::io::Read;

use anyhow::{Context, Result};
use base64ct::{Base64, Encoding};

/// The setting that every host reads its keyring from.
pub const SETTING: &str = "MCP_EDGE_KEYS";

/// A keyring of one new signing key, named `id`.
pub fn fresh(id: &str) -> Result<String> {
    let mut secret = [0; 32];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut secret))
        .context("cannot read random bytes")?;
    Ok(format!("{id}:sign:{}", Base64::encode_string(&secret)))
}
