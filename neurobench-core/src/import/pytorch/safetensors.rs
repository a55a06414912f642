//! Tensors as a safetensors file.

use std::io::Write;
use std::path::Path;

use safetensors::tensor::TensorView;

use crate::import::pytorch::NamedTensor;
use crate::import::pytorch::error::{PytorchError, shown};
use crate::model::Dtype;

/// The key of the format's own entry, which is no tensor.
const METADATA: &str = "__metadata__";

/// Writes a file beside its place, and moves it there when it is whole.
pub(super) fn write(tensors: &[NamedTensor], path: &Path) -> Result<(), PytorchError> {
    let content = serialize(tensors)?;
    let put = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        // A temporary file is its owner's alone; this one is to be like any other that is written here.
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(&content)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    put().map_err(|problem| PytorchError::Write { file: path.to_owned(), problem })
}

fn serialize(tensors: &[NamedTensor]) -> Result<Vec<u8>, PytorchError> {
    let fail = |problem: String| PytorchError::Safetensors { problem };
    if tensors.iter().any(|tensor| tensor.name == METADATA) {
        return Err(fail(format!("a tensor named `{METADATA}`, which is the name of its own entry")));
    }
    let views = tensors.iter().map(|tensor| {
        let view = TensorView::new(dtype(tensor.dtype), tensor.shape.clone(), &tensor.bytes);
        Ok((tensor.name.as_str(), view.map_err(|error| fail(format!("tensor `{}`: {error}", shown(&tensor.name))))?))
    });
    let views = views.collect::<Result<Vec<_>, PytorchError>>()?;
    safetensors::serialize(views, None).map_err(|error| fail(error.to_string()))
}

fn dtype(dtype: Dtype) -> safetensors::Dtype {
    use safetensors::Dtype as Stored;
    match dtype {
        Dtype::Bool => Stored::BOOL,
        Dtype::U8 => Stored::U8,
        Dtype::I8 => Stored::I8,
        Dtype::U16 => Stored::U16,
        Dtype::I16 => Stored::I16,
        Dtype::U32 => Stored::U32,
        Dtype::I32 => Stored::I32,
        Dtype::U64 => Stored::U64,
        Dtype::I64 => Stored::I64,
        Dtype::F16 => Stored::F16,
        Dtype::Bf16 => Stored::BF16,
        Dtype::F32 => Stored::F32,
        Dtype::F64 => Stored::F64,
    }
}
