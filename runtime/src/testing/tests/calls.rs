//! The client.

use std::time::Duration;

use futures_util::future::join;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::config::{
    Access, Algorithm, Configuration, Environment, Issuer, Rule, Settings, TextSetting,
};
use crate::context::Context;
use crate::mrtr::Form;
use crate::revision::Revision;
use crate::server::{
    NoInput, Prompt, PromptMessage, PromptResult, RequestError, Resource, Server, Tool, ToolError,
    ToolResult,
};
use crate::start::BuildError;
use crate::testing::{Client, Reply, TestHost, TestIssuer};

const URL: &str = "https://api.example/rates";

#[derive(Deserialize, JsonSchema)]
struct Sure {
    sure: bool,
}

fn server() -> Result<Server, BuildError> {
    let echo = Tool::untyped(
        "echo",
        json!({ "type": "object", "properties": {
            "region": { "type": "string", "x-mcp-header": "Region" },
            "place": { "type": "object", "properties": { "port": { "type": "integer", "x-mcp-header": "Port" } } },
        } }),
        |_, arguments| async move { Ok(ToolResult::text("echoed").structured(arguments)) },
    );
    Server::builder("com.example/testing", "1.0.0")
        .tool(echo.output_schema(json!({ "type": "object" })))
        .tool(Tool::typed("fail", async |_: Context, _: NoInput| {
            Err::<String, _>(ToolError::new("Not today."))
        }))
        .tool(Tool::typed("walk", async |cx: Context, _: NoInput| {
            cx.progress(0.5, "half").await;
            cx.sleep(Duration::from_secs(60)).await;
            Ok::<_, ToolError>("there".to_owned())
        }))
        .tool(Tool::typed("delete", async |cx: Context, _: NoInput| {
            let first = cx.ask("confirm", Form::<Sure>::new("Delete it?")).await?;
            let second = cx.ask("confirm", Form::<Sure>::new("Really?")).await?;
            Ok::<_, ToolError>(format!("{} {}", first.sure, second.sure))
        }))
        .tool(Tool::typed("rates", async |cx: Context, _: NoInput| {
            let request = http::Request::get(URL).body(bytes::Bytes::new());
            let answer = cx.fetch(request.map_err(ToolError::internal)?).await?;
            Ok::<_, ToolError>(format!("{}", answer.status().as_u16()))
        }))
        .resource(Resource::new("notes://all", "notes", async |_: Context| {
            Ok::<_, RequestError>("all notes".to_owned())
        }))
        .prompt(Prompt::plain("review", async |_: Context| {
            Ok::<_, RequestError>(PromptResult::new([PromptMessage::user("Review it.")]))
        }))
        .build()
}

fn leak(base: Settings) -> &'static Configuration {
    Box::leak(Box::new(Configuration {
        base,
        environments: &[],
    }))
}

#[test]
fn every_kind_of_call_returns_its_result() {
    let client = Client::new(server());
    let names: Vec<_> = client.list_tools().unwrap();
    let names: Vec<_> = names
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["echo", "fail", "walk", "delete", "rates"]);
    assert_eq!(client.list_resources().unwrap()[0]["uri"], "notes://all");
    assert_eq!(client.list_prompts().unwrap()[0]["name"], "review");
    assert!(client.list_resource_templates().unwrap().is_empty());
    let read = client.read_resource("notes://all").unwrap();
    assert_eq!(read.text(), "all notes");
    let prompt = client.get_prompt("review", json!({})).unwrap();
    assert_eq!(prompt.text(), "Review it.");
    let echoed = client.call_tool("echo", json!({ "other": [1] })).unwrap();
    assert_eq!(echoed.text(), "echoed");
    assert_eq!(echoed["structuredContent"], json!({ "other": [1] }));
    assert_eq!(echoed.structured::<Value>(), json!({ "other": [1] }));
    let failed = client.call_tool("fail", json!({})).unwrap();
    assert!(failed.is_error() && !echoed.is_error());
    assert_eq!(failed.text(), "Not today.");
}

/// A header that is wrong or missing would be refused.
#[test]
fn headers_repeat_the_arguments_that_the_schema_names() {
    let client = Client::new(server());
    for arguments in [
        json!({ "region": "eu", "place": { "port": 8080 } }),
        json!({ "region": "Z\u{fc}rich" }),
        json!({ "region": " padded ", "place": {} }),
        json!({ "region": "=?base64?YQ==?=" }),
        json!({ "region": "" }),
        json!({}),
    ] {
        let result = client.call_tool("echo", arguments.clone()).unwrap();
        assert_eq!(result["structuredContent"], arguments);
    }
}

#[test]
fn a_refused_call_is_an_error_with_status_and_code() {
    let error = Client::new(server())
        .call_tool("unknown", json!({}))
        .unwrap_err();
    assert_eq!((error.status, error.code), (200, Some(-32602)));
    assert!(
        error.to_string().contains("no tool of that name"),
        "{error}"
    );

    // From another machine, a server without an issuer answers no one.
    let host = TestHost::new();
    host.set_loopback_only(false);
    let client = Client::builder(server()).host(&host).build();
    assert_eq!(client.list_tools().unwrap_err().status, 503);
}

#[test]
fn a_stream_is_read_to_its_end() {
    let client = Client::new(server());
    let began = client.host().now();
    let walked = client.call_tool("walk", json!({})).unwrap();
    assert_eq!(walked.text(), "there");
    assert!(walked.notifications().is_empty(), "none were asked for");
    assert_eq!(client.host().now().since(began), Duration::from_secs(60));

    let walked = client
        .with_meta("progressToken", "p")
        .call_tool("walk", json!({}))
        .unwrap();
    assert_eq!(walked.notifications()[0]["params"]["message"], "half");
}

#[test]
fn calls_at_once_overlap() {
    let client = Client::new(server());
    let began = client.host().now();
    let walk = || client.call_async("tools/call", json!({ "name": "walk" }));
    let (one, other) = client.host().run(join(walk(), walk()));
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(client.host().now().since(began), Duration::from_secs(60));
}

#[test]
fn questions_are_answered_by_name() {
    let client = Client::new(server());
    let call = || client.call_tool("delete", json!({}));
    let unanswered = call().unwrap_err();
    assert_eq!(
        unanswered.input_requests["confirm"]["params"]["message"],
        "Delete it?"
    );
    assert!(unanswered.to_string().contains("Client::answer"));

    client.answer("confirm", json!({ "sure": true }));
    assert!(call().unwrap_err().input_requests.contains_key("confirm-2"));
    client.answer("confirm-2", json!({ "sure": false }));
    assert_eq!(call().unwrap().text(), "true false");

    client.decline("confirm-2");
    assert!(call().unwrap().text().contains("declined"));
    client.cancel("confirm-2");
    assert!(call().unwrap().text().contains("cancelled"));

    // An answer that does not fit is asked for again, once.
    client.answer("confirm", json!({ "sure": "perhaps" }));
    let again = call().unwrap_err().input_requests;
    let message = again["confirm"]["params"]["message"].as_str().unwrap();
    assert!(message.contains("did not fit"), "{message}");
}

#[test]
fn a_client_that_cannot_be_asked_is_not_asked() {
    let client = Client::builder(server()).capabilities(json!({})).build();
    let refused = client.call_tool("delete", json!({})).unwrap_err();
    assert!(refused.input_requests.is_empty());
    assert!(
        refused.data["requiredCapabilities"].is_object(),
        "{refused:?}"
    );
}

#[test]
fn a_handler_reaches_what_the_test_has_scripted() {
    let client = Client::new(server());
    client.host().reply(URL, Reply::new(418, ""));
    let result = client.call_tool("rates", json!({})).unwrap();
    assert_eq!(result.text(), "418");
    assert!(client.host().requests()[0].header("traceparent").is_some());
}

#[test]
fn every_revision_is_spoken() {
    for revision in Revision::ALL {
        let client = Client::builder(server()).revision(revision).build();
        let result = client.call_tool("echo", json!({ "region": "eu" })).unwrap();
        assert_eq!(result.text(), "echoed", "{revision}");
        client.list_tools().unwrap();
        let events = client.host().events();
        let expected = match revision {
            Revision::V2026_07_28 => 2,
            _ => 4,
        };
        assert_eq!(events.len(), expected, "one session for both calls");
        let last = &events[expected - 1];
        assert_eq!(last["revision"], revision.as_str(), "{last}");
    }
}

#[test]
fn a_token_is_sent_and_a_challenge_is_read() {
    let mut settings = Settings::DEFAULT;
    settings.server.url = Some(TextSetting::Literal("https://mcp.example/rules"));
    settings.issuers = &[Issuer {
        name: "company",
        url: TextSetting::Literal("https://id.example"),
        algorithms: &[Algorithm::EDDSA],
        ..Issuer::DEFAULT
    }];
    let client = Client::builder(server())
        .configuration(leak(settings))
        .build();
    let error = client.list_tools().unwrap_err();
    assert_eq!(error.status, 401);
    let challenge = error.headers["www-authenticate"].to_str().unwrap();
    assert!(!challenge.contains("invalid_token"), "{challenge}");

    let other = client.with_token("not.a.token");
    let error = other.list_tools().unwrap_err();
    let challenge = error.headers["www-authenticate"].to_str().unwrap();
    assert!(challenge.contains("invalid_token"), "{challenge}");
    let document = client.get("/.well-known/oauth-protected-resource/rules");
    assert_eq!(document.status(), 200);
}

#[test]
fn policy_decides_by_the_claims_of_a_token() {
    const SERVER: &str = "https://mcp.example/mcp";
    for (url, algorithm) in [
        ("https://id.example", Algorithm::ES256),
        ("https://id.example/tenant/", Algorithm::RS256),
        ("https://id.example", Algorithm::EDDSA),
    ] {
        let mut settings = Settings::DEFAULT;
        settings.server.url = Some(TextSetting::Literal(SERVER));
        settings.issuers = Box::leak(Box::new([Issuer {
            name: "company",
            url: TextSetting::Literal(url),
            algorithms: Box::leak(Box::new([algorithm])),
            ..Issuer::DEFAULT
        }]));
        settings.policy = &[
            Rule {
                name: "readers",
                scopes: &["read"],
                tools: &["echo"],
                ..Rule::DEFAULT
            },
            Rule {
                name: "the owner",
                subjects: &["owner"],
                tools: &["*"],
                ..Rule::DEFAULT
            },
        ];
        let client = Client::builder(server())
            .configuration(leak(settings))
            .build();
        let issuer = TestIssuer::new(client.host(), url, SERVER, algorithm);
        let tools = |claims: Value| {
            let client = client.with_token(issuer.token(claims));
            client.list_tools().map(|tools| tools.len())
        };
        assert_eq!(tools(json!({ "scope": "read" })), Ok(1), "{url}");
        assert_eq!(tools(json!({ "sub": "owner" })), Ok(5));
        assert_eq!(
            tools(json!({ "aud": "https://other.example" }))
                .unwrap_err()
                .status,
            401
        );
        assert_eq!(tools(json!({ "sub": null })).unwrap_err().status, 401);

        // Ten minutes, and the leeway.
        let token = issuer.token(json!({ "sub": "owner" }));
        client.host().advance(Duration::from_secs(700));
        assert_eq!(
            client.with_token(token).list_tools().unwrap_err().status,
            401
        );
    }
}

#[test]
fn an_environment_is_selected_before_the_server_starts() {
    let public = Settings {
        access: Access {
            public: true,
            ..Settings::DEFAULT.access
        },
        ..Settings::DEFAULT
    };
    let configuration = Box::leak(Box::new(Configuration {
        base: Settings::DEFAULT,
        environments: Box::leak(Box::new([Environment {
            name: "dev",
            settings: public,
        }])),
    }));
    let host = TestHost::new();
    host.set_loopback_only(false);
    let builder = || {
        Client::builder(server())
            .configuration(configuration)
            .host(&host)
    };
    assert_eq!(builder().build().list_tools().unwrap_err().status, 503);
    assert!(builder().environment("dev").build().list_tools().is_ok());
    let error = builder().environment("prod").try_build().err().unwrap();
    assert!(
        error.to_string().contains("MCP_EDGE_ENV is `prod`"),
        "{error}"
    );
}

#[test]
#[should_panic(expected = "the secret MCP_EDGE_KEYS is not set")]
fn a_server_that_cannot_start_reports_why() {
    let host = TestHost::new();
    host.remove_variable("MCP_EDGE_KEYS");
    let _ = Client::builder(server()).host(&host).build();
}

#[test]
fn a_request_can_be_changed_before_it_is_sent() {
    let client = Client::new(server());
    let mut request = client.request("tools/list", json!({}));
    request.headers_mut().remove("mcp-method");
    let response = client.send(request);
    assert_eq!(response.status(), 400);
    let accepted = client.send(client.notification("notifications/cancelled", json!({})));
    assert_eq!(accepted.status(), 202);
}
