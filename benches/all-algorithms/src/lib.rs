//! The greeter with an issuer that may sign with every algorithm.

use mcp_edge_bench_greeter::server;

mcp_edge::serve!(server);
