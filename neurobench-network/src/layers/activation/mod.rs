//! Functions of single inputs, and of the inputs along an axis.

mod elementwise;
mod softmax;
mod threshold;
