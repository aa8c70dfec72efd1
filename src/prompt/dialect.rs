//! How text and its colours are written in the prompt of each shell.
//!
//! A shell may expand what its prompt says: `$(…)`, backquotes and `\` in bash, the same in zsh where `PROMPT_SUBST` is
//! set, `%` in zsh, `#` in tmux. Whether it does depends on how the text gets there, and on options. So what could start
//! something is not shown at all, and what is only doubled where that holds in every case.

use clap::ValueEnum;

use crate::text::{Colour, Palette, steers};

/// Whose prompt it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Dialect {
    Bash,
    Zsh,
    Fish,
    #[value(alias = "nu")]
    Nushell,
    Elvish,
    #[value(alias = "pwsh")]
    Powershell,
    Tmux,
}

/// One dialect.
struct Row {
    dialect: Option<Dialect>,
    /// Shown as `?`
    kept_out: &'static [char],
    doubled: Option<char>,
    paint: fn(Palette, Colour, &str) -> String,
}

const ROWS: [Row; 8] = [
    // Where nobody says it: a program's, which shows text as it is.
    Row { dialect: None, kept_out: &[], doubled: None, paint: Palette::paint },
    // <https://www.gnu.org/software/bash/manual/html_node/Controlling-the-Prompt.html>
    Row {
        dialect: Some(Dialect::Bash),
        kept_out: &['$', '`', '\\'],
        doubled: None,
        paint: |palette, colour, text| {
            format!(r"\[{}\]{text}\[{}\]", palette.begin(colour), Palette::END)
        },
    },
    // <https://zsh.sourceforge.io/Doc/Release/Prompt-Expansion.html>
    Row {
        dialect: Some(Dialect::Zsh),
        kept_out: &['$', '`', '\\'],
        doubled: Some('%'),
        paint: |palette, colour, text| {
            format!("%{{{}%}}{text}%{{{}%}}", palette.begin(colour), Palette::END)
        },
    },
    // It counts the columns itself, and expands nothing. <https://fishshell.com/docs/current/cmds/fish_prompt.html>
    Row { dialect: Some(Dialect::Fish), kept_out: &[], doubled: None, paint: Palette::paint },
    // The same. <https://www.nushell.sh/book/configuration.html#prompt-configuration>
    Row { dialect: Some(Dialect::Nushell), kept_out: &[], doubled: None, paint: Palette::paint },
    // It takes the colours from bytes. <https://elv.sh/ref/edit.html#prompts>
    Row { dialect: Some(Dialect::Elvish), kept_out: &[], doubled: None, paint: Palette::paint },
    // <https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_prompts>
    Row { dialect: Some(Dialect::Powershell), kept_out: &[], doubled: None, paint: Palette::paint },
    // It knows what its terminal shows. <https://man.openbsd.org/tmux#STYLES>
    Row {
        dialect: Some(Dialect::Tmux),
        kept_out: &[],
        doubled: Some('#'),
        paint: |_, colour, text| format!("#[fg=colour{},bold]{text}#[default]", colour.number()),
    },
];

/// What text is written with.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ink {
    pub dialect: Option<Dialect>,
    /// None without colours
    pub palette: Option<Palette>,
}

impl Ink {
    /// The text, so that it is shown and nothing more.
    pub(super) fn write(self, text: &str) -> String {
        let row = self.row();
        let mut written = String::with_capacity(text.len());
        for sign in text.chars() {
            match sign {
                odd if steers(odd) || row.kept_out.contains(&odd) => written.push('?'),
                sign if row.doubled == Some(sign) => written.extend([sign, sign]),
                sign => written.push(sign),
            }
        }
        written
    }

    /// The same in a colour.
    pub(super) fn paint(self, text: &str, colour: Option<Colour>) -> String {
        let written = self.write(text);
        match colour.zip(self.palette) {
            Some((colour, palette)) => (self.row().paint)(palette, colour, &written),
            None => written,
        }
    }

    fn row(self) -> &'static Row {
        ROWS.iter().find(|row| row.dialect == self.dialect).expect("each has its row")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_colours_means_anything_to_a_shell() {
        const HOSTILE: &str = "$(a)`b`\\u%n#(c)#{d}\n\u{1b}[2J\u{202e}é";
        for (dialect, expected) in [
            (None, "\x1b[1;31m$(a)`b`\\u%n#(c)#{d}??[2J?é\x1b[0m"),
            (Some(Dialect::Bash), "\\[\x1b[1;31m\\]?(a)?b??u%n#(c)#{d}??[2J?é\\[\x1b[0m\\]"),
            (Some(Dialect::Zsh), "%{\x1b[1;31m%}?(a)?b??u%%n#(c)#{d}??[2J?é%{\x1b[0m%}"),
            (Some(Dialect::Fish), "\x1b[1;31m$(a)`b`\\u%n#(c)#{d}??[2J?é\x1b[0m"),
            (Some(Dialect::Nushell), "\x1b[1;31m$(a)`b`\\u%n#(c)#{d}??[2J?é\x1b[0m"),
            (Some(Dialect::Elvish), "\x1b[1;31m$(a)`b`\\u%n#(c)#{d}??[2J?é\x1b[0m"),
            (Some(Dialect::Powershell), "\x1b[1;31m$(a)`b`\\u%n#(c)#{d}??[2J?é\x1b[0m"),
            (Some(Dialect::Tmux), "#[fg=colour196,bold]$(a)`b`\\u%n##(c)##{d}??[2J?é#[default]"),
        ] {
            let ink = Ink { dialect, palette: Some(Palette::Named) };
            assert_eq!(ink.paint(HOSTILE, Some(Colour::Red)), expected, "{dialect:?}");
            let plain = Ink { palette: None, ..ink };
            assert_eq!(plain.paint(HOSTILE, Some(Colour::Red)), ink.write(HOSTILE), "{dialect:?}");
        }
    }
}
