//! granted's `assume`. Its script changes the variables of the shell that calls it, which no program can: `awsx use`
//! is the way for that.
//! <https://docs.commonfate.io/granted/usage/assuming-roles>

use std::ffi::{OsStr, OsString};

use super::parts::{Becomes, Flag, Form, Line, Peer, Refusal, Style, Translated, text};
use crate::text::word;

use Becomes::{Nothing, Refused, Rule, Same};

pub(super) const PEER: Peer = Peer {
    name: "assume",
    version: "0.38",
    source: "https://docs.commonfate.io/granted/usage/assuming-roles",
    style: Style {
        joins_letters: false,
        has_one_dash: true,
        abbreviates: false,
        stops_at_word: false,
    },
    globals: &[],
    forms: &[Form {
        names: &[],
        words: "[PROFILE] [--exec -- CMD…]",
        flags: FLAGS,
        becomes: "`awsx exec`, `awsx console` or `awsx sessions write`; with none of these flags refused, as `awsx use` does that",
        build: assume,
    }],
    variables: VARIABLES,
};

const SSO: &str = "awsx names a login by its [sso-session]";
const SSO_HINT: &str = "`awsx exec --sso SESSION --account ID --role NAME -- CMD`; `awsx config sso` makes the session";
const REQUESTS: &str = "awsx sends no requests for access";
const NO_REQUESTS: &str = "`awsx exec PROFILE` takes what you may already";

const FLAGS: &[Flag] = &[
    Flag::value(&["--exec"], Rule("`awsx exec`; a value is split at blanks, as there")),
    Flag::switch(&["--console", "-c"], Rule("`awsx console`")),
    Flag::switch(&["--url", "-u"], Rule("`awsx console --print`")),
    Flag::value(&["--service", "-s"], Rule("`awsx console --service`")),
    Flag::value(&["--console-destination", "-cd"], Rule("`awsx console --url`")),
    Flag::switch(
        &["--active-role", "-ar"],
        Rule("the console of `AWS_PROFILE`, or of the shell's credentials"),
    ),
    Flag::switch(&["--export", "-ex"], Rule("`awsx sessions write`")),
    Flag::value(&["--region", "-r"], Rule("`--region`; `ue1` is us-east-1")),
    Flag::value(&["--duration", "-d"], Same("--duration")),
    Flag::value(&["--chain"], Same("--role-arn")),
    Flag::value(&["--mfa-token"], Same("--mfa-code")),
    Flag::switch(&["--no-cache"], Rule("`--refresh`")),
    Flag::value(&["--reason"], Same("--reason")),
    Flag::switch(&["--verbose"], Same("-v")),
    Flag::switch(&["--export-all-env-vars", "-x"], Nothing("`awsx exec` hands all of them over")),
    Flag::switch(&["--skip-profile-registry-sync"], Nothing("awsx has no registry")),
    Flag::switch(
        &["--terminal", "-t"],
        Refused(
            "the shell that calls it cannot be changed by a program",
            "`awsx use PROFILE` changes it",
        ),
    ),
    Flag::switch(
        &["--env", "-e"],
        Refused(
            "awsx writes no credentials into the working directory unasked",
            "`awsx env PROFILE --format dotenv` prints them",
        ),
    ),
    Flag::switch(
        &["--export-sso-token", "-es"],
        Refused(
            "only a login is shared with the AWS CLI",
            "`awsx login sso --share --profile PROFILE` logs in, for the AWS CLI too",
        ),
    ),
    Flag::switch(
        &["--unset", "-un"],
        Refused(
            "the shell that calls it cannot be changed by a program",
            "`awsx use --none` changes it",
        ),
    ),
    Flag::switch(&["--sso"], Refused(SSO, SSO_HINT)),
    Flag::value(
        &["--sso-start-url", "--sso-region", "--account-id", "--role-name", "--save-to"],
        Refused(SSO, SSO_HINT),
    ),
    Flag::value(
        &["--browser-profile", "-bp", "--browser-launch-template-arg"],
        Refused(
            "the command that opens the browser says which profile of it",
            "write it into the variable AWSX_BROWSER, then run `awsx console PROFILE`",
        ),
    ),
    Flag::value(
        &["--pass-through", "-pt"],
        Refused(
            "awsx runs no other tool",
            "`saml_command` in the profile names a program of yours",
        ),
    ),
    Flag::value(
        &["--aws-config-file"],
        Refused("the AWS files are named by variables", "set AWS_CONFIG_FILE, as for the AWS CLI"),
    ),
    Flag::switch(
        &["--auto-configure-shell"],
        Refused("awsx has functions of its own for a shell", "`awsx init --install` installs them"),
    ),
    Flag::switch(&["--confirm", "-y", "--wait"], Refused(REQUESTS, NO_REQUESTS)),
    Flag::value(&["--attach"], Refused(REQUESTS, NO_REQUESTS)),
];

const VARIABLES: &[(&str, &str)] = &[
    ("GRANTED_NO_CACHE", "`--refresh`"),
    ("GRANTED_QUIET", "`--quiet`"),
    ("GRANTED_ENABLE_AUTO_REASSUME", "nothing: `awsx exec --server` renews"),
    ("GRANTED_LOG", "nothing: `AWSX_LOG` is awsx's"),
    ("GRANTED_BROWSER_PROFILE", "nothing: `AWSX_BROWSER` names the command that opens the browser"),
];

const SHOWS_CONSOLE: [&str; 5] =
    ["--console", "--url", "--service", "--console-destination", "--active-role"];

fn assume(line: &Line<'_>) -> Result<Translated, Refusal> {
    let (profile, command) = profile_and_command(line)?;
    // What is refused of the flags says most.
    line.begin(&[], profile)?;
    let shows_console = SHOWS_CONSOLE.iter().any(|flag| line.has(flag));
    let env = line.env;
    let profile = match profile {
        None if line.has("--active-role") => env.get("AWS_PROFILE"),
        named => named,
    };
    let command_of = |name: &'static str| match (name, profile) {
        ("console", None) if line.has("--active-role") => Ok(()),
        (_, Some(_)) => Ok(()),
        _ => Err(Refusal::new(
            "assume: no profile is named",
            format!("name one, as `awsx profiles` lists them; `awsx {name}` lets you pick"),
        )),
    };
    let mut made = match (command, shows_console, line.has("--export")) {
        (Some(command), false, false) => {
            command_of("exec")?;
            let mut made = line.begin(&["exec"], profile)?;
            add_common(line, &mut made)?;
            push_profile(&mut made, profile);
            made.push_command(&command);
            return Ok(made);
        }
        (None, true, false) => {
            command_of("console")?;
            let mut made = line.begin(&["console"], profile)?;
            for (flag, name) in [("--service", "--service"), ("--console-destination", "--url")] {
                if let Some(value) = line.value(flag) {
                    made.push_flag(name, Some(value));
                }
            }
            if line.has("--url") {
                made.push("--print");
            }
            push_profile(&mut made, profile);
            made
        }
        (None, false, true) => {
            command_of("sessions write")?;
            let mut made = line.begin(&["sessions", "write"], profile)?;
            if let (Some(profile), true) = (profile, line.has("--chain")) {
                let hint =
                    format!("`awsx sessions write {} --role-arn ARN --as SECTION`", word(profile));
                return Err(Refusal::new(
                    "--export with --chain needs a name for the section",
                    hint,
                ));
            }
            add_common(line, &mut made)?;
            made.push_command(&profile.map(OsString::from).into_iter().collect::<Vec<_>>());
            return Ok(made);
        }
        (None, false, false) => {
            let profile = profile.map(|name| format!(" {}", word(name))).unwrap_or_default();
            return Err(Refusal::new(
                "assume changes the shell that calls it, which a program cannot",
                format!("`awsx use{profile}` does it, once `awsx init --install` has run"),
            ));
        }
        _ => {
            return Err(Refusal::new(
                "assume: a command, the console and --export are three things",
                "one at a time: `awsx exec`, `awsx console`, `awsx sessions write`",
            ));
        }
    };
    add_common(line, &mut made)?;
    Ok(made)
}

fn push_profile(made: &mut Translated, profile: Option<&str>) {
    if let Some(profile) = profile {
        made.push_flag("--profile", Some(OsStr::new(profile)));
    }
}

/// What has no name of its own in awsx.
fn add_common(line: &Line<'_>, made: &mut Translated) -> Result<(), Refusal> {
    if line.has("--no-cache") || line.env.flag("GRANTED_NO_CACHE") {
        made.push("--refresh");
    }
    if line.env.flag("GRANTED_QUIET") {
        made.push("--quiet");
    }
    if let Some(region) = line.value("--region") {
        let region = text(region)?;
        let region = match region.contains('-') {
            true => region.to_owned(),
            false => whole_region(region).ok_or_else(|| {
                let hint = "give the whole name: --region eu-west-1";
                Refusal::new(format!("--region {region} is no short name of a region"), hint)
            })?,
        };
        made.push_flag("--region", Some(OsStr::new(&region)));
    }
    Ok(())
}

/// The profile, and the command of `--exec`: what stands behind `--`, or a value that is split at blanks.
fn profile_and_command<'l>(
    line: &'l Line<'_>,
) -> Result<(Option<&'l str>, Option<Vec<OsString>>), Refusal> {
    let own = line.before_dashes.unwrap_or(line.words.len());
    let (words, behind) = line.words.split_at(own);
    let profile = words.first().map(|word| text(word)).transpose()?;
    if words.len() > 1 {
        return Err(Refusal::new(
            "assume has more than one word for the profile",
            "a command stands behind --exec --: `assume PROFILE --exec -- CMD`",
        ));
    }
    let command = match line.value("--exec") {
        None => None,
        Some(value) if value == "--" => Some(behind.to_vec()),
        Some(value) => Some(text(value)?.split(' ').map(OsString::from).collect()),
    };
    match &command {
        None if !behind.is_empty() => Err(Refusal::new(
            "assume: there is a command, but no --exec",
            "`assume PROFILE --exec -- CMD` runs it",
        )),
        Some(command) if command.is_empty() => Err(Refusal::new(
            "assume: no command stands behind --exec",
            "`assume PROFILE --exec -- CMD` runs one",
        )),
        _ => Ok((profile, command)),
    }
}

/// A region by granted's short name: an area, a side, and a number, 1 where none is said (`ue1`, `apse2`, `euc`).
/// <https://docs.commonfate.io/granted/usage/assuming-roles>
fn whole_region(short: &str) -> Option<String> {
    // Two letters before one.
    const AREAS: [(&str, &str); 15] = [
        ("ug", "us-gov"),
        ("us", "us"),
        ("u", "us"),
        ("eu", "eu"),
        ("e", "eu"),
        ("af", "af"),
        ("ap", "ap"),
        ("a", "ap"),
        ("cn", "cn"),
        ("ca", "ca"),
        ("c", "ca"),
        ("me", "me"),
        ("m", "me"),
        ("sa", "sa"),
        ("s", "sa"),
    ];
    const SIDES: [(&str, &str); 9] = [
        ("nw", "northwest"),
        ("ne", "northeast"),
        ("n", "north"),
        ("sw", "southwest"),
        ("se", "southeast"),
        ("s", "south"),
        ("e", "east"),
        ("w", "west"),
        ("c", "central"),
    ];
    let split = |text: &'_ str, table: &[(&str, &'static str)]| {
        let (known, whole) = table.iter().find(|(known, _)| text.starts_with(known))?;
        Some((*whole, text[known.len()..].to_owned()))
    };
    let (area, rest) = split(short, &AREAS)?;
    let (side, number) = split(&rest, &SIDES)?;
    let number = if number.is_empty() { "1" } else { &number };
    number.bytes().all(|b| b.is_ascii_digit()).then(|| format!("{area}-{side}-{number}"))
}

#[cfg(test)]
mod tests {
    use super::whole_region;

    #[test]
    fn regions_have_short_names() {
        for (short, whole) in [
            ("ue1", Some("us-east-1")),
            ("usw2", Some("us-west-2")),
            ("ugw1", Some("us-gov-west-1")),
            ("ec1", Some("eu-central-1")),
            ("euc", Some("eu-central-1")),
            ("apse2", Some("ap-southeast-2")),
            ("as1", Some("ap-south-1")),
            ("afs1", Some("af-south-1")),
            ("se1", Some("sa-east-1")),
            ("cnnw1", Some("cn-northwest-1")),
            ("", None),
            ("u", None),
            ("x1", None),
            ("ue1x", None),
        ] {
            assert_eq!(whole_region(short).as_deref(), whole, "{short}");
        }
    }
}
