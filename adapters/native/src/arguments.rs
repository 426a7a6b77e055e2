//! The command line of a server program.

/// What the process is started for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Arguments {
    /// To serve, on the address of `--listen` if it is there.
    Serve { listen: Option<String> },
    /// To print what the server offers.
    Describe,
    /// To print this text.
    Print(String),
}

impl Arguments {
    /// Reads `arguments`, without the name of the program. `program` is the name and the version of the server's package.
    ///
    /// # Errors
    ///
    /// A sentence that says what to change.
    pub(crate) fn parse(
        arguments: impl IntoIterator<Item = String>,
        program: &str,
    ) -> Result<Self, String> {
        let mut arguments = arguments.into_iter();
        let mut listen = None;
        let mut describe = false;
        while let Some(argument) = arguments.next() {
            let (name, value) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (argument.as_str(), None),
            };
            match (name, value) {
                ("--help" | "-h", None) => return Ok(Self::Print(help(program))),
                ("--version" | "-V", None) => return Ok(Self::Print(format!("{program}\n"))),
                ("--listen", value) => {
                    let value = value.or_else(|| arguments.next());
                    listen =
                        Some(value.ok_or("--listen needs a value, as in --listen 127.0.0.1:8787")?);
                }
                ("describe", None) => describe = true,
                _ => {
                    return Err(format!(
                        "unknown argument `{argument}`; the arguments are --listen ADDR:PORT, describe, --help and --version"
                    ));
                }
            }
        }
        match (describe, listen) {
            (false, listen) => Ok(Self::Serve { listen }),
            (true, None) => Ok(Self::Describe),
            (true, Some(_)) => Err("`describe` does not listen; remove --listen".to_owned()),
        }
    }
}

fn help(program: &str) -> String {
    let name = program.split(' ').next().unwrap_or_default();
    format!(
        "\
{program}, an MCP server

Usage: {name} [--listen ADDR:PORT]
       {name} describe

Commands:
  describe            Print what the server offers, as JSON

Options:
  --listen ADDR:PORT  The address to listen on [default: 127.0.0.1:8787]
  -h, --help          Print help
  -V, --version       Print version

Variables:
  MCP_EDGE_LISTEN     As --listen, which overrides it
  PORT                The port, where --listen and MCP_EDGE_LISTEN name none
  MCP_EDGE_ENV        The environment of mcp.toml
  MCP_EDGE_KEYS       The keyring. In development on a loopback address, the server makes one if there is none
  MCP_EDGE_DATA       The folder of the data files [default: data]
  MCP_EDGE_OUTBOX     The folder of events that a sink has not accepted
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Arguments, String> {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned());
        Arguments::parse(arguments, "words 1.2.3")
    }

    #[test]
    fn reads_each_argument_in_both_forms() {
        let serve = |listen: Option<&str>| {
            let listen = listen.map(str::to_owned);
            Ok(Arguments::Serve { listen })
        };
        assert_eq!(parse(&[]), serve(None));
        assert_eq!(parse(&["--listen", "[::1]:1"]), serve(Some("[::1]:1")));
        assert_eq!(parse(&["--listen=[::1]:1"]), serve(Some("[::1]:1")));
        assert_eq!(parse(&["describe"]), Ok(Arguments::Describe));
        let version = Ok(Arguments::Print("words 1.2.3\n".to_owned()));
        assert_eq!(parse(&["--listen", "[::1]:1", "--version"]), version);
        let help = parse(&["-h"]);
        assert!(
            matches!(&help, Ok(Arguments::Print(text)) if text.contains("\nUsage: words [--listen ADDR:PORT]\n")),
            "{help:?}"
        );
    }

    #[test]
    fn refuses_unknown_and_incomplete_arguments() {
        for (arguments, expected) in [
            (&["--lsten=1"][..], "`--lsten=1`"),
            (&["serve"], "`serve`"),
            (&["--help=yes"], "`--help=yes`"),
            (&["--listen"], "needs a value"),
            (&["describe", "--listen", "[::1]:1"], "remove --listen"),
        ] {
            let error = parse(arguments).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
