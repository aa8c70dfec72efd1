//! The documents of the repository, as whoever reads them in a browser has them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::sandbox::files_below;

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `docs/sso.md`, and its text.
pub(crate) struct Document {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// What stands in a fence, or is indented.
pub(crate) struct Block {
    /// Where it begins: `docs/sso.md:5`
    pub(crate) place: String,
    /// What the fence says of it; nothing of what is indented
    pub(crate) language: String,
    pub(crate) text: String,
}

/// README.md, and all below `docs`.
pub(crate) fn documents() -> Vec<Document> {
    let mut files = files_below(&root().join("docs"));
    files.push(root().join("README.md"));
    files.sort();
    let is_document = |file: &PathBuf| file.extension().is_some_and(|end| end == "md");
    let document = |file: PathBuf| {
        let text = std::fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        Document { name, text }
    };
    files.into_iter().filter(is_document).map(document).collect()
}

impl Document {
    pub(crate) fn blocks(&self) -> Vec<Block> {
        let (mut blocks, mut open) = (Vec::new(), None::<Block>);
        for (event, at) in self.events() {
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    let language = match kind {
                        CodeBlockKind::Fenced(language) => language.to_string(),
                        CodeBlockKind::Indented => String::new(),
                    };
                    open = Some(Block { place: self.place(&at), language, text: String::new() });
                }
                Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
                Event::Text(text) => {
                    if let Some(block) = &mut open {
                        block.text.push_str(&text);
                    }
                }
                _ => {}
            }
        }
        blocks
    }

    /// Where each link stands, and where it leads.
    pub(crate) fn links(&self) -> Vec<(String, String)> {
        let link = |(event, at)| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                Some((self.place(&at), dest_url.to_string()))
            }
            _ => None,
        };
        self.events().filter_map(link).collect()
    }

    /// What stands between backticks within a text.
    pub(crate) fn code(&self) -> Vec<(String, String)> {
        let code = |(event, at)| match event {
            Event::Code(code) => Some((self.place(&at), code.to_string())),
            _ => None,
        };
        self.events().filter_map(code).collect()
    }

    /// What `#…` can name: the headings, as GitHub and others make anchors of them.
    pub(crate) fn anchors(&self) -> BTreeSet<String> {
        let (mut anchors, mut times) = (BTreeSet::new(), BTreeMap::<String, usize>::new());
        let mut heading = None::<String>;
        for (event, _) in self.events() {
            match event {
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::Text(text) | Event::Code(text) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&text);
                    }
                }
                Event::End(TagEnd::Heading(_)) => {
                    let anchor = anchor(&heading.take().unwrap_or_default());
                    let before = times.entry(anchor.clone()).or_default();
                    anchors.insert(match *before {
                        0 => anchor,
                        more => format!("{anchor}-{more}"),
                    });
                    *before += 1;
                }
                _ => {}
            }
        }
        anchors
    }

    fn events(&self) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
        Parser::new_ext(&self.text, Options::ENABLE_TABLES).into_offset_iter()
    }

    fn place(&self, at: &Range<usize>) -> String {
        format!("{}:{}", self.name, self.text[..at.start].lines().count().max(1))
    }
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}
