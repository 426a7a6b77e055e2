//! What is in a module of wasm32: the runtime without an adapter imports nothing, and a server links what its `mcp.toml` names.

use anyhow::{Context, Result, bail, ensure};
use wasmparser::{Parser, Payload};

use super::Tally;
use crate::{process, setup, workspace};

const PROBE: &str = "no-import-probe";
const TARGET: &str = "wasm32-unknown-unknown";

/// A server whose `mcp.toml` names no sink, no issuer and no audit signing keys.
const PLAIN: &str = "hello";
/// One whose `mcp.toml` names all of them.
const WITH_ALL: &str = "audited-server";
/// Texts of what they name: receivers, their encoding, signatures, and the keys of an issuer.
const OF_DRIVERS: [&str; 6] = [
    "/services/collector/event",
    "/_bulk",
    "AWS4-HMAC-SHA256",
    "application/x-protobuf",
    "ed25519",
    "jwks_uri",
];
/// Texts of the page for people: its markup, its style, and how a client is connected; and of the Server Card: its schema, the
/// scheme of the catalog's identifiers, and the types of icons.
const OF_PAGE_AND_CARD: [&str; 6] = [
    "<!doctype html>",
    "color-scheme",
    "claude-code",
    "server-card.schema.json",
    "urn:air:",
    "image/svg+xml",
];

pub(super) fn check() -> Result<Tally> {
    check_dependencies()?;
    setup::rust::target(TARGET, "Workers run it")?;
    // Each by itself: what they share would have the features of all.
    let [probe, plain, all] = [PROBE, PLAIN, WITH_ALL].map(module);
    let (probe, plain, all) = (probe?, plain?, all?);

    let (imports, exports) = interface(&probe)?;
    if !exports.iter().any(|name| name == "serve") {
        bail!("the probe does not export `serve`, so that it proves nothing");
    }
    if !imports.is_empty() {
        bail!(
            "the runtime asks its surroundings for {}; it must be free of I/O, a clock and randomness",
            imports.join(", ")
        );
    }
    check_linked((PROBE, &probe), (PLAIN, &plain), &OF_PAGE_AND_CARD)?;
    check_linked((PLAIN, &plain), (WITH_ALL, &all), &OF_DRIVERS)?;
    Ok(Tally::PASSED)
}

/// The module of a package, compiled as for a deployment, so that little is compiled for this alone.
fn module(package: &str) -> Result<Vec<u8>> {
    let mut build = workspace::at_low_priority(&workspace::cargo(&[
        "build",
        "--quiet",
        "--release",
        "--lib",
    ]));
    process::run(build.args(["--package", package, "--target", TARGET]))?;
    let path = workspace::target()
        .join(TARGET)
        .join("release")
        .join(format!("{}.wasm", package.replace('-', "_")));
    std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
}

/// Settings are constants that name their drivers, so what no setting names is not linked. Its texts are looked for in the module
/// of a package that must not have them, and in that of another that has.
fn check_linked(without: (&str, &[u8]), with: (&str, &[u8]), texts: &[&str]) -> Result<()> {
    for text in texts {
        ensure!(
            has(with.1, text),
            "{} does not have `{text}`, so that it proves nothing that {} has not",
            with.0,
            without.0
        );
        ensure!(
            !has(without.1, text),
            "{} links what has `{text}`, which its configuration does not ask for; something other than a setting names it",
            without.0
        );
    }
    Ok(())
}

fn has(module: &[u8], text: &str) -> bool {
    let mut windows = module.windows(text.len());
    windows.any(|window| window == text.as_bytes())
}

/// A package, and the libraries that it must not depend on, directly or through others.
struct Apart {
    package: &'static str,
    libraries: &'static [&'static str],
    why: &'static str,
}

const APART: [Apart; 3] = [
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
    // A server whose issuers use every algorithm.
    Apart {
        package: "guarded-server",
        libraries: &["p256", "p384", "ring", "rsa"],
        why: "WebCrypto verifies on Workers",
    },
];

fn check_dependencies() -> Result<()> {
    for apart in &APART {
        let mut tree = workspace::cargo(&["tree", "--package", apart.package, "--edges", "normal"]);
        tree.args(["--prefix", "none", "--format", "{lib}"]);
        // The verifier runs natively.
        if apart.package != "mcp-edge-verify" {
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
    use super::{APART, check_linked, interface};

    #[test]
    fn what_no_setting_names_is_found() {
        let check = |without: &[u8], with: &[u8]| {
            check_linked(("hello", without), ("all", with), &["one", "two"])
        };
        assert!(check(b"something", b"two one").is_ok());
        assert!(check(b"something two", b"two one").is_err());
        // A text that nothing has proves nothing.
        assert!(check(b"something", b"one").is_err());
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
