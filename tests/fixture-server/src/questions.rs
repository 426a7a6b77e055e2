//! Tools that ask.

use futures_util::future::{join3, try_join3};
use mcp_edge::mrtr::{Roots, Sampling};
use mcp_edge::prelude::*;
use serde_json::json;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Name {
    pub(crate) name: String,
}

#[derive(Deserialize, JsonSchema)]
struct City {
    city: String,
}

#[derive(Deserialize, JsonSchema)]
struct Age {
    #[schemars(range(min = 0, max = 150))]
    age: u8,
}

#[derive(Deserialize, JsonSchema)]
struct Contact {
    #[schemars(extend("format" = "email"))]
    email: String,
    #[schemars(range(min = 18, max = 150))]
    age: u8,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Form,
    Url,
    Sampling,
    Roots,
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct AskFor {
    kind: Kind,
}

/// Asks one thing, of the kind that it is told.
#[tool]
pub(crate) async fn ask(cx: Context, input: AskFor) -> Result<String, ToolError> {
    Ok(match input.kind {
        Kind::Form => {
            let user: Name = cx.ask("name", Form::new("What is your name?")).await?;
            format!("name: {}", user.name)
        }
        Kind::Url => {
            let visit = UrlElicitation::new("Please sign in.", "https://example.com/sign-in");
            cx.ask("visit", visit).await?;
            "visited".to_owned()
        }
        Kind::Sampling => {
            let question = Sampling::new(json!({
                "messages": [{ "role": "user", "content": { "type": "text", "text": "Say yes." } }],
                "maxTokens": 10,
            }));
            format!("message: {}", cx.ask("message", question).await?)
        }
        Kind::Roots => format!("roots: {}", json!(cx.ask("roots", Roots).await?)),
    })
}

/// Asks three things at once.
#[tool]
pub(crate) async fn ask_several(cx: Context) -> Result<String, ToolError> {
    let (user, home, born): (Name, City, Age) = try_join3(
        cx.ask("name", Form::new("What is your name?")),
        cx.ask("city", Form::new("Where do you live?")),
        cx.ask("age", Form::new("How old are you?")),
    )
    .await?;
    Ok(format!("{}, {}, {}", user.name, home.city, born.age))
}

/// Asks under one name twice.
#[tool]
pub(crate) async fn ask_twice(cx: Context) -> Result<String, ToolError> {
    let first: Name = cx.ask("name", Form::new("Whom do you know?")).await?;
    let second: Name = cx.ask("name", Form::new("And whom else?")).await?;
    Ok(format!("{} and {}", first.name, second.name))
}

/// Asks for values that have to fit: an email address, and an age between 18 and 150.
#[tool]
pub(crate) async fn ask_carefully(cx: Context) -> Result<String, ToolError> {
    let contact: Contact = cx
        .ask("contact", Form::new("How can we reach you?"))
        .await?;
    Ok(format!("{}, {}", contact.email, contact.age))
}

/// Takes no for an answer, asks two more things at once, and reports the outcome of all three.
#[tool]
pub(crate) async fn ask_again_after_no(cx: Context) -> Result<String, ToolError> {
    let first = cx.ask("first", Form::<Name>::new("Name one.")).await;
    let (first, second, third) = join3(
        async { became(first) },
        async { became(cx.ask("second", Form::new("Name another.")).await) },
        async { became(cx.ask("third", Form::new("Name a third.")).await) },
    )
    .await;
    Ok(format!("{}, {}, {}", first?, second?, third?))
}

fn became(answer: Result<Name, AskError>) -> Result<String, AskError> {
    match answer {
        Ok(user) => Ok(user.name),
        Err(AskError::Declined) => Ok("declined".to_owned()),
        Err(AskError::Cancelled) => Ok("cancelled".to_owned()),
        Err(error) => Err(error),
    }
}
