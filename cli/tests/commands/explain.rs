//! `mcp-edge explain`

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::time::{Duration, SystemTime};

use crate::commands::run::{Ended, Folder};
use mcp_edge_cli::development::{FOLDER, Grant, Issuer};

const AUDIENCE: &str = "http://127.0.0.1:8787/mcp";

fn issuer(folder: &Folder) -> Issuer {
    Issuer::in_folder(&folder.path(FOLDER)).expect("an issuer")
}

fn grant() -> Grant {
    Grant {
        subject: "alice".to_owned(),
        scopes: vec!["fraud:admin".to_owned()],
        tenant: "acme".to_owned(),
        roles: vec!["analyst".to_owned()],
        ..Grant::to(AUDIENCE)
    }
}

/// The explanation, which never holds the token or its signature.
#[track_caller]
fn explain(folder: &Folder, token: &str, options: &[&str]) -> Ended {
    let ended = folder.run_with_input(
        &[&["explain", "-", "--env", "dev"], options].concat(),
        token,
    );
    let said = format!("{}{}", ended.stdout, ended.stderr);
    let signature = token.rsplit('.').next().expect("a part");
    assert!(!said.contains(signature), "{said}");
    ended
}

#[test]
fn a_token_that_is_accepted_is_explained_to_the_end() {
    let folder = Folder::new();
    let token = issuer(&folder)
        .issue(&grant(), SystemTime::now())
        .expect("a token");
    explain(&folder, &token, &[]).says(
        0,
        &[
            "A server accepts this token.",
            "--as \"iss=local sub=alice tenant=acme client=mcp-edge-cli",
        ],
    );
    explain(&folder, &format!("Bearer {token}\n"), &["--json"]).is_golden("explain-accepted-json");
}

#[test]
fn what_a_token_replaces_by_a_reference_is_shown() {
    let folder = Folder::new();
    let grant = Grant {
        roles: Vec::new(),
        replaced: vec!["groups", "roles"],
        ..grant()
    };
    let token = issuer(&folder)
        .issue(&grant, SystemTime::now())
        .expect("a token");
    explain(&folder, &token, &[]).says(
        0,
        &["A server accepts this token.", "unknown   roles, groups"],
    );
    explain(&folder, &token, &["--json"]).is_golden("explain-unknown-json");
}

#[test]
fn the_first_check_that_fails_is_the_last() {
    let folder = Folder::new();
    let issuer = issuer(&folder);
    let elsewhere = Grant {
        audience: "https://fraud.example.com/mcp".to_owned(),
        ..grant()
    };
    let token = issuer
        .issue(&elsewhere, SystemTime::now())
        .expect("a token");
    explain(&folder, &token, &[]).says(
        1,
        &[
            "A server refuses this token (wrong_audience).",
            "[issuers.local] accepts exactly http://127.0.0.1:8787/mcp",
        ],
    );
    explain(&folder, &token, &["--json"]).is_golden("explain-audience-json");
}

#[test]
fn a_token_that_has_ended_is_refused() {
    let folder = Folder::new();
    let yesterday = SystemTime::now() - Duration::from_secs(24 * 60 * 60);
    let token = issuer(&folder).issue(&grant(), yesterday).expect("a token");
    let ended = explain(&folder, &token, &[]);
    assert_eq!(ended.status, 1);
    assert!(
        ended
            .stdout
            .contains("A server refuses this token (expired)."),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_token_valid_only_within_the_leeway_is_reported() {
    let folder = Folder::new();
    folder.write(
        "mcp.toml",
        &format!(
            "[server]\nurl = \"{AUDIENCE}\"\n[auth]\nleeway = \"5m\"\n\
             [environments.dev.issuers.local]\npreset = \"development\"\n"
        ),
    );
    let ended = SystemTime::now() - grant().lifetime - Duration::from_secs(20);
    let token = issuer(&folder).issue(&grant(), ended).expect("a token");
    let ended = explain(&folder, &token, &[]);
    assert_eq!(ended.status, 0, "{ended:?}");
    for said in [
        "Valid for ",
        " more seconds (expired ",
        " s ago; clock leeway is 300 s).",
    ] {
        assert!(ended.stdout.contains(said), "{}", ended.stdout);
    }
    let ended = explain(&folder, &token, &["--json"]);
    let json: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!(json["within_leeway"][0]["step"], "expiry", "{json}");
    assert_eq!(json["within_leeway"].as_array().map(Vec::len), Some(1));
}

#[test]
fn the_keys_of_another_issuer_are_rejected() {
    let folder = Folder::new();
    let token = issuer(&folder)
        .issue(&grant(), SystemTime::now())
        .expect("a token");
    let other = Issuer::new().expect("another issuer").jwks();
    folder.write("other.json", &other.to_string());
    explain(&folder, &token, &["--keys", "other.json"]).says(
        1,
        &[
            "FAIL  key         one of 1",
            "A server refuses this token (unknown_key).",
        ],
    );
}

#[test]
fn a_token_is_taken_to_have_come_in_its_own_header() {
    let folder = Folder::new();
    folder.write(
        "mcp.toml",
        &format!(
            "[server]\nurl = \"{AUDIENCE}\"\n[environments.dev.issuers.local]\npreset = \"development\"\n\
             header = \"X-Assertion\"\n"
        ),
    );
    let token = issuer(&folder)
        .issue(&grant(), SystemTime::now())
        .expect("a token");
    let ended = explain(&folder, &token, &[]);
    assert_eq!(ended.status, 0, "{ended:?}");
    assert!(
        ended.stdout.contains("source      X-Assertion"),
        "{}",
        ended.stdout
    );
    let ended = explain(&folder, &token, &["--header", "Authorization"]);
    assert_eq!(ended.status, 1);
    assert!(ended.stdout.contains("(wrong_header)"), "{}", ended.stdout);
}

#[test]
fn a_text_that_is_not_a_token_is_not_repeated() {
    let folder = Folder::new();
    issuer(&folder);
    explain(&folder, "opaque-0123456789", &[]).says(
        1,
        &[
            "FAIL  form        1 parts",
            "A server refuses this token (not_a_jwt).",
        ],
    );
}

#[test]
fn a_token_of_an_untrusted_issuer_is_refused() {
    let folder = Folder::new();
    let token = issuer(&folder)
        .issue(&grant(), SystemTime::now())
        .expect("a token");
    let ended = folder.run_with_input(&["explain", "-"], &token);
    ended.says(
        1,
        &[
            "FAIL  issuer      http://localhost/mcp-edge-dev",
            "A server refuses this token (unknown_issuer).",
            "no [issuers] has exactly that `issuer`",
        ],
    );
}

#[test]
fn keys_are_fetched_as_a_server_fetches_them() {
    let folder = Folder::new();
    let issuer = issuer(&folder);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let keys = issuer.jwks().to_string();
    std::thread::spawn(move || serve(&listener, &keys));
    let file = |path: &str| {
        format!(
            "[server]\nurl = \"{AUDIENCE}\"\n[environments.dev.issuers.local]\npreset = \"development\"\n\
             jwks = {{ url = \"http://{address}{path}\" }}\n"
        )
    };
    let token = issuer.issue(&grant(), SystemTime::now()).expect("a token");
    folder.write("mcp.toml", &file("/keys"));
    let ended = explain(&folder, &token, &[]);
    assert_eq!(ended.status, 0, "{ended:?}");
    for (path, answer) in [("/elsewhere", "404 Not Found"), ("/moved", "302 Found")] {
        folder.write("mcp.toml", &file(path));
        let ended = explain(&folder, &token, &[]);
        let sentence = format!(
            "Could not fetch the keys of [issuers.local]: http://{address}{path} answered {answer}."
        );
        assert_eq!(ended.status, 1);
        assert!(ended.stdout.contains(&sentence), "{}", ended.stdout);
    }
}

/// Answers `/keys`, and leads there from `/moved`.
fn serve(listener: &TcpListener, keys: &str) {
    for stream in listener.incoming() {
        let mut stream = stream.expect("a connection");
        let mut reader = BufReader::new(stream.try_clone().expect("a copy"));
        let mut first = String::new();
        reader.read_line(&mut first).expect("a request");
        for line in reader.lines() {
            if line.expect("a header").is_empty() {
                break;
            }
        }
        let (status, body) = match first.split(' ').nth(1) {
            Some("/keys") => ("200 OK", keys),
            Some("/moved") => ("302 Found\r\nlocation: /keys", ""),
            _ => ("404 Not Found", ""),
        };
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )
        .expect("an answer");
    }
}

#[test]
fn an_empty_token_is_refused() {
    let folder = Folder::new();
    for (token, input) in [("-", ""), ("-", " \n"), ("-", "Bearer \n"), ("", "")] {
        let ended = folder.run_with_input(&["explain", token], input);
        assert_eq!(ended.status, 2, "{ended:?}");
        assert!(ended.stderr.contains("empty"), "{ended:?}");
    }
    folder.run_with_input(&["explain", "-"], "").says(
        2,
        &["standard input is empty; pipe an access token into the command"],
    );
}
