//! The methods by which configurations are changed one part at a time.

/// For each `with_part(part: what it is made of)`: the same configuration with another part.
macro_rules! settable {
    ($config:ident { $($(#[$doc:meta])* $method:ident($part:ident: $from:ty);)* }) => {
        impl $config { $(
            $(#[$doc])*
            #[must_use]
            pub fn $method(mut self, $part: $from) -> Self {
                self.$part = $part.into();
                self
            }
        )* }
    };
}
pub(super) use settable;
