//! Roles that the identity token of a CI job opens, by `--oidc` and by `oidc` of a profile.

use crate::fake_aws::fault::Fault;
use crate::fake_aws::github;
use crate::fake_aws::sample::{CI, GITHUB_CI, READ_ONLY, SHARED};
use crate::ran::Ran;
use crate::sandbox::Sandbox;

const SESSION: &str = "arn:aws:sts::222222222222:assumed-role/GithubCi/example-app.4711.ann";
/// The operations behind a new session
const BY_TOKEN: [&str; 2] = ["GithubToken", "AssumeRoleWithWebIdentity"];

fn job() -> Sandbox {
    Sandbox::new().in_a_github_job()
}

/// `awsx exec --oidc WHERE --role-arn GITHUB_CI FLAGS -- true`
fn exec(sandbox: &Sandbox, oidc: &str, flags: &[&str]) -> Ran {
    let line = ["exec", "--oidc", oidc, "--role-arn", GITHUB_CI];
    sandbox.awsx(&[&line, flags, &["--", "true"]].concat())
}

/// Profiles `ci`, whose role the job's token opens, and `next`, a role behind that.
fn with_profiles(sandbox: &Sandbox, next: &str, settings: &str) {
    sandbox.config(&format!(
        "[profile ci]\noidc = github\nrole_arn = {GITHUB_CI}\n\
         [profile next]\nrole_arn = {next}\nsource_profile = ci\n{settings}"
    ));
    sandbox.aws.control(|state| {
        let trust = &mut state.iam.role(next).unwrap().trust;
        trust.principals.push(GITHUB_CI.into());
    });
}

/// The session tags of the last `AssumeRole`, as `Key=Value`.
fn tags(sandbox: &Sandbox) -> Vec<String> {
    let calls = sandbox.aws.calls();
    let call = calls.iter().rfind(|call| call.operation == "AssumeRole").unwrap();
    let get = |name: String| call.parameters.get(&name);
    (1..)
        .map_while(|n| {
            let (key, value) = (format!("Tags.member.{n}.Key"), format!("Tags.member.{n}.Value"));
            Some(format!("{}={}", get(key)?, get(value)?))
        })
        .collect()
}

#[test]
fn a_job_opens_its_role_once_and_is_named_after_itself() {
    let sandbox = job();
    let flags = ["--oidc", "github", "--role-arn", GITHUB_CI];
    for command in [&["exec"][..], &["env", "--format", "json"], &["credential-process"]] {
        let tail: &[&str] = if command[0] == "exec" { &["--", "env"] } else { &[] };
        let ran = sandbox.awsx(&[command, &flags, tail].concat()).ok().stderr_is(&[]);
        ran.prints("ASIA").prints("222222222222");
    }
    assert_eq!(sandbox.aws.new_operations(), BY_TOKEN);
    let who = sandbox.awsx(&[&["whoami", "--json"], &flags[..]].concat()).ok().json();
    assert_eq!((&who["arn"], &who["source"]), (&SESSION.into(), &"web-identity".into()));
    let plan = sandbox.awsx(&[&["explain"], &flags[..]].concat()).ok();
    plan.prints("role GithubCi in 222222222222").prints("sts:AssumeRoleWithWebIdentity");
    // Of the profile the same; its session is the same, too.
    with_profiles(&sandbox, READ_ONLY, "");
    assert_eq!(sandbox.whoami("ci")["arn"], SESSION);
    assert_eq!(sandbox.aws.new_operations(), ["GetCallerIdentity", "GetCallerIdentity"]);
    // The next job on this machine is somebody else.
    sandbox.aws.control(|state| state.github.bearer = "sandbox.the-next-job.bearer-token".into());
    sandbox.set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "sandbox.the-next-job.bearer-token");
    sandbox.exec("ci", &[]).ok().stderr_is(&[]);
    sandbox.exec("ci", &["--refresh", "--session-name", "mine"]).ok();
    assert_eq!(sandbox.aws.new_operations(), [BY_TOKEN, BY_TOKEN].concat());
    let tokens = sandbox.aws.control(|state| state.github.tokens.clone());
    assert!(tokens.len() == 3 && tokens[1] != tokens[2], "a fresh one each time");
}

#[test]
fn a_role_behind_it_has_the_jobs_name_and_tags() {
    let sandbox = job();
    with_profiles(&sandbox, READ_ONLY, "session_tags = actor=somebody\n");
    let who = sandbox.whoami("next");
    assert!(who["arn"].as_str().unwrap().ends_with("/ReadOnly/example-app.4711.ann"), "{who}");
    let commit = "Commit=0123456789abcdef0123456789abcdef01234567";
    let most = ["Repository=example/app", "Workflow=Deploy", "Branch=refs/heads/main"];
    let all = [&["actor=somebody"], &most[..], &[commit, "RunId=4711"]].concat();
    assert_eq!(tags(&sandbox), all);
    // What AWS cannot pack is left out, as far as nobody asked for it.
    let policy =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*""#;
    let policy = format!("{policy:<2020}}}]}}");
    let arns = "arn:aws:iam::aws:policy/ReadOnlyAccess,arn:aws:iam::aws:policy/ViewOnlyAccess";
    let flags = ["--policy", &policy, "--policy-arn", arns];
    let told =
        "awsx: AWS cannot pack all tags of this job: those of its commit and its run are left out";
    sandbox.exec("next", &flags).ok().stderr_is(&[told]);
    assert_eq!(tags(&sandbox), [&["actor=somebody"], &most[..]].concat());
    // A role that lets nobody tag its sessions.
    with_profiles(&sandbox, SHARED, "");
    let told = format!("awsx: {SHARED} does not allow sts:TagSession: the job's tags are left out");
    sandbox.exec("next", &[]).ok().stderr_is(&[&told]);
    assert!(tags(&sandbox).is_empty());
    sandbox.exec("next", &[]).ok().stderr_is(&[]);
    let flags = ["--tag", "team=web"];
    sandbox.exec("next", &flags).fails(5, &["sts:TagSession"]);
}

#[test]
fn every_other_place_of_a_token_works() {
    let sandbox = job();
    let token = sandbox.web_identity_token();
    let file = sandbox.write("planted/token", &format!("{token}\n"));
    let file = file.to_str().unwrap();
    sandbox.set_all(&format!("GITLAB_OIDC_TOKEN={token} MY_TOKEN={token}"));
    let whoami =
        |oidc: &str| sandbox.awsx(&["whoami", "--oidc", oidc, "--role-arn", CI, "--refresh"]);
    for oidc in ["gitlab", "env:MY_TOKEN", &format!("file:{file}"), &format!("cmd:cat {file}")] {
        whoami(oidc).ok().prints("assumed-role/Ci/example-app.4711.ann").stderr_is(&[]);
        let profile = format!("[profile ci]\nrole_arn = {CI}\noidc = {oidc}\n");
        sandbox.config(&profile);
        sandbox.exec("ci", &["--refresh"]).ok().stderr_is(&[]);
        sandbox.config("");
    }
    sandbox.set_all("GITLAB_OIDC_TOKEN= MY_TOKEN=");
    std::fs::remove_file(file).unwrap();
    for (oidc, code, words) in [
        ("gitlab", 8, ["GITLAB_OIDC_TOKEN: is not set", "hint: give the job `id_tokens:`"]),
        ("env:MY_TOKEN", 8, ["MY_TOKEN: is not set", "hint: see that the job sets it"]),
        (&format!("file:{file}"), 8, ["--oidc ~/planted/token: No such file", "hint: see that"]),
        (&format!("cmd:cat {file}"), 8, ["oidc: cat: failed", "hint: correct that line"]),
        (
            "GitHub",
            2,
            [
                "--oidc is none of github, github:AUDIENCE, gitlab, env:VAR",
                "hint: in a job of GitHub",
            ],
        ),
        (
            "planted.token.x",
            2,
            ["--oidc is none of github, github:AUDIENCE, gitlab, env:VAR", "hint: "],
        ),
    ] {
        let ran = whoami(oidc).exits(code).says_no("planted.token");
        words.iter().fold(ran, |ran, words| ran.says(words));
    }
}

#[test]
fn a_job_learns_why_it_has_no_token() {
    let sandbox = job();
    let is = "the token of GitHub Actions: ";
    sandbox.aws.fail("GithubToken", Fault::UNAVAILABLE, 1);
    exec(&sandbox, "github", &[]).ok().stderr_is(&[]);
    sandbox.aws.fail("GithubToken", Fault::UNAVAILABLE, 3);
    let down = "the token of GitHub Actions did not succeed after 3 attempts at http://127.0.0.1:";
    exec(&sandbox, "github", &["--refresh"]).fails(6, &[down, "HTTP 503"]);
    sandbox.set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "planted-bearer");
    let words = format!("error: {is}GitHub answered with HTTP 401");
    let hint = "hint: give the workflow or the job `permissions:` with `id-token: write`";
    exec(&sandbox, "github", &[]).fails(8, &[&words, hint]);
    let at = "error: ~/.aws/config:2: profile \"ci\": ";
    with_profiles(&sandbox, READ_ONLY, "");
    sandbox.unset("ACTIONS_ID_TOKEN_REQUEST_URL");
    let words =
        format!("{at}{is}this job may not ask for one: ACTIONS_ID_TOKEN_REQUEST_URL is not set");
    sandbox.exec("ci", &[]).fails(8, &[&words, hint]);
    sandbox.unset("GITHUB_ACTIONS");
    let words = format!("{at}{is}this is no job of GitHub Actions");
    sandbox.exec("ci", &[]).fails(8, &[&words, "hint: name a profile that works here"]);
    // To look at it takes no job.
    sandbox.awsx(&["explain", "ci"]).ok().prints("role GithubCi in 222222222222").stderr_is(&[]);
    sandbox.awsx(&["profiles"]).ok().prints_no("!");
    for (url, problem) in [
        ("http://192.0.2.1/token", "is neither https nor of this machine"),
        ("planted", "is not a URL"),
    ] {
        sandbox.set("ACTIONS_ID_TOKEN_REQUEST_URL", url);
        exec(&sandbox, "github", &[]).fails(3, &[&format!("REQUEST_URL: {problem}")]);
    }
}

#[test]
fn a_role_that_does_not_let_the_job_in_shows_the_claims() {
    let sandbox = job();
    let subject = "repo:Example/App:environment:prod";
    let trusted =
        sandbox.aws.control(|state| std::mem::replace(&mut state.github.subject, subject.into()));
    let host = github::ISSUER.trim_start_matches("https://");
    let provider = format!("arn:aws:iam::222222222222:oidc-provider/{host}");
    let said = [
        "awsx: the token fits a trust policy that says, to the letter and with its capitals:",
        &format!("awsx:   \"Federated\": \"{provider}\""),
        &format!("awsx:   \"{host}:aud\": \"sts.amazonaws.com\""),
        &format!("awsx:   \"{host}:sub\": \"{subject}\""),
        "awsx: it also says: repository example/app, ref refs/heads/main, event_name push, \
         job_workflow_ref example/app/.github/workflows/deploy.yml@refs/heads/main",
        "awsx: a job with an environment has that in sub, in the place of its branch",
    ];
    let denied = "error: sts:AssumeRoleWithWebIdentity was refused: AccessDenied: Not authorized to \
                  perform sts:AssumeRoleWithWebIdentity";
    let hint = "hint: check the role's trust policy: its identity provider, audience and subject; \
                `awsx explain` shows the calls";
    exec(&sandbox, "github", &[]).exits(5).stderr_is(&[&said[..], &[denied, hint]].concat());
    // Nothing else than the policy decided, so nothing else is shown.
    sandbox.aws.control(|state| {
        let provider = &mut state.iam.identity_providers[1];
        provider.audience = "elsewhere".into();
    });
    let words = [&said[..2], &["InvalidIdentityToken: Incorrect token audience"], &said[2..]];
    let ran = exec(&sandbox, "github", &["-vv"]).exits(5).says(words[1][0]).says(said[2]);
    ran.says("asks for another one with `oidc = github:AUDIENCE`");
    // Another audience than the usual one is asked for, and another session.
    sandbox.aws.control(|state| state.github.subject = trusted);
    exec(&sandbox, "github:elsewhere", &[]).ok();
    exec(&sandbox, "github", &[]).exits(5);
    exec(&sandbox, "github:elsewhere", &[]).ok();
    // What is over is not the policy's fault.
    sandbox.aws.control(|state| state.github.seconds = -1);
    exec(&sandbox, "github", &[]).fails(5, &["ExpiredTokenException", "hint: the web identity"]);
}

#[test]
fn credentials_of_another_account_are_not_handed_over() {
    let sandbox = job();
    let refused = |account: &str| {
        let said = "but --allowed-account says 111111111111, 333333333333";
        format!("error: the credentials are of account {account}, {said}")
    };
    let allow = ["--allowed-account", "111111111111,333333333333"];
    let hint = "hint: name that account with --allowed-account too";
    exec(&sandbox, "github", &allow).fails(5, &[&refused("222222222222"), hint]);
    let explain = ["explain", "--oidc", "github", "--role-arn", GITHUB_CI];
    let ran =
        sandbox.awsx(&[&explain[..], &allow].concat()).prints("role GithubCi in 222222222222");
    ran.fails(5, &[&refused("222222222222"), hint]);
    assert!(sandbox.aws.operations().is_empty(), "a role says its account");
    exec(&sandbox, "github", &["--allowed-account", "222222222222"]).ok();
    // Whose keys others made, only AWS knows, whatever the environment says.
    let issued = sandbox.aws.control(|state| state.issue_role(CI, "n", 900));
    sandbox.set("AWS_ACCESS_KEY_ID", &issued.access_key_id);
    sandbox.set("AWS_SECRET_ACCESS_KEY", &issued.secret_access_key);
    sandbox.set("AWS_SESSION_TOKEN", &issued.session_token);
    sandbox.set("AWS_ACCOUNT_ID", "111111111111");
    for command in [&["exec"][..], &["env", "--format", "sh"], &["credential-process"], &["whoami"]]
    {
        let tail: &[&str] = if command[0] == "exec" { &["--", "env"] } else { &[] };
        let ran = sandbox.awsx(&[command, &allow, tail].concat());
        ran.fails(5, &[&refused("222222222222"), hint]).prints_no("ASIA").prints_no("arn:");
        let allow = ["--allowed-account", "222222222222"];
        sandbox.awsx(&[command, &allow, tail].concat()).ok();
    }
    sandbox.awsx(&["exec", "--allowed-account", "12", "--", "true"]).fails(2, &["12 digits"]);
}

#[test]
fn flags_that_do_not_go_together_are_told() {
    let sandbox = job();
    let line = ["exec", "--oidc", "github"];
    let role = ["--role-arn", GITHUB_CI];
    for (flags, words) in [
        (&["--", "true"][..], "needs --role-arn too"),
        (&["--sso", "corp", "--role-arn", GITHUB_CI, "--", "true"], "exclude each other"),
        (
            &["--tag", "a=b", "--role-arn", GITHUB_CI, "--", "true"],
            "--tag applies to a role session",
        ),
    ] {
        sandbox.awsx(&[&line, flags].concat()).fails(2, &[words, "hint: "]);
    }
    let both = [&["whoami", "prod", "--oidc", "github"], &role[..]].concat();
    sandbox.awsx(&both).fails(2, &["both a profile and --oidc are named", "hint: leave one"]);
    // The first word is the command's, without a `--` too.
    let ran = sandbox.awsx(&[&line[..], &role, &["printf", "%s", "here"]].concat()).ok();
    assert_eq!(ran.stdout, "here");
    let config = format!("[profile ci]\noidc = github\nrole_arn = {GITHUB_CI}\n");
    for (more, words) in [
        ("source_profile = x\n", "config:2: profile \"ci\" has both oidc and source_profile"),
        ("web_identity_token_file = x\n", "has both oidc and web_identity_token_file"),
        ("oidc = gitlab\n", "oidc of profile \"ci\" has another value"),
    ] {
        sandbox.config(&format!("{config}{more}"));
        sandbox.exec("ci", &[]).exits(3).says(words).says("hint: remove one of the two lines");
    }
    sandbox.config("[profile ci]\noidc = github\n");
    sandbox
        .exec("ci", &[])
        .fails(3, &["profile \"ci\" has oidc but no role_arn", "hint: add role_arn"]);
    sandbox.config(&format!("[profile ci]\noidc = Github\nrole_arn = {GITHUB_CI}\n"));
    let words = "oidc of profile \"ci\" is none of github, github:AUDIENCE, gitlab, env:VARIABLE, file:PATH and cmd:PROGRAM";
    sandbox.exec("ci", &[]).fails(3, &[words, "hint: correct oidc in that line"]);
}

/// A runner has no keychain and nobody to choose a passphrase: the kernel keeps the key, or nothing does.
#[test]
fn a_runners_vault_is_there_without_a_word() {
    let sandbox = job().vault("auto");
    // Whoever looks for a keychain finds this one, which never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    sandbox.set("DBUS_SESSION_BUS_ADDRESS", &format!("tcp:host=127.0.0.1,port={port}"));
    for _ in 0..2 {
        exec(&sandbox, "github", &[]).ok().stderr_is(&[]);
    }
    silent.set_nonblocking(true).unwrap();
    assert!(silent.accept().is_err(), "nobody looked for a keychain");
    let status = sandbox.awsx(&["vault", "status", "--json"]).ok().json();
    let unlocker = status["unlocker"].as_str().unwrap();
    assert!(["kernel", "memory", "auto"].contains(&unlocker), "{status}");
}
