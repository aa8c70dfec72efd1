//! Findings as code hosts read them: SARIF 2.1.0,
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use std::path::{Component, Path};

use serde_json::{Value, json};

use crate::check::{Code, Finding};

/// `directory`: where awsx was started; files below it have an address relative to it.
pub(super) fn sarif(findings: &[Finding], directory: &Path) -> Value {
    let mut codes: Vec<Code> = findings.iter().map(|finding| finding.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let rule =
        |code: &Code| json!({ "id": code.name(), "shortDescription": { "text": code.title() } });
    let rules: Vec<Value> = codes.iter().map(rule).collect();
    let result = |finding: &Finding| {
        let message = match &finding.hint {
            Some(hint) => format!("{}: {hint}", finding.message),
            None => finding.message.clone(),
        };
        let locations: Vec<Value> =
            finding.place.parts().map(location(directory)).into_iter().collect();
        json!({
            "ruleId": finding.code.name(),
            "ruleIndex": codes.iter().position(|code| *code == finding.code),
            "level": finding.severity.as_str(),
            "message": { "text": message },
            "locations": locations,
        })
    };
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "awsx",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "results": findings.iter().map(result).collect::<Vec<_>>(),
        }],
    })
}

fn location(directory: &Path) -> impl Fn((&Path, Option<u32>)) -> Value {
    move |(file, line)| {
        let mut place = json!({ "artifactLocation": { "uri": address(file, directory) } });
        if let Some(line) = line {
            place["region"] = json!({ "startLine": line });
        }
        json!({ "physicalLocation": place })
    }
}

/// A relative address, or `file:///…`.
fn address(file: &Path, directory: &Path) -> String {
    let below = file.strip_prefix(directory).ok().filter(|_| directory.is_absolute());
    let whole = below.unwrap_or(file);
    let mut parts: Vec<String> = Vec::new();
    for part in whole.components() {
        match part {
            Component::Prefix(drive) => {
                parts.push(drive.as_os_str().to_string_lossy().into_owned())
            }
            Component::RootDir | Component::CurDir => {}
            Component::ParentDir => parts.push("..".to_owned()),
            Component::Normal(name) => parts.push(escape(&name.to_string_lossy())),
        }
    }
    let path = parts.join("/");
    if whole.is_absolute() { format!("file:///{path}") } else { path }
}

/// A part of a path in an address, RFC 3986.
fn escape(name: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    name.bytes()
        .map(|byte| match is_plain(byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_addresses() {
        let cases: &[(&str, &str, &str)] = match cfg!(windows) {
            true => &[
                (r"C:\h\.aws\config", r"C:\h", ".aws/config"),
                (r"C:\h\a b", r"D:\h", "file:///C:/h/a%20b"),
            ],
            false => &[
                ("/h/.aws/config", "/h", ".aws/config"),
                ("/h/.aws/config", "/h/x", "file:///h/.aws/config"),
                ("/h/a b/é#%", "/", "h/a%20b/%C3%A9%23%25"),
                ("relative/x", "/h", "relative/x"),
                ("/h/x", "", "file:///h/x"),
            ],
        };
        for (file, directory, expected) in cases {
            assert_eq!(address(Path::new(file), Path::new(directory)), *expected, "{file}");
        }
    }
}
