//! The catalog of the deployment, which is read by range.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;

use bytes::Bytes;
use mcp_edge::host::{DataFile, HostError};
use mcp_edge_catalog::Operation;
use mcp_edge_catalog::codec::{DecodeError, Header, Index};
use mcp_edge_schema::{Schema, SchemaError};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// How many operations stay in memory once they were read.
const MAX_RECENT: usize = 64;

/// A catalog whose index is in memory.
pub(crate) struct CatalogFile {
    file: DataFile,
    index: Index,
    recent: RefCell<VecDeque<(usize, Rc<Loaded>)>>,
}

/// An operation that was read.
pub(crate) struct Loaded {
    pub(crate) operation: Operation,
    /// What arguments are checked against.
    pub(crate) input: Schema,
}

/// Why something of a catalog cannot be read.
#[derive(Debug, Clone, PartialEq, Error)]
pub(crate) enum CatalogError {
    #[error(transparent)]
    Host(#[from] HostError),
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error(
        "the data file {0} is of another build than the settings; deploy the whole folder that `mcp-edge gateway build` has written"
    )]
    OtherBuild(String),
    #[error("a schema of `{0}` cannot be used: {1}; rebuild the catalog")]
    Schema(String, SchemaError),
}

impl CatalogFile {
    /// Reads the index, whose digest is known from the settings.
    pub(crate) async fn open(file: DataFile, digest: &[u8; 32]) -> Result<Self, CatalogError> {
        let length = u64::try_from(Header::LENGTH).unwrap_or(u64::MAX);
        let head = file.read(0..length.min(file.length())).await?;
        let header = Header::decode(&head)?;
        let range = header.index_range();
        let index = file.read(range).await?;
        let found = Sha256::new().chain_update(&head).chain_update(&index);
        if found.finalize().as_slice() != digest {
            return Err(CatalogError::OtherBuild(file.name().to_owned()));
        }
        Ok(Self {
            index: Index::decode(header, &index)?,
            file,
            recent: RefCell::default(),
        })
    }

    /// What routing, lists and policy need of each tool.
    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    /// The operation at a place of the index.
    pub(crate) async fn operation(&self, place: usize) -> Result<Rc<Loaded>, CatalogError> {
        if let Some(loaded) = self.recent(place) {
            return Ok(loaded);
        }
        let damaged = DecodeError::Damaged("operation");
        let range = self.index.operation_range(place).ok_or(damaged)?;
        let bytes = self.file.read(range).await?;
        let packed = self.index.unpack(place, &bytes)?;
        let mut shared: Vec<Bytes> = Vec::new();
        for range in packed.shared_ranges() {
            shared.push(self.file.read(Range::clone(range)).await?);
        }
        let operation = packed.decode(&shared)?;
        let schema = operation.strict_input.as_ref().unwrap_or(&operation.input);
        let input = Schema::compile(schema)
            .map_err(|error| CatalogError::Schema(operation.name.clone(), error))?
            .exact();
        let loaded = Rc::new(Loaded { operation, input });
        self.keep(place, Rc::clone(&loaded));
        Ok(loaded)
    }

    /// The index of what tools are about.
    pub(crate) async fn search_index(&self) -> Result<Bytes, CatalogError> {
        Ok(self.file.read(self.index.header().search_range()).await?)
    }

    fn recent(&self, place: usize) -> Option<Rc<Loaded>> {
        let mut recent = self.recent.borrow_mut();
        let at = recent.iter().position(|(known, _)| *known == place)?;
        let entry = recent.remove(at)?;
        let loaded = Rc::clone(&entry.1);
        recent.push_front(entry);
        Some(loaded)
    }

    fn keep(&self, place: usize, loaded: Rc<Loaded>) {
        let mut recent = self.recent.borrow_mut();
        recent.retain(|(known, _)| *known != place);
        recent.push_front((place, loaded));
        recent.truncate(MAX_RECENT);
    }
}
