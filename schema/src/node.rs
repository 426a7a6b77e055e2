//! A compiled schema: what is asked of a value, without the document that asked it.
use std::collections::BTreeMap;

use super::{
    index::{NodeId, ResourceId},
    pattern::Pattern,
    shape::{Count, Shape},
};

pub(super) enum Node {
    /// `true`, and `{}`.
    Always,
    /// `false`.
    Never,
    Keywords(Box<Keywords>),
}

pub(super) struct Keywords {
    pub(super) resource: ResourceId,
    pub(super) shape: Shape,
    pub(super) rules: Vec<Rule>,
    // These two look at what the rules have left over, so they come last.
    pub(super) unevaluated_items: Option<NodeId>,
    pub(super) unevaluated_properties: Option<NodeId>,
    /// Whether no sentence may repeat the value: it is a secret (`writeOnly`, or the format `password`).
    pub(super) is_secret: bool,
}

/// What a keyword, or several that only make sense together, asks of a value's parts or by way of other subschemas.
pub(super) enum Rule {
    Ref(NodeId),
    DynamicRef {
        anchor: String,
        otherwise: NodeId,
    },
    AllOf(Vec<NodeId>),
    AnyOf(Vec<NodeId>),
    OneOf(Vec<NodeId>),
    Not(NodeId),
    If {
        condition: NodeId,
        then: Option<NodeId>,
        otherwise: Option<NodeId>,
    },
    Required(Vec<Needed>),
    DependentRequired(Vec<(String, Vec<Needed>)>),
    DependentSchemas(Vec<(String, NodeId)>),
    Properties(Properties),
    PropertyNames(NodeId),
    Items {
        first: Vec<NodeId>,
        rest: Option<NodeId>,
    },
    Contains {
        item: NodeId,
        count: Count,
    },
}

/// A property that must be there, and what it must be, for the sentence that asks for it.
pub(super) struct Needed {
    pub(super) name: String,
    pub(super) schema: Option<NodeId>,
}

/// `properties`, `patternProperties`, `additionalProperties`.
pub(super) struct Properties {
    pub(super) named: BTreeMap<String, NodeId>,
    pub(super) patterns: Vec<(Pattern, NodeId)>,
    pub(super) rest: Option<NodeId>,
}

impl Node {
    /// The subschemas that may be applied to the same value as this one. A `$dynamicRef` is known only at run time.
    pub(super) fn applied_in_place(&self) -> Vec<NodeId> {
        let Self::Keywords(keywords) = self else {
            return Vec::new();
        };
        let rules = keywords.rules.iter();
        rules
            .flat_map(|rule| match rule {
                Rule::Ref(node) | Rule::Not(node) => vec![*node],
                Rule::AllOf(nodes) | Rule::AnyOf(nodes) | Rule::OneOf(nodes) => nodes.clone(),
                Rule::If {
                    condition,
                    then,
                    otherwise,
                } => [Some(*condition), *then, *otherwise]
                    .into_iter()
                    .flatten()
                    .collect(),
                Rule::DependentSchemas(schemas) => schemas.iter().map(|(_, node)| *node).collect(),
                _ => Vec::new(),
            })
            .collect()
    }
}
