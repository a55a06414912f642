//! The published benchmarks as tasks: benchmark files that the program contains, and the models that they fit.
//!
//! ```
//! use neurobench::tasks::{find_task, tasks};
//! let task = find_task("mackey_glass")?.spec()?.task.ok_or("not a task")?;
//! assert_eq!(task.leaderboard[0].name, "sMAPE, tau 17");
//! assert!(tasks().iter().any(|task| task.name == "mackey_glass"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

// The macros expand to `::neurobench::..`.
extern crate neurobench_core as neurobench;

mod catalogue;
pub mod echo_state;
mod task;

pub use task::{Task, find_task, tasks};
