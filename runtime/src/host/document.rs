//! Documents that operators replace while a server runs.

/// Where a host has a document that operators replace while the server runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentPlace<'a> {
    /// A file of the machine, by its absolute path.
    File {
        /// The path.
        path: &'a str,
    },
    /// A value of a key-value store: a KV namespace of Workers by its binding, a store of Spin by its name.
    KeyValue {
        /// The store.
        store: &'a str,
        /// The key.
        key: &'a str,
    },
    /// An object of a bucket: of R2, by its binding.
    Object {
        /// The bucket.
        bucket: &'a str,
        /// The key of the object.
        key: &'a str,
    },
}

impl DocumentPlace<'_> {
    /// What a host without such places says.
    pub fn unsupported(self, host: &str) -> super::HostError {
        let kind = match self {
            Self::File { .. } => "files",
            Self::KeyValue { .. } => "key-value stores",
            Self::Object { .. } => "buckets",
        };
        super::HostError {
            operation: "read a document".to_owned(),
            reason: format!("the host {host} has no {kind}"),
        }
    }
}
