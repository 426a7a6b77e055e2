//! What a gateway is deployed with besides its catalogs: for each environment the settings, and which catalog belongs to them.

use std::collections::BTreeMap;

use mcp_edge_settings::wire::{Reader, Writer};
use thiserror::Error;

use crate::Destinations;

/// The version of the form.
const VERSION: u8 = 1;

/// The name of a deployment among the data of a host.
pub const DEPLOYMENT: &str = "gateway.bin";

/// The settings of a gateway in each of its environments.
///
/// A deployment consists of files that could be mixed with those of another build, so it has the digest of each catalog's index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deployment {
    /// By the name of the environment; the empty one holds where none is named.
    pub environments: BTreeMap<String, Environment>,
}

/// The settings of one environment, and its catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// The settings in their binary form, as `mcp-edge-config` encodes them.
    pub settings: Vec<u8>,
    /// The name of the catalog among the data of a host, such as `catalog.bin`.
    pub catalog: String,
    /// The SHA-256 of the catalog's header and index.
    pub digest: [u8; 32],
    /// Where the requests of its upstreams go.
    pub destinations: Destinations,
}

/// The bytes are no deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DeploymentError {
    /// Of another version of mcp-edge.
    #[error(
        "{DEPLOYMENT} has version {0} and must have version {VERSION}; build the gateway again with the version of mcp-edge that serves it"
    )]
    Version(u8),
    /// Damaged.
    #[error("{DEPLOYMENT} is damaged; build the gateway again")]
    Malformed,
}

impl Deployment {
    /// The binary form.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::from(vec![VERSION]);
        writer.length(self.environments.len());
        for (name, environment) in &self.environments {
            writer.text(name);
            writer.text(&environment.catalog);
            writer.bytes(&environment.digest);
            environment.destinations.write(&mut writer);
            writer.length(environment.settings.len());
            writer.bytes(&environment.settings);
        }
        writer.finish()
    }

    /// Reads the binary form.
    ///
    /// # Errors
    ///
    /// The bytes are of another version, or damaged.
    pub fn decode(bytes: &[u8]) -> Result<Self, DeploymentError> {
        let mut reader = Reader::new(bytes);
        match reader.byte() {
            Some(VERSION) => Self::read(&mut reader).ok_or(DeploymentError::Malformed),
            Some(version) => Err(DeploymentError::Version(version)),
            None => Err(DeploymentError::Malformed),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mut environments = BTreeMap::new();
        for _ in 0..reader.length()? {
            let name = reader.text()?.to_owned();
            let catalog = reader.text()?.to_owned();
            let digest = reader.bytes()?;
            let destinations = Destinations::read(reader)?;
            let length = reader.length()?;
            let settings = reader.slice(length)?.to_vec();
            let environment = Environment {
                settings,
                catalog,
                digest,
                destinations,
            };
            if environments.insert(name, environment).is_some() {
                return None;
            }
        }
        reader.is_at_end().then_some(Self { environments })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn reads_what_it_writes(
            environments in prop::collection::btree_map("[a-z]{0,3}", (any::<Vec<u8>>(), "[a-z.]{0,9}", any::<[u8; 32]>(), prop::collection::vec(("[a-z]", prop::option::of("[a-z]"), prop::option::of("[a-z]")), 0..3)), 0..4)
        ) {
            let environments = environments.into_iter().map(|(name, (settings, catalog, digest, to))| {
                let mut destinations = Destinations::default();
                for (upstream, origin, tenant) in to {
                    destinations.add(&upstream, origin.as_deref(), tenant.as_deref(), "");
                }
                (name, Environment { settings, catalog, digest, destinations })
            });
            let deployment = Deployment { environments: environments.collect() };
            prop_assert_eq!(Deployment::decode(&deployment.encode()), Ok(deployment));
        }

        #[test]
        fn damaged_bytes_are_an_error(bytes: Vec<u8>) {
            let damaged = [&[VERSION], bytes.as_slice()].concat();
            if let Ok(deployment) = Deployment::decode(&damaged) {
                prop_assert_eq!(Deployment::decode(&deployment.encode()), Ok(deployment));
            }
        }
    }

    #[test]
    fn another_version_is_named() {
        assert_eq!(Deployment::decode(&[9]), Err(DeploymentError::Version(9)));
        assert_eq!(Deployment::decode(&[]), Err(DeploymentError::Malformed));
    }
}
