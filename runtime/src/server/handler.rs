//! A user's function, behind one signature.

use futures_util::future::LocalBoxFuture;
use serde_json::Value;

use crate::context::Context;

/// A handler that gets its arguments as JSON and gives a `T` or an `E`.
pub(crate) type Handler<T, E> =
    Box<dyn Fn(Context, Value) -> LocalBoxFuture<'static, Result<T, E>>>;

/// What a handler gave: a success, or its own kind of failure.
pub(crate) type Given<T, E> = LocalBoxFuture<'static, Result<T, E>>;

/// Reads arguments into the type that a handler takes, naming the one that does not fit.
pub(crate) fn read<T: serde::de::DeserializeOwned>(arguments: Value) -> Result<T, String> {
    serde_path_to_error::deserialize(arguments).map_err(|error| {
        let path = error.path().to_string();
        if path == "." {
            error.inner().to_string()
        } else {
            format!("`{path}`: {}", error.inner())
        }
    })
}
