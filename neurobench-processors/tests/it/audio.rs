//! Audio processors, held to torchaudio and to NeuroBench on the audio that `python/fixtures/audio.py` made and recorded.

use std::path::{Path, PathBuf};

use ndarray::{Array3, ArrayD, Axis};
use ndarray_npy::{ReadNpyExt, ReadableElement};
use neurobench::model::Tensor;
use neurobench::process::{ProcessError, preprocessors};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/audio")
}

fn array<T: ReadableElement>(name: &str) -> ArrayD<T> {
    let file = std::fs::File::open(folder().join(format!("{name}.npy"))).unwrap();
    ArrayD::read_npy(file).unwrap()
}

/// Audio `[clip, channel, sample]`.
fn audio(name: &str) -> ArrayD<f32> {
    array::<i16>(name).mapv(|sample| f32::from(sample) / 32768.0)
}

fn process(processor: &str, inputs: impl Into<Tensor>) -> Result<Tensor, ProcessError> {
    let inputs = inputs.into();
    let targets = ndarray::Array1::<i64>::zeros(inputs.samples());
    let preprocessor = preprocessors().construct(&processor.parse().unwrap()).unwrap().item;
    Ok(preprocessor.process(inputs, targets.into())?.0)
}

fn singles(tensor: Tensor) -> ArrayD<f32> {
    let Tensor::F32(array) = tensor else { panic!("expected single precision, found {:?}", tensor.dtype()) };
    array.into_owned()
}

fn cases() -> Vec<Value> {
    let text = std::fs::read_to_string(folder().join("audio.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["cases"].as_array().unwrap().clone()
}

fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap()
}

#[test]
fn spectrograms_coefficients_and_resampled_audio_are_those_of_torchaudio() {
    let with_tolerance: Vec<Value> = cases().into_iter().filter(|case| case["absolute"].is_number()).collect();
    assert_eq!(with_tolerance.len(), 15);
    for case in with_tolerance {
        let name = text(&case, "name");
        let found = singles(process(text(&case, "processor"), audio(text(&case, "audio"))).unwrap());
        let expected: ArrayD<f32> = array(name);
        assert_eq!(found.shape(), expected.shape(), "{name}");
        let (absolute, relative) = (case["absolute"].as_f64().unwrap(), case["relative"].as_f64().unwrap());
        let mut worst: f64 = 0.0;
        for (found, expected) in found.iter().zip(&expected) {
            let (found, expected) = (f64::from(*found), f64::from(*expected));
            worst = worst.max((found - expected).abs() / (absolute + relative * expected.abs()));
        }
        println!("{name}: {worst:.2} of the tolerance");
        assert!(worst <= 1.0, "{name}: differs by {worst} times the tolerance");
    }
}

#[test]
fn events_are_those_of_neurobench() {
    // The logarithms of two implementations differ by less: torchaudio's are recorded to differ by 2e-5 from the exact ones.
    const NOISE: f64 = 1e-4;
    let cases: Vec<Value> = cases().into_iter().filter(|case| case["absolute"].is_null()).collect();
    assert_eq!(cases.len(), 6);
    for case in cases {
        let (name, processor) = (text(&case, "name"), text(&case, "processor"));
        let clips = audio(text(&case, "audio"));
        let expected = array::<i8>(name).mapv(f32::from);
        let found = singles(process(processor, clips.clone()).unwrap());
        assert_eq!(found.shape(), expected.shape(), "{name}");

        // Distance of every change from the threshold, along the levels of the recorded events.
        let threshold: f64 = processor.split_once('=').unwrap().1.trim_end_matches(')').parse().unwrap();
        let settings = "n_fft=512, hop_length=80, n_mels=20, f_min=20, f_max=4000";
        let logarithms = singles(process(&format!("log_mel({settings})"), clips).unwrap());
        let logarithms: Array3<f32> = logarithms.index_axis_move(Axis(1), 0).into_dimensionality().unwrap();
        let dropped = logarithms.len_of(Axis(2)) - expected.len_of(Axis(1));
        let (mut close, mut differences) = (0, 0);
        for ((clip, mel), signal) in ndarray::indices((expected.shape()[0], 20)).into_iter().zip(logarithms.rows()) {
            let mut level = f64::from(signal[0].round_ties_even());
            for (frame, value) in signal.iter().enumerate().skip(dropped) {
                let index = [clip, frame - dropped, mel];
                let distance = ((f64::from(*value) - level).abs() - threshold).abs();
                close += usize::from(distance < NOISE);
                differences += usize::from(found[index] != expected[index]);
                level += threshold * f64::from(expected[index]);
            }
        }
        let total = expected.len();
        println!("{name}: {total} values, {close} within {NOISE} of the threshold, {differences} differ");
        assert_eq!(differences, 0, "{name}");
    }
}

#[test]
fn results_do_not_depend_on_the_batch_or_on_the_axis_of_channels() {
    let clips = audio("second");
    for processor in ["mfcc", "log_mel(scale=decibels, top_db=80)", "speech2spikes", "resample(from=16000, to=11025)"] {
        let together = singles(process(processor, clips.clone()).unwrap());
        let alone = singles(process(processor, clips.slice(ndarray::s![2..3, .., ..]).to_owned()).unwrap());
        assert_eq!(alone.index_axis(Axis(0), 0), together.index_axis(Axis(0), 2), "{processor}");
        let mono = process(processor, clips.index_axis(Axis(1), 0).to_owned()).unwrap();
        assert!(singles(mono).iter().eq(together.iter()), "{processor}");
    }
}

#[test]
fn speech2spikes_is_log_mel_with_delta_modulation() {
    let clips = audio("odd");
    let logarithms =
        process("log_mel(n_fft=512, hop_length=80, n_mels=20, f_min=20, f_max=4000)", clips.clone()).unwrap();
    let events = singles(process("delta_modulation", logarithms).unwrap());
    assert_eq!(events.shape(), [2, 60, 1, 20]);
    let expected = singles(process("s2s", clips).unwrap());
    assert_eq!(events.index_axis(Axis(2), 0), expected.view());
}

#[test]
fn settings_that_contradict_each_other_are_errors() {
    let problem = |processor: &str| match preprocessors().construct(&processor.parse().unwrap()) {
        Ok(constructed) => panic!("{} was constructed", constructed.identity),
        Err(error) => error.to_string(),
    };
    assert_eq!(
        problem("mel_spectrogram(win_length=500)"),
        "preprocessor `mel_spectrogram`: `mel_spectrogram`: `win_length` must be between 1 and `n_fft`, 400, not 500"
    );
    assert_eq!(
        problem("mfcc(sample_rate=8000, f_max=8000)"),
        "preprocessor `mfcc`: `mfcc`: expected `f_min` < `f_max` <= 4000, half the sample rate; found 0 and 8000"
    );
    assert_eq!(
        problem("mfcc(n_mels=20)"),
        "preprocessor `mfcc`: `mfcc`: `n_mfcc` must be at most `n_mels`, 20, not 40"
    );
    assert_eq!(
        problem("log_mel(top_db=80)"),
        "preprocessor `log_mel`: `log_mel`: `top_db` needs `scale = \"decibels\"`"
    );
    assert!(problem("resample(from=9999991, to=9999973)").contains("need too many weights"));
}

#[test]
fn clips_that_are_too_short_and_several_channels_for_events_are_errors() {
    let problem =
        |processor: &str, shape: [usize; 3]| process(processor, Array3::<f32>::zeros(shape)).unwrap_err().to_string();
    assert_eq!(
        problem("speech2spikes", [2, 1, 256]),
        "`speech2spikes`: clips of 256 samples are too short: the reflected padding of half a frame needs at least 257"
    );
    assert_eq!(
        problem("mel_spectrogram(center=false)", [2, 1, 399]),
        "`mel_spectrogram`: clips of 399 samples are too short: one frame needs at least 400"
    );
    // As torchaudio and NeuroBench have audio after `unsqueeze(-1)`.
    assert_eq!(
        problem("speech2spikes", [2, 16000, 1]),
        "`speech2spikes`: found shape [2, 16000, 1], expected mono audio: [batch, 1, sample] or [batch, sample]"
    );
}
