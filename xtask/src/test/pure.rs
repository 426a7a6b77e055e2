//! The runtime by itself: compiled to wasm32 with no adapter, it must ask for nothing from outside.

use anyhow::{Context, Result, bail, ensure};
use wasmparser::{Parser, Payload};

use super::Tally;
use crate::{process, setup, workspace};

const PROBE: &str = "no-import-probe";
const TARGET: &str = "wasm32-unknown-unknown";

pub(super) fn check() -> Result<Tally> {
    check_dependencies()?;
    setup::rust::target(TARGET, "Workers run it")?;
    // By itself: built beside servers, what it shares with their adapter would have the adapter's features, and its imports.
    let mut build = workspace::patient(&workspace::cargo(&["build", "--quiet"]));
    process::run(build.args(["--package", PROBE, "--target", TARGET]))?;
    let path = workspace::target()
        .join(TARGET)
        .join("debug")
        .join(format!("{}.wasm", PROBE.replace('-', "_")));
    let module = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;

    let (imports, exports) = interface(&module)?;
    if !exports.iter().any(|name| name == "serve") {
        bail!("the probe does not export `serve`, so that it proves nothing");
    }
    if !imports.is_empty() {
        bail!(
            "the runtime asks its surroundings for {}; it must be free of I/O, a clock and randomness",
            imports.join(", ")
        );
    }
    Ok(Tally::PASSED)
}

/// An import that nothing calls is not linked. What the runtime depends on must not have a way to the outside at all.
fn check_dependencies() -> Result<()> {
    const OUTSIDE: [&str; 5] = ["getrandom", "js-sys", "wasm-bindgen", "wasi", "web-sys"];
    let mut tree =
        workspace::cargo(&["tree", "--package", "mcp-edge-runtime", "--edges", "normal"]);
    tree.args(["--prefix", "none", "--format", "{lib}", "--target", TARGET]);
    let tree = process::output(&mut tree)?;
    ensure!(
        tree.lines().any(|name| name == "serde_json"),
        "cargo does not list what the runtime depends on"
    );
    for name in OUTSIDE {
        let library = name.replace('-', "_");
        ensure!(
            tree.lines().all(|line| line != library),
            "the runtime depends on {name}; it must be free of I/O, a clock and randomness"
        );
    }
    Ok(())
}

fn interface(module: &[u8]) -> Result<(Vec<String>, Vec<String>)> {
    let mut imports = Vec::new();
    let mut exports = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    imports.push(format!("{}.{}", import.module, import.name));
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    exports.push(export?.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok((imports, exports))
}

#[cfg(test)]
mod tests {
    use super::interface;

    #[test]
    fn an_import_and_an_export_are_seen() {
        // (module (import "env" "now" (func)) (export "serve" (func 0)))
        let module = b"\0asm\x01\0\0\0\
            \x01\x04\x01\x60\0\0\
            \x02\x0b\x01\x03env\x03now\0\0\
            \x07\x09\x01\x05serve\0\0";
        let (imports, exports) = interface(module).expect("it is a module");
        assert_eq!(imports, ["env.now"]);
        assert_eq!(exports, ["serve"]);
    }
}
