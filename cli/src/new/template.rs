//! The template that cargo-generate and Spin make the same server from.
//!
//! They know all of Liquid, and are tested to make the same of it; here a handful of words is replaced.

/// What is filled in.
pub(super) struct Values<'a> {
    /// The server's name: lower case, with hyphens.
    pub(super) name: &'a str,
    /// The dependency on mcp-edge, as a value of TOML.
    pub(super) mcp_edge: String,
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

/// The dependency on the release that this program belongs to.
pub(super) fn release() -> String {
    let version = concat!(
        env!("CARGO_PKG_VERSION_MAJOR"),
        ".",
        env!("CARGO_PKG_VERSION_MINOR")
    );
    format!("\"{version}\"")
}

/// All files of a server.
pub(super) fn render(values: &Values<'_>) -> Vec<File> {
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
            // Last, since a path may have anything in it.
            .replace("{{mcp-edge}}", &values.mcp_edge),
    });
    files.collect()
}

#[cfg(test)]
mod tests;
