//! How a command's page is laid out: what it does, how it is used, examples, then its arguments and flags.

/// The template of a page: more about the command, then examples. Where no region counts, its first word
/// is `no_region`.
macro_rules! page {
    (no_region $more:literal; $($example:literal)*) => {
        page!(@ "--no-input -v -q --color WHEN" $more; $($example)*)
    };
    (@ $flags:literal $more:literal; $($example:literal)*) => {
        concat!(
            "{about}\n", $more, "\n{usage-heading} {usage}\n",
            "\nExamples:\n", $("  ", $example, "\n",)*
            "\n{all-args}\n\nEverywhere: ", $flags, " (`awsx --help`)"
        )
    };
    ($more:literal; $($example:literal)*) => {
        page!(@ "--region REGION --no-input -v -q --color WHEN" $more; $($example)*)
    };
}

pub(super) use page;

/// A shell of Unix takes a profile itself; one of Windows is opened.
#[cfg(not(windows))]
macro_rules! a_shell {
    () => {
        "eval \"$(awsx env dev)\"              this shell, as dev"
    };
}

#[cfg(windows)]
macro_rules! a_shell {
    () => {
        "awsx exec dev                       a shell, as dev"
    };
}

/// A command of Unix.
#[cfg(unix)]
macro_rules! serve {
    () => {
        "\n  serve               Serve credentials to programs that awsx did not start\n  docker-env          Print what lets a container ask the server for credentials\n  ssh                 Lend credentials to programs on another machine, over ssh\n  each                Run a command with the credentials of many profiles"
    };
}

#[cfg(not(unix))]
macro_rules! serve {
    () => {
        ""
    };
}

/// The page of awsx itself.
pub(super) const TOP: &str = concat!(
    "\
{about}

Usage: awsx COMMAND

  awsx exec prod -- terraform plan    one command, as prod
  ",
    a_shell!(),
    "
  awsx config                         a first profile, step by step

Use
  exec                Run a command with a profile's credentials
  env                 Print a profile's credentials for a shell to evaluate
  use                 Take a profile's credentials into the running shell
  init                Print what a shell reads at its start: `awsx use`, TAB
  prompt              Print whose credentials the shell has, for its prompt
  console             Sign a browser in to AWS's console
  credential-process  Print a profile's credentials as the AWS SDKs expect them",
    serve!(),
    "
  whoami              Show whose credentials they are (GetCallerIdentity)
  sts                 The operations of STS by name, as the AWS CLI has them
  token               Tokens made from credentials: EKS, RDS, ECR, CodeCommit
  ci                  What a CI job needs besides credentials
  docker-credential   Give docker the passwords of registries of ECR

See
  profiles            List the profiles, with account, role and region
  explain             Show where credentials come from, and what is asked for
  sessions            The sessions that are kept
  scan                Find keys of AWS in files, in what is staged, in a history
  audit               List what was handed over, and to whom
  doctor              Look for what stands in awsx's way, and say what to run
  approve             Let through what an agent may not do by itself
  agents              Let the clients of agents know awsx
  mcp                 Answer agents about profiles, over MCP, without secrets
  trust               Let the .awsx.toml of this directory choose the profile

Log in
  login               Log in, and see which logins there are
  logout              End a login, and forget all that came from it
  sso                 Your accounts and roles, and a profile for each
  config              Read and change the AWS files, step by step or one setting
  migrate             Find what other tools left, and take it over

Vault
  keys                Access keys of IAM users, kept in the vault
  mfa                 MFA devices whose secret is kept, and their codes
  vault               Look after the vault: what it holds, where its key rests
  lock                Forget the key of the vault, where awsx keeps it at hand
  unlock              Open the vault now, so that later commands need not ask
  renew               Log in, or give the code, for a command that waits for it

Flags of every command
      --region REGION  The region to use and to hand over
      --no-input       Never ask, never open a browser: exit code 4 instead
  -v, --verbose        Say what is done; twice for more
  -q, --quiet          Errors only: no warnings, no notices
      --color WHEN     When to colour: auto, always or never
  -h, --help           What a command does, and its flags
  -V, --version        The version; with -v what build it is

Topics: awsx help chain, vault, sso, agents, ci
"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_command_and_flag() {
        let tree = super::super::command_tree();
        assert!(TOP.lines().all(|line| line.len() <= 80), "{TOP}");
        for command in tree.get_subcommands().filter(|c| c.get_name() != "help") {
            let about = command.get_about().unwrap_or_else(|| panic!("{command}"));
            let line = format!("\n  {:<20}{about}\n", command.get_name());
            assert!(TOP.contains(&line), "{line}");
        }
        for flag in tree.get_arguments() {
            let long = format!("--{}", flag.get_long().expect("a flag"));
            let about = flag.get_help().unwrap_or_else(|| panic!("{long}")).to_string();
            assert!(
                TOP.lines().any(|l| l.contains(&long) && l.ends_with(&about)),
                "{long} {about}"
            );
        }
        let topics: Vec<&str> = super::super::help::topics().map(|(name, _)| name).collect();
        assert!(
            TOP.ends_with(&format!("\nTopics: awsx help {}\n", topics.join(", "))),
            "{topics:?}"
        );
    }
    #[test]
    fn every_command_has_a_page_of_its_own() {
        fn check(command: &clap::Command) {
            let below = command.get_subcommands().filter(|c| c.get_name() != "help");
            let page = command.clone().render_help().to_string();
            let has_examples = page.contains("\nExamples:\n");
            assert!(has_examples != command.is_subcommand_required_set(), "{page}");
            assert!(page.lines().all(|line| line.chars().count() <= 100), "{page}");
            assert!(page.lines().count() <= 70, "{page}");
            let own = page.split(":\n").take(2).collect::<Vec<_>>().join(":\n");
            // clap breaks its own line about `help`, which is as long as the longest name beside it makes it.
            let mut own_lines = own.lines().filter(|line| !line.contains("Print this message"));
            assert!(own_lines.all(|line| line.chars().count() <= 80), "{own}");
            let long = command.clone().try_get_matches_from(["awsx", "--help"]).unwrap_err();
            assert_eq!(long.to_string(), page, "-h and --help");
            below.for_each(check);
        }
        let mut tree = super::super::command_tree();
        tree.build();
        tree.get_subcommands().filter(|c| c.get_name() != "help").for_each(check);
    }
}
