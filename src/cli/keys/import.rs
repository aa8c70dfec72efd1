//! `awsx keys import`

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use clap::Args;

use super::list::name_some;
use crate::app::App;
use crate::app::aws_vault::{Backend, find_in_aws_vault};
use crate::app::keys::{TakenOver, take_over};
use crate::cli::answers::parse_name;
use crate::cli::columns::{Cells, Columns};
use crate::cli::page::page;
use crate::config::edit::{Target, with_setting};
use crate::keys::csv::find_in_csv;
use crate::keys::import::{Candidate, find_changed, find_in_credentials_file, take_out};
use crate::keys::ini::find_in_ini;
use crate::keys::record::StoredKeysHeader;
use crate::keys::undo::{KEPT_FOR, TakenKey, TakenOut, TakenOutHeader};
use crate::profile::{FileKind, nearest};
use crate::report::Look;
use crate::report::failure::{Failure, Kind, word};
use crate::state::files;

/// Bytes of a file of another tool, at most.
const LONGEST: u64 = 1024 * 1024;

/// Take over access keys from the credentials file, or from another one
#[derive(Debug, Default, Args)]
#[command(help_template = page!(
    "
Shows first what would be taken over. Each key is stored, read back and proved
with GetCallerIdentity. With --remove its two lines then go from the file; all
else there stays as it is.
";
    "awsx keys import                       what is in ~/.aws/credentials"
    "awsx keys import dev --remove"
    "awsx keys import --all --remove --yes  for a script"
    "awsx keys import --csv ~/Downloads/dev_accessKeys.csv dev"
    "awsx keys import --aws-vault           what aws-vault keeps"
))]
pub(in crate::cli) struct ImportKeys {
    /// The profiles whose keys are meant; with --csv the name that the key is stored under
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Those of all profiles
    #[arg(long, conflicts_with_all = ["names", "csv"])]
    all: bool,
    /// Take them out of the credentials file
    #[arg(long, conflicts_with_all = ["csv", "ini"])]
    remove: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Put back what the last import took out, within 30 days
    #[arg(long, conflicts_with_all = ["names", "all", "csv", "ini", "aws_vault", "remove"])]
    undo: bool,
    /// The file that AWS's console offers with a new key
    #[arg(long, value_name = "FILE", conflicts_with = "ini")]
    csv: Option<PathBuf>,
    /// A file of another tool, such as ~/.s3cfg; its sections are the names
    #[arg(long, value_name = "FILE")]
    ini: Option<PathBuf>,
    /// What aws-vault keeps: file (its passphrase is AWS_VAULT_FILE_PASSPHRASE, or asked for), pass
    /// or, on Linux, secret-service
    #[arg(
        long,
        value_name = "BACKEND",
        num_args = 0..=1,
        require_equals = true,
        value_parser = read_backend,
        conflicts_with_all = ["csv", "ini", "remove"]
    )]
    aws_vault: Option<Option<Backend>>,
}

fn read_backend(text: &str) -> Result<Backend, String> {
    Backend::of(text).ok_or_else(|| {
        let names: Vec<_> = Backend::ALL.iter().map(|backend| backend.as_str()).collect();
        format!("awsx opens {}", names.join(", "))
    })
}

impl ImportKeys {
    /// Those that the credentials file has for these names.
    pub(in crate::cli) fn of_names(names: Vec<String>, yes: bool) -> Self {
        Self { names, yes, ..Self::default() }
    }

    /// All that aws-vault keeps there.
    pub(in crate::cli) fn of_aws_vault(backend: Backend, yes: bool) -> Self {
        Self { aws_vault: Some(Some(backend)), yes, ..Self::default() }
    }

    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        if self.undo {
            return undo(app);
        }
        let mut candidates = self.find(app)?;
        // Before a person is asked for nothing.
        app.vault()?.make_room::<StoredKeysHeader>()?;
        TakenOutHeader::find_last(app.vault()?, app.now())?;
        candidates.iter_mut().try_for_each(|candidate| refuse_name(app, candidate))?;
        if self.remove {
            refuse_what_must_stay(app, &mut candidates)?;
        }
        let count = candidates.iter().filter(|candidate| candidate.key.is_ok()).count();
        if !self.yes || count == 0 {
            show(app, &candidates)?;
        }
        if count == 0 {
            return match self.names.is_empty() {
                true => {
                    app.out().notice("there is no access key to take over");
                    Ok(())
                }
                false => Err(Failure::say(
                    "no access key is taken over".to_owned(),
                    Kind::Config.with("`awsx keys add NAME` asks for one"),
                )),
            };
        }
        if !self.yes && !self.confirm(app, count)? {
            app.out().notice("nothing is taken over");
            return Ok(());
        }
        self.take_over_all(app, &candidates)
    }

    /// What there is, of what is asked for.
    fn find(&self, app: &App) -> Result<Vec<Candidate>, Failure> {
        if let Some(file) = &self.csv {
            return self.find_in_csv(file);
        }
        if let Some(file) = &self.ini {
            return self.find_in_ini(file);
        }
        if let Some(backend) = self.aws_vault {
            return self.choose(find_in_aws_vault(app, backend)?, "aws-vault");
        }
        let files = app.profiles()?;
        if self.names.is_empty() && !self.all && app.person().terminal().is_err() {
            return Err(Failure::usage(
                "whose keys are meant is not said".to_owned(),
                "name the profiles, or give --all; with --yes nobody is asked",
            ));
        }
        let file = files.credentials_file().display().to_string();
        self.choose(find_in_credentials_file(files), &file)
    }

    /// Those of the names that were given; without any all of them.
    fn choose(&self, mut found: Vec<Candidate>, file: &str) -> Result<Vec<Candidate>, Failure> {
        if self.names.is_empty() {
            return Ok(found);
        }
        let is_of = |candidate: &Candidate, name: &str| {
            candidate.section.as_deref() == Some(name) || candidate.name == name
        };
        for name in &self.names {
            if !found.iter().any(|candidate| is_of(candidate, name)) {
                let known = found.iter().map(|candidate| &*candidate.name);
                let hint = match nearest(name, known) {
                    Some(similar) => format!("did you mean {}?", word(similar)),
                    None => "`awsx keys import` shows what there is, and asks".to_owned(),
                };
                let message = format!("{file} has no access key of \"{name}\"");
                return Err(Failure::say(message, Kind::Config.with(hint)));
            }
        }
        found.retain(|candidate| self.names.iter().any(|name| is_of(candidate, name)));
        Ok(found)
    }

    fn find_in_csv(&self, file: &Path) -> Result<Vec<Candidate>, Failure> {
        if self.names.len() > 1 {
            return Err(Failure::usage(
                "--csv takes one name".to_owned(),
                "give each file its own `awsx keys import`",
            ));
        }
        let (shown, text) = read_other(file)?;
        let name = self.names.first().map(String::as_str);
        find_in_csv(&text, &shown, name).map_err(|problem| {
            let hint = format!("`awsx keys import --csv {} NAME` says whose it is", word(&shown));
            Failure::say(format!("{shown}: {problem}"), Kind::Usage.with(hint))
        })
    }

    /// A name that is no section's is that of the only key.
    fn find_in_ini(&self, file: &Path) -> Result<Vec<Candidate>, Failure> {
        let (shown, text) = read_other(file)?;
        let found = find_in_ini(&text, &shown).map_err(|error| {
            let problem = error.to_string().replacen("credentials:", &format!("{shown}:"), 1);
            Failure::say(problem, Kind::Usage.with("correct that line, or give another file"))
        })?;
        if let ([name], [_]) = (&self.names[..], &found[..]) {
            let name = name.clone();
            return Ok(found
                .into_iter()
                .map(|key| Candidate { name: name.clone(), ..key })
                .collect());
        }
        self.choose(found, &shown)
    }

    fn confirm(&self, app: &App, count: usize) -> Result<bool, Failure> {
        let keys = if count == 1 { "this key".to_owned() } else { format!("these {count} keys") };
        let question = match self.remove {
            true => format!(
                "Take over {keys}, and take {} out of the file?",
                if count == 1 { "it" } else { "them" }
            ),
            false => format!("Take over {keys}?"),
        };
        let answer = app.person().ask(|terminal| terminal.confirm(&question, !self.remove));
        answer.map_err(|error| {
            Failure::no_answer(&error, format!("`{} --yes` does not ask", self.command()))
        })
    }

    /// The line again.
    fn command(&self) -> String {
        let mut line = "awsx keys import".to_owned();
        for (flag, file) in [("--csv", &self.csv), ("--ini", &self.ini)] {
            if let Some(file) = file {
                line.push_str(&format!(" {flag} {}", word(&file.display().to_string())));
            }
        }
        line.extend(self.names.iter().map(|name| format!(" {}", word(name))));
        let backend = self.aws_vault.map(|backend| match backend {
            Some(backend) => format!(" --aws-vault={}", backend.as_str()),
            None => " --aws-vault".to_owned(),
        });
        line.extend(backend);
        for (flag, is_given) in [(" --all", self.all), (" --remove", self.remove)] {
            line.push_str(if is_given { flag } else { "" });
        }
        line
    }

    /// One that fails does not keep the others.
    fn take_over_all(&self, app: &App, candidates: &[Candidate]) -> Result<(), Failure> {
        let (mut done, mut failures) = (Vec::new(), Vec::new());
        for candidate in candidates {
            match take_over_one(app, candidate) {
                Ok(Some(taken)) => done.push((candidate, taken)),
                Ok(None) => {
                    if let Err(problem) = &candidate.key {
                        app.out().notice(&format!(
                            "{} stays as it is ({}): {problem}",
                            candidate.name, candidate.place
                        ));
                    }
                }
                Err(failure) => failures.push(failure),
            }
        }
        if !done.is_empty() {
            self.tell(app, &done)?;
        }
        let last = failures.pop();
        for failure in &failures {
            app.out().failure(failure, false);
        }
        last.map_or(Ok(()), Err)
    }

    fn tell(&self, app: &App, done: &[(&Candidate, TakenOver)]) -> Result<(), Failure> {
        for (_, taken) in done {
            let header = &taken.header;
            app.out().notice(&format!("stored {} for \"{}\"", header.describe(), header.name));
        }
        let files = app.profiles()?;
        let file = files.credentials_file().display();
        if let Some(other) = self.csv.as_ref().or(self.ini.as_ref()) {
            let other = other.display();
            app.out().warning(&format!("{other} still has the secret in clear text"));
        } else if self.aws_vault.is_some() {
            app.out().notice("aws-vault still has them; `aws-vault remove NAME` removes one");
        } else if self.remove {
            remove(app, done)?;
            app.out().notice(&format!(
                "{file} has {} no longer; `awsx keys import --undo` puts {} back, for {} days",
                if done.len() == 1 { "the key" } else { "the keys" },
                if done.len() == 1 { "it" } else { "them" },
                KEPT_FOR.num_days()
            ));
        } else {
            let names: Vec<_> = done.iter().map(|(candidate, _)| word(&candidate.name)).collect();
            let names = if self.all { "--all".into() } else { names.join(" ") };
            app.out().notice(&format!(
                "{file} still has them in clear text; `awsx keys import {names} --remove` takes them out"
            ));
        }
        Ok(())
    }
}

/// A file of another tool: its name, and its text.
fn read_other(file: &Path) -> Result<(String, String), Failure> {
    let shown = file.display().to_string();
    let bytes = files::read(file, LONGEST).map_err(|error| {
        let hint = "give a file that has an access key";
        Failure::say(format!("{shown} cannot be read: {error}"), Kind::Usage.with(hint))
    })?;
    Ok((shown, String::from_utf8_lossy(&bytes).into_owned()))
}

/// A name that has another key keeps it; a new one must be one that all tools read.
fn refuse_name(app: &App, candidate: &mut Candidate) -> Result<(), Failure> {
    let Ok(key) = &candidate.key else { return Ok(()) };
    if let (false, Err(problem)) =
        (app.profiles()?.contains(&candidate.name), parse_name(&candidate.name))
    {
        candidate.key = Err(problem);
        return Ok(());
    }
    let stored = StoredKeysHeader::find(app.vault()?, &candidate.name)?;
    let other = stored.filter(|other| other.access_key_id != key.credentials.access_key_id);
    if let Some(other) = other {
        candidate.key =
            Err(format!("the stored keys of {} are others: {}", candidate.name, other.describe()));
    }
    Ok(())
}

/// What cannot be taken out of the file, or would make a profile somebody else, is left alone.
fn refuse_what_must_stay(app: &App, candidates: &mut [Candidate]) -> Result<(), Failure> {
    let files = app.profiles()?;
    for candidate in candidates.iter_mut().filter(|candidate| candidate.key.is_ok()) {
        let problem = match take_out(files, &[candidate]) {
            Ok((text, _)) => match &find_changed(files, &app.env, &[candidate], &text)[..] {
                [] => continue,
                [one] => format!("profile \"{one}\" would then use something else"),
                more => format!("{} would then use something else", name_some(more)),
            },
            Err(error) => format!("its lines cannot be taken out: {error}"),
        };
        candidate.key = Err(problem);
    }
    Ok(())
}

/// What would be taken over, and from where.
fn show(app: &App, candidates: &[Candidate]) -> Result<(), Failure> {
    let cells = |candidate: &'_ Candidate| -> Cells<'_, 3> {
        let id = candidate.key.as_ref().ok().map(|key| key.credentials.access_key_id.clone());
        let place = crate::text::abbreviate(&candidate.place, app.env.home()).into_owned();
        [
            Cow::from(candidate.name.clone()),
            id.unwrap_or_else(|| "-".to_owned()).into(),
            place.into(),
        ]
    };
    let lines: Vec<_> = candidates.iter().map(cells).collect();
    let columns = Columns::new(lines.iter());
    let mut screen = app.out().screen();
    for (candidate, cells) in candidates.iter().zip(&lines) {
        let (first, rest) = columns.align(cells);
        screen.look(Look::Strong, &first).plain(&rest);
        if let Err(problem) = &candidate.key {
            screen.look(Look::Bad, &format!("  ! {problem}"));
        }
        screen.line();
    }
    app.out().show(&screen)
}

/// `None` for what cannot be taken over.
fn take_over_one(app: &App, candidate: &Candidate) -> Result<Option<TakenOver>, Failure> {
    let Ok(key) = &candidate.key else { return Ok(None) };
    let Candidate { name, place, section, mfa_serial, .. } = candidate;
    let files = app.profiles()?;
    let stays = |failure: Failure| failure.for_key(&key.credentials.access_key_id, name, place);
    // What aws-mfa calls otherwise may have its settings there.
    let of_section = section.as_deref().filter(|_| !files.contains(name));
    let profile = files.profile(of_section.unwrap_or(name))?;
    let settings = app.client_settings(profile.as_ref(), None)?;
    let taken = take_over(app, &settings, name, key).map_err(stays)?;
    if let Some(serial) = mfa_serial
        && files.as_written(name).is_none_or(|written| written.get("mfa_serial").is_none())
    {
        let tell = |message: &str| app.out().notice(message);
        let with_device = |text: &str| {
            with_setting(FileKind::Config, text, Target::Profile(name), "mfa_serial", serial)
        };
        app.writer(&tell).update(files.config_file(), with_device)?;
        tell(&format!("profile \"{name}\" has {serial} as mfa_serial"));
    }
    Ok(Some(taken))
}

/// Takes the keys out of the credentials file; the lines are sealed before they are gone.
fn remove(app: &App, done: &[(&Candidate, TakenOver)]) -> Result<(), Failure> {
    let (files, vault) = (app.profiles()?, app.vault()?);
    let candidates: Vec<&Candidate> = done.iter().map(|(candidate, _)| *candidate).collect();
    let path = files.credentials_file();
    let (text, lines) = take_out(files, &candidates).map_err(|source| {
        crate::config::write::WriteError::Edit { path: path.to_path_buf(), source }
    })?;
    let keys = done.iter().map(|(candidate, taken)| TakenKey {
        name: candidate.name.clone(),
        access_key_id: taken.header.access_key_id.clone(),
        is_new: taken.is_new,
    });
    let header =
        TakenOutHeader { path: path.display().to_string(), at: app.now(), keys: keys.collect() };
    let key = header.key();
    vault.put(&key, &TakenOut::new(header, files.credentials_text(), &text, &lines))?;
    let tell = |message: &str| app.out().notice(message);
    let written = app.writer(&tell).unless_changed(path, files.credentials_text(), &text);
    if let Ok(true) = written {
        return Ok(());
    }
    vault.remove::<TakenOutHeader>(&key)?;
    written?;
    Err(Failure::say(
        format!("{} was changed meanwhile; the keys are stored, and still there", path.display()),
        Kind::Config.with("run it again"),
    ))
}

fn undo(app: &App) -> Result<(), Failure> {
    let (files, vault) = (app.profiles()?, app.vault()?);
    let Some((key, header)) = TakenOutHeader::find_last(vault, app.now())? else {
        let message =
            format!("no import took anything out of a file within {} days", KEPT_FOR.num_days());
        return Err(Failure::say(
            message,
            Kind::Config.with("`awsx keys list` shows what is stored"),
        ));
    };
    let path = files.credentials_file();
    if header.path != path.display().to_string() {
        return Err(Failure::say(
            format!("the last import was from {}, not from {}", header.path, path.display()),
            Kind::Config.with(format!("set AWS_SHARED_CREDENTIALS_FILE={}", word(&header.path))),
        ));
    }
    let taken = vault.get::<TakenOut>(&key)?.ok_or_else(|| {
        let message = "what the import took out is gone: another awsx put it back".to_owned();
        Failure::say(message, Kind::Config.with("`awsx keys list` shows what is stored"))
    })?;
    let tell = |message: &str| app.out().notice(message);
    app.writer(&tell).update(path, |text| taken.put_back(text))?;
    for TakenKey { name, access_key_id, is_new } in &header.keys {
        let stored = StoredKeysHeader::find(vault, name)?;
        if *is_new && stored.is_some_and(|stored| stored.access_key_id == *access_key_id) {
            vault.remove::<StoredKeysHeader>(&StoredKeysHeader::key(name))?;
        }
    }
    vault.remove::<TakenOutHeader>(&key)?;
    let names: Vec<String> = header.keys.into_iter().map(|key| key.name).collect();
    let what = if names.len() == 1 { "the key" } else { "the keys" };
    tell(&format!("{} has {what} of {} again", path.display(), names.join(", ")));
    Ok(())
}
