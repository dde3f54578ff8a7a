//! A run, chunk by chunk: its rows are those of its entry, every employer that the freeze holds fast has a result, by the
//! rules or as an item for persons, and rating again gives it bit for bit.

use super::ground::{Fact, Ground};
use super::said::{Counts, Rated, Said};
use super::{Run, wrong};
use crate::determination::verify::misfit::Located;
use crate::determination::verify::published::{self, changed_field, replay};
use crate::determination::verify::replayed::Made;
use crate::determination::verify::{Fault, Misfit, Walk};
use crate::store::ledger::{Entry, Hasher, text};
use crate::store::tables::determinations::{self, Chunk, Kept};
use crate::store::tables::runs::{
    ITEMS_DIGEST, Item, RESULTS_CHUNK_DIGEST, RESULTS_DIGEST, RUN_DIGEST, RunChunk,
};
use crate::store::tables::{audit_cycles, cycles};
use std::collections::BTreeMap;

pub(super) async fn rated(walk: &mut Walk<'_>, entry: &Entry, said: &Said) -> Result<(), Fault> {
    let Some(rated) = &said.rated else { return Ok(()) };
    let ground = Ground::of(walk, entry, said).await?;
    walked(walk, &ground, &rated.batch, Some((entry, rated))).await
}

/// Walks through a run; one that came to its end is held against its entry.
pub(super) async fn walked(
    walk: &mut Walk<'_>,
    ground: &Ground,
    batch: &str,
    end: Option<(&Entry, &Rated)>,
) -> Result<(), Fault> {
    if let (Some(other), Some((entry, _))) = (walk.cycles.runs.get(batch), end) {
        let expected = format!("another than that of a run of {}", other.cycle);
        return Err(wrong(entry, "detail.rated.batch", batch, expected));
    }
    let chunks = published::chunks(walk, batch, None).await?;
    let chunks: BTreeMap<i64, Chunk> = chunks.into_iter().map(|chunk| (chunk.number, chunk)).collect();
    let (mut results, mut rows) = (Hasher::new(RESULTS_DIGEST), Hasher::new(RUN_DIGEST));
    let mut part = Part { ground, batch, chunks: &chunks, last: before(), counts: Counts::default() };
    let mut after = i64::MIN;
    loop {
        let (number, key) = (part.last.number + 1, || format!("{batch} after chunk {after}"));
        let next = audit_cycles::next_chunk(walk.tx, batch, after).await.at("run_chunk", key)?;
        let Some((chunk, row_digest)) = next else { break };
        let key = |number: i64| format!("{batch} chunk {number}");
        if chunk.number != number {
            return Err(Misfit::missing("run_chunk", key(number), &key(chunk.number)).into());
        }
        let made = chunk.row_digest(batch);
        if made != row_digest {
            let (found, said) = (format!("one of the digest {}", text(&made)), text(&row_digest));
            return Err(Misfit::differs("run_chunk", key(number), "", found, said).into());
        }
        part.chunk(walk, &chunk).await?;
        results.bytes(&chunk.digest);
        rows.bytes(&made);
        (after, part.last) = (number, chunk);
        walk.tell();
    }
    let Part { last, counts, .. } = part;
    let all = ground.frozen.employers;
    if let Some((entry, _)) = end.filter(|_| last.last_pin != all) {
        let key = format!("{batch} chunk {}", last.number + 1);
        return Err(Misfit::missing("run_chunk", key, &format!("ledger {}", entry.seq)).into());
    }
    let count = audit_cycles::item_count(walk.tx, batch).await.at("review_item", || batch.to_owned())?;
    if count != counts.review {
        let of = format!("{} of pins", counts.review);
        return Err(Misfit::differs("review_item", batch, "", format!("{count} rows"), of).into());
    }
    walk.figures.review_items += count;
    if let Some((entry, rated)) = end {
        for (field, found, expected) in [
            ("digest", text(&results.done()), &rated.results_digest),
            ("", text(&rows.done()), &rated.kept_digest),
        ] {
            if found != *expected {
                let found = format!("rows of the digest {found}");
                return Err(Misfit::differs("run_chunk", batch, field, found, expected).into());
            }
        }
        if counts != rated.counts {
            let (found, expected) = (format!("{:?}", rated.counts), format!("{counts:?}"));
            return Err(wrong(entry, "detail.rated.counts", found, expected));
        }
    }
    let run = Run {
        cycle: ground.cycle.clone(),
        chunk: last.last_chunk,
        ordinal: last.last_ordinal,
        pin: last.last_pin,
    };
    walk.cycles.runs.insert(batch.to_owned(), run);
    Ok(())
}

/// What stands before the first chunk.
fn before() -> RunChunk {
    RunChunk {
        number: 0,
        last_pin: 0,
        last_ordinal: 0,
        last_chunk: 0,
        digest: [0; 32],
        items: [0; 32],
        tally: Vec::new(),
    }
}

/// A run, as far as it was walked through.
struct Part<'p> {
    ground: &'p Ground,
    batch: &'p str,
    chunks: &'p BTreeMap<i64, Chunk>,
    last: RunChunk,
    counts: Counts,
}

impl Part<'_> {
    async fn chunk(&mut self, walk: &mut Walk<'_>, chunk: &RunChunk) -> Result<(), Fault> {
        self.ranges(chunk)?;
        let by_rules = self.determinations(walk, chunk).await?;
        let by_persons = self.items(walk, chunk, by_rules.len()).await?;
        let range = (self.last.last_pin, chunk.last_pin);
        let (cycle, number) = (&self.ground.cycle, self.ground.frozen.number);
        let key = || format!("{cycle} freeze {number} after {}", range.0);
        let pins = cycles::pins(&mut *walk.tx, cycle, number, range).await.at("pin", key)?;
        let mut results = Hasher::new(RESULTS_CHUNK_DIGEST);
        let (mut by_rules, mut by_persons) = (by_rules.into_iter(), by_persons.into_iter().peekable());
        for pin in pins {
            let item = by_persons.next_if(|(ordinal, _)| *ordinal == pin.ordinal);
            let fact = item.map(|(_, fact)| fact).or_else(|| by_rules.next());
            let Some(fact) = fact else {
                let of = format!("pin {} of {cycle}", pin.ordinal);
                return Err(Misfit::missing("determination", self.batch, &of).into());
            };
            if fact.employer_id != pin.employer_id {
                return Err(fact.differs("employer_id", &fact.employer_id, &pin.employer_id).into());
            }
            let key = (cycle.clone(), pin.employer_id);
            let supplied = walk.cycles.decisions.get(&key).map_or(0, |newest| newest.version);
            let version = supplied.max(pin.version);
            if fact.version != version {
                return Err(fact.differs("record_version", fact.version, version).into());
            }
            results.bytes(&fact.digest);
        }
        let digest = results.done();
        if digest != chunk.digest {
            let (found, expected) = (text(&chunk.digest), text(&digest));
            return Err(Misfit::differs("run_chunk", self.key(chunk), "digest", found, expected).into());
        }
        Ok(())
    }

    fn key(&self, chunk: &RunChunk) -> String {
        format!("{} chunk {}", self.batch, chunk.number)
    }

    /// A chunk goes on where the one before ended.
    fn ranges(&self, chunk: &RunChunk) -> Result<(), Misfit> {
        let (last, all) = (&self.last, self.ground.frozen.employers);
        let rated = chunk.last_ordinal - last.last_ordinal;
        let chunks = i64::from(rated > 0);
        for (field, found, fits, expected) in [
            (
                "last_pin",
                chunk.last_pin,
                last.last_pin < chunk.last_pin && chunk.last_pin <= all,
                format!("more than {} and at most {all}", last.last_pin),
            ),
            (
                "last_ordinal",
                chunk.last_ordinal,
                (0..=chunk.last_pin - last.last_pin).contains(&rated),
                format!("{} or more, one for a pin at most", last.last_ordinal),
            ),
            (
                "last_chunk",
                chunk.last_chunk,
                chunk.last_chunk == last.last_chunk + chunks,
                (last.last_chunk + chunks).to_string(),
            ),
        ] {
            if !fits {
                return Err(Misfit::differs("run_chunk", self.key(chunk), field, found, expected));
            }
        }
        Ok(())
    }

    /// What the rules decided.
    async fn determinations(&mut self, walk: &mut Walk<'_>, chunk: &RunChunk) -> Result<Vec<Fact>, Fault> {
        let rated = chunk.last_ordinal - self.last.last_ordinal;
        let mut facts = Vec::new();
        if rated == 0 {
            return Ok(facts);
        }
        let key = format!("{} chunk {}", self.batch, chunk.last_chunk);
        let of = || format!("run_chunk {}", self.key(chunk));
        let Some(kept) = self.chunks.get(&chunk.last_chunk) else {
            return Err(Misfit::missing("chunk", key, &of()).into());
        };
        let first = self.last.last_ordinal + 1;
        for (field, found, expected) in
            [("first_ordinal", kept.first_ordinal, first), ("size", kept.size, rated)]
        {
            if found != expected {
                return Err(Misfit::differs("chunk", key, field, found, expected).into());
            }
        }
        let (ground, batch) = (self.ground, self.batch);
        let each = &mut |row: &Kept| {
            let fact = ground.determination(batch, row)?;
            if fact.by_hand.is_some() {
                return Err(fact.differs("detail.by_hand", "there", "none: the rules decided"));
            }
            facts.push(fact);
            Ok(())
        };
        published::rows(walk, batch, kept, true, each).await?;
        let kept = i64::try_from(facts.iter().filter(|fact| fact.kept).count()).unwrap_or(i64::MAX);
        self.counts.kept += kept;
        self.counts.rated += rated - kept;
        self.counts.employers += rated;
        Ok(facts)
    }

    /// What persons decide: all there, each what its digest says, and rated again.
    async fn items(
        &mut self,
        walk: &mut Walk<'_>,
        chunk: &RunChunk,
        rated: usize,
    ) -> Result<Vec<(i64, Fact)>, Fault> {
        let (batch, range) = (self.batch, (self.last.last_pin, chunk.last_pin));
        let key = || self.key(chunk);
        let rows = audit_cycles::items_within(walk.tx, batch, range).await.at("review_item", key)?;
        let plan_text = self.ground.plan_text;
        let made: Vec<Made<'_>> = rows.iter().map(|(item, _)| Made::item(batch, item, plan_text)).collect();
        match odd(batch, &rows, &chunk.items) {
            None => {}
            Some(Odd::Row(at)) => {
                let field = changed_field(walk, &made[at..=at]).await?;
                let found = format!("a row of the digest {}", text(&rows[at].0.digest(batch)));
                return Err(made[at].differs(&field, found, text(&rows[at].1)).into());
            }
            Some(Odd::Digest(at)) => {
                let (found, expected) = (text(&rows[at].1), text(&rows[at].0.digest(batch)));
                return Err(made[at].differs("digest", found, expected).into());
            }
            Some(Odd::All) => {
                let expected = format!("{} for persons", chunk.last_pin - range.0 - count(rated));
                let found = format!("{} rows, of another digest", rows.len());
                return Err(Misfit::differs("review_item", key(), "", found, expected).into());
            }
        }
        replay(walk, &made).await?;
        let mut facts = Vec::with_capacity(rows.len());
        for ((item, _), made) in rows.iter().zip(&made) {
            let fact = self.ground.fact(made, true)?;
            if fact.by_hand.is_some() {
                return Err(made.differs("detail.by_hand", "there", "none: nobody decided yet").into());
            }
            facts.push((item.ordinal, fact));
        }
        let all = count(facts.len());
        if all + count(rated) != chunk.last_pin - range.0 {
            let expected = chunk.last_pin - range.0 - count(rated);
            return Err(Misfit::differs("review_item", key(), "", format!("{all} rows"), expected).into());
        }
        self.counts.review += all;
        self.counts.employers += all;
        Ok(facts)
    }
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// Where items are not what the digest of their chunk says.
#[derive(Debug, PartialEq, Eq)]
enum Odd {
    /// A row was changed.
    Row(usize),
    /// The digest of a row was changed.
    Digest(usize),
    /// Rows are missing or more than they were.
    All,
}

fn odd(batch: &str, rows: &[(Item, [u8; 32])], said: &[u8; 32]) -> Option<Odd> {
    let made: Vec<[u8; 32]> = rows.iter().map(|(item, _)| item.digest(batch)).collect();
    let fits = determinations::digest_of(ITEMS_DIGEST, made.iter()) == *said;
    let wrong = rows.iter().zip(&made).position(|((_, kept), made)| kept != made);
    match (wrong, fits) {
        (None, true) => None,
        (None, false) => Some(Odd::All),
        (Some(at), true) => Some(Odd::Digest(at)),
        (Some(at), false) => Some(Odd::Row(at)),
    }
}
