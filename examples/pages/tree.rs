//! The command tree as people see it.

use awsx::for_tests::command_tree;
use clap::Command;

/// The tree without the commands that are hidden, which are other names. The flags of every command are
/// shown: the program's own pages have them in another place.
pub(crate) fn visible_tree() -> Command {
    let mut tree = visible(&command_tree());
    tree.build();
    tree
}

/// A command cannot lose what is below it, so another one is made.
fn visible(command: &Command) -> Command {
    let below = command.get_subcommands().filter(|below| !below.is_hide_set()).map(visible);
    let about = command.get_about().cloned().unwrap_or_default();
    // A name lives as long as the program, where it is not built in.
    let mut visible = Command::new(&*command.get_name().to_owned().leak())
        .version(env!("CARGO_PKG_VERSION"))
        .disable_version_flag(command.get_version().is_none())
        .disable_help_subcommand(true)
        .about(about)
        .subcommands(below);
    for argument in command.get_arguments() {
        visible = visible.arg(argument.clone().hide(false));
    }
    visible
}
