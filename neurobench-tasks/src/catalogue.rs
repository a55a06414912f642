//! The published tasks. A task is a folder in `tasks/` and a line here.

use crate::task;

task!("../tasks", "dvs_gesture", "network.toml");
task!("../tasks", "eeg_motor_imagery", "network.toml");
task!("../tasks", "mackey_glass", "network.esn");
task!("../tasks", "mackey_glass_lstm", "network.toml", "weights.safetensors");
task!("../tasks", "mswc_ann", "network.toml");
task!("../tasks", "mswc_snn", "network.toml");
task!("../tasks", "primate_reaching_ann2d", "network.toml");
task!("../tasks", "primate_reaching_ann2d_loco", "network.toml");
task!("../tasks", "primate_reaching_ann3d", "network.toml");
task!("../tasks", "primate_reaching_ann3d_loco", "network.toml");
task!("../tasks", "primate_reaching_snn2", "network.toml");
task!("../tasks", "primate_reaching_snn2_loco", "network.toml");
task!("../tasks", "speech_commands", "network.toml");
task!("../tasks", "speech_commands_ann", "network.toml");
task!("../tasks", "wisdm", "network.toml");
