//! The files of a log.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tlog_tiles::{
    Error, HASH_SIZE, Hash, HashReader, Tile, TileHashReader, TileReader, record_hash,
    stored_hash_index,
};

use super::{Checkpoint, LogError, PublicKey};

/// The height of a tile: 256 hashes.
pub(super) const HEIGHT: u8 = 8;
/// How many hashes or entries a full tile has.
pub(super) const WIDTH: u64 = 256;

/// A folder with a log in it, which any server of files can serve as it is.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

/// The member of an entry that names its event.
#[derive(Deserialize)]
struct Named {
    id: String,
}

impl Folder {
    /// The log in that folder, which need not be there yet.
    pub fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// Its newest checkpoint, if that is by the key; `None` where there is no log yet.
    pub fn checkpoint(&self, key: &PublicKey) -> Result<Option<Checkpoint>, LogError> {
        match self.note()? {
            Some(note) => key.open(&note).map(Some),
            None => Ok(None),
        }
    }

    /// Its newest checkpoint, without regard to its signature.
    pub(super) fn unchecked(&self) -> Result<Checkpoint, LogError> {
        match self.note()? {
            Some(note) => Checkpoint::unchecked(&note),
            None => Err(LogError::Refused(format!(
                "there is no log in {}; `mcp-edge audit append` makes one",
                self.root.display()
            ))),
        }
    }

    fn note(&self) -> Result<Option<String>, LogError> {
        let path = self.root.join("checkpoint");
        match fs::read_to_string(&path) {
            Ok(note) => Ok(Some(note)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(LogError::file("read", &path, error)),
        }
    }

    /// The hashes of a tree, each proven to be in it.
    pub(super) fn hashes(&self, tree: &Checkpoint) -> TileHashReader<'_> {
        TileHashReader::new(tree.size, tree.root, self)
    }

    /// Checks every entry and every tile of a log; what comes back is the index and leaf of each event by its id.
    pub fn verify(&self, tree: &Checkpoint) -> Result<HashMap<String, (u64, Hash)>, LogError> {
        let mut leaves = HashMap::new();
        let reader = self.hashes(tree);
        for bundle in 0..tree.size.div_ceil(WIDTH) {
            let first = bundle.saturating_mul(WIDTH);
            let last = first.saturating_add(WIDTH).min(tree.size);
            let indexes: Vec<_> = (first..last)
                .map(|index| stored_hash_index(0, index))
                .collect();
            let hashes = reader.read_hashes(&indexes).map_err(LogError::broken)?;
            let entries = self.entries(bundle, width(last.saturating_sub(first)))?;
            for ((index, entry), hash) in (first..).zip(entries).zip(hashes) {
                if record_hash(&entry) != hash {
                    return Err(LogError::Broken(format!("entry {index} was changed")));
                }
                let named: Named = serde_json::from_slice(&entry)
                    .map_err(|_| LogError::Broken(format!("entry {index} is no event")))?;
                leaves.insert(named.id, (index, hash));
            }
        }
        Ok(leaves)
    }

    /// The entries of one bundle, so many of them.
    pub(super) fn entries(&self, bundle: u64, width: u32) -> Result<Vec<Vec<u8>>, LogError> {
        let tile = Tile::new(HEIGHT, 0, bundle, width, true);
        let full = Tile::new(HEIGHT, 0, bundle, WIDTH as u32, true);
        let path = self.path(&tile);
        let bytes = fs::read(&path)
            .or_else(|error| fs::read(self.path(&full)).map_err(|_| error))
            .map_err(|error| LogError::file("read", &path, error))?;
        let mut entries = Vec::new();
        let mut rest = bytes.as_slice();
        while let Some((length, after)) = rest.split_first_chunk::<2>() {
            let length = usize::from(u16::from_be_bytes(*length));
            let Some((entry, after)) = after.split_at_checked(length) else {
                return Err(LogError::Broken(format!("{} is cut off", path.display())));
            };
            entries.push(entry.to_owned());
            rest = after;
        }
        let width = usize::try_from(width).unwrap_or(usize::MAX);
        if !rest.is_empty() || entries.len() < width {
            return Err(LogError::Broken(format!("{} is cut off", path.display())));
        }
        entries.truncate(width);
        Ok(entries)
    }

    /// Where a tile is: C2SP has no height in its paths, and calls tiles of data entries.
    fn path(&self, tile: &Tile) -> PathBuf {
        let path = tile.path();
        let place = path.strip_prefix("tile/8/").unwrap_or(&path);
        let folder = self.root.join("tile");
        match place.strip_prefix("data/") {
            Some(place) => folder.join("entries").join(place),
            None => folder.join(place),
        }
    }

    /// Writes a tile. One that is there already never changes.
    pub(super) fn write_tile(&self, tile: &Tile, bytes: &[u8]) -> Result<(), LogError> {
        let path = self.path(tile);
        match fs::read(&path) {
            Ok(written) if written == bytes => Ok(()),
            Ok(_) => Err(LogError::Broken(format!(
                "{} is there already, with something else in it",
                path.display()
            ))),
            Err(_) => write(&path, bytes),
        }
    }

    /// Puts a new checkpoint in the place of the old one, once everything that it is about is written.
    pub(super) fn write_checkpoint(&self, note: &str) -> Result<(), LogError> {
        write(&self.root.join("checkpoint"), note.as_bytes())
    }

    /// Keeps others from adding at the same time, as long as the file is open.
    pub(super) fn lock(&self) -> Result<File, LogError> {
        let path = self.root.join(".lock");
        let failed = |error| LogError::file("lock", &path, error);
        fs::create_dir_all(&self.root).map_err(failed)?;
        let file = File::create(&path).map_err(failed)?;
        file.try_lock().map_err(|_| {
            LogError::Refused("another process is adding to this log; try again later".to_owned())
        })?;
        Ok(file)
    }
}

impl TileReader for Folder {
    fn height(&self) -> u8 {
        HEIGHT
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        let read = |tile: &Tile| {
            let width = usize::try_from(tile.width()).unwrap_or(usize::MAX);
            let full = Tile::new(
                HEIGHT,
                tile.level(),
                tile.level_index(),
                WIDTH as u32,
                false,
            );
            let mut bytes = fs::read(self.path(tile))
                .or_else(|_| fs::read(self.path(&full)))
                .map_err(|_| Error::InvalidTile)?;
            bytes.truncate(width.saturating_mul(HASH_SIZE));
            Ok(bytes)
        };
        tiles.iter().map(read).collect()
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

/// How many of a tile's places are taken.
pub(super) fn width(entries: u64) -> u32 {
    u32::try_from(entries).unwrap_or(WIDTH as u32)
}

/// Writes a file whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> Result<(), LogError> {
    let failed = |error| LogError::file("write", path, error);
    let folder = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder).map_err(failed)?;
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut file = File::create(&part).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    fs::rename(&part, path).map_err(failed)
}
