//! Speech Commands from WAV files to metrics, against Python NeuroBench on the same files.
//!
//! `python/fixtures/speech_commands.py` made the clips, ran NeuroBench on them and recorded `reference.json` and the network
//! in `tests/data/speech_commands`. The clips are made again here, from the same integers.

use std::path::Path;

use neurobench::component::Spec;
use neurobench::metrics::{
    ActivationSparsity, ActivationSparsityByLayer, ClassificationAccuracy, ConnectionSparsity, Footprint,
    LayerOperations, MembraneUpdateCounts, MembraneUpdates, NeuronSpikes, OperationCounts, ParameterCount,
    SynapticOperations,
};
use neurobench::report::Report;
use neurobench::spec::BenchmarkSpec;
use neurobench::tasks::find_task;
use serde_json::Value;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/speech_commands");

const WORDS: &str = "backward bed bird cat dog down eight five follow forward four go happy house learn left marvin nine \
                     no off on one right seven sheila six stop three tree two up visual wow yes zero";

/// Clips for test; then come 35 for training and 2 for validation.
const TEST_CLIPS: u64 = 40;
const CLIPS: u64 = TEST_CLIPS + 35 + 2;
const RATE: i64 = 16_000;

/// The 64 bits of SplitMix64 after `seed · 2³² + index + 1` steps from 0.
fn random(seed: u64, index: u64) -> u64 {
    let mut bits = ((seed << 32) + index + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Samples of a clip: three syllables with ten harmonics of a gliding pitch, and noise, as the script makes them.
fn clip(number: u64) -> Vec<i16> {
    let length = RATE - 1250 * if number.is_multiple_of(4) { number as i64 % 5 } else { 0 };
    let noise =
        |sample: i64| (((random(number, 1000 + sample as u64) >> 48) as i64 - 32_768) * (1 << (number % 5))) >> 9;
    let mut total: Vec<i64> = (0..length).map(noise).collect();
    for syllable in 0..3 {
        let draw = |index: u64| random(number, 100 * syllable + index);
        let below = |index: u64, limit: u64| (draw(index) % limit) as i64;
        let (start, duration) = (below(0, 10_000), 2000 + below(1, 5000));
        let (step, glide, amplitude) = ((90 + below(2, 170)) * 268_435, below(3, 2000), 2000 + below(4, 10_000));
        for t in 0..duration.min(length - start) {
            let phase = step * t + glide * (t * (t - 1) / 2);
            let envelope = 4 * t * (duration - t) * amplitude / (duration * duration);
            let harmonics: i64 = (1..=10)
                .map(|harmonic| {
                    let x = (((phase * harmonic) & 0xffff_ffff) >> 16) - 32_768;
                    // A parabola in place of a sine: 32768 at most.
                    ((x * (32_768 - x.abs())) >> 13) * (below(9 + harmonic as u64, 256) / harmonic)
                })
                .sum();
            total[(start + t) as usize] += (envelope * (harmonics >> 10)) >> 15;
        }
    }
    total.into_iter().map(|sample| sample.clamp(-32_768, 32_767) as i16).collect()
}

/// Writes a WAV file byte by byte: 16 bits, mono, 16 kHz.
fn write_wav(file: &Path, samples: &[i16]) {
    let audio: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let length = audio.len() as u32;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + length).to_le_bytes());
    // PCM, one channel, samples and bytes in a second, bytes and bits of a sample.
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data");
    bytes.extend(length.to_le_bytes());
    bytes.extend(audio);
    std::fs::write(file, bytes).unwrap();
}

/// Writes all clips in the layout of the data set; returns the checksum of their samples.
pub(crate) fn write_clips(folder: &Path) -> u32 {
    let words: Vec<&str> = WORDS.split(' ').collect();
    let (mut testing, mut validation) = (String::new(), String::new());
    let (mut sum, mut place) = (0_i64, 0);
    for number in 0..CLIPS {
        let word = words[number as usize * 13 % words.len()];
        let name = format!("{word}/{number:08x}_nohash_{}.wav", number % 3);
        std::fs::create_dir_all(folder.join(word)).unwrap();
        let samples = clip(number);
        write_wav(&folder.join(&name), &samples);
        for sample in samples {
            place += 1;
            sum += place * i64::from(sample);
        }
        match number {
            0..TEST_CLIPS => testing.push_str(&format!("{name}\n")),
            75.. => validation.push_str(&format!("{name}\n")),
            _ => {}
        }
    }
    std::fs::write(folder.join("testing_list.txt"), testing).unwrap();
    std::fs::write(folder.join("validation_list.txt"), validation).unwrap();
    sum.rem_euclid(1 << 32) as u32
}

/// Runs the task with the network of the fixtures and further metrics.
fn run(folder: &Path) -> Report {
    let file = find_task("speech_commands").unwrap().unpack(folder).unwrap();
    let mut spec = BenchmarkSpec::read(file).unwrap();
    spec.model.file = Path::new(FOLDER).join("network.toml");
    spec.data.as_mut().unwrap().batch_size = Some(16);
    let metrics = [
        "footprint",
        "parameter_count",
        "connection_sparsity",
        "classification_accuracy",
        "activation_sparsity",
        "activation_sparsity_by_layer",
        "operation_counts",
        "synaptic_operations",
        "membrane_update_counts",
        "membrane_updates",
        "neuron_spikes",
    ];
    spec.metrics = metrics.map(|metric| Spec::parse(metric).unwrap()).to_vec();
    spec.builder().unwrap().workers(2).build().unwrap().run().unwrap()
}

fn integer(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

fn sum(by_layer: &Value) -> u64 {
    by_layer.as_object().unwrap().values().map(integer).sum()
}

#[test]
fn every_integer_and_the_activity_of_every_neuron_are_those_of_neurobench() {
    let text = std::fs::read_to_string(format!("{FOLDER}/reference.json")).unwrap();
    let reference: Value = serde_json::from_str(&text).unwrap();
    let (results, totals) = (&reference["results"], &reference["totals"]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    assert_eq!(u64::from(write_clips(&folder.path().join("data"))), integer(&reference["clips_checksum"]));

    let report = run(folder.path());
    let samples = integer(&totals["samples"]);
    assert_eq!(report.samples(), samples);
    let notes = ["the data have 40 clips of words for test, but Speech Commands v0.02 has 11005"];
    assert!(report.notes().iter().any(|note| notes.contains(&note.as_str())), "{:?}", report.notes());

    // Integers.
    assert_eq!(*report.get::<Footprint>().unwrap(), integer(&results["Footprint"]));
    assert_eq!(*report.get::<ParameterCount>().unwrap(), integer(&results["ParameterCount"]));
    let operations = report.get::<OperationCounts>().unwrap();
    let total = |count: fn(&LayerOperations) -> u64| operations.iter().map(|(_, layer)| count(layer)).sum::<u64>();
    let (macs, acs) = (integer(&totals["synaptic_macs"]), integer(&totals["synaptic_acs"]));
    assert_eq!(total(|layer| if layer.analog { layer.effective } else { 0 }), macs);
    assert_eq!(total(|layer| if layer.analog { 0 } else { layer.effective }), acs);
    assert_eq!(total(|layer| layer.dense), integer(&totals["synaptic_dense"]));
    let updates: u64 = report.get::<MembraneUpdateCounts>().unwrap().iter().map(|(_, updates)| updates).sum();
    assert_eq!(updates, integer(&totals["membrane_updates"]));

    // Spikes of every neuron, over samples and steps.
    let observations = samples * integer(&totals["steps"]);
    let spikes = report.get::<NeuronSpikes>().unwrap();
    let recorded = reference["spikes_by_neuron"].as_object().unwrap();
    assert_eq!(recorded.keys().collect::<Vec<_>>(), ["2", "4", "6"]);
    for (layer, counts) in recorded {
        let rates: Vec<f64> =
            counts.as_array().unwrap().iter().map(|count| integer(count) as f64 / observations as f64).collect();
        assert_eq!(*spikes.get(layer).unwrap(), rates, "layer {layer}");
    }

    // Quotients of integers, bit for bit.
    let per_sample = report.get::<SynapticOperations>().unwrap();
    let theirs = &results["SynapticOperations"];
    assert_eq!(Some(per_sample.effective_macs), theirs["Effective_MACs"].as_f64());
    assert_eq!(Some(per_sample.effective_acs), theirs["Effective_ACs"].as_f64());
    assert_eq!(Some(per_sample.dense), theirs["Dense"].as_f64());
    assert_eq!(Some(*report.get::<MembraneUpdates>().unwrap()), results["MembraneUpdates"].as_f64());
    for (path, sparsity) in report.get::<ActivationSparsityByLayer>().unwrap().iter() {
        assert_eq!(Some(*sparsity), results["ActivationSparsityByLayer"][path].as_f64(), "layer {path}");
    }
    let accuracy = *report.get::<ClassificationAccuracy>().unwrap();
    assert_eq!(accuracy, integer(&totals["correct_predictions"]) as f64 / samples as f64);
    let (spikes, outputs) = (sum(&totals["spikes_by_layer"]), sum(&totals["outputs_by_layer"]));
    assert_eq!(*report.get::<ActivationSparsity>().unwrap(), (outputs - spikes) as f64 / outputs as f64);
    // NeuroBench rounds it to four decimals.
    let connection = *report.get::<ConnectionSparsity>().unwrap();
    assert_eq!(Some((connection * 1e4).round() / 1e4), results["ConnectionSparsity"].as_f64());
}
