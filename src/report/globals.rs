//! The flags that every command has: how it speaks, and whether it may ask.

use clap::{ArgAction, Args, ValueEnum};

use crate::profile::{has_form_of_region, similar_region};

/// Flags that every command has.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Globals {
    /// The region to use and to hand over
    #[arg(long, global = true, value_name = "REGION", hide = true, value_parser = read_region)]
    pub region: Option<String>,
    /// Never ask, never open a browser: exit code 4 instead
    #[arg(long, global = true, hide = true)]
    pub no_input: bool,
    /// Say what is done; twice for more
    #[arg(short, long, global = true, action = ArgAction::Count, hide = true)]
    pub verbose: u8,
    /// Errors only: no warnings, no notices
    #[arg(short, long, global = true, conflicts_with = "verbose", hide = true)]
    pub quiet: bool,
    /// When to colour: auto, always or never
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide = true)]
    pub color: Color,
}

impl Globals {
    /// Those that a value follows.
    pub(crate) const WITH_VALUES: [&str; 2] = ["--region", "--color"];
}

/// `--color`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Refuses a slip of the pen. Anything else is taken: what stands in for AWS has regions such as `local`.
fn read_region(text: &str) -> Result<String, String> {
    match similar_region(text).filter(|_| !has_form_of_region(text)) {
        Some(similar) => Err(format!("not a region: did you mean {similar}?")),
        None => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_with_values_are_those() {
        let tree = Globals::augment_args(clap::Command::new("awsx"));
        let with_values = tree.get_arguments().filter(|flag| flag.get_action().takes_values());
        let names: Vec<_> =
            with_values.filter_map(|flag| Some(format!("--{}", flag.get_long()?))).collect();
        assert_eq!(names, Globals::WITH_VALUES);
    }
}
