//! The completions, one file for each shell.

use std::io;
use std::path::Path;

use clap_complete::{Shell, generate_to};
use clap_complete_nushell::Nushell;

use super::tree::visible_tree;

pub(crate) fn write(folder: &Path) -> io::Result<()> {
    let mut tree = visible_tree();
    for shell in [Shell::Bash, Shell::Elvish, Shell::Fish, Shell::PowerShell, Shell::Zsh] {
        generate_to(shell, &mut tree, "awsx", folder)?;
    }
    generate_to(Nushell, &mut tree, "awsx", folder)?;
    Ok(())
}
