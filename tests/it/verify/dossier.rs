//! A dossier fits offline, and every part that is tampered with is named.

use super::world::World;
use floatrate::determination::{Dossier, check_dossier, dossier};
use floatrate::problem::Problem;
use floatrate::store::ledger;
use floatrate::store::tables::determinations::id;
use serde_json::{Value, json};

/// Another value in place of a leaf.
fn other(value: &Value) -> Value {
    match value {
        Value::String(text) if text.is_empty() => json!("7"),
        Value::String(text) => {
            // A digit, the last one: of a digest, a number, a day.
            let at = text.rfind(|c: char| c.is_ascii_digit());
            let changed = |at: usize| {
                let digit = if &text[at..=at] == "1" { "2" } else { "1" };
                format!("{}{digit}{}", &text[..at], &text[at + 1..])
            };
            json!(at.map_or_else(|| format!("{text}7"), changed))
        }
        Value::Number(number) => json!(number.as_i64().unwrap() + 1),
        Value::Bool(is) => json!(!is),
        _ => json!("7"),
    }
}

/// The paths of all leaves.
fn leaves(path: &str, value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| leaves(&format!("{path}/{key}"), value, out))
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(at, value)| leaves(&format!("{path}/{at}"), value, out));
        }
        _ => out.push(path.to_owned()),
    }
}

/// What does not fit, as `part field`.
fn misfits(value: &Value, heads: &[[u8; 32]]) -> Result<Vec<String>, String> {
    let checked = check_dossier(value.to_string().as_bytes(), heads).map_err(|[en, _]| en)?;
    Ok(checked.misfits.iter().map(|m| format!("{} {}", m.table, m.field)).collect())
}

async fn made(world: &World, id: &str) -> Value {
    serde_json::to_value(dossier(&world.db, id).await.unwrap()).unwrap()
}

#[tokio::test]
async fn every_part_of_a_dossier_is_checked() {
    let world = World::of_everything().await;
    // Of the third version, on a record that a succession brought about: other determinations, an objection, all there.
    let mut found = None;
    for ordinal in 1.. {
        let dossier = made(&world, &id(&world.batches[2], ordinal)).await;
        if dossier["successions"].as_array().is_some_and(|all| !all.is_empty()) {
            found = Some(dossier);
            break;
        }
    }
    let good = found.unwrap();
    assert!(good["others"].as_array().unwrap().len() >= 2, "{good:#}");
    let head = ledger::parse(good["proof"]["entry"]["digest"].as_str().unwrap()).unwrap();
    assert_eq!(misfits(&good, &[head]), Ok(vec![]));
    assert_eq!(misfits(&good, &[[7; 32], head]), Ok(vec!["head ".to_owned()]));

    let mut paths = Vec::new();
    leaves("", &good, &mut paths);
    assert!(paths.len() > 60);
    for path in paths {
        let mut bad = good.clone();
        let place = bad.pointer_mut(&path).unwrap();
        *place = other(place);
        let Ok(found) = misfits(&bad, &[]) else {
            assert!(path.starts_with("/floatrate_dossier"), "{path}");
            continue;
        };
        assert!(found.contains(&"dossier digest".to_owned()), "{path}: {found:?}");
        // What is proved does not depend on the file's own digest.
        let mut again: Dossier = serde_json::from_value(bad.clone()).unwrap();
        again.digest = again.made_digest();
        let found = misfits(&serde_json::to_value(&again).unwrap(), &[]).unwrap();
        let told = ["/successions", "/others", "/objections", "/head", "/engine_version", "/digest"];
        let told = told.iter().any(|part| path.starts_with(part))
            || ["/record/origin", "/record/at", "/record/signature"].contains(&path.as_str());
        let part = path.split('/').nth(1).unwrap();
        assert_eq!(found.is_empty(), told, "{path}: {found:?}");
        let proved = ["determination", "record", "plan_text", "proof"];
        assert!(
            told || found.iter().any(|one| proved.iter().any(|p| one.starts_with(p))),
            "{part}: {found:?}"
        );
    }
}

#[tokio::test]
async fn a_dossier_of_every_kind_fits() {
    let world = World::of_everything().await;
    let feed = floatrate::collection::Feed::open(world.db.clone()).await.unwrap();
    drop(feed);
    let mut tx = world.db.snapshot().await.unwrap();
    let entries = ledger::entries(&mut tx, 0, 1_000).await.unwrap();
    drop(tx);
    let published: Vec<_> = entries.iter().filter(|entry| entry.kind == "published").collect();
    assert_eq!(published.len(), 5);
    for entry in published {
        // The first of a batch: annual, of an objection, a withdrawal.
        let dossier = made(&world, &id(&entry.subject, 1)).await;
        assert_eq!(misfits(&dossier, &[entry.digest]), Ok(vec![]), "{dossier:#}");
    }
    for wrong in ["", "b7unseen-1", "b1-1", &id(&world.batches[0], 999)] {
        assert!(matches!(dossier(&world.db, wrong).await, Err(Problem::NotFound(..))), "{wrong}");
    }
}

#[test]
fn what_is_no_dossier_is_refused() {
    for (text, expected) in [
        ("", "this is no dossier: EOF"),
        ("{}", "this is no dossier: it lacks"),
        ("[1]", "this is no dossier: it lacks"),
        (r#"{"floatrate_dossier":2}"#, "this dossier has form 2"),
        (r#"{"floatrate_dossier":1}"#, "this is no dossier: missing field"),
        (r#"{"floatrate_dossier":1,"more":2}"#, "this is no dossier: unknown field `more`"),
    ] {
        let why = check_dossier(text.as_bytes(), &[]).map(|_| ()).unwrap_err();
        assert!(why[0].starts_with(expected) && why[1].contains("卷宗"), "{text}: {why:?}");
    }
}
