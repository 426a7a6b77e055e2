//! Parameters that the model must not set: credentials, and headers that belong to the connection or to a proxy.

use mcp_edge_catalog::{Location, request::is_forbidden_header};

use crate::refs::{Library, Node};

/// Names that are credentials, without case and without what separates words.
const CREDENTIALS: [&str; 36] = [
    "accesskey",
    "accesstoken",
    "apikey",
    "apisecret",
    "apitoken",
    "appkey",
    "authkey",
    "authtoken",
    "authtokens",
    "bearer",
    "bearertoken",
    "clientsecret",
    "idtoken",
    "jwt",
    "oauthtoken",
    "password",
    "passwd",
    "refreshtoken",
    "secret",
    "secretkey",
    "sessiontoken",
    "subscriptionkey",
    "token",
    "xaccesstoken",
    "xapikey",
    "xapitoken",
    "xauth",
    "xauthkey",
    "xauthtoken",
    "ocpapimsubscriptionkey",
    "xamzalgorithm",
    "xamzcontentsha256",
    "xamzcredential",
    "xamzdate",
    "xamzsecuritytoken",
    "xamzsignature",
];
const COOKIES: [&str; 6] = [
    "session",
    "sessionid",
    "jsessionid",
    "phpsessid",
    "sid",
    "connectsid",
];

/// Why a parameter is not an argument. `None`: it is one.
pub(crate) fn reason(
    name: &str,
    location: Location,
    description: Option<&str>,
    schemes: &[(Location, String)],
) -> Option<&'static str> {
    if location == Location::Path {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    if !can_be_exposed(name, location) {
        return Some("the gateway sets this header or sends none");
    }
    let is_scheme = schemes.iter().any(|(place, scheme)| {
        *place == location
            && if location == Location::Header {
                scheme.eq_ignore_ascii_case(name)
            } else {
                scheme == name
            }
    });
    if is_scheme {
        return Some("it is a credential of `securitySchemes`; set the upstream's credential");
    }
    let letters: String = lower
        .chars()
        .filter(|char| char.is_ascii_alphanumeric())
        .collect();
    let is_credential = CREDENTIALS.contains(&letters.as_str())
        || letters == "xamzsignedheaders"
        || (location == Location::Cookie && COOKIES.contains(&letters.as_str()))
        || (letters == "key" && description.is_some_and(|text| text.starts_with("API key")));
    is_credential.then_some(
        "its name is one of credentials; set the upstream's credential, or add the parameter to \
         `credential_arguments` of `[tools.NAME]`",
    )
}

/// Whether `credential_arguments` may make an argument of a parameter.
pub(crate) fn can_be_exposed(name: &str, location: Location) -> bool {
    location != Location::Header || !is_forbidden_header(name)
}

/// The parameters that the `securitySchemes` of a document name.
pub(crate) fn schemes(library: &Library, root: Node<'_>) -> Vec<(Location, String)> {
    let schemes = root
        .get("components")
        .and_then(|components| components.get("securitySchemes"));
    let Some(schemes) = schemes else {
        return Vec::new();
    };
    let members = schemes.value.as_object().into_iter().flatten();
    members
        .filter_map(|(_, scheme)| {
            let (scheme, _) = library.follow(schemes.with(scheme)).ok()?;
            let location = match scheme.text("in")? {
                "header" => Location::Header,
                "query" => Location::Query,
                "cookie" => Location::Cookie,
                _ => return None,
            };
            Some((location, scheme.text("name")?.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_the_connection_and_credentials_are_not_arguments() {
        for name in [
            "Host",
            "CONTENT-LENGTH",
            "Proxy-Authorization",
            "X-Forwarded-For",
            "Mcp-Name",
            "Authorization",
            "Accept",
            "X-HTTP-Method-Override",
            "X-Api-Key",
            "X-Amz-Security-Token",
        ] {
            assert!(
                reason(name, Location::Header, None, &[]).is_some(),
                "{name}"
            );
        }
        for name in ["api_key", "access_token", "apiKey"] {
            assert!(reason(name, Location::Query, None, &[]).is_some(), "{name}");
        }
        for name in [
            "page_token",
            "nextToken",
            "key",
            "host",
            "accept",
            "keyword",
        ] {
            assert!(reason(name, Location::Query, None, &[]).is_none(), "{name}");
        }
        let key = Some("API key. Your API key identifies your project.");
        assert!(reason("key", Location::Query, key, &[]).is_some());
        assert!(reason("token", Location::Path, None, &[]).is_none());
        let schemes = [(Location::Header, "X-Key".to_owned())];
        assert!(reason("x-key", Location::Header, None, &schemes).is_some());
        assert!(reason("x-key", Location::Query, None, &schemes).is_none());
    }
}
