//! A secret that another program hands over on stdin.

use zeroize::Zeroizing;

use crate::host;
use crate::report::Failure;

/// What `flag` reads from stdin: empty where it is longer than `longest` bytes, or no text, so that whoever needs it says
/// what it should be.
pub(super) fn read_secret(longest: u64, flag: &str) -> Result<Zeroizing<String>, Failure> {
    let read = host::read_stdin(longest + 1);
    let text = read.map_err(|error| Failure::io("stdin could not be read", &error))?;
    let text = text.ok_or_else(|| {
        let message = format!("{flag}: stdin is the terminal, where a secret would be seen");
        Failure::usage(message, &format!("leave {flag} out to be asked"))
    })?;
    let text = match text.len() as u64 > longest {
        true => "",
        false => std::str::from_utf8(&text).unwrap_or_default(),
    };
    Ok(Zeroizing::new(text.to_owned()))
}
