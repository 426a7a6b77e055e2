//! Whether tokens can be meant for this server.

use mcp_edge_runtime::config::{Issuer, Settings, TextSetting};
use mcp_edge_runtime::is_loopback_url;

/// What keeps a server from starting.
pub(super) fn errors(settings: &Settings) -> Vec<String> {
    let Some(TextSetting::Literal(url)) = settings.server.url else {
        return Vec::new();
    };
    let developing = settings.issuers.iter().filter(|issuer| issuer.development);
    let developing = developing.filter(|_| !is_loopback_url(url));
    developing
        .map(|issuer| {
            format!(
                "issuers.{} is for development, and server.url ({url}) is not an address of this machine: the server refuses \
                 to start; move the issuer to [environments.dev.issuers.{}]",
                issuer.name, issuer.name
            )
        })
        .collect()
}

/// Warnings. The values of variables are not known.
pub(super) fn warnings(settings: &Settings) -> Vec<String> {
    let Some(TextSetting::Literal(url)) = settings.server.url else {
        return Vec::new();
    };
    let issuers = settings.issuers.iter();
    let mut warnings: Vec<_> = issuers.filter_map(|issuer| other(issuer, url)).collect();
    if !settings.issuers.is_empty() {
        warnings.extend(differs_from_clients(url));
    }
    warnings
}

/// Audiences that look like the server's URL and are not.
fn other(issuer: &Issuer, url: &str) -> Option<String> {
    let audiences = issuer
        .audiences
        .iter()
        .filter_map(|audience| match audience {
            TextSetting::Literal(audience) => Some(*audience),
            TextSetting::Variable(_) => None,
        });
    let urls: Vec<_> = audiences
        .filter(|audience| audience.starts_with("http://") || audience.starts_with("https://"))
        .collect();
    let first = *urls.first()?;
    let same_server = host(first).eq_ignore_ascii_case(host(url));
    if urls.contains(&url) || !same_server {
        return None;
    }
    Some(format!(
        "issuers.{}.audiences has {first}, and server.url is {url}: clients ask for tokens for the latter, and both are \
         compared byte for byte. Make them equal, unless the provider writes the former into tokens by itself",
        issuer.name
    ))
}

fn differs_from_clients(url: &str) -> Option<String> {
    let authority = host(url);
    if url.ends_with(authority) {
        return Some(format!(
            "server.url ({url}) has no path: many clients write {url}/ when they ask for a token, and `aud` is compared byte for \
             byte; give it a path, as {url}/mcp"
        ));
    }
    (authority != authority.to_ascii_lowercase()).then(|| {
        format!("server.url ({url}) has capital letters in its host, which clients write small; `aud` is compared byte for byte")
    })
}

pub(super) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split_once('/')
        .map_or(rest, |(authority, _)| authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(url: &'static str, audiences: &'static [TextSetting]) -> Settings {
        let issuer = Issuer {
            name: "okta",
            audiences,
            ..Issuer::DEFAULT
        };
        let mut settings = Settings {
            issuers: vec![issuer].leak(),
            ..Settings::DEFAULT
        };
        settings.server.url = Some(TextSetting::Literal(url));
        settings
    }

    #[test]
    fn an_audience_that_is_almost_the_url_is_noticed() {
        for audience in [
            "https://mcp.example.com/mcp/",
            "https://mcp.example.com",
            "http://mcp.example.com/mcp",
            "https://MCP.example.com/mcp",
        ] {
            let audiences: &'static [TextSetting] = vec![TextSetting::Literal(audience)].leak();
            let found = warnings(&settings("https://mcp.example.com/mcp", audiences));
            assert_eq!(found.len(), 1, "{audience}: {found:?}");
        }
    }

    #[test]
    fn audiences_of_providers_are_not_warned_of() {
        for audiences in [
            &[][..],
            &[TextSetting::Literal("https://mcp.example.com/mcp")],
            &[
                TextSetting::Literal("https://mcp.example.com"),
                TextSetting::Literal("https://mcp.example.com/mcp"),
            ],
            &[TextSetting::Literal("api://fraud")],
            &[TextSetting::Literal("https://globex.onmicrosoft.com/fraud")],
            &[TextSetting::Variable("AUDIENCE")],
        ] {
            let audiences: &'static [TextSetting] = audiences.to_vec().leak();
            let found = warnings(&settings("https://mcp.example.com/mcp", audiences));
            assert_eq!(found, Vec::<String>::new());
        }
    }

    #[test]
    fn a_url_has_the_form_in_which_clients_write_it() {
        for url in ["https://mcp.example.com", "https://Mcp.example.com/mcp"] {
            assert_eq!(warnings(&settings(url, &[])).len(), 1, "{url}");
        }
    }

    #[test]
    fn an_issuer_for_development_stays_on_this_machine() {
        let developing = |url| {
            let mut settings = settings(url, &[]);
            settings.issuers = vec![Issuer {
                development: true,
                ..settings.issuers[0]
            }]
            .leak();
            errors(&settings).len()
        };
        assert_eq!(developing("https://mcp.example.com/mcp"), 1);
        for url in [
            "http://127.0.0.1:8787/mcp",
            "http://localhost:8787/mcp",
            "http://[::1]:8787/mcp",
        ] {
            assert_eq!(developing(url), 0, "{url}");
        }
    }
}
