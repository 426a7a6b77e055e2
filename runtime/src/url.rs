//! Which URLs may be configured, and which a document may name.

use http::Uri;
use mcp_edge_settings::address::{address, is_loopback};

use crate::private_network::{ends_in_number, is_private_address, is_private_host};

/// Whether no attacker in transit can read or change what goes to `url` and comes from it: `https`, or `http` to this machine.
///
/// A URL of any other scheme, or with a user name or password, is not.
pub fn is_secure_url(url: &str) -> bool {
    Target::of(url).is_some_and(|target| target.is_secure())
}

/// Whether `url` is an `http` or `https` URL without a user name and password.
pub(crate) fn is_web_url(url: &str) -> bool {
    Target::of(url).is_some()
}

/// Whether `url` is an `http` or `https` URL of this machine: its host is `localhost`, a name below it (RFC 6761, 6.3), or a
/// loopback address.
pub fn is_loopback_url(url: &str) -> bool {
    Target::of(url).is_some_and(|target| is_loopback(&target.host))
}

/// Whether a document from `from` may have the program fetch `url`.
///
/// A document that came over TLS leads to `https` only. One from elsewhere leads neither to this machine nor to an address of a
/// private network, since its author could otherwise make the program ask what only the program can reach; the document's own
/// host is exempt. One from this machine leads anywhere that is [secure](is_secure_url).
pub fn allows_redirect(from: &str, url: &str) -> bool {
    let (Some(from), Some(to)) = (Target::of(from), Target::of(url)) else {
        return false;
    };
    to.is_secure()
        && (to.is_tls || !from.is_tls)
        && (is_loopback(&from.host) || from.host == to.host || !is_internal(&to.host))
}

/// Where a request to a URL goes.
struct Target {
    is_tls: bool,
    /// The host in lower case, without the dot of the root at its end.
    host: String,
}

impl Target {
    fn of(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let is_tls = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let authority = uri.authority()?;
        let host = authority.host().to_ascii_lowercase();
        let host = host.strip_suffix('.').unwrap_or(&host);
        (!host.is_empty() && !authority.as_str().contains('@')).then(|| Self {
            is_tls,
            host: host.to_owned(),
        })
    }

    fn is_secure(&self) -> bool {
        self.is_tls || is_loopback(&self.host)
    }
}

/// The name or address in `authority`.
pub(crate) fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => authority,
    }
}

/// Whether `host` means this machine, or is an address that is not one of the public internet. A name in a private network is
/// not: an issuer may be there.
fn is_internal(host: &str) -> bool {
    match address(host) {
        Some(address) => is_private_address(address),
        None => is_loopback(host) || host.starts_with('[') || ends_in_number(host),
    }
}

/// Whether a configured URL may be called: `private` permits destinations of this machine and of private networks, `allow_http`
/// those over HTTP without TLS; a loopback address needs no TLS. The error is the rest of a sentence that begins with the
/// setting.
///
/// # Errors
///
/// The URL may not be called, or has no host.
pub fn check_destination(url: &Uri, private: bool, allow_http: bool) -> Result<(), &'static str> {
    let host = url.host().ok_or("must be a URL with a host")?;
    if !private && is_private_host(host) {
        return Err(
            "names this machine or a private network; if the API is there, set private = true",
        );
    }
    let is_loopback = is_loopback(host);
    if url.scheme_str() != Some("https") && !allow_http && !is_loopback {
        return Err(
            "must begin with https://, except for a loopback address; where the network up to the upstream is yours, set \
             allow_http = true",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_is_secure_on_this_machine_only() {
        for url in [
            "https://id.example/keys",
            "https://10.0.0.1/",
            "https://id.example/keys?a=b",
            "http://127.0.0.1:3000/jwks",
            "http://127.9.9.9/",
            "http://localhost/k?x=y",
            "http://LOCALHOST./",
            "http://mcp.localhost:8787/mcp",
            "http://[::1]:1/",
            "http://[0:0:0:0:0:0:0:1]/",
        ] {
            assert!(is_secure_url(url), "{url}");
        }
        for url in [
            "http://id.example/keys",
            "http://public.example/mcp",
            "http://localhost.example/",
            "http://notlocalhost/",
            "http://10.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://[::ffff:127.0.0.1]/",
            "http://localhost@public.example/",
            "https://user:password@id.example/",
            "file:///keys",
            "/keys",
            "",
            "ftp://localhost",
        ] {
            assert!(!is_secure_url(url), "{url}");
        }
    }

    #[test]
    fn a_document_from_elsewhere_leads_to_public_hosts_over_tls() {
        let issuer = "https://id.example/realms/bank";
        for url in [
            "https://id.example/keys",
            "https://keys.example:8443/jwks?v=1",
            "https://8.8.8.8/keys",
            "https://[2606:4700::1111]/keys",
        ] {
            assert!(allows_redirect(issuer, url), "{url}");
        }
        for url in [
            "http://id.example/keys",
            "http://127.0.0.1/keys",
            "http://localhost:8787/keys",
            "https://127.0.0.1/keys",
            "https://localhost/keys",
            "https://LocalHost./keys",
            "https://a.localhost/keys",
            "https://[::1]/keys",
            "https://[::ffff:10.0.0.1]/keys",
            "https://[fd00::1]/keys",
            "https://[fe80::1]/keys",
            "https://10.0.0.1/keys",
            "https://172.16.0.1/keys",
            "https://192.168.1.1:8443/keys",
            "https://169.254.169.254/latest/meta-data",
            "https://100.64.0.1/keys",
            "https://0.0.0.0/keys",
            "https://2130706433/keys",
            "https://0x7f.1/keys",
            "https://127.1/keys",
            "https://id.example@127.0.0.1/keys",
            "/keys",
        ] {
            assert!(!allows_redirect(issuer, url), "{url}");
        }
    }

    #[test]
    fn a_document_leads_to_its_own_host_and_one_from_this_machine_anywhere() {
        assert!(allows_redirect(
            "https://10.0.0.1/",
            "https://10.0.0.1:8443/keys"
        ));
        assert!(!allows_redirect(
            "https://10.0.0.1/",
            "https://10.0.0.2/keys"
        ));
        assert!(!allows_redirect(
            "https://localhost/",
            "http://localhost/keys"
        ));
        let near = "http://127.0.0.1:3000";
        for url in [
            "http://127.0.0.1:3000/keys",
            "http://localhost/keys",
            "https://10.0.0.1/keys",
        ] {
            assert!(allows_redirect(near, url), "{url}");
        }
        assert!(!allows_redirect(near, "http://id.example/keys"));
        assert!(!allows_redirect(
            "http://id.example",
            "http://id.example/keys"
        ));
    }
}
