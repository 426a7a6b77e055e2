//! The greeter with every sink that leaves a host by HTTP.

use mcp_edge_bench_greeter::server;

mcp_edge::serve!(server);
