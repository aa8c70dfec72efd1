//! What another program hands over on stdin.

use std::io::{self, IsTerminal, Read};

use zeroize::Zeroizing;

/// All of stdin, `limit` bytes of it at most; `None` where stdin is the terminal: what is typed there would be
/// seen.
pub(crate) fn read_stdin(limit: u64) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let stdin = io::stdin().lock();
    if stdin.is_terminal() {
        return Ok(None);
    }
    // Room for all of it at once: a buffer that grows leaves copies behind.
    let room = usize::try_from(limit).unwrap_or_default();
    let mut text = Zeroizing::new(Vec::with_capacity(room));
    stdin.take(limit).read_to_end(&mut text)?;
    Ok(Some(text))
}
