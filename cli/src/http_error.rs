//! Why there is no answer, in words.

use std::fmt;
use std::io::ErrorKind;

use mcp_edge_runtime::host::FetchError;
use rustls::{CertificateError, Error as TlsError};

use crate::style::shown;

/// A request that got no answer, or none that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestFailure {
    pub(crate) why: String,
    /// What fixes it.
    pub(crate) fix: &'static str,
}

const LATE: &str = "look into the server's log for what it waits for; --timeout gives it longer";
const NOT_HTTP: &str =
    "see that the URL has the right port, and begins with https:// where the server speaks TLS";

/// How the standard library says that a name was not resolved.
const NO_NAME: &str = "failed to lookup address information";

impl RequestFailure {
    fn new(why: impl Into<String>, fix: &'static str) -> Self {
        Self {
            why: why.into(),
            fix,
        }
    }

    /// Why a request ended with `error`.
    pub(crate) fn because_of(error: &ureq::Error) -> Self {
        use ureq::Timeout::{Connect, RecvBody, RecvResponse, Resolve};
        match error {
            ureq::Error::HostNotFound => Self::nameless(),
            ureq::Error::Timeout(Resolve) => Self::new(
                "its name was not resolved in time",
                "see that the DNS can be reached",
            ),
            ureq::Error::Timeout(Connect) => Self::new(
                "no connection came about in time",
                "see that the server runs, and that no firewall is in between",
            ),
            ureq::Error::Timeout(RecvResponse) => {
                Self::new("it took the request and did not answer in time", LATE)
            }
            ureq::Error::Timeout(RecvBody) => {
                Self::new("it began to answer and did not end in time", LATE)
            }
            ureq::Error::Timeout(_) => Self::new("it did not answer in time", LATE),
            ureq::Error::Rustls(error) => Self::in_tls(error),
            ureq::Error::Io(error) => Self::in_io(error),
            ureq::Error::Protocol(error) => Self::new(
                format!("its answer is not HTTP: {}", shown(&error.to_string())),
                NOT_HTTP,
            ),
            ureq::Error::LargeResponseHeader(_, most) => Self::new(
                format!("the headers of its answer are longer than {most} bytes"),
                "have it send fewer of them; clients do not take them either",
            ),
            ureq::Error::InvalidProxyUrl | ureq::Error::ConnectProxyFailed(_) => Self::new(
                format!(
                    "the proxy of this machine cannot be used: {}",
                    shown(&error.to_string())
                ),
                "correct HTTPS_PROXY or ALL_PROXY, or name the host in NO_PROXY",
            ),
            other => Self::new(
                format!("it cannot be asked: {}", shown(&other.to_string())),
                "see that the URL is right",
            ),
        }
    }

    /// Why the body of an answer could not be read.
    pub(crate) fn in_io(error: &std::io::Error) -> Self {
        let inner = error.get_ref();
        if let Some(error) = inner.and_then(|inner| inner.downcast_ref::<TlsError>()) {
            return Self::in_tls(error);
        }
        if let Some(error) = inner.and_then(|inner| inner.downcast_ref::<ureq::Error>()) {
            return Self::because_of(error);
        }
        if let Some(FetchError::Private) = inner.and_then(|inner| inner.downcast_ref()) {
            return Self::new(
                "its name resolves to this machine or a private network",
                "set `private = true` if that is meant, or correct the name",
            );
        }
        match error.kind() {
            ErrorKind::ConnectionRefused => Self::new(
                "nothing listens there",
                "start the server, or correct the port",
            ),
            ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::UnexpectedEof => {
                Self::new("it closed the connection without an answer", NOT_HTTP)
            }
            ErrorKind::TimedOut => Self::new("it did not answer in time", LATE),
            // The standard library has no kind for it.
            _ if error.to_string().starts_with(NO_NAME) => Self::nameless(),
            _ => Self::new(
                format!("the connection failed: {}", shown(&error.to_string())),
                "see that the server runs, and that this machine reaches its network",
            ),
        }
    }

    /// Why an answer is not read of which `longest` bytes are not all.
    pub(crate) fn too_long(longest: usize) -> Self {
        Self::new(
            format!("its answer is longer than {longest} bytes"),
            "see that the URL is right, and have it answer with less",
        )
    }

    fn nameless() -> Self {
        Self::new(
            "there is no host of this name",
            "see that it is spelt rightly and has a DNS record, and that the DNS can be reached",
        )
    }

    fn in_tls(error: &TlsError) -> Self {
        const TRUST: &str = "have the server send its whole chain of certificates; a company's own authority must be among those \
                             that this machine trusts";
        match error {
            TlsError::InvalidMessage(_) => Self::new(
                "what answers there does not speak TLS",
                "give a URL with http://, or have what stands before the server speak TLS",
            ),
            TlsError::InvalidCertificate(certificate) => match certificate {
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::new(
                    "its certificate has expired",
                    "renew it; where it is new, set the clock of this machine",
                ),
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                    Self::new(
                        "its certificate is not valid yet",
                        "set the clock of this machine, or wait",
                    )
                }
                CertificateError::NotValidForName
                | CertificateError::NotValidForNameContext { .. } => Self::new(
                    "its certificate is for another name",
                    "have one made that names this host, or use the name that it is for",
                ),
                CertificateError::UnknownIssuer => Self::new(
                    "its certificate is of an authority that this machine does not trust",
                    TRUST,
                ),
                other => Self::new(
                    format!(
                        "its certificate is not accepted: {}",
                        shown(&other.to_string())
                    ),
                    TRUST,
                ),
            },
            other => Self::new(
                format!(
                    "no TLS connection came about: {}",
                    shown(&other.to_string())
                ),
                "have it speak TLS 1.2 or 1.3 with a certificate for this name",
            ),
        }
    }
}

impl fmt::Display for RequestFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.why, self.fix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tls_fails_with_is_said_in_words() {
        for (error, why) in [
            (CertificateError::Expired, "its certificate has expired"),
            (
                CertificateError::NotValidYet,
                "its certificate is not valid yet",
            ),
            (
                CertificateError::NotValidForName,
                "its certificate is for another name",
            ),
            (
                CertificateError::UnknownIssuer,
                "its certificate is of an authority that this machine does not trust",
            ),
        ] {
            let inner = TlsError::InvalidCertificate(error);
            assert_eq!(RequestFailure::in_tls(&inner).why, why);
            // As a handshake hands it on.
            let wrapped = std::io::Error::new(ErrorKind::InvalidData, inner);
            assert_eq!(
                RequestFailure::because_of(&ureq::Error::Io(wrapped)).why,
                why
            );
        }
    }
}
