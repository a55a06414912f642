//! Settings that name files.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::component::{Param, Params};
use crate::value::Value;

/// A setting that names a file to read. In a benchmark file it is relative to the folder of that file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InputPath(pub PathBuf);

impl AsRef<Path> for InputPath {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl<P: Into<PathBuf>> From<P> for InputPath {
    fn from(path: P) -> Self {
        Self(path.into())
    }
}

/// Joins every relative [`InputPath`] among the settings to a folder. Other settings are not changed.
pub(crate) fn resolve(params: &mut Params, known: &[&'static Param], folder: &Path) {
    for param in known.iter().filter(|param| param.is::<InputPath>()) {
        match params.get_mut(param.name) {
            Some(Value::List(paths)) => paths.iter_mut().for_each(|path| join(path, folder)),
            Some(path) => join(path, folder),
            None => {}
        }
    }
}

/// The files that the settings name: the value of every [`InputPath`].
pub(crate) fn files(params: &Params, known: &[&'static Param]) -> Vec<PathBuf> {
    let settings = known.iter().filter(|param| param.is::<InputPath>()).filter_map(|param| params.get(param.name));
    let paths = settings.flat_map(|setting| match setting {
        Value::List(paths) => paths.as_slice(),
        path => std::slice::from_ref(path),
    });
    paths.filter_map(|path| if let Value::Text(text) = path { Some(PathBuf::from(text)) } else { None }).collect()
}

fn join(path: &mut Value, folder: &Path) {
    if let Value::Text(text) = path
        // A path that is not UTF-8 cannot come from a file, which is.
        && let Some(joined) = folder.join(&*text).to_str()
    {
        *text = joined.to_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;
    use crate::component::from_known;

    /// Files in all forms.
    #[derive(Clone, Debug, Settings)]
    struct Files {
        one: InputPath,
        #[param(default = None)]
        maybe: Option<InputPath>,
        #[param(default = Vec::new())]
        many: Vec<InputPath>,
        text: String,
    }

    #[test]
    fn relative_paths_are_joined_to_the_folder_and_texts_stay() {
        let text = |text: &str| Value::Text(text.to_owned());
        let many = Value::List(vec![text("b"), text("/c")]);
        let mut params: Params = [("one", text("a")), ("many", many), ("text", text("d"))]
            .map(|(name, value)| (name.to_owned(), value))
            .into();
        resolve(&mut params, &Files::all_params(), Path::new("/data"));
        let files: Files = from_known(&params).unwrap();
        assert_eq!(files.one, "/data/a".into());
        assert_eq!(files.maybe, None);
        assert_eq!(files.many, ["/data/b".into(), "/c".into()]);
        assert_eq!(files.text, "d");
        let named = super::files(&files.to_params().unwrap(), &Files::all_params());
        assert_eq!(named, [Path::new("/data/a"), Path::new("/data/b"), Path::new("/c")]);
    }
}
