//! The door from another language: a Python client that learns the services by reflection gets over gRPC, in the same
//! order, the digests that the command line gives.

use floatrate::config::VARIABLES;
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

const EMPLOYERS: &str = "10000";
const MODULES: &str = "import grpc, google.protobuf";
/// Longer than the service's own limit on the way down.
const DOWN: Duration = Duration::from_secs(60);

/// The command, free of what the environment says to the service.
fn floatrate() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_floatrate"));
    for name in VARIABLES {
        command.env_remove(name);
    }
    command
}

/// Runs to the end; status 0 or the test fails with what was said.
#[track_caller]
fn done(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|why| panic!("{command:?}: {why}"));
    let said = String::from_utf8_lossy(&output.stderr);
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}: {}\n{out}{said}", output.status);
    out
}

/// The interpreter: `PYTHON`, or `python3`, or one with the modules in an environment that is made below `target/`.
/// Without the modules there is no test, and that is a failure.
pub(crate) fn python() -> OsString {
    let has = |python: &OsString| match Command::new(python).args(["-c", MODULES]).output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(why) => Err(why.to_string()),
    };
    let given = std::env::var_os("PYTHON").filter(|p| !p.is_empty());
    let python = given.unwrap_or_else(|| "python3".into());
    let Err(why) = has(&python) else { return python };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python-client");
    let own = folder.join("bin/python3").into_os_string();
    if has(&own).is_err() {
        let made = Command::new(&python).args(["-m", "venv"]).arg(&folder).output();
        if made.is_ok_and(|m| m.status.success()) {
            let _ =
                Command::new(&own).args(["-m", "pip", "install", "--quiet", "grpcio", "protobuf"]).output();
        }
    }
    if has(&own).is_ok() {
        return own;
    }
    panic!(
        "{} cannot run the client, which needs Python 3 with grpcio and protobuf: {}\nInstall them with `apt-get install python3-grpcio python3-protobuf`, or with `pip install grpcio protobuf`, in an environment whose interpreter the variable PYTHON names.",
        python.display(),
        why.trim()
    );
}

/// A running service; it ends with the test, also with a failed one.
struct Service {
    child: Child,
    grpc: String,
}

impl Service {
    fn start(log: &Path) -> Self {
        let mut child = floatrate()
            .args(["serve", "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0", "--database"])
            .arg(log.with_extension("db"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(log).unwrap())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        let mut service = Self { child, grpc: String::new() };
        // The addresses are the first two lines; where the service ends instead, so do the lines.
        for line in BufReader::new(stdout).lines().take(2) {
            if let Some(address) = line.unwrap().strip_prefix("grpc ") {
                address.clone_into(&mut service.grpc);
            }
        }
        assert!(!service.grpc.is_empty(), "no address; {}", std::fs::read_to_string(log).unwrap());
        service
    }

    /// Asks it to end by SIGTERM, and waits.
    fn end(mut self) -> ExitStatus {
        let pid = self.child.id();
        done(Command::new("sh").args(["-c", &format!("kill -TERM {pid}")]));
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < DOWN, "the service still runs {} s after SIGTERM", DOWN.as_secs());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_python_client_gets_the_digests_of_the_command_line() {
    let python = python();
    let folder = tempfile::tempdir().unwrap();
    let (records, results) = (folder.path().join("records.jsonl"), folder.path().join("results.jsonl"));
    done(
        floatrate()
            .args(["synth", "--employers", EMPLOYERS, "--seed", "1", "--region", "510400", "--out"])
            .arg(folder.path()),
    );
    done(
        floatrate()
            .args(["rate", "--plan", "cn-510400-2021", "--rating-date", "2026-01-01", "--quiet", "--input"])
            .arg(&records)
            .arg("--output")
            .arg(&results),
    );
    // With the retry policy that the guide gives to integrators: gRPC's own library has to take it.
    let policy = folder.path().join("service-config.json");
    std::fs::write(&policy, super::guide::service_config()).unwrap();
    let log = folder.path().join("log.jsonl");
    let service = Service::start(&log);
    let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/client.py");
    let said = done(
        Command::new(python)
            .arg(client)
            .args(["--target", &service.grpc, "--records"])
            .arg(&records)
            .arg("--results")
            .arg(&results)
            .arg("--service-config")
            .arg(&policy),
    );
    for line in
        ["BatchRateEmployers: 1000 results agree", "StreamRateEmployers: 10000 results agree, in order"]
    {
        assert!(said.lines().any(|l| l == line), "{line}\n{said}");
    }
    let status = service.end();
    assert_eq!(status.code(), Some(0), "{status}: {}", std::fs::read_to_string(&log).unwrap());
}
