//! Both databases, so that a test is written once: a file of SQLite, and a PostgreSQL that the tests start themselves.
//!
//! The server listens on a socket in its own folder and nowhere else. A shell guards it: it waits for the end of its
//! standard input, which comes when this process ends, however it ends, and then stops the server and removes the folder.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const MISSING: &str = "these tests need PostgreSQL 15 or later: apt-get install postgresql";

/// A database that nobody has opened yet.
pub(crate) struct Database {
    /// For `Db::open`.
    pub(crate) url: String,
    /// `SQLite` or `PostgreSQL`, for messages.
    pub(crate) name: &'static str,
    _folder: Option<TempDir>,
}

/// A fresh one of each kind.
pub(crate) fn databases() -> Vec<Database> {
    vec![sqlite(), postgres()]
}

/// A file that is not there yet.
pub(crate) fn sqlite() -> Database {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("floatrate.db").display());
    Database { url, name: "SQLite", _folder: Some(folder) }
}

/// A database without tables on the tests' server.
pub(crate) fn postgres() -> Database {
    static SERVER: OnceLock<Server> = OnceLock::new();
    // What is written need not outlive the machine, only this process and those that it kills.
    let server = SERVER.get_or_init(|| Server::start(&["fsync=off", "max_connections=300"]));
    Database { url: server.create(), name: "PostgreSQL", _folder: None }
}

/// A server of one's own.
pub(crate) struct Server {
    bin: PathBuf,
    folder: PathBuf,
    settings: Vec<String>,
    guard: Child,
}

impl Server {
    /// Makes a server with settings in the form `name=value`, and starts it.
    pub(crate) fn start(settings: &[&str]) -> Self {
        let bin = programs().unwrap_or_else(|| panic!("{MISSING}"));
        // Kept: the guard removes it.
        let folder = tempfile::Builder::new().prefix("floatrate-pg").tempdir().unwrap().keep();
        if is_root() {
            done(Command::new("chown").arg("postgres").arg(&folder).output(), "chown to the user postgres");
        }
        // The server's own order of texts is not bytewise: the tables have to ask for theirs.
        let mut initdb = as_server(&bin.join("initdb"));
        initdb.args(["--no-sync", "--auth=trust", "--username=floatrate", "--encoding=UTF8"]);
        initdb.args(["--locale-provider=icu", "--icu-locale=en", "--locale=C.UTF-8"]);
        done(initdb.arg("-D").arg(folder.join("data")).output(), "initdb");
        let settings: Vec<String> = settings.iter().map(|s| (*s).to_owned()).collect();
        let guard = guarded(&bin, &folder, &settings);
        let server = Self { bin, folder, settings, guard };
        server.wait();
        server
    }

    /// Stops it; transactions are broken off. What was committed stays.
    pub(crate) fn stop(&mut self) {
        self.guard.stdin.take().unwrap().write_all(b"\n").unwrap();
        assert!(self.guard.wait().unwrap().success());
    }

    /// Starts it again.
    pub(crate) fn restart(&mut self) {
        self.guard = guarded(&self.bin, &self.folder, &self.settings);
        self.wait();
    }

    fn wait(&self) {
        let begun = Instant::now();
        let ready = || self.client("pg_isready").output().is_ok_and(|o| o.status.success());
        while !ready() {
            let log = || std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_secs(60), "PostgreSQL does not start:\n{}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command.arg("-h").arg(&self.folder).args(["-U", "floatrate"]);
        command
    }

    /// The address of a new database.
    pub(crate) fn create(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("t{}", COUNT.fetch_add(1, Ordering::Relaxed));
        done(self.client("createdb").arg(&name).output(), "createdb");
        format!("postgres://floatrate@localhost/{name}?host={}", self.folder.display())
    }

    /// The address of a new database whose tables lie in a folder.
    pub(crate) fn create_in(&self, folder: &Path) -> String {
        if is_root() {
            done(Command::new("chown").arg("postgres").arg(folder).output(), "chown to the user postgres");
        }
        let place = format!("CREATE TABLESPACE elsewhere LOCATION '{}'", folder.display());
        done(self.client("psql").args(["-d", "postgres", "-c", &place]).output(), "CREATE TABLESPACE");
        done(self.client("createdb").args(["-D", "elsewhere", "small"]).output(), "createdb");
        format!("postgres://floatrate@localhost/small?host={}", self.folder.display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

/// The server and its guard. A line ends the server, the end of the input its folder too.
fn guarded(bin: &Path, folder: &Path, settings: &[String]) -> Child {
    const GUARD: &str = r#"folder=$1; shift
"$@" >"$folder/log" 2>&1 </dev/null & server=$!
read -r line; end=$?
kill -INT $server; wait $server
[ $end = 0 ] || rm -rf -- "$folder""#;
    let server = as_server(&bin.join("postgres"));
    let mut guard = Command::new("sh");
    guard.args(["-c", GUARD, "sh"]).arg(folder).arg(server.get_program()).args(server.get_args());
    guard.arg("-D").arg(folder.join("data")).arg("-k").arg(folder).args(["-c", "listen_addresses="]);
    for setting in settings {
        guard.args(["-c", setting]);
    }
    // No terminal's interrupt reaches it: the guard is what ends the server.
    std::os::unix::process::CommandExt::process_group(&mut guard, 0);
    guard.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// A program of the server; PostgreSQL does not run as root.
fn as_server(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command.current_dir("/");
    command
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

/// The folder of the newest server's programs.
fn programs() -> Option<PathBuf> {
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let versions = installed.filter_map(|entry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        let bin = entry.path().join("bin");
        bin.join("initdb").is_file().then_some((version, bin))
    });
    if let Some((_, bin)) = versions.max().filter(|(version, _)| *version >= 15) {
        return Some(bin);
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).find(|bin| bin.join("initdb").is_file() && bin.join("postgres").is_file())
}

#[track_caller]
fn done(output: std::io::Result<Output>, what: &str) {
    let output = output.unwrap_or_else(|why| panic!("{what}: {why}; {MISSING}"));
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{what}: {err}; {MISSING}");
}
