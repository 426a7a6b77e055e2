//! What the connections of one thread share.

use std::rc::Rc;
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper_util::rt::TokioTimer;
use mcp_edge_runtime::Runtime;
use mcp_edge_runtime::config::Settings;

use crate::host::Native;
use crate::streams::Streams;
use crate::tally::Tally;

/// What a request's head may be longer than the longest access token in it, in bytes: for its other headers. Over HTTP/2 a header
/// counts 32 bytes more than it has (RFC 9113, 6.5.2). Over HTTP/1.1 hyper reads 100 headers by default; to set another number
/// costs an allocation for each request.
const HEAD_BESIDES_TOKEN: usize = 16 << 10;
/// What hyper reads ahead and keeps to be written over HTTP/1.1, in bytes; more than the longest head. Its default is 408 KiB.
const MAX_BUFFER: usize = 128 << 10;
/// How many requests one HTTP/2 connection may have in flight. hyper advises to set a limit of one's own.
const MAX_STREAMS: u32 = 128;
/// What a client may send of a body before it is read, for one stream and for all of a connection, in bytes. hyper's defaults of
/// 1 MiB are for few connections.
const STREAM_WINDOW: u32 = 64 << 10;
const CONNECTION_WINDOW: u32 = 512 << 10;
/// What hyper keeps of a stream's response until the client accepts it, in bytes. Its default is 400 KiB.
const MAX_SEND_BUFFER: usize = 64 << 10;
/// How many streams a client may reset before they are accepted (CVE-2023-44487). It is the default of h2.
const MAX_PENDING_RESETS: usize = 20;
/// How many streams may be reset for a client's mistakes in the life of a connection (RUSTSEC-2024-0003). It is hyper's default.
const MAX_MISTAKES: usize = 1024;

/// The server of one thread, and how it speaks HTTP.
pub(crate) struct Thread {
    pub(crate) runtime: Runtime,
    pub(crate) host: Rc<Native>,
    pub(crate) settings: &'static Settings,
    pub(crate) tally: Tally,
    pub(crate) http1: http1::Builder,
}

impl Thread {
    pub(crate) fn new(
        runtime: Runtime,
        host: Rc<Native>,
        settings: &'static Settings,
        tally: Tally,
    ) -> Self {
        let mut http1 = http1::Builder::new();
        // Timeouts are the connection's, which knows an idle one from one with half a head.
        http1
            .header_read_timeout(None::<Duration>)
            .max_header_size(max_head(settings))
            .max_buf_size(MAX_BUFFER);
        Self {
            runtime,
            host,
            settings,
            tally,
            http1,
        }
    }

    /// How HTTP/2 is spoken on a connection whose requests are `streams`.
    pub(crate) fn http2(&self, streams: Streams) -> http2::Builder<Streams> {
        let silence = self.settings.connections.write_timeout;
        let head = u32::try_from(max_head(self.settings)).unwrap_or(u32::MAX);
        let mut http2 = http2::Builder::new(streams);
        http2
            .timer(TokioTimer::new())
            .keep_alive_interval(silence)
            .keep_alive_timeout(silence)
            .max_concurrent_streams(MAX_STREAMS)
            .max_header_list_size(head)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_send_buf_size(MAX_SEND_BUFFER)
            .max_pending_accept_reset_streams(MAX_PENDING_RESETS)
            .max_local_error_reset_streams(MAX_MISTAKES);
        http2
    }
}

/// How long a request's head may be, in bytes: an access token of `auth.token_bytes` fits.
fn max_head(settings: &Settings) -> usize {
    settings.auth.token_bytes.saturating_add(HEAD_BESIDES_TOKEN)
}
