//! Weighted sums and products: dense layers, embeddings, scales.

pub(super) mod dense;
mod embedding;
mod scale;
