//! What a gateway finds out at run time: where to get tokens for its upstreams.

use mcp_edge_runtime::config::{Settings, TextSetting, Upstream};

pub(crate) const HEADING: &str = "Discovered at run time";

/// A sentence for each authorization server and token endpoint that metadata name, and not the configuration.
pub(crate) fn sentences(settings: &Settings) -> Vec<String> {
    let served = settings.upstreams.iter().flat_map(Upstream::served);
    served.flat_map(|upstream| of_upstream(&upstream)).collect()
}

/// The upstreams with a token endpoint that metadata name.
pub(super) fn upstreams(settings: &Settings) -> Vec<&'static str> {
    let upstreams = settings.upstreams.iter();
    let upstreams = upstreams.filter(|upstream| {
        let mut served = upstream.served();
        served.any(|served| !of_upstream(&served).is_empty())
    });
    upstreams.map(|upstream| upstream.name).collect()
}

fn of_upstream(upstream: &Upstream) -> Vec<String> {
    let mut sentences = Vec::new();
    for (section, client) in upstream.token_clients() {
        if let (Some(issuer), None) = (client.issuer, client.token_endpoint) {
            sentences.push(format!(
                "{}: the token endpoint, by the metadata of {} (RFC 8414)",
                upstream.key(section),
                named(issuer)
            ));
        }
    }
    let authority = &upstream.authority;
    let servers = authority.authorization_servers;
    if let (Some(resource), [_, ..]) = (authority.resource.or(upstream.url), servers) {
        let servers: Vec<_> = servers.iter().map(|server| named(*server)).collect();
        sentences.push(format!(
            "{}: the authorization server, by the metadata of {} (RFC 9728), if it is {}; and its token endpoint",
            upstream.key("authority"),
            named(resource),
            servers.join(" or ")
        ));
    }
    sentences
}

fn named(text: TextSetting) -> String {
    match text {
        TextSetting::Literal(text) => text.to_owned(),
        TextSetting::Variable(name) => format!("the variable {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_metadata_name_is_told() {
        let text = r#"
            [upstreams.orders]
            url = "https://orders.example.com"
            documents = ["a.yaml"]
            allow = ["*"]
            [upstreams.orders.authority]
            type = "client_credentials"
            issuer = "https://id.example.com"
            client_id = "gateway"
            client_secret = { secret = "A" }
            [upstreams.known]
            url = "https://known.example.com"
            documents = ["a.yaml"]
            allow = ["*"]
            [upstreams.known.authority]
            type = "client_credentials"
            token_endpoint = "https://id.example.com/token"
            client_id = "gateway"
            client_secret = { secret = "A" }
            [upstreams.stock]
            url = { variable = "STOCK" }
            documents = ["a.yaml"]
            allow = ["*"]
            [upstreams.stock.authority]
            type = "client_credentials"
            authorization_servers = ["https://id.example.com", "https://second.example.com"]
            client_id = "gateway"
            client_secret = { secret = "A" }
        "#;
        let configuration = mcp_edge_config::read(text).unwrap();
        let settings = crate::file::decoded(&configuration.base).unwrap();
        assert_eq!(
            sentences(settings),
            [
                "upstreams.orders.authority: the token endpoint, by the metadata of https://id.example.com (RFC 8414)",
                "upstreams.stock.authority: the authorization server, by the metadata of the variable STOCK (RFC 9728), if it is \
                 https://id.example.com or https://second.example.com; and its token endpoint",
            ]
        );
        assert_eq!(upstreams(settings), ["orders", "stock"]);
    }
}
