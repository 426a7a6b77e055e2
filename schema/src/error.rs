use thiserror::Error;

use super::limits::{MAX_SCHEMA_BYTES, MAX_SCHEMA_DEPTH, MAX_SUBSCHEMAS};

/// Why a schema was refused. `at` is a JSON Pointer to the subschema, as in `#/properties/amount`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// `$schema` names something else than JSON Schema 2020-12.
    #[error(
        "{at}: unsupported dialect `{dialect}`; only https://json-schema.org/draft/2020-12/schema is supported"
    )]
    Dialect {
        /// Where.
        at: String,
        /// The dialect that was asked for.
        dialect: String,
    },
    /// A reference leads out of this document. Nothing is ever fetched.
    #[error(
        "{at}: `{reference}` leads out of this schema, and nothing is fetched; put the subschema under `$defs`"
    )]
    RemoteReference {
        /// Where.
        at: String,
        /// The reference as written.
        reference: String,
    },
    /// A reference names no subschema of this document.
    #[error("{at}: `{reference}` names no subschema")]
    DanglingReference {
        /// Where.
        at: String,
        /// The reference as written.
        reference: String,
    },
    /// Applying the subschema would apply it to the same value again, without end.
    #[error("{at}: this subschema applies itself to the same value again, without end")]
    EndlessReference {
        /// Where.
        at: String,
    },
    /// Two subschemas have one `$id`, or one anchor in one resource.
    #[error("{at}: `{name}` is already the name of another subschema")]
    DuplicateName {
        /// Where.
        at: String,
        /// The name that is taken.
        name: String,
    },
    /// A keyword's value has the wrong form.
    #[error("{at}: `{keyword}` must be {expected}")]
    Keyword {
        /// Where.
        at: String,
        /// The keyword.
        keyword: &'static str,
        /// What its value must be.
        expected: &'static str,
    },
    /// A subschema is neither an object nor a boolean.
    #[error("{at}: a schema must be an object, `true` or `false`")]
    NotASchema {
        /// Where.
        at: String,
    },
    /// A regular expression is invalid, too large, or uses what a linear-time engine cannot offer.
    #[error("{at}: the pattern `{pattern}` cannot be used: {reason}")]
    Pattern {
        /// Where.
        at: String,
        /// The pattern as written.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// More levels than [`MAX_SCHEMA_DEPTH`].
    #[error("the schema is nested deeper than {MAX_SCHEMA_DEPTH} levels")]
    TooDeep,
    /// More bytes than [`MAX_SCHEMA_BYTES`].
    #[error("the schema is larger than {MAX_SCHEMA_BYTES} bytes")]
    TooLarge,
    /// More subschemas than [`MAX_SUBSCHEMAS`].
    #[error("the schema has more than {MAX_SUBSCHEMAS} subschemas")]
    TooManySubschemas,
}
