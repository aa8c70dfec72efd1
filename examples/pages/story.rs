//! The stories of `tests/cli/journeys`, which the tests act out at a terminal: what is typed, and what is seen.

/// A line of a story; `#` begins what is told.
pub(crate) struct Line<'t> {
    pub(crate) mark: Mark,
    pub(crate) text: &'t str,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Mark {
    /// `given …`: what is there before
    Given,
    /// `$ …`: typed at the shell
    Command,
    /// `< …`: typed as an answer; `{code}` is what the MFA device shows, `{assertion}` what the identity
    /// provider gave
    Answer,
    /// `> …`: seen next, with anything before it
    Seen,
    /// `^`: Ctrl-C is pressed
    Interrupt,
    /// `@ allow`: the person allows what the browser's page asks; `@ confirm`: the code that is shown
    Browser,
}

pub(crate) fn lines(story: &str) -> impl Iterator<Item = Line<'_>> {
    story.lines().filter_map(|line| {
        let (mark, text) = line.split_once(' ').unwrap_or((line, ""));
        let mark = match mark {
            "given" => Mark::Given,
            "$" => Mark::Command,
            "<" => Mark::Answer,
            ">" => Mark::Seen,
            "^" => Mark::Interrupt,
            "@" => Mark::Browser,
            "#" | "" => return None,
            _ => panic!("{line:?} is no line of a story"),
        };
        Some(Line { mark, text })
    })
}

/// What a terminal shows of it, as far as the story says: one screen for each command, which is its first line,
/// behind `$ `. What is typed as an answer stands behind the question, unless it is a secret.
pub(crate) fn screens(story: &str) -> Vec<Vec<String>> {
    let mut screens: Vec<Vec<String>> = Vec::new();
    for Line { mark, text } in lines(story) {
        if mark == Mark::Command {
            screens.push(vec![format!("$ {text}")]);
            continue;
        }
        let Some(screen) = screens.last_mut() else { continue };
        match mark {
            Mark::Seen => screen.push(text.to_owned()),
            Mark::Interrupt => screen.push("^C".to_owned()),
            Mark::Answer => {
                let question = screen.last_mut().expect("a screen begins with its command");
                let is_secret = ["assphrase", "not shown", "The same again"];
                if !text.is_empty() && !is_secret.iter().any(|word| question.contains(word)) {
                    question.push(' ');
                    question.push_str(&text.replace("{code}", "214365"));
                }
            }
            Mark::Given | Mark::Command | Mark::Browser => {}
        }
    }
    screens
}
