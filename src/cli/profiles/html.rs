//! The graph as one page of HTML, which stands alone: it loads nothing, and what files say appears as text only.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::graph::{Graph, Kind, Node};
use crate::host::callback::Page;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// `awsx profiles --html` and `--open`. `more`: region and end of the kept session of a node, for people.
pub(super) fn html(
    graph: &Graph<'_>,
    more: impl Fn(usize) -> (Option<String>, Option<String>),
) -> Page {
    let node = |(at, node): (usize, &Node<'_>)| -> Value {
        let kind = match node.kind {
            Kind::Profile => "profile",
            Kind::Session => "session",
            Kind::Missing => "missing",
        };
        let (region, kept) = more(at);
        json!([kind, node.name, node.account, node.words, region, kept, node.problem])
    };
    let nodes: Vec<_> = graph.nodes.iter().enumerate().map(node).collect();
    let arrows: Vec<_> =
        graph.arrows.iter().map(|arrow| json!([arrow.from, arrow.to, arrow.through])).collect();
    let data = in_script(&json!({ "nodes": nodes, "arrows": arrows }).to_string());
    let digest = |text: &str| STANDARD.encode(Sha256::digest(text));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; \
         form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    );
    // What files say comes last: nothing is looked for in it.
    let html = PAGE
        .replacen("@POLICY@", &policy, 1)
        .replacen("@STYLE@", STYLE, 1)
        .replacen("@SCRIPT@", SCRIPT, 1)
        .replacen("@DATA@", &data, 1);
    // A page itself cannot say who may frame it.
    let policy = policy + "; frame-ancestors 'none'";
    let warning = "If it was not yours, somebody on this machine has seen your accounts and roles.";
    Page { html, policy, warning }
}

/// JSON that no text in it takes out of its element.
fn in_script(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(escaped, "\\u{:04x}", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::contrast::contrast;
    use crate::text::unhex;

    #[test]
    fn no_text_leaves_its_element() {
        for (text, expected) in [
            ("</script><!--", "\\u003c/script\\u003e\\u003c!--"),
            ("a\u{2028}&b", "a\\u2028\\u0026b"),
            ("日本 @DATA@", "日本 @DATA@"),
        ] {
            let json = json!(text).to_string();
            let escaped = in_script(&json);
            assert_eq!(escaped, format!("\"{expected}\""));
            assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
        }
    }

    #[test]
    fn the_parts_are_in_their_places() {
        let page = html(&Graph { nodes: Vec::new(), arrows: Vec::new() }, |_| (None, None)).html;
        for part in ["@POLICY@", "@STYLE@", "@DATA@", "@SCRIPT@"] {
            assert!(!page.contains(part), "{part}");
        }
        assert!(
            page.contains("default-src 'none'") && page.contains(STYLE) && page.contains(SCRIPT)
        );
    }

    /// What is read has the contrast that text needs, and what a shape consists of that of shapes; lines between rows
    /// are neither. <https://www.w3.org/TR/WCAG22/#contrast-minimum>, <https://www.w3.org/TR/WCAG22/#non-text-contrast>
    #[test]
    fn its_colours_are_told_apart_in_light_and_in_dark() {
        let schemes: Vec<&str> = STYLE.split(":root{").skip(1).collect();
        assert_eq!(schemes.len(), 2);
        for scheme in schemes {
            let colour = |name: &str| {
                let (_, rest) = scheme.split_once(&format!("--{name}:#")).unwrap();
                let digits = &rest[..rest.find(|c: char| !c.is_ascii_hexdigit()).unwrap()];
                let whole = match digits.len() {
                    3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
                    _ => digits.to_owned(),
                };
                <[u8; 3]>::try_from(unhex(&whole).unwrap()).unwrap()
            };
            for (names, backgrounds, least) in [
                (&["text", "faint", "bad", "good"][..], &["back", "side", "mark"][..], 4.5),
                (&["edge", "link", "faint", "bad"], &["back", "side"], 3.0),
            ] {
                for (name, background) in
                    names.iter().flat_map(|name| backgrounds.iter().map(move |back| (name, back)))
                {
                    let found = contrast(colour(name), colour(background));
                    assert!(found >= least, "{name} on {background}: {found}");
                }
            }
        }
    }
}
