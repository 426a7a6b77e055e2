//! What each client is given, as golden files, and read again by parsers of its formats.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;

use base64ct::{Base64, Encoding};
use mcp_edge_clients::{
    Authentication, CLIENTS, Client, Connection, Format, Scope, ServerInfo, System,
};
use percent_encoding::percent_decode_str;
use serde_json::{Value as Json, json};

const URL: &str = "https://fraud.example.com/mcp";
/// What a URL may hold and a shell, a link or a quoted string would read as its own.
const STRANGE: &str = "https://fraud.example.com/it's;id&a=(b)*!?c=%22~[d]";

const ACCESS: [(&str, Authentication); 3] = [
    ("open", Authentication::Open),
    ("signing-in", Authentication::SignIn),
    ("token", Authentication::Token),
];

fn server(url: &str, access: Authentication) -> ServerInfo {
    let name = "com.example/fraud-rules";
    ServerInfo::new(name, Some("Fraud rules"), url, access).expect("a server")
}

fn client(id: &str) -> &'static Client {
    Client::find(id).expect("a client")
}

fn parsed(connection: &Connection) -> Json {
    let block = connection.block.as_ref().expect("a block");
    match block.format {
        Format::Json | Format::Jsonc => serde_json::from_str(&block.text).expect("JSON"),
        Format::Toml => toml::from_str(&block.text).expect("TOML"),
        Format::Yaml => serde_saphyr::from_str(&block.text).expect("YAML"),
        format => panic!("there is no parser of {format:?}"),
    }
}

/// The shape that the client's documentation shows for a server that is reached over Streamable HTTP.
fn documented(id: &str, url: &str) -> Option<Json> {
    Some(match id {
        "claude" | "chatgpt" => return None,
        "claude-code" => json!({ "mcpServers": { "fraud-rules": { "type": "http", "url": url } } }),
        "vscode" => json!({ "servers": { "fraud-rules": { "type": "http", "url": url } } }),
        "cursor" => json!({ "mcpServers": { "fraud-rules": { "url": url } } }),
        "continue" => json!({
            "name": "fraud-rules", "version": "0.0.1", "schema": "v1",
            "mcpServers": [{ "name": "fraud-rules", "type": "streamable-http", "url": url }],
        }),
        "windsurf" => json!({ "mcpServers": { "fraud-rules": { "serverUrl": url } } }),
        "gemini-cli" => json!({ "mcpServers": { "fraud-rules": { "httpUrl": url } } }),
        "codex" => json!({ "mcp_servers": { "fraud-rules": { "url": url } } }),
        id => panic!("the documented shape of {id} is missing here"),
    })
}

#[test]
fn blocks_have_the_documented_shape_whatever_the_url() {
    for client in CLIENTS {
        for url in [URL, STRANGE] {
            for (_, access) in ACCESS {
                let connection = client.connection(&server(url, access), Scope::User);
                match documented(client.id, url) {
                    Some(expected) => assert_eq!(parsed(&connection), expected, "{}", client.id),
                    None => assert_eq!(connection.block, None, "{}", client.id),
                }
            }
        }
    }
}

#[test]
fn a_shell_reads_one_word_where_one_was_meant() {
    let connection = |id, scope| {
        let command = client(id)
            .connection(&server(STRANGE, Authentication::SignIn), scope)
            .command;
        shlex::split(&command.expect("a command")).expect("words")
    };
    let http = |program, scope| {
        let before = [program, "mcp", "add", "--transport", "http", "--scope"];
        [&before[..], &[scope, "fraud-rules", STRANGE]].concat()
    };
    let user = Scope::User;
    assert_eq!(connection("claude-code", user), http("claude", "user"));
    assert_eq!(
        connection("claude-code", Scope::Project),
        http("claude", "project")
    );
    assert_eq!(connection("gemini-cli", user), http("gemini", "user"));
    let codex = ["codex", "mcp", "add", "fraud-rules", "--url", STRANGE];
    assert_eq!(connection("codex", user), codex);
    let code = connection("vscode", user);
    assert_eq!(code[..2], ["code", "--add-mcp"]);
    let entry: Json = serde_json::from_str(&code[2]).expect("JSON");
    assert_eq!(
        entry,
        json!({ "name": "fraud-rules", "type": "http", "url": STRANGE })
    );
}

#[test]
fn a_link_carries_the_whole_entry() {
    let link = |id| {
        let connection =
            client(id).connection(&server(STRANGE, Authentication::SignIn), Scope::User);
        connection.link.expect("a link")
    };
    let decoded = |text: &str| {
        let text = percent_decode_str(text).decode_utf8().expect("UTF-8");
        text.into_owned()
    };
    let code = link("vscode");
    let entry = code.strip_prefix("vscode:mcp/install?").expect("a link");
    let entry: Json = serde_json::from_str(&decoded(entry)).expect("JSON");
    assert_eq!(
        entry,
        json!({ "name": "fraud-rules", "type": "http", "url": STRANGE })
    );

    let cursor = link("cursor");
    let query =
        cursor.strip_prefix("cursor://anysphere.cursor-deeplink/mcp/install?name=fraud-rules&");
    let entry = query
        .and_then(|query| query.strip_prefix("config="))
        .expect("a configuration");
    let entry = Base64::decode_vec(&decoded(entry)).expect("Base64");
    let entry: Json = serde_json::from_slice(&entry).expect("JSON");
    assert_eq!(entry, json!({ "url": STRANGE }));

    for link in [code, cursor] {
        assert!(!link.contains(['\'', '"', '<', '>', '(', ' ']), "{link}");
    }
}

#[test]
fn every_client_says_where_this_is_from_and_of_when() {
    let is_day = |day: &str| {
        let parts: Vec<_> = day.split('-').map(str::len).collect();
        parts == [4, 2, 2]
            && day
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'-')
    };
    for client in CLIENTS {
        assert!(
            client.documentation.starts_with("https://"),
            "{}",
            client.id
        );
        assert!(is_day(client.checked), "{}", client.id);
        assert!(
            client
                .as_of
                .is_none_or(|day| is_day(day) && day <= client.checked)
        );
        let same = CLIENTS.iter().filter(|other| other.id == client.id);
        assert_eq!(same.count(), 1, "{}", client.id);
    }
}

#[test]
fn no_placeholder_and_no_secret_is_left() {
    for client in CLIENTS {
        for scope in [Scope::User, Scope::Project] {
            let connection = client.connection(&server(URL, Authentication::SignIn), scope);
            let file = connection.file.iter().map(|file| file.on(System::Linux));
            let texts = connection.steps.iter().cloned().chain(file);
            for text in texts.chain(connection.link.clone()) {
                assert!(!text.contains(['{', '}']), "{text}");
            }
            assert_eq!(connection.file.is_some(), client.has_file(scope));
            assert!(connection.block.is_some() || !connection.steps.is_empty());
        }
    }
}

#[test]
fn no_client_is_told_that_a_guarded_server_needs_no_authentication() {
    for client in CLIENTS {
        for access in [Authentication::SignIn, Authentication::Token] {
            let connection = client.connection(&server(URL, access), Scope::User);
            let steps = connection.steps.join(" ");
            assert!(!steps.contains("No authentication"), "{steps}");
            let is_told = ["sign in", "sign-in", "OAuth", "access token"];
            assert!(
                is_told.iter().any(|word| steps.contains(word)),
                "{}: {steps}",
                client.id
            );
        }
    }
}

#[test]
fn the_entry_of_each_client_is_golden() {
    for client in CLIENTS {
        for (name, access) in ACCESS {
            let text = described(client, &server(URL, access));
            let golden = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests/golden")
                .join(format!("{}-{name}.txt", client.id));
            if std::env::var_os("MCP_EDGE_BLESS").is_some() {
                std::fs::write(&golden, &text).expect("the golden file can be written");
            }
            let expected = std::fs::read_to_string(&golden).unwrap_or_default();
            assert!(
                text == expected,
                "{} is not what the table says; MCP_EDGE_BLESS=1 writes it again. It says:\n{text}",
                golden.display()
            );
        }
    }
}

fn described(client: &Client, server: &ServerInfo) -> String {
    let mut text = format!("{}\n", client.name);
    for (title, scope) in [("user", Scope::User), ("project", Scope::Project)] {
        let connection = client.connection(server, scope);
        text.push_str(&format!("\n--- {title}\n"));
        if let Some(file) = &connection.file {
            for system in System::ALL {
                text.push_str(&format!("{}: {}\n", system.name(), file.on(system)));
            }
        }
        let ways = [("command", &connection.command), ("link", &connection.link)];
        for (name, way) in ways {
            if let Some(way) = way {
                text.push_str(&format!("{name}: {way}\n"));
            }
        }
        for step in &connection.steps {
            text.push_str(&format!("step: {step}\n"));
        }
        if let Some(block) = &connection.block {
            text.push_str(&format!("{}:\n{}", block.format.name(), block.text));
        }
    }
    text
}
