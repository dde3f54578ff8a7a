//! Determinations and objections between cycles, and exports, through the command.

use super::records::{on, put, words};
use super::{Ran, folder, good, values};
use crate::door::serve;
use floatrate::config::DatabaseUrl;
use floatrate_proto::floatrate::v1;
use floatrate_proto::floatrate::v1::collection_service_client::CollectionServiceClient;
use serde_json::Value;
use std::path::Path;

const DATED: &str = "--plan cn-510400-2021 --rating-date 2026-01-01 --accept-illustrative trial";

fn import(at: &Path, records: &[String]) {
    put(at, "records.jsonl", &records.join("\n"));
    words(at, "import records.jsonl --quiet").done();
}

#[track_caller]
fn create(at: &Path, employer: &str, more: &str) -> Ran {
    words(at, &format!("determination create --employer {employer} {DATED} {more}"))
}

#[track_caller]
fn made(at: &Path, employer: &str, more: &str) -> String {
    create(at, employer, more).done().trim().to_owned()
}

/// The contract's record with other benefits.
fn with_benefits(id: &str, fen: i64) -> String {
    good(id).replace("\"benefits_paid\":1300000", &format!("\"benefits_paid\":{fen}"))
}

#[track_caller]
fn show(at: &Path, id: &str, more: &str) -> Value {
    let ran = words(at, &format!("determination show {id} --json {more}"));
    assert_eq!(ran.status, 0, "{}", ran.err);
    ran.json()
}

#[test]
fn a_determination_is_made_shown_superseded_and_withdrawn() {
    let folder = folder();
    let at = folder.path();
    import(at, &[good("A"), good("B")]);
    // Checked only.
    let dry = create(at, "A", "--cause new_employer --dry-run");
    assert!(
        dry.status == 0 && dry.out.contains("0.0152") && dry.err.contains("nothing was changed"),
        "{dry:?}"
    );
    assert_eq!(words(at, "determination list --json").json()["determinations"], Value::Array(vec![]));
    // A plan that is not law needs a reason.
    let ran = words(
        at,
        "determination create --employer A --plan cn-510400-2021 --rating-date 2026-01-01 --cause annual",
    );
    assert!(ran.status == 2 && ran.err.contains("illustrative"), "{ran:?}");
    let first = on(
        at,
        &[
            "determination",
            "create",
            "--employer",
            "A",
            "--plan",
            "cn-510400-2021",
            "--rating-date",
            "2026-01-01",
            "--accept-illustrative",
            "a trial",
            "--cause",
            "new_employer",
            "--note",
            "first of them",
        ],
    );
    let (first, said) = (first.out.trim().to_owned(), first.err);
    assert!(said.contains("0.0152") && said.contains("a trial"), "{said}");
    let shown = show(at, &first, "");
    assert_eq!((&shown["result"]["rate"], &shown["note"]), (&"0.0152".into(), &"first of them".into()));
    assert_eq!(shown["holds"][0]["until"], "2026-12-31");
    assert!(
        shown["result"]["explanation"]["paragraphs"].as_array().is_some_and(|p| !p.is_empty()),
        "{shown}"
    );
    assert!(shown["ledger_head"].as_str().unwrap().starts_with("blake3:"), "{shown}");
    assert!(show(at, &first, "--explain none")["result"]["explanation"].is_null());
    assert!(show(at, &first, "--explain full")["result"]["sensitivity"].is_array());
    // The record is corrected, and determined anew.
    import(at, &[with_benefits("A", 130_000_000)]);
    let second = made(at, "A", "--cause redetermination");
    let (old, new) = (show(at, &first, ""), show(at, &second, &format!("--compare-with {first}")));
    assert_eq!((&old["holds"], &old["superseded_by"][0]), (&Value::Array(vec![]), &second.as_str().into()));
    assert_eq!(new["supersedes"], first);
    let found = new["differences"].as_array().unwrap();
    let path = "record.claims.2023-17.benefits_paid";
    assert!(found.iter().any(|d| d["path"] == path && d["after"] == "130000000"), "{found:?}");
    let text = words(at, &format!("determination show {second} --compare-with {first}")).done();
    for part in ["rating date", "holds", "2026-01-01 .. 2026-12-31", "Why", "What differs from", path] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let zh = words(at, &format!("determination show {first} --lang zh")).done();
    assert!(zh.contains("否：已被取代") && zh.contains("说明"), "{zh}");
    // Another employer's is no comparison.
    let other = made(at, "B", "--cause annual");
    assert_eq!(words(at, &format!("determination show {second} --compare-with {other}")).status, 2);
    // Withdrawn, the one before holds again.
    let withdraw = format!("determination withdraw {second} --reason mistaken");
    let withdrawal = words(at, &withdraw).done().trim().to_owned();
    assert_eq!(show(at, &second, "")["withdrawn_by"], withdrawal);
    assert_eq!(show(at, &first, "")["holds"][0]["from"], "2026-01-01");
    let entry = show(at, &withdrawal, "");
    assert_eq!((&entry["withdraws"], &entry["cause"]), (&second.as_str().into(), &"withdrawal".into()));
    let again = words(at, &withdraw);
    assert!(again.status == 2 && again.err.contains("withdrawn"), "{again:?}");
    // Lists.
    let of_a = words(at, "determination list --employer A --json").json();
    let ids: Vec<_> = of_a["determinations"].as_array().unwrap().iter().map(|d| d["id"].clone()).collect();
    assert_eq!(ids, [&first, &second, &withdrawal].map(|id| Value::from(id.as_str())));
    let last = words(at, "determination list --last 2").done();
    assert!(last.lines().count() == 3 && last.contains(&other) && !last.contains(&first), "{last}");
    for arguments in
        ["determination show b-1", "determination show x", "determination list --employer NOBODY"]
    {
        let ran = words(at, arguments);
        assert!(ran.status == 2 && ran.err.contains("there is no"), "{ran:?}");
    }
}

#[test]
fn every_fault_of_an_order_is_told() {
    let folder = folder();
    let at = folder.path();
    import(at, &[good("A")]);
    for (lang, parts) in [
        ("en", ["--rating-date: ", "--from: ", "--cause: ", "new_employer"]),
        ("zh", ["--rating-date：", "--from：", "--cause：", "应为其中之一"]),
    ] {
        let order = "determination create --employer A --rating-date tomorrow --from 2026-02-30 --cause whim";
        let ran = words(at, &format!("{order} --lang {lang}"));
        assert!(ran.status == 2 && parts.iter().all(|part| ran.err.contains(part)), "{}", ran.err);
        assert!(!ran.err.contains('{') && ran.out.is_empty(), "{ran:?}");
    }
    let cases = [
        ("A", "--cause annual --rating-date 2026-02-01", 2),
        ("A", "--cause annual --record-version 9", 2),
        ("NOBODY", "--cause annual", 2),
        ("A", "--cause objection", 2),
        ("A", "--cause annual --from 2027-02-01", 2),
    ];
    for (employer, more, status) in cases {
        let dated = if more.contains("--rating-date") { "" } else { "--rating-date 2026-01-01" };
        let order = "--plan cn-510400-2021 --accept-illustrative trial";
        let ran = words(at, &format!("determination create --employer {employer} {order} {dated} {more}"));
        assert!(ran.status == status && !ran.err.is_empty() && ran.out.is_empty(), "{more}: {ran:?}");
    }
    // What a person must decide is not published.
    import(at, &[good("R").replace("\"risk_class\":8,", "").replace("\"code\":\"06\"", "\"code\":\"59\"")]);
    let ran = create(at, "R", "--cause annual");
    assert!(ran.status == 2 && ran.err.contains("risk_class"), "{ran:?}");
}

#[test]
fn an_objection_is_filed_decided_and_answered() {
    let folder = folder();
    let at = folder.path();
    import(at, &[with_benefits("A", 130_000_000)]);
    let first = made(at, "A", "--cause annual");
    // The plan's fifteen working days from a notice that is years after the publication, so that any day of the test will do.
    let file = |more: &str| {
        words(at, &format!("objection file {first} --reason not-ours --notified-on 2098-01-06 {more}"))
    };
    let late = file("--filed-on 2098-02-03");
    assert!(late.status == 2 && late.err.contains("2098-01-27"), "{late:?}");
    let taken = file("--filed-on 2098-02-03 --accept-late ill --json");
    assert_eq!(
        (taken.json()["late"].as_bool(), taken.json()["accept_late"].as_str()),
        (Some(true), Some("ill"))
    );
    assert!(taken.err.contains("late: ") && taken.err.contains("not certain"), "{}", taken.err);
    put(at, "days.csv", "# years = 2098..2098\ndate,kind\n2098-01-27,holiday\n");
    let filed = file("--filed-on 2098-01-20 --calendar days.csv");
    assert!(
        filed.err.contains("ends on 2098-01-28") && filed.err.contains("decide it by 2098-02-04"),
        "{}",
        filed.err
    );
    assert!(!filed.err.contains("not certain"), "{}", filed.err);
    let id = filed.done().trim().to_owned();
    put(at, "days.csv", "date,kind\n2098-13-01,holiday\n");
    let ran = file("--calendar days.csv --lang zh");
    assert!(ran.status == 2 && ran.err.contains("days.csv: 第2行"), "{ran:?}");
    // Decided once, then answered once.
    let early = create(at, "A", &format!("--cause objection --objection {id}"));
    assert!(early.status == 2 && early.err.contains("filed"), "{early:?}");
    assert_eq!(words(at, &format!("objection decide {id} --reason r")).status, 2);
    let decide = format!("objection decide {id} --upheld --reason it-is-another-s");
    let decided = words(at, &decide);
    assert!(decided.status == 0 && decided.err.contains(&format!("--objection {id}")), "{decided:?}");
    let twice = words(at, &decide);
    assert!(twice.status == 2 && twice.err.contains("upheld"), "{twice:?}");
    import(at, &[good("A")]);
    let second = made(at, "A", &format!("--cause objection --objection {id}"));
    assert_eq!(show(at, &second, "")["objection_id"], id);
    let listed = words(at, "objection list --json").json();
    let states: Vec<_> =
        listed["objections"].as_array().unwrap().iter().map(|o| o["state"].as_str().unwrap()).collect();
    assert_eq!(states.len(), 2, "{listed}");
    assert!(states.contains(&"filed") && states.contains(&"redetermined"), "{listed}");
    let answered = words(at, "objection list --state redetermined --employer A").done();
    assert!(answered.contains(&second) && answered.lines().count() == 2, "{answered}");
    assert!(
        words(at, "objection list --region 510300 --json").json()["objections"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let unknown = words(at, "objection decide o-nothing --rejected --reason r --lang zh");
    assert!(unknown.status == 2 && unknown.err.contains("没有 异议"), "{unknown:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exports_say_what_the_service_answers() {
    let folder = folder();
    let at = folder.path();
    let benefits = [0, 1_300_000, 130_000_000];
    let records: Vec<String> = (0..3).map(|n| with_benefits(["A", "B", "C"][n], benefits[n])).collect();
    import(at, &records);
    let ids: Vec<String> = ["A", "B", "C"].iter().map(|id| made(at, id, "--cause annual")).collect();
    words(at, &format!("determination withdraw {} --reason r", ids[0])).done();
    let again = made(at, "A", "--cause redetermination --from 2026-07-01");
    let exported = words(at, "export rates");
    let head = exported.err.lines().find(|line| line.starts_with("ledger head blake3:")).unwrap().to_owned();
    assert!(
        head.contains(" at entry ") && exported.err.contains("5 lines; the last position is 5"),
        "{}",
        exported.err
    );
    let lines = values(&exported.done());
    assert_eq!(
        lines.iter().map(|line| line["position"].as_i64().unwrap()).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5]
    );
    assert_eq!((&lines[3]["kind"], &lines[3]["supersedes"]), (&"withdrawn".into(), &ids[0].as_str().into()));
    let rest = words(at, "export rates --after 3 --output rest.jsonl");
    assert!(rest.status == 0 && rest.out.is_empty(), "{rest:?}");
    assert_eq!(values(&std::fs::read_to_string(at.join("rest.jsonl")).unwrap()), lines[3..]);
    let past = words(at, "export rates --after 6");
    assert!(past.status == 2 && past.err.contains("newest position 5"), "{past:?}");
    // Determinations: the results as they were published.
    let all = words(at, "export determinations");
    assert!(all.err.contains(&head), "{}", all.err);
    let all = all.done();
    for (line, change) in values(&all).iter().zip(&lines) {
        for name in ["id", "position", "from", "until", "published_at", "employer_id"] {
            assert_eq!(line[name], change[name], "{name}");
        }
        let shown = show(at, line["id"].as_str().unwrap(), "--explain none");
        let result = shown["result"].as_object().unwrap();
        assert!(result.iter().all(|(name, value)| line[name] == *value), "{line}");
    }
    words(at, "export determinations --format csv --output all.csv").done();
    let mut csv = csv::Reader::from_path(at.join("all.csv")).unwrap();
    let names = csv.headers().unwrap().clone();
    let rows: Vec<_> = csv.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 5);
    for (row, line) in rows.iter().zip(values(&all)) {
        let cell = |name: &str| &row[names.iter().position(|n| n == name).unwrap()];
        for name in ["id", "from", "rate", "result_digest", "cause"] {
            assert_eq!(cell(name), line[name].as_str().unwrap(), "{name}");
        }
    }
    // The service on the same database.
    let database = at.join("rates.db");
    let served =
        serve(|config| config.database = DatabaseUrl::parse(database.to_str().unwrap()).unwrap()).await;
    let mut client = CollectionServiceClient::new(served.channel.clone());
    let mut ask = async |employer: &str, date: &str| {
        let request =
            v1::GetRateRequest { employer_id: employer.into(), date: date.into(), ..Default::default() };
        client.get_rate(request).await.map(|answer| answer.into_inner().rate.unwrap())
    };
    for (employer, line) in [("A", &lines[4]), ("B", &lines[1]), ("C", &lines[2])] {
        let rate = ask(employer, "2026-12-31").await.unwrap();
        assert_eq!(
            (&*rate.id, rate.position),
            (line["id"].as_str().unwrap(), line["position"].as_i64().unwrap())
        );
        assert_eq!(rate.rate.as_deref(), line["rate"].as_str());
        assert_eq!(
            (&*rate.from, &*rate.until),
            (line["from"].as_str().unwrap(), line["until"].as_str().unwrap())
        );
    }
    assert!(ask("A", "2026-06-30").await.is_err(), "a withdrawn rate holds");
    // What the command publishes beside it is seen within moments.
    let newest = made(at, "C", "--cause redetermination");
    let start = std::time::Instant::now();
    while ask("C", "2026-12-31").await.unwrap().id != newest {
        assert!(start.elapsed() < std::time::Duration::from_secs(20));
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_ne!(again, newest);
}
