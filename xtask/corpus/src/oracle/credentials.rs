//! The credentials that a document also declares as parameters.

use serde_json::Value;

/// Names of headers and of parameters of the query. The gateway's configuration has the values, and callers never send them.
pub(crate) struct Credentials {
    pub(crate) headers: Vec<String>,
    query: Vec<String>,
}

impl Credentials {
    pub(crate) fn of(document: &Value) -> Self {
        let schemes = document["components"]["securitySchemes"].as_object();
        let named = |place: &str| {
            schemes
                .into_iter()
                .flat_map(|schemes| schemes.values())
                .filter(|scheme| scheme["type"] == "apiKey" && scheme["in"] == place)
                .filter_map(|scheme| scheme["name"].as_str().map(str::to_owned))
                .collect()
        };
        Self {
            headers: named("header"),
            query: named("query"),
        }
    }

    /// A path and query with the credentials of the query.
    pub(crate) fn target(&self, target: &str) -> String {
        let mut target = target.to_owned();
        for name in &self.query {
            target.push(if target.contains('?') { '&' } else { '?' });
            target.push_str(&format!("{name}=secret"));
        }
        target
    }
}
