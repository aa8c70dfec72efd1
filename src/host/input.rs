//! What another program hands over on stdin.

use std::io::{self, IsTerminal};

use zeroize::Zeroizing;

use crate::state::files;

/// All of stdin, `most` bytes as in [`files::read`]; `None` where stdin is the terminal: what is typed there would be
/// seen.
pub(crate) fn read_stdin(most: u64) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let stdin = io::stdin().lock();
    if stdin.is_terminal() {
        return Ok(None);
    }
    Ok(Some(Zeroizing::new(files::read_whole(stdin, most, most)?)))
}
