"""Times `neurobench evaluate` beside pandas and scikit-learn on the same files, and compares their values.

    pip install pandas scikit-learn pyarrow
    cargo build --release --features parquet
    python benches/evaluate_reference.py prepare FOLDER
    python benches/evaluate_reference.py measure FOLDER [--task classes|numbers] [--format csv|parquet]

`prepare` writes tables of 10^6 and 10^7 rows: classes (ten classes, nine of ten predictions are right) and numbers (floats with all
their digits). `measure` runs both programs as processes of their own, on the same files: `neurobench evaluate` with all processors,
and a Python program that reads the table with pandas and calls scikit-learn, whose time is also printed without that of its imports.
The time is the best of some runs, the memory the peak of the resident set.

Values of numbers are compared with those of exact sums (`math.fsum`, in a process that is not measured), within `EXACT` units in the last
place. Those of scikit-learn are rounded sums: it is checked within the bound of its own rounding, see `bound`.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path

COMMAND = Path(__file__).parent.parent / "target/release/neurobench"
ROWS = [10**6, 10**7]
METRICS = {
    "classes": "accuracy,precision(average=macro),recall(average=macro),f1_score(average=macro),confusion",
    "numbers": "mae,rmse,r2",
}
# Units in the last place by which a value may differ from that of exact sums: a few roundings after the sum (the quotient, the
# root, the difference from 1) and one of each term before it.
EXACT = 4

REFERENCE = """
import sys, time, json
begun = time.perf_counter()
import numpy, pandas
from sklearn import metrics
imported = time.perf_counter()
task, file = sys.argv[1:]
table = pandas.read_csv(file) if file.endswith(".csv") else pandas.read_parquet(file)
read = time.perf_counter()
targets, predictions = table["target"], table["prediction"]
if task == "classes":
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(targets, predictions, average="macro")
    values = {
        "accuracy": metrics.accuracy_score(targets, predictions),
        "precision": precision,
        "recall": recall,
        "f1_score": f1,
        "confusion": metrics.confusion_matrix(targets, predictions).tolist(),
    }
else:
    values = {
        "mae": metrics.mean_absolute_error(targets, predictions),
        "rmse": metrics.root_mean_squared_error(targets, predictions),
        "r2": metrics.r2_score(targets, predictions),
    }
ended = time.perf_counter()
seconds = {"import": imported - begun, "read": read - imported, "metrics": ended - read}
print(json.dumps({"values": values, "seconds": seconds}))
"""

# Values of numbers with exact sums. The Parquet file holds the bits of the numbers.
EXACT_SUMS = """
import json, sys
from math import fsum, sqrt
import pandas
table = pandas.read_parquet(sys.argv[1])
targets, predictions = table["target"].to_numpy(), table["prediction"].to_numpy()
errors = targets - predictions
deviations = targets - fsum(targets) / len(targets)
squares = fsum(errors * errors)
values = {
    "mae": fsum(abs(errors)) / len(errors),
    "rmse": sqrt(squares / len(errors)),
    "r2": 1 - squares / fsum(deviations * deviations),
}
print(json.dumps(values))
"""


def path(folder, task, rows, extension):
    return folder / f"{task}_{rows}.{extension}"


def prepare(folder):
    import numpy
    import pandas

    folder.mkdir(parents=True, exist_ok=True)
    for rows in ROWS:
        random = numpy.random.default_rng(rows)
        targets = random.integers(0, 10, rows)
        right = random.random(rows) < 0.9
        predictions = numpy.where(right, targets, random.integers(0, 10, rows))
        classes = pandas.DataFrame({"prediction": predictions, "target": targets})
        targets = random.normal(size=rows)
        numbers = pandas.DataFrame({"prediction": targets + random.normal(scale=0.1, size=rows), "target": targets})
        for task, table in {"classes": classes, "numbers": numbers}.items():
            table.to_parquet(path(folder, task, rows, "parquet"), index=False)
            table.to_csv(path(folder, task, rows, "csv"), index=False)


def process(arguments):
    """Output, seconds and peak memory in MiB of a process."""
    begun = time.perf_counter()
    child = subprocess.Popen(arguments, stdout=subprocess.PIPE)
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - begun
    if status != 0:
        sys.exit(f"{arguments[0]} failed")
    return output, seconds, usage.ru_maxrss / 1024


def own(task, file, results, workers=None):
    arguments = [COMMAND, "evaluate", "--predictions", file, "--target-column", "target", "--metrics", METRICS[task]]
    arguments += ["--output", results, "--force"]
    if workers:
        arguments += ["--workers", str(workers)]
    _, seconds, memory = process([str(argument) for argument in arguments])
    metrics = {metric["name"].split("(")[0]: metric["value"] for metric in json.loads(results.read_text())["metrics"]}
    if "confusion" in metrics:
        rows = metrics["confusion"]
        metrics["confusion"] = [[rows[target].get(predicted, 0) for predicted in rows] for target in rows]
    return metrics, seconds, memory


def units_in_the_last_place(a, b):
    return abs(a - b) / math.ulp(max(abs(a), abs(b)))


def bound(task, file, rows):
    """Units in the last place by which a value of scikit-learn may differ.

    NumPy adds by pairs: blocks of 128 terms in 8 sums of 16, which takes 15 + 3 roundings, then log2(n / 128) levels. With k
    roundings from each term to the sum, the relative error of a sum of terms of one sign is at most k u, u = 2^-53 (Higham, Accuracy
    and Stability of Numerical Algorithms, 4.2), which is at most k units in the last place. pandas reads the numbers of a CSV file
    within a unit in the last place; the differences of these tables are a twentieth of the numbers, in the mean, so that two numbers
    add 2 * 20 units. Numbers of classes are sums of integers, which are exact.
    """
    if task == "classes":
        return EXACT
    parsed = 40 if file.suffix == ".csv" else 0
    return EXACT + 18 + math.ceil(math.log2(rows / 128)) + parsed


def check(task, file, rows, values, reference):
    """Compares values with those of scikit-learn and of exact sums, and prints the distances."""
    exact_values = {}
    if task == "numbers":
        exact_values = json.loads(process([sys.executable, "-c", EXACT_SUMS, str(file.with_suffix(".parquet"))])[0])
    for name, expected in reference.items():
        if name == "confusion":
            assert values[name] == expected, (name, values[name], expected)
            print("  confusion: equal")
            continue
        distance = units_in_the_last_place(values[name], expected)
        line = f"  {name}: {values[name]!r}, scikit-learn {expected!r}, {distance:.0f} units in the last place apart"
        if name in exact_values:
            exact = exact_values[name]
            from_exact = units_in_the_last_place(values[name], exact)
            line += f"; exact sums {exact!r}, {from_exact:.0f} units in the last place apart"
            assert from_exact <= EXACT, line
        print(line)
        assert distance <= bound(task, file, rows), line


def measure(folder, task, extension, repeats):
    rows = ROWS[-1]
    results = folder / "results.json"
    file = path(folder, task, rows, extension)
    print(f"{task}, {extension}, {rows} rows, {file.stat().st_size / 1e6:.0f} MB")
    best = min((own(task, file, results) for _ in range(repeats)), key=lambda run: run[1])
    single = min(own(task, file, results, workers=1)[1] for _ in range(repeats))
    values, seconds, memory = best
    _, _, small = own(task, path(folder, task, ROWS[0], extension), results)
    rate = rows / seconds / 1e6
    print(f"  neurobench: {seconds:.3f} s ({rate:.1f} million rows/s), one worker {single:.3f} s")
    print(f"  neurobench: peak {memory:.1f} MiB, {small:.1f} MiB for {ROWS[0]} rows")
    runs = [process([sys.executable, "-c", REFERENCE, task, str(file)]) for _ in range(max(1, repeats // 2))]
    output, python_seconds, python_memory = min(runs, key=lambda run: run[1])
    reference = json.loads(output)
    parts = reference["seconds"]
    without_imports = parts["read"] + parts["metrics"]
    detail = ", ".join(f"{name} {part:.3f}" for name, part in parts.items())
    print(f"  pandas and scikit-learn: {python_seconds:.3f} s ({detail}), peak {python_memory:.0f} MiB")
    print(f"  factor: {python_seconds / seconds:.1f}, without imports {without_imports / seconds:.1f}")
    check(task, file, rows, values, reference["values"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["prepare", "measure"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--task", choices=list(METRICS), action="append")
    parser.add_argument("--format", choices=["csv", "parquet"], action="append")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    if arguments.step == "prepare":
        prepare(arguments.folder)
        return
    for task in arguments.task or METRICS:
        for extension in arguments.format or ["csv", "parquet"]:
            measure(arguments.folder, task, extension, arguments.repeats)


if __name__ == "__main__":
    main()
