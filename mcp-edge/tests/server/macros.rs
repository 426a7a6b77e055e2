//! What functions with `#[tool]`, `#[resource]` and `#[prompt]` become.

use futures_executor::block_on;
use mcp_edge::prelude::*;
use serde_json::json;

use super::host::ask;

struct Rules(Vec<&'static str>);

struct Limit(u32);

#[derive(Deserialize, JsonSchema)]
struct Amount {
    /// In cents.
    amount: u32,
}

#[derive(Deserialize, JsonSchema)]
struct RuleId {
    id: String,
}

/// Counts the rules.
///
/// A second paragraph,
/// on two lines.
#[tool(
    title = "Count rules",
    read_only,
    destructive = false,
    idempotent,
    open_world = false
)]
async fn count_rules(rules: State<Rules>) -> Result<String, ToolError> {
    // A variable may have the function's name.
    let count_rules = rules.0.len();
    Ok(count_rules.to_string())
}

struct TooMuch(u32);

impl From<TooMuch> for ToolError {
    fn from(TooMuch(limit): TooMuch) -> Self {
        Self::new(format!("the limit is {limit}"))
    }
}

/// Checks an amount.
#[tool(name = "check.amount")]
async fn check(
    Amount { amount }: Amount,
    limit: State<Limit>,
    _cx: Context,
    rules: State<Rules>,
) -> Result<String, TooMuch> {
    if amount > limit.0 {
        return Err(TooMuch(limit.0));
    }
    Ok(format!("{amount} passes {} rules", rules.0.len()))
}

/// All rules.
#[resource(uri = "rules://all", title = "Rules", mime_type = "text/plain")]
async fn rules(rules: State<Rules>) -> Result<String, RequestError> {
    Ok(rules.0.join("\n"))
}

/// One rule.
#[resource(template = "rules://{id}", name = "one-rule")]
async fn rule(rules: State<Rules>, rule: RuleId) -> Result<String, RequestError> {
    let known = rules.0.iter().find(|known| **known == rule.id);
    known
        .map(|rule| (*rule).to_owned())
        .ok_or_else(RequestError::not_found)
}

/// Reviews one rule.
#[prompt(title = "Review")]
async fn review(RuleId { id }: RuleId) -> Result<String, RequestError> {
    Ok(format!("Review {id}."))
}

/// Reviews everything.
#[prompt]
async fn review_all() -> Result<String, RequestError> {
    Ok("Review.".to_owned())
}

mod elsewhere {
    use mcp_edge::prelude::*;

    /// Is registered from another module, and only in tests.
    #[cfg(test)]
    #[tool]
    #[allow(clippy::unused_async)]
    pub(super) async fn r#match() -> Result<(), ToolError> {
        Ok(())
    }
}

fn server() -> Result<Server, BuildError> {
    Server::builder("com.example/rules", "1.0.0")
        .state(Rules(vec!["velocity", "country"]))
        .state(Limit(100))
        .tool(count_rules)
        .tool(check)
        .tool(elsewhere::r#match().title("Match"))
        .resource(rules)
        .template(rule)
        .prompt(review)
        .prompt(review_all)
        .build()
}

#[test]
fn a_tool_is_described_by_its_attribute_and_comment() {
    let tools = ask(server(), "tools/list", json!({}))["tools"].take();
    assert_eq!(tools[0]["name"], "count_rules");
    assert_eq!(tools[0]["title"], "Count rules");
    assert_eq!(
        tools[0]["description"],
        "Counts the rules.\n\nA second paragraph,\non two lines."
    );
    let hints = json!({
        "readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false
    });
    assert_eq!(tools[0]["annotations"], hints);
    assert_eq!(tools[0]["inputSchema"]["additionalProperties"], false);
    assert_eq!(tools[1]["name"], "check.amount");
    assert_eq!(tools[1].get("annotations"), None);
    assert_eq!(
        tools[1]["inputSchema"]["properties"]["amount"]["description"],
        "In cents."
    );
    assert_eq!(tools[2]["name"], "match");
    assert_eq!(tools[2]["title"], "Match");
}

#[test]
fn a_tool_gets_its_parameters() {
    let call = |name, arguments| {
        ask(
            server(),
            "tools/call",
            json!({ "name": name, "arguments": arguments }),
        )
    };
    assert_eq!(call("count_rules", json!({}))["content"][0]["text"], "2");
    assert_eq!(
        call("check.amount", json!({ "amount": 5 }))["content"][0]["text"],
        "5 passes 2 rules"
    );
    let failed = call("check.amount", json!({ "amount": 500 }));
    assert_eq!(failed["isError"], true);
    assert_eq!(failed["content"][0]["text"], "the limit is 100");
}

#[test]
fn resources_and_templates_are_read() {
    let listed = ask(server(), "resources/list", json!({}))["resources"][0].take();
    assert_eq!(
        listed,
        json!({
            "uri": "rules://all", "name": "rules", "title": "Rules", "description": "All rules.", "mimeType": "text/plain"
        })
    );
    let templates =
        ask(server(), "resources/templates/list", json!({}))["resourceTemplates"][0].take();
    let expected =
        json!({ "uriTemplate": "rules://{id}", "name": "one-rule", "description": "One rule." });
    assert_eq!(templates, expected);
    let read = |uri| ask(server(), "resources/read", json!({ "uri": uri }));
    assert_eq!(
        read("rules://all")["contents"][0]["text"],
        "velocity\ncountry"
    );
    assert_eq!(read("rules://country")["contents"][0]["text"], "country");
    assert_eq!(read("rules://nothing")["error"]["code"], -32602);
}

#[test]
fn prompts_take_arguments_or_none() {
    let prompts = ask(server(), "prompts/list", json!({}))["prompts"].take();
    assert_eq!(prompts[0]["title"], "Review");
    assert_eq!(
        prompts[0]["arguments"],
        json!([{ "name": "id", "required": true }])
    );
    assert_eq!(prompts[1]["description"], "Reviews everything.");
    let get =
        |params| ask(server(), "prompts/get", params)["messages"][0]["content"]["text"].take();
    assert_eq!(
        get(json!({ "name": "review", "arguments": { "id": "country" } })),
        "Review country."
    );
    assert_eq!(get(json!({ "name": "review_all" })), "Review.");
}

#[test]
fn a_state_that_was_not_given_is_noticed_while_building() {
    let built = Server::builder("com.example/rules", "1.0.0")
        .state(Limit(1))
        .tool(check)
        .build();
    let mistake = built.expect_err("Rules are missing").to_string();
    assert!(mistake.contains("Rules"), "{mistake}");
}

#[test]
fn a_unit_test_can_call_the_function() {
    let called = block_on(count_rules::call(State::from(Rules(vec!["velocity"]))));
    assert_eq!(called, Ok("1".to_owned()));
}

/// A template whose variable has another name than the field.
#[resource(template = "weather://{city}")]
async fn misnamed(rule: RuleId) -> Result<String, RequestError> {
    Ok(rule.id)
}

/// A template that leaves a field out.
#[resource(template = "rules://limits/{limit}")]
async fn incomplete(range: Range) -> Result<String, RequestError> {
    Ok(format!("{}-{}", range.limit, range.least))
}

#[derive(Deserialize, JsonSchema)]
struct Range {
    limit: u32,
    least: u32,
}

#[derive(Deserialize, JsonSchema)]
struct Tags {
    tags: Vec<String>,
}

/// A template whose variable is no list.
#[resource(template = "rules://tagged/{tags}")]
async fn tagged(tags: Tags) -> Result<String, RequestError> {
    Ok(tags.tags.concat())
}

/// A prompt whose argument is no list.
#[prompt]
async fn summary(tags: Tags) -> Result<String, RequestError> {
    Ok(tags.tags.concat())
}

/// A URI that is none.
#[resource(uri = "rules://100%")]
async fn percent() -> Result<String, RequestError> {
    Ok(String::new())
}

/// A URI as people write it.
#[resource(uri = "docs://Straße/a b")]
async fn spelled() -> Result<String, RequestError> {
    Ok(String::new())
}

/// The same URI as machines write it.
#[resource(uri = "docs://Stra%c3%9fe/a%20b")]
async fn encoded() -> Result<String, RequestError> {
    Ok(String::new())
}

#[test]
fn what_could_never_be_read_does_not_build() {
    let server = || Server::builder("com.example/rules", "1.0.0");
    for (builder, mistake) in [
        (
            server().template(misnamed),
            "resource template `weather://{city}`: its variable `city` is not a field of its parameters, which have `id`; \
             give both one name",
        ),
        (
            server().template(incomplete),
            "resource template `rules://limits/{limit}`: the field `least` is not a variable of the template; add \
             `{least}`, or make the field an `Option`",
        ),
        (
            server().template(tagged),
            "resource template `rules://tagged/{tags}`: the field `tags` cannot be read from a text; use a string, number, \
             boolean or enum, or describe it as one with `#[schemars(with = \"String\")]`",
        ),
        (
            server().prompt(summary),
            "prompt `summary`: the field `tags` cannot be read from a text; use a string, number, boolean or enum, or \
             describe it as one with `#[schemars(with = \"String\")]`",
        ),
        (
            server().resource(percent),
            "resource `rules://100%`: a `%` in a URI is followed by two hexadecimal digits, as in `%20`",
        ),
        (
            server().resource(spelled).resource(encoded),
            "there are two resources named `docs://Stra%C3%9Fe/a%20b`; rename one of them",
        ),
    ] {
        assert_eq!(builder.build().expect_err(mistake).to_string(), mistake);
    }
}

#[test]
fn uris_are_listed_in_their_normal_form() {
    let server = Server::builder("com.example/rules", "1.0.0")
        .resource(spelled)
        .build();
    let listed = ask(server, "resources/list", json!({}))["resources"][0].take();
    assert_eq!(listed["uri"], "docs://Stra%C3%9Fe/a%20b");
}
