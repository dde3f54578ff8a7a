//! The annual rate cycle through the command: from a draft to published rates.

mod figures;
mod sheets;

use super::records::{put, words};
use super::{Ran, command, ended, folder, good};
use serde_json::Value;
use std::path::Path;

const CREATE: &str = "cycle create --region 510400 --plan cn-510400-2021 --rating-date 2026-01-01";

/// A command on the database of a folder, by a name.
#[track_caller]
fn by(at: &Path, name: &str, arguments: &[&str]) -> Ran {
    let mut command = command("");
    command.args(arguments).args(["--name", name]).current_dir(at).env("FLOATRATE_DATABASE", "rates.db");
    ended(&mut command, b"")
}

/// A cycle that is rated, over a synthetic city with employers for a person to decide on.
fn rated(at: &Path, employers: u32, seed: u32) -> String {
    words(at, &format!("synth --employers {employers} --seed {seed} --region 510400 --out city")).done();
    // Two without a class for certain, who are for review.
    let open =
        |id: &str| good(id).replace("\"risk_class\":8,", "").replace("\"code\":\"06\"", "\"code\":\"59\"");
    let empty = |id: &str| {
        let none = good(id).replace("\"contributions_paid\":2344600", "\"contributions_paid\":0");
        none.replace("\"contributions_due\":2344600", "\"contributions_due\":0")
    };
    put(at, "more.jsonl", &[open("OPEN1"), open("OPEN2"), empty("NONE1"), empty("NONE2")].join("\n"));
    words(at, "import city/records.jsonl more.jsonl --quiet").done();
    let id = words(at, CREATE).done().trim().to_owned();
    words(at, &format!("cycle freeze {id}")).done();
    words(at, &format!("cycle run {id} --quiet")).done();
    id
}

fn show(at: &Path, id: &str) -> Value {
    let ran = words(at, &format!("cycle show {id} --json"));
    assert_eq!(ran.status, 0, "{}", ran.err);
    ran.json()
}

/// Leaves every open employer out.
fn leave_out(at: &Path, id: &str) {
    let list = words(at, &format!("cycle review {id} --state open --json")).json();
    for item in list["items"].as_array().unwrap() {
        let employer = item["employer_id"].as_str().unwrap();
        words(at, &format!("cycle review {id} --employer {employer} --leave-out --reason later")).done();
    }
}

#[test]
fn a_cycle_goes_from_a_draft_to_published_rates() {
    let folder = folder();
    let at = folder.path();
    let id = rated(at, 60, 3);
    assert!(id.starts_with('c') && !id.contains(char::is_whitespace), "{id}");
    let shown = show(at, &id);
    assert_eq!((&shown["state"], &shown["plan_status"]), (&"rated".into(), &"illustrative".into()));
    assert!(shown["results_digest"].as_str().unwrap().starts_with("blake3:"), "{shown}");
    let counts = &shown["counts"];
    let [all, rated, kept, review] =
        ["employers", "rated", "kept", "review"].map(|name| counts[name].as_i64().unwrap());
    assert!(all == 64 && rated + kept + review == all && review >= 4, "{counts}");
    assert_eq!(shown["reminders"]["timetable"][0]["by"], "2026-01-05");
    // One by hand: proposed by one, agreed by another, never by one alone.
    let propose = ["cycle", "review", &id, "--employer", "NONE1", "--tier", "1", "--reason", "no wages"];
    assert!(by(at, "zhang.wei", &propose).err.contains("another person must agree"));
    let agree = ["cycle", "review", &id, "--employer", "NONE1", "--agree"];
    let alone = by(at, "zhang.wei", &agree);
    assert!(alone.status == 2 && alone.err.contains("second person"), "{alone:?}");
    by(at, "li.na", &agree).done();
    // One by a corrected record.
    put(at, "fixed.jsonl", &good("OPEN1"));
    words(at, "import fixed.jsonl --quiet").done();
    let record =
        ["cycle", "review", &id, "--employer", "OPEN1", "--record-version", "newest", "--reason", "class"];
    by(at, "zhang.wei", &record).done();
    // A tier that is none.
    let none = ["cycle", "review", &id, "--employer", "NONE2", "--tier", "7", "--reason", "x"];
    let none = by(at, "zhang.wei", &none);
    assert!(none.status == 2 && none.err.contains("--tier") && none.err.contains("0.5"), "{none:?}");
    // Open items, then the creator, stand in the way.
    let early = by(at, "li.na", &["cycle", "approve", &id]);
    assert!(early.status == 2 && early.err.contains("open"), "{early:?}");
    leave_out(at, &id);
    let own = words(at, &format!("cycle approve {id}"));
    assert!(own.status == 2 && own.err.contains("second person"), "{own:?}");
    let approved = by(at, "li.na", &["cycle", "approve", &id, "--json"]);
    assert_eq!((approved.status, &approved.json()["by_hand"]), (0, &1.into()), "{}", approved.err);
    let unsaid = by(at, "li.na", &["cycle", "publish", &id]);
    assert!(unsaid.status == 2 && unsaid.err.contains("--accept-illustrative"), "{unsaid:?}");
    by(at, "li.na", &["cycle", "publish", &id, "--accept-illustrative", "a trial run"]).done();
    let text = words(at, &format!("cycle show {id}")).done();
    for part in ["no force", "a trial run", "published", "From tier to tier", "OPEN2", "set by hand"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let zh = words(at, &format!("cycle show {id} --lang zh")).done();
    for part in ["不具效力", "a trial run", "已公布", "档次变动", "人工设定", "办理时限"] {
        assert!(zh.contains(part), "{part}: {zh}");
    }
    // What is published says where it comes from.
    let of = words(at, "determination list --employer NONE1 --json").json();
    let made = of["determinations"][0]["id"].as_str().unwrap().to_owned();
    let made = words(at, &format!("determination show {made} --json")).json();
    assert_eq!(
        (&made["cycle_id"], &made["illustrative_reason"]),
        (&id.as_str().into(), &"a trial run".into())
    );
    assert!(made["by_hand"]["proposed_by"].as_str().unwrap().contains("zhang.wei"), "{made}");
    assert!(made["by_hand"]["agreed_by"].as_str().unwrap().contains("li.na"), "{made}");
    let exported = words(at, "export determinations --format csv").done();
    assert!(exported.contains("a trial run") && exported.contains(&id), "{exported}");
    words(at, &format!("cycle close {id}")).done();
    let list = words(at, "cycle list --state closed --region 510000 --json").json();
    assert_eq!(
        (list["cycles"].as_array().unwrap().len(), &list["cycles"][0]["id"]),
        (1, &id.as_str().into())
    );
    let text = words(at, "cycle list").done();
    assert!(text.contains(&id) && text.contains("illustrative"), "{text}");
    assert!(!words(at, "cycle list --state draft").done().contains(&id));
    assert_eq!(words(at, "verify").status, 0);
}

#[test]
fn what_cannot_be_is_refused_with_its_status() {
    let folder = folder();
    let at = folder.path();
    let missing = words(at, CREATE);
    assert!(missing.status == 2 && missing.err.contains("there is no database"), "{missing:?}");
    put(at, "records.jsonl", &[good("A"), good("B").replace("\"region\":\"510400\",", "")].join("\n"));
    words(at, "import records.jsonl --quiet").done();
    for (lang, parts) in
        [("en", ["--region: ", "--rating-date: "]), ("zh", ["--region：", "--rating-date："])]
    {
        let arguments = "cycle create --region 51 --plan cn-510400-2021 --rating-date tomorrow";
        let ran = words(at, &format!("{arguments} --lang {lang}"));
        assert!(ran.status == 2 && parts.iter().all(|part| ran.err.contains(part)), "{ran:?}");
    }
    let id = words(at, CREATE).done().trim().to_owned();
    for arguments in [
        format!("cycle run {id}"),
        format!("cycle approve {id}"),
        format!("cycle publish {id}"),
        format!("cycle show {id} --statistics s.csv"),
        format!("cycle show {id} --statistics s.pdf"),
        "cycle show c-none".to_owned(),
        format!("cycle return {id} --reason r"),
        format!("cycle review {id} --employer A"),
    ] {
        let ran = words(at, &arguments);
        assert!(ran.status == 2 && !ran.err.is_empty(), "{arguments}: {ran:?}");
    }
    // Who has no region is told.
    let frozen = words(at, &format!("cycle freeze {id}"));
    assert!(
        frozen.status == 0 && frozen.err.contains("1 employers of the database name no region"),
        "{frozen:?}"
    );
    words(at, &format!("cycle run {id} --quiet")).done();
    words(at, &format!("cycle return {id} --reason again")).done();
    words(at, &format!("cycle cancel {id} --reason enough")).done();
    let shown = show(at, &id);
    assert_eq!((&shown["state"], &shown["cancelled"]["reason"]), (&"cancelled".into(), &"enough".into()));
    assert_eq!(shown["returned"][0]["reason"], "again");
    // A plan that is the law is approved with a certificate or a token.
    let law = "cycle create --region 410100 --plan cn-410100-2015 --rating-date 2026-07-01";
    put(
        at,
        "law.jsonl",
        &good("Z").replace("510400", "410100").replace("\"risk_class\":8", "\"risk_class\":2"),
    );
    words(at, "import law.jsonl --quiet").done();
    let law = words(at, law).done().trim().to_owned();
    words(at, &format!("cycle freeze {law}")).done();
    words(at, &format!("cycle run {law} --quiet")).done();
    leave_out(at, &law);
    let ran = by(at, "li.na", &["cycle", "approve", &law]);
    assert!(ran.status == 2 && ran.err.contains("through the service"), "{ran:?}");
    let mut broken = command(&format!("cycle list --database {}", at.join("records.jsonl").display()));
    assert_eq!(ended(&mut broken, b"").status, 3);
}

#[test]
fn a_plan_is_tried_and_nothing_is_written() {
    let folder = folder();
    let at = folder.path();
    let id = rated(at, 40, 5);
    let before = words(at, "verify --json").json()["head"].clone();
    let shown = show(at, &id);
    let tried = words(at, &format!("cycle run {id} --try cn-440300-2018 --quiet"));
    assert_eq!(tried.status, 2, "it does not rate on that day: {tried:?}");
    let tried = words(at, &format!("cycle run {id} --try cn-510400-2021 --output lines.csv --json --quiet"));
    assert_eq!(tried.status, 0, "{tried:?}");
    assert!(tried.err.contains("nothing was written"), "{}", tried.err);
    // The same plan comes to the same.
    let report = tried.json();
    assert_eq!(report["cells"], shown["report"]["cells"]);
    assert_eq!((&report["tried_plan"], &report["counts"]), (&"cn-510400-2021".into(), &shown["counts"]));
    let lines = std::fs::read_to_string(at.join("lines.csv")).unwrap();
    assert_eq!(lines.lines().count(), 45, "{lines}");
    assert_eq!((words(at, "verify --json").json()["head"].clone(), show(at, &id)), (before, shown));
    let text = words(at, &format!("cycle run {id} --try cn-510400-2021 --quiet --lang zh")).done();
    assert!(text.contains("试算") && text.contains("档次变动"), "{text}");
}

#[test]
fn the_whole_cycle_runs_on_postgresql() {
    let database = crate::databases::postgres();
    let folder = folder();
    let at = folder.path();
    put(at, "records.jsonl", &[good("A"), good("B")].join("\n"));
    let on = |name: &str, arguments: &str| {
        let mut command = command(arguments);
        command.args(["--name", name]).current_dir(at).env("FLOATRATE_DATABASE", &database.url);
        ended(&mut command, b"")
    };
    on("a", "import records.jsonl --quiet").done();
    let id = on("a", CREATE).done().trim().to_owned();
    for (name, step) in [
        ("a", format!("cycle freeze {id}")),
        ("a", format!("cycle run {id}")),
        ("b", format!("cycle approve {id}")),
        ("b", format!("cycle publish {id} --accept-illustrative trial")),
        ("a", format!("cycle show {id} --details d.jsonl")),
    ] {
        let ran = on(name, &step);
        assert_eq!(ran.status, 0, "{step}: {}", ran.err);
    }
    assert_eq!(std::fs::read_to_string(at.join("d.jsonl")).unwrap().lines().count(), 2);
}
