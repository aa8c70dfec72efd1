//! The graph for Graphviz, <https://graphviz.org/doc/info/lang.html>, and for Mermaid,
//! <https://mermaid.js.org/syntax/flowchart.html>.

use std::fmt::Write;

use super::graph::{Arrow, Graph, Kind, Node};

/// `awsx profiles --dot`
pub(super) fn dot(graph: &Graph<'_>) -> String {
    let mut text = "digraph awsx {\n  rankdir=LR;\n  node [shape=box, style=rounded, \
                    fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\"];\n"
        .to_owned();
    for (number, (account, members)) in graph.by_account().into_iter().enumerate() {
        let indent = if account.is_some() { "    " } else { "  " };
        if let Some(account) = account {
            let label = in_dot(account);
            line(&mut text, "  ", &format!("subgraph cluster_{number} {{"));
            line(&mut text, indent, &format!("label=\"{label}\"; color=gray;"));
        }
        for at in members {
            line(&mut text, indent, &dot_node(at, &graph.nodes[at]));
        }
        if account.is_some() {
            line(&mut text, "  ", "}");
        }
    }
    for Arrow { from, to, through } in &graph.arrows {
        let label = match &**through {
            "" => String::new(),
            through => format!(" [label=\"{}\"]", in_dot(through)),
        };
        line(&mut text, "  ", &format!("n{from} -> n{to}{label};"));
    }
    text + "}\n"
}

fn dot_node(at: usize, node: &Node<'_>) -> String {
    let label: Vec<_> = node.lines().map(in_dot).collect();
    let shape = if node.kind == Kind::Session { ", shape=cylinder" } else { "" };
    let bad = if node.is_bad() { ", color=\"#b00020\", fontcolor=\"#b00020\"" } else { "" };
    let tooltip = node.problem.map(|problem| format!(", tooltip=\"{}\"", in_dot(problem)));
    let mark = if node.problem.is_some() { "! " } else { "" };
    let tooltip = tooltip.unwrap_or_default();
    format!("n{at} [label=\"{mark}{}\"{shape}{bad}{tooltip}];", label.join("\\n"))
}

/// In double quotes, where a backslash begins an escape and `&` an entity.
fn in_dot(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '"' | '\\' => escaped.extend(['\\', c]),
            '&' => escaped.push_str("&amp;"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// `awsx profiles --mermaid`
pub(super) fn mermaid(graph: &Graph<'_>) -> String {
    let mut text = "flowchart LR\n".to_owned();
    for (number, (account, members)) in graph.by_account().into_iter().enumerate() {
        let indent = if account.is_some() { "    " } else { "  " };
        if let Some(account) = account {
            line(&mut text, "  ", &format!("subgraph a{number}[\"{}\"]", in_mermaid(account)));
        }
        for at in members {
            line(&mut text, indent, &mermaid_node(at, &graph.nodes[at]));
        }
        if account.is_some() {
            line(&mut text, "  ", "end");
        }
    }
    for Arrow { from, to, through } in &graph.arrows {
        let label = match &**through {
            "" => String::new(),
            through => format!("|\"{}\"|", in_mermaid(through)),
        };
        line(&mut text, "  ", &format!("n{from} -->{label} n{to}"));
    }
    let bad = graph.nodes.iter().enumerate().filter(|(_, node)| node.is_bad());
    let bad: Vec<_> = bad.map(|(at, _)| format!("n{at}")).collect();
    if !bad.is_empty() {
        line(&mut text, "  ", "classDef bad stroke:#b00020,stroke-width:2px");
        line(&mut text, "  ", &format!("class {} bad", bad.join(",")));
    }
    text
}

fn mermaid_node(at: usize, node: &Node<'_>) -> String {
    let label: Vec<_> = node.lines().map(in_mermaid).collect();
    let (open, close) = if node.kind == Kind::Session { ("[(", ")]") } else { ("[", "]") };
    let mark = if node.problem.is_some() { "! " } else { "" };
    format!("n{at}{open}\"{mark}{}\"{close}", label.join("<br>"))
}

/// In double quotes. What may mean something to Mermaid is written by its number.
fn in_mermaid(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            c if c.is_control() => escaped.push(' '),
            ' ' | ',' | '.' | '/' | ':' | '@' | '-' | '_' => escaped.push(c),
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => {
                let _ = write!(escaped, "#{};", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}

fn line(text: &mut String, indent: &str, content: &str) {
    text.extend([indent, content, "\n"]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_is_escaped() {
        for (text, of_dot, of_mermaid) in [
            ("prod", "prod", "prod"),
            ("a \"b\"", "a \\\"b\\\"", "a #34;b#34;"),
            ("a\\", "a\\\\", "a#92;"),
            ("<b>&lt;", "<b>&amp;lt;", "#60;b#62;#38;lt#59;"),
            ("[x](y) #1;", "[x](y) #1;", "#91;x#93;#40;y#41; #35;1#59;"),
            ("a\nb\u{1b}[2J", "a b [2J", "a b #91;2J"),
            ("日本", "日本", "日本"),
        ] {
            assert_eq!(in_dot(text), of_dot);
            assert_eq!(in_mermaid(text), of_mermaid);
        }
    }
}
