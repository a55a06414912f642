//! Identities for any boxes.

use neurobench::metrics::{CocoSummary, MatchedBoxes, MeanAveragePrecision};
use proptest::prelude::*;

use super::{Sample, value};

/// Corners and sides in whole pixels, so that moved boxes have the same overlaps.
fn rectangle() -> impl Strategy<Value = [f64; 4]> {
    (0..40_i32, 0..40_i32, 1..120_i32, 1..120_i32).prop_map(|(x, y, w, h)| [x, y, w, h].map(f64::from))
}

/// Box, class, and a crowd flag or four times the score.
type Row<T> = ([f64; 4], i32, T);

fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let target = (rectangle(), 0..2_i32, prop::bool::weighted(0.1));
    let prediction = (rectangle(), 0..2_i32, 0..20_i32);
    let sample = (prop::collection::vec(target, 1..5), prop::collection::vec(prediction, 0..6));
    prop::collection::vec(sample, 1..4).prop_map(|samples| {
        let row = |[x, y, w, h]: [f64; 4], class: i32| vec![0.0, x, y, w, h, f64::from(class)];
        let sample = |(targets, predictions): (Vec<Row<bool>>, Vec<Row<i32>>)| {
            let mut sample = Sample::default();
            for (at, (box_, class, crowd)) in targets.into_iter().enumerate() {
                // The first object is not a crowd, so there is always a value.
                let crowd = f64::from(u8::from(crowd && at > 0));
                sample.targets.push([row(box_, class), vec![crowd, box_[2] * box_[3]]].concat());
            }
            for (box_, class, score) in predictions {
                sample.predictions.push([row(box_, class), vec![f64::from(score) / 4.0]].concat());
            }
            sample
        };
        samples.into_iter().map(sample).collect()
    })
}

fn precision(samples: &[Sample]) -> f64 {
    value(MeanAveragePrecision::default(), samples, 2).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn batches_change_nothing(samples in samples()) {
        let whole = value(CocoSummary::default(), &samples, 4).unwrap();
        prop_assert_eq!(value(CocoSummary::default(), &samples, 1).unwrap(), whole);
        prop_assert_eq!(whole.ap, Some(precision(&samples)));
    }

    #[test]
    fn objects_themselves_are_found(samples in samples()) {
        let mut perfect = samples;
        for sample in &mut perfect {
            let required = sample.targets.iter().filter(|row| row[6] == 0.0);
            sample.predictions = required.map(|row| [&row[..6], &[0.5]].concat()).collect();
        }
        prop_assert_eq!(precision(&perfect), 1.0);
        prop_assert_eq!(value(CocoSummary::default(), &perfect, 2).unwrap().ar, Some(1.0));
    }

    #[test]
    fn growing_scores_and_moved_boxes_change_nothing(samples in samples(), shift in 0..100_i32) {
        let mut moved = samples.clone();
        for sample in &mut moved {
            for row in sample.targets.iter_mut().chain(&mut sample.predictions) {
                row[1] += f64::from(shift);
                row[2] += f64::from(shift);
            }
            for row in &mut sample.predictions {
                row[6] = row[6].exp() - 3.0;
            }
        }
        prop_assert_eq!(precision(&moved), precision(&samples));
    }

    #[test]
    fn wrong_detections_of_the_lowest_score_cost_nothing(samples in samples()) {
        let mut more = samples.clone();
        for sample in &mut more {
            sample.predictions.push(vec![0.0, 5000.0, 5000.0, 10.0, 10.0, 0.0, -1.0]);
        }
        prop_assert_eq!(precision(&more), precision(&samples));
    }

    #[test]
    fn figures_are_ordered(samples in samples()) {
        let figures = value(CocoSummary::default(), &samples, 2).unwrap();
        prop_assert!(figures.ap_50 >= figures.ap_75 && figures.ap_50 >= figures.ap);
        prop_assert!(figures.ar_1 <= figures.ar_10 && figures.ar_10 <= figures.ar);
    }

    #[test]
    fn filters_without_effect_change_nothing(samples in samples()) {
        let core = MatchedBoxes { min_side: 1.0, min_diagonal: 1.0, time_tolerance: 0.5, ..MatchedBoxes::default() };
        prop_assert_eq!(value(MeanAveragePrecision { core }, &samples, 2).unwrap(), precision(&samples));
    }
}
