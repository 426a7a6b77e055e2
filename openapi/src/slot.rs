//! The values that calls provide, and their names as arguments.

use std::collections::BTreeMap;

use mcp_edge_catalog::{Encoding, Location, Style};
use serde_json::Value;

use crate::names;
use crate::refs::Node;

/// A value that calls provide.
pub(crate) struct Slot<'d> {
    /// Its name in the request.
    pub(crate) wire: String,
    pub(crate) role: Role,
    pub(crate) is_required: bool,
    /// The description of the parameter, which is nearer than that of its schema.
    pub(crate) description: Option<String>,
    pub(crate) is_deprecated: bool,
    /// Whether the value is Base64 of bytes, whatever the document says of its form.
    pub(crate) is_bytes: bool,
    /// Whether the request writes the value as text that can be that of a value of another type.
    pub(crate) is_text: bool,
    pub(crate) shape: Shape<'d>,
}

/// What a value is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Parameter(Location),
    /// A member of the body.
    Member,
    /// The whole body.
    Body,
}

impl Role {
    fn ending(self) -> Option<&'static str> {
        match self {
            Role::Parameter(location) => Some(place(location)),
            Role::Member | Role::Body => None,
        }
    }
}

/// The place of a parameter, as OpenAPI writes it.
pub(crate) fn place(location: Location) -> &'static str {
    match location {
        Location::Path => "path",
        Location::Query => "query",
        Location::Header => "header",
        Location::Cookie => "cookie",
    }
}

/// Where the schema of a value is.
pub(crate) enum Shape<'d> {
    /// In a document: the node, its file and its JSON Pointer.
    Schema(Node<'d>, &'d str, String),
    /// Among the properties of the body's schema.
    OfBody,
    /// It is this one.
    Given(Value),
}

/// Whether an encoding writes `"7"`, `7` and `["7"]` as the same text.
pub(crate) fn is_text(encoding: Encoding) -> bool {
    let is_deep = |style| style == Style::DeepObject;
    matches!(encoding, Encoding::Style { style, .. } if !is_deep(style))
}

/// The names of arguments. A name in two places gets the place as its ending, except in the body. What is still not unique gets a
/// hash of its place and its name in the request, except the value that has the name in the request too.
pub(crate) fn names(slots: &[&Slot<'_>]) -> Vec<String> {
    let plain: Vec<String> = slots
        .iter()
        .map(|slot| names::of_argument(&slot.wire))
        .collect();
    let mut places: BTreeMap<String, Vec<Role>> = BTreeMap::new();
    for (slot, name) in slots.iter().zip(&plain) {
        let roles = places.entry(name.to_ascii_lowercase()).or_default();
        if !roles.contains(&slot.role) {
            roles.push(slot.role);
        }
    }
    let mut chosen: Vec<String> = Vec::new();
    for (slot, name) in slots.iter().zip(&plain) {
        let roles = places.get(&name.to_ascii_lowercase());
        let is_shared = roles.is_some_and(|roles| roles.len() > 1);
        chosen.push(match slot.role.ending() {
            Some(ending) if is_shared => names::with_ending(name, &format!("_{ending}")),
            _ => name.clone(),
        });
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for name in &chosen {
        let count = counts.entry(name).or_default();
        *count = count.saturating_add(1);
    }
    // The value that is called so in the request too keeps the name: the first of them, should there be several.
    let mut kept: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, (slot, name)) in slots.iter().zip(&chosen).enumerate() {
        if slot.wire == *name {
            kept.entry(name).or_insert(index);
        }
    }
    let mut out = Vec::new();
    for (index, (slot, name)) in slots.iter().zip(&chosen).enumerate() {
        let is_unique = counts.get(name.as_str()) == Some(&1);
        out.push(if is_unique || kept.get(name.as_str()) == Some(&index) {
            name.clone()
        } else {
            let place = slot.role.ending().unwrap_or("body");
            names::hashed(name, &format!("{place} {}", slot.wire))
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(wire: &str, role: Role) -> Slot<'static> {
        Slot {
            wire: wire.to_owned(),
            role,
            is_required: false,
            description: None,
            is_deprecated: false,
            is_bytes: false,
            is_text: false,
            shape: Shape::OfBody,
        }
    }

    fn of(slots: &[(&str, Role)]) -> Vec<String> {
        let slots: Vec<Slot<'_>> = slots.iter().map(|(wire, role)| slot(wire, *role)).collect();
        names(&slots.iter().collect::<Vec<_>>())
    }

    const PATH: Role = Role::Parameter(Location::Path);
    const QUERY: Role = Role::Parameter(Location::Query);

    #[test]
    fn a_name_in_two_places_gets_the_place() {
        assert_eq!(
            of(&[("id", PATH), ("id", Role::Member), ("x", QUERY)]),
            ["id_path", "id", "x"]
        );
        assert_eq!(of(&[("id", PATH), ("id", QUERY)]), ["id_path", "id_query"]);
        assert_eq!(of(&[("ID", PATH), ("id", QUERY)]), ["ID_path", "id_query"]);
        assert_eq!(
            of(&[("body", QUERY), ("body", Role::Body)]),
            ["body_query", "body"]
        );
    }

    #[test]
    fn every_name_is_unique() {
        let several: [&[(&str, Role)]; 4] = [
            &[("filter", QUERY), ("$filter", QUERY), ("filter[]", QUERY)],
            &[
                ("id", PATH),
                ("id", Role::Member),
                ("id_path", Role::Member),
            ],
            &[("a b", QUERY), ("a-b", QUERY), ("a~b", QUERY)],
            &[("ü", QUERY), ("ö", QUERY)],
        ];
        for slots in several {
            let names = of(slots);
            let unique: std::collections::BTreeSet<&String> = names.iter().collect();
            assert_eq!(unique.len(), names.len(), "{names:?}");
            assert!(
                names.iter().all(|name| names::is_argument_name(name)),
                "{names:?}"
            );
        }
        assert_eq!(of(several[0])[0], "filter");
    }
}
