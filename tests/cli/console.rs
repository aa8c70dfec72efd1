//! A browser that is signed in to the console: with which session, for how long, and where it is led.

use std::path::Path;

use chrono::TimeDelta;
use rustix::process::Signal;

use crate::chromium::Chromium;
use crate::fake_aws::browser::{self, Browser, Page};
use crate::fake_aws::console::SignedIn;
use crate::fake_aws::sample::{KEY_ID, READ_ONLY};
use crate::given::{SETTINGS, sso_config, wait_for_free};
use crate::ran::Ran;
use crate::running::Running;
use crate::sandbox::{AWSX, CONFIG, SSO_SESSION, Sandbox, disguises, files_below};
use crate::terminal::{CTRL_C, Terminal};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.config(&CONFIG.replace("role/ReadOnly\n", "role/ReadOnly\nregion = eu-west-1\n"));
    sandbox
}

fn print(sandbox: &Sandbox, words: &[&str]) -> Ran {
    sandbox.awsx(&[&["console", "--print"], words].concat())
}

/// A browser opens what was printed.
fn sign_in(sandbox: &Sandbox, ran: &Ran) -> SignedIn {
    let page = browser::open(ran.stdout.trim_end());
    assert_eq!(page.status, 200, "{page:?}");
    sandbox.aws.control(|state| state.console.signed_in.pop().unwrap())
}

/// Seconds that a browser stays signed in, to the minute.
fn minutes(sandbox: &Sandbox, signed_in: &SignedIn) -> i64 {
    let left = signed_in.ends_at - sandbox.aws.now() + TimeDelta::seconds(30);
    left.num_minutes()
}

#[test]
fn a_session_signs_in_once_and_stands_in_no_address() {
    let sandbox = sandbox();
    let ran = print(&sandbox, &["readonly"]).ok();
    assert_eq!(sandbox.aws.new_operations(), ["AssumeRole", "GetSigninToken"]);
    let address = ran.stdout.trim_end();
    assert!(
        address.starts_with(&format!("{}/federation?Action=login&Issuer=awsx&", sandbox.aws.url()))
    );
    assert!(!address.contains("ASIA"), "{address}");
    let signed_in = sign_in(&sandbox, &ran);
    assert_eq!(signed_in.arn, "arn:aws:sts::111111111111:assumed-role/ReadOnly/awsx-ann");
    assert_eq!(
        signed_in.destination,
        "https://eu-west-1.console.aws.amazon.com/console/home?region=eu-west-1&account=111111111111"
    );
    assert_eq!(signed_in.method, "GET");
    assert_eq!(minutes(&sandbox, &signed_in), 60);
    assert_eq!(browser::open(address).status, 400, "AWS takes it once");
    // The session is kept, the token is not.
    print(&sandbox, &["readonly"]).ok();
    assert_eq!(sandbox.aws.new_operations().last().unwrap(), "GetSigninToken");
    let late = print(&sandbox, &["readonly"]).ok();
    sandbox.aws.control(|state| state.clock_offset = TimeDelta::minutes(16));
    assert_eq!(browser::open(late.stdout.trim_end()).status, 400, "within a quarter of an hour");
}

/// Who signs in, the flags, and for how many minutes; the note that is said of it.
#[test]
fn a_console_stays_signed_in_as_long_as_aws_lets_it() {
    let sandbox = sandbox();
    sandbox.config(&format!(
        "{}[profile long]\nrole_arn = {READ_ONLY}\nsource_profile = dev\nduration_seconds = 7200\n\
         [profile chained]\nrole_arn = {READ_ONLY}\nsource_profile = readonly\n",
        sandbox.read_config()
    ));
    sandbox.let_assume_read_only(READ_ONLY);
    for (words, expected) in [
        (&["readonly"][..], 60),
        (&["readonly", "--duration", "12h"], 720),
        (&["readonly", "--duration", "15m"], 15),
        (&["long"], 120),
        (&["long", "--duration", "3h"], 180),
        (&["chained"], 60),
        (&["chained", "--duration", "30m"], 30),
        (&["dev"], 720),
        (&["dev", "--duration", "36h"], 2160),
    ] {
        let ran = print(&sandbox, words).ok();
        assert_eq!(minutes(&sandbox, &sign_in(&sandbox, &ran)), expected, "{words:?}: {ran:?}");
    }
    print(&sandbox, &["chained", "--duration", "2h"])
        .ok()
        .says("lasts 1h instead of 2h: AWS ends a role that is assumed with session credentials");
    for (words, problem) in [
        (
            &["readonly", "--duration", "13h"][..],
            "--duration 13h is out of bounds: AWS allows 15m to 12h for a session of the console",
        ),
        (&["readonly", "--duration", "14m"], "AWS allows 15m to 12h"),
        (&["dev", "--duration", "37h"], "AWS allows 15m to 36h for sts:GetFederationToken"),
    ] {
        print(&sandbox, words).fails(2, &[problem, "hint: give --duration"]);
    }
}

#[test]
fn a_console_begins_with_no_session_that_is_half_over() {
    let sandbox = sandbox();
    sandbox.config(&format!(
        "{}[profile chained]\nrole_arn = {READ_ONLY}\nsource_profile = readonly\n",
        sandbox.read_config()
    ));
    sandbox.let_assume_read_only(READ_ONLY);
    let asked = |profile: &str| {
        print(&sandbox, &[profile]).ok();
        sandbox.aws.new_operations()
    };
    assert_eq!(asked("chained"), ["AssumeRole", "AssumeRole", "GetSigninToken"]);
    assert_eq!(asked("chained"), ["GetSigninToken"]);
    // A stand-in for the time that passes.
    let leave = |minutes: Option<i64>| {
        sandbox.aws.control(|state| state.iam.longest_session = minutes.map(|left| 60 * left));
    };
    for (minutes, expected) in
        [(35, &["GetSigninToken"][..]), (25, &["AssumeRole", "GetSigninToken"])]
    {
        sandbox.exec("readonly", &["--refresh"]).ok();
        leave(Some(minutes));
        sandbox.awsx(&["sessions", "clear", "chained"]).ok();
        sandbox.exec("readonly", &[]).ok();
        sandbox.exec("chained", &[]).ok();
        // A command goes on with what it has.
        sandbox.aws.forget_calls();
        sandbox.exec("chained", &[]).ok();
        leave(None);
        assert!(sandbox.aws.new_operations().is_empty(), "{minutes}");
        assert_eq!(asked("chained"), expected, "{minutes}");
    }
}

#[test]
fn a_login_signs_in() {
    let sandbox = Sandbox::new().sso_profiles().logged_in();
    sandbox.config(&sso_config().replace("[profile old]", "region = eu-central-1\n[profile old]"));
    let ran = print(&sandbox, &["sso", "--duration", "9h"]).ok();
    let signed_in = sign_in(&sandbox, &ran);
    assert!(signed_in.arn.contains("AWSReservedSSO_Developer"), "{signed_in:?}");
    assert!(signed_in.destination.starts_with("https://eu-central-1.console.aws.amazon.com/"));
    assert_eq!(minutes(&sandbox, &signed_in), 540);
    // What is left of the session, which is eight hours.
    assert_eq!(minutes(&sandbox, &sign_in(&sandbox, &print(&sandbox, &["sso"]).ok())), 480);
    let role = ["--sso", "corp", "--account", "222222222222", "--role", "Developer"];
    sandbox.config(SSO_SESSION);
    sign_in(&sandbox, &print(&sandbox, &role).ok());
}

#[test]
fn a_user_signs_in_by_a_federation_token_whose_policy_is_said() {
    let sandbox = sandbox();
    let ran = print(&sandbox, &["dev"]).ok().says(
        "awsx: AWS signs no access keys in: a federation token does, whose policy allows all that the user may",
    );
    let calls = sandbox.aws.calls();
    let operations: Vec<_> = calls.iter().map(|call| &*call.operation).collect();
    assert_eq!(operations, ["GetFederationToken", "GetSigninToken"]);
    assert_eq!(calls[0].access_key_id.as_deref(), Some(KEY_ID));
    assert_eq!(calls[0].parameters["Name"], "awsx-ann");
    assert!(calls[0].parameters["Policy"].contains(r#""Action":"*""#));
    assert!(!calls[1].parameters.contains_key("SessionDuration"), "{calls:?}");
    let signed_in = sign_in(&sandbox, &ran);
    assert_eq!(signed_in.arn, "arn:aws:sts::111111111111:federated-user/awsx-ann");
    assert!(signed_in.destination.ends_with("&account=111111111111"), "{signed_in:?}");
    sandbox.aws.forget_calls();
    print(&sandbox, &["dev", "--scope", "read:s3"])
        .ok()
        .says("whose policy is scope read:s3, of what the user may");
    assert!(sandbox.aws.calls()[0].parameters["Policy"].contains("s3:Get"));
    sandbox.aws.forget_calls();
    print(&sandbox, &["dev", "--scope", "read"]).ok();
    let calls = sandbox.aws.calls();
    assert_eq!(
        calls[0].parameters["PolicyArns.member.1.arn"],
        "arn:aws:iam::aws:policy/ReadOnlyAccess"
    );
}

#[test]
fn what_aws_does_not_sign_in_is_said() {
    let sandbox = sandbox();
    // The session of a user, as others hand it over.
    let session = sandbox.awsx(&["exec", "dev", "--", "env"]).ok().stdout;
    for line in session.lines().filter(|line| line.starts_with("AWS_")) {
        let (name, value) = line.split_once('=').unwrap();
        if ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"].contains(&name) {
            sandbox.set(name, value);
        }
    }
    print(&sandbox, &[]).fails(
        5,
        &[
            "signin:getSigninToken was refused: HTTP 400",
            "hint: AWS signs sessions of roles in, and federation tokens of users",
        ],
    );
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
        sandbox.unset(name);
    }
    let keys = "printf '{\"Version\":1,\"AccessKeyId\":\"AKIA2SANDBOXEXAMPLE7\",\"SecretAccessKey\":\"x\"}'";
    let program = sandbox.write_mode("planted/keys.sh", &format!("#!/bin/sh\n{keys}\n"), 0o755);
    sandbox.config(&format!("[profile tool]\ncredential_process = {}\n", program.display()));
    print(&sandbox, &["tool"]).fails(
        3,
        &[
            "AWS signs sessions in, and these credentials are access keys of a user",
            "hint: name a profile whose role_arn is a role; `awsx explain tool` shows where these come from",
        ],
    );
}

#[test]
fn a_page_is_named_by_service_path_address_or_arn() {
    let sandbox = sandbox();
    let origin = "https://eu-west-1.console.aws.amazon.com";
    for (words, expected) in [
        (
            &["--service", "logs"][..],
            "/cloudwatch/home?region=eu-west-1&account=111111111111#logsV2:log-groups",
        ),
        (&["--service", "CFN"], "/cloudformation/home?region=eu-west-1&account=111111111111"),
        (&["-s", "ec2"], "/ec2/home?region=eu-west-1&account=111111111111"),
        (&["--path", "/ec2/home#Instances:"], "/ec2/home#Instances:"),
        (
            &["arn:aws:s3:::a-bucket"],
            "/go/view?arn=arn%3Aaws%3As3%3A%3A%3Aa-bucket&region=eu-west-1&account=111111111111",
        ),
    ] {
        let ran = print(&sandbox, &[&["readonly"], words].concat()).ok();
        assert_eq!(sign_in(&sandbox, &ran).destination, format!("{origin}{expected}"), "{words:?}");
    }
    let own = "https://111111111111-abc.us-east-1.console.aws.amazon.com/s3/home";
    let ran = print(&sandbox, &["readonly", "--url", own]).ok();
    assert_eq!(sign_in(&sandbox, &ran).destination, own);
    let function = "arn:aws:lambda:us-east-2:222222222222:function:f";
    let ran = print(&sandbox, &["readonly", function]).ok();
    let ran =
        ran.says("the resource is of account 222222222222, and the console is 111111111111's");
    assert!(
        sign_in(&sandbox, &ran)
            .destination
            .starts_with("https://us-east-2.console.aws.amazon.com/go/view?")
    );
    sandbox.set("AWS_PROFILE", "readonly");
    sign_in(&sandbox, &print(&sandbox, &["arn:aws:s3:::b"]).ok());
    sandbox.aws.forget_calls();
    for (words, code, problem) in [
        (&["readonly", "--service", "lamda"][..], 2, "hint: did you mean lambda?"),
        (
            &["readonly", "--service", "qqqqqqq"],
            2,
            "hint: --path PATH shows any page of the console",
        ),
        (&["readonly", "ec2"], 2, "hint: `awsx console readonly --service ec2`"),
        (&["readonly", "-p", "dev"], 2, "readonly and --profile dev are two profiles"),
        (&["readonly", "arn:aws:s3"], 2, "arn:aws:s3 is no ARN"),
        (&["readonly", "arn:aws:s3:::b", "--path", "x"], 2, "an ARN is a page of its own"),
        (
            &["readonly", "--path", "https://a/"],
            2,
            "--path: it is a whole address: give it with --url",
        ),
        (&["readonly", "--path", "/"], 2, "--path: it is empty"),
        (
            &["readonly", "--url", "https://evil.example/"],
            2,
            "--url: it is no address below aws.amazon.com",
        ),
        (
            &["readonly", "--url", "http://console.aws.amazon.com/"],
            2,
            "--url: it does not begin with https://",
        ),
        (&["nobody"], 3, "profile \"nobody\" (named on the command line) is in neither"),
    ] {
        print(&sandbox, words).fails(code, &[problem, "hint: "]);
    }
    assert!(sandbox.aws.new_operations().is_empty());
}

#[test]
fn guards_narrow_it_and_it_is_written_down() {
    let sandbox = sandbox();
    sandbox.write(
        SETTINGS,
        "audit = true\n[guard.readonly]\nread_only = [\"s3\"]\n[guard.dev]\nread_only = true\n",
    );
    print(&sandbox, &["readonly", "--duration", "2h"]).ok();
    let call = sandbox.aws.calls().remove(0);
    assert!(call.parameters["Policy"].contains("s3:Get"), "{call:?}");
    print(&sandbox, &["dev"])
        .fails(5, &["what sts:GetFederationToken gives is a session of its own", "read_only"]);
    let entries = sandbox.awsx(&["audit", "--json"]).ok().json()["entries"].clone();
    let entry = &entries[0];
    assert_eq!(entry["command"], "console");
    assert_eq!(entry["role"], "ReadOnly");
    // When the console signs out, and not when the session ends.
    let until: chrono::DateTime<chrono::Utc> = entry["until"].as_str().unwrap().parse().unwrap();
    assert_eq!((until - sandbox.aws.now() + TimeDelta::seconds(30)).num_minutes(), 120);
}

#[test]
fn what_answers_in_the_place_of_aws_is_said() {
    let sandbox = sandbox();
    sandbox.exec("readonly", &[]).ok();
    sandbox.set("AWS_ENDPOINT_URL_SIGNIN", &format!("{}/nowhere", sandbox.aws.url()));
    print(&sandbox, &["readonly"]).fails(
        6,
        &["signin:getSigninToken", "HTTP 404, not in the format of AWS", "hint: something between"],
    );
    sandbox.set("AWS_ENDPOINT_URL_SIGNIN", "http://127.0.0.1:1");
    print(&sandbox, &["readonly"]).fails(
        6,
        &["signin:getSigninToken did not succeed after 3 attempts at http://127.0.0.1:1"],
    );
}

/// A browser that posts the only form of a page.
pub(crate) fn post_form(page: &Page) -> Page {
    let field = |name: &str| {
        let (_, rest) = page.body.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        rest.split('"').next().unwrap().replace("&amp;", "&")
    };
    let mut form = form_urlencoded::Serializer::new(String::new());
    for name in ["Action", "Issuer", "Destination", "SigninToken"] {
        form.append_pair(name, &field(name));
    }
    let (_, action) = page.body.split_once("action=\"").unwrap();
    Browser::default().post(action.split('"').next().unwrap(), &form.finish())
}

/// What awsx starts, a stand-in for the browser among it, has the address of the page alone, and nobody else gets it.
#[test]
fn what_signs_in_is_in_no_argument_list_and_in_no_file() {
    const TRACE: &str = "planted/started";
    let sandbox = sandbox().at_a_browser();
    sandbox.set("AWSX_LOG", "trace");
    sandbox.write(TRACE, "");
    let mut command = sandbox.command("strace");
    command.args(["-f", "--seccomp-bpf", "-qq", "-v", "-s", "100000", "-e", "trace=execve"]);
    command.args(["-o", TRACE, AWSX, "-vv", "console", "readonly"]);
    let running = Running::start(&sandbox, &mut command, b"", true);
    let page = browser::open(&sandbox.next_page());
    assert!(page.body.contains("<h1>Signing in to AWS</h1>"), "{page:?}");
    assert_eq!(post_form(&page).status, 302);
    running.end().ok().says("awsx: the console of readonly: ReadOnly in 111111111111 until ");
    let started = sandbox.read(TRACE);
    assert!(started.contains("browser/script"), "{started}");
    let own = started.split(' ').next().unwrap();
    for line in started.lines().filter(|line| !line.starts_with(own) && line.ends_with("= 0")) {
        sandbox.remember("what is started", line.as_bytes());
    }
    let signed_in = sandbox.aws.control(|state| state.console.signed_in.pop().unwrap());
    assert_eq!((&*signed_in.method, minutes(&sandbox, &signed_in)), ("POST", 60));
}

/// Whether a file below this directory, where a browser has its profile, has a text in some disguise.
fn profile_holds(directory: &Path, text: &str) -> bool {
    let files = files_below(directory);
    assert!(files.iter().any(|file| file.ends_with("Default/History")), "{files:?}");
    let forms = disguises(text);
    let holds = |bytes: Vec<u8>| {
        let text = String::from_utf8_lossy(&bytes);
        forms.iter().any(|form| text.contains(form))
    };
    files.into_iter().any(|file| holds(std::fs::read(file).unwrap_or_default()))
}

#[test]
fn a_real_browser_posts_what_the_page_has() {
    let sandbox = sandbox();
    let mut chromium = Chromium::of(&sandbox);
    let mut terminal = sandbox.awsx_on_terminal(&["console", "readonly"]);
    terminal
        .expect("ReadOnly in 111111111111 until ")
        .expect("if no browser opens, open\r\nhttp://127.0.0.1:");
    chromium.shows("Console");
    terminal.end().ok();
    let who = chromium.finds("document.querySelector('#who').innerText");
    assert_eq!(who, "arn:aws:sts::111111111111:assumed-role/ReadOnly/awsx-ann");
    let tokens = sandbox.aws.control(|state| state.console.tokens());
    assert_eq!(tokens.len(), 1);
    for url in chromium.history() {
        assert!(!url.contains("SigninToken") && !url.contains(&tokens[0]), "{url}");
    }
    assert_eq!(chromium.closes(), [""; 0]);
    let profile = sandbox.home().join("planted/chromium/profile");
    assert!(
        profile_holds(&profile, &format!("{}/console/home", sandbox.aws.url())),
        "where the browser was"
    );
    assert!(!profile_holds(&profile, &tokens[0]), "what it posted");
    let signed_in = sandbox.aws.control(|state| state.console.signed_in.pop().unwrap());
    assert_eq!(signed_in.method, "POST");
}

#[test]
fn a_real_browser_signs_out_first() {
    let sandbox = sandbox();
    let mut chromium = Chromium::of(&sandbox);
    let mut terminal = sandbox.awsx_on_terminal(&["console", "readonly", "--logout"]);
    chromium.shows("Sign out first");
    // The page is there, and awsx is not needed any more.
    terminal.end().ok();
    assert_eq!(sandbox.aws.control(|state| state.console.sign_outs), 0);
    chromium.clicks("button").shows("Console");
    assert_eq!(sandbox.aws.control(|state| state.console.sign_outs), 1);
    assert_eq!(chromium.closes(), [""; 0]);
    let ran = print(&sandbox, &["readonly", "--logout"]).ok();
    let address = ran.stdout.trim_end();
    assert!(
        address
            .starts_with(&format!("{}/oauth?Action=logout&redirect_uri=http", sandbox.aws.url()))
    );
    assert!(browser::open(address).body.contains("Console"));
    assert_eq!(sandbox.aws.control(|state| state.console.sign_outs), 2);
}

#[test]
fn no_browser_is_opened_where_nobody_would_see_it() {
    let sandbox = sandbox().at_a_browser();
    let console = ["console", "readonly"];
    for (variable, value, words) in [
        (
            "AWSX_CALLER",
            "agent",
            &[
                "an agent runs awsx (AWSX_CALLER), and no browser is opened then",
                "a person runs `awsx console readonly`",
            ][..],
        ),
        ("AWSX_NO_INPUT", "1", &["AWSX_NO_INPUT is set, and no browser is opened then", "--print"]),
    ] {
        sandbox.set(variable, value);
        sandbox.awsx(&console).fails(4, words);
        sandbox.awsx(&["console", "readonly", "--copy"]).exits(4).says("is for a person");
        print(&sandbox, &["readonly"]).ok();
        sandbox.unset(variable);
        sandbox.aws.forget_calls();
    }
    sandbox.awsx(&["console", "readonly", "--no-input"]).exits(4).says("hint: leave that out");
    sandbox.unset("AWSX_BROWSER");
    sandbox.set_all("SSH_CONNECTION=a DISPLAY=:0");
    sandbox.awsx(&console).fails(
        4,
        &[
            "no browser can be opened here: this is an SSH session",
            "`awsx console readonly --copy`",
        ],
    );
    sandbox.unset("SSH_CONNECTION");
    sandbox.set("AWSX_BROWSER", "false");
    assert!(sandbox.aws.new_operations().is_empty());
    sandbox.awsx(&console).fails(
        1,
        &[
            "if no browser opens, open",
            "false did not open the browser: it failed with exit status: 1",
            "hint: AWSX_BROWSER names another one",
        ],
    );
    // At a terminal the person has the other address.
    let mut terminal = sandbox.awsx_on_terminal(&console);
    let shown = terminal.line("http");
    terminal.expect("false did not open the browser");
    assert_eq!(post_form(&browser::open(shown.trim())).status, 302);
    terminal.end().ok();
    let mut terminal = sandbox.awsx_on_terminal(&console);
    let shown = terminal.line("http").trim().to_owned();
    terminal.expect("did not open the browser").type_text(CTRL_C);
    terminal.end().exits(130);
    let authority = shown.split('/').nth(2).unwrap();
    wait_for_free(authority.rsplit_once(':').unwrap().1.parse().unwrap());
}

/// A program of this name is the browser: it leaves its arguments, and the address, in files.
fn name_browser(sandbox: &Sandbox, name: &str) {
    let script = "#!/bin/sh\nprintf '%s\\n' \"$@\" > \"$HOME/planted/arguments\"\nfor last; do :; done\n\
                  exec \"$HOME/browser/script\" \"$last\"\n";
    let program = sandbox.write_mode(&format!("planted/bin/{name}"), script, 0o755);
    sandbox.set("AWSX_BROWSER", program.to_str().unwrap());
}

/// The arguments of the browser of such a profile, the address left out; the person signs in.
fn arguments(sandbox: &Sandbox, words: &[&str]) -> Vec<String> {
    let running = sandbox.start(&[&["console"], words].concat());
    let page = sandbox.next_page();
    let address = match page.split_once("&url=") {
        Some((_, url)) => url.split('&').next().unwrap().replace("%3A", ":").replace("%2F", "/"),
        None => page.clone(),
    };
    assert_eq!(post_form(&browser::open(&address)).status, 302);
    running.end().ok();
    let arguments = sandbox.read("planted/arguments").replace(address.as_str(), "ADDRESS");
    arguments.lines().map(str::to_owned).collect()
}

#[test]
fn consoles_of_several_profiles_stand_side_by_side() {
    let sandbox = sandbox().at_a_browser();
    let settings = |separate: &str| {
        sandbox.write(
            SETTINGS,
            &format!(
                "[console]\nseparate = \"{separate}\"\n[console.icons]\n\"*\" = \"tree\"\n\
                 \"READ*\" = \"briefcase\"\n[guard.readonly]\ncolour = \"red\"\n"
            ),
        );
    };
    settings("profile");
    name_browser(&sandbox, "chromium");
    let of_readonly = arguments(&sandbox, &["readonly"]);
    let expected = [
        "--no-first-run",
        "--no-default-browser-check",
        "--window-name=readonly",
        "--install-autogenerated-theme=200,40,40",
        "ADDRESS",
    ];
    assert_eq!(of_readonly[1..], expected);
    let directory = of_readonly[0].strip_prefix("--user-data-dir=").unwrap();
    let browsers = sandbox.state_dir().join("browsers");
    assert!(directory.starts_with(browsers.to_str().unwrap()), "{directory}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&browsers.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o700);
    let of_dev = arguments(&sandbox, &["dev"]);
    assert_ne!(of_dev[0], of_readonly[0]);
    assert_eq!(arguments(&sandbox, &["readonly"])[0], of_readonly[0]);
    assert_eq!(arguments(&sandbox, &["readonly", "--incognito"]), ["--incognito", "ADDRESS"]);
    settings("container");
    name_browser(&sandbox, "firefox");
    assert_eq!(arguments(&sandbox, &["readonly", "--incognito"]), ["--private-window", "ADDRESS"]);
    sandbox.write("planted/arguments", "");
    arguments(&sandbox, &["readonly"]);
    let shown = sandbox.read("planted/arguments");
    assert!(
        shown.starts_with("ext+container:name=readonly&url=http%3A%2F%2F127.0.0.1%3A"),
        "{shown}"
    );
    assert!(shown.ends_with("&color=red&icon=briefcase\n"), "{shown}");
    name_browser(&sandbox, "netscape");
    sandbox.awsx(&["console", "readonly", "--incognito"]).exits(1).says(
        "netscape did not open the browser: awsx does not know how it opens a private window",
    );
    // A command of one's own tells them apart itself.
    let own = sandbox.home().join("planted/bin/netscape");
    sandbox.unset("AWSX_BROWSER");
    sandbox.write(
        SETTINGS,
        &format!(
            "[console]\nseparate = \"profile\"\nbrowser_command = \"{} --as %p %s\"\n",
            own.display()
        ),
    );
    assert_eq!(arguments(&sandbox, &["readonly"]), ["--as", "readonly", "ADDRESS"]);
    for (text, problem) in [
        ("separate = \"window\"", "console.separate must be \"profile\" or \"container\""),
        ("browser_command = \"\"", "console.browser_command names no program"),
        ("icons = { x = \"house\" }", "console.icons.x must be one of fingerprint, briefcase"),
        ("seperate = \"x\"", "console.seperate is not a setting of awsx"),
    ] {
        sandbox.write(SETTINGS, &format!("[console]\n{text}\n"));
        sandbox.awsx(&["console", "readonly"]).exits(3).says(problem);
    }
}

#[test]
fn a_real_browser_has_a_profile_for_each_of_awsxs() {
    let sandbox = sandbox();
    let mut chromium = Chromium::of(&sandbox);
    sandbox.write(
        SETTINGS,
        "[console]\nseparate = \"profile\"\n[guard.readonly]\ncolour = \"blue\"\n",
    );
    let script = "#!/bin/sh\nexec sh \"$HOME/planted/chromium/open.sh\" \"$@\"\n";
    let program = sandbox.write_mode("planted/bin/chromium", script, 0o755);
    sandbox.set("AWSX_BROWSER", program.to_str().unwrap());
    let mut terminal = sandbox.awsx_on_terminal(&["console", "readonly"]);
    chromium.shows("Console");
    terminal.end().ok();
    assert_eq!(chromium.closes(), [""; 0]);
    // Which the sandbox searches for secrets, too.
    let home = format!("{}/console/home", sandbox.aws.url());
    assert!(profile_holds(&sandbox.state_dir().join("browsers"), &home));
}

#[test]
fn a_clipboard_has_the_address_and_is_cleared() {
    let sandbox = sandbox();
    // Stands for the clipboard of a desktop.
    let script = "#!/bin/sh\ncase $3 in -in) cat > \"$HOME/planted/clipboard\";; *) cat \"$HOME/planted/clipboard\";; esac\n";
    sandbox.write_mode("planted/bin/xclip", script, 0o755);
    sandbox.write("planted/clipboard", "");
    let path = sandbox.home().join("planted/bin");
    let console = ["console", "readonly", "--copy"];
    let mut command = sandbox.command(AWSX);
    let path = format!("{}:/usr/bin:/bin", path.display());
    command.args(console).env("DISPLAY", ":0").env("PATH", &path);
    let mut terminal = Terminal::start(&sandbox, command);
    terminal.expect(
        "the clipboard has the address of the console of readonly: ReadOnly in 111111111111 until ",
    );
    terminal.expect("for a minute; Ctrl-C clears it now");
    let copied = sandbox.read("planted/clipboard");
    terminal.type_text(CTRL_C).end().ok();
    assert_eq!(sandbox.read("planted/clipboard"), "");
    assert_eq!(browser::open(&copied).status, 200);
    // What was copied since stays.
    let mut command = sandbox.command(AWSX);
    command.args(console).env("DISPLAY", ":0").env("PATH", &path);
    let mut terminal = Terminal::start(&sandbox, command);
    terminal.expect("Ctrl-C clears it now");
    sandbox.write("planted/clipboard", "mine");
    terminal.type_text(CTRL_C).end().ok();
    assert_eq!(sandbox.read("planted/clipboard"), "mine");
    // So it is where the terminal goes away.
    sandbox.write("planted/clipboard", "");
    let mut command = sandbox.command(AWSX);
    command.args(console).env("DISPLAY", ":0").env("PATH", &path);
    let mut terminal = Terminal::start(&sandbox, command);
    terminal.expect("Ctrl-C clears it now");
    assert!(sandbox.read("planted/clipboard").contains("SigninToken"));
    terminal.signal(Signal::TERM).end().exits(143);
    assert_eq!(sandbox.read("planted/clipboard"), "");
    // Over SSH the terminal's own has it, which is searched for no secrets here: it is meant.
    let elsewhere = Sandbox::new();
    let mut command = sandbox.command(AWSX);
    command.args(console).env("DISPLAY", ":0").env("PATH", &path).env("SSH_TTY", "t");
    let mut terminal = Terminal::start(&elsewhere, command);
    terminal.expect("\x1b]52;c;aHR0c");
    terminal.expect("the clipboard of your terminal has the address").expect("clears it now");
    terminal.type_text(CTRL_C).expect("\x1b]52;c;\x07").end().ok();
    sandbox
        .awsx(&console)
        .fails(4, &["there is no clipboard", "hint: --print prints the address instead"]);
}
