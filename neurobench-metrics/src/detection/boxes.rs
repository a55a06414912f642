//! Boxes from rows of numbers.

use ndarray::{ArrayView1, ArrayView2, Axis};

use crate::place::{Part, Place};
use neurobench_core::metric::InputName;
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

    /// Area of the overlap of two rectangles.
    pub(super) fn intersection(&self, other: &Self) -> f64 {
        let width = (self.x + self.width).min(other.x + other.width) - self.x.max(other.x);
        let height = (self.y + self.height).min(other.y + other.height) - self.y.max(other.y);
        if width > 0.0 && height > 0.0 { width * height } else { 0.0 }
    }
}

/// Object of the targets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Object {
    pub(super) time: f64,
    pub(super) rectangle: Rectangle,
    /// Class, `None` in a row that only names an image.
    pub(super) class: Option<i64>,
    pub(super) crowd: bool,
    pub(super) area: f64,
}

/// Detection of the predictions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Detection {
    pub(super) time: f64,
    pub(super) rectangle: Rectangle,
    pub(super) class: i64,
    pub(super) score: f64,
}

/// Detections and objects of a batch, as rows: predictions `[samples, boxes, 7]` and targets `[samples, boxes, 6 to
/// 8]`.
#[derive(Clone, Debug)]
pub struct BoxRows<'a> {
    detections: Predictions<'a, Ix3>,
    objects: Targets<'a, Ix3>,
}

impl<'a> BoxRows<'a> {
    /// Creates the rows from predictions and targets, for calling a metric's function directly.
    ///
    /// # Errors
    ///
    /// Wrong numbers of columns, or different numbers of samples.
    pub fn new(predictions: Predictions<'a, Ix3>, targets: Targets<'a, Ix3>) -> Result<Self, MetricError> {
        let (detections, objects) = (predictions.shape(), targets.shape());
        if detections[2] != 7 {
            let problem = format!("expected [samples, boxes, 7], found shape {detections:?}");
            return Err(MetricError::input(InputName::Predictions, problem));
        }
        if !(6..=8).contains(&objects[2]) {
            let problem = format!("expected [samples, boxes, 6 to 8], found shape {objects:?}");
            return Err(MetricError::input(InputName::Targets, problem));
        }
        if detections[0] != objects[0] {
            let problem = format!("{} samples, but the targets have {}", detections[0], objects[0]);
            return Err(MetricError::input(InputName::Predictions, problem));
        }
        Ok(Self { detections: predictions, objects: targets })
    }

    /// Rows of every sample: detections and objects.
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

/// Objects of a sample, and the images that rows without an object name.
pub(super) fn objects(sample: usize, rows: &ArrayView2<'_, f64>) -> Result<Vec<Object>, MetricError> {
    let mut objects = Vec::new();
    for (at, row) in rows.rows().into_iter().enumerate() {
        let wrong = |problem: String| Place::part(sample, Part::Row(at)).error(InputName::Targets, problem);
        let class = class_of(&row).map_err(wrong)?;
        let time = row[0];
        if class.is_none() && time < 0.0 {
            continue;
        }
        let rectangle = rectangle_of(&row).map_err(wrong)?;
        let crowd = match row.get(6).copied().unwrap_or(0.0) {
            0.0 => false,
            1.0 => true,
            other => return Err(wrong(format!("the crowd flag {other} is neither 0 nor 1"))),
        };
        let area = row.get(7).copied().unwrap_or_else(|| rectangle.area());
        if !(area.is_finite() && area >= 0.0) {
            return Err(wrong(format!("the area {area} is not a finite number of at least 0")));
        }
        objects.push(Object { time, rectangle, class, crowd, area });
    }
    Ok(objects)
}

/// Detections of a sample.
pub(super) fn detections(sample: usize, rows: &ArrayView2<'_, f64>) -> Result<Vec<Detection>, MetricError> {
    let mut detections = Vec::new();
    for (at, row) in rows.rows().into_iter().enumerate() {
        let wrong = |problem: String| Place::part(sample, Part::Row(at)).error(InputName::Predictions, problem);
        let Some(class) = class_of(&row).map_err(wrong)? else { continue };
        let rectangle = rectangle_of(&row).map_err(wrong)?;
        if !row[6].is_finite() {
            return Err(wrong(format!("the score {} is not finite", row[6])));
        }
        // Adding 0 turns −0 into 0, so that equal scores compare as equal.
        detections.push(Detection { time: row[0], rectangle, class, score: row[6] + 0.0 });
    }
    Ok(detections)
}

/// Class of a row, `None` for −1.
fn class_of(row: &ArrayView1<'_, f64>) -> Result<Option<i64>, String> {
    match row[5] {
        -1.0 => Ok(None),
        class if class.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&class) => Ok(Some(class as i64)),
        other => Err(format!("the class {other} is not a whole number from 0, or -1 for no box")),
    }
}

fn rectangle_of(row: &ArrayView1<'_, f64>) -> Result<Rectangle, String> {
    let [time, x, y, width, height] = [0, 1, 2, 3, 4].map(|column| row[column]);
    if !(time.is_finite() && time >= 0.0) {
        return Err(format!("the time {time} is not a finite number of at least 0"));
    }
    if ![x, y, width, height].iter().all(|side| side.is_finite()) || width < 0.0 || height < 0.0 {
        return Err(format!(
            "x {x}, y {y}, width {width}, height {height} is not a box: all must be finite, and the sides at least 0"
        ));
    }
    Ok(Rectangle { x, y, width, height })
}
