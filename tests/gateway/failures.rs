//! Upstreams that refuse, fail, or do not keep to HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mcp_edge_tests::gateway::Hosting;
use mcp_edge_tests::recorder::wait_for;
use mcp_edge_tests::suite::Test;
use mcp_edge_tests::tests;
use mcp_edge_tests::upstream::{Reply, Upstream};
use serde_json::json;

use crate::api::{CONFIGURATION, SECRET, answer, deploy, shared, variables};

pub(crate) fn tests() -> Vec<Test<Hosting>> {
    tests![
        a_problem_is_a_tool_error_with_its_title,
        a_rate_limit_says_when_to_try_again,
        a_refused_credential_is_the_fault_of_the_gateway,
        a_page_of_an_error_is_bounded_and_harmless,
        a_redirect_is_an_error_that_names_the_origin_only,
        a_large_response_is_refused_before_and_after_unpacking,
        a_response_that_ends_early_or_never_is_an_error,
        an_upstream_that_is_not_there_is_an_error_and_the_rest_works,
        an_upstream_that_is_down_is_left_alone,
        details_of_errors_can_be_left_out,
        a_secret_that_the_upstream_repeats_is_hidden,
        bad_arguments_and_cancelled_calls_do_not_keep_an_upstream_down,
        a_slow_operation_is_left_alone_and_the_others_work,
    ]
}

fn a_problem_is_a_tool_error_with_its_title(hosting: &Hosting) {
    let error = shared(hosting)
        .gateway
        .tool_error("status", json!({ "code": 404 }));
    for part in ["404", "No such order", "Order 7 is gone"] {
        assert!(error.contains(part), "{error}");
    }
    assert!(!error.contains("Order.java"), "{error}");
}

fn a_rate_limit_says_when_to_try_again(hosting: &Hosting) {
    let error = shared(hosting)
        .gateway
        .tool_error("status", json!({ "code": 429 }));
    assert!(error.contains("429") && error.contains("17"), "{error}");
}

fn a_refused_credential_is_the_fault_of_the_gateway(hosting: &Hosting) {
    let shared = shared(hosting);
    let answer = shared.gateway.endpoint.send(&mcp_edge_tests::gateway::call(
        "status",
        json!({ "code": 401 }),
        None,
    ));
    let result = answer.result().to_string();
    assert!(result.contains("isError"), "{result}");
    for hidden in [SECRET, "Bearer", "internal", "www-authenticate"] {
        assert!(!result.contains(hidden), "{result}");
    }
    let event = shared.gateway.events.of_tool("status", |event| {
        event["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("401"))
    });
    assert!(!event.to_string().contains(SECRET), "{event}");
}

fn a_page_of_an_error_is_bounded_and_harmless(hosting: &Hosting) {
    let error = shared(hosting)
        .gateway
        .tool_error("status", json!({ "code": 500 }));
    assert!(error.contains("500"), "{error}");
    assert!(!error.contains('\u{1b}'), "{error:?}");
    assert!(error.len() < 4096, "{error}");
}

fn a_redirect_is_an_error_that_names_the_origin_only(hosting: &Hosting) {
    let error = shared(hosting)
        .gateway
        .tool_error("status", json!({ "code": 302 }));
    assert!(error.contains("http://169.254.169.254"), "{error}");
    assert!(
        !error.contains("secret") && !error.contains("latest"),
        "{error}"
    );
}

fn a_large_response_is_refused_before_and_after_unpacking(hosting: &Hosting) {
    let gateway = &shared(hosting).gateway;
    for tool in ["large", "zipped"] {
        let error = gateway.tool_error(tool, json!({}));
        // A host that does not unpack refuses what it did not ask for.
        assert!(
            error.contains("16384 bytes") || error.contains("could not be read"),
            "{tool}: {error}"
        );
    }
}

fn a_response_that_ends_early_or_never_is_an_error(hosting: &Hosting) {
    let gateway = &shared(hosting).gateway;
    for tool in ["unfinished", "stalls", "noHttp"] {
        let error = gateway.tool_error(tool, json!({}));
        assert!(error.contains("`api`"), "{tool}: {error}");
        assert!(!error.contains("127.0.0.1"), "{tool}: {error}");
    }
}

fn an_upstream_that_is_not_there_is_an_error_and_the_rest_works(hosting: &Hosting) {
    let upstream = Upstream::start(answer);
    let second = r#"
[upstreams.gone]
url = "http://127.0.0.1:9"
private = true
documents = ["api.yaml"]
allow = ["find"]
prefix = "gone"
"#;
    let tools = CONFIGURATION
        .replace("[tools.find]\n", "[tools.find]\nupstream = \"api\"\n")
        .replace(
            "[tools.list_ids]\n",
            "[tools.list_ids]\nupstream = \"api\"\n",
        );
    let own = deploy(hosting, &format!("{tools}{second}"), upstream);
    let error = own
        .gateway
        .tool_error("gone_find", json!({ "q": "x", "format": "y" }));
    assert!(error.contains("`gone`"), "{error}");
    let works = own.gateway.call("find", json!({ "query": "x" }), None);
    assert!(works.get("isError").is_none(), "{works}");
}

fn an_upstream_that_is_down_is_left_alone(hosting: &Hosting) {
    let upstream = Upstream::start(|_| Reply::of(503, "text/plain", "maintenance"));
    let configuration = CONFIGURATION.replace(
        "breaker_failures = 0",
        "breaker_failures = 2\nbreaker_pause = \"10m\"",
    );
    let own = deploy(hosting, &configuration, upstream);
    // Each instance, and each thread of a process, counts by itself.
    let error = wait_for("the breaker", || {
        let error = own.gateway.tool_error("find", json!({ "query": "x" }));
        error.contains("is down").then_some(error)
    });
    assert!(error.contains("`api`"), "{error}");
}

fn details_of_errors_can_be_left_out(hosting: &Hosting) {
    let upstream = Upstream::start(answer);
    let configuration = CONFIGURATION.replace("breaker_failures = 0", "error_details = false");
    let files = [
        ("mcp.toml", configuration.as_str()),
        ("api.yaml", crate::api::DOCUMENT),
    ];
    let gateway = hosting.deploy(&files, &variables(&upstream));
    let error = gateway.tool_error("status", json!({ "code": 404 }));
    assert!(error.contains("404"), "{error}");
    assert!(!error.contains("No such order"), "{error}");
}

fn a_secret_that_the_upstream_repeats_is_hidden(hosting: &Hosting) {
    let upstream = Upstream::start(|request| {
        let key = request.header("x-api-key").unwrap_or_default();
        let status = if request.target.contains("404") {
            404
        } else {
            200
        };
        Reply::of(
            status,
            "application/json",
            format!(r#"{{"title":"{key}","key":"{key}"}}"#),
        )
    });
    let own = deploy(hosting, CONFIGURATION, upstream);
    for code in [200, 404] {
        let result = own.gateway.call("status", json!({ "code": code }), None);
        let text = result.to_string();
        assert!(text.contains("***"), "{text}");
        assert!(!text.contains(SECRET), "{text}");
    }
    assert!(!own.gateway.events.text().contains(SECRET));
}

fn bad_arguments_and_cancelled_calls_do_not_keep_an_upstream_down(hosting: &Hosting) {
    let is_down = Arc::new(AtomicBool::new(true));
    let state = Arc::clone(&is_down);
    let upstream = Upstream::start(move |request| match state.load(Ordering::Relaxed) {
        true => Reply::of(503, "text/plain", "maintenance"),
        false => answer(request),
    });
    let configuration = CONFIGURATION.replace(
        "breaker_failures = 0",
        "breaker_failures = 1\nbreaker_pause = \"1s\"",
    );
    let own = deploy(hosting, &configuration, upstream);
    wait_for("the breaker", || {
        let error = own.gateway.tool_error("find", json!({ "query": "x" }));
        error.contains("is down").then_some(())
    });
    is_down.store(false, Ordering::Relaxed);
    wait_for("the upstream", || {
        // Whatever it does, it must not take the place of the call that tries again.
        own.gateway.tool_error("getThing", json!({ "id": ".." }));
        let result = own.gateway.call("find", json!({ "query": "x" }), None);
        result.get("isError").is_none().then_some(())
    });
}

fn a_slow_operation_is_left_alone_and_the_others_work(hosting: &Hosting) {
    let configuration = CONFIGURATION
        .replace(
            "breaker_failures = 0",
            "breaker_failures = 2\nbreaker_pause = \"10m\"",
        )
        .replace("timeout = \"2s\"", "timeout = \"1s\"");
    let own = deploy(hosting, &configuration, Upstream::start(answer));
    let error = wait_for("the breaker of the operation", || {
        let error = own.gateway.tool_error("stalls", json!({}));
        error.contains("is too slow").then_some(error)
    });
    assert!(
        error.contains("`stalls`") && error.contains("`api`"),
        "{error}"
    );
    let found = own.gateway.call("find", json!({ "query": "x" }), None);
    assert!(found.get("isError").is_none(), "{found}");
}
