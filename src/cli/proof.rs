//! What proves who asks, a token or an assertion: in a file, on stdin, or on the command line itself.

use std::path::Path;

use zeroize::Zeroizing;

use super::stdin::read_stdin;
use crate::env::Env;
use crate::report::Failure;
use crate::state::files;

/// Bytes of a file, at most.
const LARGEST: u64 = 256 * 1024;

/// The value of a flag that names a proof.
pub(super) struct Proof<'a> {
    pub env: &'a Env,
    /// `saml-assertion`
    pub flag: &'a str,
    pub warn: &'a dyn Fn(&str),
    /// Of what is shown of the value, and what is wrong with it
    pub refuse: &'a dyn Fn(&str, &str) -> Failure,
}

impl Proof<'_> {
    /// The proof itself. It is a secret.
    pub(super) fn read(&self, given: &str) -> Result<Zeroizing<String>, Failure> {
        let Self { env, flag, warn, refuse } = self;
        let of = |bytes: &[u8], from: &str| match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Zeroizing::new(text.to_owned())),
            Err(_) => Err(refuse(from, "it is no text")),
        };
        if given == "-" {
            let read = read_stdin(LARGEST)?.ok_or_else(|| {
                let problem = format!("--{flag} -: stdin is the terminal, where it would be seen");
                Failure::usage(problem, &format!("give a file: --{flag} FILE"))
            })?;
            return of(&read, given);
        }
        let path = given.strip_prefix("file://").map(Path::new);
        let path = path.or_else(|| Some(Path::new(given)).filter(|path| path.exists()));
        let Some(path) = path else {
            warn(&format!(
                "--{flag}: every program of this machine sees what stands on a command line; give a \
                 file, or - for stdin"
            ));
            return Ok(Zeroizing::new(given.to_owned()));
        };
        let read = files::read(&env.expand_home(path), LARGEST);
        let shown = path.display().to_string();
        let read = read.map_err(|error| refuse(&shown, &format!("it cannot be read: {error}")));
        of(&Zeroizing::new(read?), &shown)
    }
}
