//! What keeps credentials from being handed over.

use super::{Advice, Advise, Kind};
use crate::deliver::ExecError;
use crate::deliver::format::FormatError;

impl Advise for ExecError {
    fn advice(&self) -> Advice {
        match self {
            Self::NotFound { program } => {
                let is_line = program.to_string_lossy().contains([' ', '|', '&', ';', '<', '>']);
                Kind::NotFound.with(match is_line {
                    true => "it is one word here; a line for a shell: -- sh -c '…'",
                    false => "check its spelling and PATH",
                })
            }
            Self::CannotExecute { .. } => {
                Kind::CannotExecute.with("check the file's permissions and its first line")
            }
            Self::Nul { .. } => Kind::CannotExecute.with("correct the value"),
        }
    }
}

impl Advise for FormatError {
    fn advice(&self) -> Advice {
        match self {
            Self::CannotCarry { .. } => Kind::Unexpected.with("use another --format, such as json"),
            Self::CannotUnset { .. } => {
                Kind::Usage.with("use the format of a shell: sh, fish, powershell, cmd, nushell")
            }
            Self::Write(_) => Kind::Unexpected.without_hint(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_in_place_of_a_command_is_seen() {
        for (program, expected) in [("terrafrom", "spelling"), ("ls | wc -l", "-- sh -c '…'")] {
            let hint = ExecError::NotFound { program: program.into() }.advice().hint.unwrap();
            assert!(hint.contains(expected), "{program}: {hint}");
        }
    }
}
