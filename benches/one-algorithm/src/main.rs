//! `cargo run -p mcp-edge-bench-one-algorithm` serves natively.

fn main() -> std::process::ExitCode {
    mcp_edge_bench_one_algorithm::main()
}
