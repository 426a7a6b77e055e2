//! A tool that changes between two rounds, as if a deploy had come between.

use mcp_edge::prelude::*;

use crate::journal::runs;

/// What the deploy changes.
#[derive(Clone, Copy, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Changes {
    Nothing,
    Question,
    Step,
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Deploy {
    changes: Changes,
}

#[derive(Deserialize, JsonSchema)]
struct Colour {
    colour: String,
}

#[derive(Deserialize, JsonSchema)]
struct Confirmation {
    ok: bool,
}

/// Asks for a colour, mixes it in a step, and asks whether it will do. A client that calls itself `after-the-deploy` meets
/// the tool as the deploy left it.
#[tool]
pub(crate) async fn across_a_deploy(cx: Context, input: Deploy) -> Result<String, ToolError> {
    let deployed = cx
        .client()
        .name()
        .is_some_and(|name| name.starts_with("after-the-deploy"));
    let changed = |what| deployed && input.changes == what;

    let question = if changed(Changes::Question) {
        "Which colour do you want now?"
    } else {
        "Which colour do you want?"
    };
    let Colour { colour } = cx.ask("colour", Form::new(question)).await?;

    let mixed = if changed(Changes::Step) {
        let litres: u32 = cx
            .step("mix", async |_| {
                runs(&cx, "mix").await;
                5
            })
            .await?;
        format!("{litres} litres of {colour}")
    } else {
        cx.step("mix", async |_| {
            runs(&cx, "mix").await;
            format!("a bucket of {colour}")
        })
        .await?
    };

    let answer: Confirmation = cx.ask("confirm", Form::new("Will it do?")).await?;
    Ok(format!("{mixed}: {}", answer.ok))
}
