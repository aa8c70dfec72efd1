//! What lies on the other machine while the connection holds: a script for each profile, and the one that begins.
//!
//! They are written by a shell over there, which is told on its standard input, so that nothing of them stands on a
//! command line. When the connection ends, it ends too, and takes the files with it.

use crate::text::{hex, random, word};

/// Where the files are.
#[derive(Debug)]
pub(crate) struct Place {
    /// Nobody guesses it, so nobody has made it before.
    directory: String,
    /// What the shell says when it has done something; no text has it by chance
    mark: String,
}

/// What stands at the place.
#[derive(Debug, Default)]
pub(crate) struct FarFiles {
    /// By the name of the file
    pub profiles: Vec<(String, String)>,
    /// The name of the file of the first profile, and the command that runs with it
    pub first: String,
    pub command: Option<String>,
}

/// What every shell runs alike, whatever the person's is.
pub(crate) const SHELL: &str = "exec sh";

impl Place {
    pub(crate) fn new() -> Self {
        let directory = format!("/tmp/awsx-{}", hex(&*random::<16>()));
        Self { directory, mark: format!("awsx:{}:", hex(&*random::<16>())) }
    }

    /// The command that begins with the first profile: one that every shell reads alike.
    pub(crate) fn start(&self) -> String {
        format!("{SHELL} {}/start", self.directory)
    }

    /// Where the scripts of the profiles are.
    pub(crate) fn profiles(&self) -> String {
        format!("{}/profiles", self.directory)
    }

    /// What the shell says, in a line of anything else that start files say; where it has said it.
    pub(crate) fn answer<'l>(&self, line: &'l str) -> Option<&'l str> {
        Some(line.split_once(&*self.mark)?.1.trim_end())
    }

    /// Makes the place, and sees to it that it goes. Says whether there are credentials that SDKs take before those of
    /// a server: `default` or nothing.
    pub(crate) fn prepare(&self) -> String {
        let Self { directory, mark } = self;
        format!("directory={directory}\nmark={mark}\n{}", include_str!("prepare.sh"))
    }

    /// Writes the files.
    pub(crate) fn write(&self, files: &FarFiles) -> String {
        let Self { directory, mark } = self;
        let mut text = String::new();
        let mut put = |name: &str, content: &str| {
            text.push_str(&format!("cat > {} <<'{mark}'\n", word(&format!("{directory}/{name}"))));
            text.push_str(&format!("{content}\n{mark}\n"));
        };
        for (name, content) in &files.profiles {
            let shell = "[ $# -gt 0 ] || set -- \"${SHELL:-/bin/sh}\" -l\nexec \"$@\"";
            put(&format!("profiles/{name}"), &format!("{content}\n{shell}"));
        }
        let first = format!("{directory}/profiles/{}", files.first);
        let first = word(&first);
        put(
            "start",
            &match &files.command {
                Some(command) => {
                    format!("{SHELL} {first} \"${{SHELL:-/bin/sh}}\" -c {}", word(command))
                }
                None => format!("{SHELL} {first}"),
            },
        );
        text + &format!("chmod 700 {directory}/profiles/*\nprintf '%s\\n' '{mark}'\n")
    }
}
