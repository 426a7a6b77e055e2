//! The body of a response, as it arrives.

use std::io::Read;
use std::net::TcpStream;

use anyhow::{Context, Result, bail};

/// Where a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    Length(usize),
    Chunked,
    UntilClose,
}

impl Framing {
    pub(crate) fn of(headers: &[(String, String)], status: u16) -> Result<Self> {
        let value = |name| {
            headers
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.as_str())
        };
        if value("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
            return Ok(Self::Chunked);
        }
        match value("content-length") {
            Some(length) => Ok(Self::Length(length.parse().context("a bad length")?)),
            None if status == 204 => Ok(Self::Length(0)),
            None => Ok(Self::UntilClose),
        }
    }
}

/// A body and what is known of its end.
#[derive(Debug)]
pub(crate) struct ResponseBody {
    stream: TcpStream,
    raw: Vec<u8>,
    framing: Framing,
    decoded: Vec<u8>,
    ended: bool,
}

impl ResponseBody {
    pub(crate) fn new(stream: TcpStream, raw: Vec<u8>, framing: Framing) -> Self {
        Self {
            stream,
            raw,
            framing,
            decoded: Vec::new(),
            ended: false,
        }
    }

    pub(crate) fn into_stream(self) -> TcpStream {
        self.stream
    }

    pub(crate) fn read_to_end(&mut self) -> Result<Vec<u8>> {
        self.decode()?;
        while !self.ended {
            self.read_more()?;
        }
        Ok(std::mem::take(&mut self.decoded))
    }

    pub(crate) fn next_line(&mut self) -> Result<Option<String>> {
        self.decode()?;
        loop {
            if let Some(end) = self.decoded.iter().position(|byte| *byte == b'\n') {
                let rest = self.decoded.split_off(end + 1);
                let line = std::mem::replace(&mut self.decoded, rest);
                let line = String::from_utf8(line).context("a line that is not UTF-8")?;
                return Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()));
            }
            if self.ended {
                if self.decoded.is_empty() {
                    return Ok(None);
                }
                bail!("the last line is not whole");
            }
            self.read_more()?;
        }
    }

    fn read_more(&mut self) -> Result<()> {
        let mut buffer = [0; 4096];
        let read = self.stream.read(&mut buffer).context("a body that stops")?;
        if read == 0 {
            if self.framing != Framing::UntilClose {
                bail!("the connection ended before the body did");
            }
            self.ended = true;
        }
        self.raw
            .extend_from_slice(buffer.get(..read).unwrap_or_default());
        self.decode()
    }

    fn decode(&mut self) -> Result<()> {
        match &mut self.framing {
            Framing::UntilClose => self.decoded.append(&mut self.raw),
            Framing::Length(left) => {
                *left = left
                    .checked_sub(self.raw.len())
                    .context("more body than was promised")?;
                self.decoded.append(&mut self.raw);
                self.ended = *left == 0;
            }
            Framing::Chunked => {
                while !self.ended {
                    match httparse::parse_chunk_size(&self.raw) {
                        Ok(httparse::Status::Complete((start, length))) => {
                            let length = usize::try_from(length)?;
                            let end = start + length;
                            // The line end after the chunk has to be there too.
                            if self.raw.len() < end + 2 {
                                break;
                            }
                            self.decoded.extend_from_slice(&self.raw[start..end]);
                            self.raw.drain(..end + 2);
                            self.ended = length == 0;
                        }
                        Ok(httparse::Status::Partial) => break,
                        Err(_) => bail!("a bad chunk"),
                    }
                }
            }
        }
        Ok(())
    }
}
