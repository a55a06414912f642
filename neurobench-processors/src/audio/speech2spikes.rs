//! Speech2Spikes: audio as signed events.

use neurobench_core::component::Settings;
use neurobench_core::model::Tensor;
use neurobench_core::preprocessor;
use neurobench_core::process::{Preprocessor, ProcessError};

use super::log_mel::natural;
use super::mel::{MelNorm, MelPlan, MelScale, MelSettings};
use super::modulation::{InitialLevel, Modulator};

/// Speech2Spikes: events of a log-mel spectrogram, mono `[batch, 1, sample]` or `[batch, sample]` to `f32`
/// `[batch, step, mel]` of −1, 0 and 1, as spiking networks take them.
///
/// A step is a frame of the spectrogram. L = ln(mel + `log_offset`) of every band is modulated: a running level ℓ begins
/// at L of frame 0, rounded to the nearest integer (ties to even). At each frame the event is +1 if L − ℓ > `threshold`,
/// −1 if L − ℓ < −`threshold`, and 0 otherwise; then ℓ grows by `threshold` times the event. A change of several thresholds
/// is spread over several frames.
///
/// Frames are centered at multiples of `hop_length`, and the clip is padded by its reflection. If the number of samples is
/// a multiple of `hop_length`, frame 0 gives no step, so there are samples / `hop_length` steps: 200 for a second by
/// default. Otherwise all frames do: samples / `hop_length`, rounded up.
///
/// The defaults are those of NeuroBench. The spectrogram is that of `mel_spectrogram` (power, HTK scale, no
/// normalization).
#[preprocessor(type = Speech2Spikes, alias = "s2s", cite = "Stewart et al. 2023, doi:10.1145/3584954.3584995")]
#[expect(clippy::too_many_arguments, reason = "each is a setting")]
pub fn speech2spikes(
    /// Sample rate of the audio in Hz.
    #[param(default = 16_000, range = 2..=10_000_000)]
    sample_rate: u32,
    /// Number of samples in a frame.
    #[param(default = 512, range = 1..=1_048_576)]
    n_fft: usize,
    /// Number of samples from one frame to the next.
    #[param(default = 80, range = 1..=1_048_576)]
    hop_length: usize,
    /// Lowest frequency of the filters in Hz.
    #[param(default = 20.0, range = 0.0..=5e6)]
    f_min: f64,
    /// Highest frequency of the filters in Hz.
    #[param(default = 4000.0, range = 0.0..=5e6)]
    f_max: f64,
    /// Number of mel bands.
    #[param(default = 20, range = 1..=4096)]
    n_mels: usize,
    /// Change of the logarithm that is an event.
    #[param(default = 1.0, range = 1e-6..=1e6)]
    threshold: f64,
    /// Addend that keeps the logarithm of silence finite.
    #[param(default = 1e-6, range = 1e-30..=1e6)]
    log_offset: f64,
) -> Result<impl Preprocessor, ProcessError> {
    const NAME: &str = Speech2Spikes::ABOUT.name;
    let plan = MelPlan::new(
        &MelSettings {
            sample_rate,
            n_fft,
            win_length: None,
            hop_length: Some(hop_length),
            f_min,
            f_max: Some(f_max),
            n_mels,
            power: 2.0,
            normalized: false,
            center: true,
            mel_norm: MelNorm::None,
            mel_scale: MelScale::Htk,
        },
        NAME,
    )?;
    let modulator = Modulator::new(threshold, InitialLevel::Rounded);
    let offset = log_offset as f32;
    Ok(move |inputs: Tensor, targets: Tensor| -> Result<(Tensor, Tensor), ProcessError> {
        let samples = match *inputs.shape() {
            [_, 1, samples] | [_, samples] => samples,
            ref other => {
                let expected = "mono audio: [batch, 1, sample] or [batch, sample]";
                return Err(ProcessError::Shape { processor: NAME, found: other.to_vec(), expected });
            }
        };
        let dropped = usize::from(samples.is_multiple_of(hop_length));
        let shape = |_, frames| [frames - dropped, n_mels];
        let events = plan.map(inputs, shape, |logarithms, frames, events| {
            natural(logarithms, offset);
            for (mel, logarithms) in logarithms.chunks_exact(frames).enumerate() {
                let steps = modulator.events(logarithms.iter().copied()).skip(dropped);
                steps.zip(events.chunks_exact_mut(n_mels)).for_each(|(event, step)| step[mel] = event);
            }
        })?;
        Ok((events, targets))
    })
}
