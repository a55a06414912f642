//! Lookup of vectors by number: `embedding`.
//!
//! It follows PyTorch's [`Embedding`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Embedding.html): every input is the
//! number of a row of the weight and is replaced by that row, along an additional axis. A pass fails if an input is not the
//! number of a row.

use ndarray::Array2;

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::file::integer;
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layer;
use crate::layers::window;
use crate::layers::{BuiltLayer, Parts};
use crate::real::Real;
use neurobench_core::Settings;
use neurobench_core::model::{Layer, LayerKind, TensorRole};

/// Lookup of vectors by number: every input is the number of a row of the weight and is replaced by that row.
#[derive(Clone, Debug, Settings)]
struct EmbeddingConfig {
    /// Number of rows.
    #[param(range = 1..)]
    num_embeddings: usize,
    /// Length of a row.
    #[param(range = 1..)]
    embedding_dim: usize,
}

layer!("embedding", EmbeddingConfig, |config, parts| build(&config, parts));

fn build<R: Real>(config: &EmbeddingConfig, mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let EmbeddingConfig { num_embeddings, embedding_dim } = *config;
    let most = R::COUNTS_TO;
    if num_embeddings > most {
        let kind = R::NAME;
        return Err(parts.problem(format!(
            "`num_embeddings` is {num_embeddings}, but {kind} represents whole numbers only up to {most}"
        )));
    }
    let weight = parts.required_tensor::<R>("weight", &[num_embeddings, embedding_dim])?;
    let shape: Vec<usize> = parts.shape.iter().copied().chain([embedding_dim]).collect();
    let outputs = window::elements(&parts, "outputs", &shape)?;
    let layer = Layer::new(parts.path, LayerKind::Other, parts.kind)
        .with_parameter(weight.stored.with_role(TensorRole::Weight));
    Ok(BuiltLayer::new(layer, Embedding { rows: weight.values, length: embedding_dim, outputs }, shape))
}

/// Kernel that copies a row for every input.
struct Embedding<R> {
    rows: Vec<R>,
    /// Length of a row.
    length: usize,
    outputs: usize,
}

impl<R: Real> Kernel<R> for Embedding<R> {
    fn outputs(&self) -> usize {
        self.outputs
    }

    fn input_problem(&self, inputs: &[R]) -> Option<String> {
        let rows = self.rows.len() / self.length;
        let names_a_row = |input: &R| row(*input, rows).is_some();
        let wrong = inputs.iter().find(|input| !names_a_row(input))?;
        Some(format!("input {wrong} is not a whole number from 0 to {}", rows - 1))
    }

    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, _: &mut Hook<'_>) {
        let rows = self.rows.len() / self.length;
        for (input, outputs) in inputs.iter().zip(outputs.chunks_exact_mut(self.length)) {
            if let Some(row) = row(*input, rows) {
                outputs.copy_from_slice(&self.rows[row * self.length..][..self.length]);
            }
        }
    }
}

/// Converts an input to the number of a row, if there is such a row.
fn row<R: Real>(number: R, rows: usize) -> Option<usize> {
    let number = number.as_f64();
    // The number of an existing row is far below 2⁵³.
    (number.fract() == 0.0 && number >= 0.0 && number < rows as f64).then_some(number as usize)
}

impl NetworkBuilder {
    /// Adds a lookup: every input is the number of a row of the weight `[rows, length]` and is replaced by that row. The shape
    /// changes from `[..]` to `[.., length]`.
    #[must_use]
    pub fn embedding<N: Into<f64>>(self, path: &str, weight: Array2<N>) -> Self {
        let (rows, length) = weight.dim();
        let settings = [("num_embeddings", integer(rows)), ("embedding_dim", integer(length))];
        let settings = settings.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        self.layer(path, "embedding", settings).tensor(path, "weight", &[rows, length], weight)
    }
}
