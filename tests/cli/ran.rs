//! What came of a command, and what a test wants of it.

/// What came of a command.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The one JSON document on stdout.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// What `--json` says of a failure: the last line of stderr.
    pub(crate) fn error_json(&self) -> serde_json::Value {
        let last = self.stderr.lines().last().unwrap_or_default();
        serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The same, for a command that must succeed.
    pub(crate) fn ok(self) -> Self {
        self.exits(0)
    }

    /// The same, for a command that must end with `code`.
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// The same, for a command that must print `words` on stdout.
    pub(crate) fn prints(self, words: &str) -> Self {
        assert!(self.stdout.contains(words), "{words:?} is not in {self:?}");
        self
    }

    /// The same, for a command that must print each of `words` on stdout.
    pub(crate) fn prints_each(self, words: &[&str]) -> Self {
        words.iter().fold(self, |ran, words| ran.prints(words))
    }

    /// The same, for a command that must not print `words` on stdout.
    pub(crate) fn prints_no(self, words: &str) -> Self {
        assert!(!self.stdout.contains(words), "{words:?} is in {self:?}");
        self
    }

    /// The same, for a command that must say `words` on stderr, whatever else it says.
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.stderr.contains(words), "{words:?} is not in {self:?}");
        self
    }

    /// The same, for a command that must not say `words` on stderr.
    pub(crate) fn says_no(self, words: &str) -> Self {
        assert!(!self.stderr.contains(words), "{words:?} is in {self:?}");
        self
    }

    /// The same, for a command that must fail with `code` and say each of `words`; without a
    /// terminal, a warning or a remark that has none of them is one too many.
    pub(crate) fn fails(self, code: i32, words: &[&str]) -> Self {
        let ran = words.iter().fold(self.exits(code), |ran, words| ran.says(words));
        let is_remark = |line: &&str| ["awsx: ", "warning: "].iter().any(|s| line.starts_with(s));
        let is_expected = |line: &str| words.iter().any(|words| line.contains(words));
        // A terminal shows both streams as one, with questions and notices on the way.
        let stderr = if ran.stdout == ran.stderr { "" } else { &ran.stderr };
        let one_too_many = stderr.lines().filter(is_remark).find(|line| !is_expected(line));
        assert_eq!(one_too_many, None, "{ran:?}");
        ran
    }

    /// The same, for a command whose stderr must be these lines; `[..]` stands for what may vary.
    pub(crate) fn stderr_is(self, lines: &[&str]) -> Self {
        let said: Vec<&str> = self.stderr.lines().collect();
        let fits = said.len() == lines.len()
            && said.iter().zip(lines).all(|(said, line)| is_like(said, line));
        assert!(fits, "stderr is not {lines:#?} but {said:#?}");
        self
    }
}

/// Whether a line is as `pattern` says, in which `[..]` stands for anything.
fn is_like(line: &str, pattern: &str) -> bool {
    match pattern.split_once("[..]") {
        None => line == pattern,
        Some((start, rest)) => line.strip_prefix(start).is_some_and(|line| {
            let mut ends = line.char_indices().map(|(at, _)| &line[at..]).chain([""]);
            ends.any(|line| is_like(line, rest))
        }),
    }
}
