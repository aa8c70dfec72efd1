//! Which values an argument of the command tree takes.

use std::ffi::OsStr;

use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

/// Values that awsx knows, or the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Values {
    Profiles,
    /// Profiles, and tags of awsx's own settings
    Patterns,
    /// `[sso-session]`s
    Sessions,
    /// Either: a profile stands for its login
    Logins,
    /// Of an organization, by name or id
    Accounts,
    AccountIds,
    Roles,
    Regions,
    /// `--scope`, which may be a file too
    Scopes,
    Formats,
    /// Access keys in the vault, by the names that stand in the clear
    Keys,
    /// `[services]`
    Services,
    /// Settings of a profile
    Settings,
    /// Services of AWS's console
    ConsoleServices,
    Files,
}

use Values::{
    AccountIds, Accounts, ConsoleServices, Files, Formats, Keys, Logins, Patterns, Profiles,
    Regions, Roles, Scopes, Services, Sessions, Settings,
};

/// By what the help calls the value.
const BY_NAME: [(&str, Values); 20] = [
    ("PROFILE", Profiles),
    ("PROFILE|COMMAND", Profiles),
    ("PROFILE|ARN", Profiles),
    ("PATTERN", Patterns),
    ("SESSION", Logins),
    ("NAME|ID", Accounts),
    ("GLOB", Accounts),
    ("ACCOUNT|ARN", AccountIds),
    ("ROLE", Roles),
    ("REGION", Regions),
    ("R,R", Regions),
    ("SCOPE", Scopes),
    ("F", Formats),
    ("DIR", Files),
    ("FILE", Files),
    ("FILE|-", Files),
    ("FILE|JSON", Files),
    ("TEXT|FILE|-", Files),
    ("PATH", Files),
    ("SECTION", Profiles),
];

/// By command and argument, where its name says too little, or something else.
const BY_PLACE: [(&str, &str, Option<Values>); 26] = [
    ("console", "path", None),
    ("console", "service", Some(ConsoleServices)),
    ("config get", "name", Some(Settings)),
    ("config set", "name", Some(Settings)),
    ("config unset", "name", Some(Settings)),
    ("login", "name", Some(Logins)),
    ("config get", "sso_session", Some(Sessions)),
    ("config get", "services", Some(Services)),
    ("config set", "sso_session", Some(Sessions)),
    ("config set", "services", Some(Services)),
    ("config unset", "sso_session", Some(Sessions)),
    ("config unset", "services", Some(Services)),
    ("config list", "sso_session", Some(Sessions)),
    ("config list", "services", Some(Services)),
    ("config profile copy", "name", Some(Profiles)),
    ("config profile rename", "name", Some(Profiles)),
    ("config profile remove", "name", Some(Profiles)),
    ("config session rename", "name", Some(Sessions)),
    ("config session remove", "name", Some(Sessions)),
    ("config sso", "session", Some(Sessions)),
    ("config sso", "role", Some(Roles)),
    ("exec", "allowed_account", Some(AccountIds)),
    ("env", "allowed_account", Some(AccountIds)),
    ("keys add", "name", Some(Profiles)),
    ("keys remove", "name", Some(Keys)),
    ("keys rotate", "name", Some(Keys)),
];

impl Values {
    const ALL: [Self; 15] = [
        Profiles,
        Patterns,
        Sessions,
        Logins,
        Accounts,
        AccountIds,
        Roles,
        Regions,
        Scopes,
        Formats,
        Keys,
        Services,
        Settings,
        ConsoleServices,
        Files,
    ];

    /// What stands for them until they are looked up: only what is asked for is.
    fn mark(self) -> CompletionCandidate {
        CompletionCandidate::new("").tag(Some(self.tag().into()))
    }

    /// Those that a candidate stands for.
    pub(super) fn of(candidate: &CompletionCandidate) -> Option<Self> {
        let tag = candidate.get_tag()?.to_string();
        Self::ALL.into_iter().find(|values| values.tag() == tag)
    }

    /// Whether the shell offers files too.
    pub(super) fn may_be_files(self) -> bool {
        matches!(self, Files | Scopes)
    }

    fn tag(self) -> String {
        format!("values::{self:?}")
    }

    /// Those of an argument. A few that the tree lists are left to it.
    fn of_argument(command: &str, argument: &Arg) -> Option<Self> {
        if !argument.get_possible_values().is_empty() {
            return None;
        }
        let is_here =
            |row: &&(&str, &str, Option<Self>)| row.0 == command && argument.get_id() == row.1;
        if let Some((_, _, values)) = BY_PLACE.iter().find(is_here) {
            return *values;
        }
        let [name] = argument.get_value_names()? else { return None };
        BY_NAME.iter().find(|row| row.0 == name.as_str()).map(|row| row.1)
    }
}

/// The tree, where each argument knows its values, and no page is short of the flags of all commands. `path`: of the command, without `awsx`.
pub(super) fn with_values(command: Command, path: &str) -> Command {
    let command = command.mut_args(|argument| {
        let is_global = argument.is_global_set();
        let argument = if is_global { argument.hide(false) } else { argument };
        match Values::of_argument(path, &argument) {
            Some(values) => {
                argument.add(ArgValueCompleter::new(move |_: &OsStr| vec![values.mark()]))
            }
            None => argument,
        }
    });
    command.mut_subcommands(|below| {
        let path = format!("{path} {}", below.get_name());
        with_values(below, path.trim_start())
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::command::Cli;

    /// What somebody makes up, or what only they know.
    const UNKNOWN: &str = "CLIENT ARN ARN|NAME BACKEND CODE COMMAND CONTEXT D HOST ID IP K K=V KEYID KEY=VALUE N NAME NEW \
                           OPERATION PLACE REQUEST REV RS256|ES384 S SCOPES SHELL SSH-ARGUMENT SYSTEM TEMPLATE TEXT \
                           TOOL URL USERNAME VALUE WHAT WHEN WHERE WORD";

    fn walk(command: &Command, path: &str, see: &mut impl FnMut(&str, &Arg)) {
        command.get_arguments().for_each(|argument| see(path, argument));
        for below in command.get_subcommands() {
            walk(below, format!("{path} {}", below.get_name()).trim_start(), see);
        }
    }

    /// Whoever adds an argument says what it takes.
    #[test]
    fn each_argument_is_in_a_table_and_each_row_has_one() {
        let mut tree = Cli::command();
        tree.build();
        let (mut names, mut places) = (Vec::new(), Vec::new());
        walk(&tree, "", &mut |path, argument| {
            places.push((path.to_owned(), argument.get_id().to_string()));
            let takes_values = argument.get_num_args().is_some_and(|count| count.takes_values());
            for name in argument.get_value_names().filter(|_| takes_values).into_iter().flatten() {
                let is_here = BY_NAME.iter().any(|row| row.0 == name.as_str());
                let is_unknown = UNKNOWN.split_whitespace().any(|unknown| unknown == name);
                let is_help = argument.get_id() == "subcommand";
                assert!(is_here != is_unknown || is_help, "{path}: {name}");
                names.push(name.to_string());
            }
        });
        for (name, _) in BY_NAME {
            assert!(cfg!(windows) || names.iter().any(|one| one == name), "{name}");
        }
        for (path, id, _) in BY_PLACE {
            assert!(places.contains(&(path.to_owned(), id.to_owned())), "{path} {id}");
        }
    }
}
