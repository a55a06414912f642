//! The `neurobench` command with the built-in metrics.

fn main() -> std::process::ExitCode {
    neurobench::cli::main()
}
