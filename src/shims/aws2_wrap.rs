//! aws2-wrap
//! <https://github.com/linaro-its/aws2-wrap>

use std::ffi::{OsStr, OsString};

use super::parts::{Becomes, Flag, Form, Line, Peer, Refusal, Style, Translated, text};
use crate::text::word;

use Becomes::Rule;

pub(super) const PEER: Peer = Peer {
    name: "aws2-wrap",
    version: "1.4.0",
    source: "https://github.com/linaro-its/aws2-wrap",
    style: Style {
        joins_letters: false,
        has_one_dash: false,
        abbreviates: false,
        stops_at_word: true,
    },
    globals: &[],
    forms: &[Form { names: &[], words: "[CMD…]", flags: FLAGS, becomes: "`awsx exec`", build }],
    variables: &[("AWS_PROFILE", "the profile"), ("AWS_DEFAULT_PROFILE", "the profile, after it")],
};

const FILES: &str = "the file that awsx writes anyway; another one is refused";

const FLAGS: &[Flag] = &[
    Flag::value(&["--profile"], Rule("the profile; else that of the variables, else default")),
    Flag::value(&["--exec"], Rule("`awsx exec`, through a shell, as there")),
    Flag::switch(&["--export"], Rule("`awsx env`, with the same lines")),
    Flag::switch(&["--process"], Rule("`awsx credential-process`")),
    Flag::switch(
        &["--generate"],
        Rule("`awsx sessions write --as`; the config file stays as it is"),
    ),
    Flag::switch(
        &["--generatestdout"],
        Rule("`awsx env --format ini`, for a section of the profile's name"),
    ),
    Flag::value(&["--outprofile"], Rule("`--as`; default where it is not given, as there")),
    Flag::value(&["--credentialsfile"], Rule(FILES)),
    Flag::value(&["--configfile"], Rule(FILES)),
];

const ACTIONS: [&str; 5] = ["--exec", "--export", "--process", "--generate", "--generatestdout"];

fn build(line: &Line<'_>) -> Result<Translated, Refusal> {
    let env = line.env;
    let value = |flag| line.value(flag).map(text).transpose();
    let of_variables = || env.get("AWS_PROFILE").or(env.get("AWS_DEFAULT_PROFILE"));
    let profile = value("--profile")?.or_else(of_variables).unwrap_or("default");
    let named = ACTIONS.iter().filter(|flag| line.has(flag)).count();
    if named + usize::from(!line.words.is_empty()) != 1 {
        let message = match (named, line.words.is_empty()) {
            (0, _) => "aws2-wrap: no command is named".to_owned(),
            _ => format!("aws2-wrap: {} exclude each other, and a command", ACTIONS.join(", ")),
        };
        return Err(Refusal::new(
            message,
            format!("`awsx exec {} -- CMD` runs one", word(profile)),
        ));
    }
    let own = OsString::from(profile);
    let of = |command: &[&str]| line.begin(command, Some(profile));
    let with_profile = |mut made: Translated, more: &[(&str, &str)]| {
        made.push_flag("--profile", Some(&own));
        for (flag, value) in more {
            made.push_flag(flag, Some(OsStr::new(value)));
        }
        made
    };
    if line.has("--export") {
        // What runs in PowerShell on Windows asks for that.
        let format: &[_] = if cfg!(windows) { &[] } else { &[("--format", "aws2-wrap:export")] };
        return Ok(with_profile(of(&["env"])?, format));
    }
    if line.has("--process") {
        return Ok(with_profile(of(&["credential-process"])?, &[]));
    }
    let section = value("--outprofile")?.unwrap_or("default");
    if line.has("--generatestdout") {
        if section != profile {
            return Err(Refusal::new(
                format!(
                    "--generatestdout: awsx names the section as the profile, and not {section:?}"
                ),
                format!("`awsx env {} --format ini` prints it", word(profile)),
            ));
        }
        return Ok(with_profile(of(&["env"])?, &[("--format", "ini")]));
    }
    if line.has("--generate") {
        check_files(line)?;
        let mut made = of(&["sessions", "write"])?;
        made.push_flag("--as", Some(OsStr::new(section)));
        made.push_command(&[own]);
        return Ok(made);
    }
    let mut made = with_profile(of(&["exec"])?, &[]);
    match line.value("--exec") {
        Some(words) => {
            let shell = if cfg!(windows) { ["cmd", "/C"] } else { ["sh", "-c"] };
            made.push_command(&[shell[0].into(), shell[1].into(), words.to_owned()]);
        }
        None => {
            let leads = line.words.first().is_some_and(|word| word == "--");
            made.push_command(&line.words[usize::from(leads)..]);
        }
    }
    Ok(made)
}

/// The files of the line are those that awsx writes.
fn check_files(line: &Line<'_>) -> Result<(), Refusal> {
    for (flag, variable, usual) in [
        ("--credentialsfile", "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
        ("--configfile", "AWS_CONFIG_FILE", ".aws/config"),
    ] {
        let Some(given) = line.value(flag) else { continue };
        let own = line.env.file(variable).or_else(|| line.env.in_home(usual));
        let given = line.env.expand_home(given.as_ref());
        if own.is_none_or(|own| own != given) {
            let hint =
                format!("name the file by the variable {variable}, for awsx and the SDKs alike");
            return Err(Refusal::new(format!("{flag}: that is not the file that awsx uses"), hint));
        }
    }
    Ok(())
}
