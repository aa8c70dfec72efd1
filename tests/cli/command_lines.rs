//! The lines that the documents and the topics of `awsx help` tell to type.

use crate::markdown::{Block, documents, root};
use crate::sandbox::files_below;

/// All blocks of the documents, and a block for each topic: what is indented there.
pub(crate) fn blocks() -> Vec<Block> {
    let mut blocks: Vec<Block> =
        documents().iter().flat_map(|document| document.blocks()).collect();
    let mut topics = files_below(&root().join("src/cli/help"));
    topics.sort();
    blocks.extend(topics.iter().map(|file| {
        let text = std::fs::read_to_string(file).unwrap();
        let is_indented = |line: &&str| line.starts_with("  ");
        let name = file.strip_prefix(root()).unwrap().display();
        Block {
            place: format!("{name}:1"),
            language: String::new(),
            text: text.lines().filter(is_indented).collect::<Vec<_>>().join("\n"),
        }
    }));
    blocks.retain(|block| !["text", "rust"].contains(&&*block.language));
    blocks.retain(|block| !block.text.starts_with("src/"));
    blocks
}

/// The lines of a block, each whole: what a backslash or YAML's `>-` breaks is put together.
pub(crate) fn whole_lines(text: &str) -> Vec<String> {
    let (mut lines, mut folded) = (Vec::<String>::new(), None);
    let mut goes_on = false;
    for line in text.lines() {
        let depth = line.len() - line.trim_start().len();
        let is_more = goes_on || folded.is_some_and(|key| depth > key);
        if !is_more {
            folded = None;
        }
        let start = line.strip_suffix(">-");
        folded = folded.or(start.map(|_| depth));
        let part = start.or_else(|| line.strip_suffix('\\')).unwrap_or(line);
        goes_on = line.ends_with('\\');
        match lines.last_mut().filter(|_| is_more) {
            Some(last) => {
                let blank = if last.ends_with(' ') { "" } else { " " };
                last.push_str(&format!("{blank}{}", part.trim_start()));
            }
            None => lines.push(part.to_owned()),
        }
    }
    lines
}

/// Whether a line is one that `lists` types: with awsx in it, or one that makes what another line, or another program,
/// finds awsx by.
pub(crate) fn is_typed_here(line: &str) -> bool {
    let others = ["echo ", "ln ", "git config "];
    !commands(line).is_empty() || others.iter().any(|start| line.trim_start().starts_with(start))
}

/// What is typed of a line: without the key that it has in YAML and INI, and without what stands behind it to say what
/// it does.
pub(crate) fn what_is_typed(line: &str) -> &str {
    const KEYS: [&str; 5] = ["- run: ", "run: ", "- ", "credential_process = ", "$ "];
    let line = line.trim();
    let line = KEYS.iter().find_map(|key| line.strip_prefix(key)).unwrap_or(line);
    let mut quote = None;
    for (at, c) in line.char_indices() {
        let rest = &line[at..];
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            (_, Some(_)) => {}
            ('"' | '\'', None) if rest[1..].contains(c) => quote = Some(c),
            (' ', None) if rest.starts_with("  ") || rest.starts_with(" # ") => return &line[..at],
            _ => {}
        }
    }
    line
}

/// The commands of awsx in a text: words as a shell takes them, without what they stand in.
pub(crate) fn commands(text: &str) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    for line in whole_lines(text) {
        // What stands behind a command says what it does.
        let line = line.trim_start().trim_start_matches("$ ");
        let starts = line.match_indices("awsx ").filter(|(at, _)| {
            const BEFORE: [&str; 6] = ["$(", "| ", "'!", "= ", "- ", "run: "];
            *at == 0 || BEFORE.iter().any(|before| line[..*at].ends_with(before))
        });
        // An `awsx` behind the one that starts it is a word of that.
        let mut end = 0;
        for (at, _) in starts {
            if at < end {
                continue;
            }
            let (words, length) = words(&line[at..]);
            end = at + length;
            found.push(words);
        }
    }
    found
}

/// The words of one command, up to where it ends, and how much of the text that is.
fn words(text: &str) -> (Vec<String>, usize) {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut blanks = 0;
    for (at, c) in text.char_indices() {
        let end = |words: &mut Vec<String>, word: &mut Option<String>| words.extend(word.take());
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            (c, Some(_)) => word.get_or_insert_default().push(c),
            ('"' | '\'', None) if text[at + 1..].contains(c) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (' ', None) => {
                end(&mut words, &mut word);
                blanks += 1;
                // A column: what follows says what the command does.
                if blanks > 1 {
                    return (words, at);
                }
                continue;
            }
            ('#', None) if word.is_none() => return (words, at),
            ('|' | ';' | ')' | '`' | '"' | '\'' | '<' | '>' | '&', None) => {
                end(&mut words, &mut word);
                return (words, at);
            }
            (c, None) => word.get_or_insert_default().push(c),
        }
        blanks = 0;
    }
    words.extend(word);
    (words, text.len())
}
