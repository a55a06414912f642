//! Damaged files.

use super::*;

/// A file, whatever stands in it, is refused or is a graph that could be written: it never makes the reader panic.
fn survives(file: Vec<u8>) -> bool {
    match catch_unwind(|| Graph::from_bytes(file)) {
        Ok(Ok(graph)) => graph.to_bytes().is_ok() && graph.order().nodes.len() == graph.nodes.len(),
        Ok(Err(error)) => !error.to_string().is_empty(),
        Err(_) => false,
    }
}

/// Files, and which of their bytes to try: every one of the smallest.
fn small_files() -> [(Vec<u8>, usize); 4] {
    let recorded = |name| fs::read(recorded(name)).unwrap();
    [(recorded("old"), 1), (recorded("hollow"), 3), (recorded("nested"), 17), (nested().to_bytes().unwrap(), 17)]
}

#[test]
fn no_truncated_file_makes_it_panic() {
    for (file, step) in small_files() {
        for length in (0..file.len()).step_by(13 * step) {
            assert!(survives(file[..length].to_vec()), "the first {length} bytes");
        }
    }
}

#[test]
fn no_changed_byte_makes_it_panic() {
    for (number, (file, step)) in small_files().into_iter().enumerate() {
        // Most of a file is empty: what is not, with all bits of a byte changed, and with one.
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
