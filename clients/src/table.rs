//! The clients.

use crate::block::{Format, Shape};
use crate::client::{Client, Command, FileLocation, Instruction, Scope, When};
use crate::file::Folder;

impl Client {
    /// The client of that id.
    pub fn find(id: &str) -> Option<&'static Self> {
        CLIENTS.iter().find(|client| client.id == id)
    }
}

/// Every client there is, in the order in which they are offered.
pub static CLIENTS: &[Client] = &[
    Client {
        id: "claude",
        name: "Claude",
        documentation: "https://support.claude.com/en/articles/11175166-getting-started-with-custom-connectors-using-remote-mcp",
        checked: "2026-11-21",
        as_of: None,
        places: &[],
        shape: None,
        commands: &[],
        link: None,
        steps: &[
            always(
                "Open https://claude.ai/customize/connectors, or Customize > Connectors in Claude Desktop. On a Team or Enterprise \
                 plan an Owner adds connectors, under Organization settings > Connectors.",
            ),
            always("Select +, then \"Add custom connector\"."),
            always("Enter the name \"{title}\" and the URL {url}, and select Add."),
            signing_in("Select Connect beside the connector, and sign in."),
            NO_SIGN_IN,
            always(
                "Claude calls the server from Anthropic's network: it must be reachable from the public internet.",
            ),
        ],
    },
    Client {
        id: "claude-code",
        name: "Claude Code",
        documentation: "https://code.claude.com/docs/en/mcp",
        checked: "2026-11-21",
        as_of: None,
        places: &[
            FileLocation {
                scope: Scope::User,
                folder: Folder::Variable {
                    name: "CLAUDE_CONFIG_DIR",
                    otherwise: "",
                },
                path: ".claude.json",
            },
            project(".mcp.json"),
        ],
        shape: Some(Shape {
            format: Format::Json,
            table: "mcpServers",
            transport: Some("http"),
            url: "url",
        }),
        commands: &[
            Command {
                scope: Scope::User,
                words: &[
                    "claude",
                    "mcp",
                    "add",
                    "--transport",
                    "http",
                    "--scope",
                    "user",
                    "{name}",
                    "{url}",
                ],
            },
            Command {
                scope: Scope::Project,
                words: &[
                    "claude",
                    "mcp",
                    "add",
                    "--transport",
                    "http",
                    "--scope",
                    "project",
                    "{name}",
                    "{url}",
                ],
            },
        ],
        link: None,
        steps: &[
            Instruction {
                when: When::Project,
                text: "Claude Code asks everybody who works in the folder before it uses the server.",
            },
            signing_in("Enter /mcp in Claude Code, select {name}, and sign in."),
            TOKEN,
        ],
    },
    Client {
        id: "chatgpt",
        name: "ChatGPT",
        documentation: "https://developers.openai.com/api/docs/guides/custom-mcp-server",
        checked: "2026-11-21",
        as_of: None,
        places: &[],
        shape: None,
        commands: &[],
        link: None,
        steps: &[
            always("Open https://chatgpt.com/plugins, where your workspace lets you add servers."),
            always("Select the plus button, then \"Add custom MCP server\"."),
            always("Enter the name \"{title}\", and under Connection the Server URL {url}."),
            signing_in("Set the authentication to OAuth."),
            open("Set the authentication to \"No authentication\"."),
            NO_SIGN_IN,
            always(
                "Read the warning, select \"I understand and want to continue\", and then \"Create as a plugin\".",
            ),
            always(
                "ChatGPT calls the server from OpenAI's network: it must be reachable from the public internet.",
            ),
        ],
    },
    Client {
        id: "vscode",
        name: "VS Code",
        documentation: "https://code.visualstudio.com/docs/copilot/reference/mcp-configuration",
        checked: "2026-11-21",
        as_of: Some("2026-05-20"),
        places: &[
            FileLocation {
                scope: Scope::User,
                folder: Folder::Settings,
                path: "Code/User/mcp.json",
            },
            project(".vscode/mcp.json"),
        ],
        shape: Some(Shape {
            format: Format::Jsonc,
            table: "servers",
            transport: Some("http"),
            url: "url",
        }),
        commands: &[Command {
            scope: Scope::User,
            words: &["code", "--add-mcp", "{entry with name}"],
        }],
        link: Some("vscode:mcp/install?{entry with name}"),
        steps: &[
            signing_in(
                "VS Code opens a browser to sign in when it starts the server for the first time.",
            ),
            TOKEN,
        ],
    },
    Client {
        id: "cursor",
        name: "Cursor",
        documentation: "https://cursor.com/docs/mcp",
        checked: "2026-11-21",
        as_of: None,
        places: &[
            FileLocation {
                scope: Scope::User,
                folder: Folder::Home,
                path: ".cursor/mcp.json",
            },
            project(".cursor/mcp.json"),
        ],
        shape: Some(Shape {
            format: Format::Json,
            table: "mcpServers",
            transport: None,
            url: "url",
        }),
        commands: &[],
        link: Some(
            "cursor://anysphere.cursor-deeplink/mcp/install?name={name}&config={entry in Base64}",
        ),
        steps: &[
            signing_in("Select the server's sign-in among the MCP servers in Cursor's settings."),
            TOKEN,
        ],
    },
    Client {
        id: "continue",
        name: "Continue",
        documentation: "https://docs.continue.dev/customize/deep-dives/mcp",
        checked: "2026-11-21",
        as_of: Some("2026-06-18"),
        places: &[
            FileLocation {
                scope: Scope::User,
                folder: Folder::Home,
                path: ".continue/mcpServers/{name}.yaml",
            },
            project(".continue/mcpServers/{name}.yaml"),
        ],
        shape: Some(Shape {
            format: Format::Yaml,
            table: "mcpServers",
            transport: Some("streamable-http"),
            url: "url",
        }),
        commands: &[],
        link: None,
        steps: &[
            always("Continue uses MCP servers in agent mode only."),
            signing_in(
                "Continue signs in by itself where the transport is SSE only: give the server's entry requestOptions with a \
                 header Authorization that takes an access token from one of Continue's secrets.",
            ),
            TOKEN,
        ],
    },
    Client {
        id: "windsurf",
        name: "Windsurf",
        documentation: "https://docs.windsurf.com/windsurf/cascade/mcp",
        checked: "2026-11-21",
        as_of: None,
        places: &[FileLocation {
            scope: Scope::User,
            folder: Folder::Home,
            path: ".codeium/windsurf/mcp_config.json",
        }],
        shape: Some(Shape {
            format: Format::Json,
            table: "mcpServers",
            transport: None,
            url: "serverUrl",
        }),
        commands: &[],
        link: None,
        steps: &[
            always(
                "Select refresh among the MCP servers of Cascade. On an Enterprise plan MCP is turned on in the settings first.",
            ),
            signing_in("Windsurf opens a browser to sign in."),
            TOKEN,
        ],
    },
    Client {
        id: "gemini-cli",
        name: "Gemini CLI",
        documentation: "https://github.com/google-gemini/gemini-cli/blob/main/docs/tools/mcp-server.md",
        checked: "2026-11-21",
        as_of: Some("2026-08-21"),
        places: &[
            FileLocation {
                scope: Scope::User,
                folder: Folder::Variable {
                    name: "GEMINI_CLI_HOME",
                    otherwise: "",
                },
                path: ".gemini/settings.json",
            },
            project(".gemini/settings.json"),
        ],
        shape: Some(Shape {
            format: Format::Jsonc,
            table: "mcpServers",
            transport: None,
            url: "httpUrl",
        }),
        commands: &[
            Command {
                scope: Scope::User,
                words: &[
                    "gemini",
                    "mcp",
                    "add",
                    "--transport",
                    "http",
                    "--scope",
                    "user",
                    "{name}",
                    "{url}",
                ],
            },
            Command {
                scope: Scope::Project,
                words: &[
                    "gemini",
                    "mcp",
                    "add",
                    "--transport",
                    "http",
                    "--scope",
                    "project",
                    "{name}",
                    "{url}",
                ],
            },
        ],
        link: None,
        steps: &[
            signing_in("Enter /mcp auth {name} in Gemini CLI, and sign in."),
            TOKEN,
        ],
    },
    Client {
        id: "codex",
        name: "Codex",
        documentation: "https://developers.openai.com/codex/mcp",
        checked: "2026-11-21",
        as_of: None,
        places: &[
            FileLocation {
                scope: Scope::User,
                folder: Folder::Variable {
                    name: "CODEX_HOME",
                    otherwise: ".codex",
                },
                path: "config.toml",
            },
            project(".codex/config.toml"),
        ],
        shape: Some(Shape {
            format: Format::Toml,
            table: "mcp_servers",
            transport: None,
            url: "url",
        }),
        commands: &[Command {
            scope: Scope::User,
            words: &["codex", "mcp", "add", "{name}", "--url", "{url}"],
        }],
        link: None,
        steps: &[
            Instruction {
                when: When::Project,
                text: "Codex reads the file in projects that you have said you trust.",
            },
            signing_in("Run codex mcp login {name}, and sign in."),
            TOKEN,
        ],
    },
];

/// For clients with a dialog, which get their access tokens with OAuth only.
const NO_SIGN_IN: Instruction = Instruction {
    when: When::Token,
    text: "The server asks for an access token and names no authorization server, so this client cannot sign in. Have the \
           server name one in its resource metadata first (RFC 9728): a server of mcp-edge does where server.url and an issuer at \
           which people sign in are set.",
};

const TOKEN: Instruction = Instruction {
    when: When::Token,
    text: "The server asks for an access token and names no authorization server, so that no client can get one by itself. Ask \
           its operator for a token, and have the client send it in the header Authorization: Bearer, from a variable or a secret \
           of the client and not from a file that others read.",
};

const fn project(path: &'static str) -> FileLocation {
    FileLocation {
        scope: Scope::Project,
        folder: Folder::Project,
        path,
    }
}

const fn always(text: &'static str) -> Instruction {
    Instruction {
        when: When::Always,
        text,
    }
}

const fn signing_in(text: &'static str) -> Instruction {
    Instruction {
        when: When::SigningIn,
        text,
    }
}

const fn open(text: &'static str) -> Instruction {
    Instruction {
        when: When::Open,
        text,
    }
}
