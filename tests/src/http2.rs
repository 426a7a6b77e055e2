//! HTTP/2 by hand (RFC 9113): frames that no library sends, and as much of a client as an answer needs.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use crate::http::Endpoint;
use crate::request::Request;

/// What a client sends first (RFC 9113, 3.4).
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A frame's type (RFC 9113, 6).
pub mod kind {
    /// A part of a body.
    pub const DATA: u8 = 0;
    /// The header list of a request or a response, or its beginning.
    pub const HEADERS: u8 = 1;
    /// The obsolete priority of a stream.
    pub const PRIORITY: u8 = 2;
    /// The end of a stream before its time.
    pub const RST_STREAM: u8 = 3;
    /// Parameters of the connection.
    pub const SETTINGS: u8 = 4;
    /// A question whether the peer is there.
    pub const PING: u8 = 6;
    /// The announced end of a connection.
    pub const GOAWAY: u8 = 7;
    /// Room for more of a body.
    pub const WINDOW_UPDATE: u8 = 8;
    /// More of a header list.
    pub const CONTINUATION: u8 = 9;
}

/// The stream ends with this frame.
pub const END_STREAM: u8 = 1;
/// The frame answers one of its type.
pub const ACK: u8 = 1;
/// The header list ends with this frame.
pub const END_HEADERS: u8 = 4;

/// The setting that bounds the table of headers that the peer's encoder may remember.
pub const HEADER_TABLE_SIZE: u16 = 1;
/// The setting that says how much of a body may be sent before a WINDOW_UPDATE.
pub const INITIAL_WINDOW_SIZE: u16 = 4;

/// No frame is longer unless the receiver allows it.
const MAX_FRAME: usize = 16_384;
/// A window that nothing in a test fills.
const LARGE_WINDOW: u32 = 0x7fff_ffff;
/// The window of a connection, and of a stream without a setting.
const DEFAULT_WINDOW: i64 = 65_535;

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// One of [`kind`].
    pub kind: u8,
    /// What its type defines.
    pub flags: u8,
    /// 0 for the connection.
    pub stream: u32,
    /// What is in it.
    pub payload: Vec<u8>,
}

impl Frame {
    /// A frame of the connection without a flag.
    pub fn new(kind: u8, payload: impl Into<Vec<u8>>) -> Self {
        Self {
            kind,
            flags: 0,
            stream: 0,
            payload: payload.into(),
        }
    }

    /// A frame of a stream.
    #[must_use]
    pub fn of(self, stream: u32, flags: u8) -> Self {
        Self {
            stream,
            flags,
            ..self
        }
    }

    /// A frame of parameters.
    pub fn settings(settings: &[(u16, u32)]) -> Self {
        let bytes = settings.iter().flat_map(|(name, value)| {
            let name = name.to_be_bytes();
            name.into_iter().chain(value.to_be_bytes())
        });
        Self::new(kind::SETTINGS, bytes.collect::<Vec<u8>>())
    }

    /// A frame that opens a window.
    pub fn window_update(stream: u32, bytes: u32) -> Self {
        Self::new(kind::WINDOW_UPDATE, bytes.to_be_bytes()).of(stream, 0)
    }

    /// As it is sent.
    pub fn bytes(&self) -> Vec<u8> {
        let length = u32::try_from(self.payload.len()).unwrap_or(u32::MAX);
        let mut bytes = length.to_be_bytes()[1..].to_vec();
        bytes.extend([self.kind, self.flags]);
        bytes.extend(self.stream.to_be_bytes());
        bytes.extend(&self.payload);
        bytes
    }
}

/// Header fields as HPACK writes them without a table and without Huffman's code (RFC 7541, 6.2.2).
pub fn fields<N: AsRef<[u8]>, V: AsRef<[u8]>>(fields: &[(N, V)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for text in [name.as_ref(), value.as_ref()] {
            integer(&mut block, text.len());
            block.extend(text);
        }
    }
    block
}

/// A number with a prefix of seven bits (RFC 7541, 5.1).
fn integer(block: &mut Vec<u8>, number: usize) {
    const PREFIX: usize = 127;
    let Some(mut rest) = number.checked_sub(PREFIX) else {
        block.push(u8::try_from(number).unwrap_or_default());
        return;
    };
    block.push(127);
    while rest >= 128 {
        block.push(u8::try_from(rest % 128).unwrap_or_default() | 128);
        rest /= 128;
    }
    block.push(u8::try_from(rest).unwrap_or_default());
}

/// A connection of HTTP/2. Dropping it hangs up.
#[derive(Debug)]
pub struct Http2 {
    stream: TcpStream,
    endpoint: Endpoint,
    received: Vec<u8>,
    next_stream: u32,
    /// How much of bodies the server takes now, on the connection and on each stream.
    window: i64,
    windows: BTreeMap<u32, i64>,
    initial_window: i64,
    answers: BTreeMap<u32, Http2Answer>,
    /// Whether the server has announced the end of the connection.
    pub is_going_away: bool,
}

/// The answer to one request, as far as it has arrived.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Http2Answer {
    /// The HTTP status, once it has arrived.
    pub status: Option<u16>,
    /// The body.
    pub body: Vec<u8>,
    /// Whether the whole answer has arrived.
    pub is_whole: bool,
    /// The code of a reset of the stream.
    pub reset: Option<u32>,
    block: Vec<u8>,
}

impl fmt::Debug for Http2Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = String::from_utf8_lossy(&self.body);
        formatter
            .debug_struct("Http2Answer")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .field("body", &format_args!("{body:.200}"))
            .field("is_whole", &self.is_whole)
            .field("reset", &self.reset)
            .finish_non_exhaustive()
    }
}

impl Http2 {
    /// Connects, and agrees on parameters with the server.
    pub fn connect(endpoint: &Endpoint) -> Result<Self> {
        Self::connect_with(endpoint, LARGE_WINDOW)
    }

    /// As [`connect`](Self::connect), with so much room for the body of each answer.
    pub fn connect_with(endpoint: &Endpoint, window: u32) -> Result<Self> {
        Self::on(endpoint.connect()?, endpoint, window)
    }

    /// As [`connect_with`](Self::connect_with), on a connection that is there.
    pub fn on(stream: TcpStream, endpoint: &Endpoint, window: u32) -> Result<Self> {
        let mut connection = Self::begin_on(stream, endpoint, window)?;
        loop {
            let frame = connection.read()?;
            let frame = frame.context("the server hung up before its settings")?;
            if frame.kind == kind::SETTINGS && frame.flags & ACK == 0 {
                return Ok(connection);
            }
        }
    }

    /// Connects, and does not wait for the server's parameters (RFC 9113, 3.4).
    pub fn connect_at_once(endpoint: &Endpoint) -> Result<Self> {
        Self::begin_on(endpoint.connect()?, endpoint, LARGE_WINDOW)
    }

    fn begin_on(stream: TcpStream, endpoint: &Endpoint, window: u32) -> Result<Self> {
        let mut connection = Self {
            stream,
            endpoint: endpoint.clone(),
            received: Vec::new(),
            next_stream: 1,
            window: DEFAULT_WINDOW,
            windows: BTreeMap::new(),
            initial_window: DEFAULT_WINDOW,
            answers: BTreeMap::new(),
            is_going_away: false,
        };
        let mut hello = PREFACE.to_vec();
        // Without a table of headers the status of an answer can be read by itself.
        let settings = [(HEADER_TABLE_SIZE, 0), (INITIAL_WINDOW_SIZE, window)];
        hello.extend(Frame::settings(&settings).bytes());
        connection.stream.write_all(&hello)?;
        Ok(connection)
    }

    /// The connection itself.
    pub fn into_stream(self) -> TcpStream {
        self.stream
    }

    /// How long [`read`](Self::read) waits before it fails with an [`std::io::Error`].
    pub fn set_read_timeout(&self, timeout: Duration) -> std::io::Result<()> {
        self.stream.set_read_timeout(Some(timeout))
    }

    /// Sends frames as they are.
    pub fn send(&mut self, frames: &[Frame]) -> std::io::Result<()> {
        let bytes: Vec<u8> = frames.iter().flat_map(Frame::bytes).collect();
        self.stream.write_all(&bytes)
    }

    /// The header list of a request, with these fields in place of those of the same name.
    pub fn head(&self, request: &Request, other: &[(&str, &str)]) -> Vec<u8> {
        let path = request.path.as_deref().unwrap_or(self.endpoint.path());
        let mut list = vec![
            (":method".to_owned(), request.method.clone().into_bytes()),
            (":scheme".to_owned(), b"http".to_vec()),
            (":path".to_owned(), path.as_bytes().to_vec()),
            (
                ":authority".to_owned(),
                self.endpoint.authority().as_bytes().to_vec(),
            ),
        ];
        for (name, value) in &request.headers {
            list.push((name.to_ascii_lowercase(), value.clone()));
        }
        for (name, value) in other {
            list.retain(|(known, _)| known != name);
            let place = if name.starts_with(':') { 0 } else { list.len() };
            list.insert(place, ((*name).to_owned(), value.as_bytes().to_vec()));
        }
        fields(&list)
    }

    /// Begins a stream with this header list, and gives its number.
    pub fn open(&mut self, head: &[u8], is_end: bool) -> std::io::Result<u32> {
        let stream = self.reserve();
        self.send(&headers(stream, head, is_end))?;
        Ok(stream)
    }

    /// The number of the next stream.
    pub fn reserve(&mut self) -> u32 {
        let stream = self.next_stream;
        self.next_stream += 2;
        stream
    }

    /// Sends a request and reads its answer, whole. A body is sent as far as the server wants it.
    pub fn ask(&mut self, request: &Request) -> Result<Http2Answer> {
        self.ask_with(request, &[])
    }

    /// As [`ask`](Self::ask), with these header fields in place of those of the same name.
    pub fn ask_with(&mut self, request: &Request, other: &[(&str, &str)]) -> Result<Http2Answer> {
        let stream = self.begin(request, other)?;
        self.answer(stream)
    }

    /// Sends a request, its body as far as the server wants it, and gives the number of its stream.
    pub fn begin(&mut self, request: &Request, other: &[(&str, &str)]) -> Result<u32> {
        let body = request.content();
        let head = self.head(request, other);
        let stream = self.open(&head, body.is_empty())?;
        self.windows.insert(stream, self.initial_window);
        let mut left = &body[..];
        while !left.is_empty() && !self.is_answered(stream) {
            let window = self.windows.get(&stream).copied().unwrap_or_default();
            let room = usize::try_from(window.min(self.window)).unwrap_or_default();
            if room == 0 {
                self.read()?.context("the server hung up")?;
                continue;
            }
            let (now, later) = left.split_at(left.len().min(room).min(MAX_FRAME));
            let flags = if later.is_empty() { END_STREAM } else { 0 };
            self.send(&[Frame::new(kind::DATA, now).of(stream, flags)])?;
            let sent = i64::try_from(now.len())?;
            self.window -= sent;
            *self.windows.entry(stream).or_default() -= sent;
            left = later;
        }
        Ok(stream)
    }

    /// Reads on until the status of the answer on a stream is there.
    pub fn status(&mut self, stream: u32) -> Result<u16> {
        loop {
            let answer = self.answers.get(&stream).cloned().unwrap_or_default();
            if let Some(status) = answer.status {
                return Ok(status);
            }
            ensure!(answer.reset.is_none(), "the stream was reset: {answer:?}");
            self.read()?
                .context("the server hung up without a status")?;
        }
    }

    /// Reads on until the answer on a stream is whole.
    pub fn answer(&mut self, stream: u32) -> Result<Http2Answer> {
        while !self.is_answered(stream) {
            if self.read()?.is_none() {
                bail!(
                    "the server hung up in an answer: {:?}",
                    self.answers.get(&stream)
                );
            }
        }
        let answer = self.answers.remove(&stream).unwrap_or_default();
        ensure!(answer.is_whole, "the stream was reset: {answer:?}");
        Ok(answer)
    }

    /// Whether a stream has ended, with its whole answer or without.
    fn is_answered(&self, stream: u32) -> bool {
        let answer = self.answers.get(&stream);
        answer.is_some_and(|answer| answer.is_whole || answer.reset.is_some())
    }

    /// What has arrived on a stream.
    pub fn arrived(&self, stream: u32) -> Http2Answer {
        self.answers.get(&stream).cloned().unwrap_or_default()
    }

    /// Reads the next frame and does what a client does with it; `None` at the end of the connection.
    pub fn read(&mut self) -> Result<Option<Frame>> {
        let Some(frame) = self.next_frame()? else {
            return Ok(None);
        };
        let is_ack = frame.flags & ACK != 0;
        match frame.kind {
            kind::SETTINGS if !is_ack => {
                self.configure(&frame.payload);
                self.reply(Frame::new(kind::SETTINGS, []).of(0, ACK));
            }
            kind::PING if !is_ack => {
                self.reply(Frame::new(kind::PING, frame.payload.clone()).of(0, ACK));
            }
            kind::GOAWAY => self.is_going_away = true,
            kind::WINDOW_UPDATE => {
                let bytes = frame
                    .payload
                    .first_chunk()
                    .map(|size| u32::from_be_bytes(*size));
                let bytes = i64::from(bytes.unwrap_or_default());
                match frame.stream {
                    0 => self.window += bytes,
                    stream => *self.windows.entry(stream).or_default() += bytes,
                }
            }
            kind::HEADERS | kind::CONTINUATION | kind::DATA | kind::RST_STREAM => {
                self.receive(&frame);
            }
            _ => {}
        }
        Ok(Some(frame))
    }

    fn configure(&mut self, settings: &[u8]) {
        for setting in settings.chunks_exact(6) {
            let name = u16::from_be_bytes([setting[0], setting[1]]);
            let value = u32::from_be_bytes([setting[2], setting[3], setting[4], setting[5]]);
            if name == INITIAL_WINDOW_SIZE {
                let change = i64::from(value) - self.initial_window;
                self.initial_window += change;
                for window in self.windows.values_mut() {
                    *window += change;
                }
            }
        }
    }

    fn receive(&mut self, frame: &Frame) {
        let answer = self.answers.entry(frame.stream).or_default();
        match frame.kind {
            kind::DATA => answer.body.extend(&frame.payload),
            kind::RST_STREAM => {
                let code = frame.payload.first_chunk();
                answer.reset = code.map(|code| u32::from_be_bytes(*code));
            }
            _ => {
                answer.block.extend(&frame.payload);
                if frame.flags & END_HEADERS != 0 {
                    let block = std::mem::take(&mut answer.block);
                    answer.status = answer.status.or_else(|| status(&block));
                }
            }
        }
        let may_end = matches!(frame.kind, kind::DATA | kind::HEADERS);
        answer.is_whole |= may_end && frame.flags & END_STREAM != 0;
        let bytes = u32::try_from(frame.payload.len()).unwrap_or_default();
        if frame.kind == kind::DATA && bytes > 0 {
            // The connection's window only: that of a stream is as large as the test wants it.
            self.reply(Frame::window_update(0, bytes));
        }
    }

    /// A server that hangs up does not read it, and what it sent before can be read all the same.
    fn reply(&mut self, frame: Frame) {
        let _ = self.send(&[frame]);
    }

    fn next_frame(&mut self) -> Result<Option<Frame>> {
        const HEAD: usize = 9;
        loop {
            if let Some(head) = self.received.first_chunk::<HEAD>().copied() {
                let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
                let end = HEAD + usize::try_from(length)?;
                if self.received.len() >= end {
                    let payload = self.received[HEAD..end].to_vec();
                    self.received.drain(..end);
                    return Ok(Some(Frame {
                        kind: head[3],
                        flags: head[4],
                        stream: u32::from_be_bytes([head[5] & 127, head[6], head[7], head[8]]),
                        payload,
                    }));
                }
            }
            let mut buffer = [0; MAX_FRAME];
            match self.stream.read(&mut buffer) {
                Ok(0) => return Ok(None),
                Ok(read) => self.received.extend(&buffer[..read]),
                Err(error) if is_hang_up(&error) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Whether the peer has closed a connection without reading all that was sent.
pub fn is_hang_up(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe
    )
}

/// The frames of a header list.
pub fn headers(stream: u32, head: &[u8], is_end: bool) -> Vec<Frame> {
    let mut pieces: Vec<Frame> = head
        .chunks(MAX_FRAME)
        .map(|piece| Frame::new(kind::CONTINUATION, piece).of(stream, 0))
        .collect();
    if let Some(first) = pieces.first_mut() {
        first.kind = kind::HEADERS;
        first.flags = if is_end { END_STREAM } else { 0 };
    }
    if let Some(last) = pieces.last_mut() {
        last.flags |= END_HEADERS;
    }
    pieces
}

/// The status in the header list of a response, which it is the first field of (RFC 9113, 8.3.2).
fn status(block: &[u8]) -> Option<u16> {
    let mut rest = block;
    // A new size of the table, which is nothing (RFC 7541, 6.3).
    while let [0b0010_0000, more @ ..] = rest {
        rest = more;
    }
    let (first, rest) = rest.split_first()?;
    if first & 128 != 0 {
        // RFC 7541, appendix A.
        let known = [200, 204, 206, 304, 400, 404, 500];
        return known.get(usize::from(first & 127).checked_sub(8)?).copied();
    }
    let name = if first & 64 != 0 {
        first & 63
    } else {
        first & 15
    };
    if !(8..=14).contains(&name) {
        return None;
    }
    let (length, rest) = rest.split_first()?;
    let value = rest.get(..usize::from(length & 127))?;
    let digits = if length & 128 != 0 {
        digits(value)
    } else {
        String::from_utf8(value.to_vec()).ok()?
    };
    digits.parse().ok()
}

/// Digits in Huffman's code (RFC 7541, appendix B).
fn digits(bytes: &[u8]) -> String {
    let mut bits = bytes.iter().flat_map(|byte| {
        let byte = *byte;
        (0..8).rev().map(move |place| u32::from(byte >> place & 1))
    });
    let mut text = String::new();
    // 0 to 2 take five bits, the others six; less than that is padding.
    while let Some(five) = take(&mut bits, 5, 0) {
        let digit = if five <= 2 {
            five
        } else {
            let Some(six) = take(&mut bits, 1, five) else {
                break;
            };
            six.wrapping_sub(0b01_1001) + 3
        };
        text.extend(char::from_digit(digit, 10));
    }
    text
}

fn take(bits: &mut impl Iterator<Item = u32>, count: u32, before: u32) -> Option<u32> {
    (0..count).try_fold(before, |number, _| Some(number << 1 | bits.next()?))
}
