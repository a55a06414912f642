//! Damaged files.

use super::*;

/// Checks that any file is either rejected or a graph that can be written, without a panic.
fn survives(file: Vec<u8>) -> bool {
    match catch_unwind(|| Graph::from_bytes(file)) {
        Ok(Ok(graph)) => graph.to_bytes().is_ok() && graph.order().nodes.len() == graph.nodes.len(),
        Ok(Err(error)) => !error.to_string().is_empty(),
        Err(_) => false,
    }
}

/// Files with the interval of the bytes to change: every byte of the smallest.
fn small_files() -> [(Vec<u8>, usize); 4] {
    let recorded = |name| fs::read(recorded(name)).unwrap();
    [(recorded("old"), 1), (recorded("hollow"), 3), (recorded("nested"), 17), (nested().to_bytes().unwrap(), 17)]
}

#[test]
fn truncated_files_never_panic() {
    for (file, step) in small_files() {
        for length in (0..file.len()).step_by(13 * step) {
            assert!(survives(file[..length].to_vec()), "the first {length} bytes");
        }
    }
}

#[test]
fn changed_bytes_never_panic() {
    for (number, (file, step)) in small_files().into_iter().enumerate() {
        // Most of a file is empty: change all bits of the other bytes, and one bit.
        let filled: Vec<usize> = (0..file.len()).filter(|at| file[*at] != 0).step_by(step).collect();
        for (index, at) in filled.into_iter().enumerate() {
            for change in [0xff, 1 << (index % 8)] {
                let mut file = file.clone();
                file[at] ^= change;
                assert!(survives(file), "file {number}, byte {at} changed by {change:#x}");
            }
        }
    }
}
