//! A site on this machine that has a few documents.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::Value as Json;

/// A site that lasts as long as the test's process.
pub(crate) struct Site {
    /// Without a slash at its end.
    pub(crate) origin: String,
    answers: Answers,
}

type Answers = Arc<Mutex<HashMap<String, (u16, String)>>>;

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
        let mut answers = self
            .answers
            .lock()
            .expect("no other test has failed with it");
        answers.insert(path.to_owned(), (status, body.to_owned()));
    }
}

fn answer(stream: &TcpStream, answers: &Answers) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let path = request.split(' ').nth(1).unwrap_or_default();
    let answers = answers.lock().expect("no other test has failed with it");
    let missing = (404, String::new());
    let (status, body) = answers.get(path).unwrap_or(&missing);
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status} Status\r\ncontent-length: {}\r\nlocation: /elsewhere\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}
