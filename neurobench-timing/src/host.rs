//! Description of this machine.

use std::fs;
use std::thread::available_parallelism;

use neurobench_core::instructions::InstructionSet;
use neurobench_core::report::Host;

/// Describes this machine and this library.
#[must_use]
pub fn describe_host() -> Host {
    let set = InstructionSet::available().pop().unwrap_or(InstructionSet::Baseline);
    let version = fs::read_to_string("/proc/sys/kernel/osrelease").ok();
    let os = match version {
        Some(version) => format!("{} {}", std::env::consts::OS, version.trim()),
        None => std::env::consts::OS.to_owned(),
    };
    Host {
        cpu: fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| parse_cpu_model(&text)),
        cores: available_parallelism().map_or(1, usize::from),
        architecture: std::env::consts::ARCH.to_owned(),
        os,
        instruction_set: set.name().to_owned(),
        library: concat!("neurobench ", env!("CARGO_PKG_VERSION")).to_owned(),
    }
}

/// Parses the model of the processor from `/proc/cpuinfo`; ARM processors have none, but some boards do.
fn parse_cpu_model(text: &str) -> Option<String> {
    let find = |key: &str| {
        let is_key = |line: &&str| line.split(':').next().is_some_and(|found| found.trim() == key);
        text.lines().find(is_key)?.split_once(':').map(|(_, model)| model.trim().to_owned())
    };
    find("model name").or_else(|| find("Model")).filter(|model| !model.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_of_the_processor_is_found_on_x86_and_on_boards() {
        let x86 = "processor\t: 0\nmodel\t\t: 207\nmodel name\t: Some CPU @ 2 GHz\n";
        assert_eq!(parse_cpu_model(x86).as_deref(), Some("Some CPU @ 2 GHz"));
        assert_eq!(parse_cpu_model("processor\t: 0\nModel\t\t: Board 5\n").as_deref(), Some("Board 5"));
        assert_eq!(parse_cpu_model("processor\t: 0\n"), None);
    }

    #[test]
    fn this_machine_has_cores_and_an_instruction_set() {
        let host = describe_host();
        assert!(host.cores > 0);
        assert!(["baseline", "AVX2", "AVX-512"].contains(&host.instruction_set.as_str()));
    }
}
