//! The same records in every clothing: line ends, byte order marks, encodings, CSV.

use super::{PANZHIHUA, folder, good, run, values};
use encoding_rs::GB18030;
use serde_json::Value;
use std::path::Path;

fn gb18030(text: &str) -> Vec<u8> {
    let (bytes, _, unmappable) = GB18030.encode(text);
    assert!(!unmappable);
    bytes.into_owned()
}

#[test]
fn line_ends_marks_and_encodings_do_not_matter() {
    let name = |id: &str| good(id).replace('…', "攀枝花㛹䶮𠮷矿业");
    let records = [name("甲"), name("B"), name("C")];
    let plain = records.join("\n") + "\n";
    let expected = run(PANZHIHUA, &plain).done();
    let mark = |text: &[u8]| [b"\xEF\xBB\xBF", text].concat();
    for (option, bytes) in [
        ("", records.join("\n").into_bytes()),
        ("", records.join("\r\n").into_bytes()),
        ("", format!("\n \n\r\n{}\n\t\n", records.join("\n\n\n")).into_bytes()),
        ("", mark(plain.as_bytes())),
        ("--encoding utf-8", mark(plain.as_bytes())),
        ("--encoding auto", plain.clone().into_bytes()),
        ("--encoding auto", gb18030(&plain)),
        ("--encoding gb18030", gb18030(&plain)),
        ("--encoding gb18030", gb18030(&plain.replace('\n', "\r\n"))),
        ("--encoding gb18030", gb18030(&format!("\u{FEFF}{plain}"))),
    ] {
        let ran = run(&format!("{PANZHIHUA} {option}"), &bytes);
        assert_eq!((ran.status, &ran.out), (0, &expected), "{option}\n{}", ran.err);
    }
}

#[test]
fn lines_are_counted_as_an_editor_counts() {
    let input = format!("\n{}\r\n\r\n{{\n{}", good("A"), &good("B")[..100]);
    let ran = run(&format!("{PANZHIHUA} --quiet"), input);
    let lines: Vec<u64> = values(&ran.err).iter().map(|r| r["line"].as_u64().unwrap()).collect();
    assert_eq!((ran.status, ran.out.lines().count(), lines), (1, 1, vec![4, 5]));
}

#[test]
fn the_wrong_encoding_is_refused_and_never_guessed_around() {
    let text = good("A").replace('…', "攀枝花");
    let reason = |option: &str, bytes: &[u8]| {
        let ran = run(&format!("{PANZHIHUA} --quiet {option}"), bytes);
        assert_eq!((ran.status, ran.out.as_str()), (1, ""));
        values(&ran.err)[0]["reason"].clone()
    };
    assert_eq!(reason("", &gb18030(&text)), "not_utf8");
    let mut cut = gb18030(&text);
    let at = cut.iter().position(|b| *b >= 0x80).unwrap();
    cut.splice(at..=at, [0xFF]);
    assert_eq!(reason("--encoding gb18030", &cut), "not_gb18030");
    let utf16: Vec<u8> = [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let ran = run(PANZHIHUA, &utf16);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("UTF-16"), "{}", ran.err);
}

/// The results of both formats of the same synthetic employers.
fn pair(folder: &Path, employers: u32) -> [String; 2] {
    let made = |format: &str| {
        let out = folder.join(format);
        run(&format!("synth --employers {employers} --seed 5 --out {} --format {format}", out.display()), "")
            .done();
        out.display().to_string()
    };
    let (jsonl, csv) = (made("jsonl"), made("csv"));
    let rate = |path: &str, option: &str| run(&format!("{PANZHIHUA} --input {path} {option}"), "").done();
    let results = rate(&csv, "");
    assert_eq!(results, rate(&format!("{csv}/employers.csv"), "--threads 1"));
    [rate(&format!("{jsonl}/records.jsonl"), ""), results]
}

#[test]
fn csv_gives_the_results_of_jsonl() {
    let folder = folder();
    let [jsonl, csv] = pair(folder.path(), 3000);
    assert_eq!(jsonl.lines().count(), 3000);
    let differing = |name: &str| {
        let lines = values(&jsonl).into_iter().zip(values(&csv));
        lines
            .filter(|(a, b)| a[name] != b[name])
            .map(|(a, b)| (a["employer_id"].clone(), b[name].clone()))
            .collect::<Vec<_>>()
    };
    for name in ["employer_id", "input_digest", "result_digest", "status", "rate", "assumed"] {
        assert_eq!(differing(name), [], "{name}");
    }
    assert!(jsonl == csv);

    // The same files in GB18030, found by itself; and with the rows of periods and claims in another order.
    let csv_folder = folder.path().join("csv");
    for file in ["employers.csv", "periods.csv", "claims.csv"] {
        let path = csv_folder.join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        let (head, rows) = text.split_once('\n').unwrap();
        let mut rows: Vec<&str> = rows.lines().collect();
        if file != "employers.csv" {
            rows.reverse();
        }
        std::fs::write(&path, gb18030(&format!("{head}\r\n{}", rows.join("\r\n")))).unwrap();
    }
    let ran = run(&format!("{PANZHIHUA} --input {} --threads 4", csv_folder.display()), "").done();
    for (a, b) in values(&ran).into_iter().zip(values(&jsonl)) {
        for name in ["employer_id", "status", "measures", "rate", "reasons", "components", "flags", "assumed"]
        {
            assert_eq!(a[name], b[name], "{name} of {}", b["employer_id"]);
        }
    }
    assert_eq!(ran.lines().count(), 3000);
}

#[test]
fn csv_by_hand() {
    let employers = "id,insured_since,risk_class,facts_fraud,payroll_2023,payroll_2024,payroll_2025,contributions_paid_2023,contributions_paid_2024,contributions_paid_2025\n";
    let rows = "A,2015-03-01,8,true,1,2,3,2344600,2344600,2344600\nB,2015-02-30,8,,1,2,3,4,5,6\n\nC,2015-03-01,x\nA,2016-01-01,8,,,,,,,\nD,2015-03-01,8,,1,2,3,2344600,2344600,2344600\n";
    let claims = "employer_id,id,date,cause,outcome,benefits_paid\nD,1,2023-05-04,work_accident,disability_7,1300000\nZ,1,2023-05-04,other,fatal,1\n";
    let folder = folder();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("employers.csv", &format!("{employers}{rows}"));
    let path = folder.path().display().to_string();
    let ran = run(&format!("{PANZHIHUA} --input {path}"), "");
    assert!(ran.err.starts_with("note: there is no claims.csv"), "{}", ran.err);
    write("claims.csv", claims);
    let ran = run(&format!("{PANZHIHUA} --quiet --input {path}"), "");
    assert_eq!(ran.status, 1);
    let rated: Vec<(Value, Value)> =
        values(&ran.out).iter().map(|r| (r["employer_id"].clone(), r["rate"].clone())).collect();
    assert_eq!(rated, [("A".into(), "0.019".into()), ("D".into(), "0.0152".into())]);
    let rejects: Vec<String> = values(&rows_only(&ran.err))
        .iter()
        .map(|r| {
            [&r["file"], &r["line"], &r["employer_id"], &r["field"], &r["reason"]]
                .map(ToString::to_string)
                .join(" ")
                .replace('"', "")
        })
        .collect();
    assert_eq!(
        rejects,
        [
            "employers.csv 3 B employer.insured_since not_a_date",
            "employers.csv 5 C null cell_count",
            "employers.csv 6 A null duplicate_employer",
            "claims.csv 3 Z null unknown_employer",
        ]
    );

    // Headers that cannot be understood refuse the files as a whole.
    for (name, text, message) in [
        (
            "claims.csv",
            "employer_id,id,date,cause,outcome,benefit\n",
            "column 6 `benefit` is unknown (did you mean",
        ),
        ("claims.csv", "employer_id,id\n", "column `date` is missing"),
        ("employers.csv", "id,insured_since\nA,2015-03-01\n", "no periods.csv"),
        ("employers.csv", "", "column `id` is missing"),
    ] {
        write("claims.csv", claims);
        write(name, text);
        let ran = run(&format!("{PANZHIHUA} --input {path}"), "");
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{}", ran.err);
        assert!(ran.err.contains(message), "{}", ran.err);
    }
}

/// The rejects of standard error without what is said to people beside them; here that a row has no employer.
fn rows_only(stderr: &str) -> String {
    let (rows, said): (Vec<&str>, Vec<&str>) = stderr.lines().partition(|line| line.starts_with('{'));
    assert!(said.len() == 1 && said[0].contains("belong to no employer"), "{said:?}");
    rows.join("\n")
}
