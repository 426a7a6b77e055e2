//! What a response repeats of a request's credentials.

use std::borrow::Cow;
use std::cmp::Reverse;

use memchr::memmem;
use serde_json::Value;

use super::{Credential, percent};

/// What is in place of a secret.
pub const HIDDEN: &str = "***";

/// The secrets of a request, in every form in which a response could repeat them: as they are, percent-encoded, as JSON writes
/// them, and with the user name in Base64. It has no `Debug`, so that no message contains them.
pub struct Secrets {
    min_bytes: usize,
    /// The longest first: one may contain another.
    forms: Vec<String>,
}

impl Secrets {
    /// No secrets yet. One with fewer than `min_bytes` bytes is not looked for.
    pub fn new(min_bytes: usize) -> Self {
        Self {
            min_bytes,
            forms: Vec::new(),
        }
    }

    /// Adds that of a credential.
    pub fn add(&mut self, credential: Credential<'_>) {
        let secret = credential.secret();
        if secret.is_empty() || secret.len() < self.min_bytes {
            return;
        }
        let json = Value::from(secret).to_string();
        let json = json.get(1..json.len().saturating_sub(1));
        let forms = [
            Some(secret.to_owned()),
            Some(percent::encode(secret)),
            json.map(str::to_owned),
            credential.encoded_pair(),
        ];
        self.forms.extend(forms.into_iter().flatten());
        self.forms.sort_by(|a, b| {
            Reverse(a.len())
                .cmp(&Reverse(b.len()))
                .then_with(|| a.cmp(b))
        });
        self.forms.dedup();
    }

    /// `text` with [`HIDDEN`] for each secret.
    pub fn hidden<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let mut hidden = Cow::Borrowed(text);
        for form in &self.forms {
            if let Some(without) = without(&hidden, form.as_bytes()) {
                hidden = Cow::Owned(without);
            }
        }
        hidden
    }
}

/// `text` with [`HIDDEN`] for each `secret`; `None` if there is none in it, as in most responses, of which nothing is copied.
fn without(text: &[u8], secret: &[u8]) -> Option<Vec<u8>> {
    let finder = memmem::Finder::new(secret);
    let mut clean: Option<Vec<u8>> = None;
    let mut rest = text;
    while let Some((before, from)) = finder.find(rest).and_then(|at| rest.split_at_checked(at)) {
        let clean = clean.get_or_insert_default();
        clean.extend_from_slice(before);
        clean.extend_from_slice(HIDDEN.as_bytes());
        rest = from.strip_prefix(secret)?;
    }
    if let Some(clean) = &mut clean {
        clean.extend_from_slice(rest);
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(secrets: &Secrets, text: &str) -> String {
        String::from_utf8(secrets.hidden(text.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn secrets_are_hidden_in_every_form() {
        let mut secrets = Secrets::new(0);
        secrets.add(Credential::Bearer("a/b \"c"));
        secrets.add(Credential::Header {
            name: "x",
            value: "a/b",
        });
        secrets.add(Credential::Query {
            name: "k",
            value: "4711",
        });
        secrets.add(Credential::Basic {
            username: "Aladdin",
            password: "open sesame",
        });
        secrets.add(Credential::Bearer("ends with \""));
        secrets.add(Credential::Bearer(""));
        for (repeated, hidden) in [
            ("x a/b \"c y", "x *** y"),
            ("?k=a%2Fb%20%22c&z", "?k=***&z"),
            ("{\"k\":\"a/b \\\"c\"}", "{\"k\":\"***\"}"),
            ("a/ba/b a/", "****** a/"),
            ("\"ends with \\\"\"", "\"***\""),
            ("4711 471", "*** 471"),
            ("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Basic ***"),
            ("Aladdin: open sesame", "Aladdin: ***"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(text(&secrets, repeated), hidden);
        }
    }

    #[test]
    fn a_text_without_secrets_is_not_copied() {
        let mut secrets = Secrets::new(0);
        secrets.add(Credential::Bearer("secret"));
        assert!(matches!(secrets.hidden(b"nothing"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_short_secret_may_be_in_any_text() {
        let mut secrets = Secrets::new(8);
        secrets.add(Credential::Bearer("long-enough"));
        secrets.add(Credential::Bearer("short"));
        assert_eq!(
            text(&secrets, "key=long-enough&long-enough short"),
            "key=***&*** short"
        );
    }
}
