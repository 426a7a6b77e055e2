//! Conversations that a person can begin with one click.

use mcp_edge::prelude::*;

use crate::book::Book;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Review {
    /// The rule's id.
    rule: String,
}

/// Reviews a fraud rule: does it still earn its keep?
#[prompt(title = "Review a rule")]
pub(crate) async fn review_rule(
    book: State<Book>,
    input: Review,
) -> Result<Vec<PromptMessage>, RequestError> {
    let rule = book.rule(&input.rule)?;
    let question = format!(
        "Evaluate the rule `{}` in every region. Does it catch enough fraud for the false alarms it raises? \
         If another threshold looks better, simulate it.",
        rule.id
    );
    Ok(vec![
        PromptMessage::user(Content::link(format!("rules://{}", rule.id), &rule.title)),
        PromptMessage::user(question),
    ])
}
