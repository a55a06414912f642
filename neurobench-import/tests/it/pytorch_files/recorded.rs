//! Files written by PyTorch.

use super::*;

#[test]
fn tensors_match_those_that_pytorch_reads() {
    let names: serde_json::Value = serde_json::from_slice(&fs::read(data("names.json")).unwrap()).unwrap();
    for name in READABLE {
        let state = load(name);
        assert_tensors(&state, &fs::read(data(&format!("{name}.safetensors"))).unwrap());
        let found: Vec<&str> = state.tensors().iter().map(|tensor| tensor.name.as_str()).collect();
        assert_eq!(serde_json::json!(found), names[name], "{name}");
    }
}

#[test]
fn nothing_of_a_plain_state_dict_is_skipped() {
    assert_eq!(load("state_dict").skipped(), []);
}

#[test]
fn values_that_are_not_tensors_are_listed() {
    let checkpoint = load("checkpoint");
    let skipped: Vec<_> = checkpoint.skipped().iter().map(|skipped| (skipped.name.as_str(), skipped.what)).collect();
    assert_eq!(
        skipped,
        [
            ("epoch", "an int"),
            ("loss", "a float"),
            ("seed", "an int"),
            ("note", "a str"),
            ("done", "a bool"),
            ("best", "None"),
            ("optimizer.param_groups", "a list without tensors"),
            ("history", "a dict without tensors"),
            ("list.2", "a str"),
            ("", "an entry whose key is a tuple"),
        ]
    );
}

#[test]
fn a_part_of_a_checkpoint_can_be_selected() {
    let model = load("checkpoint").into_part("model_state_dict").unwrap();
    let names: Vec<&str> = model.tensors().iter().map(|tensor| tensor.name.as_str()).collect();
    assert_eq!(names[..3], ["tied", "0.weight", "0.bias"]);
    assert_eq!(names.len(), 9);
    assert!(model.skipped().iter().any(|skipped| skipped.name == "optimizer.state.0.exp_avg"));
    let step = load("checkpoint").into_part("optimizer.state.0").unwrap();
    assert_eq!(step.tensors()[0].name, "step");

    let error = load("checkpoint").into_part("model_state").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no tensors within `model_state`; there are some within list, model_state_dict, optimizer, parameters"
    );
    let error = load("checkpoint").into_part("optimzer").unwrap_err();
    assert!(error.to_string().ends_with("; did you mean `optimizer`?"), "{error}");
    let error = load("views").into_part("model").unwrap_err();
    assert_eq!(error.to_string(), "no tensors within `model`; there are some within none");
}

#[test]
fn files_without_dense_tensors_are_rejected_with_a_reason() {
    let whole = "a whole model was saved; save `model.state_dict()` instead";
    let other = "only tensors, numbers and text in dictionaries, lists and tuples are supported; if a whole model was \
                 saved, save `model.state_dict()` instead";
    let refused = |at: usize, name: &str, why: &str| {
        format!("byte {at} of the pickle refers to `{name}`, which is not allowed: {why}")
    };
    let anew = "save the `state_dict()` of the model with `torch.save` instead";
    for (file, expected) in [
        ("module", refused(2, "torch.nn.modules.container.Sequential", whole)),
        (
            "legacy",
            "in the format of PyTorch 1.5 and older; load it with PyTorch and save it again with `torch.save`"
                .to_owned(),
        ),
        ("torchscript", format!("a TorchScript program; {anew}")),
        ("hostile", refused(181, "posix.system", other)),
        ("hostile_4", refused(39, "posix.system", other)),
        ("hostile_eval", refused(41, "__builtin__.eval", other)),
        ("complex", refused(64, "torch.ComplexFloatStorage", "complex numbers are not supported")),
        (
            "negative",
            "byte 172 of the pickle: a tensor with flags (it may be the negative of the stored numbers)".to_owned(),
        ),
        (
            "quantised",
            refused(
                13,
                "torch._utils._rebuild_qtensor",
                "quantized tensors are not supported; `dequantize()` them before saving",
            ),
        ),
        (
            "sparse",
            refused(
                13,
                "torch._utils._rebuild_sparse_tensor",
                "sparse tensors are not supported; use `to_dense()` before saving",
            ),
        ),
        (
            "unsigned",
            refused(
                13,
                "torch._utils._rebuild_tensor_v3",
                "a tensor of a type other than float64, float32, float16, bfloat16, int64, int32, int16, int8, uint8 and \
                 bool",
            ),
        ),
        (
            "set",
            "byte 17 of the pickle: opcode 0x8f, which creates a set: only tensors, numbers and text in \
             containers are supported"
                .to_owned(),
        ),
        ("tensor", "expected a state dict, found a tensor; save a dictionary such as `{\"name\": tensor}`".to_owned()),
        ("big_endian", "unsupported byte order \"big\": only \"little\" is supported".to_owned()),
        ("pickle", "not a file of `torch.save`, or damaged: it does not end like a zip archive".to_owned()),
    ] {
        assert_eq!(problem(&bytes(file)), expected, "{file}");
    }
    let path = data("module.pt");
    let message = StateDict::load(&path).unwrap_err().to_string();
    assert!(message.starts_with(&format!("{}: byte 2 of the pickle", path.display())), "{message}");
    let message = StateDict::load(data("absent.pt")).unwrap_err().to_string();
    assert!(message.contains("absent.pt: cannot be read: "), "{message}");
}

#[test]
fn storages_without_a_tensor_are_skipped() {
    let state = load("storage");
    assert_eq!(state.tensors(), []);
    assert_eq!((state.skipped()[0].name.as_str(), state.skipped()[0].what), ("a", "a storage"));
}
