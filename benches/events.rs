//! Decoding of event files, and frames of their events, in events a second, on one worker and on two.
//!
//! ```text
//! cargo bench --bench events -- FOLDER
//! ```
//!
//! Each folder in FOLDER is a group of files in one format, which are decoded in the order of their names. The group `nmnist` is
//! also processed. `benches/events_reference.py` makes such a folder, and times tonic on the same files. Every line ends with a
//! digest of the results, for comparison with those of tonic; with `--files`, the digest of each file is printed, and nothing is
//! timed.

#![expect(clippy::unwrap_used, reason = "a measurement stops at the first problem")]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use neurobench::data::events::{self, Event};
use neurobench::datasets::events::formats::read_events;
use neurobench::model::Tensor;
use neurobench::process::{Preprocessor, preprocessors};

const ROUNDS: usize = 7;
/// Number of recordings in a batch.
const BATCH: usize = 16;

/// Processors of the recordings of N-MNIST.
const PROCESSORS: [&str; 6] = [
    "bin_events(width=34, height=34, time_window=10000)",
    "bin_events(width=34, height=34, time_bins=30)",
    "bin_events(width=34, height=34, event_count=200)",
    "bin_events(width=34, height=34, event_bins=30)",
    "denoise_events(width=34, height=34, filter_time=10000)",
    "downsample_events(factor=0.5)",
];

/// Sum of numbers times their places from 1, modulo 2^64.
#[derive(Default)]
struct Digest {
    sum: u64,
    place: u64,
}

impl Digest {
    fn add(&mut self, number: i64) {
        self.place += 1;
        self.sum = self.sum.wrapping_add(self.place.wrapping_mul(number as u64));
    }

    fn events<'a>(&mut self, events: impl IntoIterator<Item = &'a Event>) {
        for event in events {
            let numbers = [event.time, i64::from(event.x), i64::from(event.y), i64::from(event.polarity)];
            numbers.into_iter().for_each(|number| self.add(number));
        }
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Does work on all items with a number of workers, and returns the results with the best time.
fn timed<T: Sync, R: Send>(items: &[T], workers: usize, work: impl Fn(&T) -> R + Sync) -> (Vec<R>, f64) {
    let (mut results, mut best) = (Vec::new(), f64::INFINITY);
    for _ in 0..ROUNDS {
        let (next, begun) = (AtomicUsize::new(0), Instant::now());
        let one = || {
            let take = || {
                let index = next.fetch_add(1, Ordering::Relaxed);
                items.get(index).map(|item| (index, work(item)))
            };
            std::iter::from_fn(take).collect::<Vec<_>>()
        };
        let mut found: Vec<(usize, R)> = std::thread::scope(|scope| {
            let others: Vec<_> = (1..workers).map(|_| scope.spawn(one)).collect();
            let own = one();
            others.into_iter().flat_map(|other| other.join().unwrap()).chain(own).collect()
        });
        best = best.min(begun.elapsed().as_secs_f64());
        found.sort_by_key(|(index, _)| *index);
        results = found.into_iter().map(|(_, result)| result).collect();
    }
    (results, best)
}

fn print(name: &str, workers: usize, events: usize, seconds: f64, digest: &Digest) {
    let rate = events as f64 / seconds / 1e6;
    println!("{name:<64} {workers} workers {events:>10} events {rate:>9.2} million/s digest {:016x}", digest.sum);
}

fn process(processor: &dyn Preprocessor, inputs: &Tensor) -> Tensor {
    processor.process(inputs.clone(), Tensor::default()).unwrap().0
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let by_file = arguments.iter().any(|argument| argument == "--files");
    let Some(folder) = arguments.iter().find(|argument| !argument.starts_with("--")) else {
        println!("no folder of event files: see `benches/events_reference.py`");
        return;
    };
    for group in entries(Path::new(folder)) {
        let name = group.file_name().unwrap().to_string_lossy().into_owned();
        let files = entries(&group);
        if by_file {
            for file in &files {
                let mut digest = Digest::default();
                digest.events(&read_events(file).unwrap());
                println!("{name}/{} {:016x}", file.file_name().unwrap().display(), digest.sum);
            }
            continue;
        }
        for workers in [1, 2] {
            let (recordings, seconds) = timed(&files, workers, |file| read_events(file).unwrap());
            let mut digest = Digest::default();
            digest.events(recordings.iter().flatten());
            let count = recordings.iter().map(Vec::len).sum();
            print(&name, workers, count, seconds, &digest);
            if name != "nmnist" {
                continue;
            }
            let batches: Vec<Tensor> = recordings.chunks(BATCH).map(events::tensor).collect();
            for processor in PROCESSORS {
                let constructed = preprocessors().construct(&processor.parse().unwrap()).unwrap().item;
                let (outputs, seconds) = timed(&batches, workers, |batch| process(&*constructed, batch));
                let mut digest = Digest::default();
                for output in outputs {
                    match output {
                        // Frames of zeros and rows of −1 behind shorter recordings depend on the batch.
                        Tensor::F32(frames) => {
                            frames.iter().filter(|count| **count > 0.0).for_each(|count| digest.add(*count as i64));
                        }
                        rows => events::recordings(&rows).unwrap().for_each(|events| digest.events(&events.unwrap())),
                    }
                }
                print(processor, workers, count, seconds, &digest);
            }
        }
    }
}
