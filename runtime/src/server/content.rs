//! Content blocks (2026-07-28, `ContentBlock`).

use base64ct::{Base64, Encoding as _};
use serde::Serialize;

use super::ResourceContents;
use crate::finite_json::NotFiniteError;
use crate::uri;

/// One piece of what a tool or a prompt says.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Content {
    /// Text.
    #[non_exhaustive]
    Text {
        /// The text itself.
        text: String,
        /// Hints for the client.
        #[serde(skip_serializing_if = "Option::is_none")]
        annotations: Option<Annotations>,
    },
    /// An image.
    #[non_exhaustive]
    Image {
        /// Its bytes in base64.
        data: String,
        /// Its media type.
        #[serde(rename = "mimeType")]
        mime_type: String,
        /// Hints for the client.
        #[serde(skip_serializing_if = "Option::is_none")]
        annotations: Option<Annotations>,
    },
    /// A sound.
    #[non_exhaustive]
    Audio {
        /// Its bytes in base64.
        data: String,
        /// Its media type.
        #[serde(rename = "mimeType")]
        mime_type: String,
        /// Hints for the client.
        #[serde(skip_serializing_if = "Option::is_none")]
        annotations: Option<Annotations>,
    },
    /// The name of a resource that the client may read.
    #[non_exhaustive]
    ResourceLink {
        /// Where it is.
        uri: String,
        /// What to call it.
        name: String,
        /// Its media type.
        #[serde(rename = "mimeType", skip_serializing_if = "Option::is_none")]
        mime_type: Option<String>,
        /// Hints for the client.
        #[serde(skip_serializing_if = "Option::is_none")]
        annotations: Option<Annotations>,
    },
    /// A resource, contents included.
    #[non_exhaustive]
    Resource {
        /// What a read of it would give.
        resource: ResourceContents,
        /// Hints for the client.
        #[serde(skip_serializing_if = "Option::is_none")]
        annotations: Option<Annotations>,
    },
}

/// Hints on how to use a piece of content (2026-07-28, `Annotations`).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Annotations {
    /// Whom it is meant for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub audience: Vec<Role>,
    /// How much it matters, from 0 (could be left out) to 1 (is required). With any other number the call fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<f64>,
    /// When it was last changed, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

/// Who speaks, or is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The person.
    User,
    /// The model.
    Assistant,
}

impl Content {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text {
            text: text.into(),
            annotations: None,
        }
    }

    /// An image, from its bytes.
    pub fn image(bytes: impl AsRef<[u8]>, mime_type: impl Into<String>) -> Self {
        Self::Image {
            data: Base64::encode_string(bytes.as_ref()),
            mime_type: mime_type.into(),
            annotations: None,
        }
    }

    /// A sound, from its bytes.
    pub fn audio(bytes: impl AsRef<[u8]>, mime_type: impl Into<String>) -> Self {
        Self::Audio {
            data: Base64::encode_string(bytes.as_ref()),
            mime_type: mime_type.into(),
            annotations: None,
        }
    }

    /// A link to a resource. Clients of 2025-03-26 get it as text.
    pub fn link(uri: impl Into<String>, name: impl Into<String>) -> Self {
        Self::ResourceLink {
            uri: uri::normal_or_same(uri.into()),
            name: name.into(),
            mime_type: None,
            annotations: None,
        }
    }

    /// A resource with its contents.
    pub fn resource(resource: ResourceContents) -> Self {
        Self::Resource {
            resource,
            annotations: None,
        }
    }

    /// The same content with hints for the client.
    #[must_use]
    pub fn annotated(mut self, hints: Annotations) -> Self {
        match &mut self {
            Self::Text { annotations, .. }
            | Self::Image { annotations, .. }
            | Self::Audio { annotations, .. }
            | Self::ResourceLink { annotations, .. }
            | Self::Resource { annotations, .. } => *annotations = Some(hints),
        }
        self
    }

    /// Checks its hints; `at` is where it is, as a JSON pointer.
    pub(crate) fn check(&self, at: &str) -> Result<(), NotFiniteError> {
        let (Self::Text { annotations, .. }
        | Self::Image { annotations, .. }
        | Self::Audio { annotations, .. }
        | Self::ResourceLink { annotations, .. }
        | Self::Resource { annotations, .. }) = self;
        match annotations.as_ref().and_then(|hints| hints.priority) {
            Some(priority) if !(0.0..=1.0).contains(&priority) => Err(NotFiniteError {
                pointer: format!("{at}/annotations/priority"),
                why: format!("a priority is from 0 to 1, got {priority}"),
            }),
            _ => Ok(()),
        }
    }

    /// What a client that does not know resource links reads instead.
    pub(crate) fn without_links(self) -> Self {
        match self {
            Self::ResourceLink { uri, name, .. } => Self::text(format!("{name}: {uri}")),
            other => other,
        }
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}
