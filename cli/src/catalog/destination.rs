//! Where the requests of an upstream go, and with which credential.

use mcp_edge_catalog::Destinations;
use mcp_edge_config::{Entry, Key, Settings, UPSTREAM, Value, print, served};

/// The keys of `[upstreams.NAME]` that change neither where a request goes nor what it consists of. An approval covers every
/// other key, one that is added later as well. What `documents` and the keys after it make of an operation is in the operation.
const OTHER: [&str; 17] = [
    "timeout",
    "response_bytes",
    "error_details",
    "breaker_failures",
    "breaker_pause",
    "expose",
    "shared_credential",
    "other_tenants",
    "tenants",
    "documents",
    "allow",
    "exclude",
    "prefix",
    "output",
    "input_schema_bytes",
    "output_schema_bytes",
    "origins",
];

/// Adds the destinations of an upstream, for the callers of each tenant.
pub(super) fn add(name: &str, upstream: &Entry, destinations: &mut Destinations) {
    for (tenant, served) in served(upstream) {
        add_one(name, tenant, &served.settings, destinations);
    }
}

fn add_one(name: &str, tenant: Option<&str>, settings: &Settings, destinations: &mut Destinations) {
    let mut own = settings.clone();
    own.retain(|path, setting| {
        let default = || Key::find(UPSTREAM.keys, path)?.default_value();
        !OTHER.contains(path) && default().as_ref() != Some(&setting.value)
    });
    destinations.add(name, None, tenant, &text(&own));
    let Some(origins) = settings.get("origins") else {
        return;
    };
    let Value::TextsByName(texts) = &origins.value else {
        return;
    };
    for (origin, url) in texts {
        let mut setting = origins.clone();
        setting.value = Value::Text(url.clone());
        own.insert("url", setting);
        destinations.add(name, Some(origin), tenant, &text(&own));
    }
}

/// The settings as TOML, a line each, without those that have their default: a later version may have more of them.
fn text(settings: &Settings) -> String {
    let is_set = |line: &&str| {
        let key = line.split(" = ").next().unwrap_or_default();
        settings.contains_key(key)
    };
    let printed = print(&UPSTREAM, settings);
    let lines = printed.lines().filter(is_set);
    lines.map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use mcp_edge_config::read;

    use super::*;

    fn destinations(upstream: &str) -> Destinations {
        let text = format!(
            "[gateway]\nname = \"com.example/x\"\n[upstreams.api]\ndocuments = [\"a.json\"]\nallow = [\"*\"]\n{upstream}"
        );
        let configuration = read(&text).unwrap();
        let Some(Value::Named(upstreams)) = configuration.base.get("upstreams").map(|it| &it.value)
        else {
            panic!("no upstream");
        };
        let mut destinations = Destinations::default();
        for (name, upstream) in upstreams {
            add(name, upstream, &mut destinations);
        }
        destinations
    }

    #[test]
    fn a_destination_is_where_requests_go_and_with_which_credential() {
        const URL: &str = "url = \"https://a.example\"\n";
        let base = destinations(URL);
        let digest = |of: &Destinations| of.digest("api", None).unwrap();
        for other in [
            "url = \"https://b.example\"",
            "url = \"https://a.example/v2\"",
            "url = { variable = \"API_URL\" }",
            "url = \"https://a.example\"\nbinding = \"API\"",
            "url = \"https://a.example\"\ntoken = { secret = \"A\" }",
            "url = \"https://a.example\"\ntoken = { secret = \"B\" }",
            "url = \"https://a.example\"\nusername = \"u\"\npassword = { secret = \"A\" }",
            "url = \"https://a.example\"\nheaders = { X-Key = { secret = \"A\" } }",
            "url = \"https://a.example\"\nquery = { key = { secret = \"A\" } }",
            "url = \"https://a.example\"\nprivate = true",
            "url = \"https://a.example\"\nmax_redirects = 2",
        ] {
            assert_ne!(digest(&destinations(other)), digest(&base), "{other}");
        }
        for same in [
            "private = false\nmax_redirects = 0",
            "timeout = \"3s\"\nbreaker_failures = 1\nexpose = \"search\"\nprefix = \"x\"",
            "origins = { files = \"https://files.example\" }",
        ] {
            let same = destinations(&format!("{URL}{same}"));
            assert_eq!(digest(&same), digest(&base));
        }
    }

    #[test]
    fn an_origin_is_a_destination_of_its_own() {
        let of = |url: &str, files: &str, other: &str| {
            destinations(&format!(
                "url = \"https://{url}\"\norigins = {{ files = \"https://{files}\", other = \"https://{other}\" }}"
            ))
        };
        let digest = |of: &Destinations| of.digest("api", Some("files")).unwrap();
        let base = digest(&of("a.example", "b.example", "c.example"));
        assert_eq!(digest(&of("x.example", "b.example", "x.example")), base);
        assert_ne!(digest(&of("a.example", "x.example", "c.example")), base);
    }
}
