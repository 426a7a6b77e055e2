//! JSON with comments, as the tools read it whose files are looked into.

use jsonc_parser::ParseOptions;

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

/// The byte order mark of `text`, if it has one, and the rest.
pub(crate) fn split_mark(text: &str) -> (&str, &str) {
    let mark = text
        .strip_prefix('\u{feff}')
        .map_or(0, |rest| text.len().saturating_sub(rest.len()));
    text.split_at_checked(mark).unwrap_or(("", text))
}
