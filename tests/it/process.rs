//! The service as a process of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tonic::transport::Channel;

/// More than anything here takes.
pub(crate) const LONG: Duration = Duration::from_secs(20);

/// The command, serving on ports of the system's choice.
pub(crate) struct Process {
    child: Child,
    /// The database is in here.
    _folder: Option<TempDir>,
    pub(crate) grpc: SocketAddr,
    pub(crate) console: SocketAddr,
}

impl Process {
    pub(crate) fn start(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("floatrate.db");
        let mut process = Self::start_at("127.0.0.1:0", &database, Stdio::piped(), options);
        process._folder = Some(folder);
        process
    }

    /// On a port and a database that another one had before, or will have after.
    pub(crate) fn start_at(listen: &str, database: &Path, log: Stdio, options: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_floatrate"));
        command.args(["serve", "--listen", listen, "--console", "127.0.0.1:0"]).env("LC_ALL", "C");
        command.env("FLOATRATE_DATABASE", database);
        for option in options {
            let (name, value) = option.split_once('=').unwrap();
            command.env(name, value);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut address =
            || lines.next().unwrap().unwrap().split_once(' ').unwrap().1.parse::<SocketAddr>().unwrap();
        Self { grpc: address(), console: address(), child, _folder: None }
    }

    pub(crate) async fn channel(&self) -> Channel {
        Channel::from_shared(format!("http://{}", self.grpc)).unwrap().connect().await.unwrap()
    }

    /// The most memory that it ever held, in MiB.
    pub(crate) fn peak_mib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|l| l.starts_with("VmHWM")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }

    pub(crate) fn term(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// Waits for its end: the exit status, and what it said on standard error.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let mut err = String::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            stderr.read_to_string(&mut err).unwrap();
        }
        (self.child.wait().unwrap(), err)
    }
}

impl Process {
    /// Ends it without a word, as a power failure would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A page of the console.
pub(crate) fn page(console: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(console).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}
