//! The demonstration serves at its end, and the calls that it prints work as they are printed.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// More than anything here takes.
const LONG: Duration = Duration::from_secs(60);

struct Demo {
    child: Child,
    out: BufReader<ChildStdout>,
    /// What it has printed, up to the addresses.
    said: String,
}

impl Demo {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_floatrate"))
            .args(["demo", "--employers", "200"])
            .args(arguments)
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        // The addresses come last; who has read them can call.
        while !said.lines().last().is_some_and(|line| line.starts_with("http ")) {
            assert_ne!(out.read_line(&mut said).unwrap(), 0, "it ended early: {said}");
        }
        Self { child, out, said }
    }

    fn address(&self, name: &str) -> &str {
        self.said.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim()
    }

    /// Asks it to end by a signal: what else it said, on both streams. The exit status is 0.
    fn end(mut self, signal: &str) -> String {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(start.elapsed() < LONG, "it still runs after {signal}");
            std::thread::sleep(Duration::from_millis(10));
        };
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut rest).unwrap();
        assert_eq!(status.code(), Some(0), "{rest}");
        rest
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines that are meant for a shell, as they are printed.
fn commands(said: &str) -> Vec<&str> {
    let begins = ["request=", "grpcurl ", "python3 ", "curl "];
    let lines = said.lines().map(str::trim);
    lines.filter(|line| begins.iter().any(|b| line.starts_with(b))).collect()
}

#[test]
fn the_printed_call_works_until_the_demonstration_is_ended() {
    let python = super::python::python();
    let demo = Demo::start(&["--listen", "127.0.0.1:0", "--console", "127.0.0.1:0"]);
    let commands = commands(&demo.said);
    let [request, grpcurl, call, rate, list, metrics] = commands[..] else { panic!("{commands:?}") };
    let grpc = demo.address("grpc ");
    for command in [grpcurl, call, rate, list] {
        assert!(command.contains(grpc), "{command}");
    }
    assert!(metrics.contains(demo.address("http ")), "{metrics}");
    // The shell gets what a person would copy; only the interpreter is the one that has gRPC.
    let shell = format!("{request}\n{}", call.replacen("python3", "\"$PYTHON\"", 1));
    let ran = Command::new("sh")
        .args(["-c", &shell])
        .env("PYTHON", python)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(ran.status.success(), "{shell}\n{}", String::from_utf8_lossy(&ran.stderr));
    let answer: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let result = &answer["result"];
    assert_eq!(result["status"], "rated", "{answer}");
    for field in ["rate", "result_digest"] {
        let value = result[field].as_str().unwrap();
        assert!(demo.said.contains(&format!("{field} {value}")), "{field} {value} is not what was announced");
    }
    let rest = demo.end("-TERM");
    // The call was told, and nothing of the employer.
    assert!(rest.contains("RateEmployer") && !rest.contains("9151"), "{rest}");
}

#[test]
fn a_taken_port_is_told_and_another_is_used() {
    // Where the default ports are taken already, by whomever, so much the better.
    let _taken = [TcpListener::bind("127.0.0.1:50051"), TcpListener::bind("127.0.0.1:8080")];
    let demo = Demo::start(&[]);
    let (grpc, http) = (demo.address("grpc ").to_owned(), demo.address("http ").to_owned());
    assert!(grpc.starts_with("127.0.0.1:") && http.starts_with("127.0.0.1:"));
    let rest = demo.end("-INT");
    for (wanted, got) in [("127.0.0.1:50051", grpc), ("127.0.0.1:8080", http)] {
        assert!(rest.contains(&format!("{wanted} is taken by another program: {got} instead")), "{rest}");
    }
}

#[test]
fn an_address_that_was_asked_for_is_not_replaced() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    for (address, status) in [(taken.as_str(), 3), ("0.0.0.0:0", 2), ("here", 2)] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_floatrate"));
        let arguments = ["demo", "--employers", "5", "--console", "127.0.0.1:0", "--listen", address];
        let ran = command.args(arguments).env("LC_ALL", "C").output().unwrap();
        let err = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(status), "{address}: {err}");
        assert!(err.contains(address), "{err}");
    }
}
