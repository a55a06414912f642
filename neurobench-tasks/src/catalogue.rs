//! The published tasks. A task is a folder in `tasks/` and a line here.

use crate::task;

task!("../tasks", "mackey_glass", "network.esn");
task!("../tasks", "mackey_glass_lstm", "network.toml", "weights.safetensors");
