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

type Answers = Arc<Mutex<HashMap<String, Answer>>>;

#[derive(Clone, Default)]
struct Answer {
    status: u16,
    body: String,
    /// The access token without which the answer is 401.
    token: Option<String>,
    /// The values of `Authorization` that were sent.
    shown: Vec<String>,
}

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
        let answer = Answer {
            status,
            body: body.to_owned(),
            ..Answer::default()
        };
        answers.insert(path.to_owned(), answer);
    }

    /// A document for callers with `token`.
    pub(crate) fn guards(&self, path: &str, token: &str, document: &Json) {
        self.has(path, document);
        let mut answers = self
            .answers
            .lock()
            .expect("no other test has failed with it");
        let answer = answers.get_mut(path).expect("an answer");
        answer.token = Some(token.to_owned());
    }

    /// The values of `Authorization` with which `path` was asked for.
    pub(crate) fn shown(&self, path: &str) -> Vec<String> {
        let answers = self
            .answers
            .lock()
            .expect("no other test has failed with it");
        answers
            .get(path)
            .map_or(Vec::new(), |answer| answer.shown.clone())
    }
}

fn answer(stream: &TcpStream, answers: &Answers) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut line = String::new();
    let mut authorization = None;
    while reader.read_line(&mut line)? > 2 {
        let header = line.split_once(':');
        let header = header.filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        authorization = header
            .map(|(_, value)| value.trim().to_owned())
            .or(authorization);
        line.clear();
    }
    let path = request.split(' ').nth(1).unwrap_or_default();
    let mut answers = answers.lock().expect("no other test has failed with it");
    let mut missing = Answer {
        status: 404,
        ..Answer::default()
    };
    let answer = answers.get_mut(path).unwrap_or(&mut missing);
    answer.shown.extend(authorization.clone());
    let expected = answer.token.as_ref().map(|token| format!("Bearer {token}"));
    let (status, body) = match expected.is_none() || expected == authorization {
        true => (answer.status, answer.body.as_str()),
        false => (401, ""),
    };
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status} Status\r\ncontent-length: {}\r\nlocation: /elsewhere\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}
