"""Packs the recorded traces of one neuron from the NIR paper into `lif_traces.safetensors`.

The traces come from https://github.com/neuromorphs/NIR, folder `paper/01_lif` (BSD-3-Clause, see `lif_traces.LICENSE`).

    python record_lif_traces.py FOLDER

FOLDER holds the files `lif_SIMULATOR.csv`, which have a row for each step of 0.1 ms with the input, the membrane and
the spike. For each simulator, `SIMULATOR.membrane` is the recorded membrane in single precision, and
`SIMULATOR.spikes` are the rows with spikes. The inputs of all simulators are the same, up to a factor; `events` are
the rows with an input. `lif_norse.nir`, from the same folder, is the neuron that all of them ran. Created with numpy
2.2.6 and safetensors 0.8.0.
"""

import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

SIMULATORS = ["norse", "snntorch", "spinnaker2", "lava_cpu_float", "nengo", "sinabs", "rockpool", "spyx"]

folder = Path(sys.argv[1])
tensors = {}
for simulator in SIMULATORS:
    inputs, membrane, spikes = np.loadtxt(folder / f"lif_{simulator}.csv", delimiter=",", unpack=True)
    events = np.flatnonzero(inputs).astype(np.int64)
    assert np.array_equal(tensors.setdefault("events", events), events), simulator
    tensors[f"{simulator}.membrane"] = membrane.astype(np.float32)
    tensors[f"{simulator}.spikes"] = np.flatnonzero(spikes).astype(np.int64)
save_file(tensors, Path(__file__).parent / "lif_traces.safetensors")
