//! Where the server listens.

use std::net::{SocketAddr, TcpListener};

const VARIABLE: &str = "MCP_EDGE_LISTEN";
const DEFAULT: &str = "127.0.0.1:8787";

/// Binds the address that `MCP_EDGE_LISTEN` names; otherwise a sentence that says what to change.
pub(crate) fn bind() -> Result<TcpListener, String> {
    let address = std::env::var(VARIABLE).unwrap_or_else(|_| DEFAULT.to_owned());
    let parsed: SocketAddr = address.parse().map_err(|_| {
        format!("{VARIABLE} is `{address}`; it must be an address and a port, as in {DEFAULT}")
    })?;
    let listener = TcpListener::bind(parsed).map_err(|error| {
        format!("cannot listen on {parsed}: {error}; choose another address with {VARIABLE}")
    })?;
    listener
        .set_nonblocking(true)
        .map_err(|error| format!("cannot listen on {parsed}: {error}"))?;
    Ok(listener)
}
