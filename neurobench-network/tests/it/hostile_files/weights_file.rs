//! Hostile weights files.

use super::*;

#[test]
fn truncated_or_extended_weights_are_rejected() {
    let (place, weights) = (Place::new("short"), weights());
    for length in 0..weights.len() {
        assert!(place.load(NETWORK.as_bytes(), &weights[..length]).is_err(), "{length} bytes");
    }
    assert!(place.load(NETWORK.as_bytes(), &[weights.as_slice(), b"\0"].concat()).is_err());
    assert!(place.load(NETWORK.as_bytes(), &[weights.as_slice(), &weights].concat()).is_err());
}

#[test]
fn the_order_of_tensors_does_not_matter() {
    let (place, weights) = (Place::new("order"), weights());
    let (_, bytes) = split(&weights);
    let text = std::str::from_utf8(&weights[8..weights.len() - bytes.len()]).unwrap().trim_end();
    let mut entries: Vec<&str> = text[1..text.len() - 2].split("},").collect();
    entries.reverse();
    let reversed = with_header(&format!("{{{}}}}}", entries.join("},")), bytes);
    assert_ne!(reversed, weights);
    let (network, other) = (place.load(NETWORK.as_bytes(), &weights), place.load(NETWORK.as_bytes(), &reversed));
    let (network, other) = (network.unwrap(), other.unwrap());
    for (layer, other) in network.layers().iter().zip(other.layers()) {
        assert_eq!(layer.parameters(), other.parameters());
    }
}

#[test]
fn changed_bytes_of_weights_are_harmless() {
    let (place, weights) = (Place::new("changed"), weights());
    let mut random = Numbers::new(3);
    let header = weights.len() - split(&weights).1.len();
    for case in 0..2000 {
        let mut changed = weights.clone();
        for _ in 0..=random.next() % 3 {
            // Mostly in the header, where it matters.
            let at = random.next() as usize % if case % 4 == 0 { changed.len() } else { header };
            changed[at] = match random.next() % 3 {
                0 => random.next() as u8,
                1 => changed[at] ^ (1 << (random.next() % 8)),
                _ => b"0123456789-.e[]{}\"\\ ,:"[random.next() as usize % 22],
            };
        }
        let _ = place.load(NETWORK.as_bytes(), &changed);
    }
}

#[test]
fn inconsistent_headers_are_rejected() {
    let (place, weights) = (Place::new("lies"), weights());
    let (header, bytes) = split(&weights);
    for length in [0, 1, 7, weights.len() as u64 - 8, weights.len() as u64 - 7, 100_000_001, 1 << 40, u64::MAX] {
        let lying = [&length.to_le_bytes(), &weights[8..]].concat();
        assert!(place.load(NETWORK.as_bytes(), &lying).is_err(), "a header of {length} bytes");
    }
    let size = bytes.len();
    let max = u64::MAX;
    for offsets in [
        serde_json::json!([0, 0]),
        serde_json::json!([size, size]),
        serde_json::json!([0, size]),
        serde_json::json!([4, 0]),
        serde_json::json!([0, max]),
        serde_json::json!([max - 3, max]),
        serde_json::json!([max, max]),
        serde_json::json!([-4, 12]),
        serde_json::json!([0.5, 16]),
        serde_json::json!([0]),
        serde_json::json!("0"),
    ] {
        let mut lying = header.clone();
        lying["conv.bias"]["data_offsets"] = offsets.clone();
        assert!(place.load(NETWORK.as_bytes(), &with_header(&lying.to_string(), bytes)).is_err(), "{offsets}");
    }
    for shape in [
        serde_json::json!([]),
        serde_json::json!([0]),
        serde_json::json!([5]),
        serde_json::json!([2, 2]),
        serde_json::json!([max]),
        serde_json::json!([1_u64 << 62]),
        serde_json::json!([1_u64 << 32, 1_u64 << 32]),
        serde_json::json!([1_u64 << 32, 1_u64 << 32, 0]),
        serde_json::json!(vec![1; 10_000]),
        serde_json::json!([-4]),
        serde_json::json!("4"),
    ] {
        let mut lying = header.clone();
        lying["conv.bias"]["shape"] = shape.clone();
        assert!(place.load(NETWORK.as_bytes(), &with_header(&lying.to_string(), bytes)).is_err(), "{shape}");
    }
    for dtype in ["F64", "F16", "BF16", "I32", "U32", "BOOL", "F4", "C64", "", "f32"] {
        let mut lying = header.clone();
        lying["conv.bias"]["dtype"] = serde_json::json!(dtype);
        assert!(place.load(NETWORK.as_bytes(), &with_header(&lying.to_string(), bytes)).is_err(), "{dtype}");
    }
}

#[test]
fn headers_of_any_json_are_harmless() {
    let place = Place::new("json");
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(50_000), close.repeat(50_000));
    for header in [
        String::new(),
        "{".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        "{\"a\":null}".to_owned(),
        "{\"__metadata__\":{\"a\":1}}".to_owned(),
        deep("[", "]"),
        format!("{{\"a\":{}}}", deep("{\"a\":", "}")),
        format!("{{\"__metadata__\":{}}}", deep("[", "]")),
        format!("{{\"a\":{{\"dtype\":\"F32\",\"shape\":{},\"data_offsets\":[0,0]}}}}", deep("[", "]")),
    ] {
        assert!(place.load(NETWORK.as_bytes(), &with_header(&header, &[])).is_err());
    }
    // Many unclaimed tensors.
    let entry = |index: usize| format!("\"t{index}\":{{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}");
    let entries: Vec<String> = (0..5000).map(entry).collect();
    assert!(place.load(NETWORK.as_bytes(), &with_header(&format!("{{{}}}", entries.join(",")), &[])).is_err());
}

#[test]
fn numbers_that_are_not_finite_are_rejected_everywhere() {
    let (place, weights) = (Place::new("finite"), weights());
    let bytes = split(&weights).1.len();
    let start = weights.len() - bytes;
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for at in (start..weights.len()).step_by(4) {
            let mut changed = weights.clone();
            changed[at..at + 4].copy_from_slice(&value.to_le_bytes());
            // The counter of batch normalization is an unused integer; it comes first, because it is the widest.
            assert_eq!(place.load(NETWORK.as_bytes(), &changed).is_ok(), at < start + 8, "byte {at}");
        }
    }
}
