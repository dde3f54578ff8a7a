//! Records as the ledger tells of them: how they came in, chunk by chunk, and what was rejected.

use super::chain::detail;
use super::misfit::Located;
use super::{Fault, Misfit, PAGE, Walk};
use crate::employer::Body;
use crate::store::ledger::{Entry, hex};
use crate::store::tables::audit;
use crate::store::tables::records::{
    self, ChunkDigest, ChunkEntry, EndedEntry, IntakeEntry, Kept, RejectsDigest,
};
use std::thread;

pub(super) async fn intake(walk: &mut Walk<'_>, entry: &Entry) -> Result<(), Fault> {
    let said: IntakeEntry = detail(entry)?;
    let id = &entry.subject;
    let row = records::intake(&mut *walk.tx, id).await.at("intake", || id.clone())?;
    let row = row.ok_or_else(|| Misfit::missing("intake", id, &format!("ledger {}", entry.seq)))?;
    if row.signature != entry.signature {
        return Err(Misfit::differs("intake", id, "signature", &row.signature, &entry.signature).into());
    }
    let digest = hex(&row.digest());
    if digest != said.digest {
        let of = format!("a row of the digest {}", said.digest);
        return Err(Misfit::differs("intake", id, "", format!("one of the digest {digest}"), of).into());
    }
    Ok(())
}

pub(super) async fn ended(walk: &mut Walk<'_>, entry: &Entry) -> Result<(), Fault> {
    let said: EndedEntry = detail(entry)?;
    let id = &entry.subject;
    let (mut digest, mut count, mut after) = (RejectsDigest::default(), 0, i64::MIN);
    loop {
        let page = records::rejects(&mut *walk.tx, id, after, PAGE).await;
        let page = page.at("reject", || format!("{id} after {after}"))?;
        let Some((last, ..)) = page.last() else { break };
        after = *last;
        count += i64::try_from(page.len()).unwrap_or(i64::MAX);
        page.iter().for_each(|reject| digest.add(reject));
    }
    if count != said.rejects {
        return Err(Misfit::differs("reject", id, "", format!("{count} rows"), said.rejects).into());
    }
    let digest = hex(&digest.done());
    if digest != said.digest {
        return Err(
            Misfit::differs("reject", id, "", format!("rows of the digest {digest}"), said.digest).into()
        );
    }
    walk.figures.rejects += count;
    Ok(())
}

pub(super) async fn chunk(walk: &mut Walk<'_>, entry: &Entry) -> Result<(), Fault> {
    let said: ChunkEntry = detail(entry)?;
    let key = || format!("{} chunk {}", entry.subject, said.chunk);
    let rows = records::chunk(walk.tx, &entry.subject, said.chunk).await.at("record", key)?;
    if let Some(misfit) = bodies(&rows, &said, walk.threads) {
        return Err(misfit.into());
    }
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let digest = hex(&digest_of(&rows, None));
    if count == said.count && digest == said.digest {
        walk.figures.records += count;
        return Ok(());
    }
    // Which row it is shows elsewhere: it belongs to nothing now, or leaves a gap among its employer's versions.
    if count < said.count {
        let mut stray = audit::outside_record(walk.tx, &entry.subject).await.at("record", key)?;
        if stray.is_none() {
            stray = audit::stray_record(walk.tx).await.at("record", key)?;
        }
        if let Some(row) = stray {
            let of = format!("ledger {}", entry.seq);
            let (en, zh) = (
                format!("stands outside {}, which lacks a row: see {of}", key()),
                format!("不在 {} 内，而该处缺一行：见 {of}", key()),
            );
            return Err(Misfit::new("record", row, "intake, chunk", &en, &zh).into());
        }
    }
    if count == said.count + 1
        && let Some(extra) = (0..rows.len()).find(|at| hex(&digest_of(&rows, Some(*at))) == said.digest)
    {
        return Err(Misfit::stray("record", named(&rows[extra])).into());
    }
    if let Some(employer) = audit::gap(walk.tx).await.at("record", key)? {
        return Err(gap(&employer).into());
    }
    if count != said.count {
        return Err(Misfit::differs("record", key(), "", format!("{count} rows"), said.count).into());
    }
    Err(Misfit::differs("record", key(), "", format!("rows of the digest {digest}"), said.digest).into())
}

fn gap(employer: &str) -> Misfit {
    let (en, zh) = ("versions are not 1, 2, 3 and so on", "版本号不连续");
    Misfit::new("record", employer, "version", en, zh)
}

fn named(row: &Kept) -> String {
    format!("{} version {}", row.employer_id, row.version)
}

fn digest_of(rows: &[Kept], without: Option<usize>) -> [u8; 32] {
    let mut digest = ChunkDigest::default();
    for (at, row) in rows.iter().enumerate().filter(|(at, _)| Some(*at) != without) {
        let _ = at;
        digest.add(&row.employer_id, row.version, &row.region, &row.digest);
    }
    digest.done()
}

/// The first row whose body is not what its columns say.
fn bodies(rows: &[Kept], said: &ChunkEntry, threads: usize) -> Option<Misfit> {
    let part = rows.len().div_ceil(threads.max(1)).max(64);
    let mut found = thread::scope(|scope| {
        let parts: Vec<_> =
            rows.chunks(part).map(|rows| scope.spawn(move || rows.iter().find_map(body))).collect();
        parts.into_iter().find_map(|part| part.join().unwrap_or_else(|why| std::panic::resume_unwind(why)))
    })?;
    if found.field == "body" {
        // Which of the two was changed shows in the chunk's digest.
        let mut mended = rows.to_vec();
        for row in &mut mended {
            row.digest = *blake3::hash(&row.body).as_bytes();
        }
        if hex(&digest_of(&mended, None)) == said.digest {
            "digest".clone_into(&mut found.field);
        }
    }
    Some(found)
}

fn body(row: &Kept) -> Option<Misfit> {
    let key = || named(row);
    let made = blake3::hash(&row.body);
    if *made.as_bytes() != row.digest {
        let (found, expected) = (made.to_hex(), hex(&row.digest));
        return Some(Misfit::differs("record", key(), "body", format!("of the digest {found}"), expected));
    }
    let record = match Body(row.body.clone()).record() {
        Ok((record, _)) => record,
        Err(why) => {
            let (en, zh) = (format!("cannot be read: {why}"), format!("无法读取：{why}"));
            return Some(Misfit::new("record", key(), "body", &en, &zh));
        }
    };
    let region = record.employer.region.unwrap_or_default();
    for (field, found, expected) in
        [("employer_id", &row.employer_id, &record.employer.id), ("region", &row.region, &region)]
    {
        if found != expected {
            return Some(Misfit::differs("record", key(), field, found, expected));
        }
    }
    None
}

/// What no entry told of.
pub(super) async fn rest(walk: &mut Walk<'_>) -> Result<(), Fault> {
    let count = records::count(walk.tx).await.at("record", String::new)?;
    let stray = audit::stray_record(walk.tx).await.at("record", String::new)?;
    if let Some(row) = stray {
        return Err(Misfit::stray("record", row).into());
    }
    if count != walk.figures.records {
        return Err(Misfit::differs("record", "", "", format!("{count} rows"), walk.figures.records).into());
    }
    if let Some(employer) = audit::gap(walk.tx).await.at("record", String::new)? {
        return Err(gap(&employer).into());
    }
    if let Some(employer) = records::stray(walk.tx).await.at("employer", String::new)? {
        let (en, zh) = ("does not say the employer's newest record", "与该单位最新记录不符");
        return Err(Misfit::new("employer", employer, "", en, zh).into());
    }
    if let Some(employer) = audit::headless(walk.tx).await.at("employer", String::new)? {
        return Err(Misfit::missing("employer", employer, "record").into());
    }
    if let Some(id) = audit::stray_intake(walk.tx).await.at("intake", String::new)? {
        return Err(Misfit::stray("intake", id).into());
    }
    if let Some(key) = audit::stray_reject(walk.tx).await.at("reject", String::new)? {
        return Err(Misfit::stray("reject", key).into());
    }
    Ok(())
}
