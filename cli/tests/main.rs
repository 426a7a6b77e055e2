//! The program, run as people run it, and its verifier, given logs of every kind.

mod audit;
mod commands;

// `config!` names the facade.
extern crate mcp_edge_runtime as mcp_edge;
