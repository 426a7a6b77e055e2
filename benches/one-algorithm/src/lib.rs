//! The greeter with an issuer that signs with RS256.

use mcp_edge_bench_greeter::server;

mcp_edge::serve!(server);
