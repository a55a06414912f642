//! Kinds of components.

use crate::component::{Constructor, FileKeys, Registry, TakesSettings};

/// A kind of component, such as preprocessors: a marker type with one registry.
///
/// Every kind is listed, described and searched in the same way, by its [`Registry`].
pub trait Kind: Sized + 'static {
    /// Name of one component of this kind, for messages: `preprocessor`.
    const SINGULAR: &'static str;
    /// Name of several, as `neurobench list` takes it: `preprocessors`.
    const PLURAL: &'static str;
    /// Constructor that a registration of this kind holds.
    type Constructor: TakesSettings + Copy + Send + Sync + 'static;

    /// Returns the components of this kind that are linked into the program.
    fn registry() -> &'static Registry<Self>;

    /// Returns the keys of the files that a component reads, if these are settings by name; by default none.
    #[must_use]
    fn file_keys(constructor: &Self::Constructor) -> Option<FileKeys> {
        let _ = constructor;
        None
    }
}

/// A [`Kind`] whose components construct items of one type, such as `dyn Preprocessor`.
pub trait ItemKind: Kind<Constructor = Constructor<<Self as ItemKind>::Item>> {
    /// Type of the items.
    type Item: ?Sized + 'static;
}

/// Defines a marker type and its registry for a kind whose components construct a `dyn Item`.
///
/// `file_keys = |constructor| ..` at the end implements [`Kind::file_keys`].
///
/// Only the crate that defines [`Registration`](crate::component::Registration) can collect it, so kinds of other crates
/// wrap it in a type of their own.
macro_rules! kind {
    ($(#[$doc:meta])* $visibility:vis $kind:ident: $item:ty, $singular:literal, $plural:literal $(, file_keys = $keys:expr)?) => {
        $(#[$doc])*
        #[derive(Debug)]
        $visibility enum $kind {}

        inventory::collect!($crate::component::Registration<$kind>);

        inventory::submit! {
            $crate::component::CatalogueKind::new::<$kind>()
        }

        impl $crate::component::Kind for $kind {
            const SINGULAR: &'static str = $singular;
            const PLURAL: &'static str = $plural;
            type Constructor = $crate::component::Constructor<$item>;

            fn registry() -> &'static $crate::component::Registry<Self> {
                static REGISTRY: std::sync::OnceLock<$crate::component::Registry<$kind>> = std::sync::OnceLock::new();
                REGISTRY.get_or_init(|| {
                    $crate::component::Registry::new(inventory::iter::<$crate::component::Registration<$kind>>)
                })
            }

            $(fn file_keys(constructor: &Self::Constructor) -> Option<$crate::component::FileKeys> {
                let keys: fn(&Self::Constructor) -> Option<$crate::component::FileKeys> = $keys;
                keys(constructor)
            })?
        }

        impl $crate::component::ItemKind for $kind {
            type Item = $item;
        }
    };
}
pub(crate) use kind;
