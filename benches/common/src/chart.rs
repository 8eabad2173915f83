//! The chart of the README: for every format, verifying and issuing as times the bare cryptography, ourselves first.
//!
//! Bars begin at zero and every panel has a scale of its own: formats differ by more than their contestants do.

use std::error::Error;

use plotters::{
    coord::Shift,
    prelude::{DrawingArea, IntoDrawingArea, PathElement, RGBColor, Rectangle, SVGBackend, Text},
    style::{
        Color, IntoFont, ShapeStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

use crate::{
    contest::{BORROWED, OURS, Outcome, RAW},
    report::{Machine, Row},
};

/// The picture as SVG text.
pub fn draw(machine: &Machine, rows: &[Row]) -> Outcome<String> {
    let panels: Vec<[Panel<'_>; 2]> = formats(rows)
        .map(|format| ["verify", "issue"].map(|direction| Panel::new(rows, format!("{format} {direction}"))))
        .filter(|panels| panels.iter().any(|panel| !panel.bars.is_empty()))
        .collect();
    let heights: Vec<i32> = panels.iter().map(|pair| pair.iter().map(Panel::height).max().unwrap_or(0)).collect();
    let height = TOP + heights.iter().sum::<i32>() + BOTTOM;
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (u32::try_from(WIDTH)?, u32::try_from(height)?)).into_drawing_area();
        let canvas = Canvas(&area);
        canvas.0.fill(&PAPER)?;
        canvas.text(
            "Time an operation takes, in multiples of the bare cryptography (less is better)",
            (MARGIN, 28),
            19,
            INK,
            HPos::Left,
        )?;
        canvas.text("the line in each panel is the bare cryptography, 1 ×", (MARGIN, 50), 13, FAINT, HPos::Left)?;
        let mut y = TOP;
        for (pair, height) in panels.iter().zip(&heights) {
            for (panel, x) in pair.iter().zip([MARGIN, WIDTH / 2 + MARGIN / 2]) {
                panel.draw(&canvas, x, y)?;
            }
            y += height;
        }
        canvas.text(&machine.line(), (MARGIN, height - BOTTOM / 2), 12, FAINT, HPos::Left)?;
        area.present()?;
    }
    // A page may be dark: rules of a style sheet go before the attributes that plotters writes.
    let night = NIGHT.map(|(day, night)| format!("[fill='#{day}']{{fill:#{night}}}[stroke='#{day}']{{stroke:#{night}}}")).concat();
    Ok(svg.replacen("\">", &format!("\">\n<style>@media (prefers-color-scheme:dark){{{night}}}</style>"), 1))
}

/// The formats in the order of the rows.
fn formats(rows: &[Row]) -> impl Iterator<Item = &str> {
    rows.iter().filter(|row| row.name == OURS).filter_map(|row| row.group.strip_suffix(" verify"))
}

/// One format in one direction.
struct Panel<'a> {
    title: String,
    /// Ourselves, then the peers, the fastest first.
    bars: Vec<&'a Row>,
}

impl<'a> Panel<'a> {
    fn new(rows: &'a [Row], title: String) -> Self {
        let mut bars: Vec<&Row> = rows.iter().filter(|row| row.group == title && row.name != RAW && row.over_raw.is_some()).collect();
        let place = |row: &Row| (!ours(row), row.name == BORROWED, row.over_raw.unwrap_or(f64::MAX));
        bars.sort_by(|one, other| {
            let ((peer, borrowed, time), (other_peer, other_borrowed, other_time)) = (place(one), place(other));
            (peer, borrowed).cmp(&(other_peer, other_borrowed)).then(time.total_cmp(&other_time))
        });
        Self { title, bars }
    }

    fn height(&self) -> i32 {
        HEAD + BAR * i32::try_from(self.bars.len()).unwrap_or(0) + 18
    }

    fn draw(&self, canvas: &Canvas<'_, '_>, x: i32, y: i32) -> Outcome {
        canvas.text(&self.title, (x, y + 8), 15, INK, HPos::Left)?;
        let longest = self.bars.iter().filter_map(|row| row.over_raw).fold(1.0, f64::max);
        let zero = x + LABEL;
        let at = |times: f64| zero + (times / longest * f64::from(LENGTH)).round() as i32;
        for (row, top) in self.bars.iter().zip((y + HEAD..).step_by(BAR as usize)) {
            let times = row.over_raw.unwrap_or(0.0);
            let (colour, text) = if ours(row) { (OUR_BAR, INK) } else { (PEER_BAR, FAINT) };
            // Versions are in the table; release candidates would not fit.
            let name = if ours(row) { row.name.as_str() } else { row.name.split(' ').next().unwrap_or_default() };
            canvas.text(name, (zero - 8, top + BAR / 2 - 2), 12, text, HPos::Right)?;
            canvas.0.draw(&Rectangle::new([(zero, top), (at(times), top + BAR - 5)], colour.filled()))?;
            let value = format!("{times:.2} × · {}", duration(row.ns.unwrap_or(0.0)));
            canvas.text(&value, (at(times) + 6, top + BAR / 2 - 2), 12, text, HPos::Left)?;
        }
        let bottom = y + HEAD + BAR * i32::try_from(self.bars.len())?;
        canvas.0.draw(&PathElement::new([(at(1.0), y + HEAD - 3), (at(1.0), bottom - 2)], ShapeStyle::from(RAW_LINE).stroke_width(2)))?;
        Ok(())
    }
}

fn ours(row: &Row) -> bool {
    row.name == OURS || row.name == BORROWED
}

fn duration(ns: f64) -> String {
    if ns < 10_000.0 { format!("{:.2} µs", ns / 1_000.0) } else { format!("{:.0} µs", ns / 1_000.0) }
}

struct Canvas<'a, 'b>(&'a DrawingArea<SVGBackend<'b>, Shift>);

impl Canvas<'_, '_> {
    fn text(&self, text: &str, at: (i32, i32), size: i32, colour: RGBColor, side: HPos) -> Result<(), Box<dyn Error>> {
        let style = TextStyle::from(("sans-serif", size).into_font()).color(&colour).pos(Pos::new(side, VPos::Center));
        Ok(self.0.draw(&Text::new(text.to_owned(), at, style))?)
    }
}

const WIDTH: i32 = 1_000;
const MARGIN: i32 = 24;
const TOP: i32 = 78;
const BOTTOM: i32 = 40;
/// Of a panel: its title, the names before the bars, the longest bar, one bar with its gap.
const HEAD: i32 = 26;
const LABEL: i32 = 150;
const LENGTH: i32 = 200;
const BAR: i32 = 21;

const PAPER: RGBColor = RGBColor(0xFD, 0xFD, 0xFB);
const INK: RGBColor = RGBColor(0x1F, 0x23, 0x28);
const FAINT: RGBColor = RGBColor(0x59, 0x63, 0x6E);
const OUR_BAR: RGBColor = RGBColor(0x1B, 0x7F, 0x5C);
const PEER_BAR: RGBColor = RGBColor(0xB4, 0xBC, 0xC6);
const RAW_LINE: RGBColor = RGBColor(0xC0, 0x39, 0x2B);
/// The same colours on a dark page.
const NIGHT: [(&str, &str); 6] =
    [("FDFDFB", "0D1117"), ("1F2328", "E6EDF3"), ("59636E", "9DA7B3"), ("1B7F5C", "2FB183"), ("B4BCC6", "4A535E"), ("C0392B", "FF7B72")];
