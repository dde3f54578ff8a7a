//! The rule author's tools on two versions of an invented plan, `tests/tools/xx/city`, with the expected output beside
//! them. `UPDATE_GOLDEN=1` writes what is printed now; read the difference before you keep it.

use super::run;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools")
}

/// Compares what a command prints with a file of `tests/tools/expected`.
#[track_caller]
fn golden(arguments: &str, status: i32, file: &str) -> String {
    let ran = run(&format!("{arguments} --plan-dir {}", tools().display()), "");
    assert_eq!(ran.status, status, "{arguments}: {}", ran.err);
    let path = tools().join("expected").join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &ran.out).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == ran.out, "{file} is otherwise than expected:\n{}", ran.out);
    ran.out
}

#[test]
fn a_plan_is_shown_as_a_regulation() {
    for lang in ["zh", "en"] {
        for (format, end) in [("text", "txt"), ("markdown", "md"), ("html", "html")] {
            let arguments = format!("plan show xx-city-2024 --lang {lang} --format {format}");
            golden(&arguments, 0, &format!("show.{lang}.{end}"));
        }
    }
}

#[test]
fn a_document_loads_nothing_and_runs_nothing() {
    let html = run("plan show xx-city-2024 --format html --plan-dir tests/tools", "").done();
    for bad in ["<script", "src=", "http:", "https:", "@import", "url(", "<link", "onload", "<floating>"] {
        assert!(!html.contains(bad), "{bad}");
    }
    // Every citation leads to its clause.
    for link in html.split("href=\"#").skip(1) {
        let anchor = link.split('"').next().unwrap();
        assert!(html.contains(&format!("id=\"{anchor}\"")), "{anchor}");
    }
    assert!(html.contains("A city&#39;s") || html.contains("A city's"));
    let markdown = run("plan show xx-city-2024 --format markdown --plan-dir tests/tools", "").done();
    assert!(markdown.contains("&lt;floating&gt;") && markdown.contains("\\*details\\*"));
    for table in markdown.split("\n\n").filter(|block| block.starts_with('|')) {
        let bars: Vec<usize> =
            table.lines().map(|line| line.replace("\\|", "").matches('|').count()).collect();
        assert!(bars.windows(2).all(|pair| pair[0] == pair[1]), "{table}");
    }
    let both = run("plan show xx-city-2024 --json --format html --plan-dir tests/tools", "");
    assert_eq!(both.status, 2);
}

#[test]
fn coverage_is_told_with_what_to_write() {
    golden("plan cover xx-city-2024", 1, "cover.txt");
    let json: Value = serde_json::from_str(&golden("plan cover --json", 1, "cover.json")).unwrap();
    assert_eq!(json["ok"], false);
    let plan = &json["plans"][0];
    let items = plan["items"].as_array().unwrap();
    let reached = items.iter().filter(|i| i["exempt"].is_null() && i["advice"].is_null());
    assert_eq!(plan["reached"], reached.count());
    for item in items {
        let examples = item["examples"].as_array().unwrap();
        assert_eq!(item["advice"].is_null(), !examples.is_empty() || !item["exempt"].is_null(), "{item}");
    }
    assert_eq!(run("plan cover cn-510400-2012", "").status, 2);
    let frame = run("plan cover cn-000000-2015", "");
    assert!(frame.done().contains("rates nobody"));
}

#[test]
fn differences_are_told_in_both_languages_with_a_witness() {
    for lang in ["zh", "en"] {
        golden(&format!("plan diff xx-city-2024 xx-city-2026 --lang {lang}"), 0, &format!("diff.{lang}.txt"));
    }
    golden("plan diff xx-city-2024 xx-city-2026 --json", 0, "diff.json");
    let same = run("plan diff cn-440300-2018 cn-440300-2018", "").done();
    assert_eq!(same, "cn-440300-2018 and cn-440300-2018 say the same\n");
    // A folder stands for its plan.
    let root = tools();
    let folder = root.join("xx/city/2026");
    let by_folder =
        run(&format!("plan diff xx-city-2024 {} --json --plan-dir {}", folder.display(), root.display()), "");
    let by_id = run(&format!("plan diff xx-city-2024 xx-city-2026 --json --plan-dir {}", root.display()), "");
    assert!(by_folder == by_id, "a folder and an id are told differently");
    assert_eq!(run("plan diff cn-440300-2018 cn-440300-2019", "").status, 2);
}

/// A witness is a record that `rate` takes, and rating it gives the result that the difference shows.
#[test]
fn a_witness_can_be_rated() {
    let root = tools();
    let json =
        run(&format!("plan diff xx-city-2024 xx-city-2026 --json --plan-dir {}", root.display()), "").json();
    let mut rated = 0;
    for change in json["changes"].as_array().unwrap() {
        let witness = &change["witness"];
        let Some(date) = witness["rating_date"].as_str() else { continue };
        let record = format!("{}\n", witness["record"]);
        for (plan, side) in [("xx-city-2024", "before"), ("xx-city-2026", "after")] {
            let arguments = format!("rate --plan {plan} --rating-date {date} --plan-dir {}", root.display());
            let result: Value = serde_json::from_str(&run(&arguments, &record).done()).unwrap();
            let shown = &witness[side];
            if result["rate"] == shown["rate"] {
                assert_eq!(result["step"], shown["step"], "{change}");
                rated += 1;
            }
        }
    }
    assert!(rated > 5, "{rated}");
}
