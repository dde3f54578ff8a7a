//! Where data goes: standard output, or a file that appears when it is complete.

use super::{Exit, Stop};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// An output being written.
pub(super) enum Output {
    Stdout(BufWriter<io::Stdout>),
    File(BufWriter<NamedTempFile>, PathBuf),
}

impl Output {
    /// Standard output, or a file under a temporary name beside `path`.
    pub fn open(path: Option<&Path>) -> Result<Self, Stop> {
        let Some(path) = path else { return Ok(Self::Stdout(BufWriter::new(io::stdout()))) };
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let file = tempfile::Builder::new().prefix(".floatrate-").tempfile_in(folder);
        let file = file.map_err(|why| Stop::failed(format!("{}: {why}", path.display())))?;
        Ok(Self::File(BufWriter::new(file), path.to_path_buf()))
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
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::File(out, _) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::File(out, _) => out.flush(),
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
