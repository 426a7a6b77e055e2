//! `cargo run -p mcp-edge-bench-one-sink` serves natively.

fn main() -> std::process::ExitCode {
    mcp_edge_bench_one_sink::main()
}
