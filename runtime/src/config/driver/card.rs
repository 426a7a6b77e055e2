//! The code that makes the Server Card.

use std::fmt;

use serde_json::Value;

use crate::config::Card;
use crate::implementation::Implementation;

/// Makes the Server Card and the AI catalog.
///
/// It is one of the settings, so that a server without a card does not link the code.
#[derive(Clone, Copy)]
pub struct CardRenderer {
    name: &'static str,
    render: fn(&CardContent<'_>) -> Option<RenderedCard>,
}

/// What a card contains.
pub(crate) struct CardContent<'a> {
    pub(crate) server: &'a Implementation,
    pub(crate) settings: &'a Card,
    /// The public URL of the endpoint.
    pub(crate) url: &'a str,
    /// The URL of the card.
    pub(crate) card_url: &'a str,
    /// The digest and the URL of the manifest that callers without a token may read.
    pub(crate) manifest: Value,
}

/// A card with the catalog that lists it.
pub(crate) struct RenderedCard {
    pub(crate) card: Value,
    pub(crate) catalog: Value,
}

impl CardRenderer {
    pub(crate) const fn new(
        name: &'static str,
        render: fn(&CardContent<'_>) -> Option<RenderedCard>,
    ) -> Self {
        Self { name, render }
    }

    /// `None` where the server's name or version is not valid in a card.
    pub(crate) fn render(self, content: &CardContent<'_>) -> Option<RenderedCard> {
        (self.render)(content)
    }
}

impl PartialEq for CardRenderer {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl fmt::Debug for CardRenderer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
