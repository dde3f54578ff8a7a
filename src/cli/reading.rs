//! Reading records of any format, as `rate` and `import` do it: opened by the name's ending, worked on by many threads.

use super::{Exit, Stop, tell};
use crate::exchange::{Encoding, Error, Input, Mapping, Source, source};
use crate::pipeline::ordered;
use clap::{Args, ValueEnum};
use floatrate_engine::Lang;
use std::io;
use std::path::Path;

#[derive(Args, Debug)]
pub(super) struct ReadingArguments {
    /// Text encoding of the input; default UTF-8 for JSON Lines, found by itself for CSV
    #[arg(long, value_enum)]
    encoding: Option<EncodingArgument>,
    /// Column names, codes and units of the input: a TOML file, or agency-codes or foshan, which come with floatrate
    #[arg(long, value_name = "FILE")]
    mapping: Option<String>,
    /// Threads that read and check; default all processors
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum EncodingArgument {
    Auto,
    #[value(name = "utf-8")]
    Utf8,
    Gb18030,
}

impl ReadingArguments {
    /// The mapping file, if one is named.
    pub(super) fn mapping(&self, lang: Lang) -> Result<Option<Mapping>, Stop> {
        self.mapping.as_deref().map(Mapping::load).transpose().map_err(|why| told(&why, lang))
    }

    /// Opens standard input or a file.
    pub(super) fn open(
        &self,
        path: Option<&Path>,
        mapping: Option<&Mapping>,
        lang: Lang,
    ) -> Result<Source, Stop> {
        let encoding = self.encoding.map(|encoding| match encoding {
            EncodingArgument::Auto => Encoding::Auto,
            EncodingArgument::Utf8 => Encoding::Utf8,
            EncodingArgument::Gb18030 => Encoding::Gb18030,
        });
        let options = source::Options { encoding, mapping };
        Source::open(path, &options).map_err(|why| told(&why, lang))
    }

    /// Reads a source, works on it on many threads, and hands what comes out to the sink in order.
    pub(super) fn work_through<O: Send, E: From<Stop> + Send>(
        &self,
        source: Source,
        work: impl Fn(Vec<Input>) -> O + Sync,
        sink: impl FnMut(O) -> Result<(), E>,
        lang: Lang,
    ) -> Result<(), E> {
        let threads = self.threads.map_or_else(
            || std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            |n| n.clamp(1, 256),
        );
        let parser = source.parser();
        let work = |batch: source::Batch| work(parser.parse(&batch));
        let batches = source.map(|batch| batch.map_err(|why| E::from(told(&why, lang))));
        ordered(threads, batches, work, sink)
    }
}

/// Says what people should know of an input as a whole.
pub(super) fn note(source: &Source, lang: Lang) {
    if let Some(note) = source.note() {
        tell(note.pick(lang));
    }
}

/// What is wrong with an input.
pub(super) fn told(why: &Error, lang: Lang) -> Stop {
    let exit = match why {
        Error::Usage(_) => Exit::Usage,
        Error::Io { what, source } => Stop::file(what, source).exit,
    };
    Stop { exit, message: why.message(lang) }
}

/// Rejects go nowhere else, so where nobody takes them the command has failed, even on a closed pipe.
pub(super) fn lost(why: &io::Error) -> Stop {
    Stop::failed(format!("rejects: {why}"))
}

/// Refuses a file of rejects that is another file of the command: rejects are written while records are read.
pub(super) fn apart(rejects: &Path, option: &str, path: &Path, lang: Lang) -> Result<(), Stop> {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let is_file = std::fs::metadata(path).map_or(true, |known| known.is_file());
    if real(path) != real(rejects) || !is_file {
        return Ok(());
    }
    let file = rejects.display();
    Err(Stop::usage(match lang {
        Lang::Zh => format!("--rejects 与 {option} 是同一个文件 {file}：请另取文件名"),
        Lang::En => format!("--rejects and {option} are the same file {file}: give it another name"),
    }))
}
