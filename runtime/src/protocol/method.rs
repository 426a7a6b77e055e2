//! Methods, and the eras that have them (2026-07-28, basic; digest of all revisions).

use crate::revision::Era;

/// A method that a client may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Initialize,
    Ping,
    SetLevel,
    Subscribe,
    Unsubscribe,
    Discover,
    Listen,
    ListTools,
    CallTool,
    ListResources,
    ListTemplates,
    ReadResource,
    ListPrompts,
    GetPrompt,
    Complete,
}

use Method::{
    CallTool, Complete, Discover, GetPrompt, Initialize, ListPrompts, ListResources, ListTemplates,
    ListTools, Listen, Ping, ReadResource, SetLevel, Subscribe, Unsubscribe,
};

/// Each method with its name and the one era that has it, if not both.
const METHODS: [(Method, &str, Option<Era>); 15] = [
    (Initialize, "initialize", Some(Era::Legacy)),
    (Ping, "ping", Some(Era::Legacy)),
    (SetLevel, "logging/setLevel", Some(Era::Legacy)),
    (Subscribe, "resources/subscribe", Some(Era::Legacy)),
    (Unsubscribe, "resources/unsubscribe", Some(Era::Legacy)),
    (Discover, "server/discover", Some(Era::Modern)),
    (Listen, "subscriptions/listen", Some(Era::Modern)),
    (ListTools, "tools/list", None),
    (CallTool, "tools/call", None),
    (ListResources, "resources/list", None),
    (ListTemplates, "resources/templates/list", None),
    (ReadResource, "resources/read", None),
    (ListPrompts, "prompts/list", None),
    (GetPrompt, "prompts/get", None),
    (Complete, "completion/complete", None),
];

impl Method {
    pub(crate) fn parse(name: &str, era: Era) -> Option<Self> {
        METHODS
            .into_iter()
            .find(|(_, known, only)| *known == name && only.is_none_or(|only| only == era))
            .map(|(method, ..)| method)
    }

    pub(crate) fn as_str(self) -> &'static str {
        METHODS
            .into_iter()
            .find(|(method, ..)| *method == self)
            .map_or("", |(_, name, _)| name)
    }

    /// The parameter that names what the method is about, and that clients repeat in `Mcp-Name`.
    pub(crate) fn subject(self) -> Option<&'static str> {
        match self {
            CallTool | GetPrompt => Some("name"),
            ReadResource => Some("uri"),
            _ => None,
        }
    }

    /// Whether it may answer with `input_required` (2026-07-28, basic/patterns/mrtr).
    pub(crate) fn may_ask(self) -> bool {
        self.subject().is_some()
    }

    /// Whether its result is what a handler said, and not what the server is.
    pub(crate) fn has_said(self) -> bool {
        self.subject().is_some() || self == Complete
    }

    /// Whether its complete result says how long it may be kept (2026-07-28, server/utilities/caching).
    pub(crate) fn is_cacheable(self) -> bool {
        matches!(
            self,
            Discover | ListTools | ListPrompts | ListResources | ListTemplates | ReadResource
        )
    }
}
