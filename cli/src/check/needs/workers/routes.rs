//! Whether requests for the public URL reach the Worker.

use mcp_edge_glob::fits;
use mcp_edge_runtime::config::{Settings, TextSetting};
use toml_edit::{Item, Table, TableLike};

use super::super::edit;
use super::section::Section;

/// Warnings. A Worker without routes may get its requests by what is set at the platform.
pub(super) fn warnings(
    path: &str,
    file: &Table,
    section: &Section,
    settings: &Settings,
) -> Vec<String> {
    let routes = routes(file, section);
    let Some(TextSetting::Literal(url)) = settings.server.url else {
        return Vec::new();
    };
    if routes.is_empty() {
        return Vec::new();
    }
    let target = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = target.split('/').next().unwrap_or(target);
    let reaches = |target: &str| routes.iter().any(|route| route.serves(target));
    let patterns: Vec<_> = routes.iter().map(|route| route.pattern.as_str()).collect();
    let patterns = patterns.join(", ");
    if !reaches(target) {
        return vec![format!(
            "{path} serves {patterns}, and server.url is {url}, so that requests for it do not reach this Worker; add a \
             route for {host}"
        )];
    }
    let metadata = format!("{host}/.well-known/oauth-protected-resource");
    if !settings.issuers.is_empty() && !reaches(&metadata) {
        return vec![format!(
            "{path} serves {patterns}, and clients learn from {metadata} where to sign in; add a route for \
             {host}/.well-known/*"
        )];
    }
    Vec::new()
}

struct Route {
    /// A host and a path, in which `*` stands for any text, slashes too: the platform's patterns are a subset of those in
    /// `mcp.toml`.
    pattern: String,
    /// It is a host with all its paths.
    domain: bool,
}

impl Route {
    fn simple(pattern: &str) -> Self {
        let pattern = pattern.split_once("://").map_or(pattern, |(_, rest)| rest);
        Self {
            pattern: pattern.to_ascii_lowercase(),
            domain: false,
        }
    }

    fn of(table: &dyn TableLike) -> Option<Self> {
        let domain = table.get("custom_domain").and_then(Item::as_bool);
        Some(Self {
            domain: domain.unwrap_or_default(),
            ..Self::simple(edit::text_in(table, "pattern")?)
        })
    }

    fn serves(&self, target: &str) -> bool {
        let target = target.to_ascii_lowercase();
        match self.domain {
            true => target.split('/').next() == Some(self.pattern.as_str()),
            false => fits(&self.pattern, &target),
        }
    }
}

/// Those of the section, or of the top of the file, which a section inherits.
fn routes(file: &Table, section: &Section) -> Vec<Route> {
    let own = routes_at(file, &section.path(&["route"]), &section.path(&["routes"]));
    match own.is_empty() {
        true => routes_at(file, &["route"], &["routes"]),
        false => own,
    }
}

fn routes_at(file: &Table, one: &[&str], several: &[&str]) -> Vec<Route> {
    let one = edit::get(file, one);
    let text = one.and_then(Item::as_str);
    let table = one.and_then(Item::as_table_like);
    let texts = text.into_iter().chain(edit::texts(file, several));
    let tables = table.into_iter().chain(edit::entries(file, several));
    let tables = tables.filter_map(Route::of);
    texts.map(Route::simple).chain(tables).collect()
}

#[cfg(test)]
mod tests {
    use mcp_edge_runtime::config::Issuer;
    use toml_edit::DocumentMut;

    use super::super::section::Notation;
    use super::*;

    fn warned(text: &str) -> usize {
        let mut settings = Settings::DEFAULT;
        settings.server.url = Some(TextSetting::Literal("https://fraud.example.com/mcp"));
        settings.issuers = &[Issuer::DEFAULT];
        let file: DocumentMut = text.parse().unwrap();
        let section = Section::of(file.as_table(), Some("production"), Notation::Toml);
        warnings("wrangler.toml", file.as_table(), &section, &settings).len()
    }

    #[test]
    fn routes_that_serve_the_url_are_not_warned_of() {
        for text in [
            "",
            "route = \"fraud.example.com/*\"",
            "routes = [{ pattern = \"Fraud.example.com\", custom_domain = true }]",
            "[[env.production.routes]]\npattern = \"*.example.com/*\"\nzone_name = \"example.com\"",
            "routes = [\"fraud.example.com/mcp*\", \"https://fraud.example.com/.well-known/*\"]",
        ] {
            assert_eq!(warned(text), 0, "{text}");
        }
    }

    #[test]
    fn routes_beside_the_url_are_said() {
        for text in [
            "route = \"fraud.example.com\"",
            "route = { pattern = \"mcp.example.com\", custom_domain = true }",
            "routes = [\"fraud.example.com/mcp*\"]",
            "route = \"fraud.example.com/*\"\n[env.production]\nroute = \"staging.example.com/*\"",
        ] {
            assert_eq!(warned(text), 1, "{text}");
        }
    }
}
