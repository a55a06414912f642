//! PNG files, drawn from the SVG.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{Options, Tree};

use super::{DrawError, text};

/// Pixels per inch that make a CSS pixel one pixel of the image.
const PER_INCH: f64 = 96.0;

/// Largest number of pixels of an image.
const LARGEST: f64 = 1e8;

static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| Arc::new(text::database()));

/// Draws an SVG with the embedded font alone, so that the fonts of the machine do not change the image.
pub(super) fn rasterize(svg: &str, resolution: f64) -> Result<Vec<u8>, DrawError> {
    if !(10.0..=2400.0).contains(&resolution) {
        return Err(DrawError::Size(format!("a resolution of {resolution} pixels per inch: must be from 10 to 2400")));
    }
    let options = Options { fontdb: Arc::clone(&FONTS), font_family: "Arimo".to_owned(), ..Options::default() };
    let failed = |error: &dyn std::fmt::Display| DrawError::Image(error.to_string());
    let tree = Tree::from_str(svg, &options).map_err(|error| failed(&error))?;
    let scale = resolution / PER_INCH;
    let size = [tree.size().width(), tree.size().height()].map(|side| (f64::from(side) * scale).ceil());
    if size[0] * size[1] > LARGEST {
        return Err(DrawError::Size(format!(
            "an image of {} by {} pixels: set a smaller size or resolution",
            size[0], size[1]
        )));
    }
    let mut image = Pixmap::new(size[0] as u32, size[1] as u32)
        .ok_or_else(|| DrawError::Size("an image without pixels; set a larger size".to_owned()))?;
    resvg::render(&tree, Transform::from_scale(scale as f32, scale as f32), &mut image.as_mut());
    image.encode_png().map_err(|error| failed(&error))
}
