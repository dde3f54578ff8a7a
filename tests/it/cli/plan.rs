//! `plan list`, `show`, `check` and `test`, with good folders and broken ones.

use super::{PANZHIHUA, command, ended, folder, good, run};
use serde_json::Value;
use std::path::{Path, PathBuf};

const IDS: [&str; 4] = ["cn-000000-2015", "cn-320000-2023", "cn-440300-2018", "cn-510400-2021"];

fn rules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &name);
        } else {
            std::fs::copy(&path, &name).unwrap();
        }
    }
}

/// Replaces text in a plan of a folder.
fn edit(root: &Path, plan: &str, from: &str, to: &str) {
    let path = root.join(plan).join("plan.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{plan}: {from}");
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn list() {
    let text = run("plan list", "").done();
    let json = run("plan list --json", "").json();
    let ids: Vec<&str> = json.as_array().unwrap().iter().map(|p| p["id"].as_str().unwrap()).collect();
    for id in IDS {
        assert!(ids.contains(&id) && text.lines().any(|line| line.starts_with(id)), "{id}\n{text}");
    }
    assert_eq!(text.lines().count(), ids.len());
    // What no plan encodes stands there too, with what is missing.
    let sichuan = text.lines().find(|line| line.contains("510000")).unwrap();
    assert!(sichuan.contains("not encoded") && sichuan.contains("missing: the whole text"), "{sichuan}");
    let sichuan = json.as_array().unwrap().iter().find(|p| p["region"] == "510000").unwrap();
    assert_eq!(sichuan["status"], "not_encoded");
    assert!(sichuan["missing"]["zh"].as_str().unwrap().contains("考核期"), "{sichuan}");
    for plan in json.as_array().unwrap() {
        for name in ["id", "region", "status", "rating_dates", "title"] {
            assert!(plan.get(name).is_some(), "{name}: {plan}");
        }
    }
    assert!(run("plan list --lang zh", "").done().contains("攀枝花市工伤保险浮动费率"));
    let same = run(&format!("plan list --json --plan-dir {}", rules().display()), "").json();
    assert_eq!(same, json);
}

#[test]
fn show() {
    for id in IDS {
        let (text, json) = (run(&format!("plan show {id}"), ""), run(&format!("plan show {id} --json"), ""));
        assert_eq!((text.status, json.status), (0, 0));
        let json = json.json();
        assert_eq!(json["id"], id);
        assert!(text.out.contains(json["digest"].as_str().unwrap()));
        assert!(json["clauses"].as_array().is_some_and(|rows| !rows.is_empty()));
        // Every number stands beside the article that it comes from.
        for section in ["facts", "parameters", "windows", "measures", "gates", "tables", "adjusts", "outcome"]
        {
            for row in json[section].as_array().unwrap() {
                assert!(row["cite"].as_str().is_some_and(|cite| !cite.is_empty()), "{id} {section}: {row}");
            }
        }
    }
    let ran = run("plan show cn-510400-2012 --json", "");
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("nearest: cn-510400-2021"), "{}", ran.err);
    assert!(run("plan show cn-510400-2021 --lang zh", "").done().contains("支缴率") || cfg!(not(unix)));
}

/// The ids that a check answers for.
fn checked(ran: &super::Ran) -> Vec<String> {
    let json = ran.json();
    assert_eq!(json["ok"], ran.status == 0, "{json}");
    json["plans"].as_array().unwrap().iter().map(|p| p["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn check_and_test_good_folders() {
    let rules = rules();
    let all = checked(&run("plan check --json", ""));
    IDS.iter().for_each(|id| assert!(all.iter().any(|known| known == id), "{id}"));
    assert_eq!(checked(&run(&format!("plan check --json {}", rules.display()), "")), all);
    // One plan's folder: in its place, alone somewhere else, and as the folder at hand.
    let panzhihua = rules.join("cn/510400/2021");
    let folder = folder();
    let alone = folder.path().join("draft of mine");
    copy(&panzhihua, &alone);
    for (at, path) in [
        (&rules, panzhihua.to_str().unwrap()),
        (&panzhihua, "."),
        (&panzhihua, "../2021/"),
        (&alone, "."),
        (&rules, "cn/510400/2021"),
    ] {
        let ran = ended(command(&format!("plan check --json {path}")).current_dir(at), b"");
        assert_eq!((checked(&ran), ran.status), (vec!["cn-510400-2021".to_owned()], 0), "{path} {}", ran.err);
        let ran = ended(command(&format!("plan test --json {path}")).current_dir(at), b"");
        assert_eq!((ran.status, &ran.json()["failed"]), (0, &Value::from(0)), "{path} {}", ran.err);
    }
    assert!(run("plan check", "").done().contains("cn-510400-2021: proved, exactly: 27 claims"));
    assert!(run("plan check --lang zh", "").done().contains("证明"));
    assert!(run("plan test", "").done().trim_end().ends_with(" 0 failed"));
    assert_eq!(run("plan test --json", "").json()["failed"], 0);
    for path in ["/none", "/dev/null"] {
        let ran = run(&format!("plan check {path}"), "");
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{path} {}", ran.err);
    }
    let empty = tempfile::tempdir().unwrap();
    let ran = run(&format!("plan test {}", empty.path().display()), "");
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("no plan.toml"), "{}", ran.err);
}

#[test]
fn check_tells_every_mistake_with_its_place() {
    let folder = folder();
    let root = folder.path();
    copy(&rules(), root);
    edit(root, "cn/510400/2021", "benefits_counted / contributions", "benefits_counted / contribution");
    edit(root, "cn/510400/2021", "months = 36", "months = 36.5");
    edit(root, "cn/510400/2021", "[rating]", "[rating]\nunknown_key = 1");
    edit(root, "cn/440300/2018", "hit = \"unique\"", "hit = \"any\"");
    let ran = run(&format!("plan check {}", root.display()), "");
    assert_eq!((ran.status, ran.out.as_str()), (1, ""));
    for part in
        ["contribution", "36.5", "unknown_key", "any", "cn/510400/2021/plan.toml", "cn/440300/2018/plan.toml"]
    {
        assert!(ran.err.contains(part), "{part}\n{}", ran.err);
    }
    let ran = run(&format!("plan check --json {}", root.display()), "");
    let json = ran.json();
    assert_eq!((ran.status, &json["ok"]), (1, &Value::Bool(false)));
    let mistakes = json["mistakes"].as_array().unwrap();
    assert!(mistakes.len() >= 4, "{json}");
    for mistake in mistakes {
        assert!(mistake["code"].is_string() && mistake["message"].is_string(), "{mistake}");
        assert!(mistake["place"]["line"].as_u64().is_some_and(|line| line > 0), "{mistake}");
    }
    // To rate with such plans, or to run their examples, is a wrong configuration.
    let ran = run(&format!("{PANZHIHUA} --plan-dir {}", root.display()), good("A"));
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("mistakes"), "{}", ran.err);
    assert_eq!(run(&format!("plan test {}", root.display()), "").status, 2);
}

#[test]
fn check_survives_what_is_no_plan() {
    for text in [
        "",
        "id",
        "id = \"\"",
        "id = \"../../etc\"",
        "\u{FEFF}",
        "[[[",
        "language = 1\nid = \"cn-510400-2021\"\n",
        &"[".repeat(100_000),
    ] {
        let folder = folder();
        std::fs::write(folder.path().join("plan.toml"), text).unwrap();
        let ran = run(&format!("plan check {}", folder.path().display()), "");
        assert_eq!((ran.status, ran.out.as_str()), (1, ""), "{text:.40}\n{}", ran.err);
        assert!(!ran.err.is_empty(), "{text:.40}");
    }
    let folder = folder();
    std::fs::write(folder.path().join("plan.toml"), b"id = \"\xFF\"").unwrap();
    let ran = run(&format!("plan check {}", folder.path().display()), "");
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("not UTF-8"), "{}", ran.err);
}

#[test]
fn two_plans_for_one_region_and_date_are_refused() {
    let folder = folder();
    let root = folder.path();
    copy(&rules(), root);
    copy(&rules().join("cn/320000/2023"), &root.join("cn/320000/2024"));
    edit(root, "cn/320000/2024", "cn-320000-2023", "cn-320000-2024");
    for plan in ["cn/320000/2023", "cn/320000/2024"] {
        let path = root.join(plan).join("plan.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let status = text.lines().find(|line| line.starts_with("status")).unwrap().to_owned();
        std::fs::write(path, text.replace(&status, "status = \"enacted\"")).unwrap();
    }
    let ran = run(
        &format!("rate --plan cn-320000-2023 --rating-date 2025-01-01 --plan-dir {}", root.display()),
        good("A"),
    );
    assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert!(ran.err.contains("`cn-320000-2023` and `cn-320000-2024` both rate 320000"), "{}", ran.err);
    assert_eq!(run(&format!("plan check {}", root.display()), "").status, 1);
    edit(root, "cn/320000/2024", "status = \"enacted\"", "status = \"draft\"");
    let ran = run(&format!("plan check --json {}", root.display()), "");
    assert!(checked(&ran).contains(&"cn-320000-2024".to_owned()));
}

/// A plan's own examples fail when they are wrong.
#[test]
fn test_runs_examples() {
    let folder = folder();
    let root = folder.path();
    copy(&rules(), root);
    let file = root.join("cn/510400/2021/examples.toml");
    let before = run(&format!("plan test --json {}", root.display()), "").json();
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    std::fs::write(&file, format!("{known}\n[[example]]\nname = \"wrong\"\n")).unwrap();
    let ran = run(&format!("plan test --json {}", root.display()), "");
    // Whether the example is refused as a text (2) or fails when it is run (1), it is never passed over.
    assert!(ran.status == 1 || ran.status == 2, "{}", ran.err);
    if ran.status == 1 {
        let after = ran.json();
        assert_eq!(after["failed"], 1, "{after}");
        assert_eq!(after["run"].as_u64(), before["run"].as_u64().map(|n| n + 1));
    }
}
