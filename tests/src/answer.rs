//! A whole response: one JSON message, a batch of them, or a stream.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::http::{Connection, Endpoint};
use crate::request::Request;
use crate::schema;

/// A body up to this length, in bytes, is read by every server before it answers.
const READ_AT_ONCE: usize = 64 << 10;
/// How often a request is sent whose answer gets lost on the way.
const ATTEMPTS: u32 = 8;

/// A response that has ended.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Whether it was a stream of events.
    pub is_stream: bool,
    /// What came, in its order.
    pub events: Vec<Event>,
    connection: Connection,
}

/// One thing that a response says.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A comment, which keeps a stream open.
    Comment,
    /// A JSON-RPC message.
    Message(Value),
}

impl Endpoint {
    /// Sends a request and reads the whole answer, each message of which must fit the official schema.
    ///
    /// # Panics
    ///
    /// When the server cannot be reached, does not speak HTTP, or answers outside the schema.
    #[track_caller]
    pub fn send(&self, request: &Request) -> Answer {
        match self.try_send(request) {
            Ok(answer) => answer,
            Err(error) => panic!("{error:#}\nfor {request}"),
        }
    }

    /// As [`send`](Self::send), for a server that may hang up.
    pub fn try_send(&self, request: &Request) -> Result<Answer> {
        let mut attempts = 1..ATTEMPTS;
        loop {
            match self
                .open(request)
                .and_then(|open| Answer::read(open, request))
            {
                Err(error) if was_overtaken(&error, request) && attempts.next().is_some() => {}
                answered => return answered,
            }
        }
    }
}

/// Whether the answer may have been lost on the way: a server that refuses a body before it has read all of it
/// closes the connection, and the reset that follows may overtake the answer (RFC 9112 §9.6).
fn was_overtaken(error: &anyhow::Error, request: &Request) -> bool {
    let was_reset = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == ErrorKind::ConnectionReset);
    was_reset && request.is_longer_than(READ_AT_ONCE)
}

impl Answer {
    pub(crate) fn read(mut connection: Connection, request: &Request) -> Result<Self> {
        let is_stream = connection.is_stream();
        let mut events = Vec::new();
        if is_stream {
            while let Some(event) = connection.next_event()? {
                events.push(event);
            }
        } else {
            let body = connection.body.read_to_end()?;
            if !body.is_empty() {
                let body: Value = serde_json::from_slice(&body).with_context(|| {
                    format!(
                        "{}: the body is not JSON: {}",
                        connection.status,
                        String::from_utf8_lossy(&body)
                    )
                })?;
                match body {
                    Value::Array(messages) => {
                        events.extend(messages.into_iter().map(Event::Message))
                    }
                    message => events.push(Event::Message(message)),
                }
            }
        }
        let answer = Self {
            status: connection.status,
            is_stream,
            events,
            connection,
        };
        for message in answer.messages() {
            schema::check(message, request)?;
        }
        Ok(answer)
    }

    /// The one value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.connection.header(name)
    }

    /// The members of `WWW-Authenticate: Bearer`; none where there is no such header.
    pub fn challenge(&self) -> BTreeMap<&str, &str> {
        let stated = self.header("www-authenticate").unwrap_or_default();
        // No value has a quote in it.
        let parts: Vec<&str> = stated.trim_start_matches("Bearer ").split('"').collect();
        parts
            .chunks_exact(2)
            .map(|pair| (pair[0].trim_matches([',', ' ', '=']), pair[1]))
            .collect()
    }

    /// The messages, in their order.
    pub fn messages(&self) -> impl Iterator<Item = &Value> {
        self.events.iter().filter_map(|event| match event {
            Event::Message(message) => Some(message),
            Event::Comment => None,
        })
    }

    /// The notifications of a method, in their order.
    pub fn notifications(&self, method: &str) -> Vec<&Value> {
        self.messages()
            .filter(|message| message["method"] == method)
            .map(|message| &message["params"])
            .collect()
    }

    /// The last message, which is the response to the request.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[track_caller]
    pub fn response(&self) -> &Value {
        match self.messages().last() {
            Some(message) => message,
            None => panic!("{}: no message", self.status),
        }
    }

    /// The result, from a response with status 200.
    ///
    /// # Panics
    ///
    /// When it is an error.
    #[track_caller]
    pub fn result(&self) -> &Value {
        let response = self.response();
        assert_eq!(self.status, 200, "{response}");
        match response.get("result") {
            Some(result) => result,
            None => panic!("no result: {response}"),
        }
    }

    /// The text of a tool's result.
    ///
    /// # Panics
    ///
    /// When the result is none, or the tool failed.
    #[track_caller]
    pub fn text(&self) -> &str {
        let result = self.result();
        assert_ne!(result["isError"], true, "{result}");
        self.any_text()
    }

    /// The text of a tool's failure.
    ///
    /// # Panics
    ///
    /// When the result is none, or the tool did not fail.
    #[track_caller]
    pub fn tool_error(&self) -> &str {
        let result = self.result();
        assert_eq!(result["isError"], true, "{result}");
        self.any_text()
    }

    #[track_caller]
    fn any_text(&self) -> &str {
        let result = self.result();
        match result["content"][0]["text"].as_str() {
            Some(text) => text,
            None => panic!("no text: {result}"),
        }
    }

    /// The status, the code and the sentence of an error.
    ///
    /// # Panics
    ///
    /// When it is a result.
    #[track_caller]
    pub fn error(&self) -> (u16, i64, &str) {
        let response = self.response();
        let error = &response["error"];
        match (error["code"].as_i64(), error["message"].as_str()) {
            (Some(code), Some(message)) => (self.status, code, message),
            _ => panic!("{}: no error: {response}", self.status),
        }
    }
}

impl Connection {
    /// The next event of a stream, `None` at its end.
    pub fn next_event(&mut self) -> Result<Option<Event>> {
        let Some(line) = self.next_line()? else {
            return Ok(None);
        };
        let event = if line.starts_with(':') {
            Event::Comment
        } else {
            let data = line
                .strip_prefix("data: ")
                .with_context(|| format!("not a line of an event: `{line}`"))?;
            Event::Message(serde_json::from_str(data).context("an event that is not JSON")?)
        };
        let end = self.next_line()?;
        ensure!(end.as_deref() == Some(""), "an event that goes on: {end:?}");
        Ok(Some(event))
    }
}
