//! The runtime against the documentation and the recorded vectors.

mod audit_page;
mod token_vectors;
