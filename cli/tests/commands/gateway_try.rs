//! `mcp-edge gateway try`

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;

use serde_json::{Value as Json, json};

use crate::commands::run::{Ended, Folder};

const KEY: &str = "planted/key \"1\"";
const QUERY: &str = "planted&query";
const PASSWORD: &str = "planted-password";
/// `mcp:planted-password` in Base64.
const BASIC: &str = "bWNwOnBsYW50ZWQtcGFzc3dvcmQ=";

/// An API that repeats each request, and answers 404 below `/v1/absent`.
struct Api {
    url: String,
    requests: mpsc::Receiver<String>,
}

impl Api {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let (took, requests) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let request = answer(&stream);
                let _ = took.send(request);
            }
        });
        Self { url, requests }
    }
}

fn answer(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a number");
        }
        request.push_str(&line);
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    request.push_str(&String::from_utf8(body).expect("text"));
    let status = match &request {
        request if request.contains(" /v1/absent") => "404 Not Found",
        request if request.contains(" /v1/moved") => "302 Found\r\nlocation: /v1/things/moved",
        _ => "200 OK",
    };
    let repeated =
        json!({ "detail": request, "secrets": [KEY, QUERY, PASSWORD, BASIC] }).to_string();
    let response = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nx-internal: {QUERY}\r\nlink: <{QUERY}>\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{repeated}",
        repeated.len()
    );
    let mut stream = stream;
    stream.write_all(response.as_bytes()).expect("an answer");
    request
}

fn folder(upstream: &str) -> Folder {
    let folder = Folder::new();
    let string = json!({ "type": "string" });
    let document = json!({ "openapi": "3.1.0", "paths": {
        "/things/{id}": {
            "parameters": [{ "name": "id", "in": "path", "required": true, "schema": string }],
            "get": { "operationId": "get_thing", "responses": {} },
            "put": { "operationId": "put_thing", "responses": {}, "requestBody": { "content": { "application/json": {
                "schema": { "type": "object", "properties": { "name": string } }
            } } } },
        },
        "/search": { "get": { "operationId": "search", "responses": {}, "parameters": [
            { "name": "filter", "in": "query", "schema": { "type": "object", "additionalProperties": string } },
        ] } },
        "/absent": { "get": { "operationId": "absent", "responses": {} } },
        "/moved": { "get": { "operationId": "moved", "responses": {} } },
    } });
    folder.write("api.json", &document.to_string());
    folder.write(
        "mcp.toml",
        &format!(
            "[gateway]\nname = \"com.example/things\"\n[upstreams.things]\nurl = {{ variable = \"API_URL\" }}\n\
             documents = [\"api.json\"]\nallow = [\"*\"]\n{upstream}\n"
        ),
    );
    folder
}

const CREDENTIALS: &str = r#"private = true
headers = { X-Api-Key = { secret = "API_KEY" } }
query = { "api key" = { secret = "API_QUERY" } }
username = "mcp"
password = { secret = "API_PASSWORD" }"#;

/// Tries a tool with every secret set, and checks that none is shown.
fn tried(folder: &Folder, api: &Api, arguments: &[&str]) -> Ended {
    let variables = [
        ("API_URL", api.url.as_str()),
        ("API_KEY", KEY),
        ("API_QUERY", QUERY),
        ("API_PASSWORD", PASSWORD),
    ];
    let ended = folder.run_with(&[&["gateway", "try"], arguments].concat(), "", &variables);
    for secret in ["planted", BASIC] {
        assert!(!ended.stdout.contains(secret), "{secret}: {ended:?}");
        assert!(!ended.stderr.contains(secret), "{secret}: {ended:?}");
    }
    ended
}

#[test]
fn a_call_is_shown_without_its_secrets() {
    let api = Api::new();
    let folder = folder(CREDENTIALS);
    let shown = tried(&folder, &api, &["get_thing", r#"{"id": "a b"}"#]);
    shown.says(
        0,
        &[
            &format!("GET {}/things/a%20b?api%20key=***\n", api.url),
            "x-api-key: ***\n",
            "authorization: ***\n",
            "200 OK\n",
            "content-type: application/json\n",
            "link: <***>\n",
            "\"secrets\":[\"***\",\"***\",\"***\",\"***\"]",
            "Result for the model\nok\n",
        ],
    );
    assert!(!shown.stdout.contains("x-internal"), "{shown:?}");
    // The API has got all of them, and nothing of the program.
    let sent = api.requests.recv().expect("a request");
    let lower = sent.to_ascii_lowercase();
    for line in [
        "GET /v1/things/a%20b?api%20key=planted%26query HTTP/1.1\r\n".to_ascii_lowercase(),
        format!("x-api-key: {KEY}\r\n"),
        format!("authorization: basic {BASIC}\r\n").to_ascii_lowercase(),
    ] {
        assert!(lower.contains(&line), "{line}: {sent}");
    }
    assert!(!lower.contains("user-agent"), "{sent}");

    let put = ["put_thing", r#"{"id": "7", "name": "x"}"#, "--json"];
    let json: Json = serde_json::from_str(&tried(&folder, &api, &put).stdout).expect("JSON");
    assert_eq!(json["request"]["method"], "PUT");
    assert_eq!(json["request"]["body"], r#"{"name":"x"}"#);
    assert_eq!(json["response"]["status"], 200);
    assert_eq!(json["result"]["isError"], Json::Null);
    assert!(
        api.requests
            .recv()
            .expect("a request")
            .ends_with(r#"{"name":"x"}"#)
    );
}

#[test]
fn an_error_for_the_model_has_status_1() {
    let api = Api::new();
    let folder = folder(CREDENTIALS);
    tried(&folder, &api, &["absent"]).says(
        1,
        &[
            "404 Not Found",
            "Result for the model\nerror\nThe API answered 404",
        ],
    );
    // What the schema or the request does not take is not sent.
    for (tool, arguments, sentence) in [
        ("get_thing", r#"{"id": 7}"#, "Invalid arguments: "),
        ("get_thing", r#"{"id": ".."}"#, "Invalid arguments: "),
        ("get_thing", "{}", "Invalid arguments: "),
        (
            "search",
            r#"{"filter": {"API KEY": "x"}}"#,
            "they set `api key`, which the gateway sets itself",
        ),
    ] {
        tried(&folder, &api, &[tool, arguments])
            .says(1, &["No request is made of these arguments.", sentence]);
    }
    assert_eq!(api.requests.try_iter().count(), 1);
}

#[test]
fn a_dry_run_sends_nothing_and_needs_no_secret() {
    let api = Api::new();
    let folder = folder(CREDENTIALS);
    let dry = ["gateway", "try", "get_thing", r#"{"id": "7"}"#, "--dry-run"];
    let variables = [
        ("API_URL", api.url.as_str()),
        ("API_KEY", ""),
        ("API_QUERY", ""),
        ("API_PASSWORD", ""),
    ];
    folder.run_with(&dry, "", &variables).says(
        0,
        &[
            "x-api-key: ***",
            "warning: the variable API_KEY is not set",
            "Not sent (--dry-run).",
        ],
    );
    folder.run_with(&dry[..4], "", &variables).says(
        2,
        &["the secret API_PASSWORD of upstreams.things is not set"],
    );
    assert_eq!(api.requests.try_iter().count(), 0);
}

#[test]
fn what_cannot_be_tried_is_said() {
    let api = Api::new();
    let public = folder("");
    for (arguments, status, sentence) in [
        (
            &["get_thingy"][..],
            2,
            "there is no tool `get_thingy`; did you mean get_thing?",
        ),
        (&["nothing"], 2, "`mcp-edge check` lists the tools"),
        (
            &["get_thing", "7"],
            2,
            "the arguments must be a JSON object",
        ),
        (
            &["get_thing", "{"],
            2,
            "the arguments must be a JSON object",
        ),
        (
            &["get_thing", r#"{"id": "7"}"#],
            1,
            "upstreams.things.url names this machine or a private network",
        ),
    ] {
        tried(&public, &api, arguments).says(status, &[sentence]);
    }
    let insecure = folder("private = true");
    let variables = [("API_URL", "http://things.internal")];
    let arguments = ["gateway", "try", "absent"];
    insecure
        .run_with(&arguments, "", &variables)
        .says(1, &["upstreams.things.url must begin with https://"]);
    insecure
        .run_with(&arguments, "", &[("API_URL", "")])
        .says(2, &["is in the variable API_URL, which is not set"]);
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", free.local_addr().expect("an address"));
    drop(free);
    insecure
        .run_with(&arguments, "", &[("API_URL", url.as_str())])
        .says(1, &["error: no response: "]);
}

#[test]
fn a_redirect_is_followed_as_the_gateway_does() {
    let api = Api::new();
    let stays = folder(CREDENTIALS);
    tried(&stays, &api, &["moved"]).says(1, &["302 Found", "location: /v1/things/moved"]);
    api.requests.recv().expect("a request");
    let follows = folder(&format!("{CREDENTIALS}\nmax_redirects = 1"));
    tried(&follows, &api, &["moved"]).says(
        0,
        &[
            "Request to upstreams.things",
            "Request after a redirect\n",
            &format!("{}/things/moved?api%20key=***\n", api.url),
            "200 OK",
        ],
    );
    let requests = [api.requests.recv(), api.requests.recv()];
    for (request, path) in requests
        .into_iter()
        .zip(["/v1/moved?", "/v1/things/moved?"])
    {
        let request = request.expect("a request");
        assert!(
            request.contains(path) && request.contains("planted"),
            "{request}"
        );
    }
}

#[test]
fn tools_that_find_and_call_others_can_be_tried() {
    let api = Api::new();
    let folder = folder(&format!("{CREDENTIALS}\nexpose = \"search\""));
    tried(
        &folder,
        &api,
        &["things_search", r#"{"query": "get thing"}"#],
    )
    .says(
        0,
        &[
            "No request is made by this tool.",
            "get_thing: ",
            "requires: id",
        ],
    );
    tried(
        &folder,
        &api,
        &["things_describe", r#"{"names": ["get_thing", "gone"]}"#],
    )
    .says(0, &["\"inputSchema\"", "there is no tool of that name"]);
    let call = r#"{"name": "get_thing", "arguments": {"id": "7"}}"#;
    tried(&folder, &api, &["things_call", call]).says(
        0,
        &[
            &format!("GET {}/things/7?api%20key=***\n", api.url),
            "200 OK",
        ],
    );
    for (arguments, sentence) in [
        (r#"{"name": "gone"}"#, "There is no tool `gone`."),
        (r#"{"name": "get_thing"}"#, "Invalid arguments: "),
        (
            r#"{"name": "get_thing", "other": 1}"#,
            "Invalid arguments: ",
        ),
    ] {
        tried(&folder, &api, &["things_call", arguments])
            .says(1, &["No request is made of these arguments.", sentence]);
    }
}

#[test]
fn check_names_the_file_of_the_host_in_the_folder_of_the_build() {
    let folder = folder("private = true");
    std::fs::remove_file(folder.path("wrangler.toml")).expect("a file");
    let check = ["check", "--host", "workers"];
    folder.run(&check).says(
        1,
        &["there is no wrangler.toml; write it with `mcp-edge gateway build --host workers`"],
    );
    let build = ["gateway", "build", "--data-only", "--out", "built"];
    assert_eq!(folder.run(&build).status, 0);
    folder.write("built/wrangler.toml", "name = \"things\"\n");
    folder
        .run(&check)
        .says(1, &["say --host-file built/wrangler.toml"]);
}
