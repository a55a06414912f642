//! Damaged files.

use super::*;

/// Checks that a file is rejected or has tensors of the right lengths, and needs no more memory than its length justifies.
#[track_caller]
fn assert_harmless(file: &[u8]) -> Result<StateDict, PytorchError> {
    let (state, peak) = peak_of(|| StateDict::from_bytes(file));
    // The limit for tensors, and for each byte of the pickle a value on the stack and an empty container, while the
    // vectors of both grow.
    assert!(peak < (2 << 20) + 400 * file.len(), "{peak} bytes for a file of {}", file.len());
    for tensor in state.iter().flat_map(StateDict::tensors) {
        let elements = tensor.shape.iter().product::<usize>();
        assert_eq!(tensor.bytes.len() as u64, elements as u64 * tensor.dtype.bits() / 8);
    }
    state
}

#[test]
fn memory_is_proportional_to_the_pickle() {
    for word in
        [b"N".as_slice(), b"(", b")", b"]", b"}", b"}\x94", b"\x85", b"]\x85\x85", b"K\x01\x94", b"](]e", b"}NNs"]
    {
        let pickle = [b"\x80\x02N\x94".as_slice(), &word.repeat((1 << 18) / word.len())].concat();
        assert!(assert_harmless(&archive(&pickle, &[])).is_err());
    }
    // A shape or a state with many references is not traversed every time.
    let shape = [b"(".as_slice(), &b"K\x01".repeat(1 << 16), b"tq\x00"].concat();
    let rebuild = tensor("0", 1, 0, &[], &[]);
    let before_call = &rebuild[..rebuild.len() - 1];
    assert!(assert_harmless(&archive(&[b"\x80\x02", shape.as_slice(), before_call].concat(), &[])).is_err());
}

#[test]
fn truncated_files_are_rejected() {
    for name in READABLE {
        let file = bytes(name);
        for length in 0..file.len() {
            assert!(assert_harmless(&file[..length]).is_err(), "{name}, {length} bytes");
        }
        // Files with missing or additional bytes are also rejected.
        let mut random = Numbers::new(1);
        for _ in 0..300 {
            let start = random.next() as usize % file.len();
            let end = (start + 1 + random.next() as usize % 100).min(file.len());
            let cut = [&file[..start], &file[end..]].concat();
            assert!(assert_harmless(&cut).is_err(), "{name}, without {start}..{end}");
        }
        assert!(assert_harmless(&[file.as_slice(), b"\0"].concat()).is_err());
        assert!(assert_harmless(&[b"\0", file.as_slice()].concat()).is_err());
    }
}

#[test]
fn a_changed_byte_is_an_error_or_changes_nothing() {
    for name in ["state_dict", "protocol_5", "dtypes", "views"] {
        let file = bytes(name);
        let whole = StateDict::from_bytes(&file).unwrap();
        let mut random = Numbers::new(2);
        for place in 0..file.len() {
            let mut changed = file.clone();
            changed[place] ^= 1 + (random.next() % 255) as u8;
            // Entries have a checksum; the rest is padding, dates, and entries that are not read.
            if let Ok(state) = assert_harmless(&changed) {
                assert!(state == whole, "{name}, byte {place}");
            }
        }
    }
}

/// Splits a file into its pickle and its storages.
fn split(file: &[u8]) -> (Vec<u8>, Vec<(String, Vec<u8>)>) {
    let mut archive = ZipArchive::new(Cursor::new(file)).unwrap();
    let (mut pickle, mut storages) = (Vec::new(), Vec::new());
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        std::io::copy(&mut entry, &mut content).unwrap();
        let name = entry.name().split_once('/').map(|(_, name)| name).unwrap();
        match name.strip_prefix("data/") {
            Some(key) => storages.push((key.to_owned(), content)),
            None if name == "data.pkl" => pickle = content,
            None => {}
        }
    }
    (pickle, storages)
}

#[test]
fn a_changed_pickle_is_an_error_or_harmless() {
    let mut read = 0;
    for name in ["state_dict", "protocol_4", "views", "dtypes", "checkpoint", "module", "hostile"] {
        let (pickle, storages) = split(&bytes(name));
        let storages: Vec<_> = storages.iter().map(|(key, content)| (key.as_str(), content.as_slice())).collect();
        let mut random = Numbers::new(3);
        for _ in 0..1500 {
            let mut changed = pickle.clone();
            for _ in 0..=random.next() % 3 {
                let place = random.next() as usize % changed.len();
                match random.next() % 4 {
                    0 => changed[place] = random.next() as u8,
                    1 => changed[place] ^= 1 << (random.next() % 8),
                    2 => drop(changed.remove(place)),
                    _ => {
                        let end = (place + random.next() as usize % 40).min(changed.len());
                        let piece = changed[place..end].to_vec();
                        let to = random.next() as usize % changed.len();
                        changed.splice(to..to, piece);
                    }
                }
            }
            read += usize::from(assert_harmless(&archive(&changed, &storages)).is_ok());
        }
    }
    assert!(read > 100, "changed names, shapes and strides are still read: {read}");
}

#[test]
fn random_opcodes_are_an_error_or_harmless() {
    let view = tensor("0", 4, 0, &[2, 2], &[2, 1]);
    let words: [&[u8]; 38] = [
        b"(",
        b")",
        b"t",
        b"\x85",
        b"\x86",
        b"\x87",
        b"]",
        b"}",
        b"a",
        b"e",
        b"s",
        b"u",
        b"N",
        b"\x88",
        b"\x89",
        b"K\x01",
        b"M\xff\xff",
        b"J\xff\xff\xff\xff",
        b"\x8a\x09\x01\x02\x03\x04\x05\x06\x07\x08\x09",
        b"G?\xf0\0\0\0\0\0\0",
        b"\x8c\x01a",
        b"X\x01\0\0\0b",
        b"\x8c\x07storage",
        b"q\x00",
        b"h\x00",
        b"q\x01",
        b"h\x01",
        b"\x94",
        b"ccollections\nOrderedDict\n",
        b"ctorch._utils\n_rebuild_tensor_v2\n",
        b"ctorch._utils\n_rebuild_parameter\n",
        b"ctorch\nFloatStorage\n",
        b"\x93",
        b"Q",
        b"R",
        b"b",
        &view,
        b"\x8c\x09_metadata",
    ];
    let mut random = Numbers::new(4);
    let mut read = 0;
    for _ in 0..20_000 {
        let mut pickle = vec![0x80, 2];
        let count = random.next() % 40;
        for _ in 0..count {
            pickle.extend_from_slice(words[random.next() as usize % words.len()]);
        }
        // Most streams leave marks or too many values on the stack, so half of them get a proper end.
        if random.next().is_multiple_of(2) {
            pickle = [b"\x80\x02}\x8c\x01x".as_slice(), &pickle[2..], b"s"].concat();
        }
        pickle.push(b'.');
        read += usize::from(assert_harmless(&archive(&pickle, &[("0", &[0; 16])])).is_ok());
    }
    assert!(read > 10, "some are read: {read}");
}
