//! Whether anything watches over each number of a plan: every one is changed, a little at a time, and then loading the
//! plan, its proofs or its examples have to fail.
//!
//! A mutant that survives has to be the plan in other words, and the proof has to show it: such mutants are listed in
//! `inert.txt` beside this file. Where nothing watches over a number, an example or a check is missing, and the test fails.
//! `UPDATE_GOLDEN=1` writes the list anew; read the difference before you keep it.

mod inert;
mod mutants;
mod numbers;

use floatrate_engine::plan::catalog::{Catalog, Plan};
use floatrate_engine::plan::examples;
use floatrate_engine::proof;
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

/// What became of a mutant.
enum Fate {
    /// It does not load, a proof of it is refuted, or an example fails.
    Killed,
    /// It gives the plan's result for every record.
    Inert,
    /// Nothing notices, and this is what differs.
    Unwatched(String),
}

fn fate(texts: &mut BTreeMap<String, String>, mutant: &Mutant, ids: &[String], original: &Catalog) -> Fate {
    let Some(text) = texts.insert(mutant.file.clone(), mutant.text.clone()) else {
        panic!("{} is no file of the plan", mutant.file)
    };
    let loaded = Catalog::load(texts);
    texts.insert(mutant.file.clone(), text);
    let Ok(catalog) = loaded else { return Fate::Killed };
    let plans = || ids.iter().map(|id| catalog.plan(id).unwrap());
    // The examples are the quicker half.
    if plans().any(|plan| !examples::pass(plan, catalog.declared()))
        || plans().any(|plan| !proof::check(plan, catalog.declared()).sound())
    {
        return Fate::Killed;
    }
    for plan in plans() {
        let before = original.plan(&plan.checked.id).unwrap();
        if let Some(why) = inert::otherwise(before, plan, original.declared()) {
            return Fate::Unwatched(why);
        }
    }
    Fate::Inert
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
    let (next, fates) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                let mut texts: Vec<_> = work.iter().map(|w| w.1.clone()).collect();
                while let Some((plan, at)) = flat.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (ids, _, mutants) = &work[*plan];
                    match fate(&mut texts[*plan], &mutants[*at], ids, &catalog) {
                        Fate::Killed => {}
                        Fate::Inert => fates.lock().unwrap().push((*plan, *at, None)),
                        Fate::Unwatched(why) => fates.lock().unwrap().push((*plan, *at, Some(why))),
                    }
                }
            });
        }
    });
    let mut fates = fates.into_inner().unwrap();
    fates.sort_unstable();
    let (mut inert, mut unwatched) = (String::new(), String::new());
    for (plan, at, why) in &fates {
        let shown = &work[*plan].2[*at].shown;
        match why {
            None => writeln!(inert, "{shown}").unwrap(),
            Some(why) => {
                writeln!(unwatched, "{shown}: nothing watches over it; {why}").unwrap();
            }
        }
    }
    println!("{} mutants; proved to change no result:\n{inert}", flat.len());
    listed("inert.txt", &inert);
    assert!(unwatched.is_empty(), "{unwatched}");
}

/// Compares a list with its file.
#[track_caller]
fn listed(file: &str, list: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/mutation").join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, list).unwrap();
    }
    assert_eq!(list, std::fs::read_to_string(&path).unwrap_or_default(), "{file}");
}
