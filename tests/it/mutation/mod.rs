//! Whether anything watches over each number of a plan: every one is changed, a little at a time, and then loading the
//! plan, its proofs or its examples have to fail.
//!
//! A mutant that survives is listed in `survivors.txt` beside this file, and has to give the result of the plan for
//! every record that the search tries. `UPDATE_GOLDEN=1` writes the list anew; read the difference before you keep it.

mod mutants;
mod numbers;

use floatrate_engine::plan::catalog::{Catalog, Plan};
use floatrate_engine::plan::examples;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A changed number.
struct Mutant {
    /// The file, by its path below `rules/`.
    file: String,
    /// The file with the number changed.
    text: String,
    /// The change as the list of survivors has it.
    shown: String,
}

/// The texts that a plan is loaded from: its own and its parents', with the tables of regions beside them.
fn alone(all: &BTreeMap<String, String>, plan: &Plan) -> BTreeMap<String, String> {
    let chain: Vec<String> = std::iter::once(&plan.checked.id)
        .chain(&plan.checked.parents)
        .map(|id| format!("{}/", id.replace('-', "/")))
        .collect();
    let own = |path: &str| chain.iter().any(|folder| path.starts_with(folder));
    let other_plan = |path: &str| {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        all.contains_key(&format!("{folder}/plan.toml")) && !own(path)
    };
    all.iter()
        .filter(|(path, _)| !other_plan(path))
        // A parent's examples are its own to pass.
        .filter(|(path, _)| !path.ends_with("examples.toml") || path.starts_with(&chain[0]))
        .map(|(path, text)| (path.clone(), text.clone()))
        .collect()
}

/// Every mutant of the files of a plan's own folder. Maps of industries are not numbers but names.
fn mutants(all: &BTreeMap<String, String>, plan: &Plan) -> Vec<Mutant> {
    let folder = format!("{}/", plan.folder);
    let maps: Vec<&str> = ["industry-classes"].to_vec();
    let mut out = Vec::new();
    for (file, text) in all.iter().filter(|(file, _)| file.starts_with(&folder)) {
        let name = &file[folder.len()..];
        let found = match name.rsplit_once('.') {
            _ if name == "examples.toml" || maps.iter().any(|map| name.starts_with(map)) => continue,
            Some((_, "csv")) => numbers::of_csv(text),
            _ => numbers::of_toml(text),
        };
        for number in found {
            let old = &text[number.bytes.clone()];
            let line = text[..number.bytes.start].matches('\n').count() + 1;
            let start = text[..number.bytes.start].rfind('\n').map_or(0, |at| at + 1);
            let column = text[start..number.bytes.start].chars().count() + 1;
            for new in mutants::of(&number, old) {
                let mut changed = text.clone();
                changed.replace_range(number.bytes.clone(), &new);
                let shown = format!("{file}:{line}:{column} {old} -> {new}");
                out.push(Mutant { file: file.clone(), text: changed, shown });
            }
        }
    }
    out
}

/// Whether a mutant is found out: it does not load, or an example fails.
fn killed(texts: &mut BTreeMap<String, String>, mutant: &Mutant, ids: &[String]) -> bool {
    let Some(original) = texts.insert(mutant.file.clone(), mutant.text.clone()) else {
        panic!("{} is no file of the plan", mutant.file)
    };
    let loaded = Catalog::load(texts);
    texts.insert(mutant.file.clone(), original);
    let Ok(catalog) = loaded else { return true };
    ids.iter().any(|id| {
        let plan = catalog.plan(id).unwrap();
        !examples::pass(plan, catalog.declared())
    })
}

/// What a plan's mutants are tried on: the plan itself, or for one that rates nobody every plan that extends it.
fn tried_on(catalog: &Catalog, plan: &Plan) -> Vec<String> {
    let own = &plan.checked.id;
    if plan.checked.rating.is_some() {
        return vec![own.clone()];
    }
    let extends = |p: &&Plan| p.checked.parents.contains(own) && p.checked.rating.is_some();
    catalog.plans().filter(extends).map(|p| p.checked.id.clone()).collect()
}

#[test]
fn every_number_of_every_chinese_plan_is_watched_over() {
    let all = floatrate::plans::embedded();
    let catalog = Catalog::load(&all).unwrap();
    let mut work = Vec::new();
    for plan in catalog.plans().filter(|p| p.checked.id.starts_with("cn-")) {
        let ids = tried_on(&catalog, plan);
        let texts = if plan.checked.rating.is_some() { alone(&all, plan) } else { all.clone() };
        let mutants = mutants(&all, plan);
        assert!(!mutants.is_empty(), "{} has no numbers", plan.checked.id);
        work.push((ids, texts, mutants));
    }
    let flat: Vec<(usize, usize)> =
        work.iter().enumerate().flat_map(|(plan, w)| (0..w.2.len()).map(move |at| (plan, at))).collect();
    let (next, survivors) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                let mut texts: Vec<_> = work.iter().map(|w| w.1.clone()).collect();
                while let Some((plan, at)) = flat.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (ids, _, mutants) = &work[*plan];
                    if !killed(&mut texts[*plan], &mutants[*at], ids) {
                        survivors.lock().unwrap().push((*plan, *at));
                    }
                }
            });
        }
    });
    let mut survivors = survivors.into_inner().unwrap();
    survivors.sort_unstable();
    let mut listed = String::new();
    for (plan, at) in &survivors {
        let _ = writeln!(listed, "{}", work[*plan].2[*at].shown);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/mutation/survivors.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &listed).unwrap();
    }
    println!("{} mutants, {} survive", flat.len(), survivors.len());
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(listed, expected, "numbers that nothing watches over:\n{listed}");
}
