//! Sums in files: one form for one value.
//!
//! In JSON a sum is `{"first": -1, "limbs": [2147483648, 7]}`, which is (2^31 + 7 · 2^32) · 2^-32 = 7.5. All limbs are
//! below 2^32 in magnitude and have the sum's sign; neither the first nor the last is zero; zero has none and begins
//! at 0. If the sum is not finite, it has no limbs but a third field, `"special": "inf"`, `"-inf"` or `"nan"`.
//! Formats that do not name their fields always get the third.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, SerializeStruct, Serializer};

use super::ExactSum;
use super::limbs::Limbs;
use super::scaled::LIMB_BITS;
use super::scaled::Scaled;
use super::special::Special;

/// The first limb that a product of two floats can reach: 2^-2148 is in it.
const MIN_PLACE: i32 = -68;
/// One past the last limb that is accepted. Floats end at limb 32 and products at 64. To get here a sum of the greatest
/// products would have to be doubled 4000 times, so what claims to be greater is broken, or made to take memory.
const MAX_PLACE: i32 = 192;

const NAME: &str = "ExactSum";

impl Serialize for ExactSum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (special, scaled) = self.canonical();
        let (first, limbs) = (scaled.first(), scaled.signed_digits());
        check_places(first, limbs.len()).map_err(S::Error::custom)?;
        let with_special = special != Special::None || !serializer.is_human_readable();
        let mut fields = serializer.serialize_struct(NAME, if with_special { 3 } else { 2 })?;
        fields.serialize_field("first", &first)?;
        fields.serialize_field("limbs", &limbs)?;
        if with_special {
            fields.serialize_field("special", &special)?;
        }
        fields.end()
    }
}

/// The fields as they are read, before they are checked.
#[derive(serde::Deserialize)]
#[serde(rename = "ExactSum", deny_unknown_fields)]
struct Fields {
    first: i32,
    limbs: Vec<i64>,
    #[serde(default)]
    special: Special,
}

impl<'de> Deserialize<'de> for ExactSum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Fields::deserialize(deserializer)?;
        let scaled = fields.checked().map_err(D::Error::custom)?;
        Ok(Self { limbs: Limbs::from_scaled(&scaled), special: fields.special })
    }
}

impl Fields {
    /// The number, if the fields are those that it would be written as.
    fn checked(&self) -> Result<Scaled, String> {
        let (Some(first), Some(last)) = (self.limbs.first(), self.limbs.last()) else {
            return match self.first {
                0 => Ok(Scaled::default()),
                first => Err(format!("an exact sum without limbs begins at limb 0, not {first}")),
            };
        };
        if self.special != Special::None {
            return Err("an exact sum that is infinite or NaN has no limbs".into());
        }
        check_places(self.first, self.limbs.len())?;
        if *first == 0 || *last == 0 {
            return Err("an exact sum neither begins nor ends with a limb of zero".into());
        }
        let negative = *last < 0;
        let digits = self.limbs.iter().map(|limb| digit(*limb, negative));
        Ok(Scaled::new(negative, self.first, digits.collect::<Result<_, _>>()?))
    }
}

/// The magnitude of a limb.
fn digit(limb: i64, negative: bool) -> Result<u32, String> {
    if limb != 0 && (limb < 0) != negative {
        return Err(format!("limb {limb} of an exact sum differs in sign from the last"));
    }
    u32::try_from(limb.unsigned_abs())
        .map_err(|_| format!("limb {limb} of an exact sum has more than {LIMB_BITS} bits"))
}

/// Checks that these limbs are within the range that is stored.
fn check_places(first: i32, length: usize) -> Result<(), String> {
    let places = i64::from(MIN_PLACE)..=i64::from(MAX_PLACE);
    let end = i64::from(first).saturating_add(i64::try_from(length).unwrap_or(i64::MAX));
    if places.contains(&i64::from(first)) && places.contains(&end) {
        return Ok(());
    }
    Err(format!("an exact sum has limbs from {MIN_PLACE} up to {MAX_PLACE}, not {length} from {first} on"))
}
