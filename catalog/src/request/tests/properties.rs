//! Properties that hold for any arguments.

use proptest::prelude::*;

use super::*;
use crate::samples::{text, value};

fn argument_value() -> impl Strategy<Value = Value> {
    prop_oneof![2 => text().prop_map(Value::String), 1 => value()]
}

/// An encoding that a place has.
fn encoding_at(location: Location) -> impl Strategy<Value = Encoding> {
    let styles = match location {
        Location::Path => vec![Style::Simple, Style::Label, Style::Matrix],
        Location::Query => vec![
            Style::Form,
            Style::SpaceDelimited,
            Style::PipeDelimited,
            Style::DeepObject,
        ],
        Location::Header => vec![Style::Simple],
        Location::Cookie => vec![Style::Form],
    };
    let styles = prop::sample::select(styles);
    prop_oneof![
        1 => Just(Encoding::Json),
        4 => (styles, any::<bool>(), any::<bool>()).prop_map(|(style, explode, allow_reserved)| {
            Encoding::Style { style, explode, allow_reserved }
        }),
    ]
}

const LOCATIONS: [Location; 4] = [
    Location::Path,
    Location::Query,
    Location::Header,
    Location::Cookie,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// No argument changes what the request is for, nor what headers it has: as the parser of fetch hosts reads it.
    #[test]
    fn arguments_change_values_only(
        values in prop::collection::vec(argument_value(), 4),
        encodings in LOCATIONS.map(encoding_at),
        prefix in prop::sample::select(vec!["", "/v1", "/a%20b/c"]),
        literal in prop::sample::select(vec!["", ".", "..", "x", ".json", "%2e", ";v=1"]),
        origin in prop::sample::select(vec!["https://api.example.com", "http://[::1]:8080", "http://10.0.0.1"]),
    ) {
        let names = ["id", "q", "X-Header", "crumb"];
        let parameters = names.into_iter().zip(LOCATIONS).zip(encodings);
        let mut operation = operation("a");
        operation.parameters = parameters
            .map(|((name, location), encoding)| parameter(name, location, encoding))
            .collect();
        operation.path = vec![
            vec![PathPiece::Literal("things".to_owned())],
            vec![PathPiece::Parameter(0), PathPiece::Literal(literal.to_owned())],
            vec![PathPiece::Literal("end".to_owned())],
        ];
        let base = BaseUrl::parse(&format!("{origin}{prefix}")).unwrap();
        let arguments = names.into_iter().map(str::to_owned).zip(values).collect();
        if let Ok(request) = build(&operation, &base, &arguments, BOUNDARY) {
            let text = request.uri().to_string();
            let url = url::Url::parse(&text).unwrap();
            // The parser changes nothing: all hosts send the same.
            prop_assert_eq!(url.as_str(), &text);
            prop_assert_eq!(url.origin().ascii_serialization(), origin);
            let path = url.path().strip_prefix(prefix).unwrap();
            let segments: Vec<_> = path.split('/').collect();
            prop_assert_eq!(segments.len(), 4, "{}", path);
            prop_assert_eq!(segments[1], "things");
            prop_assert!(segments[2].ends_with(literal));
            prop_assert_eq!(segments[3], "end");
            let decoded = percent::decode(segments[2].as_bytes());
            prop_assert!(!path::is_dot_segment(&decoded));
            prop_assert!(!decoded.iter().any(|byte| b"/\\?#".contains(byte)));
            prop_assert_eq!(url.fragment(), None);
            prop_assert!(url.username().is_empty() && url.password().is_none());
            for name in request.headers().keys() {
                prop_assert!(["accept", "x-header", "cookie"].contains(&name.as_str()));
            }
            let cookies = request.headers().get("cookie").map(|cookie| cookie.to_str().unwrap());
            prop_assert!(cookies.is_none_or(|cookies| cookies.starts_with("crumb=") && !cookies.contains(';')));
        }
    }

    /// Values that may have slashes stay below their place.
    #[test]
    fn slashes_separate_segments_only(file in text(), segments in "[a-z.]{0,3}(/[a-z.%2e;]{0,3}){0,3}") {
        let operation = with(Parameter {
            allow_slash: true,
            ..parameter("file", Location::Path, style(Style::Simple, false))
        });
        for file in [file, segments] {
            if let Ok(request) = call(&operation, json!({ "file": file })) {
                let url = url::Url::parse(&request.uri().to_string()).unwrap();
                let path = url.path().strip_prefix("/v1/things/").unwrap();
                prop_assert_eq!(path.split('/').count(), file.split('/').count());
                prop_assert_eq!(percent::decode(path.as_bytes()), file.as_bytes());
            }
        }
    }

    /// A server reads the value that was given.
    #[test]
    fn a_query_is_read_as_it_was_meant(text in text(), explode: bool, allow_reserved: bool) {
        let encoding = Encoding::Style { style: Style::Form, explode, allow_reserved };
        let operation = with(parameter("q", Location::Query, encoding));
        let request = call(&operation, json!({ "q": text })).unwrap();
        let url = url::Url::parse(&request.uri().to_string()).unwrap();
        let pairs: Vec<_> = url.query_pairs().collect();
        prop_assert_eq!(pairs, [("q".into(), text.into())]);
    }

    /// Bodies are made of any values, or of none.
    #[test]
    fn bodies_do_not_panic(values in prop::collection::vec(argument_value(), 3), encoding in encoding_at(Location::Query), is_binary: bool) {
        for form in [BodyForm::Json, BodyForm::UrlEncoded, BodyForm::Multipart] {
            let names = ["a", "b", "c"];
            let fields = names.map(|name| Member { encoding, is_binary, ..member(name) });
            let operation = with_body(Method::Post, "x/y", true, members(form, fields.into()));
            let arguments = names.into_iter().map(str::to_owned).zip(values.clone()).collect();
            if let Ok(request) = call(&operation, Value::Object(arguments)) {
                prop_assert!(request.headers().contains_key("content-type"));
            }
        }
        for form in [WholeForm::Json, WholeForm::Text, WholeForm::Base64, WholeForm::UrlEncoded] {
            let content = BodyContent::Whole { source: argument("a"), form };
            let _ = call(&with_body(Method::Post, "x/y", true, content), json!({ "a": values[0] }));
        }
    }
}
