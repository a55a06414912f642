//! Memory of a run over files does not grow with their samples. The only test in its binary, because every allocation
//! counts.
#![allow(missing_docs, clippy::unwrap_used)]
#![expect(unsafe_code, reason = "a global allocator cannot be written without it")]

#[path = "../../neurobench-network/tests/it/common.rs"]
mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

use common::directory;
use ndarray::Array2;
use ndarray_npy::WriteNpyExt;
use neurobench::bench::Benchmark;
use neurobench::data::OnDisk;
use neurobench::metrics::Mse;
use neurobench::testing::predictions;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, counting allocated bytes.
struct Counting;

// SAFETY: all calls go to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(held, Ordering::Relaxed);
        // SAFETY: the caller's promises are those that the system's allocator requires.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are those that the system's allocator requires.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn the_peak_is_that_of_a_batch() {
    let folder = directory("data_memory");
    let peak = |samples: usize| {
        let numbers = Array2::<f32>::ones((samples, 50));
        let mut bytes = Vec::new();
        numbers.write_npy(&mut bytes).unwrap();
        let npy = folder.join("x.npy");
        std::fs::write(&npy, &bytes).unwrap();
        let npz = folder.join("x.npz");
        let mut archive = zip::ZipWriter::new(BufWriter::new(File::create(&npz).unwrap()));
        let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        archive.start_file("x.npy", stored).unwrap();
        archive.write_all(&bytes).unwrap();
        drop(archive.finish().unwrap());
        drop((numbers, bytes));

        let before = HELD.load(Ordering::Relaxed);
        PEAK.store(before, Ordering::Relaxed);
        for data in [OnDisk::npy(&npy, &npy).unwrap(), OnDisk::npz(&npz, "x", "x").unwrap()] {
            let benchmark = Benchmark::builder().model(predictions()).data(data).batch_size(20).metric(Mse);
            assert_eq!(benchmark.build().unwrap().run().unwrap().samples(), samples as u64);
        }
        PEAK.load(Ordering::Relaxed) - before
    };
    let (few, many) = (peak(500), peak(5000));
    // The larger array has a million bytes. The only other growth is in the digits of its length.
    assert!(many < few + 1000, "{few} bytes for 500 samples, {many} for 5000");
}
