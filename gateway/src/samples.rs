//! A deployment for tests.

use std::collections::BTreeMap;

use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use mcp_edge::testing::TestHost;
use mcp_edge_catalog::codec::{Header, encode};
use mcp_edge_catalog::{
    Annotations, Catalog, DEPLOYMENT, Deployment, Destinations, Environment, Method, Operation,
    Output, PathPiece, ResultShape,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// Puts the data of a gateway with this configuration and these operations into the host.
pub(crate) fn deploy(host: &TestHost, configuration: &str, operations: Vec<Operation>) {
    let settings = mcp_edge_config::read(configuration).unwrap().base;
    let catalog = encode(&Catalog { operations }).unwrap();
    let header = Header::decode(&catalog[..Header::LENGTH]).unwrap();
    let end = usize::try_from(header.index_range().end).unwrap();
    let environment = Environment {
        settings: mcp_edge_config::encode(&settings),
        catalog: "catalog.bin".to_owned(),
        digest: Sha256::digest(&catalog[..end]).into(),
        destinations: Destinations::default(),
    };
    let deployment = Deployment {
        environments: BTreeMap::from([(String::new(), environment)]),
    };
    host.set_data(DEPLOYMENT, deployment.encode());
    host.set_data("catalog.bin", catalog);
}

/// An operation of `upstream` without arguments.
pub(crate) fn operation(upstream: &str, name: &str) -> Operation {
    Operation {
        name: name.to_owned(),
        title: None,
        description: "Reads something.".to_owned(),
        annotations: Annotations::default(),
        scopes: Vec::new(),
        tags: Vec::new(),
        upstream: upstream.to_owned(),
        origin: None,
        method: Method::Get,
        path: vec![vec![PathPiece::Literal("orders".to_owned())]],
        fixed_query: Vec::new(),
        parameters: Vec::new(),
        body: None,
        accept: "application/json".to_owned(),
        input: json!({ "type": "object", "properties": {}, "additionalProperties": false }),
        strict_input: None,
        output: Output::Open,
        shape: ResultShape::default(),
    }
}

/// The private key of RFC 8037, A.1, in PEM.
pub(crate) fn key() -> String {
    let seed = Base64UrlUnpadded::decode_vec("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
    let head = [
        0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
    ];
    let der = [&head, seed.unwrap().as_slice()].concat();
    let text = Base64::encode_string(&der);
    format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----")
}
