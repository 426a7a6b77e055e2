//! Issuers whose access tokens no server but their own can verify.

use mcp_edge_config::{Entry, Settings as FileSettings, Text, Value};

use super::audiences::host;

/// The domains of Okta's organizations.
const DOMAINS: [&str; 3] = [".okta.com", ".oktapreview.com", ".okta-emea.com"];

/// Warns of org authorization servers of Okta. The values of variables are not known.
pub(super) fn warnings(written: &FileSettings) -> Vec<String> {
    let Some(Value::Named(issuers)) = written.get("issuers").map(|setting| &setting.value) else {
        return Vec::new();
    };
    let org_servers = issuers
        .iter()
        .filter_map(|(name, entry)| Some((name, org_server(entry)?)));
    org_servers
        .map(|(name, url)| {
            let url = url.trim_end_matches('/');
            format!(
                "issuers.{name}.issuer ({url}) is an Okta org authorization server, whose access tokens only Okta can verify: \
                 every caller is refused; write the issuer of a custom authorization server, as {url}/oauth2/default"
            )
        })
        .collect()
}

/// The issuer's URL, where it is that of an org authorization server.
fn org_server(entry: &Entry) -> Option<&str> {
    let value = |key| entry.settings.get(key).map(|setting| &setting.value);
    let Some(Value::Text(Text::Literal(url))) = value("issuer") else {
        return None;
    };
    let host = host(url);
    let is_okta = matches!(value("preset"), Some(Value::Preset(preset)) if preset.name == "okta")
        || DOMAINS
            .iter()
            .any(|domain| host.to_ascii_lowercase().ends_with(domain));
    (is_okta && url.trim_end_matches('/').ends_with(host)).then_some(url)
}

#[cfg(test)]
mod tests {
    use mcp_edge_config::read;

    use super::*;

    fn warned(issuer: &str) -> usize {
        let file =
            format!("[server]\nurl = \"https://mcp.example.com/mcp\"\n[issuers.staff]\n{issuer}\n");
        warnings(&read(&file).unwrap().base).len()
    }

    #[test]
    fn warns_of_org_authorization_servers() {
        for issuer in [
            "preset = \"okta\"\nissuer = \"https://acme.okta.com\"",
            "preset = \"okta\"\nissuer = \"https://acme.okta.com/\"",
            "preset = \"okta\"\nissuer = \"https://id.acme.example\"",
            "issuer = \"https://acme.oktapreview.com\"\nalgorithms = [\"RS256\"]",
        ] {
            assert_eq!(warned(issuer), 1, "{issuer}");
        }
        for issuer in [
            "preset = \"okta\"\nissuer = \"https://acme.okta.com/oauth2/default\"",
            "preset = \"okta\"\nissuer = { variable = \"ISSUER\" }",
            "issuer = \"https://okta.com.example\"\nalgorithms = [\"RS256\"]",
        ] {
            assert_eq!(warned(issuer), 0, "{issuer}");
        }
    }
}
