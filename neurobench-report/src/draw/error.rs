//! Reasons why a figure cannot be drawn.

/// Reason why a figure cannot be drawn.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DrawError {
    /// There is nothing to draw.
    #[error("the figure has nothing to draw")]
    Empty,
    /// A number of a mark or an axis cannot be drawn.
    #[error("{mark} has {number}, which cannot be drawn: {reason}")]
    Number {
        /// Mark or axis with its label.
        mark: String,
        /// The number.
        number: f64,
        /// Reason.
        reason: &'static str,
    },
    /// Parts of the figure do not fit together.
    #[error("{0}")]
    Mismatch(String),
    /// The size or the resolution is too small or too large.
    #[error("{0}")]
    Size(String),
    /// The image cannot be made from the SVG.
    #[error("the image cannot be made: {0}")]
    Image(String),
}
