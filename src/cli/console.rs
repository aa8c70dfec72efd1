//! `awsx console`

use std::time::Duration;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::flags::{SignerFlags, read_duration, read_role_arn};
use super::overlay::nothing_says;
use super::page::page;
use super::pick_profile::pick_profile;
use super::request::{in_directory, request};
use crate::app::console::{Wish, sign_in};
use crate::app::console_copy::{copy, find_clipboard};
use crate::app::console_open::{check_browser, open};
use crate::app::{App, MayAsk};
use crate::console::{Destination, check_path, find_service, services_near};
use crate::report::failure::{Failure, word};
use crate::resolve::{Purpose, Request, ScopeText};

/// Sign a browser in to AWS's console
#[derive(Debug, Args)]
#[command(help_template = page!(
    "
The browser posts what signs it in from a page of awsx, which it gets once.
";
    "awsx console prod"
    "awsx console prod --service logs            ec2, s3, cfn, lambda, …"
    "awsx console prod arn:aws:s3:::my-bucket    the page of a resource"
    "awsx console prod --print                   the address, to open it elsewhere"
))]
pub(super) struct Console {
    /// The profile; the ARN of a resource to show; or both
    #[arg(
        value_name = "PROFILE|ARN",
        num_args = 0..=2,
        value_parser = NonEmptyStringValueParser::new()
    )]
    words: Vec<String>,
    /// Show this service: as the AWS CLI calls it, or as people do (cfn)
    #[arg(long, short, value_name = "NAME", help_heading = WHERE)]
    service: Option<String>,
    /// Show what is at this path of the console
    #[arg(long, value_name = "PATH", conflicts_with = "service", help_heading = WHERE)]
    path: Option<String>,
    /// Show this page of the console
    #[arg(long, value_name = "URL", conflicts_with_all = ["service", "path"], help_heading = WHERE)]
    url: Option<String>,
    /// Print the address that signs in: for 15 minutes, once
    #[arg(long, help_heading = HOW)]
    print: bool,
    /// Put it into the clipboard instead, for a minute; over SSH too
    #[arg(long, conflicts_with = "print", help_heading = HOW)]
    copy: bool,
    /// In a private window
    #[arg(long, conflicts_with_all = ["print", "copy"], help_heading = HOW)]
    incognito: bool,
    /// Sign the browser out first of what it is signed in to
    #[arg(long, help_heading = HOW)]
    logout: bool,
    /// How long the console stays signed in, 15m to 12h
    #[arg(long, value_name = "D", value_parser = read_duration, help_heading = HOW)]
    duration: Option<Duration>,
    /// A role to assume last, with what the profile leads to
    #[arg(long, value_name = "ARN", value_parser = read_role_arn, help_heading = WHO)]
    role_arn: Option<String>,
    /// Narrow it: read:s3,logs, read, a scope by name, JSON, a file
    #[arg(
        long,
        value_name = "SCOPE",
        value_parser = NonEmptyStringValueParser::new(),
        help_heading = WHO
    )]
    scope: Option<String>,
    #[command(flatten)]
    signer: SignerFlags,
}

const WHERE: &str = "What it shows";
const HOW: &str = "How it signs in";
const WHO: &str = "Who signs";

impl Console {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let (profile, arn) = self.target()?;
        let destination = self.destination(arn)?;
        let session = self.signer.session();
        let code = session.mfa_code()?;
        let chosen = in_directory(app, &session, profile.as_deref())?;
        let app = chosen.as_ref().unwrap_or(app);
        session.ask_of_files(app, profile.as_deref());
        let profile = match profile {
            None if !session.names_whose() && nothing_says(app)? => pick_profile(app, "Profile")?,
            named => named,
        };
        let asked = request(app, &session, profile.as_deref(), MayAsk::Person)?;
        let Self { role_arn, scope, .. } = &self;
        let mut asked = Request { role_arn: role_arn.clone(), ..asked };
        if let Some(text) = scope {
            asked.scope.scope = Some(ScopeText { text: text.clone(), at: None });
        }
        let wish = Wish {
            request: asked,
            refresh: session.rules(Purpose::Deliver).refresh,
            code,
            consent: self.signer.guard.consent(),
            lasting: self.duration,
            destination: &destination,
            signs_out_first: self.logout,
        };
        if self.print {
            let signed_in = sign_in(app, wish)?;
            return app.out().data(&format!("{}\n", signed_in.form.address().expose()));
        }
        if self.copy {
            let clipboard = find_clipboard(app)?;
            return copy(app, &clipboard, &sign_in(app, wish)?);
        }
        check_browser(app)?;
        open(app, &sign_in(app, wish)?, self.incognito)
    }

    /// The profile, and the resource.
    fn target(&self) -> Result<(Option<String>, Option<String>), Failure> {
        let (arns, profiles): (Vec<_>, Vec<_>) =
            self.words.iter().cloned().partition(|word| word.starts_with("arn:"));
        let of_flag = self.signer.profile.clone();
        match (&*profiles, of_flag, &*arns) {
            ([first, second], ..) => Err(Failure::usage(
                format!(
                    "{} and {} are two profiles, or the second is a service",
                    word(first),
                    word(second)
                ),
                &format!("`awsx console {} --service {}`", word(first), word(second)),
            )),
            ([one], Some(flag), _) => Err(Failure::usage(
                format!("{} and --profile {} are two profiles", word(one), word(&flag)),
                "leave one of them out",
            )),
            (_, _, [_, _]) => {
                Err(Failure::usage("two ARNs are named".to_owned(), "leave one of them out"))
            }
            (profiles, flag, arns) => {
                Ok((profiles.first().cloned().or(flag), arns.first().cloned()))
            }
        }
    }

    fn destination(&self, arn: Option<String>) -> Result<Destination, Failure> {
        let Self { service, path, url, .. } = self;
        if arn.is_some() && [service, path, url].iter().any(|flag| flag.is_some()) {
            return Err(Failure::usage(
                "an ARN is a page of its own, beside --service, --path or --url".to_owned(),
                "leave one of them out",
            ));
        }
        Ok(match (arn, service, path, url) {
            (Some(arn), ..) => Destination::Arn(read_arn(arn)?),
            (None, Some(name), ..) => {
                Destination::Service(find_service(name).ok_or_else(|| {
                    let hint = match services_near(name) {
                        Some(like) => format!("did you mean {like}?"),
                        None => "--path PATH shows any page of the console".to_owned(),
                    };
                    Failure::usage(
                        format!("--service {}: awsx knows no such service", word(name)),
                        &hint,
                    )
                })?)
            }
            (None, None, Some(path), _) => {
                check_path(path).map_err(|problem| {
                    Failure::usage(
                        format!("--path: it {problem}"),
                        "such as --path ec2/home#Instances:",
                    )
                })?;
                Destination::Path(path.clone())
            }
            (None, None, None, Some(url)) => Destination::Url(url.clone()),
            (None, None, None, None) => Destination::Home,
        })
    }
}

/// `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`
fn read_arn(text: String) -> Result<String, Failure> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let is_one = match &*parts {
        [_, partition, service, region, _, resource] => {
            let is_plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
            ![partition, service, resource].iter().any(|part| part.is_empty())
                && is_plain(partition)
                && is_plain(region)
                && !text.contains(char::is_control)
        }
        _ => false,
    };
    match is_one {
        true => Ok(text),
        false => Err(Failure::usage(
            format!("{} is no ARN", word(&text)),
            "one is arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE, such as arn:aws:s3:::my-bucket",
        )),
    }
}
