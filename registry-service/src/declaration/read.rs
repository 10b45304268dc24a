//! A file that becomes a [`Declaration`], or is refused as a whole with every mistake it has.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::declaration::objects::{Kind, Name, Objects};
use crate::declaration::{Declaration, Document, Service};

/// The largest file that is read: specifications are in it.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// Why a file is refused. Nothing of it was applied.
#[derive(Debug, thiserror::Error)]
pub enum InvalidDeclaration {
    /// The file, or one it names, cannot be read.
    #[error("cannot read `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is neither YAML nor JSON.
    #[error("`{}` is neither YAML nor JSON: {why}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where and what.
        why: String,
    },
    /// It says what cannot be.
    #[error("{}", Mistakes(path, mistakes))]
    Mistaken {
        /// The file.
        path: PathBuf,
        /// Everything that is wrong.
        mistakes: Vec<Mistake>,
    },
}

/// Something that is wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Where, such as `products[0].versions[1].service.name`.
    pub field: String,
    /// What.
    pub reason: String,
}

/// Reads a file and all that it names.
pub fn read(path: &Path) -> Result<Declaration, InvalidDeclaration> {
    let text = text_of(path)?;
    let value: Value = serde_saphyr::from_str(&text).map_err(|error| syntax(path, &error))?;
    let refused = |mistakes| InvalidDeclaration::Mistaken {
        path: path.to_owned(),
        mistakes,
    };
    let mut declaration: Declaration =
        serde_path_to_error::deserialize(value).map_err(|error| {
            refused(vec![Mistake {
                field: error.path().to_string(),
                reason: error.into_inner().to_string(),
            }])
        })?;
    let mut mistakes = Vec::new();
    bring_in(&mut declaration, path, &mut mistakes)?;
    mistakes.extend(check(&declaration));
    if mistakes.is_empty() {
        Ok(declaration)
    } else {
        Err(refused(mistakes))
    }
}

// === impl Mistake ===

impl Mistake {
    fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            reason: reason.into(),
        }
    }
}

/// Says what is wrong, a line for each.
struct Mistakes<'a>(&'a Path, &'a [Mistake]);

impl fmt::Display for Mistakes<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.1.iter().map(|Mistake { field, reason }| {
            let path = self.0.display();
            format!("`{path}`: `{field}`: {reason}")
        });
        out.write_str(&lines.collect::<Vec<_>>().join("\n"))
    }
}

/// Finds what only shows when everything is seen together.
fn check(declaration: &Declaration) -> Vec<Mistake> {
    let objects = Objects::of(declaration);
    let repeated = objects.repeated.iter().map(|(name, place)| {
        let reason = format!("there is another {name} in the file");
        Mistake::new(place.as_str(), reason)
    });
    let mut mistakes: Vec<Mistake> = repeated.collect();
    let mut service_names = std::collections::BTreeSet::new();
    for (place, service) in services(declaration) {
        if !service_names.insert(service.name.as_str()) {
            let reason = format!("there is another service `{}` in the file", service.name);
            mistakes.push(Mistake::new(format!("{place}.name"), reason));
        }
    }
    for (name, object) in &objects.things {
        if name.kind == Kind::Registration {
            let [_, product, version] = name.names.as_slice() else {
                continue;
            };
            let is_known = objects
                .things
                .contains_key(&Name::new(Kind::Version, &[product, version]));
            if declaration.products.is_some() && !is_known {
                let reason = format!("the file has no version `{version}` of `{product}`");
                mistakes.push(Mistake::new(object.place.as_str(), reason));
            }
        }
        mistakes.extend(unknown_strategy(declaration, name, object));
    }
    mistakes
}

/// Finds a strategy that is named and not there, where the file lists them.
fn unknown_strategy(
    declaration: &Declaration,
    name: &Name,
    object: &crate::declaration::objects::Object,
) -> Option<Mistake> {
    let strategies = declaration.strategies.as_ref()?;
    let field = match name.kind {
        Kind::Portal => "default_strategy",
        _ => "strategy",
    };
    let named = object.content.get(field)?.as_str()?;
    let is_known = strategies.iter().any(|one| one.name.as_str() == named);
    let reason = format!("the file has no strategy `{named}`");
    (!is_known).then(|| Mistake::new(format!("{}.{field}", object.place), reason))
}

fn services(declaration: &Declaration) -> Vec<(String, &Service)> {
    let mut found = Vec::new();
    for (p, product) in declaration.products.iter().flatten().enumerate() {
        for (v, version) in product.versions.iter().flatten().enumerate() {
            let place = format!("products[{p}].versions[{v}].service");
            found.extend(
                version
                    .service
                    .iter()
                    .map(|service| (place.clone(), service)),
            );
        }
    }
    for (index, service) in declaration.services.iter().flatten().enumerate() {
        found.push((format!("services[{index}]"), service));
    }
    found
}

/// Reads the files that a declaration names into it.
fn bring_in(
    declaration: &mut Declaration,
    path: &Path,
    mistakes: &mut Vec<Mistake>,
) -> Result<(), InvalidDeclaration> {
    let folder = path.parent().unwrap_or(Path::new("."));
    for (p, product) in declaration.products.iter_mut().flatten().enumerate() {
        let place = format!("products[{p}].documents");
        for (index, document) in product.documents.iter_mut().flatten().enumerate() {
            bring_in_document(document, folder, (&format!("{place}[{index}]"), mistakes))?;
        }
        for (v, version) in product.versions.iter_mut().flatten().enumerate() {
            if let Some(specification) = &mut version.specification {
                let place = format!("products[{p}].versions[{v}].specification");
                let parts = (&mut specification.content, &mut specification.file);
                whole(parts, folder, (&place, mistakes))?;
                if specification.content.is_none() {
                    mistakes.push(Mistake::new(place, "needs `content` or `file`"));
                }
            }
        }
    }
    Ok(())
}

fn bring_in_document(
    document: &mut Document,
    folder: &Path,
    (place, mistakes): (&str, &mut Vec<Mistake>),
) -> Result<(), InvalidDeclaration> {
    let parts = (&mut document.content, &mut document.file);
    whole(parts, folder, (place, mistakes))?;
    for (index, beneath) in document.documents.iter_mut().enumerate() {
        let place = format!("{place}.documents[{index}]");
        bring_in_document(beneath, folder, (&place, mistakes))?;
    }
    Ok(())
}

/// Puts the text of a file in the place of its name.
fn whole(
    (content, file): (&mut Option<String>, &mut Option<PathBuf>),
    folder: &Path,
    (place, mistakes): (&str, &mut Vec<Mistake>),
) -> Result<(), InvalidDeclaration> {
    if let Some(name) = file.take() {
        if content.is_some() {
            let reason = "may have `content` or `file`, not both";
            mistakes.push(Mistake::new(place, reason));
        }
        *content = Some(text_of(&folder.join(name))?);
    }
    Ok(())
}

fn text_of(path: &Path) -> Result<String, InvalidDeclaration> {
    let unreadable = |source| InvalidDeclaration::Unreadable {
        path: path.to_owned(),
        source,
    };
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > MOST_BYTES {
        return Err(unreadable(std::io::ErrorKind::FileTooLarge.into()));
    }
    std::fs::read_to_string(path).map_err(unreadable)
}

fn syntax(path: &Path, error: &serde_saphyr::Error) -> InvalidDeclaration {
    let first = error.to_string();
    InvalidDeclaration::Syntax {
        path: path.to_owned(),
        // What follows is an excerpt of the file.
        why: first.lines().next().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests;
