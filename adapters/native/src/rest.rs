//! The rest of a request's body, when the response is ready before it has been read (RFC 9112, 9.3 and 9.6).

use std::rc::Rc;

use http::HeaderMap;
use http::header::{CONNECTION, HeaderValue};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::time::timeout;

use crate::exchange::Exchange;

/// The largest rest that is read so that the connection can serve further requests, in bytes. It is that of Go's net/http.
const MAX_DRAINED: u64 = 256 << 10;

/// Handles the rest over HTTP/1.1. A small one of known length is read while the response is on its way. Before any other, the
/// response says that the connection closes.
pub(crate) fn settle(
    rest: Incoming,
    exchange: &Rc<Exchange>,
    expects_continue: bool,
    headers: &mut HeaderMap,
) {
    let is_small = rest
        .size_hint()
        .exact()
        .is_some_and(|bytes| bytes <= MAX_DRAINED);
    // A client that waits for 100 (Continue) and reads a response instead does not send its body.
    if is_small && !expects_continue && !exchange.is_late.get() {
        tokio::task::spawn_local(drain(rest, Rc::clone(exchange)));
        return;
    }
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    exchange.ledger.is_unread.set(true);
}

/// Reads the rest. While it does, the request is in flight.
async fn drain(mut rest: Incoming, exchange: Rc<Exchange>) {
    let read = async {
        while let Some(frame) = rest.frame().await {
            if frame.is_err() {
                return false;
            }
        }
        true
    };
    let is_whole = timeout(exchange.ledger.timeouts.body_timeout, read).await;
    if is_whole != Ok(true) {
        exchange.ledger.is_unread.set(true);
    }
}
