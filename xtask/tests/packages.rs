//! What registries are told of each package that is published.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use xtask::{process, workspace};

/// Where a package runs, if it runs on one host only. The dependencies of the others are those of this machine: an adapter that
/// `mcp-edge` has for another host states by itself what it asks for.
const PLATFORMS: [(&str, &str); 2] = [
    ("mcp-edge-spin", "wasm32-wasip2"),
    ("mcp-edge-workers", "wasm32-unknown-unknown"),
];
const NATIVE: &str = "x86_64-unknown-linux-gnu";

fn metadata(platform: &str) -> Value {
    let mut command = workspace::cargo(&["metadata", "--format-version", "1", "--locked"]);
    command.args(["--filter-platform", platform]);
    let text = process::output(&mut command).expect("the packages");
    serde_json::from_str(&text).expect("JSON")
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().expect("a list").iter()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The packages that are published. Those that are not have an empty list of registries.
fn published(metadata: &Value) -> impl Iterator<Item = &Value> {
    let members: BTreeSet<&str> = list(&metadata["workspace_members"]).map(text).collect();
    let packages = list(&metadata["packages"]);
    packages.filter(move |package| {
        members.contains(text(&package["id"])) && package["publish"].is_null()
    })
}

/// The major and the minor number.
fn version(text: &str) -> (u32, u32) {
    let mut numbers = text.split('.').map(|number| number.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

#[test]
fn registries_are_told_what_a_package_is() {
    let metadata = metadata(NATIVE);
    assert!(
        published(&metadata).count() > 10,
        "cargo lists too few packages"
    );
    for package in published(&metadata) {
        let name = text(&package["name"]);
        assert!(name.starts_with("mcp-edge"), "{name} is published");
        for member in ["description", "license", "readme", "rust_version"] {
            assert!(!text(&package[member]).is_empty(), "{name} has no {member}");
        }
        let folder = Path::new(text(&package["manifest_path"])).parent();
        let readme = folder.expect("a folder").join(text(&package["readme"]));
        let readme = std::fs::read_to_string(readme).expect("its README");
        assert!(readme.starts_with(&format!("# {name}\n")), "{name}");
        // The limits of crates.io.
        for keyword in list(&package["keywords"]).map(text) {
            assert!(keyword.len() <= 20, "{name}: {keyword}");
        }
        for member in ["keywords", "categories"] {
            let count = list(&package[member]).count();
            assert!((1..=5).contains(&count), "{name}: {count} {member}");
        }
        // There is no public address yet.
        for member in ["repository", "homepage"] {
            assert!(package[member].is_null(), "{name} has a {member}");
        }
    }
}

#[test]
fn no_package_needs_a_newer_compiler_than_it_states() {
    let platforms = PLATFORMS.map(|(_, platform)| platform);
    let resolved: BTreeMap<&str, Value> = platforms
        .into_iter()
        .chain([NATIVE])
        .map(|platform| (platform, metadata(platform)))
        .collect();
    for package in published(&resolved[NATIVE]) {
        let name = text(&package["name"]);
        let platform = PLATFORMS.iter().find(|(own, _)| *own == name);
        let platform = platform.map_or(NATIVE, |(_, platform)| *platform);
        let stated = text(&package["rust_version"]);
        for (dependency, asked) in needed(&resolved[platform], text(&package["id"])) {
            assert!(
                version(stated) >= version(asked),
                "{name} states rust-version {stated}, and {dependency} asks for {asked}"
            );
        }
    }
}

/// What a package is built of, directly and through others, with the compiler that each asks for.
fn needed<'a>(metadata: &'a Value, package: &'a str) -> BTreeMap<&'a str, &'a str> {
    let by_id = |items: &'a Value| -> BTreeMap<&'a str, &'a Value> {
        list(items).map(|item| (text(&item["id"]), item)).collect()
    };
    let packages = by_id(&metadata["packages"]);
    let nodes = by_id(&metadata["resolve"]["nodes"]);
    let mut needed = BTreeMap::new();
    let mut left = vec![package];
    while let Some(next) = left.pop() {
        for dependency in list(&nodes[next]["deps"]) {
            let is_built = list(&dependency["dep_kinds"]).any(|kind| kind["kind"] != "dev");
            let id = text(&dependency["pkg"]);
            let asked = text(&packages[id]["rust_version"]);
            if is_built && needed.insert(id, asked).is_none() {
                left.push(id);
            }
        }
    }
    needed
}

#[test]
fn versions_compare_as_numbers() {
    assert!(version("1.94") > version("1.9.5"));
    assert!(version("1.88") > version(""));
}
