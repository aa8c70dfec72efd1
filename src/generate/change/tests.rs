//! Blocks as they come, change and go; what is refused.

use super::*;
use crate::preferences::{Glob, Rule, Template};

const SESSION: &str = "[sso-session corp]\nsso_start_url = https://c\nsso_region = eu-west-1\n";

fn roles(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn files(config: &str, credentials: &str) -> Profiles {
    Profiles::from_texts(config, credentials).unwrap()
}

fn account<'a>(id: &'a str, name: &'a str, roles: Option<&'a [String]>) -> AccountRoles<'a> {
    AccountRoles { account_id: id, account_name: name, email: "a@x", roles }
}

const A: &str = "111111111111";
const B: &str = "000000000002";

#[test]
fn a_second_run_changes_nothing_and_stale_profiles_go() {
    let (two, one) = (roles(&["Read.Only", "Admin"]), roles(&["Admin"]));
    let all = [account(B, "Prod Ä", Some(&one)), account(A, "dev", Some(&two))];
    let preferences = SsoPreferences::default();
    let config = format!("# mine\r\n{SESSION}[profile own]\n  region=x");
    let first = change(&files(&config, ""), "corp", &all, &preferences).unwrap();
    let names: Vec<&str> = first.profiles.iter().map(ProfileChange::name).collect();
    assert_eq!(names, ["Prod/Admin", "dev/Admin", "dev/Read.Only"]);
    assert_eq!(
        first.text,
        format!(
            "{config}\r\n\r\n# >>> awsx sso corp\r\n\
             # Made by `awsx sso sync`, which replaces what stands here.\r\n\
             [profile Prod/Admin]\r\nsso_session = corp\r\nsso_account_id = {B}\r\n\
             sso_role_name = Admin\r\n\
             [profile dev/Admin]\r\nsso_session = corp\r\nsso_account_id = {A}\r\n\
             sso_role_name = Admin\r\n\
             [profile dev/Read.Only]\r\nsso_session = corp\r\nsso_account_id = {A}\r\n\
             sso_role_name = Read.Only\r\n# <<< awsx sso corp\r\n"
        )
    );
    let again = change(&files(&first.text, ""), "corp", &all, &preferences).unwrap();
    assert_eq!((again.profiles.len(), again.same), (0, 3));
    assert_eq!(again.text, first.text);

    // An account is gone, a role too; of the third nothing could be listed.
    let text = first.text.clone() + "[profile below]\r\n";
    for (docs, accounts, gone) in [
        ("an account", vec![account(A, "dev", Some(&two))], vec!["Prod/Admin"]),
        (
            "a role",
            vec![account(B, "Prod Ä", Some(&one)), account(A, "dev", Some(&one))],
            vec!["dev/Read.Only"],
        ),
        (
            "not listed",
            vec![account(B, "Prod Ä", None), account(A, "dev", Some(&one))],
            vec!["dev/Read.Only"],
        ),
        ("all", vec![], vec!["Prod/Admin", "dev/Admin", "dev/Read.Only"]),
    ] {
        let found = change(&files(&text, ""), "corp", &accounts, &preferences).unwrap();
        let removed: Vec<&str> = found.profiles.iter().map(ProfileChange::name).collect();
        assert_eq!(removed, gone, "{docs}");
        assert!(found.text.starts_with(&config), "{docs}");
        assert!(found.text.ends_with("[profile below]\r\n"), "{docs}");
        assert_eq!(found.text.contains(">>> awsx"), docs != "all", "{docs}");
    }
}

#[test]
fn regions_and_settings_by_rule() {
    let one = roles(&["Admin"]);
    let all = [account(A, "dev", Some(&one)), account(B, "sandbox-x", Some(&one))];
    let mut preferences = SsoPreferences::default();
    preferences.common.region = Some("eu-west-1".into());
    preferences.common.settings.insert("output".into(), "json".into());
    preferences.common.profile_name = Some(Template::parse("{account_name}").unwrap());
    preferences.rules.push(Rule {
        account_name: Some(Glob::new("sandbox-*")),
        skip: Some(true),
        ..Rule::default()
    });
    let first = change(&files(SESSION, ""), "corp", &all, &preferences).unwrap();
    let [added @ ProfileChange::Added(_)] = first.profiles.as_slice() else { panic!("{first:?}") };
    assert_eq!(
        added.diff(),
        "+ [profile dev]\n+ sso_session = corp\n+ sso_account_id = 111111111111\n\
         + sso_role_name = Admin\n+ region = eu-west-1\n+ output = json\n"
    );
    preferences.common.region = Some("us-east-1".into());
    let second = change(&files(&first.text, ""), "corp", &all, &preferences).unwrap();
    assert_eq!(
        second.profiles[0].diff(),
        "  [profile dev]\n- region = eu-west-1\n+ region = us-east-1\n"
    );
}

#[test]
fn a_session_of_the_block_stays_in_it() {
    let one = roles(&["Admin"]);
    let all = [account(A, "dev", Some(&one))];
    let config = format!("[default]\n\n# >>> awsx sso corp\n{SESSION}# <<< awsx sso corp\n");
    let found = change(&files(&config, ""), "corp", &all, &SsoPreferences::default()).unwrap();
    assert!(found.text.contains(&format!("here.\n{SESSION}[profile dev/Admin]\n")), "{found:?}");
}

#[test]
fn what_cannot_be_named_is_refused_with_both_sides() {
    let (one, two) = (roles(&["Admin"]), roles(&["Admin", "Read"]));
    let (hostile, blank) = (roles(&["Admin\n[profile default]"]), roles(&[""]));
    let default = SsoPreferences::default;
    let by = |template: &str| {
        let mut preferences = default();
        preferences.common.profile_name = Some(Template::parse(template).unwrap());
        preferences
    };
    let open = format!("{SESSION}# >>> awsx sso corp\n");
    for (docs, config, credentials, accounts, preferences, words) in [
        (
            "two accounts of one name",
            SESSION,
            "",
            vec![account(A, "dev", Some(&two)), account(B, "dev", Some(&two))],
            default(),
            &[
                "both be profile \"dev/Admin\"",
                "Admin in 111111111111",
                "Admin in 000000000002",
                "(and 1 more such names)",
            ][..],
        ),
        (
            "hand-written",
            &*format!("{SESSION}[profile dev/Admin]\n"),
            "",
            vec![account(A, "dev", Some(&one))],
            default(),
            &["config:4: profile \"dev/Admin\" is defined there already", "Admin in 111111111111"],
        ),
        (
            "in the credentials file",
            SESSION,
            "[other]\n[dev/Admin]\n",
            vec![account(A, "dev", Some(&one))],
            default(),
            &["credentials:2: profile \"dev/Admin\""],
        ),
        (
            "of another session's block",
            &*format!("{SESSION}# >>> awsx sso lab\n[profile dev/Admin]\n# <<< awsx sso lab\n"),
            "",
            vec![account(A, "dev", Some(&one))],
            default(),
            &["config:5: profile \"dev/Admin\""],
        ),
        (
            "no name",
            SESSION,
            "",
            vec![account(A, "日本", Some(&one))],
            by("{account_name}"),
            &["the template {account_name} gives Admin in 111111111111 no name"],
        ),
        (
            "a role that is none",
            SESSION,
            "",
            vec![account(A, "dev", Some(&hostile))],
            default(),
            &["lists a role that no profile can hold: \"Admin\\n[profile default]\" in"],
        ),
        (
            "a role without a name",
            SESSION,
            "",
            vec![account(A, "dev", Some(&blank))],
            default(),
            &["no profile can hold"],
        ),
        (
            "an account id that is none",
            SESSION,
            "",
            vec![account("1", "dev", Some(&one))],
            default(),
            &["no profile can hold"],
        ),
        (
            "a marker is missing",
            &*open,
            "",
            vec![account(A, "dev", Some(&one))],
            default(),
            &["config cannot be edited"],
        ),
    ] {
        let error =
            change(&files(config, credentials), "corp", &accounts, &preferences).unwrap_err();
        for words in words {
            assert!(error.to_string().contains(words), "{docs}: {error}");
        }
    }
}

#[test]
fn session_and_profile_are_appended() {
    let files = Profiles::from_texts("[default]\nregion = x", "").unwrap();
    let line = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let session = GeneratedSession { name: "corp".into(), settings: vec![line("sso_region", "r")] };
    let profile = GeneratedProfile {
        name: "dev".into(),
        settings: vec![line("sso_session", "corp"), line("region", "eu-west-1")],
    };
    let text = with_profile(&files, Some(&session), &profile).unwrap();
    assert_eq!(
        text,
        "[default]\nregion = x\n\n[sso-session corp]\nsso_region = r\n\n\
         [profile dev]\nsso_session = corp\nregion = eu-west-1\n"
    );
    let files = Profiles::from_texts(&text, "").unwrap();
    let again = with_profile(&files, None, &GeneratedProfile { name: "x".into(), ..profile });
    assert!(again.unwrap().ends_with("\n\n[profile x]\nsso_session = corp\nregion = eu-west-1\n"));
}

#[test]
fn what_the_file_cannot_hold_is_refused() {
    let files = Profiles::from_texts("", "").unwrap();
    for (docs, name, value) in
        [("a line break", "dev", "a\nb"), ("a comment", "dev", "a # b"), ("a name", "a\nb", "c")]
    {
        let settings = vec![("sso_session".to_owned(), value.to_owned())];
        let profile = GeneratedProfile { name: name.into(), settings };
        assert!(with_profile(&files, None, &profile).is_err(), "{docs}");
    }
}
