//! Operations with servers of their own.

use mcp_edge_openapi::Origin;

use super::support::*;

const TEXT: &str = "
openapi: 3.0.3
servers: [{ url: 'https://api.example/v1' }]
paths:
  /a: { get: { servers: [{ url: 'https://API.example:443/v1/' }] } }
  /b: { servers: [{ url: 'https://upload.example' }], get: {} }
  /c: { get: { servers: [{ url: 'https://other.example' }] } }
";

#[test]
fn an_operation_is_served_by_an_origin_of_the_configuration() {
    let mut request = request(TEXT);
    request.origins = vec![Origin {
        name: "uploads".to_owned(),
        url: "https://Upload.example/".to_owned(),
    }];
    let compilation = compiled(&request);
    let origins: Vec<Option<&str>> = compilation
        .operations
        .iter()
        .map(|operation| operation.origin.as_deref())
        .collect();
    assert_eq!(origins, [None, Some("uploads")]);
    assert_eq!(compilation.report.unmappable.len(), 1);

    request.url = Some("https://other.example/".to_owned());
    assert_eq!(compiled(&request).operations[2].origin, None);
}
