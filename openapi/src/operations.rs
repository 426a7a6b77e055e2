//! The operations of the documents, in the order of their catalog: by path, then method.

use mcp_edge_catalog::Method;
use serde_json::Value;

use crate::at::escape;
use crate::names;
use crate::refs::{Library, Node};
use crate::report::Losses;

/// The methods that a path item has operations of, in their order.
const METHODS: [(&str, &str, Method); 8] = [
    ("get", "GET", Method::Get),
    ("head", "HEAD", Method::Head),
    ("post", "POST", Method::Post),
    ("put", "PUT", Method::Put),
    ("patch", "PATCH", Method::Patch),
    ("delete", "DELETE", Method::Delete),
    ("options", "OPTIONS", Method::Options),
    ("trace", "TRACE", Method::Trace),
];

/// An operation of a document.
#[derive(Debug, Clone)]
pub(crate) struct Found<'d> {
    /// As in `GET /patients/{id}`.
    pub(crate) label: String,
    pub(crate) verb: &'static str,
    pub(crate) method: Method,
    pub(crate) path: &'d str,
    /// The `operationId`, or the name that is made of method and path.
    pub(crate) id: String,
    pub(crate) tags: Vec<String>,
    /// The root of the document.
    pub(crate) root: Node<'d>,
    /// The path item, behind its reference.
    pub(crate) item: Node<'d>,
    pub(crate) node: Node<'d>,
    /// The file that contains the operation, and its JSON Pointer there.
    pub(crate) document: &'d str,
    pub(crate) pointer: String,
    /// The JSON Pointer of the path item.
    pub(crate) item_pointer: String,
}

/// Finds the operations of the first `documents` files.
pub(crate) fn find<'d>(
    library: &'d Library,
    documents: usize,
    warnings: &mut Losses,
) -> Vec<Found<'d>> {
    let mut found = Vec::new();
    for file in 0..documents {
        let Some(root) = library.root(file) else {
            continue;
        };
        let name = library.name(file);
        let Some(paths) = root.get("paths") else {
            warnings.add("the document has no `paths`", format!("{name}#"));
            continue;
        };
        let Value::Object(members) = paths.value else {
            warnings.add("`paths` is not an object", format!("{name}#/paths"));
            continue;
        };
        for (path, item) in members {
            let pointer = format!("/paths/{}", escape(path));
            if !path.starts_with('/') {
                if !path.starts_with("x-") {
                    warnings.add(
                        format!("the path \"{path}\" does not start with `/`"),
                        format!("{name}#{pointer}"),
                    );
                }
                continue;
            }
            match library.follow(root.with(item)) {
                Err(problem) => warnings.add(problem, format!("{name}#{pointer}")),
                Ok((item, target)) => {
                    let (document, pointer) = match target {
                        Some(target) => (target.document, target.pointer),
                        None => (name, pointer),
                    };
                    found.extend(operations(root, item, path, document, &pointer));
                }
            }
        }
    }
    // The order does not depend on how a document is written.
    found.sort_by(|one, other| {
        (one.path, one.method, one.root.file).cmp(&(other.path, other.method, other.root.file))
    });
    found
}

fn operations<'d>(
    root: Node<'d>,
    item: Node<'d>,
    path: &'d str,
    document: &'d str,
    item_pointer: &str,
) -> impl Iterator<Item = Found<'d>> {
    METHODS.into_iter().filter_map(move |(key, verb, method)| {
        let node = item.get(key)?;
        let id = node.text("operationId").filter(|id| !id.is_empty());
        let tags = node.get("tags").and_then(|tags| tags.value.as_array());
        let tags = tags.into_iter().flatten().filter_map(Value::as_str);
        Some(Found {
            label: format!("{verb} {path}"),
            verb,
            method,
            path,
            id: id.map_or_else(|| names::of_method_and_path(verb, path), str::to_owned),
            tags: tags.map(str::to_owned).collect(),
            root,
            item,
            node,
            document,
            pointer: format!("{item_pointer}/{key}"),
            item_pointer: item_pointer.to_owned(),
        })
    })
}

impl Found<'_> {
    /// The place of the operation, for messages.
    pub(crate) fn at(&self) -> String {
        format!("{}#{}", self.document, self.pointer)
    }
}
