//! Compiles `proto/` without a protoc on the machine, and writes the descriptor set for reflection.

use std::path::{Path, PathBuf};
use std::{env, error, fs, io};

fn main() -> Result<(), Box<dyn error::Error>> {
    let root =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("no manifest folder")?).join("../../proto");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("no output folder")?);
    // The code generator does not say which files it read.
    println!("cargo::rerun-if-changed={}", root.display());

    let mut files = Vec::new();
    collect(&root.join("floatrate"), &mut files)?;
    files.sort();
    let mut compiler = protox::Compiler::new([&root])?;
    // Comments go into the descriptor set, so that reflection shows them.
    compiler.include_imports(true).include_source_info(true).open_files(&files)?;
    fs::write(out.join("floatrate.v1.bin"), compiler.encode_file_descriptor_set())?;

    tonic_prost_build::configure()
        // One type for a status, whether it ends a call or stands for one item of it.
        .extern_path(".google.rpc", "::tonic_types::pb")
        // Maps in the order of their keys: the same message has the same bytes in every run.
        .btree_map(".")
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "proto") {
            files.push(path);
        }
    }
    Ok(())
}
