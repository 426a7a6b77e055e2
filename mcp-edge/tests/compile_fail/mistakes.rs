//! A configuration with several mistakes, in the place where `serve!` has it.

static CONFIGURATION: &mcp_edge::config::Configuration =
    &const { mcp_edge::config!("tests/compile_fail/mistakes.toml") };

fn main() {}
