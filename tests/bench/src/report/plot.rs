//! A picture of what each side adds to a request: bars, with the middle half of the rounds as a line.

use std::error::Error;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::error::BenchError;
use crate::sides::{Base, SideResult};
use crate::statistics::Spread;

const WIDTH: u32 = 900;
const BAR: u32 = 26;
const AROUND: u32 = 100;
const NAMES: u32 = 360;
const OURS: RGBColor = RGBColor(0x1f, 0x6f, 0xb2);
const OTHERS: RGBColor = RGBColor(0x9a, 0xa5, 0xb1);

struct Bar {
    name: String,
    is_ours: bool,
    added: Spread,
}

/// Returns the picture as SVG.
pub(crate) fn draw(sides: &[SideResult]) -> Result<String, BenchError> {
    let bars: Vec<Bar> = sides.iter().filter_map(|side| bar(side, sides)).collect();
    let mut svg = String::new();
    paint(&mut svg, &bars).map_err(|error| BenchError::Drawing(error.to_string()))?;
    Ok(svg)
}

fn bar(side: &SideResult, all: &[SideResult]) -> Option<Bar> {
    if matches!(side.base, Base::Bare | Base::Buffered) {
        return None;
    }
    let keys = side.keys.map(super::table::count).unwrap_or_default();
    Some(Bar {
        name: format!("{} ({keys})", side.name.replace('`', "")),
        is_ours: side.name.starts_with("ours"),
        added: Spread::of(&side.added(all)),
    })
}

fn paint(svg: &mut String, bars: &[Bar]) -> Result<(), Box<dyn Error>> {
    let count = u32::try_from(bars.len())?;
    let longest = bars.iter().map(|bar| bar.added.high).fold(1.0, f64::max);
    let area = SVGBackend::with_string(svg, (WIDTH, count * BAR + AROUND)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(
            "CPU time a filter adds to a request, and the keys it knows",
            ("sans-serif", 18),
        )
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(NAMES)
        .build_cartesian_2d(0.0..longest * 1.15, f64::from(count)..0.0)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .x_desc("microseconds of Envoy's processor time; the line is the middle half of the rounds")
        .light_line_style(WHITE)
        .draw()?;
    for (row, bar) in (0_u32..).zip(bars) {
        paint_bar(&mut chart, f64::from(row), bar)?;
    }
    area.present()?;
    Ok(())
}

type Chart<'a, 'b> = ChartContext<
    'a,
    SVGBackend<'b>,
    Cartesian2d<plotters::coord::types::RangedCoordf64, plotters::coord::types::RangedCoordf64>,
>;

fn paint_bar(chart: &mut Chart<'_, '_>, row: f64, bar: &Bar) -> Result<(), Box<dyn Error>> {
    let middle = row + 0.5;
    let fill = if bar.is_ours { OURS } else { OTHERS };
    let end = bar.added.median.max(0.0);
    let right = Pos::new(HPos::Right, VPos::Center);
    let left = Pos::new(HPos::Left, VPos::Center);
    let font = ("sans-serif", 13).into_font();
    chart.draw_series([Rectangle::new(
        [(0.0, row + 0.15), (end, row + 0.85)],
        fill.filled(),
    )])?;
    chart.draw_series([PathElement::new(
        vec![
            (bar.added.low.max(0.0), middle),
            (bar.added.high.max(0.0), middle),
        ],
        BLACK,
    )])?;
    let style = font.into_text_style(chart.plotting_area());
    chart
        .draw_series([EmptyElement::at((0.0, middle))
            + Text::new(bar.name.clone(), (-8, 0), style.pos(right))])?;
    let value = format!("{:.1}", bar.added.median);
    chart.draw_series([EmptyElement::at((bar.added.high.max(end), middle))
        + Text::new(value, (6, 0), style.pos(left))])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_side_but_the_bases_has_a_bar() {
        let side = |name: &str, base| SideResult {
            name: name.to_owned(),
            keys: Some(100),
            base,
            cpu_us: vec![20.0],
            per_second: Vec::new(),
            latency: Vec::new(),
            start_ms: 0.0,
            resident_bytes: 0,
        };
        let svg = draw(&[
            side("nothing", Base::Bare),
            side("ours, header", Base::OfBare),
        ])
        .unwrap();
        assert!(svg.contains("ours, header (100)"));
        assert!(!svg.contains("nothing"));
    }
}
