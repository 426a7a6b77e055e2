//! A log in tiles: that it grows without changing, proves what it has, and that no change goes unseen.

use std::collections::BTreeMap;
use std::path::Path;

use mcp_edge_verify::transparency_log::{
    Entry, Folder, LogError, LogKey, append, check_consistency, check_inclusion, entries,
    prove_consistency, prove_inclusion,
};
use sha2::{Digest, Sha256};

use super::made::{Made, event};

const ORIGIN: &str = "logs.example.com/mcp";

fn key(byte: u8) -> LogKey {
    LogKey::parse(&LogKey::make(ORIGIN, &[byte; 32]).unwrap()).unwrap()
}

/// Entries that are quick to make: requests that were cancelled before an instance had started, which are in no chain.
fn some(range: std::ops::Range<u64>) -> Vec<Entry> {
    let events = range.map(|number| {
        let event = mcp_edge_audit::Event {
            id: format!("{number:032x}"),
            time: event(0, 0).time,
            outcome: mcp_edge_audit::event::Outcome::Cancelled,
            ..Default::default()
        };
        mcp_edge_audit::chain::ChainedEvent::new(event).json
    });
    entries(&Vec::from_iter(events).join("\n")).unwrap()
}

/// Every file of a log but its lock.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for item in std::fs::read_dir(next).unwrap() {
            let path = item.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with(".lock") {
                let name = path
                    .strip_prefix(folder)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned();
                files.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    files
}

/// RFC 6962 §2.1, word for word.
fn root(leaves: &[&[u8]]) -> [u8; 32] {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => Sha256::new_with_prefix([0])
            .chain_update(leaf)
            .finalize()
            .into(),
        leaves => {
            let split = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(split);
            let node = Sha256::new_with_prefix([1]).chain_update(root(left));
            node.chain_update(root(right)).finalize().into()
        }
    }
}

#[test]
fn it_grows_and_nothing_full_changes() {
    let folder = tempfile::tempdir().unwrap();
    let log = Folder::new(folder.path());
    let all = some(0..600);
    let mut before = BTreeMap::new();
    for size in [3, 3, 255, 256, 257, 512, 600] {
        let appended = append(&log, &key(1), &all[..size]).unwrap();
        assert_eq!(appended.checkpoint.size, size as u64);
        let leaves: Vec<_> = all[..size].iter().map(Entry::bytes).collect();
        assert_eq!(appended.checkpoint.root.0, root(&leaves), "{size}");
        let now = files(folder.path());
        for (name, bytes) in &before {
            assert!(
                name == "checkpoint" || now.get(name) == Some(bytes),
                "{name}"
            );
        }
        before = now;
    }
    for tile in [
        "tile/0/000",
        "tile/0/001",
        "tile/0/002.p/88",
        "tile/1/000.p/2",
        "tile/entries/000",
        "tile/entries/002.p/88",
    ] {
        assert!(
            before.contains_key(tile),
            "{tile} is not among {:?}",
            before.keys()
        );
    }
    assert_eq!(before["tile/0/000"].len(), 8192);
    log.verify(&log.checkpoint(key(1).public()).unwrap().unwrap())
        .unwrap();
}

#[test]
fn the_inclusion_of_events_is_proven() {
    let folder = tempfile::tempdir().unwrap();
    let log = Folder::new(folder.path());
    let (all, key) = (some(0..300), key(1));
    let earlier = append(&log, &key, &all[..100]).unwrap().checkpoint.note;
    append(&log, &key, &all).unwrap();
    for entry in [&all[0], &all[99], &all[255], &all[299]] {
        let proof = prove_inclusion(&log, entry.id()).unwrap();
        assert!(
            proof.starts_with("c2sp.org/tlog-proof@v1\nindex "),
            "{proof}"
        );
        assert_eq!(
            check_inclusion(&proof, entry, key.public()).unwrap().size,
            300
        );
        let other = check_inclusion(&proof, &all[7], key.public());
        assert!(matches!(other, Err(LogError::Broken(_))));
    }
    let proof = prove_consistency(&log, &earlier).unwrap();
    check_consistency(&proof, &earlier, key.public()).unwrap();

    // The same number of entries, one of them another.
    let elsewhere = tempfile::tempdir().unwrap();
    let forked = Folder::new(elsewhere.path());
    let other = append(&forked, &key, &some(1..101))
        .unwrap()
        .checkpoint
        .note;
    assert!(check_consistency(&proof, &other, key.public()).is_err());
    // Another's key of the same name.
    let stranger = self::key(2);
    assert!(check_consistency(&proof, &earlier, stranger.public()).is_err());
}

#[test]
fn a_log_that_was_changed_is_not_added_to() {
    let folder = tempfile::tempdir().unwrap();
    let log = Folder::new(folder.path());
    append(&log, &key(1), &some(0..300)).unwrap();
    for (name, bytes) in files(folder.path()) {
        if name == "checkpoint" || bytes.len() < 40 {
            continue;
        }
        let mut changed = bytes.clone();
        changed[40] ^= 1;
        std::fs::write(folder.path().join(&name), changed).unwrap();
        let refused = append(&log, &key(1), &some(300..301));
        assert!(
            matches!(refused, Err(LogError::Broken(_))),
            "{name}: {refused:?}"
        );
        std::fs::write(folder.path().join(&name), bytes).unwrap();
    }
    assert!(
        append(&log, &key(2), &some(300..301)).is_err(),
        "another key"
    );
    append(&log, &key(1), &some(300..301)).unwrap();
}

#[test]
fn entries_are_events_in_order_without_seals() {
    let made = Made::new(2, 4, 2);
    let mut lines = made.all();
    lines.reverse();
    lines.extend(made.all());
    let found = entries(&lines.join("\n")).unwrap();
    let expected: Vec<_> = made
        .chains
        .concat()
        .iter()
        .map(|linked| linked.json.clone())
        .collect();
    let found: Vec<_> = found
        .iter()
        .map(|entry| String::from_utf8(entry.bytes().to_vec()).unwrap())
        .collect();
    assert_eq!(found, expected);
    let mut altered = lines.clone();
    altered[1] = altered[1].replace("\"status\":200", "\"status\":500");
    let mut cut = lines;
    cut[1].truncate(100);
    for lines in [altered, cut] {
        let refused = entries(&lines.join("\n")).unwrap_err().to_string();
        assert!(refused.contains("mcp-edge audit verify"), "{refused}");
    }
}

/// Nothing but its hash speaks for an event outside a chain, and anybody can make one.
#[test]
fn a_forged_event_outside_a_chain_is_not_sealed() {
    let mut lines: Vec<_> = Made::new(1, 3, 3).lines.concat();
    let forged = mcp_edge_audit::chain::ChainedEvent::new(event(0, 0));
    lines.push(forged.json.clone());
    let refused = entries(&lines.join("\n")).unwrap_err();
    assert!(matches!(refused, LogError::Refused(_)), "{refused:?}");
    let refused = refused.to_string();
    assert!(refused.contains(&forged.event.id), "{refused}");
    assert!(refused.contains("in no chain"), "{refused}");
}

/// An entry's length has 16 bits.
#[test]
fn an_event_that_is_too_long_is_replaced_by_its_hash() {
    let long = mcp_edge_audit::Event {
        detail: Some("x".repeat(70_000)),
        ..event(0, 0)
    };
    let linked = mcp_edge_audit::chain::Chain::new([1; 16]).link(long);
    let found = entries(&linked.json).unwrap();
    let expected = format!(
        "{{\"hash\":\"{}\",\"id\":\"{}\"}}",
        linked.hash, linked.event.id
    );
    assert_eq!(found[0].bytes(), expected.as_bytes());
}
