//! A list that typed words narrow, to pick one line of it.

use std::collections::{BTreeSet, HashMap};

use console::measure_text_width;

use super::canvas::{Frame, Size};
use super::cells::{head, one_line, tail};
use super::dialogue::{Dialogue, Step};
use super::key::Key;
use super::line::Line;
use super::row::{Piece, row, split};
use crate::ports::{List, State};
use crate::text::{Look, Palette, Words, name, wrap};

/// `console` does not tell the keys for pages on Windows.
const KEYS: &str = match cfg!(windows) {
    true => "Enter picks, Esc cancels; Home, End; Ctrl-U clears",
    false => "Enter picks, Esc cancels; PgUp, PgDn, Home, End; Ctrl-U clears",
};

/// From how many rows on there is room for a preview, and how many it takes then: a blank one is among them.
const ROOMY: usize = 20;
const PREVIEW: usize = 8;

pub(super) struct Picker<'a> {
    question: String,
    list: &'a List<'a>,
    palette: Option<Palette>,
    typed: Line,
    /// The lines that have the words, by their index
    found: Vec<usize>,
    /// Which of the found ones Enter picks
    at: usize,
    /// Which of the found ones is the first one shown
    top: usize,
    /// What was asked for of lines that were shown
    states: HashMap<usize, State>,
    preview: Option<(usize, String)>,
}

impl<'a> Picker<'a> {
    /// `palette`: none where text is neither bold nor faint.
    pub(super) fn new(list: &'a List<'a>, palette: Option<Palette>) -> Self {
        Self {
            question: format!("{}: ", one_line(list.question)),
            list,
            palette,
            typed: Line::default(),
            found: (0..list.lines.len()).collect(),
            at: list.chosen,
            top: 0,
            states: HashMap::new(),
            preview: None,
        }
    }

    /// How many rows the preview takes.
    fn room_of_preview(&self, size: Size) -> usize {
        if size.rows >= ROOMY && self.list.details.has_preview() { PREVIEW } else { 0 }
    }

    /// How many lines of the list there is room for, between the question and the count.
    fn room(&self, size: Size) -> usize {
        size.rows.saturating_sub(2 + self.room_of_preview(size)).max(1)
    }

    /// The line that Enter picks.
    #[cfg(unix)]
    pub(super) fn current(&self) -> Option<usize> {
        self.found.get(self.at).copied()
    }

    /// The lines that have the words.
    #[cfg(unix)]
    pub(super) fn matches(&self) -> &[usize] {
        &self.found
    }

    /// Those that were shown last.
    #[cfg(unix)]
    pub(super) fn visible(&self, size: Size) -> &[usize] {
        &self.found[self.top..self.found.len().min(self.top + self.room(size))]
    }

    #[cfg(unix)]
    pub(super) fn question(&self) -> &str {
        &self.question
    }

    fn edit(&mut self, key: Key) {
        let before = self.typed.text().to_owned();
        self.typed.press(key);
        if self.typed.text() != before {
            let words = Words::new(self.typed.text());
            self.found = words.find(self.list.lines, self.list.ranked);
            self.at = if words.is_empty() { self.list.chosen } else { 0 };
        }
    }

    /// The question and what is typed, and the column of the cursor.
    fn first_line(&self, width: usize) -> (String, usize) {
        let mut line = head(&self.question, width);
        let left = width.saturating_sub(measure_text_width(&line));
        line.push_str(&tail(&one_line(self.typed.before()), left));
        let column = measure_text_width(&line);
        line.push_str(&head(&one_line(self.typed.after()), width.saturating_sub(column)));
        (line, column)
    }

    /// `sought`: the letters of the line that are typed.
    fn item(&mut self, place: usize, sought: &BTreeSet<usize>, width: usize) -> String {
        let at = self.found[place];
        let (line, details) = (&*self.list.lines[at], self.list.details);
        let (mark, plain) = match place == self.at {
            true => ("> ", Look::Strong),
            false => ("  ", Look::Plain),
        };
        let states = details.width_of_states();
        let (name, rest) = line.split_at(name(line).len());
        let own = details.colour(at).map_or(plain, Look::Own);
        let mut pieces: Vec<Piece<'_>> = vec![(plain, mark).into()];
        if details.has_favourites() {
            pieces.push((Look::Strong, if details.is_favourite(at) { "* " } else { "  " }).into());
        }
        pieces.extend(split(own, name, 0, sought));
        let width_of_name = name.chars().count();
        if states == 0 {
            pieces.extend(split(plain, rest, width_of_name, sought));
            return row(&pieces, width, self.palette);
        }
        let columns = rest.trim_start();
        let state = self.states.entry(at).or_insert_with(|| details.state(at));
        let ink = if state.is_good { Look::Good } else { Look::Bad };
        let after = match columns {
            "" => String::new(),
            _ => " ".repeat(states.saturating_sub(measure_text_width(&state.words)) + 2),
        };
        // A name alone has no column behind it that it would stand before.
        let blanks = if columns.is_empty() { "  " } else { &rest[..rest.len() - columns.len()] };
        pieces.extend([(plain, blanks), (ink, &*state.words), (plain, &*after)].map(Piece::from));
        let start = width_of_name + rest.chars().count() - columns.chars().count();
        pieces.extend(split(plain, columns, start, sought));
        row(&pieces, width, self.palette)
    }

    /// What is told of the chosen line, behind a blank one.
    fn add_preview(&mut self, lines: &mut Vec<String>, size: Size) {
        let room = self.room_of_preview(size);
        let Some(at) = self.found.get(self.at).copied().filter(|_| room > 0) else { return };
        if self.preview.as_ref().is_none_or(|(shown, _)| *shown != at) {
            self.preview = Some((at, self.list.details.preview(at).unwrap_or_default()));
        }
        let Some((_, text)) = &self.preview else { return };
        lines.push(String::new());
        let width = size.width().saturating_sub(2);
        let text = text.lines().map(one_line).collect::<Vec<_>>().join("\n");
        let broken = wrap(&text, width);
        let shown = broken.lines().take(room - 1);
        lines.extend(shown.map(|line| head(&format!("  {line}"), size.width())));
    }
}

impl Dialogue for Picker<'_> {
    type Answer = usize;
    const TAKES_SCREEN: bool = true;

    fn press(&mut self, key: Key, size: Size) -> Step<usize> {
        let last = self.found.len().saturating_sub(1);
        match key {
            Key::Enter => {
                return self.found.get(self.at).map_or(Step::More, |item| Step::Answer(*item));
            }
            Key::Escape | Key::Ctrl('c' | 'd') => return Step::Cancel,
            Key::Up | Key::Ctrl('p') => self.at = self.at.checked_sub(1).unwrap_or(last),
            Key::Down | Key::Ctrl('n') => self.at = if self.at < last { self.at + 1 } else { 0 },
            Key::PageUp => self.at = self.at.saturating_sub(self.room(size)),
            Key::PageDown => self.at = (self.at + self.room(size)).min(last),
            Key::Home => self.at = 0,
            Key::End => self.at = last,
            key => self.edit(key),
        }
        Step::More
    }

    fn frame(&mut self, size: Size) -> Frame {
        let (width, room) = (size.width(), self.room(size));
        // The picked line is shown, and no more is left empty than there must be.
        let lowest_top = (self.at + 1).saturating_sub(room);
        let highest_top = self.at.min(self.found.len().saturating_sub(room));
        self.top = self.top.clamp(lowest_top.min(highest_top), highest_top);
        let (question, column) = self.first_line(width);
        let mut lines = vec![question];
        let shown = self.top..self.found.len().min(self.top + room);
        let found = self.found[shown.clone()].iter().map(|at| &*self.list.lines[*at]);
        let sought = Words::new(self.typed.text()).places(found);
        for (place, sought) in shown.zip(&sought) {
            lines.push(self.item(place, sought, width));
        }
        if self.found.is_empty() {
            lines.push(head("  no match", width));
        }
        let all = self.list.lines.len();
        let count = format!("{} of {}   {KEYS}", by_thousands(self.found.len()), by_thousands(all));
        lines.push(row(&[(Look::Faint, &*count).into()], width, self.palette));
        self.add_preview(&mut lines, size);
        lines.truncate(size.rows.max(1));
        Frame { lines, row: 0, column }
    }

    fn rest(&self, answer: Option<&usize>, _: Size) -> String {
        let text = answer.map_or(self.typed.text(), |item| name(&self.list.lines[*item]));
        format!("{}{}", self.question, one_line(text))
    }
}

/// `2,500`
fn by_thousands(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::terminal::screen::Screen;
    use crate::ports::Details;
    use crate::text::Colour;

    const ITEMS: [&str; 5] = ["dev", "billing-prod-42", "prod-eu", "日本語の環境", "prod"];

    fn items(items: &[&str]) -> Vec<String> {
        items.iter().map(|item| (*item).to_owned()).collect()
    }

    #[test]
    fn keys_change_what_is_shown() {
        let all =
            "> dev\n  billing-prod-42\n  prod-eu\n  日本語の環境\n  prod\n5 of 5   Enter picks, E…";
        let second = all.replace("> dev", "  dev").replace("  bill", "> bill");
        let last = all.replace("> dev", "  dev").replace("  prod\n", "> prod\n");
        let (all, second, last) =
            (&format!("|\n{all}"), &format!("|\n{second}"), &format!("|\n{last}"));
        for (docs, typed, expected) in [
            ("nothing yet", "", &**all),
            ("Down", "\x1b[B", second),
            ("Ctrl-N", "\x0e", second),
            ("Up, round the end", "\x1b[A", last),
            ("Ctrl-P", "\x0e\x0e\x10", second),
            ("Down, round the end", "\x1b[A\x1b[B", all),
            ("End", "\x1b[F", last),
            ("Home", "\x1b[F\x1b[H", all),
            ("PgDn", "\x1b[6~", last),
            ("PgUp", "\x1b[6~\x1b[5~", all),
            ("a key that means nothing", "\x1b[24~\t\x1bx", all),
            ("words", "42 bill", "42 bill|\n> billing-prod-42\n1 of 5   Enter picks, E…"),
            (
                "the whole name first",
                "prod",
                "prod|\n> prod\n  prod-eu\n  billing-prod-42\n3 of 5   Enter picks, E…",
            ),
            ("capitals", "EU", "EU|\n> prod-eu\n1 of 5   Enter picks, E…"),
            ("wide letters", "環", "環|\n> 日本語の環境\n1 of 5   Enter picks, E…"),
            ("no match", "nope", "nope|\n  no match\n0 of 5   Enter picks, E…"),
            ("Enter does nothing then", "nope\r", "nope|\n  no match\n0 of 5   Enter picks, E…"),
            (
                "nor do arrows",
                "nope\x1b[A\x1b[B\x1b[5~\x1b[6~\x1b[F",
                "nope|\n  no match\n0 of 5   Enter picks, E…",
            ),
            ("Backspace", "eux\x7f", "eu|\n> prod-eu\n1 of 5   Enter picks, E…"),
            ("Ctrl-U", "nope\x15", all),
            ("Ctrl-W", "dev nope\x17", "dev |\n> dev\n1 of 5   Enter picks, E…"),
            ("Left, within the words", "dx\x1b[De", "de|x\n  no match\n0 of 5   Enter picks, E…"),
            ("Ctrl-A", "ev\x01d", "d|ev\n> dev\n1 of 5   Enter picks, E…"),
            (
                "the first again after a word",
                "\x1b[B\x1b[Bp",
                "p|\n> prod-eu\n  prod\n  billing-prod-42\n3 of 5   Enter picks, E…",
            ),
            (
                "Left keeps the choice",
                "p\x1b[B\x1b[D",
                "|p\n  prod-eu\n> prod\n  billing-prod-42\n3 of 5   Enter picks, E…",
            ),
            (
                "words that are too long",
                "nope nope nopes x",
                "…e nope nopes x|\n  no match\n0 of 5   Enter picks, E…",
            ),
        ] {
            let items = items(&ITEMS);
            let list = List::new("Profile", &items);
            let mut screen = Screen::new(Picker::new(&list, Some(Palette::Named)), 10, 25);
            assert_eq!(screen.type_text(typed), Step::More, "{docs}");
            assert_eq!(screen.text(), format!("Profile: {expected}"), "{docs}");
        }
    }

    #[test]
    fn a_choice_leaves_one_line() {
        for (docs, typed, step, left) in [
            ("Enter", "\r", Step::Answer(0), "dev"),
            ("a word", "42\r", Step::Answer(1), "billing-prod-42"),
            ("the whole name", "prod\r", Step::Answer(4), "prod"),
            ("the next one", "prod\x1b[B\r", Step::Answer(2), "prod-eu"),
            ("Escape", "42\x1b\x1b", Step::Cancel, "42"),
            ("Ctrl-C", "\x03", Step::Cancel, ""),
            ("Ctrl-D", "42\x04", Step::Cancel, "42"),
        ] {
            let items = items(&ITEMS);
            let list = List::new("Profile", &items);
            let mut screen = Screen::new(Picker::new(&list, None), 10, 25);
            assert_eq!(screen.type_text(typed), step, "{docs}");
            assert_eq!(screen.text(), format!("Profile: {left}\n|"), "{docs}");
        }
    }

    /// What a name or a screen is like, and what is shown.
    #[test]
    fn every_line_fits() {
        let long = "a-name-that-is-longer-than-the-screen";
        for (docs, item, rows, columns, expected) in [
            ("a long name", long, 5, 20, "Profile: |\n> a-name-that-is-l…\n1 of 1   Enter pic…"),
            (
                "wide letters",
                "日本語の環境の名前です",
                5,
                20,
                "Profile: |\n> 日本語の環境の名…\n1 of 1   Enter pic…",
            ),
            (
                "what combines",
                &"e\u{301}".repeat(30),
                5,
                20,
                &format!("Profile: |\n> {}…\n1 of 1   Enter pic…", "e\u{301}".repeat(16)),
            ),
            (
                "what steers",
                "a\x1b[2J\nb",
                5,
                20,
                "Profile: |\n> a\\u{1b}[2J\\nb\n1 of 1   Enter pic…",
            ),
            ("three rows", "dev", 3, 20, "Profile: |\n> dev\n1 of 1   Enter pic…"),
            ("two rows", "dev", 2, 20, "Profile: |\n> dev"),
            ("one row", "dev", 1, 20, "Profile: |"),
            ("few columns", "prod", 5, 6, "Prof…|\n> pr…\n1 of…"),
            ("one column", "prod", 5, 1, "|"),
        ] {
            let items = items(&[item]);
            let list = List::new("Profile", &items);
            let screen = Screen::new(Picker::new(&list, None), rows, columns);
            assert_eq!(screen.text(), expected, "{docs}");
        }
    }

    #[test]
    fn a_long_list_moves_with_the_choice() {
        let items: Vec<String> = (0..2500).map(|number| format!("p{number}")).collect();
        let list = List::new("P", &items);
        let mut screen = Screen::new(Picker::new(&list, None), 6, 12);
        for (docs, typed, expected) in [
            ("the beginning", "", "> p0\n  p1\n  p2\n  p3\n"),
            ("within what is shown", "\x1b[B\x1b[B\x1b[B", "  p0\n  p1\n  p2\n> p3\n"),
            ("below it", "\x1b[B", "  p1\n  p2\n  p3\n> p4\n"),
            ("up within it", "\x1b[A\x1b[A\x1b[A", "> p1\n  p2\n  p3\n  p4\n"),
            ("above it", "\x1b[A", "> p0\n  p1\n  p2\n  p3\n"),
            ("a page", "\x1b[6~", "  p1\n  p2\n  p3\n> p4\n"),
            ("the end", "\x1b[F", "  p2496\n  p2497\n  p2498\n> p2499\n"),
            ("a page back", "\x1b[5~", "> p2495\n  p2496\n  p2497\n  p2498\n"),
        ] {
            screen.type_text(typed);
            assert_eq!(screen.text(), format!("P: |\n{expected}2,500 of 2…"), "{docs}");
        }
    }

    #[test]
    fn a_list_follows_the_size_of_the_screen() {
        let items = items(&ITEMS);
        let list = List::new("Profile", &items);
        let mut screen = Screen::new(Picker::new(&list, None), 10, 25);
        screen.type_text("\x1b[F");
        for (rows, columns, expected) in [
            (4, 25, "Profile: |\n  日本語の環境\n> prod\n5 of 5   Enter picks, E…"),
            (4, 12, "Profile: |\n  日本語の…\n> prod\n5 of 5   E…"),
            (
                10,
                20,
                "Profile: |\n  dev\n  billing-prod-42\n  prod-eu\n  日本語の環境\n> prod\n5 of 5   Enter pic…",
            ),
        ] {
            screen.resize(rows, columns);
            assert_eq!(screen.text(), expected, "{rows} x {columns}");
        }
    }

    #[test]
    fn looks_are_bold_and_faint() {
        let items = items(&ITEMS[..2]);
        let list = List::new("Profile", &items);
        let mut picker = Picker::new(&list, Some(Palette::Named));
        let lines = picker.frame(Size { rows: 5, columns: 10 }).lines;
        assert_eq!(
            lines,
            ["Profile: ", "\x1b[1m> dev\x1b[0m", "  billin…", "\x1b[2m2 of 2  …\x1b[0m"]
        );
    }

    /// What somebody knows of two lines.
    struct Known(bool);

    impl Details for Known {
        fn colour(&self, line: usize) -> Option<Colour> {
            (line == 1).then_some(Colour::Red)
        }

        fn width_of_states(&self) -> usize {
            8
        }

        fn state(&self, line: usize) -> State {
            let words = ["59m left", "no login"][line].to_owned();
            State { words, is_good: line == 0 }
        }

        fn preview(&self, line: usize) -> Option<String> {
            Some(format!("it is {line}\nand more\x1b[2J\n").repeat(5))
        }

        fn has_preview(&self) -> bool {
            self.0
        }
    }

    #[test]
    fn what_is_known_is_shown() {
        let lines = items(&["dev    1111  Admin", "prod"]);
        let known = Known(true);
        let list = List { chosen: 1, details: &known, ..List::new("Profile", &lines) };
        let mut screen = Screen::new(Picker::new(&list, Some(Palette::Named)), 20, 25);
        let preview = |line: usize| {
            let text = format!("  it is {line}\n  and more\\u{{1b}}[2J\n").repeat(5);
            text.lines().take(7).collect::<Vec<_>>().join("\n")
        };
        let count = "2 of 2   Enter picks, E…\n";
        let second = format!(
            "Profile: |\n  dev    59m left  1111…\n> prod  no login\n{count}\n{}",
            preview(1)
        );
        assert_eq!(screen.text(), second);
        screen.type_text("\x1b[A");
        assert!(screen.text().ends_with(&format!("{count}\n{}", preview(0))), "{}", screen.text());
        screen.type_text("nothing");
        assert_eq!(screen.text(), "Profile: nothing|\n  no match\n0 of 2   Enter picks, E…",);
        // The one that was chosen at first.
        screen.type_text("\x15");
        assert_eq!(screen.text(), second);
        screen.resize(19, 25);
        assert!(!screen.text().contains("it is"), "no room: {}", screen.text());
        let mut picker = Picker::new(&list, Some(Palette::Named));
        let lines = picker.frame(Size { rows: 5, columns: 40 }).lines;
        assert_eq!(
            lines[1..3],
            [
                "  dev    \x1b[32m59m left\x1b[0m  1111  Admin",
                "\x1b[1m> \x1b[0m\x1b[1;31mprod\x1b[0m\x1b[1m  \x1b[0m\x1b[31mno login\x1b[0m",
            ]
        );
    }

    /// Lines of which the first is a favourite.
    struct WithFavourite;

    impl Details for WithFavourite {
        fn has_favourites(&self) -> bool {
            true
        }

        fn is_favourite(&self, line: usize) -> bool {
            line == 0
        }
    }

    #[test]
    fn favourites_have_a_mark_and_typed_letters_a_line() {
        let lines = items(&["dev    1111  Admin", "prod"]);
        let list = List { details: &WithFavourite, ..List::new("Profile", &lines) };
        let mut screen = Screen::new(Picker::new(&list, None), 5, 25);
        assert_eq!(
            screen.text(),
            "Profile: |\n> * dev    1111  Admin\n    prod\n2 of 2   Enter picks, E…"
        );
        assert_eq!(screen.type_text("adm e"), Step::More);
        let mut picker = Picker::new(&list, Some(Palette::Named));
        for letter in "adm e".chars() {
            picker.press(Key::Char(letter), Size { rows: 5, columns: 30 });
        }
        let lines = picker.frame(Size { rows: 5, columns: 30 }).lines;
        assert_eq!(
            lines[1],
            "\x1b[1m> * d\x1b[0m\x1b[4m\x1b[1me\x1b[0m\x1b[1mv    1111  \x1b[0m\
             \x1b[4m\x1b[1mAdm\x1b[0m\x1b[1min\x1b[0m"
        );
    }

    #[test]
    fn counts_are_read_by_thousands() {
        for (count, expected) in [(0, "0"), (999, "999"), (2500, "2,500"), (1_234_567, "1,234,567")]
        {
            assert_eq!(by_thousands(count), expected);
        }
    }
}
