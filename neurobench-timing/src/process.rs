//! CPU time and memory of this process, from `/proc` on Linux.

use std::fs;

/// Ticks of a second in `/proc`: `USER_HZ`, which is 100 on every architecture that Rust supports with a standard library.
const TICKS: f64 = 100.0;

/// Returns the CPU time of the process in seconds, with that of the system on its behalf; `None` on other systems than Linux.
/// The resolution is 10 ms.
#[must_use]
pub fn cpu_seconds() -> Option<f64> {
    parse_cpu(&fs::read_to_string("/proc/self/stat").ok()?)
}

/// Returns the peak of the resident memory of the process in bytes since its start or the last
/// [`reset_peak_memory`]; `None` on other systems than Linux.
#[must_use]
pub fn peak_memory() -> Option<u64> {
    parse_peak(&fs::read_to_string("/proc/self/status").ok()?)
}

/// Restarts the measurement of the peak of the memory. Returns false if the system does not allow it.
pub fn reset_peak_memory() -> bool {
    // 5 resets the peak of the resident memory: proc(5).
    fs::write("/proc/self/clear_refs", "5").is_ok()
}

/// Parses `/proc/self/stat`. The name of the program is in parentheses and may contain anything.
fn parse_cpu(text: &str) -> Option<f64> {
    let (_, fields) = text.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11).map(str::parse::<f64>);
    let (user, system) = (times.next()?.ok()?, times.next()?.ok()?);
    Some((user + system) / TICKS)
}

/// Parses `/proc/self/status`.
fn parse_peak(text: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = rest.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_memory_are_parsed() {
        let stat = "42 (a (b) c) S 1 42 42 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 4 0 100 1000 200 184";
        assert_eq!(parse_cpu(stat), Some(3.0));
        assert_eq!(parse_peak("Name:\tx\nVmPeak:\t 200 kB\nVmHWM:\t    128 kB\n"), Some(131_072));
        assert_eq!((parse_cpu(""), parse_peak("VmHWM: many")), (None, None));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_both() {
        assert!(cpu_seconds().is_some());
        assert!(peak_memory().is_some_and(|bytes| bytes > 100_000));
    }
}
