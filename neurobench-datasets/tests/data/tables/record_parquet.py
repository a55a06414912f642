"""Writes tables in Apache Parquet files with pyarrow 26.0.1, and their numbers as JSON.

Run `python record_parquet.py` in an environment with pyarrow==26.0.1 and numpy==2.2.6.
"""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent / "parquet"


def main():
    HERE.mkdir(exist_ok=True)
    rng = np.random.default_rng(7)
    rows = 250
    columns = {
        "byte": pa.array(rng.integers(0, 256, rows), pa.uint8()),
        "short": pa.array(rng.integers(-(2**15), 2**15, rows), pa.int16()),
        "word": pa.array(rng.integers(0, 2**32, rows), pa.uint32()),
        "long": pa.array(rng.integers(-(2**40), 2**40, rows), pa.int64()),
        "single": pa.array(rng.normal(size=rows), pa.float32()),
        "double": pa.array(rng.normal(size=rows), pa.float64()),
        "flag": pa.array(rng.integers(0, 2, rows).astype(bool)),
        "kind": pa.array(rng.choice(["cat", "dog", "Ärger"], rows)),
    }
    table = pa.table(columns)
    pq.write_table(table, HERE / "snappy.parquet", row_group_size=90, data_page_size=64, compression="snappy")
    pq.write_table(table, HERE / "gzip.parquet", compression="gzip", use_dictionary=False, data_page_version="2.0")
    pq.write_table(table, HERE / "plain.parquet", compression="none", row_group_size=120)
    missing = pa.table({"x": pa.array([1.0, None, 3.0]), "y": pa.array([1, 2, 3])})
    pq.write_table(missing, HERE / "missing.parquet")
    nested = pa.table({"x": pa.array([[1.0], [2.0]]), "y": pa.array([1, 2])})
    pq.write_table(nested, HERE / "nested.parquet")
    (HERE / "truth.json").write_text(json.dumps(table.to_pydict(), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
