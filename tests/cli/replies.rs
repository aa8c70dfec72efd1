//! Whatever an endpoint replies, awsx ends by itself with an error of its own, in little memory and few
//! words.
//!
//! Here a sample of the replies; all of them with `cargo test --test adversary`.

use crate::EVERY;
use crate::fake_aws::fault::Fault;
use crate::given::{CONSOLE_TOKEN, NOBODY};
use crate::sandbox::{AWSX, Sandbox};

/// Sets a sandbox up.
type Given = fn() -> Sandbox;

/// The operation that is replied to, in which sandbox, and the command that asks for it.
const OPERATIONS: [(&str, Given, &[&str]); 11] = [
    ("AssumeRole", Sandbox::new, &["exec", "readonly", "--", "true"]),
    ("GetSessionToken", Sandbox::new, &["exec", "dev", "--", "true"]),
    ("GetCallerIdentity", Sandbox::new, &["whoami", "dev", "--no-session"]),
    ("GetRoleCredentials", logged_in, &["credential-process", "sso"]),
    ("ListAccounts", logged_in, &["sso", "accounts", "corp"]),
    ("ListAccountRoles", logged_in, &["sso", "roles", "corp"]),
    ("CreateToken", with_old_token, &["credential-process", "sso"]),
    (CONSOLE_TOKEN, with_old_sign_in, &["credential-process", "console"]),
    ("ImdsToken", on_an_instance, &["exec", "--", "true"]),
    ("ImdsCredentials", on_an_instance, &["exec", "--", "true"]),
    ("ContainerCredentials", in_a_container, &["exec", "--", "true"]),
];

fn logged_in() -> Sandbox {
    Sandbox::new().sso_profiles().logged_in()
}

fn with_old_token() -> Sandbox {
    let sandbox = Sandbox::not_logged_in();
    sandbox.aws.control(|state| state.oidc.token_seconds = 1);
    sandbox.log_in();
    sandbox
}

fn with_old_sign_in() -> Sandbox {
    Sandbox::new().at_a_browser().console(1, &[])
}

fn on_an_instance() -> Sandbox {
    Sandbox::new().on_an_instance()
}

fn in_a_container() -> Sandbox {
    Sandbox::new().in_a_container()
}

fn leak(text: String) -> &'static [u8] {
    text.leak().as_bytes()
}

/// A whole reply.
fn reply(status: &str, headers: &str, body: &str) -> &'static [u8] {
    let length = body.len();
    leak(format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}"))
}

/// A refusal as STS and as the JSON services say it.
fn refusals(status: &str, headers: &str, message: &str) -> [&'static [u8]; 2] {
    let xml = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>Odd</Code><Message>{message}</Message></Error>\
         <RequestId>1</RequestId></ErrorResponse>"
    );
    let json = format!(r#"{{"__type":"OddException","error":"odd","message":"{message}"}}"#);
    let typed = |kind: &str| format!("Content-Type: {kind}\r\n{headers}");
    [reply(status, &typed("text/xml"), &xml), reply(status, &typed("application/json"), &json)]
}

const JSON: &str = "Content-Type: application/json\r\n";
const XML: &str = "Content-Type: text/xml\r\n";

/// What is replied, and what is added to it for as long as somebody reads.
fn replies() -> Vec<(&'static str, &'static [u8], &'static [u8])> {
    let filler: &[u8] = leak("x".repeat(64 * 1024));
    let chunk = leak(format!("10000\r\n{}\r\n", "x".repeat(64 * 1024)));
    let one = |docs, first| (docs, first, &b""[..]);
    let mut all = vec![
        one("nothing", b"".as_slice()),
        one("another protocol", b"SSH-2.0-OpenSSH_9.2p1\r\n".as_slice()),
        one("NULs", leak("\0".repeat(4096))),
        one("a status that is none", b"HTTP/1.1 999999 Odd\r\n\r\n".as_slice()),
        one("a page", reply("200 OK", "Content-Type: text/html\r\n", "<html><p>Welcome")),
        one("a proxy's page", reply("502 Bad Gateway", "Content-Type: text/html\r\n", "<html>")),
        one("no content", reply("200 OK", JSON, "")),
        one("204", b"HTTP/1.1 204 No Content\r\n\r\n".as_slice()),
        one("null", reply("200 OK", JSON, "null")),
        one("a list", reply("200 OK", JSON, "[]")),
        one("not UTF-8", b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\xff\xfe\"\xff".as_slice()),
        one("deep JSON", reply("200 OK", JSON, &"[".repeat(200_000))),
        one("deep XML", reply("200 OK", XML, &"<a>".repeat(100_000))),
        one("elsewhere", reply("302 Found", &format!("Location: {NOBODY}/\r\n"), "")),
        one("compressed", reply("200 OK", &format!("{JSON}Content-Encoding: gzip\r\n"), "no gzip")),
        one("less than it says", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{".as_slice()),
        one(
            "two lengths",
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}".as_slice(),
        ),
        one("a header of 1 MB", reply("200 OK", &format!("X: {}\r\n", "x".repeat(1 << 20)), "{}")),
        one("100,000 headers", reply("200 OK", &"X: y\r\n".repeat(100_000), "{}")),
        (
            "more than there is memory",
            b"HTTP/1.1 200 OK\r\nContent-Length: 1152921504606846976\r\n\r\n".as_slice(),
            filler,
        ),
        ("no end", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".as_slice(), chunk),
        ("a refusal without an end", b"HTTP/1.1 403 No\r\n\r\n".as_slice(), filler),
        ("headers without an end", b"HTTP/1.1 200 OK\r\n".as_slice(), b"X: y\r\n".as_slice()),
        ("more to come", b"".as_slice(), b"HTTP/1.1 100 Continue\r\n\r\n".as_slice()),
    ];
    let long = "long ".repeat(200_000);
    for (docs, status, headers, message) in [
        ("a long message", "400 Bad Request", "", long.as_str()),
        ("steers the terminal", "400 Bad Request", "", "\u{202e}\u{2028}\u{9b}31m\u{2066}"),
        ("try in an age", "503 No", "Retry-After: 18446744073709551615\r\n", "no"),
        ("try in another", "429 No", "Retry-After: 9223372036854775807\r\n", "no"),
        ("try yesterday", "429 No", "Retry-After: -5\r\n", "no"),
        ("another century", "403 No", "Date: Fri, 31 Dec 9999 23:59:59 GMT\r\n", "no"),
    ] {
        all.extend(refusals(status, headers, message).map(|first| one(docs, first)));
    }
    all
}

#[test]
fn any_reply_is_an_error_in_little_memory_and_few_words() {
    let replies = replies();
    let all = OPERATIONS.iter().flat_map(|operation| replies.iter().map(move |r| (operation, r)));
    // Twice as seldom as other attacks: some replies end with the time limit alone.
    for ((operation, given, args), (docs, first, again)) in
        all.skip(EVERY / 2).step_by(2 * EVERY - 1)
    {
        let docs = format!("{operation}, {docs}");
        let sandbox = given();
        sandbox.set("AWS_MAX_ATTEMPTS", "1");
        sandbox.aws.fail(operation, Fault::Bytes { first, again }, 99);
        let mut command = sandbox.command("sh");
        let line = r#"ulimit -v 1500000; exec "$@""#;
        command.args(["-c", line, "sh", AWSX]).args(*args);
        let ran = sandbox.run(&mut command, b"", true);
        assert!((2..=8).contains(&ran.code), "{docs}: {ran:?}");
        assert!(ran.stderr.contains("error: ") && ran.stderr.len() < 4000, "{docs}: {ran:?}");
        assert!(!ran.stderr.contains("this is a bug"), "{docs}: {ran:?}");
        assert!(!ran.stderr.contains(NOBODY), "{docs}: {ran:?}");
        let steers = |c: char| {
            c.is_control() && c != '\n' || matches!(c, '\u{2028}' | '\u{202e}' | '\u{2066}')
        };
        assert!(!ran.stderr.contains(steers), "{docs}: {ran:?}");
    }
}
