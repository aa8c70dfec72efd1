//! `awsx login aws`

use std::path::Path;

use clap::Args;

use super::browser_flags::BrowserFlags;
use super::profile_argument::LoginProfile;
use crate::app::App;
use crate::app::login::{keep_console_login, log_in_at_console};
use crate::cli::login_state::login_clock;
use crate::cli::page::page;
use crate::client_settings::ClientSettings;
use crate::config::edit::{EditError, Target, with_setting};
use crate::config::write::{WriteError, Writer};
use crate::ports::PromptError;
use crate::profile::{FileKind, Location, Profile, Profiles};
use crate::report::Failure;
use crate::report::failure::{Advice, Advise, Kind, prompt_advice, word};

const KEY: &str = "login_session";

/// What the AWS CLI offers where no region is known.
const USUAL_REGION: &str = "us-east-1";

/// Settings that give a profile credentials of another kind; those, or what stands before
/// `login_session` in AWS's order, would count instead.
const OTHER_CREDENTIALS: [&str; 7] = [
    "web_identity_token_file",
    "oidc",
    "sso_role_name",
    "sso_account_id",
    "aws_access_key_id",
    "role_arn",
    "credential_process",
];

/// Sign in to AWS with the credentials of the console
#[derive(Debug, Default, Args)]
#[command(help_template = page!(
    "
Opens the browser, waits until you have signed in there, keeps that in the vault
and writes login_session into the profile. Its credentials renew themselves for
up to 12 hours.
";
    "awsx login aws dev           the profile need not exist yet"
    "awsx login aws dev --remote  in any browser; paste the code"
))]
#[command(mut_arg("positional", |profile| {
    let help = profile.get_help().map(|help| format!("{help}. It need not exist yet"));
    profile.help(help.unwrap_or_default())
}))]
pub(in crate::cli) struct LoginAws {
    #[command(flatten)]
    profile: LoginProfile,
    /// Sign in on any device, and bring the code that the page shows
    #[arg(long, conflicts_with_all = ["port", "no_browser"])]
    remote: bool,
    #[command(flatten)]
    browser: BrowserFlags,
    /// Keep the AWS CLI's cache in step: aws, boto3 and terraform then use this sign-in
    #[arg(long)]
    share: bool,
}

/// Why a profile gets no sign-in.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum LoginAwsError {
    #[error("{at}: profile \"{profile}\" has {key}, which would count instead of a login_session")]
    OtherCredentials { profile: String, key: &'static str, at: Location },
    #[error("profile \"{profile}\" has no region to sign in to")]
    NoRegion { profile: String, source: PromptError },
    /// Somebody else signed in than the profile says, and that is not what the person wants.
    #[error(
        "{at}: signed in as {session}, but profile \"{profile}\" is for {own}; nothing was changed"
    )]
    SomebodyElse { session: String, profile: String, own: String, at: Location },
    /// The person saw who signed in, and did not want that in the profile.
    #[error("signed in as {session}, but not for profile \"{profile}\"; nothing was changed")]
    Declined { session: String, profile: String },
    #[error("profile \"{profile}\" cannot be written")]
    Unwritable { profile: String, source: WriteError },
    /// The sign-in is kept, but the profile could not be written.
    #[error("signed in as {session}, but profile \"{profile}\" does not say so")]
    Profile { session: String, profile: String, source: WriteError },
}

impl Advise for LoginAwsError {
    fn advice(&self) -> Advice {
        match self {
            Self::NoRegion { profile, source } => {
                let again = format!(
                    "give --region, as in `awsx login aws {} --region us-east-1`",
                    word(profile)
                );
                prompt_advice(source, again)
            }
            Self::OtherCredentials { key, .. } => Kind::Config
                .with(format!("name another profile, which need not exist yet, or remove {key}")),
            Self::SomebodyElse { .. } | Self::Declined { .. } => {
                Kind::Config.with("name another profile, or sign in as the other one")
            }
            Self::Unwritable { source, .. } => source.advice(),
            Self::Profile { session, profile, .. } => Kind::Config
                .with(format!("add `login_session = {session}` to profile {}", word(profile))),
        }
    }
}

impl LoginAws {
    /// `awsx login aws PROFILE`
    pub(super) fn new(profile: String, browser: BrowserFlags, share: bool) -> Self {
        Self { profile: LoginProfile::new(profile), browser, share, ..Self::default() }
    }

    /// The same of a profile that is not there yet.
    pub(in crate::cli) fn of_new_profile(profile: String) -> Self {
        Self::new(profile, BrowserFlags::default(), false)
    }

    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let name = self.profile.name(&app.env);
        let written = app.profiles()?.profile(&name)?;
        let profile = written.as_ref();
        refuse_other_credentials(&name, profile)?;
        let file = file(app.profiles()?, profile);
        let tell = |message: &str| app.out().notice(message);
        let writer = app.writer(&tell);
        would_write(&writer, file, &name)
            .map_err(|source| LoginAwsError::Unwritable { profile: name.clone(), source })?;
        let (settings, region) = region(app, &name, profile)?;
        let options = self.browser.options(self.remote, self.share);
        let login = log_in_at_console(app, &settings, &region, options, &name)?;
        let session = login.session.arn().to_owned();
        confirm_change(app, &name, profile, &session)?;
        let header = keep_console_login(app, &settings, login, &name)?;
        let has_region = profile.is_some_and(|profile| profile.get("region").is_some());
        // The environment's is that of this shell; one that a person gave is meant for the profile.
        let of_env = app.globals.region.is_none()
            && ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().any(|name| app.env.get(name).is_some());
        let new_region = Some(&*region).filter(|_| !has_region && !of_env);
        write(&writer, file, &name, &session, new_region).map_err(|source| {
            LoginAwsError::Profile { session: session.clone(), profile: name.clone(), source }
        })?;
        app.out().notice(&format!(
            "signed in as {session} for profile \"{name}\": {}",
            login_clock(app, &header)
        ));
        Ok(())
    }
}

/// As the AWS CLI does.
fn refuse_other_credentials(name: &str, profile: Option<&Profile>) -> Result<(), LoginAwsError> {
    for key in OTHER_CREDENTIALS {
        if let Some(setting) = profile.and_then(|profile| profile.get(key)) {
            let (profile, at) = (name.to_owned(), setting.location.clone());
            return Err(LoginAwsError::OtherCredentials { profile, key, at });
        }
    }
    Ok(())
}

/// How sign-in is reached, and in which region; asks for one where none is known.
fn region(
    app: &App,
    name: &str,
    profile: Option<&Profile>,
) -> Result<(ClientSettings, String), Failure> {
    let settings = app.client_settings(profile, None)?;
    if let Some(region) = settings.region.clone() {
        return Ok((settings, region));
    }
    let question = format!("AWS region of profile \"{name}\"");
    let answer = app
        .person()
        .ask(|terminal| terminal.text(&question, Some(USUAL_REGION)))
        .map_err(|source| LoginAwsError::NoRegion { profile: name.to_owned(), source })?;
    let settings = app.client_settings(profile, Some(&answer))?;
    Ok((settings, answer))
}

fn confirm_change(
    app: &App,
    name: &str,
    profile: Option<&Profile>,
    session: &str,
) -> Result<(), Failure> {
    let ask = |question: &str| app.person().ask(|terminal| terminal.confirm(question, false));
    let Some(own) = profile.and_then(|profile| profile.get(KEY)) else {
        return match ask(&format!("{session} signed in. Write that to profile \"{name}\"?"))? {
            true => Ok(()),
            false => Err(LoginAwsError::Declined {
                session: session.to_owned(),
                profile: name.to_owned(),
            }
            .into()),
        };
    };
    let now = own.value.trim();
    if now == session {
        return Ok(());
    }
    let question = format!("Profile \"{name}\" is for {now}, but {session} signed in. Change it?");
    match ask(&question)? {
        true => Ok(()),
        false => Err(LoginAwsError::SomebodyElse {
            session: session.to_owned(),
            profile: name.to_owned(),
            own: now.to_owned(),
            at: own.location.clone(),
        }
        .into()),
    }
}

/// Where the profile says whose sign-in it uses: the file that counts.
fn file<'a>(profiles: &'a Profiles, profile: Option<&Profile>) -> (FileKind, &'a Path) {
    let in_credentials = |found: &Profile| found.get_in(FileKind::Credentials, KEY).is_some();
    match profile.is_some_and(in_credentials) {
        true => (FileKind::Credentials, profiles.credentials_file()),
        false => (FileKind::Config, profiles.config_file()),
    }
}

fn write(
    writer: &Writer<'_>,
    (kind, path): (FileKind, &Path),
    name: &str,
    session: &str,
    region: Option<&str>,
) -> Result<(), WriteError> {
    let with_both = |text: &str| edit((kind, text), name, session, region);
    writer.update(path, with_both).map(drop)
}

/// Whether the file could be written so, before a person is sent to the browser.
fn would_write(
    writer: &Writer<'_>,
    (kind, path): (FileKind, &Path),
    name: &str,
) -> Result<(), WriteError> {
    let unchanged = |text: &str| {
        edit((kind, text), name, "arn:aws:iam::111122223333:user/somebody", None)?;
        Ok(text.to_owned())
    };
    writer.update(path, unchanged)?;
    writer.check(path)
}

fn edit(
    (kind, text): (FileKind, &str),
    name: &str,
    session: &str,
    region: Option<&str>,
) -> Result<String, EditError> {
    let target = Target::Profile(name);
    let text = with_setting(kind, text, target, KEY, session)?;
    match region {
        Some(region) => with_setting(kind, &text, target, "region", region),
        None => Ok(text),
    }
}
