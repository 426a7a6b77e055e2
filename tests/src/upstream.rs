//! An API behind the gateway that records what it gets and answers as a test wants, also as no API should.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::recorder::{Received, read};

/// Longer than any request of the gateway under test may take.
const LONG: Duration = Duration::from_secs(30);

/// What the upstream does with a request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A response.
    Response {
        /// The status.
        status: u16,
        /// Headers besides `Content-Length` and `Connection`.
        headers: Vec<(String, String)>,
        /// The body.
        body: Vec<u8>,
    },
    /// These bytes and nothing else, after which it hangs up.
    Bytes(Vec<u8>),
    /// These bytes, and then nothing for longer than anybody waits.
    Stalls(Vec<u8>),
}

impl Reply {
    /// A response of this media type.
    pub fn of(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::Response {
            status,
            headers: vec![("content-type".to_owned(), media_type.to_owned())],
            body: body.into(),
        }
    }

    /// A response of 200 with this JSON.
    pub fn json(body: &Value) -> Self {
        Self::of(200, "application/json", body.to_string())
    }

    /// The response with another header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        if let Self::Response { headers, .. } = &mut self {
            headers.push((name.to_owned(), value.into()));
        }
        self
    }
}

type Answer = dyn Fn(&Received) -> Reply + Send + Sync;

/// The upstream. It ends with the test's process.
#[derive(Clone)]
pub struct Upstream {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    answer: Arc<Answer>,
}

impl Upstream {
    /// Starts one that answers so.
    ///
    /// # Panics
    ///
    /// When there is no port for it.
    pub fn start(answer: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let upstream = Self {
            address: listener.local_addr().unwrap(),
            received: Arc::default(),
            answer: Arc::new(answer),
        };
        let own = upstream.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let own = own.clone();
                thread::spawn(move || own.serve(stream));
            }
        });
        upstream
    }

    /// Its URL, without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it got so far, in the order of its coming.
    pub fn received(&self) -> Vec<Received> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Received>> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, mut stream: TcpStream) -> Option<()> {
        stream.set_read_timeout(Some(LONG)).ok()?;
        let received = read(&stream).ok()?;
        let is_head = received.method == "HEAD";
        let reply = (self.answer)(&received);
        self.lock().push(received);
        match reply {
            Reply::Bytes(bytes) => stream.write_all(&bytes).ok(),
            Reply::Stalls(bytes) => {
                stream.write_all(&bytes).ok()?;
                thread::sleep(LONG);
                None
            }
            Reply::Response {
                status,
                headers,
                body,
            } => {
                let mut head = format!("HTTP/1.1 {status} \r\n");
                for (name, value) in headers {
                    head.push_str(&format!("{name}: {value}\r\n"));
                }
                head.push_str(&format!(
                    "content-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                ));
                stream.write_all(head.as_bytes()).ok()?;
                if is_head {
                    Some(())
                } else {
                    stream.write_all(&body).ok()
                }
            }
        }
    }
}
