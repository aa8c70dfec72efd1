//! Where requests go and whom they trust: regions, endpoints, proxies, certificates.
//!
//! AWS's own host names are asked for through a proxy, behind which every host is the stand-in.

use crate::fake_aws::fault::Fault;
use crate::fake_aws::proxy::FakeProxy;
use crate::fake_aws::sample;
use crate::given::{LOGGED_IN, NOBODY, SetUp, sso_config};
use crate::ran::Ran;
use crate::sandbox::{CONFIG, SSO_SESSION, Sandbox};
use crate::table::side_by_side;

fn exec(sandbox: &Sandbox) -> Ran {
    sandbox.awsx(&["exec", "dev", "--refresh", "--", "env"])
}

fn trust(sandbox: &Sandbox) {
    sandbox.set("AWS_CA_BUNDLE", sandbox.aws.ca_pem_path().to_str().unwrap());
}

/// The profile `dev`, with this setting.
fn set_in_profile(sandbox: &Sandbox, setting: &str) {
    sandbox.config(&CONFIG.replace("[profile dev]\n", &format!("[profile dev]\n{setting}\n")));
}

/// Everything goes through the proxy; no endpoint is configured.
fn behind_a_proxy() -> (Sandbox, FakeProxy) {
    let sandbox = Sandbox::new();
    let proxy = FakeProxy::start(&sandbox.aws);
    sandbox.unset("AWS_ENDPOINT_URL");
    sandbox.set("HTTPS_PROXY", proxy.url());
    trust(&sandbox);
    (sandbox, proxy)
}

/// The stand-in refuses a signature that is made for another region than its host name's.
#[test]
fn the_region_decides_whom_to_ask() {
    // Variables, settings of the profile `dev` in lower case, the profile and flags; who is asked.
    let rows = [
        ("dev", "sts.eu-west-1.amazonaws.com"),
        ("AWS_DEFAULT_REGION=eu-west-2 dev", "sts.eu-west-2.amazonaws.com"),
        ("AWS_REGION=eu-west-3 AWS_DEFAULT_REGION=eu-west-2 dev", "sts.eu-west-3.amazonaws.com"),
        ("AWS_REGION=eu-west-3 dev --region ap-south-1", "sts.ap-south-1.amazonaws.com"),
        // Without a region a regional endpoint: the global one's tokens are not valid in opt-in regions.
        ("readonly", "sts.us-east-1.amazonaws.com"),
        // Another partition, and a region of the future.
        ("dev --region cn-north-1", "sts.cn-north-1.amazonaws.com.cn"),
        ("dev --region eu-moon-1", "sts.eu-moon-1.amazonaws.com"),
        ("AWS_USE_FIPS_ENDPOINT=true dev --region us-west-2", "sts-fips.us-west-2.amazonaws.com"),
        ("AWS_USE_DUALSTACK_ENDPOINT=true dev --region us-west-2", "sts.us-west-2.api.aws"),
        (
            "use_fips_endpoint=true use_dualstack_endpoint=true dev --region us-west-2",
            "sts-fips.us-west-2.api.aws",
        ),
        (
            "AWS_ENDPOINT_URL=http://127.0.0.1:1 AWS_ENDPOINT_URL_STS=http://127.0.0.1:1 \
             endpoint_url=http://127.0.0.1:1 AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true dev",
            "sts.eu-west-1.amazonaws.com",
        ),
    ];
    side_by_side(&rows, |&(line, host)| {
        let (sandbox, proxy) = behind_a_proxy();
        if host.ends_with(".cn") {
            let user = sample::USER.replace("arn:aws:", "arn:aws-cn:");
            sandbox.aws.control(|state| state.iam.users[0].arn = user);
        }
        let (set, words): (Vec<&str>, Vec<&str>) = line.split(' ').partition(|w| w.contains('='));
        let (settings, variables): (Vec<&str>, Vec<&str>) =
            set.into_iter().partition(|word| word.starts_with(char::is_lowercase));
        sandbox.set_all(&variables.join(" "));
        set_in_profile(&sandbox, &settings.join("\n"));
        sandbox.awsx(&[&["exec"], &words[..], &["--", "true"]].concat()).ok();
        assert_eq!(proxy.requests(), [format!("CONNECT {host}:443")], "{line}");
        let calls = sandbox.aws.calls();
        assert!(calls.iter().all(|call| call.tls && call.host == host), "{line}: {calls:?}");
    });
}

/// Every hop is asked for where the selected profile is; its sources' regions do not count.
#[test]
fn one_region_serves_the_whole_chain() {
    let (sandbox, proxy) = behind_a_proxy();
    let code = sandbox.code();
    sandbox.exec("prod", &["--mfa-code", &code]).ok();
    assert_eq!(sandbox.aws.calls().len(), 2);
    let frankfurt = "CONNECT sts.eu-central-1.amazonaws.com:443";
    assert!(proxy.requests().iter().all(|seen| seen == frankfurt), "{:?}", proxy.requests());
}

/// The order of AWS: the service's variable, the general one, the `services` section, the profile.
/// The later ones lead nowhere.
#[test]
fn the_first_endpoint_counts() {
    let services = "services = local\n";
    let rows = [
        ("the service's variable", "AWS_ENDPOINT_URL_STS", "", "", ""),
        ("the general variable", "AWS_ENDPOINT_URL", services, NOBODY, NOBODY),
        ("the services section", "", services, "URL", NOBODY),
        ("the profile", "", "", NOBODY, "URL"),
        ("a section without the service", "", "services = other\n", NOBODY, "URL"),
    ];
    side_by_side(&rows, |&(docs, variable, services, in_section, in_profile)| {
        let sandbox = Sandbox::new();
        let url = sandbox.aws.url().to_owned();
        let fill = |text: &str| text.replace("URL", &url);
        sandbox.unset("AWS_ENDPOINT_URL");
        if variable == "AWS_ENDPOINT_URL_STS" {
            sandbox.set("AWS_ENDPOINT_URL", NOBODY);
        }
        if !variable.is_empty() {
            sandbox.set(variable, &url);
        }
        sandbox.config(&format!(
            "[profile dev]\nregion = eu-west-1\n{services}endpoint_url = {}\n\
             [services local]\nsts =\n  endpoint_url = {}\n\
             [services other]\ns3 =\n  endpoint_url = {NOBODY}\n",
            fill(in_profile),
            fill(in_section)
        ));
        let ran = exec(&sandbox).ok();
        assert_eq!(sandbox.aws.count("GetSessionToken"), 1, "{docs}");
        // The child gets the profile's own, which serves all of AWS, unless it has one.
        let own = format!("AWS_ENDPOINT_URL={}\n", fill(in_profile));
        let expected = !in_profile.is_empty() && !variable.starts_with("AWS_ENDPOINT_URL");
        assert_eq!(ran.stdout.contains(&own), expected, "{docs}: {ran:?}");
    });
}

#[test]
fn settings_that_cannot_work_are_named_with_their_place() {
    let bad = |name, value| move |sandbox: &Sandbox| sandbox.set(name, value);
    let line = |text: &'static str| {
        move |sandbox: &Sandbox| {
            sandbox.unset("AWS_ENDPOINT_URL");
            sandbox.config(&format!("[profile dev]\n{text}\n"));
        }
    };
    let rows: [(SetUp<'_>, &str); 12] = [
        (&bad("AWS_CA_BUNDLE", "/dev/zero"), "/dev/zero: it is larger than 16 MiB"),
        (&bad("AWS_ENDPOINT_URL", "planted"), "AWS_ENDPOINT_URL is not a URL"),
        (&bad("AWS_ENDPOINT_URL_STS", "http://"), "AWS_ENDPOINT_URL_STS is not a URL"),
        (&line("endpoint_url = planted"), "config:2: endpoint_url of profile \"dev\" is not a URL"),
        (&line("services = planted"), "config:2: services of profile \"dev\" names"),
        (&bad("AWS_REGION", "planted/path"), "AWS_REGION is not a region"),
        (
            &line("region = eu-west-1/planted"),
            "config:2: region of profile \"dev\" is not a region",
        ),
        (
            &bad("AWS_USE_FIPS_ENDPOINT", "planted"),
            "AWS_USE_FIPS_ENDPOINT is neither true nor false",
        ),
        (
            &bad("HTTPS_PROXY", "socks5://u:planted@h"),
            "HTTPS_PROXY: is not the URL of an HTTP proxy",
        ),
        (&bad("AWS_CA_BUNDLE", "nowhere.pem"), "nowhere.pem: No such file"),
        (&bad("AWS_CA_BUNDLE", ".aws/config"), ".aws/config: holds no usable certificate"),
        (&bad("AWS_MAX_ATTEMPTS", "planted"), "AWS_MAX_ATTEMPTS: is not a number"),
    ];
    for (set_up, problem) in rows {
        let sandbox = Sandbox::new();
        set_up(&sandbox);
        let ran = exec(&sandbox).fails(3, &[problem, "hint: "]);
        let shown = ran.stderr.replace("[services planted]", "");
        assert!(!shown.contains("planted"), "{ran:?}");
        assert!(sandbox.aws.calls().is_empty(), "{problem}");
    }
}

/// To another machine, not to this one, and whoever asks for nothing is told too.
#[test]
fn clear_text_to_another_machine_is_said() {
    let sandbox = Sandbox::new();
    sandbox.set("AWS_ENDPOINT_URL", "http://192.0.2.2");
    let ran = sandbox.awsx(&["explain", "dev"]).ok();
    ran.prints("warning: http://192.0.2.2 is asked without TLS");
    sandbox.set("AWS_ENDPOINT_URL", sandbox.aws.url());
    sandbox.awsx(&["explain", "dev"]).ok().prints_no("without TLS");
}

#[test]
fn a_ca_bundle_is_trusted_instead_of_the_system() {
    let sandbox = Sandbox::new();
    sandbox.set("AWS_ENDPOINT_URL", sandbox.aws.tls_url());
    let pem = std::fs::read_to_string(sandbox.aws.ca_pem_path()).unwrap();

    let helpful = ["profile \"dev\": ", "invalid peer certificate", "AWS_CA_BUNDLE"];
    exec(&sandbox).fails(6, &helpful);
    sandbox.write("ca/ours.pem", &format!("# ours\n{pem}"));
    set_in_profile(&sandbox, "ca_bundle = ~/ca/ours.pem");
    exec(&sandbox).ok();
    set_in_profile(&sandbox, "ca_bundle = ~/nowhere.pem");
    exec(&sandbox).fails(3, &["nowhere.pem: No such file"]);
    trust(&sandbox);
    exec(&sandbox).ok();
    sandbox.unset("AWS_CA_BUNDLE");
    sandbox.config(CONFIG);
    sandbox.set("REQUESTS_CA_BUNDLE", sandbox.aws.ca_pem_path().to_str().unwrap());
    exec(&sandbox).ok();
    // Another authority's.
    let other = Sandbox::new();
    sandbox.set("AWS_CA_BUNDLE", other.aws.ca_pem_path().to_str().unwrap());
    exec(&sandbox).fails(6, &helpful);
    assert!(sandbox.aws.calls().iter().all(|call| call.tls));
    assert_eq!(sandbox.aws.count("GetSessionToken"), 3);
}

/// A login by the name of its session is reached as the selected profile says, as with the AWS CLI.
#[test]
fn a_login_is_reached_as_the_selected_profile_says() {
    let sandbox = Sandbox::not_logged_in();
    let authority = format!("ca_bundle = {}\n", sandbox.aws.ca_pem_path().display());
    sandbox.set("AWS_ENDPOINT_URL", sandbox.aws.tls_url());
    let ask = || sandbox.awsx_on_terminal(&["login", "sso", "corp", "--device-code"]).end();
    ask().fails(6, &["invalid peer certificate"]);
    let plain = sso_config();
    let device = ["login", "sso", "corp", "--device-code", "--no-browser"];
    for (selected, name) in [("default", None), ("profile team", Some("team"))] {
        sandbox.config(&format!("[{selected}]\n{authority}{plain}"));
        if let Some(name) = name {
            sandbox.set("AWS_PROFILE", name);
        }
        let mut terminal = sandbox.awsx_on_terminal(&device);
        let code = terminal.expect("shows the code ").next_line();
        assert!(sandbox.aws.control(|state| state.oidc.approve(&code)));
        terminal.end().ok().says(LOGGED_IN);
        sandbox.awsx(&["sso", "accounts", "corp"]).ok();
        let role = ["--sso=corp", "--account=222222222222", "--role=Developer", "--", "true"];
        sandbox.awsx(&[&["exec"], &role[..]].concat()).ok();
        sandbox.awsx(&["logout", "corp"]).ok();
    }
    // A profile that reaches AWS in another way is named in the hint.
    sandbox.unset("AWS_PROFILE");
    sandbox.config(&plain.replace("[profile sso]\n", &format!("[profile sso]\n{authority}")));
    let hint = "hint: run `awsx login sso --profile sso`";
    sandbox.exec("sso", &[]).fails(4, &["needs a login", hint]);
}

/// An organization's own domain leads to AWS's, once.
#[test]
fn a_start_url_of_ones_own_leads_to_awss() {
    let url = "https://aws.corp.example/start";
    let start = |leads_to: &str| {
        let (sandbox, proxy) = behind_a_proxy();
        let session = SSO_SESSION.replace("https://corp.awsapps.com/start", url);
        sandbox.config(&format!("{session}[profile of-it]\nsso_session = corp\n"));
        sandbox.aws.control(|state| state.own_domain = leads_to.to_owned());
        (sandbox, proxy)
    };
    let words = ["login", "sso", "corp", "--device-code", "--no-browser"];
    for (leads_to, problem) in [
        ("http://corp.awsapps.com/start", "leads away from AWS, or to plain http"),
        ("https://awsapps.com.evil.example/", "leads away from AWS, or to plain http"),
        ("https://ssoins-1.portal.us-east-2.app.aws/", "in us-east-2, not in eu-west-1"),
    ] {
        let (sandbox, _proxy) = start(leads_to);
        sandbox.awsx_on_terminal(&words).end().fails(3, &[url, problem]);
        assert_eq!(sandbox.aws.operations(), ["OwnDomain"], "{leads_to}");
    }
    let (sandbox, _proxy) = start("https://corp.awsapps.com/start?a=b#c");
    sandbox.aws.fail("OwnDomain", Fault::refuse(405, "HEAD", "no"), 1);
    let mut terminal = sandbox.awsx_on_terminal(&words);
    terminal.expect(&format!("{url} leads to https://corp.awsapps.com/start\r\n"));
    let code = terminal.expect("shows the code ").next_line();
    assert!(sandbox.aws.control(|state| state.oidc.approve(&code)));
    terminal.end().ok().says(LOGGED_IN);
    let calls = sandbox.aws.operations();
    assert_eq!(calls[..3], ["OwnDomain", "OwnDomain", "RegisterClient"]);
    sandbox.awsx(&["sso", "accounts"]).ok();
}

/// The host is this machine, but not one of the names that never take a proxy.
fn elsewhere(sandbox: &Sandbox) -> String {
    sandbox.aws.url().replace("127.0.0.1", "0.0.0.0")
}

#[test]
fn proxies_are_used_as_the_variables_say() {
    // `OURS` is the proxy, `NOBODY` where nobody listens; whether the proxy is used.
    let rows = [
        ("its scheme", "HTTP_PROXY=OURS", false, true),
        ("lower case", "http_proxy=OURS", false, true),
        ("lower case first", "http_proxy=OURS HTTP_PROXY=NOBODY", false, true),
        ("the other scheme", "HTTPS_PROXY=NOBODY", false, false),
        ("not a variable of AWS's", "ALL_PROXY=NOBODY", false, false),
        ("loopback", "HTTP_PROXY=NOBODY", true, false),
        // As the system reads it.
        ("loopback in other words", "HTTP_PROXY=NOBODY AWS_ENDPOINT_URL=SHORT", true, false),
        ("NO_PROXY", "HTTP_PROXY=NOBODY NO_PROXY=example.test,0.0.0.0", false, false),
        ("no_proxy", "HTTP_PROXY=NOBODY no_proxy=0.0.0.0", false, false),
        ("NO_PROXY of others", "HTTP_PROXY=OURS NO_PROXY=example.test", false, true),
    ];
    side_by_side(&rows, |&(docs, variables, loopback, used)| {
        let sandbox = Sandbox::new();
        let proxy = FakeProxy::start(&sandbox.aws);
        let endpoint = if loopback { sandbox.aws.url().to_owned() } else { elsewhere(&sandbox) };
        sandbox.set("AWS_ENDPOINT_URL", &endpoint);
        let short = endpoint.replace("127.0.0.1", "127.1");
        let variables = variables.replace("OURS", proxy.url()).replace("NOBODY", NOBODY);
        sandbox.set_all(&variables.replace("SHORT", &short));
        exec(&sandbox).ok();
        let seen = if used { vec![endpoint] } else { Vec::new() };
        assert_eq!(proxy.requests(), seen, "{docs}");
        assert_eq!(sandbox.aws.count("GetSessionToken"), 1, "{docs}");
    });
}

#[test]
fn a_proxy_may_want_a_password_which_is_never_shown() {
    // user:planted-password
    let authorization = "Basic dXNlcjpwbGFudGVkLXBhc3N3b3Jk";
    for (variable, tls) in [("HTTPS_PROXY", true), ("HTTP_PROXY", false)] {
        let sandbox = Sandbox::new();
        let proxy = FakeProxy::start_with_authorization(&sandbox.aws, authorization);
        trust(&sandbox);
        match tls {
            true => sandbox.unset("AWS_ENDPOINT_URL"),
            false => sandbox.set("AWS_ENDPOINT_URL", &elsewhere(&sandbox)),
        }
        sandbox.set("AWS_MAX_ATTEMPTS", "1");
        for (login, code) in [("user:planted-password@", 0), ("user:planted-wrong@", 6), ("", 6)] {
            let url = proxy.url().replace("http://", &format!("http://{login}"));
            sandbox.set(variable, &url);
            let ran = sandbox.exec("dev", &["--refresh", "-vv"]);
            let clear_text = if tls { "" } else { "is asked without TLS" };
            let ran = ran.exits(code).says(clear_text).says_no("planted");
            let through = format!("through the proxy {}", proxy.url());
            [&*through, "hint: ", "HTTPS_PROXY"].iter().filter(|_| code != 0).for_each(|words| {
                assert!(ran.stderr.contains(words), "{ran:?}");
            });
        }
        assert_eq!(sandbox.aws.count("GetSessionToken"), 1, "{variable}");
    }
}

#[test]
fn a_port_without_tls_is_named_so() {
    let sandbox = Sandbox::new();
    sandbox.set("AWS_ENDPOINT_URL", &sandbox.aws.url().replace("http://", "https://"));
    sandbox.set("AWS_MAX_ATTEMPTS", "1");
    exec(&sandbox).fails(6, &["it does not speak TLS", "http:// instead of https://"]);
}

#[test]
fn a_proxy_that_is_gone_is_unreachable() {
    let (sandbox, _proxy) = behind_a_proxy();
    sandbox.set("HTTPS_PROXY", NOBODY);
    let words =
        ["https://sts.eu-west-1.amazonaws.com", "Connection refused", "proxy (HTTPS_PROXY)"];
    exec(&sandbox).fails(6, &words);
}

/// An untrusted certificate behind the proxy: what a proxy that opens TLS looks like.
#[test]
fn a_proxy_that_opens_tls_is_explained() {
    let (sandbox, _proxy) = behind_a_proxy();
    sandbox.unset("AWS_CA_BUNDLE");
    let words = ["https://sts.eu-west-1.amazonaws.com", "invalid peer certificate"];
    exec(&sandbox).fails(6, &words).fails(6, &["proxy that opens TLS", "AWS_CA_BUNDLE"]);
    assert!(sandbox.aws.calls().is_empty());
}

/// What never reached AWS did not use a code up.
#[test]
fn a_code_survives_a_connection_that_was_not_made() {
    let (sandbox, proxy) = behind_a_proxy();
    let code = sandbox.code();
    let ask = || sandbox.exec("prod", &["--mfa-code", &code]);
    let words = "profile \"prod\": sts:GetSessionToken did not succeed";
    sandbox.set("HTTPS_PROXY", NOBODY);
    ask().fails(6, &[words, "refused"]);
    sandbox.set("HTTPS_PROXY", proxy.url());
    sandbox.unset("AWS_CA_BUNDLE");
    ask().fails(6, &[words, "certificate"]);
    trust(&sandbox);
    ask().ok();
}
