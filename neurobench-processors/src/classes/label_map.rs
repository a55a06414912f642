//! Other numbers for classes.

use std::collections::HashMap;

use neurobench_core::component::Settings as _;
use neurobench_core::model::Tensor;
use neurobench_core::preprocessor;
use neurobench_core::process::{Preprocessor, ProcessError};

use super::whole_numbers;

const NAME: &str = LabelMap::ABOUT.name;

/// Replaces classes among the targets: a class becomes the zero-based index of the group that lists it.
///
/// `groups = [[3], [5, 8]]` makes class 3 class 0 and the classes 5 and 8 class 1. Targets are whole numbers of any shape,
/// which stays; the result is `i64`. A class in no group is an error, or becomes `other`.
#[preprocessor]
pub fn label_map(
    /// Classes of each new class.
    #[param]
    groups: Vec<Vec<i64>>,
    /// New class of classes that are in no group; by default they are errors.
    #[param(default = None)]
    other: Option<i64>,
) -> Result<impl Preprocessor, String> {
    let mut classes = HashMap::new();
    for (group, members) in (0_i64..).zip(&groups) {
        for class in members {
            if let Some(earlier) = classes.insert(*class, group) {
                return Err(format!("`groups`: class {class} is in group {earlier} and in group {group}"));
            }
        }
    }
    Ok(move |inputs: Tensor, targets: Tensor| -> Result<_, ProcessError> {
        let targets = whole_numbers(&targets, NAME)?;
        let per_sample = targets.shape().iter().skip(1).product::<usize>().max(1);
        let unknown = targets.iter().position(|class| other.is_none() && !classes.contains_key(class));
        if let Some((place, class)) = unknown.and_then(|place| Some((place, targets.iter().nth(place)?))) {
            let problem = format!("class {class} is in no group");
            return Err(ProcessError::Sample { processor: NAME, sample: place / per_sample, problem });
        }
        let mapped = targets.mapv(|class| classes.get(&class).copied().or(other).unwrap_or(class));
        Ok((inputs, mapped.into()))
    })
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn mapped(groups: &[&[i64]], other: Option<i64>, targets: impl Into<Tensor>) -> Result<Tensor, String> {
        let groups = groups.iter().map(|group| group.to_vec()).collect();
        let processed = label_map(groups, other)?.process(Tensor::default(), targets.into());
        processed.map(|(_, targets)| targets).map_err(|error| error.to_string())
    }

    #[test]
    fn classes_become_the_indices_of_their_groups() {
        assert_eq!(mapped(&[&[3], &[5, 8]], None, array![8_u8, 3, 5]).unwrap(), array![1_i64, 0, 1].into());
        assert_eq!(mapped(&[&[3]], Some(9), array![[3.0_f32, 4.0]]).unwrap(), array![[0_i64, 9]].into());
    }

    #[test]
    fn unknown_and_ambiguous_classes_are_errors() {
        let unknown = mapped(&[&[3]], None, array![[3_i64, 3], [3, 4]]).unwrap_err();
        assert_eq!(unknown, "`label_map`: sample 1: class 4 is in no group");
        let ambiguous = mapped(&[&[3], &[4, 3]], None, array![3_i64]).unwrap_err();
        assert_eq!(ambiguous, "`groups`: class 3 is in group 0 and in group 1");
        let fraction = mapped(&[&[3]], None, array![3.0_f64, 0.5]).unwrap_err();
        assert_eq!(fraction, "`label_map`: sample 1: 0.5 is not a whole number");
    }
}
