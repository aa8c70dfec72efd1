//! Blocks as they come, change and go; what is refused.

use super::*;
use crate::preferences::{Rule, Template};
use crate::text::Glob;

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
             # Made by `awsx sso sync`, which keeps what is added to a profile here.\r\n\
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
        added.sections(),
        (
            String::new(),
            "[profile dev]\nsso_session = corp\nsso_account_id = 111111111111\nsso_role_name = Admin\n\
             region = eu-west-1\noutput = json\n"
                .to_owned()
        )
    );
    preferences.common.region = Some("us-east-1".into());
    let second = change(&files(&first.text, ""), "corp", &all, &preferences).unwrap();
    let (before, after) = second.profiles[0].sections();
    assert_eq!(before.replace("eu-west-1", "us-east-1"), after);
    let text = second.text.replace("output = json\n", "output = json\naws_secret_key = planted\n");
    // What is added goes with its role alone.
    let third = change(&files(&text, ""), "corp", &[], &preferences).unwrap();
    let (before, after) = third.profiles[0].sections();
    assert!(before.ends_with("aws_secret_key = planted\n") && after.is_empty(), "{before}{after}");
}

/// As `aws configure set` does: in the middle of the block, and behind its last line.
#[test]
fn what_is_added_stays_with_its_role() {
    let one = roles(&["Admin"]);
    let both = [account(A, "dev", Some(&one)), account(B, "prod", Some(&one))];
    let region = |region: Option<&str>| {
        let mut preferences = SsoPreferences::default();
        preferences.common.region = region.map(str::to_owned);
        preferences
    };
    let sync = |text: &str, accounts: &[AccountRoles<'_>], preferences: &SsoPreferences| {
        change(&files(text, ""), "corp", accounts, preferences).unwrap()
    };
    let added = |text: &str| {
        let middle = text.replace("[profile prod/", "output = json\n[profile prod/");
        format!("{middle}cli_pager =\ns3 =\n  addressing_style = path\n# mine\n[profile x]\n")
    };
    let plain = sync(SESSION, &both, &region(None)).text;
    let found = sync(&added(&plain), &both, &region(None));
    assert_eq!((found.profiles.len(), found.same), (0, 2), "{found:?}");
    let kept = "sso_role_name = Admin\ncli_pager =\ns3 =\n    addressing_style = path\n\
                # <<< awsx sso corp\n# mine\n[profile x]\n";
    assert!(found.text.contains("Admin\noutput = json\n[profile prod/Admin]"), "{}", found.text);
    assert!(found.text.ends_with(kept), "{}", found.text);
    assert_eq!(sync(&found.text, &both, &region(None)).text, found.text);

    // The account has another name now.
    let renamed = [account(A, "dev", Some(&one)), account(B, "billing", Some(&one))];
    let found = sync(&added(&plain), &renamed, &region(None));
    let names: Vec<_> = found.profiles.iter().map(|c| (c.name(), c.takes_away())).collect();
    assert_eq!(names, [("billing/Admin", false), ("prod/Admin", false)]);
    assert!(found.text.contains("addressing_style"), "{}", found.text);
    // The role is gone, and what was added to its profile.
    let found = sync(&added(&plain), &renamed[..1], &region(None));
    let names: Vec<_> = found.profiles.iter().map(|c| (c.name(), c.takes_away())).collect();
    assert_eq!(names, [("prod/Admin", true)]);
    assert!(!found.text.contains("s3"), "{}", found.text);

    // What awsx set is awsx's to take back; another value may be a person's.
    let set = sync(SESSION, &both, &region(Some("eu-west-1"))).text;
    assert!(set.contains("\n# It sets: region\n"), "{set}");
    let found = sync(&set, &both, &region(None));
    assert!(!found.text.contains("\nregion = eu"), "{}", found.text);
    let by_hand = set.replacen("region = eu-west-1\n[", "region = eu-north-1\n[", 1);
    let found = sync(&by_hand, &both, &region(Some("eu-west-1")));
    let [altered] = found.profiles.as_slice() else { panic!("{found:?}") };
    assert!(altered.takes_away());
    let (before, after) = altered.sections();
    assert_eq!(before.replace("eu-north-1", "eu-west-1"), after);
}

#[test]
fn who_draws_on_a_profile_that_goes_is_named() {
    let one = roles(&["Admin"]);
    let before = [account(A, "dev", Some(&one)), account(B, "prod", Some(&one))];
    let preferences = SsoPreferences::default();
    let own = "[profile a]\nrole_arn = x\nsource_profile = prod/Admin\n\
               [profile b]\ncredential_process = awsx credential-process dev/Admin\n\
               [profile c]\nsource_profile = a\n";
    let first = change(&files(&format!("{SESSION}{own}"), ""), "corp", &before, &preferences);
    let first = first.unwrap();
    assert_eq!(first.users, []);
    let renamed = [account(B, "billing", Some(&one))];
    let found = change(&files(&first.text, ""), "corp", &renamed, &preferences).unwrap();
    let said: Vec<_> = found.users.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "config:8: profile \"b\" draws on \"dev/Admin\", which goes",
            "config:6: profile \"a\" draws on \"prod/Admin\", which becomes \"billing/Admin\": \
             correct that line",
        ]
    );
}

#[test]
fn one_role_without_a_name_costs_its_own_profile() {
    let (one, hostile) = (roles(&["Admin"]), roles(&["Admin\n[profile default]", "", "Read"]));
    let mut preferences = SsoPreferences::default();
    preferences.common.profile_name = Some(Template::parse("{email}/{role_name}").unwrap());
    let nameless = AccountRoles { email: "", ..account(B, "prod", Some(&one)) };
    let accounts = [account(A, "dev", Some(&hostile)), nameless, account("1", "short", Some(&one))];
    let found = change(&files(SESSION, ""), "corp", &accounts, &preferences).unwrap();
    let names: Vec<&str> = found.profiles.iter().map(ProfileChange::name).collect();
    assert_eq!(names, ["a@x/Read"]);
    let said: Vec<_> = found.left_out.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 4, "{said:?}");
    assert!(said[0].contains("no profile can hold: \"Admin\\n[profile default]\" in"), "{said:?}");
    assert!(
        said[2].contains("{email}/{role_name} gives Admin in 000000000002 no name"),
        "{said:?}"
    );

    // An account without a name has a number.
    let nameless = [account(A, "", Some(&one)), account(B, "日本", Some(&one))];
    let found = change(&files(SESSION, ""), "corp", &nameless, &SsoPreferences::default()).unwrap();
    let names: Vec<&str> = found.profiles.iter().map(ProfileChange::name).collect();
    assert_eq!(names, ["000000000002/Admin", "111111111111/Admin"]);
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
    let default = SsoPreferences::default;
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
    let (text, change) = with_profile(&files, Some(&session), &profile).unwrap();
    assert_eq!(change, ProfileChange::Added(profile.clone()));
    assert_eq!(
        text,
        "[default]\nregion = x\n\n[sso-session corp]\nsso_region = r\n\n\
         [profile dev]\nsso_session = corp\nregion = eu-west-1\n"
    );
    let files = Profiles::from_texts(&text, "").unwrap();
    let again =
        with_profile(&files, None, &GeneratedProfile { name: "x".into(), ..profile.clone() });
    let (again, _) = again.unwrap();
    assert!(again.ends_with("\n\n[profile x]\nsso_session = corp\nregion = eu-west-1\n"));
    // One that is there keeps the rest, and what counts elsewhere.
    let default = GeneratedProfile { name: "default".into(), ..profile };
    let (text, change) = with_profile(&files, None, &default).unwrap();
    assert!(text.starts_with("[default]\nregion = eu-west-1\nsso_session = corp\n\n"), "{text}");
    let sections =
        ("[default]\nregion = x\n", "[default]\nregion = eu-west-1\nsso_session = corp\n");
    assert_eq!(change.sections(), (sections.0.to_owned(), sections.1.to_owned()));
    assert!(change.takes_away());
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
