//! `awsx serve --install`: what runs the server at each login.

use super::flags::System;
use crate::app::App;
use crate::host::own_program;
use crate::report::Failure;

/// Prints the file for the same command line, on stdout, and what to do with it.
pub(super) fn print(app: &App, system: System) -> Result<(), Failure> {
    let program = own_program(&app.env)
        .map_err(|error| Failure::io("where awsx is cannot be told", &error))?;
    let is_launchd = match system {
        System::Usual => cfg!(target_os = "macos"),
        system => system == System::Launchd,
    };
    let line = app.line_without(|word| word.starts_with("--install"));
    let words: Vec<&str> =
        std::iter::once(&*program).chain(line.iter().map(|word| &**word)).collect();
    let (text, place, then) = match is_launchd {
        true => (
            property_list(&words),
            "~/Library/LaunchAgents/awsx.serve.plist",
            "launchctl bootstrap gui/$UID ~/Library/LaunchAgents/awsx.serve.plist",
        ),
        false => (
            unit(&words),
            "~/.config/systemd/user/awsx-serve.service",
            "systemctl --user enable --now awsx-serve",
        ),
    };
    app.out().document(&text)?;
    app.out().notice(&format!("write it to {place}, then `{then}`"));
    Ok(())
}

/// <https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html>
fn unit(words: &[&str]) -> String {
    let line: Vec<String> = words.iter().map(|word| word_of_systemd(word)).collect();
    format!(
        "[Unit]\n\
         Description=Credentials of AWS for programs of this user\n\
         \n\
         [Service]\n\
         ExecStart={}\n\
         Restart=on-failure\n\
         RestartSec=30\n\
         NoNewPrivileges=yes\n\
         \n\
         [Install]\n\
         WantedBy=default.target\n",
        line.join(" ")
    )
}

/// Quoted; `%` begins a specifier, `$` a variable.
fn word_of_systemd(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-=:,@+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in word.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '%' => quoted.push_str("%%"),
            '$' => quoted.push_str("$$"),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// launchd.plist(5)
fn property_list(words: &[&str]) -> String {
    let escape = |word: &str| word.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let strings: String =
        words.iter().map(|word| format!("    <string>{}</string>\n", escape(word))).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
         \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\">\n<dict>\n  \
         <key>Label</key>\n  <string>awsx.serve</string>\n  \
         <key>ProgramArguments</key>\n  <array>\n{strings}  </array>\n  \
         <key>RunAtLoad</key>\n  <true/>\n  \
         <key>KeepAlive</key>\n  <dict>\n    <key>SuccessfulExit</key>\n    <false/>\n  </dict>\n\
         </dict>\n</plist>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_unit_are_one_each() {
        for (word, expected) in [
            ("dev", "dev"),
            ("/usr/bin/awsx", "/usr/bin/awsx"),
            ("my dev", "\"my dev\""),
            ("", "\"\""),
            ("a\"b\\c", "\"a\\\"b\\\\c\""),
            ("100%", "\"100%%\""),
            ("$HOME", "\"$$HOME\""),
        ] {
            assert_eq!(word_of_systemd(word), expected);
        }
        assert!(
            unit(&["/bin/awsx", "serve", "a b"]).contains("\nExecStart=/bin/awsx serve \"a b\"\n")
        );
    }

    #[test]
    fn words_of_a_property_list_are_text() {
        let list = property_list(&["/bin/awsx", "serve", "a<b&c"]);
        assert!(list.contains("    <string>a&lt;b&amp;c</string>\n"), "{list}");
    }
}
