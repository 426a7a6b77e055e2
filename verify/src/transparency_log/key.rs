//! The key of a log, and the checkpoints that it signs.

use base64ct::{Base64, Encoding};
use ed25519_dalek::SigningKey;
use mcp_edge_clients::visible::is_invisible;
use signed_note::{Note, StandardSigner, StandardVerifier, VerifierList};
use tlog_tiles::Hash;

use super::LogError;

/// What a key of C2SP's signed-note begins with, if it is one of Ed25519.
const ED25519: u8 = 1;

/// The key that signs a log's checkpoints: `PRIVATE+KEY+<origin>+<id>+<key>`, as other programs for such logs have it. No
/// `Debug`: it holds the secret.
pub struct LogKey {
    signer: StandardSigner,
    public: PublicKey,
}

/// Its public half: `<origin>+<id>+<key>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    origin: String,
    text: String,
}

/// What a log said of itself at one time.
#[derive(Debug, PartialEq)]
pub struct Checkpoint {
    /// How many entries it had.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
    /// The signed text.
    pub note: String,
}

impl LogKey {
    /// Reads the secret's text.
    pub fn parse(text: &str) -> Result<Self, LogError> {
        let refused = || {
            LogError::Refused(
                "this is no key of a log; `mcp-edge audit generate-key` makes one, PRIVATE+KEY+<origin>+<id>+<key>"
                    .to_owned(),
            )
        };
        let text = text.trim();
        let signer = StandardSigner::new(text).map_err(|_| refused())?;
        let mut parts = text.splitn(5, '+').skip(2);
        let (origin, _, key) = (parts.next(), parts.next(), parts.next());
        let (Some(origin), Some(key)) = (origin, key) else {
            return Err(refused());
        };
        let bytes = Base64::decode_vec(key).map_err(|_| refused())?;
        let seed = bytes.split_first().map(|(_, seed)| seed);
        let seed = seed.and_then(|seed| <[u8; 32]>::try_from(seed).ok());
        let key = SigningKey::from_bytes(&seed.ok_or_else(refused)?);
        let text = signed_note::new_ed25519_verifier_key(origin, &key.verifying_key());
        let public = PublicKey {
            origin: origin.to_owned(),
            text,
        };
        Ok(Self { signer, public })
    }

    /// The secret's text of a new key for the log of that name; `seed` is random.
    pub fn make(origin: &str, seed: &[u8; 32]) -> Result<String, LogError> {
        if !signed_note::is_key_name_valid(origin) || origin.contains(is_invisible) {
            return Err(LogError::Refused(
                "the name of a log has no blanks, no invisible characters and no `+`; use one like logs.example.com/mcp"
                    .to_owned(),
            ));
        }
        let public = SigningKey::from_bytes(seed).verifying_key();
        let typed = |key: &[u8]| [&[ED25519], key].concat();
        let id = signed_note::key_id(origin, &typed(public.as_bytes()));
        let key = Base64::encode_string(&typed(seed));
        Ok(format!("PRIVATE+KEY+{origin}+{id:08x}+{key}"))
    }

    /// Its public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs what a log has.
    pub(super) fn sign(&self, size: u64, root: Hash) -> Result<String, LogError> {
        let text = tlog_tiles::Checkpoint::new(&self.public.origin, size, root, "")
            .map_err(LogError::broken)?;
        let mut note = Note::new(&text.to_bytes(), &[]).map_err(LogError::broken)?;
        note.add_sigs(&[&self.signer]).map_err(LogError::broken)?;
        String::from_utf8(note.to_bytes()).map_err(LogError::broken)
    }
}

impl PublicKey {
    /// Reads `<origin>+<id>+<key>`.
    pub fn parse(text: &str) -> Result<Self, LogError> {
        let text = text.trim();
        match (StandardVerifier::new(text), text.split_once('+')) {
            (Ok(_), Some((origin, _))) => Ok(Self {
                origin: origin.to_owned(),
                text: text.to_owned(),
            }),
            _ => Err(LogError::Refused(
                "this is no public key of a log; `mcp-edge audit generate-key` prints one, <origin>+<id>+<key>"
                    .to_owned(),
            )),
        }
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Reads a checkpoint that this key has signed.
    pub fn open(&self, note: &str) -> Result<Checkpoint, LogError> {
        let verifier = StandardVerifier::new(&self.text)
            .map_err(|_| LogError::broken("the public key is none"))?;
        let parsed = Note::from_bytes(note.as_bytes()).map_err(LogError::broken)?;
        parsed
            .verify(&VerifierList::new(vec![Box::new(verifier)]))
            .map_err(|error| LogError::Broken(format!("the checkpoint: {error}")))?;
        let checkpoint = read(parsed.text())?;
        if checkpoint.origin() != self.origin {
            return Err(LogError::Broken(format!(
                "the checkpoint is of another log than `{}`",
                self.origin
            )));
        }
        Ok(Checkpoint {
            size: checkpoint.size(),
            root: *checkpoint.hash(),
            note: note.to_owned(),
        })
    }
}

impl Checkpoint {
    /// Reads a checkpoint without asking who signed it: for what is proven to others, who will ask.
    pub(super) fn unchecked(note: &str) -> Result<Self, LogError> {
        let parsed = Note::from_bytes(note.as_bytes()).map_err(LogError::broken)?;
        let checkpoint = read(parsed.text())?;
        Ok(Self {
            size: checkpoint.size(),
            root: *checkpoint.hash(),
            note: note.to_owned(),
        })
    }
}

fn read(text: &[u8]) -> Result<tlog_tiles::Checkpoint, LogError> {
    tlog_tiles::Checkpoint::from_bytes(text).map_err(LogError::broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_that_a_reader_sees() {
        for name in [
            "",
            "a b",
            "a+b",
            "a\nb",
            "a\u{202e}b",
            "a\u{1b}[2J",
            "a\u{200b}",
        ] {
            assert!(LogKey::make(name, &[7; 32]).is_err(), "{name:?}");
        }
        assert!(LogKey::make("logs.example.com/mcp", &[7; 32]).is_ok());
    }
}
