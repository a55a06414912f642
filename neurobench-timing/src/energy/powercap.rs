//! Energy counters of Linux: powercap, the interface to RAPL of Intel and AMD processors.
//!
//! `/sys/class/powercap` contains a folder for each domain, such as `intel-rapl:0` for a package and `intel-rapl:0:1` for a
//! part of it. Its file `energy_uj` counts microjoules up to `max_energy_range_uj`, and then starts again from zero
//! (Linux kernel documentation, `Documentation/power/powercap/powercap.rst`).

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::EnergyError;

/// Energy counters of the system.
#[derive(Clone, Debug)]
pub struct Powercap {
    domains: Vec<Domain>,
}

#[derive(Clone, Debug)]
struct Domain {
    name: String,
    file: PathBuf,
    /// Highest count in microjoules, after which the counter starts again.
    range: u64,
}

/// Start of the folders of the counters. The counters of `intel-rapl-mmio` are those of the same packages again.
const PREFIX: &str = "intel-rapl:";

impl Powercap {
    /// Folder of the counters on Linux.
    pub const ROOT: &'static str = "/sys/class/powercap";

    /// Opens the counters in a folder, which is [`Powercap::ROOT`] on a real system, and reads each once.
    ///
    /// # Errors
    ///
    /// There is no such folder or no counter in it; a counter may not be read.
    pub fn open(root: &Path) -> Result<Self, EnergyError> {
        let entries = fs::read_dir(root).map_err(|_| EnergyError::NoPowercap { root: root.to_owned() })?;
        let mut folders: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.starts_with(PREFIX) && root.join(name).join("energy_uj").exists())
            .collect();
        folders.sort();
        let domain = |folder: &String| {
            let path = root.join(folder);
            Ok(Domain {
                name: domain_name(root, folder)?,
                file: path.join("energy_uj"),
                range: read_number(&path.join("max_energy_range_uj"))?,
            })
        };
        let domains: Vec<Domain> = folders.iter().map(domain).collect::<Result<_, _>>()?;
        if domains.is_empty() {
            return Err(EnergyError::NoDomain { root: root.to_owned() });
        }
        let powercap = Self { domains };
        powercap.read()?;
        Ok(powercap)
    }

    /// Returns the names of the domains, such as `package-0` and `package-0/dram`.
    pub fn domains(&self) -> impl Iterator<Item = &str> {
        self.domains.iter().map(|domain| domain.name.as_str())
    }

    /// Returns true for a domain that counts towards the total: packages, and their memory, which is outside of them. Cores and
    /// graphics are parts of a package, and `psys` contains the packages.
    #[must_use]
    pub fn is_in_total(domain: &str) -> bool {
        match domain.split_once('/') {
            None => domain.starts_with("package"),
            Some((_, part)) => part == "dram",
        }
    }

    /// Reads all counters, in microjoules.
    fn read(&self) -> Result<Vec<u64>, EnergyError> {
        self.domains.iter().map(|domain| read_number(&domain.file)).collect()
    }
}

/// Name of a domain, with that of the package that it belongs to.
fn domain_name(root: &Path, folder: &str) -> Result<String, EnergyError> {
    let name = read_text(&root.join(folder).join("name"))?;
    let parent = folder.rsplit_once(':').map(|(parent, _)| parent).filter(|parent| parent.starts_with(PREFIX));
    Ok(match parent {
        Some(parent) => format!("{}/{name}", read_text(&root.join(parent).join("name"))?),
        None => name,
    })
}

fn read_text(file: &Path) -> Result<String, EnergyError> {
    let text = fs::read_to_string(file).map_err(|error| match error.kind() {
        ErrorKind::PermissionDenied => EnergyError::Permission { file: file.to_owned() },
        _ => EnergyError::Read { file: file.to_owned(), error },
    })?;
    Ok(text.trim().to_owned())
}

fn read_number(file: &Path) -> Result<u64, EnergyError> {
    let text = read_text(file)?;
    text.parse().map_err(|_| EnergyError::Content { file: file.to_owned(), text })
}

/// Energy since a beginning, from counters that start again from zero.
#[derive(Clone, Debug)]
pub struct EnergyCounter {
    powercap: Powercap,
    last: Vec<u64>,
    microjoules: Vec<u64>,
}

impl EnergyCounter {
    /// Begins now.
    ///
    /// # Errors
    ///
    /// A counter cannot be read.
    pub fn start(powercap: &Powercap) -> Result<Self, EnergyError> {
        let last = powercap.read()?;
        Ok(Self { powercap: powercap.clone(), microjoules: vec![0; last.len()], last })
    }

    /// Adds the energy since the last call. It must be called before a counter can have gone round twice: after a minute at
    /// the latest.
    ///
    /// # Errors
    ///
    /// A counter cannot be read.
    pub fn update(&mut self) -> Result<(), EnergyError> {
        let now = self.powercap.read()?;
        for (index, domain) in self.powercap.domains.iter().enumerate() {
            let (last, now) = (self.last[index], now[index]);
            // The counter went round once, from its highest count to zero.
            let round = if now < last { domain.range.saturating_add(1) } else { 0 };
            self.microjoules[index] += now.saturating_add(round).saturating_sub(last);
        }
        self.last = now;
        Ok(())
    }

    /// Returns the energy of each domain in joules, up to the last [`update`](Self::update).
    #[must_use]
    pub fn joules(&self) -> Vec<f64> {
        self.microjoules.iter().map(|microjoules| *microjoules as f64 * 1e-6).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder like `/sys/class/powercap` with a package, two parts of it, and the same package by another interface.
    fn fake() -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a folder");
        for (folder, name) in [
            ("intel-rapl:0", "package-0"),
            ("intel-rapl:0:0", "core"),
            ("intel-rapl:0:1", "dram"),
            ("intel-rapl-mmio:0", "package-0"),
        ] {
            let folder = root.path().join(folder);
            fs::create_dir(&folder).expect("a folder");
            for (file, text) in [("name", name), ("energy_uj", "1000000"), ("max_energy_range_uj", "262143328850")] {
                fs::write(folder.join(file), format!("{text}\n")).expect("a file");
            }
        }
        fs::create_dir(root.path().join("intel-rapl")).expect("a folder");
        root
    }

    fn set(root: &Path, folder: &str, microjoules: u64) {
        fs::write(root.join(folder).join("energy_uj"), format!("{microjoules}\n")).expect("a file");
    }

    #[test]
    fn domains_are_named_with_their_package_and_counted_once() {
        let root = fake();
        let powercap = Powercap::open(root.path()).expect("counters");
        let names: Vec<&str> = powercap.domains().collect();
        assert_eq!(names, ["package-0", "package-0/core", "package-0/dram"]);
        let total: Vec<&str> = names.into_iter().filter(|name| Powercap::is_in_total(name)).collect();
        assert_eq!(total, ["package-0", "package-0/dram"]);
        assert!(!Powercap::is_in_total("psys"));
    }

    #[test]
    fn energy_is_the_difference_of_the_counters_also_when_they_start_again() {
        let root = fake();
        let powercap = Powercap::open(root.path()).expect("counters");
        let mut counter = EnergyCounter::start(&powercap).expect("counters");
        set(root.path(), "intel-rapl:0", 3_500_000);
        set(root.path(), "intel-rapl:0:0", 262_143_328_850);
        counter.update().expect("counters");
        assert_eq!(counter.joules(), [2.5, 262_142.328_85, 0.0]);
        // From its highest count the counter goes to zero, which is one more microjoule.
        set(root.path(), "intel-rapl:0:0", 999_999);
        set(root.path(), "intel-rapl:0", 3_500_000);
        counter.update().expect("counters");
        assert_eq!(counter.joules(), [2.5, 262_143.328_85, 0.0]);
    }

    #[test]
    fn missing_domains_are_absent_and_a_system_without_any_is_refused() {
        let root = fake();
        fs::remove_dir_all(root.path().join("intel-rapl:0:1")).expect("a folder");
        let powercap = Powercap::open(root.path()).expect("counters");
        assert_eq!(powercap.domains().collect::<Vec<_>>(), ["package-0", "package-0/core"]);
        let problem = |root: &Path| Powercap::open(root).err().map(|error| error.to_string()).unwrap_or_default();
        let empty = tempfile::tempdir().expect("a folder");
        assert!(
            problem(empty.path())
                .ends_with("contains no energy counter; use `--meter FILE.csv` with the log of a power meter")
        );
        assert!(problem(&empty.path().join("none")).starts_with("there is no folder `"));
    }

    #[test]
    fn a_counter_that_disappears_or_is_no_number_is_an_error_with_its_file() {
        let root = fake();
        let powercap = Powercap::open(root.path()).expect("counters");
        let mut counter = EnergyCounter::start(&powercap).expect("counters");
        fs::write(root.path().join("intel-rapl:0").join("energy_uj"), "many\n").expect("a file");
        let error = counter.update().err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.ends_with("intel-rapl:0/energy_uj`: expected a number, found `many`"), "{error}");
        fs::remove_file(root.path().join("intel-rapl:0").join("energy_uj")).expect("a file");
        let error = counter.update().err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("cannot read `") && error.contains("intel-rapl:0/energy_uj"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_counter_without_permission_says_who_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let root = fake();
        let file = root.path().join("intel-rapl:0").join("energy_uj");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).expect("a file");
        // Root reads it all the same.
        if fs::read(&file).is_err() {
            let error = Powercap::open(root.path()).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.starts_with("permission denied for `"), "{error}");
        }
        let denied = EnergyError::Permission { file };
        assert!(denied.to_string().ends_with("run as root, or make the files `energy_uj` readable"));
    }
}
