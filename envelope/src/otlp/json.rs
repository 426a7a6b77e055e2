//! What OTLP's JSON writes otherwise than serde would (OTLP, "JSON Protobuf Encoding").

use serde::Serializer;

/// Trace and span ids are hexadecimal.
pub(super) fn hexadecimal<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&base16ct::lower::encode_string(bytes))
}

/// Integers of 64 bits are texts.
pub(super) fn text<S: Serializer>(
    integer: &impl ToString,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&integer.to_string())
}

pub(super) fn texts<S: Serializer>(integers: &[u64], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(integers.iter().map(u64::to_string))
}

/// What has its default value is left out.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The bytes of an id; none of one that is not hexadecimal.
pub(super) fn id(text: Option<&str>) -> Vec<u8> {
    text.and_then(|text| base16ct::lower::decode_vec(text).ok())
        .unwrap_or_default()
}
