//! What the parts are made of and what they leave out. Each test holds a sentence of the design.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files below a folder whose name ends so, by their path below the root.
fn files(folder: &str, end: &str) -> BTreeMap<String, String> {
    fn collect(path: &Path, end: &str, out: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(path).unwrap_or_else(|why| panic!("{}: {why}", path.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, end, out);
            } else if path.to_string_lossy().ends_with(end) {
                out.push(path);
            }
        }
    }
    let mut found = Vec::new();
    collect(&root().join(folder), end, &mut found);
    let named = |path: PathBuf| {
        let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
        (name, std::fs::read_to_string(&path).unwrap())
    };
    let files: BTreeMap<_, _> = found.into_iter().map(named).collect();
    assert!(!files.is_empty(), "no *{end} in {folder}");
    files
}

/// Every Rust file written by hand.
fn rust() -> BTreeMap<String, String> {
    let optional = ["benches", "fuzz", "examples"].into_iter().filter(|f| root().join(f).is_dir());
    let mut out: BTreeMap<_, _> =
        ["src", "crates", "tests"].into_iter().chain(optional).flat_map(|f| files(f, ".rs")).collect();
    out.retain(|name, _| !name.contains("/target/"));
    out
}

/// A file without comments and without the tests at its end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text);
    let lines = text.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line });
    lines.map(|line| line.split(" // ").next().unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

/// Whether a name stands in a text as a word of its own.
fn names(text: &str, name: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (text[..at].chars().next_back(), text[at + name.len()..].chars().next());
        let begins = !name.starts_with(is_word) || !before.is_some_and(is_word);
        begins && (!name.ends_with(is_word) || !after.is_some_and(is_word))
    })
}

/// No file below a folder names one of these.
#[track_caller]
fn absent(folder: &str, banned: &[&str]) {
    for (file, text) in files(folder, ".rs").into_iter().filter(|(file, _)| !file.ends_with("/tests.rs")) {
        let text = code(&text);
        for name in banned {
            assert!(!names(&text, name), "{file} names {name}");
        }
    }
}

#[test]
fn words_are_found_in_code_only() {
    let text =
        code("let x: f64 = 1.0; // an f32\n// SystemTime\n/// Instant\n#[cfg(test)]\nmod tests { f32 }");
    for (name, expected) in
        [("f64", true), ("f32", false), ("SystemTime", false), ("Instant", false), ("f6", false)]
    {
        assert_eq!(names(&text, name), expected, "{name}");
    }
    assert!(
        names("std::fs::read", "std::fs")
            && !names("std::fstat", "std::fs")
            && names("println!()", "println!")
    );
}

fn metadata() -> Value {
    let mut cargo = Command::new(env!("CARGO"));
    let arguments = ["metadata", "--format-version", "1", "--locked", "--all-features"];
    let output = cargo.args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The names of everything that a package is built from, itself left out. What runs while it is compiled is not in it:
/// a C compiler's driver takes features from other packages of the workspace (zstd's build wants several jobs, which
/// brings a generator of random numbers).
fn built_from(metadata: &Value, package: &str) -> BTreeSet<String> {
    let packages = metadata["packages"].as_array().unwrap();
    let name_of: BTreeMap<&str, &str> =
        packages.iter().map(|p| (p["id"].as_str().unwrap(), p["name"].as_str().unwrap())).collect();
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let start = nodes.iter().find(|n| name_of[n["id"].as_str().unwrap()] == package).unwrap();
    let (mut found, mut open) = (BTreeSet::new(), vec![start]);
    while let Some(node) = open.pop() {
        for dependency in node["deps"].as_array().unwrap() {
            let kinds = dependency["dep_kinds"].as_array().unwrap();
            let id = dependency["pkg"].as_str().unwrap();
            if kinds.iter().any(|kind| kind["kind"].is_null()) && found.insert(name_of[id].to_owned()) {
                open.extend(nodes.iter().find(|n| n["id"] == id));
            }
        }
    }
    found
}

#[test]
fn the_engine_depends_on_no_service() {
    let metadata = metadata();
    let engine =
        metadata["packages"].as_array().unwrap().iter().find(|p| p["name"] == "floatrate-engine").unwrap();
    let direct: BTreeSet<&str> = engine["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|d| d["kind"] != "dev")
        .map(|d| d["name"].as_str().unwrap())
        .collect();
    // A crate more is a decision: it can bring a clock, a file or a float into the core.
    assert_eq!(direct, BTreeSet::from(["blake3", "csv", "num-bigint", "time", "toml", "unicode-width"]));
    let all = built_from(&metadata, "floatrate-engine");
    assert!(all.contains("csv-core") && all.len() < 60, "{all:?}");
    for banned in [
        "tokio",
        "tonic",
        "prost",
        "sqlx",
        "sqlx-core",
        "rusqlite",
        "postgres",
        "serde_json",
        "rand",
        "rand_core",
        "getrandom",
        "fastrand",
        "hyper",
        "reqwest",
        "h2",
        "tower",
        "axum",
        "chrono",
        "jiff",
        "tempfile",
        "clap",
        "tracing",
        "log",
        "mio",
        "socket2",
        "rustls",
        "rust_decimal",
        "floatrate",
        "arrow",
        "parquet",
        "rayon",
    ] {
        assert!(!all.contains(banned), "the engine is built from {banned}");
    }
    assert!(built_from(&metadata, "floatrate").contains("floatrate-engine"));
}

#[test]
fn the_engine_knows_no_clock_file_network_or_float() {
    absent(
        "crates/engine/src",
        &[
            "f32",
            "f64",
            "std::fs",
            "std::net",
            "std::env",
            "std::time",
            "std::process",
            "std::thread",
            "std::io",
            "SystemTime",
            "Instant",
            "now_utc",
            "now_local",
            "OffsetDateTime",
            "thread_rng",
            "RandomState",
            "println!",
            "print!",
            "eprintln!",
            "eprint!",
            "dbg!",
            "unsafe",
            "tokio",
            "serde_json",
            "env!",
            "include_str!",
        ],
    );
}

/// A map that hashes is walked in another order each time, so the engine only ever looks things up in one.
#[test]
fn the_engine_walks_no_hash_map() {
    for (file, text) in files("crates/engine/src", ".rs") {
        let text = code(&text);
        let may = file.ends_with("plan/compiled/build.rs");
        assert!(may || !(names(&text, "HashMap") || names(&text, "HashSet")), "{file} names a hash map");
        for walk in [".known.iter(", ".known.keys(", ".known.values(", "in &self.known", ".known.into_iter("]
        {
            assert!(!text.contains(walk), "{file} walks a hash map");
        }
    }
}

#[test]
fn no_floating_point_near_money() {
    // The JSON reader must take floats to refuse them by name.
    // Tests make the cells of workbooks, which are floats.
    let may = |file: &str| file == "src/exchange/json.rs" || file.ends_with("/tests.rs");
    for (file, text) in files("src", ".rs").into_iter().filter(|(file, _)| !may(file)) {
        let text = code(&text);
        assert!(!names(&text, "f64") && !names(&text, "f32"), "{file} names a float");
    }
}

#[test]
fn nothing_is_left_to_do_and_nothing_is_unsafe() {
    // Put together here, so that this file does not hold them.
    let banned =
        [["to", "do!("], ["unimple", "mented!("], ["FIX", "ME"], ["XX", "X "], ["dbg", "!("], ["TO", "DO"]];
    for (file, text) in rust() {
        for word in banned.map(|parts| parts.concat()) {
            assert!(!text.contains(&word), "{file} holds {word}");
        }
        assert!(file == "tests/it/architecture.rs" || !names(&code(&text), "unsafe"), "{file} is unsafe");
    }
    for manifest in ["Cargo.toml", "crates/engine/Cargo.toml"] {
        let text = std::fs::read_to_string(root().join(manifest)).unwrap();
        assert!(text.contains("[lints]\nworkspace = true"), "{manifest}");
    }
    assert!(std::fs::read_to_string(root().join("Cargo.toml")).unwrap().contains("unsafe_code = \"forbid\""));
}

/// Only `print` and `tell` of the command line speak: the macros panic on a full disk or a closed pipe.
#[test]
fn printing_is_done_in_one_place() {
    absent("src", &["println!", "print!", "eprintln!", "eprint!"]);
}

#[test]
fn files_are_short() {
    let mut sizes: Vec<(usize, String)> = rust().into_iter().map(|(file, text)| (text.len(), file)).collect();
    sizes.sort();
    let (largest, median) = (&sizes[sizes.len() - 1], &sizes[sizes.len() / 2]);
    assert!(largest.0 <= 30_000, "{largest:?} is too long to read at once");
    assert!(median.0 < 8_000, "the median file is {median:?}");
}

#[test]
fn a_plan_s_folder_is_its_id() {
    let plans: Vec<(String, String)> =
        files("rules", "plan.toml").into_iter().filter(|(file, _)| file.ends_with("/plan.toml")).collect();
    assert!(plans.len() >= 4);
    for (file, text) in plans {
        let folder = file.strip_prefix("rules/").and_then(|f| f.strip_suffix("/plan.toml")).unwrap();
        let id = format!("id = \"{}\"", folder.replace('/', "-"));
        assert!(text.lines().any(|line| line.trim() == id), "{file} has no line {id}");
        assert!((2..=4).contains(&folder.split('/').count()), "{file}");
    }
    // What comes with the binary is what stands in the folder.
    let catalog = floatrate::plans::load(None).unwrap_or_else(|why| panic!("{}", why.text()));
    for plan in catalog.plans() {
        assert_eq!(plan.folder.replace('/', "-"), plan.checked.id);
        assert!(root().join("rules").join(&plan.folder).join("plan.toml").is_file());
    }
}

#[test]
fn every_number_of_every_plan_has_an_article() {
    let catalog = floatrate::plans::load(None).unwrap_or_else(|why| panic!("{}", why.text()));
    for plan in catalog.plans() {
        let p = &plan.checked;
        let cited = p
            .facts
            .iter()
            .map(|x| &x.cite)
            .chain(p.params.iter().flat_map(|x| x.entries.iter().map(|(_, _, cite, _)| cite)))
            .chain(p.windows.iter().map(|x| &x.source.cite))
            .chain(p.measures.iter().map(|x| &x.cite))
            .chain(p.gates.iter().map(|x| &x.cite))
            .chain(p.tables.iter().flat_map(|x| x.rows.iter().map(|row| &row.cite)))
            .chain(p.adjusts.iter().map(|x| &x.cite));
        for cite in cited {
            assert!(!cite.0.is_empty() && cite.0.iter().all(|c| !c.text.is_empty()), "{}", p.id);
        }
        assert!(!p.clauses.is_empty() && !p.documents.is_empty(), "{} has no ledger of clauses", p.id);
    }
}

/// Who may not know whom, in the service: an arrow not drawn downward in the design.
#[test]
fn the_service_s_arrows_point_down() {
    let up = |module: &str| [format!("crate::{module}"), format!("floatrate::{module}")];
    for (below, above) in [
        ("src/exchange", &["cli", "rate", "plans", "pipeline", "synth", "rpc"][..]),
        ("src/rate", &["cli", "pipeline", "plans", "synth", "rpc"]),
        ("src/synth", &["cli", "rate", "exchange", "pipeline", "plans", "rpc"]),
        // A document knows the plan that it shows, and nothing of who asked for it.
        ("src/paper", &["cli", "rate", "exchange", "pipeline", "plans", "synth", "rpc"]),
        // Who may call what is decided without knowing what is called, or by which wire.
        ("src/auth", &["cli", "config", "rate", "exchange", "pipeline", "plans", "synth", "paper", "rpc"]),
        // The database judges nothing; what users do with it stands in one folder each.
        (
            "src/store",
            &[
                "cli",
                "rpc",
                "cycle",
                "collection",
                "determination",
                "employer",
                "exchange",
                "rate",
                "plans",
                "synth",
            ],
        ),
        (
            "src/employer",
            &["cli", "rpc", "cycle", "collection", "determination", "rate", "pipeline", "synth"],
        ),
        ("src/determination", &["cli", "rpc", "cycle", "collection", "synth"]),
        ("src/cycle", &["cli", "rpc", "collection", "pipeline", "synth"]),
        ("src/collection", &["cli", "rpc", "cycle", "employer", "exchange", "rate", "pipeline", "synth"]),
        ("src/rpc", &["cli", "pipeline", "synth"]),
    ] {
        // Tests may make their records where they like.
        for (file, text) in files(below, ".rs").into_iter().filter(|(file, _)| !file.ends_with("/tests.rs")) {
            let text = code(&text);
            for name in above.iter().flat_map(|module| up(module)) {
                assert!(!names(&text, &name), "{file} uses {name}");
            }
        }
    }
    for (file, allowed) in [("src/pipeline.rs", &[][..]), ("src/plans.rs", &["floatrate_engine"])] {
        let text = code(&std::fs::read_to_string(root().join(file)).unwrap());
        for name in ["crate::", "super::", "floatrate_engine"].iter().filter(|name| !allowed.contains(name)) {
            assert!(!names(&text, name), "{file} uses {name}");
        }
    }
}

/// Everything is only ever added, but for what says which is newest, and for what follows from the ledger.
#[test]
fn the_database_is_only_added_to() {
    let newest = ["employer", "head", "consumer", "refusal", "objection", "cycle", "decision"];
    for statement in floatrate::store::tables::statements() {
        for sql in [statement.sqlite, statement.postgres] {
            let words: Vec<&str> = sql.split_whitespace().collect();
            assert!(!words.contains(&"DELETE") && !words.contains(&"DROP"), "{}", statement.name);
            if let ["UPDATE", table, ..] = words.as_slice() {
                assert!(newest.contains(table), "{} changes {table}", statement.name);
            }
            if let Some(at) = words.iter().position(|word| *word == "UPDATE").filter(|at| *at > 0) {
                // `FOR UPDATE` locks, `DO UPDATE` moves a consumer's cursor.
                let locks = words[at - 1] == "FOR";
                assert!(
                    locks || ["consumer", "decision"].contains(&words[2]),
                    "{} changes {}",
                    statement.name,
                    words[2]
                );
            }
        }
    }
}

/// Wire types stay in the outer layer, and a status is made in one place.
#[test]
fn the_wire_stays_at_the_door() {
    for (file, text) in files("src", ".rs").into_iter().filter(|(file, _)| !file.ends_with("/tests.rs")) {
        let text = code(&text);
        if !file.starts_with("src/rpc/") {
            for name in ["floatrate_proto", "prost", "tonic"] {
                assert!(!names(&text, name), "{file} uses {name}");
            }
        }
        if !file.starts_with("src/rpc/status/") {
            let makers = ["new", "with_details", "with_error_details", "invalid_argument", "internal"];
            let more = ["unavailable", "not_found", "resource_exhausted", "unimplemented", "cancelled"];
            for maker in makers.iter().chain(&more).map(|maker| format!("Status::{maker}(")) {
                assert!(!names(&text, &maker), "{file} makes a status by {maker}");
            }
        }
    }
}

/// Who may not know whom, in the engine.
#[test]
fn the_engine_s_arrows_point_down() {
    for (below, above) in [
        ("number", &["plan", "rating", "explain", "receipt", "record", "diagnostic"][..]),
        ("record", &["plan", "rating", "explain", "receipt", "diagnostic"]),
        ("diagnostic", &["plan", "rating", "explain", "receipt", "record"]),
        ("plan", &["explain", "diff", "proof"]),
        ("rating", &["explain", "receipt", "diff", "proof"]),
        ("proof", &["explain", "diff"]),
        ("diff", &["explain"]),
        ("receipt", &["explain"]),
    ] {
        for (file, text) in files(&format!("crates/engine/src/{below}"), ".rs") {
            let text = code(&text);
            for name in above.iter().map(|module| format!("crate::{module}")) {
                assert!(!names(&text, &name), "{file} uses {name}");
            }
            // Imports in braces would pass by the names above.
            assert!(!text.contains("use crate::{"), "{file}: import crate's modules one a line");
        }
    }
    // Of the plan's modules only the examples, and what they cover, run a plan.
    for (file, text) in files("crates/engine/src/plan", ".rs") {
        let may = file.contains("plan/examples/") || file.contains("plan/cover/");
        assert!(may || !names(&code(&text), "crate::rating"), "{file} uses crate::rating");
    }
    // The representations follow one another.
    for (below, above) in [
        ("source", &["checked", "compiled", "catalog"][..]),
        ("checked", &["compiled", "catalog"]),
        ("compiled", &["catalog"]),
    ] {
        for (file, text) in files(&format!("crates/engine/src/plan/{below}"), ".rs") {
            for name in
                above.iter().flat_map(|module| [format!("plan::{module}"), format!("super::super::{module}")])
            {
                assert!(!names(&code(&text), &name), "{file} uses {name}");
            }
        }
    }
}

#[test]
fn nothing_points_to_one_machine_or_another_registry() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    for line in lock.lines().filter(|line| line.starts_with("source = ")) {
        assert_eq!(line, "source = \"registry+https://github.com/rust-lang/crates.io-index\"");
    }
    let mut texts = rust();
    for (folder, end) in [
        ("rules", ".toml"),
        ("rules", ".csv"),
        ("docs", ".md"),
        ("data", ".md"),
        ("data", ".py"),
        ("crates", ".toml"),
    ] {
        texts.extend(files(folder, end));
    }
    for file in ["Cargo.toml", "build.rs"] {
        texts.insert(file.to_owned(), std::fs::read_to_string(root().join(file)).unwrap());
    }
    let banned = [
        ["/ho", "me/"],
        ["/ro", "ot/"],
        ["/wo", "rk/"],
        ["/tmp", "/wt"],
        ["/Us", "ers/"],
        ["C:", "\\\\Users"],
    ];
    for (file, text) in texts {
        for word in banned.map(|parts| parts.concat()) {
            assert!(!text.contains(&word), "{file} holds {word}");
        }
    }
}
