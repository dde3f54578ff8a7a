//! The chain itself: numbers without gaps, instants in order, each digest over the one before, and the head.

use super::misfit::Located;
use super::{Fault, Misfit, PAGE, Report};
use crate::store::ledger::{self, Entry, Head, Kind, text};
use crate::store::tables::determinations::PublicationEntry;
use crate::store::{Instant, Tx};

pub(super) async fn walk(tx: &mut Tx, report: &mut Report) -> Result<(), Fault> {
    let kept = Head::read(&mut *tx).await.at("head", || "1".to_owned())?;
    let mut last = Head { seq: 0, digest: [0; 32], position: 0, at: Instant(0) };
    found(report, &last);
    loop {
        let page = ledger::entries(tx, last.seq, PAGE).await;
        let page = page.at("ledger", || format!("after {}", last.seq))?;
        if page.is_empty() {
            break;
        }
        for entry in &page {
            last = link(&last, entry)?;
            found(report, &last);
        }
    }
    report.head = Some(last);
    report.figures.entries = last.seq;
    report.figures.positions = last.position;
    for (field, found, expected) in [
        ("seq", kept.seq.to_string(), last.seq.to_string()),
        ("digest", text(&kept.digest), text(&last.digest)),
        ("position", kept.position.to_string(), last.position.to_string()),
        ("at_us", kept.at.0.to_string(), last.at.0.to_string()),
    ] {
        if found != expected {
            return Err(Misfit::differs("head", "1", field, found, expected).into());
        }
    }
    Ok(())
}

/// The head after one more entry.
pub(super) fn link(before: &Head, entry: &Entry) -> Result<Head, Fault> {
    let key = || entry.seq.to_string();
    let seq = before.seq + 1;
    if entry.seq != seq {
        return Err(Misfit::missing("ledger", seq.to_string(), &format!("ledger {}", entry.seq)).into());
    }
    let expected = entry.expected(&before.digest);
    if entry.digest != expected {
        return Err(Misfit::differs("ledger", key(), "digest", text(&entry.digest), text(&expected)).into());
    }
    if entry.at < before.at {
        let expected = format!("{} or later", before.at.0);
        return Err(Misfit::differs("ledger", key(), "at_us", entry.at.0, expected).into());
    }
    let mut position = before.position;
    match Kind::from_name(&entry.kind) {
        None => return Err(unknown_kind(entry)),
        Some(Kind::Published) => {
            let said: PublicationEntry = detail(entry)?;
            if said.first_position != position + 1 {
                let path = "detail.first_position";
                return Err(Misfit::differs("ledger", key(), path, said.first_position, position + 1).into());
            }
            let after = position.checked_add(said.size).filter(|_| said.size >= 0);
            let wrong = || Misfit::differs("ledger", key(), "detail.size", said.size, "0 or more");
            position = after.ok_or_else(wrong)?;
        }
        Some(_) => {}
    }
    Ok(Head { seq, digest: entry.digest, position, at: entry.at })
}

fn found(report: &mut Report, head: &Head) {
    for given in report.heads.iter_mut().filter(|given| given.digest == head.digest) {
        given.entry = Some((head.seq, head.at));
    }
}

pub(super) fn unknown_kind(entry: &Entry) -> Fault {
    let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    let known = format!("one of {}", known.join(", "));
    Misfit::differs("ledger", entry.seq.to_string(), "kind", &entry.kind, known).into()
}

/// What an entry says.
pub(super) fn detail<T: serde::de::DeserializeOwned>(entry: &Entry) -> Result<T, Fault> {
    serde_json::from_slice(&entry.detail).map_err(|why| {
        let (en, zh) = (format!("cannot be read: {why}"), format!("无法读取：{why}"));
        Misfit::new("ledger", entry.seq.to_string(), "detail", &en, &zh).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(seq: i64, at: i64, kind: &str, detail: &str, before: &Head) -> Entry {
        let mut entry = Entry {
            seq,
            at: Instant(at),
            kind: kind.to_owned(),
            subject: "s".to_owned(),
            signature: "g".to_owned(),
            detail: detail.as_bytes().to_vec(),
            digest: [0; 32],
        };
        entry.digest = entry.expected(&before.digest);
        entry
    }

    #[test]
    fn links() {
        let before = Head { seq: 4, digest: [3; 32], position: 10, at: Instant(100) };
        let publication =
            |first: i64, size: i64| format!("{{\"first_position\":{first},\"size\":{size},\"digest\":\"\"}}");
        for (entry, expected) in [
            (entry(5, 100, "recorded", "", &before), Ok(10)),
            (entry(5, 100, "published", &publication(11, 7), &before), Ok(17)),
            (entry(6, 100, "recorded", "", &before), Err("5 ")),
            (entry(4, 100, "recorded", "", &before), Err("5 ")),
            (entry(5, 99, "recorded", "", &before), Err("5 at_us")),
            (entry(5, 100, "forged", "", &before), Err("5 kind")),
            (entry(5, 100, "published", &publication(12, 7), &before), Err("5 detail.first_position")),
            (entry(5, 100, "published", &publication(11, -1), &before), Err("5 detail.size")),
            (entry(5, 100, "published", "{", &before), Err("5 detail")),
            (Entry { digest: [0; 32], ..entry(5, 100, "recorded", "", &before) }, Err("5 digest")),
        ] {
            let linked = link(&before, &entry);
            let found = match &linked {
                Ok(head) => Ok(head.position),
                Err(Fault::Misfit(misfit)) => Err(format!("{} {}", misfit.key, misfit.field)),
                Err(Fault::Store(why)) => panic!("{why}"),
            };
            assert_eq!(found, expected.map_err(str::to_owned), "{entry:?}");
        }
    }
}
