//! Prints, for each operation, how many nanoseconds it takes, as JSON: `mcp-edge-bench-tokens COUNT`.

use std::time::Instant;

use mcp_edge_bench_tokens::OPERATIONS;
use serde_json::{Map, Value};

fn main() -> Result<(), String> {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok());
    let count: u32 = count.ok_or("how often?")?;
    let mut nanoseconds = Map::new();
    for (name, operation) in OPERATIONS {
        let began = Instant::now();
        if operation(count) != count {
            return Err(format!("{name} failed"));
        }
        let each = began.elapsed().as_secs_f64() * 1e9 / f64::from(count);
        nanoseconds.insert((*name).to_owned(), Value::from(each));
    }
    println!("{}", Value::Object(nanoseconds));
    Ok(())
}
