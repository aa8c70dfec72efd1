//! The arguments of `ssh`: which are of the connection, which of a session that goes through it, and which are awsx's
//! own business. <https://man.openbsd.org/ssh>

use std::path::Path;

/// What an argument is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum For {
    Connection,
    Session,
    /// It cannot be given: why
    Nobody(&'static str),
}

use For::{Connection, Nobody, Session};

const KEPT: &str = "awsx keeps the connection itself";
const NO_SESSION: &str = "there would be nobody to use the credentials";
const PRINTS: &str = "that only prints something";

/// Every argument of OpenSSH 10: its letter, whether a value follows, and what it is for.
const ARGUMENTS: [(char, bool, For); 47] = [
    ('1', false, Connection),
    ('2', false, Connection),
    ('4', false, Connection),
    ('6', false, Connection),
    ('A', false, Connection),
    ('a', false, Connection),
    ('B', true, Connection),
    ('b', true, Connection),
    ('C', false, Connection),
    ('c', true, Connection),
    ('D', true, Connection),
    ('E', true, Connection),
    ('e', true, Session),
    ('F', true, Connection),
    ('f', false, Nobody("awsx waits for its end")),
    ('G', false, Nobody(PRINTS)),
    ('g', false, Connection),
    ('I', true, Connection),
    ('i', true, Connection),
    ('J', true, Connection),
    ('K', false, Connection),
    ('k', false, Connection),
    ('L', true, Connection),
    ('l', true, Connection),
    ('M', false, Nobody(KEPT)),
    ('m', true, Connection),
    ('N', false, Nobody(NO_SESSION)),
    ('n', false, Session),
    ('O', true, Nobody(KEPT)),
    ('o', true, Connection),
    ('P', true, Connection),
    ('p', true, Connection),
    ('Q', true, Nobody(PRINTS)),
    ('q', false, Connection),
    ('R', true, Connection),
    ('S', true, Nobody(KEPT)),
    ('s', false, Nobody(NO_SESSION)),
    ('T', false, Session),
    ('t', false, Session),
    ('V', false, Nobody(PRINTS)),
    ('v', false, Connection),
    ('W', true, Nobody(NO_SESSION)),
    ('w', true, Connection),
    ('X', false, Connection),
    ('x', false, Connection),
    ('Y', false, Connection),
    ('y', false, Connection),
];

/// Why a word cannot be given to ssh.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotForSsh {
    #[error("{0} cannot be given to ssh here: {1}")]
    Taken(String, &'static str),
    #[error("ssh has no argument {0}")]
    Unknown(String),
    #[error("{0} has no value")]
    NoValue(String),
    #[error("\"{0}\" is no argument of ssh")]
    Word(String),
}

/// What a person gives to ssh.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    connection: Vec<String>,
    session: Vec<String>,
}

impl Arguments {
    /// Reads them, one word or several for each, as getopt does.
    pub(crate) fn read(words: &[String]) -> Result<Self, NotForSsh> {
        let mut read = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let letters = word.strip_prefix('-').filter(|letters| !letters.is_empty());
            let mut rest = letters.ok_or_else(|| NotForSsh::Word(word.clone()))?;
            while let Some(letter) = rest.chars().next() {
                rest = &rest[letter.len_utf8()..];
                let argument = format!("-{letter}");
                let found = ARGUMENTS.iter().find(|(own, ..)| *own == letter);
                let Some((_, has_value, purpose)) = found else {
                    return Err(NotForSsh::Unknown(argument));
                };
                let value = match (has_value, std::mem::take(&mut rest)) {
                    (true, "") => Some(words.next().cloned()),
                    (true, value) => Some(Some(value.to_owned())),
                    (false, more) => {
                        rest = more;
                        None
                    }
                };
                let of = match purpose {
                    Connection => &mut read.connection,
                    Session => &mut read.session,
                    Nobody(why) => return Err(NotForSsh::Taken(argument, why)),
                };
                if let Some(value) = value {
                    let value = value.ok_or_else(|| NotForSsh::NoValue(argument.clone()))?;
                    of.extend([argument, value]);
                } else {
                    of.push(argument);
                }
            }
        }
        Ok(read)
    }
}

/// How `ssh` is run: what it connects to, and where its connection is kept.
#[derive(Debug)]
pub(crate) struct Way<'a> {
    pub arguments: &'a Arguments,
    /// As ssh understands it: `me@build.example.com`, `ssh://build:2222`
    pub host: &'a str,
    /// The socket of the connection
    pub socket: &'a Path,
}

impl Way<'_> {
    /// What makes the connection; where it `asks`, ssh may ask the person for something. It runs `command`, on no
    /// terminal, and ends when the last that goes through it has ended.
    pub(crate) fn connect(&self, command: &str, asks: bool) -> Vec<String> {
        let mut words = self.through(&["-M", "-T", "-o", "ControlPersist=1"]);
        if !asks {
            words.extend(["-o", "BatchMode=yes"].map(str::to_owned));
        }
        words.extend(self.arguments.connection.iter().cloned());
        words.extend(["--", self.host, command].map(str::to_owned));
        words
    }

    /// What runs `command` through the connection, at a terminal where it `has_terminal`.
    pub(crate) fn session(&self, command: &str, has_terminal: bool) -> Vec<String> {
        let mut words = self.through(&["-o", "ControlMaster=no"]);
        words.extend(has_terminal.then(|| "-t".to_owned()));
        words.extend(self.arguments.session.iter().cloned());
        words.extend(self.arguments.connection.iter().cloned());
        words.extend(["--", self.host, command].map(str::to_owned));
        words
    }

    /// What forwards a port: of the other side (`-R`) or of this one (`-L`).
    pub(crate) fn forward(&self, side: &str, from: &str, to: &str) -> Vec<String> {
        self.tell(&["-O", "forward", side, &format!("{from}:{to}")])
    }

    /// What ends the connection.
    pub(crate) fn end(&self) -> Vec<String> {
        self.tell(&["-O", "exit"])
    }

    /// A word to the connection, for which no settings matter.
    fn tell(&self, words: &[&str]) -> Vec<String> {
        let mut all = self.through(&["-F", "/dev/null"]);
        all.extend(words.iter().chain(&["--", self.host]).map(|word| (*word).to_owned()));
        all
    }

    /// What stands first counts, so settings of the person's own do not get between.
    fn through(&self, words: &[&str]) -> Vec<String> {
        let socket = escape(self.socket);
        let all =
            ["-S", &socket, "-o", "RemoteCommand=none"].into_iter().chain(words.iter().copied());
        all.map(str::to_owned).collect()
    }
}

/// A path, in which ssh looks for tokens such as `%h`.
pub(crate) fn escape(path: &Path) -> String {
    path.display().to_string().replace('%', "%%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_for_the_connection_or_for_a_session() {
        let taken = |argument: &str, why| Err(NotForSsh::Taken(argument.to_owned(), why));
        for (line, expected) in [
            ("", Ok(("", ""))),
            ("-p 2222 -v", Ok(("-p 2222 -v", ""))),
            ("-p2222", Ok(("-p 2222", ""))),
            ("-vvtp 22 -e none", Ok(("-v -v -p 22", "-t -e none"))),
            ("-vp22", Ok(("-v -p 22", ""))),
            ("-L 1:a:2 -o X=y", Ok(("-L 1:a:2 -o X=y", ""))),
            ("-tt -T -n", Ok(("", "-t -t -T -n"))),
            ("-vN", taken("-N", NO_SESSION)),
            ("-S /s", taken("-S", KEPT)),
            ("-fv", taken("-f", "awsx waits for its end")),
            ("-p", Err(NotForSsh::NoValue("-p".to_owned()))),
            ("-vz", Err(NotForSsh::Unknown("-z".to_owned()))),
            ("-", Err(NotForSsh::Word("-".to_owned()))),
            ("aws s3", Err(NotForSsh::Word("aws".to_owned()))),
            ("--help", Err(NotForSsh::Unknown("--".to_owned()))),
            ("-é", Err(NotForSsh::Unknown("-é".to_owned()))),
        ] {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            let found = Arguments::read(&words);
            let found = found.map(|read| (read.connection.join(" "), read.session.join(" ")));
            let expected = expected.map(|(a, b): (&str, &str)| (a.to_owned(), b.to_owned()));
            assert_eq!(found, expected, "{line}");
        }
    }

    #[test]
    fn each_argument_stands_once() {
        let mut letters: Vec<char> = ARGUMENTS.iter().map(|(letter, ..)| *letter).collect();
        letters.sort_unstable();
        letters.dedup();
        assert_eq!(letters.len(), ARGUMENTS.len());
    }

    #[test]
    fn what_awsx_says_stands_first() {
        let words = ["-p", "22", "-tS"].map(str::to_owned);
        let arguments = Arguments::read(&words[..2]).unwrap();
        let way = Way { arguments: &arguments, host: "h", socket: Path::new("/s%h") };
        let line = |words: Vec<String>| words.join(" ");
        assert_eq!(
            line(way.connect("exec sh", false)),
            "-S /s%%h -o RemoteCommand=none -M -T -o ControlPersist=1 -o BatchMode=yes -p 22 -- h exec sh"
        );
        assert_eq!(
            line(way.session("exec sh /d/start", true)),
            "-S /s%%h -o RemoteCommand=none -o ControlMaster=no -t -p 22 -- h exec sh /d/start"
        );
        assert_eq!(
            line(way.forward("-R", "127.0.0.1:0", "/s")),
            "-S /s%%h -o RemoteCommand=none -F /dev/null -O forward -R 127.0.0.1:0:/s -- h"
        );
        assert_eq!(line(way.end()), "-S /s%%h -o RemoteCommand=none -F /dev/null -O exit -- h");
    }
}
