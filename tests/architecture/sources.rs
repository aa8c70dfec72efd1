//! The files of `src`, tests left out, and which of them names what of which.
//!
//! Read from the tokens. A name counts where it is written, as a path or in a `use`, and belongs to the
//! file that defines it: whoever re-exports it is passed through. Methods and inferred types are not seen.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// `["vault", "record"]`; the crate's root has none.
type Module = Vec<String>;

/// What one file names, and whose.
pub(crate) type Arrows = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// A file of the crate.
pub(crate) struct File {
    /// Below `src/`
    pub(crate) name: String,
    /// Without comments, blanks and tests; a literal is `\"`
    pub(crate) tokens: Vec<String>,
    uses: Vec<Use>,
}

/// `use path as alias;`, one for each name of a group.
struct Use {
    path: Vec<String>,
    alias: String,
    is_exported: bool,
    /// How deep in `mod name { … }` of its own file
    depth: usize,
}

/// All files that the crate is built of, by their module.
pub(crate) struct Sources(BTreeMap<Module, File>);

impl Sources {
    pub(crate) fn read() -> Self {
        let mut files = BTreeMap::new();
        read_module(Vec::new(), &mut files);
        Self(files)
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = &File> {
        self.0.values()
    }

    /// Which file names what of which other.
    pub(crate) fn arrows(&self) -> Arrows {
        let mut arrows = Arrows::new();
        for (module, file) in &self.0 {
            for path in self.paths(module, file) {
                let Some((home, name)) = self.home(&path) else { continue };
                if home.name != file.name {
                    let named = arrows.entry(file.name.clone()).or_default();
                    named.entry(home.name.clone()).or_default().insert(name);
                }
            }
        }
        arrows
    }

    /// Every path that a file writes, from `crate`, `super`, or one of its own modules.
    fn paths(&self, module: &Module, file: &File) -> Vec<Vec<String>> {
        let mut paths: Vec<Vec<String>> = file
            .uses
            .iter()
            .filter(|used| !used.is_exported)
            .filter_map(|used| self.absolute(module, &used.path, used.depth))
            .collect();
        for (depth, written) in written_paths(&file.tokens) {
            let (first, rest) = written.split_first().expect("a path has a name");
            let imported = file.uses.iter().find(|used| used.alias == *first);
            let path = match imported {
                // What is imported and not re-exported has been counted, unless it is a module.
                Some(used) => self.absolute(module, &used.path, used.depth).map(|mut path| {
                    path.extend(rest.iter().cloned());
                    path
                }),
                None => self.absolute(module, &written, depth),
            };
            paths.extend(path);
        }
        paths
    }

    /// The path from the crate's root; nothing where it leads out of the crate or is a local name.
    fn absolute(&self, module: &Module, path: &[String], depth: usize) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        let supers = path.iter().take_while(|name| *name == "super").count();
        let base = match first.as_str() {
            "crate" => return Some(rest.to_vec()),
            // A method's receiver is no path.
            "self" => return (!rest.is_empty()).then(|| [module, rest].concat()),
            "super" => {
                let up = supers.saturating_sub(depth);
                return Some([&module[..module.len() - up], &path[supers..]].concat());
            }
            _ => [module, std::slice::from_ref(first)].concat(),
        };
        self.0.contains_key(&base).then(|| [&base[..], rest].concat())
    }

    /// The file that defines the item at the path, and the item's name; nothing where it is a module.
    fn home(&self, path: &[String]) -> Option<(&File, String)> {
        let mut module = Vec::new();
        let mut names = path.iter();
        while let Some(name) = names.next() {
            let file = &self.0[&module];
            let below = [&module[..], std::slice::from_ref(name)].concat();
            let is_module = self.0.contains_key(&below);
            let exported = file.uses.iter().find(|used| used.is_exported && used.alias == *name);
            match exported {
                // A function may have the name of its module.
                Some(exported) if !is_module || names.len() == 0 => {
                    let target = self.absolute(&module, &exported.path, exported.depth)?;
                    return self.home(&[&target[..], names.as_slice()].concat());
                }
                _ if is_module => module = below,
                _ => return Some((file, name.clone())),
            }
        }
        None
    }
}

fn read_module(module: Module, files: &mut BTreeMap<Module, File>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let path = match module.join("/") {
        path if path.is_empty() => "lib.rs".to_owned(),
        path if root.join(&path).join("mod.rs").exists() => path + "/mod.rs",
        path => path + ".rs",
    };
    let text = std::fs::read_to_string(root.join(&path)).unwrap();
    let mut tokens = Vec::new();
    flatten(text.parse().unwrap(), &mut tokens);
    for declared in tokens.windows(3).filter(|three| three[0] == "mod" && three[2] == ";") {
        read_module([&module[..], &declared[1..2]].concat(), files);
    }
    let uses = uses(&tokens);
    files.insert(module, File { name: path, tokens, uses });
}

/// The tokens in a row, without what is for tests only.
fn flatten(stream: TokenStream, into: &mut Vec<String>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket if is_test_only(&group) => {
                        into.pop();
                        trees.by_ref().find(ends_item);
                        continue;
                    }
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                into.push(open.to_owned());
                flatten(group.stream(), into);
                into.push(close.to_owned());
            }
            // A lifetime is no name.
            TokenTree::Punct(punct) if punct.as_char() == '\'' => drop(trees.next()),
            TokenTree::Punct(punct) if punct.as_char() == ':' => {
                let is_path =
                    punct.spacing() == Spacing::Joint && trees.next_if(is_colon).is_some();
                into.push(if is_path { "::" } else { ":" }.to_owned());
            }
            TokenTree::Literal(_) => into.push("\"".to_owned()),
            other => into.push(other.to_string()),
        }
    }
}

fn is_test_only(attribute: &Group) -> bool {
    attribute.to_string().replace(' ', "") == "[cfg(test)]"
}

fn ends_item(tree: &TokenTree) -> bool {
    match tree {
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        _ => false,
    }
}

fn is_colon(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == ':')
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Every name of every `use`.
fn uses(tokens: &[String]) -> Vec<Use> {
    let mut found = Vec::new();
    for (depth, at) in with_depth(tokens) {
        if tokens[at] == "use" {
            let before = at.checked_sub(1).map(|at| tokens[at].as_str());
            let is_exported = matches!(before, Some("pub" | ")"));
            let mut names = Vec::new();
            use_tree(&mut tokens[at + 1..].iter().map(String::as_str), &[], &mut names);
            found.extend(names.into_iter().map(|(path, alias)| Use {
                path,
                alias,
                is_exported,
                depth,
            }));
        }
    }
    found
}

/// Reads up to the `;`, `}` or `,` that ends the tree; whether it was a `,`.
fn use_tree<'a>(
    tokens: &mut impl Iterator<Item = &'a str>,
    start: &[String],
    found: &mut Vec<(Vec<String>, String)>,
) -> bool {
    let mut path = start.to_vec();
    let mut alias = None;
    let mut is_group = false;
    let more = loop {
        match tokens.next().expect("a use ends") {
            "::" => {}
            "{" => {
                is_group = true;
                while use_tree(tokens, &path, found) {}
            }
            "as" => alias = tokens.next().map(str::to_owned),
            end @ ("," | "}" | ";") => break end == ",",
            name => path.push(name.to_owned()),
        }
    };
    // A comma may end a group.
    if !is_group && path.len() > start.len() {
        if path.last().is_some_and(|name| name == "self") {
            path.pop();
        }
        let alias = alias.or_else(|| path.last().cloned()).expect("a name");
        found.push((path, alias));
    }
    more
}

/// The paths outside of `use`, as written, with how deep in `mod name { … }` they stand.
fn written_paths(tokens: &[String]) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    let mut end = 0;
    for (depth, at) in with_depth(tokens) {
        if at < end {
            continue;
        }
        if tokens[at] == "use" {
            end = at + tokens[at..].iter().position(|token| token == ";").expect("a use ends");
            continue;
        }
        let is_start = is_name(&tokens[at])
            && at
                .checked_sub(1)
                .is_none_or(|at| !matches!(&*tokens[at], "::" | "." | "fn" | "mod"));
        if is_start {
            let mut path = vec![tokens[at].clone()];
            end = at + 1;
            while tokens[end..].first().is_some_and(|token| token == "::")
                && tokens.get(end + 1).is_some_and(|name| is_name(name))
            {
                path.push(tokens[end + 1].clone());
                end += 2;
            }
            found.push((depth, path));
        }
    }
    found
}

/// The position of each token, with how many `mod name { … }` it is in.
fn with_depth(tokens: &[String]) -> impl Iterator<Item = (usize, usize)> {
    let mut blocks: Vec<bool> = Vec::new();
    (0..tokens.len()).map(move |at| {
        match &*tokens[at] {
            "{" => blocks.push(at > 1 && tokens[at - 2] == "mod"),
            "}" => drop(blocks.pop()),
            _ => {}
        }
        (blocks.iter().filter(|is_module| **is_module).count(), at)
    })
}
