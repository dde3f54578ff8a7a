//! Records in the database, through the command: imports of every format, what is rejected, versions, successions.

use super::formats::sheet;
use super::{Ran, command, ended, folder, good, values};
use rust_xlsxwriter::Workbook;
use serde_json::Value;
use std::path::Path;

/// A command on a database of its own, by a known officer.
#[track_caller]
pub(super) fn on(folder: &Path, arguments: &[&str]) -> Ran {
    let mut command = command("");
    command
        .args(arguments)
        .current_dir(folder)
        .env("FLOATRATE_DATABASE", "rates.db")
        .env("USER", "zhang.wei");
    ended(&mut command, b"")
}

/// The same, of words without blanks.
#[track_caller]
pub(super) fn words(folder: &Path, arguments: &str) -> Ran {
    on(folder, &arguments.split_whitespace().collect::<Vec<_>>())
}

pub(super) fn put(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).unwrap();
}

fn counts(ran: &Ran) -> [i64; 4] {
    let all = ran.json();
    ["created", "updated", "unchanged", "rejected"].map(|name| all[name].as_i64().unwrap())
}

#[test]
fn every_format_keeps_the_same_records_and_twice_is_once() {
    let folder = folder();
    let at = folder.path();
    for format in ["jsonl", "csv", "parquet"] {
        words(at, &format!("synth --employers 30 --seed 7 --out {format} --format {format}")).done();
    }
    let mut book = Workbook::new();
    for name in ["employers", "periods", "claims"] {
        sheet(book.add_worksheet().set_name(name).unwrap(), &at.join(format!("csv/{name}.csv")));
    }
    book.save(at.join("book.xlsx")).unwrap();
    let first = words(at, "import jsonl/records.jsonl --json");
    assert_eq!((first.status, counts(&first)), (0, [30, 0, 0, 0]), "{}", first.err);
    assert!(first.json()["imports"][0]["import_id"].as_str().unwrap().starts_with('i'));
    // What the other formats hold is what is kept already, whichever thread reads it.
    for files in [
        "csv",
        "csv/employers.csv --threads 1",
        "parquet/records.parquet",
        "book.xlsx",
        "jsonl/records.jsonl",
    ] {
        let again = words(at, &format!("import {files} --json"));
        assert_eq!((again.status, counts(&again)), (0, [0, 0, 30, 0]), "{files}: {}", again.err);
    }
    let several = words(at, "import jsonl/records.jsonl csv --json");
    assert_eq!(counts(&several), [0, 0, 60, 0]);
    assert_eq!(several.json()["imports"].as_array().unwrap().len(), 2);
    // And in words, in both languages.
    let said = words(at, "import csv").done();
    assert!(said.starts_with("csv: 0 created, 0 updated, 30 unchanged, 0 rejected; import i"), "{said}");
    let said = words(at, "import csv --lang zh").done();
    assert!(said.starts_with("csv：新增0，更新0，未变30，未通过0；导入批次 i"), "{said}");
}

#[test]
fn what_is_rejected_is_named_and_the_rest_is_kept() {
    let folder = folder();
    let at = folder.path();
    let bad =
        good("B").replace("\"payroll\":123400000", "\"payroll\":-1").replace("2023-05-04", "2023-02-30");
    put(at, "records.jsonl", &format!("{}\n\n{bad}\nnonsense\n{}\n", good("A"), good("C")));
    let ran = words(at, "import records.jsonl --rejects rejects.jsonl --json");
    assert_eq!((ran.status, counts(&ran)), (1, [2, 0, 0, 2]), "{}", ran.err);
    let rejects = values(&std::fs::read_to_string(at.join("rejects.jsonl")).unwrap());
    assert_eq!((rejects[0]["line"].as_i64(), rejects[0]["employer_id"].as_str()), (Some(3), Some("B")));
    assert_eq!(rejects[0]["field"], "periods[0].payroll");
    assert!(rejects[0]["more"].as_array().unwrap().iter().any(|more| more["reason"] == "not_a_date"));
    assert_eq!((rejects[1]["line"].as_i64(), rejects[1]["reason"].as_str()), (Some(4), Some("not_json")));
    // Without a file the first go to standard error; in the language of the run.
    let ran = words(at, "import records.jsonl --lang zh");
    assert!(
        ran.status == 1 && ran.err.contains("\"reason\":\"not_json\"") && ran.out.contains("未通过2"),
        "{ran:?}"
    );
    // Mended, only what is new comes in.
    put(at, "records.jsonl", &[good("A"), good("B"), good("C")].join("\n"));
    assert_eq!(counts(&words(at, "import records.jsonl --json")), [1, 0, 2, 0]);
    // Of CSV the row of its file is named, and rows of nobody are warned of.
    std::fs::create_dir(at.join("csv")).unwrap();
    put(at, "csv/employers.csv", "id,risk_class,insured_since\nK,3,2020-01-01\nL,3,2020-01-01\n");
    put(at, "csv/periods.csv", "employer_id,start,end\nK,2024-01-01,2024-12-31\n");
    let claims = "employer_id,id,date,cause,outcome,benefits_paid\nL,1,2024-02-02,work_accident,temporary,1.5\nM,2,2024-02-02,work_accident,temporary,1\n";
    put(at, "csv/claims.csv", claims);
    let ran = words(at, "import csv --rejects rejects.jsonl --json");
    assert_eq!((ran.status, counts(&ran)), (1, [1, 0, 0, 2]), "{}", ran.err);
    assert!(ran.err.contains("warning: 1 rows"), "{}", ran.err);
    let rejects = values(&std::fs::read_to_string(at.join("rejects.jsonl")).unwrap());
    let place = |n: usize| (rejects[n]["file"].as_str().unwrap(), rejects[n]["line"].as_i64().unwrap());
    let mut places = [place(0), place(1)];
    places.sort_unstable();
    assert!(places[0].0.ends_with("claims.csv") && places.map(|p| p.1) == [2, 3], "{rejects:?}");
}

#[test]
fn a_dry_run_keeps_nothing_and_a_mapping_reads_an_agency_s_columns() {
    let folder = folder();
    let at = folder.path();
    put(at, "extract.csv", "DWBH,CBRQ,FL,GZ23,DWLX\nA,20150301,1.9,12.34,x\n");
    let mapping = "[employers]\nignore = [\"DWLX\"]\n[employers.columns]\nDWBH = \"id\"\nCBRQ = { to = \"insured_since\", date = \"yyyymmdd\" }\nFL = { to = \"prior_rate\", unit = \"percent\" }\nGZ23 = { to = \"payroll_2023\", unit = \"wan_yuan\" }\n";
    put(at, "ours.toml", mapping);
    let checked = words(at, "import extract.csv --mapping ours.toml --dry-run --json");
    assert_eq!(checked.status, 0, "{}", checked.err);
    assert_eq!(
        (checked.json()["accepted"].as_i64(), checked.json()["dry_run"].as_bool()),
        (Some(1), Some(true))
    );
    assert!(!at.join("rates.db").exists(), "a check made a database");
    words(at, "import extract.csv --mapping ours.toml").done();
    let shown = words(at, "employer show A --json").json();
    let record = &shown["record"];
    assert_eq!(record["employer"]["prior"]["rate"], "0.019");
    assert_eq!(record["periods"][0]["payroll"], 12_340_000);
    assert_eq!(shown["version"], 1);
    assert!(shown["recorded_by"].as_str().unwrap().starts_with("zhang.wei ("), "{shown}");
    assert!(shown["recorded_by"].as_str().unwrap().contains("self-declared"), "{shown}");
}

#[test]
fn records_come_from_standard_input_too() {
    let folder = folder();
    let mut import = command("import - --json --database here.db --name 李.红");
    let ran = ended(import.current_dir(folder.path()), good("A").as_bytes());
    assert_eq!((ran.status, counts(&ran)), (0, [1, 0, 0, 0]), "{}", ran.err);
    let mut show = command("employer versions A --json --database sqlite:here.db");
    let shown = ended(show.current_dir(folder.path()), b"").json();
    assert!(shown["versions"][0]["recorded_by"].as_str().unwrap().starts_with("李.红 ("), "{shown}");
}

#[test]
fn wrong_usage_and_a_failing_database_keep_their_statuses_and_secrets() {
    let folder = folder();
    let at = folder.path();
    put(at, "records.jsonl", &good("A"));
    // A file that is not there stops before the first is kept.
    let ran = words(at, "import records.jsonl nowhere.jsonl");
    assert!(ran.status == 2 && ran.err.contains("nowhere.jsonl") && !at.join("rates.db").exists(), "{ran:?}");
    for arguments in [
        "employer show A",
        "employer versions A",
        "determination list",
        "objection list",
        "export rates",
        "export determinations",
    ] {
        for (lang, said) in [("en", "there is no database"), ("zh", "没有数据库")] {
            let ran = words(at, &format!("{arguments} --lang {lang}"));
            assert!(ran.status == 2 && ran.err.contains(said), "{arguments}: {ran:?}");
            assert!(!at.join("rates.db").exists(), "{arguments} made a database");
        }
    }
    let ran = words(at, "import records.jsonl --database mysql://u:hunter2@db/x");
    assert!(ran.status == 2 && !ran.err.contains("hunter2"), "{ran:?}");
    for (lang, said) in [("en", "the database does not answer"), ("zh", "数据库没有应答")] {
        let ran = words(at, &format!("import records.jsonl --database nowhere/hunter2.db --lang {lang}"));
        assert!(ran.status == 3 && ran.err.contains(said) && !ran.err.contains("hunter2"), "{ran:?}");
    }
    assert_eq!(words(at, "import records.jsonl --rejects records.jsonl").status, 2);
    assert_eq!(on(at, &["import", "records.jsonl", "--name", "a (officer)"]).status, 2);
    assert_eq!(words(at, "import").status, 2);
    // Columns that nobody knows: nothing is kept.
    put(at, "employers.csv", "id,insured_since,colour\nA,2020-01-01,red\n");
    let ran = words(at, "import employers.csv --json");
    assert!(
        ran.status == 2 && ran.err.contains("colour") && ran.json()["imports"] == Value::Array(vec![]),
        "{ran:?}"
    );
}

#[test]
fn versions_are_kept_and_shown() {
    let folder = folder();
    let at = folder.path();
    put(at, "1.jsonl", &good("A"));
    put(at, "2.jsonl", &good("A").replace("\"benefits_paid\":1300000", "\"benefits_paid\":1400000"));
    assert_eq!(counts(&words(at, "import 1.jsonl 2.jsonl --json")), [1, 1, 0, 0]);
    let versions = words(at, "employer versions A --json").json();
    let numbers: Vec<_> =
        versions["versions"].as_array().unwrap().iter().map(|v| v["version"].as_i64()).collect();
    assert_eq!(numbers, [Some(2), Some(1)]);
    let paid = |options: &str| {
        let shown = words(at, &format!("employer show A --json {options}")).json();
        shown["record"]["claims"][0]["benefits_paid"].as_i64().unwrap()
    };
    assert_eq!((paid(""), paid("--version 1"), paid("--version 2")), (1_400_000, 1_300_000, 1_400_000));
    let text = words(at, "employer show A --version 1").done();
    for part in [
        "version      1 / 2",
        "insured_since",
        "2023-17",
        "1300000",
        "safety_certificate_grade",
        "\nClaims\n",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(words(at, "employer versions A --lang zh").done().contains("登记人"));
    for (arguments, said) in [
        ("employer show B", "there is no employer B"),
        ("employer show A --version 3", "there is no record version 3 of A"),
    ] {
        let ran = words(at, arguments);
        assert!(ran.status == 2 && ran.err.contains(said), "{ran:?}");
    }
    // The shown record is a line to import.
    let shown = words(at, "employer show A --version 1 --json").json();
    put(at, "3.jsonl", &shown["record"].to_string());
    assert_eq!(counts(&words(at, "import 3.jsonl --json")), [0, 1, 0, 0]);
}

#[test]
fn successions_make_versions_that_say_how_they_came_about() {
    let folder = folder();
    let at = folder.path();
    let b = good("B").replace("2023-17", "b-1");
    put(at, "records.jsonl", &[good("A"), b, good("C"), good("D")].join("\n"));
    words(at, "import records.jsonl").done();
    let succeed =
        |more: &str| words(at, &format!("employer succeed --date 2026-01-01 --reason 2025-118 {more}"));
    let merger = "--kind merger --predecessor A --predecessor B --successor A --policy merge_sum";
    let dry = succeed(&format!("{merger} --dry-run"));
    assert!(dry.status == 0 && dry.out.is_empty() && dry.err.contains("nothing was changed"), "{dry:?}");
    let merged = succeed(merger);
    assert!(
        merged.status == 0 && merged.out.starts_with('s') && merged.err.contains("merge_sum"),
        "{merged:?}"
    );
    assert!(merged.err.contains("withdraw"), "{}", merged.err);
    let shown = words(at, "employer show A --json").json();
    assert_eq!(
        (shown["version"].as_i64(), shown["record"]["claims"].as_array().unwrap().len()),
        (Some(2), 2)
    );
    assert_eq!(shown["origin"], format!("succession:{}", merged.out.trim()));
    let renamed = on(
        at,
        &[
            "employer",
            "succeed",
            "--kind",
            "renaming",
            "--date",
            "2026-01-01",
            "--predecessor",
            "C",
            "--new-name",
            "某某 矿业",
            "--reason",
            "r",
            "--json",
        ],
    );
    assert_eq!(renamed.json()["versions"][0]["version"], 2, "{renamed:?}");
    assert_eq!(words(at, "employer show C --json").json()["record"]["employer"]["name"], "某某 矿业");
    succeed("--kind class_change --predecessor C --risk-class 4").done();
    succeed("--kind move --predecessor C --region 510300").done();
    let moved = words(at, "employer show C --json").json();
    assert_eq!((&moved["version"], &moved["region"]), (&4.into(), &"510300".into()));
    succeed("--kind split --predecessor D --successor D1 --successor D2 --policy new_at_base").done();
    assert_eq!(
        words(at, "employer show D2 --json").json()["record"]["employer"]["insured_since"],
        "2026-01-01"
    );
    // All faults at once, in the language of the run.
    for (lang, said) in [
        ("en", ["--predecessor: expected", "--policy: a merger"]),
        ("zh", ["--predecessor：合并", "--policy：合并"]),
    ] {
        let ran = succeed(&format!("--kind merger --predecessor A --lang {lang}"));
        assert!(ran.status == 2 && said.iter().all(|part| ran.err.contains(part)), "{}", ran.err);
    }
    let ran = succeed("--kind split --predecessor A --successor X --successor Y --plan cn-510400-2021");
    assert!(ran.status == 2 && ran.err.contains("states no policy"), "{}", ran.err);
    let ran = succeed("--kind move --predecessor NOBODY --region 510300");
    assert!(ran.status == 2 && ran.err.contains("there is no employer NOBODY"), "{}", ran.err);
}
