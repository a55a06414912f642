//! Event tensors: recordings of event cameras as tensors.
//!
//! A recording is a list of [`Event`]s of any length. A batch of recordings is one `i64` tensor `[batch, event, 4]` whose
//! columns are time in µs, x, y and polarity (0 or 1). Its second axis is as long as the longest recording of the batch;
//! shorter ones end with rows of −1, which are not events.

use ndarray::{ArcArray, IxDyn};

use crate::model::Tensor;

/// Number of columns of an event tensor.
pub const COLUMNS: usize = 4;

/// Row behind the last event of a recording that is shorter than the longest.
const PADDING: [i64; COLUMNS] = [-1; COLUMNS];

/// Change of brightness at a pixel, or a spike of another sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Event {
    /// Time in µs.
    pub time: i64,
    /// Column of the pixel, from the left.
    pub x: u16,
    /// Row of the pixel, from the top.
    pub y: u16,
    /// Direction of the change: 1 for brighter (ON), 0 for darker (OFF).
    pub polarity: u8,
}

/// Returns an event tensor of these recordings.
///
/// ```
/// use neurobench::data::events::{self, Event};
/// let event = |time, x| Event { time, x, y: 7, polarity: 1 };
/// let batch = events::tensor(&[vec![event(0, 3), event(250, 4)], vec![event(10, 5)]]);
/// assert_eq!(batch.shape(), [2, 2, 4]);
/// let second: Vec<Event> = events::recordings(&batch).unwrap().nth(1).unwrap().unwrap();
/// assert_eq!(second, [event(10, 5)]);
/// ```
#[must_use]
pub fn tensor<R: AsRef<[Event]>>(recordings: &[R]) -> Tensor {
    let longest = recordings.iter().map(|events| events.as_ref().len()).max().unwrap_or(0);
    let mut rows = Vec::with_capacity(recordings.len() * longest);
    for (index, events) in recordings.iter().enumerate() {
        let row = |event: &Event| [event.time, i64::from(event.x), i64::from(event.y), i64::from(event.polarity)];
        rows.extend(events.as_ref().iter().map(row));
        rows.resize((index + 1) * longest, PADDING);
    }
    let shape = [recordings.len(), longest, COLUMNS];
    let rows = ArcArray::from_shape_vec(IxDyn(&shape), rows.into_flattened());
    // The number of rows is the product of these lengths by construction.
    rows.map_or_else(|_| unreachable!("rows fill their shape"), Tensor::I64)
}

/// Iterates over the recordings of an event tensor; `None` if it is not one by its number format and shape.
///
/// A recording is an error if one of its rows is not an event: a negative time, a pixel beyond 65535, another polarity than
/// 0 and 1, or an event behind a row of −1.
pub fn recordings(tensor: &Tensor) -> Option<impl Iterator<Item = Result<Vec<Event>, String>>> {
    let Tensor::I64(array) = tensor else { return None };
    let [batch, length, COLUMNS] = *array.shape() else { return None };
    let array = array.as_standard_layout();
    Some((0..batch).map(move |sample| {
        let rows = array.as_slice().unwrap_or_default().as_chunks::<COLUMNS>().0;
        events(&rows[sample * length..][..length])
    }))
}

fn events(rows: &[[i64; COLUMNS]]) -> Result<Vec<Event>, String> {
    let length = rows.iter().position(|row| row[0] < 0 && *row == PADDING).unwrap_or(rows.len());
    let (rows, rest) = rows.split_at(length);
    if let Some(beyond) = rest.iter().position(|row| *row != PADDING) {
        return Err(format!("row {} follows the end of the recording, a row of -1", length + beyond));
    }
    // All are tested first, so that they are converted without a test of each.
    if !rows.iter().fold(true, |valid, row| valid & is_event(row)) {
        let index = rows.iter().position(|row| !is_event(row)).unwrap_or_default();
        return Err(format!("row {index} is not an event: {:?}", rows[index]));
    }
    let event = |[time, x, y, polarity]: &[i64; COLUMNS]| Event {
        time: *time,
        x: *x as u16,
        y: *y as u16,
        polarity: *polarity as u8,
    };
    Ok(rows.iter().map(event).collect())
}

fn is_event([time, x, y, polarity]: &[i64; COLUMNS]) -> bool {
    let pixels = 0..=i64::from(u16::MAX);
    (*time >= 0) & pixels.contains(x) & pixels.contains(y) & (0..=1).contains(polarity)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn a_batch_returns_its_recordings_whatever_their_lengths() {
        let event = |time| Event { time, x: 65535, y: 0, polarity: 0 };
        let lists = [vec![], vec![event(0)], vec![event(1), event(1), event(i64::MAX)]];
        let batch = tensor(&lists);
        assert_eq!(batch.shape(), [3, 3, 4]);
        let read: Vec<Vec<Event>> = recordings(&batch).unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(read, lists);
        assert_eq!(recordings(&tensor::<Vec<Event>>(&[])).unwrap().count(), 0);
    }

    #[test]
    fn other_tensors_and_rows_that_are_not_events_are_refused() {
        assert!(recordings(&array![[[0.0_f32, 0.0, 0.0, 0.0]]].into()).is_none());
        assert!(recordings(&array![[[0_i64, 0, 0]]].into()).is_none());
        let problem = |rows| recordings(&Tensor::I64(rows)).unwrap().next().unwrap().unwrap_err();
        for row in [[-2, 0, 0, 0], [0, 65536, 0, 0], [0, 0, -1, 0], [0, 0, 0, 2]] {
            let rows = ArcArray::from_shape_vec(IxDyn(&[1, 1, 4]), row.to_vec()).unwrap();
            assert_eq!(
                problem(rows),
                format!("row 0 is not an event: [{}, {}, {}, {}]", row[0], row[1], row[2], row[3])
            );
        }
        let rows = array![[[0, 0, 0, 0], [-1, -1, -1, -1], [0, 0, 0, 0]]].into_dyn().into_shared();
        assert_eq!(problem(rows), "row 2 follows the end of the recording, a row of -1");
    }
}
