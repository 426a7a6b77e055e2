//! The access token: where it goes, and where it does not.

use serde_json::json;

use super::finding;
use super::good::Good;
use super::server::Reply;
use crate::commands::run::Folder;

/// Looks like a token, and is none.
const TOKEN: &str = "not-a-token.but-it-looks-like-one.0123456789";

#[test]
fn the_token_goes_to_the_endpoint_and_nowhere_else() {
    let good = Good::changed(
        |asked| asked.headers.retain(|(name, _)| name != "authorization"),
        |_, _| (),
    );
    let folder = Folder::new();
    folder.write("token", &format!("Bearer {TOKEN}\n"));
    let ended = folder.run(&["doctor", &good.url(), "--token-file", "token"]);
    assert!(
        ended.stdout.contains("fraud-rules 0.1.0 serves"),
        "{ended:?}"
    );
    let expected = format!("Bearer {TOKEN}");
    let shown = |path: &str| {
        let asked = good.asked();
        asked
            .into_iter()
            .any(|asked| asked.path == path && asked.header("authorization") == Some(&expected))
    };
    assert!(shown("/mcp"));
    for asked in good.asked() {
        assert!(
            asked.path == "/mcp" || asked.header("authorization").is_none(),
            "{asked:?}"
        );
    }
}

#[test]
fn a_token_that_the_server_repeats_is_a_finding_and_is_not_shown() {
    let good = Good::changed(
        |asked| asked.headers.retain(|(name, _)| name != "authorization"),
        |asked, reply| {
            if let Some(value) = asked.header("authorization") {
                reply.set("x-debug", value);
                reply.edit(|message| {
                    message["result"]["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] =
                        value.into();
                });
            }
        },
    );
    let folder = Folder::new();
    let url = good.url();
    for options in [&[][..], &["--json"]] {
        let arguments = [&["doctor", &url, "--token-file", "-"], options].concat();
        let ended = folder.run_with_input(&arguments, TOKEN);
        assert!(!format!("{ended:?}").contains(TOKEN), "{ended:?}");
        assert!(ended.stdout.contains("<token>"), "{ended:?}");
    }
    let ended = folder.run_with_input(
        &["doctor", &good.url(), "--token-file", "-", "--json"],
        TOKEN,
    );
    assert!(
        finding(&ended, "errors").contains("repeats the access token"),
        "{ended:?}"
    );
}

#[test]
fn a_token_from_the_environment_is_used_and_refused_as_any_other() {
    let good = Good::start();
    let url = good.url();
    let arguments = ["doctor", &url, "--json"];
    let ended = Folder::new().run_with(&arguments, "", &[("MCP_EDGE_TOKEN", TOKEN)]);
    assert_eq!(ended.status, 1);
    let finding = finding(&ended, "modern");
    assert!(finding.contains("it answers 401 Unauthorized"), "{finding}");
    assert!(finding.contains("mcp-edge explain"), "{finding}");
    assert!(!format!("{ended:?}").contains(TOKEN), "{ended:?}");
}

#[test]
fn a_token_is_not_sent_where_others_read_along() {
    let folder = Folder::new();
    folder.write("token", TOKEN);
    let ended = folder.run(&[
        "doctor",
        "http://mcp.example.com/mcp",
        "--token-file",
        "token",
    ]);
    assert_eq!(ended.status, 2, "{ended:?}");
    assert!(ended.stderr.contains("over https only"), "{ended:?}");
    folder.write("token", "two words\n");
    let ended = folder.run(&[
        "doctor",
        "https://mcp.example.com/mcp",
        "--token-file",
        "token",
    ]);
    assert_eq!(ended.status, 2, "{ended:?}");
    assert!(!ended.stderr.contains("words\n"), "{ended:?}");
    assert_eq!(folder.run(&["doctor", "--token-file", "token"]).status, 2);
}

#[test]
fn a_token_whose_caller_may_see_nothing_is_a_finding() {
    let good = Good::changed(
        |asked| asked.headers.retain(|(name, _)| name != "authorization"),
        |asked, reply| {
            if asked.header("authorization").is_some() && asked.calls("server/discover") {
                reply.edit(|message| message["result"]["capabilities"] = json!({ "logging": {} }));
            }
        },
    );
    let arguments = ["doctor", &good.url(), "--json"];
    let ended = Folder::new().run_with(&arguments, "", &[("MCP_EDGE_TOKEN", TOKEN)]);
    let finding = finding(&ended, "callers");
    assert!(finding.contains("may see no tool"), "{finding}");
    assert!(finding.contains("[[policy]]"), "{finding}");
}

#[test]
fn a_server_that_refuses_everything_reports_why() {
    let sentence = "This server has neither an issuer nor a policy rule. Configure an issuer";
    let good = Good::changed(
        |_| (),
        move |_, reply| {
            *reply = Reply::json(
                503,
                &json!({ "error": { "code": -32603, "message": sentence } }),
            );
        },
    );
    let ended = Folder::new().run(&["doctor", &good.url(), "--json"]);
    let finding = finding(&ended, "reachable");
    assert!(
        finding.contains("503 Service Unavailable: This server has neither"),
        "{finding}"
    );
}
