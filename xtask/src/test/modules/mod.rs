//! Import circles among the top-level modules of each crate.
//!
//! A circle is a set of modules that import each other, directly or through others. It has no reading order, and nothing in it
//! can become a crate of its own.

mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use self::source::Source;
use super::Tally;
use crate::{process, say, workspace};

/// The circles that a package may have, and why.
const ALLOWED: &[(&str, &[&str], &str)] = &[
    (
        "mcp-edge-runtime",
        &["context", "mrtr", "server"],
        "a handler takes a context, a context has the server's state and the journal, and a form makes its schema as a tool does",
    ),
    (
        "mcp-edge-runtime",
        &["host", "signature"],
        "a host verifies and signs, and where it does not the crate does, with a secret of the host",
    ),
];

/// Imports of one module: each imported module, with the files that import it.
type Imports = BTreeMap<String, BTreeSet<PathBuf>>;

pub(super) fn check() -> Result<Tally> {
    let mut tally = Tally::default();
    let packages = packages()?;
    for (name, _, _) in ALLOWED {
        ensure!(
            packages.iter().any(|package| package.name == *name),
            "`{name}` in the table of allowed circles is not a package"
        );
    }
    for package in packages {
        let graph = graph(&package.roots)?;
        let mut circles = circles(&graph);
        circles.retain(|circle| !is_allowed(&package.name, circle));
        if circles.is_empty() {
            tally += Tally::PASSED;
            continue;
        }
        say!(
            "error: modules of {} import each other in a circle:",
            package.name
        );
        for circle in &circles {
            describe(circle, &graph);
        }
        say!("Move what the lower module needs below both, or the importing code above both.");
        tally += Tally::FAILED;
    }
    Ok(tally)
}

/// Whether all modules of a circle are in one that the package may have.
fn is_allowed(package: &str, circle: &BTreeSet<String>) -> bool {
    ALLOWED.iter().any(|(name, modules, _)| {
        *name == package
            && circle
                .iter()
                .all(|module| modules.contains(&module.as_str()))
    })
}

/// Shows every import within a circle.
fn describe(circle: &BTreeSet<String>, graph: &BTreeMap<String, Imports>) {
    for module in circle {
        let imports = graph.get(module).into_iter().flatten();
        for (imported, files) in imports.filter(|(imported, _)| circle.contains(*imported)) {
            let files: Vec<_> = files
                .iter()
                .map(|file| file.strip_prefix(workspace::root()).unwrap_or(file))
                .map(|file| file.display().to_string())
                .collect();
            say!("  {module} -> {imported}: {}", files.join(", "));
        }
    }
}

/// A package with the roots of its library and programs.
struct Package {
    name: String,
    roots: Vec<PathBuf>,
}

fn packages() -> Result<Vec<Package>> {
    let mut metadata = workspace::cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let metadata: serde_json::Value = serde_json::from_str(&process::output(&mut metadata)?)?;
    let list = |value: &serde_json::Value, member: &str| -> Result<Vec<serde_json::Value>> {
        let list = value.get(member).and_then(serde_json::Value::as_array);
        list.cloned()
            .with_context(|| format!("cargo lists no `{member}`"))
    };
    let text = |value: &serde_json::Value, member: &str| -> Result<String> {
        let text = value.get(member).and_then(serde_json::Value::as_str);
        text.map(str::to_owned)
            .with_context(|| format!("cargo gives no `{member}`"))
    };
    let mut packages = Vec::new();
    for package in list(&metadata, "packages")? {
        let mut roots = Vec::new();
        for target in list(&package, "targets")? {
            let kinds = list(&target, "kind")?;
            let is_code = kinds.iter().any(|kind| {
                !["test", "bench", "example", "custom-build"]
                    .contains(&kind.as_str().unwrap_or_default())
            });
            if is_code {
                roots.push(PathBuf::from(text(&target, "src_path")?));
            }
        }
        packages.push(Package {
            name: text(&package, "name")?,
            roots,
        });
    }
    Ok(packages)
}

/// The imports among the top-level modules below these roots. Code under `#[cfg(test)]` does not count.
fn graph(roots: &[PathBuf]) -> Result<BTreeMap<String, Imports>> {
    let mut files = Vec::new();
    let mut exports = BTreeMap::new();
    for root in roots {
        let source = Source::read(&workspace::read(root)?);
        for tree in source.uses() {
            for (name, path) in tree.leaves() {
                exports.extend(path.into_iter().next().map(|head| (name, head)));
            }
        }
        let folder = root.parent().unwrap_or(root);
        for module in source.modules() {
            find(folder, &module, &module, 1, &mut files)?;
        }
    }
    let mut graph: BTreeMap<String, Imports> = files
        .iter()
        .map(|file| (file.top.clone(), Imports::new()))
        .collect();
    let modules: BTreeSet<String> = graph.keys().cloned().collect();
    for file in files {
        for name in file.source.crate_names(file.depth) {
            // What the root re-exports is imported from the module that has it.
            let name = if modules.contains(&name) {
                name
            } else {
                exports.get(&name).cloned().unwrap_or(name)
            };
            if name != file.top && modules.contains(&name) {
                let imports = graph.entry(file.top.clone()).or_default();
                imports.entry(name).or_default().insert(file.path.clone());
            }
        }
    }
    Ok(graph)
}

/// A file of a top-level module.
struct File {
    top: String,
    /// How many modules deep: 1 for a top-level module.
    depth: usize,
    path: PathBuf,
    source: Source,
}

/// Finds the file of `module` in `folder`, and those of the modules that it declares.
fn find(folder: &Path, top: &str, module: &str, depth: usize, files: &mut Vec<File>) -> Result<()> {
    let inner = folder.join(module);
    let candidates = [folder.join(format!("{module}.rs")), inner.join("mod.rs")];
    let Some(path) = candidates.into_iter().find(|path| path.is_file()) else {
        bail!("{} has no module `{module}`", folder.display());
    };
    let source = Source::read(&workspace::read(&path)?);
    for module in source.modules() {
        find(&inner, top, &module, depth + 1, files)?;
    }
    files.push(File {
        top: top.to_owned(),
        depth,
        path,
        source,
    });
    Ok(())
}

/// The sets of modules that reach each other, the largest first.
fn circles(graph: &BTreeMap<String, Imports>) -> Vec<BTreeSet<String>> {
    let reached: BTreeMap<&String, BTreeSet<&String>> = graph
        .keys()
        .map(|module| (module, reach(module, graph)))
        .collect();
    let is_mutual = |one: &String, other: &String| {
        let reaches = |from, to| reached.get(from).is_some_and(|all| all.contains(to));
        reaches(one, other) && reaches(other, one)
    };
    let circles: BTreeSet<BTreeSet<String>> = graph
        .keys()
        .filter(|module| is_mutual(module, module))
        .map(|module| {
            let others = graph.keys().filter(|other| is_mutual(module, other));
            others.cloned().collect()
        })
        .collect();
    let mut circles: Vec<_> = circles.into_iter().collect();
    circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    circles
}

/// What `module` imports, directly or through others.
fn reach<'a>(module: &String, graph: &'a BTreeMap<String, Imports>) -> BTreeSet<&'a String> {
    let mut reached = BTreeSet::new();
    let mut left: Vec<_> = graph
        .get(module)
        .into_iter()
        .flat_map(Imports::keys)
        .collect();
    while let Some(next) = left.pop() {
        if reached.insert(next) {
            left.extend(graph.get(next).into_iter().flat_map(Imports::keys));
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph_of(imports: &[(&str, &[&str])]) -> BTreeMap<String, Imports> {
        let own = |name: &&str| (*name).to_owned();
        imports
            .iter()
            .map(|(module, imported)| {
                let imported = imported.iter().map(|name| (own(name), BTreeSet::new()));
                (own(module), imported.collect())
            })
            .collect()
    }

    #[test]
    fn finds_modules_that_reach_each_other() {
        let graph = graph_of(&[
            ("a", &["b"]),
            ("b", &["c", "d"]),
            ("c", &["a"]),
            ("d", &["e"]),
            ("e", &["d"]),
            ("f", &["a"]),
        ]);
        let circles: Vec<Vec<String>> = circles(&graph)
            .into_iter()
            .map(|circle| circle.into_iter().collect())
            .collect();
        assert_eq!(circles, [vec!["a", "b", "c"], vec!["d", "e"]]);
    }

    #[test]
    fn only_a_listed_circle_is_allowed() {
        let circle = |modules: &[&str]| modules.iter().map(|&name| name.to_owned()).collect();
        let runtime = "mcp-edge-runtime";
        assert!(is_allowed(runtime, &circle(&["context", "server"])));
        assert!(!is_allowed(runtime, &circle(&["auth", "config"])));
        assert!(!is_allowed(runtime, &circle(&["context", "host"])));
        assert!(!is_allowed("mcp-edge-cli", &circle(&["context", "server"])));
    }

    #[test]
    fn finds_imports_of_a_crate_on_disk() {
        let folder = std::env::temp_dir().join(format!("modules-{}", std::process::id()));
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap_or(&folder)).expect("a folder");
            std::fs::write(path, text).expect("a file");
        };
        write(
            "lib.rs",
            "mod a; mod b; mod c; pub use c::Thing; #[cfg(test)] mod tests;",
        );
        write("a.rs", "use crate::{b::Other, Thing};");
        write(
            "b/mod.rs",
            "mod inner; #[cfg(test)] mod samples; use super::c;",
        );
        write("b/inner.rs", "fn f() { super::super::a::g() }");
        write(
            "c.rs",
            "// crate::a\n#[cfg(test)] mod tests { use crate::b; }",
        );
        let found = graph(&[folder.join("lib.rs")]);
        std::fs::remove_dir_all(&folder).expect("it is there");
        let found = found.expect("every module has a file");
        let imports: Vec<(&str, Vec<&str>)> = found
            .iter()
            .map(|(module, imports)| {
                let imports = imports.keys().map(String::as_str);
                (module.as_str(), imports.collect())
            })
            .collect();
        assert_eq!(
            imports,
            [("a", vec!["b", "c"]), ("b", vec!["a", "c"]), ("c", vec![])]
        );
        let circles = circles(&found);
        assert_eq!(circles.len(), 1);
        assert_eq!(circles[0].len(), 2);
    }
}
