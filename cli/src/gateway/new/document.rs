//! The document that a gateway is proposed for.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use mcp_edge_openapi::{
    Compilation, Document, MAX_DOCUMENT_BYTES, Mistake, Request, Rules, compile, read_document,
};
use serde_json::Value as Json;

use crate::catalog::documents::Files;
use crate::fetch;
use crate::output::Failure;
use crate::secret_file;

/// The folder of documents, below that of `mcp.toml`.
const FOLDER: &str = "openapi/";

/// A document, from where it was found.
pub(super) struct Source {
    /// Below the folder of `mcp.toml`.
    path: String,
    text: String,
    value: Json,
    /// Where it was fetched.
    url: Option<String>,
    /// The files in its folder.
    files: Option<Files>,
    /// Those that it refers to.
    referenced: RefCell<BTreeMap<String, String>>,
}

impl Source {
    /// Reads a file, or fetches a URL.
    pub(super) fn read(place: &str) -> Result<Self, Failure> {
        let is_url = place.contains("://");
        let (text, name, files) = if is_url {
            let bytes = fetch::at(place, MAX_DOCUMENT_BYTES).map_err(Failure::usage)?;
            let bytes =
                bytes.ok_or_else(|| Failure::usage(format!("there is no document at {place}")))?;
            let text = String::from_utf8(bytes.into())
                .map_err(|_| Failure::usage(format!("{place} is not text in UTF-8")))?;
            let path = place.split(['?', '#']).next().unwrap_or_default();
            let name = path.rsplit('/').next().unwrap_or_default().to_owned();
            (text, name, None)
        } else {
            let path = Path::new(place);
            let limit = u64::try_from(MAX_DOCUMENT_BYTES).unwrap_or(u64::MAX);
            let text = secret_file::read_up_to(path, limit)?
                .ok_or_else(|| Failure::usage(format!("there is no file {place}")))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let folder = path.parent().unwrap_or(Path::new(""));
            (text, name.into_owned(), Some(Files::in_folder(folder)))
        };
        let name = file_name(&name, &text);
        let value = read_document(&name, &text).map_err(Failure::check)?;
        Ok(Self {
            path: format!("{FOLDER}{name}"),
            text,
            value,
            url: is_url.then(|| place.to_owned()),
            files,
            referenced: RefCell::default(),
        })
    }

    /// Its path below the folder of `mcp.toml`.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Where it was fetched.
    pub(super) fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// It and the files that it refers to, by their paths below the folder of `mcp.toml`.
    pub(super) fn copies(&self) -> BTreeMap<String, String> {
        let mut copies = self.referenced.borrow().clone();
        copies.insert(self.path.clone(), self.text.clone());
        copies
    }

    /// Compiles it, with these rules.
    pub(super) fn compiled(
        &self,
        upstream: &str,
        rules: Rules,
    ) -> Result<Compilation, Vec<Mistake>> {
        let read = |path: &str| -> Result<String, String> {
            let outside = || format!("{path} is outside the folder of the document");
            let inner = path.strip_prefix(FOLDER).ok_or_else(outside)?;
            let Some(files) = &self.files else {
                return Err(format!(
                    "it refers to {inner}; download all files of the document into one folder, and name the file"
                ));
            };
            let text = files.referenced(inner)?;
            self.referenced
                .borrow_mut()
                .insert(path.to_owned(), text.clone());
            Ok(text)
        };
        let document = Document {
            name: self.path.clone(),
            text: self.text.clone(),
        };
        compile(&Request {
            rules,
            read: &read,
            ..Request::new(upstream, vec![document])
        })
    }

    /// What it says of itself.
    pub(super) fn facts(&self) -> Facts<'_> {
        Facts(&self.value)
    }
}

/// A file name without surprises, whose end is that of its format.
fn file_name(name: &str, text: &str) -> String {
    let is_json = text.trim_start().starts_with('{');
    let ends: &[&str] = match is_json {
        true => &[".json"],
        false => &[".yaml", ".yml"],
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let lower = name.to_ascii_lowercase();
    let is_known = ends.iter().any(|end| lower.ends_with(end));
    if is_known && !name.starts_with(['.', '-']) && name.len() <= 100 && name.chars().all(is_plain)
    {
        return name.to_owned();
    }
    match is_json {
        true => "api.json".to_owned(),
        false => "api.yaml".to_owned(),
    }
}

/// What a document says of its API.
pub(super) struct Facts<'d>(&'d Json);

/// An operation, as the document has it.
pub(super) struct Listed<'d> {
    pub(super) verb: String,
    pub(super) path: &'d str,
    pub(super) tags: Vec<&'d str>,
    /// Its alternatives, or those of the whole document.
    pub(super) security: Option<&'d Vec<Json>>,
}

impl Listed<'_> {
    pub(super) fn label(&self) -> String {
        format!("{} {}", self.verb, self.path)
    }

    /// Whether HTTP says that it changes nothing (RFC 9110, 9.2.1).
    pub(super) fn is_read_only(&self) -> bool {
        matches!(self.verb.as_str(), "GET" | "HEAD")
    }
}

const METHODS: [&str; 8] = [
    "get", "head", "post", "put", "patch", "delete", "options", "trace",
];

impl<'d> Facts<'d> {
    #[cfg(test)]
    pub(super) fn of(document: &'d Json) -> Self {
        Self(document)
    }

    pub(super) fn title(&self) -> Option<&'d str> {
        self.0.pointer("/info/title").and_then(Json::as_str)
    }

    /// A name for the upstream: letters, digits and hyphens.
    pub(super) fn slug(&self) -> String {
        let title = self.title().unwrap_or_default().to_ascii_lowercase();
        let words = title.split(|c: char| !c.is_ascii_alphanumeric());
        let words = words.filter(|word| !word.is_empty() && !matches!(*word, "api" | "the"));
        let mut slug = String::new();
        for word in words {
            let length = slug.len().saturating_add(word.len()).saturating_add(1);
            if length > 32 {
                break;
            }
            if !slug.is_empty() {
                slug.push('-');
            }
            slug.push_str(word);
        }
        match slug.starts_with(|c: char| c.is_ascii_lowercase()) {
            true => slug,
            false => "api".to_owned(),
        }
    }

    /// The URL of the first server, with the defaults of its variables.
    pub(super) fn server(&self) -> Option<String> {
        let server = self.0.pointer("/servers/0")?;
        let mut url = server.get("url")?.as_str()?.trim().to_owned();
        let variables = server.get("variables").and_then(Json::as_object);
        for (name, variable) in variables.into_iter().flatten() {
            if let Some(default) = variable.get("default").and_then(Json::as_str) {
                url = url.replace(&format!("{{{name}}}"), default);
            }
        }
        Some(url)
    }

    /// The operations that are in the document itself.
    pub(super) fn operations(&self) -> Vec<Listed<'d>> {
        let paths = self.0.get("paths").and_then(Json::as_object);
        let everywhere = self.0.get("security").and_then(Json::as_array);
        let mut operations = Vec::new();
        for (path, item) in paths.into_iter().flatten() {
            for method in METHODS {
                let Some(operation) = item.get(method) else {
                    continue;
                };
                let tags = operation.get("tags").and_then(Json::as_array);
                let own = operation.get("security").and_then(Json::as_array);
                operations.push(Listed {
                    verb: method.to_ascii_uppercase(),
                    path,
                    tags: tags
                        .into_iter()
                        .flatten()
                        .filter_map(Json::as_str)
                        .collect(),
                    security: own.or(everywhere),
                });
            }
        }
        operations
    }

    /// A security scheme.
    pub(super) fn scheme(&self, name: &str) -> Option<&'d Json> {
        let schemes = self.0.pointer("/components/securitySchemes")?;
        let scheme = schemes.get(name)?;
        match scheme.get("$ref").and_then(Json::as_str) {
            Some(reference) => self.0.pointer(reference.strip_prefix('#')?),
            None => Some(scheme),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_of_strangers_become_plain() {
        for (title, slug) in [
            ("Petstore", "petstore"),
            ("The Orders API (v2)", "orders-v2"),
            ("3D", "api"),
            ("注文", "api"),
            ("../../etc", "etc"),
        ] {
            assert_eq!(Facts(&json!({ "info": { "title": title } })).slug(), slug);
        }
        for (name, text, plain) in [
            ("orders.yaml", "openapi: 3.1.0", "orders.yaml"),
            ("openapi", "{}", "api.json"),
            ("orders.yaml", "{}", "api.json"),
            (".bashrc.yaml", "a: 1", "api.yaml"),
            ("a b.yml", "a: 1", "api.yaml"),
        ] {
            assert_eq!(file_name(name, text), plain, "{name}");
        }
    }
}
