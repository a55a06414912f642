//! Size and colors of a drawing.

/// Size and colors of a drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Style {
    /// Width in CSS pixels, 1/96 inch each. `None` for one column of a journal (340 pixels, 90 mm), and up to two columns (680 pixels)
    /// if the axis has many categories.
    pub width: Option<f64>,
    /// Height in CSS pixels. `None` for a height that suits the width and the marks.
    pub height: Option<f64>,
    /// Colors.
    pub theme: Theme,
    /// Resolution of PNG files in pixels per inch.
    pub resolution: f64,
}

/// Colors of text, axes and background.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Theme {
    /// Transparent background; dark text, or light text where the reader prefers dark pages. PNG files have the colors of
    /// [`Light`](Theme::Light).
    #[default]
    Auto,
    /// Dark text on white, for print.
    Light,
    /// Light text on near-black.
    Dark,
}

impl Default for Style {
    fn default() -> Self {
        Self { width: None, height: None, theme: Theme::Auto, resolution: 300.0 }
    }
}

impl Style {
    /// Sets the width in CSS pixels.
    #[must_use]
    pub fn width(mut self, width: f64) -> Self {
        self.width = Some(width);
        self
    }

    /// Sets the height in CSS pixels.
    #[must_use]
    pub fn height(mut self, height: f64) -> Self {
        self.height = Some(height);
        self
    }

    /// Sets the colors.
    #[must_use]
    pub fn theme(mut self, theme: Theme) -> Self {
        self.theme = theme;
        self
    }

    /// Sets the resolution of PNG files in pixels per inch.
    #[must_use]
    pub fn resolution(mut self, resolution: f64) -> Self {
        self.resolution = resolution;
        self
    }
}
