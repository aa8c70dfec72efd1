//! `awsx sts`: the operations of STS by name. One table says what they are; each is a command.

mod assertion;
mod decision;
mod decode;
mod encoded;
mod operations;
mod outcome;
mod value;

use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, Subcommand};

use super::flags::{ProfileFlag, SignerFlags};
use super::request::request;
use crate::app::guard::{Handover, Passed, Yields, pass, pass_unsigned};
use crate::app::sts::{ask, ask_unsigned, check_keys_of_user, way_of_plan, way_of_profile};
use crate::app::{App, MayAsk};
use crate::credentials::arn;
use crate::credentials::{Secret, StsAnswer, StsCall};
use crate::guard::Identity;
use crate::report::Failure;
use crate::resolve::{Mfa, Purpose, SessionRules, default_session_name};
use decode::DecodeFlags;
use operations::{Flag, Gives, OPERATIONS, Operation, Signer};
use outcome::OutcomeFlags;
use value::Given;

/// An operation, and what was said of it.
#[derive(Debug)]
pub(super) struct StsCommand {
    operation: &'static Operation,
    signer: SignerFlags,
    outcome: OutcomeFlags,
    decode: Option<DecodeFlags>,
    /// The values of each flag that is given
    given: Vec<(&'static Flag, Vec<String>)>,
}

impl Operation {
    fn command(&self) -> Command {
        let command = Command::new(self.command).args(self.flags.iter().map(Flag::argument));
        let command = match self.gives {
            Gives::Credentials => OutcomeFlags::augment_args(command),
            Gives::Message => DecodeFlags::augment_args(command),
            Gives::Answer => command,
        };
        let command = match self.signer {
            Signer::Nobody => ProfileFlag::augment_args(command),
            _ => SignerFlags::augment_args(command),
        };
        let command = match self.takes_code() {
            true => command.mut_arg("mfa_code", |arg| {
                arg.long("token-code").visible_alias("mfa-code").help_heading(None)
            }),
            false => command,
        };
        // What the flags' own types say of themselves is no help.
        command.about(self.about).help_template(self.page).override_usage(self.usage())
    }

    /// What stands behind `Usage:`, in lines for a terminal of 80 columns.
    fn usage(&self) -> String {
        let required = self.flags.iter().filter(|flag| flag.is_required);
        let required = required.map(|flag| format!("--{} <{}>", flag.name, flag.value));
        let last = match self.gives {
            Gives::Credentials => Some("[-- <COMMAND>...]"),
            Gives::Message => Some("[TEXT|FILE|-]"),
            Gives::Answer => None,
        };
        let parts = required.chain(last.map(str::to_owned));
        let mut usage = format!("awsx sts {} [OPTIONS]", self.command);
        let mut column = usage.len();
        for part in parts {
            let between = if column + part.len() > 70 { "\n         " } else { " " };
            column = if between == " " { column } else { 9 } + 1 + part.len();
            usage.push_str(between);
            usage.push_str(&part);
        }
        usage
    }

    /// Whether the call itself may hold an MFA code.
    fn takes_code(&self) -> bool {
        self.flags.iter().any(|flag| flag.parameter == SERIAL_NUMBER)
    }
}

/// By which others know the caller
const WEB_IDENTITY_TOKEN: &str = "sts:GetWebIdentityToken";
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
        let values =
            |flag: &'static Flag| Some((flag, matches.get_many(flag.name)?.cloned().collect()));
        Ok(Self {
            operation,
            signer: match operation.signer {
                Signer::Nobody => SignerFlags::of_nobody(ProfileFlag::from_arg_matches(matches)?),
                _ => SignerFlags::from_arg_matches(matches)?,
            },
            outcome: match operation.gives {
                Gives::Credentials => OutcomeFlags::from_arg_matches(matches)?,
                Gives::Message | Gives::Answer => OutcomeFlags::default(),
            },
            decode: match operation.gives {
                Gives::Message => Some(DecodeFlags::from_arg_matches(matches)?),
                Gives::Credentials | Gives::Answer => None,
            },
            given: operation.flags.iter().filter_map(values).collect(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        Self::from_arg_matches(matches).map(|read| *self = read)
    }
}

impl StsCommand {
    /// Whether a failure is told as JSON.
    pub(super) fn wants_json(&self) -> bool {
        self.decode.as_ref().is_some_and(|decode| decode.json)
    }

    pub(super) fn run(self, app: &App) -> Result<ExitCode, Failure> {
        let format = self.outcome.format;
        self.carry_out(app).inspect_err(|failure| {
            if let Some(format) = format {
                super::env::fail_in_shell(format, failure.code());
            }
        })
    }

    fn carry_out(self, app: &App) -> Result<ExitCode, Failure> {
        let mut call = self.call(app)?;
        if let Some(decode) = &self.decode {
            call.parameters.push(("EncodedMessage".to_owned(), decode.message(app)?));
            let plan = self.plan(app, &call)?;
            let answer = self.ask(app, &plan, &call);
            let answer = answer.map_err(|failure| decode::explain(app, &plan, failure))?;
            return decode.show(app, &answer);
        }
        if self.operation.signer == Signer::Nobody {
            let profile = self.signer.profile.as_deref();
            let way = way_of_profile(app, profile)?;
            let passed = pass_unsigned(app, profile, &way.settings, &self.handover(&call))?;
            let answer = ask_unsigned(app, &way, &call, &passed)?;
            return self.outcome.deliver(app, answer, || Ok(way));
        }
        let plan = self.plan(app, &call)?;
        let answer = self.ask(app, &plan, &call)?;
        self.outcome.deliver(app, answer, || way_of_plan(app, &plan))
    }

    /// What leads to the credentials that sign.
    fn plan(&self, app: &App, call: &StsCall) -> Result<Passed, Failure> {
        let purpose = match (self.operation.signer, self.value(SERIAL_NUMBER)) {
            (Signer::ProfileWithMfa, None) => Purpose::Assume,
            (Signer::Session, _) => Purpose::Deliver,
            _ => Purpose::Sign,
        };
        let session = self.signer.session();
        let profile = self.signer.profile.as_deref();
        let request = request(app, &session, profile, MayAsk::Person)?;
        // Of the access keys of a user AWS wants a signature, and no scope makes them less.
        let is_scoped = self.operation.signer != Signer::LongTermKeys;
        let rules = SessionRules { is_scoped, ..session.rules(purpose) };
        let plan = pass(app, &request, rules, &self.handover(call))?;
        if self.operation.signer == Signer::LongTermKeys {
            check_keys_of_user(app, &plan, call.name)?;
        }
        Ok(plan)
    }

    /// Whose credentials the call gives, where they are another's than those of the signer.
    fn handover(&self, call: &StsCall) -> Handover {
        let role = call.arn.as_deref().filter(|_| call.name.starts_with("sts:AssumeRole"));
        let result = role.or(self.value("TargetPrincipal")).and_then(|of| match arn::account(of) {
            Some(_) => Identity::of_arn(of),
            None => Some(Identity { account: of.to_owned(), role: None }),
        });
        let to_do = match self.outcome.command() {
            Some(program) => format!("run {program} with what {} gives", call.name),
            None => format!("have the answer to {}", call.name),
        };
        let is_asked = call.name != WEB_IDENTITY_TOKEN;
        let yields = match self.operation.gives {
            Gives::Answer | Gives::Message if is_asked => Yields::Answer,
            Gives::Answer | Gives::Message | Gives::Credentials => Yields::Call(call.name),
        };
        let command = format!("sts {}", self.operation.command);
        let mut gate = Handover::new(&command, &to_do, self.signer.guard.consent());
        gate.by.program = self.outcome.command();
        Handover { result, yields, ..gate }
    }

    /// The answer. The code is for the device that the call names, else for the profile's.
    fn ask(&self, app: &App, plan: &Passed, call: &StsCall) -> Result<StsAnswer, Failure> {
        let serial = self.value(SERIAL_NUMBER).map(str::to_owned);
        let device = serial.map(|serial| Mfa {
            serial,
            process: None,
            key: "mfa_serial".to_owned(),
            at: None,
        });
        let code = self.signer.session().mfa_code()?;
        let (code, own_code) = if device.is_some() { (None, code) } else { (code, None) };
        ask(app, plan, code, call, device.as_ref(), own_code)
    }

    /// What AWS is asked.
    fn call(&self, app: &App) -> Result<StsCall, Failure> {
        let name = self.operation.call;
        let mut parameters = Vec::new();
        for (flag, values) in &self.given {
            let warn = |message: &str| app.out().warning(message);
            let given = Given { env: &app.env, call: name, flag, warn: &warn };
            parameters.extend(given.parameters(&values.iter().collect::<Vec<_>>())?);
        }
        let has_name = parameters.iter().any(|(name, _)| name == SESSION_NAME);
        if self.operation.flags.iter().any(|flag| flag.parameter == SESSION_NAME) && !has_name {
            let name = default_session_name(&app.env);
            parameters.push((SESSION_NAME.to_owned(), Secret::new(name)));
        }
        let role = assertion::complete(app, &mut parameters)?;
        let arn = role.or(self.value(SERIAL_NUMBER).map(str::to_owned));
        Ok(StsCall { name, parameters, arn })
    }

    /// The only value of the flag that becomes this parameter, as it was typed.
    fn value(&self, parameter: &str) -> Option<&str> {
        let (_, values) = self.given.iter().find(|(flag, _)| flag.parameter == parameter)?;
        values.first().map(String::as_str)
    }
}
