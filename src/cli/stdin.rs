//! What another program hands over on stdin.

use std::io::ErrorKind;

use zeroize::Zeroizing;

use crate::host;
use crate::report::Failure;

/// All of stdin, of which `most` bytes may come; `None` where stdin is the terminal.
pub(super) fn read_stdin(most: u64) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
    host::read_stdin(most).map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge => {
            Failure::usage(format!("stdin: {error}"), "give it only what the command reads")
        }
        _ => Failure::io("stdin could not be read", &error),
    })
}

/// The secret that `flag` reads from stdin: empty where it is no text, so that whoever needs it says what it should be.
pub(super) fn read_secret(most: u64, flag: &str) -> Result<Zeroizing<String>, Failure> {
    let text = read_stdin(most)?.ok_or_else(|| {
        let message = format!("{flag}: stdin is the terminal, where a secret would be seen");
        Failure::usage(message, &format!("leave {flag} out to be asked"))
    })?;
    Ok(Zeroizing::new(std::str::from_utf8(&text).unwrap_or_default().to_owned()))
}
