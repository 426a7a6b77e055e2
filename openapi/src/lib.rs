//! Compiles OpenAPI documents into a catalog of tools.
