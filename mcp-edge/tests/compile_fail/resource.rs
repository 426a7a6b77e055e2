//! Addresses that do not fit the function.
#![allow(unused_variables)]

use mcp_edge::prelude::*;

#[derive(Deserialize, JsonSchema)] #[serde(crate = "mcp_edge::serde")] #[schemars(crate = "mcp_edge::schemars")]
struct RuleId {
    id: String,
}

/// Nowhere.
#[resource]
async fn nowhere() -> Result<String, RequestError> {
    Ok(String::new())
}

/// In two places.
#[resource(uri = "rules://all", template = "rules://{id}")]
async fn two_places(rule: RuleId) -> Result<String, RequestError> {
    Ok(String::new())
}

/// With a variable in a fixed address.
#[resource(uri = "rules://{id}")]
async fn not_fixed() -> Result<String, RequestError> {
    Ok(String::new())
}

/// With parameters that nothing gives.
#[resource(uri = "rules://all")]
async fn not_given(rule: RuleId) -> Result<String, RequestError> {
    Ok(String::new())
}

/// With variables that nothing takes.
#[resource(template = "rules://{id}/{version}")]
async fn not_taken() -> Result<String, RequestError> {
    Ok(String::new())
}

/// Without a variable.
#[resource(template = "rules://all")]
async fn no_variable(rule: RuleId) -> Result<String, RequestError> {
    Ok(String::new())
}

/// With an open brace.
#[resource(template = "rules://{id")]
async fn open_brace(rule: RuleId) -> Result<String, RequestError> {
    Ok(String::new())
}

/// With a closing brace too many.
#[resource(template = "rules://{id}}")]
async fn closing_brace(rule: RuleId) -> Result<String, RequestError> {
    Ok(String::new())
}

/// With an expression that cannot be read backwards.
#[resource(template = "rules://list{?page}")]
async fn query(rule: RuleId) -> Result<String, RequestError> {
    Ok(String::new())
}

/// With the same variable twice.
#[resource(template = "rules://{id}/{id}")]
async fn same_variable(rule: RuleId) -> Result<String, RequestError> {
    Ok(String::new())
}

fn main() {}
