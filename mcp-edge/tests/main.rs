//! What a server's author relies on: the macros, what they make of a server, and what they say about mistakes.

mod compile_fail;
mod configuration;
mod server;
