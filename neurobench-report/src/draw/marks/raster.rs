//! Spike rasters.

use std::fmt::Write;

use neurobench_core::figure::Raster;

use super::Plane;
use crate::draw::canvas::{Canvas, Look, Number};
use crate::draw::paint::Paint;
use crate::draw::thin;

/// Draws a short vertical line for each event, all in one path.
pub(super) fn draw(canvas: &mut Canvas, plane: Plane<'_>, raster: &Raster, paint: Paint) {
    let count = raster.events.len();
    let height = (0.8 * plane.y.unit()).clamp(0.9, 7.0);
    let width = (0.6 * plane.x.unit()).clamp(0.5, 1.3);
    let mut data = String::new();
    for at in thin::one_of_every(count, count.div_ceil(thin::EVENTS).max(1)) {
        let event = raster.events[at];
        if plane.contains(event) {
            let (x, y) = plane.at(event);
            // Writing to a string does not fail.
            let _ = write!(data, "M{} {}v{}", Number(x), Number(y - 0.5 * height), Number(height));
        }
    }
    canvas.path(&data, Look::stroke(paint, width), "");
}
