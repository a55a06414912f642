//! Panics of metrics, models and data sources end in the report; the command does not print each of them, too.

/// Replaces the message and the backtrace of a panic by one line, unless a backtrace is asked for.
pub(super) fn keep_quiet() {
    if std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0") {
        return;
    }
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
        eprintln!("a panic{place}; it is in the report, and RUST_BACKTRACE=1 shows where it came from");
    }));
}
