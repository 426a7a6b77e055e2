//! Where a server takes mcp-edge from: a checkout, or a git repository. No registry has a release of it, so no file names one: an
//! attacker who registers the name first would run code wherever the server is built.

use std::path::{Component, Path, PathBuf};

use super::scaffold::Source;
use crate::output::Failure;

/// The package of the program.
const PROGRAM: &str = "mcp-edge-cli";
/// Without http: what comes that way is compiled and run.
const SCHEMES: [&str; 3] = ["https://", "ssh://", "file://"];

/// A checkout of the repository, for the server in the folder `server`.
///
/// The files name it relative to the server: an absolute path would be right on one machine only.
pub(super) fn checkout(folder: &Path, server: &Path) -> Result<Source, Failure> {
    for package in ["mcp-edge", "cli"] {
        if !folder.join(package).join("Cargo.toml").is_file() {
            return Err(Failure::usage(format!(
                "{} is not a checkout of mcp-edge: it has no {package}/Cargo.toml; name the folder of the repository with --path",
                folder.display()
            )));
        }
    }
    let absolute = |path: &Path| {
        path.canonicalize()
            .map_err(|error| Failure::usage(format!("cannot find {}: {error}", path.display())))
    };
    let parent = server.parent().filter(|parent| *parent != Path::new(""));
    let parent = absolute(parent.unwrap_or(Path::new(".")))?;
    let server = parent.join(server.file_name().unwrap_or_default());
    let path = relative(&absolute(folder)?, &server);
    let path = named(&path).ok_or_else(|| {
        Failure::usage(format!(
            "the files of a server cannot name the path {}; move the checkout to a folder whose path has only letters, digits, blanks \
             and . _ - + @ ,",
            path.display()
        ))
    })?;
    Ok(Source {
        dependency: format!("{{ path = \"{path}/mcp-edge\" }}"),
        program: format!("--path {}", quoted(&format!("{path}/cli"))),
    })
}

/// A git repository, at `revision` or else at its default branch.
pub(super) fn repository(url: &str, revision: Option<&str>) -> Result<Source, Failure> {
    let scheme = SCHEMES.into_iter().find(|scheme| url.starts_with(*scheme));
    let rest = scheme.and_then(|scheme| url.strip_prefix(scheme));
    let plain = |text: &str, marks: &str| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || marks.contains(c);
        !text.is_empty() && !text.starts_with('-') && text.chars().all(is_plain)
    };
    let user = rest.and_then(|rest| rest.split('/').next()?.split_once('@'));
    if user.is_some_and(|(user, _)| user.contains(':') || scheme != Some("ssh://")) {
        return Err(Failure::usage(
            "the URL of --git must not hold a user name with a password or a token: it is written into files that are committed. Let \
             git ask a credential helper",
        ));
    }
    if !rest.is_some_and(|rest| plain(rest, "._~:/@%+=-")) {
        return Err(Failure::usage(format!(
            "--git {url:?} is not the URL of a repository that cargo can fetch; write https://HOST/PATH or ssh://USER@HOST/PATH"
        )));
    }
    if let Some(revision) = revision.filter(|revision| !plain(revision, "._/-")) {
        return Err(Failure::usage(format!(
            "--rev {revision:?} is not a commit, a tag or a branch"
        )));
    }
    let (member, option) = match revision {
        Some(revision) => (
            format!(", rev = \"{revision}\""),
            format!(" --rev {revision}"),
        ),
        None => Default::default(),
    };
    Ok(Source {
        dependency: format!("{{ git = \"{url}\"{member} }}"),
        program: format!("--git {url}{option} {PROGRAM}"),
    })
}

/// The way from the folder `from` to `path`, both absolute.
fn relative(path: &Path, from: &Path) -> PathBuf {
    let (path_parts, from_parts): (Vec<_>, Vec<_>) =
        (path.components().collect(), from.components().collect());
    let shared = path_parts
        .iter()
        .zip(&from_parts)
        .take_while(|(a, b)| a == b)
        .count();
    // On Windows, nothing leads from one drive to another.
    if shared == 0 {
        return path.to_owned();
    }
    let up = from_parts.iter().skip(shared).map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(path_parts.into_iter().skip(shared)).collect();
    match way.as_os_str().is_empty() {
        true => PathBuf::from("."),
        false => way,
    }
}

/// The path as TOML, YAML and a shell have it, with slashes; `None` where one of them would read it as something else.
fn named(path: &Path) -> Option<String> {
    let is_plain = |c: char| c.is_alphanumeric() || " ._-+@,".contains(c);
    let mut named = String::new();
    for component in path.components() {
        let part = match component {
            Component::RootDir => {
                named.push('/');
                continue;
            }
            // `C:`, which is quoted in each of them.
            Component::Prefix(prefix) => prefix.as_os_str().to_str()?.to_owned(),
            other => {
                let part = other.as_os_str().to_str()?;
                part.chars().all(is_plain).then(|| part.to_owned())?
            }
        };
        if !named.is_empty() && !named.ends_with('/') {
            named.push('/');
        }
        named.push_str(&part);
    }
    Some(named)
}

/// `text` as one word of a shell.
fn quoted(text: &str) -> String {
    shlex::try_quote(text).map_or_else(|_| String::new(), |quoted| quoted.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkout_at(folder: &Path) -> PathBuf {
        for package in ["mcp-edge", "cli"] {
            std::fs::create_dir_all(folder.join(package)).unwrap();
            std::fs::write(folder.join(package).join("Cargo.toml"), "").unwrap();
        }
        folder.to_owned()
    }

    #[test]
    fn a_checkout_is_named_relative_to_the_server() {
        let folder = tempfile::tempdir().unwrap();
        let work = folder.path().join("work");
        let near = checkout_at(&folder.path().join("mcp edge"));
        let inside = checkout_at(&work.join("server/mcp-edge"));
        let around = checkout_at(folder.path());
        for (place, path, word) in [
            (near, "../../mcp edge", "'../../mcp edge/cli'"),
            (inside, "mcp-edge", "mcp-edge/cli"),
            (around, "../..", "../../cli"),
        ] {
            let source = checkout(&place, &work.join("server")).unwrap();
            assert_eq!(
                source,
                Source {
                    dependency: format!("{{ path = \"{path}/mcp-edge\" }}"),
                    program: format!("--path {word}"),
                }
            );
        }
    }

    #[test]
    fn what_is_no_checkout_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused = checkout(folder.path(), &folder.path().join("server")).unwrap_err();
        assert!(
            refused.sentence.contains("is not a checkout of mcp-edge"),
            "{}",
            refused.sentence
        );
    }

    #[test]
    fn a_path_that_some_file_would_read_as_something_else_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "a \"b\"",
            "a\\b",
            "a: b",
            "a #b",
            "{{mcp-edge}}",
            "$HOME",
            "a\nb",
        ] {
            let place = checkout_at(&folder.path().join(name));
            let refused = checkout(&place, &folder.path().join("server")).unwrap_err();
            assert!(
                refused.sentence.contains("move the checkout"),
                "{}",
                refused.sentence
            );
        }
    }

    #[test]
    fn a_repository_is_named_with_its_revision() {
        let source = repository("https://git.example.com/mcp-edge.git", Some("v0.1")).unwrap();
        assert_eq!(
            source.dependency,
            r#"{ git = "https://git.example.com/mcp-edge.git", rev = "v0.1" }"#
        );
        assert_eq!(
            source.program,
            "--git https://git.example.com/mcp-edge.git --rev v0.1 mcp-edge-cli"
        );
        let source = repository("ssh://git@git.example.com/mcp-edge", None).unwrap();
        assert_eq!(
            source.program,
            "--git ssh://git@git.example.com/mcp-edge mcp-edge-cli"
        );
    }

    #[test]
    fn what_cargo_cannot_fetch_or_must_not_be_committed_is_refused() {
        for url in [
            "",
            "https://",
            "mcp-edge",
            "git@git.example.com:mcp-edge",
            "http://git.example.com/mcp-edge",
            "https://git.example.com/a b",
            "https://git.example.com/`id`",
            "https://git.example.com/\"",
            "https://user:secret@git.example.com/mcp-edge",
            "https://token@git.example.com/mcp-edge",
            "ssh://git:secret@git.example.com/mcp-edge",
        ] {
            let refused = repository(url, None).unwrap_err();
            assert!(!refused.sentence.contains("secret@"), "{url}");
        }
        for revision in ["", "--upload-pack=x", "a b", "a\"b", "$(id)"] {
            let refused = repository("https://git.example.com/mcp-edge", Some(revision));
            assert!(refused.is_err(), "{revision}");
        }
    }
}
