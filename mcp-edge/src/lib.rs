//! Serve the Model Context Protocol from the edge, from one crate, with no session store.
//!
//! ```
//! use mcp_edge::prelude::*;
//!
//! #[derive(Deserialize, JsonSchema)]
//! # #[serde(crate = "mcp_edge::serde")]
//! # #[schemars(crate = "mcp_edge::schemars")]
//! struct Greet {
//!     /// Whom to greet.
//!     name: String,
//! }
//!
//! /// Greets a person by name.
//! #[tool(read_only)]
//! async fn greet(input: Greet) -> Result<String, ToolError> {
//!     Ok(format!("Hello, {}!", input.name))
//! }
//!
//! fn server() -> Result<Server, BuildError> {
//!     Server::builder("com.example/hello", env!("CARGO_PKG_VERSION"))
//!         .tool(greet)
//!         .build()
//! }
//!
//! mcp_edge::serve!(server);
//! ```
//!
//! The crate is a library with `crate-type = ["cdylib", "rlib"]`, a `src/main.rs` that calls [`serve!`]'s `main`, and an
//! `mcp.toml`, which may be empty. Compiled for `wasm32-unknown-unknown` it is a Cloudflare Worker, for `wasm32-wasip2` a Spin
//! component, for anything else a program.

pub use mcp_edge_audit as audit;
pub use mcp_edge_macros::{config, prompt, resource, tool};
pub use mcp_edge_runtime::{
    BuildError, LogLevel, Runtime, Server, StartError, Started, auth, client, config, context,
    discovery, host, http, is_secure_url, mrtr, recent, refusal, revision, server, signature,
    token,
};
pub use mcp_edge_sinks as sinks;
pub use {schemars, serde, serde_json};

#[cfg(feature = "testing")]
pub mod testing;

/// The examples of READMEs, which rustdoc compiles.
#[cfg(doctest)]
mod readme {
    #[doc = include_str!("../README.md")]
    struct Package;

    #[doc = include_str!("../../README.md")]
    struct Repository;

    #[doc = include_str!("../../macros/README.md")]
    struct Macros;
}

/// The adapter for what is being compiled.
#[doc(hidden)]
#[cfg(not(target_arch = "wasm32"))]
pub use mcp_edge_native as adapter;
#[doc(hidden)]
#[cfg(target_os = "wasi")]
pub use mcp_edge_spin as adapter;
#[doc(hidden)]
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
pub use mcp_edge_workers as adapter;

/// What a server's source usually needs.
pub mod prelude {
    /// Several questions at once, and whatever else can be waited for together.
    pub use futures_util::future::{join, join3, try_join, try_join3};
    pub use mcp_edge_macros::{prompt, resource, tool};
    pub use mcp_edge_runtime::auth::{Caller, Principal};
    pub use mcp_edge_runtime::context::Context;
    pub use mcp_edge_runtime::mrtr::{AskError, Form, StepError, UrlElicitation};
    pub use mcp_edge_runtime::server::{
        CompletionRequest, Content, Json, Prompt, PromptMessage, PromptResult, RequestError,
        Resource, ResourceContents, ResourceTemplate, Server, State, Tool, ToolError, ToolResult,
    };
    pub use mcp_edge_runtime::{BuildError, LogLevel};
    pub use schemars::JsonSchema;
    pub use serde::{Deserialize, Serialize};
}

/// Makes the calling crate a server: the one line that knows there are hosts.
///
/// Takes the path of a function that returns `Result<Server, BuildError>`. The configuration is the crate's
/// `mcp.toml`, read and checked while it compiles; without the file it does not compile. Compiled for a machine of
/// one's own, it defines `pub fn main`, for `src/main.rs` to call.
///
/// It also defines two tests: one fails with the sentence if the server cannot be built, the other if `mcp.toml` is not
/// the file that was compiled in.
///
/// # A server that is made when it starts
///
/// `serve!(start = path)` takes an asynchronous function instead, which makes the server of what the host has, data files for
/// example, and returns the settings as well; there is no `mcp.toml` then. [`Runtime::deferred`] describes it.
///
/// ```
/// use mcp_edge::config::Configuration;
/// use mcp_edge::host::{DataFile, SharedHost};
/// use mcp_edge::{Server, StartError, Started};
///
/// async fn start(host: SharedHost, environment: Option<String>) -> Result<Started, StartError> {
///     let name = "instructions.bin";
///     let file = DataFile::open(host.as_ref(), name).await?.ok_or_else(|| StartError::Data {
///         name: name.to_owned(),
///         why: "it is not there; deploy it with the server".to_owned(),
///     })?;
///     let text = String::from_utf8_lossy(&file.read_all().await?).into_owned();
///     let server = Server::builder("com.example/help", "1.0.0").instructions(text).build()?;
///     let settings = Configuration::DEFAULT.settings(environment.as_deref())?;
///     Ok(Started { server, settings: Box::leak(Box::new(*settings)) })
/// }
///
/// mcp_edge::serve!(start = start);
/// ```
#[macro_export]
macro_rules! serve {
    (start = $start:path) => {
        $crate::adapter::serve!(start = $start);
    };
    ($server:path) => {
        $crate::adapter::serve!($server, &const { $crate::config!() });

        #[cfg(test)]
        mod mcp_edge_serves {
            #[allow(unused_imports)]
            use super::*;

            #[test]
            fn the_server_can_be_built() {
                if let ::core::result::Result::Err(mistake) = $server() {
                    ::core::panic!("{mistake}");
                }
            }

            /// Cargo compares modification times, so it takes a file that an older one has replaced for the same.
            #[test]
            fn the_configuration_is_the_file() {
                let file = ::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/mcp.toml");
                let compiled: &[u8] = ::core::include_bytes!(::core::concat!(
                    ::core::env!("CARGO_MANIFEST_DIR"),
                    "/mcp.toml"
                ));
                // Where it cannot be read, the tests run on another machine than the build.
                if ::std::fs::read(file).is_ok_and(|now| now != compiled) {
                    ::core::panic!(
                        "mcp.toml is not the file that was compiled in: run `touch mcp.toml`, and build again"
                    );
                }
            }
        }
    };
}
