//! The commands from outside: exit status, words, JSON.

use super::world::World;
use floatrate::store::ledger::Head;
use floatrate::store::tables::determinations::id;
use serde_json::Value;
use std::process::Command;

fn run(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_floatrate"));
    command.args(arguments).env("LC_ALL", "C").env_remove("FLOATRATE_DATABASE");
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn the_commands_from_outside() {
    let world = World::of_everything().await;
    let path = world.path();
    let head = Head::read(&world.db).await.unwrap().text();
    let (status, out, err) = run(&["verify", "--database", &path, "--head", &head]);
    assert_eq!(status, 0, "{out}{err}");
    assert!(out.contains("every row fits") && out.contains(&format!("head {head}: entry")), "{out}");
    let forged = format!("blake3:{}", "0123456789abcdef".repeat(4));
    let (status, out, _) = run(&["verify", "--database", &path, "--head", &forged, "--head", &head]);
    assert_eq!(status, 1);
    assert!(
        out.contains("this head is not in the chain: history was rewritten, or it is another database"),
        "{out}"
    );
    let (status, out, _) = run(&["verify", "--database", &path, "--json", "--head", &forged]);
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((status, &json["fits"], &json["misfit"]), (1, &Value::Bool(false), &Value::Null));
    assert_eq!(json["head"]["digest"], head.as_str());
    assert_eq!(json["figures"]["unpublished"], 3);

    let file = format!("{path}.dossier");
    let determination = id(&world.batches[0], 1);
    let (status, out, err) =
        run(&["export", "dossier", &determination, "--database", &path, "--output", &file]);
    assert!(status == 0 && out.is_empty() && err.contains("ledger head at publication"), "{out}{err}");
    let (status, out, err) = run(&["verify", "--dossier", &file]);
    assert!(status == 0 && out.contains("bit for bit"), "{out}{err}");
    let (status, out, _) = run(&["verify", "--dossier", &file, "--head", &forged, "--lang", "zh"]);
    assert!(status == 1 && out.contains("不是公布时的账本摘要"), "{out}");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("\"ordinal\": 1", "\"ordinal\": 2", 1)).unwrap();
    let (status, out, _) = run(&["verify", "--dossier", &file, "--json"]);
    let json: Value = serde_json::from_str(&out).unwrap();
    assert!(status == 1 && json["misfits"].as_array().unwrap().len() >= 3, "{out}");

    let none = format!("{path}.none");
    for (arguments, status, word) in [
        (&["verify", "--database", none.as_str()][..], 2, "there is no database"),
        (&["verify", "--database", &path, "--head", "blake3:12"], 2, "64 lower-case hexadecimal digits"),
        (&["verify", "--database", &path, "--cycle", "c1"], 2, "there is no cycle c1"),
        (&["verify", "--dossier", &file, "--cycle", "c1"], 2, "cannot be used with"),
        (&["verify", "--dossier", &none], 2, "No such file"),
        (&["verify", "--dossier", &path], 2, "this is no dossier"),
        (&["export", "dossier", "b1-1", "--database", &path], 2, "there is no determination b1-1"),
        (&["export", "dossier", "b1-1", "--database", &none], 2, "there is no database"),
    ] {
        let (ended, _, err) = run(arguments);
        assert!(ended == status && err.contains(word), "{arguments:?}: {ended} {err}");
    }
    assert!(!std::path::Path::new(&none).exists());
}
