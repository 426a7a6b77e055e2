//! Signing keys of a developer's own machine.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;

use anyhow::{Context, Result};
use base64ct::{Base64, Encoding};

use crate::workspace;

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

/// A keyring of `cargo xtask dev`, made once and then kept under this name, so that what it signed outlives a reload.
pub fn kept(name: &str) -> Result<String> {
    let path = workspace::target_folder("dev")?.join(name);
    if path.is_file() {
        return workspace::read(&path);
    }
    let keys = fresh("dev")?;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| file.write_all(keys.as_bytes()))
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(keys)
}
