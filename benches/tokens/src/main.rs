//! `mcp-edge-bench-tokens time MILLISECONDS` prints, as JSON, how many nanoseconds each operation takes, measured for at least so
//! long; `mcp-edge-bench-tokens issue` prints an issuer's public keys and its tokens, `mcp-edge-bench-tokens many ALGORITHM
//! COUNT` tokens of as many subjects, `mcp-edge-bench-tokens event` an event; and
//! `mcp-edge-bench-tokens log COUNT LOG KEYS` writes a log of events and the public keys that it is signed with.

use std::time::{Duration, Instant};

use mcp_edge_bench_tokens::{OPERATIONS, event, issuer};
use serde_json::{Map, Value, json};

fn main() -> Result<(), String> {
    let mut arguments = std::env::args().skip(1);
    let printed = match arguments.next().as_deref() {
        Some("time") => {
            let milliseconds = arguments.next().and_then(|number| number.parse().ok());
            let milliseconds = milliseconds.ok_or("how many milliseconds?")?;
            time(Duration::from_millis(milliseconds))?
        }
        Some("issue") => issue().ok_or("the issuer has a key that does not work")?,
        Some("many") => {
            let algorithm = arguments.next().ok_or("many ALGORITHM COUNT")?;
            let count = arguments.next().and_then(|number| number.parse().ok());
            for number in 0..count.ok_or("how many tokens?")? {
                let subject = format!("00u1abcd2efGHI{number:06}");
                let token = issuer::token_of(&algorithm, &subject);
                println!("{}", token.ok_or("there is no such algorithm")?);
            }
            return Ok(());
        }
        Some("event") => {
            println!("{}", event::typical().json);
            return Ok(());
        }
        Some("log") => {
            let mut next = || arguments.next().ok_or("log COUNT LOG KEYS");
            let count = next()?.parse().map_err(|_| "how many events?")?;
            let (log, keys) = event::log(count).ok_or("the key of evidence does not work")?;
            for text in [log, keys] {
                std::fs::write(next()?, text).map_err(|error| error.to_string())?;
            }
            return Ok(());
        }
        _ => return Err("time, issue, event or log?".to_owned()),
    };
    println!("{printed}");
    Ok(())
}

fn time(least: Duration) -> Result<Value, String> {
    let mut nanoseconds = Map::new();
    for (name, operation) in OPERATIONS {
        // What takes time only once.
        operation(1);
        let mut count = 1_u32;
        // Twice as often, until it takes long enough.
        let elapsed = loop {
            let began = Instant::now();
            if operation(count) != count {
                return Err(format!("{name} failed"));
            }
            let elapsed = began.elapsed();
            if elapsed >= least {
                break elapsed;
            }
            count = count.saturating_mul(2);
        };
        let each = elapsed.as_secs_f64() * 1e9 / f64::from(count);
        nanoseconds.insert((*name).to_owned(), Value::from(each));
    }
    Ok(Value::Object(nanoseconds))
}

fn issue() -> Option<Value> {
    let mut tokens = Map::new();
    for algorithm in issuer::ALGORITHMS {
        tokens.insert(algorithm.to_owned(), issuer::token(algorithm)?.into());
    }
    Some(json!({
        "issuer": issuer::URL,
        "audience": issuer::AUDIENCE,
        "keys": issuer::keys()?,
        "tokens": tokens,
    }))
}
