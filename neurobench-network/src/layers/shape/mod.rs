//! Layers that pass values on: shapes, concatenation, constants, dropout.

mod constant;
mod dropout;
mod flatten;
mod identity;
