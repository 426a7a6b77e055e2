//! The official JSON Schema Test Suite against `mcp_edge_schema`.
//!
//! `JSON_SCHEMA_TESTS` names a copy of the suite, the directory that has `tests/draft2020-12`. Without it the test steps aside.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects
)]

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

use mcp_edge_schema::{FormatMode, Schema, SchemaError};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Files beyond the required ones that are about something that we promise.
const OPTIONAL: [&str; 12] = [
    "anchor",
    "bignum",
    "dynamicRef",
    "ecmascript-regex",
    "float-overflow",
    "id",
    "no-schema",
    "non-bmp-regex",
    "format/date",
    "format/date-time",
    "format/email",
    "format/uri",
];

const FETCHED: &str =
    "refers to another document by an address that is not its `$id`, and nothing is ever fetched";
const META_SCHEMA: &str = "refers to the meta-schema, which the runtime does not carry";
const VOCABULARY: &str = "a meta-schema with vocabularies of its own is another dialect";
const UNICODE_CLASS: &str = "`\\p{…}` would need tables that weigh more than the evaluator";

/// File, group, reason. An entry that is no longer needed fails the test.
const SKIPPED: [(&str, &str, &str); 11] = [
    (
        "defs",
        "validate definition against metaschema",
        META_SCHEMA,
    ),
    ("ref", "remote ref, containing refs itself", META_SCHEMA),
    ("refRemote", "remote HTTP ref with different $id", FETCHED),
    (
        "refRemote",
        "remote HTTP ref with different URN $id",
        FETCHED,
    ),
    (
        "refRemote",
        "remote HTTP ref with nested absolute ref",
        FETCHED,
    ),
    (
        "vocabulary",
        "schema that uses custom metaschema with with no validation vocabulary",
        VOCABULARY,
    ),
    (
        "vocabulary",
        "ignore unrecognized optional vocabulary",
        VOCABULARY,
    ),
    (
        "optional/ecmascript-regex",
        "patterns always use unicode semantics with pattern",
        UNICODE_CLASS,
    ),
    (
        "optional/ecmascript-regex",
        "patterns always use unicode semantics with patternProperties",
        UNICODE_CLASS,
    ),
    (
        "optional/ecmascript-regex",
        "pattern with non-ASCII digits",
        UNICODE_CLASS,
    ),
    (
        "optional/ecmascript-regex",
        "patternProperties with non-ASCII digits",
        UNICODE_CLASS,
    ),
];

#[derive(Deserialize)]
struct Group {
    description: String,
    schema: Value,
    tests: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    description: String,
    data: Value,
    valid: bool,
}

#[test]
fn the_official_suite_agrees() {
    let Some(root) = env::var_os("JSON_SCHEMA_TESTS") else {
        println!(
            "stepping aside: JSON_SCHEMA_TESTS does not name a copy of the JSON Schema Test Suite"
        );
        return;
    };
    let folder = Path::new(&root).join("tests/draft2020-12");
    let mut run = Run {
        remotes: remotes(&Path::new(&root).join("remotes/draft2020-12")),
        ..Run::default()
    };
    for (name, path) in files(&folder) {
        let formats = if name.starts_with("optional/format/") {
            FormatMode::Assert
        } else {
            FormatMode::Annotate
        };
        let groups: Vec<Group> = serde_json::from_slice(&fs::read(&path).unwrap()).expect(&name);
        groups
            .iter()
            .for_each(|group| run.group(&name, group, formats));
    }
    let stale = SKIPPED
        .iter()
        .filter(|(file, group, _)| !run.used.contains(&(*file, *group)));
    run.wrong
        .extend(stale.map(|entry| format!("no longer needs to be skipped: {entry:?}")));
    println!(
        "{} passed, {} skipped, {} wrong",
        run.passed,
        run.skipped,
        run.wrong.len()
    );
    assert!(run.wrong.is_empty(), "\n{}", run.wrong.join("\n"));
    assert!(run.passed > 1000, "{folder:?} is not the whole suite");
}

#[derive(Default)]
struct Run {
    remotes: Map<String, Value>,
    passed: usize,
    skipped: usize,
    used: BTreeSet<(&'static str, &'static str)>,
    wrong: Vec<String>,
}

impl Run {
    /// The schema with the documents that it would fetch inside it, as the standard suggests (2020-12 core §9.3).
    fn bundled(&self, schema: &Value) -> Value {
        let mut schema = schema.clone();
        let definitions = schema
            .as_object_mut()
            .unwrap()
            .entry("$defs")
            .or_insert_with(|| Map::new().into());
        definitions
            .as_object_mut()
            .unwrap()
            .extend(self.remotes.clone());
        schema
    }

    fn group(&mut self, file: &str, group: &Group, formats: FormatMode) {
        let schema = match Schema::compile_with(&group.schema, formats) {
            Err(SchemaError::RemoteReference { .. }) => {
                Schema::compile_with(&self.bundled(&group.schema), formats)
            }
            schema => schema,
        };
        for case in &group.tests {
            let answer = match &schema {
                Ok(schema) => Ok(schema.validate(&case.data).is_ok()),
                Err(error) => Err(error.to_string()),
            };
            if answer == Ok(case.valid) {
                self.passed += 1;
            } else if let Some(entry) = SKIPPED
                .iter()
                .find(|entry| entry.0 == file && entry.1 == group.description)
            {
                self.skipped += 1;
                self.used.insert((entry.0, entry.1));
            } else {
                let (group, test) = (&group.description, &case.description);
                self.wrong.push(format!(
                    "{file}: {group}: {test}: {answer:?}, not {}",
                    case.valid
                ));
            }
        }
    }
}

/// What the suite serves from `http://localhost:1234/draft2020-12/`, by that address.
fn remotes(folder: &Path) -> Map<String, Value> {
    let mut remotes = Map::new();
    let mut folders = vec![(
        folder.to_owned(),
        "http://localhost:1234/draft2020-12".to_owned(),
    )];
    while let Some((folder, address)) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}")) {
            let path = entry.unwrap().path();
            let address = format!("{address}/{}", path.file_name().unwrap().to_string_lossy());
            if path.is_dir() {
                folders.push((path, address));
            } else {
                let mut schema: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
                let keywords = schema.as_object_mut().unwrap();
                // A meta-schema; no test that is not skipped refers to one.
                if !keywords.contains_key("$vocabulary") {
                    keywords
                        .entry("$id")
                        .or_insert_with(|| address.clone().into());
                    remotes.insert(address, schema);
                }
            }
        }
    }
    remotes
}

/// The required files and some optional ones, by name without `.json`.
fn files(folder: &Path) -> Vec<(String, PathBuf)> {
    let mut files: Vec<(String, PathBuf)> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{folder:?}: {error}"))
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .map(|path| {
            (
                path.file_stem().unwrap().to_string_lossy().into_owned(),
                path,
            )
        })
        .collect();
    files.extend(OPTIONAL.iter().map(|name| {
        let name = format!("optional/{name}");
        let path = folder.join(format!("{name}.json"));
        (name, path)
    }));
    files.sort();
    files
}
