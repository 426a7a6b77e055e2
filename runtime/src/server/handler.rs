//! A user's function, behind one signature.

use futures_util::future::LocalBoxFuture;
use serde_json::Value;

use crate::context::Context;

/// A handler that gets its arguments as JSON and gives a `T` or an `E`.
pub(crate) type Handler<T, E> =
    Box<dyn Fn(Context, Value) -> LocalBoxFuture<'static, Result<T, E>>>;

/// What a handler gave: a success, or its own kind of failure.
pub(crate) type HandlerOutcome<T, E> = LocalBoxFuture<'static, Result<T, E>>;

/// Reads arguments into the type that a handler takes. The error is a clause that names the argument that does not fit, and no
/// Rust type.
pub(crate) fn read<T: serde::de::DeserializeOwned>(arguments: Value) -> Result<T, String> {
    serde_path_to_error::deserialize(arguments).map_err(|error| {
        let path = error.path().to_string();
        let why = in_json(&error.inner().to_string());
        if path == "." {
            why
        } else {
            format!("`{path}`: {why}")
        }
    })
}

/// What serde says of a value that does not fit a type, in terms of JSON.
fn in_json(error: &str) -> String {
    if error.starts_with("data did not match any variant of untagged enum ") {
        return "fits none of the forms that it may have".to_owned();
    }
    match error.split_once(", expected ") {
        Some((found, expected)) if found.starts_with("invalid ") => {
            format!("expected {}", type_in_json(expected))
        }
        _ => error.to_owned(),
    }
}

fn type_in_json(expected: &str) -> String {
    macro_rules! integers {
        ($($name:ident)*) => {
            match expected {
                $(stringify!($name) => {
                    return format!("an integer from {} to {}", $name::MIN, $name::MAX);
                })*
                _ => {}
            }
        };
    }
    integers!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);
    let noun = expected.strip_prefix("a ").unwrap_or(expected);
    match noun.split(' ').next().unwrap_or_default() {
        "f32" | "f64" => "a number",
        "struct" | "map" => "an object",
        "tuple" | "sequence" => "an array",
        "enum" | "variant" => "one of its names",
        "unit" => "null",
        "nonzero" => "an integer other than 0",
        _ => return expected.to_owned(),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[test]
    fn errors_name_the_argument_and_no_rust_type() {
        #[derive(Debug, Deserialize)]
        #[allow(dead_code)]
        struct Inner {
            amount: i64,
        }
        #[derive(Debug, Deserialize)]
        #[serde(untagged)]
        #[allow(dead_code)]
        enum Either {
            Integer(i64),
            Text(String),
        }
        #[derive(Debug, Deserialize)]
        #[allow(dead_code)]
        struct Arguments {
            inner: Option<Vec<Inner>>,
            either: Option<Either>,
            nonzero: Option<NonZeroU32>,
        }
        for (arguments, why) in [
            (
                json!({ "inner": [{ "amount": u64::MAX }] }),
                "`inner[0].amount`: expected an integer from -9223372036854775808 to 9223372036854775807",
            ),
            (
                json!({ "inner": [{ "amount": 1.5 }] }),
                "`inner[0].amount`: expected an integer from -9223372036854775808 to 9223372036854775807",
            ),
            (json!({ "inner": [7] }), "`inner[0]`: expected an object"),
            (
                json!({ "either": u64::MAX }),
                "`either`: fits none of the forms that it may have",
            ),
            (
                json!({ "nonzero": 0 }),
                "`nonzero`: expected an integer other than 0",
            ),
            (json!({ "inner": 7 }), "`inner`: expected an array"),
        ] {
            assert_eq!(read::<Arguments>(arguments).unwrap_err(), why);
        }
    }
}
