//! Classes and functions that a pickle may refer to. None of them is called: the machine creates the equivalent values.

use crate::pytorch::error::{PytorchError, shown};
use neurobench_core::model::Dtype;

/// A known class or function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Global {
    OrderedDict,
    RebuildTensor,
    RebuildParameter,
    /// A class of storages, with the type of its numbers if it has one.
    Storage(Option<Dtype>),
}

/// Finds `module.name`.
pub(super) fn find(module: &str, name: &str, at: usize) -> Result<Global, PytorchError> {
    Ok(match (module, name) {
        ("collections", "OrderedDict") => Global::OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2") => Global::RebuildTensor,
        ("torch._utils", "_rebuild_parameter") => Global::RebuildParameter,
        ("torch", "DoubleStorage") => Global::Storage(Some(Dtype::F64)),
        ("torch", "FloatStorage") => Global::Storage(Some(Dtype::F32)),
        ("torch", "HalfStorage") => Global::Storage(Some(Dtype::F16)),
        ("torch", "BFloat16Storage") => Global::Storage(Some(Dtype::Bf16)),
        ("torch", "LongStorage") => Global::Storage(Some(Dtype::I64)),
        ("torch", "IntStorage") => Global::Storage(Some(Dtype::I32)),
        ("torch", "ShortStorage") => Global::Storage(Some(Dtype::I16)),
        ("torch", "CharStorage") => Global::Storage(Some(Dtype::I8)),
        ("torch", "ByteStorage") => Global::Storage(Some(Dtype::U8)),
        ("torch", "BoolStorage") => Global::Storage(Some(Dtype::Bool)),
        ("torch.storage", "UntypedStorage") => Global::Storage(None),
        _ => {
            let global = shown(&format!("{module}.{name}"));
            return Err(PytorchError::Global { at, global, hint: hint(module, name) });
        }
    })
}

/// Suggestion for a class or function that is not allowed.
fn hint(module: &str, name: &str) -> &'static str {
    match (module, name) {
        ("torch", "ComplexFloatStorage" | "ComplexDoubleStorage") => "complex numbers are not supported",
        ("torch._utils", "_rebuild_qtensor")
        | ("torch", "QInt8Storage" | "QUInt8Storage" | "QInt32Storage" | "QUInt4x2Storage" | "QUInt2x4Storage") => {
            "quantized tensors are not supported; `dequantize()` them before saving"
        }
        ("torch._utils", "_rebuild_sparse_tensor") => {
            "sparse tensors are not supported; use `to_dense()` before saving"
        }
        ("torch._utils", "_rebuild_tensor_v3") => {
            "a tensor of a type other than float64, float32, float16, bfloat16, int64, int32, int16, int8, uint8 and bool"
        }
        ("torch._tensor", "_rebuild_from_type_v2") | ("torch._utils", "_rebuild_parameter_with_state") => {
            "a tensor of a custom class or with attributes; `detach()` it before saving"
        }
        ("torch.nn", _) => MODULE,
        (module, _) if module.starts_with("torch.nn.") || module.starts_with("snntorch.") => MODULE,
        _ => {
            "only tensors, numbers and text in dictionaries, lists and tuples are supported; if a whole model was saved, \
             save `model.state_dict()` instead"
        }
    }
}

const MODULE: &str = "a whole model was saved; save `model.state_dict()` instead";
