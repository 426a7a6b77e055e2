//! Adds entries to a log.

use tlog_tiles::{
    Error, Hash, HashReader, Tile, TileHashReader, record_hash, stored_hash_count, stored_hashes,
    tree_hash,
};

use super::folder::{HEIGHT, WIDTH, width};
use super::{Checkpoint, Entry, Folder, LogError, LogKey};

/// What adding came to.
#[derive(Debug)]
pub struct AppendReport {
    /// How many entries are new.
    pub added: u64,
    /// How many were in the log already.
    pub known: u64,
    /// What the log says of itself now.
    pub checkpoint: Checkpoint,
}

/// Adds entries to a log, in their order, but for those that it has. Full tiles stay as they are; a log that does not verify is
/// not added to.
pub fn append(folder: &Folder, key: &LogKey, entries: &[Entry]) -> Result<AppendReport, LogError> {
    let _lock = folder.lock()?;
    let old = folder.checkpoint(key.public())?;
    let leaves = match &old {
        Some(old) => folder.verify(old)?,
        None => Default::default(),
    };
    let mut fresh = Vec::new();
    for entry in entries {
        match leaves.get(entry.id()) {
            None => fresh.push(entry.bytes()),
            Some((_, leaf)) if *leaf == record_hash(entry.bytes()) => {}
            Some((index, _)) => {
                return Err(LogError::Refused(format!(
                    "entry {index} of the log is another event with the id {}; `mcp-edge audit verify` says more",
                    entry.id()
                )));
            }
        }
    }
    let added = count(fresh.len());
    let known = count(entries.len()).saturating_sub(added);
    if let (true, Some(checkpoint)) = (fresh.is_empty(), old.as_ref()) {
        let checkpoint = Checkpoint::unchecked(&checkpoint.note)?;
        return Ok(AppendReport {
            added,
            known,
            checkpoint,
        });
    }
    let size = old.as_ref().map_or(0, |old| old.size);
    let mut grown = TileHashes {
        old: old
            .as_ref()
            .filter(|old| old.size > 0)
            .map(|old| folder.hashes(old)),
        kept: stored_hash_count(size),
        new: Vec::new(),
    };
    for (index, entry) in (size..).zip(&fresh) {
        let hashes = stored_hashes(index, entry, &grown).map_err(LogError::broken)?;
        grown.new.extend(hashes);
    }
    let new_size = size.saturating_add(added);
    let root = tree_hash(new_size, &grown).map_err(LogError::broken)?;
    write_entries(folder, size, &fresh)?;
    for tile in Tile::new_tiles(HEIGHT, size, new_size) {
        let bytes = tile.read_data(&grown).map_err(LogError::broken)?;
        folder.write_tile(&tile, &bytes)?;
    }
    let note = key.sign(new_size, root)?;
    folder.write_checkpoint(&note)?;
    Ok(AppendReport {
        added,
        known,
        checkpoint: key.public().open(&note)?,
    })
}

/// Writes the bundles that entries from `size` on are in.
fn write_entries(folder: &Folder, size: u64, fresh: &[&[u8]]) -> Result<(), LogError> {
    let (mut bundle, begun) = (size / WIDTH, width(size % WIDTH));
    let mut entries = match begun {
        0 => Vec::new(),
        begun => folder.entries(bundle, begun)?,
    };
    let mut fresh = fresh.iter();
    loop {
        let room = usize::try_from(WIDTH)
            .unwrap_or(usize::MAX)
            .saturating_sub(entries.len());
        entries.extend(fresh.by_ref().take(room).map(|entry| entry.to_vec()));
        if entries.is_empty() {
            return Ok(());
        }
        let mut bytes = Vec::new();
        for entry in &entries {
            let length = u16::try_from(entry.len()).map_err(LogError::broken)?;
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(entry);
        }
        let tile = Tile::new(HEIGHT, 0, bundle, width(count(entries.len())), true);
        folder.write_tile(&tile, &bytes)?;
        if fresh.len() == 0 {
            return Ok(());
        }
        bundle = bundle.saturating_add(1);
        entries.clear();
    }
}

/// The hashes of a log's tiles, and those that come behind them.
struct TileHashes<'a> {
    old: Option<TileHashReader<'a>>,
    /// How many hashes the tiles have.
    kept: u64,
    new: Vec<Hash>,
}

impl HashReader for TileHashes<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let (kept, new): (Vec<u64>, Vec<u64>) =
            indexes.iter().partition(|index| **index < self.kept);
        let mut kept = match &self.old {
            Some(old) if !kept.is_empty() => old.read_hashes(&kept)?,
            _ => Vec::new(),
        }
        .into_iter();
        let mut new = new.into_iter();
        let read = |index: &u64| {
            if *index < self.kept {
                return kept.next().ok_or(Error::IndexesNotInTree);
            }
            let place = new.next().map(|index| index.saturating_sub(self.kept));
            let place = place.and_then(|place| usize::try_from(place).ok());
            let hash = place.and_then(|place| self.new.get(place));
            hash.copied().ok_or(Error::IndexesNotInTree)
        };
        indexes.iter().map(read).collect()
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
