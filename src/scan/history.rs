//! What `git log -p` prints: messages of commits, and what each of them adds.

use std::io::{self, Read};

use super::{Hit, Rules, Stream};

/// The commit, what it says, and a line that only ends it. No text of git has a NUL at the beginning of a line.
pub(crate) const LOG_FORMAT: &str = "--format=%x00%H%n%B%n%x00";

/// What stands for the path of a commit's message.
const MESSAGE: &str = "(message)";

/// A key that a commit adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogHit {
    pub commit: String,
    pub path: String,
    pub hit: Hit,
}

/// A file that git takes for no text, as a commit has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogBlob {
    pub commit: String,
    pub path: String,
    pub blob: String,
}

/// What is in a log.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub hits: Vec<LogHit>,
    pub blobs: Vec<LogBlob>,
    pub commits: u64,
}

/// Reads what `git log -p --cc --full-index` prints in [`LOG_FORMAT`]. `each`: told of every commit that begins.
pub(crate) fn read_log(
    from: impl Read,
    rules: &Rules,
    each: Option<&(dyn Fn() + Sync)>,
) -> io::Result<Log> {
    let mut lines = Lines::new(from);
    let mut reader = Reader {
        log: Log::default(),
        each,
        stream: Stream::new(rules),
        place: Place::Between,
        commit: String::new(),
        path: String::new(),
        blob: String::new(),
        added: Vec::new(),
        lines: 0,
        is_added: false,
    };
    while let Some(piece) = lines.next()? {
        reader.take(&piece);
    }
    reader.end_text();
    Ok(reader.log)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before a commit, or among the lines that say which file it is
    Between,
    Message,
    /// `columns`: how many parents the file is compared with; `first`: the line that the part begins with
    Hunk {
        columns: usize,
        first: u64,
    },
}

struct Reader<'r> {
    log: Log,
    each: Option<&'r (dyn Fn() + Sync)>,
    /// The message, or what a part of a file is after the commit
    stream: Stream<'r>,
    place: Place,
    commit: String,
    path: String,
    blob: String,
    /// The lines of `stream`, from 0, from which on they are added by the commit, or are not
    added: Vec<(u64, bool)>,
    lines: u64,
    /// Whether the line that is read is one of the new file
    is_added: bool,
}

impl Reader<'_> {
    fn take(&mut self, piece: &Piece<'_>) {
        if piece.begins && piece.text.first() == Some(&0) {
            self.end_text();
            self.place = Place::Between;
            if let Some(commit) = piece.text.get(1..).filter(|text| text.len() > 1) {
                self.commit = text(commit);
                self.log.commits += 1;
                self.each.inspect(|each| each());
                self.place = Place::Message;
                self.added = vec![(0, true)];
            }
            return;
        }
        match self.place {
            Place::Message => self.stream.feed(piece.text),
            Place::Hunk { columns, .. } if !piece.begins || is_of_hunk(piece.text, columns) => {
                self.take_line(piece, columns);
            }
            Place::Hunk { .. } | Place::Between if piece.begins => {
                self.end_text();
                self.place = Place::Between;
                self.take_header(piece.text);
            }
            Place::Hunk { .. } | Place::Between => {}
        }
    }

    /// A line of a file, or a part of one.
    fn take_line(&mut self, piece: &Piece<'_>, columns: usize) {
        let mut content = piece.text;
        if piece.begins {
            let (signs, rest) = piece.text.split_at(columns);
            let has = |sign| signs.contains(&sign);
            self.is_added = !has(b'-') && !has(b'\\');
            if self.is_added {
                let is_new = has(b'+');
                if self.added.last().is_none_or(|(_, last)| *last != is_new) {
                    self.added.push((self.lines, is_new));
                }
                self.lines += 1;
            }
            content = rest;
        }
        if self.is_added {
            self.stream.feed(content);
        }
    }

    /// A line that says which file it is, or where in the file.
    fn take_header(&mut self, line: &[u8]) {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        if let Some(names) = line.strip_prefix(b"diff --git ") {
            self.path = name_of_two(names);
        } else if let Some(name) = line.strip_prefix(b"diff --cc ") {
            self.path = unquote(name);
        } else if let Some(ids) = line.strip_prefix(b"index ") {
            let ids = text(ids);
            let new = ids.split_once("..").map_or("", |(_, new)| new);
            self.blob = new.split(' ').next().unwrap_or_default().to_owned();
        } else if line.starts_with(b"Binary files ") {
            // What is gone has no blob.
            if self.blob.bytes().any(|digit| digit != b'0') {
                let (commit, path) = (self.commit.clone(), self.path.clone());
                self.log.blobs.push(LogBlob { commit, path, blob: self.blob.clone() });
            }
        } else if line.starts_with(b"@@") {
            let columns = line.iter().take_while(|byte| **byte == b'@').count() - 1;
            let first = first_line(line).unwrap_or(1);
            self.place = Place::Hunk { columns, first };
        }
    }

    /// Tells what was found in the message, or the part of a file.
    fn end_text(&mut self) {
        let first = match self.place {
            Place::Between => return,
            Place::Message => 1,
            Place::Hunk { first, .. } => first,
        };
        let path = if self.place == Place::Message { MESSAGE } else { &*self.path };
        for hit in self.stream.end() {
            let (begin, end) = (hit.line - 1, hit.last_line - 1);
            let first_after = self.added.partition_point(|(line, _)| *line <= begin);
            let runs = &self.added[first_after.saturating_sub(1)..];
            if runs.iter().take_while(|(line, _)| *line <= end).any(|(_, is_added)| *is_added) {
                let hit = Hit { line: begin + first, last_line: end + first, ..hit };
                let (commit, path) = (self.commit.clone(), path.to_owned());
                self.log.hits.push(LogHit { commit, path, hit });
            }
        }
        self.added.clear();
        self.lines = 0;
    }
}

/// Whether a line is one of the file: it has a sign for each parent.
fn is_of_hunk(line: &[u8], columns: usize) -> bool {
    line.len() > columns
        && line[..columns].iter().all(|sign| matches!(sign, b' ' | b'+' | b'-' | b'\\'))
}

/// The new file's first line: `@@ -1,2 +3,4 @@`, `@@@ -1 -1 +3 @@@`
fn first_line(line: &[u8]) -> Option<u64> {
    let plus = line.iter().position(|byte| *byte == b'+')?;
    let digits = line[plus + 1..].iter().take_while(|byte| byte.is_ascii_digit());
    Some(digits.fold(0_u64, |number, digit| {
        number.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
    }))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches('\n').to_owned()
}

/// The name of `a/NAME b/NAME`, which are the same.
fn name_of_two(names: &[u8]) -> String {
    let one = names.get(names.len() / 2 + 1..).unwrap_or_default();
    let name = unquote(one);
    name.strip_prefix("b/").unwrap_or(&name).to_owned()
}

/// A name as git writes it: in quotes, as in C, where it has quotes or signs that steer a terminal.
fn unquote(name: &[u8]) -> String {
    let Some(inner) = name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\"")) else {
        return text(name);
    };
    let mut bytes = Vec::new();
    let mut rest = inner;
    while let [first, others @ ..] = rest {
        rest = others;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let octal = others
            .get(..3)
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        let (byte, length) = match (octal, others.first()) {
            (Some(byte), _) => (byte, 3),
            (None, Some(b'n')) => (b'\n', 1),
            (None, Some(b't')) => (b'\t', 1),
            (None, Some(b'r')) => (b'\r', 1),
            (None, Some(other)) => (*other, 1),
            (None, None) => break,
        };
        bytes.push(byte);
        rest = &others[length..];
    }
    text(&bytes)
}

/// A line, or a part of one that is very long.
struct Piece<'p> {
    /// With the `\n`, where it is the end
    text: &'p [u8],
    /// Whether it is the beginning of the line
    begins: bool,
}

/// Lines, in bounded memory.
struct Lines<R> {
    from: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    begins: bool,
}

impl<R: Read> Lines<R> {
    fn new(from: R) -> Self {
        Self { from, buffer: vec![0; 256 * 1024], start: 0, end: 0, begins: true }
    }

    fn next(&mut self) -> io::Result<Option<Piece<'_>>> {
        let mut looked = self.start;
        let end = loop {
            if let Some(at) = memchr::memchr(b'\n', &self.buffer[looked..self.end]) {
                break looked + at + 1;
            }
            if self.start == 0 && self.end == self.buffer.len() {
                break self.end;
            }
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
            looked = self.end;
            match self.from.read(&mut self.buffer[self.end..]) {
                Ok(0) if self.end == 0 => return Ok(None),
                Ok(0) => break self.end,
                Ok(count) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        };
        let text = &self.buffer[self.start..end];
        let begins = self.begins;
        self.begins = text.ends_with(b"\n");
        self.start = end;
        Ok(Some(Piece { text, begins }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_git_writes_them() {
        for (names, expected) in [
            ("a/x b/x", "x"),
            ("a/a b/c b/a b/c", "a b/c"),
            ("\"a/\\303\\244 \\\"\" \"b/\\303\\244 \\\"\"", "ä \""),
            ("", ""),
        ] {
            assert_eq!(name_of_two(names.as_bytes()), expected, "{names}");
        }
    }

    /// An id that no source has.
    fn id() -> String {
        format!("AKIA{}", "QZ27XKPM".repeat(2))
    }

    fn hits(log: &str) -> Vec<(String, u64)> {
        let log = log.replace("KEY", &id());
        let log = read_log(log.as_bytes(), &Rules::default(), None).unwrap();
        log.hits
            .into_iter()
            .map(|hit| (format!("{}:{}", hit.commit, hit.path), hit.hit.line))
            .collect()
    }

    #[test]
    fn what_a_commit_adds_is_found() {
        let commit = "\0c1\nmessage\n\n\0\n\n";
        let file = "diff --git a/f b/f\nindex 1..2 100644\n--- a/f\n+++ b/f\n";
        for (docs, diff, expected) in [
            ("a line", "@@ -0,0 +1 @@\n+KEY\n", &[("c1:f", 1)][..]),
            ("behind others", "@@ -7,2 +9,3 @@\n x\n-y\n+z\n+KEY\n", &[("c1:f", 11)]),
            ("one that is gone", "@@ -1 +0,0 @@\n-KEY\n", &[]),
            ("one that stays", "@@ -1 +1,2 @@\n KEY\n+x\n", &[]),
            (
                "no last newline",
                "@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+KEY\n\\ No",
                &[("c1:f", 1)],
            ),
            (
                "two parts",
                "@@ -1 +1 @@\n-x\n+KEY\n@@ -5 +5 @@\n-y\n+KEY\n",
                &[("c1:f", 1), ("c1:f", 5)],
            ),
            ("what looks like a header", "@@ -1 +1,2 @@\n+++ b/x\n+KEY\n", &[("c1:f", 2)]),
            ("an empty line", "@@ -1 +1,2 @@\n+\n+KEY\n", &[("c1:f", 2)]),
        ] {
            let expected: Vec<_> =
                expected.iter().map(|(place, line)| ((*place).to_owned(), *line)).collect();
            assert_eq!(hits(&format!("{commit}{file}{diff}")), expected, "{docs}");
        }
    }

    #[test]
    fn a_merge_adds_what_no_parent_has() {
        let log = "\0m\nx\n\0\n\ndiff --cc f\nindex 1,2..3\n--- a/f\n+++ b/f\n@@@ -1,2 -1,2 +4,4 @@@\n  a\n +KEY\n- b\n++KEY\n";
        // Both were added for one parent at least.
        assert_eq!(hits(log), [("m:f".to_owned(), 5), ("m:f".to_owned(), 6)]);
    }

    #[test]
    fn messages_are_looked_at_and_binary_files_are_named() {
        let log = "\0c1\nfirst\n\nKEY\n\n\0\n\ndiff --git a/b c b/b c\nnew file mode 100644\nindex 0000..12ab\nBinary files /dev/null and b/b c differ\n\0c2\nsecond\n\0\n";
        assert_eq!(hits(log), [("c1:(message)".to_owned(), 3)]);
        let log = read_log(log.as_bytes(), &Rules::default(), None).unwrap();
        let blob = LogBlob { commit: "c1".into(), path: "b c".into(), blob: "12ab".into() };
        assert_eq!((log.blobs, log.commits), (vec![blob], 2));
    }

    #[test]
    fn a_long_line_is_read_in_parts() {
        let log = format!(
            "\0c\n\n\0\n\ndiff --git a/f b/f\nindex 1..2\n@@ -1 +1,2 @@\n+{}KEY\n+KEY\n",
            "x ".repeat(400_000)
        );
        assert_eq!(hits(&log), [("c:f".to_owned(), 1), ("c:f".to_owned(), 2)]);
    }
}
