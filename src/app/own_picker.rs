//! A list that a program of the person's shows: `picker` in awsx's own settings.

use crate::deliver;
use crate::env::Env;
use crate::host::own_picker::{Picked, as_line, pick_with};
use crate::ports::{List, PromptError, Unanswered};
use crate::report::Failure;
use crate::report::failure::Kind;
use crate::text::{name, with_causes};

/// The line that the program gives back, by its index. It gets no credentials of this environment.
pub(super) fn pick_with_own_program(
    program: &str,
    list: &List<'_>,
    env: &Env,
) -> Result<usize, Failure> {
    let lines: Vec<String> = list.lines.iter().map(|line| as_line(line)).collect();
    // What is chosen comes first: such programs begin there.
    let chosen = lines.get(list.chosen).into_iter();
    let others = lines.iter().enumerate().filter(|(at, _)| *at != list.chosen);
    let given: Vec<String> = chosen.chain(others.map(|(_, line)| line)).cloned().collect();
    let withheld = deliver::withhold_credentials(env);
    let env = env.without(withheld.iter().map(|(name, _)| name));
    match pick_with(program, &given, &env) {
        Ok(Picked::Line(line)) => match find(&lines, &line) {
            Some(at) => Ok(at),
            None => {
                let message =
                    format!("what `{program}` printed is none of the lines that it was given");
                let hint = format!("it must print one of them, or its first field; {HINT}");
                Err(Failure::say(message, Kind::Config.with(&hint)))
            }
        },
        Ok(Picked::Nothing) => Err(PromptError::Unanswered(Unanswered::Cancelled).into()),
        Ok(Picked::NotFound) => Err(cannot_run(program, "the shell does not find it")),
        Err(error) => Err(cannot_run(program, &with_causes(&error))),
    }
}

const HINT: &str = "`picker` in awsx's own settings says what picks: `awsx config edit settings`";

fn cannot_run(program: &str, why: &str) -> Failure {
    Failure::say(format!("`{program}` cannot be run: {why}"), Kind::Config.with(HINT))
}

/// The line that is answered, as a whole or by its first field, where only one has it.
fn find(lines: &[String], answer: &str) -> Option<usize> {
    let answer = answer.trim_end();
    if let Some(at) = lines.iter().position(|line| line.trim_end() == answer) {
        return Some(at);
    }
    let mut found = lines.iter().enumerate().filter(|(_, line)| name(line) == answer);
    match (found.next(), found.next()) {
        (Some((at, _)), None) => Some(at),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_by_what_is_printed() {
        let lines = ["prod  1111  A", "prod-eu  2222  B", "a  1", "a  2", "two words  3"];
        let lines = lines.map(str::to_owned);
        for (answer, expected) in [
            ("prod-eu  2222  B", Some(1)),
            ("prod-eu  2222  B  ", Some(1)),
            ("prod", Some(0)),
            ("two words", Some(4)),
            ("a", None),
            ("a  2", Some(3)),
            ("a  3", None),
            ("prod  1111  A\nprod-eu  2222  B", None),
            ("pro", None),
        ] {
            assert_eq!(find(&lines, answer), expected, "{answer}");
        }
    }
}
