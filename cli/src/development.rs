//! An issuer of access tokens for a developer's own machine.
//!
//! A server trusts it where its `mcp.toml` has an issuer with `preset = "development"`, and refuses to start with one
//! unless its public URL is a loopback address.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use chrono::{DateTime, SubsecRound, Utc};
use ed25519_dalek::SigningKey;
use jwt_compact::alg::Ed25519;
use jwt_compact::{AlgorithmExt, Claims, Header};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::secret_file::{self, FileError};

/// What its tokens say in `iss`. Nothing is served there.
pub const ISSUER: &str = "http://localhost/mcp-edge-dev";

/// The variable from which a server that trusts it takes its public keys.
pub const KEYS_VARIABLE: &str = "MCP_EDGE_DEV_JWKS";

/// The environment of `mcp.toml` that a developer's own machine runs in, where the file has it.
pub const ENVIRONMENT: &str = "dev";

/// The folder beside `mcp.toml` that holds its key.
pub const FOLDER: &str = ".mcp-edge";

/// How long its tokens last at most.
pub const MAX_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The file in [`FOLDER`] that holds its key.
pub const FILE: &str = "issuer.json";

/// The issuer: one key, made once and then kept in a file.
pub struct Issuer {
    key: SigningKey,
    id: String,
}

/// What a token is to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The server that it is for: `aud`, the server's public URL.
    pub audience: String,
    /// Who it is: `sub`.
    pub subject: String,
    /// The client that acts for the subject: `client_id`.
    pub client: String,
    /// What is granted: `scope`.
    pub scopes: Vec<String>,
    /// The tenant: `tenant`, which the preset `development` asks for.
    pub tenant: String,
    /// The roles: `roles`.
    pub roles: Vec<String>,
    /// The groups: `groups`.
    pub groups: Vec<String>,
    /// Claims that it replaces by a reference, as a provider does with lists that are too long: `_claim_names`.
    pub replaced: Vec<&'static str>,
    /// How long it lasts, at most [`MAX_LIFETIME`].
    pub lifetime: Duration,
}

impl Grant {
    /// A token for `audience` that grants nothing: to the subject `developer` of the tenant `dev`, for an hour.
    pub fn to(audience: impl Into<String>) -> Self {
        Self {
            audience: audience.into(),
            subject: "developer".to_owned(),
            client: "mcp-edge-cli".to_owned(),
            scopes: Vec::new(),
            tenant: "dev".to_owned(),
            roles: Vec::new(),
            groups: Vec::new(),
            replaced: Vec::new(),
            lifetime: Duration::from_secs(60 * 60),
        }
    }
}

/// Why there is no issuer, or no token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssuerError {
    /// Its file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// Its file holds no key.
    #[error("{} holds no Ed25519 key; delete it, and the next token makes another", .0.display())]
    NoKey(PathBuf),
    /// Its file can be read by others than its owner.
    #[error("others can read {}; delete it, and the next token makes another", .0.display())]
    Shared(PathBuf),
    /// A token that would outlive its purpose.
    #[error("a token for development lasts at most 24h; ask for another when it has expired")]
    TooLong,
    /// No random bytes could be had.
    #[error("this machine gives no random bytes: {0}")]
    Random(getrandom::Error),
    /// The token cannot be put together.
    #[error("the token cannot be made: {0}")]
    Token(jwt_compact::CreationError),
}

/// The key as a JSON Web Key (RFC 8037, 2).
#[derive(Serialize, Deserialize)]
struct Jwk {
    kty: String,
    crv: String,
    /// The public half.
    x: String,
    /// The private half.
    d: String,
}

impl Issuer {
    /// The issuer whose key is in `folder`; makes both when they are missing.
    pub fn in_folder(folder: &Path) -> Result<Self, IssuerError> {
        if let Some(kept) = Self::kept_in(folder)? {
            return Ok(kept);
        }
        let issuer = Self::new()?;
        issuer.keep(folder)?;
        Ok(issuer)
    }

    /// The issuer whose key is in `folder`, if there is one.
    pub fn kept_in(folder: &Path) -> Result<Option<Self>, IssuerError> {
        let path = folder.join(FILE);
        let Some(text) = secret_file::read(&path)? else {
            return Ok(None);
        };
        if secret_file::is_shared(&path) {
            return Err(IssuerError::Shared(path));
        }
        Self::parse(&text).map(Some).ok_or(IssuerError::NoKey(path))
    }

    /// An issuer with a new key.
    pub fn new() -> Result<Self, IssuerError> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(IssuerError::Random)?;
        Ok(Self::with(&secret))
    }

    fn with(secret: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(secret);
        let id = thumbprint(&public(&key));
        Self { key, id }
    }

    fn parse(text: &str) -> Option<Self> {
        let jwk: Jwk = serde_json::from_str(text).ok()?;
        let secret = Base64UrlUnpadded::decode_vec(&jwk.d).ok()?;
        let issuer = Self::with(&secret.try_into().ok()?);
        (jwk.kty == "OKP" && jwk.crv == "Ed25519" && jwk.x == public(&issuer.key)).then_some(issuer)
    }

    fn keep(&self, folder: &Path) -> Result<(), FileError> {
        make_folder(folder)?;
        let jwk = Jwk {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            x: public(&self.key),
            d: Base64UrlUnpadded::encode_string(self.key.as_bytes()),
        };
        secret_file::write(&folder.join(FILE), &format!("{}\n", json!(jwk)))
    }

    /// Its public keys as a JSON Web Key Set (RFC 7517, 5): what the variable [`KEYS_VARIABLE`] holds.
    pub fn jwks(&self) -> Json {
        json!({ "keys": [{
            "kty": "OKP",
            "crv": "Ed25519",
            "use": "sig",
            "alg": "EdDSA",
            "kid": self.id,
            "x": public(&self.key),
        }] })
    }

    /// An access token (RFC 9068), issued at `now`.
    pub fn issue(&self, grant: &Grant, now: SystemTime) -> Result<String, IssuerError> {
        if grant.lifetime > MAX_LIFETIME {
            return Err(IssuerError::TooLong);
        }
        let now = DateTime::<Utc>::from(now).trunc_subsecs(0);
        let mut claims = Claims::new(Payload {
            iss: ISSUER,
            aud: &grant.audience,
            sub: &grant.subject,
            client_id: &grant.client,
            jti: unique()?,
            scope: grant.scopes.join(" "),
            tenant: &grant.tenant,
            roles: &grant.roles,
            groups: &grant.groups,
            claim_names: grant.replaced.iter().map(|name| (*name, "src1")).collect(),
        });
        claims.issued_at = Some(now);
        claims.expiration = now.checked_add_signed(
            chrono::Duration::from_std(grant.lifetime).map_err(|_| IssuerError::TooLong)?,
        );
        let header = Header::empty()
            .with_token_type("at+jwt")
            .with_key_id(&self.id);
        Ed25519
            .token(&header, &claims, &self.key)
            .map_err(IssuerError::Token)
    }
}

/// Makes the folder [`FOLDER`], which git ignores from the start.
pub fn make_folder(folder: &Path) -> Result<(), FileError> {
    std::fs::create_dir_all(folder).map_err(|error| FileError::new("make", folder, error))?;
    secret_file::write(&folder.join(".gitignore"), "*\n")
}

/// A keyring of one new key, named `id`.
pub fn keyring(id: &str) -> Result<String, IssuerError> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(IssuerError::Random)?;
    Ok(format!("{id}:sign:{}", Base64::encode_string(&secret)))
}

#[derive(Serialize)]
struct Payload<'a> {
    iss: &'static str,
    aud: &'a str,
    sub: &'a str,
    client_id: &'a str,
    jti: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    scope: String,
    tenant: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    roles: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    groups: &'a [String],
    #[serde(rename = "_claim_names", skip_serializing_if = "BTreeMap::is_empty")]
    claim_names: BTreeMap<&'static str, &'static str>,
}

fn public(key: &SigningKey) -> String {
    Base64UrlUnpadded::encode_string(key.verifying_key().as_bytes())
}

/// The key's own name (RFC 7638, RFC 8037 appendix A.3): members in this order, and nothing else.
fn thumbprint(x: &str) -> String {
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    Base64UrlUnpadded::encode_string(&Sha256::digest(members))
}

pub(crate) fn unique() -> Result<String, IssuerError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(IssuerError::Random)?;
    Ok(Base64UrlUnpadded::encode_string(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000)
    }

    fn decoded(part: &str) -> Json {
        serde_json::from_slice(&Base64UrlUnpadded::decode_vec(part).unwrap()).unwrap()
    }

    #[test]
    fn the_name_of_a_key_is_that_of_the_standard() {
        // RFC 8037, appendix A.3.
        assert_eq!(
            thumbprint("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
    }

    #[test]
    fn a_token_says_what_was_granted_and_nothing_else() {
        let issuer = Issuer::with(&[7; 32]);
        let grant = Grant {
            scopes: vec!["fraud:read".to_owned(), "fraud:simulate".to_owned()],
            tenant: "acme".to_owned(),
            ..Grant::to("http://127.0.0.1:8787/mcp")
        };
        let token = issuer.issue(&grant, now()).unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        assert_eq!(
            decoded(parts[0]),
            json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": issuer.id })
        );
        let mut claims = decoded(parts[1]);
        let jti = claims.as_object_mut().unwrap().remove("jti").unwrap();
        assert_eq!(jti.as_str().unwrap().len(), 22);
        assert_eq!(
            claims,
            json!({
                "iss": "http://localhost/mcp-edge-dev",
                "aud": "http://127.0.0.1:8787/mcp",
                "sub": "developer",
                "client_id": "mcp-edge-cli",
                "scope": "fraud:read fraud:simulate",
                "tenant": "acme",
                "iat": 1_790_000_000,
                "exp": 1_790_003_600,
            })
        );
    }

    #[test]
    fn the_published_key_verifies_what_was_signed_and_has_no_private_half() {
        let issuer = Issuer::with(&[7; 32]);
        let token = issuer.issue(&Grant::to("a"), now()).unwrap();
        let key = &issuer.jwks()["keys"][0];
        assert_eq!(key["d"], Json::Null);
        let x = Base64UrlUnpadded::decode_vec(key["x"].as_str().unwrap()).unwrap();
        let key = ed25519_dalek::VerifyingKey::from_bytes(&x.try_into().unwrap()).unwrap();
        let (message, signature) = token.rsplit_once('.').unwrap();
        let signature = Base64UrlUnpadded::decode_vec(signature).unwrap();
        let signature = ed25519_dalek::Signature::from_slice(&signature).unwrap();
        key.verify_strict(message.as_bytes(), &signature).unwrap();
    }

    #[test]
    fn the_key_is_made_once_and_kept_out_of_the_repository() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join(FOLDER);
        let first = Issuer::in_folder(&folder).unwrap();
        let second = Issuer::in_folder(&folder).unwrap();
        assert_eq!(first.jwks(), second.jwks());
        assert!(!secret_file::is_shared(&folder.join(FILE)));
        assert_eq!(
            std::fs::read_to_string(folder.join(".gitignore")).unwrap(),
            "*\n"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        Issuer::in_folder(folder.path()).unwrap();
        let path = folder.path().join(FILE);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let refused = Issuer::in_folder(folder.path());
        assert!(matches!(refused, Err(IssuerError::Shared(_))));
    }

    #[test]
    fn a_file_without_a_key_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let other = Issuer::with(&[8; 32]);
        let mixed = json!({ "kty": "OKP", "crv": "Ed25519", "x": public(&other.key), "d": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc" });
        for text in ["", "{}", &mixed.to_string()] {
            secret_file::write(&folder.path().join(FILE), text).unwrap();
            let refused = Issuer::in_folder(folder.path());
            assert!(matches!(refused, Err(IssuerError::NoKey(_))), "{text}");
        }
    }

    #[test]
    fn no_token_lasts_longer_than_a_day() {
        let grant = Grant {
            lifetime: MAX_LIFETIME + Duration::from_secs(1),
            ..Grant::to("a")
        };
        let refused = Issuer::with(&[7; 32]).issue(&grant, now());
        assert!(matches!(refused, Err(IssuerError::TooLong)));
    }
}
