//! What signs a browser in goes into a clipboard, and out of it again.

use std::cell::RefCell;
use std::time::Duration;

use super::App;
use super::browser_page::refuse_unattended;
use super::console::SignIn;
use super::console_open::INSTEAD;
use super::login::clipboard;
use crate::host::Clipboard;
use crate::ports::{Ends, Unanswered};
use crate::report::Failure;
use crate::report::failure::Kind;

/// How long a person has to paste it.
const LIMIT: Duration = Duration::from_secs(60);

/// The clipboard of the person; an error where nobody may be asked to use it, or there is none.
pub(crate) fn find_clipboard(app: &App) -> Result<Clipboard, Failure> {
    refuse_unattended(app, "what --copy copies is for a person", INSTEAD)?;
    clipboard(app).ok_or_else(|| {
        Failure::say(
            "there is no clipboard: neither a desktop with a program for it, nor a terminal"
                .to_owned(),
            Kind::InputNeeded.with(INSTEAD),
        )
    })
}

/// Copies the address, waits until it is probably pasted, and clears the clipboard, whatever ends the wait.
pub(crate) fn copy(app: &App, clipboard: &Clipboard, signed_in: &SignIn) -> Result<(), Failure> {
    let address = signed_in.form.address();
    let (copied, cleared) = (RefCell::new(Ok(())), RefCell::new(Ok(())));
    let first = || {
        let outcome = clipboard.copy(&address);
        if outcome.is_ok() {
            app.out().notice(&format!(
                "{} has the address of {} for a minute; Ctrl-C clears it now",
                clipboard.whose(),
                app.describe_sign_in(signed_in)
            ));
        }
        let is_there = outcome.is_ok();
        *copied.borrow_mut() = outcome;
        is_there
    };
    let last = || *cleared.borrow_mut() = clipboard.clear(&address);
    let ends = Ends { first: &first, last: &last };
    let waited = match app.person().terminal() {
        Ok(terminal) => terminal.pause_between(&ends, LIMIT, &*app.clock),
        Err(_) => {
            ends.sleep_between(LIMIT, &*app.clock);
            Ok(())
        }
    };
    copied.into_inner().map_err(|cause: String| {
        Failure::say(format!("the address is not copied: {cause}"), Kind::Unexpected.with(INSTEAD))
    })?;
    if let Err(cause) = cleared.into_inner() {
        app.out().warning(&format!("{} is not cleared: {cause}", clipboard.whose()));
    }
    match waited {
        Err(Unanswered::Terminal(error)) => Err(Failure::io("the terminal is gone", &error)),
        // It is what the person was told to do.
        Ok(()) | Err(Unanswered::Cancelled) => Ok(()),
    }
}
