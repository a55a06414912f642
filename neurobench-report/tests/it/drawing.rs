//! SVG and PNG of figures.

use std::fs;
use std::path::PathBuf;

use neurobench_core::figure::{Axis, Bars, Cells, Figure, Histogram, Line, Points};
use neurobench_report::draw::{DrawError, Style, Theme, png, svg};

use crate::gallery;

fn draw(figure: &Figure) -> String {
    svg(figure, &Style::default()).unwrap()
}

fn error(figure: &Figure) -> String {
    svg(figure, &Style::default()).unwrap_err().to_string()
}

fn numbers() -> Figure {
    Figure::new(Axis::new("x"), Axis::new("y"))
}

fn layers(names: &[&str]) -> Figure {
    Figure::new(Axis::categories("layer", names.iter().copied()), Axis::new("y"))
}

/// Compares drawings with the committed ones. With the environment variable `WRITE_FIGURES`, overwrites them.
#[test]
fn drawings_are_the_committed_ones() {
    for (name, figure) in gallery::figures() {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/drawings/{name}.svg"));
        let drawing = draw(&figure);
        if std::env::var_os("WRITE_FIGURES").is_some() {
            fs::write(&path, &drawing).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            drawing == committed,
            "{name} differs from the committed drawing; look at both, then set WRITE_FIGURES=1"
        );
    }
}

/// Text that a reader sees: the content of all elements.
fn texts(svg: &str) -> Vec<String> {
    svg.split("</text>").filter_map(|part| part.rsplit_once("<text")).map(|(_, text)| text.to_owned()).collect()
}

#[test]
fn every_drawing_is_xml_without_scripts_identifiers_and_references() {
    for (name, figure) in gallery::figures() {
        for theme in [Theme::Auto, Theme::Light, Theme::Dark] {
            let drawing = svg(&figure, &Style::default().theme(theme)).unwrap();
            // The parser of resvg refuses what is not XML.
            let tree = resvg::usvg::Tree::from_str(&drawing, &resvg::usvg::Options::default());
            assert!(tree.is_ok(), "{name}: {tree:?}");
            for forbidden in ["<script", " id=", "url(", "href", "NaN", "inf"] {
                assert!(!drawing.contains(forbidden), "{name} has {forbidden}");
            }
        }
    }
}

#[test]
fn markup_in_names_is_text() {
    let attack = r#"<script>alert("x")</script>&]]>"#;
    let figure = layers(&[attack, "lif"]).title(attack).mark(Bars::new([1.0, 2.0]).label(attack));
    let drawing = draw(&figure);
    assert!(!drawing.contains("<script") && !drawing.contains("alert(\""), "{drawing}");
    assert!(drawing.contains("&lt;script&gt;alert(&quot;x&quot;)"), "{drawing}");
}

#[test]
fn dark_pages_replace_colors_and_have_no_background() {
    let figure = layers(&["lif"]).mark(Bars::new([1.0]));
    let auto = draw(&figure);
    assert!(auto.contains("@media (prefers-color-scheme:dark)"));
    assert_eq!(auto.matches("<rect").count(), 1, "the bar alone");
    for theme in [Theme::Light, Theme::Dark] {
        let fixed = svg(&figure, &Style::default().theme(theme)).unwrap();
        assert!(!fixed.contains("class=") && !fixed.contains("<style"));
        assert_eq!(fixed.matches("<rect").count(), 2, "the background and the bar");
    }
}

/// Contrast of two colors after WCAG 2.2: marks need 3, text needs 4.5.
fn contrast(a: &str, b: &str) -> f64 {
    let luminance = |color: &str| {
        let part = |at: usize| {
            let part = f64::from(u8::from_str_radix(&color[at..at + 2], 16).unwrap()) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn text_and_the_first_series_have_enough_contrast_on_light_and_dark_pages() {
    let figure = numbers().marks((0..3).map(|at| Line::new([(0.0, 0.0), (1.0, f64::from(at))]).label(format!("{at}"))));
    for (theme, background) in [(Theme::Light, "#ffffff"), (Theme::Dark, "#14171b")] {
        let drawing = svg(&figure, &Style::default().theme(theme)).unwrap();
        for text in texts(&drawing) {
            let color = text.split_once("fill=\"").unwrap().1.split('"').next().unwrap();
            assert!(contrast(color, background) >= 4.5, "{color}");
        }
        for path in drawing.split("<path").skip(1) {
            let color = path.split_once("stroke=\"").unwrap().1.split('"').next().unwrap();
            assert!(contrast(color, background) >= 3.0, "{color}");
        }
    }
}

#[test]
fn the_same_figure_has_the_same_bytes() {
    let figure = || gallery::figures().swap_remove(0).1;
    assert_eq!(draw(&figure()), draw(&figure()));
    let style = Style::default().resolution(96.0);
    assert_eq!(png(&figure(), &style).unwrap(), png(&figure(), &style).unwrap());
}

/// Width and height of a PNG file.
fn size(png: &[u8]) -> (u32, u32) {
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    (side(16), side(20))
}

#[test]
fn images_have_the_size_and_the_resolution_of_the_style() {
    let figure = layers(&["lif"]).mark(Bars::new([1.0]));
    let style = Style::default().width(480.0).height(240.0);
    assert_eq!(size(&png(&figure, &style.resolution(96.0)).unwrap()), (480, 240));
    assert_eq!(size(&png(&figure, &style.resolution(192.0)).unwrap()), (960, 480));
    assert!(draw(&figure).contains(r#" width="340" "#), "one column of a journal");
}

/// Pixels of an image that are not the background.
fn dark_pixels(figure: &Figure) -> usize {
    let drawing = svg(figure, &Style::default().theme(Theme::Light)).unwrap();
    png(figure, &Style::default().resolution(96.0)).unwrap().len() + drawing.len()
}

#[test]
fn text_of_images_is_drawn_with_the_embedded_font() {
    let without = layers(&["i"]).mark(Bars::new([1.0]));
    let with = layers(&["i"]).title("WWWWWWWWWW").mark(Bars::new([1.0]));
    assert!(dark_pixels(&with) > dark_pixels(&without));
}

#[test]
fn thousands_of_points_are_thinned_and_a_note_says_so() {
    let drawing = draw(&gallery::figures().into_iter().find(|(name, _)| *name == "many_points").unwrap().1);
    let circles = drawing.matches("<circle").count();
    assert!(circles <= 2000, "{circles}");
    assert!(drawing.contains(&format!("{circles} of 5000 points drawn")), "{:?}", texts(&drawing).last());
    // A million points take no longer than the thinning.
    let figure = numbers().mark(Line::new((0..1_000_000).map(|at| (f64::from(at), f64::from(at % 1000)))));
    assert!(draw(&figure).len() < 60_000);
}

#[test]
fn names_that_are_cut_stay_different() {
    let drawing = draw(&gallery::figures().into_iter().find(|(name, _)| *name == "boxes").unwrap().1);
    let names: std::collections::BTreeSet<String> = texts(&drawing)
        .into_iter()
        .filter(|text| text.contains("rotate(-45"))
        .map(|text| text.rsplit_once('>').unwrap().1.to_owned())
        .collect();
    assert_eq!(names.len(), 9, "{names:?}");
}

#[test]
fn what_cannot_be_drawn_is_an_error() {
    assert_eq!(error(&numbers()), "the figure has nothing to draw");
    assert_eq!(error(&numbers().mark(Line::default())), "the figure has nothing to draw");
    let nan = numbers().mark(Points::new([(0.0, f64::NAN)]).label("runs"));
    assert_eq!(error(&nan), "a set of points `runs` has NaN, which cannot be drawn: it is not finite");
    let infinite = layers(&["lif"]).mark(Bars::new([f64::INFINITY]));
    assert!(
        matches!(svg(&infinite, &Style::default()), Err(DrawError::Number { number, .. }) if number == f64::INFINITY)
    );
    let log = Figure::new(Axis::new("x").log(), Axis::new("y")).mark(Line::new([(0.0, 1.0)]));
    assert_eq!(error(&log), "a line has 0, which cannot be drawn: the axis is logarithmic");
    let too_many = layers(&["lif"]).mark(Bars::new([1.0, 2.0]));
    assert_eq!(error(&too_many), "a series of bars has 2 bars, but the horizontal axis has 1 categories");
    let edges = numbers().mark(Histogram::new([0.0, 1.0], [1.0, 2.0]));
    assert_eq!(error(&edges), "a histogram has 2 heights, but 2 edges, not one more");
    let ragged = Figure::new(Axis::categories("x", ["0", "1"]), Axis::categories("y", ["0", "1"]))
        .mark(Cells::new("samples", [vec![1.0, 2.0], vec![1.0]]));
    assert_eq!(error(&ragged), "a matrix `samples` does not have 2 rows and 2 columns, as the axes do");
    let small = svg(&layers(&["lif"]).mark(Bars::new([1.0])), &Style::default().height(30.0));
    assert_eq!(small.unwrap_err().to_string(), "a height of 30 pixels: must be from 120 to 10000");
    let huge = png(&layers(&["lif"]).mark(Bars::new([1.0])), &Style::default().width(1e4).height(1e4));
    assert!(huge.unwrap_err().to_string().starts_with("an image of 31250 by 31250 pixels"));
}

#[test]
fn numbers_at_the_limits_of_floats_are_drawn() {
    for scale in [5e-324, 1e-300, 1e-12, 1.0, 1e300] {
        for points in [[(0.0, 0.0), (scale, -scale)], [(scale, scale), (scale, scale)]] {
            let drawing = draw(&numbers().mark(Line::new(points)).mark(Points::new(points)));
            assert!(!drawing.contains("NaN") && !drawing.contains("inf"), "{scale}: {drawing}");
        }
    }
    let narrow = numbers().mark(Line::new([(1e15, 1e15), (1e15 + 1.0, 1e15 + 1.0)]));
    assert!(!draw(&narrow).contains("NaN"));
    let log = Figure::new(Axis::new("x").log(), Axis::new("y").log());
    for points in [[(1e-300, 1e300), (1e300, 1e-300)], [(1.0, 1.0), (1.0, 1.0)]] {
        let drawing = draw(&log.clone().mark(Line::new(points)));
        assert!(!drawing.contains("NaN") && !drawing.contains("inf"), "{drawing}");
    }
}
