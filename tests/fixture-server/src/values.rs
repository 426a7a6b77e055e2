//! Values at the edge of what JSON and a type have in common.

use std::collections::BTreeMap;

use mcp_edge::prelude::*;
use mcp_edge::server::{Annotations, ServerBuilder};
use serde_json::{Value, json};

/// Adds everything in this module.
pub(crate) fn gather(server: ServerBuilder) -> ServerBuilder {
    server
        .tool(whole)
        .tool(whole_by_schema())
        .tool(measure)
        .tool(measure_in_step)
        .tool(trip)
        .tool(hint)
        .tool(ask_impossible)
        .resource(street)
        .resource(rates)
        .template(counter)
        .prompt(count)
        .prompt(hinted)
        .complete_resource("fixture://zähler/{number}", "number", complete_number)
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Whole {
    count: Option<u32>,
    signed: Option<i64>,
    many: Option<Vec<i16>>,
    named: Option<BTreeMap<String, u8>>,
    shape: Option<Shape>,
    either: Option<Either>,
    number: Option<f64>,
    any: Option<Value>,
    #[serde(flatten)]
    more: More,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct More {
    flat: Option<u64>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Shape {
    Square { side: u16 },
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Either {
    Number(u32),
    Text(String),
}

/// Takes whole numbers at any depth, and gives them back as text.
#[tool]
pub(crate) async fn whole(input: Whole) -> Result<String, ToolError> {
    serde_json::to_string(&input).map_err(ToolError::internal)
}

/// The same without a type.
fn whole_by_schema() -> Tool {
    let schema = json!({ "type": "object", "properties": { "count": { "type": "integer" }, "any": true, "nothing": false } });
    Tool::untyped("whole_by_schema", schema, |_, arguments| async move {
        Ok(ToolResult::text(arguments.to_string()))
    })
    .description("Takes a whole number, and gives it back as text.")
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum What {
    Nan,
    Infinity,
    Finite,
}

impl What {
    fn number(self) -> f64 {
        match self {
            Self::Nan => f64::NAN,
            Self::Infinity => f64::NEG_INFINITY,
            Self::Finite => 1.5,
        }
    }
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Measure {
    what: What,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Measured {
    rates: Vec<f64>,
}

/// Gives numbers, of which the second may be none that JSON has.
#[tool]
pub(crate) async fn measure(input: Measure) -> Result<Json<Measured>, ToolError> {
    Ok(Json(Measured {
        rates: vec![1.0, input.what.number()],
    }))
}

/// The same in a step, whose result goes into the journal.
#[tool]
pub(crate) async fn measure_in_step(cx: Context, input: Measure) -> Result<String, ToolError> {
    let measured = cx
        .step("measure", async |_| Measured {
            rates: vec![1.0, input.what.number()],
        })
        .await?;
    Ok(format!("{} rates", measured.rates.len()))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Days {
    days: u32,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Trip {
    #[schemars(range(min = 1, max = 14))]
    days: u32,
}

/// Gives a number that its output schema may forbid.
#[tool]
pub(crate) async fn trip(input: Days) -> Result<Json<Trip>, ToolError> {
    Ok(Json(Trip { days: input.days }))
}

fn content(what: What) -> Content {
    Content::text("hinted").annotated(Annotations {
        priority: Some(what.number() / 2.0),
        ..Annotations::default()
    })
}

/// Gives content whose hint may be no number that JSON has.
#[tool]
pub(crate) async fn hint(input: Measure) -> Result<Content, ToolError> {
    Ok(content(input.what))
}

/// The same in a message.
#[prompt]
pub(crate) async fn hinted(input: Measure) -> Result<Vec<PromptMessage>, RequestError> {
    Ok(vec![PromptMessage::user(content(input.what))])
}

/// Asks with a form that does not allow what it begins with.
#[tool]
pub(crate) async fn ask_impossible(cx: Context) -> Result<String, ToolError> {
    let schema = json!({ "type": "object", "properties": { "days": { "type": "integer", "maximum": 14, "default": 20 } } });
    let answer = cx
        .ask("days", Form::with_schema("How long?", schema))
        .await?;
    Ok(answer.to_string())
}

/// Has a URI with a space and a letter that is not ASCII.
#[resource(uri = "fixture://Straße/a b", mime_type = "text/plain")]
pub(crate) async fn street() -> Result<String, RequestError> {
    Ok("the street".to_owned())
}

/// Has numbers that JSON does not have.
#[resource(uri = "fixture://rates")]
pub(crate) async fn rates() -> Result<Json<Measured>, RequestError> {
    Ok(Json(Measured {
        rates: vec![f64::INFINITY],
    }))
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Counter {
    number: u64,
}

/// A counter by its number.
#[resource(template = "fixture://zähler/{number}", mime_type = "text/plain")]
pub(crate) async fn counter(counter: Counter) -> Result<String, RequestError> {
    Ok(format!("counter {}", counter.number))
}

async fn complete_number(
    _: Context,
    typed: CompletionRequest,
) -> Result<Vec<String>, RequestError> {
    Ok(vec![format!("{}0", typed.value)])
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Count {
    to: u8,
    loudly: Option<bool>,
}

/// Counts.
#[prompt]
pub(crate) async fn count(count: Count) -> Result<String, RequestError> {
    Ok(format!(
        "Count to {}, loudly: {:?}.",
        count.to, count.loudly
    ))
}
