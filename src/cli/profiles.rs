//! `awsx profiles`

mod document;
mod row;
mod tree;

use std::borrow::Cow;

use clap::Args;
use console::measure_text_width;

use super::login_state::login_words;
use super::page::page;
use crate::app::App;
use crate::login::{LoginHeader, LoginKind};
use crate::report::{Failure, Look, Screen};
use crate::text::Words;
use document::document;
use row::{Problems, Row};
use tree::{Item, tree};

/// List the profiles, with account, role and region
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
With what each draws on; a `!` stands before what is wrong with one, and where.
";
    "awsx profiles prod admin     those that have both words in their line"
    "awsx profiles --tree         by session, and by whose credentials they use"
))]
pub(super) struct ProfilesCommand {
    /// Only those whose line has each of these words in it
    #[arg(value_name = "WORD")]
    words: Vec<String>,
    /// As JSON, with every setting
    #[arg(long)]
    pub(super) json: bool,
    /// Each profile below the session or the profile that it draws on
    #[arg(long, conflicts_with = "json")]
    tree: bool,
}

impl ProfilesCommand {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let profiles = app.profiles()?;
        let words = Words::new(&self.words.join(" "));
        let problems = Problems::new(profiles, &app.env);
        let row = |name: &str| {
            Row::new(profiles, &problems, name)
                .filter(|row| self.words.is_empty() || row.has(&words))
        };
        if self.json {
            let wanted = |name: &str| self.words.is_empty() || row(name).is_some();
            return app.out().json(&document(profiles, &app.env, wanted));
        }
        let rows: Vec<Row> = profiles.names().filter_map(row).collect();
        if rows.is_empty() {
            app.out().notice(&match profiles.names().next() {
                Some(_) => format!(
                    "no profile has {} in its line; `awsx profiles` lists all",
                    self.words.join(" and ")
                ),
                None => format!(
                    "no profiles: neither {} nor {} has any; `awsx config sso` or `awsx login aws NAME` makes one",
                    profiles.config_file().display(),
                    profiles.credentials_file().display()
                ),
            });
            return Ok(());
        }
        let items = match self.tree {
            true => tree(&rows),
            false => rows.iter().map(|row| (0, Item::Profile(row))).collect(),
        };
        app.out().show(&table(app, &items))?;
        // What is odd about a line has nothing to do with what is looked for.
        for warning in profiles.warnings().iter().filter(|_| self.words.is_empty()) {
            app.out().warning(&warning.to_string());
        }
        Ok(())
    }
}

/// A name that is longer moves what stands behind it.
const WIDEST: usize = 48;
/// As many as a column may need.
const BLANKS: &str = "                                                  ";

/// One line for each item, in columns; with a header where a person looks at it.
fn table(app: &App, items: &[(usize, Item<'_>)]) -> Screen {
    let header = ["PROFILE", "ACCOUNT", "ROLE", "REGION", "FROM"];
    let is_seen = app.out().is_seen();
    let mut widths = if is_seen { header.map(str::len) } else { [0; 5] };
    let lines: Vec<_> = items.iter().map(|(depth, item)| (item, cells(*depth, item))).collect();
    for (_, cells) in lines.iter().filter(|(item, _)| matches!(item, Item::Profile(_))) {
        for (column, cell) in cells.iter().enumerate() {
            widths[column] = width(cell).min(WIDEST).max(widths[column]);
        }
    }
    let pad = |line: &mut String, cell: &str, column: usize| {
        line.push_str(cell);
        let blanks = widths[column].saturating_sub(width(cell)) + 2;
        line.push_str(&BLANKS[..blanks]);
    };
    let mut screen = app.out().screen();
    if is_seen {
        let mut line = String::new();
        header.iter().enumerate().for_each(|(column, name)| pad(&mut line, name, column));
        screen.look(Look::Faint, line.trim_end()).line();
    }
    for (item, [name, account, role, region, from]) in &lines {
        match item {
            Item::Session(session) => {
                screen.look(Look::Strong, name).look(Look::Faint, &state(app, session)).line();
            }
            Item::Profile(Row { problem, .. }) => {
                let (mut first, mut rest) = (String::new(), String::new());
                pad(&mut first, name, 0);
                for (column, cell) in [(1, account), (2, role), (3, region)] {
                    pad(&mut rest, cell, column);
                }
                rest.push_str(from);
                screen.look(Look::Strong, &first).plain(rest.trim_end());
                if let Some(problem) = problem {
                    screen.look(Look::Bad, &format!("  ! {problem}"));
                }
                screen.line();
            }
        }
    }
    screen
}

/// What the columns hold, indented by how deep the item stands.
fn cells<'r>(depth: usize, item: &Item<'r>) -> [Cow<'r, str>; 5] {
    let or_none = |cell: &'r Option<String>| Cow::from(cell.as_deref().unwrap_or("-"));
    match *item {
        Item::Session(name) => [name, "", "", "", ""].map(Cow::from),
        Item::Profile(row) => [
            match depth {
                0 => Cow::from(&*row.name),
                _ => format!("{}{}", "  ".repeat(depth), row.name).into(),
            },
            or_none(&row.account),
            or_none(&row.role),
            or_none(&row.region),
            row.source(depth > 0).into(),
        ],
    }
}

/// In columns of a terminal.
fn width(cell: &str) -> usize {
    if cell.is_ascii() { cell.len() } else { measure_text_width(cell) }
}

/// Whether somebody is logged in to the session, as far as awsx knows.
fn state(app: &App, session: &str) -> String {
    let headers = app.vault().and_then(|vault| Ok(vault.headers::<LoginHeader>()?));
    let is_of = |header: &LoginHeader| {
        header.kind == LoginKind::IdentityCenter && header.name.as_deref() == Some(session)
    };
    let known = headers.into_iter().flatten().map(|(_, header)| header).find(is_of);
    let words = known.map_or("not logged in".to_owned(), |header| login_words(app, &header, None));
    format!("  {words}")
}
