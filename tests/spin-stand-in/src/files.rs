//! Files of the component: copied as Spin does it, and mounted for reading.

use std::path::{Path, PathBuf};

use glob::Pattern;
use serde::Deserialize;
use wasmtime::error::Context as _;
use wasmtime::{Result, bail, format_err};

/// What a component's `files` and `exclude_files` ask for.
#[derive(Default)]
pub(crate) struct Files {
    pub(crate) mounts: Vec<Mount>,
    pub(crate) excluded: Vec<String>,
}

/// An entry of `files`.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Mount {
    /// A file, or the files that fit it, under the names that they have.
    Pattern(String),
    /// A file, or all of a folder, under another name.
    Placement(Placement),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Placement {
    source: String,
    destination: String,
}

/// A folder with copies of the files, which is removed with this. The component sees it as `/`.
pub(crate) struct Mounted(PathBuf);

impl Mounted {
    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // The system empties its folder for temporary files.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Files {
    /// Copies them from `application`, the absolute path of the manifest's folder; nothing is mounted where nothing is asked for.
    pub(crate) fn mount(&self, application: &Path) -> Result<Option<Mounted>> {
        if self.mounts.is_empty() {
            return Ok(None);
        }
        let name = format!("spin-stand-in-files-{}", std::process::id());
        let mounted = Mounted(std::env::temp_dir().join(name));
        self.copy(application, &mounted.0)
            .context("cannot use the component's files")?;
        Ok(Some(mounted))
    }

    fn copy(&self, application: &Path, target: &Path) -> Result<()> {
        std::fs::create_dir_all(target)?;
        let copy = Copy {
            application,
            target,
            excluded: self.excluded()?,
        };
        self.mounts.iter().try_for_each(|mount| match mount {
            Mount::Pattern(pattern) => copy.pattern(pattern),
            Mount::Placement(placement) => copy.placement(placement),
        })
    }

    fn excluded(&self) -> Result<Vec<Pattern>> {
        let patterns = self.excluded.iter().map(|pattern| {
            Pattern::new(pattern)
                .map_err(|error| format_err!("exclude_files has {pattern:?}: {error}"))
        });
        patterns.collect()
    }
}

struct Copy<'a> {
    application: &'a Path,
    target: &'a Path,
    excluded: Vec<Pattern>,
}

impl Copy<'_> {
    fn pattern(&self, pattern: &str) -> Result<()> {
        if [".", ".."].contains(&pattern.rsplit('/').next().unwrap_or_default()) {
            bail!("the pattern {pattern:?} ends in a folder by its place; name the folder");
        }
        let path = self.application.join(pattern);
        if path.is_dir() {
            bail!("the stand-in mounts the folder {pattern:?} only by `source` and `destination`");
        } else if path.exists() {
            self.file(&path, &self.target.join(pattern))
        } else if pattern.contains(['*', '?', '[']) {
            self.glob(&path, self.application, self.target)
        } else {
            bail!("{pattern:?} does not exist and is not a pattern");
        }
    }

    fn placement(&self, placement: &Placement) -> Result<()> {
        let Placement {
            source,
            destination,
        } = placement;
        let path = self.application.join(source);
        let inner = destination.trim_start_matches('/');
        if Path::new(inner)
            .components()
            .any(|part| part.as_os_str() == "..")
        {
            bail!("the destination {destination:?} is outside of the component's files");
        }
        let target = self.target.join(inner);
        if path.is_dir() {
            let inside = path.join("**/*");
            self.glob(&inside, &path, &target)
        } else if !path.exists() {
            bail!("there is no file or folder {source:?}");
        } else if inner.is_empty() || inner.ends_with(['/', '.']) {
            bail!(
                "the destination {destination:?} of the file {source:?} must be the name of a file"
            );
        } else {
            self.file(&path, &target)
        }
    }

    /// Copies every file that fits `pattern`, by its path below `from`.
    fn glob(&self, pattern: &Path, from: &Path, target: &Path) -> Result<()> {
        let pattern = pattern
            .to_str()
            .with_context(|| format!("{} is not UTF-8", pattern.display()))?;
        let found = glob::glob(pattern).map_err(|error| format_err!("{pattern:?}: {error}"))?;
        std::fs::create_dir_all(target)?;
        for path in found {
            let path = path?;
            if path.is_file() && !self.is_excluded(&path)? {
                self.file(&path, &target.join(path.strip_prefix(from)?))?;
            }
        }
        Ok(())
    }

    fn is_excluded(&self, path: &Path) -> Result<bool> {
        let inner = self.inside(path)?;
        Ok(self
            .excluded
            .iter()
            .any(|pattern| pattern.matches_path(inner)))
    }

    /// The path of a file within the application, which every file must have.
    fn inside<'p>(&self, path: &'p Path) -> Result<&'p Path> {
        let inner = path.strip_prefix(self.application).ok();
        let inner = inner.filter(|inner| !inner.components().any(|part| part.as_os_str() == ".."));
        inner.with_context(|| format!("{} is outside of the application's folder", path.display()))
    }

    fn file(&self, path: &Path, target: &Path) -> Result<()> {
        self.inside(path)?;
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::copy(path, target)
            .map(drop)
            .with_context(|| format!("cannot copy {}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `files` mounts of an application with a few files, or why not.
    fn mounted(name: &str, files: &str, excluded: &[&str]) -> Result<Vec<String>, String> {
        #[derive(Deserialize)]
        struct Manifest {
            files: Vec<Mount>,
        }
        let folder = format!("spin-stand-in-test-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        let (application, target) = (folder.join("application"), folder.join("mounted"));
        for file in ["spin.toml", "data/a.bin", "data/b.txt", "data/inner/c.bin"] {
            let path = application.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, file).unwrap();
        }
        std::fs::write(folder.join("secret"), "").unwrap();
        let manifest: Manifest = toml::from_str(&format!("files = {files}")).unwrap();
        let excluded = excluded.iter().map(|pattern| (*pattern).to_owned());
        let files = Files {
            mounts: manifest.files,
            excluded: excluded.collect(),
        };
        let copied = files.copy(&application, &target);
        let all = glob::glob(target.join("**/*").to_str().unwrap()).unwrap();
        let mut found: Vec<String> = all
            .map(|path| path.unwrap())
            .filter(|path| path.is_file())
            .map(|path| path.strip_prefix(&target).unwrap().display().to_string())
            .collect();
        found.sort();
        std::fs::remove_dir_all(&folder).unwrap();
        copied
            .map(|()| found)
            .map_err(|refusal| format!("{refusal:#}"))
    }

    #[test]
    fn files_are_mounted_by_pattern_and_by_place() {
        for (number, (files, excluded, expected)) in [
            (
                r#"[{ source = "data", destination = "/data" }]"#,
                &[][..],
                &["data/a.bin", "data/b.txt", "data/inner/c.bin"][..],
            ),
            (
                r#"[{ source = "data", destination = "/" }]"#,
                &["**/*.txt"],
                &["a.bin", "inner/c.bin"],
            ),
            (
                r#"[{ source = "data/a.bin", destination = "other/name" }]"#,
                &[],
                &["other/name"],
            ),
            (
                r#"["data/*.bin", "spin.toml"]"#,
                &[],
                &["data/a.bin", "spin.toml"],
            ),
            (
                r#"["data/**/*.bin"]"#,
                &[],
                &["data/a.bin", "data/inner/c.bin"],
            ),
        ]
        .into_iter()
        .enumerate()
        {
            let found = mounted(&format!("good-{number}"), files, excluded).unwrap();
            assert_eq!(found, expected, "{files}");
        }
    }

    #[test]
    fn what_spin_refuses_is_refused() {
        for (number, (files, expected)) in [
            (r#"["absent.txt"]"#, "absent.txt"),
            (r#"["data/.."]"#, "data/.."),
            (r#"["."]"#, "ends in"),
            (r#"[{ source = "absent", destination = "/" }]"#, "absent"),
            (
                r#"[{ source = "spin.toml", destination = "/" }]"#,
                "name of a file",
            ),
            (
                r#"[{ source = "data", destination = "/../up" }]"#,
                "outside",
            ),
            (
                r#"[{ source = "/etc/hostname", destination = "/a" }]"#,
                "outside",
            ),
            (
                r#"[{ source = "../secret", destination = "/a" }]"#,
                "outside",
            ),
        ]
        .into_iter()
        .enumerate()
        {
            let refusal = mounted(&format!("bad-{number}"), files, &[]).unwrap_err();
            assert!(refusal.contains(expected), "{files}: {refusal}");
        }
    }
}
