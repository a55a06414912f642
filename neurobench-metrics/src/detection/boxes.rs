//! Rows of numbers as boxes.

use ndarray::{ArrayView1, ArrayView2, Axis};

use crate::place::{Part, Place};
use neurobench_core::metric::{Context, Needs};
use neurobench_core::prelude::*;

/// A rectangle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rectangle {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Rectangle {
    pub(super) fn area(&self) -> f64 {
        self.width * self.height
    }

    /// The area that two have in common.
    pub(super) fn intersection(&self, other: &Self) -> f64 {
        let width = (self.x + self.width).min(other.x + other.width) - self.x.max(other.x);
        let height = (self.y + self.height).min(other.y + other.height) - self.y.max(other.y);
        if width > 0.0 && height > 0.0 { width * height } else { 0.0 }
    }
}

/// What is there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Object {
    pub(super) time: f64,
    pub(super) rectangle: Rectangle,
    /// None in a row that only names an image.
    pub(super) class: Option<i64>,
    pub(super) crowd: bool,
    pub(super) area: f64,
}

/// What was found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Detection {
    pub(super) time: f64,
    pub(super) rectangle: Rectangle,
    pub(super) class: i64,
    pub(super) score: f64,
}

/// The rows of detections and of objects of a batch: predictions `[samples, boxes, 7]` and targets `[samples, boxes, 6 to 8]`.
#[derive(Clone, Debug)]
pub struct BoxRows<'a> {
    detections: Predictions<'a, Ix3>,
    objects: Targets<'a, Ix3>,
}

impl<'a> BoxRows<'a> {
    /// From predictions and targets, for calling a metric's function directly.
    ///
    /// # Errors
    ///
    /// Another number of columns, or of samples.
    pub fn new(predictions: Predictions<'a, Ix3>, targets: Targets<'a, Ix3>) -> Result<Self, MetricError> {
        let (detections, objects) = (predictions.shape(), targets.shape());
        if detections[2] != 7 {
            let problem = format!("shape {detections:?}, but [samples, boxes, 7] is needed");
            return Err(MetricError::input("predictions", problem));
        }
        if !(6..=8).contains(&objects[2]) {
            let problem = format!("shape {objects:?}, but [samples, boxes, 6 to 8] is needed");
            return Err(MetricError::input("targets", problem));
        }
        if detections[0] != objects[0] {
            let problem = format!("{} samples, but the targets have {}", detections[0], objects[0]);
            return Err(MetricError::input("predictions", problem));
        }
        Ok(Self { detections: predictions, objects: targets })
    }

    /// The rows of every sample: of detections and of objects.
    pub(super) fn samples(&self) -> impl Iterator<Item = (ArrayView2<'_, f64>, ArrayView2<'_, f64>)> {
        self.detections.axis_iter(Axis(0)).zip(self.objects.axis_iter(Axis(0)))
    }
}

impl<'a> Input<'a> for BoxRows<'a> {
    const NEEDS: Needs = Needs::BATCH;

    fn get(context: &'a Context<'_>) -> Result<Self, MetricError> {
        Self::new(Predictions::get(context)?, Targets::get(context)?)
    }
}

/// The objects of a sample, and the images that it names without one.
pub(super) fn objects(sample: usize, rows: &ArrayView2<'_, f64>) -> Result<Vec<Object>, MetricError> {
    let mut objects = Vec::new();
    for (at, row) in rows.rows().into_iter().enumerate() {
        let wrong = |problem: String| Place::part(sample, Part::Row(at)).refused("targets", problem);
        let class = class_of(&row).map_err(wrong)?;
        let time = row[0];
        if class.is_none() && time < 0.0 {
            continue;
        }
        let rectangle = rectangle_of(&row).map_err(wrong)?;
        let crowd = match row.get(6).copied().unwrap_or(0.0) {
            0.0 => false,
            1.0 => true,
            other => return Err(wrong(format!("{other} for a crowd is neither 0 nor 1"))),
        };
        let area = row.get(7).copied().unwrap_or_else(|| rectangle.area());
        if !(area.is_finite() && area >= 0.0) {
            return Err(wrong(format!("{area} is no area")));
        }
        objects.push(Object { time, rectangle, class, crowd, area });
    }
    Ok(objects)
}

/// The detections of a sample.
pub(super) fn detections(sample: usize, rows: &ArrayView2<'_, f64>) -> Result<Vec<Detection>, MetricError> {
    let mut detections = Vec::new();
    for (at, row) in rows.rows().into_iter().enumerate() {
        let wrong = |problem: String| Place::part(sample, Part::Row(at)).refused("predictions", problem);
        let Some(class) = class_of(&row).map_err(wrong)? else { continue };
        let rectangle = rectangle_of(&row).map_err(wrong)?;
        if !row[6].is_finite() {
            return Err(wrong(format!("the score {} is not finite", row[6])));
        }
        // One zero, so that equal scores are.
        detections.push(Detection { time: row[0], rectangle, class, score: row[6] + 0.0 });
    }
    Ok(detections)
}

/// The class, or none for −1.
fn class_of(row: &ArrayView1<'_, f64>) -> Result<Option<i64>, String> {
    match row[5] {
        -1.0 => Ok(None),
        class if class.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&class) => Ok(Some(class as i64)),
        other => Err(format!("{other} is no class: whole numbers from 0 are, and -1 for no box")),
    }
}

fn rectangle_of(row: &ArrayView1<'_, f64>) -> Result<Rectangle, String> {
    let [time, x, y, width, height] = [0, 1, 2, 3, 4].map(|column| row[column]);
    if !(time.is_finite() && time >= 0.0) {
        return Err(format!("{time} is no time since the start"));
    }
    if ![x, y, width, height].iter().all(|side| side.is_finite()) || width < 0.0 || height < 0.0 {
        return Err(format!("x {x}, y {y}, width {width}, height {height} is no box"));
    }
    Ok(Rectangle { x, y, width, height })
}
