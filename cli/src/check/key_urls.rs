//! Where issuers' keys are.

use mcp_edge_runtime::allows_redirect;
use mcp_edge_runtime::config::{JwksSource, Settings, TextSetting};

/// URLs of keys that the server does not start with. One in a variable is not known here.
pub(super) fn errors(settings: &Settings) -> Vec<String> {
    let misleading = settings.issuers.iter().filter_map(|issuer| {
        let (TextSetting::Literal(own), JwksSource::Url(TextSetting::Literal(url))) = (issuer.url, issuer.jwks) else {
            return None;
        };
        (!allows_redirect(own, url)).then(|| {
            format!(
                "issuers.{}.jwks.url is {url}, an address of this machine or of a private network, and the issuer is elsewhere; \
                 name the keys by their public https URL, or write the key set itself as jwks = {{ set = '…' }}",
                issuer.name
            )
        })
    });
    misleading.collect()
}

#[cfg(test)]
mod tests {
    use mcp_edge_config::read;

    use super::*;
    use crate::file::decoded;

    #[test]
    fn keys_on_a_private_network_are_an_error_unless_the_issuer_is_there() {
        let found = |issuer: &str, keys: &str| {
            let file = format!(
                "[server]\nurl = \"https://mcp.example.com/mcp\"\n\
                 [issuers.staff]\nissuer = \"{issuer}\"\nalgorithms = [\"RS256\"]\njwks = {{ url = \"{keys}\" }}\n"
            );
            errors(decoded(&read(&file).unwrap().base).unwrap()).len()
        };
        for keys in [
            "https://10.0.0.1/jwks",
            "https://169.254.169.254/jwks",
            "https://[fd00::1]/jwks",
            "https://[::ffff:10.0.0.1]/jwks",
            "https://2130706433/jwks",
            "https://0x7f.1/jwks",
        ] {
            assert_eq!(found("https://idp.example", keys), 1, "{keys}");
        }
        assert_eq!(found("https://idp.example", "https://keys.example/jwks"), 0);
        assert_eq!(found("https://10.0.0.1", "https://10.0.0.1/jwks"), 0);
    }
}
