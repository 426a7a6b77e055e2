//! JSON with comments, as the tools read it whose files are looked into.

use std::path::Path;

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstObject, CstRootNode};
use serde_json::Value as Json;
use toml_edit::{Item, Table};

use crate::byte_order_mark::split_marks;
use crate::output::Failure;
use crate::toml_json;

/// Comments and trailing commas, and otherwise JSON.
pub(crate) const READ: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Whether the file at `path` is JSON by its name, as Wrangler tells it from TOML.
pub(crate) fn is_json(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("json" | "jsonc"))
}

/// What `text` says, as the same tables that TOML has. An error does not repeat the line, which may hold a secret.
pub(crate) fn parsed(path: &str, text: &str) -> Result<Table, Failure> {
    let (_, object) = object(path, text)?;
    let Some(Json::Object(members)) = object.to_serde_value() else {
        return Err(Failure::check(format!("{path} does not hold one object")));
    };
    let members = members
        .iter()
        .filter_map(|(name, json)| Some((name.as_str(), Item::Value(toml_json::to_value(json)?))));
    Ok(members.collect())
}

/// The object that `text` is, to be changed in place.
pub(crate) fn object(path: &str, text: &str) -> Result<(CstRootNode, CstObject), Failure> {
    let (_, text) = split_marks(text);
    let root = CstRootNode::parse(text, &READ).map_err(|error| {
        let line = error.line_display();
        Failure::check(format!("{path}, line {line}: {}", error.kind()))
    })?;
    let object = root
        .object_value_or_create()
        .ok_or_else(|| Failure::check(format!("{path} does not hold one object")))?;
    Ok((root, object))
}
