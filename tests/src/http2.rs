//! HTTP/2 by hand, as far as a test needs it to misbehave: one request after another on one connection without TLS, with prior
//! knowledge (RFC 9113, 3.3). Header fields are sent as literals without indexing (RFC 7541, 6.2.2).

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::request::Request;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// A server that does not answer for so long is stuck.
const PATIENCE: Duration = Duration::from_secs(120);

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// SETTINGS_INITIAL_WINDOW_SIZE.
const INITIAL_WINDOW: u16 = 4;

/// A connection. Dropping it hangs up.
#[derive(Debug)]
pub struct Http2 {
    stream: TcpStream,
    next: u32,
}

impl Http2 {
    /// Connects, and lets the server send `window` bytes of each answer before it must wait; 65,535 without one.
    pub fn connect(authority: &str, window: Option<u32>) -> Result<Self> {
        let mut stream = TcpStream::connect(authority)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(PREFACE)?;
        let mut connection = Self { stream, next: 1 };
        let mut settings = Vec::new();
        if let Some(window) = window {
            settings.extend(INITIAL_WINDOW.to_be_bytes());
            settings.extend(window.to_be_bytes());
        }
        connection.write(SETTINGS, 0, 0, &settings)?;
        Ok(connection)
    }

    /// Sends a request for `/mcp` of `authority`, and reads on until the status of the answer is there.
    pub fn status(&mut self, authority: &str, request: &Request) -> Result<u16> {
        let number = self.next;
        self.next += 2;
        let mut block = Vec::new();
        let pseudo = [
            (":method", "POST"),
            (":scheme", "http"),
            (":authority", authority),
            (":path", "/mcp"),
        ];
        for (name, value) in pseudo {
            literal(&mut block, name, value.as_bytes());
        }
        for (name, value) in &request.headers {
            literal(&mut block, &name.to_ascii_lowercase(), value);
        }
        self.write(HEADERS, END_HEADERS, number, &block)?;
        let body = request.message().to_string();
        self.write(DATA, END_STREAM, number, body.as_bytes())?;
        loop {
            let (kind, stream, payload) = self.read()?;
            match kind {
                GOAWAY => bail!("the server ends the connection"),
                RST_STREAM if stream == number => bail!("the server resets the stream"),
                HEADERS if stream == number => return status(&payload),
                _ => {}
            }
        }
    }

    fn write(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Result<()> {
        let length = u32::try_from(payload.len())?;
        let mut frame = length.to_be_bytes()[1..].to_vec();
        frame.extend([kind, flags]);
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        self.stream.write_all(&frame)?;
        Ok(())
    }

    fn read(&mut self) -> Result<(u8, u32, Vec<u8>)> {
        let mut head = [0; 9];
        self.stream.read_exact(&mut head).context("no frame")?;
        let [a, b, c, kind, _, stream @ ..] = head;
        let mut payload = vec![0; usize::try_from(u32::from_be_bytes([0, a, b, c]))?];
        self.stream.read_exact(&mut payload)?;
        Ok((kind, u32::from_be_bytes(stream), payload))
    }
}

fn literal(block: &mut Vec<u8>, name: &str, value: &[u8]) {
    block.push(0);
    for text in [name.as_bytes(), value] {
        length(block, text.len());
        block.extend(text);
    }
}

/// An integer with a prefix of seven bits (RFC 7541, 5.1), which also says that the text is not Huffman-coded.
fn length(block: &mut Vec<u8>, length: usize) {
    let Some(mut rest) = length.checked_sub(127) else {
        block.extend(u8::try_from(length));
        return;
    };
    block.push(127);
    while rest >= 128 {
        block.push((rest % 128) as u8 | 128);
        rest /= 128;
    }
    block.push(rest as u8);
}

/// The status in a block of header fields, if it comes first and is one of the static table (RFC 7541, A).
fn status(block: &[u8]) -> Result<u16> {
    const KNOWN: [(u8, u16); 7] = [
        (8, 200),
        (9, 204),
        (10, 206),
        (11, 304),
        (12, 400),
        (13, 404),
        (14, 500),
    ];
    let first = block.first().context("no header fields")?;
    ensure!(
        first & 128 != 0,
        "a status that the static table does not have"
    );
    let known = KNOWN.iter().find(|(index, _)| *index == first & 127);
    known.map(|(_, status)| *status).context("no status")
}
