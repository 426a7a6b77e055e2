//! What everything that a server offers is described with.

use serde_json::{Map, Value};

/// Words for people and models.
#[derive(Debug, Clone, Default)]
pub(super) struct Described {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
}

impl Described {
    /// Adds the words to a definition.
    pub(super) fn write(&self, definition: &mut Map<String, Value>) {
        for (member, text) in [("title", &self.title), ("description", &self.description)] {
            if let Some(text) = text {
                definition.insert(member.to_owned(), Value::from(text.as_str()));
            }
        }
    }
}

/// Gives a type with the fields `described` and `requirements` the methods that set them.
macro_rules! described {
    ($type:ty) => {
        impl $type {
            /// What it is or does, for the person or model that decides whether to use it.
            #[must_use]
            pub fn description(mut self, text: impl Into<String>) -> Self {
                self.described.description = Some(text.into());
                self
            }

            /// What to call it in front of people.
            #[must_use]
            pub fn title(mut self, text: impl Into<String>) -> Self {
                self.described.title = Some(text.into());
                self
            }

            /// It needs a state of type `S`; without one the server cannot be built.
            #[must_use]
            pub fn requires<S: 'static>(mut self) -> Self {
                self.requirements.push(super::state::Requirement::of::<S>());
                self
            }

            pub(super) fn requirements(&self) -> &[super::state::Requirement] {
                &self.requirements
            }
        }
    };
}

pub(super) use described;
