//! Schema of results.

use serde_json::{Value, json};

use super::{DIALECT, count, digest, flag, intervals, list, number, object, text};

/// The schema of a file of results.
pub(super) fn schema() -> Value {
    let mut schema = object(
        &json!({
            "schema": { "enum": [2, 3], "description": "Version of this form." },
            "benchmark": text("Name of the benchmark."),
            "library": text("Name and version of the library that wrote the results."),
            "model": digest("Digest of the model; null if it has none."),
            "data": digest("Digest of the data set; null if it has none."),
            "samples": count("Number of samples."),
            "batches": count("Number of batches."),
            "batch_size": { "type": ["integer", "null"], "minimum": 1, "description": "Maximum number of samples in a batch." },
            "preprocessors": list(&text("A preprocessor with all its settings.")),
            "postprocessors": list(&text("A postprocessor with all its settings.")),
            "intervals": intervals(),
            "sample_unit": { "enum": ["sample", "sequence"], "description": "Unit of resampling and of per-sample values." },
            "sample_units": count("Number of these units."),
            "metrics": list(&json!({ "$ref": "#/$defs/metric" })),
            "groups": list(&group()),
            "leaderboard": leaderboard(),
            "notes": list(&text("A fact that a reader of the results should know.")),
            "timing": object(
                &json!({
                    "workers": count("Number of workers."),
                    "total_seconds": number("Seconds from the first batch to the last."),
                    "forward_seconds": number("Seconds inside the model's forward passes, summed over workers."),
                }),
                &["workers", "total_seconds", "forward_seconds"],
            ),
            "measurements": measurements(),
            "provenance": provenance(),
        }),
        &[
            "schema",
            "library",
            "model",
            "data",
            "samples",
            "batches",
            "batch_size",
            "preprocessors",
            "postprocessors",
            "metrics",
            "timing",
        ],
    );
    schema["$schema"] = DIALECT.into();
    schema["title"] = "Results of neurobench".into();
    schema["$defs"] = json!({ "metric": metric(), "value": value(), "host": host(), "path": path() });
    schema
}

/// The result of a metric.
fn metric() -> Value {
    let interval = object(
        &json!({
            "path": { "$ref": "#/$defs/path" },
            "low": number("Lower end."),
            "high": number("Upper end."),
            "kind": { "enum": ["wilson", "clopper_pearson", "student_t", "percentile", "bca"], "description": "Method." },
        }),
        &["low", "high", "kind"],
    );
    let samples = object(
        &json!({
            "samples": list(&count("Zero-based index of a sample or sequence.")),
            "values": list(&number("Value on it.")),
            "proportion": flag("True if each value is one decision, and the metric is the share of those that hold."),
        }),
        &["samples", "values"],
    );
    let replicates = object(
        &json!({
            "path": { "$ref": "#/$defs/path" },
            "undefined": list(&count("Zero-based index of a replicate without a value.")),
            "values": list(&number("Value on a replicate.")),
        }),
        &["values"],
    );
    let field = object(
        &json!({
            "name": text("Name of the field."),
            "unit": text("Its unit."),
            "higher_is_better": flag("True if higher values are better."),
        }),
        &["name"],
    );
    let mut schema = object(
        &json!({
            "name": text("Name under which the metric was requested."),
            "also": list(&text("Further name.")),
            "metric": text("Package and registered name of the definition."),
            "version": count("Version of the definition."),
            "kind": { "enum": ["static", "workload", "accumulated"] },
            "settings": { "type": "object", "description": "All settings, defaults included." },
            "unit": text("Unit of the value."),
            "higher_is_better": flag("True if higher values are better, false if lower values are."),
            "fields": list(&field),
            "status": { "enum": ["ok", "partial", "undefined", "failed"] },
            "value": { "$ref": "#/$defs/value" },
            "error": text("Reason why there is no value."),
            "intervals": list(&interval),
            "no_interval": text("Reason why there is no interval."),
            "samples": samples,
            "no_samples": text("Reason why there are no per-sample values."),
            "replicates": list(&replicates),
        }),
        &["name", "metric", "version", "kind", "settings", "status"],
    );
    // A metric has a value or the reason why it has none.
    schema["oneOf"] = json!([{ "required": ["value"] }, { "required": ["error"] }]);
    schema
}

/// A value: a number, a truth value, text, a list or a map; a part without a value is an object with the reason.
fn value() -> Value {
    let part = json!({ "$ref": "#/$defs/value" });
    json!({
        "anyOf": [
            { "type": ["number", "boolean", "string", "null"] },
            { "type": "array", "items": part },
            object(&json!({ "undefined": text("Reason why there is no value.") }), &["undefined"]),
            { "type": "object", "additionalProperties": part },
        ],
    })
}

fn path() -> Value {
    list(&text("Key on the way to a number of the value; items of lists have their zero-based index as key."))
}

fn group() -> Value {
    let mean = object(
        &json!({
            "metric": text("Name of the metric."),
            "mean": number("Mean of the values of the sequences."),
            "sequences": count("Number of sequences on which the metric is defined."),
            "interval": { "type": "array", "items": { "type": "number" }, "minItems": 2, "maxItems": 2 },
        }),
        &["metric", "mean", "sequences"],
    );
    object(
        &json!({ "name": text("Name of the group."), "sequences": count("Number of sequences."), "means": list(&mean) }),
        &["name", "sequences", "means"],
    )
}

fn leaderboard() -> Value {
    let column = object(
        &json!({
            "name": text("Head of the column."),
            "unit": text("Unit of the values."),
            "value": { "$ref": "#/$defs/value" },
            "reason": text("Reason why there is no value."),
        }),
        &["name"],
    );
    let row = object(
        &json!({ "model": text("Name of the model."), "values": list(&json!({ "$ref": "#/$defs/value" })) }),
        &["model", "values"],
    );
    object(&json!({ "columns": list(&column), "published": list(&row) }), &["columns"])
}

fn host() -> Value {
    object(
        &json!({
            "cpu": text("Model of the processor."),
            "cores": count("Number of processors that the program may use."),
            "architecture": text("Architecture of the processor."),
            "os": text("Operating system."),
            "instruction_set": text("Instruction set of the kernels of native networks."),
            "library": text("Name and version of the library."),
        }),
        &["cores", "architecture", "os", "instruction_set", "library"],
    )
}

fn provenance() -> Value {
    let file = object(
        &json!({
            "path": text("File or folder as the command names it."),
            "bytes": count("Number of bytes."),
            "digest": { "type": "string", "pattern": "^sha256:[0-9a-f]{64}$" },
            "files": count("Number of files of a folder."),
        }),
        &["path", "bytes", "digest"],
    );
    object(
        &json!({
            "command": list(&text("The program or an argument.")),
            "files": list(&file),
            "seeds": { "type": "object", "additionalProperties": count("Seed by the place of its setting.") },
            "host": { "$ref": "#/$defs/host" },
        }),
        &["command"],
    )
}

fn measurements() -> Value {
    let quantity = object(
        &json!({
            "name": text("Name of the quantity."),
            "unit": text("Unit."),
            "higher_is_better": flag("True if higher values are better."),
            "median": number("Median over the repeats."),
            "min": number("Lowest value."),
            "max": number("Highest value."),
            "values": list(&number("Value in a repeat.")),
        }),
        &["name", "unit", "median", "min", "max", "values"],
    );
    let domain = object(
        &json!({
            "name": text("Name of the domain."),
            "idle_watts": number("Idle level in watts, which is subtracted."),
            "joules": list(&number("Energy of a repeat in joules.")),
            "seconds": list(&number("Duration of a repeat in seconds.")),
        }),
        &["name", "joules", "seconds"],
    );
    let energy = object(
        &json!({
            "source": text("Source of the figures."),
            "boundary": text("Part of the machine whose energy was measured."),
            "idle_seconds": number("Duration for which the idle level was measured."),
            "domains": list(&domain),
        }),
        &["source", "boundary", "idle_seconds", "domains"],
    );
    let conditions = object(
        &json!({
            "min_seconds": number("Minimum duration of a repeat."),
            "min_queries": count("Minimum number of queries in a repeat."),
            "min_samples": count("Minimum number of samples in a repeat."),
            "max_seconds": number("Duration after which no query is issued."),
            "max_queries": count("Number of queries after which none is issued."),
            "warmup_seconds": number("Duration of the warm-up before each repeat."),
            "repeats": count("Number of repeats."),
            "seed": count("Seed of the order of samples and of the arrivals."),
            "loaded_samples": count("Number of samples that were loaded before the clock started."),
            "latency_bound": number("Upper bound of the latency in seconds."),
            "price_per_hour": number("Price of an hour on the machine."),
        }),
        &["min_seconds", "min_queries", "min_samples", "warmup_seconds", "repeats", "seed", "loaded_samples"],
    );
    let scenario = json!({
        "type": "object",
        "properties": {
            "name": { "enum": ["single_stream", "multi_stream", "offline", "server"] },
            "samples_per_query": count("Number of samples in a query."),
            "rate": number("Mean number of queries that arrive in a second."),
        },
        "required": ["name"],
        "additionalProperties": false,
    });
    let run = object(
        &json!({
            "model": text("Name of the model."),
            "digest": text("Digest of the model."),
            "scenario": scenario,
            "batch_size": count("Maximum number of samples in a forward pass."),
            "workers": count("Number of workers on each copy of the model."),
            "copies": count("Number of copies of the model."),
            "conditions": conditions,
            "valid": flag("True if the requirements of the scenario are met."),
            "invalid": list(&text("Reason why the measurement is not valid.")),
            "quantities": list(&quantity),
            "latencies": {
                "type": "array",
                "items": { "type": "array", "items": { "type": "integer", "minimum": 0 }, "minItems": 2, "maxItems": 2 },
                "description": "Highest latency in a bucket in nanoseconds, and the number of latencies in it.",
            },
            "energy": energy,
            "no_energy": text("Reason why there is no measured energy."),
            "notes": list(&text("A fact that a reader should know.")),
        }),
        &["model", "scenario", "batch_size", "workers", "copies", "conditions", "valid", "quantities", "latencies"],
    );
    object(&json!({ "host": { "$ref": "#/$defs/host" }, "runs": list(&run) }), &["host", "runs"])
}
