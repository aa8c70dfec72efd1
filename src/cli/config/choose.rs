//! `awsx config` alone: leads to whatever makes the profile that a person needs.

use super::profile::AddProfile;
use crate::app::App;
use crate::cli::answers::parse_name;
use crate::cli::config_sso::ConfigSso;
use crate::cli::flags::read_role_arn;
use crate::cli::keys::add::AddKeys;
use crate::cli::login::aws::LoginAws;
use crate::cli::new_session::Question;
use crate::cli::pick_profile::pick_profile;
use crate::cli::region_question::{OF_AWS_CLI, ask_for_region};
use crate::report::failure::{Failure, Kind};

const COMMAND: &str = "awsx config";

/// What a profile can be, and what is asked for it.
const KINDS: [(&str, &str); 4] = [
    (
        "IAM Identity Center",
        "the access portal of your organization: a start URL such as https://corp.awsapps.com/start",
    ),
    ("AWS sign-in", "the user and the password of the AWS console"),
    ("Access key", "the id and the secret of an IAM user, kept in the vault"),
    ("Role", "a role that another profile assumes"),
];

pub(super) fn choose(app: &App) -> Result<(), Failure> {
    let items: Vec<_> = KINDS.iter().map(|(name, what)| format!("{name}  {what}")).collect();
    let Some(at) = app.pick("What kind of profile", &items)? else {
        let message = "nobody can be asked what kind of profile is meant".to_owned();
        let hint = "`awsx config sso`, `awsx login aws NAME`, `awsx keys add NAME` and `awsx config profile \
                    add NAME` take flags";
        return Err(Failure::say(message, Kind::InputNeeded.with(hint)));
    };
    match at {
        0 => ConfigSso::default().run(app),
        1 => LoginAws::of_new_profile(ask_for_name(app)?).run(app),
        2 => AddKeys::of_new_profile(ask_for_name(app)?).run(app),
        _ => add_role(app),
    }
}

fn ask(
    app: &App,
    text: &str,
    flag: &str,
    check: &dyn Fn(&str) -> Result<String, String>,
) -> Result<String, Failure> {
    Question { text, default: None, flag }.ask(app, COMMAND, check)
}

/// A name that is free; `default` too, while it is.
fn ask_for_name(app: &App) -> Result<String, Failure> {
    let files = app.profiles()?;
    let default = Some("default").filter(|name| !files.knows(name));
    let free = |text: &str| match files.knows(text) {
        true => Err(format!("profile \"{text}\" is there already")),
        false => parse_name(text),
    };
    let question = Question { text: "Name of the profile", default, flag: "a name" };
    question.ask(app, COMMAND, &free)
}

fn add_role(app: &App) -> Result<(), Failure> {
    let files = app.profiles()?;
    if files.all_names().next().is_none() {
        let message = "no profile is there that could assume the role".to_owned();
        return Err(Failure::say(message, Kind::Config.with("make that one first: `awsx config`")));
    }
    let name = ask_for_name(app)?;
    let role_arn = ask(app, "ARN of the role", "--role-arn ARN", &read_role_arn)?;
    let source_profile = pick_profile(app, "Which profile assumes it")?;
    let serial = "ARN of the MFA device that it asks for (none)";
    let serial = Question { text: serial, default: Some("none"), flag: "--mfa-serial ARN" };
    let serial = serial.ask(app, COMMAND, &|text| Ok(text.trim().to_owned()))?;
    let region = ask_for_region(app, "the profile", None, OF_AWS_CLI, "--region REGION", COMMAND)?;
    AddProfile {
        name,
        role_arn: Some(role_arn),
        source_profile,
        mfa_serial: Some(serial).filter(|serial| serial != "none"),
        external_id: None,
        set: region.map(|region| ("region".to_owned(), region)).into_iter().collect(),
    }
    .run(app)
}
