//! The gateway as a process of its own. It reads its data from the folder `data`, or the one that `MCP_EDGE_DATA` names.

fn main() -> std::process::ExitCode {
    mcp_edge_gateway::main()
}
