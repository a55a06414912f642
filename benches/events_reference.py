"""Compares decoding of event files and frames of events with tonic on the same machine in one run.

    python benches/events_reference.py [--recordings FOLDER]

Needs numpy==2.2.6, tonic==1.7.0, expelliarmus==1.1.12, aedat==2.3.0 and dv_processing==2.0.4. Files are random and seeded;
python/fixtures/events.py writes them. Both sides read the same files into lists of events, and process the same events. Digests
of all events and of all counts of frames must be equal. Times are the best of several rounds; tonic runs on one thread, neurobench
on one and on two.

With a folder of recordings in 40-bit records (.bin or .bs2), such as N-MNIST, the events of each are compared too.
"""

import argparse
import importlib.util
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import dv_processing as dv
import numpy as np
import tonic
from expelliarmus import Wizard
from tonic import transforms

ROOT = Path(__file__).resolve().parent.parent
spec = importlib.util.spec_from_file_location("fixtures", ROOT / "python/fixtures/events.py")
fixtures = importlib.util.module_from_spec(spec)
# This also repairs the readers of AEDAT in tonic.
spec.loader.exec_module(fixtures)

FEATURES = "aedat4,datasets,processors"
ROUNDS = 3
RECORDINGS = 512
EVENTS = 2_000_000

READERS = {
    "nmnist": lambda file: tonic.io.read_mnist_file(file, tonic.datasets.NMNIST.dtype),
    "aedat2": lambda file: read_davis(file),
    "aedat3": lambda file: tonic.io.read_dvs_ibm(file)[1],
    "aedat4": lambda file: tonic.io.read_aedat4(file),
    "dat": lambda file: Wizard(encoding="dat", fpath=file).read(),
    "evt2": lambda file: Wizard(encoding="evt2", fpath=file).read(),
    "evt3": lambda file: Wizard(encoding="evt3", fpath=file).read(),
    "npy": lambda file: np.load(file),
}

SIZE = (34, 34, 2)
PROCESSORS = {
    "bin_events(width=34, height=34, time_window=10000)": transforms.ToFrame(SIZE, time_window=10000),
    "bin_events(width=34, height=34, time_bins=30)": transforms.ToFrame(SIZE, n_time_bins=30),
    "bin_events(width=34, height=34, event_count=200)": transforms.ToFrame(SIZE, event_count=200),
    "bin_events(width=34, height=34, event_bins=30)": transforms.ToFrame(SIZE, n_event_bins=30),
    "denoise_events(width=34, height=34, filter_time=10000)": transforms.Denoise(filter_time=10000),
    "downsample_events(factor=0.5)": transforms.Downsample(spatial_factor=0.5),
}


def read_davis(file):
    patched = tonic.io.read_aedat_header_from_file
    tonic.io.read_aedat_header_from_file = fixtures.header_with_time
    try:
        return tonic.io.read_davis_346(file)[2]
    finally:
        tonic.io.read_aedat_header_from_file = patched


def write_files(folder):
    for name in READERS:
        (folder / name).mkdir()
    for index in range(RECORDINGS):
        events = fixtures.random_events(index, 4000 + index, 34, 34, 300_000)
        (folder / f"nmnist/{index:05}.bin").write_bytes(fixtures.records40(events))
    events = fixtures.random_events(1, EVENTS, 128, 128, 100_000_000)
    time, x, y, polarity = events.T
    pairs = np.stack([(259 - y) << 22 | (345 - x) << 12 | polarity << 11, time], 1)
    header = b"#!AER-DAT2.0\r\n# Creation time: System.currentTimeMillis() 1\r\n# AEChip: eu.seebetter.ini.chips.davis.Davis346red\r\n"
    (folder / "aedat2/a.aedat").write_bytes(header + pairs.astype(">u4").tobytes())
    (folder / "aedat3/a.aedat").write_bytes(fixtures.aedat3(events, 4096))
    config = dv.io.MonoCameraWriter.EventOnlyConfig("DVXplorer_fixture", (346, 260), dv.CompressionType.LZ4)
    writer = dv.io.MonoCameraWriter(str(folder / "aedat4/a.aedat4"), config)
    for begin in range(0, EVENTS, 10_000):
        store = dv.EventStore()
        for row in events[begin : begin + 10_000].tolist():
            store.push_back(*row[:3], bool(row[3]))
        writer.writeEvents(store)
    del writer
    for encoding, ending in [("dat", "dat"), ("evt2", "raw"), ("evt3", "raw")]:
        Wizard(encoding=encoding).save(folder / encoding / f"a.{ending}", fixtures.structured(events))
    np.save(folder / "npy/a.npy", fixtures.structured(events))


def digest(numbers):
    """Returns the sum of numbers times their places from 1, modulo 2^64."""
    numbers = np.asarray(numbers).astype(np.int64).astype(np.uint64).ravel()
    return int((numbers * np.arange(1, len(numbers) + 1, dtype=np.uint64)).sum(dtype=np.uint64))


def columns(events):
    polarity = "p" if "p" in events.dtype.names else "on"
    return np.stack([events[name].astype(np.int64) for name in ["t", "x", "y", polarity]], 1)


def best(items, work):
    """Returns the results of work on all items, and the best time."""
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        results = [work(item) for item in items]
        times.append(time.perf_counter() - begun)
    return results, min(times)


def ours(folder, *arguments):
    command = ["cargo", "bench", "--quiet", "--no-default-features", "--features", FEATURES, "--bench", "events", "--", str(folder), *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def parse(printed):
    """Returns the best rate of each line, in millions of events a second, by its name and number of workers, and its digest."""
    lines = re.findall(r"^(.*?) +([12]) workers +\d+ events +([\d.]+) million/s digest (\w+)$", printed, re.MULTILINE)
    return {(name, int(workers)): (float(rate), int(value, 16)) for name, workers, rate, value in lines}


def compare(folder):
    # Measured before and after Python, so that a machine that is slow for some minutes affects both.
    earlier = parse(ours(folder))
    theirs = {}
    for group, reader in READERS.items():
        files = [str(file) for file in sorted((folder / group).iterdir())]
        recordings, seconds = best(files, reader)
        count = sum(map(len, recordings))
        theirs[group] = (count / seconds / 1e6, digest(np.concatenate([columns(events) for events in recordings])))
        if group == "nmnist":
            for name, processor in PROCESSORS.items():
                results, seconds = best(recordings, processor)
                if "bin" in name:
                    counts = np.concatenate([frames.ravel() for frames in results])
                    value = digest(counts[counts > 0])
                else:
                    value = digest(np.concatenate([columns(events) for events in results]))
                theirs[name] = (count / seconds / 1e6, value)
    later = parse(ours(folder))
    print(f"{'million events a second':<58}{'tonic':>8}{'1 worker':>10}{'times':>7}{'2 workers':>11}{'times':>7}  equal")
    for name, (rate, value) in theirs.items():
        one, two = (max(earlier[name, workers][0], later[name, workers][0]) for workers in (1, 2))
        equal = all(run[name, workers][1] == value for run in (earlier, later) for workers in (1, 2))
        print(f"{name:<58}{rate:>8.2f}{one:>10.1f}{one / rate:>7.1f}{two:>11.1f}{two / rate:>7.1f}  {'yes' if equal else 'NO'}")


def compare_recordings(folder, recordings):
    group = folder / "recordings"
    group.mkdir()
    files = sorted(file for file in Path(recordings).iterdir() if file.suffix in (".bin", ".bs2"))
    for file in files:
        shutil.copy(file, group)
    digests = dict(line.split() for line in ours(folder, "--files").splitlines())
    equal = sum(
        int(digests[f"recordings/{file.name}"], 16) == digest(columns(READERS["nmnist"](str(file)))) for file in files
    )
    print(f"{equal} of {len(files)} recordings have the events of tonic")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recordings", help="folder of recordings whose events are compared")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_files(Path(folder))
        compare(Path(folder))
    if arguments.recordings:
        with tempfile.TemporaryDirectory() as folder:
            compare_recordings(Path(folder), arguments.recordings)


if __name__ == "__main__":
    main()
