//! Verifies access tokens with the `jsonwebtoken` crate: `jsonwebtoken MILLISECONDS FILE`, where the file is what
//! `mcp-edge-bench-tokens issue` prints. Prints, for each algorithm, how many nanoseconds it takes, measured for at least so
//! long, as JSON.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::{Map, Value};

type Failure = Box<dyn std::error::Error>;

#[derive(Deserialize)]
struct Issued {
    issuer: String,
    audience: String,
    keys: JwkSet,
    tokens: BTreeMap<String, String>,
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let milliseconds = arguments.next().ok_or("how many milliseconds?")?;
    let least = Duration::from_millis(milliseconds.parse()?);
    let file = arguments.next().ok_or("which file?")?;
    let issued: Issued = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let keys = keys(&issued.keys)?;

    let mut nanoseconds = BTreeMap::new();
    for (algorithm, token) in &issued.tokens {
        let validation = validation(algorithm.parse()?, &issued);
        let mut count = 1_u32;
        // Twice as often, until it takes long enough.
        let elapsed = loop {
            let began = Instant::now();
            for _ in 0..count {
                black_box(verify(black_box(token), &keys, &validation)?);
            }
            let elapsed = began.elapsed();
            if elapsed >= least {
                break elapsed;
            }
            count = count.saturating_mul(2);
        };
        nanoseconds.insert(algorithm, elapsed.as_secs_f64() * 1e9 / f64::from(count));
    }
    println!("{}", serde_json::to_string(&nanoseconds)?);
    Ok(())
}

fn keys(set: &JwkSet) -> Result<BTreeMap<String, DecodingKey>, Failure> {
    let mut keys = BTreeMap::new();
    for key in &set.keys {
        let id = key.common.key_id.clone().ok_or("a key without `kid`")?;
        keys.insert(id, DecodingKey::from_jwk(key)?);
    }
    Ok(keys)
}

fn validation(algorithm: Algorithm, issued: &Issued) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.leeway = 30;
    validation.validate_nbf = true;
    validation.set_audience(&[&issued.audience]);
    validation.set_issuer(&[&issued.issuer]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation
}

fn verify(
    token: &str,
    keys: &BTreeMap<String, DecodingKey>,
    validation: &Validation,
) -> Result<Map<String, Value>, Failure> {
    let id = decode_header(token)?.kid.ok_or("a token without `kid`")?;
    let key = keys.get(&id).ok_or("a token by an unknown key")?;
    Ok(decode(token, key, validation)?.claims)
}
