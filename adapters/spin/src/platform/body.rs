//! Bodies, as WASI streams of bytes.

use bytes::Bytes;
use futures_util::StreamExt as _;
use mcp_edge_runtime::http::{Body, BodyError};
use spin_sdk::wasip3::http::types::{ErrorCode, Trailers};
use spin_sdk::wasip3::wit_bindgen::{
    FutureReader, FutureWriter, StreamReader, StreamResult, StreamWriter,
};
use spin_sdk::wasip3::{spawn, wit_future, wit_stream};

/// The most that is asked of a host at once, in bytes.
const READ_SIZE: usize = 16 * 1024;

/// What a WASI message has after its headers; how the body ended stands where other protocols have trailers.
pub(crate) type End = Result<Option<Trailers>, ErrorCode>;

/// Reads a whole body of at most `limit` bytes and stops at the first byte beyond.
pub(crate) async fn read(
    mut contents: StreamReader<u8>,
    end: FutureReader<End>,
    limit: usize,
) -> Result<Bytes, BodyError> {
    let mut body = Vec::new();
    loop {
        body.reserve(READ_SIZE);
        let (status, longer) = contents.read(body).await;
        body = longer;
        if body.len() > limit {
            return Err(BodyError::TooLarge);
        }
        match status {
            StreamResult::Complete(_) => {}
            StreamResult::Dropped | StreamResult::Cancelled => break,
        }
    }
    match end.await {
        Ok(_) => Ok(body.into()),
        Err(_) => Err(BodyError::Interrupted),
    }
}

/// The two readable ends that a WASI message is made of, fed from `body` while the message is sent.
pub(crate) fn send(body: Body) -> (Option<StreamReader<u8>>, FutureReader<End>) {
    let (end, end_reader) = wit_future::new::<End>(|| Ok(None));
    if matches!(body, Body::Empty) {
        spawn(finish(end, Ok(None)));
        return (None, end_reader);
    }
    let (contents, contents_reader) = wit_stream::new();
    spawn(async move {
        let written = write(body, contents).await;
        finish(end, written).await;
    });
    (Some(contents_reader), end_reader)
}

/// Writes until the end or until the client stops reading, and drops `body` then. Gives how the message ends.
async fn write(body: Body, mut contents: StreamWriter<u8>) -> End {
    match body {
        Body::Empty => {}
        Body::Whole(bytes) => {
            contents.write_all(bytes.into()).await;
        }
        Body::Stream(mut chunks) => {
            while let Some(chunk) = chunks.next().await {
                let chunk = chunk.map_err(|cut| ErrorCode::InternalError(Some(cut.to_string())))?;
                let unread = contents.write_all(chunk.into()).await;
                if !unread.is_empty() {
                    break;
                }
            }
        }
    }
    Ok(None)
}

async fn finish(end: FutureWriter<End>, how: End) {
    // It is not read after the caller has left.
    let _ = end.write(how).await;
}
