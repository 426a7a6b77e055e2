//! Ports for servers.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};

/// Below those from which systems take the near end of an outgoing connection, so that no client has one by the time that
/// its server starts.
const PORTS: Range<u16> = 20_000..30_000;
/// How many a process takes at once.
const BLOCK: u16 = 200;

/// Ports that no other process hands out. The process that listens on the first has the block.
struct Block {
    _claim: TcpListener,
    rest: Range<u16>,
}

/// Those of this process. They are kept to its end: a port that is free for a moment may still be in use.
static BLOCKS: Mutex<Vec<Block>> = Mutex::new(Vec::new());

/// A port on 127.0.0.1 that no process listens on now, and that is handed out once.
pub fn free_port() -> Result<u16> {
    let mut blocks = BLOCKS.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let rest = blocks.last_mut().map(|block| &mut block.rest);
        if let Some(free) = rest.and_then(|rest| rest.find(|port| is_free(*port))) {
            return Ok(free);
        }
        blocks.push(Block::claim()?);
    }
}

impl Block {
    fn claim() -> Result<Self> {
        let mut firsts = PORTS.step_by(BLOCK.into());
        firsts
            .find_map(|first| {
                Some(Self {
                    _claim: TcpListener::bind((Ipv4Addr::LOCALHOST, first)).ok()?,
                    rest: first + 1..first + BLOCK,
                })
            })
            .with_context(|| {
                format!(
                    "there is no free port from {} to {}",
                    PORTS.start, PORTS.end
                )
            })
    }
}

/// Whether no process listens there. It is not tried by listening: a process that another thread starts meanwhile would have
/// the port for an instant.
pub(super) fn is_free(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_allocated_once() -> Result<()> {
        let mut ports = (0..2 * BLOCK)
            .map(|_| free_port())
            .collect::<Result<Vec<_>>>()?;
        let count = ports.len();
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), count);
        Ok(())
    }

    #[test]
    fn a_block_is_claimed_once() -> Result<()> {
        let (one, other) = (Block::claim()?, Block::claim()?);
        assert_ne!(one.rest, other.rest);
        Ok(())
    }
}
