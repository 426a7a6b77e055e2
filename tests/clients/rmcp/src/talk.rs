//! The conversation that every official client holds with a server.

use rmcp::ServiceError;
use rmcp::model::{
    self, CallToolRequestParams, CallToolResult, ContentBlock, ErrorCode, GetPromptRequestParams,
    JsonObject, ReadResourceRequestParams, Resource, ResourceContents, ResourceTemplate, Tool,
};
use serde_json::Value;

use crate::conversation::{Completion, Conversation, Prompt};
use crate::expect::{contains, same};
use crate::{Client, Failure};

/// Talks to the server of fraud rules about everything it offers.
pub(crate) async fn talk(client: &Client, conversation: &Conversation) -> Result<(), Failure> {
    lists(client, conversation).await?;
    calls(client, conversation).await?;
    reads(client, conversation).await?;
    prompts(client, conversation).await?;
    asks(client, conversation).await?;
    mistakes(client, conversation).await
}

/// Reads the lists of a server where they do not fit on one page.
pub(crate) async fn pages(client: &Client, conversation: &Conversation) -> Result<(), Failure> {
    let crowd = &conversation.crowd;
    let expected = crowd.names();
    let check = |what: &str, mut names: Vec<String>| {
        names.retain(|name| name.starts_with(&crowd.prefix));
        same(what, &names, &expected)
    };
    let found = Lists::read(client).await?;
    let tools = found.tools.into_iter().map(|tool| tool.name.into_owned());
    check("the tools on several pages", tools.collect())?;
    let resources = found.resources.into_iter().map(|resource| resource.name);
    check("the resources on several pages", resources.collect())?;
    let templates = found.templates.into_iter().map(|template| template.name);
    check("the templates on several pages", templates.collect())?;
    let prompts = found.prompts.into_iter().map(|prompt| prompt.name);
    check("the prompts on several pages", prompts.collect())
}

async fn lists(client: &Client, expected: &Conversation) -> Result<(), Failure> {
    let found = Lists::read(client).await?;
    let tools = found.tools.into_iter().map(|tool| tool.name.into_owned());
    same("the tools", &tools.collect(), &expected.tools)?;
    let resources = found.resources.into_iter().map(|resource| resource.uri);
    same("the resources", &resources.collect(), &expected.resources)?;
    let templates = found
        .templates
        .into_iter()
        .map(|template| template.uri_template);
    same("the templates", &templates.collect(), &expected.templates)?;
    let prompts = found.prompts.into_iter().map(|prompt| prompt.name);
    same("the prompts", &prompts.collect(), &expected.prompts)
}

struct Lists {
    tools: Vec<Tool>,
    resources: Vec<Resource>,
    templates: Vec<ResourceTemplate>,
    prompts: Vec<model::Prompt>,
}

impl Lists {
    async fn read(client: &Client) -> Result<Self, ServiceError> {
        Ok(Self {
            tools: client.list_all_tools().await?,
            resources: client.list_all_resources().await?,
            templates: client.list_all_resource_templates().await?,
            prompts: client.list_all_prompts().await?,
        })
    }
}

async fn calls(client: &Client, conversation: &Conversation) -> Result<(), Failure> {
    let expected = &conversation.call;
    let result = call(client, &expected.name, &expected.arguments).await?;
    let steps = client.service().take_steps();
    same("the progress of the call", &steps, &expected.progress)?;
    let said = said(&result)?;
    same("the text of the result", &said, &expected.result)?;
    let structured = result.structured_content.unwrap_or_default();
    same("the structured result", &structured, &expected.result)
}

async fn reads(client: &Client, conversation: &Conversation) -> Result<(), Failure> {
    for expected in [&conversation.resource, &conversation.template] {
        let request = ReadResourceRequestParams::new(&expected.uri);
        let contents = client.read_resource(request).await?.contents;
        let [
            ResourceContents::TextResourceContents {
                uri,
                mime_type,
                text,
                ..
            },
        ] = contents.as_slice()
        else {
            return Err(format!("expected one text, found {contents:?}").into());
        };
        same("the resource", uri, &expected.uri)?;
        same("its media type", mime_type, &expected.mime_type)?;
        contains("the text of the resource", text, &expected.mentions)?;
    }
    Ok(())
}

async fn prompts(client: &Client, conversation: &Conversation) -> Result<(), Failure> {
    let Prompt {
        name,
        arguments,
        mentions,
    } = &conversation.prompt;
    let request = GetPromptRequestParams::new(name).with_arguments(arguments.clone());
    let messages = client.get_prompt(request).await?.messages;
    let messages = messages.iter().map(|message| &message.content);
    contains("the prompt", &text(messages), mentions)?;

    let Completion {
        prompt,
        argument,
        values,
    } = &conversation.completion;
    let found = client
        .complete_prompt_simple(prompt, &argument.name, &argument.value)
        .await?;
    same("the completions", &found, values)
}

async fn asks(client: &Client, conversation: &Conversation) -> Result<(), Failure> {
    let expected = &conversation.ask;
    let result = call(client, &expected.name, &expected.arguments).await?;
    let asked = client.service().asked();
    if client.service().is_legacy() {
        let is_error = result.is_error.unwrap_or_default();
        same("an error, for a server cannot ask here", &is_error, &true)?;
        let text = text(&result.content);
        contains("the error of a tool that asks", &text, &expected.legacy)?;
        return same("the questions", &asked, &Vec::new());
    }
    let fields = expected.answers.iter().map(|answer| answer.keys().cloned());
    let questions = fields.map(Iterator::collect).collect();
    same("the questions", &asked, &questions)?;
    let said = said(&result)?;
    for (key, value) in &expected.result {
        let what = format!("`{key}` in the result after the questions");
        same(&what, &said.get(key), &Some(value))?;
    }
    Ok(())
}

async fn mistakes(client: &Client, conversation: &Conversation) -> Result<(), Failure> {
    let wrong = &conversation.wrong;
    let result = call(client, &wrong.name, &wrong.arguments).await?;
    let is_error = result.is_error.unwrap_or_default();
    same("an error, for an argument is wrong", &is_error, &true)?;
    let text = text(&result.content);
    for word in &wrong.mentions {
        contains("the error of a wrong argument", &text, word)?;
    }

    let answer = call(client, &conversation.unknown, &JsonObject::new()).await;
    let code = match answer {
        Err(ServiceError::McpError(refusal)) => Some(refusal.code),
        _ => None,
    };
    let expected = Some(ErrorCode::INVALID_PARAMS);
    same("the code for an unknown tool", &code, &expected)
}

async fn call(
    client: &Client,
    name: &str,
    arguments: &JsonObject,
) -> Result<CallToolResult, ServiceError> {
    let request = CallToolRequestParams::new(name.to_owned()).with_arguments(arguments.clone());
    client.call_tool(request).await
}

/// The structured result, from its copy as text.
fn said(result: &CallToolResult) -> Result<Value, serde_json::Error> {
    serde_json::from_str(&text(&result.content))
}

fn text<'a>(content: impl IntoIterator<Item = &'a ContentBlock>) -> String {
    let texts = content.into_iter().filter_map(ContentBlock::as_text);
    let texts: Vec<_> = texts.map(|block| block.text.as_str()).collect();
    texts.join("\n")
}
