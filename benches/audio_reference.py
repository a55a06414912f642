"""Compares Speech2Spikes and MFCCs of 1024 clips with torchaudio on the same machine in one run.

    python benches/audio_reference.py

Needs torch==2.6.0, torchaudio==2.6.0, neurobench==2.3.0 and numpy. Clips of one second at 16 kHz are random and seeded.
Speech2Spikes is NeuroBench's `S2SPreProcessor`, which uses torchaudio. Times are the best of several rounds: of neurobench on two
workers, and of Python on one or two threads, for all clips in one call and for batches of the fastest size. Neither side's time includes
creating the transforms or reading the clips. The events of both sides are compared.
"""

import re
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from neurobench.processors.preprocessors import S2SPreProcessor
from torchaudio.transforms import MFCC

ROOT = Path(__file__).resolve().parent.parent
CLIPS, RATE, ROUNDS = 1024, 16000, 3


def clips():
    """Returns tones with noise, [clip, 1, sample]."""
    random = np.random.default_rng(0)
    time = np.arange(RATE) / RATE
    audio = random.normal(0, 1, (CLIPS, 1, RATE)) * 10 ** random.uniform(-4, -1, (CLIPS, 1, 1))
    for _ in range(3):
        pitch, phase = random.uniform(80, 3000, (CLIPS, 1, 1)), random.uniform(0, 6, (CLIPS, 1, 1))
        beat = np.sin(2 * np.pi * random.uniform(0.5, 6, (CLIPS, 1, 1)) * time) ** 2
        audio += 0.2 * beat * np.sin(2 * np.pi * pitch * time + phase)
    return audio.astype(np.float32)


def ours(folder):
    """Returns the milliseconds of each processor on two workers."""
    command = ["cargo", "bench", "--quiet", "--bench", "audio", "--", folder]
    printed = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    print(printed)
    return {name: float(ms) for name, ms in re.findall(r"(\w+) +2 workers +([\d.]+) ms", printed)}


def theirs(transform, audio):
    """Returns the best milliseconds for one call and for batches of any size, and the outputs."""
    best, outputs = {}, None
    for threads in (1, 2):
        torch.set_num_threads(threads)
        for size in (32, 128, CLIPS):
            for _ in range(ROUNDS):
                begun = time.perf_counter()
                outputs = [transform(audio[start : start + size]) for start in range(0, len(audio), size)]
                best[size] = min(best.get(size, float("inf")), 1e3 * (time.perf_counter() - begun))
    return (best[CLIPS], min(best.values())), torch.cat(outputs)


def main():
    audio = clips()
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "clips.npy", audio)
        # Measured before and after Python, so that a machine that is slow for some minutes affects both.
        earlier = ours(folder)
        audio = torch.from_numpy(audio)
        events, mfcc = S2SPreProcessor(), MFCC(
            n_mfcc=40, melkwargs={"n_fft": 512, "hop_length": 160, "n_mels": 40, "f_min": 20.0, "f_max": 4000.0}
        )
        # NeuroBench has the channel on the last axis.
        transposed = audio.transpose(1, 2)
        zeros = torch.zeros(CLIPS)
        spikes_ms, spikes = theirs(lambda batch: events((batch, zeros[: len(batch)]))[0], transposed)
        mfcc_ms, _ = theirs(mfcc, audio)
        later = ours(folder)
        found = np.load(Path(folder) / "speech2spikes.npy")
    for name, (call, batches) in [("speech2spikes", spikes_ms), ("mfcc", mfcc_ms)]:
        best = min(earlier[name], later[name])
        print(
            f"{name:<15}{best:>7.1f} ms; torchaudio in one call {call:>7.1f} ms: {call / best:.1f} times, "
            f"in batches {batches:>7.1f} ms: {batches / best:.1f} times"
        )
    # Logarithms that come close to the threshold fall on either side of it by rounding: count how often, in torchaudio too.
    torch.set_default_dtype(torch.float64)
    exact = S2SPreProcessor()
    torch.set_default_dtype(torch.float32)
    exact.transform.double()
    batches = [transposed[start : start + 32].double() for start in range(0, CLIPS, 32)]
    exact = np.concatenate([exact((batch, zeros[: len(batch)]))[0].numpy() for batch in batches]).astype(np.int8)
    spikes = spikes.numpy().astype(np.int8)
    print(f"events that differ, of {found.size}: from torchaudio {(found != spikes).sum()}, from torchaudio in double")
    print(f"precision {(found != exact).sum()}; torchaudio itself in single and double precision {(spikes != exact).sum()}")


if __name__ == "__main__":
    main()
