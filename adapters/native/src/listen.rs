//! Where the server listens.

use std::net::{SocketAddr, TcpListener};

const VARIABLE: &str = "MCP_EDGE_LISTEN";
const DEFAULT: &str = "127.0.0.1:8787";

/// The address that `MCP_EDGE_LISTEN` names; otherwise a sentence that says what to change.
pub(crate) fn address() -> Result<SocketAddr, String> {
    let address = std::env::var(VARIABLE).unwrap_or_else(|_| DEFAULT.to_owned());
    address.parse().map_err(|_| {
        format!("{VARIABLE} is `{address}`; it must be an address and a port, as in {DEFAULT}")
    })
}

/// Listens there; otherwise a sentence that says what to change.
pub(crate) fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    let listener = TcpListener::bind(address).map_err(|error| {
        format!("cannot listen on {address}: {error}; choose another address with {VARIABLE}")
    })?;
    listener
        .set_nonblocking(true)
        .map_err(|error| format!("cannot listen on {address}: {error}"))?;
    Ok(listener)
}
