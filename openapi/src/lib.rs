//! Compiles OpenAPI documents into a catalog of tools.
//!
//! ```
//! use mcp_edge_openapi::{Document, Request, compile};
//!
//! let document = Document {
//!     name: "patients.yaml".to_owned(),
//!     text: "
//! openapi: 3.1.0
//! paths:
//!   /patients/{id}:
//!     parameters:
//!       - { name: id, in: path, required: true, schema: { type: string } }
//!     get: { operationId: getPatient, summary: One patient }
//!     delete: { operationId: deletePatient }
//! ".to_owned(),
//! };
//! let mut request = Request::new("ehr", vec![document]);
//! request.rules.allow = vec!["GET /patients/*".to_owned()];
//! let compilation = compile(&request).unwrap();
//! assert_eq!(compilation.operations[0].name, "getPatient");
//! assert_eq!(
//!     compilation.report.excluded[0].to_string(),
//!     "DELETE /patients/{id}: no rule allows it"
//! );
//! ```
//!
//! It does no I/O: it gets the texts of the documents, and a function that reads the other files that they refer to. It is
//! bounded in time and memory, and does not panic, whatever the documents contain.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects
    )
)]

mod at;
mod body;
mod compile;
mod credentials;
mod document;
mod input;
mod media;
mod names;
mod operations;
mod output;
mod parameters;
mod path;
mod refs;
mod report;
mod request;
mod rules;
mod schema;
mod servers;
mod shape;
mod slot;
mod tool;
mod written;

pub use self::compile::compile;
pub use self::document::{MAX_DOCUMENT_BYTES, read as read_document};
pub use self::report::{Compilation, Exclusion, Loss, Mistake, Report, Tool, Unmappable};
pub use self::request::{Document, Origin, OutputPolicy, Request, Rules, ToolChange};
