//! Writing of safetensors files.

use std::path::Path;

use safetensors::tensor::TensorView;

use crate::pytorch::NamedTensor;
use crate::pytorch::error::{PytorchError, shown};
use neurobench_core::files::put;
use neurobench_network::format::stored_dtype;

/// Key of an entry of the format that is not a tensor.
const METADATA: &str = "__metadata__";

/// Writes a temporary file next to the target, and renames it when it is complete.
pub(super) fn write(tensors: &[NamedTensor], path: &Path) -> Result<(), PytorchError> {
    let content = serialize(tensors)?;
    put(path, &content).map_err(|problem| PytorchError::Write { file: path.to_owned(), problem })
}

fn serialize(tensors: &[NamedTensor]) -> Result<Vec<u8>, PytorchError> {
    let fail = |problem: String| PytorchError::Safetensors { problem };
    if tensors.iter().any(|tensor| tensor.name == METADATA) {
        return Err(fail(format!("no tensor may be named `{METADATA}`, which the format reserves")));
    }
    let views = tensors.iter().map(|tensor| {
        let view = TensorView::new(stored_dtype(tensor.dtype), tensor.shape.clone(), &tensor.bytes);
        Ok((tensor.name.as_str(), view.map_err(|error| fail(format!("tensor `{}`: {error}", shown(&tensor.name))))?))
    });
    let views = views.collect::<Result<Vec<_>, PytorchError>>()?;
    safetensors::serialize(views, None).map_err(|error| fail(error.to_string()))
}
