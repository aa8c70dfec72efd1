use super::{Format, FormatError, github_env};
use crate::credentials::Secret;
use crate::deliver::Overlay;

/// One variable, set to `value`, as `format` writes it.
fn one(format: Format, value: &str) -> Result<String, String> {
    let mut overlay = Overlay::default();
    overlay.set_secret("V", Secret::new(value));
    written(format, &overlay)
}

fn written(format: Format, overlay: &Overlay) -> Result<String, String> {
    let mut out = Vec::new();
    match format.write(overlay, &mut out) {
        Ok(()) => Ok(String::from_utf8(out).unwrap()),
        Err(error) => {
            assert!(out.is_empty(), "{format}: text was written in spite of an error");
            Err(error.to_string())
        }
    }
}

/// {docs, format, value, text}; no text where the value is refused.
const TABLE: [(&str, Format, &str, Option<&str>); 26] = [
    ("quotes would be part of it", Format::Gitlab, "a b='\"", Some("V=a b='\"\n")),
    ("new line", Format::Gitlab, "a\nPATH=x", None),
    ("a blank at its end", Format::Gitlab, "a ", None),
    ("expansion", Format::Gitlab, "$CI_TOKEN", None),
    ("no secret", Format::Github, "a\nb", Some("")),
    ("plain", Format::Sh, "aA0/+=", Some("export V='aA0/+=';\n")),
    (
        "nothing is expanded",
        Format::Sh,
        "$(id) `id` $HOME !! \\ \"",
        Some("export V='$(id) `id` $HOME !! \\ \"';\n"),
    ),
    ("the quote", Format::Sh, "a'b", Some("export V='a'\\''b';\n")),
    ("only quotes", Format::Sh, "''", Some("export V=''\\'''\\''';\n")),
    ("new line", Format::Sh, "a\nb", Some("export V='a\nb';\n")),
    ("empty", Format::Sh, "", Some("export V='';\n")),
    ("NUL", Format::Sh, "a\0b", None),
    ("nothing is expanded", Format::Fish, "$x (id) *", Some("set -gx V '$x (id) *';\n")),
    ("quote and backslash", Format::Fish, "a'b\\", Some("set -gx V 'a\\'b\\\\';\n")),
    ("control", Format::Fish, "a\nb", Some("set -gx V 'a'\\x0a'b';\n")),
    ("NUL", Format::Fish, "\0", None),
    (
        "text is JSON",
        Format::Nushell,
        "a\"\\\n$x\u{1b}",
        Some("{\"V\":\"a\\\"\\\\\\n$x\\u001b\"}\n"),
    ),
    ("plain", Format::Dotenv, "aA0/+=", Some("V=aA0/+=\n")),
    ("blank", Format::Dotenv, "a #b", Some("V='a #b'\n")),
    ("interpolation", Format::Dotenv, "${HOME}", None),
    ("quote", Format::Dotenv, "a'b", None),
    ("new line", Format::Dotenv, "a\nPATH=x", None),
    ("text is JSON", Format::Json, "\"}", Some("{\"V\":\"\\\"}\"}\n")),
    ("NUL", Format::Json, "\0", None),
    ("NUL", Format::Nushell, "\0", None),
    ("NUL", Format::Dotenv, "\0", None),
];

const QUOTING: &str = "https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules";
/// Which characters are quotes
const GRAMMAR: &str = "https://learn.microsoft.com/powershell/scripting/lang-spec/chapter-02";
/// In what a program's output is read
const ENCODING: &str = "https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_character_encoding";
/// The strings of a pipeline are evaluated one by one
const EVALUATION: &str =
    "https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/invoke-expression";
const VARIABLES: &str = "https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_environment_variables";
const SET: &str = "https://learn.microsoft.com/windows-server/administration/windows-commands/set";
/// Which characters want quotes
const CMD: &str = "https://learn.microsoft.com/windows-server/administration/windows-commands/cmd";
/// Reads a program's output line by line
const FOR: &str = "https://learn.microsoft.com/windows-server/administration/windows-commands/for";
const DELAYED: &str =
    "https://learn.microsoft.com/windows-server/administration/windows-commands/setlocal";

/// {docs, link, value, text}: neither shell runs where these tests do, so each row says who promises it.
const OF_POWERSHELL: [(&str, &str, &str, Option<&str>); 17] = [
    ("plain", QUOTING, "aA0/+=", Some("'aA0/+='")),
    ("variables and expressions", QUOTING, "$x $(id) ${y} @z", Some("'$x $(id) ${y} @z'")),
    ("the backtick", QUOTING, "`n`$a``", Some("'`n`$a``'")),
    ("the double quote", QUOTING, "a\"b", Some("'a\"b'")),
    ("the single quote", QUOTING, "a'b", Some("'a''b'")),
    ("only single quotes", QUOTING, "''", Some("''''''")),
    (
        "the four typographic ones",
        GRAMMAR,
        "\u{2018}\u{2019}\u{201a}\u{201b}",
        Some("''+[char]8216+''+[char]8217+''+[char]8218+''+[char]8219+''"),
    ),
    (
        "typographic double quotes",
        GRAMMAR,
        "\u{201c}\u{201d}\u{201e}",
        Some("''+[char]8220+''+[char]8221+''+[char]8222+''"),
    ),
    ("a statement's end and a comment", QUOTING, "a; b # c", Some("'a; b # c'")),
    ("a here-string", QUOTING, "@'", Some("'@'''")),
    ("a backslash at the end", QUOTING, "a\\", Some("'a\\'")),
    ("a new line", EVALUATION, "a\nb", Some("'a'+[char]10+'b'")),
    (
        "a line's end of Windows, a tab",
        EVALUATION,
        "\r\n\t",
        Some("''+[char]13+''+[char]10+''+[char]9+''"),
    ),
    ("a letter beyond ASCII", ENCODING, "\u{fc}", Some("''+[char]252+''")),
    ("one that ends with a quote in code page 1252", ENCODING, "\u{112}", Some("''+[char]274+''")),
    ("outside the BMP", ENCODING, "\u{1f511}", Some("''+[char]55357+''+[char]56593+''")),
    ("empty means unset, before PowerShell 7.5", VARIABLES, "", None),
];

/// The same.
const OF_CMD: [(&str, &str, &str, Option<&str>); 17] = [
    ("plain", SET, "aA0/+=", Some("aA0/+=")),
    ("operators", CMD, "a&b|c<d>e^f(g)", Some("a&b|c<d>e^f(g)")),
    ("an escape at the end", CMD, "a^", Some("a^")),
    ("quotes of other shells", CMD, "a'b`c", Some("a'b`c")),
    ("separators", CMD, "a,b;c d", Some("a,b;c d")),
    ("blanks at the ends", SET, " a ", Some(" a ")),
    ("the sign between name and value", SET, "a=b==", Some("a=b==")),
    ("a backslash at the end", SET, "a\\", Some("a\\")),
    ("the quote", CMD, "a\"&calc&\"", None),
    ("a variable", SET, "%PATH%", None),
    ("a variable of `for`", FOR, "%i", None),
    ("delayed expansion", DELAYED, "!PATH!", None),
    ("a new line", FOR, "a\ncalc", None),
    ("a carriage return", FOR, "a\rcalc", None),
    ("a tab", FOR, "a\tb", None),
    ("a fullwidth quote, which best fit turns into a quote", CMD, "\u{ff02}", None),
    ("empty means unset", SET, "", None),
];

#[test]
fn the_shells_of_windows_read_what_was_meant() {
    let powershell = OF_POWERSHELL.map(|row| (row, Format::Powershell, "$env:V = ", ";\n"));
    let cmd = OF_CMD.map(|row| (row, Format::Cmd, "set \"V=", "\"\r\n"));
    for ((docs, link, value, text), format, before, after) in powershell.into_iter().chain(cmd) {
        let expected = text.map(|text| format!("{before}{text}{after}"));
        assert_eq!(one(format, value).ok(), expected, "{format}: {docs}: {link}");
        assert!(one(format, &format!("{value}\0")).is_err(), "{format}: {docs}: NUL");
    }
    // The longest line of cmd.
    let fits = |count: usize| one(Format::Cmd, &"x".repeat(count)).is_ok();
    let most = 8191 - "set \"V=\"\r\n".len();
    assert_eq!((fits(most), fits(most + 1)), (true, false));
}

#[test]
fn what_no_program_is_started_with_is_left_to_documents() {
    let long = "x".repeat(200_000);
    let refused: Vec<_> = Format::ALL.into_iter().filter(|f| one(*f, &long).is_err()).collect();
    let of_shells = [Format::Sh, Format::Fish, Format::Powershell, Format::Cmd, Format::Nushell];
    // A section has none of that variable.
    assert_eq!(refused, [&of_shells[..], &[Format::Github, Format::Gitlab]].concat());
}

#[test]
fn values_are_carried_or_refused() {
    for (docs, format, value, text) in TABLE {
        let result = one(format, value);
        assert_eq!(result.as_deref().ok(), text, "{format}: {docs}");
        if let Err(message) = result {
            assert!(message.contains(" V "), "{format}: {docs}: {message}");
        }
    }
}

#[test]
fn removals_come_first_where_there_are_any() {
    let mut overlay = Overlay::default();
    overlay.set("A", "1");
    overlay.unset("B");
    for (format, text) in [
        (Format::Sh, "unset B;\nexport A='1';\n"),
        (
            Format::Fish,
            "set -eg B; if set -qUx B; echo 'awsx: B is a universal variable of fish and stays; to \
             remove it: set -eU B' >&2; end;\nset -gx A '1';\n",
        ),
        (Format::Powershell, "$env:B = $null;\n$env:A = '1';\n"),
        (Format::Cmd, "set \"B=\"\r\nset \"A=1\"\r\n"),
        (Format::Nushell, "{\"A\":\"1\",\"B\":null}\n"),
        (Format::Dotenv, "A=1\n"),
        (Format::Json, "{\"A\":\"1\"}\n"),
    ] {
        assert_eq!(written(format, &overlay).as_deref(), Ok(text), "{format}");
    }
}

#[test]
fn a_step_of_github_masks_secrets_and_hands_on_what_cannot_break_out() {
    let mut overlay = Overlay::default();
    overlay.set("AWS_SECRET_ACCESS_KEY", "a%b\nc\r");
    overlay.set("AWS_REGION", "x\nEOF\nAWS_EVIL=1");
    overlay.unset_all(&["AWS_ROLE_ARN", "AWS_PROFILE", "AWS_SECURITY_TOKEN"]);
    assert_eq!(written(Format::Github, &overlay).as_deref(), Ok("::add-mask::a%25b%0Ac%0D\n"));
    let (text, stay) = github_env(&overlay, |name| name != "AWS_ROLE_ARN", "D");
    let expected = "AWS_SECURITY_TOKEN=\nAWS_REGION<<D\nx\nEOF\nAWS_EVIL=1\nD\n\
                    AWS_SECRET_ACCESS_KEY<<D\na%b\nc\r\nD\n";
    assert_eq!((text.as_str(), stay), (expected, vec!["AWS_PROFILE"]));
}

#[test]
fn a_report_of_gitlab_is_as_large_as_it_takes() {
    let with = |count: usize, length: usize| {
        let mut overlay = Overlay::default();
        (0..count).for_each(|n| overlay.set(&format!("V{n:02}"), "x".repeat(length)));
        written(Format::Gitlab, &overlay).is_ok()
    };
    let most = 5 * 1024 - "V00=\n".len();
    assert_eq!((with(1, most), with(1, most + 1)), (true, false));
    assert_eq!((with(20, 1), with(21, 1)), (true, false));
}

#[test]
fn documents_cannot_remove() {
    let mut overlay = Overlay::default();
    overlay.unset("A");
    for format in Format::ALL {
        let refused =
            matches!(format.write(&overlay, &mut Vec::new()), Err(FormatError::CannotUnset { .. }));
        assert_eq!(
            refused,
            matches!(format, Format::Dotenv | Format::Json | Format::Ini),
            "{format}"
        );
    }
}

#[test]
fn a_section_holds_what_the_credentials_file_knows() {
    let mut overlay = Overlay::default();
    overlay.set("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE");
    overlay.set_secret("AWS_SECRET_ACCESS_KEY", Secret::new("s/+="));
    overlay.set("AWS_REGION", "eu-west-1");
    overlay.set("AWS_DEFAULT_REGION", "eu-west-1");
    let settings =
        "aws_access_key_id = ASIAEXAMPLE\naws_secret_access_key = s/+=\nregion = eu-west-1\n";
    assert_eq!(written(Format::Ini, &overlay), Ok(format!("[default]\n{settings}")));

    for (profile, accepted) in [
        ("dev", true),
        ("my dev", true),
        ("a]\n[default", false),
        ("a]", false),
        ("a\nb", false),
        (" a", false),
        ("a#b", false),
    ] {
        overlay.set("AWSX_PROFILE", profile);
        let expected = accepted.then(|| format!("[{profile}]\n{settings}"));
        assert_eq!(written(Format::Ini, &overlay).ok(), expected, "{profile:?}");
    }
    overlay.set("AWSX_PROFILE", "dev");
    for value in ["a b", "a\nb", "", "a\0"] {
        overlay.set_secret("AWS_SECRET_ACCESS_KEY", Secret::new(value));
        let error = written(Format::Ini, &overlay).expect_err(value);
        assert!(error.contains("AWS_SECRET_ACCESS_KEY"), "{error}");
    }
}

#[test]
fn names_are_read_back() {
    for format in Format::ALL {
        assert_eq!(format.name().parse::<Format>().ok(), Some(format));
    }
    assert!("nope".parse::<Format>().is_err());
    let listed = super::UnknownFormat.to_string();
    let names = Format::ALL.map(Format::name).join(", ");
    assert!(listed.ends_with(&names), "{listed}");
}
