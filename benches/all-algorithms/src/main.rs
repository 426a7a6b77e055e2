//! `cargo run -p mcp-edge-bench-all-algorithms` serves natively.

fn main() -> std::process::ExitCode {
    mcp_edge_bench_all_algorithms::main()
}
