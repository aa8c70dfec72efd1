//! `awsx sts`: the operations of STS by name. One table says what they are; each is a command.

mod operations;
mod outcome;
mod value;

use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, Subcommand};

use super::flags::SignerFlags;
use super::request::request;
use crate::app::sts::{ask, check_keys_of_user};
use crate::app::{App, MayAsk, mint};
use crate::credentials::{Secret, StsCall};
use crate::report::Failure;
use crate::resolve::{Mfa, Purpose, default_session_name};
use operations::{Flag, OPERATIONS, Operation, Signer};
use outcome::OutcomeFlags;
use value::Given;

/// An operation, and what was said of it.
#[derive(Debug)]
pub(super) struct StsCommand {
    operation: &'static Operation,
    signer: SignerFlags,
    outcome: OutcomeFlags,
    /// The values of each flag that is given
    given: Vec<(&'static Flag, Vec<String>)>,
}

impl Operation {
    fn command(&self) -> Command {
        let command = Command::new(self.command).args(self.flags.iter().map(Flag::argument));
        let command = match self.gives_credentials {
            true => OutcomeFlags::augment_args(command),
            false => command,
        };
        let command = SignerFlags::augment_args(command);
        let command = match self.takes_code() {
            true => command.mut_arg("mfa_code", |arg| {
                arg.long("token-code").visible_alias("mfa-code").help_heading(None)
            }),
            false => command,
        };
        // What the flags' own types say of themselves is no help.
        command.about(self.about).help_template(self.page)
    }

    /// Whether the call itself may hold an MFA code.
    fn takes_code(&self) -> bool {
        self.flags.iter().any(|flag| flag.parameter == SERIAL_NUMBER)
    }
}

const SERIAL_NUMBER: &str = "SerialNumber";
const SESSION_NAME: &str = "RoleSessionName";

impl Flag {
    fn argument(&self) -> Arg {
        let arg = Arg::new(self.name).long(self.name).value_name(self.value).help(self.help);
        let arg = arg.visible_aliases(self.alias).required(self.is_required);
        match self.form.is_list() {
            true => arg.action(ArgAction::Append).num_args(1..),
            false => arg.action(ArgAction::Set),
        }
    }
}

impl Subcommand for StsCommand {
    fn augment_subcommands(command: Command) -> Command {
        command.subcommands(OPERATIONS.iter().map(Operation::command))
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        OPERATIONS.iter().any(|operation| operation.command == name)
    }
}

impl FromArgMatches for StsCommand {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let named = matches.subcommand().and_then(|(name, matches)| {
            Some((OPERATIONS.iter().find(|operation| operation.command == name)?, matches))
        });
        let missing = || clap::Error::new(clap::error::ErrorKind::MissingSubcommand);
        let (operation, matches) = named.ok_or_else(missing)?;
        let outcome = match operation.gives_credentials {
            true => OutcomeFlags::from_arg_matches(matches)?,
            false => OutcomeFlags::default(),
        };
        let values =
            |flag: &'static Flag| Some((flag, matches.get_many(flag.name)?.cloned().collect()));
        Ok(Self {
            operation,
            signer: SignerFlags::from_arg_matches(matches)?,
            outcome,
            given: operation.flags.iter().filter_map(values).collect(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        Self::from_arg_matches(matches).map(|read| *self = read)
    }
}

impl StsCommand {
    pub(super) fn run(self, app: &App) -> Result<ExitCode, Failure> {
        let format = self.outcome.format;
        self.carry_out(app).inspect_err(|failure| {
            if let Some(format) = format {
                super::env::fail_in_shell(format, failure.code());
            }
        })
    }

    fn carry_out(self, app: &App) -> Result<ExitCode, Failure> {
        let call = self.call(app)?;
        let session = self.signer.session();
        let device = self.device(&call);
        let (code, own_code) = match &device {
            Some(_) => (None, session.mfa_code()?),
            None => (session.mfa_code()?, None),
        };
        let purpose = match (self.operation.signer, &device) {
            (Signer::ProfileWithMfa, None) => Purpose::Assume,
            _ => Purpose::Sign,
        };
        let profile = self.signer.profile.as_deref();
        let request = request(app, &session, profile, MayAsk::Person)?;
        let plan = mint::plan(app, &request, session.rules(purpose))?;
        if self.operation.signer == Signer::LongTermKeys {
            check_keys_of_user(app, &plan, call.name)?;
        }
        let answer = ask(app, &plan, code, &call, device.as_ref(), own_code)?;
        self.outcome.deliver(app, &plan, answer)
    }

    /// What AWS is asked.
    fn call(&self, app: &App) -> Result<StsCall, Failure> {
        let name = self.operation.call;
        let mut parameters = Vec::new();
        for (flag, values) in &self.given {
            let given = Given { env: &app.env, call: name, flag };
            parameters.extend(given.parameters(&values.iter().collect::<Vec<_>>())?);
        }
        let has_name = parameters.iter().any(|(name, _)| name == SESSION_NAME);
        if self.operation.flags.iter().any(|flag| flag.parameter == SESSION_NAME) && !has_name {
            let name = default_session_name(&app.env);
            parameters.push((SESSION_NAME.to_owned(), Secret::new(name)));
        }
        let arn = self.value("RoleArn").or(self.value(SERIAL_NUMBER)).map(str::to_owned);
        Ok(StsCall { name, parameters, arn })
    }

    /// The device that the call names.
    fn device(&self, call: &StsCall) -> Option<Mfa> {
        let serial = self.value(SERIAL_NUMBER)?.to_owned();
        call.parameters.iter().find(|(name, _)| name == SERIAL_NUMBER)?;
        Some(Mfa { serial, process: None, key: "mfa_serial".to_owned(), at: None })
    }

    /// The only value of the flag that becomes this parameter, as it was typed.
    fn value(&self, parameter: &str) -> Option<&str> {
        let (_, values) = self.given.iter().find(|(flag, _)| flag.parameter == parameter)?;
        values.first().map(String::as_str)
    }
}
