//! The layers and who may touch a secret, read from the sources. `docs/architecture.md` says why.

#![expect(clippy::unwrap_used, reason = "this is a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Which modules each module may name.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("env", &[]),
    ("credentials", &[]),
    ("profile", &["credentials"]),
    ("config", &["env", "profile"]),
    ("preferences", &["env", "profile"]),
    ("generate", &["config", "preferences", "profile"]),
    ("resolve", &["credentials", "env", "profile"]),
    ("ports", &["credentials"]),
    ("state", &["env", "text"]),
    ("vault", &["credentials", "env", "state", "text"]),
    ("deliver", &["credentials", "env"]),
    ("session", &["credentials", "ports", "profile", "resolve", "state", "vault"]),
    ("aws", &["credentials", "env", "ports", "profile"]),
    ("host", &["credentials", "env", "ports"]),
    (
        "report",
        &[
            "config",
            "credentials",
            "deliver",
            "env",
            "generate",
            "ports",
            "preferences",
            "profile",
            "resolve",
            "session",
            "state",
            "vault",
        ],
    ),
    (
        "app",
        &[
            "aws",
            "config",
            "credentials",
            "deliver",
            "env",
            "host",
            "ports",
            "preferences",
            "profile",
            "report",
            "resolve",
            "session",
            "state",
            "vault",
        ],
    ),
    (
        "cli",
        &[
            "app",
            "config",
            "credentials",
            "deliver",
            "env",
            "generate",
            "ports",
            "preferences",
            "profile",
            "report",
            "resolve",
            "session",
            "vault",
        ],
    ),
];

/// The files that read a secret's text, and what for.
const MAY_EXPOSE: &[(&str, &str)] = &[
    ("aws/container.rs", "the Authorization header"),
    ("aws/dpop.rs", "the key proves, and becomes PEM"),
    ("aws/login_cache.rs", "the AWS CLI's cache of sign-ins"),
    ("aws/oidc.rs", "codes and refresh tokens, the client's secret"),
    ("aws/portal.rs", "the portal's access token"),
    ("aws/signin.rs", "the code, its verifier, the refresh token"),
    ("aws/sources.rs", "the name of the web identity token"),
    ("aws/sso.rs", "the portal's access token"),
    ("aws/sso_cache.rs", "the AWS CLI's token file, where a login is shared: the one clear text"),
    ("aws/sts.rs", "the signer, the web identity token, the code"),
    ("cli/flags.rs", "--mfa-code becomes an MfaCode"),
    ("credentials/mfa.rs", "MfaCode is a Secret of six digits"),
    ("deliver/credential_process.rs", "the SDKs' JSON"),
    ("deliver/environment.rs", "OverlayValue is a Secret or not"),
    ("deliver/exec.rs", "the child's environment"),
    ("deliver/format/documents.rs", "text for a file"),
    ("deliver/format/mod.rs", "text for a shell"),
    ("host/callback/answer.rs", "what is pasted becomes an answer"),
    ("host/terminal.rs", "an answer becomes an MfaCode"),
    ("session/pkce.rs", "the challenge is the verifier's digest"),
    ("session/sso_token.rs", "whether a refused token is the kept one"),
    ("session/sign_in_record.rs", "the names in a record are Secrets too"),
    ("session/step_up.rs", "the digest of the code that was sent"),
    ("vault/login.rs", "the sealed record"),
    ("vault/record.rs", "the sealed record"),
    ("vault/seal.rs", "the data key seals"),
    ("vault/unlock/kernel.rs", "the data key rests in the kernel"),
    (
        "vault/unlock/passphrase.rs",
        "the passphrase becomes a key, the data key rests in the kernel",
    ),
];

fn sources(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// Every source file with its path below `src/`, tests at its end left out.
fn modules() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let name = |path: &Path| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
    sources(&root)
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
            (name(path), code)
        })
        .filter(|(name, _)| !["tests", "testing", "cases"].iter().any(|part| name.contains(part)))
        .collect()
}

/// Every `crate::a` and `crate::a::b` that the code names, comments left out.
fn named(code: &str) -> BTreeSet<(String, Option<String>)> {
    let mut found = BTreeSet::new();
    for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for path in line.split("crate::").skip(1) {
            let mut parts = path.split("::").map(|part| {
                part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>()
            });
            let first = parts.next().unwrap_or_default();
            if !first.is_empty() {
                found.insert((first, parts.next().filter(|part| !part.is_empty())));
            }
        }
    }
    found
}

#[test]
fn layers_point_one_way() {
    let may_name: BTreeMap<&str, &[&str]> = MAY_NAME.iter().copied().collect();
    let mut wrong = Vec::new();
    for (file, code) in modules() {
        let module = file.split(['/', '.']).next().unwrap();
        if matches!(module, "lib" | "main") {
            continue;
        }
        let allowed = may_name.get(module).unwrap_or_else(|| panic!("{module} has no layer"));
        for (first, second) in named(&code) {
            let path = format!("{first}::{}", second.unwrap_or_default());
            let fine = first == module
                || allowed.contains(&first.as_str())
                || allowed.contains(&path.as_str());
            if !fine {
                wrong.push(format!("src/{file} names crate::{path}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn secrets_are_read_in_known_places() {
    let found: BTreeSet<String> = modules()
        .into_iter()
        .filter(|(_, code)| code.contains(".expose()"))
        .map(|(file, _)| file)
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
        ("tokio::", &["aws/", "host/callback"]),
        ("hyper", &["aws/", "host/callback"]),
        ("std::net::Tcp", &["aws/", "host/callback"]),
        ("dialoguer", &["host/"]),
        ("indicatif", &["host/"]),
        ("zbus", &["vault/unlock/"]),
        ("chacha20poly1305", &["vault/"]),
    ] {
        let strangers: Vec<String> = modules()
            .into_iter()
            .filter(|(_, code)| code.contains(word))
            .filter(|(file, _)| !homes.iter().any(|home| file.starts_with(home)))
            .map(|(file, _)| file)
            .collect();
        assert!(strangers.is_empty(), "{word} is used outside {homes:?}: {strangers:?}");
    }
}
