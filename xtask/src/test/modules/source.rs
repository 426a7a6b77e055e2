//! As much of Rust's syntax as it takes to find imports.

use std::iter::Peekable;
use std::str::Chars;

/// The tokens of a file without comments, literals and what is under `#[cfg(test)]`.
pub(super) struct Source {
    tokens: Vec<Token>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Name(String),
    Mark(char),
}

impl Token {
    fn is(&self, text: &str) -> bool {
        match self {
            Self::Name(name) => name == text,
            Self::Mark(mark) => text.chars().eq([*mark]),
        }
    }
}

/// What a `use` imports.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UseTree {
    path: Vec<String>,
    /// The name in scope: that of the last part of the path, or the one after `as`.
    name: String,
    inner: Vec<Self>,
}

impl UseTree {
    /// The first name of each path.
    fn heads(&self) -> Vec<String> {
        match self.path.first() {
            Some(head) => vec![head.clone()],
            None => self.inner.iter().flat_map(Self::heads).collect(),
        }
    }

    /// Each imported name with its whole path.
    pub(super) fn leaves(&self) -> Vec<(String, Vec<String>)> {
        if self.inner.is_empty() {
            return vec![(self.name.clone(), self.path.clone())];
        }
        let below = self.inner.iter().flat_map(Self::leaves);
        below
            .map(|(name, path)| (name, self.path.iter().cloned().chain(path).collect()))
            .collect()
    }
}

impl Source {
    pub(super) fn read(text: &str) -> Self {
        Self {
            tokens: without_tests(&tokens(text)),
        }
    }

    /// The modules that are declared here and have a file of their own.
    pub(super) fn modules(&self) -> Vec<String> {
        self.tokens
            .windows(3)
            .filter_map(|tokens| match tokens {
                [declares, Token::Name(name), end] if declares.is("mod") && end.is(";") => {
                    Some(name.clone())
                }
                _ => None,
            })
            .collect()
    }

    /// Every `use`.
    pub(super) fn uses(&self) -> Vec<UseTree> {
        let after = |(at, token): (usize, &Token)| {
            let tree = token.is("use").then(|| self.tokens.get(at + 1..))?;
            Some(use_tree(tree?).0)
        };
        self.tokens.iter().enumerate().filter_map(after).collect()
    }

    /// What is named in the root of the crate, in a module `depth` modules deep: `crate::name`, or as many `super::` as lead
    /// there.
    pub(super) fn crate_names(&self, depth: usize) -> Vec<String> {
        let mut names = Vec::new();
        // For each open brace, whether it is that of a module.
        let mut braces = Vec::new();
        let mut at = 0;
        while let Some(token) = self.tokens.get(at) {
            if token.is("{") {
                let declares = at.checked_sub(2).and_then(|before| self.tokens.get(before));
                braces.push(declares.is_some_and(|token| token.is("mod")));
            } else if token.is("}") {
                braces.pop();
            }
            let inline = braces.iter().filter(|is_module| **is_module).count();
            let needed = if token.is("crate") { 1 } else { depth + inline };
            let mut steps = 0;
            let word = if token.is("crate") { "crate" } else { "super" };
            while steps < needed && self.is_step(at, word) {
                at += 3;
                steps += 1;
            }
            if steps == needed {
                let rest = self.tokens.get(at..).unwrap_or_default();
                names.extend(use_tree(rest).0.heads());
            } else if steps == 0 {
                at += 1;
            }
        }
        names.retain(|name| name != "super" && name != "self");
        names
    }

    /// Whether `word::` is at this place.
    fn is_step(&self, at: usize, word: &str) -> bool {
        let step = self.tokens.get(at..at + 3).unwrap_or_default();
        matches!(step, [name, one, two] if name.is(word) && one.is(":") && two.is(":"))
    }
}

/// The tree that begins with the first token, and how many tokens it has.
fn use_tree(tokens: &[Token]) -> (UseTree, usize) {
    let mut tree = UseTree {
        path: Vec::new(),
        name: String::new(),
        inner: Vec::new(),
    };
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            Token::Name(name) if name == "as" => {
                if let Some(Token::Name(name)) = tokens.get(at + 1) {
                    tree.name.clone_from(name);
                    at += 2;
                }
                break;
            }
            Token::Name(name) => {
                tree.path.push(name.clone());
                tree.name.clone_from(name);
                at += 1;
            }
            Token::Mark('{') => {
                at += 1;
                while let Some(token) = tokens.get(at) {
                    if token.is("}") {
                        at += 1;
                        break;
                    }
                    let (inner, length) = use_tree(tokens.get(at..).unwrap_or_default());
                    tree.inner.push(inner);
                    // What is no tree is passed over.
                    at += length.max(1);
                    if tokens.get(at).is_some_and(|token| token.is(",")) {
                        at += 1;
                    }
                }
                break;
            }
            _ => break,
        }
        let is_path = tokens.get(at).is_some_and(|token| token.is(":"))
            && tokens.get(at + 1).is_some_and(|token| token.is(":"));
        if is_path {
            at += 2;
        } else if !tokens.get(at).is_some_and(|token| token.is("as")) {
            break;
        }
    }
    (tree, at)
}

/// Leaves out every item with an attribute `#[cfg(test)]` or `#[cfg(all(test, …))]`.
fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let mut kept = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let rest = tokens.get(at..).unwrap_or_default();
        if is_attribute(rest) {
            let length = group(rest.get(1..).unwrap_or_default()) + 1;
            let attribute = rest.get(..length).unwrap_or_default();
            at += length;
            if is_of_tests(attribute) {
                at += item(tokens.get(at..).unwrap_or_default());
            }
        } else {
            kept.push(token.clone());
            at += 1;
        }
    }
    kept
}

fn is_attribute(tokens: &[Token]) -> bool {
    matches!(tokens, [hash, open, ..] if hash.is("#") && open.is("["))
}

fn is_of_tests(attribute: &[Token]) -> bool {
    let has = |word: &str| attribute.iter().any(|token| token.is(word));
    attribute.get(2).is_some_and(|token| token.is("cfg"))
        && has("test")
        && !has("not")
        && !has("any")
}

/// The length of an item: up to its `;` or the end of its braces, or to the end of what it is in.
fn item(tokens: &[Token]) -> usize {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let rest = tokens.get(at..).unwrap_or_default();
        match token {
            Token::Mark(';' | ',') => return at + 1,
            Token::Mark('{') => return at + group(rest),
            Token::Mark('(' | '[') => at += group(rest),
            Token::Mark('}' | ')' | ']') => return at,
            _ => at += 1,
        }
    }
    at
}

/// The length of what the bracket at the beginning encloses, with both brackets.
fn group(tokens: &[Token]) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Mark('{' | '(' | '[') => depth += 1,
            Token::Mark('}' | ')' | ']') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '/' if rest.peek() == Some(&'/') => {
                rest.by_ref().find(|c| *c == '\n');
            }
            '/' if rest.peek() == Some(&'*') => skip_comment(&mut rest),
            '"' => skip_string(&mut rest),
            '\'' => skip_character(&mut rest),
            c if is_of_name(c) => {
                let mut name = String::from(c);
                while let Some(c) = rest.next_if(|c| is_of_name(*c)) {
                    name.push(c);
                }
                let is_raw = matches!(name.as_str(), "r" | "br" | "cr");
                match rest.peek() {
                    // A prefix of a literal.
                    Some('"' | '#') if is_raw => {
                        if let Some(name) = skip_raw(&mut rest) {
                            tokens.push(Token::Name(name));
                        }
                    }
                    Some('"' | '\'') if matches!(name.as_str(), "b" | "c") => {}
                    _ => tokens.push(Token::Name(name)),
                }
            }
            c if c.is_whitespace() => {}
            c => tokens.push(Token::Mark(c)),
        }
    }
    tokens
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn skip_comment(rest: &mut Peekable<Chars<'_>>) {
    let mut depth = 0_usize;
    let mut last = '/';
    for c in rest {
        match (last, c) {
            ('/', '*') => depth += 1,
            ('*', '/') => depth = depth.saturating_sub(1),
            _ => {
                last = c;
                continue;
            }
        }
        if depth == 0 {
            return;
        }
        last = ' ';
    }
}

fn skip_string(rest: &mut Peekable<Chars<'_>>) {
    while let Some(c) = rest.next() {
        match c {
            '\\' => {
                rest.next();
            }
            '"' => return,
            _ => {}
        }
    }
}

/// A character, or a lifetime, which ends where its name does.
fn skip_character(rest: &mut Peekable<Chars<'_>>) {
    match rest.next() {
        Some('\\') => {
            rest.next();
            rest.find(|c| *c == '\'');
        }
        Some(_) if rest.next_if_eq(&'\'').is_none() => {
            while rest.next_if(|c| is_of_name(*c)).is_some() {}
        }
        _ => {}
    }
}

/// A raw string, or a raw name, which is returned.
fn skip_raw(rest: &mut Peekable<Chars<'_>>) -> Option<String> {
    let mut hashes = 0_usize;
    while rest.next_if_eq(&'#').is_some() {
        hashes += 1;
    }
    if rest.next_if_eq(&'"').is_none() {
        let mut name = String::new();
        while let Some(c) = rest.next_if(|c| is_of_name(*c)) {
            name.push(c);
        }
        return Some(name);
    }
    while rest.find(|c| *c == '"').is_some() {
        let mut closing = 0;
        while closing < hashes && rest.next_if_eq(&'#').is_some() {
            closing += 1;
        }
        if closing == hashes {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::Source;

    fn names(text: &str, depth: usize) -> Vec<String> {
        Source::read(text).crate_names(depth)
    }

    #[test]
    fn finds_paths_from_the_root() {
        for (text, depth, expected) in [
            ("use crate::a::B;", 1, vec!["a"]),
            ("use crate::{a::B, c, d::{E, F}};", 1, vec!["a", "c", "d"]),
            ("pub(crate) use crate::r#type::A as B;", 1, vec!["type"]),
            (
                "fn f() -> crate::a::B<'static> { $crate::b::g() }",
                1,
                vec!["a", "b"],
            ),
            ("use super::a::B; use self::own::C;", 1, vec!["a"]),
            ("use super::a::B; use super::super::c::D;", 2, vec!["c"]),
            (
                "mod inline { use super::own; use super::super::a; }",
                1,
                vec!["a"],
            ),
            ("pub(crate) mod a; pub(super) fn f() {}", 1, vec![]),
        ] {
            assert_eq!(names(text, depth), expected, "{text}");
        }
    }

    #[test]
    fn comments_literals_and_tests_import_nothing() {
        for text in [
            "// crate::a\n/* crate::a /* crate::b */ crate::c */ /// [`crate::d`]",
            r##"const A: &str = "crate::a \" crate::b"; const B: &str = r#"crate::c " crate::d"#;"##,
            "const A: [char; 3] = ['\"', '\\'', 'c']; fn f<'a>(a: &'a str) {}",
            "#[cfg(test)] use crate::a; #[cfg(test)] mod b { use crate::c; }",
            "#[cfg(all(test, unix))] #[allow(x)] fn f() -> [u8; 2] { crate::a::b() }",
            "struct A { #[cfg(test)] a: crate::a::B, b: u8 }",
        ] {
            assert_eq!(names(text, 1), Vec::<String>::new(), "{text}");
        }
        let kept = "#[cfg(not(test))] use crate::a; #[cfg(any(test, unix))] use crate::b;";
        assert_eq!(names(kept, 1), ["a", "b"]);
        let after = "#[cfg(test)] mod tests { fn f() { \"}\" } } use crate::a;";
        assert_eq!(names(after, 1), ["a"]);
    }

    #[test]
    fn finds_modules_and_what_a_root_re_exports() {
        let source = Source::read(
            "mod a; pub(crate) mod b; mod c { } #[cfg(test)] mod tests; pub use a::{B, c::D as E};",
        );
        assert_eq!(source.modules(), ["a", "b"]);
        let leaves: Vec<_> = source
            .uses()
            .iter()
            .flat_map(|tree| tree.leaves())
            .collect();
        let own = |path: &[&str]| {
            path.iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            leaves,
            [
                ("B".to_owned(), own(&["a", "B"])),
                ("E".to_owned(), own(&["a", "c", "D"])),
            ]
        );
    }
}
