//! Makes a module of each page of `docs/` with Rust: its blocks, in order, each line at the place that it has on the page.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    println!("cargo::rerun-if-changed={}", docs.display());
    let mut modules = String::new();
    for folder in ["guide", "reference"] {
        for entry in fs::read_dir(docs.join(folder))? {
            let path = entry?.path();
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            if path.extension().is_none_or(|extension| extension != "md") {
                continue;
            }
            let Some(code) = rust_of(&fs::read_to_string(&path)?) else {
                continue;
            };
            let name = stem.replace('-', "_");
            let file = out.join(format!("{name}.rs"));
            fs::write(&file, code)?;
            // A raw string: the path may have backslashes.
            let _ = writeln!(modules, "#[path = r\"{}\"]\nmod {name};", file.display());
        }
    }
    fs::write(out.join("pages.rs"), modules)
}

/// The blocks ```` ```rust ```` of a page, with empty lines in place of everything else. A block with another word is not
/// compiled.
fn rust_of(page: &str) -> Option<String> {
    let mut code = String::new();
    let (mut is_open, mut is_rust, mut is_found) = (false, false, false);
    for line in page.lines() {
        let trimmed = line.trim();
        if trimmed.starts_with("```") {
            is_open = !is_open;
            is_rust = is_open && trimmed == "```rust";
            is_found |= is_rust;
        } else if is_rust {
            code.push_str(line);
        }
        code.push('\n');
    }
    is_found.then_some(code)
}
