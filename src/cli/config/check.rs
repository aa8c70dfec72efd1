//! `awsx config check`

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::sarif::sarif;
use crate::app::App;
use crate::app::check::Checked;
use crate::check::{Finding, Severity, Tool};
use crate::cli::page::page;
use crate::report::failure::{Failure, Kind};
use crate::report::{Look, Screen};
use crate::resolve::{SelectedBy, SelectedProfile, find_profile};
use crate::text::abbreviate;

/// Show what is wrong with the AWS files, and with awsx's own
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
An error leaves a profile without credentials for one tool at least, and the
exit code is 3; all else is a warning. No network. Codes: docs/check.md.
";
    "awsx config check"
    "awsx config check -v         with what each tool makes of it"
    "awsx config check --fix      mends what is plain, and shows the change"
    "awsx config check --sarif    for code hosts"
    "awsx config check --for terraform prod    what terraform cannot read of it"
))]
pub(in crate::cli) struct CheckFiles {
    /// Of these profiles alone
    #[arg(value_name = "PROFILE", conflicts_with = "fix")]
    profiles: Vec<String>,
    /// Also what this tool does not read
    #[arg(long, value_name = "TOOL", value_enum)]
    r#for: Option<Tool>,
    /// As JSON
    #[arg(long, conflicts_with = "fix")]
    pub(in crate::cli) json: bool,
    /// As SARIF 2.1.0, which code hosts read
    #[arg(long, conflicts_with_all = ["json", "fix"])]
    sarif: bool,
    /// Mend what is plain: modes, quotes, prefixes, comments
    #[arg(long)]
    fix: bool,
}

impl CheckFiles {
    pub(in crate::cli) fn run(self, app: &App) -> Result<ExitCode, Failure> {
        if self.fix {
            app.mend_files()?;
        }
        find_all(app, &self.profiles)?;
        let checked = app.check_files_for(self.r#for, &self.profiles);
        match (self.json, self.sarif) {
            (true, _) => app.out().json(&document(&checked))?,
            (false, true) => {
                app.out().json(&sarif(&checked.findings, app.env.working_directory()))?;
            }
            (false, false) => {
                app.out().show(&text(&checked, app))?;
                app.out().notice(&summary(&checked));
            }
        }
        Ok(exit_code(&checked))
    }
}

/// What `awsx config check --json` prints.
pub(in crate::cli) fn check_document(app: &App, profiles: &[String]) -> Result<Value, Failure> {
    find_all(app, profiles)?;
    Ok(document(&app.check_files_for(None, profiles)))
}

/// Refuses names that are no profile's.
fn find_all(app: &App, names: &[String]) -> Result<(), Failure> {
    for name in names {
        let selected = SelectedProfile { name: name.clone(), by: SelectedBy::CommandLine };
        find_profile(&selected, &app.survey())?;
    }
    Ok(())
}

fn exit_code(checked: &Checked) -> ExitCode {
    match count(checked, Severity::Error) {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::from(Kind::Config.contract().1),
    }
}

fn count(checked: &Checked, severity: Severity) -> usize {
    checked.findings.iter().filter(|finding| finding.severity == severity).count()
}

/// Version 1; fields are only ever added.
fn document(checked: &Checked) -> Value {
    let files: Vec<String> = checked.files.iter().map(|path| path.display().to_string()).collect();
    let findings: Vec<Value> = checked.findings.iter().map(finding_document).collect();
    json!({
        "version": 1,
        "files": files,
        "errors": count(checked, Severity::Error),
        "warnings": count(checked, Severity::Warning),
        "findings": findings,
    })
}

fn finding_document(finding: &Finding) -> Value {
    let (file, line) = finding.place.parts().unzip();
    let readings = finding.code.readings();
    json!({
        "code": finding.code.name(),
        "severity": finding.severity.as_str(),
        "file": file.map(|file| file.display().to_string()),
        "line": line.flatten(),
        "profiles": finding.profiles,
        "message": finding.message,
        "hint": finding.hint,
        "fixable": finding.is_mechanical,
        "aws_cli": readings.map(|readings| readings.aws_cli.words()),
        "sdks": readings.map(|readings| readings.sdks.words()),
    })
}

fn text(checked: &Checked, app: &App) -> Screen {
    let mut screen = app.out().screen();
    let short = |text: &str| abbreviate(text, app.env.home()).into_owned();
    for finding in &checked.findings {
        let place = match finding.place.parts() {
            Some((file, Some(line))) => format!("{}:{line}: ", file.display()),
            Some((file, None)) => format!("{}: ", file.display()),
            None => String::new(),
        };
        screen.look(Look::Strong, &short(&place));
        let look = match finding.severity {
            Severity::Error => Look::Bad,
            Severity::Warning => Look::Plain,
        };
        screen.look(look, finding.severity.as_str());
        screen.plain(&short(&format!(": {}", finding.message)));
        screen.look(Look::Faint, &format!(" [{}]", finding.code.name())).line();
        if let Some(hint) = &finding.hint {
            screen.plain(&short(&format!("  {hint}"))).line();
        }
        if let Some(readings) = finding.code.readings().filter(|_| app.globals.verbose > 0) {
            for (tool, reading) in [("AWS CLI", readings.aws_cli), ("SDKs", readings.sdks)] {
                screen.look(Look::Faint, &format!("  {tool:<9}{}", reading.words())).line();
            }
        }
    }
    screen
}

fn summary(checked: &Checked) -> String {
    let of = |severity: Severity| match count(checked, severity) {
        0 => format!("no {}s", severity.as_str()),
        1 => format!("1 {}", severity.as_str()),
        many => format!("{many} {}s", severity.as_str()),
    };
    let plain = checked.findings.iter().filter(|finding| finding.is_mechanical).count();
    let plain = match plain {
        0 => String::new(),
        plain => format!("; `awsx config check --fix` mends {plain}"),
    };
    format!("{}, {}{plain}", of(Severity::Error), of(Severity::Warning))
}
