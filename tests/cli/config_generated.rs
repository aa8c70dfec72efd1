//! Every writer of the AWS files over 1,000 generated files: what was not asked for is as it was, byte for byte and to
//! botocore, and what was asked for is read by botocore and by both versions of the AWS CLI.

use std::collections::{BTreeMap, BTreeSet};

use awsx::for_tests::{
    FileKind, Profiles, Target, with_copy, with_nested_setting, with_new_section, with_other_name,
    with_setting, with_settings, without_sections, without_setting,
};
use serde_json::{Value, json};

use crate::children;

/// Texts on stdin, what botocore reads of each on stdout; null where it refuses all of it.
const READ: &str = "\
import json, os, sys, tempfile
from botocore.configloader import load_config
found = []
for text in json.load(sys.stdin):
    path = os.path.join(tempfile.gettempdir(), 'generated')
    with open(path, 'w', newline='', encoding='utf-8') as file:
        file.write(text)
    try:
        found.append(load_config(path)['profiles'])
    except Exception:
        found.append(None)
json.dump(found, sys.stdout)
";

/// Numbers that are the same in each run (xorshift64).
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).unwrap()
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

/// A config file as people have them: comments, CRLF, nested and continued values, duplicates, capitals, Unicode, no
/// last line end; some of 10,000 lines.
fn generate(random: &mut Random, is_long: bool) -> String {
    let ending = random.of(&["\n", "\n", "\n", "\r\n"]);
    let mut lines: Vec<String> = Vec::new();
    let mut add = |line: &str| lines.push(line.to_owned());
    for _ in 0..random.below(3) {
        add(random.of(&["# made by hand", "", "; old", "# kommentar äöü 日本"]));
    }
    let count = if is_long { 1_000 } else { 1 + random.below(5) };
    for at in 0..count {
        let usual =
            ["[profile a]", "[default]", "[profile b]", "[profile c-d/e]", "[sso-session a]"];
        let odd = [
            "[profile a] # mine",
            "[services x]",
            "[preview]",
            "[profile \"two words\"]",
            "[profile søk]",
        ];
        match (is_long, random.below(5)) {
            (true, _) => add(&format!("[profile p{at}]")),
            (false, 0) => add(random.of(&odd)),
            (false, _) => add(random.of(&usual)),
        }
        let settings = if is_long { 8 } else { random.below(6) };
        for _ in 0..settings {
            match random.below(12) {
                0 => add(random.of(&["# a remark", "", ";k = v", "   ", "# role_arn = arn:x"])),
                1 => {
                    add("s3 =");
                    add(random.of(&[
                        "    max_queue_size = 5",
                        "  addressing_style = path",
                        "\tk=v",
                    ]));
                    add(random.of(&["    other = 7", "# between", ""]));
                }
                2 => {
                    add("cli_pager = less");
                    add("  -R");
                }
                3 => add(random.of(&["OUTPUT = json", "Region=eu-west-1", "REGION = x"])),
                4 => add(random.of(&["region = us-east-1 # home", "output=text\t; c"])),
                _ => {
                    let key = random.of(&[
                        "region",
                        "output",
                        "role_arn",
                        "source_profile",
                        "cli_pager",
                        "k1",
                        "k2",
                        "k3",
                    ]);
                    let equals = random.of(&[" = ", "=", " =", "\t=  "]);
                    add(&format!(
                        "{key}{equals}{}",
                        random.of(&["x", "eu-west-1", "a", "é", "a=b", "v#c"])
                    ));
                }
            }
        }
        if random.below(3) > 0 {
            add("");
        }
    }
    // Files with duplicates are refused by botocore, and by nobody else.
    if random.below(5) > 0 {
        lines = without_duplicates(lines);
    }
    lines.join(ending) + random.of(&["", ending, ending, ending])
}

/// The lines without any header or key that is there already, with what continues that.
fn without_duplicates(lines: Vec<String>) -> Vec<String> {
    let (mut headers, mut keys) = (BTreeSet::new(), BTreeSet::new());
    let (mut skips_section, mut skips) = (false, false);
    let mut kept = Vec::new();
    for line in lines {
        if line.starts_with('[') {
            let name = line.split(']').next().unwrap().replace('"', "");
            (skips_section, skips) = (!headers.insert(name), false);
            keys.clear();
        } else if !line.starts_with([' ', '\t', '#', ';']) && !line.is_empty() {
            let key = line.split(['=', ' ', '\t']).next().unwrap().to_lowercase();
            skips = !keys.insert(key);
        }
        if !skips_section && !skips {
            kept.push(line);
        }
    }
    kept
}

/// The lines that only one of the texts has, of each how many.
fn differing_lines(before: &str, after: &str) -> (usize, usize) {
    let mut counts: BTreeMap<&str, isize> = BTreeMap::new();
    before.lines().for_each(|line| *counts.entry(line).or_default() -= 1);
    after.lines().for_each(|line| *counts.entry(line).or_default() += 1);
    let sum = |sign: isize| counts.values().map(|count| (count * sign).max(0).unsigned_abs()).sum();
    (sum(-1), sum(1))
}

/// What botocore should read of the new text, where it reads the old one.
type Expect = fn(&mut serde_json::Map<String, Value>);

/// A writer: what it makes of a text, what botocore then reads, and how many lines go and come at most.
type Writer = (&'static str, fn(&str) -> Option<String>, Expect, (usize, usize));

const A: Target<'static> = Target::Profile("a");
const N: Target<'static> = Target::Profile("n");
const C: FileKind = FileKind::Config;

fn section(profiles: &mut serde_json::Map<String, Value>) -> &mut serde_json::Map<String, Value> {
    profiles.entry("a").or_insert_with(|| json!({})).as_object_mut().unwrap()
}

const WRITERS: [Writer; 9] = [
    (
        "a setting",
        |text| with_setting(C, text, A, "region", "eu-south-2").ok(),
        |profiles| drop(section(profiles).insert("region".into(), "eu-south-2".into())),
        (1, 3),
    ),
    (
        "a nested setting",
        |text| with_nested_setting(C, text, A, ("s3", "max_queue_size"), "10").ok(),
        |profiles| {
            let s3 = section(profiles).entry("s3").or_insert_with(|| json!({}));
            s3["max_queue_size"] = "10".into();
        },
        (1, 5),
    ),
    (
        "a setting goes",
        |text| without_setting(C, text, A, ("s3", None)).ok(),
        |profiles| drop(profiles.get_mut("a").map(|a| a.as_object_mut().unwrap().remove("s3"))),
        (100, 0),
    ),
    (
        "settings in a row",
        |text| with_settings(C, text, "a", &["k1", "k2"], &[("k1", "v1"), ("k2", "v2")]).ok(),
        |profiles| {
            section(profiles).insert("k1".into(), "v1".into());
            section(profiles).insert("k2".into(), "v2".into());
        },
        (100, 4),
    ),
    (
        "settings of a row go",
        |text| {
            let found = Profiles::from_texts(text, "").ok()?;
            found.contains("a").then(|| with_settings(C, text, "a", &["k1", "k2"], &[]).ok())?
        },
        |profiles| {
            let Some(a) = profiles.get_mut("a").and_then(Value::as_object_mut) else { return };
            let had = a.remove("k1").is_some() | a.remove("k2").is_some();
            if had && a.is_empty() {
                // With the section, unless somebody noted something in it.
                a.insert("?".into(), Value::Null);
            }
        },
        (100, 0),
    ),
    (
        "a new profile",
        |text| with_new_section(C, text, N, &[("region", "x")]).ok(),
        |profiles| drop(profiles.insert("n".into(), json!({ "region": "x" }))),
        (0, 3),
    ),
    (
        "a copy",
        |text| with_copy(C, text, A, N).ok(),
        |profiles| {
            if let Some(a) = profiles.get("a").cloned() {
                profiles.insert("n".into(), a);
            }
        },
        (0, 1000),
    ),
    (
        "another name",
        |text| with_other_name(C, text, A, N).ok(),
        |profiles| {
            if let Some(a) = profiles.remove("a") {
                profiles.insert("n".into(), a);
            }
        },
        (100, 100),
    ),
    (
        "a profile goes",
        |text| without_sections(C, text, A).ok(),
        |profiles| drop(profiles.remove("a")),
        (100, 0),
    ),
];

#[test]
fn what_was_not_asked_for_stays_and_the_rest_is_read() {
    let sandbox = children::sandbox();
    let mut random = Random(0x05ee_d0fa_f11e);
    let files: Vec<String> = (0..1_000).map(|at| generate(&mut random, at % 250 == 249)).collect();
    let mut texts = files.clone();
    let mut done = Vec::new();
    for (at, file) in files.iter().enumerate() {
        for (writer, (docs, write, ..)) in WRITERS.iter().enumerate() {
            // A file that awsx cannot read, or could not change without changing more, is refused.
            let Some(new) = write(file) else { continue };
            let (gone, come) = differing_lines(file, &new);
            let (most_gone, most_come) = WRITERS[writer].3;
            assert!(gone <= most_gone && come <= most_come, "{docs}: {file:?} {new:?}");
            if come == 0 {
                // Only lines went, of what is named `a`.
                let mut rest = file.split_inclusive(['\n']);
                assert!(
                    new.split_inclusive('\n')
                        .all(|line| rest.any(|old| old == line) || !line.ends_with('\n')),
                    "{docs}: {file:?} {new:?}"
                );
            }
            done.push((at, writer, texts.len()));
            texts.push(new);
        }
    }
    assert!(done.len() > 8_000, "{} of 9,000 are edited", done.len());
    sandbox.write("planted/read.py", READ);
    let mut command = sandbox.command("python");
    let input = serde_json::to_vec(&texts).unwrap();
    let read = sandbox.run(command.arg("planted/read.py"), &input, false).ok().json();
    let (mut compared, mut wrong) = (0, Vec::new());
    for (at, writer, new) in done {
        let (docs, _, expect, _) = &WRITERS[writer];
        let Some(mut expected) = read[at].as_object().cloned() else { continue };
        expect(&mut expected);
        let emptied = expected.get("a").is_some_and(|a| a.get("?").is_some());
        if emptied {
            expected.remove("a");
        }
        let mut found = read[new].as_object().cloned().unwrap_or_default();
        if emptied && found.get("a") == Some(&json!({})) {
            found.remove("a");
        }
        // A remark behind a value is a part of it to botocore, until that value is set.
        compared += 1;
        if found != expected {
            wrong.push(format!(
                "{docs}: {:?}\n{:?}\n{found:?}\n{expected:?}",
                files[at], texts[new]
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {compared}: {}",
        wrong.len(),
        wrong[..wrong.len().min(5)].join("\n\n")
    );
    assert!(compared > 4_000, "{compared}");
    // Version 2 is a program of its own.
    let mut asked = 0;
    for (at, file) in files.iter().enumerate().filter(|(at, _)| read[*at].is_object()).step_by(80) {
        let Some(new) = with_setting(C, file, A, "region", "eu-south-2").ok() else { continue };
        sandbox.config(&new);
        sandbox.credentials("");
        for aws in children::AWS_CLIS {
            let ran =
                children::run(&sandbox, &[aws, "configure", "get", "region", "--profile", "a"]);
            assert_eq!(ran.ok().stdout, "eu-south-2\n", "{aws} {at}: {new:?}");
        }
        asked += 1;
    }
    assert!(asked >= 5, "{asked}");
}

#[test]
fn twenty_writers_at_once_make_twenty_changes() {
    let sandbox = crate::sandbox::Sandbox::new();
    let all: Vec<Vec<String>> = (0..20)
        .map(|at| {
            ["config", "set", &format!("k{at}"), "v", "-p", "dev"].map(str::to_owned).to_vec()
        })
        .collect();
    sandbox
        .together(all.iter().map(|words| words.iter().map(String::as_str).collect::<Vec<_>>()))
        .ok();
    let text = sandbox.read_config();
    assert!((0..20).all(|at| text.contains(&format!("\nk{at} = v\n"))), "{text}");
    assert_eq!(text.lines().count(), crate::sandbox::CONFIG.lines().count() + 20);
}
