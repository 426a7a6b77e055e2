//! W3C trace context (2026-07-28, basic, `_meta`; W3C Trace Context, `traceparent`).

use http::{HeaderMap, HeaderValue};
use serde_json::{Map, Value};

use mcp_edge_audit::digest::hexadecimal;

/// A caller's `traceparent`, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TraceParent {
    trace: String,
    parent: String,
    flags: String,
}

impl TraceParent {
    /// Reads it from `_meta`, or else from the HTTP header. One that is not in the W3C form counts for
    /// nothing: a caller's mistake in its telemetry is no reason to refuse its work.
    pub(crate) fn find(meta: Option<&Map<String, Value>>, headers: &HeaderMap) -> Option<Self> {
        let inside = meta
            .and_then(|meta| meta.get("traceparent"))
            .and_then(Value::as_str);
        let outside = || headers.get("traceparent")?.to_str().ok();
        Self::parse(inside.or_else(outside)?)
    }

    /// Only the fields of version 00 are kept, each of which has one length.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (version, trace, parent, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let last = parts.next().is_none();
        let hex = |text: &str, length: usize| {
            text.len() == length
                && text
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let some = |text: &str| text.bytes().any(|byte| byte != b'0');
        let fits = hex(version, 2)
            && version != "ff"
            && (last || version != "00")
            && hex(trace, 32)
            && some(trace)
            && hex(parent, 16)
            && some(parent)
            && hex(flags, 2);
        fits.then(|| Self {
            trace: trace.to_owned(),
            parent: parent.to_owned(),
            flags: flags.to_owned(),
        })
    }

    pub(crate) fn parent(&self) -> &str {
        &self.parent
    }
}

/// The span of one request: part of its caller's trace, or the first of a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    trace: String,
    span: String,
    flags: String,
}

impl Span {
    /// A span of a new trace, from 24 random bytes.
    pub(crate) fn new(random: &[u8]) -> Self {
        let (trace, span) = random.split_at_checked(16).unwrap_or((random, &[]));
        Self {
            trace: hexadecimal(trace),
            span: hexadecimal(span),
            flags: "00".to_owned(),
        }
    }

    /// The same span in its caller's trace.
    pub(crate) fn below(&self, caller: &TraceParent) -> Self {
        Self {
            trace: caller.trace.clone(),
            span: self.span.clone(),
            flags: caller.flags.clone(),
        }
    }

    pub(crate) fn trace(&self) -> &str {
        &self.trace
    }

    pub(crate) fn span(&self) -> &str {
        &self.span
    }

    /// Sends the trace along with an outbound request.
    pub(crate) fn pass_on(&self, headers: &mut HeaderMap) {
        let text = format!("00-{}-{}-{}", self.trace, self.span, self.flags);
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert("traceparent", value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_w3c_form_counts() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";
        let parsed = TraceParent::parse(good).unwrap();
        assert_eq!(parsed.trace, "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(parsed.parent(), "00f067aa0ba902b7");
        for bad in [
            "",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-0AF7651916CD43DD8448EB211C80319C-00f067aa0ba902b7-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01",
            "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01-more",
        ] {
            assert_eq!(TraceParent::parse(bad), None, "{bad}");
        }
    }
}
