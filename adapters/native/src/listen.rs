//! Where the server listens.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};

const VARIABLE: &str = "MCP_EDGE_LISTEN";
/// The port alone, as platforms that run containers assign it.
const PORT_VARIABLE: &str = "PORT";
const DEFAULT_PORT: u16 = 8787;

/// The address that `--listen` or the variables name, and otherwise a loopback address.
///
/// # Errors
///
/// A sentence that says what to change.
pub(crate) fn address(option: Option<&str>) -> Result<SocketAddr, String> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let (listen, port) = (variable(VARIABLE), variable(PORT_VARIABLE));
    choose(option, listen.as_deref(), port.as_deref())
}

fn choose(
    option: Option<&str>,
    listen: Option<&str>,
    port: Option<&str>,
) -> Result<SocketAddr, String> {
    let named = option.map(|text| ("--listen", text));
    let named = named.or_else(|| listen.map(|text| (VARIABLE, text)));
    if let Some(Ok(address)) = named.map(|(_, text)| text.parse()) {
        return Ok(address);
    }
    let ip = match named {
        None => Ipv4Addr::LOCALHOST.into(),
        Some((name, text)) => text.parse::<IpAddr>().map_err(|_| {
            format!("{name} is `{text}`; it must be an IP address with or without a port, as in 127.0.0.1:{DEFAULT_PORT}")
        })?,
    };
    let port = match port {
        None => DEFAULT_PORT,
        Some(text) => text.parse().map_err(|_| {
            format!("{PORT_VARIABLE} is `{text}`; it must be a port from 0 to 65535")
        })?,
    };
    Ok(SocketAddr::new(ip, port))
}

/// Listens there; otherwise a sentence that says what to change.
pub(crate) fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    let listener = TcpListener::bind(address).map_err(|error| {
        format!(
            "cannot listen on {address}: {error}; choose another address with --listen or {VARIABLE}"
        )
    })?;
    listener
        .set_nonblocking(true)
        .map_err(|error| format!("cannot listen on {address}: {error}"))?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_never_leaves_the_loopback_address() {
        for (option, listen, port, expected) in [
            (None, None, None, "127.0.0.1:8787"),
            (None, None, Some("9000"), "127.0.0.1:9000"),
            (None, Some("0.0.0.0"), Some("9000"), "0.0.0.0:9000"),
            (None, Some("0.0.0.0"), None, "0.0.0.0:8787"),
            (None, Some("0.0.0.0:80"), Some("9000"), "0.0.0.0:80"),
            (Some("[::1]:1"), Some("0.0.0.0:80"), Some("9000"), "[::1]:1"),
            (Some("::"), Some("0.0.0.0:80"), Some("9000"), "[::]:9000"),
        ] {
            let address = choose(option, listen, port).map(|address| address.to_string());
            assert_eq!(address.as_deref(), Ok(expected));
        }
    }

    #[test]
    fn names_the_setting_that_holds_no_address() {
        for (option, listen, port, name) in [
            (Some("8787"), None, None, "--listen"),
            (None, Some("localhost:1"), None, "MCP_EDGE_LISTEN"),
            (None, None, Some("0.0.0.0:80"), "PORT"),
        ] {
            let error = choose(option, listen, port).unwrap_err();
            assert!(error.starts_with(&format!("{name} is `")), "{error}");
        }
    }
}
