use super::{Format, FormatError};
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
const TABLE: [(&str, Format, &str, Option<&str>); 37] = [
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
        "nothing is expanded",
        Format::Powershell,
        "$x `n \" $(id)",
        Some("$env:V = '$x `n \" $(id)';\n"),
    ),
    ("the quote", Format::Powershell, "a'b", Some("$env:V = 'a''b';\n")),
    (
        "a typographic quote",
        Format::Powershell,
        "a\u{2019}b",
        Some("$env:V = 'a'+[char]8217+'b';\n"),
    ),
    ("a quote after cp1252", Format::Powershell, "\u{112}", Some("$env:V = ''+[char]274+'';\n")),
    (
        "outside the BMP",
        Format::Powershell,
        "\u{1f511}",
        Some("$env:V = ''+[char]55357+''+[char]56593+'';\n"),
    ),
    ("new line", Format::Powershell, "a\nb", Some("$env:V = 'a'+[char]10+'b';\n")),
    ("empty means unset", Format::Powershell, "", None),
    ("operators", Format::Cmd, "a&b|c<d>e^f(g)", Some("set \"V=a&b|c<d>e^f(g)\"\r\n")),
    ("quote", Format::Cmd, "a\"&calc&\"", None),
    ("variable", Format::Cmd, "%PATH%", None),
    ("delayed expansion", Format::Cmd, "!PATH!", None),
    ("new line", Format::Cmd, "a\ncalc", None),
    ("a fullwidth quote, which best fit turns into a quote", Format::Cmd, "\u{ff02}", None),
    ("empty means unset", Format::Cmd, "", None),
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
    ("NUL", Format::Powershell, "\0", None),
    ("NUL", Format::Cmd, "\0", None),
    ("NUL", Format::Dotenv, "\0", None),
];

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
