//! The encoded part of an error's text, however it was shown.

use console::strip_ansi_codes;

/// What AWS's services write before it. EC2: "You are not authorized to perform this operation. Encoded
/// authorization failure message: …"
const MARK: [&str; 4] = ["encoded", "authorization", "failure", "message:"];
/// A word of an error is shorter.
const SHORTEST: usize = 40;
/// Of the last line of a wrapped message that nothing else tells from a word
const SHORTEST_REST: usize = 8;

/// A word, and where it stands in its line.
struct Word<'t> {
    text: &'t str,
    line: usize,
    is_first: bool,
    is_last: bool,
}

/// The encoded part: what stands behind AWS's words, else what is too long for a word. Where lines were
/// broken within it, it goes on in the next one.
pub(super) fn find_encoded(text: &str) -> Option<String> {
    let plain = strip_ansi_codes(text);
    let lines: Vec<&str> = plain.lines().map(str::trim_end).collect();
    let widths: Vec<usize> = lines.iter().map(|line| line.chars().count()).collect();
    let widest = widths.iter().copied().max()?;
    // One line that is as wide as the screen is not known to be.
    let is_wrapped = widths.iter().filter(|width| **width == widest).count() > 1;
    let words: Vec<Word<'_>> =
        lines.iter().enumerate().flat_map(|(at, line)| words(at, line)).collect();
    let (start, first) = begin(&words)?;
    let mut encoded = first.to_owned();
    for (before, word) in words[start..].iter().zip(&words[start + 1..]) {
        let is_broken = before.is_last && word.is_first && widths[before.line] == widest;
        let part = legal(word.text);
        let is_rest = word.is_last && part == word.text && part.len() >= SHORTEST_REST;
        if part.is_empty() || !(is_broken && (is_wrapped || is_rest)) {
            break;
        }
        encoded.push_str(part);
        if part.len() < word.text.len() {
            break;
        }
    }
    Some(encoded)
}

/// The words of a line, without what frames it: `│`, as Terraform has it.
fn words(at: usize, line: &str) -> Vec<Word<'_>> {
    let words: Vec<&str> = line
        .split(|c: char| c.is_whitespace() || ['│', '|', '┃'].contains(&c))
        .filter(|word| !word.is_empty())
        .collect();
    let last = words.len().saturating_sub(1);
    let word =
        |(place, text)| Word { text, line: at, is_first: place == 0, is_last: place == last };
    words.into_iter().enumerate().map(word).collect()
}

/// Where the encoded part begins, and its first piece.
fn begin<'t>(words: &[Word<'t>]) -> Option<(usize, &'t str)> {
    let is_mark = |at: usize| {
        let mut found = words[at..].iter().map(|word| word.text.to_ascii_lowercase());
        MARK.iter().all(|mark| found.next().is_some_and(|word| word.starts_with(mark)))
    };
    if let Some(at) = (0..words.len()).find(|at| is_mark(*at)) {
        // `message:` and the message may be one word.
        let mark = at + MARK.len() - 1;
        let joined = legal(&words[mark].text[MARK[3].len()..]);
        if !joined.is_empty() {
            return Some((mark, joined));
        }
        return Some((mark + 1, words.get(mark + 1).map(|word| legal(word.text))?))
            .filter(|(_, first)| !first.is_empty());
    }
    let piece = |word: &Word<'t>| legal(word.text.trim_start_matches(['"', '\'', '`', '(', '<']));
    let long = |(at, word): (usize, &Word<'t>)| {
        Some((at, piece(word))).filter(|(_, p)| p.len() >= SHORTEST)
    };
    words.iter().enumerate().find_map(long).or_else(|| match words {
        // Nothing but one word.
        [only] if legal(only.text).len() == only.text.len() => Some((0, only.text)),
        _ => None,
    })
}

/// What of a word can be encoded: up to a full stop, a quote, a comma.
fn legal(word: &str) -> &str {
    let is_legal = |c: char| c.is_ascii_alphanumeric() || "-_+/=".contains(c);
    let end = word.find(|c| !is_legal(c)).unwrap_or(word.len());
    &word[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line in pieces of that many characters, as a terminal breaks it.
    fn wrap(text: &str, width: usize) -> String {
        let lines = text.lines().map(|line| {
            let line: Vec<char> = line.chars().collect();
            line.chunks(width)
                .map(|part| part.iter().collect::<String>())
                .collect::<Vec<_>>()
                .join("\n")
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_encoded_part_is_found() {
        let encoded: String =
            (0..500).map(|n| ['a', 'B', '3', '-', '_', 'x', 'Q'][n * n % 7]).collect();
        let said = format!(
            "An error occurred (UnauthorizedOperation) when calling the RunInstances operation: You are not \
             authorized to perform this operation. Encoded authorization failure message: {encoded}"
        );
        let terraform = format!(
            "│ Error: creating EC2 Instance: operation error EC2: RunInstances, https response error \
             StatusCode: 403, RequestID: 1-2, api error UnauthorizedOperation: You are not authorized to \
             perform this operation. Encoded authorization failure message: {encoded}\n│ \n│   with \
             aws_instance.a,\n│   on main.tf line 1, in resource \"aws_instance\" \"a\":\n│    1: resource"
        );
        let framed = {
            let lines = wrap(&said, 70);
            lines.lines().map(|line| format!("│ {line}")).collect::<Vec<_>>().join("\n")
        };
        let colored = wrap(&said, 80).replace("Encoded", "\u{1b}[31mEncoded\u{1b}[0m");
        let rows = [
            ("alone", encoded.clone()),
            ("alone, with a line's end", format!("{encoded}\n")),
            ("alone, wrapped", wrap(&encoded, 80)),
            ("the AWS CLI's error", said.clone()),
            ("with a full stop", format!("{said}.")),
            ("with what follows in the line", format!("{said} status code: 403, request id: 1-2")),
            ("with what follows below", format!("{said}\n\tstatus code: 403, request id: 1-2")),
            ("with a word below", format!("{said}\nexit\n")),
            ("with a prompt below", format!("{said}\nann@host:~$ \n")),
            ("wrapped at 80", wrap(&said, 80)),
            ("wrapped at 80, and more", wrap(&format!("{said}\nexit status 254\n$ "), 80)),
            ("wrapped at 80, more in the line", wrap(&format!("{said} status code: 403"), 80)),
            ("wrapped at 100, coloured", colored),
            ("in a frame", framed),
            ("Terraform's", terraform.clone()),
            ("Terraform's, wrapped", wrap(&terraform, 120)),
            (
                "in JSON",
                format!("{{\"message\": \"Encoded authorization failure message: {encoded}\"}}"),
            ),
            ("glued to its words", said.replace("message: ", "message:")),
            ("in other words", format!("denied, see '{encoded}' for more")),
            ("its words broken", said.replace("failure message", "failure\nmessage")),
            ("carriage returns", said.replace(". ", ".\r\n") + "\r\n"),
        ];
        for (docs, text) in rows {
            assert_eq!(find_encoded(&text).as_deref(), Some(&*encoded), "{docs}: {text}");
        }
        for text in [
            "",
            "\n",
            "You are not authorized.",
            "Encoded authorization failure message:",
            "two words",
        ] {
            assert_eq!(find_encoded(text), None, "{text}");
        }
        assert_eq!(find_encoded("short-one\n").as_deref(), Some("short-one"));
    }
}
