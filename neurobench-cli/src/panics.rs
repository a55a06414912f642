//! Panics in one line. Those of metrics, models and data sources are also caught and reported in the results.

use std::any::Any;

use crate::print::note;

/// Replaces the message and the backtrace of a panic by one line, unless a backtrace is requested.
pub(crate) fn keep_quiet() {
    if std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0") {
        return;
    }
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
        note(&format!("panicked{place}: {}", message(info.payload())));
    }));
}

/// Returns the message of a panic on one line.
fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.map_or_else(
        || "without a message".to_owned(),
        |text| text.lines().map(str::trim).collect::<Vec<_>>().join(" "),
    )
}
