//! `awsx sts decode-authorization-message`

use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use serde_json::Value;

use super::decision;
use super::encoded::find_encoded;
use super::outcome::{document, member};
use crate::app::App;
use crate::cli::profiles::names_in_account;
use crate::cli::stdin::read_stdin;
use crate::credentials::{Secret, StsAnswer, arn};
use crate::report::failure::{Failure, hint_of_decoders};
use crate::resolve::Plan;
use crate::state::files;

/// Bytes of an error's text, at most.
const LARGEST: u64 = 1024 * 1024;
/// Characters of `EncodedMessage`, at most
const LONGEST: usize = 10_240;

#[derive(Debug, Args)]
pub(super) struct DecodeFlags {
    /// The error's text, a file with it, or - for stdin; stdin without it
    #[arg(value_name = "TEXT|FILE|-", conflicts_with = "encoded_message")]
    text: Option<String>,
    /// The same, or the encoded part alone
    // It may begin with a hyphen.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    encoded_message: Option<String>,
    /// The decoded document
    #[arg(long)]
    pub(super) json: bool,
    /// AWS's answer, as the AWS CLI prints it
    #[arg(long, conflicts_with = "json")]
    aws_json: bool,
}

impl DecodeFlags {
    /// The encoded part of what is given.
    pub(super) fn message(&self, app: &App) -> Result<Secret, Failure> {
        let given = self.text.as_deref().or(self.encoded_message.as_deref());
        let text = match given {
            None | Some("-") => {
                let read = read_stdin(LARGEST)?;
                let none = || Failure::usage("there is no message".to_owned(), WHAT);
                String::from_utf8_lossy(&read.ok_or_else(none)?).into_owned()
            }
            Some(given) => {
                let named = given.strip_prefix("file://").map(Path::new);
                let path = named.or_else(|| Some(Path::new(given)).filter(|path| path.is_file()));
                match path.map(|path| app.env.expand_home(path)) {
                    Some(path) => {
                        let read = files::read(&path, LARGEST).map_err(|error| {
                            let problem = format!("{} cannot be read: {error}", path.display());
                            Failure::usage(problem, WHAT)
                        })?;
                        String::from_utf8_lossy(&read).into_owned()
                    }
                    None => given.to_owned(),
                }
            }
        };
        let found = find_encoded(&text);
        let found = found.ok_or_else(|| {
            Failure::usage("there is no encoded message in the text".to_owned(), WHAT)
        })?;
        match found.len() {
            0..=LONGEST => Ok(Secret::new(found)),
            length => Err(Failure::usage(
                format!("the encoded message has {length} characters, and AWS takes {LONGEST}"),
                WHAT,
            )),
        }
    }

    pub(super) fn show(&self, app: &App, answer: &StsAnswer) -> Result<ExitCode, Failure> {
        if self.aws_json {
            app.out().document(&document(&answer.members)?)?;
            return Ok(ExitCode::SUCCESS);
        }
        let decoded = member(&answer.members, "DecodedMessage");
        match serde_json::from_str::<Value>(decoded) {
            Ok(decision) if self.json => app.out().json(&decision)?,
            Ok(decision) => {
                let mut screen = app.out().screen();
                decision::show(&decision, &mut screen);
                app.out().show(&screen)?;
            }
            // What AWS says is worth more than nothing.
            Err(_) => app.out().data(&format!("{decoded}\n"))?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

const WHAT: &str = "give all that AWS said, or what stands behind \"Encoded authorization failure \
                    message:\", on stdin, in a file or as an argument";

/// The failure, with the profiles that may decode the message.
pub(super) fn explain(app: &App, plan: &Plan, failure: Failure) -> Failure {
    if !failure.is_denial_by_policy() {
        return failure;
    }
    let account = failure.message().split_whitespace().find_map(arn::account);
    let others = account.map(|account| names_in_account(app, account));
    let mut others = others.and_then(Result::ok).unwrap_or_default();
    others.retain(|name| Some(&**name) != plan.profile());
    let hint = hint_of_decoders(account, &others);
    failure.with_hint(hint)
}
