//! The runtime beside what others say: the documentation, official and recorded vectors, and other implementations.

mod audit_page;
mod json_schema_oracle;
mod json_schema_suite;
mod token_vectors;
