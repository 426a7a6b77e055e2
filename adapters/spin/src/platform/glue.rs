//! What [`serve!`](crate::serve) names, so that a user's crate depends on nothing for it.

use std::rc::Rc;

pub use mcp_edge_runtime::Runtime;
pub use spin_sdk::wasip3::exports::http::handler::Guest;
pub use spin_sdk::wasip3::http::service::export;
pub use spin_sdk::wasip3::http::types::{ErrorCode, Request, Response};

use super::host::Spin;
use super::{request, response};

/// Answers one request.
pub async fn handle(runtime: Rc<Runtime>, request: Request) -> Result<Response, ErrorCode> {
    let request = request::from_wasi(request)?;
    response::into_wasi(runtime.serve(request, Rc::new(Spin)).await)
}
