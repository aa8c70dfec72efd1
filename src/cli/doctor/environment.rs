//! What variables say against one another and against the files, and what is wrong with the files.

use std::path::Path;

use super::point::{Point, State};
use crate::app::App;
use crate::check::Severity;
use crate::env::Env;
use crate::report::Failure;
use crate::report::failure::Advise;
use crate::resolve::{
    About, ChainErrorKind, Request, SelectedBy, SelectedProfile, Selection, SourceKind, trace,
};
use crate::text::unset;

const TOPIC: &str = "environment";

/// Pairs of variables that should say the same, and who takes the second one.
const PAIRS: [(&str, &str, &str); 2] = [
    // BOTOCORE's order, before version 2 of the AWS CLI.
    (
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "boto3 and version 1 of the AWS CLI take AWS_DEFAULT_PROFILE first",
    ),
    (
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "boto3 and version 1 of the AWS CLI know only AWS_DEFAULT_REGION",
    ),
];

/// Variables that name files.
const FILES: [&str; 4] =
    ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE"];

pub(super) fn examine(app: &App) -> Vec<Point> {
    let env = &app.env;
    let mut points = examine_variables(env);
    if let Err(failure) = app.check_proxies() {
        points.push(Point::of_failure(TOPIC, &failure));
    }
    // What is wrong with the files is told of the files.
    if app.profiles().is_ok() {
        if let Err(failure) = app.client_settings(None, None) {
            points.push(Point::of_failure(TOPIC, &failure));
        }
        points.extend(examine_chain(app));
    }
    points
}

fn examine_variables(env: &Env) -> Vec<Point> {
    let mut points = Vec::new();
    if env.home().is_none() {
        points.push(Point::new(State::Bad, TOPIC, "there is no home directory").next("set HOME"));
    }
    for (one, other, why) in PAIRS {
        if let (Some(first), Some(second)) = (env.get(one), env.get(other))
            && first.trim() != second.trim()
        {
            let said =
                format!("{one} is {}, but {other} is {}: {why}", first.trim(), second.trim());
            points.push(Point::new(State::Doubtful, TOPIC, said).next(unset(other)));
        }
    }
    for variable in FILES {
        if let Some(path) = env.path(variable).map(|path| env.expand_home(path))
            && !path.exists()
        {
            let said = format!("{variable} names {}, which is not there", path.display());
            points.push(Point::new(State::Bad, TOPIC, said).next(unset(variable)));
        }
    }
    points
}

/// What the chain without a profile comes to.
fn examine_chain(app: &App) -> Vec<Point> {
    let Ok(profiles) = app.profiles() else { return Vec::new() };
    let selected = SelectedProfile::of_environment(&app.env);
    let by_variable = selected.by != SelectedBy::Default;
    let name = selected.name.clone();
    let request = Request { selection: Selection::Profile(selected), ..Request::of_profile(&name) };
    let walked = trace(profiles, &app.env, &request);
    let odd = walked.oddities.iter().filter(|warning| warning.about == About::Moment);
    let mut points: Vec<Point> =
        odd.map(|warning| Point::new(State::Doubtful, TOPIC, warning.to_string())).collect();
    match &walked.result {
        Ok(chain) => {
            let moment = chain.warnings().iter().filter(|warning| warning.about == About::Moment);
            points.extend(moment.map(|warning| {
                Point::new(State::Doubtful, TOPIC, warning.to_string())
                    .next("`awsx explain` shows every source")
            }));
            if let Some(ends) =
                end_of_credentials(app).filter(|_| walked.answer() == Some(SourceKind::Environment))
            {
                points.push(
                    Point::new(
                        State::Bad,
                        TOPIC,
                        format!("the credentials of the environment are over: {ends}"),
                    )
                    .next("`awsx env --unset` prints what removes them"),
                );
            }
            if points.is_empty() {
                let source = walked.answer().map_or("", SourceKind::as_str);
                let of = if by_variable { format!("AWS_PROFILE={name}, ") } else { String::new() };
                points.push(Point::new(State::Good, TOPIC, format!("{of}credentials by {source}")));
            }
        }
        Err(error) => {
            let is_empty = profiles.all_names().next().is_none();
            let nothing = matches!(
                *error.kind,
                ChainErrorKind::NoCredentials { .. }
                    | ChainErrorKind::ProfileWithoutCredentials { .. }
            );
            if nothing && is_empty {
                points.push(
                    Point::new(State::Doubtful, TOPIC, "there is no profile yet")
                        .next("`awsx config sso` makes one, or `awsx login aws default`"),
                );
            } else if nothing && !by_variable {
                points.push(Point::new(
                    State::Good,
                    TOPIC,
                    "no profile is chosen; each command names one",
                ));
            } else {
                let failure = Failure::new(error, error.advice());
                points.push(Point::of_failure(TOPIC, &failure));
            }
        }
    }
    points
}

/// The end of the credentials in the environment, if it is over.
fn end_of_credentials(app: &App) -> Option<String> {
    let end = app.env.get("AWS_CREDENTIAL_EXPIRATION")?;
    let end = chrono::DateTime::parse_from_rfc3339(end.trim()).ok()?.to_utc();
    (end <= app.now()).then(|| app.on(end))
}

/// How many errors have a line of their own.
const MOST_ERRORS: usize = 3;

pub(super) fn examine_files(app: &App) -> Vec<Point> {
    let checked = app.check_files();
    let of = |severity| checked.findings.iter().filter(move |finding| finding.severity == severity);
    let mut points: Vec<Point> = of(Severity::Error)
        .take(MOST_ERRORS)
        .map(|finding| {
            let place = match finding.place.parts() {
                Some((file, Some(line))) => format!("{}:{line}: ", file.display()),
                Some((file, None)) => format!("{}: ", file.display()),
                None => String::new(),
            };
            let point = Point::new(State::Bad, "files", format!("{place}{}", finding.message));
            let fix =
                finding.is_mechanical.then(|| "`awsx config check --fix` mends it".to_owned());
            Point { next: fix.or_else(|| finding.hint.clone()), ..point }
        })
        .collect();
    let more = of(Severity::Error).count().saturating_sub(MOST_ERRORS);
    if more > 0 {
        points.push(
            Point::new(State::Bad, "files", format!("{more} more {}", plural(more, "error")))
                .next("`awsx config check` shows all"),
        );
    }
    match of(Severity::Warning).count() {
        0 => {}
        warnings => points.push(
            Point::new(
                State::Doubtful,
                "files",
                format!("{warnings} {}", plural(warnings, "warning")),
            )
            .next("`awsx config check` shows them"),
        ),
    }
    if points.is_empty() {
        let read = |path: &Path| path.exists().then(|| path.display().to_string());
        let read: Vec<String> = checked.files.iter().filter_map(|path| read(path)).collect();
        let said = if read.is_empty() { "none yet".to_owned() } else { read.join(", ") };
        points.push(Point::new(State::Good, "files", said));
    }
    points
}

fn plural(count: usize, what: &str) -> String {
    if count == 1 { what.to_owned() } else { format!("{what}s") }
}
