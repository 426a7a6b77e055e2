//! What cargo-generate and Spin make of the template, and what they are told about it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use heck::{ToKebabCase, ToSnakeCase};
use liquid_core::parser::{FilterArguments, ParameterReflection};
use liquid_core::{Filter, FilterReflection, ParseFilter, Runtime, Value, ValueView};
use toml::Table;

use super::*;

/// One of the two filters that both programs add to Liquid, with the crate that both use for it.
#[derive(Clone, Debug)]
struct Case {
    name: &'static str,
    change: fn(&str) -> String,
}

impl std::fmt::Display for Case {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}

impl FilterReflection for Case {
    fn name(&self) -> &str {
        self.name
    }

    fn description(&self) -> &str {
        ""
    }

    fn positional_parameters(&self) -> &'static [ParameterReflection] {
        &[]
    }

    fn keyword_parameters(&self) -> &'static [ParameterReflection] {
        &[]
    }
}

impl ParseFilter for Case {
    fn parse(&self, _: FilterArguments<'_>) -> liquid_core::Result<Box<dyn Filter>> {
        Ok(Box::new(self.clone()))
    }

    fn reflection(&self) -> &dyn FilterReflection {
        self
    }
}

impl Filter for Case {
    fn evaluate(&self, input: &dyn ValueView, _: &dyn Runtime) -> liquid_core::Result<Value> {
        Ok(Value::scalar((self.change)(&input.to_kstr())))
    }
}

/// What Liquid makes of `text`, as both programs set it up.
fn liquid(text: &str, values: &Values<'_>) -> String {
    let parser = liquid::ParserBuilder::with_stdlib()
        .filter(Box::new(Case {
            name: "kebab_case",
            change: |text| text.to_kebab_case(),
        }) as Box<dyn ParseFilter>)
        .filter(Box::new(Case {
            name: "snake_case",
            change: |text| text.to_snake_case(),
        }) as Box<dyn ParseFilter>)
        .build()
        .unwrap();
    let mut object = liquid::Object::new();
    object.insert("project-name".into(), Value::scalar(values.name.to_owned()));
    let Source {
        dependency,
        program,
    } = &values.source;
    object.insert("mcp-edge".into(), Value::scalar(dependency.clone()));
    object.insert("mcp-edge-program".into(), Value::scalar(program.clone()));
    parser.parse(text).unwrap().render(&object).unwrap()
}

fn templates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates/mcp-edge")
}

/// All files below `folder`, by their paths there.
fn files_below(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in next.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
                files.insert(name.to_owned(), std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

fn parsed(text: &str) -> Table {
    text.parse().unwrap()
}

fn read(path: &str) -> Table {
    parsed(&std::fs::read_to_string(templates().join(path)).unwrap())
}

/// What Spin leaves out: the files that are for cargo-generate.
fn skipped() -> Vec<String> {
    let metadata = read("metadata/spin-template.toml");
    let files = metadata["new_application"]["skip_files"]
        .as_array()
        .unwrap();
    files
        .iter()
        .map(|file| file.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn all_three_make_the_same_files() {
    for (name, source) in [
        ("fraud-rules-v2", repository()),
        (
            "http2",
            Source {
                dependency: "{ path = \"../mcp edge/mcp-edge\" }".to_owned(),
                program: "--path '../mcp edge/cli'".to_owned(),
            },
        ),
    ] {
        let values = Values { name, source };
        let mut theirs = files_below(&templates().join("content"));
        for file in skipped() {
            assert!(theirs.remove(&file).is_some(), "{file}");
        }
        let theirs: BTreeMap<_, _> = theirs
            .into_iter()
            .map(|(path, text)| {
                let path = path.strip_suffix(".tmpl").unwrap_or(&path).to_owned();
                (path, liquid(&text, &values))
            })
            .collect();
        let ours: BTreeMap<_, _> = render(&values)
            .into_iter()
            .map(|file| (file.path.to_owned(), file.text))
            .collect();
        assert_eq!(ours, theirs);
    }
}

#[test]
fn no_placeholder_is_left() {
    for File { path, text } in render(&values()) {
        let text = text
            .replace("{{ mcp_edge_keys }}", "")
            .replace("{{ mcp_edge_env }}", "");
        assert!(!text.contains("{{") && !text.contains("{%"), "{path}");
    }
}

#[test]
fn spin_is_told_what_it_understands() {
    let metadata = read("metadata/spin-template.toml");
    let keys: Vec<_> = metadata.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "description",
            "id",
            "manifest_version",
            "new_application",
            "parameters",
            "tags"
        ]
    );
    assert_eq!(metadata["manifest_version"].as_str(), Some("1"));
    assert_eq!(metadata["id"].as_str(), Some("mcp-edge"));
    assert_eq!(metadata["new_application"].as_table().unwrap().len(), 1);
    assert!(metadata["description"].is_str() && metadata["tags"].is_array());
}

#[test]
fn both_ask_where_mcp_edge_is_and_suggest_no_release() {
    let spin = &read("metadata/spin-template.toml")["parameters"];
    let generate = &read("content/cargo-generate.toml")["placeholders"];
    assert_eq!(spin, generate);
    let parameters = spin.as_table().unwrap();
    assert_eq!(
        parameters.keys().collect::<Vec<_>>(),
        ["mcp-edge", "mcp-edge-program"]
    );
    for parameter in parameters.values() {
        let parameter = parameter.as_table().unwrap();
        assert_eq!(parameter.keys().collect::<Vec<_>>(), ["prompt", "type"]);
        assert_eq!(parameter["type"].as_str(), Some("string"));
    }
}

/// An attacker can register a name that is not taken.
#[test]
fn no_package_of_ours_comes_from_a_registry() {
    let manifest = parsed(&rendered("Cargo.toml"));
    let dependency = manifest["dependencies"]["mcp-edge"].as_table().unwrap();
    assert_eq!(dependency.keys().collect::<Vec<_>>(), ["git", "rev"]);
    let mut tested = dependency.clone();
    tested.insert(
        "features".to_owned(),
        toml::Value::from(vec!["testing".to_owned()]),
    );
    let tests = &manifest["dev-dependencies"]["mcp-edge"];
    assert_eq!(tests.as_table(), Some(&tested));
    let mut installs = 0;
    for File { path, text } in render(&values()) {
        for line in text.lines().filter(|line| line.contains("cargo install")) {
            installs += 1;
            let ours = line.contains(&repository().program);
            assert!(ours || line.contains("worker-build@"), "{path}: {line}");
        }
        assert!(!text.contains("cargo add"), "{path}");
    }
    assert_eq!(installs, 4);
}

#[test]
fn what_cargo_generate_runs_is_left_out_by_spin() {
    let generate = read("content/cargo-generate.toml");
    let hooks = generate["hooks"]["post"].as_array().unwrap().clone();
    let scripts = hooks.iter().map(|hook| hook.as_str().unwrap().to_owned());
    let mut own: Vec<_> = scripts.chain(["cargo-generate.toml".to_owned()]).collect();
    let mut skipped = skipped();
    own.sort();
    skipped.sort();
    assert_eq!(own, skipped);
}

fn repository() -> Source {
    Source {
        dependency: "{ git = \"https://git.example.com/mcp-edge\", rev = \"v0.1\" }".to_owned(),
        program: "--git https://git.example.com/mcp-edge --rev v0.1 mcp-edge-cli".to_owned(),
    }
}

fn values() -> Values<'static> {
    Values {
        name: "fraud-rules",
        source: repository(),
    }
}

fn rendered(path: &str) -> String {
    let files = render(&values()).into_iter();
    files
        .into_iter()
        .find(|file| file.path == path)
        .unwrap()
        .text
}

#[test]
fn hosts_build_again_when_the_configuration_changes() {
    for (file, list) in [
        ("wrangler.toml", "watch_dir = ["),
        ("spin.toml", "watch = ["),
    ] {
        let text = rendered(file);
        let line = text.lines().find(|line| line.starts_with(list)).unwrap();
        assert!(line.contains("\"mcp.toml\""), "{file}: {line}");
    }
}

#[test]
fn what_is_commented_out_of_the_configuration_is_right() {
    let text = rendered("mcp.toml");
    let issuers = |text: &str| {
        let configuration = mcp_edge_config::read(text).unwrap();
        configuration.environments["production"].contains_key("issuers")
    };
    assert!(!issuers(&text));
    let (rest, production) = text.split_once("\n# [").unwrap();
    let production = format!("\n# [{production}")
        .replace("\n# ", "\n")
        .replace("\n#\n", "\n\n");
    assert!(issuers(&format!("{rest}{production}")));
}

#[test]
fn versions_are_those_of_this_release() {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
    let lock = parsed(&std::fs::read_to_string(lock).unwrap());
    let packages = lock["package"].as_array().unwrap();
    let worker = packages
        .iter()
        .find(|package| package["name"].as_str() == Some("worker"))
        .unwrap();
    let worker_build = format!(" worker-build@{};", worker["version"].as_str().unwrap());
    // A server runs on every host, and this one asks for the newest.
    let spin = Path::new(env!("CARGO_MANIFEST_DIR")).join("../adapters/spin/Cargo.toml");
    let spin = parsed(&std::fs::read_to_string(spin).unwrap());
    let rust = &spin["package"]["rust-version"];

    let steps = rendered(".github/workflows/ci.yml");
    assert!(steps.contains(&worker_build));
    assert!(rendered("wrangler.toml").contains(&worker_build));
    let package = &parsed(&rendered("Cargo.toml"))["package"];
    assert_eq!(&package["rust-version"], rust);
    // What the gateway is optimised with is what the benchmarks measure.
    let gateway = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gateway/Cargo.toml");
    let gateway = parsed(&std::fs::read_to_string(gateway).unwrap());
    assert_eq!(package["metadata"], gateway["package"]["metadata"]);
}
