//! Whether a signed manifest is what the server's key signed.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};

use super::source::{Token, public_text, text};
use crate::output::{CommandOutput, Failure, status};
use crate::style::{BAD, GOOD, styled};
use mcp_edge_verify::{Checked, PublicKeys};

/// Verifies a signed manifest, as the server has it at `manifest.jws` below its endpoint
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The signed manifest: a file, `-` or a URL
    #[arg(value_name = "MANIFEST")]
    manifest: String,
    /// The server's public keys (a JSON Web Key Set): a file or a URL
    #[arg(long, value_name = "KEYS")]
    keys: String,
    #[command(flatten)]
    token: Token,
}

const EXAMPLES: &str = "\
Examples:
  $ mcp-edge manifest verify https://mcp.example.com/mcp/manifest.jws --keys https://mcp.example.com/.well-known/jwks.json";

/// What the signature is for (RFC 8725, 3.11).
const TYPE: &str = "mcp-manifest";

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
    typ: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<CommandOutput, Failure> {
    let Arguments {
        manifest,
        keys,
        token,
    } = arguments;
    if manifest == "-" && token.is_on_standard_input() {
        return Err(Failure::usage(
            "only one of the manifest and the access token can come from standard input",
        ));
    }
    let token = token.for_places(&[manifest])?;
    let jws = text(manifest, token.as_ref())?;
    // They are public, and may be on another server, which the token is not for.
    let keys = public_text(keys)?;
    let keys = PublicKeys::parse(&String::from_utf8_lossy(&keys)).map_err(Failure::usage)?;
    let said = signed(&jws, &keys);
    let (passed, sentence) = match &said {
        Ok(key) => (true, format!("signed with the key `{key}`")),
        Err(why) => (false, why.clone()),
    };
    let style = if passed { GOOD } else { BAD };
    Ok(CommandOutput {
        text: format!("{}\n", styled(style, &sentence)),
        json: json!({ "signed": passed, "key": said.as_ref().ok(), "error": said.as_ref().err() }),
        product: None,
        status: status(passed),
    })
}

/// The name of the key that signed.
fn signed(jws: &[u8], keys: &PublicKeys) -> Result<String, String> {
    let [header, payload, signature] =
        parts(jws).ok_or("this is no JWS in the compact serialization (RFC 7515, 7.1)")?;
    let decoded = Base64UrlUnpadded::decode_vec(header).ok();
    let header_of = decoded.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    if header_of
        .as_ref()
        .is_some_and(|header| header.get("crit").is_some())
    {
        return Err("its header asks for an unknown extension (`crit`)".to_owned());
    }
    let Some(Header { alg, kid, typ }) =
        header_of.and_then(|header| serde_json::from_value(header).ok())
    else {
        return Err("its header does not say `alg`, `kid` and `typ`".to_owned());
    };
    if alg != "EdDSA" || typ != TYPE {
        return Err(format!(
            "it is a `{typ}` signed by `{alg}`, and no `{TYPE}` signed by `EdDSA`"
        ));
    }
    match keys.check_bytes(format!("{header}.{payload}").as_bytes(), &kid, signature) {
        Checked::Good => Ok(kid),
        Checked::Bad => Err(format!("the key `{kid}` did not sign this")),
        Checked::UnknownKey => Err(format!("there is no key `{kid}` in the key set")),
    }
}

/// What a JWS says, whether or not it is true; `None` if the text is none.
pub(super) fn payload(text: &[u8]) -> Option<Vec<u8>> {
    let [_, payload, _] = parts(text)?;
    Base64UrlUnpadded::decode_vec(payload).ok()
}

fn parts(text: &[u8]) -> Option<[&str; 3]> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let parts: Vec<&str> = text.split('.').collect();
    let is_encoded = |part: &&str| {
        part.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    parts
        .iter()
        .all(is_encoded)
        .then_some(parts)
        .and_then(|parts| parts.try_into().ok())
}
