//! `awsx sessions write`

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::app::file_session::{check_section, remove_section, write_section};
use crate::app::guard::{Handover, pass};
use crate::app::mint::mint;
use crate::app::{App, MayAsk};
use crate::cli::answers::parse_name;
use crate::cli::flags::SessionFlags;
use crate::cli::guard_flags::GuardFlags;
use crate::cli::page::page;
use crate::cli::request::request;
use crate::deliver::{Assumed, section_of_aws_mfa};
use crate::profile::FileSession;
use crate::report::failure::{Failure, Kind, word};
use crate::resolve::{Plan, Purpose};

/// Write a session into the credentials file, for other tools
#[derive(Debug, Args)]
#[command(help_template = page!(
    "
In clear text, as aws-mfa does, for tools that read nothing else. Access keys
there stay, and so does what anybody else wrote.
";
    "awsx sessions write dev"
    "awsx sessions write prod --as tools --duration 1h"
    "awsx sessions write --remove dev"
))]
pub(in crate::cli) struct SessionsWrite {
    /// The profile whose session it is
    #[arg(
        value_name = "PROFILE",
        required_unless_present_any = ["sso", "oidc", "section"],
        value_parser = NonEmptyStringValueParser::new()
    )]
    profile: Option<String>,
    /// Another section than that of PROFILE
    #[arg(long = "as", value_name = "SECTION", value_parser = parse_name)]
    section: Option<String>,
    /// Take it out again
    #[arg(
        long,
        conflicts_with_all = [
            "sso", "account", "role", "oidc", "role_arn", "allowed_account", "external_id", "duration", "min_ttl", "refresh",
            "no_session", "mfa_code", "session_name", "policy", "policy_arn", "tag",
            "transitive_tag", "source_identity", "saml_assertion", "saml_command", "principal_arn",
            "yes_i_mean", "reason",
        ]
    )]
    remove: bool,
    #[command(flatten)]
    session: SessionFlags,
    #[command(flatten)]
    guard: GuardFlags,
}

impl SessionsWrite {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let profile = self.profile.as_deref();
        let Some(section) = self.section.as_deref().or(profile) else {
            let message = "no section of the credentials file is named".to_owned();
            return Err(Failure::usage(message, "name it with --as SECTION"));
        };
        match self.remove {
            true => remove(app, section),
            false => self.write(app, profile, section),
        }
    }

    fn write(&self, app: &App, profile: Option<&str>, section: &str) -> Result<(), Failure> {
        let flags = &self.session;
        let Some(words) = flags.words_of_role().or(profile.map(|name| word(name).into_owned()))
        else {
            let message = "whose session is meant is not said".to_owned();
            return Err(Failure::usage(message, "name the profile before --as"));
        };
        if flags.hands_over_keys() {
            let message = "--no-session leaves nothing to write but access keys".to_owned();
            return Err(Failure::usage(message, "leave it out: only sessions are written"));
        }
        if flags.role_arn.is_some() && profile == Some(section) {
            let message = format!("with --role-arn it is somebody else than profile \"{section}\"");
            return Err(Failure::usage(message, "give it another name: --as SECTION"));
        }
        flags.ask_of_files(app, profile);
        check_section(app, section, profile, &words)?;
        let code = flags.mfa_code()?;
        let request = request(app, flags, profile, MayAsk::Person)?;
        let rules = flags.rules(Purpose::Deliver);
        let to_do = "write a session of it into the credentials file";
        let gate = Handover::new("sessions write", to_do, self.guard.consent());
        let plan = pass(app, &request, rules, &gate)?;
        if plan.no_session().is_some() {
            let message = format!("profile \"{section}\" hands over access keys themselves");
            let hint = "remove `session = false` from it: only sessions are written";
            return Err(Failure::say(message, Kind::Config.with(hint)));
        }
        if let (Some(session), true) = (plan.file_session(), plan.profile() == Some(section)) {
            tell_of_own(app, section, session, &plan);
            return Ok(());
        }
        let live = mint(app, &plan, code, MayAsk::Person)?;
        let named = (!flags.shapes_role()).then_some(&*words);
        let Some(settings) = section_of_aws_mfa(&live, role_of(&plan), named) else {
            let message = format!("the credentials of {words} do not say when they end");
            let hint = "only sessions with an end are written; `awsx exec` hands these over";
            return Err(Failure::say(message, Kind::NoCredentials.with(hint)));
        };
        write_section(app, section, &settings)?;
        let file = app.profiles()?.credentials_file().display();
        let until = live.expiration().at().map(|end| app.until(end)).unwrap_or_default();
        app.out().notice(&format!("[{section}] of {file} has a session of {words} until {until}"));
        app.out().warning(&format!(
            "it stands there in clear text; `awsx sessions write --remove {}` takes it out",
            word(section)
        ));
        Ok(())
    }
}

/// What the section says of whose session it is.
fn role_of(plan: &Plan) -> Assumed<'_> {
    let last = plan.last();
    match (last.role_arn, last.sso_role, plan.file_session()) {
        (Some(arn), ..) => Assumed::Role(Some(arn)),
        (None, Some(_), _) => Assumed::Role(None),
        (None, None, Some(session)) if session.is_role => {
            Assumed::Role(session.role_arn.as_deref())
        }
        _ => Assumed::Nothing,
    }
}

/// The profile has nothing but what is in the section, or aws-mfa's session there is good.
fn tell_of_own(app: &App, section: &str, session: &FileSession, plan: &Plan) {
    let renewal = match plan.is_renewable() {
        true => format!("; `awsx sessions write {} --refresh` writes a new one", word(section)),
        false => "; there is no access key here to make another of".to_owned(),
    };
    let (author, until) = (&session.author, app.until(session.ends));
    let message = format!("[{section}] has a session that {author} wrote, until {until}{renewal}");
    app.out().notice(&message);
}

fn remove(app: &App, section: &str) -> Result<(), Failure> {
    let is_removed = remove_section(app, section)?;
    let file = app.profiles()?.credentials_file().display();
    app.out().notice(&match is_removed {
        true => format!("{file} has the session in [{section}] no longer"),
        false => format!("{file} has no session in [{section}]"),
    });
    Ok(())
}
