//! Somebody who types what a document says, answers what is asked then, and agrees in the browser.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::console::post_form;
use crate::every_command::seed;
use crate::fake_aws::browser::approve;
use crate::fake_aws::sample::{KEY_ID, SECRET_KEY};
use crate::given::pause;
use crate::keys_import::AWS_VAULT_PASSPHRASE;
use crate::ran::Ran;
use crate::sandbox::{PASSPHRASE, Sandbox, files_below};
use crate::terminal::{CTRL_C, Terminal};

/// What is asked, and what is typed then. `{…}` is what only the sandbox knows, `^T` a key.
const ANSWERS: &[(&str, &str)] = &[
    ("[Y/n] ", "y"),
    ("[y/N] ", "y"),
    ("[N]o? ", "once"),
    ("Enter picks", ""),
    ("Enter takes them", "^T"),
    ("(it is not shown): ", "{secret}"),
    ("MFA code for ", "{code}"),
    ("Access key id for dev: ", KEY_ID),
    ("Passphrase of aws-vault's files: ", AWS_VAULT_PASSPHRASE),
    ("New passphrase for awsx's vault: ", PASSPHRASE),
    ("The same again: ", PASSPHRASE),
    ("Start URL: ", "https://corp.awsapps.com/start"),
    ("Region of IAM Identity Center: ", "eu-west-1"),
    ("or none) [eu-west-1]: ", ""),
    ("Type reset to remove it", "reset"),
    ("`exit` leaves it", "exit 0"),
    // A shell on the other machine.
    ("far$ ", "exit 0"),
    ("[us-east-1]: ", ""),
    ("Code that the page shows", "{sign-in}"),
    ("to log in to sso-session \"corp\", open", "{open}"),
];

/// Answers whatever is asked at the terminal until `shown` is there; until all that runs on it has ended.
pub(crate) fn answer(sandbox: &Sandbox, terminal: &mut Terminal<'_>, shown: Option<&str>) {
    let texts: Vec<&str> = ANSWERS.iter().map(|(text, _)| *text).chain(shown).collect();
    while let Some((_, answer)) = terminal.expect_one(&texts).and_then(|which| ANSWERS.get(which)) {
        let answer = match *answer {
            "{open}" => {
                terminal.expect("\n");
                approve(&terminal.next_line());
                None
            }
            "{code}" => {
                terminal.expect(": ");
                Some(sandbox.code())
            }
            "{sign-in}" => {
                let lines = terminal.lines_so_far();
                let address = lines.iter().find(|line| line.starts_with("http")).unwrap();
                Some(approve(address).code().to_owned())
            }
            "{secret}" => secret(sandbox, terminal),
            "^T" => Some("\x14".to_owned()),
            answer => Some(answer.to_owned()),
        };
        let Some(answer) = answer else { continue };
        terminal.type_line(&answer);
        // What is typed is shown, and perhaps the question anew.
        terminal.expect("\n");
    }
}

/// What is not shown while it is typed; nothing where the browser brings it. Ctrl-C, where nobody knows what is meant.
fn secret(sandbox: &Sandbox, terminal: &Terminal<'_>) -> Option<String> {
    let question = terminal.lines_so_far().pop().unwrap_or_default();
    let is_for = |what: &str| question.contains(what);
    match () {
        () if is_for("Browser elsewhere?") => None,
        () if is_for("SAMLResponse") => Some(sandbox.read("planted/assertion")),
        () if is_for("Secret access key of") => Some(SECRET_KEY.to_owned()),
        () if is_for("Secret key of") => Some(seed(sandbox)),
        () => Some(CTRL_C.to_owned()),
    }
}

/// Agrees to whatever is opened in the sandbox's browser, until it is over.
pub(crate) fn agree(home: &Path, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        for file in files_below(&home.join("browser")) {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !name.starts_with("opened.") {
                continue;
            }
            let address = std::fs::read_to_string(&file).unwrap();
            std::fs::remove_file(&file).unwrap();
            // A file, or somebody else's page.
            if !address.starts_with("http://127.0.0.1:") {
                continue;
            }
            let page = approve(&address);
            // The page of a console posts what it has.
            if page.body.contains("SigninToken") {
                post_form(&page);
            }
        }
        pause();
    }
}

/// The end of a command whose output may be meant to hold credentials, or not.
pub(crate) fn end(terminal: &mut Terminal<'_>, may_hold_credentials: bool) -> Ran {
    if may_hold_credentials { terminal.end_with_secrets() } else { terminal.end() }
}
