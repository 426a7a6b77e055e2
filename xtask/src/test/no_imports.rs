//! What is in a module of wasm32: the runtime without an adapter imports nothing, and a server links what its `mcp.toml` names.

use anyhow::{Context, Result, bail, ensure};
use wasmparser::{Parser, Payload};

use super::Tally;
use crate::{process, setup, workspace};

const PROBE: &str = "no-import-probe";
const TARGET: &str = "wasm32-unknown-unknown";

/// A server whose `mcp.toml` names no sink, no issuer and no keys of evidence.
const PLAIN: &str = "hello";
/// What every server links: without it, there are no names to look at.
const LINKED: &str = "mcp_edge_runtime";
/// What such a server does not: the sinks and their encoding, and what verifies or makes signatures.
const NOT_LINKED: [&str; 6] = [
    "mcp_edge_sinks",
    "mcp_edge_envelope",
    "prost",
    "ed25519_dalek",
    "3rsa",
    "p384",
];
/// Texts of the page for people: its markup, its style, and how a client is connected. A server without a page does not link
/// them.
const OF_THE_PAGE: [&str; 3] = ["<!doctype html>", "color-scheme", "claude-code"];

pub(super) fn check() -> Result<Tally> {
    check_dependencies()?;
    setup::rust::target(TARGET, "Workers run it")?;
    // By itself: built beside servers, what it shares with their adapter would have the adapter's features, and its imports.
    let module = module(PROBE)?;

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
    check_linked(PROBE, &module, &[], &OF_THE_PAGE)?;
    let plain = self::module(PLAIN)?;
    check_linked(PLAIN, &plain, &NOT_LINKED, &[])?;
    for text in OF_THE_PAGE {
        ensure!(
            has(&plain, text),
            "{PLAIN} has a page and not `{text}`, so that it proves nothing that {PROBE} does not have it"
        );
    }
    Ok(Tally::PASSED)
}

/// The module of a package, with the names of its functions.
fn module(package: &str) -> Result<Vec<u8>> {
    let mut build = workspace::patient(&workspace::cargo(&["build", "--quiet", "--lib"]));
    process::run(build.args(["--package", package, "--target", TARGET]))?;
    let path = workspace::target()
        .join(TARGET)
        .join("debug")
        .join(format!("{}.wasm", package.replace('-', "_")));
    std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
}

/// Settings are constants that name their drivers, so what no setting names is not linked: neither its functions nor its texts.
fn check_linked(package: &str, module: &[u8], functions: &[&str], texts: &[&str]) -> Result<()> {
    let names = names(module)?;
    ensure!(
        has(names, LINKED),
        "the module of {package} has no names, so that it proves nothing"
    );
    let functions = functions.iter().find(|name| has(names, name));
    let texts = texts.iter().find(|text| has(module, text));
    if let Some(linked) = functions.or(texts) {
        bail!(
            "{package} links `{linked}`, which its configuration does not ask for; something other than a setting names it"
        );
    }
    Ok(())
}

fn has(bytes: &[u8], text: &str) -> bool {
    let mut windows = bytes.windows(text.len());
    windows.any(|window| window == text.as_bytes())
}

/// The names of functions, as the linker wrote them.
fn names(module: &[u8]) -> Result<&[u8]> {
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::CustomSection(section) = payload?
            && section.name() == "name"
        {
            return Ok(section.data());
        }
    }
    Ok(&[])
}

/// A package, and the libraries that it must not depend on, directly or through others.
struct Apart {
    package: &'static str,
    libraries: &'static [&'static str],
    why: &'static str,
}

const APART: [Apart; 2] = [
    // An import that nothing calls is not linked. What the runtime depends on must not have a way to the outside at all.
    Apart {
        package: "mcp-edge-runtime",
        libraries: &["getrandom", "js_sys", "wasm_bindgen", "wasi", "web_sys"],
        why: "it must be free of I/O, a clock and randomness",
    },
    // An auditor's program must not have to be trusted with more than what it does.
    Apart {
        package: "mcp-edge-verify",
        libraries: &["mcp_edge_runtime", "mcp_edge_sinks", "mcp_edge_config"],
        why: "a log verifier must not link the request path",
    },
];

fn check_dependencies() -> Result<()> {
    for apart in &APART {
        let mut tree = workspace::cargo(&["tree", "--package", apart.package, "--edges", "normal"]);
        tree.args(["--prefix", "none", "--format", "{lib}"]);
        if apart.package == "mcp-edge-runtime" {
            tree.args(["--target", TARGET]);
        }
        apart.check(&process::output(&mut tree)?)?;
    }
    Ok(())
}

impl Apart {
    /// Looks for the libraries in what `cargo tree` lists.
    fn check(&self, tree: &str) -> Result<()> {
        ensure!(
            tree.lines().any(|name| name == "serde_json"),
            "cargo does not list what {} depends on",
            self.package
        );
        for name in self.libraries {
            ensure!(
                tree.lines().all(|line| line != *name),
                "{} depends on {name}; {}",
                self.package,
                self.why
            );
        }
        Ok(())
    }
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
    use super::{APART, NOT_LINKED, check_linked, interface};

    /// A module that has nothing but a name section with this text.
    fn named(text: &str) -> Vec<u8> {
        let length = u8::try_from(text.len() + 5).expect("a short text");
        let mut module = b"\0asm\x01\0\0\0\0".to_vec();
        module.push(length);
        module.extend(b"\x04name");
        module.extend(text.as_bytes());
        module
    }

    #[test]
    fn functions_of_what_is_not_configured_are_found() {
        let runtime = "_ZN16mcp_edge_runtime5serve";
        let check = |module: &[u8]| check_linked("hello", module, &NOT_LINKED, &["<!doctype"]);
        assert!(check(&named(runtime)).is_ok());
        for other in [
            "_ZN14mcp_edge_sinks5start",
            "_ZN5prost6encode",
            "_ZN3rsa6verify",
            "<!doctype html>",
        ] {
            let error = check(&named(&format!("{runtime} {other}")));
            assert!(error.is_err(), "{other}");
        }
        // Nothing can be seen in a module without names.
        assert!(check(&named("")).is_err());
        assert!(check(b"\0asm\x01\0\0\0").is_err());
    }

    #[test]
    fn a_dependency_that_a_package_must_not_have_is_found() {
        for apart in &APART {
            assert!(apart.check("anything\nserde_json\n").is_ok());
            assert!(apart.check("").is_err(), "nothing is listed");
            for name in apart.libraries {
                let error = apart.check(&format!("serde_json\n{name}\n"));
                assert!(error.is_err(), "{name}");
            }
        }
    }

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
