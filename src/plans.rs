//! Where plans come from: the binary itself, or a folder.

use floatrate_engine::diagnostic::{Diagnostic, Files};
use floatrate_engine::limits::PLAN_FILE_BYTES_MAX;
use floatrate_engine::plan::catalog::{Catalog, Plan};
use floatrate_engine::proof;
use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// The plans that come with floatrate, by their path below `rules/`.
const EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// Why plans could not be loaded.
#[derive(Debug)]
pub enum PlanError {
    /// A file or folder cannot be read.
    Io(String, io::Error),
    /// A file is not UTF-8, or too large.
    Text(String),
    /// The plans have mistakes.
    Mistakes(Vec<Diagnostic>, Box<Files>),
}

impl PlanError {
    /// For people: every mistake with its place.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Io(path, why) => format!("{path}: {why}\n"),
            Self::Text(message) => format!("{message}\n"),
            Self::Mistakes(diagnostics, files) => {
                let mut out: Vec<String> = diagnostics.iter().map(|d| files.render(d)).collect();
                out.push(match diagnostics.len() {
                    1 => "1 mistake\n".to_owned(),
                    n => format!("{n} mistakes\n"),
                });
                out.join("\n")
            }
        }
    }
}

/// The texts of the plans that come with floatrate.
#[must_use]
pub fn embedded() -> BTreeMap<String, String> {
    EMBEDDED.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

/// The texts of a folder of plans.
///
/// # Errors
///
/// The folder or one of its files cannot be read.
pub fn texts(folder: &Path) -> Result<BTreeMap<String, String>, PlanError> {
    let mut out = BTreeMap::new();
    collect(folder, folder, &mut out, 0)?;
    Ok(out)
}

/// Loads the plans of a folder, or those that come with floatrate.
///
/// # Errors
///
/// The folder cannot be read, or its plans have mistakes: all of them.
pub fn load(folder: Option<&Path>) -> Result<Catalog, PlanError> {
    library(folder).map(|library| library.catalog)
}

/// Loads plans to rate with: as [`load`], but of the plans that come with floatrate the examples stay unread. They are
/// most of the texts, no rate depends on them, and they are run when floatrate is built.
///
/// # Errors
///
/// As [`load`].
pub fn to_rate(folder: Option<&Path>) -> Result<Catalog, PlanError> {
    library_to_rate(folder).map(|library| library.catalog)
}

/// As [`to_rate`], with the texts that were read.
///
/// # Errors
///
/// As [`load`].
pub fn library_to_rate(folder: Option<&Path>) -> Result<Library, PlanError> {
    if folder.is_some() {
        return library(folder);
    }
    let mut texts = embedded();
    texts.retain(|path, _| !path.ends_with("examples.toml"));
    Ok(Library { catalog: catalog(&texts)?, texts })
}

/// Plans with the texts that they were read from.
#[derive(Debug)]
pub struct Library {
    /// The plans.
    pub catalog: Catalog,
    /// Their files, by the path below the folder.
    pub texts: BTreeMap<String, String>,
}

/// Loads the plans of a folder, or those that come with floatrate, and keeps their texts.
///
/// # Errors
///
/// As [`load`].
pub fn library(folder: Option<&Path>) -> Result<Library, PlanError> {
    let texts = folder.map_or_else(|| Ok(embedded()), texts)?;
    if texts.keys().all(|path| !path.ends_with("plan.toml")) {
        let folder = folder.map_or_else(String::new, |f| f.display().to_string());
        return Err(PlanError::Text(format!("{folder}: there is no plan.toml in this folder or below")));
    }
    Ok(Library { catalog: catalog(&texts)?, texts })
}

/// The plans of texts, by their path below the folder.
///
/// # Errors
///
/// Every mistake of every plan.
pub fn catalog(texts: &BTreeMap<String, String>) -> Result<Catalog, PlanError> {
    Catalog::load(texts).map_err(|(diagnostics, files)| PlanError::Mistakes(diagnostics, Box::new(files)))
}

/// Refuses plans of which a claim is refuted, such as that no row is missing. Plans that come with floatrate are proved
/// when floatrate is built; those of a folder are proved when they are used.
///
/// # Errors
///
/// Every refutation, with the employers that show them.
pub fn proved<'c>(catalog: &Catalog, plans: impl Iterator<Item = &'c Plan>) -> Result<(), PlanError> {
    let reports = plans.map(|plan| proof::check(plan, catalog.declared()));
    let refuted: Vec<Diagnostic> = reports
        .flat_map(|r| r.refutations().map(|(_, r)| r.diagnostic.clone()).collect::<Vec<_>>())
        .collect();
    if refuted.is_empty() {
        Ok(())
    } else {
        Err(PlanError::Mistakes(refuted, Box::new(catalog.files.clone())))
    }
}

fn collect(
    root: &Path,
    folder: &Path,
    out: &mut BTreeMap<String, String>,
    depth: usize,
) -> Result<(), PlanError> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |why| PlanError::Io(path, why)
    };
    let mut entries = fs::read_dir(folder)
        .map_err(failed(folder))?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<io::Result<Vec<_>>>()
        .map_err(failed(folder))?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            // Deeper than any id is long: a link to itself, or not a folder of plans.
            if depth < 8 {
                collect(root, &path, out, depth + 1)?;
            }
        } else if path.extension().is_some_and(|e| e == "toml" || e == "csv") {
            let size = fs::metadata(&path).map_err(failed(&path))?.len();
            // A table may be larger than a plan; beyond this it is not one.
            if size > 16 * PLAN_FILE_BYTES_MAX as u64 {
                return Err(PlanError::Text(format!(
                    "{}: {size} bytes are too many for a plan file",
                    path.display()
                )));
            }
            let bytes = fs::read(&path).map_err(failed(&path))?;
            let text = String::from_utf8(bytes)
                .map_err(|_| PlanError::Text(format!("{}: the file is not UTF-8", path.display())))?;
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            out.insert(name, text.replace("\r\n", "\n"));
        }
    }
    Ok(())
}
