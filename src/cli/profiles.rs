//! `awsx profiles`

mod as_aws_vault;
mod document;
mod dot;
mod graph;
mod html;
mod row;
mod tree;

use std::borrow::Cow;

use clap::Args;
use serde_json::Value;

use super::columns::Columns;
use super::login_state::login_words;
use super::page::page;
use crate::app::App;
use crate::app::at_hand::AtHand;
use crate::app::browser_page::show_page;
use crate::guard::colour_of;
use crate::report::failure::word;
use crate::report::{Failure, Look, Screen};
use crate::text::{Colour, Words};
use as_aws_vault::Listed;
use document::document;
use dot::{dot, mermaid};
use graph::{Graph, add_sources};
use html::html;
use row::{Line, Problems, Row};
use tree::{Item, tree};

/// List the profiles, with account, role and region
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
With what each draws on, and for how long a session of it is kept; a `!` stands
before what is wrong with one, and where.
";
    "awsx profiles prod admin     those that have both words in their line"
    "awsx profiles --tree         by session, and by whose credentials they use"
    "awsx profiles --open         in the browser, as a page that draws it"
    "awsx profiles --html > profiles.html"
    "awsx profiles --dot | dot -Tsvg > profiles.svg"
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
    /// Open a page that draws who becomes whom, and can be searched
    #[arg(long, conflicts_with_all = ["json", "tree"])]
    open: bool,
    /// The same page on stdout
    #[arg(long, conflicts_with_all = ["json", "tree", "open"])]
    html: bool,
    /// The same as a graph for Graphviz
    #[arg(long, conflicts_with_all = ["json", "tree", "open", "html"])]
    dot: bool,
    /// The same as a graph for Mermaid
    #[arg(long, conflicts_with_all = ["json", "tree", "open", "html", "dot"])]
    mermaid: bool,
    /// As `aws-vault list` prints them
    #[arg(long, value_name = "WHAT", hide = true, exclusive = true)]
    aws_vault: Option<Listed>,
}

impl ProfilesCommand {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        if let Some(listed) = self.aws_vault {
            return app.out().data(&as_aws_vault::list(app, listed)?);
        }
        let profiles = app.profiles()?;
        let typed = self.words.join(" ");
        let words = Words::new(&typed);
        let problems = Problems::new(profiles, &app.env);
        let (at_hand, now) = (AtHand::of(app), app.now());
        let row = |name: &str| {
            let row = Row::new(profiles, &problems, name)?.with_session(&at_hand, now);
            (self.words.is_empty() || row.has(&words)).then_some(row)
        };
        if self.json {
            let wanted = |name: &str| self.words.is_empty() || row(name).is_some();
            return app.out().json(&document(profiles, &app.env, &at_hand, wanted));
        }
        let mut rows: Vec<Row> = profiles.all_names().filter_map(row).collect();
        if rows.is_empty() {
            app.out().notice(&match profiles.all_names().next() {
                Some(_) => format!(
                    "no profile has {} in its line; `awsx profiles` lists all",
                    self.words.join(" and ")
                ),
                None => format!(
                    "no profiles: neither {} nor {} has any; `awsx config` makes one, step by step",
                    profiles.config_file().display(),
                    profiles.credentials_file().display()
                ),
            });
            return Ok(());
        }
        if self.open || self.html || self.dot || self.mermaid {
            let count = rows.len();
            add_sources(&mut rows, |name| {
                Some(Row::new(profiles, &problems, name)?.with_session(&at_hand, now))
            });
            return self.draw(app, &rows, count);
        }
        let items = match self.tree {
            true => tree(&rows),
            false => rows.iter().map(|row| (0, Item::Profile(row))).collect(),
        };
        let colours = app.out().palette().is_some().then(|| app.preferences().ok()).flatten();
        let colour = |name: &str| colour_of(name, profiles, colours?.guards());
        app.out().show(&table(app, &items, &at_hand, &colour))?;
        // What is odd about a line has nothing to do with what is looked for.
        for warning in profiles.warnings().iter().filter(|_| self.words.is_empty()) {
            app.out().warning(&warning.to_string());
        }
        Ok(())
    }

    /// Of the rows so many were looked for; what those draw on comes behind them.
    fn draw(&self, app: &App, rows: &[Row], count: usize) -> Result<(), Failure> {
        let graph = Graph::of(rows);
        let more = |at: usize| match rows.get(at) {
            Some(row) => (row.region.clone(), row.kept.map(|(end, _)| app.until(end))),
            None => (None, None),
        };
        if self.open {
            let profiles = if count == 1 { "1 profile" } else { &format!("{count} profiles") };
            let words: String = self.words.iter().map(|one| format!(" {}", word(one))).collect();
            let instead =
                format!("`awsx profiles{words} --html > profiles.html` makes a file of it");
            return show_page(app, &format!("the page of {profiles}"), &instead, || {
                html(&graph, more)
            });
        }
        app.out().write(match (self.html, self.dot) {
            (true, _) => html(&graph, more).html,
            (_, true) => dot(&graph),
            _ => mermaid(&graph),
        })
    }
}

/// All profiles, to be picked from.
pub(super) struct ProfileLines {
    pub names: Vec<String>,
    /// A line of columns for each
    pub lines: Vec<String>,
    /// Whether one of them draws on a login
    pub has_logins: bool,
}

/// Without network and vault.
pub(super) fn profile_lines(app: &App) -> Result<ProfileLines, Failure> {
    let profiles = app.profiles()?;
    let problems = Problems::new(profiles, &app.env);
    let row = |name| Row::new(profiles, &problems, name);
    let rows: Vec<Row> = profiles.all_names().filter_map(row).collect();
    let cells: Vec<Line<'_>> = rows.iter().map(|row| row.cells(0)).collect();
    let columns = Columns::new(cells.iter());
    let line = |(row, cells): (&Row, &Line<'_>)| {
        let (first, rest) = columns.align(cells);
        first + &rest + &row.remark()
    };
    let lines = rows.iter().zip(&cells).map(line).collect();
    let has_logins = rows.iter().any(|row| row.base.is_login());
    Ok(ProfileLines { names: rows.iter().map(|row| row.name.clone()).collect(), lines, has_logins })
}

/// The profiles with these words in their line, all of them without words.
pub(super) fn names_with_words(app: &App, typed: &str) -> Result<Vec<String>, Failure> {
    let profiles = app.profiles()?;
    if typed.trim().is_empty() {
        return Ok(profiles.all_names().map(str::to_owned).collect());
    }
    let (problems, words) = (Problems::new(profiles, &app.env), Words::new(typed));
    let rows = profiles.all_names().filter_map(|name| Row::new(profiles, &problems, name));
    Ok(rows.filter(|row| row.has(&words)).map(|row| row.name).collect())
}

/// What `awsx profiles --json` prints of those that are wanted.
pub(super) fn profiles_document(
    app: &App,
    wanted: impl Fn(&str) -> bool + Copy,
) -> Result<Value, Failure> {
    let at_hand = AtHand::of(app);
    let document = document(app.profiles()?, &app.env, &at_hand, wanted);
    Ok(serde_json::to_value(&document).expect("plain data is always JSON"))
}

/// The profiles whose credentials are of this account, as far as the files say.
pub(super) fn names_in_account(app: &App, account: &str) -> Result<Vec<String>, Failure> {
    let profiles = app.profiles()?;
    let problems = Problems::new(profiles, &app.env);
    let rows = profiles.all_names().filter_map(|name| Row::new(profiles, &problems, name));
    let is_of = |row: &Row| row.account.as_deref() == Some(account) && row.problem.is_none();
    Ok(rows.filter(is_of).map(|row| row.name).collect())
}

/// One line for each item, in columns; with a header where a person looks at it.
fn table(
    app: &App,
    items: &[(usize, Item<'_>)],
    at_hand: &AtHand<'_>,
    colour: &dyn Fn(&str) -> Option<Colour>,
) -> Screen {
    let is_kept =
        |(_, item): &(_, Item<'_>)| matches!(item, Item::Profile(row) if row.kept.is_some());
    let session = if items.iter().any(is_kept) { "SESSION" } else { "" };
    let header = ["PROFILE", "ACCOUNT", "ROLE", "REGION", "FROM", session].map(Cow::from);
    let header = app.out().is_seen().then_some(header);
    let lines: Vec<_> = items.iter().map(|(depth, item)| (item, cells(*depth, item))).collect();
    let profiles = lines.iter().filter(|(item, _)| matches!(item, Item::Profile(_)));
    let columns = Columns::new(header.iter().chain(profiles.map(|(_, cells)| cells)));
    let mut screen = app.out().screen();
    if let Some(header) = &header {
        let (first, rest) = columns.align(header);
        screen.look(Look::Faint, &(first + &rest)).line();
    }
    let (mut first, mut rest) = Default::default();
    for (item, cells) in &lines {
        match item {
            Item::Session(session) => {
                screen
                    .look(Look::Strong, session)
                    .look(Look::Faint, &state(app, at_hand, session))
                    .line();
            }
            Item::Profile(row) => {
                columns.align_into(cells, &mut first, &mut rest);
                screen.look(Look::of_name(colour(&row.name)), &first).plain(&rest);
                screen.look(Look::Bad, &row.remark()).line();
            }
        }
    }
    screen
}

fn cells<'r>(depth: usize, item: &Item<'r>) -> Line<'r> {
    match *item {
        Item::Session(name) => [name, "", "", "", "", ""].map(Cow::from),
        Item::Profile(row) => row.cells(depth),
    }
}

/// Whether somebody is logged in to the session, as far as awsx knows.
fn state(app: &App, at_hand: &AtHand<'_>, session: &str) -> String {
    let known = at_hand.login(session);
    let words = known.map_or("not logged in".to_owned(), |header| login_words(app, header, None));
    format!("  {words}")
}
