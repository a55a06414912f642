//! Digests of the published recordings.

use std::io::Read as _;
use std::path::Path;

use md5::{Digest as _, Md5};
use neurobench_core::data::DataError;
use neurobench_core::files;

use crate::recordings::damaged;

/// MD5 digests of the recordings of the benchmark, as Zenodo states them (record 583331).
const RECORDINGS: [(&str, &str); 6] = [
    ("indy_20160622_01.mat", "c33d5fff31320d709d23fe445561fb6e"),
    ("indy_20160630_01.mat", "197413a5339630ea926cbd22b8b43338"),
    ("indy_20170131_02.mat", "2790b1c869564afaa7772dbf9e42d784"),
    ("loco_20170210_03.mat", "4cae63b58c4cb9c8abd44929216c703b"),
    ("loco_20170215_02.mat", "739b70762d838f3a1f358733c426bb02"),
    ("loco_20170301_05.mat", "47342da09f9c950050c9213c3df38ea3"),
];

/// Checks that a file with the name of a recording of the benchmark is that recording.
pub(super) fn verify(path: &Path) -> Result<(), DataError> {
    let name = path.file_name().unwrap_or_default();
    let Some((_, published)) = RECORDINGS.iter().find(|(recording, _)| *recording == name) else { return Ok(()) };
    let found = digest(path).map_err(|problem| DataError::Read { file: path.to_owned(), problem })?;
    match found == *published {
        true => Ok(()),
        false => Err(damaged(
            path,
            format!(
                "its MD5 digest is {found}, but that of the published recording is {published}: download it again, or set \
                 `verify = false` to read it anyway"
            ),
        )),
    }
}

fn digest(path: &Path) -> std::io::Result<String> {
    let (mut file, mut all) = (files::open(path)?, Md5::new());
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(all.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
            count => all.update(&piece[..count]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standard() {
        // RFC 1321, section A.5.
        let folder = tempfile::tempdir().unwrap();
        for (text, expected) in [("", "d41d8cd98f00b204e9800998ecf8427e"), ("abc", "900150983cd24fb0d6963f7d28e17f72")]
        {
            let file = folder.path().join("file");
            std::fs::write(&file, text).unwrap();
            assert_eq!(digest(&file).unwrap(), expected);
        }
    }
}
