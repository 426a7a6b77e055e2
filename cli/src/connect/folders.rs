//! Where the files of clients are on this machine.

use std::path::PathBuf;

use mcp_edge_clients::{File, Folder, System};

use crate::output::Failure;

/// The system that the program runs on.
pub(crate) const fn system() -> System {
    if cfg!(windows) {
        System::Windows
    } else if cfg!(target_os = "macos") {
        System::MacOs
    } else {
        System::Linux
    }
}

/// Where folders are, as the variables of an environment say.
pub(crate) struct Folders<F> {
    system: System,
    variable: F,
}

impl Folders<fn(&str) -> Option<PathBuf>> {
    pub(crate) fn of_this_machine() -> Self {
        Self {
            system: system(),
            variable: |name| std::env::var_os(name).map(PathBuf::from),
        }
    }
}

impl<F: Fn(&str) -> Option<PathBuf>> Folders<F> {
    /// Where `file` is.
    pub(crate) fn path(&self, file: &File) -> Result<PathBuf, Failure> {
        let folder = match file.folder {
            Folder::Project => PathBuf::new(),
            Folder::Home => self.home()?,
            Folder::Variable { name, otherwise } => match self.named(name) {
                Some(folder) => folder,
                None => self.home()?.join(otherwise),
            },
            Folder::Settings => self.settings()?,
            folder => {
                return Err(Failure::usage(format!(
                    "{folder:?} is not a folder known here"
                )));
            }
        };
        Ok(folder.join(&file.path))
    }

    fn home(&self) -> Result<PathBuf, Failure> {
        let name = match self.system {
            System::Windows => "USERPROFILE",
            _ => "HOME",
        };
        self.named(name).ok_or_else(|| {
            Failure::usage(format!(
                "the variable {name} does not say where your files are; set it"
            ))
        })
    }

    fn settings(&self) -> Result<PathBuf, Failure> {
        Ok(match self.system {
            System::Windows => match self.named("APPDATA") {
                Some(folder) => folder,
                None => self.home()?.join("AppData").join("Roaming"),
            },
            System::MacOs => self.home()?.join("Library").join("Application Support"),
            _ => match self.named("XDG_CONFIG_HOME") {
                Some(folder) => folder,
                None => self.home()?.join(".config"),
            },
        })
    }

    /// An empty variable names no folder, and a relative path a different one for each folder that a client is started in.
    fn named(&self, variable: &str) -> Option<PathBuf> {
        (self.variable)(variable).filter(|folder| folder.is_absolute())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(system: System, variables: &[(&str, &str)], folder: Folder) -> Option<PathBuf> {
        let folders = Folders {
            system,
            variable: |name: &str| {
                let known = variables.iter().find(|(known, _)| *known == name);
                known.map(|(_, path)| PathBuf::from(path))
            },
        };
        let path = "a/b.json".to_owned();
        folders.path(&File { folder, path }).ok()
    }

    const CODEX: Folder = Folder::Variable {
        name: "CODEX_HOME",
        otherwise: ".codex",
    };

    #[test]
    fn folders_are_where_each_system_has_them() {
        let home = [("HOME", "/home/a")];
        for (system, variables, folder, expected) in [
            (System::Linux, &home[..], Folder::Home, "/home/a/a/b.json"),
            (
                System::Linux,
                &home,
                Folder::Settings,
                "/home/a/.config/a/b.json",
            ),
            (System::Linux, &home, CODEX, "/home/a/.codex/a/b.json"),
            (System::Linux, &[], Folder::Project, "a/b.json"),
            (
                System::MacOs,
                &home,
                Folder::Settings,
                "/home/a/Library/Application Support/a/b.json",
            ),
            (
                System::Linux,
                &[("HOME", "/home/a"), ("XDG_CONFIG_HOME", "/settings")],
                Folder::Settings,
                "/settings/a/b.json",
            ),
            (
                System::Linux,
                &[("CODEX_HOME", "/codex")],
                CODEX,
                "/codex/a/b.json",
            ),
            (
                System::Linux,
                &[("HOME", "/home/a"), ("CODEX_HOME", "relative")],
                CODEX,
                "/home/a/.codex/a/b.json",
            ),
        ] {
            assert_eq!(
                path(system, variables, folder),
                Some(expected.into()),
                "{folder:?}"
            );
        }
    }

    #[test]
    fn without_a_home_there_is_no_path() {
        for variables in [&[][..], &[("HOME", "")], &[("HOME", "relative")]] {
            assert_eq!(path(System::Linux, variables, Folder::Home), None);
        }
        assert_eq!(
            path(System::Windows, &[("HOME", "/home/a")], Folder::Home),
            None
        );
    }
}
