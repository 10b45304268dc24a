//! What a run says: tables for people, all samples for programs, a picture.
//!
//! [`sections`] turns results into tables, [`targets`] holds them against what was promised,
//! [`table`] writes Markdown, [`page`] puts it into a page, [`plot`] draws.

mod page;
mod plot;
mod registry;
mod sections;
mod table;
mod targets;

use std::error::Error;
use std::fs;
use std::path::Path;

use serde::Serialize;
use stage::places;

use crate::filling::Filling;
use crate::first_uses::FirstUses;
use crate::hot::HotFunction;
use crate::machine::Machine;
use crate::registry_load::RegistryLoad;
use crate::revocation::Revocation;
use crate::sides::SideResult;
use crate::start::Starting;

/// Everything a run has measured; what it did not is empty.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Results {
    /// On what.
    pub(crate) machine: Machine,
    /// Whether it was only a look.
    pub(crate) is_quick: bool,
    /// Starting.
    pub(crate) starting: Option<Starting>,
    /// What requests cost.
    pub(crate) sides: Vec<SideResult>,
    /// Filling a table.
    pub(crate) filling: Option<Filling>,
    /// Deleting keys.
    pub(crate) revocation: Option<Revocation>,
    /// First uses of a key.
    pub(crate) first_uses: Vec<FirstUses>,
    /// The registry.
    pub(crate) registry: Vec<RegistryLoad>,
    /// Hot functions.
    pub(crate) functions: Vec<HotFunction>,
}

/// A part of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    /// What its markers in a page are called.
    pub(crate) name: &'static str,
    /// Its text, as Markdown.
    pub(crate) text: String,
}

// === impl Results ===

impl Results {
    /// Returns the results of a run that has just begun.
    pub(crate) fn on(machine: Machine) -> Self {
        Self {
            machine,
            is_quick: false,
            starting: None,
            sides: Vec::new(),
            filling: None,
            revocation: None,
            first_uses: Vec::new(),
            registry: Vec::new(),
            functions: Vec::new(),
        }
    }

    /// Returns what there is to say, in the order of a page.
    pub(crate) fn sections(&self) -> Vec<Section> {
        [
            ("machine", Some(sections::machine(self))),
            ("targets", targets::table(self)),
            ("sides", sections::sides(&self.sides)),
            ("start", self.starting.as_ref().map(sections::starting)),
            ("filling", self.filling.as_ref().map(sections::filling)),
            (
                "revocation",
                self.revocation.as_ref().map(sections::revocation),
            ),
            ("first-uses", sections::first_uses(&self.first_uses)),
            ("registry", registry::registry(&self.registry)),
            ("functions", sections::functions(&self.functions)),
        ]
        .into_iter()
        .filter_map(|(name, text)| text.map(|text| Section { name, text }))
        .collect()
    }
}

/// Prints the tables, keeps them and the samples in `target/bench`, and puts them into a page.
pub(crate) fn deliver(results: &Results, page: Option<&Path>) -> Result<(), Box<dyn Error>> {
    let sections = results.sections();
    let texts: Vec<&str> = sections
        .iter()
        .map(|section| section.text.as_str())
        .collect();
    let text = texts.join("\n");
    println!("{text}");
    let folder = places::repository("target/bench");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("results.md"), text)?;
    fs::write(
        folder.join("results.json"),
        serde_json::to_vec_pretty(results)?,
    )?;
    if !results.sides.is_empty() {
        fs::write(folder.join("results.svg"), plot::draw(&results.sides)?)?;
    }
    if let Some(page) = page {
        write_into(page, &sections)?;
        if !results.sides.is_empty() {
            fs::copy(folder.join("results.svg"), page.with_extension("svg"))?;
        }
    }
    Ok(())
}

/// Leaves the page as it was unless all of it can be written.
fn write_into(page: &Path, sections: &[Section]) -> Result<(), Box<dyn Error>> {
    let mut text = fs::read_to_string(page)?;
    for section in sections {
        text = page::put(&text, section)?;
    }
    Ok(fs::write(page, text)?)
}
