//! Precedence, and what is refused.

use std::path::PathBuf;

use super::*;

const CONFIG: &str = "\
[profile p]
region = eu-west-1
use_fips_endpoint = true
endpoint_url = http://profile:1
ca_bundle = ~/ca.pem
[profile s]
services = mine
endpoint_url = http://profile:1
[services mine]
sts =
  endpoint_url = http://services:1
iam =
  endpoint_url = http://iam:1
sso =
  endpoint_url = http://sso:1
sso_oidc =
  endpoint_url = http://oidc:1
signin =
  endpoint_url = http://signin:1
[profile other]
services = other
endpoint_url = http://profile:1
[services other]
sso =
  endpoint_url = http://sso:1
[profile missing]
services = nowhere
[profile flat]
services = flat
[services flat]
sts = http://planted
[profile ignoring]
endpoint_url = http://profile:1
ignore_configured_endpoint_urls = TRUE
[profile bad]
use_dualstack_endpoint = planted
[profile region]
region = us-east-1/planted
[profile url]
endpoint_url = planted
";

fn settings(
    flag: Option<&str>,
    vars: &[(&str, &str)],
    profile: Option<&str>,
) -> Result<ClientSettings, String> {
    let profiles = Profiles::from_texts(CONFIG, "").unwrap();
    let profile = profile.map(|name| profiles.profile(name).unwrap().unwrap());
    let env = Env::from_pairs([("HOME", "/h")].iter().chain(vars).copied());
    ClientSettings::derive(flag, &env, profile.as_ref(), &profiles, Calls::Any)
        .map_err(|error| error.to_string())
}

#[test]
fn regions() {
    let both = &[("AWS_REGION", "r1"), ("AWS_DEFAULT_REGION", "r2")][..];
    for (docs, flag, vars, profile, expected) in [
        ("none", None, &[][..], None, None),
        ("flag", Some("r0"), both, Some("p"), Some("r0")),
        ("blank flag", Some(" "), both, Some("p"), Some("r1")),
        ("AWS_REGION", None, both, Some("p"), Some("r1")),
        ("AWS_DEFAULT_REGION", None, &both[1..], Some("p"), Some("r2")),
        ("blank variable", None, &[("AWS_REGION", "")], Some("p"), Some("eu-west-1")),
        ("profile", None, &[], Some("p"), Some("eu-west-1")),
    ] {
        assert_eq!(settings(flag, vars, profile).unwrap().region.as_deref(), expected, "{docs}");
    }
}

/// STS, IAM, the access portal, its OIDC service, AWS sign-in.
#[test]
fn endpoints() {
    let vars = [
        ("AWS_ENDPOINT_URL_STS", "http://sts"),
        ("AWS_ENDPOINT_URL_IAM", "http://iam"),
        ("AWS_ENDPOINT_URL_SSO", "http://sso"),
        ("AWS_ENDPOINT_URL_SSO_OIDC", "http://oidc"),
        ("AWS_ENDPOINT_URL_SIGNIN", "http://signin"),
        ("AWS_ENDPOINT_URL", "http://all"),
    ];
    let [sts, iam, sso, oidc, signin, _] = vars;
    let registries =
        [("AWS_ENDPOINT_URL_ECR", "http://ecr"), ("AWS_ENDPOINT_URL_ECR_PUBLIC", "http://public")];
    let every = [sts, iam, sso, oidc, signin, registries[0], registries[1]];
    let found = settings(None, &every, Some("missing")).unwrap();
    let found = [found.ecr_endpoint_url, found.ecr_public_endpoint_url];
    assert_eq!(found.each_ref().map(Option::as_deref), [Some("http://ecr"), Some("http://public")]);
    let ignore = [vars[0], ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")];
    let obey = [("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false")];
    let each = ["http://sts", "http://iam", "http://sso", "http://oidc", "http://signin"].map(Some);
    let [_, iam, sso, oidc, signin] = each;
    let (all, own) = (Some("http://all"), Some("http://profile:1"));
    // What the section says.
    let section = [
        Some("http://services:1"),
        Some("http://iam:1"),
        Some("http://sso:1"),
        Some("http://oidc:1"),
        Some("http://signin:1"),
    ];
    let [sts1, iam1, sso1, _, signin1] = section;
    for (docs, vars, profile, expected) in [
        ("none", &[][..], None, [None; 5]),
        ("the service's variable first", &vars, Some("s"), each),
        ("then the global one", &vars[1..], Some("s"), [all, iam, sso, oidc, signin]),
        ("each has its own", &[vars[3], vars[5]], Some("s"), [all, all, all, oidc, all]),
        ("then the services section", &[], Some("s"), section),
        (
            "one variable, else the section",
            &vars[3..4],
            Some("s"),
            [sts1, iam1, sso1, oidc, signin1],
        ),
        ("the section says one thing only", &[], Some("other"), [own, own, sso1, own, own]),
        ("then the profile", &[], Some("p"), [own; 5]),
        ("ignored by variable", &ignore, Some("p"), [None; 5]),
        ("ignored by profile", &vars, Some("ignoring"), [None; 5]),
        ("the variable decides", &obey, Some("ignoring"), [own; 5]),
        ("a missing section is not asked", &every, Some("missing"), each),
    ] {
        let settings = settings(None, vars, profile).unwrap();
        let found = [
            settings.sts_endpoint_url,
            settings.iam_endpoint_url,
            settings.sso_endpoint_url,
            settings.sso_oidc_endpoint_url,
            settings.signin_endpoint_url,
        ];
        assert_eq!(found.each_ref().map(Option::as_deref), expected, "{docs}");
    }
}

/// What is not called does not matter, and what another one hides neither.
#[test]
fn a_wrong_endpoint_that_is_not_used_is_no_error() {
    let profiles = Profiles::from_texts(CONFIG, "").unwrap();
    let custom = ("AWS_ENDPOINT_URL", "http://all");
    let wrong = ("AWS_ENDPOINT_URL_SSO", "planted");
    let sts = ("AWS_ENDPOINT_URL_STS", "http://sts");
    for (docs, name, vars, calls, is_fine) in [
        ("the profile's, hidden by the variable", "url", &[custom][..], Calls::Any, true),
        ("the section, hidden by the variable", "missing", &[sts], Calls::StsAlone, true),
        ("the portal's, for a role", "p", &[wrong], Calls::StsAlone, true),
        ("the portal's, for a sign-in", "p", &[wrong], Calls::SignIn, true),
        ("the portal's, for a role of the portal", "p", &[wrong], Calls::IdentityCenter, false),
        (
            "the global one, hidden by that of STS",
            "p",
            &[("AWS_ENDPOINT_URL", "x"), sts],
            Calls::StsAlone,
            true,
        ),
        ("the section, which is needed", "missing", &[sts], Calls::IdentityCenter, false),
    ] {
        let profile = profiles.profile(name).unwrap().unwrap();
        let env = Env::from_pairs(vars.iter().copied());
        let settings = ClientSettings::derive(None, &env, Some(&profile), &profiles, calls);
        assert_eq!(settings.is_ok(), is_fine, "{docs}");
    }
}

#[test]
fn a_fips_region_is_the_real_one_with_fips_endpoints() {
    for (region, real, use_fips) in [
        ("eu-west-1", "eu-west-1", false),
        ("fips-us-gov-west-1", "us-gov-west-1", true),
        ("us-east-1-fips", "us-east-1", true),
        ("us-fips-west-2", "us-west-2", true),
    ] {
        let settings = settings(Some(region), &[], None).unwrap();
        assert_eq!((settings.region.as_deref(), settings.use_fips), (Some(real), use_fips));
    }
}

#[test]
fn switches_and_files() {
    let p = settings(None, &[], Some("p")).unwrap();
    assert_eq!((p.use_fips, p.use_dualstack), (true, false));
    assert_eq!(p.ca_bundle, Some(PathBuf::from("/h/ca.pem")));
    let vars = [
        ("AWS_USE_FIPS_ENDPOINT", "False"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "TRUE"),
        ("AWS_CA_BUNDLE", "/etc/ca.pem"),
    ];
    let p = settings(None, &vars, Some("p")).unwrap();
    assert_eq!((p.use_fips, p.use_dualstack), (false, true));
    assert_eq!(p.ca_bundle, Some(PathBuf::from("/etc/ca.pem")));
    for (vars, profile, expected) in [
        (&[("REQUESTS_CA_BUNDLE", "/etc/r.pem")][..], None, "/etc/r.pem"),
        (&[("REQUESTS_CA_BUNDLE", "/etc/r.pem")], Some("p"), "/h/ca.pem"),
        (&[("REQUESTS_CA_BUNDLE", "/etc/r.pem"), vars[2]], None, "/etc/ca.pem"),
    ] {
        let settings = settings(None, vars, profile).unwrap();
        assert_eq!(settings.ca_bundle, Some(PathBuf::from(expected)));
    }
    for (schemes, is_said) in [("sigv4a, sigv4", true), ("x,sigv4a", true), ("sigv4,sigv4a", false)]
    {
        let vars = [("AWS_AUTH_SCHEME_PREFERENCE", schemes)];
        let said = settings(None, &vars, None).unwrap().warn_of_sigv4a();
        assert_eq!(said.is_some(), is_said, "{schemes}: {said:?}");
    }
}

#[test]
fn clear_text_is_said() {
    for (vars, expected) in [
        (&[][..], None),
        (&[("AWS_ENDPOINT_URL", "https://192.0.2.2")], None),
        (&[("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")], None),
        (&[("AWS_ENDPOINT_URL", "http://localhost")], None),
        (&[("AWS_ENDPOINT_URL", "http://me:planted@192.0.2.2/x")], Some("http://192.0.2.2 is ask")),
        (&[("AWS_ENDPOINT_URL_SSO_OIDC", "http://192.0.2.2")], Some("http://192.0.2.2 is asked w")),
    ] {
        let said = settings(None, vars, None).unwrap().warn_of_clear_text();
        assert_eq!(said.is_some(), expected.is_some(), "{vars:?}: {said:?}");
        let said = said.unwrap_or_default();
        assert!(
            said.starts_with(expected.unwrap_or_default()) && !said.contains("planted"),
            "{said}"
        );
    }
}

#[test]
fn what_cannot_work_is_refused_with_its_place() {
    for (flag, vars, profile, expected) in [
        (Some("us-east-1 # x"), &[][..], None, "--region is not a region"),
        (None, &[("AWS_REGION", "-x")], None, "AWS_REGION is not a region"),
        (None, &[("AWS_DEFAULT_REGION", "123")], None, "AWS_DEFAULT_REGION is not a region"),
        (None, &[], Some("region"), "config:38: region of profile \"region\" is not a region"),
        (None, &[("AWS_ENDPOINT_URL", "planted")], None, "AWS_ENDPOINT_URL is not a URL"),
        (None, &[("AWS_ENDPOINT_URL", "ftp://planted")], None, "AWS_ENDPOINT_URL is not a URL"),
        (None, &[("AWS_ENDPOINT_URL_STS", "https://")], None, "AWS_ENDPOINT_URL_STS is not a URL"),
        (None, &[("AWS_ENDPOINT_URL_STS", "https:///x")], None, "AWS_ENDPOINT_URL_STS is not"),
        (None, &[("AWS_ENDPOINT_URL_STS", "https://planted x")], None, "AWS_ENDPOINT_URL_STS is"),
        (None, &[], Some("url"), "config:40: endpoint_url of profile \"url\" is not a URL"),
        (None, &[], Some("bad"), "config:36: use_dualstack_endpoint of profile \"bad\" is neither"),
        (None, &[("AWS_USE_FIPS_ENDPOINT", "planted")], None, "AWS_USE_FIPS_ENDPOINT is neither"),
        (
            None,
            &[],
            Some("missing"),
            "config:27: services of profile \"missing\" names the section [services nowhere], which",
        ),
        (None, &[], Some("flat"), "config:31: `sts` in [services flat] must have"),
    ] {
        let error = settings(flag, vars, profile).unwrap_err();
        assert!(error.contains(expected) && !error.contains("planted"), "{error}");
    }
}
