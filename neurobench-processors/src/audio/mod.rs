//! Audio: resampling, spectrograms and features, `[batch, channel, sample]` to `[batch, channel, feature, frame]`.
