//! A job of GitHub Actions in steps, as the runner sees it: what is in its log, and what reaches the steps after.

use std::path::Path;
use std::process::Command;

use chrono::TimeDelta;

use crate::children;
use crate::fake_aws::sample::GITHUB_CI;
use crate::ran::Ran;
use crate::running::Running;
use crate::sandbox::{AWSX, Sandbox, disguises, rewrite};

const SESSION: &str = "arn:aws:sts::222222222222:assumed-role/GithubCi/example-app.4711.ann";

/// What the runner does around the steps of a job.
struct Runner {
    sandbox: Sandbox,
    /// Every line that the steps said, as the log shows it
    log: Vec<String>,
    masks: Vec<String>,
}

impl Runner {
    fn start() -> Self {
        let sandbox = children::sandbox().in_a_github_job().vault("memory");
        Self { sandbox, log: Vec::new(), masks: Vec::new() }
    }

    /// Runs a line of `run:`, looks for commands in what it says, and takes over the variables that it leaves.
    fn step(&mut self, line: &str) -> Ran {
        let mut command: Command = self.sandbox.command("bash");
        command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", line]);
        let ran = self.sandbox.run(&mut command, b"", false);
        for line in ran.stderr.lines().chain(ran.stdout.lines()) {
            if let Some(data) = line.strip_prefix("::add-mask::") {
                let data = data.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
                self.masks.push(data);
            }
            let shown =
                self.masks.iter().fold(line.to_owned(), |line, mask| line.replace(mask, "***"));
            self.log.push(shown);
        }
        for (name, value) in variables(&self.sandbox.read("planted/github_env")) {
            self.sandbox.set(&name, &value);
        }
        self.sandbox.write("planted/github_env", "");
        ran
    }
}

/// The variables of a file of the runner: `NAME=VALUE`, and `NAME<<DELIMITER` with the value in the lines up to it.
fn variables(text: &str) -> Vec<(String, String)> {
    let mut lines = text.split('\n');
    let mut variables = Vec::new();
    while let Some(line) = lines.next() {
        let (equals, here) = (line.find('='), line.find("<<"));
        match (equals, here) {
            _ if line.is_empty() => {}
            (equals, Some(at)) if equals.is_none_or(|equals| at < equals) => {
                let delimiter = &line[at + 2..];
                let mut value: Vec<&str> = Vec::new();
                loop {
                    let line = lines.next().unwrap_or_else(|| panic!("no end of {}", &line[..at]));
                    if line == delimiter {
                        break;
                    }
                    value.push(line);
                }
                variables.push((line[..at].to_owned(), value.join("\n")));
            }
            (Some(at), _) => variables.push((line[..at].to_owned(), line[at + 1..].to_owned())),
            (None, _) => panic!("{line:?} sets nothing"),
        }
    }
    variables
}

#[test]
fn steps_after_it_have_the_session_and_the_log_has_no_secret() {
    let mut runner = Runner::start();
    // What is left of another step, and what no step can take out.
    runner.sandbox.set("AWS_SECURITY_TOKEN", "planted-stale-token");
    runner.sandbox.set("AWS_DEFAULT_PROFILE", "elsewhere");
    let line = format!("awsx env --oidc github --role-arn {GITHUB_CI} --format github");
    let ran = runner.step(&line).ok();
    let warning = "warning: AWS_DEFAULT_PROFILE is set in this job, and no step can take it out";
    let ran = ran.says(warning);
    let issued = ran.stdout.lines().map(|line| line.strip_prefix("::add-mask::").expect(line));
    let issued: Vec<String> = issued.map(str::to_owned).collect();
    assert_eq!(issued.len(), 3, "{issued:?}");
    runner.sandbox.unset("AWS_DEFAULT_PROFILE");
    // The AWS CLI and boto3 have it from their environment.
    let who = runner.step("aws2 sts get-caller-identity").ok().json();
    assert_eq!(who["Arn"], SESSION);
    let who = runner.step("python planted/who.py").ok().json();
    assert_eq!((&who["arn"], &who["method"]), (&SESSION.into(), &"env".into()));
    // A step that says too much.
    runner.step("echo \"$AWS_SECRET_ACCESS_KEY and $AWS_SESSION_TOKEN\"").ok();
    assert!(runner.log.contains(&"*** and ***".to_owned()), "{:?}", runner.log);
    runner.step("awsx ci cleanup").ok().stderr_is(&[]);
    runner.step("test -z \"$AWS_ACCESS_KEY_ID$AWS_SECRET_ACCESS_KEY$AWS_SESSION_TOKEN\"").ok();
    runner.step("aws2 sts get-caller-identity").says("Unable to locate credentials");
    let notice = "awsx: the credentials in this shell are not awsx's, and stay";
    runner.step("AWS_ACCESS_KEY_ID=AKIAMINE awsx ci cleanup").ok().stderr_is(&[notice]);
    let tokens = runner.sandbox.aws.control(|state| state.github.tokens.clone());
    let jwts = tokens.iter().map(|token| token.split_once('.').unwrap().1.to_owned());
    let secrets: Vec<String> = issued.into_iter().chain(jwts).collect();
    let log = runner.log.join("\n");
    for form in secrets.iter().flat_map(|secret| disguises(secret)) {
        assert!(!log.contains(&form), "{form} is in the log: {log}");
    }
    assert_eq!(runner.sandbox.aws.count("GithubToken"), 1);
}

/// Asks who it is in each round, and takes it after the first one that its session is about to end.
const LONG: &str = "\
import boto3, datetime, os, sys, time
session = boto3.Session(profile_name='sdk')
credentials = session.get_credentials()
sts = session.client('sts')
now = credentials._time_fetcher
for round in range(3):
    while not os.path.exists(f'planted/round{round}'):
        time.sleep(0.01)
    gone = datetime.timedelta(minutes=52 if round else 0)
    credentials._time_fetcher = lambda: now() + gone
    print(sts.get_caller_identity()['Arn'], file=sys.stderr, flush=True)
";

/// One process of boto3 that runs for hours; its profile asks awsx.
#[test]
fn a_job_outlives_its_tokens_with_credential_process() {
    let sandbox = children::sandbox().in_a_github_job();
    sandbox.config(&format!(
        "[profile deploy]\noidc = github\nrole_arn = {GITHUB_CI}\n\
         [profile sdk]\nregion = eu-central-1\n\
         credential_process = {AWSX} credential-process deploy --allowed-account 222222222222\n"
    ));
    let script = sandbox.write("planted/long.py", LONG);
    let mut command = sandbox.command("python");
    let mut job = Running::start(&sandbox, command.arg(&script), b"", true);
    let mut seen = Vec::new();
    for round in 0..3 {
        sandbox.write(&format!("planted/round{round}"), "");
        job.says(SESSION);
        let tokens = sandbox.aws.control(|state| state.github.tokens.clone());
        assert_eq!(tokens.len(), round + 1, "a fresh token for each session");
        seen = tokens;
        // An hour goes by: the session is over, for AWS and for what the vault notes of it; the token long since.
        sandbox.aws.control(|state| {
            state.clock_offset += TimeDelta::seconds(state.github.seconds + 1);
            state.expire_sessions();
        });
        rewrite(&sandbox.only_record("sessions"), |bytes| {
            let end = br#""expires_at":""#;
            let at = bytes.windows(end.len()).position(|part| part == end).unwrap() + end.len();
            bytes[at..at + 2].copy_from_slice(b"19");
        });
    }
    job.end().ok();
    // What opened the first session opens none any more.
    let file = sandbox.write("planted/first", &seen[0]);
    let oidc = format!("file:{}", file.display());
    let line = ["exec", "--oidc", &oidc, "--role-arn", GITHUB_CI, "--", "true"];
    sandbox
        .awsx(&line)
        .fails(5, &["ExpiredTokenException", "hint: the web identity token is over"]);
    let unique: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!((unique.len(), sandbox.aws.count("AssumeRoleWithWebIdentity")), (3, 4));
}

#[test]
fn what_cannot_be_handed_on_is_refused_before_anything_is_asked() {
    let sandbox = Sandbox::new().in_a_github_job();
    let line = ["env", "--oidc", "github", "--role-arn", GITHUB_CI, "--format", "github"];
    sandbox.set("GITHUB_ENV", "");
    let error = "GITHUB_ENV is not set, so this is no step of GitHub Actions";
    let hint = "hint: elsewhere use the format of a shell, such as --format sh";
    let ran = sandbox.awsx(&line).fails(2, &[error, hint]);
    assert!(ran.stdout.is_empty() && sandbox.aws.operations().is_empty(), "{ran:?}");
    sandbox.set("GITHUB_ENV", "planted/none");
    let words = ["GITHUB_ENV planted/none: No such file", "hint: see that the runner made it"];
    sandbox.awsx(&line).fails(3, &words).prints_no("export");
    for variable in ["GITHUB_ACTIONS", "CI"] {
        sandbox.unset(variable);
    }
    let words = ["this is no job of GitHub Actions or GitLab", "hint: `awsx env --unset`"];
    sandbox.awsx(&["ci", "cleanup"]).fails(2, &words);
}

#[test]
fn a_dotenv_report_of_gitlab_is_what_its_jobs_read() {
    let sandbox = Sandbox::new().in_a_github_job();
    sandbox.unset("GITHUB_ACTIONS");
    sandbox.set("GITLAB_CI", "true");
    sandbox.set("GITLAB_OIDC_TOKEN", &sandbox.web_identity_token());
    let role = crate::fake_aws::sample::CI;
    let line = ["env", "--oidc", "gitlab", "--role-arn", role, "--format", "gitlab"];
    for size in [0, 4_096, 12_288] {
        sandbox.aws.control(|state| state.iam.least_token_size = size);
        let ran = sandbox.awsx(&[&line[..], &["--refresh"]].concat());
        if size > 4_096 {
            let words = [
                "gitlab cannot hold the credentials: GitLab takes no report of more than 5 KB or 20 variables",
                "hint: have each job run `awsx exec --oidc gitlab --role-arn ARN -- CMD` itself",
            ];
            assert!(ran.fails(2, &words).stdout.is_empty());
            continue;
        }
        let ran = ran.ok();
        let variables = ran.stdout.lines().map(|line| line.split_once('=').expect(line));
        for (name, value) in variables {
            assert!(!value.contains(['\'', '"']) && !name.contains(' '), "{name}");
            sandbox.set(name, value);
        }
        let who = sandbox.awsx(&["whoami", "--json"]).ok().json();
        assert_eq!(who["arn"], "arn:aws:sts::222222222222:assumed-role/Ci/awsx-ann", "{who}");
        let cleanup = sandbox.awsx(&["ci", "cleanup"]).ok();
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "AWSX_ACCESS_KEY_ID"] {
            assert!(cleanup.stdout.lines().any(|line| line == format!("{name}=")), "{cleanup:?}");
        }
        for (name, _) in cleanup.stdout.lines().map(|line| line.split_once('=').expect(line)) {
            sandbox.set(name, "");
        }
    }
}

/// The workflow of the documents is the one that works: its lines are awsx's.
#[test]
fn the_documents_example_needs_nothing_but_the_binary() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci.md");
    let page = std::fs::read_to_string(page).unwrap();
    let sandbox = Sandbox::new().in_a_github_job();
    let words = page.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines: Vec<&str> =
        words.split("awsx ").skip(1).filter(|rest| rest.starts_with("exec ")).collect();
    let flags: Vec<&str> = lines[0].split(" -- ").next().unwrap().split(' ').collect();
    let deploy = "arn:aws:iam::222222222222:role/Deploy";
    sandbox.aws.control(|state| {
        let mut role = state.iam.role(GITHUB_CI).unwrap().clone();
        role.arn = deploy.into();
        state.iam.roles.push(role);
    });
    sandbox.awsx(&[&flags[..], &["--", "true"]].concat()).ok().stderr_is(&[]);
    assert_eq!(sandbox.aws.operations(), ["GithubToken", "AssumeRoleWithWebIdentity"]);
}
