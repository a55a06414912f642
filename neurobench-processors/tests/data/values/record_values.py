"""Records what snnTorch, scikit-learn, SciPy and torchvision's formula return for the processors of numbers.

Run `python record_values.py` in an environment with requirements.txt of `neurobench-datasets/tests/data/tables` (CPython
3.11, Linux x86_64). Everything is seeded. Arrays are written beside this file, and `truth.json` lists the cases.
"""

import json
from pathlib import Path

import numpy as np
import scipy.special
import sklearn.preprocessing
import torch
from snntorch import spikegen

HERE = Path(__file__).parent


def save(name, array):
    np.save(HERE / f"{name}.npy", array)
    return name


def latency(rng):
    inputs = rng.uniform(size=(6, 40)).astype(np.float32)
    # The ends, the threshold and values that snnTorch saturates.
    inputs[:, :6] = [0, 1, 0.01, 0.010000001, 0.005, 0.5]
    save("latency_inputs", inputs)
    cases = [
        {"steps": 20},
        {"steps": 20, "code": "linear"},
        {"steps": 31, "normalize": True},
        {"steps": 31, "normalize": True, "code": "linear"},
        {"steps": 17, "normalize": True, "first_step": 3, "clip": True},
        {"steps": 17, "normalize": True, "code": "linear", "first_step": 3, "clip": True, "threshold": 0.2},
        {"steps": 9, "tau": 5.0, "threshold": 0.1, "drop_late": True},
        {"steps": 9, "tau": 12.0, "threshold": 0.1, "drop_late": True, "code": "linear", "first_step": 2},
    ]
    recorded = []
    for case in cases:
        arguments = {
            "num_steps": case["steps"],
            "threshold": case.get("threshold", 0.01),
            "tau": case.get("tau", 1),
            "first_spike_time": case.get("first_step", 0),
            "clip": case.get("clip", False),
            "normalize": case.get("normalize", False),
            "linear": case.get("code") == "linear",
            "bypass": case.get("drop_late", False),
        }
        # Sample by sample: snnTorch scales by the last spike of all it is given.
        spikes = torch.stack([spikegen.latency(torch.from_numpy(sample), **arguments) for sample in inputs])
        name = save(f"latency_{len(recorded)}", spikes.numpy().astype(np.uint8))
        recorded.append({"settings": case, "spikes": name})
    return recorded


def values(rng):
    # As a network writes them: [batch, channel].
    numbers = rng.normal(size=(7, 5)).astype(np.float32) * 3 + 1
    save("numbers", numbers)
    mean, std = numbers.mean(axis=0).astype(float), numbers.std(axis=0).astype(float)
    scaler = sklearn.preprocessing.StandardScaler()
    scaler.mean_, scaler.scale_, scaler.var_ = mean.astype(np.float32), std.astype(np.float32), None
    scaler.n_features_in_ = 5
    # `torchvision.transforms.functional.normalize`: subtracts and divides in the precision of the tensor.
    tensor = torch.from_numpy(numbers.copy())
    tensor.sub_(torch.tensor(mean, dtype=torch.float32)).div_(torch.tensor(std, dtype=torch.float32))
    save("normalize", tensor.numpy())
    save("inverse_scale", scaler.inverse_transform(numbers))
    # Each sample by itself.
    save("min_max", sklearn.preprocessing.minmax_scale(numbers, feature_range=(-1, 2), axis=1))
    save("softmax", scipy.special.softmax(numbers.astype(float), axis=1))
    save("threshold", sklearn.preprocessing.binarize(numbers, threshold=float(numbers[3, 2])).astype(np.int64))
    save("argmax", np.argmax(numbers, axis=1))
    save("one_hot", np.eye(5, dtype=np.float32)[np.argmax(numbers, axis=1)])
    return {"mean": mean.tolist(), "std": std.tolist(), "threshold": float(numbers[3, 2])}


def main():
    rng = np.random.default_rng(11)
    truth = {"latency": latency(rng), "values": values(rng)}
    (HERE / "truth.json").write_text(json.dumps(truth, indent=1) + "\n")


if __name__ == "__main__":
    main()
