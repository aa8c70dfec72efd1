//! The keys in a piece of text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use memchr::memmem;

use super::Rules;
use super::hit::{Hit, mask};
use super::join::join;
use super::random::{is_random, is_random_id};
use super::rules::{
    BEDROCK_MARK, KeyKind, SECRET_LENGTH, SECRET_WORDS, TOKEN_LENGTH, TOKEN_WORDS,
    begins_bedrock_key, begins_bedrock_url, begins_token, is_example, is_key_id, is_long_enough,
};
use super::run::{Run, is_core, read_run, runs};

/// How far before a secret its name may stand, in bytes and in lines.
const NAME_IN_FRONT: (usize, usize) = (200, 3);
/// How far behind it, as in `{"value": "…", "name": "…"}`.
const NAME_BEHIND: (usize, usize) = (80, 1);
/// How far from an id its secret may stand.
const NEAR_ID: (usize, usize) = (400, 6);
/// How far behind its name a split secret may begin.
const BEHIND_NAME: (usize, usize) = (256, 4);

/// As much text before a key may say what it is.
pub(super) const BEFORE: usize = 1024;
/// No key, and nothing that says what it is, goes on longer than that.
pub(super) const BEHIND: usize = 16 * 1024;

/// A key in the text, in clear.
struct Found {
    kind: KeyKind,
    start: usize,
    end: usize,
    word: String,
    known: Option<usize>,
}

/// Text that is looked at as a whole.
pub(super) struct Window<'t> {
    text: &'t [u8],
    rules: &'t Rules,
    /// Where ids were found
    ids: Vec<usize>,
    found: Vec<Found>,
}

/// The keys that begin in a part of the text; lines count from the beginning of the text.
pub(super) fn find(text: &[u8], part: std::ops::Range<usize>, rules: &Rules) -> Vec<Hit> {
    let mut window = Window { text, rules, ids: Vec::new(), found: Vec::new() };
    window.look();
    let mut found = window.found;
    found.retain(|found| part.contains(&found.start) && !rules.allowed.has(&found.word));
    found.sort_by_key(|found| (found.start, found.end));
    let (mut at, mut line) = (0, 1);
    let mut lines_until = |to: usize| {
        line += lines_in(&text[at..to]);
        at = to;
        line
    };
    let hit = |found: Found| {
        let line = lines_until(found.start);
        let last_line = line + lines_in(&text[found.start..found.end]);
        let masked = mask(found.kind, &found.word);
        Hit { kind: found.kind, line, last_line, masked, known: found.known }
    };
    found.into_iter().map(hit).collect()
}

fn lines_in(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

/// Whether one of the words is in a text, in capitals or not; signs between letters do not count.
fn has_word(text: &[u8], words: &[&[u8]]) -> bool {
    let letters: Vec<u8> = text
        .iter()
        .filter(|byte| !matches!(byte, b'_' | b'-' | b'.' | b' '))
        .map(u8::to_ascii_lowercase)
        .collect();
    words.iter().any(|word| memmem::find(&letters, word).is_some())
}

impl Window<'_> {
    fn look(&mut self) {
        let mut secrets = Vec::new();
        for run in runs(self.text) {
            self.look_for_ids(&run);
            self.look_inside(&run);
            if begins_bedrock_key(&run.word) || self.is_bedrock_url(&run) {
                self.add_long(KeyKind::BedrockApiKey, run);
            } else if begins_token(&run.word) || self.is_token_by_name(&run) {
                self.add_long(KeyKind::SessionToken, run);
            } else if run.word.len() == SECRET_LENGTH {
                secrets.push(run);
            }
        }
        for run in secrets {
            let known = self.rules.known.whose_secret(&run.word);
            if known.is_some() || self.is_secret(&run) {
                self.add(KeyKind::SecretAccessKey, run, known);
            }
        }
        self.look_for_split_secrets();
    }

    fn add(&mut self, kind: KeyKind, run: Run, known: Option<usize>) {
        let overlaps = |found: &Found| found.start < run.end && run.start < found.end;
        let is_there =
            self.found.iter().rev().take(8).any(overlaps) && kind != KeyKind::AccessKeyId;
        if let Ok(word) = String::from_utf8(run.word)
            && !is_there
        {
            self.found.push(Found { kind, start: run.start, end: run.end, word, known });
        }
    }

    fn look_for_ids(&mut self, run: &Run) {
        let words = run.word.split(|byte| matches!(byte, b'/' | b'+'));
        for word in words.filter(|word| is_key_id(word)) {
            let known = self.rules.known.whose_id(word);
            if known.is_some() || !is_example(word) && is_random_id(&word[4..]) {
                self.ids.push(run.start);
                self.add(KeyKind::AccessKeyId, Run { word: word.to_vec(), ..*run }, known);
            }
        }
    }

    /// Keys in base 64, as manifests of Kubernetes have them; `echo` adds the end of a line.
    fn look_inside(&mut self, run: &Run) {
        if !matches!(run.word.len(), 27 | 28 | 54 | 55) {
            return;
        }
        let Ok(inside) = STANDARD_NO_PAD.decode(&run.word) else { return };
        let word = inside.strip_suffix(b"\n").unwrap_or(&inside).to_vec();
        let inside = Run { word, ..*run };
        self.look_for_ids(&inside);
        if inside.word.len() == SECRET_LENGTH && inside.word.iter().all(|byte| is_core(*byte)) {
            let known = self.rules.known.whose_secret(&inside.word);
            if known.is_some() || self.is_secret(&inside) {
                self.add(KeyKind::SecretAccessKey, inside, known);
            }
        }
    }

    /// A key that may go on in the next line.
    fn add_long(&mut self, kind: KeyKind, run: Run) {
        let run = join(self.text, run, 2 * TOKEN_LENGTH);
        if is_long_enough(kind, &run.word) && !is_example(&run.word) && is_random(&run.word) {
            self.add(kind, run, None);
        }
    }

    fn is_bedrock_url(&self, run: &Run) -> bool {
        begins_bedrock_url(&run.word) && self.text[..run.start].ends_with(BEDROCK_MARK)
    }

    fn is_token_by_name(&self, run: &Run) -> bool {
        // JSON in base 64 is a token of somebody else.
        run.word.len() >= TOKEN_LENGTH
            && !run.word.starts_with(b"eyJ")
            && self.is_whole(run)
            && self.names(run.start, &TOKEN_WORDS)
    }

    /// Whether what has the length of a secret is one.
    fn is_secret(&self, run: &Run) -> bool {
        is_random(&run.word)
            && !is_example(&run.word)
            && self.is_whole(run)
            && (self.names(run.start, &SECRET_WORDS)
                || has_word(self.behind(run.end, NAME_BEHIND), &SECRET_WORDS)
                || self.is_value_of_key(run.start)
                || self.is_near_id(run.start))
    }

    /// Whether it is no part of something longer, in another alphabet.
    fn is_whole(&self, run: &Run) -> bool {
        let is_other = |byte: Option<&u8>| byte.is_some_and(|byte| matches!(byte, b'-' | b'_'));
        let before = run.start.checked_sub(1).and_then(|before| self.text.get(before));
        !is_other(before) && !is_other(self.text.get(run.end))
    }

    /// The text before something: not far, and few lines.
    fn before(&self, start: usize, (bytes, lines): (usize, usize)) -> &[u8] {
        let text = &self.text[start.saturating_sub(bytes)..start];
        match memchr::memrchr_iter(b'\n', text).nth(lines) {
            Some(line) => &text[line..],
            None => text,
        }
    }

    /// The text behind something.
    fn behind(&self, end: usize, (bytes, lines): (usize, usize)) -> &[u8] {
        let text = &self.text[end..self.text.len().min(end + bytes)];
        match memchr::memchr_iter(b'\n', text).nth(lines) {
            Some(line) => &text[..line],
            None => text,
        }
    }

    /// Whether one of the words stands before it.
    fn names(&self, start: usize, words: &[&[u8]]) -> bool {
        has_word(self.before(start, NAME_IN_FRONT), words)
    }

    /// `key = `, `"api_key": "`, as git-secrets has it.
    fn is_value_of_key(&self, start: usize) -> bool {
        let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'`' | b'\\');
        let trim =
            |text: &[u8]| text.iter().rposition(|byte| !is_blank(byte)).map_or(0, |at| at + 1);
        let before = self.before(start, NAME_IN_FRONT);
        let before = &before[..trim(before)];
        let sign: &[&[u8]] = &[b"=>", b":=", b"=", b":"];
        let Some(name) = sign.iter().find_map(|sign| before.strip_suffix(*sign)) else {
            return false;
        };
        let name = &name[..trim(name)];
        name.len() >= 3 && name[name.len() - 3..].eq_ignore_ascii_case(b"key")
    }

    fn is_near_id(&self, start: usize) -> bool {
        let (bytes, lines) = NEAR_ID;
        let first = self.ids.partition_point(|id| id + bytes < start);
        let near = self.ids[first..].iter().take_while(|id| **id < start + bytes);
        near.into_iter().any(|id| {
            let between = (*id).min(start)..(*id).max(start);
            memchr::memchr_iter(b'\n', &self.text[between]).count() <= lines
        })
    }

    /// Secrets in parts, behind their name or behind an id.
    fn look_for_split_secrets(&mut self) {
        let mut begins: Vec<usize> = ["ecret", "ECRET"]
            .iter()
            .flat_map(|word| memmem::find_iter(self.text, word).map(|at| at + word.len()))
            .chain(self.ids.iter().copied())
            .collect();
        begins.sort_unstable();
        let mut next = 0;
        for begin in begins {
            let end = begin + self.behind(begin, BEHIND_NAME).len();
            // The rest of the name, or of the id.
            let rest =
                |at: usize| self.text[at..].iter().take_while(|byte| is_core(**byte)).count();
            next = next.max(begin + rest(begin));
            while next < end {
                if !is_core(self.text[next]) {
                    next += 1;
                    continue;
                }
                let first = read_run(self.text, next);
                next = first.end;
                let part = first.end;
                if first.word.len() >= SECRET_LENGTH {
                    continue;
                }
                let whole = join(self.text, first, SECRET_LENGTH);
                if whole.end == part || whole.word.len() != SECRET_LENGTH {
                    continue;
                }
                let known = self.rules.known.whose_secret(&whole.word);
                let is_secret = is_random(&whole.word) && !is_example(&whole.word);
                if known.is_some() || is_secret && self.is_whole(&whole) {
                    next = whole.end;
                    self.add(KeyKind::SecretAccessKey, whole, known);
                }
            }
        }
    }
}
