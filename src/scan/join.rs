//! Keys that are split: strings one behind the other, lines that go on.

use super::run::{Run, is_core, read_run};

/// As much may stand between two parts: quotes, a sign, the blanks before the next line.
const LONGEST_JOINT: usize = 120;

/// The end of what joins two parts, if they are parts: the end of a line, or of one string and the beginning of the
/// next.
fn end_of_joint(text: &[u8], start: usize) -> Option<usize> {
    let (mut at, mut quotes, mut lines, mut escaped_lines) = (start, 0, 0, 0);
    loop {
        if at - start > LONGEST_JOINT {
            return None;
        }
        let next = text.get(at + 1).copied();
        at += match text.get(at)? {
            b'\n' => {
                lines += 1;
                1
            }
            b'"' | b'\'' | b'`' => {
                quotes += 1;
                1
            }
            b'\\' if next == Some(b'n') => {
                escaped_lines += 1;
                2
            }
            b'\\' if matches!(next, Some(b'r' | b't')) => 2,
            b' ' | b'\t' | b'\r' | b'\\' | b'.' | b'&' | b'(' | b')' | b'~' | b'^' | b'<'
            | b'>' => 1,
            // A notebook's line is a string of a list.
            b',' if escaped_lines > 0 => 1,
            // Of quoted-printable.
            b'=' if matches!(next, Some(b'\r' | b'\n')) => 1,
            b'+' if next.is_some_and(|next| !is_core(next)) => 1,
            // Of Visual Basic, where a line goes on.
            b'_' if matches!(next, Some(b'\r' | b'\n')) => 1,
            byte if is_core(*byte) => {
                return (lines + escaped_lines > 0 || quotes > 1).then_some(at);
            }
            _ => return None,
        };
    }
}

/// The run with the parts that follow it, until it has at least so many bytes of base 64, or ends.
pub(super) fn join(text: &[u8], mut run: Run, wanted: usize) -> Run {
    while run.word.len() < wanted {
        let Some(next) = end_of_joint(text, run.end) else { break };
        let part = read_run(text, next);
        run.word.extend(part.word);
        run.end = part.end;
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_joined_where_they_belong_together() {
        for (docs, text, is_joined) in [
            ("a sign", "'abc' + 'def'", true),
            ("a sign at the end of a line", "\"abc\" +\n    \"def\"", true),
            ("no sign", "\"abc\"\n  \"def\"", true),
            ("PHP", "'abc' . 'def'", true),
            ("Visual Basic", "\"abc\" & _\n \"def\"", true),
            ("Elixir", "\"abc\" <> \"def\"", true),
            ("a shell", "abc\\\ndef", true),
            ("a shell of Windows", "abc^\r\ndef", true),
            ("PowerShell", "'abc' + `\r\n  'def'", true),
            ("YAML", "abc\n  def\n", true),
            ("a notebook", "\\\"abc\\\" \\\\\\n\",\n    \"    \\\"def\\\"\\n\"", true),
            ("quoted-printable", "abc=\r\ndef", true),
            ("words", "abc def", false),
            ("a list", "\"abc\", \"def\"", false),
            ("a name", "abc_def", false),
            ("settings", "abc\nx = def", false),
            ("far away", &format!("abc\n{}def", " ".repeat(200)), false),
        ] {
            let start = text.find("abc").unwrap();
            let run = join(text.as_bytes(), read_run(text.as_bytes(), start), 6);
            assert_eq!(run.word == b"abcdef", is_joined, "{docs}: {run:?}");
        }
    }
}
