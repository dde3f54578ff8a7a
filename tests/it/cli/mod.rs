//! The command from outside: what goes in, what comes out, and with which exit status.

mod access;
mod cycle;
mod data;
mod decisions;
mod formats;
mod input;
mod output;
mod plan;
mod portfolio;
mod rate;
mod records;
mod rejects;
mod size;
mod synth;
mod tools;

use floatrate::exchange::json;
use floatrate_engine::record::Form;
use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use tempfile::TempDir;

/// The plan and date of the contract's example.
const PANZHIHUA: &str = "rate --plan cn-510400-2021 --rating-date 2026-01-01";

/// How a command ended.
#[derive(Debug, PartialEq, Eq)]
struct Ran {
    status: i32,
    out: String,
    err: String,
}

impl Ran {
    /// Standard output, of a command that is to end with status 0.
    #[track_caller]
    fn done(self) -> String {
        assert_eq!(self.status, 0, "{}", self.err);
        self.out
    }

    /// The same, as one JSON value.
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|why| panic!("{why}: {}", self.out))
    }
}

/// The command with its arguments, separated by blanks, in a plain environment.
fn command(arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_floatrate"));
    command.args(arguments.split_whitespace()).env("LANG", "C");
    for name in ["LC_ALL", "LC_MESSAGES", "RUST_BACKTRACE"] {
        command.env_remove(name);
    }
    command
}

/// Starts a command with all three streams piped.
fn start(command: &mut Command) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap_or_else(|why| panic!("{command:?}: {why}"))
}

/// Runs a command to its end on an input.
#[track_caller]
fn run(arguments: &str, stdin: impl AsRef<[u8]>) -> Ran {
    ended(&mut command(arguments), stdin.as_ref())
}

#[track_caller]
fn ended(command: &mut Command, stdin: &[u8]) -> Ran {
    let mut child = start(command);
    let mut pipe = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        // A command that is refused reads no input, so the pipe may break.
        scope.spawn(move || drop(pipe.write_all(stdin)));
        child.wait_with_output().unwrap()
    });
    let err = String::from_utf8(output.stderr).unwrap();
    Ran { status: status(output.status, &err), out: String::from_utf8(output.stdout).unwrap(), err }
}

/// The exit status, which is one of the contract's whatever happens.
#[track_caller]
fn status(status: ExitStatus, err: &str) -> i32 {
    let code = status.code().unwrap_or_else(|| panic!("killed: {status}\n{err}"));
    assert!((0..=3).contains(&code), "exit status {code}\n{err}");
    assert!(!err.contains("internal error") && !err.contains("panicked"), "{err}");
    code
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The top-level names of a JSON object, in the order of the text.
fn keys(line: &str) -> Vec<String> {
    match json::parse(line) {
        Ok(Form::Map(fields)) => fields.into_iter().map(|(name, _)| name).collect(),
        other => panic!("{other:?}: {line}"),
    }
}

fn values(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|w| panic!("{w}: {line}"))).collect()
}

/// A record that is rated, with the contract's example for all but the id.
fn good(id: &str) -> String {
    EXAMPLE.replace("91510400MA6212342W", id).replace('\n', "")
}

/// The contract's example of a record, in one line but for the breaks here.
const EXAMPLE: &str = r#"{"employer":{"id":"91510400MA6212342W","name":"…","region":"510400","industry":{"standard":"2017","code":"06"},"risk_class":8,
"insured_since":"2015-03-01","prior":{"rate":"0.019","tier":"1","unlimited_rate":"0.019"}},
"periods":[{"start":"2023-01-01","end":"2023-12-31","payroll":123400000,"contributions_due":2344600,"contributions_paid":2344600,"headcount":"400","months_insured":12},
{"start":"2024-01-01","end":"2024-12-31","payroll":123400000,"contributions_due":2344600,"contributions_paid":2344600,"headcount":"400","months_insured":12},
{"start":"2025-01-01","end":"2025-12-31","payroll":123400000,"contributions_due":2344600,"contributions_paid":2344600,"headcount":"400","months_insured":12,"values":{"hours_worked":"800000"}}],
"claims":[{"id":"2023-17","date":"2023-05-04","cause":"work_accident","outcome":"disability_7","count":1,"paid_on":"2023-08-01","benefits_paid":1300000,"reserve":0}],
"facts":{"arrears_months":"0","blacklisted":false,"safety_certificate_grade":"2"}}"#;

#[test]
fn the_language_is_that_of_the_locale() {
    // LC_ALL, LC_MESSAGES, LANG and the option; whether the message is Chinese.
    for (all, messages, lang, option, zh) in [
        ("", "", "zh_CN.UTF-8", "", true),
        ("", "zh_CN", "en_US.UTF-8", "", true),
        ("en_US.UTF-8", "zh_CN", "zh_CN", "", false),
        ("", "", "C", "", false),
        ("", "", "", "", false),
        ("zh_TW", "", "", "--lang en", false),
        ("C", "", "", "--lang zh", true),
    ] {
        let mut command = command(&format!("rate --plan cn-0 {option}"));
        command.env("LC_ALL", all).env("LC_MESSAGES", messages).env("LANG", lang);
        let ran = ended(&mut command, b"");
        assert_eq!((ran.status, ran.out.as_str()), (2, ""));
        let expected = if zh { "没有办法“cn-0”" } else { "there is no plan `cn-0`" };
        assert!(ran.err.starts_with(expected), "{all} {messages} {lang} {option}: {}", ran.err);
    }
}
