//! What a test can rely on.

mod calls;
mod hosts;
