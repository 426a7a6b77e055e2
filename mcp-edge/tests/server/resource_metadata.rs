//! The protected resource metadata (RFC 9728) of servers whose URLs differ in their slashes.

use mcp_edge::Server;
use mcp_edge::config::Algorithm;
use mcp_edge::config::{Configuration, Issuer, Settings, TextSetting};
use mcp_edge::testing::Client;
use serde_json::Value;

use super::host::{client, get};

const ROOT: &str = "/.well-known/oauth-protected-resource";

fn server_at(url: &'static str) -> Client {
    let issuers: &'static [Issuer] = &[Issuer {
        name: "company",
        url: TextSetting::Literal("https://id.example.com"),
        algorithms: &[Algorithm::ES256],
        ..Issuer::DEFAULT
    }];
    let base = Settings {
        server: mcp_edge::config::Server {
            url: Some(TextSetting::Literal(url)),
        },
        issuers,
        ..Configuration::DEFAULT.base
    };
    client(Server::builder("com.example/rules", "1.2.0").build(), base)
}

/// `resource` of the metadata at `path`, if there is any.
fn resource(server: &Client, path: &str) -> Option<String> {
    let (status, text) = get(server, path);
    let found: Option<Value> = (status == 200).then(|| serde_json::from_str(&text).expect("JSON"));
    found.map(|found| found["resource"].as_str().expect("a URL").to_owned())
}

/// Below the root, a path is made of one URL, and the metadata there is about that URL or is not there (RFC 9728, 3.3).
#[test]
fn the_metadata_is_about_the_url_that_its_path_is_made_of() {
    for (url, own) in [
        ("https://mcp.example.com/mcp", "/mcp"),
        ("https://mcp.example.com/mcp/", "/mcp/"),
        ("https://mcp.example.com/a/b", "/a/b"),
        ("https://mcp.example.com/", ""),
        ("https://mcp.example.com", ""),
    ] {
        let server = server_at(url);
        assert_eq!(
            resource(&server, &format!("{ROOT}{own}")).as_deref(),
            Some(url)
        );
        assert_eq!(resource(&server, ROOT).as_deref(), Some(url), "{url}");
        for other in ["/", "/mcp", "/mcp/", "/mcp//", "/a/b", "/a/b/"] {
            if other != own {
                let path = format!("{ROOT}{other}");
                assert_eq!(resource(&server, &path), None, "{url} {path}");
            }
        }
        let path = format!("{ROOT}{own}?tenant=acme");
        assert_eq!(resource(&server, &path), None, "{url} {path}");
    }
}

/// What the metadata names in `resource` is the whole of the endpoint's paths.
#[test]
fn the_endpoint_is_served_at_the_path_of_its_url_only() {
    for (url, own) in [
        ("https://mcp.example.com/mcp", "/mcp"),
        ("https://mcp.example.com/mcp/", "/mcp/"),
        ("https://mcp.example.com/a/b", "/a/b"),
        ("https://mcp.example.com/", "/"),
        ("https://mcp.example.com", "/"),
    ] {
        let server = server_at(url);
        for path in ["/", "/mcp", "/mcp/", "/mcp//", "/a/b", "/a/b/"] {
            let (status, text) = get(&server, path);
            let is_hinted = text.contains(&format!("the MCP endpoint is {own}"));
            if path == own {
                assert_eq!(status, 405, "{url} {path}");
            } else {
                assert_eq!(status, 404, "{url} {path}");
                let is_near = path == format!("{own}/") || own == format!("{path}/");
                assert_eq!(is_hinted, is_near, "{url} {path}");
            }
        }
    }
}
