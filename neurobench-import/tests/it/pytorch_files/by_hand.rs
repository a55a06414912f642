//! Handmade files.

use super::*;

#[test]
fn handmade_files_are_read() {
    let pickle = dict(&[("a", tensor("0", 6, 1, &[2, 2], &[1, 2])), ("b", b"]".to_vec())]);
    let state = StateDict::from_bytes(&archive(&pickle, &[("0", &floats(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]))])).unwrap();
    let [a] = state.tensors() else { panic!("{state:?}") };
    assert_eq!((a.name.as_str(), a.dtype, a.shape.as_slice()), ("a", Dtype::F32, &[2, 2][..]));
    assert_eq!(a.bytes, floats(&[1.0, 3.0, 2.0, 4.0]));
}

#[test]
fn the_order_of_entries_and_unknown_entries_do_not_matter() {
    let file = bytes("checkpoint");
    let mut archive = ZipArchive::new(Cursor::new(&file)).unwrap();
    let mut entries = Vec::new();
    for index in (0..archive.len()).rev() {
        let mut entry = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        std::io::copy(&mut entry, &mut content).unwrap();
        entries.push((entry.name().to_owned(), content));
    }
    entries.insert(1, ("elsewhere/notes".to_owned(), b"notes".to_vec()));
    let entries: Vec<_> = entries.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
    let reordered = zipped(&entries, CompressionMethod::Stored);
    assert_eq!(StateDict::from_bytes(&reordered).unwrap(), load("checkpoint"));
}

#[test]
fn views_beyond_their_storage_are_rejected() {
    let try_view = |elements, offset, shape: &[i64], strides: &[i64]| {
        let pickle = dict(&[("a", tensor("0", elements, offset, shape, strides))]);
        problem(&archive(&pickle, &[("0", &[0; 24])]))
    };
    let beyond = |shape, strides, offset| {
        format!(
            "tensor `a` (shape {shape}, strides {strides}, first element {offset}) reaches beyond the 6 elements of \
             storage `0`"
        )
    };
    assert_eq!(try_view(6, 0, &[7], &[1]), beyond("[7]", "[1]", "0"));
    assert_eq!(try_view(6, 1, &[2, 3], &[3, 1]), beyond("[2, 3]", "[3, 1]", "1"));
    assert_eq!(try_view(6, 6, &[], &[]), beyond("[]", "[]", "6"));
    assert_eq!(try_view(6, 0, &[2], &[i64::MAX]), beyond("[2]", "[9223372036854775807]", "0"));
    assert_eq!(try_view(6, i64::MAX, &[3], &[i64::MAX]), beyond("[3]", "[9223372036854775807]", "9223372036854775807"));
    let many = i64::MAX;
    assert_eq!(
        try_view(6, 0, &[many, many], &[0, 0]),
        format!("tensor `a` has shape [{many}, {many}], too many elements to count")
    );
    assert_eq!(
        try_view(5, 0, &[5], &[1]),
        "tensor `a` is a view of storage `0`, which has 24 bytes instead of 5 elements of 4 bytes"
    );
    assert_eq!(
        try_view(i64::MAX, 0, &[7], &[1]),
        "tensor `a` is a view of storage `0`, which has 24 bytes instead of 9223372036854775807 elements of 4 bytes"
    );
}

#[test]
fn views_may_repeat_stored_numbers_only_up_to_the_limit() {
    let expanded = |length| archive(&dict(&[("a", tensor("0", 1, 0, &[length], &[0]))]), &[("0", &floats(&[1.5]))]);
    let state = StateDict::from_bytes(&expanded(1000)).unwrap();
    assert_eq!(state.tensors()[0].bytes, floats(&[1.5; 1000]));
    let file = expanded(1 << 40);
    let (message, peak) = peak_of(|| problem(&file));
    let limit = (1 << 20) + 8 * file.len();
    assert_eq!(
        message,
        format!(
            "the tensors need 4398046511104 bytes, but the file has {}: views that repeat stored numbers are limited to {limit} bytes",
            file.len()
        )
    );
    assert!(peak < 1 << 16, "{peak}");
    // Many views of one storage of half a mebibyte.
    let entries: Vec<_> =
        (0..40).map(|index| (format!("t{index}"), tensor("0", 1 << 17, 0, &[1 << 17], &[1]))).collect();
    let entries: Vec<_> = entries.iter().map(|(name, view)| (name.as_str(), view.clone())).collect();
    let storage = vec![0; 1 << 19];
    let few = archive(&dict(&entries[..8]), &[("0", &storage)]);
    assert_eq!(StateDict::from_bytes(&few).unwrap().tensors().len(), 8);
    let message = problem(&archive(&dict(&entries), &[("0", &storage)]));
    assert!(message.starts_with("the tensors need 20971520 bytes, but the file has 5"), "{message}");
}

#[test]
fn containers_that_contain_themselves_are_rejected() {
    // A dictionary that contains itself, and sixty dictionaries that each contain the previous one twice.
    let own = [&[0x80, 2][..], b"}q\x00", &text("a"), b"h\x00s."].concat();
    let message = problem(&archive(&own, &[]));
    assert!(message.ends_with("is nested in more than 64 containers, or contains itself"), "{message}");
    let mut doubled = [&[0x80, 2][..], b"}q\x00"].concat();
    for level in 1..60 {
        doubled.extend_from_slice(b"}(");
        doubled.extend_from_slice(&[text("a"), vec![b'h', level - 1], text("b"), vec![b'h', level - 1]].concat());
        doubled.extend_from_slice(&[b'u', b'q', level]);
    }
    // All except the last must leave the stack: they are elements of a tuple.
    let doubled = [&doubled[..2], b"(", &doubled[2..], b"t."].concat();
    let file = archive(&doubled, &[]);
    let (message, peak) = peak_of(|| problem(&file));
    assert!(message.ends_with("repeats containers or long keys too often"), "{message}");
    assert!(peak < 1 << 20, "{peak}");
    // Long keys above many tensors.
    let long = "k".repeat(20_000);
    let view = tensor("0", 1, 0, &[1], &[1]);
    let inner: Vec<u8> = (0..500).flat_map(|index| [text(&format!("{index}")), b"h\x00".to_vec()].concat()).collect();
    let nested = [b"}(".as_slice(), &text("t"), &view, b"q\x00", &text(&long), b"}(", &inner, b"uu."].concat();
    let message = problem(&archive(&[&[0x80, 2], nested.as_slice()].concat(), &[("0", &[0; 4])]));
    assert!(message.ends_with("repeats containers or long keys too often"), "{message}");
}

#[test]
fn duplicate_names_are_rejected() {
    let view = || tensor("0", 1, 0, &[1], &[1]);
    let storages: [(&str, &[u8]); 1] = [("0", &[0; 4])];
    let file = archive(&dict(&[("a", view()), ("a", view())]), &storages);
    assert_problem(&file, "two tensors are named `a`");
    let inner = [b"}".as_slice(), &text("b"), &view(), b"s"].concat();
    let file = archive(&dict(&[("a.b", view()), ("a", inner)]), &storages);
    assert_problem(&file, "two tensors are named `a.b`");
}

#[test]
fn a_bool_is_zero_or_one() {
    let mut pickle = dict(&[("a", tensor("0", 2, 0, &[2], &[1]))]);
    let class = pickle.windows(5).position(|window| window == b"Float").unwrap();
    pickle.splice(class..class + 5, *b"Bool");
    let state = StateDict::from_bytes(&archive(&pickle, &[("0", &[1, 0])])).unwrap();
    assert_eq!((state.tensors()[0].dtype, state.tensors()[0].bytes.as_slice()), (Dtype::Bool, &[1, 0][..]));
    assert_problem(&archive(&pickle, &[("0", &[1, 2])]), "tensor `a` contains 2 at element 1, which is not a bool");
}

#[test]
fn inconsistent_archives_are_rejected() {
    let damaged = |problem: &str| format!("not a file of `torch.save`, or damaged: {problem}");
    let file = bytes("state_dict");
    let huge = 0xffff_fff0_u32.to_le_bytes();
    let first = "state_dict/data/0";
    let reaches = damaged("entry `data/0` overlaps the data after it");
    // Lengths, location, checksum, method and flags.
    assert_problem(&patched(&file, first, 20, &huge), &reaches);
    assert_problem(
        &patched(&file, first, 24, &huge),
        "entry `data/0` of the archive is compressed, which `torch.save` never does; save it again with `torch.save`",
    );
    assert_problem(&patched(&file, first, 20, &[huge, huge].concat()), &reaches);
    assert_problem(&patched(&file, first, 42, &huge), &reaches);
    assert_problem(
        &patched(&file, first, 16, &[0; 4]),
        "entry `data/0` of the archive is damaged: the checksum is wrong",
    );
    assert_problem(
        &patched(&file, first, 10, &[8]),
        "entry `data/0` of the archive is compressed, which `torch.save` never does; save it again with `torch.save`",
    );
    assert_problem(&patched(&file, first, 8, &[1]), "entry `data/0` of the archive is encrypted");
    // A few bytes more than the padding before the next entry.
    assert_problem(
        &patched(&file, first, 20, &[100_u32.to_le_bytes(), 100_u32.to_le_bytes()].concat()),
        "entry `data/0` of the archive claims 100 bytes, but has fewer",
    );
    // Lengths that need more than 32 bits, without the extra field.
    assert_problem(&patched(&file, first, 24, &[0xff; 4]), &damaged("entry 2 of its directory is invalid"));
    // Two entries at the same location, or swapped.
    let directory_entry =
        |entry: &str| file.windows(entry.len()).rposition(|window| window == entry.as_bytes()).unwrap();
    let place = |entry: &str| file[directory_entry(entry) - 4..directory_entry(entry)].to_vec();
    let second = "state_dict/data/1";
    let overlapping = patched(&file, second, 42, &place(first));
    assert!(problem(&overlapping).ends_with("overlaps the data after it"), "{}", problem(&overlapping));
    let third = "state_dict/data/2";
    let swapped = patched(&patched(&file, third, 42, &place(second)), second, 42, &place(third));
    let message = problem(&swapped);
    assert!(message.ends_with("is not at the location in the directory"), "{message}");
    // A duplicate name.
    assert_problem(&patched(&file, second, 46, first.as_bytes()), &damaged("entry `data/0` exists twice"));
    // More entries than the directory contains, in both of the last records.
    let end = file.len();
    let mut counted = file.clone();
    for start in [end - 98 + 24, end - 98 + 32] {
        counted[start..start + 8].copy_from_slice(&u64::MAX.to_le_bytes());
    }
    let message = problem(&counted);
    assert!(message.contains("is too short for the 18446744073709551615 entries that it claims"), "{message}");
    let mut counted = file.clone();
    for start in [end - 98 + 24, end - 98 + 32] {
        counted[start] -= 1;
    }
    assert!(problem(&counted).ends_with("bytes follow the last entry of its directory"), "{}", problem(&counted));
}

#[test]
fn other_archives_are_rejected() {
    let empty = archive(b"\x80\x02}.", &[]);
    assert_eq!(StateDict::from_bytes(&empty).unwrap().tensors(), []);
    let stored = CompressionMethod::Stored;
    assert_problem(
        &zipped(&[("a.npy", b"")], stored),
        "not a file of `torch.save`, or damaged: it has 0 pickles named `data.pkl` instead of one",
    );
    assert_problem(
        &zipped(&[("a/data.pkl", b"\x80\x02}."), ("b/data.pkl", b"\x80\x02}.")], stored),
        "not a file of `torch.save`, or damaged: it has 2 pickles named `data.pkl` instead of one",
    );
    let pickle = dict(&[("a", tensor("0", 1, 0, &[1], &[1]))]);
    assert_problem(&archive(&pickle, &[]), "entry `data/0` of the archive is missing");
    assert_problem(
        &archive(&pickle, &[("0", &[0; 3])]),
        "tensor `a` is a view of storage `0`, which has 3 bytes instead of 1 elements of 4 bytes",
    );
    let bomb = vec![0; 1 << 20];
    let file = zipped(&[("m/data.pkl", &pickle), ("m/data/0", &bomb)], CompressionMethod::Deflated);
    let (message, peak) = peak_of(|| problem(&file));
    assert!(
        message.ends_with("is compressed, which `torch.save` never does; save it again with `torch.save`"),
        "{message}"
    );
    assert!(peak < 1 << 16, "{peak}");
    let long = vec![b'N'; (1 << 24) + 1];
    let file = archive(&long, &[]);
    assert_problem(&file, "entry `data.pkl` of the archive has 16777217 bytes, more than the limit of 16777216");
}
