//! Where results go: complete or not at all, on full disks, closed pipes and killed processes.

use super::{PANZHIHUA, command, ended, folder, good, names, run, start, status};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn many(count: usize) -> String {
    (0..count).map(|n| good(&format!("E{n}")) + "\n").collect()
}

/// Waits until a folder holds a file whose name ends so.
fn wait_for(folder: &Path, end: &str) {
    let begun = Instant::now();
    while !names(folder).iter().any(|name| name.ends_with(end)) {
        assert!(begun.elapsed() < Duration::from_secs(30), "no *{end} in {:?}", names(folder));
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_killed_command_leaves_the_old_file_or_none() {
    for old in [None, Some("old\n")] {
        let folder = folder();
        let path = folder.path().join("results.jsonl");
        old.iter().for_each(|text| std::fs::write(&path, text).unwrap());
        let mut child = start(&mut command(&format!("{PANZHIHUA} --output {}", path.display())));
        let mut pipe = child.stdin.take().unwrap();
        pipe.write_all(many(3000).as_bytes()).unwrap();
        wait_for(folder.path(), ".partial");
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(std::fs::read_to_string(&path).ok().as_deref(), old);
        drop(pipe);
        // The next run is not disturbed by what the killed one left.
        run(&format!("{PANZHIHUA} --output {}", path.display()), many(2)).done();
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2);
    }
}

#[test]
fn a_file_appears_when_it_is_complete() {
    let folder = folder();
    let path = folder.path().join("results.jsonl");
    let mut child = start(&mut command(&format!("{PANZHIHUA} --output {}", path.display())));
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(many(3000).as_bytes()).unwrap();
    wait_for(folder.path(), ".partial");
    assert!(!path.exists());
    drop(pipe);
    assert_eq!(status(child.wait().unwrap(), ""), 0);
    assert_eq!(names(folder.path()), ["results.jsonl"]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), run(PANZHIHUA, many(3000)).done());
}

/// A limit on the size of files stands in for a full disk: writing fails in the middle.
#[test]
#[cfg(unix)]
fn a_full_disk_fails_and_leaves_the_old_file() {
    let folder = folder();
    let path = folder.path().join("results.jsonl");
    std::fs::write(&path, "old\n").unwrap();
    let binary = env!("CARGO_BIN_EXE_floatrate");
    let limited = |arguments: &str, input: &str| {
        let shell = format!("trap '' XFSZ; ulimit -f 64; exec {binary} {arguments}");
        ended(Command::new("sh").args(["-c", &shell]), input.as_bytes())
    };
    let ran = limited(&format!("{PANZHIHUA} --output {}", path.display()), &many(3000));
    assert_eq!(ran.status, 3, "{}", ran.err);
    assert!(ran.err.contains("File too large"), "{}", ran.err);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "old\n");
    assert_eq!(names(folder.path()), ["results.jsonl"]);
    let out = folder.path().join("city");
    let ran = limited(&format!("synth --employers 3000 --out {}", out.display()), "");
    assert_eq!(ran.status, 3, "{}", ran.err);
    assert_eq!(names(&out), [""; 0]);
    let rejects = folder.path().join("rejects.jsonl");
    let ran = limited(&format!("{PANZHIHUA} --rejects {}", rejects.display()), &"{\n".repeat(3000));
    assert_eq!(ran.status, 3, "{}", ran.err);
    assert!(ran.err.contains("rejects: File too large"), "{}", ran.err);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_standard_output() {
    let full = || Stdio::from(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    let rate = format!("{PANZHIHUA} --quiet");
    for arguments in [
        rate.as_str(),
        "plan list",
        "plan show cn-510400-2021",
        "plan check",
        "plan test",
        "plan list --json",
        "demo --employers 5",
    ] {
        let output = {
            let mut command = command(arguments);
            command.stdin(Stdio::piped()).stdout(full()).stderr(Stdio::piped());
            let mut child = command.spawn().unwrap();
            child.stdin.take().unwrap().write_all(good("A").as_bytes()).ok();
            child.wait_with_output().unwrap()
        };
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(status(output.status, &err), 3, "{arguments}\n{err}");
        assert!(err.contains("No space left on device"), "{arguments}\n{err}");
    }
    // Messages that nobody can hear are no reason to fail; rejects that are lost are.
    for (input, expected) in [(good("A"), 0), ("{".to_owned(), 3)] {
        let mut command = command(PANZHIHUA);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(full());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        assert_eq!(status(child.wait().unwrap(), ""), expected);
    }
}

#[test]
fn a_reader_that_has_seen_enough() {
    let records = many(20_000);
    for (arguments, input) in [
        (format!("{PANZHIHUA} --threads 2"), records.as_str()),
        (format!("{PANZHIHUA} --format csv"), &records),
        ("plan show cn-510400-2021 --json".to_owned(), ""),
        ("demo --no-serve --employers 300".to_owned(), ""),
    ] {
        let mut child = start(&mut command(&arguments));
        let mut pipe = child.stdin.take().unwrap();
        let mut out = BufReader::with_capacity(16, child.stdout.take().unwrap());
        let output = std::thread::scope(|scope| {
            scope.spawn(move || drop(pipe.write_all(input.as_bytes())));
            out.read_until(b'\n', &mut Vec::new()).unwrap();
            drop(out);
            child.wait_with_output().unwrap()
        });
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!((status(output.status, &err), err.as_str()), (0, ""), "{arguments}");
    }
}

/// Rejects that nobody takes stop the command with a failure, not as if all were done.
#[test]
fn closed_standard_error() {
    let folder = folder();
    let path = folder.path().join("results.jsonl");
    let mut child = start(&mut command(&format!("{PANZHIHUA} --output {}", path.display())));
    drop(child.stderr.take());
    child.stdin.take().unwrap().write_all(b"{\n").unwrap();
    assert_eq!(status(child.wait().unwrap(), ""), 3);
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
#[cfg(unix)]
fn links_and_permissions() {
    use std::os::unix::fs::{MetadataExt, symlink};
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("plain"), "").unwrap();
    std::fs::create_dir(at("sub")).unwrap();
    std::fs::write(at("sub/real"), "old").unwrap();
    symlink("sub/real", at("link")).unwrap();
    run(&format!("{PANZHIHUA} --output {}", at("link").display()), good("A")).done();
    assert!(at("link").is_symlink());
    assert!(std::fs::read_to_string(at("sub/real")).unwrap().starts_with(r#"{"employer_id":"A""#));
    let mode = |path: &Path| std::fs::metadata(path).unwrap().mode();
    assert_eq!(mode(&at("sub/real")), mode(&at("plain")));
    assert_eq!(names(&at("sub")), ["real"]);
    // A name without a folder is one of the folder at hand.
    let ran = ended(
        command(&format!("{PANZHIHUA} --output here")).current_dir(folder.path()),
        good("A").as_bytes(),
    );
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(at("here").is_file());
}

/// A pipe or device that is named is written to and keeps its name. (No device of the system is named here: should
/// this fail, it would be replaced by a file.)
#[test]
#[cfg(unix)]
fn a_named_pipe_stays_a_pipe() {
    use std::os::unix::fs::FileTypeExt;
    let folder = folder();
    let path = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let expected = run(PANZHIHUA, good("A")).done();
    let from = path.clone();
    let reader = std::thread::spawn(move || std::fs::read_to_string(from).unwrap());
    run(&format!("{PANZHIHUA} --output {}", path.display()), good("A")).done();
    assert!(std::fs::metadata(&path).unwrap().file_type().is_fifo());
    assert_eq!(names(folder.path()), ["pipe"]);
    assert_eq!(reader.join().unwrap(), expected);
}
