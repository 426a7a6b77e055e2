use std::ops::Range;

use mcp_edge_schema::mirror::MirroredType;
use mcp_edge_settings::wire::{Reader, Writer};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::samples::{api, catalog, operation};
use crate::{Catalog, Definition, Operation};

fn part(bytes: &[u8], range: Range<u64>) -> &[u8] {
    &bytes[range.start as usize..range.end as usize]
}

/// Reads a catalog as a gateway does, all of it.
fn decode(bytes: &[u8]) -> Result<Catalog, DecodeError> {
    let get = |range: Range<u64>| {
        bytes
            .get(range.start as usize..range.end as usize)
            .ok_or(DecodeError::Damaged("file"))
    };
    let index = Index::of_catalog(bytes)?;
    let search = SearchIndex::decode(&index, get(index.header().search_range())?)?;
    search.search("type string", 50, None, |_| true)?;
    let operations = (0..index.summaries().len()).map(|place| {
        let range = index.operation_range(place).unwrap();
        let packed = index.unpack(place, get(range)?)?;
        let shared = packed.shared_ranges().iter().cloned().map(get);
        packed.decode(&shared.collect::<Result<Vec<_>, _>>()?)
    });
    Ok(Catalog {
        operations: operations.collect::<Result<_, _>>()?,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn reads_what_it_writes(catalog in catalog()) {
        let bytes = encode(&catalog).unwrap();
        prop_assert_eq!(decode(&bytes).unwrap(), catalog.clone());
        prop_assert_eq!(encode(&catalog).unwrap(), bytes);
    }

    /// The reader neither panics nor takes long, whatever it reads.
    #[test]
    fn damaged_bytes_are_an_error_or_another_catalog(
        catalog in catalog(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        end in any::<prop::sample::Index>(),
    ) {
        let mut bytes = encode(&catalog).unwrap();
        prop_assert!(decode(&bytes[..end.index(bytes.len())]).is_err());
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let _ = decode(&bytes);
    }
}

#[test]
fn every_truncation_and_bit_of_a_catalog_is_read_without_a_panic() {
    let bytes = encode(&api(3)).unwrap();
    for end in 0..bytes.len() {
        assert!(decode(&bytes[..end]).is_err(), "{end}");
        for bit in 0..8 {
            let mut bytes = bytes.clone();
            bytes[end] ^= 1 << bit;
            let _ = decode(&bytes);
        }
    }
}

#[test]
fn finds_tools_by_name_and_lists_them_in_order() {
    let mut get = operation("get_thing");
    get.scopes = vec!["things:read".to_owned()];
    get.tags = vec!["things".to_owned()];
    get.annotations.read_only = Some(true);
    get.input = json!({ "type": "object", "properties": {
        "region": { "type": "string", "x-mcp-header": "Region" }
    } });
    let catalog = Catalog {
        operations: vec![operation("z"), get.clone(), operation("a")],
    };
    let index = Index::of_catalog(&encode(&catalog).unwrap()).unwrap();
    let names: Vec<_> = index.summaries().iter().map(Summary::name).collect();
    assert_eq!(names, ["z", "get_thing", "a"]);
    for (place, name) in names.iter().enumerate() {
        assert_eq!(index.find(name).unwrap().0, place);
    }
    for name in ["", "b", "zz", "get_things"] {
        assert!(index.find(name).is_none(), "{name}");
    }
    let summary = index.find("get_thing").unwrap().1;
    assert_eq!(summary.scopes(), get.scopes);
    assert_eq!(summary.tags(), get.tags);
    assert_eq!(summary.upstream(), "api");
    assert_eq!(summary.annotations(), get.annotations);
    assert_eq!(summary.mirrored()[0].header, "Region");
    assert_eq!(summary.mirrored()[0].kind, MirroredType::String);
    assert_eq!(summary.digest(), Definition::of(&get).digest());
}

#[test]
fn rejects_what_no_gateway_could_serve() {
    let error = |operations: Vec<Operation>| encode(&Catalog { operations }).unwrap_err();
    for name in ["", "a.b", "a b", "é", &"a".repeat(65)] {
        assert_eq!(
            error(vec![operation(name)]),
            EncodeError::Name(name.to_owned())
        );
    }
    assert_eq!(
        error(vec![operation("a"), operation("b"), operation("a")]),
        EncodeError::Duplicate("a".to_owned())
    );
    let mut mirror = operation("a");
    mirror.input = json!({ "properties": { "a": { "x-mcp-header": "X" } } });
    assert!(matches!(error(vec![mirror]), EncodeError::Mirror { .. }));

    let mut deep = operation("a");
    deep.strict_input = Some((0..MAX_DEPTH).fold(json!({}), |value, _| json!([value])));
    let unreadable = EncodeError::Unreadable("a".to_owned());
    assert_eq!(error(vec![deep]), unreadable);
    // Small in bytes, since each level is written once.
    let mut large = operation("a");
    large.strict_input =
        Some((0..16).fold(json!("x".repeat(64)), |value, _| json!([value, value])));
    assert_eq!(error(vec![large]), unreadable);
    let mut path = operation("a");
    path.path = vec![vec![crate::PathPiece::Parameter(0)]];
    assert_eq!(error(vec![path]), unreadable);
}

#[test]
fn says_what_is_wrong_with_a_file() {
    let bytes = encode(&api(1)).unwrap();
    let error = |bytes: &[u8]| Index::of_catalog(bytes).unwrap_err();
    assert_eq!(error(b"openapi: 3.1.0"), DecodeError::NotACatalog);
    assert_eq!(error(&[b'{'; 64]), DecodeError::NotACatalog);
    let mut other = bytes.clone();
    other[7] = 9;
    assert_eq!(error(&other), DecodeError::Version(9));
    assert_eq!(error(&bytes[..40]), DecodeError::Damaged("index"));
    let index = Index::of_catalog(&bytes).unwrap();
    assert_eq!(index.header().total_length(), bytes.len() as u64);
    assert!(index.unpack(0, &bytes[..1]).is_err());
    assert!(index.unpack(1, &[]).is_err());
}

/// A reference leads to something before it, and never to another reference: neither loops nor long chains can be written.
#[test]
fn references_cannot_make_a_value_that_is_large_or_deep() {
    let bytes = encode(&api(5)).unwrap();
    let index = Index::of_catalog(&bytes).unwrap();
    let shared: Vec<u8> = std::iter::once(values::SHARED << 5)
        .chain((0..64_u8).map(|_| values::SHARED << 5 | 1))
        .collect();
    let value = |bytes: &[u8], section: &[u8]| {
        let piece = values::Piece {
            start: 0,
            bytes: section,
        };
        values::Values::new(index.dictionary(), vec![piece]).value(&mut Reader::new(bytes))
    };
    assert_eq!(value(&[values::SHARED << 5], &shared), None);
    assert_eq!(value(&[values::SHARED << 5 | 9], &shared), None);
    // An array of what is after it.
    let forward = [values::ARRAY << 5 | 1, values::SHARED << 5 | 2, 0];
    assert_eq!(value(&[values::SHARED << 5], &forward), None);
    // An array of itself, twice.
    let itself = [
        values::ARRAY << 5 | 2,
        values::SHARED << 5,
        values::SHARED << 5,
    ];
    assert_eq!(value(&[values::SHARED << 5], &itself), None);
    // Each twice the one before it.
    let doubled = |levels: usize| {
        let mut section = vec![values::CONSTANT << 5];
        let mut before = 0;
        for _ in 0..levels {
            let start = section.len() as u64;
            let mut writer = Writer::from(std::mem::take(&mut section));
            values::write_head(&mut writer, values::ARRAY, 2);
            values::write_head(&mut writer, values::SHARED, before);
            values::write_head(&mut writer, values::SHARED, before);
            section = writer.finish();
            before = start;
        }
        let mut last = Writer::from(Vec::new());
        values::write_head(&mut last, values::SHARED, before);
        value(&last.finish(), &section)
    };
    assert!(doubled(10).is_some());
    assert_eq!(doubled(100), None);
}

#[test]
fn names_of_members_are_ascending() {
    let dictionary = dictionary::Dictionary::default();
    let object = |names: [u8; 2]| {
        let [first, second] = names;
        let bytes = [values::OBJECT << 5 | 2, 3, first, 0, 3, second, 0];
        values::Values::new(&dictionary, Vec::new()).value(&mut Reader::new(&bytes))
    };
    assert_eq!(object(*b"ab"), Some(json!({ "a": null, "b": null })));
    assert_eq!(object(*b"aa"), None);
    assert_eq!(object(*b"ba"), None);
}

#[test]
fn searches_names_tags_paths_and_descriptions() {
    let catalog = api(80);
    let bytes = encode(&catalog).unwrap();
    let index = Index::of_catalog(&bytes).unwrap();
    let section = part(&bytes, index.header().search_range());
    let search = SearchIndex::decode(&index, section).unwrap();
    let names = |query: &str, limit: usize, tag: Option<&str>| -> Vec<&str> {
        let hits = search.search(query, limit, tag, |_| true).unwrap();
        hits.iter()
            .map(|hit| index.summaries()[hit.place].name())
            .collect()
    };
    assert_eq!(
        names("create a webhook", 2, None),
        ["create_webhook_0", "create_webhook_1"]
    );
    assert_eq!(names("createWebhooks", 1, None), ["create_webhook_0"]);
    assert_eq!(names("repo", 1, Some("Repository")), ["list_repository_0"]);
    assert_eq!(names("organization", 1, Some("label")).len(), 1);
    assert_eq!(names("nonexistent", 5, None), [""; 0]);
    assert_eq!(names("", 2, Some("team")), ["list_team_0", "get_team_0"]);
    assert_eq!(names("the of", 1, None), ["list_repository_0"]);
    assert_eq!(names("list", usize::MAX, None).len(), 16);
    assert_eq!(names("", usize::MAX, None).len(), MAX_HITS);
    let hidden = search
        .search("webhook", 50, None, |place| place % 2 == 0)
        .unwrap();
    assert!(hidden.iter().all(|hit| hit.place % 2 == 0));
    assert!(!hidden.is_empty());
    let long = "zéz ".repeat(MAX_QUERY_BYTES / 4) + " webhook";
    assert_eq!(names(&long, 5, None), [""; 0]);
}

#[test]
fn a_catalog_is_much_smaller_than_its_definitions() {
    let catalog = api(1000);
    let bytes = encode(&catalog).unwrap();
    let index = Index::of_catalog(&bytes).unwrap();
    let definitions: usize = catalog
        .operations
        .iter()
        .map(|operation| Definition::of(operation).modern().to_string().len())
        .sum();
    let header = index.header();
    let length = |range: Range<u64>| range.end - range.start;
    let sizes = [
        length(header.index_range()),
        length(header.search_range()),
        length(header.shared_range()),
        length(header.operations_range()),
    ];
    println!(
        "definitions {definitions}, catalog {}: {sizes:?}",
        bytes.len()
    );
    assert!(bytes.len() * 4 < definitions);
    // The part that is read at start.
    assert!(sizes[0] < 110 * 1000, "{sizes:?}");
    for place in 0..1000 {
        let range = index.operation_range(place).unwrap();
        let packed = index.unpack(place, part(&bytes, range)).unwrap();
        assert!(packed.shared_ranges().len() <= 8);
    }
}
