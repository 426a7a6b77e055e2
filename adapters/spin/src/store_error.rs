//! What an error of the key-value store says.

use mcp_edge_runtime::host::HostError;

/// Why the store did not do something; the errors of `spin-sdk`, which is not compiled natively.
pub(crate) enum Reason {
    AccessDenied,
    NoSuchStore,
    StoreTableFull,
    Other(String),
}

impl Reason {
    /// The error of `operation`; it says what to change.
    pub(crate) fn error(self, operation: &str) -> HostError {
        HostError {
            operation: operation.to_owned(),
            reason: match self {
                Self::AccessDenied => {
                    "the component is not allowed to; add `key_value_stores = [\"default\"]` to it in spin.toml"
                        .to_owned()
                }
                Self::NoSuchStore => {
                    "there is none; define it in Spin's runtime configuration".to_owned()
                }
                Self::StoreTableFull => "the instance has too many stores open".to_owned(),
                Self::Other(reason) => reason,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_that_may_not_use_the_store_is_told_the_key_of_the_manifest() {
        let error = Reason::AccessDenied.error("open the key-value store `default`");
        assert_eq!(
            error.to_string(),
            "the host could not open the key-value store `default`: the component is not allowed to; \
             add `key_value_stores = [\"default\"]` to it in spin.toml"
        );
    }
}
