//! `cargo run -p mcp-edge-bench-all-sinks` serves natively.

fn main() -> std::process::ExitCode {
    mcp_edge_bench_all_sinks::main()
}
