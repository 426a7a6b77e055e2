//! Links to files and headings of this repository.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use anyhow::Result;

use super::markdown::Page;
use crate::workspace;

/// The links that lead nowhere. Those to other sites are not followed.
pub(super) fn broken(pages: &[Page]) -> Result<Vec<String>> {
    let by_path: BTreeMap<&Path, &Page> = pages
        .iter()
        .map(|page| (Path::new(page.path.as_str()), page))
        .collect();
    let mut broken = Vec::new();
    for page in pages {
        for link in &page.links {
            if link.target.contains("://") || link.target.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = link.target.split_once('#').unwrap_or((&link.target, ""));
            let path = match file {
                "" => PathBuf::from(&page.path),
                file => resolve(Path::new(&page.path), file),
            };
            let target = by_path.get(path.as_path());
            let is_found = match target {
                Some(target) => anchor.is_empty() || target.anchors().any(|found| found == anchor),
                None => workspace::root().join(&path).exists(),
            };
            if !is_found {
                broken.push(format!(
                    "{}:{}: the link `{}` leads nowhere\n",
                    page.path, link.line, link.target
                ));
            }
        }
    }
    Ok(broken)
}

/// The path from the root of the repository that `link` on the page `page` leads to.
fn resolve(page: &Path, link: &str) -> PathBuf {
    let mut path = page.parent().unwrap_or(Path::new("")).to_owned();
    for part in Path::new(link).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_files_and_headings_that_are_not_there() {
        let page = |path, text| Page::parse(path, text).expect("a page");
        let pages = [
            page(
                "docs/guide/a.md",
                "# A\n[b](../b.md#two) [b](../b.md#three) [c](c.md) [s](#a) [x](https://example.com/y)\n",
            ),
            page("docs/b.md", "## Two\n"),
        ];
        let broken = broken(&pages).expect("links");
        assert_eq!(
            broken,
            [
                "docs/guide/a.md:2: the link `../b.md#three` leads nowhere\n",
                "docs/guide/a.md:2: the link `c.md` leads nowhere\n",
            ]
        );
    }
}
