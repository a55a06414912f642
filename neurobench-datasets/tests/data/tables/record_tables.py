"""Writes the files of this folder: small data sets in their published layouts, and what independent programs read in them.

Run `python record_tables.py` in an environment with requirements.txt (CPython 3.11, Linux x86_64). Everything is seeded.
The readers are tonic for the Heidelberg data sets and NeuroBench for the recordings of reaching monkeys and WISDM.
"""

import csv
import gzip
import json
import struct
import sys
import types
from pathlib import Path

import h5py
import numpy as np
import sklearn.datasets
import sklearn.preprocessing
import torch
from neurobench.datasets import PrimateReaching
from neurobench.datasets.EEG import ThorEEGMI
from tonic.datasets.hsd import HSD

# The reader of WISDM needs only the name of a base class of PyTorch Lightning, and gdown only to download.
sys.modules["pytorch_lightning"] = types.SimpleNamespace(LightningDataModule=object)
sys.modules["gdown"] = types.SimpleNamespace()
from neurobench.datasets.WISDM import WISDM  # noqa: E402

HERE = Path(__file__).parent


def write_json(name, content):
    (HERE / name).write_text(json.dumps(content, separators=(",", ":")) + "\n")


# The MNIST family, from its description: big-endian lengths and bytes.


def idx(array):
    lengths = struct.pack(f">{array.ndim}I", *array.shape)
    return bytes([0, 0, 8, array.ndim]) + lengths + array.astype(np.uint8).tobytes()


def record_idx(rng):
    folder = HERE / "idx"
    folder.mkdir(exist_ok=True)
    images, labels = rng.integers(0, 256, (5, 4, 3)), rng.integers(0, 10, 5)
    (folder / "t10k-images-idx3-ubyte").write_bytes(idx(images))
    (folder / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels), mtime=0))
    write_json("idx/truth.json", {"images": images.tolist(), "labels": labels.tolist()})


# A table with texts as classes: iris, as scikit-learn has it, by Python's `csv`.


def record_csv():
    folder = HERE / "csv"
    folder.mkdir(exist_ok=True)
    iris = sklearn.datasets.load_iris()
    kinds = iris.target_names[iris.target]
    with open(folder / "iris.csv", "w", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(["kind", *iris.feature_names, 'a "quoted", two-line\nremark'])
        for index, (row, kind) in enumerate(zip(iris.data, kinds)):
            writer.writerow([str(kind), *map(float, row), f"row, {index}"])
    classes = sklearn.preprocessing.LabelEncoder().fit_transform(kinds)
    write_json("csv/truth.json", {"inputs": iris.data.tolist(), "classes": classes.tolist()})


# Heidelberg spiking data sets: lists of variable length.


class Local(HSD):
    """The reader of tonic on a file that it does not download."""

    def __init__(self, folder, name):
        self.location_on_system, self.data_filename = folder, name
        self.transform = self.target_transform = None


def record_heidelberg(rng, folder, name, classes, times_type, **layout):
    (HERE / folder).mkdir(exist_ok=True)
    lengths = [0, *rng.integers(1, 60, 11)]
    with h5py.File(HERE / folder / name, "w") as file:
        spikes = file.create_group("spikes")
        times = spikes.create_dataset("times", len(lengths), h5py.vlen_dtype(times_type), **layout)
        units = spikes.create_dataset("units", len(lengths), h5py.vlen_dtype(np.uint16), **layout)
        for sample, length in enumerate(lengths):
            times[sample] = np.sort(rng.uniform(0, 1.4, length)).astype(times_type)
            units[sample] = rng.integers(0, 700, length).astype(np.uint16)
        file["labels"] = rng.integers(0, classes, len(lengths)).astype(np.uint16)
        extra = file.create_group("extra")
        extra["keys"] = np.array([f"class {index}".encode() for index in range(classes)])
        extra["speaker"] = rng.integers(0, 12, len(lengths)).astype(np.uint16)
    read = Local(HERE / folder, name)
    events = [[[int(t), int(x), 0, int(p)] for t, x, p in read[index][0]] for index in range(len(read))]
    labels = [int(read[index][1]) for index in range(len(read))]
    write_json(f"{folder}/truth.json", {"events": events, "labels": labels})


# Recordings of reaching monkeys, in the layout of MATLAB 7.3: a header before the HDF5 file, arrays with their axes
# reversed, and cells that refer to arrays in the group `#refs#`.


def write_matlab(path, recording):
    with h5py.File(path, "w", userblock_size=512) as file:
        references = file.create_group("#refs#")

        def array(parent, name, values, matlab_class, **layout):
            stored = parent.create_dataset(name, data=values, **layout)
            stored.attrs["MATLAB_class"] = np.bytes_(matlab_class)
            return stored

        def cells(name, values):
            stored = file.create_dataset(name, values.shape, h5py.ref_dtype)
            stored.attrs["MATLAB_class"] = np.bytes_("cell")
            for index in np.ndindex(values.shape):
                numbers, label = values[index], f"{name[0]}{'_'.join(map(str, index))}"
                if isinstance(numbers, str):
                    letters = np.frombuffer(numbers.encode("utf-16-le"), np.uint16)[:, None]
                    cell = array(references, label, letters, "char")
                elif len(numbers) == 0:
                    # MATLAB stores the lengths of an empty array.
                    cell = array(references, label, np.zeros(2, np.uint64), "double")
                    cell.attrs["MATLAB_empty"] = np.uint8(1)
                else:
                    cell = array(references, label, numbers[None, :], "double")
                stored[index] = cell.ref

        for name in ["cursor_pos", "target_pos", "t"]:
            array(file, name, recording[name], "double", chunks=True, compression=3)
        cells("spikes", recording["spikes"])
        cells("chan_names", recording["chan_names"])
    header = b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: Thu Jan  1 00:00:00 1970 HDF5 schema 1.00 ."
    with open(path, "r+b") as file:
        file.write(header.ljust(116) + bytes(8) + b"\x00\x02IM")


def reaching(rng, steps=600, channels=5, units=3):
    start = 1000 + rng.uniform()
    end = start + 0.004 * steps
    target, moves = np.zeros((2, steps)), np.sort(rng.choice(np.arange(1, steps), 21, replace=False))
    for move in moves:
        target[:, move:] = rng.uniform(-80, 80, (2, 1))
    spikes = np.empty((units, channels), object)
    for index in np.ndindex(spikes.shape):
        # Some are before or behind the recording; some hit the edge of a bin.
        times = rng.uniform(start - 0.2, end + 0.1, rng.integers(1, 60))
        edges = start - 0.028 + 0.004 * rng.integers(0, steps, 5)
        spikes[index] = np.sort(np.concatenate([times, edges]))
    spikes[1, 2] = spikes[2, 0] = np.array([])
    names = np.array([[f"M1 {channel:03}" for channel in range(channels)]], object)
    return {
        "t": (start + 0.004 * np.arange(steps))[None, :],
        "cursor_pos": np.cumsum(rng.normal(size=(2, steps)), axis=1),
        "target_pos": target,
        "spikes": spikes,
        "chan_names": names,
    }


def record_reaching(rng):
    folder = HERE / "reaching"
    folder.mkdir(exist_ok=True)
    write_matlab(folder / "indy_synthetic.mat", reaching(rng))
    cases = [
        {},
        {"num_steps": 7},
        {"bin_width": 0.2, "stride": 0.012, "split_num": 2, "train_ratio": 0.5},
        {"bin_width": 0.004, "biological_delay": 3, "num_steps": 3, "train_ratio": 0.75},
        {"split_num": 3, "max_segment_length": 30, "remove_segments_inactive": True, "train_ratio": 0.5},
    ]
    truth = []
    for case in cases:
        settings = {"num_steps": 1, **case}
        data = PrimateReaching(str(folder), "indy_synthetic.mat", download=False, **settings)
        splits = {}
        for split, indices in [("train", data.ind_train), ("validation", data.ind_val), ("test", data.ind_test)]:
            # With a delay, the reference has time steps without a label.
            indices = [int(index) for index in indices if index < data.labels.shape[1]]
            inputs = torch.stack([data[index][0] for index in indices]).numpy()
            labels = torch.stack([data[index][1] for index in indices]).numpy()
            assert (inputs == inputs.round()).all()
            name = f"case{len(truth)}_{split}"
            np.save(folder / f"{name}_inputs.npy", inputs.astype(np.uint8))
            np.save(folder / f"{name}_targets.npy", labels)
            splits[split] = name
        truth.append({"settings": case, "splits": splits})
    write_json("reaching/truth.json", truth)


# Inputs for training, validation and test with one-hot targets.


def record_wisdm(rng):
    folder = HERE / "wisdm"
    folder.mkdir(exist_ok=True)
    inputs = [rng.normal(size=(count, 4, 6)) for count in (5, 3, 4)]
    targets = [np.eye(7)[rng.integers(0, 7, len(part))] for part in inputs]
    np.savez(folder / "watch_subset2_40.npz", *inputs, *targets)
    data = WISDM(str(folder))
    truth = {}
    for split, (numbers, classes) in [
        ("train", data.train_dataset),
        ("validation", data.val_dataset),
        ("test", data.test_dataset),
    ]:
        # As exact decimals of double precision.
        truth[split] = {"inputs": numbers.double().tolist(), "targets": classes.tolist()}
    write_json("wisdm/truth.json", truth)


def record_eeg(rng):
    folder = HERE / "eeg"
    folder.mkdir(exist_ok=True)
    for split, count in [("train", 4), ("val", 3)]:
        np.save(folder / f"{split}_X.npy", rng.normal(size=(count, 5, 2)))
        np.save(folder / f"{split}_y.npy", rng.integers(0, 2, count))
    truth = {}
    for split, name in [("train", "train"), ("val", "validation")]:
        numbers, classes = ThorEEGMI(str(folder), split, download=False)[:]
        truth[name] = {"inputs": numbers.double().tolist(), "targets": classes.tolist()}
    write_json("eeg/truth.json", truth)


def main():
    record_idx(np.random.default_rng(1))
    record_csv()
    record_heidelberg(np.random.default_rng(2), "shd", "shd_test.h5", 20, np.float16)
    layout = {"chunks": (5,), "maxshape": (None,), "compression": "gzip"}
    record_heidelberg(np.random.default_rng(3), "ssc", "ssc_valid.h5", 35, np.float32, **layout)
    record_reaching(np.random.default_rng(4))
    record_wisdm(np.random.default_rng(5))
    record_eeg(np.random.default_rng(6))


if __name__ == "__main__":
    main()
