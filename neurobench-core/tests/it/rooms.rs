//! Rooms of the core name only the rooms that they may depend on.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

/// Names after `crate::` in the sources below a folder of `src`, with the files that have them.
fn rooms_named_in(folder: &str) -> Vec<(String, String)> {
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder)];
    let mut named = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            for after in code.flat_map(|line| line.split("crate::").skip(1)) {
                let room: String =
                    after.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
                named.push((room, path.display().to_string()));
            }
        }
    }
    assert!(!named.is_empty(), "no source in `{folder}`");
    named
}

#[test]
fn statistics_depend_on_exact_sums_alone() {
    for (room, file) in rooms_named_in("stats") {
        assert!(["stats", "exact_sum"].contains(&room.as_str()), "{file} uses `crate::{room}`");
    }
}

#[test]
fn the_definition_of_a_metric_depends_on_no_state_and_no_engine() {
    for (room, file) in rooms_named_in("metric") {
        assert!(!["accumulate", "bench", "report"].contains(&room.as_str()), "{file} uses `crate::{room}`");
    }
}
