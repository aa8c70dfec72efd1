//! The layers, the circles, the names, and who may touch a secret, read from the sources.
//! `docs/architecture.md` says why.

#![expect(clippy::unwrap_used, reason = "this is a test")]

#[path = "architecture/sentences.rs"]
mod sentences;
#[path = "architecture/sources.rs"]
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use sources::Sources;

static SOURCES: LazyLock<Sources> = LazyLock::new(Sources::read);

/// What names what.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// The files that read a secret's text, and what for.
const MAY_EXPOSE: &[(&str, &str)] = &[
    ("aws/console.rs", "the session that signs a browser in"),
    ("aws/container.rs", "the Authorization header"),
    ("aws/dpop.rs", "the key proves, and becomes PEM"),
    ("aws/github.rs", "the Authorization header"),
    ("aws/iam.rs", "the codes of a new device"),
    ("aws/oidc.rs", "codes and refresh tokens, the client's secret"),
    ("aws/portal.rs", "the portal's access token"),
    ("aws/signin.rs", "the code, its verifier, the refresh token"),
    ("aws/sources.rs", "the name of the web identity token"),
    ("aws/sso.rs", "the portal's access token"),
    ("aws/presign.rs", "what is signed for others"),
    ("aws/query_call.rs", "the signer"),
    ("aws/sts.rs", "the web identity token, the code"),
    ("aws/sts_by_name.rs", "the parameters of a call, its code"),
    ("aws_cli/login_cache.rs", "the AWS CLI's cache of sign-ins, where one is shared"),
    ("aws_cli/sso_cache.rs", "the AWS CLI's cache of tokens, where a login is shared"),
    ("app/servers.rs", "a token in a file, for a container"),
    ("cli/approve.rs", "a person is shown what an agent wants to run"),
    ("cli/config/set.rs", "with --plain-text, a line of the credentials file"),
    ("cli/console.rs", "with --print, the address that signs a browser in"),
    ("cli/mfa/code.rs", "the code that is asked for"),
    ("cli/flags.rs", "--mfa-code becomes an MfaCode"),
    ("cli/sts/assertion.rs", "the role that the command line names, beside an assertion"),
    ("cli/sts/outcome.rs", "the answer, as the AWS CLI prints it"),
    ("cli/docker_credential.rs", "the password that docker asks for"),
    ("cli/token/ecr.rs", "the password that is asked for"),
    ("cli/token/codecommit.rs", "the password that git asks for"),
    ("cli/token/database.rs", "the password that is asked for"),
    ("cli/token/eks.rs", "the token that is asked for"),
    ("credentials/claims.rs", "the claims of a token, without its signature"),
    ("credentials/console_form.rs", "what the browser posts"),
    ("credentials/mfa.rs", "MfaCode is a Secret of six digits"),
    ("deliver/aws_mfa.rs", "text for the credentials file"),
    ("deliver/credential_process.rs", "the SDKs' JSON"),
    ("deliver/exec.rs", "the child's environment"),
    ("deliver/handed.rs", "the child's environment, to the process that becomes the child"),
    ("deliver/format/documents.rs", "text for a file"),
    ("deliver/format/jobs.rs", "text for a CI system"),
    ("deliver/format/mod.rs", "text for a shell"),
    ("deliver/format/peers.rs", "lines as other tools print them"),
    ("host/callback/form_page.rs", "the page that a browser posts"),
    ("host/clipboard.rs", "with --copy, the address that signs a browser in"),
    ("host/callback/answer.rs", "what is pasted becomes an answer"),
    ("ports/person.rs", "what is typed becomes an answer"),
    ("history/version.rs", "what a file said is put back"),
    ("keys/aws_vault.rs", "the passphrase of aws-vault becomes a key"),
    ("keys/import.rs", "the lines that hold it are taken out"),
    ("keys/given.rs", "what is handed over becomes an access key"),
    ("keys/in_file.rs", "a key of a file is replaced there"),
    ("keys/record.rs", "whether a header can carry the secret"),
    ("keys/undo.rs", "the lines that were taken out are put back"),
    ("login/console.rs", "names in a record are Secrets too"),
    ("login/current.rs", "whether another process has renewed the login"),
    ("login/identity_center.rs", "whether a refused token is the kept one; a name in a record"),
    ("login/pkce.rs", "the challenge is the verifier's digest"),
    ("mfa/device.rs", "the sealed seed is read"),
    ("mfa/otpauth.rs", "what is typed, or in a picture, becomes a seed"),
    ("mfa/totp.rs", "the seed gives codes"),
    ("mfa/used_codes.rs", "the digest of the code that was sent"),
    ("saml/assertion.rs", "the name of an assertion"),
    ("saml/encoded.rs", "an assertion is read"),
    ("server/access.rs", "a token is compared"),
    ("server/control.rs", "a token is given to awsx itself"),
    ("server/imds.rs", "a token is given, and compared"),
    ("server/container.rs", "the SDKs' JSON"),
    ("server/reply.rs", "the SDKs' JSON, on its way out"),
    ("session/reason.rs", "a reason is kept with what is sealed"),
    ("shell/taken.rs", "text for a shell"),
    ("token/docker.rs", "the password, as docker reads it"),
    ("token/git.rs", "the password, as git reads it"),
    ("token/exec_credential.rs", "the token, as kubectl reads it"),
    ("vault/fields.rs", "the sealed record"),
    ("vault/seal.rs", "the data key seals"),
    ("vault/session.rs", "names in a record are Secrets too"),
    ("vault/unlock/kernel.rs", "the data key rests in the kernel"),
    (
        "vault/unlock/passphrase.rs",
        "the passphrase becomes a key, the data key rests in the kernel",
    ),
];

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace()
}

/// Whether a way leads from one to the other.
fn reaches(graph: &Graph, from: &str, to: &str) -> bool {
    let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(name) = next.pop() {
        let named = graph.get(name).into_iter().flatten().map(String::as_str);
        next.extend(named.filter(|name| seen.insert(*name)));
    }
    seen.contains(to)
}

/// Which files name which.
fn files() -> Graph {
    let arrows = SOURCES.arrows().into_iter();
    arrows.map(|(from, named)| (from, named.into_keys().collect())).collect()
}

/// Which modules below the crate's root name which.
fn modules() -> Graph {
    let module = |file: &str| file.split(['/', '.']).next().unwrap().to_owned();
    let mut modules: Graph =
        SOURCES.files().map(|file| (module(&file.name), BTreeSet::new())).collect();
    for (from, named) in files() {
        let from = module(&from);
        let named = named.iter().map(|to| module(to)).filter(|to| *to != from);
        modules.entry(from.clone()).or_default().extend(named);
    }
    modules.remove("lib");
    modules
}

/// The picture in the document: the modules from top to bottom, and the arrows that are drawn.
fn picture() -> (Vec<String>, Graph) {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md");
    let text = std::fs::read_to_string(document).unwrap();
    let picture = text.split_once("```mermaid\n").unwrap().1.split_once("```").unwrap().0;
    let (mut modules, mut arrows) = (Vec::new(), Graph::new());
    for line in picture.lines().map(str::trim) {
        match line.split_once(" --> ") {
            Some((from, to)) => {
                let named = to.split(" & ").map(str::to_owned).collect();
                arrows.insert(from.to_owned(), named);
            }
            None if line == "end" || line.contains(' ') => {}
            None => modules.push(line.to_owned()),
        }
    }
    (modules, arrows)
}

#[test]
fn modules_name_only_modules_below_them() {
    let (order, _) = picture();
    let found = modules();
    let listed: BTreeSet<&String> = order.iter().collect();
    assert_eq!(listed, found.keys().collect(), "the modules of the picture are on the left");
    let place = |module: &String| order.iter().position(|known| known == module);
    for (module, named) in &found {
        let up: Vec<_> = named.iter().filter(|name| place(name) < place(module)).collect();
        assert!(up.is_empty(), "{module} names what is above it: {up:?}");
    }
}

/// Every arrow of the code is drawn, or follows from those that are; and each that is drawn is needed.
#[test]
fn the_picture_is_the_code() {
    let graph = modules();
    let mut needed = Graph::new();
    for (from, named) in &graph {
        let follows =
            |to: &str| named.iter().any(|other| other != to && reaches(&graph, other, to));
        let own: BTreeSet<String> = named.iter().filter(|to| !follows(to)).cloned().collect();
        if !own.is_empty() {
            needed.insert(from.clone(), own);
        }
    }
    assert_eq!(picture().1, needed, "the picture is on the left");
}

/// A file and one that it names, also by way of others, do not name each other. What a parent merely
/// declares or re-exports it does not name; what a child takes from its parent's own file counts.
#[test]
fn files_form_no_circle() {
    let files = files();
    for (from, named) in SOURCES.arrows() {
        for (to, names) in named {
            assert!(!reaches(&files, &to, &from), "{from} names {names:?} of {to}, and back");
        }
    }
}

/// Words that mean something on Unix alone, and where a build for Windows has them for a good reason.
const OF_UNIX: [&str; 14] = [
    "chmod",
    "chown",
    "sudo",
    "sh -c",
    "/dev/",
    "kill ",
    "Ctrl-D",
    "Ctrl-Z",
    "`unset ",
    "eval \\\"",
    "$HOME",
    "$USER",
    "/etc/",
    "/tmp",
];
const MAY_SAY: &[(&str, &str)] = &[
    // The page of `awsx env` has a line for each shell.
    ("cli/env.rs", "eval \\\""),
    ("deliver/shell.rs", "eval \\\""),
    // As of `awsx env`; bash and zsh are there in Git Bash and MSYS2.
    ("cli/init.rs", "eval \\\""),
    // fish is a shell of Unix.
    ("deliver/format/mod.rs", "sh -c"),
    // Each has other words where `cfg!(windows)` holds.
    ("config/location.rs", "/dev/"),
    ("host/process.rs", "sh -c"),
    ("report/failure/files.rs", "chmod"),
    ("report/failure/files.rs", "chown"),
    ("report/failure/files.rs", "sudo"),
    ("report/failure/files.rs", "$USER"),
    ("resolve/dialect.rs", "sh -c"),
    ("text.rs", "`unset "),
    // A name of no terminal there
    ("state/turn.rs", "/dev/"),
    // Files of Windows have no mode that these would be said of.
    ("report/failure/vault.rs", "chmod"),
    ("vault/unlock/passphrase.rs", "chmod"),
];

#[test]
fn a_build_for_windows_speaks_of_windows() {
    let mut may_say: Vec<_> = MAY_SAY.to_vec();
    let mut found = Vec::new();
    for (file, literal) in sentences::of_windows() {
        for word in OF_UNIX.iter().filter(|word| literal.contains(**word)) {
            may_say.retain(|entry| *entry != (&*file, *word));
            if !MAY_SAY.contains(&(&*file, *word)) {
                found.push(format!("{file}: {word}: {literal}"));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
    assert!(may_say.is_empty(), "not said any more: {may_say:?}");
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
    // The last one is a trait's of tracing.
    const NO_PARTICIPLE: &str = "embed exceed feed need seed speed enabled";
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
    assert!(found.is_empty(), "{found:#?}");
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

/// The network is `aws`'s alone, but for the addresses of this machine that browsers come back to and
/// programs ask for credentials; the terminal and processes are `host`'s.
#[test]
fn edges_are_at_the_edge() {
    for (word, homes) in [
        ("aws_sdk_", &["aws/"][..]),
        ("aws_smithy_", &["aws/"]),
        ("aws_config", &["aws/"]),
        // The desk waits for what another thread makes.
        ("tokio", &["aws/", "host/callback", "host/listener", "host/server", "app/serving/desk"]),
        // Its words for HTTP.
        ("hyper", &["aws/", "host/callback", "host/listener", "host/server", "server/"]),
        ("Tcp", &["aws/", "host/callback", "host/listener", "host/server"]),
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
