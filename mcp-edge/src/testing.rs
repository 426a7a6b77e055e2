//! Tests of a server, in memory: no network, no async runtime, no waiting.
//!
//! The feature `testing` adds this module. It belongs in `[dev-dependencies]`, so that no deployment contains it:
//!
//! ```toml
//! [dev-dependencies]
//! mcp-edge = { version = "0.1", features = ["testing"] }
//! ```
//!
//! # Test a tool
//!
//! ```
//! # use mcp_edge::prelude::*;
//! # #[derive(Deserialize, JsonSchema)]
//! # #[serde(crate = "mcp_edge::serde")]
//! # #[schemars(crate = "mcp_edge::schemars")]
//! # struct Greet { name: String }
//! # /// Greets a person by name.
//! # #[tool]
//! # async fn greet(input: Greet) -> Result<String, ToolError> { Ok(format!("Hello, {}!", input.name)) }
//! # fn server() -> Result<Server, BuildError> { Server::builder("com.example/hello", "1.0.0").tool(greet).build() }
//! use mcp_edge::serde_json::json;
//! use mcp_edge::testing::Client;
//!
//! # fn main() -> Result<(), mcp_edge::testing::CallError> {
//! let client = Client::new(server());
//! let result = client.call_tool("greet", json!({ "name": "Ada" }))?;
//! assert_eq!(result.text(), "Hello, Ada!");
//!
//! let result = client.call_tool("greet", json!({}))?;
//! assert!(result.is_error(), "the model reads which argument is missing");
//! # Ok(()) }
//! ```
//!
//! [`Client`] sends an HTTP request to the server's handler and reads the response, so the test sees what a client sees: schemas,
//! policy, refusals, streams. A tool's error is a result with [`is_error`](CallResult::is_error); a refused request is a
//! [`CallError`] with its status and code. [`Client::list_tools`], [`read_resource`](Client::read_resource),
//! [`get_prompt`](Client::get_prompt) and [`call`](Client::call) work the same way; [`send`](Client::send) sends any HTTP
//! request.
//!
//! # Move the clock
//!
//! The clock of a [`TestHost`] stands still until the test moves it, or until everything waits for it. Then it jumps: a handler
//! that sleeps for an hour returns at once, and an hour has passed.
//!
//! ```
//! use std::time::Duration;
//! # use mcp_edge::prelude::*;
//! # use mcp_edge::serde_json::json;
//! # use mcp_edge::testing::Client;
//!
//! /// Waits for the market to open.
//! #[tool]
//! async fn wait(cx: Context) -> Result<String, ToolError> {
//!     cx.sleep(Duration::from_secs(3600)).await;
//!     Ok(cx.now().to_rfc3339())
//! }
//! # fn server() -> Result<Server, BuildError> { Server::builder("com.example/clock", "1.0.0").tool(wait).build() }
//!
//! # fn main() -> Result<(), mcp_edge::testing::CallError> {
//! let client = Client::new(server());
//! let began = client.host().now();
//! assert_eq!(client.call_tool("wait", json!({}))?.text(), "2027-01-15T09:00:00.000Z");
//! client.host().advance(Duration::from_secs(60));
//! assert_eq!(client.host().now().since(began), Duration::from_secs(3660));
//! # Ok(()) }
//! ```
//!
//! # Script an upstream
//!
//! A request that a handler sends gets the reply that the test has for its URL, and is recorded. One without a reply fails.
//!
//! ```
//! # use mcp_edge::prelude::*;
//! # use mcp_edge::serde_json::json;
//! use mcp_edge::testing::{Client, Reply};
//!
//! /// The rate of the euro.
//! #[tool]
//! async fn euro(cx: Context) -> Result<String, ToolError> {
//!     let key = cx.variable("RATES_KEY").await?.unwrap_or_default();
//!     let request = http::Request::get("https://rates.example/euro").header("x-api-key", key);
//!     let request = request.body(Default::default()).map_err(ToolError::internal)?;
//!     match cx.fetch(request).await {
//!         Ok(answer) if answer.status() == 200 => Ok(String::from_utf8_lossy(answer.body()).into_owned()),
//!         _ => Err(ToolError::new("The rates are not available; try again later.")),
//!     }
//! }
//! # fn server() -> Result<Server, BuildError> { Server::builder("com.example/rates", "1.0.0").tool(euro).build() }
//!
//! # fn main() -> Result<(), mcp_edge::testing::CallError> {
//! let client = Client::new(server());
//! let host = client.host();
//! host.set_variable("RATES_KEY", "for-tests");
//! host.reply_once("https://rates.example/euro", Reply::new(200, "1.08"));
//! host.reply("https://rates.example/euro", Reply::silent());
//!
//! assert_eq!(client.call_tool("euro", json!({}))?.text(), "1.08");
//! assert_eq!(host.requests()[0].header("x-api-key"), Some("for-tests"));
//! # Ok(()) }
//! ```
//!
//! # Answer a question
//!
//! [`Client::answer`], [`decline`](Client::decline) and [`cancel`](Client::cancel) answer what a handler asks under a name. A
//! question without an answer is an error that has it in [`input_requests`](CallError::input_requests).
//!
//! ```
//! # use mcp_edge::prelude::*;
//! # use mcp_edge::serde_json::json;
//! # use mcp_edge::testing::Client;
//! # #[derive(Deserialize, JsonSchema)]
//! # #[serde(crate = "mcp_edge::serde")]
//! # #[schemars(crate = "mcp_edge::schemars")]
//! # struct Sure { sure: bool }
//! /// Deletes everything.
//! #[tool(destructive)]
//! async fn delete(cx: Context) -> Result<String, ToolError> {
//!     let answer = cx.ask("confirm", Form::<Sure>::new("Delete everything?")).await?;
//!     Ok(if answer.sure { "deleted" } else { "kept" }.to_owned())
//! }
//! # fn server() -> Result<Server, BuildError> { Server::builder("com.example/store", "1.0.0").tool(delete).build() }
//!
//! # fn main() -> Result<(), mcp_edge::testing::CallError> {
//! let client = Client::new(server());
//! let question = client.call_tool("delete", json!({})).unwrap_err().input_requests;
//! assert_eq!(question["confirm"]["params"]["message"], "Delete everything?");
//!
//! client.answer("confirm", json!({ "sure": true }));
//! assert_eq!(client.call_tool("delete", json!({}))?.text(), "deleted");
//! # Ok(()) }
//! ```
//!
//! # Test with your mcp.toml
//!
//! `Client::new` has the settings of an empty file. [`Client::builder`] takes those of yours, an environment, an access token and
//! a protocol revision:
//!
//! ```
//! # use mcp_edge::prelude::*;
//! use mcp_edge::config::Configuration;
//! use mcp_edge::revision::Revision;
//! # use mcp_edge::testing::{Client, TestHost};
//! # /// Greets.
//! # #[tool]
//! # async fn greet() -> Result<String, ToolError> { Ok("Hello!".to_owned()) }
//! # fn server() -> Result<Server, BuildError> { Server::builder("com.example/hello", "1.0.0").tool(greet).build() }
//!
//! static CONFIGURATION: Configuration = mcp_edge::config!();
//!
//! let host = TestHost::new();
//! let client = Client::builder(server())
//!     .configuration(&CONFIGURATION)
//!     .host(&host)
//!     .revision(Revision::V2025_06_18)
//!     .build();
//! assert!(client.list_tools().is_ok());
//! assert_eq!(host.events().len(), 3, "initialize, initialized and the list");
//! ```
//!
//! # Test as a caller
//!
//! A [`TestIssuer`] takes the place of an issuer in `mcp.toml` and signs access tokens, so that a test sees how the policy
//! decides by their claims. [`Client::with_token`] is another caller of the same server.
//!
//! ```
//! # use mcp_edge::prelude::*;
//! # use mcp_edge::config::{Algorithm, Configuration, Issuer, Rule, Server as Location, Settings, TextSetting};
//! # use mcp_edge::serde_json::json;
//! # use mcp_edge::testing::{Client, TestIssuer};
//! # /// Pays an invoice.
//! # #[tool]
//! # async fn pay() -> Result<String, ToolError> { Ok("paid".to_owned()) }
//! # fn server() -> Result<Server, BuildError> { Server::builder("com.example/pay", "1.0.0").tool(pay).build() }
//! # // What `mcp_edge::config!()` makes of an mcp.toml with an issuer and a rule for the tool.
//! # const ISSUERS: &[Issuer] = &[Issuer {
//! #     name: "company", url: TextSetting::Literal("https://id.example.com"), algorithms: &[Algorithm::ES256], ..Issuer::DEFAULT
//! # }];
//! # const RULES: &[Rule] = &[Rule { name: "payers", scopes: &["pay"], tools: &["pay"], ..Rule::DEFAULT }];
//! # const URL: TextSetting = TextSetting::Literal("https://mcp.example.com/mcp");
//! # static CONFIGURATION: Configuration = Configuration {
//! #     base: Settings { server: Location { url: Some(URL) }, issuers: ISSUERS, policy: RULES, ..Settings::DEFAULT },
//! #     environments: &[],
//! # };
//! let client = Client::builder(server()).configuration(&CONFIGURATION).build();
//! let url = "https://mcp.example.com/mcp";
//! let issuer = TestIssuer::new(client.host(), "https://id.example.com", url, Algorithm::ES256);
//! assert_eq!(client.list_tools().unwrap_err().status, 401);
//!
//! let ada = client.with_token(issuer.token(json!({ "sub": "ada", "scope": "pay" })));
//! assert_eq!(ada.call_tool("pay", json!({})).unwrap().text(), "paid");
//!
//! let bob = client.with_token(issuer.token(json!({ "sub": "bob" })));
//! let refused = bob.call_tool("pay", json!({})).unwrap_err();
//! assert_eq!(refused.status, 403);
//! assert!(refused.headers["www-authenticate"].to_str().unwrap().contains("insufficient_scope"));
//! ```

pub use mcp_edge_runtime::testing::*;
