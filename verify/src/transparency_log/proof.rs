//! Proofs that an event is in a log, and that a log has only grown.

use tlog_tiles::{Hash, check_record, check_tree, prove_record, prove_tree, record_hash};

use super::{Checkpoint, Entry, Folder, LogError, PublicKey};

/// The first line of a proof that an entry is in a log (C2SP tlog-proof).
const INCLUSION: &str = "c2sp.org/tlog-proof@v1";
/// The longest proof has a hash for each level of a tree, twice.
const MAX_HASHES: usize = 128;

/// Proves that the event of that id is in a log, as C2SP's tlog-proof has it.
pub fn prove_inclusion(folder: &Folder, id: &str) -> Result<String, LogError> {
    let tree = folder.unchecked()?;
    let leaves = folder.verify(&tree)?;
    let Some((index, _)) = leaves.get(id) else {
        return Err(LogError::Refused(format!(
            "the log has no event with the id {id}"
        )));
    };
    let proof = prove_record(tree.size, *index, &folder.hashes(&tree)).map_err(LogError::broken)?;
    Ok(format!(
        "{INCLUSION}\nindex {index}\n{}\n{}",
        lines(&proof),
        tree.note
    ))
}

/// Checks such a proof for an entry; what comes back is the checkpoint that it is about.
pub fn check_inclusion(
    proof: &str,
    entry: &Entry,
    key: &PublicKey,
) -> Result<Checkpoint, LogError> {
    let malformed = || LogError::broken("this is no proof that an entry is in a log");
    let body = proof
        .strip_prefix(INCLUSION)
        .and_then(|rest| rest.strip_prefix('\n'));
    let body = body.ok_or_else(malformed)?;
    // What is extra is for others.
    let body = match body.split_once('\n') {
        Some((first, rest)) if first.starts_with("extra ") => rest,
        _ => body,
    };
    let (index, hashes, note) = parts(body, "index ").ok_or_else(malformed)?;
    let tree = key.open(note)?;
    check_record(
        &hashes,
        tree.size,
        tree.root,
        index,
        record_hash(entry.bytes()),
    )
    .map_err(LogError::broken)?;
    Ok(tree)
}

/// Proves that a log has only grown since an earlier checkpoint, in the form in which C2SP's tlog-witness is asked to sign one.
pub fn prove_consistency(folder: &Folder, earlier: &str) -> Result<String, LogError> {
    let (tree, earlier) = (folder.unchecked()?, Checkpoint::unchecked(earlier)?);
    if earlier.size > tree.size {
        return Err(LogError::Refused(format!(
            "the earlier checkpoint is of {} entries, and the log has {}",
            earlier.size, tree.size
        )));
    }
    let proof = match earlier.size {
        // Every log has grown from nothing.
        0 => Vec::new(),
        size => prove_tree(tree.size, size, &folder.hashes(&tree)).map_err(LogError::broken)?,
    };
    Ok(format!(
        "old {}\n{}\n{}",
        earlier.size,
        lines(&proof),
        tree.note
    ))
}

/// Checks such a proof; what comes back is the later checkpoint.
pub fn check_consistency(
    proof: &str,
    earlier: &str,
    key: &PublicKey,
) -> Result<Checkpoint, LogError> {
    let malformed = || LogError::broken("this is no proof that a log has only grown");
    let (size, hashes, note) = parts(proof, "old ").ok_or_else(malformed)?;
    let (earlier, tree) = (key.open(earlier)?, key.open(note)?);
    if earlier.size != size {
        return Err(LogError::Broken(format!(
            "the proof is from {size} entries on, and the earlier checkpoint is of {}",
            earlier.size
        )));
    }
    if size == 0 && hashes.is_empty() && earlier.root == tlog_tiles::EMPTY_HASH {
        return Ok(tree);
    }
    check_tree(&hashes, tree.size, tree.root, size, earlier.root).map_err(LogError::broken)?;
    Ok(tree)
}

fn lines(hashes: &[Hash]) -> String {
    hashes.iter().map(|hash| format!("{hash}\n")).collect()
}

/// The number in the first line, the hashes below it, and the checkpoint behind an empty line.
fn parts<'a>(text: &'a str, label: &str) -> Option<(u64, Vec<Hash>, &'a str)> {
    let (head, note) = text.split_once("\n\n")?;
    let mut lines = head.lines();
    let written = lines.next()?.strip_prefix(label)?;
    let number: u64 = written
        .parse()
        .ok()
        .filter(|number: &u64| number.to_string() == written)?;
    let hashes: Option<Vec<Hash>> = lines
        .take(MAX_HASHES)
        .map(|line| Hash::parse_hash(line).ok())
        .collect();
    Some((number, hashes?, note))
}
