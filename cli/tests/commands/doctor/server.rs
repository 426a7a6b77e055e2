//! A server for one test: reads requests, and answers what it is told to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

/// A request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    /// With names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// An answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(known, _)| known == name);
        header.map(|(_, value)| value.as_str())
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// Whether it is a message for this method.
    pub(crate) fn calls(&self, method: &str) -> bool {
        self.json()["method"] == method
    }

    /// Whether it belongs to the newest era.
    pub(crate) fn is_modern(&self) -> bool {
        self.method == "POST" && self.json().pointer("/params/_meta").is_some()
    }
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    pub(crate) fn json(status: u16, body: &Json) -> Self {
        Self::new(status, body.to_string()).with("content-type", "application/json")
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.headers.retain(|(known, _)| known != name);
    }

    /// Changes the JSON in the body, if that is what it is.
    pub(crate) fn edit(&mut self, change: impl FnOnce(&mut Json)) {
        if let Ok(mut json) = serde_json::from_str(&self.body) {
            change(&mut json);
            self.body = json.to_string();
        }
    }
}

/// Serves what `make` makes for the address, for as long as the test lasts.
pub(crate) fn serve<M, A>(make: M) -> SocketAddr
where
    M: FnOnce(SocketAddr) -> A + Send + 'static,
    A: FnMut(Asked) -> Reply,
{
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        let mut answer = make(address);
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            // A client that does not speak HTTP has nothing to hear.
            if let Some(asked) = read(&stream) {
                write(&mut stream, &answer(asked));
            }
        }
    });
    address
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let mut asked = Asked {
        method,
        path,
        headers,
        body: String::new(),
    };
    let length = asked
        .header("content-length")
        .and_then(|length| length.parse().ok());
    reader
        .take(length.unwrap_or(0))
        .read_to_string(&mut asked.body)
        .ok()?;
    Some(asked)
}

fn write(stream: &mut TcpStream, reply: &Reply) {
    let Reply {
        status,
        headers,
        body,
    } = reply;
    let mut head = format!("HTTP/1.1 {status} \r\nconnection: close\r\n");
    if !headers.iter().any(|(name, _)| name == "date") {
        let now: DateTime<Utc> = SystemTime::now().into();
        head.push_str(&format!(
            "date: {}\r\n",
            now.format("%a, %d %b %Y %H:%M:%S GMT")
        ));
    }
    for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !matches!(status, 204 | 304) {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    // The client may have left.
    let _ = write!(stream, "{head}\r\n{body}");
}
