//! Access tokens to measure with, and what verifying them costs.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::aim::figure;
use super::report::table;
use super::tokens::{PACKAGE, Rounds, Times, microseconds};
use crate::{process, workspace};

const ALGORITHMS: [&str; 9] = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA",
];

/// One of each length that a token's signature can have.
const LENGTHS: [&str; 3] = ["RS256", "ES384", "EdDSA"];

/// Has tokens issued by the program, which was built before, and returns the file that they are in, with their issuer's keys.
pub(super) fn issue() -> Result<PathBuf> {
    let program = workspace::target().join("release").join(PACKAGE);
    let issued = process::output(Command::new(program).arg("issue"))?;
    let path = workspace::target_folder("bench")?.join("access-tokens.json");
    workspace::write(&path, &issued)?;
    Ok(path)
}

/// A file of so many Authorization headers with tokens of `algorithm`, each of another subject.
pub(super) fn authorizations(algorithm: &str, count: usize) -> Result<PathBuf> {
    let program = workspace::target().join("release").join(PACKAGE);
    let count = count.to_string();
    let issued = process::output(Command::new(program).args(["many", algorithm, &count]))?;
    let lines: String = issued
        .lines()
        .map(|token| format!("Bearer {token}\n"))
        .collect();
    let name = format!("{algorithm}-{count}.txt");
    let path = workspace::target_folder("bench")?.join(name);
    workspace::write(&path, &lines)?;
    Ok(path)
}

/// The Authorization header of a caller whose token the guarded servers accept.
pub(super) fn authorization() -> Result<String> {
    let issued: Value = serde_json::from_str(&workspace::read(&issue()?)?)?;
    let token = issued["tokens"]["RS256"].as_str().context("no token")?;
    Ok(format!("Bearer {token}"))
}

/// The figures, with a heading of their own.
pub(super) fn text(times: &Times) -> String {
    format!(
        "
## Access tokens

What it costs to verify an access token that is seen for the first time, its issuer's keys being at hand, as a multiple of
what opening a session token costs there (above), and, natively, of what the `jsonwebtoken` crate takes for it on the same
cryptography:

{}
And what it costs to recognize one among the remembered tokens, which depends on the length of its signature alone; every
RSA key here makes one of 256 bytes, and ES256 one as long as EdDSA's:

{}",
        first(times),
        remembered(times),
    )
}

fn first(times: &Times) -> String {
    let heads = [
        "",
        "natively",
        "over a session token",
        "over `jsonwebtoken`",
        "in wasm",
        "over a session token",
        "wasm over native",
    ];
    let rows = ALGORITHMS.map(|algorithm| {
        let key = format!("first_{}", algorithm.to_lowercase());
        let native = microseconds(&times.natively, &key);
        let wasm = microseconds(&times.in_wasm, &key);
        let reference = microseconds(&times.by_jsonwebtoken, algorithm);
        vec![
            algorithm.to_owned(),
            figure(native, "µs"),
            figure(native / session(&times.natively), ""),
            figure(native / reference, ""),
            figure(wasm, "µs"),
            figure(wasm / session(&times.in_wasm), ""),
            figure(wasm / native, ""),
        ]
    });
    table(&heads.map(str::to_owned), rows)
}

fn remembered(times: &Times) -> String {
    let heads = [
        "",
        "natively",
        "over a session token",
        "first time over it",
        "in wasm",
        "over a session token",
        "first time over it",
    ];
    let rows = LENGTHS.map(|algorithm| {
        let name = algorithm.to_lowercase();
        let mut row = vec![algorithm.to_owned()];
        for rounds in [&times.natively, &times.in_wasm] {
            let again = microseconds(rounds, &format!("remembered_{name}"));
            let first = microseconds(rounds, &format!("first_{name}"));
            row.extend([
                figure(again, "µs"),
                figure(again / session(rounds), ""),
                figure(first / again, ""),
            ]);
        }
        row
    });
    table(&heads.map(str::to_owned), rows)
}

/// What opening a session token takes, in microseconds.
fn session(rounds: &Rounds) -> f64 {
    microseconds(rounds, "open_session")
}
