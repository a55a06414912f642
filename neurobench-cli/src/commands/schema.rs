//! `neurobench schema`.

use crate::CommandError;
use crate::commands::{Subcommand, subcommand};
use crate::exit::Exit;
use crate::print::print;
use crate::schemas::{SchemaName, schema};

/// Print the JSON Schema of a kind of files.
///
/// The schemas of benchmark and network files have every component that is linked into this program. Editors complete and check files
/// by them.
#[derive(clap::Args)]
struct SchemaArguments {
    /// Kind of files.
    #[arg(value_enum)]
    name: SchemaName,
}

subcommand!(SchemaArguments);

impl Subcommand for SchemaArguments {
    const NAME: &'static str = "schema";
    const POSITION: u32 = 12;
    const EXAMPLES: &'static [(&'static str, &'static str)] =
        &[("neurobench schema results", "Print the JSON Schema of results")];

    fn run(&self) -> Result<Exit, CommandError> {
        print(&(serde_json::to_string_pretty(&schema(self.name)?)? + "\n"))?;
        Ok(Exit::Success)
    }
}
