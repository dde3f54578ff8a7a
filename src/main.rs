//! `floatrate`: parse arguments, hand over.

fn main() -> std::process::ExitCode {
    floatrate::cli::run()
}
