//! Tables that pyarrow wrote (`record_parquet.py`).

use ndarray::{Array1, Array2};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::json;

use crate::{damaged, open, problem, recorded, truth};

#[derive(Deserialize)]
struct Truth {
    byte: Vec<u8>,
    short: Vec<i16>,
    word: Vec<u32>,
    long: Vec<i64>,
    single: Vec<f64>,
    double: Vec<f64>,
    flag: Vec<bool>,
    kind: Vec<String>,
}

#[test]
fn columns_of_every_type_are_those_that_pyarrow_wrote() {
    let truth: Truth = truth("parquet/truth.json");
    let inputs = Array2::from_shape_fn((250, 7), |(row, column)| match column {
        0 => f32::from(truth.byte[row]),
        1 => f32::from(truth.short[row]),
        2 => truth.word[row] as f32,
        3 => truth.long[row] as f32,
        4 => truth.single[row] as f32,
        5 => truth.double[row] as f32,
        _ => f32::from(u8::from(truth.flag[row])),
    });
    // Sorted: cat, dog, Ärger.
    let class = |kind: &String| ["cat", "dog", "Ärger"].iter().position(|class| class == kind).unwrap() as i64;
    let classes: Array1<i64> = truth.kind.iter().map(class).collect();
    for file in ["snappy", "gzip", "plain"] {
        let file = format!("parquet/{file}.parquet");
        let data = open(&recorded(), &json!({"dataset": "parquet", "file": file})).unwrap();
        assert_eq!(data.samples(), 250);
        for range in [0..250, 0..1, 89..91, 100..100, 179..250] {
            let rows = ndarray::s![range.clone(), ..];
            let expected =
                (inputs.slice(rows).to_owned().into(), classes.slice(ndarray::s![range.clone()]).to_owned().into());
            assert_eq!(data.batch(range.clone()).unwrap(), expected, "{file} {range:?}");
        }
        let target = |target: &str| {
            let table = json!({"dataset": "parquet", "file": file, "target": target, "ignore": ["kind", 0]});
            let data = open(&recorded(), &table).unwrap();
            let (inputs, targets) = data.batch(0..250).unwrap();
            assert_eq!(inputs.shape(), [250, 5]);
            targets
        };
        assert_eq!(target("long"), Array1::from(truth.long.clone()).into());
        assert_eq!(target("double"), Array1::from(truth.double.clone()).into());
        assert_eq!(target("word"), truth.word.iter().map(|word| i64::from(*word)).collect::<Array1<_>>().into());
    }
}

#[test]
fn missing_values_nested_columns_and_texts_are_errors() {
    let problem = |file: &str, target: serde_json::Value| {
        problem(
            &recorded(),
            &json!({"dataset": "parquet", "file": format!("parquet/{file}.parquet"), "target": target}),
        )
    };
    let missing = problem("missing", json!("y"));
    assert_eq!(missing, "FOLDER/parquet/missing.parquet: row 0, column `x`: a value is missing");
    let nested = problem("nested", json!("y"));
    assert!(nested.contains("nested.parquet: column `x.list.element`: nested columns are not read"), "{nested}");
    let text = problem("plain", json!("byte"));
    assert!(text.contains("plain.parquet: column `kind`: expected numbers, found BYTE_ARRAY UTF8"), "{text}");
    let unknown = problem("plain", json!("knid"));
    assert!(unknown.contains("no column `knid`") && unknown.contains("did you mean `kind`?"), "{unknown}");
    let other = crate::problem(&recorded(), &json!({"dataset": "parquet", "file": "shd/shd_test.h5"}));
    assert!(other.contains("shd/shd_test.h5: "), "{other}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn changed_and_shortened_files_do_not_panic(place in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
        for file in ["parquet/snappy.parquet", "parquet/gzip.parquet"] {
            let change = |bytes: &mut Vec<u8>| {
                let place = place.index(bytes.len());
                bytes[place] = byte;
                if byte % 8 == 0 {
                    bytes.truncate(cut.index(bytes.len()));
                }
            };
            let folder = damaged(file, change);
            let name = file.rsplit('/').next().unwrap();
            if let Ok(data) = open(folder.path(), &json!({"dataset": "parquet", "file": name}))
                // A changed number of rows.
                && data.samples() < 1000
            {
                let _ = data.batch(0..data.samples());
            }
        }
    }
}
