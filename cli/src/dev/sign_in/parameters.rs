//! The parameters of a query and of a form.

use bytes::Bytes;
use http::header::CONTENT_TYPE;

use super::Refused;

/// Parameters in their order. One with an empty value is as one that is missing (RFC 6749, 3.1).
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(super) fn read(text: &[u8]) -> Self {
        let pairs = url::form_urlencoded::parse(text).into_owned();
        Self(pairs.filter(|(_, value)| !value.is_empty()).collect())
    }

    /// Those of a request with a form; `None` where its body is something else.
    pub(super) fn of_form(request: &http::Request<Bytes>) -> Option<Self> {
        let media_type = request.headers().get(CONTENT_TYPE)?.to_str().ok()?;
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        media_type
            .eq_ignore_ascii_case("application/x-www-form-urlencoded")
            .then(|| Self::read(request.body()))
    }

    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.0.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.as_str())
    }

    /// The one with this name, which must not be there twice (RFC 6749, 3.1).
    pub(super) fn optional(&self, name: &str) -> Result<Option<&str>, Refused> {
        let mut values = self.all(name);
        let value = values.next();
        match values.next() {
            None => Ok(value),
            Some(_) => Err(Refused::request(&format!("{name} is there more than once"))),
        }
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Refused> {
        self.optional(name)?
            .ok_or_else(|| Refused::request(&format!("{name} is missing")))
    }
}
