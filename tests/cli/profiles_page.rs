//! `awsx profiles --html` and `--open`: the page that draws who becomes whom.

use serde_json::json;

use crate::chromium::Chromium;
use crate::fake_aws::browser;
use crate::given::wait_for_free;
use crate::sandbox::{Sandbox, files_below};
use crate::terminal::CTRL_C;

const OPEN: [&str; 2] = ["profiles", "--open"];

/// Opened from the disk, under its own policy.
#[test]
fn ten_thousand_profiles_are_found_by_words() {
    let sandbox = Sandbox::new();
    let many = (0..10_000).map(|number| {
        format!(
            "[profile team-{number}]\nsource_profile = dev\n\
             role_arn = arn:aws:iam::{:012}:role/Role{}\n",
            number + 500_000_000_000_u64,
            number % 7
        )
    });
    let hostile = "[profile </script><b>x]\nregion = </script><script>alert(1)</script>\n";
    sandbox.config(&format!("[profile dev]\n{hostile}{}", many.collect::<String>()));
    let page = sandbox.awsx(&["profiles", "--html"]).ok().stdout;
    let file = sandbox.write("planted/page.html", &page);
    let mut chromium = Chromium::of(&sandbox);
    chromium.opens(&sandbox, &file).shows("Profiles");
    assert_eq!(chromium.finds("document.querySelector('#count').textContent"), "10002 profiles");
    let mut find = |words: &str| {
        let text = chromium.finds(&format!(
            "(() => {{ const search = document.querySelector('#search'); search.value = {words:?};
                search.dispatchEvent(new Event('input'));
                return document.querySelector('#list').textContent; }})()"
        ));
        text.as_str().unwrap().to_owned()
    };
    let found = find("role3 004242 team");
    assert!(!found.contains("team-4242"), "{found}");
    let found = find("role0 004242 TEAM");
    assert!(found.starts_with("team-4242"), "{found}");
    assert!(found.contains("500000004242 · Role0"), "{found}");
    assert!(find("script").contains("</script>"));
    find("004242");
    chromium.finds("document.querySelector('#list button').click()");
    let drawn = chromium.finds("document.querySelector('#graph').textContent");
    let drawn = drawn.as_str().unwrap();
    assert!(drawn.contains("team-4242 as Role0 in 500000004242"), "{drawn}");
    assert_eq!(chromium.finds("performance.getEntriesByType('resource').length"), json!(0));
    assert!(chromium.closes().is_empty());
}

/// From awsx, which has ended by then.
#[test]
fn a_real_browser_shows_the_page() {
    let sandbox = Sandbox::new().sso_profiles();
    let mut chromium = Chromium::of(&sandbox);
    let mut terminal = sandbox.awsx_on_terminal(&["profiles", "dev", "--open"]);
    terminal.expect("the page of 4 profiles; if no browser opens, open\r\nhttp://127.0.0.1:");
    chromium.shows("Profiles");
    terminal.end().ok();
    assert_eq!(chromium.finds("document.querySelector('#count').textContent"), "4 profiles");
    assert_eq!(chromium.finds("location.pathname"), "/");
    chromium.finds("document.querySelector('#list button').click()");
    assert_eq!(chromium.finds("document.querySelector('h2').textContent"), "sso");
    assert_eq!(chromium.finds("performance.getEntriesByType('resource').length"), json!(0));
    // Nothing would leave it either.
    chromium.finds(&format!("new Image().src = '{}/left'", sandbox.aws.url()));
    let problems = chromium.closes();
    assert!(!problems.is_empty());
    for refused in problems {
        assert!(refused.contains("Content Security Policy"), "{refused}");
    }
}

#[test]
fn one_browser_gets_the_page() {
    let sandbox = Sandbox::new().at_a_browser();
    sandbox.config("[profile dev]\nregion = x\n[profile of-a-kind]\nrole_arn = arn:aws:iam::444455556666:role/A\nsource_profile = dev\n");
    // Two at once have a page each.
    let mut first = sandbox.awsx_on_terminal(&OPEN);
    let first_address = sandbox.next_page();
    let shown = first.line("http").trim().to_owned();
    let second = sandbox.start(&["profiles", "of-a-kind", "--open"]);
    let second_address = sandbox.next_page();
    assert_ne!(shown, first_address, "that one is in an argument list");
    let page = browser::open(&second_address);
    assert!(page.body.contains("of-a-kind") && page.body.contains("444455556666"), "{page:?}");
    second.end().ok().says("the page of 1 profile; if no browser opens, open");
    assert_eq!(browser::open(&first_address.replace("127.0.0.1", "localhost")).status, 200);
    first.end().ok();
    let authority = first_address.split('/').nth(2).unwrap();
    wait_for_free(authority.rsplit_once(':').unwrap().1.parse().unwrap());
    let page = |file: &std::path::PathBuf| {
        let text = std::fs::read(file).unwrap_or_default();
        String::from_utf8_lossy(&text).contains("Who becomes whom")
    };
    let files = files_below(sandbox.home());
    assert!(!files.iter().any(page), "{files:?}");

    let mut terminal = sandbox.awsx_on_terminal(&OPEN);
    sandbox.next_page();
    terminal.type_text(CTRL_C).end().exits(130);
}

#[test]
fn no_page_is_opened_where_nobody_would_see_it() {
    let sandbox = Sandbox::new().at_a_browser();
    let words = ["profiles", "dev", "eu west", "--open"];
    let instead = "`awsx profiles dev 'eu west' --html > profiles.html` makes a file of it";
    sandbox.config("[profile dev]\nregion = eu west\n");
    sandbox.set("AWSX_CALLER", "agent");
    sandbox.awsx(&words).fails(
        4,
        &[
            "an agent runs awsx (AWSX_CALLER), and no browser is opened then",
            "a person runs `awsx profiles dev 'eu west' --open`",
        ],
    );
    sandbox.unset("AWSX_CALLER");
    let leave_out = format!("hint: leave that out; {instead}");
    let refused = "--no-input was given, and no browser is opened then";
    sandbox.awsx(&[&words[..], &["--no-input"]].concat()).fails(4, &[refused, &leave_out]);
    let works = sandbox.what_is_set("AWSX_BROWSER");
    sandbox.set("AWSX_BROWSER", "false");
    let failed = "false did not open the browser: it failed with exit status: 1";
    let named = "hint: AWSX_BROWSER names another one; `awsx profiles dev";
    sandbox.awsx(&words).fails(1, &["if no browser opens, open", failed, named]);
    // At a terminal the person has the other address.
    let mut terminal = sandbox.awsx_on_terminal(&words);
    let shown = terminal.line("http");
    terminal.expect("false did not open the browser");
    assert_eq!(browser::open(shown.trim()).status, 200);
    terminal.end().ok();
    sandbox.unset("AWSX_BROWSER");
    sandbox.set_all("SSH_CONNECTION=a DISPLAY=:0");
    let refused = "no browser can be opened here: this is an SSH session";
    sandbox.awsx(&words).fails(4, &[refused, &format!("hint: {instead}")]);
    // Who names one over SSH knows what it is.
    sandbox.set("AWSX_BROWSER", &works);
    let running = sandbox.start(&words);
    assert_eq!(browser::open(&sandbox.next_page()).status, 200);
    running.end().ok();
    // Nothing to show is said before.
    sandbox.awsx(&["profiles", "nothing", "--open"]).ok().says("no profile has nothing");
}

/// The texts of an SVG, each element's.
fn texts_of_svg(svg: &str) -> Vec<String> {
    let entities = [("&#45;", "-"), ("&quot;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">")];
    let text = |part: &str| {
        let text = part.split_once('>').unwrap().1.split("</text>").next().unwrap();
        let text = entities.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        text.replace("&#160;", " ").replace("&amp;", "&")
    };
    svg.split("<text ").skip(1).map(text).collect()
}

/// Whatever is in a name is text to Graphviz too.
#[test]
fn graphviz_draws_what_files_say() {
    let sandbox = Sandbox::new();
    let names = [
        "\"quoted\"",
        "a;b",
        "{x|y}",
        "<b>bold</b>",
        "&lt;",
        "back\\slash\\",
        "\\N",
        "日本語",
        "a->b",
        "x=y,z",
        "node",
        "//not",
        "/*no*/",
        "#no",
        "[in",
    ];
    let role = "role_arn = arn:aws:iam::111111111111:role/Ro]le\nsource_profile = dev\n";
    let section = |name: &&str| format!("[profile '{name}']\n{role}");
    sandbox.config(&format!(
        "[profile dev]\n{}[profile lost]\nrole_arn = arn:aws:iam::\"];x:role/A\nsource_profile = \"];{{\n",
        names.iter().map(section).collect::<String>()
    ));
    let all = sandbox.awsx(&["profiles", "--json"]).ok().json();
    let graph =
        sandbox.write("planted/graph.dot", &sandbox.awsx(&["profiles", "--dot"]).ok().stdout);
    let mut dot = std::process::Command::new("dot");
    let drawn = dot.arg("-Tsvg").arg(&graph).output().expect("`.ci/run` installs graphviz");
    let said = String::from_utf8_lossy(&drawn.stderr);
    assert!(drawn.status.success() && said.is_empty(), "{said}");
    let svg = String::from_utf8(drawn.stdout).unwrap();
    let texts = texts_of_svg(&svg);
    for name in all["profiles"].as_object().unwrap().keys() {
        let is_it = |text: &String| text == name || *text == format!("! {name}");
        assert_eq!(texts.iter().filter(|text| is_it(text)).count(), 1, "{name:?}: {texts:#?}");
    }
    // Those of the files, and one that is missing.
    let profiles = all["profiles"].as_object().unwrap().len();
    assert_eq!(svg.matches("class=\"node\"").count(), profiles + 1);
    assert_eq!(svg.matches("class=\"edge\"").count(), names.len() + 1);
    assert!(names.iter().all(|name| all["profiles"].get(name).is_some()), "{all}");
}
