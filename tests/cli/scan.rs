//! `awsx scan`: no key is missed, few things are taken for one, nothing of a key is shown.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use aws_smithy_types::base64::encode;

use crate::ran::Ran;
use crate::sandbox::{AWSX, Sandbox, files_below, keys};

/// Keys as AWS draws them; the sources hold none.
struct Draw(u64);

const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

impl Draw {
    fn from(&mut self, letters: &str, count: usize) -> String {
        let letters = letters.as_bytes();
        let mut draw = || {
            // Knuth's generator: the high bits are good enough.
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            char::from(letters[usize::try_from(self.0 >> 33).unwrap() % letters.len()])
        };
        (0..count).map(|_| draw()).collect()
    }

    fn id(&mut self, prefix: &str) -> String {
        format!("{prefix}{}", self.from(CAPITALS, 16))
    }

    fn secret(&mut self) -> String {
        self.from(BASE64, 40)
    }

    fn token(&mut self, begin: &str) -> String {
        format!("{begin}{}=", self.from(BASE64, 400))
    }
}

/// Files with a key each: what it is, the name of the file, its text. `{ID}`, `{SECRET}`, … stand for
/// keys, `{S1}` and `{S2}`, `{T1}` and `{T2}` for their halves.
const FORMS: &[(&str, &str, &str)] = &[
    ("access-key-id", "settings.py", "KEY_ID = '{ID}'\n"),
    (
        "access-key-id",
        "url.txt",
        "https://b.s3.amazonaws.com/x?X-Amz-Credential={ID}%2F20260101%2Feu-west-1%2Fs3\n",
    ),
    ("access-key-id", "encoded.txt", "q=X-Amz-Credential%3D{ID}%26x\n"),
    (
        "access-key-id",
        "output.ipynb",
        "{\"outputs\": [{\"text\": [\"a\\n\\u001b[32m{ID}\\u001b[0m\\n\"]}]}\n",
    ),
    ("access-key-id", "quoted.json", "{\"log\": \"{\\\"id\\\":\\\"{ID}\\\"}\\n{ID}\"}\n"),
    ("access-key-id", "list.csv", "ann,{ID},Active\n"),
    ("access-key-id", "page.html", "<td>&quot;{ID}&quot;</td>\n"),
    ("access-key-id", "crlf.txt", "a\r\n{ID}\r\nb\r\n"),
    ("access-key-id", "last.txt", "{ID}"),
    ("access-key-id", "curl.sh", "curl -u {ID}: https://x\n"),
    ("access-key-id", "manifest.yaml", "data:\n  id: {ID64}\n"),
    (
        "secret-access-key",
        "value.json",
        "{\"value\": \"{SECRET}\", \"name\": \"AWS_SECRET_ACCESS_KEY\"}\n",
    ),
    ("secret-access-key", "manifest.yaml", "kind: Secret\ndata:\n  key: {SECRET64}\n"),
    ("secret-access-key", ".env", "AWS_SECRET_ACCESS_KEY={SECRET}\n"),
    ("secret-access-key", "export.sh", "export AWS_SECRET_ACCESS_KEY=\"{SECRET}\"\n"),
    ("secret-access-key", "credentials", "[default]\naws_secret_access_key = {SECRET}\n"),
    (
        "secret-access-key",
        "answer.json",
        "{\"Credentials\": {\"SecretAccessKey\": \"{SECRET}\"}}\n",
    ),
    (
        "secret-access-key",
        "task.json",
        "[{\"name\": \"AWS_SECRET_ACCESS_KEY\", \"value\": \"{SECRET}\"}]\n",
    ),
    (
        "secret-access-key",
        "pod.yaml",
        "env:\n  - name: AWS_SECRET_ACCESS_KEY\n    value: {SECRET}\n",
    ),
    (
        "secret-access-key",
        "terraform.tfstate",
        "{\"attributes\": {\"user\": \"x\", \"secret\": \"{SECRET}\", \"status\": \"Active\"}}\n",
    ),
    ("secret-access-key", "main.tf", "provider \"aws\" {\n  secret_key = \"{SECRET}\"\n}\n"),
    (
        "secret-access-key",
        "core-site.xml",
        "<name>fs.s3a.secret.key</name>\n<value>{SECRET}</value>\n",
    ),
    ("secret-access-key", "App.java", "builder.withSecretKey(\"{SECRET}\");\n"),
    ("secret-access-key", "Dockerfile", "ENV AWS_SECRET_ACCESS_KEY {SECRET}\n"),
    ("secret-access-key", "set.sh", "aws configure set aws_secret_access_key {SECRET}\n"),
    ("secret-access-key", "php.json", "{\"aws_secret\": \"{SLASHED}\"}\n"),
    ("secret-access-key", "url.env", "BROKER=sqs://user:{PERCENT}@/?secret={PERCENT}\n"),
    ("secret-access-key", "git-secrets.yml", "key: \"{SECRET}\"\n"),
    (
        "secret-access-key",
        "cell.ipynb",
        "{\"source\": [\"os.environ['AWS_SECRET_ACCESS_KEY'] = \\\"{SECRET}\\\"\\n\"]}\n",
    ),
    ("secret-access-key", "plus.py", "aws_secret = '{S1}' + '{S2}'\n"),
    ("secret-access-key", "lines.py", "aws_secret = ('{S1}'\n              '{S2}')\n"),
    ("secret-access-key", "lines.js", "const secret = \"{S1}\" +\n  \"{S2}\";\n"),
    ("secret-access-key", "dot.php", "$secret = '{S1}' . '{S2}';\n"),
    ("secret-access-key", "folded.yaml", "aws_secret_access_key: >-\n  {S1}\n  {S2}\n"),
    ("secret-access-key", "quoted.yaml", "aws_secret_access_key: \"{S1}\\\n  {S2}\"\n"),
    ("secret-access-key", "continued.sh", "AWS_SECRET_ACCESS_KEY={S1}\\\n{S2}\n"),
    (
        "secret-access-key",
        "split.ipynb",
        "{\"source\": [\"secret = \\\"{S1}\\\" \\\\\\n\",\n  \"    \\\"{S2}\\\"\\n\"]}\n",
    ),
    ("secret-access-key", "split.ps1", "$secret = '{S1}' + `\r\n  '{S2}'\r\n"),
    ("session-token", "token.env", "AWS_SESSION_TOKEN={TOKEN}\n"),
    ("session-token", "bare.txt", "{TOKEN}\n"),
    ("session-token", "url.txt", "https://x/?X-Amz-Security-Token={PERCENTTOKEN}&x\n"),
    ("session-token", "wrapped.txt", "aws_session_token = {T1}\n  {T2}\n"),
    ("session-token", "split.py", "t = '{T1}' + \\\n  '{T2}'\n"),
    ("session-token", "named.json", "{\"SessionToken\": \"{UNMARKED}\"}\n"),
    ("bedrock-api-key", "bedrock.env", "AWS_BEARER_TOKEN_BEDROCK={BEDROCK}\n"),
    ("bedrock-api-key", "short.env", "TOKEN=bedrock-api-key-{SHORT}\n"),
    ("bedrock-api-key", "bedrock.json", "{\"key\": \"{BEDROCK}\"}\n"),
];

#[test]
fn no_planted_key_is_missed() {
    let sandbox = Sandbox::new();
    let mut draw = Draw(26);
    let mut expected = BTreeSet::new();
    for at in 0..200 {
        let (kind, name, form) = FORMS[at % FORMS.len()];
        let id = draw.id(["AKIA", "ASIA", "ABIA", "ACCA", "A3TX"][at % 5]);
        let secret = draw.secret();
        let token = draw.token(["IQoJb3JpZ2luX2Vj", "FwoGZXIvYXdz", "FQoDYXdz"][at % 3]);
        let unmarked = draw.from(BASE64, 300);
        let bedrock = format!("ABSK{}=", draw.from(BASE64, 127));
        let short = format!("YmVkcm9jay5hbWF6b25hd3MuY29t{}", draw.from(BASE64, 600));
        let percent = |text: &str| text.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
        // Where it is split differs.
        let half = 8 + at % 25;
        let words = [
            ("{ID}", &*id),
            ("{ID64}", &encode(&id)),
            // As `echo` has it
            ("{SECRET64}", &encode(format!("{secret}\n"))),
            ("{SECRET}", &secret),
            ("{PERCENT}", &percent(&secret)),
            ("{SLASHED}", &secret.replace('/', "\\/")),
            ("{S1}", &secret[..half]),
            ("{S2}", &secret[half..]),
            ("{TOKEN}", &token),
            ("{PERCENTTOKEN}", &percent(&token)),
            ("{UNMARKED}", &unmarked),
            ("{T1}", &token[..76]),
            ("{T2}", &token[76..]),
            ("{BEDROCK}", &bedrock),
            ("{SHORT}", &short),
        ];
        let fill = |text: String, (word, key): &(&str, &str)| text.replace(word, key);
        let text = words.iter().fold(form.to_owned(), fill);
        assert_ne!(text, form);
        for secret in [&secret, &token, &bedrock, &short, &unmarked] {
            sandbox.plant(secret);
        }
        // Far behind the beginning of a large file, in UTF-16, or as it is.
        let name = format!("planted/{at}/{name}");
        match at % 7 {
            0 => drop(
                sandbox.write(&name, &format!("{}{text}", "x = some text\n".repeat(40_000 + at))),
            ),
            1 => write_wide(&sandbox, &name, &text, true),
            2 => write_wide(&sandbox, &name, &text, false),
            _ => drop(sandbox.write(&name, &text)),
        }
        expected.insert((name, kind.to_owned()));
    }
    let found = sandbox.awsx(&["scan", "planted", "--json"]).exits(1).json();
    let keys = found["keys"].as_array().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let found: BTreeSet<_> =
        keys.iter().map(|key| (text(&key["path"]), text(&key["kind"]))).collect();
    let missed: Vec<_> = expected.difference(&found).collect();
    assert!(missed.is_empty(), "{missed:#?}");
    let more: Vec<_> = found.difference(&expected).collect();
    assert!(more.is_empty(), "{more:#?}");
}

/// UTF-16, with a mark at the beginning or without.
fn write_wide(sandbox: &Sandbox, name: &str, text: &str, has_mark: bool) {
    let mark = if has_mark { "\u{feff}" } else { "" };
    let bytes: Vec<u8> =
        format!("{mark}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(sandbox.write(name, ""), bytes).unwrap();
}

/// The packages are those of `target/ci`, which speak of AWS all the time.
#[test]
fn few_things_are_taken_for_keys() {
    let sandbox = Sandbox::new();
    // Keys that somebody has are hits also where they are examples.
    sandbox.credentials("");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = files_below_lib(&root.join("target/ci/venv/lib"));
    let trees = ["src", "tests", "docs", "fuzz", ".ci"].map(|name| root.join(name));
    let packages = ["botocore", "boto3", "pip", "awscli/customizations", "awscli/examples/iam"];
    for tree in trees.into_iter().chain(packages.map(|name| python.join(name))) {
        let ran = sandbox.awsx(&["scan", "--json", "--ignored", tree.to_str().unwrap()]);
        let found = ran.json()["keys"].as_array().unwrap().len();
        let lines: usize = files_below(&tree).iter().map(|path| count_lines(path)).sum();
        assert!(
            lines > 300 && found * 10_000 <= lines,
            "{found} in {lines} lines of {tree:?}: {ran:?}"
        );
        // Of its own tree nothing is.
        assert!(found == 0 || !tree.starts_with(root.join("src")), "{ran:?}");
    }
}

fn files_below_lib(lib: &Path) -> PathBuf {
    let python = std::fs::read_dir(lib)
        .unwrap_or_else(|error| panic!("{lib:?}: {error}: `.ci/run` makes it"));
    python.flatten().next().unwrap().path().join("site-packages")
}

fn count_lines(path: &Path) -> usize {
    let text = std::fs::read(path).unwrap_or_default();
    if text.contains(&0) { 0 } else { text.iter().filter(|byte| **byte == b'\n').count() }
}

/// A repository in the sandbox.
struct Repository<'s> {
    sandbox: &'s Sandbox,
}

impl<'s> Repository<'s> {
    fn new(sandbox: &'s Sandbox) -> Self {
        sandbox.write("planted/.keep", "");
        for (name, value) in [
            ("GIT_AUTHOR_NAME", "ann"),
            ("GIT_AUTHOR_EMAIL", "ann@example.com"),
            ("GIT_COMMITTER_NAME", "ann"),
            ("GIT_COMMITTER_EMAIL", "ann@example.com"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
        ] {
            sandbox.set(name, value);
        }
        let repository = Self { sandbox };
        repository.git("init -q -b main .").ok();
        repository
    }

    fn git(&self, words: &str) -> Ran {
        self.git_words(&words.split(' ').collect::<Vec<_>>())
    }

    fn git_words(&self, words: &[&str]) -> Ran {
        let mut command = self.sandbox.command("git");
        command.args(words).current_dir(self.sandbox.home().join("planted"));
        self.sandbox.run(&mut command, b"", false)
    }

    fn write(&self, name: &str, text: &str) {
        self.sandbox.write(&format!("planted/{name}"), text);
    }

    fn commit(&self, name: &str, text: &str) {
        self.write(name, text);
        self.git_words(&["add", "-f", name]).ok();
        self.git("commit -qm x --no-verify").ok();
    }

    fn scan(&self, words: &str) -> Ran {
        let mut command = self.sandbox.command(AWSX);
        command.arg("scan").args(words.split_whitespace());
        command.current_dir(self.sandbox.home().join("planted"));
        self.sandbox.run(&mut command, b"", true)
    }

    /// `PATH:LINE` of each key, sorted.
    fn places(&self, words: &str) -> Vec<String> {
        let ran = self.scan(words);
        let mut places: Vec<_> =
            ran.stdout.lines().map(|line| line.split(": ").next().unwrap().to_owned()).collect();
        assert_eq!(ran.code, i32::from(!places.is_empty()), "{ran:?}");
        places.sort();
        places
    }
}

#[test]
fn ignored_files_count_where_they_are_tracked_or_named() {
    let sandbox = Sandbox::new();
    let repository = Repository::new(&sandbox);
    let mut key = {
        let mut draw = Draw(1);
        move || draw.id("AKIA")
    };
    repository.write(".gitignore", "*.log\nout/\n");
    repository.commit("tracked.log", &key());
    for name in ["new.txt", "ignored.log", "out/x", "sub/deep.log", "sub/deep.txt"] {
        repository.write(name, &format!("\n{}\n", key()));
    }
    repository.write("inner/.git/HEAD", "");
    let tracked = ["new.txt:2", "sub/deep.txt:2", "tracked.log:1"];
    std::fs::remove_dir_all(sandbox.home().join("planted/inner")).unwrap();
    assert_eq!(repository.places(""), tracked);
    assert_eq!(repository.places("."), tracked);
    assert_eq!(repository.places("sub"), ["sub/deep.txt:2"]);
    assert_eq!(repository.places("sub/deep.log"), ["sub/deep.log:2"]);
    assert_eq!(repository.places("out"), ["out/x:2"]);
    let all = [
        "ignored.log:2",
        "new.txt:2",
        "out/x:2",
        "sub/deep.log:2",
        "sub/deep.txt:2",
        "tracked.log:1",
    ];
    assert_eq!(repository.places("--ignored"), all);
    // A repository in it has rules of its own; a link is not followed.
    repository.git("init -q inner").ok();
    repository.write("inner/.gitignore", "x\n");
    repository.write("inner/x", &key());
    repository.write("inner/y", &key());
    std::os::unix::fs::symlink("../planted", sandbox.home().join("planted/link")).unwrap();
    assert_eq!(repository.places("inner"), ["inner/y:1"]);
    assert_eq!(repository.places("").len(), tracked.len() + 1);
    // Outside of a repository every file counts.
    sandbox.write("planted/.git/../../other/a.log", &key());
    assert_eq!(repository.places("../other"), ["../other/a.log:1"]);
    std::fs::remove_dir_all(sandbox.home().join("other")).unwrap();
    repository.scan("nowhere").fails(2, &["there is no file nowhere", "`awsx scan` looks at"]);
}

#[test]
fn what_is_staged_is_looked_at_and_not_what_lies_there() {
    let sandbox = Sandbox::new();
    let repository = Repository::new(&sandbox);
    let mut draw = Draw(2);
    repository.commit("old", &draw.id("AKIA"));
    assert_eq!(repository.places("--staged"), [""; 0]);
    let id = draw.id("ASIA");
    repository.write("a b\"c", &format!("x\n{id}\n"));
    repository.git("add -A").ok();
    repository.write("a b\"c", "nothing any more\n");
    let ran = repository.scan("--staged").exits(1);
    let shown = format!("a b\"c:2: access key id {}…{}\n", &id[..4], &id[16..]);
    assert_eq!(ran.stdout, shown);
    ran.says("error: 1 key is in what is staged").says("hint: ").says(".gitallowed");
    // A repository without a commit
    std::fs::remove_dir_all(sandbox.home().join("planted/.git")).unwrap();
    repository.git("init -q .").ok();
    repository.git("add old").ok();
    assert_eq!(repository.places("--staged"), ["old:1"]);
}

#[test]
fn a_history_is_looked_through_with_its_merges_messages_and_what_git_calls_binary() {
    let sandbox = Sandbox::new();
    let repository = Repository::new(&sandbox);
    let mut draw = Draw(3);
    repository.commit("first", &format!("a\n{}\n", draw.id("AKIA")));
    let secret = draw.secret();
    sandbox.plant(&secret);
    repository.commit("first", "gone\n");
    repository.commit("ä \"b\".env", &format!("x\nAWS_SECRET_ACCESS_KEY={secret}\n"));
    write_wide(&sandbox, "planted/wide.txt", &format!("a\n\n{}\n", draw.id("AKIA")), true);
    repository.git("add wide.txt").ok();
    repository.git("commit -qm wide").ok();
    repository.commit(".gitattributes", "*.hidden binary\n");
    repository.commit("x.hidden", &draw.id("AKIA"));
    repository.git(&format!("commit -q --allow-empty -m {}", draw.id("AKIA"))).ok();
    // A merge that brings a key which neither side had
    repository.git("checkout -qb side HEAD~1").ok();
    repository.commit("side", "side\n");
    repository.git("checkout -q main").ok();
    repository.git("merge -q --no-commit --no-ff side").ok();
    repository.commit("side", &format!("side\n{}\n", draw.id("ACCA")));
    let without_commit = |place: &str| place.split_once(':').unwrap().1.to_owned();
    let places = |words| {
        let mut places: Vec<_> =
            repository.places(words).iter().map(|p| without_commit(p)).collect();
        places.sort();
        places
    };
    let all = ["(message):1", "first:2", "side:2", "wide.txt:3", "x.hidden:1", "ä \"b\".env:2"];
    assert_eq!(places("--history"), all);
    assert_eq!(places("--history main"), all);
    assert_eq!(places("--history side"), ["first:2", "wide.txt:3", "x.hidden:1", "ä \"b\".env:2"]);
    assert_eq!(places("--history side~2..side~1"), ["x.hidden:1"]);
    let found = repository.scan("--history --json").exits(1).json();
    assert_eq!(found["commits"], 9);
    assert!(found["keys"][0]["commit"].as_str().is_some_and(|commit| commit.len() == 40));
    repository.scan("--history nowhere").fails(2, &["bad revision 'nowhere'", "git log --oneline"]);
    repository.scan("--history=--output=x").fails(2, &["bad revision"]);
}

#[test]
fn a_repository_has_nothing_run() {
    let sandbox = Sandbox::new();
    let repository = Repository::new(&sandbox);
    let mark = sandbox.home().join("planted/ran");
    let run = format!("touch {}", mark.display());
    repository.write(".gitattributes", "* diff=x filter=x\n");
    repository.commit("a", "a\n");
    let config = sandbox.read("planted/.git/config");
    let config = format!(
        "{config}[core]\nfsmonitor = {run}\npager = {run}\nattributesFile = x\n[diff \"x\"]\ntextconv = {run}\n\
         command = {run}\n[diff]\nexternal = {run}\nnoprefix = true\nmnemonicPrefix = true\nrelative = true\n\
         suppressBlankEmpty = true\ncontext = 0\n[filter \"x\"]\nclean = {run}\nsmudge = {run}\nprocess = {run}\n\
         [log]\nshowSignature = true\nshowRoot = false\n[gpg]\nprogram = {run}\n[color]\nui = always\n[format]\n\
         pretty = x\n"
    );
    sandbox.write("planted/.git/config", &config);
    let mut draw = Draw(4);
    repository.write("b", &format!("\n{}\n", draw.id("AKIA")));
    for words in ["", "--staged", "--history", "--ignored", "b"] {
        repository.scan(words);
        assert!(!mark.exists(), "{words}");
    }
    assert_eq!(repository.places(""), ["b:2"]);
    sandbox.write("planted/.git/config", &config[..config.find("[core]\nfsmonitor").unwrap()]);
    repository.git("add b").ok();
    repository.git("commit -qm b").ok();
    sandbox.write("planted/.git/config", &config);
    assert_eq!(repository.places("--history").len(), 1);
    assert!(!mark.exists());
}

#[test]
fn what_is_allowed_is_held_against_the_key_alone() {
    let sandbox = Sandbox::new();
    let repository = Repository::new(&sandbox);
    let mut draw = Draw(5);
    let (one, two) = (draw.id("AKIA"), draw.id("AKIA"));
    repository.write("allowed.txt", &format!("{one} allowed\n{two} allowed\n"));
    repository.write(".gitallowed", "# remark\nallowed\n");
    assert_eq!(repository.places("").len(), 2);
    repository.write(".gitallowed", &format!("{one}\n"));
    repository.write("sub/x", &one);
    assert_eq!(repository.places(""), ["allowed.txt:2"]);
    repository.git(&format!("config --add secrets.allowed ^{two}$")).ok();
    assert_eq!(repository.places(""), [""; 0]);
    repository.git("config --add secrets.allowed (").ok();
    repository
        .scan("")
        .fails(3, &["secrets.allowed of git's settings: \"(\" is no regular", "git config"]);
    repository.git("config --unset-all secrets.allowed").ok();
    repository.write(".gitallowed", "a\n[b\n");
    repository.scan("").fails(3, &[".gitallowed:2: \"[b\" is no regular expression", "column 1"]);
}

#[test]
fn what_is_no_key_is_none() {
    let sandbox = Sandbox::new();
    let mut draw = Draw(6);
    let ids = ["AIDA", "AROA", "AGPA", "ANPA", "ASCA"].map(|prefix| draw.id(prefix));
    let secret = draw.secret();
    let text = [
        "account_id = 123456789012",
        &ids.join("\n"),
        "AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        &format!("AKIA{}", "X".repeat(16)),
        "AKIAABCDEFGHIJKLMNOP",
        &format!("x{}", draw.id("AKIA")),
        &format!("{}A", draw.id("AKIA")),
        &draw.id("AKIA").to_lowercase(),
        // A secret that nothing names, and parts of something longer
        &"-\n".repeat(10),
        &secret,
        &"-\n".repeat(10),
        &format!("secret = x-{secret}"),
        "secret = da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "secret: ThisIsJustTheNameOfSomethingVeryLongHere",
    ];
    sandbox.write("planted/x", &text.join("\n"));
    sandbox.write("planted/binary", &format!("\0\0\0\u{1}{}\n", draw.id("AKIA")));
    sandbox.awsx(&["scan", "planted"]).ok().says("awsx: no key in 2 files");
}

#[test]
fn keys_that_awsx_keeps_are_known_by_id_and_by_digest() {
    let sandbox = Sandbox::new();
    let mut draw = Draw(7);
    let (id, secret) = (draw.id("AKIA"), draw.secret());
    let (file_id, file_secret) = (draw.id("AKIA"), draw.secret());
    sandbox.plant(&secret);
    sandbox.plant(&file_secret);
    let words = ["keys", "add", "safe", "--stdin", "--no-check"];
    let mut command = sandbox.command(AWSX);
    sandbox.run(command.args(words), format!("{id}\n{secret}\n").as_bytes(), true).ok();
    sandbox.credentials(&keys(&file_id, &file_secret));
    // Nothing near says what it is; the vault is not opened.
    sandbox.unset("AWSX_PASSPHRASE");
    sandbox.write("planted/a", &format!("x\n{secret}\n"));
    sandbox.write("planted/b", &format!("{}{id}\n", "-\n".repeat(20)));
    sandbox.write("planted/c", &format!("{file_secret}\n"));
    let ran = sandbox.awsx(&["scan", "planted"]).exits(1);
    let end = |id: &str| format!("{}…{}", &id[..4], &id[16..]);
    assert_eq!(
        ran.stdout,
        format!(
            "planted/a:2: secret access key {}… (kept as \"safe\")\nplanted/b:21: access key id {} (kept as \"safe\")\n\
             planted/c:1: secret access key {}… (of profile \"dev\")\n",
            &secret[..4],
            end(&id),
            &file_secret[..4],
        )
    );
    let ran = ran
        .says("error: 3 keys are in clear text")
        .says("`awsx keys rotate dev --from-file`, `awsx keys rotate safe`");
    drop(ran);
    let found = sandbox.awsx(&["scan", "planted", "--json"]).exits(1);
    let keys = &found.json()["keys"];
    assert_eq!((&keys[0]["kept_as"], &keys[2]["profile"]), (&"safe".into(), &"dev".into()));
    assert_eq!(found.error_json()["error"]["kind"], "keys_found");
}

#[test]
fn what_is_piped_is_looked_at() {
    let sandbox = Sandbox::new();
    let text = format!("a\nb {}\n", Draw(8).id("AKIA"));
    let mut command = sandbox.command(AWSX);
    let ran = sandbox.run(command.args(["scan", "--stdin"]), text.as_bytes(), true).exits(1);
    assert!(ran.stdout.starts_with("stdin:2: access key id AKIA…"), "{ran:?}");
    ran.says("error: 1 key is on stdin");
    sandbox.awsx(&["scan", "--staged"]).fails(3, &["not a git repository", "awsx scan PATH"]);
    sandbox.awsx(&["scan", "--stdin", "--staged"]).exits(2);
    sandbox.awsx(&["scan", "--remove"]).exits(2);
    // Without git files are read all the same.
    sandbox.set("PATH", "/nonexistent");
    sandbox.write("planted/x", &text);
    sandbox.awsx(&["scan", "planted"]).exits(1).prints("planted/x:2: ");
    sandbox.awsx(&["scan", "--history"]).fails(3, &["git is not found", "install git"]);
}

#[test]
fn what_cannot_be_read_is_said() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    let path = sandbox.write("planted/shut", "x");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o000)).unwrap();
    // Root reads it.
    if std::fs::read(&path).is_err() {
        sandbox
            .awsx(&["scan", "planted"])
            .fails(1, &["planted/shut could not be read: Perm", "allow"]);
    }
    sandbox.write("planted/x", "x");
    sandbox.awsx(&["scan", "planted/x"]).ok();
}

#[test]
fn the_hook_looks_before_each_commit_and_what_was_there_runs_too() {
    let sandbox = Sandbox::new();
    let repository = Repository::new(&sandbox);
    let mut draw = Draw(9);
    let hook = "planted/.git/hooks/pre-commit";
    let hidden = ["planted/.git/hooks", "planted/theirs"];
    repository
        .scan("--install-hook")
        .ok()
        .says("pre-commit runs `awsx scan --staged` before each commit");
    repository.scan("--install-hook").ok().says("runs `awsx scan` already");
    let try_commit = |text: &str| {
        repository.write("file", text);
        repository.git("add file").ok();
        repository.git("commit -qm x")
    };
    try_commit("harmless\n").ok();
    try_commit(&format!("{}\n", draw.id("AKIA")))
        .exits(1)
        .says("error: 1 key is in what is staged");
    // `git commit FILE` has an index of its own.
    repository.git("rm -q --cached file").ok();
    repository.git("commit -qm x").ok();
    repository.write("other", &draw.id("AKIA"));
    repository.git("add -N other").ok();
    repository.git("commit -qm x other").exits(1).says("1 key is in what is staged");
    repository.git("rm -q --cached other").ok();
    repository.scan("--install-hook --remove").ok().says("took `awsx scan` out of");
    assert!(!sandbox.home().join(hook).exists());
    repository.scan("--install-hook --remove").ok().says("there is no hook of awsx");

    // A script of a shell, and one of another program, in a directory of their own too
    for (directory, before) in hidden.iter().flat_map(|directory| {
        [
            "#!/bin/sh\necho theirs \"$0\" >&2\n",
            "#!/usr/bin/env python3\nimport sys; sys.stderr.write('theirs\\n')\n",
        ]
        .map(|before| (directory, before))
    }) {
        let path = format!("{directory}/pre-commit");
        let theirs = sandbox.write_mode(&path, before, 0o755);
        repository
            .git(&format!("config core.hooksPath {}", theirs.parent().unwrap().display()))
            .ok();
        repository.scan("--install-hook").ok();
        repository.scan("--install-hook").ok().says("already");
        try_commit(&format!("{before}{}", draw.from(CAPITALS, 4))).ok().says("theirs");
        try_commit(&format!("{}\n", draw.id("AKIA"))).exits(1).says_no("theirs");
        repository.scan("--install-hook --remove").ok();
        assert_eq!(sandbox.read(&path), before);
        std::fs::remove_file(&theirs).unwrap();
    }
    repository.git("config core.hooksPath .husky/_").ok();
    repository.scan("--install-hook").fails(3, &["are husky's", "to .husky/pre-commit"]);
    repository.git("config --unset core.hooksPath").ok();

    // awsx is gone: nothing is committed, and it is said why.
    repository.scan("--install-hook").ok();
    let text = sandbox.read(hook).replace(AWSX, "/nonexistent/awsx");
    sandbox.write_mode(hook, &text, 0o755);
    try_commit("x\n").exits(1).says("awsx is neither at /nonexistent/awsx nor on PATH");
    let bin = Path::new(AWSX).parent().unwrap().display().to_string();
    sandbox.set("PATH", &format!("{bin}:/usr/local/bin:/usr/bin:/bin"));
    try_commit("y\n").ok();
}
