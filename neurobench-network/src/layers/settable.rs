//! Macro for the methods that set the fields of configurations.

/// Defines a method for each `with_field(field: type)`, which sets the field and returns the configuration.
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
