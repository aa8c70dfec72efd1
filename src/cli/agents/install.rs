//! `awsx agents install`

use clap::Args;

use super::client_file::{ClientFile, Obstacle, is_there, path_of, plan};
use crate::app::App;
use crate::app::scope::find_scope;
use crate::cli::config_file::{confirm_write, refusal_to_overwrite};
use crate::cli::page::page;
use crate::host::own_program;
use crate::mcp::clients::{CLIENTS, Client, Server};
use crate::report::Look;
use crate::report::failure::{Failure, Kind, word};
use crate::resolve::{ScopeText, SelectedBy, SelectedProfile, find_profile};
use crate::text::abbreviate;

/// awsx itself
const OWN: &str = "awsx";
/// AWS's own server, through its proxy: <https://github.com/aws/mcp-proxy-for-aws>
const OF_AWS: &str = "aws-mcp";
/// A version, as its page advises: what comes later was looked at by nobody here.
const PROXY: [&str; 3] =
    ["uvx", "mcp-proxy-for-aws-cli@1.7.0", "https://aws-mcp.us-east-1.api.aws/mcp"];

/// Write awsx into the settings of agents, as an MCP server
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
Shows what comes into each client's file, asks, and changes no other byte of it.
Clients: claude-code, codex, cursor, vscode, kiro, gemini-cli, opencode,
copilot-cli, amp, windsurf; without a name those that left their directory here.
AWS's own MCP server comes too with --profile, and gets that profile's session
from awsx. Another server of the same name stays, and so do words of yours.
";
    "awsx agents install                     for each client that is here"
    "awsx agents install codex --profile dev --scope read:s3"
    "awsx agents install cursor --project    in the directory of a project"
    "awsx agents install --remove --yes"
))]
pub(in crate::cli) struct InstallAgents {
    /// The clients; those that are on this machine
    #[arg(value_name = "CLIENT", value_parser = read_client)]
    clients: Vec<&'static Client>,
    /// AWS's MCP server too, with this profile
    #[arg(short, long, value_name = "PROFILE", conflicts_with = "remove")]
    profile: Option<String>,
    /// What its session may do, as of `awsx exec`
    #[arg(long, value_name = "SCOPE", requires = "profile")]
    scope: Option<String>,
    /// Into the files of the project in this directory
    #[arg(long)]
    project: bool,
    /// Take it out again
    #[arg(long)]
    remove: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

fn read_client(name: &str) -> Result<&'static Client, String> {
    CLIENTS.iter().find(|client| client.name == name).ok_or_else(|| {
        let names: Vec<_> = CLIENTS.iter().map(|client| client.name).collect();
        format!("it is none of {}", names.join(", "))
    })
}

impl InstallAgents {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let servers = if self.remove { Vec::new() } else { self.servers(app)? };
        let gone: &[&str] = if self.remove { &[OWN, OF_AWS] } else { &[] };
        let (mut files, mut obstacles) = (Vec::new(), Vec::new());
        let project = self.project.then(|| app.env.working_directory());
        for client in self.choose(app)? {
            let Some(path) = path_of(client, &app.env, self.project) else {
                return Err(no_place(client, self.project));
            };
            match plan(client, path, project, (&servers, gone)) {
                Ok(file) if file.before == file.after => {
                    let has = if self.remove { "has nothing of it" } else { "has it already" };
                    app.out().notice(&format!("{} {has}", file.path.display()));
                }
                Ok(file) => files.push(file),
                Err(obstacle) => obstacles.push(obstacle),
            }
        }
        let written = if files.is_empty() { Ok(()) } else { self.write(app, &files) };
        // Nobody answered: nothing more is said.
        if written.as_ref().is_err_and(|failure| failure.kind() == Kind::InputNeeded) {
            return written;
        }
        match obstacles.first() {
            Some(first) => {
                if let Err(failure) = written {
                    app.out().warning(failure.message());
                }
                Err(self.refuse(app, first, &obstacles, &servers))
            }
            None => written,
        }
    }

    /// Those that are named, else those that are here.
    fn choose(&self, app: &App) -> Result<Vec<&'static Client>, Failure> {
        if !self.clients.is_empty() {
            return Ok(self.clients.clone());
        }
        let found: Vec<_> = CLIENTS
            .iter()
            .filter(|client| !self.project || client.project.is_some())
            .filter(|client| is_there(client, &app.env))
            .collect();
        match found.is_empty() {
            true => {
                let hint = "name it: `awsx agents install claude-code`";
                Err(Failure::usage(
                    "no client that awsx knows has left its directory here".to_owned(),
                    hint,
                ))
            }
            false => Ok(found),
        }
    }

    fn servers(&self, app: &App) -> Result<Vec<Server>, Failure> {
        let program = match self.project {
            // Others have it elsewhere.
            true => OWN.to_owned(),
            false => own_program(&app.env)
                .map_err(|error| Failure::io("the path of awsx is not known", &error))?,
        };
        let mut servers = vec![Server {
            name: OWN,
            program: program.clone(),
            arguments: vec!["mcp".to_owned()],
            variables: Vec::new(),
        }];
        if let Some(profile) = &self.profile {
            let selected = SelectedProfile { name: profile.clone(), by: SelectedBy::CommandLine };
            find_profile(&selected, app.profiles()?)?;
            let mut arguments = vec!["exec".to_owned(), "--server".to_owned(), profile.clone()];
            if let Some(scope) = &self.scope {
                find_scope(app, &ScopeText { text: scope.clone(), at: None })?;
                arguments.extend(["--scope".to_owned(), scope.clone()]);
            }
            arguments.push("--".to_owned());
            arguments.extend(PROXY.map(str::to_owned));
            // Whatever starts it, what it asks for is asked for by an agent.
            let variables = vec![("AWSX_CALLER", "agent")];
            servers.push(Server { name: OF_AWS, program, arguments, variables });
        }
        Ok(servers)
    }

    /// The line again.
    fn command(&self) -> String {
        let names = self.clients.iter().map(|client| format!(" {}", client.name));
        let mut line = format!("awsx agents install{}", names.collect::<String>());
        for (flag, value) in [("--profile", &self.profile), ("--scope", &self.scope)] {
            if let Some(value) = value {
                line.push_str(&format!(" {flag} {}", word(value)));
            }
        }
        for (flag, is_set) in [("--project", self.project), ("--remove", self.remove)] {
            if is_set {
                line.push_str(&format!(" {flag}"));
            }
        }
        line
    }

    fn write(&self, app: &App, files: &[ClientFile]) -> Result<(), Failure> {
        let instead = format!("run `{} --yes`", self.command());
        for file in files {
            show(app, file)?;
        }
        if !self.yes && app.person().terminal().is_err() {
            let message = "nobody can be asked whether that is right".to_owned();
            return Err(Failure::say(message, Kind::InputNeeded.with(instead)));
        }
        // A file that cannot be written is no reason to leave the others.
        let mut first: Option<Failure> = None;
        for file in files {
            match self.write_one(app, file, &instead) {
                Err(failure) if failure.kind() == Kind::InputNeeded => return Err(failure),
                Err(failure) if first.is_some() => app.out().warning(failure.message()),
                Err(failure) => first = Some(failure),
                Ok(()) => {}
            }
        }
        first.map_or(Ok(()), Err)
    }

    fn write_one(&self, app: &App, file: &ClientFile, instead: &str) -> Result<(), Failure> {
        let ClientFile { client, path, before, after } = file;
        let name = path.display().to_string();
        if !self.yes && !confirm_write(app, &name, true, instead.to_owned())? {
            return Ok(());
        }
        let tell = |message: &str| app.out().notice(message);
        let writer = app.writer_without_undo(&tell);
        if !writer.unless_changed(path, before, after)? {
            return Err(refusal_to_overwrite(path));
        }
        app.out().notice(&format!("{name} is written: {} has it when it starts", client.title));
        if let (Some(profile), Some(program)) = (&self.profile, client.program) {
            let scope = self.scope.as_ref().map(|scope| format!(" --scope {}", word(scope)));
            let scope = scope.unwrap_or_default();
            let line = format!("awsx exec --server {}{scope} -- {program}", word(profile));
            app.out()
                .notice(&format!("`{line}` starts it so that its commands have the profile too"));
        }
        Ok(())
    }

    /// What stands in the way, and what a person would write.
    fn refuse(&self, app: &App, first: &Obstacle, all: &[Obstacle], servers: &[Server]) -> Failure {
        for Obstacle { client, path, why, is_foreign } in all {
            app.out().warning(&format!("{} is left as it is: {why}", path.display()));
            if !self.remove && !is_foreign {
                // Where it cannot be shown, the failure says enough.
                let _ = app.out().data(&client.lines(servers));
            }
        }
        let what = match (self.remove, first.is_foreign) {
            (true, _) => "take out what is named awsx and aws-mcp there yourself".to_owned(),
            (_, true) => {
                format!("give it another name there, or take it out, then `{}`", self.command())
            }
            _ => "put these lines there yourself".to_owned(),
        };
        Failure::say(
            format!("{} cannot be changed: {}", first.path.display(), first.why),
            Kind::Config.with(what),
        )
    }
}

/// Of a client that has no such file.
fn no_place(client: &Client, is_project: bool) -> Failure {
    match is_project && client.project.is_none() {
        true => {
            let hint = format!("`awsx agents install {}` writes yours", client.name);
            Failure::usage(format!("{} has no file of a project", client.title), &hint)
        }
        false => Failure::usage("there is no home directory".to_owned(), "set HOME"),
    }
}

/// The path, and the lines that come and go. The others are the person's: none of them is shown.
fn show(app: &App, file: &ClientFile) -> Result<(), Failure> {
    let mut screen = app.out().screen();
    let path = file.path.display().to_string();
    screen.look(Look::Strong, &abbreviate(&path, app.env.home()));
    if let Some(target) = file.link_target() {
        let target = target.display().to_string();
        screen.plain(&format!(", which is {}", abbreviate(&target, app.env.home())));
    }
    screen.line();
    app.out().show(screen.lines_that_differ(&file.before, &file.after))
}
