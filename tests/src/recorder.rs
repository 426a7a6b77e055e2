//! A receiver that keeps what it gets, and misbehaves as it is told. It replaces receivers that cannot run here, and
//! answers as their documentation says they answer.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// How long an event may take to arrive before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks at what arrived.
const PAUSE: Duration = Duration::from_millis(20);
/// Longer than any sink of the test server waits for an answer.
const LONG: Duration = Duration::from_secs(15);

/// What a receiver does with the requests that it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiverMode {
    /// It takes everything.
    Well,
    /// No process listens.
    Down,
    /// It reads and does not answer for longer than anybody waits.
    Slow,
    /// It answers with this status and keeps nothing.
    Answers(u16),
    /// It answers like a proxy with a page to sign in at, and keeps nothing.
    Page,
    /// It keeps every second event and says so; those that come alone it does not keep.
    Half,
    /// It keeps everything, and hangs up without an answer.
    Drops,
}

/// The receiver. It ends with the test's process.
#[derive(Debug, Clone)]
pub struct Recorder {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    mood: ReceiverMode,
    requests: Vec<Received>,
    /// Those in the requests, in the order of their coming.
    events: Vec<Value>,
    /// How many came while it was not well.
    spoiled: usize,
}

/// A request that was kept.
#[derive(Debug, Clone)]
pub struct Received {
    /// `POST`, mostly.
    pub method: String,
    /// With the query.
    pub target: String,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    /// Of what came in it, the part that was kept.
    pub body: String,
    /// The bytes of what came in it.
    pub bytes: Vec<u8>,
}

impl Received {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The JSON values of its body, however they follow each other.
    pub fn json(&self) -> Vec<Value> {
        let values = serde_json::Deserializer::from_str(&self.body).into_iter();
        values.map_while(Result::ok).collect()
    }

    /// Everything in it, for what must not be.
    pub fn text(&self) -> String {
        let Self {
            method,
            target,
            headers,
            body,
            ..
        } = self;
        format!("{method} {target}\n{headers:?}\n\n{body}")
    }
}

impl Recorder {
    /// Starts one that is well.
    ///
    /// # Panics
    ///
    /// When there is no port for it.
    pub fn start() -> Self {
        let port = xtask::host::free_port().unwrap();
        let recorder = Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            state: Arc::new(Mutex::new(State {
                mood: ReceiverMode::Well,
                requests: Vec::new(),
                events: Vec::new(),
                spoiled: 0,
            })),
        };
        let own = recorder.clone();
        thread::spawn(move || own.listen());
        recorder
    }

    /// Its URL, without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on it does this.
    pub fn is(&self, mood: ReceiverMode) {
        self.state().mood = mood;
    }

    /// What it kept so far.
    pub fn requests(&self) -> Vec<Received> {
        self.state().requests.clone()
    }

    /// How many requests it treated badly so far.
    pub fn spoiled(&self) -> usize {
        self.state().spoiled
    }

    /// The events in what it kept, in the order of their coming and as often as they came.
    pub fn events(&self) -> Vec<Value> {
        self.state().events.clone()
    }

    /// Waits until `found` finds something in the events.
    ///
    /// # Panics
    ///
    /// When it does not.
    #[track_caller]
    pub fn wait<T>(&self, what: &str, found: impl Fn(&[Value]) -> Option<T>) -> T {
        wait_for(&format!("{what} at the recorder"), || {
            found(&self.state().events)
        })
    }

    /// The event of the request of the client of this name.
    ///
    /// # Panics
    ///
    /// When it does not come.
    #[track_caller]
    pub fn of_client(&self, client: &str) -> Value {
        let name = format!("{client}/1");
        self.wait(&name, |events| {
            let mut requests = events
                .iter()
                .filter(|event| event["event"] == "mcp.request");
            requests.find(|event| event["client_info"] == name).cloned()
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn listen(&self) {
        let mut listener = None;
        loop {
            if self.state().mood == ReceiverMode::Down {
                listener = None;
            } else if listener.is_none() {
                listener = TcpListener::bind(self.address).ok();
                if let Some(listener) = &listener {
                    let _ = listener.set_nonblocking(true);
                }
            }
            match listener.as_ref().map(TcpListener::accept) {
                Some(Ok((stream, _))) => {
                    let own = self.clone();
                    thread::spawn(move || own.serve(stream));
                }
                _ => thread::sleep(Duration::from_millis(2)),
            }
        }
    }

    /// One request for each connection, so that a new mood holds for the next request.
    fn serve(&self, mut stream: TcpStream) -> Option<()> {
        stream.set_nonblocking(false).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        let mut received = read(&stream).ok()?;
        let mood = self.state().mood;
        if mood != ReceiverMode::Well {
            self.state().spoiled += 1;
        }
        let (status, answer) = match mood {
            ReceiverMode::Page => (200, Value::Null),
            ReceiverMode::Down => return None,
            ReceiverMode::Slow => {
                thread::sleep(LONG);
                return None;
            }
            ReceiverMode::Answers(status) => (status, json!({})),
            ReceiverMode::Half => half(&mut received),
            ReceiverMode::Well | ReceiverMode::Drops => (accepted(&received), whole(&received)),
        };
        if !matches!(mood, ReceiverMode::Answers(_) | ReceiverMode::Page) {
            let mut events = Vec::new();
            for body in received.json() {
                collect(body, &mut events);
            }
            let mut state = self.state();
            state.requests.push(received);
            state.events.extend(events);
        }
        if mood == ReceiverMode::Drops {
            return None;
        }
        let (kind, body) = match mood {
            ReceiverMode::Page => (
                "text/html",
                "<html><title>Sign in</title></html>".to_owned(),
            ),
            _ => ("application/json", answer.to_string()),
        };
        let head = format!(
            "HTTP/1.1 {status} \r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all((head + &body).as_bytes()).ok()
    }
}

/// Waits until there is something.
///
/// # Panics
///
/// When there is nothing for long.
#[track_caller]
pub fn wait_for<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        thread::sleep(PAUSE);
    }
}

pub(crate) fn read(stream: &TcpStream) -> Result<Received> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut words = first.split_whitespace().map(str::to_owned);
    let method = words.next().context("no method")?;
    let target = words.next().context("no target")?;
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let value = |name| headers.iter().find(|(known, _)| known == name);
    let mut body = Vec::new();
    if let Some((_, length)) = value("content-length") {
        body.resize(length.parse()?, 0);
        reader.read_exact(&mut body)?;
    } else if value("transfer-encoding").is_some() {
        chunks(&mut reader, &mut body)?;
    }
    Ok(Received {
        method,
        target,
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
        bytes: body,
    })
}

fn chunks(reader: &mut BufReader<&TcpStream>, body: &mut Vec<u8>) -> Result<()> {
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let length = usize::from_str_radix(line.trim(), 16)?;
        let start = body.len();
        body.resize(start + length + 2, 0);
        reader.read_exact(&mut body[start..])?;
        body.truncate(start + length);
        if length == 0 {
            return Ok(());
        }
    }
}

/// The status of the receiver that has this path when it took everything.
fn accepted(received: &Received) -> u16 {
    if received.target.starts_with("/api/v2/logs") {
        202
    } else {
        200
    }
}

/// What the receiver that has this path says when it took everything.
fn whole(received: &Received) -> Value {
    if is_bulk(received) {
        let taken = received.body.lines().count() / 2;
        bulk(std::iter::repeat_n(201, taken))
    } else if received.target.starts_with("/topics/") {
        let body: Value = serde_json::from_str(&received.body).unwrap_or_default();
        let records = body["records"].as_array().map_or(0, Vec::len);
        let offset = |offset| json!({ "partition": 0, "offset": offset });
        json!({ "offsets": (0..records).map(offset).collect::<Vec<_>>() })
    } else if received.target.starts_with("/services/collector") {
        json!({ "text": "Success", "code": 0 })
    } else {
        json!({})
    }
}

/// Keeps every second document of a bulk request, the second one first.
fn half(received: &mut Received) -> (u16, Value) {
    let body = std::mem::take(&mut received.body);
    let lines: Vec<&str> = body.lines().collect();
    let documents: Vec<&[&str]> = lines.chunks(2).collect();
    let is_taken = |place: usize| place % 2 == 1;
    for (place, document) in documents.iter().enumerate() {
        if is_taken(place) {
            received.body.push_str(&document.join("\n"));
            received.body.push('\n');
        }
    }
    let statuses = (0..documents.len()).map(|place| if is_taken(place) { 201 } else { 429 });
    (200, bulk(statuses))
}

fn is_bulk(received: &Received) -> bool {
    received.target.contains("_bulk")
}

/// <https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk>
fn bulk(statuses: impl Iterator<Item = u16>) -> Value {
    let items: Vec<Value> = statuses
        .map(|status| match status {
            429 => {
                let error =
                    json!({ "type": "es_rejected_execution_exception", "reason": "queue is full" });
                json!({ "create": { "status": status, "error": error } })
            }
            status => json!({ "create": { "status": status, "result": "created" } }),
        })
        .collect();
    let errors = items
        .iter()
        .any(|item| item["create"].get("error").is_some());
    json!({ "took": 1, "errors": errors, "items": items })
}

/// The events in a message, wherever its protocol has them.
fn collect(value: Value, events: &mut Vec<Value>) {
    match value {
        Value::Object(members) if members.get("event").is_some_and(Value::is_string) => {
            events.push(Value::Object(members));
        }
        Value::Object(members) => {
            for member in members.into_iter().map(|(_, member)| member) {
                collect(member, events);
            }
        }
        Value::Array(items) => {
            for item in items {
                collect(item, events);
            }
        }
        // Some protocols have each event as a text.
        Value::String(text) if text.starts_with('{') => {
            if let Ok(value) = serde_json::from_str(&text) {
                collect(value, events);
            }
        }
        _ => {}
    }
}
