//! `awsx mfa add`

use std::path::{Path, PathBuf};

use clap::Args;
use zeroize::Zeroizing;

use super::target::DeviceTarget;
use crate::app::App;
use crate::app::mfa::{codes_of, mfa_plan, mint_mfa_session, profiles_with_device};
use crate::cli::page::page;
use crate::cli::stdin::read_secret;
use crate::credentials::{Secret, arn};
use crate::mfa::{DeviceHeader, SetUp, StoredDevice, read_qr_code};
use crate::report::failure::{Advise, Failure, Kind};
use crate::state::files;

/// More bytes than a seed, or an otpauth URI, has.
const LONGEST: u64 = 4096;
/// Bytes of a picture, at most.
const LARGEST_PICTURE: u64 = 32 << 20;
/// How often a person is asked.
const TRIES: u32 = 3;

/// Keep the secret of an MFA device, and take its codes from there
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
Asks for the secret key that AWS shows beside the picture (\"Show secret key\"),
or for the otpauth URI that the picture says. No code is asked for then any
longer.
";
    "awsx mfa add dev"
    "awsx mfa add dev --qr code.png"
    "awsx mfa add dev --check < seed.txt --stdin --yes"
))]
pub(in crate::cli) struct AddDevice {
    #[command(flatten)]
    target: DeviceTarget,
    /// Read the secret from stdin
    #[arg(long, conflicts_with = "qr")]
    stdin: bool,
    /// Read it from a picture: a PNG file with the QR code in it
    #[arg(long, value_name = "FILE")]
    qr: Option<PathBuf>,
    /// Prove it with one call: the MFA session of the profile
    #[arg(long)]
    check: bool,
    /// Do not ask whether to
    #[arg(long)]
    yes: bool,
}

impl AddDevice {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let serial = self.target.serial(app)?;
        let vault = app.vault()?;
        // Before somebody types a secret for nothing.
        let plan = match self.check {
            true => Some(mfa_plan(app, &self.profile_to_prove_with(app, &serial)?, true)?),
            false => None,
        };
        vault.make_room::<DeviceHeader>()?;
        let key = StoredDevice::key(&serial);
        if !self.yes && !self.confirm(app, &serial, vault.header_if_readable(&key))? {
            app.out().notice("nothing is changed");
            return Ok(());
        }
        let device = StoredDevice::new(&serial, self.set_up(app, &serial)?.seed, app.now());
        if let Some(plan) = plan {
            let (code, _) = codes_of(app, &device)?.next()?;
            mint_mfa_session(app, &plan, Some(code))?;
        }
        vault.put(&key, &device)?;
        let how = match self.check {
            true => "AWS takes its codes",
            false => "nothing has proved it yet",
        };
        app.out().notice(&format!("{serial} is stored, and its codes are taken from there; {how}"));
        Ok(())
    }

    /// The profile whose keys send the first code.
    fn profile_to_prove_with(&self, app: &App, serial: &str) -> Result<String, Failure> {
        if let Some(profile) = &self.target.profile {
            return Ok(profile.clone());
        }
        profiles_with_device(app, serial)?.into_iter().next().ok_or_else(|| {
            Failure::usage(
                format!("--check: no profile has the mfa_serial {serial}"),
                "leave --check out, or write mfa_serial into the profile whose keys they are",
            )
        })
    }

    fn confirm(
        &self,
        app: &App,
        serial: &str,
        before: Option<DeviceHeader>,
    ) -> Result<bool, Failure> {
        let command = format!("awsx mfa add{} --yes", self.target.words());
        confirm_keeping(app, serial, before, &command)
    }

    fn set_up(&self, app: &App, serial: &str) -> Result<SetUp, Failure> {
        let set_up = match (&self.qr, self.stdin) {
            (Some(file), _) => SetUp::read(&read_picture(file)?)?,
            (None, true) => SetUp::read(&Secret::new(&**read_secret(LONGEST, "--stdin")?))?,
            (None, false) => ask(app, serial)?,
        };
        match (&set_up.account, arn::account(serial)) {
            (Some(of), Some(wanted)) if of != wanted => Err(Failure::usage(
                format!("the secret is of a device in account {of}, and {serial} is none"),
                "name the device that it is of, with --serial or by its profile",
            )),
            _ => Ok(set_up),
        }
    }
}

/// Says what is given up, and asks. `command`: what does not ask.
pub(super) fn confirm_keeping(
    app: &App,
    serial: &str,
    before: Option<DeviceHeader>,
    command: &str,
) -> Result<bool, Failure> {
    let question = match before {
        Some(before) => {
            format!("Replace the secret of {serial}, added {}?", app.ago(before.added_at))
        }
        None => format!("Keep the secret of {serial} all the same?"),
    };
    let answer = app.person().ask(|terminal| {
        app.out().instruction(
            "with its secret in the vault the device is no second factor any longer: whoever opens \
             the vault has the codes beside the keys",
        );
        terminal.confirm(&question, false)
    });
    answer
        .map_err(|error| Failure::no_answer(&error, format!("`{command}` does not ask whether to")))
}

fn read_picture(file: &Path) -> Result<Secret, Failure> {
    let say = |problem: String, advice| {
        Failure::say(format!("--qr: {} {problem}", file.display()), advice)
    };
    let bytes = files::read(file, LARGEST_PICTURE).map_err(|error| {
        say(format!("cannot be read: {error}"), Kind::Usage.with("give the file of a picture"))
    })?;
    read_qr_code(&Zeroizing::new(bytes))
        .map_err(|problem| say(problem.to_string(), problem.advice()))
}

/// Asks until it is one.
fn ask(app: &App, serial: &str) -> Result<SetUp, Failure> {
    let question = format!("Secret key of {serial}, or its otpauth URI (it is not shown): ");
    let mut tries = 0;
    loop {
        let answer = app.person().ask(|terminal| terminal.secret_line(&question));
        let answer = answer.map_err(|error| {
            Failure::no_answer(&error, "give it with --stdin, or run it in a terminal".to_owned())
        })?;
        tries += 1;
        match SetUp::read(&answer) {
            Err(problem) if tries < TRIES => app.out().instruction(&problem.to_string()),
            read => return Ok(read?),
        }
    }
}
