//! A connection's socket, as the HTTP library uses it and as its timeouts see it.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::ledger::{Ledger, Protocol};

/// What an HTTP/2 client sends first (RFC 9113, 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A socket that two own: the HTTP library while it serves, and the connection, which closes it.
#[derive(Clone)]
pub(crate) struct Socket(Rc<Store>);

struct Store {
    stream: RefCell<TcpStream>,
    first: RefCell<First>,
    ledger: Rc<Ledger>,
}

/// The first bytes, which are read to tell the protocol and read again by the HTTP library.
#[derive(Default)]
struct First {
    bytes: [u8; PREFACE.len()],
    arrived: usize,
    /// How many of them the HTTP library has read.
    repeated: usize,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream, ledger: Rc<Ledger>) -> Self {
        // Answers are small and complete; waiting to fill a packet only delays them.
        let _ = stream.set_nodelay(true);
        give_up(&stream, ledger.timeouts.write_timeout);
        Self(Rc::new(Store {
            stream: RefCell::new(stream),
            first: RefCell::default(),
            ledger,
        }))
    }

    /// Reads until it is clear what the client speaks.
    pub(crate) fn poll_protocol(&self, task: &mut Context<'_>) -> Poll<io::Result<Protocol>> {
        let mut first = self.0.first.borrow_mut();
        loop {
            let First { bytes, arrived, .. } = &mut *first;
            let so_far = bytes.get(..*arrived).unwrap_or_default();
            if !PREFACE.starts_with(so_far) {
                return Poll::Ready(Ok(Protocol::Http1));
            }
            if *arrived == PREFACE.len() {
                return Poll::Ready(Ok(Protocol::Http2));
            }
            let mut buffer = ReadBuf::new(bytes.get_mut(*arrived..).unwrap_or_default());
            ready!(self.poll_raw(task, &mut buffer))?;
            let new = buffer.filled().len();
            if new == 0 {
                self.0.ledger.is_ended.set(true);
                // What it has begun may be an HTTP/1.1 request, and is answered like one.
                return Poll::Ready(Ok(Protocol::Http1));
            }
            *arrived = arrived.saturating_add(new);
        }
    }

    /// Reads what the client still sends, and throws it away.
    pub(crate) fn poll_discard(
        &self,
        task: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(buffer);
        ready!(self.poll_raw(task, &mut buffer))?;
        Poll::Ready(Ok(buffer.filled().len()))
    }

    /// Sends what remains, and says that nothing follows.
    pub(crate) async fn shutdown(&self) -> io::Result<()> {
        poll_fn(|task| Pin::new(&mut *self.0.stream.borrow_mut()).poll_shutdown(task)).await
    }

    /// Throws away what the client has not accepted when the socket is closed, instead of offering it for minutes.
    pub(crate) fn reset(&self) {
        // An error means that it is closed.
        let _ = self.0.stream.borrow().set_zero_linger();
    }

    fn poll_raw(&self, task: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut *self.0.stream.borrow_mut()).poll_read(task, buffer);
        self.broke(matches!(read, Poll::Ready(Err(_))));
        read
    }

    fn wrote(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.0.ledger.sent(written.is_pending());
        self.broke(matches!(written, Poll::Ready(Err(_))));
        written
    }

    /// A connection that breaks is the client's affair.
    fn broke(&self, has_failed: bool) {
        if has_failed {
            self.0.ledger.is_ended.set(true);
        }
    }
}

/// Has the system give up a client that acknowledges nothing for `timeout` (TCP_USER_TIMEOUT, RFC 5482). What a stream sends now
/// and then fits into the system's buffer for hours, so that nothing else would tell of a client that is gone.
#[cfg(target_os = "linux")]
fn give_up(stream: &TcpStream, timeout: Duration) {
    let millis = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
    // An error means that the connection is closed.
    let _ = rustix::net::sockopt::set_tcp_user_timeout(stream, millis);
}

/// Other systems give up after a time of their own.
#[cfg(not(target_os = "linux"))]
fn give_up(_: &TcpStream, _: Duration) {}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let shared = &*self.0;
        {
            let First {
                bytes,
                arrived,
                repeated,
            } = &mut *shared.first.borrow_mut();
            let again = bytes.get(*repeated..*arrived).unwrap_or_default();
            if !again.is_empty() {
                let taken = again.len().min(buffer.remaining());
                let again = again.get(..taken).unwrap_or_default();
                buffer.put_slice(again);
                *repeated = repeated.saturating_add(taken);
                // The preface of HTTP/2 is not a frame.
                if shared.ledger.protocol() == Protocol::Http1 {
                    shared.ledger.received(again);
                }
                return Poll::Ready(Ok(()));
            }
        }
        let before = buffer.filled().len();
        ready!(self.poll_raw(task, buffer))?;
        let new = buffer.filled().get(before..).unwrap_or_default();
        if new.is_empty() {
            shared.ledger.is_ended.set(true);
        } else {
            shared.ledger.received(new);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut *self.0.stream.borrow_mut()).poll_write(task, bytes);
        self.0.ledger.answers(bytes);
        self.wrote(written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut stream = self.0.stream.borrow_mut();
        let written = Pin::new(&mut *stream).poll_write_vectored(task, slices);
        if let Some(first) = slices.first() {
            self.0.ledger.answers(first);
        }
        self.wrote(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.stream.borrow().is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0.stream.borrow_mut()).poll_flush(task)
    }

    fn poll_shutdown(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0.stream.borrow_mut()).poll_shutdown(task)
    }
}
