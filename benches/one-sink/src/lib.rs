//! The greeter with a sink for its events.

use mcp_edge_bench_greeter::server;

mcp_edge::serve!(server);
