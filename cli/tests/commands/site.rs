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

type Answers = Arc<Mutex<HashMap<String, Answer>>>;

#[derive(Clone, Default)]
struct Answer {
    status: u16,
    /// Further lines of the head.
    head: String,
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
        self.store(
            path,
            Answer {
                status,
                body: body.to_owned(),
                ..Answer::default()
            },
        );
    }

    /// Answers 401 at `path`, with this challenge.
    pub(crate) fn challenges(&self, path: &str, challenge: &str) {
        self.store(
            path,
            Answer {
                status: 401,
                head: format!("www-authenticate: {challenge}\r\n"),
                ..Answer::default()
            },
        );
    }

    /// Answers `method` at `path` with this result, and every other method with an error of the protocol.
    pub(crate) fn serves(&self, path: &str, method: &str, result: &Json) {
        self.has(&format!("{path}#{method}"), result);
    }

    fn store(&self, path: &str, answer: Answer) {
        let mut answers = self
            .answers
            .lock()
            .expect("no other test has failed with it");
        answers.insert(path.to_owned(), answer);
    }

    /// A document for callers with `token`.
    pub(crate) fn guards(&self, path: &str, token: &str, document: &Json) {
        let answer = Answer {
            status: 200,
            body: document.to_string(),
            token: Some(token.to_owned()),
            ..Answer::default()
        };
        self.store(path, answer);
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
    let (mut authorization, mut length) = (None, 0);
    while reader.read_line(&mut line)? > 2 {
        if let Some((name, value)) = line.split_once(':') {
            match name.to_ascii_lowercase().as_str() {
                "authorization" => authorization = Some(value.trim().to_owned()),
                "content-length" => length = value.trim().parse().unwrap_or_default(),
                _ => {}
            }
        }
        line.clear();
    }
    let mut sent = vec![0; length];
    reader.read_exact(&mut sent)?;
    let message: Json = serde_json::from_slice(&sent).unwrap_or_default();

    let path = request.split(' ').nth(1).unwrap_or_default();
    let mut answers = answers.lock().expect("no other test has failed with it");
    let method = message["method"].as_str().unwrap_or_default();
    let served = answers.get(&format!("{path}#{method}"));
    let served = served.map(|answer| {
        let result: Json = serde_json::from_str(&answer.body).unwrap_or_default();
        json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }).to_string()
    });
    let (status, head, body) = match (served, answers.get_mut(path)) {
        (Some(body), _) => (200, String::new(), body),
        (None, Some(answer)) => {
            answer.shown.extend(authorization.clone());
            let expected = answer.token.as_ref().map(|token| format!("Bearer {token}"));
            match expected.is_none() || expected == authorization {
                true => (answer.status, answer.head.clone(), answer.body.clone()),
                false => (401, String::new(), String::new()),
            }
        }
        (None, None) => (404, String::new(), String::new()),
    };
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status} Status\r\n{head}content-length: {}\r\nlocation: /elsewhere\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}
