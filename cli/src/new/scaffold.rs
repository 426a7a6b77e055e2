//! The template that cargo-generate and Spin make the same server from.
//!
//! They know all of Liquid, and are tested to make the same of it; here a handful of words is replaced.

/// What is filled in.
pub(super) struct Values<'a> {
    /// The server's name: lower case, with hyphens.
    pub(super) name: &'a str,
    /// Where mcp-edge comes from.
    pub(super) source: Source,
}

/// Where a server takes mcp-edge from, as each of its files names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    /// The dependency in `Cargo.toml`, as a value of TOML.
    pub(super) dependency: String,
    /// The program, as options of `cargo install` in a shell.
    pub(super) program: String,
}

/// One file of a server.
pub(super) struct File {
    /// Below the server's folder.
    pub(super) path: &'static str,
    pub(super) text: String,
}

macro_rules! template {
    ($($path:literal)*) => {
        &[$(($path, include_str!(concat!("../../template/", $path)))),*]
    };
}

const TEMPLATE: &[(&str, &str)] = template![
    ".github/workflows/ci.yml"
    ".gitignore"
    "Cargo.toml.tmpl"
    "README.md"
    "mcp.toml"
    "spin.toml"
    "src/lib.rs"
    "src/main.rs"
    "wrangler.toml"
];

/// The dependency with the feature for tests, as the template writes it for Liquid.
const TESTING: &str =
    r#"{{mcp-edge | replace: " }", "}" | replace: "}", ', features = ["testing"] }'}}"#;

/// All files of a server.
pub(super) fn render(values: &Values<'_>) -> Vec<File> {
    let dependency = &values.source.dependency;
    let testing = dependency
        .replace(" }", "}")
        .replace('}', r#", features = ["testing"] }"#);
    let files = TEMPLATE.iter().map(|(path, text)| File {
        path: path.strip_suffix(".tmpl").unwrap_or(path),
        text: text
            .replace("{% raw %}", "")
            .replace("{% endraw %}", "")
            .replace("{{project-name | kebab_case}}", values.name)
            .replace(
                "{{project-name | snake_case}}",
                &values.name.replace('-', "_"),
            )
            .replace("{{mcp-edge}}", dependency)
            .replace(TESTING, &testing)
            .replace("{{mcp-edge-program}}", &values.source.program),
    });
    files.collect()
}

#[cfg(test)]
mod tests;
