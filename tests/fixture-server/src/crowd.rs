//! More of everything than fits on one page.

use mcp_edge::prelude::*;
use mcp_edge::server::{NoInput, ServerBuilder};

use crate::questions::Name;

/// How many tools, resources and prompts there are besides those with a purpose.
const CROWD: u32 = 120;

/// Adds a crowd of tools `crowd_000`, resources `fixture://crowd/000`, templates `fixture://crowd-000/{id}` and prompts
/// `crowd_000`, and so on.
pub(crate) fn gather(mut server: ServerBuilder) -> ServerBuilder {
    for number in 0..CROWD {
        let name = format!("crowd_{number:03}");
        server = server
            .tool(tool(&name))
            .resource(resource(&name, format!("fixture://crowd/{number:03}")))
            .template(template(
                &name,
                format!("fixture://crowd-{number:03}/{{id}}"),
            ))
            .prompt(prompt(&name));
    }
    server
}

fn tool(name: &str) -> Tool {
    let said = name.to_owned();
    Tool::typed(name, move |_, _: NoInput| {
        let said = said.clone();
        async move { Ok::<_, ToolError>(said) }
    })
    .description("One of many.")
}

fn resource(name: &str, uri: String) -> Resource {
    let said = name.to_owned();
    Resource::new(uri, name, move |_| {
        let said = said.clone();
        async move { Ok::<_, RequestError>(said) }
    })
    .description("One of many.")
}

#[derive(Deserialize, JsonSchema)]
struct Id {
    id: String,
}

fn template(name: &str, template: String) -> ResourceTemplate {
    ResourceTemplate::typed(template, name, move |_, params: Id| async move {
        Ok::<_, RequestError>(params.id)
    })
    .description("One of many.")
}

fn prompt(name: &str) -> Prompt {
    let said = name.to_owned();
    Prompt::plain(name, move |_| {
        let said = said.clone();
        async move { Ok::<_, RequestError>(said) }
    })
    .description("One of many.")
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Person {
    name: String,
}

/// Calls for a person in the crowd.
#[prompt]
pub(crate) async fn crowd(person: Person) -> Result<String, RequestError> {
    Ok(format!("Where is {}?", person.name))
}

/// Completes a name with more names than an answer may hold. What begins with `?` makes it ask, which no completion can.
pub(crate) async fn complete_name(
    cx: Context,
    typed: CompletionRequest,
) -> Result<Vec<String>, RequestError> {
    if typed.value.starts_with('?') {
        let user: Name = cx.ask("name", Form::new("Whom do you mean?")).await?;
        return Ok(vec![user.name]);
    }
    let names = (0..CROWD).map(|number| format!("person-{number:03}"));
    Ok(names
        .filter(|name| name.starts_with(&typed.value))
        .collect())
}
