//! The layers, the circles, the names, and who may touch a secret, read from the sources.
//! `docs/architecture.md` says why.

#![expect(clippy::unwrap_used, reason = "this is a test")]

#[path = "architecture/sources.rs"]
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use sources::Sources;

static SOURCES: LazyLock<Sources> = LazyLock::new(Sources::read);

/// The modules from top to bottom, and which of those below it each one names.
const NAMES: &[(&str, &str)] = &[
    (
        "cli",
        "app report organization login generate deliver preferences resolve client_settings config profile ports credentials env text",
    ),
    (
        "app",
        "aws aws_cli host report organization session login deliver preferences resolve client_settings config profile vault state ports credentials env",
    ),
    ("aws", "client_settings state ports credentials env text"),
    ("aws_cli", "state ports credentials env text"),
    ("host", "ports credentials env text"),
    (
        "report",
        "organization session login generate deliver preferences resolve client_settings config profile vault state ports credentials env text",
    ),
    ("organization", "vault state ports credentials"),
    ("session", "login resolve profile vault state ports credentials text"),
    ("login", "resolve client_settings vault ports credentials"),
    ("generate", "preferences config profile"),
    ("deliver", "credentials env text"),
    ("preferences", "profile state env"),
    ("resolve", "client_settings profile credentials env"),
    ("client_settings", "profile env"),
    ("config", "profile state env text"),
    ("profile", "credentials"),
    ("vault", "state ports credentials env text"),
    ("state", "env text"),
    ("ports", "credentials"),
    ("credentials", "text"),
    ("env", ""),
    ("text", ""),
];

/// Arrows between files that still lead back to where they came from.
const STILL: &[(&str, &str)] = &[];

/// How many functions are still named by a participle.
const STILL_PARTICIPLES: usize = 81;

/// The files that read a secret's text, and what for.
const MAY_EXPOSE: &[(&str, &str)] = &[
    ("aws/container.rs", "the Authorization header"),
    ("aws/dpop.rs", "the key proves, and becomes PEM"),
    ("aws/oidc.rs", "codes and refresh tokens, the client's secret"),
    ("aws/portal.rs", "the portal's access token"),
    ("aws/signin.rs", "the code, its verifier, the refresh token"),
    ("aws/sources.rs", "the name of the web identity token"),
    ("aws/sso.rs", "the portal's access token"),
    ("aws/sts.rs", "the signer, the web identity token, the code"),
    ("aws_cli/sign_in_file.rs", "the AWS CLI's cache of sign-ins, where one is shared"),
    ("aws_cli/sso_token_file.rs", "the AWS CLI's cache of tokens, where a login is shared"),
    ("cli/flags.rs", "--mfa-code becomes an MfaCode"),
    ("credentials/mfa.rs", "MfaCode is a Secret of six digits"),
    ("deliver/credential_process.rs", "the SDKs' JSON"),
    ("deliver/exec.rs", "the child's environment"),
    ("deliver/format/documents.rs", "text for a file"),
    ("deliver/format/mod.rs", "text for a shell"),
    ("deliver/overlay.rs", "OverlayValue is a Secret or not"),
    ("host/callback/answer.rs", "what is pasted becomes an answer"),
    ("ports/person.rs", "what is typed becomes an answer"),
    ("login/console.rs", "names in a record are Secrets too"),
    ("login/identity_center.rs", "whether a refused token is the kept one; a name in a record"),
    ("login/pkce.rs", "the challenge is the verifier's digest"),
    ("session/used_codes.rs", "the digest of the code that was sent"),
    ("vault/fields.rs", "the sealed record"),
    ("vault/seal.rs", "the data key seals"),
    ("vault/session.rs", "names in a record are Secrets too"),
    ("vault/unlock/kernel.rs", "the data key rests in the kernel"),
    (
        "vault/unlock/passphrase.rs",
        "the passphrase becomes a key, the data key rests in the kernel",
    ),
];

/// The room of a file: the module below the crate's root.
fn room(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace()
}

/// A permission that nothing uses is none.
#[test]
fn modules_name_only_modules_below_them() {
    let mut found: BTreeMap<String, BTreeSet<String>> =
        SOURCES.files().map(|file| (room(&file.name).to_owned(), BTreeSet::new())).collect();
    for (from, named) in SOURCES.arrows() {
        let from = room(&from);
        let named = named.keys().map(|to| room(to)).filter(|to| *to != from);
        found.entry(from.to_owned()).or_default().extend(named.map(str::to_owned));
    }
    found.remove("lib");
    let known: BTreeMap<String, BTreeSet<String>> = NAMES
        .iter()
        .map(|(module, names)| ((*module).to_owned(), words(names).map(str::to_owned).collect()))
        .collect();
    assert_eq!(found, known, "what the modules name is on the left");
    for (at, (module, names)) in NAMES.iter().enumerate() {
        let is_below = |name: &&str| NAMES[at + 1..].iter().any(|(module, _)| module == name);
        let up: Vec<_> = words(names).filter(|name| !is_below(name)).collect();
        assert!(up.is_empty(), "{module} names what is not below it: {up:?}");
    }
}

/// A file and one that it names, also by way of others, do not name each other. What a parent merely
/// declares or re-exports it does not name; what a child takes from its parent's own file counts.
#[test]
fn files_form_no_circle() {
    let arrows = SOURCES.arrows();
    let reaches = |from: &str, to: &str, without: &dyn Fn(&str, &str) -> bool| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(file) = next.pop() {
            let named = arrows.get(&file).into_iter().flat_map(BTreeMap::keys);
            for name in named.filter(|name| !without(&file, name)) {
                if name == to {
                    return true;
                }
                if seen.insert(name.clone()) {
                    next.push(name.clone());
                }
            }
        }
        false
    };
    let is_still = |from: &str, to: &str| STILL.contains(&(from, to));
    let mut circles = Vec::new();
    for (from, named) in &arrows {
        for (to, names) in named.iter().filter(|(to, _)| !is_still(from, to)) {
            if reaches(to, from, &is_still) {
                circles.push(format!("{from} -> {to}: {names:?}"));
            }
        }
    }
    assert!(circles.is_empty(), "{circles:#?}");
    for (from, to) in STILL {
        let closes = arrows.get(*from).is_some_and(|named| named.contains_key(*to))
            && reaches(to, from, &is_still);
        assert!(closes, "{from} -> {to} is no circle any more");
    }
}

#[test]
fn nothing_is_said_to_be_unreachable() {
    let found: Vec<&str> = SOURCES
        .files()
        .filter(|file| file.tokens.iter().any(|token| token == "unreachable"))
        .map(|file| &*file.name)
        .collect();
    assert!(found.is_empty(), "{found:?}");
}

/// A verb for what acts, a noun for what is given.
#[test]
fn no_function_is_named_by_a_participle() {
    const IRREGULAR: &str = "begun bound broken brought built chosen done drawn forgotten found given \
        gone heard held hidden kept known lost made meant met rewritten said seen sent shown spent \
        stuck taken told unknown written";
    const NO_PARTICIPLE: &str = "embed exceed feed need seed speed";
    let is_in = |word: &str, words: &str| self::words(words).any(|one| one == word);
    let mut found = Vec::new();
    for file in SOURCES.files() {
        for name in file.tokens.windows(2).filter(|two| two[0] == "fn").map(|two| &two[1]) {
            let first = name.split('_').next().unwrap();
            let ends_so = first.ends_with("ed") && !is_in(first, NO_PARTICIPLE);
            if ends_so || is_in(first, IRREGULAR) {
                found.push(format!("{}: {name}", file.name));
            }
        }
    }
    assert!(found.len() <= STILL_PARTICIPLES, "{found:#?}");
}

#[test]
fn secrets_are_read_in_known_places() {
    let found: BTreeSet<String> = SOURCES
        .files()
        .filter(|file| file.tokens.windows(2).any(|two| two == [".", "expose"]))
        .map(|file| file.name.clone())
        .collect();
    let known: BTreeSet<String> = MAY_EXPOSE.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(found, known);
}

/// The network is `aws`'s alone, but for the address that the browser comes back to; the terminal
/// and processes are `host`'s.
#[test]
fn edges_are_at_the_edge() {
    for (word, homes) in [
        ("aws_sdk_", &["aws/"][..]),
        ("aws_smithy_", &["aws/"]),
        ("aws_config", &["aws/"]),
        ("tokio", &["aws/", "host/callback"]),
        ("hyper", &["aws/", "host/callback"]),
        ("Tcp", &["aws/", "host/callback"]),
        ("dialoguer", &["host/"]),
        ("indicatif", &["host/"]),
        ("zbus", &["vault/unlock/"]),
        ("chacha20poly1305", &["vault/"]),
    ] {
        let strangers: Vec<String> = SOURCES
            .files()
            .filter(|file| file.tokens.iter().any(|token| token.starts_with(word)))
            .filter(|file| !homes.iter().any(|home| file.name.starts_with(home)))
            .map(|file| file.name.clone())
            .collect();
        assert!(strangers.is_empty(), "{word} is used outside {homes:?}: {strangers:?}");
    }
}
