//! The command line: the part of `spin up` that the tests use.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use lexopt::prelude::*;

pub(crate) const HELP: &str = "\
spin-stand-in: runs one component of a spin.toml, as far as the tests of mcp-edge need it. This is not Spin.

Usage: spin-stand-in [--from <spin.toml>] [--listen <address>] [--variable <name>=<value>]...
                     [--key-value <key>=<value>]... [--cache <folder>]

  -f, --from <file>      the manifest [default: spin.toml]
      --listen <addr>    where to serve HTTP/1.1 [default: 127.0.0.1:3000]
      --variable <n=v>   the value of an application variable; goes before SPIN_VARIABLE_<N> in the environment
      --key-value <k=v>  what the key-value store `default` has at the start
      --cache <folder>   where compiled components are kept for the next start
  -h, --help             this text

SIGTERM or Ctrl-C stops it after the requests in flight, at most five seconds later.
The key-value store `default` lies in memory and ends with the process.
Not there: outbound HTTPS, several components, other stores, databases, TLS, HTTP/2.
";

pub(crate) struct Arguments {
    pub(crate) manifest: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) key_values: BTreeMap<String, Vec<u8>>,
    pub(crate) cache: Option<PathBuf>,
}

/// The arguments of this process; `None` when it was asked for help.
pub(crate) fn parse() -> Result<Option<Arguments>, lexopt::Error> {
    let mut arguments = Arguments {
        manifest: PathBuf::from("spin.toml"),
        listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
        variables: BTreeMap::new(),
        key_values: BTreeMap::new(),
        cache: None,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Short('f') | Long("from") => arguments.manifest = parser.value()?.into(),
            Long("listen") => arguments.listen = parser.value()?.parse()?,
            Long("variable") => {
                let (name, value) = parser.value()?.parse_with(pair)?;
                arguments.variables.insert(name, value);
            }
            Long("key-value") => {
                let (key, value) = parser.value()?.parse_with(pair)?;
                arguments.key_values.insert(key, value.into_bytes());
            }
            Long("cache") => arguments.cache = Some(parser.value()?.into()),
            Short('h') | Long("help") => return Ok(None),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(arguments))
}

fn pair(text: &str) -> Result<(String, String), &'static str> {
    text.split_once('=')
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .ok_or("expected <name>=<value>")
}
