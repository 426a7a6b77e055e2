//! The files in which clients keep their servers.

/// A file of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it is reckoned from.
    pub folder: Folder,
    /// Its path below that, with `/` between.
    pub path: String,
}

/// Where the path of a file is reckoned from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Folder {
    /// The folder of the project.
    Project,
    /// The person's home folder.
    Home,
    /// The folder that a variable of the environment names, or without it one of the home folder.
    Variable {
        /// The variable's name.
        name: &'static str,
        /// The folder below the home folder where the variable is not set; empty for the home folder itself.
        otherwise: &'static str,
    },
    /// Where programs keep the person's settings on this system.
    Settings,
}

/// A family of operating systems, which differ in where files are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum System {
    /// Linux and its like.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

impl System {
    /// Every one there is.
    pub const ALL: [Self; 3] = [Self::Linux, Self::MacOs, Self::Windows];

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Linux => "Linux",
            Self::MacOs => "macOS",
            Self::Windows => "Windows",
        }
    }
}

impl File {
    /// The path as people write it on `system`, where no variable moves it.
    pub fn on(&self, system: System) -> String {
        let windows = system == System::Windows;
        let home = if windows { "%USERPROFILE%/" } else { "~/" };
        let path = match self.folder {
            Folder::Project => self.path.clone(),
            Folder::Home | Folder::Variable { otherwise: "", .. } => format!("{home}{}", self.path),
            Folder::Variable { otherwise, .. } => format!("{home}{otherwise}/{}", self.path),
            Folder::Settings => match system {
                System::Linux => format!("~/.config/{}", self.path),
                System::MacOs => format!("~/Library/Application Support/{}", self.path),
                System::Windows => format!("%APPDATA%/{}", self.path),
            },
        };
        if windows {
            path.replace('/', "\\")
        } else {
            path
        }
    }
}
