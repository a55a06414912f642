//! A pass over a batch of a known shape allocates nothing. This test has its own binary, because it counts every allocation.
#![allow(missing_docs, clippy::unwrap_used)]
#![expect(unsafe_code, reason = "a global allocator cannot be written without it")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use ndarray::{Array2, Array3, Array4, Array5};
use neurobench::metric::Needs;
use neurobench::model::{Model, Probe, Tensor};
use neurobench::network::{
    ConvConfig, ConvTransposeConfig, LeakyConfig, Network, PoolConfig, RecurrentWeights, SpikeFeedback,
};

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator with a count of the allocations of each thread.
struct Counting;

// SAFETY: all calls are forwarded to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // A thread that is ending no longer has a counter.
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller upholds the requirements of the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller upholds the requirements of the system's allocator.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn the_second_pass_allocates_nothing() {
    let weights = |sums: usize, inputs: usize, units: usize| {
        RecurrentWeights::new(&Array2::from_elem((sums, inputs), 0.125), &Array2::from_elem((sums, units), 0.25))
    };
    let all = SpikeFeedback::All { weight: Array2::from_elem((6, 6), 0.125), bias: None };
    let network = Network::builder([4, 5])
        .time_steps(true)
        .flatten("0")
        .linear("1", Array2::from_elem((30, 20), 0.125), None)
        .leaky("2", LeakyConfig::new(0.9))
        .linear("3", Array2::from_elem((6, 30), 0.25), None)
        .sigmoid("4")
        .lstm("5", vec![weights(24, 6, 6), weights(24, 6, 6)], Vec::new())
        .gru_cell("6", weights(18, 6, 6))
        .rleaky("7", LeakyConfig::new(0.9), all)
        .sliding_window("8", 2)
        .low_pass("9", 0.5, 0.0)
        .build()
        .unwrap();
    let batches: [Tensor; 2] = [Array3::<f32>::ones((3, 7, 20)).into(), Array3::<u8>::ones((3, 7, 20)).into()];
    check(&network, &batches);
}

/// Sparse inputs, which a convolution scatters, and dense ones, which it gathers.
#[test]
fn the_second_pass_of_convolutions_allocates_nothing() {
    let config = ConvConfig::new().with_padding(1);
    let transposed = ConvTransposeConfig::new().with_stride(2);
    let network = Network::builder([2, 8, 8])
        .time_steps(true)
        .conv2d("0", Array4::from_elem((17, 2, 3, 3), 0.125), None, config)
        .max_pool2d("1", &PoolConfig::new(2))
        .conv_transpose2d("2", Array4::from_elem((17, 3, 2, 2), 0.25), None, transposed)
        .adaptive_avg_pool2d("3", 3)
        .softmax("4")
        .build()
        .unwrap();
    let dense = Array5::<f32>::ones((3, 7, 2, 8, 8));
    let mut sparse = Array5::<f32>::zeros((3, 7, 2, 8, 8));
    sparse[(1, 2, 0, 3, 3)] = 1.0;
    check(&network, &[dense.into(), sparse.into()]);
}

fn check(network: &Network, batches: &[Tensor]) {
    for needs in [Needs::NONE, Needs::HOOKS] {
        let mut probe = Probe::new(needs, network.layers());
        let mut session = network.session();
        let mut outputs = Tensor::default();
        let before = ALLOCATIONS.get();
        for inputs in batches {
            session.forward(inputs, &mut probe, &mut outputs).unwrap();
            probe.clear();
            let before = ALLOCATIONS.get();
            session.forward(inputs, &mut probe, &mut outputs).unwrap();
            assert_eq!(ALLOCATIONS.get() - before, 0, "{needs:?}, {:?}", inputs.dtype());
            probe.clear();
        }
        assert!(ALLOCATIONS.get() > before, "the first pass makes the buffers");
    }
}
