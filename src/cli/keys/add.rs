//! `awsx keys add`

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::app::App;
use crate::app::keys::prove;
use crate::cli::answers::parse_name;
use crate::cli::page::page;
use crate::cli::region_question::ask_for_region;
use crate::cli::stdin::read_secret;
use crate::client_settings::ClientSettings;
use crate::config::edit::{Target, with_setting};
use crate::credentials::Secret;
use crate::keys::given::{LONGEST, NewKey, NotAKey, check_id};
use crate::keys::record::{KeyOwner, StoredKeysHeader, WAITING_FOR_KEYS};
use crate::ports::{CallError, PromptError};
use crate::profile::FileKind;
use crate::report::failure::{Advise, Failure, Kind, word};
use crate::resolve::warn_of_new_keys;
use crate::text::utc;
use crate::vault::{Lock, VaultError};

/// The region that is proposed where nothing says one: AWS's own default.
const USUAL_REGION: &str = "us-east-1";

/// Keep an access key of an IAM user
#[derive(Debug, Args)]
#[command(help_template = page!(
    "
Asks for the key at the terminal, asks AWS whose it is, and seals it in the
vault. The profile NAME draws on it, and so does every role whose source_profile
that is.
";
    "awsx keys add dev"
    "aws iam create-access-key --user-name dev | awsx keys add dev --stdin"
))]
pub(in crate::cli) struct AddKeys {
    /// The profile that draws on it; no file need have it
    #[arg(value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    name: String,
    /// Take AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
    #[arg(long, conflicts_with = "stdin")]
    env: bool,
    /// Read it: the id and the secret, a line each, or the JSON of `aws iam create-access-key` or
    /// of credential_process
    #[arg(long)]
    stdin: bool,
    /// Do not ask AWS whose it is
    #[arg(long)]
    no_check: bool,
    /// Put it in the place of another key without asking
    #[arg(long)]
    replace: bool,
}

impl AddKeys {
    /// `awsx keys add NAME`
    pub(in crate::cli) fn of_new_profile(name: String) -> Self {
        Self { name, env: false, stdin: false, no_check: false, replace: false }
    }

    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let files = app.profiles()?;
        let is_written = files.contains(&self.name);
        if !is_written {
            parse_name(&self.name).map_err(|problem| {
                Failure::usage(format!("{}: {problem}", word(&self.name)), "give it another name")
            })?;
        }
        // Before somebody types a secret for nothing.
        app.vault()?.make_room::<StoredKeysHeader>()?;
        let before = self.find_before(app)?;
        let given = self.take_key(app)?;
        let id = match &given {
            Some(key) => key.credentials.access_key_id.clone(),
            None => ask_for_id(app, &self.name)?,
        };
        if !self.may_replace(app, before.as_ref(), &id)? {
            app.out().notice("nothing is changed");
            return Ok(());
        }
        let is_asked = given.is_none();
        let key = match given {
            Some(key) => key,
            None => ask_for_secret(app, &id)?,
        };
        let profile = files.profile(&self.name)?;
        let region = match is_asked && !is_written {
            true => self.region(app)?,
            false => None,
        };
        let settings = app.client_settings(profile.as_ref(), region.as_deref())?;
        let owner = match self.no_check {
            true => None,
            false => Some(self.prove(app, &settings, &key)?),
        };
        self.store(app, key, before.as_ref(), owner)?;
        if let Some(region) = region {
            self.write_profile(app, &region)?;
        }
        if let Some(profile) = &profile {
            app.warn_all(&warn_of_new_keys(profile));
        }
        Ok(())
    }

    /// What the name has already; what cannot be read may be replaced.
    fn find_before(&self, app: &App) -> Result<Option<StoredKeysHeader>, Failure> {
        match StoredKeysHeader::find(app.vault()?, &self.name) {
            Err(VaultError::Damaged { .. }) if self.replace => Ok(None),
            Err(damaged @ VaultError::Damaged { .. }) => {
                let hint = format!("`awsx keys add --replace {}` replaces them", word(&self.name));
                Err(Failure::from(damaged).with_hint(hint))
            }
            found => match found? {
                Some(found) if found.id_beside().is_some() => Err(self.is_being_rotated(&found)),
                found => Ok(found),
            },
        }
    }

    /// Both keys are needed until it is finished.
    fn is_being_rotated(&self, found: &StoredKeysHeader) -> Failure {
        let beside = found.id_beside().unwrap_or_default();
        let message = format!(
            "the rotation of {} is not finished: {} and {beside} are stored",
            self.name, found.access_key_id
        );
        let command = format!("awsx keys rotate {}", word(&self.name));
        let hint = format!("`{command}` finishes it, `{command} --abort` goes back");
        Failure::say(message, Kind::Config.with(hint))
    }

    /// The key that a program hands over; `None` where a person is to be asked.
    fn take_key(&self, app: &App) -> Result<Option<NewKey>, Failure> {
        if self.env {
            return Ok(Some(of_environment(app)?));
        }
        if !self.stdin {
            return Ok(None);
        }
        Ok(Some(NewKey::parse(&read_secret(LONGEST, "--stdin")?)?))
    }

    /// Whether the key may be stored under this name.
    fn may_replace(
        &self,
        app: &App,
        before: Option<&StoredKeysHeader>,
        id: &str,
    ) -> Result<bool, Failure> {
        let Some(before) = before.filter(|before| before.access_key_id != id && !self.replace)
        else {
            return Ok(true);
        };
        let question = format!(
            "The stored keys of {} are {}, added {}. Replace them by {id}?",
            self.name,
            before.describe(),
            app.ago(before.added_at)
        );
        let answer = app.person().ask(|terminal| terminal.confirm(&question, false));
        answer.map_err(|error| {
            let hint = format!("`awsx keys add --replace {}` does not ask", word(&self.name));
            Failure::no_answer(&error, hint)
        })
    }

    /// The region that the profile gets; it is asked for, because AWS has to be asked somewhere.
    fn region(&self, app: &App) -> Result<Option<String>, Failure> {
        if let Some(region) = &app.globals.region {
            return Ok(Some(region.clone()));
        }
        let whose = format!("profile \"{}\", for the AWS config file", self.name);
        let command = format!("awsx keys add {}", word(&self.name));
        ask_for_region(app, &whose, None, (USUAL_REGION, ""), "--region REGION", &command)
    }

    fn prove(
        &self,
        app: &App,
        settings: &ClientSettings,
        key: &NewKey,
    ) -> Result<KeyOwner, Failure> {
        prove(app, settings, &key.credentials).map_err(|error| {
            let id = &key.credentials.access_key_id;
            let advice = error.advice();
            let hint = match &error {
                CallError::Refused { .. } => {
                    "check id and secret, that the key is active, and that --region is one of its \
                     partition"
                        .to_owned()
                }
                _ => match &advice.hint {
                    Some(hint) => format!("{hint}; --no-check stores it unproved"),
                    None => "--no-check stores it unproved".to_owned(),
                },
            };
            Failure::say(format!("{id} is not stored: {error}"), advice.kind.with(hint))
        })
    }

    fn store(
        &self,
        app: &App,
        key: NewKey,
        before: Option<&StoredKeysHeader>,
        owner: Option<KeyOwner>,
    ) -> Result<(), Failure> {
        let vault = app.vault()?;
        let record = StoredKeysHeader::key(&self.name);
        let _lock = vault.hold(Lock::StoredKeys(&record), WAITING_FOR_KEYS)?;
        let id_of = |header: &StoredKeysHeader| header.access_key_id.clone();
        let found = self.find_before(app)?;
        if found.as_ref().map(id_of) != before.map(id_of) {
            let message = format!("the stored keys of {} were changed meanwhile", self.name);
            return Err(Failure::say(message, Kind::Config.with("run it again")));
        }
        let mut stored = key.into_record(&self.name, app.now());
        let header = &mut stored.header;
        let same = before.filter(|before| before.access_key_id == header.access_key_id);
        header.owner = owner.or_else(|| same.and_then(|same| same.owner.clone()));
        header.created_at = header.created_at.or(same.and_then(|same| same.created_at));
        vault.put(&record, &stored)?;
        let header = stored.header;
        tracing::info!("stored {} at {}", header.access_key_id, utc(header.added_at));
        app.out().notice(&format!(
            "stored {} for \"{}\"; `awsx exec {}` uses it",
            header.describe(),
            self.name,
            word(&self.name)
        ));
        Ok(())
    }

    fn write_profile(&self, app: &App, region: &str) -> Result<(), Failure> {
        let files = app.profiles()?;
        let tell = |message: &str| app.out().notice(message);
        let target = Target::Profile(&self.name);
        let with_region =
            |text: &str| with_setting(FileKind::Config, text, target, "region", region);
        app.writer(&tell).update(files.config_file(), with_region)?;
        tell(&format!("profile \"{}\" is in {}", self.name, files.config_file().display()));
        Ok(())
    }
}

fn of_environment(app: &App) -> Result<NewKey, Failure> {
    const ID: &str = "AWS_ACCESS_KEY_ID";
    const SECRET: &str = "AWS_SECRET_ACCESS_KEY";
    let get = |variable: &'static str| {
        app.env.get(variable).ok_or_else(|| {
            Failure::usage(
                format!("--env: {variable} is not set"),
                "leave --env out to be asked, or give it with --stdin",
            )
        })
    };
    let (id, secret) = (get(ID)?, get(SECRET)?);
    let is_set = |variable| app.env.get(variable).is_some();
    if ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"].into_iter().any(is_set) {
        return Err(NotAKey::Session.into());
    }
    Ok(NewKey::new(id, &Secret::new(secret))?)
}

fn ask_for_id(app: &App, name: &str) -> Result<String, Failure> {
    loop {
        let question = format!("Access key id for {name}");
        let answer = app.person().ask(|terminal| terminal.text(&question, None));
        let id = answer.map_err(|error| no_answer(&error))?;
        match check_id(&id) {
            Ok(()) => return Ok(id),
            Err(NotAKey::Session) => return Err(NotAKey::Session.into()),
            Err(problem) => app.out().instruction(&problem.to_string()),
        }
    }
}

fn ask_for_secret(app: &App, id: &str) -> Result<NewKey, Failure> {
    loop {
        let question = format!("Secret access key of {id} (it is not shown): ");
        let answer = app.person().ask(|terminal| terminal.secret_line(&question));
        match NewKey::new(id, &answer.map_err(|error| no_answer(&error))?) {
            Ok(key) => return Ok(key),
            Err(problem) => app.out().instruction(&problem.to_string()),
        }
    }
}

fn no_answer(error: &PromptError) -> Failure {
    Failure::no_answer(
        error,
        "give the key with --stdin or --env, or run it in a terminal".to_owned(),
    )
}
