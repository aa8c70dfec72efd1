//! The person at the terminal, which is opened on the first question.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use crate::agent::Agent;
use crate::env::Env;
use crate::host;
use crate::host::terminal::Abilities;
use crate::ports::{Nobody, Person, Terminal};
use crate::report::Out;

/// The person who runs this command.
pub(super) struct Runner {
    /// Why nobody may be asked, whether there is a terminal or not
    refusal: Cell<Option<Nobody>>,
    /// Whether there is a desktop that a dialog would be seen on
    has_desktop: bool,
    abilities: Abilities,
    out: Rc<Out>,
    terminal: OnceCell<Result<Box<dyn Terminal>, Nobody>>,
}

impl Runner {
    pub(super) fn new(no_input: bool, env: &Env, out: Rc<Out>) -> Self {
        let refusal = match (no_input, env.flag("AWSX_NO_INPUT")) {
            (true, _) => Some(Nobody("--no-input was given")),
            (false, true) => Some(Nobody("AWSX_NO_INPUT is set")),
            // Its terminal is no person's.
            (false, false) => Agent::of(env).map(|agent| Nobody(agent.reason)),
        };
        let is_seen = |display| env.get(display).is_some();
        let has_desktop =
            !cfg!(target_os = "linux") || ["DISPLAY", "WAYLAND_DISPLAY"].into_iter().any(is_seen);
        let moves_cursor = env.get("TERM") != Some("dumb");
        let abilities = Abilities { moves_cursor, palette: out.palette_of_terminals() };
        let refusal = Cell::new(refusal);
        Self { refusal, has_desktop, abilities, out, terminal: OnceCell::new() }
    }
}

impl Runner {
    /// Whether nobody may be asked, whether there is a terminal or not.
    pub(super) fn is_left_alone(&self) -> bool {
        self.refusal.get().is_some()
    }

    /// From now on nobody is asked: the terminal is somebody else's.
    pub(super) fn leave_alone(&self) {
        self.refusal.set(Some(Nobody("the command has the terminal")));
    }
}

impl Person for Runner {
    fn terminal(&self) -> Result<&dyn Terminal, Nobody> {
        if let Some(nobody) = self.refusal.get() {
            return Err(nobody);
        }
        match self.terminal.get_or_init(|| host::terminal::open(self.abilities)) {
            Ok(terminal) => Ok(&**terminal),
            Err(nobody) => Err(*nobody),
        }
    }

    fn allows_dialogs(&self) -> bool {
        !self.is_left_alone() && self.has_desktop
    }

    fn tell(&self, message: &str) {
        self.out.notice(message);
    }

    fn instruct(&self, message: &str) {
        self.out.instruction(message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Globals;

    #[test]
    fn nobody_is_asked_when_told_so() {
        for (no_input, variable, reason) in [
            (true, "AWSX", "--no-input was given"),
            (false, "AWSX_NO_INPUT", "AWSX_NO_INPUT is set"),
            (false, "CLAUDECODE", "an agent runs awsx (CLAUDECODE)"),
        ] {
            let env = Env::from_pairs([(variable, "1")]);
            let out = Rc::new(Out::new(&Globals::default(), &env));
            let person: &dyn Person = &Runner::new(no_input, &env, out);
            assert!(!person.allows_dialogs());
            let error = person.ask(|terminal| terminal.passphrase("p")).expect_err(reason);
            assert_eq!(error.to_string(), format!("nobody can be asked: {reason}"));
        }
    }
}
