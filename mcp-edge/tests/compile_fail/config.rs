//! A configuration that is not there.

const _: mcp_edge::config::Configuration = mcp_edge::config!("elsewhere.toml");

fn main() {}
