//! Fingerprints of networks: digests of the text of the network file and of the weights file.

use sha2::{Digest, Sha256};

use crate::error::NetworkError;
use crate::file::{Description, text};
use crate::weights::Weights;

/// Fingerprint of a network as if it were written to `network.toml` and loaded.
pub(crate) fn fingerprint(description: &Description, weights: &Weights<'_>) -> Result<String, NetworkError> {
    let weights = weights.serialize()?;
    let text = text(description, weights.as_ref().map(|_| "network.safetensors"));
    Ok(digest([text.as_bytes(), weights.as_deref().unwrap_or_default()]))
}

/// `sha256:` followed by the hexadecimal digest of the concatenated parts.
pub(crate) fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
    }
    let hex = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("sha256:{hex}")
}
