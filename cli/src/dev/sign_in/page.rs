//! The page on which a user decides, without scripts.

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};

use super::Asked;
use super::user::User;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}\
fieldset{margin:1rem 0}label{display:block}small{color:#666}code{overflow-wrap:anywhere}button{font:inherit;padding:.3rem 1rem}";

/// The digest by which the page's policy allows its style (CSP Level 3, 2.3.1).
pub(super) fn style_digest() -> String {
    Base64::encode_string(&Sha256::digest(STYLE))
}

/// The scopes that the user chooses from: what the client asks for, or all that are known.
pub(super) fn offered(asked: &Asked) -> &[String] {
    match asked.scopes.is_empty() {
        true => &asked.resource.scopes,
        false => &asked.scopes,
    }
}

/// The page for the request that was put under `key`.
pub(super) fn decision(key: &str, asked: &Asked, users: &[User]) -> String {
    let mut people = String::new();
    for (index, user) in users.iter().enumerate() {
        let checked = if index == 0 { " checked" } else { "" };
        let subject = escaped(&user.subject);
        let mut about = vec![format!("tenant {}", user.tenant)];
        about.extend(user.roles.iter().map(|role| format!("role {role}")));
        about.extend(user.groups.iter().map(|group| format!("group {group}")));
        people.push_str(&format!(
            "<label><input type=\"radio\" name=\"user\" value=\"{subject}\"{checked}> {subject} <small>{}</small></label>\n",
            escaped(&about.join(", "))
        ));
    }
    let checked = match asked.scopes.is_empty() {
        true => "",
        false => " checked",
    };
    let mut scopes = String::new();
    for scope in offered(asked) {
        let scope = escaped(scope);
        scopes.push_str(&format!(
            "<label><input type=\"checkbox\" name=\"scope\" value=\"{scope}\"{checked}> {scope}</label>\n"
        ));
    }
    if scopes.is_empty() {
        scopes.push_str("<small>none</small>\n");
    }
    let warning = asked.client.warning.as_deref();
    let warning = warning.map_or_else(String::new, |warning| {
        format!("<p>{}</p>\n", escaped(warning))
    });
    document(&format!(
        "<h1>Sign in to {name}</h1>\n\
         <p>The client <code>{client}</code> asks for access to <code>{url}</code> and gets the answer at <code>{redirect}</code>.</p>\n\
         {warning}<form method=\"post\" action=\"/authorize\">\n\
         <input type=\"hidden\" name=\"request\" value=\"{key}\">\n\
         <fieldset><legend>Sign in as</legend>\n{people}</fieldset>\n\
         <fieldset><legend>Scopes</legend>\n{scopes}</fieldset>\n\
         <button name=\"decision\" value=\"allow\">Sign in</button>\n\
         <button name=\"decision\" value=\"deny\">Refuse</button>\n\
         </form>\n",
        name = escaped(&asked.resource.name),
        client = escaped(&asked.client.id),
        url = escaped(&asked.resource.url),
        redirect = escaped(&asked.client.redirect_uri),
        key = escaped(key),
    ))
}

pub(super) fn refusal(why: &str) -> String {
    document(&format!("<h1>No sign-in</h1>\n<p>{}</p>\n", escaped(why)))
}

fn document(body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>mcp-edge dev: sign-in</title>\n<style>{STYLE}</style>\n{body}"
    )
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
