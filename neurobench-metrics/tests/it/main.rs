//! The built-in metrics, against outside truth.

mod calibration;
mod catalogue;
mod classification;
mod detection;
mod one_metric;
mod ranking;
mod regression;
mod spiking;
