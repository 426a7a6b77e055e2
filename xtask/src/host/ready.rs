//! Waits until a server answers.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::{Host, Running};
use crate::workspace;

/// Far beyond what any host takes, so that only a server that hangs meets it.
const LIMIT: Duration = Duration::from_secs(90);

/// Returns when the server answers.
pub(super) fn wait(running: &mut Running, host: Host, port: u16) -> Result<()> {
    let deadline = Instant::now() + LIMIT;
    while !is_ready(host, port) {
        if let Some(status) = running.group.ended()? {
            bail!("it ended with {status}{}", tail(running));
        }
        if Instant::now() > deadline {
            bail!("no answer within {} s{}", LIMIT.as_secs(), tail(running));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn is_ready(host: Host, port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_secs(1)) else {
        return false;
    };
    match host {
        // They listen once they can serve, and would log a request that no test made.
        Host::Native | Host::Spin => true,
        // wrangler listens before it has started the Worker.
        Host::Workers => answers(stream).unwrap_or(false),
    }
}

fn answers(mut stream: TcpStream) -> std::io::Result<bool> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(b"GET /mcp HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut start = [0; 9];
    stream.read_exact(&mut start)?;
    Ok(&start == b"HTTP/1.1 ")
}

/// The end of the server's log, for an error message.
fn tail(running: &Running) -> String {
    const LINES: usize = 30;
    let path = running.log();
    let text = workspace::read(path).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let end = lines[lines.len().saturating_sub(LINES)..].join("\n");
    format!("; the end of {}:\n{end}", path.display())
}
