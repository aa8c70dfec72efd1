//! What tests begin with: a home in some state, and the things that several of them do in it.

use std::path::PathBuf;

use chrono::TimeDelta;

use crate::fake_aws::browser::{Page, approve};
use crate::fake_aws::fault::Fault;
use crate::fake_aws::github;
use crate::fake_aws::iam::{Identity, Role, Trust};
use crate::fake_aws::portal::Assignment;
use crate::fake_aws::sample;
use crate::ran::Ran;
use crate::running::Running;
use crate::sandbox::{CONFIG, SSO_SESSION, Sandbox};

/// Profiles of both kinds, a role behind one of them, and one that nobody is assigned.
const SSO_PROFILES: &str = "\
[profile sso]
sso_session = corp
sso_account_id = 222222222222
sso_role_name = Developer
[profile old]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 222222222222
sso_role_name = Developer
[profile behind]
role_arn = arn:aws:iam::111111111111:role/ReadOnly
source_profile = sso
duration_seconds = 7200
[profile foreign]
sso_session = corp
sso_account_id = 111111111111
sso_role_name = Developer
";

/// Whom the profiles `sso` and `old` lead to.
pub(crate) const DEVELOPER: &str = "arn:aws:sts::222222222222:assumed-role/\
                                    AWSReservedSSO_Developer_0123456789abcdef/ann@corp.example";

/// The AWS CLI's token file of the `[sso-session]`, and of the start URL of the profile `old`.
pub(crate) fn token_files() -> [String; 2] {
    [sample::SSO_SESSION, sample::SSO_START_URL]
        .map(|(_, sha1)| format!(".aws/sso/cache/{sha1}.json"))
}

/// The session with its profiles.
pub(crate) fn sso_config() -> String {
    format!("{SSO_SESSION}{SSO_PROFILES}")
}

/// awsx's own settings.
pub(crate) const SETTINGS: &str = ".config/awsx/config.toml";

/// Where nobody listens.
pub(crate) const NOBODY: &str = "http://127.0.0.1:1";

/// The file that the AWS CLI keeps the sample user's sign-in in: `printf %s ARN | sha256sum`.
pub(crate) const SHARED_SIGN_IN: &str =
    ".aws/login/cache/fb4c3a52f5095bbb97c1334ae8fd6b71ed40e705099d1cc6aae6efe6a37315c4.json";

/// What `awsx login aws console` writes.
pub(crate) fn console_profile() -> String {
    format!("[profile console]\nlogin_session = {}\nregion = eu-west-1\n", sample::USER)
}

/// Somebody else than the sample user.
pub(crate) const EVE: &str = "arn:aws:iam::111111111111:user/eve";

/// What makes one row of a table differ from the others.
pub(crate) type SetUp<'a> = &'a (dyn Fn(&Sandbox) + Sync);

/// Shows the person an address: the script that stands for the browser leaves it, and the
/// environment that it was given, in a file.
const BROWSER: &str = "\
#!/bin/sh
env > \"$HOME/browser/environment\"
printf '%s' \"$1\" > \"$HOME/browser/part.$$\"
mv \"$HOME/browser/part.$$\" \"$HOME/browser/opened.$$\"
";

/// A bound for a test that hangs, in milliseconds; nothing is measured against it.
const PATIENCE: u32 = 60_000;

/// What awsx says once a login is there.
pub(crate) const LOGGED_IN: &str = "awsx: logged in to sso-session \"corp\"";

/// The operation that gives and renews what AWS sign-in gives.
pub(crate) const CONSOLE_TOKEN: &str = "CreateOAuth2Token";

impl Sandbox {
    /// An `[sso-session]` without profiles, in an organization with so many accounts beyond the first
    /// one, and roles in each.
    pub(crate) fn with_sso(accounts: usize, roles: usize) -> Self {
        let sandbox = Self::new();
        sandbox.config(SSO_SESSION);
        sandbox.aws.control(|state| state.portal.grow(accounts, roles));
        sandbox
    }

    /// An `[sso-session]` with its profiles, and a role that trusts one of them.
    pub(crate) fn sso_profiles(self) -> Self {
        self.config(&sso_config());
        self.let_assume_read_only(sample::SSO_ROLE);
        self
    }

    /// The role [`sample::READ_ONLY`] trusts this one too.
    pub(crate) fn let_assume_read_only(&self, role: &str) {
        self.aws.control(|state| {
            let trust = &mut state.iam.role(sample::READ_ONLY).unwrap().trust;
            trust.principals.push(role.into());
        });
    }

    /// A person who ran `aws sso login`.
    pub(crate) fn logged_in(self) -> Self {
        self.leave_token(|text| text);
        self
    }

    /// Writes the token files that the AWS CLI would, changed.
    pub(crate) fn leave_token(&self, change: impl Fn(String) -> String) {
        let url = sample::SSO_START_URL.0;
        let text = self.aws.control(|state| state.portal.tokens[0].cache_file(url));
        for file in token_files() {
            self.write(&file, &change(text.clone()));
        }
    }

    /// Leaves the endpoints of IAM Identity Center to the profile `sso`; the config file.
    pub(crate) fn endpoints_of_its_own(&self) -> String {
        let url = self.aws.url();
        // Whoever does not ask the profile leaves for AWS, and gets no further than this machine.
        self.unset("AWS_ENDPOINT_URL");
        self.set("HTTPS_PROXY", "http://127.0.0.1:9");
        let config = format!(
            "{}[services here]\nsso =\n  endpoint_url = {url}/\nsso_oidc =\n  endpoint_url = {url}/\n",
            sso_config().replace("[profile old]", "services = here\n[profile old]")
        );
        self.config(&config);
        config
    }

    /// A person with a browser, and no login.
    pub(crate) fn at_a_browser(self) -> Self {
        self.open_browsers();
        self
    }

    /// From now on there is a browser, and no login.
    pub(crate) fn open_browsers(&self) {
        let script = self.write_mode("browser/script", BROWSER, 0o755);
        self.set("AWSX_BROWSER", script.to_str().unwrap());
        self.aws.control(|state| state.portal.tokens.clear());
    }

    /// A person with a browser, profiles of IAM Identity Center, and no login.
    pub(crate) fn not_logged_in() -> Self {
        Self::new().sso_profiles().at_a_browser()
    }

    /// A person who signed in to the profile `console`, with credentials for `seconds`; the next ones
    /// are for fifteen minutes.
    pub(crate) fn console(self, seconds: i64, flags: &[&str]) -> Self {
        self.aws.control(|state| state.signin.seconds = seconds);
        self.sign_in(flags).ok();
        self.aws.control(|state| state.signin.seconds = 900);
        self
    }

    /// Somebody else signs in to AWS from now on.
    pub(crate) fn be_eve(&self) {
        let eve = Identity::User { arn: EVE.into(), id: "AIDAEVE".into() };
        self.aws.control(|state| state.signin.identity = eve);
    }

    /// A device that a program reads the codes of.
    pub(crate) fn mfa_process(&self, command: &str) {
        let line = format!("mfa_process = {command}\nmfa_serial");
        self.config(&CONFIG.replace("mfa_serial", &line));
    }

    /// A vault of this kind, and no passphrase for one.
    pub(crate) fn vault(self, kind: &str) -> Self {
        self.set("AWSX_VAULT", kind);
        self.unset("AWSX_PASSPHRASE");
        self.without_vault()
    }

    /// A vault that was used and is locked again.
    pub(crate) fn with_locked_vault(self) -> Self {
        self.exec("readonly", &[]).ok();
        self.awsx(&["lock"]).ok();
        self
    }

    /// A machine with a role and without AWS files.
    pub(crate) fn on_an_instance(self) -> Self {
        self.config("");
        self.credentials("");
        self.unset("AWS_EC2_METADATA_DISABLED");
        self.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", self.aws.url());
        // One second, the default, is short on a busy machine.
        self.set("AWS_METADATA_SERVICE_TIMEOUT", "20");
        self
    }

    /// A container with a role and without AWS files.
    pub(crate) fn in_a_container(self) -> Self {
        self.config("");
        self.credentials("");
        self.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", &self.aws.container_url());
        self.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", sample::CONTAINER_TOKEN);
        self
    }

    /// A job of GitHub Actions that may ask for tokens, without AWS files.
    pub(crate) fn in_a_github_job(self) -> Self {
        self.begin_github_job();
        self
    }

    /// From now on it is one.
    pub(crate) fn begin_github_job(&self) {
        self.config("");
        self.credentials("");
        let (url, bearer) =
            (self.aws.url().to_owned(), self.aws.control(|state| state.github.bearer.clone()));
        self.set_all(
            "CI=true GITHUB_ACTIONS=true GITHUB_REPOSITORY=example/app GITHUB_RUN_ID=4711 \
             GITHUB_ACTOR=ann GITHUB_WORKFLOW=Deploy GITHUB_REF=refs/heads/main \
             GITHUB_SHA=0123456789abcdef0123456789abcdef01234567 AWS_REGION=eu-central-1",
        );
        let file = self.write("planted/github_env", "");
        self.set("GITHUB_ENV", file.to_str().unwrap());
        let (path, query) = (github::PATH, github::QUERY);
        self.set("ACTIONS_ID_TOKEN_REQUEST_URL", &format!("{url}{path}?{query}"));
        self.set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", &bearer);
    }

    /// A web identity token that opens [`sample::CI`] for the next ten minutes.
    pub(crate) fn web_identity_token(&self) -> String {
        let end = self.aws.now() + TimeDelta::minutes(10);
        self.aws.control(|state| state.iam.identity_providers[0].token(sample::SUBJECT, end))
    }

    /// The profile `ci`, whose role this token opens.
    pub(crate) fn web_identity_profile(self, token: &str) -> Self {
        let file = self.write("planted/token", token);
        self.config(&format!(
            "[profile ci]\nrole_arn = {}\nweb_identity_token_file = {}\n",
            sample::CI,
            file.display()
        ));
        self
    }

    /// Roles `r0`, `r1`, … behind the keys of `dev`, each with a profile of that name and `settings`.
    pub(crate) fn roles_of_dev(&self, count: usize, settings: &str) -> Vec<String> {
        let names: Vec<String> = (0..count).map(|n| format!("r{n}")).collect();
        let profiles = names.iter().map(|name| {
            let arn = format!("arn:aws:iam::222222222222:role/{name}");
            let profile =
                format!("[profile {name}]\nrole_arn = {arn}\nsource_profile = dev\n{settings}\n");
            let trust = Trust { principals: vec![sample::USER.into()], ..Trust::default() };
            let id = format!("AROA2{:X<16}", name.to_uppercase());
            let role = Role { arn, id, max_session_seconds: 3600, trust };
            self.aws.control(|state| state.iam.roles.push(role));
            profile
        });
        self.config(&format!("[profile dev]\n{}", profiles.collect::<String>()));
        names
    }

    /// Roles `r0`, `r1`, … of the `[sso-session]`, each with a profile of that name.
    pub(crate) fn roles_of_sso(&self, count: usize) -> Vec<String> {
        let names: Vec<String> = (0..count).map(|n| format!("r{n}")).collect();
        let profiles = names.iter().map(|name| {
            let assignment = Assignment {
                user: sample::SSO_USER.into(),
                role_name: name.clone(),
                role: sample::SSO_ROLE.replace("Developer", name),
                seconds: 3600,
            };
            self.aws.control(|state| state.portal.assignments.push(assignment));
            format!(
                "[profile {name}]\nsso_session = corp\nsso_account_id = 222222222222\n\
                 sso_role_name = {name}\n"
            )
        });
        let profiles: String = profiles.collect();
        self.config(&(sso_config() + &profiles));
        names
    }

    /// The addresses that browsers were opened with and nobody took yet.
    pub(crate) fn open_pages(&self) -> Vec<PathBuf> {
        let mut files = crate::sandbox::files_below(&self.home().join("browser"));
        files.retain(|file| file.file_name().unwrap().to_str().unwrap().starts_with("opened."));
        files
    }

    /// The address that the browser was opened with; waits until it is.
    pub(crate) fn next_page(&self) -> String {
        let file = wait_for("the browser", || self.open_pages().pop());
        let address = std::fs::read_to_string(&file).unwrap();
        std::fs::remove_file(file).unwrap();
        address
    }

    /// The person allows awsx in the browser that was opened; the last page.
    pub(crate) fn allow(&self) -> Page {
        allow_at(&self.next_page())
    }

    /// Logs in with these words, from the command to the page.
    pub(crate) fn log_in_with(&self, words: &[&str]) -> Ran {
        let mut terminal = self.awsx_on_terminal(words);
        self.allow();
        terminal.end().ok()
    }

    /// `awsx login sso corp`
    pub(crate) fn log_in(&self) {
        self.log_in_with(&["login", "sso", "corp"]).says(LOGGED_IN);
    }

    /// `awsx login aws console`, allowed in the browser.
    pub(crate) fn sign_in(&self, flags: &[&str]) -> Ran {
        let region = if flags.contains(&"--region") { &[][..] } else { &["--region", "eu-west-1"] };
        let words = [&["login", "aws", "console", "--no-browser"], flags, region].concat();
        let mut terminal = self.awsx_on_terminal(&words);
        allow_at(&terminal.line("http"));
        if !self.read_config().contains("login_session") {
            terminal.expect("signed in. Write that to profile \"console\"? [y/N]").type_line("y");
        }
        terminal.end()
    }

    /// The same command so many times at once.
    pub(crate) fn many(&self, count: usize, words: &[&str]) -> Crowd<'_> {
        self.together((0..count).map(|_| words))
    }

    /// These commands at once.
    pub(crate) fn together<'w>(
        &self,
        commands: impl IntoIterator<Item = impl AsRef<[&'w str]>>,
    ) -> Crowd<'_> {
        Crowd(commands.into_iter().map(|words| self.start(words.as_ref())).collect())
    }

    /// Waits until AWS was asked for an operation so often.
    pub(crate) fn wait_for_calls(&self, operation: &str, count: usize) {
        wait_for(operation, || (self.aws.count(operation) >= count).then_some(()));
    }

    /// Starts an awsx whose next call of this operation never gets an answer; it has sent it then.
    pub(crate) fn hang_at(&self, operation: &str, words: &[&str]) -> Running<'_> {
        self.aws.fail(operation, Fault::Hang, 1);
        let before = self.aws.count(operation);
        let running = self.start(words);
        self.wait_for_calls(operation, before + 1);
        running
    }
}

/// Several awsx that run at the same time.
pub(crate) struct Crowd<'a>(pub(crate) Vec<Running<'a>>);

impl Crowd<'_> {
    /// Waits until each of them has said so.
    pub(crate) fn each_says(&mut self, words: &str) {
        for running in &mut self.0 {
            running.says(words);
        }
    }

    /// Waits for all of them.
    pub(crate) fn end(self) -> Vec<Ran> {
        self.0.into_iter().map(Running::end).collect()
    }

    /// The same, where each must succeed.
    pub(crate) fn ok(self) -> Vec<Ran> {
        self.end().into_iter().map(Ran::ok).collect()
    }
}

/// The page that says that the person has allowed it.
pub(crate) fn allow_at(address: &str) -> Page {
    let page = approve(address);
    assert_eq!(page.status, 200, "{page:?}");
    page
}

/// Asks until there is an answer.
pub(crate) fn wait_for<T>(what: &str, answer: impl Fn() -> Option<T>) -> T {
    for _ in 0..PATIENCE {
        if let Some(answer) = answer() {
            return answer;
        }
        pause();
    }
    panic!("{what} did not come");
}

/// Waits until nobody listens at this port of 127.0.0.1: what another test's listener took as it became free ends with
/// that test.
pub(crate) fn wait_for_free(port: u16) {
    let connect = || std::net::TcpStream::connect(("127.0.0.1", port));
    wait_for("the end of the port", || connect().is_err().then_some(()));
}

/// A millisecond.
#[expect(clippy::disallowed_methods, reason = "a test has no clock")]
pub(crate) fn pause() {
    std::thread::sleep(std::time::Duration::from_millis(1));
}
