//! The `mcp.toml` that is proposed.

use std::fmt::Write;

use super::allow::Proposal;
use super::credential;
use super::document::Facts;
use super::place::{Place, is_private, is_readable_in_transit};
use super::quoted::quoted;
use crate::catalog::list_size::ListSize;
use crate::style::shown;

/// Everything that the file says.
pub(super) struct Proposed<'a> {
    pub(super) name: &'a str,
    pub(super) upstream: &'a str,
    pub(super) document: &'a str,
    pub(super) facts: &'a Facts<'a>,
    pub(super) place: &'a Place,
    pub(super) proposal: &'a Proposal,
    pub(super) size: ListSize,
}

/// The maximum length of a title that is taken from a document, in characters.
const MAX_TITLE: usize = 80;

impl Proposed<'_> {
    pub(super) fn text(&self) -> String {
        let Self {
            name,
            upstream,
            document,
            ..
        } = self;
        let mut text = format!(
            "# The configuration of a gateway, proposed by `mcp-edge gateway new`: read every line before you deploy it.\n\
             # `mcp-edge check` shows what holds; `mcp-edge gateway build` makes what is deployed.\n\n\
             [gateway]\nname = {}\n",
            quoted(name)
        );
        if let Some(title) = self.title() {
            let _ = writeln!(text, "title = {}", quoted(title));
        }
        let _ = write!(
            text,
            "\n[tokens]\n\
             # The name of the secret that holds the keyring, never the secret itself.\n\
             keys = {{ secret = \"MCP_EDGE_KEYS\" }}\n\
             \n[upstreams.{upstream}]\n{}documents = [{}]\n",
            self.url(),
            quoted(document)
        );
        text.push_str(&self.rules());
        if self.size.is_large() {
            let _ = writeln!(
                text,
                "# The list has {}.\n# So clients find tools by search.\nexpose = \"search\"",
                self.size.described()
            );
        }
        let operations = self.facts.operations();
        let tools = &self.proposal.compilation.report.tools;
        let tools: Vec<_> = operations
            .iter()
            .filter(|operation| {
                let label = operation.label();
                tools.iter().any(|tool| tool.operation == label)
            })
            .collect();
        for line in credential::lines(self.facts, &tools, upstream) {
            let _ = writeln!(text, "{line}");
        }
        let _ = write!(text, "{}", ENVIRONMENTS.replace("UPSTREAM", upstream));
        text
    }

    fn title(&self) -> Option<&str> {
        let title = self.facts.title()?.trim();
        let is_short = (1..=MAX_TITLE).contains(&title.chars().count());
        (is_short && mcp_edge_clients::visible::visible(title) == title).then_some(title)
    }

    fn url(&self) -> String {
        let variable = format!(
            "{}_URL",
            self.upstream.to_ascii_uppercase().replace('-', "_")
        );
        match self.place {
            Place::Given(url) => {
                let mut text = format!("url = {}\n", quoted(url));
                if is_private(url) {
                    text.push_str(
                        "# The URL is on this machine or in a private network.\nprivate = true\n",
                    );
                }
                if is_readable_in_transit(url) {
                    text.push_str(
                        "# Requests, credentials included, can be read and changed on the way.\nallow_http = true\n",
                    );
                }
                text
            }
            Place::Proposed(url) => format!(
                "# A proposal of the document: make sure that this is the API that you mean.\nurl = {}\n",
                quoted(url)
            ),
            Place::Unknown(url) => {
                let why = match url.as_str() {
                    "" => "The document does not name the URL of the API.".to_owned(),
                    url => format!(
                        "The document proposes {}, which is not a public https URL.",
                        shown(&quoted(url))
                    ),
                };
                format!(
                    "# {why}\n# Set the variable of the host, or write the URL here; one in a private network also needs `private = true`.\n\
                     url = {{ variable = \"{variable}\" }}\n"
                )
            }
        }
    }

    fn rules(&self) -> String {
        let Proposal {
            allow,
            exclude,
            operations,
            compilation,
        } = self.proposal;
        let list = |rules: &mut dyn Iterator<Item = &String>| {
            let lines: String = rules
                .map(|rule| format!("    {},\n", quoted(rule)))
                .collect();
            format!("[\n{lines}]\n")
        };
        let mut text = format!(
            "# The {} of {operations} operations that only read (GET and HEAD). All others are excluded.\nallow = {}",
            compilation.report.tools.len(),
            list(&mut allow.iter())
        );
        if !exclude.is_empty() {
            let _ = write!(
                text,
                "# Each has the name of another tool; name one of the two in [tools.NAME].\nexclude = {}",
                list(&mut exclude.iter().map(|(operation, _)| operation))
            );
        }
        text
    }
}

const ENVIRONMENTS: &str = r#"
# On a developer's machine, where the host's variable MCP_EDGE_ENV is `dev`: tokens are those of `mcp-edge token`.

[environments.dev.server]
url = "http://127.0.0.1:8787/mcp"

[environments.dev.issuers.local]
preset = "development"

[[environments.dev.policy]]
name = "readers"
scopes = ["UPSTREAM:read"]
tools = ["*"]
# Also when a later document has an operation that writes below the same tag.
read_only = true

# What is deployed, where MCP_EDGE_ENV is `production`. Replace the URL, the issuer and the scope by yours; `mcp-edge check --env
# production` shows the presets of Okta, Microsoft Entra ID and others filled in.

[environments.production.server]
url = "https://UPSTREAM.example.com/mcp"

[environments.production.issuers.company]
issuer = "https://id.example.com"
algorithms = ["RS256"]

[[environments.production.policy]]
name = "readers"
scopes = ["UPSTREAM:read"]
tools = ["*"]
read_only = true
"#;
