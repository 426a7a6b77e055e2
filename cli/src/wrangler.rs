//! Wrangler's own file.

use std::path::{Path, PathBuf};

/// Its names. Wrangler reads the first that is there.
const FILES: [&str; 3] = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"];

/// The file in `folder` that Wrangler reads, or would read if it were there.
pub(crate) fn file(folder: &Path) -> PathBuf {
    let mut files = FILES.iter().map(|name| folder.join(name));
    files
        .find(|path| path.exists())
        .unwrap_or_else(|| folder.join("wrangler.toml"))
}
