//! HTTP/1.1 by hand: libraries refuse to send most of what a server must survive.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use socket2::{Domain, Socket, Type};

use crate::body::{Framing, ResponseBody};
use crate::request::{Body, Request};

/// A server that does not answer for so long is stuck.
const PATIENCE: Duration = Duration::from_secs(120);
const MAX_HEAD: usize = 64 << 10;

/// Where a server listens.
#[derive(Debug, Clone)]
pub struct Endpoint {
    authority: String,
    path: String,
    /// The address that its clients call from, where the system is not to choose one.
    source: Option<IpAddr>,
}

/// A response whose head has arrived. Dropping it hangs up.
#[derive(Debug)]
pub struct Connection {
    /// The HTTP status.
    pub status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: ResponseBody,
}

/// A response as it came, for what two of them must not differ in.
#[derive(Debug, PartialEq, Eq)]
pub struct Raw {
    /// The HTTP status.
    pub status: u16,
    /// All headers but `Date`.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Endpoint {
    /// Reads `http://authority/path`.
    pub fn new(url: &str) -> Result<Self> {
        let rest = url
            .strip_prefix("http://")
            .with_context(|| format!("`{url}` is not an http URL"))?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        Ok(Self {
            authority: authority.to_owned(),
            path: format!("/{path}"),
            source: None,
        })
    }

    /// The same endpoint, for clients that call from this address of this machine.
    #[must_use]
    pub fn called_from(self, source: IpAddr) -> Self {
        Self {
            source: Some(source),
            ..self
        }
    }

    /// The host and port.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The path of the MCP endpoint.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Sends a request and reads the whole answer, whatever it is.
    pub fn raw(&self, request: &Request) -> Result<Raw> {
        let mut connection = self.open(request)?;
        let body = connection.body.read_to_end()?;
        connection.headers.retain(|(name, _)| name != "date");
        Ok(Raw {
            status: connection.status,
            headers: connection.headers,
            body: String::from_utf8(body).context("a body that is not UTF-8")?,
        })
    }

    /// Sends a request, and returns as soon as the head of the answer is there.
    pub fn open(&self, request: &Request) -> Result<Connection> {
        Connection::read_head(self.sent(request)?)
    }

    /// Connects, and sends nothing yet.
    pub fn connect(&self) -> Result<TcpStream> {
        let stream = match self.source {
            None => TcpStream::connect(&self.authority),
            Some(source) => connect_from(source, &self.authority),
        }
        .with_context(|| format!("no server accepts a connection on {}", self.authority))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(stream)
    }

    /// Sends a request on a connection of its own.
    pub(crate) fn sent(&self, request: &Request) -> Result<TcpStream> {
        let mut stream = self.connect()?;
        let (head, body) = self.write(request, "close");
        stream.write_all(&head)?;
        // A server may refuse by the head alone and stop reading; its answer counts all the same.
        let _ = stream.write_all(&body).and_then(|()| stream.flush());
        if matches!(request.body, Body::Cut { .. }) {
            stream.shutdown(Shutdown::Write)?;
        }
        Ok(stream)
    }

    /// The head and the body of a request as HTTP/1.1 sends them, with this word in `Connection`.
    pub fn write(&self, request: &Request, connection: &str) -> (Vec<u8>, Vec<u8>) {
        let path = request.path.as_ref().unwrap_or(&self.path);
        let mut head = format!("{} {path} HTTP/1.1\r\n", request.method).into_bytes();
        let has_host = request
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("host"));
        if !has_host {
            head.extend(format!("Host: {}\r\n", self.authority).bytes());
        }
        for (name, value) in &request.headers {
            head.extend(format!("{name}: ").bytes());
            head.extend(value);
            head.extend(b"\r\n");
        }
        let (framing, body) = match &request.body {
            Body::Nothing => (String::new(), Vec::new()),
            Body::Message => whole(request.message.to_string().as_bytes()),
            Body::Bytes(body) => whole(body),
            Body::Cut { promised, sent } => {
                (format!("Content-Length: {promised}\r\n"), sent.clone())
            }
            Body::Chunks(chunks) => {
                let mut body = Vec::new();
                for chunk in chunks {
                    body.extend(format!("{:x}\r\n", chunk.len()).bytes());
                    body.extend(chunk);
                    body.extend(b"\r\n");
                }
                body.extend(b"0\r\n\r\n");
                ("Transfer-Encoding: chunked\r\n".to_owned(), body)
            }
        };
        head.extend(framing.bytes());
        head.extend(format!("Connection: {connection}\r\n\r\n").bytes());
        (head, body)
    }
}

fn connect_from(source: IpAddr, authority: &str) -> std::io::Result<TcpStream> {
    let mut addresses = authority.to_socket_addrs()?;
    let address = addresses.find(|address| address.is_ipv4() == source.is_ipv4());
    let address = address.ok_or(ErrorKind::AddrNotAvailable)?;
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.bind(&SocketAddr::new(source, 0).into())?;
    socket.connect(&address.into())?;
    Ok(socket.into())
}

fn whole(body: &[u8]) -> (String, Vec<u8>) {
    (
        format!("Content-Length: {}\r\n", body.len()),
        body.to_owned(),
    )
}

impl Connection {
    /// Reads the head of an answer.
    pub fn read_head(mut stream: TcpStream) -> Result<Self> {
        let mut bytes = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let mut lines = [httparse::EMPTY_HEADER; 64];
            let mut head = httparse::Response::new(&mut lines);
            if let httparse::Status::Complete(length) = head.parse(&bytes)? {
                let headers: Vec<(String, String)> = head
                    .headers
                    .iter()
                    .map(|line| {
                        let value = String::from_utf8_lossy(line.value).into_owned();
                        (line.name.to_ascii_lowercase(), value)
                    })
                    .collect();
                let status = head.code.context("a response without a status")?;
                let framing = Framing::of(&headers, status)?;
                let body = ResponseBody::new(stream, bytes.split_off(length), framing);
                return Ok(Self {
                    status,
                    headers,
                    body,
                });
            }
            let read = stream.read(&mut buffer).context("no answer")?;
            if read == 0 || bytes.len() > MAX_HEAD {
                bail!("the server hung up without an answer");
            }
            bytes.extend_from_slice(buffer.get(..read).unwrap_or_default());
        }
    }

    /// The one value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body, once all of it has arrived.
    pub fn read_to_end(&mut self) -> Result<Vec<u8>> {
        self.body.read_to_end()
    }

    /// The connection itself. What has arrived of the body is lost.
    pub fn into_stream(self) -> TcpStream {
        self.body.into_stream()
    }

    pub(crate) fn is_stream(&self) -> bool {
        self.header("content-type")
            .is_some_and(|kind| kind.starts_with("text/event-stream"))
    }

    /// Reads on until a whole line of the body is there, `None` at its end.
    pub fn next_line(&mut self) -> Result<Option<String>> {
        self.body.next_line()
    }
}
