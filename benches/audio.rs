//! Speech2Spikes and MFCCs of 1024 clips of one second, on one worker and on two.
//!
//! ```text
//! cargo bench --bench audio
//! ```
//!
//! With a folder behind `--`, clips `[clip, channel, sample]` are read from its `clips.npy` and events are written to
//! `speech2spikes.npy`; without one the clips are seeded noise. `benches/audio_reference.py` makes such a folder, times torchaudio
//! on the same clips, and compares the events.
//!
//! Each time is the best of several rounds. It includes the memory for the outputs, as in torchaudio.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use ndarray::{Array1, Array3, Axis};
use neurobench::data::InMemory;
use neurobench::prelude::*;
use neurobench::process::preprocessors;

const ROUNDS: usize = 7;
const CLIPS: usize = 1024;
const BATCH: usize = 32;

/// The processors, with the settings that `benches/audio_reference.py` gives torchaudio.
const CASES: [(&str, &str); 2] =
    [("speech2spikes", "speech2spikes"), ("mfcc", "mfcc(n_fft=512, hop_length=160, n_mels=40, f_min=20, f_max=4000)")];

/// Clips of noise that are the same on every machine: SplitMix64.
fn noise() -> Array3<f32> {
    let mut state = 1_u64;
    Array3::from_shape_simple_fn((CLIPS, 1, 16_000), || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 40) as f32 / (1 << 23) as f32 - 1.0
    })
}

/// Processes all clips on this number of threads, which take batches in turn, and returns the batches in order.
fn process(processor: &dyn Preprocessor, clips: &Tensor, workers: usize) -> Vec<Tensor> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut outputs = Vec::new();
        loop {
            let batch = next.fetch_add(1, Ordering::Relaxed);
            let start = batch * BATCH;
            if start >= clips.samples() {
                return outputs;
            }
            let inputs = clips.rows(start, (start + BATCH).min(clips.samples()));
            let targets = Array1::<i64>::zeros(inputs.samples());
            let processed = processor.process(inputs, targets.into());
            outputs.push((batch, processed.unwrap_or_else(|error| panic!("{error}")).0));
        }
    };
    let mut batches = std::thread::scope(|scope| {
        let others: Vec<_> = (1..workers).map(|_| scope.spawn(work)).collect();
        let mut batches = work();
        others.into_iter().for_each(|other| batches.extend(other.join().unwrap_or_else(|_| panic!("a worker failed"))));
        batches
    });
    batches.sort_by_key(|(batch, _)| *batch);
    batches.into_iter().map(|(_, outputs)| outputs).collect()
}

/// Writes events of all batches as one array of 8-bit integers in the npy format.
fn write_events(file: &Path, batches: &[Tensor]) -> std::io::Result<()> {
    let arrays: Vec<_> = batches.iter().map(Tensor::to_f32).collect();
    let views: Vec<_> = arrays.iter().map(|array| array.view()).collect();
    let all = ndarray::concatenate(Axis(0), &views).map_err(std::io::Error::other)?;
    let shape: Vec<String> = all.shape().iter().map(usize::to_string).collect();
    let header = format!("{{'descr': '|i1', 'fortran_order': False, 'shape': ({}), }}", shape.join(", "));
    let header = format!("{header:<117}\n");
    let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    bytes.extend(header.bytes());
    bytes.extend(all.iter().map(|event| *event as i8 as u8));
    std::fs::write(file, bytes)
}

fn main() {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let clips: Tensor = match &folder {
        None => noise().into(),
        Some(folder) => {
            let file = Path::new(folder).join("clips.npy");
            InMemory::from_npy(&file, &file).unwrap_or_else(|error| panic!("{error}")).inputs().clone()
        }
    };
    for (name, processor) in CASES {
        let spec = processor.parse().unwrap_or_else(|error| panic!("{processor}: {error}"));
        let processor = preprocessors().construct(&spec).unwrap_or_else(|error| panic!("{error}")).item;
        for workers in [1, 2] {
            let mut best = f64::INFINITY;
            for _ in 0..ROUNDS {
                let begun = Instant::now();
                let batches = process(&*processor, &clips, workers);
                best = best.min(begun.elapsed().as_secs_f64());
                if let (Some(folder), "speech2spikes") = (&folder, name) {
                    let file = Path::new(folder).join("speech2spikes.npy");
                    write_events(&file, &batches).unwrap_or_else(|error| panic!("{error}"));
                }
            }
            println!("{name:<15}{workers} workers {:>7.1} ms", best * 1e3);
        }
    }
}
