//! The lines that connect clients to the server.

use mcp_edge_clients::{Authentication, Client, Scope, ServerInfo};
use serde_json::{Map, Value as Json, json};

use crate::check::host::Host;
use crate::output::Failure;
use crate::style::{HEADING, styled};

/// The argument of clients that start from a command line.
const HEADER: &str = "--header \"Authorization: Bearer $MCP_EDGE_TOKEN\"";

/// How the server is called.
#[derive(PartialEq)]
pub(super) struct Invitation {
    server: ServerInfo,
    host: &'static str,
    environment: Option<String>,
    token: Option<String>,
    /// Where clients can sign in instead.
    sign_in: Option<String>,
}

impl Invitation {
    pub(super) fn new(
        name: &str,
        url: &str,
        host: Host,
        environment: Option<&str>,
        token: Option<String>,
        sign_in: Option<String>,
    ) -> Result<Self, Failure> {
        let authentication = match token {
            Some(_) => Authentication::Token,
            None => Authentication::Open,
        };
        Ok(Self {
            server: ServerInfo::new(name, None, url, authentication).map_err(Failure::usage)?,
            host: host.name(),
            environment: environment.map(str::to_owned),
            token,
            sign_in,
        })
    }

    pub(super) fn text(&self) -> String {
        let (name, url) = (self.server.name(), self.server.url());
        let environment = match &self.environment {
            Some(name) => format!("environment {name}"),
            None => "no environment".to_owned(),
        };
        let mut text = format!(
            "\n{} on {}, {environment}: {url}\n",
            styled(HEADING, name),
            self.host
        );
        // A shell puts the token in, so that it is on the screen once.
        let export = self.token.as_ref().map(|token| {
            format!(
                "A token of the issuer for development, for a day (`mcp-edge token` makes others):\n\n  export MCP_EDGE_TOKEN={token}\n"
            )
        });
        let header = match (&export, &self.sign_in) {
            (Some(export), None) => {
                text.push_str(&format!("\n{export}"));
                format!(" {HEADER}")
            }
            (_, Some(sign_in)) => {
                text.push_str(&format!(
                    "\nClients sign in at {sign_in}, as a user of your choice.\n"
                ));
                String::new()
            }
            (None, None) => String::new(),
        };
        let mut add = |heading: &str, line: &str| {
            text.push_str(&format!("\n{}\n  {line}\n", styled(HEADING, heading)));
        };
        add("Command line", "mcp-edge tools");
        add(
            "Inspector",
            &format!(
                "npx -y @modelcontextprotocol/inspector@2 --transport http --server-url {url}{header}"
            ),
        );
        if let Some(command) = self
            .connection("claude-code")
            .and_then(|known| known.command)
        {
            add("Claude Code", &format!("{command}{header}"));
        }
        for (id, heading) in [
            ("cursor", "Cursor, in ~/.cursor/mcp.json"),
            ("vscode", "VS Code, in .vscode/mcp.json"),
        ] {
            if let Some(entry) = self.entry(id) {
                add(heading, &entry);
            }
        }
        if let (Some(export), Some(_)) = (&export, &self.sign_in) {
            text.push_str(&format!(
                "\nFor a client that cannot sign in: add {HEADER}\n{export}"
            ));
        }
        text.push_str("\nIt restarts when a file changes; Ctrl-C ends it.\n\n");
        text
    }

    fn connection(&self, client: &str) -> Option<mcp_edge_clients::Connection> {
        Some(Client::find(client)?.connection(&self.server, Scope::User))
    }

    /// The client's file with the server in it, on one line.
    fn entry(&self, client: &str) -> Option<String> {
        let block = self.connection(client)?.block?;
        let members = block.members.into_iter();
        let mut entry: Map<_, _> = members
            .map(|(name, value)| (name.to_owned(), json!(value)))
            .collect();
        if let (Some(token), None) = (&self.token, &self.sign_in) {
            let headers = json!({ "Authorization": format!("Bearer {token}") });
            entry.insert("headers".to_owned(), headers);
        }
        let servers = Map::from_iter([(self.server.name().to_owned(), Json::Object(entry))]);
        Some(json!({ block.table: servers }).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(token: Option<&str>, sign_in: Option<&str>) -> String {
        let [token, sign_in] = [token, sign_in].map(|text| text.map(str::to_owned));
        let url = "http://127.0.0.1:8787/mcp";
        let invitation = Invitation::new(
            "com.example/words",
            url,
            Host::Native,
            Some("dev"),
            token,
            sign_in,
        );
        anstream::adapter::strip_str(&invitation.unwrap().text()).to_string()
    }

    #[test]
    fn each_client_gets_a_line_with_the_token_where_the_server_wants_one() {
        let open = text(None, None);
        for line in [
            "words on native, environment dev: http://127.0.0.1:8787/mcp\n",
            "--transport http --server-url http://127.0.0.1:8787/mcp\n",
            "  claude mcp add --transport http --scope user words http://127.0.0.1:8787/mcp\n",
            "  {\"mcpServers\":{\"words\":{\"url\":\"http://127.0.0.1:8787/mcp\"}}}\n",
            "  {\"servers\":{\"words\":{\"type\":\"http\",\"url\":\"http://127.0.0.1:8787/mcp\"}}}\n",
        ] {
            assert!(open.contains(line), "{open}");
        }
        for words in ["Bearer", "sign in"] {
            assert!(!open.contains(words), "{open}");
        }
        let guarded = text(Some("a.b.c"), None);
        for line in [
            "  export MCP_EDGE_TOKEN=a.b.c\n",
            "words http://127.0.0.1:8787/mcp --header \"Authorization: Bearer $MCP_EDGE_TOKEN\"\n",
            "{\"words\":{\"headers\":{\"Authorization\":\"Bearer a.b.c\"},\"url\":",
        ] {
            assert!(guarded.contains(line), "{guarded}");
        }
        let sign_in = text(Some("a.b.c"), Some("http://127.0.0.1:8788"));
        for line in [
            "\nClients sign in at http://127.0.0.1:8788, ",
            "  claude mcp add --transport http --scope user words http://127.0.0.1:8787/mcp\n",
            "  {\"mcpServers\":{\"words\":{\"url\":\"http://127.0.0.1:8787/mcp\"}}}\n",
            "\nFor a client that cannot sign in: add --header \"Authorization: Bearer $MCP_EDGE_TOKEN\"\n",
            "  export MCP_EDGE_TOKEN=a.b.c\n",
        ] {
            assert!(sign_in.contains(line), "{sign_in}");
        }
    }
}
