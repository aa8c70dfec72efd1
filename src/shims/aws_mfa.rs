//! aws-mfa
//! <https://github.com/broamski/aws-mfa>

use std::ffi::OsStr;

use super::parts::{Becomes, ByProfile, Flag, Form, Line, Peer, Refusal, Style, Translated, text};
use crate::text::word;

use Becomes::{Refused, Rule, Same};

pub(super) const PEER: Peer = Peer {
    name: "aws-mfa",
    version: "0.0.12",
    source: "https://github.com/broamski/aws-mfa",
    style: Style {
        joins_letters: false,
        has_one_dash: false,
        abbreviates: true,
        stops_at_word: false,
    },
    globals: &[],
    forms: &[Form {
        names: &[],
        words: "",
        flags: FLAGS,
        becomes: "`awsx sessions write`: the same section of the credentials file, with the same lines; of a role for an hour, else for twelve, as there. Messages go to stderr",
        build,
    }],
    variables: VARIABLES,
};

const FLAGS: &[Flag] = &[
    Flag::value(&["--profile"], Rule("the profile; else `AWS_PROFILE`, else default")),
    Flag::value(&["--duration"], Rule("`--duration`")),
    Flag::value(&["--device"], Rule("refused, unless the profile says the same")),
    Flag::value(&["--token", "--mfa-token"], Same("--mfa-code")),
    Flag::switch(&["--force"], Same("--refresh")),
    Flag::value(
        &["--assume-role", "--assume"],
        Rule(
            "`--role-arn`, with `--short-term-suffix`; else refused: the section would be another's",
        ),
    ),
    Flag::value(&["--role-session-name"], Same("--session-name")),
    Flag::value(
        &["--long-term-suffix", "--long-suffix"],
        Rule("the profile PROFILE-SUFFIX, which has the keys; `none`: PROFILE"),
    ),
    Flag::value(&["--short-term-suffix", "--short-suffix"], Rule("`--as PROFILE-SUFFIX`")),
    Flag::value(&["--log-level"], Rule("DEBUG: `-v`; WARNING and above: `-q`")),
    Flag::switch(
        &["--setup"],
        Refused("awsx keeps access keys in its vault", "`awsx keys add PROFILE` asks for one"),
    ),
];

const VARIABLES: &[(&str, &str)] = &[
    ("AWS_PROFILE", "the profile"),
    ("MFA_STS_DURATION", "`--duration`"),
    ("MFA_DEVICE", "refused, unless the profile says the same"),
    ("MFA_ASSUME_ROLE", "as `--assume-role`"),
];

/// Seconds that a session lasts of which nothing more is said.
const OF_ROLE: &str = "3600";
const OF_KEYS: &str = "43200";

fn build(line: &Line<'_>) -> Result<Translated, Refusal> {
    line.end_words(0)?;
    let value = |flag| line.value(flag).map(text).transpose();
    let name = value("--profile")?.or(line.env.get("AWS_PROFILE")).unwrap_or("default");
    let suffix = |flag| {
        let suffix = value(flag)?;
        Ok(suffix.map(|suffix| (!suffix.eq_ignore_ascii_case("none")).then_some(suffix)))
    };
    // The section that has the keys; awsx finds `[NAME-long-term]` by itself.
    let profile = match suffix("--long-term-suffix")? {
        None | Some(None | Some("long-term")) => name.to_owned(),
        Some(Some(suffix)) => format!("{name}-{suffix}"),
    };
    let section = match suffix("--short-term-suffix")? {
        None | Some(None) => name.to_owned(),
        Some(Some(suffix)) => format!("{name}-{suffix}"),
    };
    let mut made = line.begin(&["sessions", "write"], Some(name))?;
    match value("--log-level")? {
        Some("DEBUG") => made.push("-v"),
        Some("WARNING" | "ERROR" | "CRITICAL") => made.push("-q"),
        _ => {}
    }
    let role = value("--assume-role")?.or(line.env.get("MFA_ASSUME_ROLE"));
    if let Some(role) = role {
        if section == profile {
            return Err(Refusal::new(
                format!("the role {role} is somebody else than profile {name:?}"),
                format!(
                    "give its section a name: `awsx sessions write {} --role-arn {} --as {}`",
                    word(&profile),
                    word(role),
                    word(&format!("{name}-role"))
                ),
            ));
        }
        made.push_flag("--role-arn", Some(OsStr::new(role)));
    }
    let lasting = value("--duration")?.or(line.env.get("MFA_STS_DURATION"));
    let mut by_profile = ByProfile { profile: profile.clone(), ..ByProfile::default() };
    match (lasting, role) {
        (Some(lasting), _) => made.push_flag("--duration", Some(OsStr::new(lasting))),
        (None, Some(_)) => made.push_flag("--duration", Some(OsStr::new(OF_ROLE))),
        (None, None) => {
            by_profile.of_role = Some(OF_ROLE.to_owned());
            by_profile.of_keys = Some(OF_KEYS.to_owned());
        }
    }
    let device = value("--device")?.map(|device| ("--device", device));
    let device = device.or(line.env.get("MFA_DEVICE").map(|device| ("MFA_DEVICE", device)));
    by_profile.device = device.map(|(who, device)| (who, device.to_owned()));
    made.by_profile = Some(by_profile);
    if section != profile {
        made.push_flag("--as", Some(OsStr::new(&section)));
    }
    made.push_command(&[profile.into()]);
    Ok(made)
}
