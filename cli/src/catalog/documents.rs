//! The files of OpenAPI documents.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use mcp_edge_config::Settings;
use mcp_edge_openapi::Document;

use super::values::Values;

use crate::secret_file;

/// The maximum size of a document, in bytes. The largest public ones have 20 MB.
pub(crate) const MAX_DOCUMENT_BYTES: u64 = 64 << 20;

/// The paths of the documents that `settings` names, whose file is in `folder`.
pub(crate) fn named(settings: &Settings, folder: &Path) -> BTreeSet<PathBuf> {
    let upstreams = Values(settings).named("upstreams").values();
    let names = upstreams.flat_map(|upstream| Values(&upstream.settings).words("documents"));
    names.map(|name| folder.join(name)).collect()
}

/// Files in and below one folder, by their paths in it.
pub(crate) struct Files {
    folder: PathBuf,
}

impl Files {
    /// The files in and below `folder`.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        let folder = match folder.as_os_str().is_empty() {
            true => Path::new("."),
            false => folder,
        };
        Self {
            folder: folder.to_owned(),
        }
    }

    /// A document that the configuration names. It may be anywhere.
    pub(crate) fn document(&self, name: &str) -> Result<Document, String> {
        let text = text(&self.folder.join(name))?;
        Ok(Document {
            name: name.to_owned(),
            text,
        })
    }

    /// A file that a document names. It must be in the folder: a document may come from elsewhere, and must not be able to read
    /// whatever its user can.
    pub(crate) fn referenced(&self, name: &str) -> Result<String, String> {
        let path = Path::new(name);
        let is_within = path
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        let outside =
            || format!("{name} is outside the folder of mcp.toml, from which a document may read");
        if !is_within {
            return Err(outside());
        }
        let path = self.folder.join(path);
        let real = path
            .canonicalize()
            .map_err(|error| format!("{name} cannot be read: {error}"))?;
        let folder = self
            .folder
            .canonicalize()
            .map_err(|error| format!("{} cannot be read: {error}", self.folder.display()))?;
        if !real.starts_with(folder) {
            return Err(outside());
        }
        text(&real)
    }
}

fn text(path: &Path) -> Result<String, String> {
    match secret_file::read_up_to(path, MAX_DOCUMENT_BYTES) {
        Ok(Some(text)) => Ok(text),
        Ok(None) => Err(format!("there is no file {}", path.display())),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_reads_its_folder_only() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("api");
        std::fs::create_dir_all(inside.join("schemas")).unwrap();
        std::fs::write(inside.join("schemas/a.yaml"), "a: 1").unwrap();
        std::fs::write(folder.path().join("secret"), "s").unwrap();
        std::os::unix::fs::symlink(folder.path().join("secret"), inside.join("link")).unwrap();
        let files = Files::in_folder(&inside);
        assert_eq!(files.referenced("schemas/a.yaml").unwrap(), "a: 1");
        assert_eq!(files.referenced("./schemas/a.yaml").unwrap(), "a: 1");
        for outside in ["../secret", "/etc/hostname", "link", "schemas/../../secret"] {
            let error = files.referenced(outside).unwrap_err();
            assert!(error.contains("outside the folder"), "{error}");
        }
        assert!(files.document("../secret").is_ok());
        // Each would be read without end, or would do something when it is opened.
        let pipe = inside.join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        std::os::unix::fs::symlink("pipe", inside.join("link-to-pipe")).unwrap();
        for name in ["pipe", "link-to-pipe", "schemas", "/dev/zero"] {
            let error = files.document(name).unwrap_err();
            assert!(error.contains("not a regular file"), "{name}: {error}");
        }
        for name in ["pipe", "link-to-pipe", "schemas"] {
            let error = files.referenced(name).unwrap_err();
            assert!(error.contains("not a regular file"), "{name}: {error}");
        }
        assert!(
            files
                .document("missing")
                .unwrap_err()
                .contains("there is no file")
        );
    }
}
