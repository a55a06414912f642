"""Records small NIR graphs with the Python package nir 1.0.8.

`python record_nir.py` writes the `.nir` files beside this script: every
primitive, nested recurrent graphs, a file in the format of nir 0.1, and a
small file that declares 16 GiB.
All numbers are multiples of 1/8, so that the Rust test can state them exactly.

`python record_nir.py --check FILE..` compares files written by Rust with the
recorded graphs of the same names.
`cargo test -p neurobench-import nir_files` leaves them in `target/tmp/nir`.

Needs nir 1.0.8, h5py 3 and numpy 2.
"""

import sys
from pathlib import Path

import h5py
import nir
import numpy as np


def ramp(start, *shape, dtype=np.float32):
    """Returns start, start + 1/8, start + 2/8, ..; all are exact in single precision."""
    return (start + np.arange(np.prod(shape, dtype=int)).reshape(shape) / 8).astype(dtype)


def graph(nodes, edges, **settings):
    return nir.NIRGraph(nodes=nodes, edges=edges, type_check=False, **settings)


def shape(*lengths):
    return {"input": np.array(lengths)}


def output(*lengths):
    return nir.Output({"output": np.array(lengths)})


def primitives():
    wide = {"dtype": np.float64}
    nodes = {
        "input": nir.Input(shape(2, 6, 5), metadata={"source": "a camera"}),
        "affine": nir.Affine(ramp(-1, 3, 4), ramp(2, 3)),
        "several matrices": nir.Affine(ramp(-1, 2, 3, 4), ramp(2, 2, 3)),
        "linear": nir.Linear(ramp(0, 2, 3, **wide)),
        "scale": nir.Scale(ramp(1, 4)),
        "conv1d": nir.Conv1d(
            input_shape=9, weight=ramp(0, 4, 1, 3), stride=2, padding=1, dilation=3, groups=2, bias=ramp(0, 4)
        ),
        "conv1d same": nir.Conv1d(
            input_shape=9, weight=ramp(0, 4, 2, 3), stride=1, padding="same", dilation=1, groups=1, bias=ramp(0, 4)
        ),
        "conv2d": nir.Conv2d(
            input_shape=(6, 5),
            weight=ramp(0, 2, 2, 3, 2, **wide),
            stride=(2, 1),
            padding=(1, 0),
            dilation=(1, 2),
            groups=1,
            bias=ramp(1, 2, **wide),
        ),
        "conv2d one": nir.Conv2d(
            input_shape=(6, 5), weight=ramp(0, 2, 1, 3, 3), stride=2, padding=1, dilation=1, groups=2, bias=ramp(1, 2)
        ),
        "conv2d valid": nir.Conv2d(
            input_shape=(6, 5), weight=ramp(0, 2, 2, 3, 3), stride=1, padding="valid", dilation=1, groups=1, bias=ramp(1, 2)
        ),
        "sum": nir.SumPool2d(np.array([2, 3]), np.array([2, 1]), np.array([0, 1])),
        "average": nir.AvgPool2d(np.array([2, 2]), np.array([2, 2]), np.array([1, 1])),
        "flatten": nir.Flatten(shape(2, 6, 5), start_dim=0, end_dim=-1),
        "threshold": nir.Threshold(ramp(1, 3)),
        "delay": nir.Delay(ramp(0, 3, **wide)),
        "i": nir.I(ramp(1, 3)),
        "li": nir.LI(tau=ramp(1, 3), r=ramp(2, 3), v_leak=ramp(3, 3)),
        "if": nir.IF(r=ramp(1, 3), v_threshold=ramp(2, 3), v_reset=ramp(-1, 3)),
        "lif": nir.LIF(
            tau=ramp(1, 2, 2),
            r=ramp(2, 2, 2),
            v_leak=ramp(3, 2, 2),
            v_threshold=ramp(4, 2, 2),
            metadata={
                "reset_mechanism": "subtract",
                "dt": 0.125,
                "steps": 7,
                "learned": True,
                "single": np.float32(0.5),
                "delays": np.array([1, 2, 3]),
                "betas": ramp(0, 2),
                "names": ["first", "zweiter Tag: größer"],
                "more": {"nested": "text"},
            },
        ),
        "cubali": nir.CubaLI(tau_syn=ramp(1, 3), tau_mem=ramp(2, 3), r=ramp(3, 3), v_leak=ramp(4, 3), w_in=ramp(5, 3)),
        "cubalif": nir.CubaLIF(
            tau_syn=ramp(1, 3, **wide),
            tau_mem=ramp(2, 3, **wide),
            r=ramp(3, 3, **wide),
            v_leak=ramp(4, 3, **wide),
            v_threshold=ramp(5, 3, **wide),
            v_reset=ramp(6, 3, **wide),
        ),
        "größe.1 → 2": nir.Scale(ramp(1, 4)),
        "output": output(3),
    }
    edges = [("input", "conv2d"), ("affine", "lif"), ("größe.1 → 2", "output")]
    return graph(nodes, edges, metadata={"made_by": "record_nir.py"})


def neuron(*shape):
    return nir.LIF(tau=ramp(1, *shape), r=ramp(1, *shape), v_leak=ramp(0, *shape), v_threshold=ramp(1, *shape))


def nested():
    """Builds a graph with two nested levels; the innermost graph is recurrent."""
    inner = graph(
        {"in": nir.Input(shape(2)), "lif": neuron(2), "w": nir.Linear(ramp(0, 2, 2)), "out": output(2)},
        [("in", "lif"), ("lif", "out"), ("w", "lif"), ("lif", "w")],
        metadata={"role": "recurrent"},
    )
    middle = graph(
        {"input": nir.Input(shape(3)), "fc": nir.Linear(ramp(0, 2, 3)), "deep": inner, "output": output(2)},
        [("deep", "output"), ("fc", "deep"), ("input", "fc")],
    )
    nodes = {"input": nir.Input(shape(3)), "block": middle, "readout": nir.Linear(ramp(1, 1, 2)), "output": output(1)}
    return graph(nodes, [("block", "readout"), ("readout", "output"), ("input", "block")])


GRAPHS = {"primitives": primitives, "nested": nested}


def write_old(path):
    """Writes a file in the format of nir 0.1: nothing is compressed, and a LIF has no v_reset."""
    text = h5py.string_dtype()
    with h5py.File(path, "w") as file:
        file.create_dataset("version", data="0.1.1", dtype=text)
        node = file.create_group("node")
        node.create_dataset("type", data="NIRGraph", dtype=text)
        node.create_dataset("edges", data=[("input", "0"), ("0", "output")])
        for name in ["input", "output"]:
            end = node.create_group(f"nodes/{name}")
            end.create_dataset("type", data=name.capitalize(), dtype=text)
            end.create_dataset("shape", data=np.array([3]))
        lif = node.create_group("nodes/0")
        lif.create_dataset("type", data="LIF", dtype=text)
        for start, name in enumerate(["tau", "r", "v_leak", "v_threshold"]):
            lif.create_dataset(name, data=ramp(start, 3))


def write_hollow(path):
    """Writes a file of a few kB that declares 16 GiB and stores none of it: HDF5 would fill in zeros."""
    text = h5py.string_dtype()
    with h5py.File(path, "w") as file:
        node = file.create_group("node")
        node.create_dataset("type", data="NIRGraph", dtype=text)
        node.create_dataset("edges", data=np.zeros((0, 2), dtype="S1"))
        scale = node.create_group("nodes/scale")
        scale.create_dataset("type", data="Scale", dtype=text)
        scale.create_dataset("scale", shape=(1 << 16, 1 << 16), dtype=np.float32, chunks=(1 << 8, 1 << 8))


def same(left, right, at=""):
    """Asserts that two values are equal, including number types.

    Text may also be bytes, and a list of one number may be that number.
    """
    if isinstance(left, dict):
        assert sorted(left) == sorted(right), f"{at}: {sorted(left)} and {sorted(right)}"
        for key in left:
            same(left[key], right[key], f"{at}/{key}")
        return
    if at.endswith("/edges"):
        assert sorted(left) == sorted(right), f"{at}: {left} and {right}"
        return
    left, right = (np.asarray(value) for value in (left, right))
    if left.dtype.kind in "OSU":
        left, right = (np.vectorize(nir.ir.utils.ensure_str)(value) for value in (left, right))
    if "/metadata/" not in at and left.dtype.kind == "f":
        assert left.dtype == right.dtype, f"{at}: {left.dtype} and {right.dtype}"
    assert left.shape == right.shape and (left == right).all(), f"{at}: {left} and {right}"


def main():
    here = Path(__file__).parent
    assert nir.version == "1.0.8", nir.version
    if sys.argv[1:2] == ["--check"]:
        for file in map(Path, sys.argv[2:]):
            expected = here / file.name
            same(nir.read(expected, type_check=False).to_dict(), nir.read(file, type_check=False).to_dict())
            print(f"{file}: as {expected.name}")
        return
    for name, make in GRAPHS.items():
        nir.write(here / f"{name}.nir", make())
        same(make().to_dict(), nir.read(here / f"{name}.nir", type_check=False).to_dict())
    write_old(here / "old.nir")
    write_hollow(here / "hollow.nir")


if __name__ == "__main__":
    main()
