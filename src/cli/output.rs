//! Where data goes: standard output, or a file that appears when it is complete.

use super::{Exit, Stop};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Data of a command that shows something, to standard output.
pub(super) fn print(text: &str) -> Result<(), Stop> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|why| broken(&why, "stdout"))
}

/// An output being written.
pub(super) enum Output {
    Stdout(BufWriter<io::Stdout>),
    File(BufWriter<NamedTempFile>, PathBuf),
    /// A device or pipe, which has a name already and must keep it.
    Device(BufWriter<File>, PathBuf),
}

impl Output {
    /// Standard output, or a file under a temporary name beside `path`. A link's target is replaced, not the link.
    pub fn open(path: Option<&Path>) -> Result<Self, Stop> {
        let Some(path) = path else { return Ok(Self::Stdout(BufWriter::new(io::stdout()))) };
        let named = |why: &io::Error| Stop::file(&path.display().to_string(), why);
        if let Ok(known) = fs::metadata(path) {
            if known.is_dir() {
                return Err(named(&io::ErrorKind::IsADirectory.into()));
            }
            if !known.is_file() {
                let file = OpenOptions::new().write(true).open(path).map_err(|why| named(&why))?;
                return Ok(Self::Device(BufWriter::new(file), path.to_path_buf()));
            }
        }
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let Some(name) = path.file_name() else {
            return Err(named(&io::ErrorKind::IsADirectory.into()));
        };
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        fs::metadata(folder).map_err(|why| named(&why))?;
        // `make_in` opens the file itself, so that it gets ordinary permissions and not a secret's.
        let file = tempfile::Builder::new()
            .prefix(&format!(".{}.", name.to_string_lossy()))
            .suffix(".partial")
            .make_in(folder, |path| File::create_new(path))
            .map_err(|why| Stop::failed(format!("{}: {why}", path.display())))?;
        Ok(Self::File(BufWriter::new(file), path))
    }

    /// Gives the file its name; until then a file of that name is untouched.
    pub fn finish(self) -> Result<(), Stop> {
        match self {
            Self::Stdout(mut out) => out.flush().map_err(|why| broken(&why, "stdout")),
            Self::File(out, path) => {
                let name = path.display().to_string();
                let file = out.into_inner().map_err(|why| broken(why.error(), &name))?;
                file.as_file().sync_all().map_err(|why| broken(&why, &name))?;
                file.persist(&path).map(drop).map_err(|why| broken(&why.error, &name))
            }
            Self::Device(mut out, path) => {
                out.flush().map_err(|why| broken(&why, &path.display().to_string()))
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::File(out, _) => out.write(bytes),
            Self::Device(out, _) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::File(out, _) => out.flush(),
            Self::Device(out, _) => out.flush(),
        }
    }
}

/// A reader that went away, as `head` does, wanted no more: that is no failure.
pub(super) fn broken(why: &io::Error, what: &str) -> Stop {
    if why.kind() == io::ErrorKind::BrokenPipe {
        return Stop { exit: Exit::Done, message: String::new() };
    }
    Stop::failed(format!("{what}: {why}"))
}
