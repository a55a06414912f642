"""Records small PyTorch files beside this script.

Some must be read; others, such as hostile files, must be refused.

Needs torch==2.6.0 and safetensors==0.8.0; run without arguments. Every readable `NAME.pt` has a `NAME.safetensors`
with the tensors that PyTorch itself reads back (`torch.load`), under dotted names. `names.json` lists these names in
the order of the dictionaries. All other files must be refused.
"""

import collections
import io
import json
import os
import pickle
import zipfile
from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent
torch.manual_seed(0)
torch.set_num_threads(1)


def flattened(value, name=""):
    """Yields the names and tensors of nested containers."""
    if isinstance(value, torch.Tensor):
        yield name, value.detach()
    elif isinstance(value, (dict, list, tuple)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            yield from flattened(inner, f"{name}.{key}" if name else str(key))


def model():
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2, bias=False))


def readable():
    """Yields the name, content and save options of each file that must be read."""
    yield "state_dict", model().state_dict(), {}
    for protocol in [3, 4, 5]:
        yield f"protocol_{protocol}", model().state_dict(), {"pickle_protocol": protocol}

    numbers = torch.tensor([[0.5, -1.25, 3.0], [100.0, -0.0, 7.0]])
    dtypes = ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"]
    tensors = {dtype: numbers.abs().to(getattr(torch, dtype)) for dtype in dtypes}
    tensors["extremes"] = torch.tensor([torch.inf, -torch.inf, torch.nan, 1e-45])
    tensors["int64 extremes"] = torch.tensor([-(2**63), 2**63 - 1])
    yield "dtypes", tensors, {}

    cube = torch.arange(24.0).reshape(2, 3, 4)
    yield "views", {
        "permuted": cube.permute(2, 0, 1),
        "same storage": cube,
        "offset": cube[1, 1:, 2],
        "every other": cube[:, ::2, 1::2],
        "transposed": torch.arange(6, dtype=torch.int16).reshape(2, 3).T,
        "expanded": torch.tensor([[1.5], [2.5]]).expand(2, 5),
        "channels last": torch.arange(16.0).reshape(1, 2, 2, 4).to(memory_format=torch.channels_last),
        "number": torch.tensor(3.5),
        "one": cube[:1, :1, 3:],
        "empty": torch.zeros(0, 3),
        "empty view": cube[2:, :, 1],
    }, {}

    network = model()
    network[2].weight = torch.nn.Parameter(network[0].weight.T[:2].contiguous().T.detach())
    network.register_buffer("tied", network[1].weight.detach())
    optimizer = torch.optim.Adam(network.parameters())
    for parameter in network.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()
    yield "checkpoint", {
        "epoch": 3,
        "loss": 0.25,
        "seed": 2**100,
        "note": "größer",
        "done": True,
        "best": None,
        "model_state_dict": network.state_dict(),
        "parameters": dict(network.named_parameters()),
        "optimizer": optimizer.state_dict(),
        "history": {"train": [1.0, 0.5], "by epoch": {0.5: (1, 2)}},
        "list": [torch.ones(2), {"inner": torch.zeros(1)}, "text"],
        (1, 2): torch.ones(1),
    }, {}


class Call:
    """An object that pickles as a function call."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def refused():
    """Yields the name, content and save options of each file that must be refused."""
    yield "module", model(), {}
    yield "legacy", model().state_dict(), {"_use_new_zipfile_serialization": False}
    yield "hostile", {"0.weight": torch.zeros(2), "0.bias": Call(os.system, "echo hostile")}, {}
    yield "hostile_4", {"0.bias": Call(os.system, "echo hostile")}, {"pickle_protocol": 4}
    yield "hostile_eval", collections.OrderedDict(a=Call(eval, "print('hostile')")), {}
    yield "complex", {"a": torch.zeros(2, dtype=torch.complex64)}, {}
    yield "negative", {"a": torch._neg_view(torch.ones(2))}, {}
    yield "quantised", {"a": torch.quantize_per_tensor(torch.zeros(2), 0.1, 0, torch.qint8)}, {}
    yield "sparse", {"a": torch.eye(2).to_sparse()}, {}
    yield "unsigned", {"a": torch.zeros(2, dtype=torch.uint16)}, {}
    yield "set", {"a": {1, 2}}, {"pickle_protocol": 4}
    yield "tensor", torch.zeros(2), {}
    yield "storage", {"a": torch.zeros(2).untyped_storage()}, {}


def big_endian(path):
    """Returns the same archive with its byte order declared as big-endian."""
    content = io.BytesIO()
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(content, "w") as changed:
        for entry in archive.namelist():
            data = b"big" if entry.endswith("/byteorder") else archive.read(entry)
            changed.writestr(zipfile.ZipInfo(entry), data)
    return content.getvalue()


names = {}
for name, content, options in readable():
    torch.save(content, HERE / f"{name}.pt", **options)
    loaded = torch.load(HERE / f"{name}.pt", weights_only=False)
    if name == "checkpoint":
        del loaded[(1, 2)]
    tensors = dict(flattened(loaded))
    names[name] = list(tensors)
    save_file({key: tensor.clone().contiguous() for key, tensor in tensors.items()}, HERE / f"{name}.safetensors")
for name, content, options in refused():
    torch.save(content, HERE / f"{name}.pt", **options)
torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), HERE / "torchscript.pt")
(HERE / "big_endian.pt").write_bytes(big_endian(HERE / "state_dict.pt"))
(HERE / "pickle.pt").write_bytes(pickle.dumps({"a": 1}))
(HERE / "names.json").write_text(json.dumps(names, indent=1) + "\n")
