//! Determinations as the ledger tells of them: the publication, its chunks, their rows, and each result rated again.

use super::chain::detail;
use super::misfit::Located;
use super::replayed::{Job, Made, replayed};
use super::{Fault, Misfit, PAGE, Walk, cycles, texts};
use crate::determination::detail::detail_of;
use crate::determination::raters::Loaded;
use crate::store::ledger::{Entry, Hasher, hex, text};
use crate::store::tables::audit;
use crate::store::tables::determinations::{
    self, BATCH_DIGEST, CHUNK_DIGEST, Chunk, Kept, Publication, PublicationEntry, digest_of, id,
};
use std::collections::{BTreeMap, btree_map};
use std::sync::Arc;

pub(super) async fn batch(walk: &mut Walk<'_>, entry: &Entry) -> Result<(), Fault> {
    let said: PublicationEntry = detail(entry)?;
    let batch = entry.subject.as_str();
    publication(walk, entry, &said).await?;
    let chunks = chunks(walk, batch, Some(said.size)).await?;
    // What a cycle publishes was rated again as its run and its approval were told of.
    let walked = cycles::publication(walk, entry, &said)?;
    for chunk in &chunks {
        if chunk.number > walked {
            rows(walk, batch, chunk, true, &mut |row| outside(batch, row)).await?;
            walk.tell();
        }
        walk.figures.determinations += chunk.size;
    }
    let digest = hex(&digest_of(BATCH_DIGEST, chunks.iter().map(|chunk| &chunk.digest)));
    if digest != said.digest {
        let found = format!("chunks of the digest {digest}");
        return Err(Misfit::differs("chunk", batch, "digest", found, said.digest).into());
    }
    Ok(())
}

async fn publication(walk: &mut Walk<'_>, entry: &Entry, said: &PublicationEntry) -> Result<(), Fault> {
    let batch = entry.subject.as_str();
    let kept =
        determinations::publication(&mut *walk.tx, batch).await.at("publication", || batch.to_owned())?;
    let kept = kept.ok_or_else(|| Misfit::missing("publication", batch, &format!("ledger {}", entry.seq)))?;
    let Publication { first_position, batch: _, size, seq, at, signature } = kept;
    for (field, found, expected) in [
        ("first_position", first_position.to_string(), said.first_position.to_string()),
        ("size", size.to_string(), said.size.to_string()),
        ("seq", seq.to_string(), entry.seq.to_string()),
        ("at_us", at.0.to_string(), entry.at.0.to_string()),
        ("signature", signature, entry.signature.clone()),
    ] {
        if found != expected {
            return Err(Misfit::differs("publication", batch, field, found, expected).into());
        }
    }
    Ok(())
}

/// What belongs to no cycle says so, and no person sets a step outside of one.
fn outside(batch: &str, row: &Kept) -> Result<(), Misfit> {
    let made = Made::of(batch, row);
    let detail = detail_of(&row.detail).map_err(|why| made.unread("detail", &why))?;
    if !detail.cycle.is_empty() {
        return Err(made.differs("detail.cycle", detail.cycle, "none: the batch is no cycle's"));
    }
    match detail.by_hand {
        Some(_) => Err(made.differs("detail.by_hand", "there", "none: no decision tells of it")),
        None => Ok(()),
    }
}

/// The chunks of a batch, which follow one another from the first place to the last.
pub(super) async fn chunks(walk: &mut Walk<'_>, batch: &str, size: Option<i64>) -> Result<Vec<Chunk>, Fault> {
    let chunks = determinations::chunks(&mut *walk.tx, batch).await.at("chunk", || batch.to_owned())?;
    match ranges(batch, &chunks, size) {
        None => Ok(chunks),
        Some(misfit) => Err(misfit.into()),
    }
}

/// The first chunk whose number or range does not follow from the one before.
fn ranges(batch: &str, chunks: &[Chunk], size: Option<i64>) -> Option<Misfit> {
    let key = |number: i64| format!("{batch} chunk {number}");
    let end = |chunk: &Chunk| chunk.first_ordinal.checked_add(chunk.size).filter(|_| chunk.size > 0);
    // Where the chunk after one begins: by that chunk, or by the size of the batch.
    let begins = |at: usize| match chunks.get(at) {
        Some(chunk) => Some(chunk.first_ordinal),
        None => size.and_then(|size| size.checked_add(1)),
    };
    let mut number = 0;
    let mut next = 1;
    for (at, chunk) in chunks.iter().enumerate() {
        number += 1;
        if chunk.number != number {
            return Some(Misfit::missing("chunk", key(number), &key(chunk.number)));
        }
        if chunk.first_ordinal != next {
            return Some(Misfit::differs("chunk", key(number), "first_ordinal", chunk.first_ordinal, next));
        }
        let after = begins(at + 1);
        let fits = end(chunk).is_some_and(|end| after.is_none_or(|after| after == end));
        // Where the two disagree, it is the later one that is wrong if that one does not reach the third either.
        let later = chunks.get(at + 1);
        let later_is_wrong =
            later.is_some_and(|l| end(l).is_none_or(|end| begins(at + 2).is_some_and(|b| b != end)));
        if !(fits || later_is_wrong && end(chunk).is_some()) {
            let expected = after.map_or_else(|| "1 or more".to_owned(), |after| (after - next).to_string());
            return Some(Misfit::differs("chunk", key(number), "size", chunk.size, expected));
        }
        next = end(chunk).unwrap_or(next);
    }
    let total = size.map(|size| size.saturating_add(1));
    (total.is_some_and(|total| total != next))
        .then(|| Misfit::missing("chunk", key(number + 1), "publication"))
}

/// What is asked of a row beside that it fits.
pub(super) type Each<'e> = dyn FnMut(&Kept) -> Result<(), Misfit> + Send + 'e;

/// The rows of a chunk: all there, each what its digest says, together what the chunk's digest says; where wanted, rated
/// again.
pub(super) async fn rows(
    walk: &mut Walk<'_>,
    batch: &str,
    chunk: &Chunk,
    again: bool,
    each: &mut Each<'_>,
) -> Result<(), Fault> {
    let (mut made, mut kept) = (Hasher::new(CHUNK_DIGEST), Hasher::new(CHUNK_DIGEST));
    let mut wrong: Option<(i64, [u8; 32], [u8; 32])> = None;
    let mut next = chunk.first_ordinal;
    let end = chunk.first_ordinal.saturating_add(chunk.size);
    while next < end {
        let page = determinations::of_batch(&mut *walk.tx, batch, next - 1, PAGE.min(end - next)).await;
        let page = page.at("determination", || format!("{} or after", id(batch, next)))?;
        if page.is_empty() {
            return Err(missing(batch, next, chunk).into());
        }
        let before = next;
        for (row, digest) in &page {
            if row.ordinal != next {
                return Err(missing(batch, next, chunk).into());
            }
            let expected = row.digest(batch);
            made.bytes(&expected);
            kept.bytes(digest);
            if *digest != expected && wrong.is_none() {
                wrong = Some((row.ordinal, *digest, expected));
            }
            next += 1;
        }
        if wrong.is_none() && again {
            let made: Vec<Made<'_>> = page.iter().map(|(row, _)| Made::of(batch, row)).collect();
            replay(walk, &made).await?;
            walk.figures.replayed += next - before;
        }
        if wrong.is_none() {
            page.iter().try_for_each(|(row, _)| each(row))?;
        }
    }
    if let Some((ordinal, kept_digest, expected)) = wrong {
        // Where the kept digests are those of the chunk, it is the row that was changed.
        return Err(if kept.done() == chunk.digest {
            let field = changed(walk, batch, ordinal).await?;
            let (found, said) = (text(&expected), text(&kept_digest));
            Misfit::differs(
                "determination",
                id(batch, ordinal),
                &field,
                format!("a row of the digest {found}"),
                said,
            )
        } else {
            let (found, said) = (text(&kept_digest), text(&expected));
            Misfit::differs("determination", id(batch, ordinal), "digest", found, said)
        }
        .into());
    }
    let made = made.done();
    if made != chunk.digest {
        let key = format!("{batch} chunk {}", chunk.number);
        return Err(Misfit::differs("chunk", key, "digest", text(&chunk.digest), text(&made)).into());
    }
    Ok(())
}

fn missing(batch: &str, ordinal: i64, chunk: &Chunk) -> Misfit {
    Misfit::missing("determination", id(batch, ordinal), &format!("chunk {}", chunk.number))
}

/// The field of a row that was changed, as far as rating again shows it; empty where it does not.
async fn changed(walk: &mut Walk<'_>, batch: &str, ordinal: i64) -> Result<String, Fault> {
    let page = determinations::of_batch(&mut *walk.tx, batch, ordinal - 1, 1).await;
    let page = page.at("determination", || id(batch, ordinal))?;
    let made: Vec<Made<'_>> = page.iter().map(|(row, _)| Made::of(batch, row)).collect();
    changed_field(walk, &made).await
}

/// The same of rows at hand.
pub(super) async fn changed_field(walk: &mut Walk<'_>, made: &[Made<'_>]) -> Result<String, Fault> {
    let table = made.first().map(|made| made.table);
    match replay(walk, made).await {
        Err(Fault::Misfit(misfit)) if Some(misfit.table) == table => Ok(misfit.field),
        Err(Fault::Store(why)) => Err(Fault::Store(why)),
        Err(Fault::Misfit(_)) | Ok(()) => Ok(String::new()),
    }
}

/// Rates rows again from the records and texts that they name.
pub(super) async fn replay(walk: &mut Walk<'_>, rows: &[Made<'_>]) -> Result<(), Fault> {
    let Some(first) = rows.first() else { return Ok(()) };
    let keys: Vec<_> = rows.iter().map(|made| (made.employer_id, made.record_version)).collect();
    let records = audit::records(&mut *walk.tx, &keys).await.at("record", || format!("of {}", first.id))?;
    let mut loaded: BTreeMap<[u8; 32], Arc<Loaded>> = BTreeMap::new();
    for made in rows {
        if let btree_map::Entry::Vacant(free) = loaded.entry(made.plan_text) {
            // A text that is missing is the row's mistake: it names what is not there.
            let plan = texts::kept(walk, &made.plan_text).await?;
            free.insert(plan.ok_or_else(|| unkept(made, "plan_text", &text(&made.plan_text)))?);
        }
    }
    let mut jobs = Vec::with_capacity(rows.len());
    for (made, record) in rows.iter().zip(&records) {
        let named = format!("record {} version {}", made.employer_id, made.record_version);
        let Some(record) = record else { return Err(unkept(made, "record_version", &named).into()) };
        if record.digest != made.record_digest {
            let (found, expected) = (text(&made.record_digest), text(&record.digest));
            return Err(made.differs("record_digest", found, expected).into());
        }
        let body = blake3::hash(&record.body);
        if *body.as_bytes() != record.digest {
            let key = format!("{} version {}", record.employer_id, record.version);
            let (found, expected) = (format!("of the digest {}", body.to_hex()), hex(&record.digest));
            return Err(Misfit::differs("record", key, "body", found, expected).into());
        }
        jobs.push(Job { made: made.clone(), record, loaded: &loaded[&made.plan_text] });
    }
    replayed(&jobs, walk.threads).map_or(Ok(()), |misfit| Err(misfit.into()))
}

/// A row names something that is not kept.
fn unkept(made: &Made<'_>, field: &str, what: &str) -> Misfit {
    let (en, zh) = (format!("names {what}, which is not kept"), format!("所依据的 {what} 不存在"));
    Misfit::new(made.table, made.id.clone(), field, &en, &zh)
}

/// What no publication tells of.
pub(super) async fn rest(walk: &mut Walk<'_>) -> Result<(), Fault> {
    if let Some(batch) = audit::stray_publication(walk.tx).await.at("publication", String::new)? {
        return Err(Misfit::stray("publication", batch).into());
    }
    for batch in determinations::unpublished(walk.tx).await.at("chunk", String::new)? {
        let walked = walk.cycles.walked(&batch);
        for chunk in chunks(walk, &batch, None).await? {
            match walked {
                Some(walked) if chunk.number > walked => {
                    return Err(Misfit::stray("chunk", format!("{batch} chunk {}", chunk.number)).into());
                }
                Some(_) => {}
                None => rows(walk, &batch, &chunk, false, &mut |row| outside(&batch, row)).await?,
            }
            walk.figures.unpublished += chunk.size;
        }
    }
    if let Some(id) = determinations::stray(walk.tx).await.at("determination", String::new)? {
        return Err(Misfit::stray("determination", id).into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Chunks as `number first size`, the batch's size, and which chunk and field does not fit.
    #[test]
    fn ranges_follow_one_another() {
        for (chunks, size, expected) in [
            ("1 1 5; 2 6 5; 3 11 2", Some(12), None),
            ("1 1 5; 2 6 5; 3 11 2", None, None),
            ("", Some(0), None),
            ("", Some(1), Some("b chunk 1 ")),
            ("1 1 5; 3 6 5; 4 11 2", Some(12), Some("b chunk 2 ")),
            ("1 2 5; 2 6 5; 3 11 2", Some(12), Some("b chunk 1 first_ordinal")),
            ("1 1 6; 2 6 5; 3 11 2", Some(12), Some("b chunk 1 size")),
            ("1 1 5; 2 7 5; 3 11 2", Some(12), Some("b chunk 2 first_ordinal")),
            ("1 1 5; 2 6 7; 3 11 2", Some(12), Some("b chunk 2 size")),
            ("1 1 5; 2 6 5; 3 12 2", Some(12), Some("b chunk 3 first_ordinal")),
            ("1 1 5; 2 6 5; 3 11 3", Some(12), Some("b chunk 3 size")),
            ("1 1 5; 2 6 5", Some(12), Some("b chunk 2 size")),
            ("1 1 0", None, Some("b chunk 1 size")),
            ("1 1 9223372036854775807", Some(12), Some("b chunk 1 size")),
        ] {
            let read = |text: &str| {
                let n: Vec<i64> = text.split_whitespace().map(|n| n.parse().unwrap()).collect();
                Chunk { number: n[0], first_ordinal: n[1], size: n[2], digest: [0; 32] }
            };
            let chunks_of: Vec<Chunk> = chunks.split("; ").filter(|c| !c.is_empty()).map(read).collect();
            let found = ranges("b", &chunks_of, size).map(|m| format!("{} {}", m.key, m.field));
            assert_eq!(found.as_deref(), expected, "{chunks}");
        }
    }
}
