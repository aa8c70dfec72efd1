//! The CSV file that IAM's console offers with a new access key.

use super::given::NewKey;
use super::import::Candidate;
use crate::credentials::Secret;

const ID: &str = "Access key ID";
const SECRET: &str = "Secret access key";
/// Only older files have it.
const USER: &str = "User name";

/// Why a file is not one of these.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotTheCsv {
    #[error("it is no CSV file of IAM's console: its first line has no \"{ID}\" and \"{SECRET}\"")]
    Header,
    #[error("it does not say whose key it is")]
    Nobody,
    #[error("it has {0} keys, but one name was given")]
    Several(usize),
}

/// The keys in such a file; `name`: what the only one is stored as, else it is the user's name.
pub(crate) fn find_in_csv(
    text: &str,
    file: &str,
    name: Option<&str>,
) -> Result<Vec<Candidate>, NotTheCsv> {
    let mut lines = text.trim_start_matches('\u{feff}').lines().zip(1..);
    let header = lines.next().map(|(line, _)| cells(line)).unwrap_or_default();
    let column = |title: &str| header.iter().position(|cell| cell.eq_ignore_ascii_case(title));
    let (Some(id), Some(secret)) = (column(ID), column(SECRET)) else {
        return Err(NotTheCsv::Header);
    };
    let rows = lines.filter(|(line, _)| !line.trim().is_empty());
    let candidate = |(line, number): (&str, usize)| {
        let cells = cells(line);
        let cell = |at: usize| cells.get(at).map_or("", String::as_str);
        let user = column(USER).map(cell).filter(|user| !user.is_empty());
        Ok(Candidate {
            name: name.or(user).ok_or(NotTheCsv::Nobody)?.to_owned(),
            place: format!("{file}:{number}"),
            key: NewKey::new(cell(id), &Secret::new(cell(secret)))
                .map_err(|problem| problem.to_string()),
            section: None,
            mfa_serial: None,
        })
    };
    let found: Vec<Candidate> = rows.map(candidate).collect::<Result<_, _>>()?;
    match found.len() {
        2.. if name.is_some() => Err(NotTheCsv::Several(found.len())),
        _ => Ok(found),
    }
}

/// The cells of a line; in quotes, two quotes are one.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut cell, mut is_quoted) = (Vec::new(), String::new(), false);
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if is_quoted && rest.peek() == Some(&'"') => cell.extend(rest.next()),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(std::mem::take(&mut cell).trim().to_owned()),
            c => cell.push(c),
        }
    }
    cells.push(cell.trim().to_owned());
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_the_console_are_read() {
        const ID: &str = "AKIAIOSFODNN7EXAMPLE";
        for (docs, text, name, expected) in [
            (
                "today's, which names nobody",
                format!("\u{feff}Access key ID,Secret access key\r\n{ID},planted/x\r\n"),
                Some("dev"),
                "dev f.csv:2 fine",
            ),
            (
                "an older one",
                format!(
                    "User name,Password,Access key ID,Secret access key,Console login link\nann,,{ID},planted/x,https://x\n"
                ),
                None,
                "ann f.csv:2 fine",
            ),
            (
                "a name instead of the user's",
                format!(
                    "User name,Access key ID,Secret access key\n\"a, \"\"b\"\"\",{ID},\"planted/x\"\n"
                ),
                Some("dev"),
                "dev f.csv:2 fine",
            ),
            (
                "several users, and one without a key",
                format!("User name,Access key ID,Secret access key\na,{ID},s\n\n\"b, c\",,\n"),
                None,
                "a f.csv:2 fine; b, c f.csv:4 the access key id is not",
            ),
            (
                "nobody",
                format!("Access key ID,Secret access key\n{ID},s\n"),
                None,
                "it does not say",
            ),
            (
                "one name for two",
                format!("Access key ID,Secret access key\n{ID},s\n{ID},s\n"),
                Some("dev"),
                "it has 2 keys",
            ),
            ("something else", "a,b\n1,2\n".to_owned(), None, "it is no CSV file"),
            ("nothing", String::new(), None, "it is no CSV file"),
        ] {
            let shown = match find_in_csv(&text, "f.csv", name) {
                Ok(found) => found
                    .iter()
                    .map(|c| {
                        let key = c.key.as_ref().map_or_else(|problem| &**problem, |_| "fine");
                        format!("{} {} {key}", c.name, c.place)
                    })
                    .collect::<Vec<_>>()
                    .join("; "),
                Err(problem) => problem.to_string(),
            };
            assert!(shown.starts_with(expected) && !shown.contains("planted"), "{docs}: {shown}");
        }
    }
}
