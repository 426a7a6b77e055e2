//! What the macros say about mistakes. `MCP_EDGE_BLESS=1` rewrites the expected texts.
//!
//! The compiler is given a library that cargo has compiled. trybuild would have cargo check every dependency of it again,
//! in a target directory of its own, which takes minutes.
#![allow(clippy::expect_used, clippy::panic)]

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

const FOLDER: &str = "tests/compile_fail";

/// The folder where cargo has put this test, and what it depends on.
fn dependencies() -> PathBuf {
    let test = std::env::current_exe().expect("this test is a file");
    test.parent().expect("it is in a folder").to_owned()
}

/// The library that was compiled last, and that this compiler can use: other selections of packages, and other compilers, leave
/// theirs in the same folder.
fn library() -> PathBuf {
    let is_library = |path: &PathBuf| {
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        name.starts_with("libmcp_edge-") && name.ends_with(".rlib")
    };
    let mut libraries: Vec<_> = std::fs::read_dir(dependencies())
        .expect("dependencies are files")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(is_library)
        .collect();
    libraries.sort_by_key(|path| path.metadata().and_then(|data| data.modified()).ok());
    let good = Path::new(env!("CARGO_TARGET_TMPDIR")).join("good.rs");
    std::fs::write(&good, "use mcp_edge as _;\nfn main() {}\n").expect("a file can be written");
    let usable = libraries
        .into_iter()
        .rev()
        .find(|library| compile(&good, library).is_ok());
    usable.expect("cargo has compiled the library")
}

/// Compiles a program that depends on `library`; the error is what the compiler says.
fn compile(source: &Path, library: &Path) -> Result<(), String> {
    let option = |name: &str, path: &Path| {
        let mut option = OsString::from(name);
        option.push(path);
        option
    };
    let compiled = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR"))
        .args(["--edition=2024", "--emit=metadata", "--out-dir"])
        .arg(env!("CARGO_TARGET_TMPDIR"))
        .arg("--extern")
        .arg(option("mcp_edge=", library))
        .arg("-L")
        .arg(option("dependency=", &dependencies()))
        .arg(source)
        .output()
        .expect("there is a compiler");
    match compiled.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8(compiled.stderr).expect("the compiler writes text")),
    }
}

/// What the compiler says about a source file that must not compile.
fn complaints(source: &Path, library: &Path) -> String {
    let said = compile(source, library).expect_err("it compiles");
    let end = said.find("error: aborting due to").unwrap_or(said.len());
    let said = said.get(..end).unwrap_or_default();
    format!("{}\n", said.trim_end())
}

#[test]
fn mistakes_are_explained() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
    let library = library();
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).expect("there are cases") {
        let path = entry.expect("a case can be read").path();
        if path.extension() != Some(OsStr::new("rs")) {
            continue;
        }
        cases += 1;
        let name = path.file_name().unwrap_or_default();
        let said = complaints(&Path::new(FOLDER).join(name), &library);
        let golden = path.with_extension("stderr");
        if std::env::var_os("MCP_EDGE_BLESS").is_some() {
            std::fs::write(&golden, &said).expect("the expected text can be written");
        }
        let expected = std::fs::read_to_string(&golden).unwrap_or_default();
        assert_eq!(said, expected, "{}", path.display());
    }
    assert!(cases > 0, "there are no cases");
}
