//! What [`serve!`](crate::serve) names, so that a user's crate depends on nothing for it.

pub use js_sys::{Object, Promise};
pub use mcp_edge_runtime::Runtime;
pub use wasm_bindgen;
pub use web_sys::Request;
pub use worker::worker_sys::Context;

pub use super::entry::EntryPoint;
pub use super::queue_consumer::Batch;
