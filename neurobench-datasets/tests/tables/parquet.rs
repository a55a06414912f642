//! Tables that pyarrow wrote (`record_parquet.py`).

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use ::parquet::data_type::DoubleType;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;
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
    assert_eq!(missing, "FOLDER/parquet/missing.parquet: row 1, column `x`: a value is missing");
    let nested = problem("nested", json!("y"));
    assert!(nested.contains("nested.parquet: column `x.list.element`: nested columns are not read"), "{nested}");
    let text = problem("plain", json!("byte"));
    assert!(text.contains("plain.parquet: column `kind`: expected numbers, found BYTE_ARRAY UTF8"), "{text}");
    let unknown = problem("plain", json!("knid"));
    assert!(unknown.contains("no column `knid`") && unknown.contains("did you mean `kind`?"), "{unknown}");
    let other = crate::problem(&recorded(), &json!({"dataset": "parquet", "file": "shd/shd_test.h5"}));
    assert!(other.contains("shd/shd_test.h5: "), "{other}");
}

/// Writes a table with the columns `x` and `y`, in row groups of this number of rows.
fn write(path: &Path, rows: &[(f64, f64)], group: usize) {
    let schema = Arc::new(parse_message_type("message table { required double x; required double y; }").unwrap());
    let mut file = SerializedFileWriter::new(File::create(path).unwrap(), schema, Arc::default()).unwrap();
    for rows in rows.chunks(group) {
        let mut group = file.next_row_group().unwrap();
        for column in [|row: &(f64, f64)| row.0, |row: &(f64, f64)| row.1] {
            let values: Vec<f64> = rows.iter().map(column).collect();
            let mut writer = group.next_column().unwrap().unwrap();
            writer.typed::<DoubleType>().write_batch(&values, None, None).unwrap();
            writer.close().unwrap();
        }
        group.close().unwrap();
    }
    file.close().unwrap();
}

#[test]
fn nan_is_an_error_with_its_row_and_column() {
    let folder = tempfile::tempdir().unwrap();
    for (row, is_target) in [(0, false), (99, true), (100, false), (5000, true), (9998, false)] {
        let mut rows = vec![(0.5, f64::INFINITY); 9999];
        *if is_target { &mut rows[row].1 } else { &mut rows[row].0 } = f64::NAN;
        write(&folder.path().join("table.parquet"), &rows, 5100);
        let table = json!({"dataset": "parquet", "file": "table.parquet"});
        let column = if is_target { "y" } else { "x" };
        let expected = format!("FOLDER/table.parquet: row {row}, column `{column}`: found NaN");
        assert_eq!(problem(folder.path(), &table), expected);
        let data = open(folder.path(), &table).unwrap();
        assert!(data.batch(0..row).is_ok() && data.batch(row + 1..9999).is_ok());
    }
}

#[test]
fn workers_that_read_at_the_same_time_get_the_rows_that_they_request() {
    let rows: Vec<(f64, f64)> = (0..8000).map(|row| (f64::from(row), -f64::from(row))).collect();
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("table.parquet"), &rows, 100);
    let data = open(folder.path(), &json!({"dataset": "parquet", "file": "table.parquet"})).unwrap();
    let (data, workers) = (&data, 8);
    let work = |worker: usize| {
        for round in 0..3 {
            for start in (0..8000).step_by(50).skip((worker + round) % workers).step_by(workers) {
                let range = start..start + 50;
                let (inputs, targets) = data.batch(range.clone()).unwrap_or_else(|error| panic!("{range:?}: {error}"));
                assert_eq!(inputs, Array2::from_shape_fn((50, 1), |(row, _)| (start + row) as f32).into());
                assert_eq!(targets, range.map(|row| -(row as f64)).collect::<Array1<_>>().into());
            }
        }
    };
    std::thread::scope(|scope| {
        for worker in 0..workers {
            scope.spawn(move || work(worker));
        }
    });
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
