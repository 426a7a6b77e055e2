//! The users who can sign in.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;

use crate::secret_file;

/// The file with the users, in the folder with the issuer's key.
const FILE: &str = "users.json";
const MAX_USERS: usize = 100;

/// A user, with the claims of the tokens.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct User {
    pub(super) subject: String,
    #[serde(default = "dev")]
    pub(super) tenant: String,
    #[serde(default)]
    pub(super) roles: Vec<String>,
    #[serde(default)]
    pub(super) groups: Vec<String>,
}

fn dev() -> String {
    "dev".to_owned()
}

/// The users of the file in `folder`; without one, two who differ.
pub(super) fn read(folder: &Path) -> Result<Vec<User>, String> {
    let path = folder.join(FILE);
    let Some(text) = secret_file::read(&path).map_err(|error| error.to_string())? else {
        let user = |subject: &str, role: &str, group: &str| User {
            subject: subject.to_owned(),
            tenant: dev(),
            roles: vec![role.to_owned()],
            groups: vec![group.to_owned()],
        };
        return Ok(vec![
            user("ada", "admin", "engineering"),
            user("grace", "analyst", "support"),
        ]);
    };
    let wrong = |why: &str| {
        format!(
            "{}: {why}; write a list as [{{ 'subject': 'ada', 'groups': ['engineering'] }}], with double quotes",
            path.display()
        )
    };
    let users: Vec<User> =
        serde_json::from_str(&text).map_err(|error| wrong(&error.to_string()))?;
    let subjects: BTreeSet<_> = users.iter().map(|user| &user.subject).collect();
    if users.is_empty() || users.len() > MAX_USERS {
        return Err(wrong(&format!(
            "it must have 1 to {MAX_USERS} users, got {}",
            users.len()
        )));
    }
    if subjects.len() < users.len() || subjects.contains(&String::new()) {
        return Err(wrong("each subject must be there once, and not be empty"));
    }
    Ok(users)
}
