//! Input beyond all measure: refused by name, in flat memory, and without a crash.

use super::{PANZHIHUA, command, ended, folder, good, run, start, status, values};
use std::io::{Read, Write};

/// Most memory that a process has used, in KiB.
fn peak_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn a_line_of_2_gigabytes_is_skipped_in_flat_memory() {
    const PIECE: usize = 1 << 20;
    const EARLY: usize = 200;
    const PIECES: usize = 2048;
    let mut child = start(&mut command(&format!("{PANZHIHUA} --quiet --threads 2")));
    let (mut pipe, pid) = (child.stdin.take().unwrap(), child.id());
    writeln!(pipe, "{}", good("A")).unwrap();
    pipe.write_all(br#"{"employer":{"id":""#).unwrap();
    let piece = vec![b'x'; PIECE];
    let mut early = 0;
    for n in 0..PIECES {
        pipe.write_all(&piece).unwrap();
        if n == EARLY {
            early = peak_kib(pid);
        }
    }
    // The command still waits for the end of the line, so its peak can be read.
    let late = peak_kib(pid);
    write!(pipe, "\"}}}}\n{}", good("B")).unwrap();
    drop(pipe);
    let output = child.wait_with_output().unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(status(output.status, &err), 1, "{err}");
    assert_eq!(out, run(PANZHIHUA, [good("A"), good("B")].join("\n")).done());
    let rejects = values(&err);
    assert_eq!(
        (rejects.len(), &rejects[0]["line"], &rejects[0]["reason"]),
        (1, &2.into(), &"too_large".into())
    );
    assert!(late <= early + 1024, "{early} KiB after {EARLY} MiB, {late} KiB after {PIECES} MiB");
    assert!(late < 160 * 1024, "{late} KiB");
}

const CLAIM: &str = r#"{"id":"c","date":"2024-05-05","cause":"other","outcome":"fatal"}"#;

/// The good record with so many claims of 1 fen, in a text of its own for each.
fn with_claims(count: usize, claim: &str) -> String {
    let record = good("A");
    let (head, rest) = record.split_once(r#""claims":["#).unwrap();
    let (_, tail) = rest.split_once("],").unwrap();
    format!(r#"{head}"claims":[{}],{tail}"#, vec![claim; count].join(","))
}

#[test]
fn many_claims_of_one_employer() {
    let claim = CLAIM.replace('}', r#","benefits_paid":23446}"#);
    let out = run(PANZHIHUA, with_claims(100_000, &claim)).done();
    assert_eq!(values(&out)[0]["measures"]["payout_ratio"], "333.333333333333333333…");
    assert_eq!(values(&out)[0]["reasons"], serde_json::json!(["band:payout_ratio:5"]));
    // A row more; a million rows within the limit of a line; and a million beyond it.
    for (count, claim, reason) in [
        (100_001, claim.as_str(), "too_many_rows"),
        (1_000_000, CLAIM, "too_many_rows"),
        (1_000_000, &claim, "too_large"),
    ] {
        let input = [good("B"), with_claims(count, claim), good("C")].join("\n");
        let ran = run(&format!("{PANZHIHUA} --quiet"), input);
        assert_eq!((ran.status, ran.out.lines().count()), (1, 2), "{count} {}", ran.err);
        assert_eq!(values(&ran.err)[0]["reason"], reason, "{count}");
    }
}

#[test]
fn a_million_claims_in_csv() {
    let folder = folder();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "employers.csv",
        "id,insured_since,risk_class,contributions_paid_2023,contributions_paid_2024,contributions_paid_2025\nA,2015-01-01,8,1,1,1\nB,2015-01-01,8,1,1,1\n",
    );
    let rows = "A,c,2024-05-05,other,fatal,1\n".repeat(1_000_000);
    write(
        "claims.csv",
        &format!("employer_id,id,date,cause,outcome,benefits_paid\n{rows}B,c,2024-05-05,other,fatal,1\n"),
    );
    let ran = run(&format!("{PANZHIHUA} --quiet --input {}", folder.path().display()), "");
    assert_eq!((ran.status, ran.out.lines().count()), (1, 1), "{}", ran.err);
    let reject = &values(&ran.err)[0];
    assert_eq!((&reject["employer_id"], &reject["reason"]), (&"A".into(), &"too_many_rows".into()));
}

#[test]
fn many_mistakes_of_one_employer() {
    let bad = CLAIM.replace("other", "othr");
    let ran = run(&format!("{PANZHIHUA} --quiet"), with_claims(50_000, &bad));
    assert_eq!((ran.status, ran.out.as_str()), (1, ""));
    let reject = &values(&ran.err)[0];
    let more = reject["more"].as_array().unwrap();
    assert_eq!((reject["reason"].as_str(), more.len()), (Some("unknown_value"), 999));
    assert_eq!(
        (more[997]["reason"].as_str(), more[998]["reason"].as_str()),
        (Some("unknown_value"), Some("too_many_violations"))
    );
    let names: Vec<String> = (0..100_000).map(|n| format!("\"f{n}\":1")).collect();
    let record = good("A").replace(r#""facts":{"#, &format!(r#""facts":{{{},"#, names.join(",")));
    let ran = run(&format!("{PANZHIHUA} --quiet"), record);
    assert_eq!(values(&ran.err)[0]["reason"], "unknown_fact");
    assert!(ran.err.len() < 200_000, "{} bytes", ran.err.len());
}

#[test]
fn amounts_at_the_limit_stay_exact() {
    let most = "999999999999999999";
    let record = good("A").replace("2344600", most).replace("1300000", most);
    let out = run(PANZHIHUA, record).done();
    assert_eq!(values(&out)[0]["measures"]["payout_ratio"], "0.333333333333333333…");
}

/// An unending stream is rated as it comes: results do not wait for the end.
#[test]
fn results_come_while_the_input_is_open() {
    let mut child = start(&mut command(&format!("{PANZHIHUA} --threads 2")));
    let mut pipe = child.stdin.take().unwrap();
    let mut out = child.stdout.take().unwrap();
    let lines: String = (0..20_000).map(|n| good(&format!("E{n}")) + "\n").collect();
    let writer = std::thread::spawn(move || {
        pipe.write_all(lines.as_bytes()).unwrap();
        pipe
    });
    let mut first = [0; 4096];
    out.read_exact(&mut first).unwrap();
    assert!(first.starts_with(br#"{"employer_id":"E0","#));
    let drain = std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()).unwrap());
    drop(writer.join().unwrap());
    drain.join().unwrap();
    assert_eq!(status(child.wait().unwrap(), ""), 0);
}

/// Too little memory to start is the system's failure; enough of it for a big input is a fixed amount.
#[test]
#[cfg(target_os = "linux")]
fn many_records_need_no_more_memory_than_few() {
    let folder = folder();
    let input = folder.path().join("records.jsonl");
    std::fs::write(&input, (good("A") + "\n").repeat(60_000)).unwrap();
    let shell = format!(
        "ulimit -v 600000; exec {} {PANZHIHUA} --quiet --threads 2 --input {} --output {}",
        env!("CARGO_BIN_EXE_floatrate"),
        input.display(),
        folder.path().join("out").display()
    );
    let mut command = std::process::Command::new("sh");
    let ran = ended(command.args(["-c", &shell]).env("MALLOC_ARENA_MAX", "2"), b"");
    assert_eq!(ran.status, 0, "{}", ran.err);
    let results = std::fs::read_to_string(folder.path().join("out")).unwrap();
    assert_eq!(results.lines().count(), 60_000);
}
