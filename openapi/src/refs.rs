//! The files of a compilation, and what references name in them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::at::unescape;
use crate::document::{self, Revision};
use crate::report::Mistake;
use crate::request::Document;

/// The maximum number of files, the documents among them.
const MAX_FILES: usize = 512;
/// The maximum size of all files together, in bytes.
const MAX_TOTAL_BYTES: usize = 128 * 1024 * 1024;
/// The maximum number of references that lead to one another.
const MAX_HOPS: usize = 32;

/// A value in a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'d> {
    pub(crate) file: usize,
    pub(crate) value: &'d Value,
}

impl<'d> Node<'d> {
    /// A member, in the same file.
    pub(crate) fn get(self, key: &str) -> Option<Node<'d>> {
        self.value.get(key).map(|value| self.with(value))
    }

    /// Another value of the same file.
    pub(crate) fn with(self, value: &'d Value) -> Node<'d> {
        Node { value, ..self }
    }

    /// What tells a value from all others.
    pub(crate) fn id(self) -> usize {
        std::ptr::from_ref(self.value).addr()
    }

    pub(crate) fn text(self, key: &str) -> Option<&'d str> {
        self.value.get(key)?.as_str()
    }

    pub(crate) fn is_true(self, key: &str) -> bool {
        self.value.get(key) == Some(&Value::Bool(true))
    }

    pub(crate) fn reference(self) -> Option<&'d str> {
        self.text("$ref")
    }
}

/// What a reference names.
#[derive(Debug, Clone)]
pub(crate) struct Target<'d> {
    pub(crate) node: Node<'d>,
    pub(crate) document: &'d str,
    /// The JSON Pointer of the node.
    pub(crate) pointer: String,
}

impl Target<'_> {
    /// The last token of the pointer, or the file's name.
    pub(crate) fn name(&self) -> String {
        match self.pointer.rsplit_once('/') {
            Some((_, last)) => unescape(last),
            None => self.document.to_owned(),
        }
    }
}

struct File {
    name: String,
    /// Or why it cannot be read, which matters where a reference needs it.
    content: Result<Value, String>,
    revision: Revision,
}

/// Every file that the documents consist of.
pub(crate) struct Library {
    files: Vec<File>,
    by_name: BTreeMap<String, usize>,
}

impl Library {
    /// Reads the documents and all files that their references name, directly or not.
    pub(crate) fn load(
        documents: &[Document],
        read: &dyn Fn(&str) -> Result<String, String>,
    ) -> Result<Self, Vec<Mistake>> {
        let mut library = Library {
            files: Vec::new(),
            by_name: BTreeMap::new(),
        };
        let mut mistakes = Vec::new();
        let mut bytes = 0_usize;
        for document in documents {
            bytes = bytes.saturating_add(document.text.len());
            let name = join("", &document.name).unwrap_or_else(|_| document.name.clone());
            let content = document::read(&document.name, &document.text);
            let read = content.and_then(|value| {
                document::revision(&document.name, &value).map(|revision| (value, revision))
            });
            match read {
                Err(mistake) => mistakes.push(mistake),
                Ok(_) if library.by_name.contains_key(&name) => mistakes.push(Mistake::new(
                    format!("{} is listed twice; remove one of them", document.name),
                )),
                Ok((value, revision)) => library.add(name, Ok(value), revision),
            }
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let mut next = 0;
        while let Some(file) = library.files.get(next) {
            let names = file.external();
            let revision = file.revision;
            for name in names {
                if library.by_name.contains_key(&name) {
                    continue;
                }
                if library.files.len() >= MAX_FILES || bytes > MAX_TOTAL_BYTES {
                    return Err(vec![Mistake::new(format!(
                        "the documents consist of more than {MAX_FILES} files or {MAX_TOTAL_BYTES} bytes; bundle what is served \
                         into one"
                    ))]);
                }
                let content = read(&name).and_then(|text| {
                    bytes = bytes.saturating_add(text.len());
                    document::read(&name, &text).map_err(|mistake| mistake.message)
                });
                library.add(name, content, revision);
            }
            next = next.saturating_add(1);
        }
        Ok(library)
    }

    fn add(&mut self, name: String, content: Result<Value, String>, revision: Revision) {
        self.by_name.insert(name.clone(), self.files.len());
        self.files.push(File {
            name,
            content,
            revision,
        });
    }

    /// The root of a file.
    pub(crate) fn root(&self, file: usize) -> Option<Node<'_>> {
        let value = self.files.get(file)?.content.as_ref().ok()?;
        Some(Node { file, value })
    }

    pub(crate) fn name(&self, file: usize) -> &str {
        self.files.get(file).map_or("", |file| &file.name)
    }

    pub(crate) fn revision(&self, file: usize) -> Revision {
        self.files
            .get(file)
            .map_or(Revision::V3_1, |file| file.revision)
    }

    /// Resolves a reference that is in `file`. The error is a sentence.
    pub(crate) fn resolve(&self, file: usize, reference: &str) -> Result<Target<'_>, String> {
        let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let file = match path {
            "" => file,
            path => {
                let name = join(self.name(file), path)
                    .map_err(|problem| format!("the reference \"{reference}\" {problem}"))?;
                self.by_name
                    .get(&name)
                    .copied()
                    .ok_or_else(|| format!("the reference \"{reference}\" names no known file"))?
            }
        };
        let known = self
            .files
            .get(file)
            .ok_or_else(|| format!("the reference \"{reference}\" names no known file"))?;
        let root = known.content.as_ref().map_err(|problem| {
            format!("the reference \"{reference}\" names a file that cannot be read: {problem}")
        })?;
        let pointer = percent_decoded(fragment);
        let value = match pointer.as_str() {
            "" => Some(root),
            text if text.starts_with('/') => root.pointer(text),
            _ => {
                return Err(format!(
                    "the reference \"{reference}\" is not a JSON Pointer; anchors are not resolved"
                ));
            }
        };
        let value = value.ok_or_else(|| format!("the reference \"{reference}\" names nothing"))?;
        Ok(Target {
            node: Node { file, value },
            document: &known.name,
            pointer,
        })
    }

    /// Follows `$ref` until a value without one. The target is `None` where there was none to follow.
    pub(crate) fn follow<'d>(
        &'d self,
        node: Node<'d>,
    ) -> Result<(Node<'d>, Option<Target<'d>>), String> {
        let mut node = node;
        let mut target = None;
        for _ in 0..MAX_HOPS {
            let Some(reference) = node.reference() else {
                return Ok((node, target));
            };
            let found = self.resolve(node.file, reference)?;
            node = found.node;
            target = Some(found);
        }
        Err(format!(
            "more than {MAX_HOPS} references lead to one another"
        ))
    }
}

impl File {
    /// The names of other files that its references contain.
    fn external(&self) -> Vec<String> {
        let mut names = Vec::new();
        let mut pending: Vec<&Value> = self.content.iter().collect();
        while let Some(value) = pending.pop() {
            match value {
                Value::Object(members) => {
                    let reference = members.get("$ref").and_then(Value::as_str);
                    let path = reference.and_then(|reference| reference.split('#').next());
                    if let Some(path) = path.filter(|path| !path.is_empty())
                        && let Ok(name) = join(&self.name, path)
                    {
                        names.push(name);
                    }
                    pending.extend(members.values());
                }
                Value::Array(items) => pending.extend(items),
                _ => {}
            }
        }
        names.sort();
        names.dedup();
        names
    }
}

/// The name of the file at `path`, which is relative to the file `from`.
fn join(from: &str, path: &str) -> Result<String, &'static str> {
    let path = percent_decoded(path);
    if path.contains("://") || path.starts_with("//") {
        return Err(
            "leads to the network, and nothing is fetched; save the file next to the document",
        );
    }
    if path.contains(['\\', '\0', '?']) || (path.starts_with('/') && !from.is_empty()) {
        return Err("is not a relative path");
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = Vec::new();
    let absolute = from.starts_with('/') || path.starts_with('/');
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if !matches!(parts.last(), None | Some(&"..")) => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    Ok(if absolute {
        format!("/{joined}")
    } else {
        joined
    })
}

/// Decodes `%XX`. What is not valid UTF-8 afterwards stays as it is.
pub(crate) fn percent_decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let decoded = match (first, after) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)),
            _ => None,
        };
        match decoded {
            Some((high, low)) => {
                bytes.push(high.wrapping_shl(4) | low);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}
