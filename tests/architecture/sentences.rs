//! What a build for Windows can say: the literals of `src` without those that stand behind `cfg` for Unix, or
//! for tests.

use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Attributes of what is not in that build.
const ELSEWHERE: [&str; 6] = [
    "[cfg(test)]",
    "[cfg(unix)]",
    "[cfg(all(test,unix))]",
    "[cfg(target_os=\"linux\")]",
    "[cfg(target_os=\"macos\")]",
    "[cfg(not(windows))]",
];

/// Every literal, with the file below `src/` that it stands in.
pub(crate) fn of_windows() -> Vec<(String, String)> {
    let mut found = Vec::new();
    read("", "lib.rs", &mut found);
    found
}

/// `module`: `cli/login` of `src/cli/login.rs`; empty for the root
fn read(module: &str, file: &str, found: &mut Vec<(String, String)>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let text = std::fs::read_to_string(root.join(file)).unwrap();
    let mut walk = Walk { modules: Vec::new(), literals: Vec::new() };
    walk.take(text.parse().unwrap());
    found.extend(walk.literals.into_iter().map(|literal| (file.to_owned(), literal)));
    for name in walk.modules {
        let below = format!("{module}{name}");
        let own = format!("{below}/mod.rs");
        let file = if root.join(&own).exists() { own } else { format!("{below}.rs") };
        read(&format!("{below}/"), &file, found);
    }
}

struct Walk {
    /// `mod name;`
    modules: Vec<String>,
    literals: Vec<String>,
}

impl Walk {
    fn take(&mut self, stream: TokenStream) {
        let mut trees = stream.into_iter().peekable();
        let mut is_module = false;
        while let Some(tree) = trees.next() {
            match tree {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
                    let attribute = group.to_string().replace(char::is_whitespace, "");
                    if ELSEWHERE.contains(&&*attribute) {
                        trees.by_ref().find(ends_item);
                    } else if !attribute.starts_with("[doc=") {
                        self.take(group.stream());
                    }
                }
                TokenTree::Group(group) => self.take(group.stream()),
                TokenTree::Literal(literal) => self.literals.push(literal.to_string()),
                TokenTree::Ident(name) if is_module => {
                    let ends = |next: &TokenTree| next.to_string() == ";";
                    if trees.peek().is_some_and(ends) {
                        self.modules.push(name.to_string());
                    }
                    is_module = false;
                }
                TokenTree::Ident(word) => is_module = word == "mod",
                TokenTree::Punct(_) => {}
            }
        }
    }
}

/// The end of what an attribute stands before.
fn ends_item(tree: &TokenTree) -> bool {
    match tree {
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        _ => false,
    }
}
