//! Draws the pictures that Konnect's front-ends ask for, and rebuilds the crate when a migration,
//! template or asset is added; the macros that embed them see only known files.

use std::env;
use std::error::Error;
use std::path::PathBuf;

use tiny_skia::{
    Color, FillRule, GradientStop, LinearGradient, Paint, Path, PathBuilder, Pixmap, Point, Rect,
    Shader, SpreadMode, Transform,
};

/// Our mark, as in `assets/icon.svg`, is drawn on a square of this many units.
const UNITS: f32 = 32.0;

/// How long a side of the logo is, in pixels.
const LOGO: u16 = 256;

/// How wide and high the catalogue's cover is, in pixels.
const COVER: (u16, u16) = (1600, 400);

fn main() -> Result<(), Box<dyn Error>> {
    for folder in ["migrations", "templates", "assets"] {
        println!("cargo::rerun-if-changed={folder}");
    }
    let folder = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo names no folder")?);
    for (name, picture) in [("logo.png", logo()), ("cover.png", cover())] {
        let picture = picture.ok_or("a picture cannot be drawn")?;
        picture.save_png(folder.join(name))?;
    }
    Ok(())
}

fn logo() -> Option<Pixmap> {
    let mut picture = Pixmap::new(LOGO.into(), LOGO.into())?;
    let stone = polygon(&[(5.0, 4.0), (27.0, 4.0), (22.4, 28.0), (9.6, 28.0)])?;
    let shaft = polygon(&[(14.5, 14.5), (17.5, 14.5), (18.7, 22.5), (13.3, 22.5)])?;
    let bow = PathBuilder::from_circle(16.0, 13.0, 3.4)?;
    let scale = f32::from(LOGO) / UNITS;
    let scale = Transform::from_scale(scale, scale);
    for (path, colour) in [
        (stone, Color::from_rgba8(0x38, 0x46, 0xb8, 0xff)),
        (bow, Color::WHITE),
        (shaft, Color::WHITE),
    ] {
        let mut paint = Paint::default();
        paint.set_color(colour);
        picture.fill_path(&path, &paint, FillRule::Winding, scale, None);
    }
    Some(picture)
}

/// A plain ground: texts of whoever shows it stand on it.
fn cover() -> Option<Pixmap> {
    let mut picture = Pixmap::new(COVER.0.into(), COVER.1.into())?;
    let (width, height) = (f32::from(COVER.0), f32::from(COVER.1));
    let stops = vec![
        GradientStop::new(0.0, Color::from_rgba8(0xf7, 0xf7, 0xf9, 0xff)),
        GradientStop::new(1.0, Color::from_rgba8(0xdd, 0xe1, 0xfa, 0xff)),
    ];
    let gradient: Shader<'_> = LinearGradient::new(
        Point::from_xy(0.0, 0.0),
        Point::from_xy(width, height),
        stops,
        SpreadMode::Pad,
        Transform::identity(),
    )?;
    let paint = Paint {
        shader: gradient,
        ..Paint::default()
    };
    let all = Rect::from_xywh(0.0, 0.0, width, height)?;
    picture.fill_rect(all, &paint, Transform::identity(), None);
    Some(picture)
}

fn polygon(corners: &[(f32, f32)]) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (number, (x, y)) in corners.iter().enumerate() {
        if number == 0 {
            path.move_to(*x, *y);
        } else {
            path.line_to(*x, *y);
        }
    }
    path.close();
    path.finish()
}
