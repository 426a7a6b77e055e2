//! One request to a server that anyone may call.

use bytes::Bytes;
use mcp_edge::config::{Access, Configuration, Settings};
use mcp_edge::testing::{Client, TestHost};
use mcp_edge::{BuildError, Server};
use serde_json::{Value, json};

/// The default settings of a server that anyone may call: its host is not on a loopback address.
pub(crate) const PUBLIC: Settings = Settings {
    access: Access {
        public: true,
        ..Settings::DEFAULT.access
    },
    ..Settings::DEFAULT
};

/// A host that other machines reach.
pub(crate) fn public_host() -> TestHost {
    let host = TestHost::new();
    host.set_loopback_only(false);
    host
}

/// A client of a server with these settings, that other machines reach.
pub(crate) fn client(server: Result<Server, BuildError>, settings: Settings) -> Client {
    let configuration = Configuration {
        base: settings,
        environments: &[],
    };
    Client::builder(server)
        .configuration(Box::leak(Box::new(configuration)))
        .host(&public_host())
        .build()
}

/// What a server with the default settings answers to one request.
pub(crate) fn ask(server: Result<Server, BuildError>, method: &str, params: Value) -> Value {
    ask_of(&client(server, PUBLIC), method, params)
}

/// What a server answers to one request: the `result`, or the `error`.
pub(crate) fn ask_of(client: &Client, method: &str, params: Value) -> Value {
    match client.call(method, params) {
        Ok(result) => result.value().clone(),
        Err(error) => {
            json!({ "error": { "code": error.code, "message": error.message, "data": error.data } })
        }
    }
}

/// The status and the body of the response to a GET of `path`, by a client that accepts any media type.
pub(crate) fn get(client: &Client, path: &str) -> (u16, String) {
    get_as(client, path, "*/*")
}

/// The same, for a client that asks for a media type.
pub(crate) fn get_as(client: &Client, path: &str, media_type: &str) -> (u16, String) {
    let request = http::Request::get(path)
        .header("host", "mcp.example.com")
        .header("accept", media_type);
    let response = client.send(request.body(Bytes::new()).expect("a request"));
    let status = response.status().as_u16();
    let body = String::from_utf8(response.into_body().into());
    (status, body.expect("a text"))
}
