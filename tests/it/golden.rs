//! Plans with mistakes, and what an author is told of them; plans without, and what they give.
//!
//! A case is one file, `tests/plans/bad/NAME.toml`: the body of a plan below the header that [`header`] writes, unless it
//! has a header of its own. It extends the sound plan of `tests/plans/base`. A case that needs several files says where
//! each begins with a line `#= path`. `UPDATE_GOLDEN=1` writes what is rendered now; read the difference before you keep it.

use floatrate_engine::plan::catalog::Catalog;
use floatrate_engine::plan::examples;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const BASE: &str = include_str!("../plans/base/plan.toml");
/// Where a case of one file stands, and so its id.
const FOLDER: &str = "xx/case";

fn header(name: &str) -> String {
    let title = name.replace('_', " ");
    format!(
        "language = 1\nid = \"xx-case\"\nextends = \"xx-base\"\nregion = \"990000\"\n\
         title = {{ zh = \"例\", en = \"{title}\" }}\nstatus = \"draft\"\n\n"
    )
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans").join(name)
}

/// The cases of a folder: name and text, by name.
pub fn cases(of: &str) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder(of)).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension().is_some_and(|e| e == "toml") && !path.to_string_lossy().contains(".examples.")
        })
        .map(|path| {
            (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap())
        })
        .collect()
}

/// The tree of files of a case, with the base plan in it.
pub fn tree(name: &str, text: &str) -> BTreeMap<String, String> {
    let mut out = BTreeMap::from([("xx/base/plan.toml".to_owned(), BASE.to_owned())]);
    let mut path = format!("{FOLDER}/plan.toml");
    let mut lines = String::new();
    let mut keep = |path: &str, lines: &str| {
        if !lines.trim().is_empty() {
            let is_plan = path.ends_with("plan.toml");
            let own_header = !is_plan || lines.lines().any(|l| l.starts_with("language"));
            let head = if own_header { String::new() } else { header(name) };
            out.insert(path.to_owned(), head + lines);
        }
    };
    for line in text.lines() {
        if let Some(next) = line.strip_prefix("#= ") {
            keep(&path, &lines);
            (path, lines) = (next.to_owned(), String::new());
        } else {
            lines.push_str(line);
            lines.push('\n');
        }
    }
    keep(&path, &lines);
    out
}

#[test]
fn every_mistake_is_told_as_expected() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut wrong = Vec::new();
    let cases = cases("bad");
    assert!(cases.len() >= 45, "{} cases", cases.len());
    for (name, text) in cases {
        let Err((diagnostics, files)) = Catalog::load(&tree(&name, &text)) else {
            wrong.push(format!("{name}: loads without a mistake"));
            continue;
        };
        let rendered: Vec<String> = diagnostics.iter().map(|d| files.render(d)).collect();
        let rendered = rendered.join("\n");
        let path = folder("bad").join(format!("{name}.expected.txt"));
        if update {
            fs::write(path, rendered).unwrap();
        } else if fs::read_to_string(path).unwrap_or_default() != rendered {
            wrong.push(format!("{name}: otherwise than expected:\n{rendered}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Mistakes that take too much text for a file of their own: the limits of size.
#[test]
fn limits_of_size_are_told() {
    let row = |columns: usize| {
        let cells: Vec<String> = (0..columns).map(|c| format!("c{c} = \"-\"")).collect();
        format!("{{ {}, step = 0 }}", cells.join(", "))
    };
    let table = |rows: String| {
        format!("[table.t]\nhit = \"first\"\nout = \"step\"\nrow = [ {rows} ]\ncite = \"law all\"\n")
    };
    for (text, message) in [
        (
            format!("# {}", "x".repeat(1 << 20)),
            "error[limit]: the file has 1048701 bytes; the limit is 1048576",
        ),
        (
            table("{ if = \"fraud\", step = 0 }, ".repeat(10_001)),
            "error[limit]: table `t` has 10001 rows; the limit is 10000",
        ),
        (table(row(65)), "error[limit]: table `t` has 65 columns; the limit is 64"),
    ] {
        let Err((diagnostics, files)) = Catalog::load(&tree("limits", &text)) else { panic!("{message}") };
        let rendered: Vec<String> = diagnostics.iter().map(|d| files.render(d)).collect();
        assert!(
            rendered.len() == 1 && rendered[0].starts_with(message),
            "{message}\n{}",
            rendered.join("\n")
        );
    }
}

#[test]
fn every_good_plan_gives_what_its_examples_say() {
    let cases = cases("good");
    assert!(!cases.is_empty());
    let mut wrong = Vec::new();
    for (name, text) in cases {
        let mut texts = tree(&name, &text);
        let beside = folder("good").join(format!("{name}.examples.toml"));
        texts.insert(format!("{FOLDER}/examples.toml"), fs::read_to_string(beside).unwrap_or_default());
        match Catalog::load(&texts) {
            Err((diagnostics, files)) => {
                wrong.extend(diagnostics.iter().map(|d| format!("{name}: {}", files.render(d))));
            }
            Ok(catalog) => {
                let plan = catalog.plan("xx-case").unwrap();
                for report in examples::run(plan, catalog.declared()) {
                    wrong.extend(report.mistakes.iter().map(|m| format!("{name}, {}: {m}", report.name)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Examples with mistakes, beside the base plan: each is told with its line.
#[test]
fn every_mistake_of_an_example_is_told_with_its_line() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut wrong = Vec::new();
    for (name, text) in cases("examples") {
        let texts = BTreeMap::from([
            ("xx/base/plan.toml".to_owned(), BASE.to_owned()),
            ("xx/base/examples.toml".to_owned(), text),
        ]);
        let catalog = Catalog::load(&texts).unwrap_or_else(|(d, files)| panic!("{}", files.render(&d[0])));
        let plan = catalog.plan("xx-base").unwrap();
        let mut told = String::new();
        for report in examples::run(plan, catalog.declared()) {
            assert!(!report.mistakes.is_empty(), "{name}, {}: no mistake", report.name);
            told.push_str(&format!("{}\n", report.name));
            report.mistakes.iter().for_each(|m| told.push_str(&format!("  {m}\n")));
        }
        let path = folder("examples").join(format!("{name}.expected.txt"));
        if update {
            fs::write(path, told).unwrap();
        } else if fs::read_to_string(path).unwrap_or_default() != told {
            wrong.push(format!("{name}: otherwise than expected:\n{told}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
