//! A site on this machine that has a few documents.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value as Json, json};

/// A site that lasts as long as the test's process.
pub(crate) struct Site {
    /// Without a slash at its end.
    pub(crate) origin: String,
    answers: Answers,
}

type Answers = Arc<Mutex<HashMap<String, Stored>>>;

/// A status, further lines of the head, and a body.
type Stored = (u16, String, String);

impl Site {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let answers = Answers::default();
        let served = Arc::clone(&answers);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that has gone away wants nothing.
                let _ = answer(&stream, &served);
            }
        });
        Self {
            origin: format!("http://{address}"),
            answers,
        }
    }

    /// Everything else is not found.
    pub(crate) fn has(&self, path: &str, document: &Json) {
        self.answers(path, 200, &document.to_string());
    }

    pub(crate) fn answers(&self, path: &str, status: u16, body: &str) {
        self.store(path, (status, String::new(), body.to_owned()));
    }

    /// Answers 401 at `path`, with this challenge.
    pub(crate) fn challenges(&self, path: &str, challenge: &str) {
        let head = format!("www-authenticate: {challenge}\r\n");
        self.store(path, (401, head, String::new()));
    }

    /// Answers `method` at `path` with this result, and every other method with an error of the protocol.
    pub(crate) fn serves(&self, path: &str, method: &str, result: &Json) {
        self.has(&format!("{path}#{method}"), result);
    }

    fn store(&self, path: &str, answer: Stored) {
        let mut answers = self
            .answers
            .lock()
            .expect("no other test has failed with it");
        answers.insert(path.to_owned(), answer);
    }
}

fn answer(stream: &TcpStream, answers: &Answers) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut line = String::new();
    let mut length = 0;
    while reader.read_line(&mut line)? > 2 {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or_default();
        }
        line.clear();
    }
    let mut sent = vec![0; length];
    reader.read_exact(&mut sent)?;
    let message: Json = serde_json::from_slice(&sent).unwrap_or_default();

    let path = request.split(' ').nth(1).unwrap_or_default();
    let answers = answers.lock().expect("no other test has failed with it");
    let method = message["method"].as_str().unwrap_or_default();
    let served = answers.get(&format!("{path}#{method}"));
    let (status, head, body) = match (served, answers.get(path)) {
        (Some((.., result)), _) => {
            let result: Json = serde_json::from_str(result).unwrap_or_default();
            let answer = json!({ "jsonrpc": "2.0", "id": message["id"], "result": result });
            (200, String::new(), answer.to_string())
        }
        (None, Some(stored)) => stored.clone(),
        (None, None) => (404, String::new(), String::new()),
    };
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status} Status\r\n{head}content-length: {}\r\nlocation: /elsewhere\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}
