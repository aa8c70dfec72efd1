//! A recording as a picture that moves, without a script: each line is there for its time.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::recording::{COLUMNS, ROWS, Recording};

/// Of a cell, and of the window's edges
const WIDTH: f64 = 8.4;
const HEIGHT: f64 = 18.0;
const EDGE: f64 = 14.0;
const BAR: f64 = 28.0;
/// How long the last screen is there before it begins anew
const REST: f64 = 5.0;
/// Changes within this time are one.
const MOMENT: f64 = 0.1;
const GROUND: &str = "#1e1e2e";
const TEXT: &str = "#cdd6f4";

/// A line of the screen, and from when until when it is there.
struct Line {
    row: u16,
    drawn: String,
    from: f64,
    until: f64,
}

/// The whole recording.
pub(super) fn draw(recording: &Recording) -> String {
    let total = recording.seconds + REST;
    let lines = lines(recording, total);
    let mut names = BTreeMap::new();
    let mut drawn = String::new();
    for line in &lines {
        let (from, until) = (percent(line.from / total), percent(line.until / total));
        let count = names.len();
        let name = names.entry((from.clone(), until.clone())).or_insert(count);
        let stays = if until == "100" { "" } else { " class=\"gone\"" };
        let y = BAR + EDGE + (f64::from(line.row) + 0.8) * HEIGHT;
        let _ = writeln!(
            drawn,
            "<g{stays} style=\"animation-name:k{name}\" transform=\"translate({EDGE} {y:.1})\">{}</g>",
            line.drawn
        );
    }
    let frames: String = names.iter().fold(String::new(), |mut frames, ((from, until), name)| {
        let start = if from == "0" { "" } else { "0%{visibility:hidden}" };
        let end = if until == "100" {
            String::new()
        } else {
            format!("{until}%,100%{{visibility:hidden}}")
        };
        let _ = writeln!(frames, "@keyframes k{name}{{{start}{from}%{{visibility:visible}}{end}}}");
        frames
    });
    let (width, height) =
        (f64::from(COLUMNS) * WIDTH + 2.0 * EDGE, f64::from(ROWS) * HEIGHT + 2.0 * EDGE + BAR);
    format!(
        "\
<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" aria-label=\"awsx in a terminal\">
<style>
text{{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace;white-space:pre}}
g{{fill:{TEXT};animation:{total:.2}s step-end infinite}}
.gone{{visibility:hidden}}
@media (prefers-reduced-motion:reduce){{g{{animation:none}}}}
{frames}</style>
<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{GROUND}\"/>
<circle cx=\"20\" cy=\"18\" r=\"6\" fill=\"#f38ba8\"/><circle cx=\"40\" cy=\"18\" r=\"6\" fill=\"#f9e2af\"/><circle cx=\"60\" cy=\"18\" r=\"6\" fill=\"#a6e3a1\"/>
{drawn}</svg>
"
    )
}

/// Of 100, without zeros that say nothing.
fn percent(part: f64) -> String {
    let text = format!("{:.2}", part * 100.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn lines(recording: &Recording, total: f64) -> Vec<Line> {
    let mut parser = vt100::Parser::new(ROWS, COLUMNS, 0);
    let mut current: Vec<Option<Line>> = (0..ROWS).map(|_| None).collect();
    let mut ended = Vec::new();
    let mut events = recording.events.iter().peekable();
    while let Some((time, text)) = events.next() {
        parser.process(text.as_bytes());
        if events.peek().is_some_and(|(next, _)| {
            next - time < MOMENT && (next / MOMENT).floor() == (time / MOMENT).floor()
        }) {
            continue;
        }
        for (row, line) in (0..ROWS).zip(&mut current) {
            let drawn = draw_row(parser.screen(), row);
            if line.as_ref().map_or("", |line| &line.drawn) == drawn {
                continue;
            }
            ended.extend(line.take().map(|line| Line { until: *time, ..line }));
            *line = (!drawn.is_empty()).then_some(Line { row, drawn, from: *time, until: total });
        }
    }
    ended.extend(current.into_iter().flatten());
    ended
}

/// One row: runs of cells that look alike, each where its first cell is. Empty where nothing is to be seen.
fn draw_row(screen: &vt100::Screen, row: u16) -> String {
    let mut runs: Vec<(u16, String, String)> = Vec::new();
    for column in 0..COLUMNS {
        let Some(cell) = screen.cell(row, column) else { continue };
        let text = if cell.has_contents() { cell.contents() } else { " " };
        let look = look(cell);
        match runs.last_mut() {
            Some((_, run, same)) if *same == look => run.push_str(text),
            _ => runs.push((column, text.to_owned(), look)),
        }
    }
    runs.iter_mut().for_each(|(_, run, _)| run.truncate(run.trim_end().len()));
    runs.iter().filter(|(_, run, _)| !run.is_empty()).fold(String::new(), |mut drawn, run| {
        let (column, text, look) = run;
        let lead = text.len() - text.trim_start().len();
        let text = text.trim_start();
        #[expect(clippy::cast_precision_loss, reason = "some columns")]
        let (x, length) =
            ((f64::from(*column) + lead as f64) * WIDTH, text.chars().count() as f64 * WIDTH);
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        let _ = write!(drawn, "<text x=\"{x:.1}\" textLength=\"{length:.1}\"{look}>{text}</text>");
        drawn
    })
}

/// The attributes of a cell.
fn look(cell: &vt100::Cell) -> String {
    let mut look = match colour(cell.fgcolor()) {
        Some(colour) => format!(" fill=\"{colour}\""),
        None => String::new(),
    };
    if cell.bold() {
        look.push_str(" style=\"font-weight:bold\"");
    }
    if cell.dim() {
        look.push_str(" opacity=\"0.65\"");
    }
    if cell.underline() {
        look.push_str(" text-decoration=\"underline\"");
    }
    look
}

/// The first sixteen, as this window has them; then a cube of six, then greys.
/// <https://invisible-island.net/xterm/ctlseqs/ctlseqs.html>
fn colour(colour: vt100::Color) -> Option<String> {
    const BASE: [&str; 8] =
        ["#6c7086", "#f38ba8", "#a6e3a1", "#f9e2af", "#89b4fa", "#f5c2e7", "#94e2d5", "#bac2de"];
    Some(match colour {
        vt100::Color::Default => return None,
        vt100::Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        vt100::Color::Idx(index @ 0..16) => BASE[usize::from(index % 8)].to_owned(),
        vt100::Color::Idx(index @ 16..232) => {
            let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
            let index = index - 16;
            let [red, green, blue] = [index / 36, index / 6 % 6, index % 6].map(level);
            format!("#{red:02x}{green:02x}{blue:02x}")
        }
        vt100::Color::Idx(index) => {
            let level = 8 + 10 * (index - 232);
            format!("#{level:02x}{level:02x}{level:02x}")
        }
    })
}
