//! Checking a dossier without a database. Every mistake is told.

use super::shape::{Dossier, VERSION};
use crate::determination::plan_text::PlanText;
use crate::determination::raters::Raters;
use crate::determination::verify::Misfit;
use crate::determination::verify::replayed::{Job, Made, replayed};
use crate::store::Instant;
use crate::store::ledger::{self, Kind, hex, parse, text};
use crate::store::tables::determinations::{
    self, BATCH_DIGEST, CHUNK_DIGEST, PublicationEntry, digest_of, id,
};
use crate::store::tables::records;
use floatrate_engine::record::Date;

/// What checking a dossier gave.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The determination.
    pub id: String,
    /// The head at publication: number, digest as shown, instant.
    pub head: (i64, String, Instant),
    /// What does not fit: everything.
    pub misfits: Vec<Misfit>,
}

/// Reads and checks a dossier. `heads` are digests that were written down, as a notice shows them.
///
/// # Errors
///
/// The bytes are no dossier of a version that this release knows: why, in English and Chinese.
pub fn check(bytes: &[u8], heads: &[[u8; 32]]) -> Result<Checked, [String; 2]> {
    let unread =
        |why: serde_json::Error| [format!("this is no dossier: {why}"), format!("不是有效的卷宗：{why}")];
    let value: serde_json::Value = serde_json::from_slice(bytes).map_err(unread)?;
    match value.get("floatrate_dossier").and_then(serde_json::Value::as_u64) {
        Some(version) if version == u64::from(VERSION) => {}
        Some(version) => {
            return Err([
                format!(
                    "this dossier has form {version}, and this release reads form {VERSION}: use the newer release"
                ),
                format!("该卷宗格式版本为 {version}，本版本只能读取 {VERSION}：请使用更新的版本"),
            ]);
        }
        None => {
            let [en, zh] =
                ["this is no dossier: it lacks floatrate_dossier", "不是有效的卷宗：缺少 floatrate_dossier"];
            return Err([en.to_owned(), zh.to_owned()]);
        }
    }
    // From the bytes: what stands there twice is refused.
    let dossier: Dossier = serde_json::from_slice(bytes).map_err(unread)?;
    let mut check = Check { dossier: &dossier, misfits: Vec::new() };
    check.file();
    let kept = check.row();
    check.stands(kept.as_ref());
    check.entry();
    check.record();
    check.text();
    if let Some(kept) = &kept {
        check.replay(kept);
    }
    check.heads(heads);
    let entry = &dossier.proof.entry;
    Ok(Checked {
        id: dossier.determination.id.clone(),
        head: (entry.seq, entry.digest.clone(), Instant(entry.at_us)),
        misfits: check.misfits,
    })
}

struct Check<'d> {
    dossier: &'d Dossier,
    misfits: Vec<Misfit>,
}

impl Check<'_> {
    fn same(
        &mut self,
        part: &'static str,
        field: &str,
        found: impl ToString,
        expected: impl ToString,
    ) -> bool {
        let (found, expected) = (found.to_string(), expected.to_string());
        let same = found == expected;
        if !same {
            let key = self.dossier.determination.id.clone();
            self.misfits.push(Misfit::differs(part, key, field, found, expected));
        }
        same
    }

    fn digest(&mut self, part: &'static str, field: &str, shown: &str) -> Option<[u8; 32]> {
        let digest = parse(shown);
        if digest.is_none() {
            self.same(part, field, shown, "blake3: and 64 hexadecimal digits");
        }
        digest
    }

    fn day(&mut self, field: &str, shown: &str) -> Option<i64> {
        let day = shown.parse::<Date>().ok().filter(|day| day.to_string() == shown);
        if day.is_none() {
            self.same("determination", field, shown, "a day like 2026-01-01");
        }
        day.map(|day| i64::from(day.day_number()))
    }

    fn file(&mut self) {
        self.same("dossier", "digest", &self.dossier.digest, self.dossier.made_digest());
    }

    /// The row as it was kept, if it can be one.
    fn row(&mut self) -> Option<determinations::Kept> {
        let row = &self.dossier.determination;
        self.same("determination", "id", &row.id, id(&row.batch, row.ordinal));
        let record_digest = self.digest("determination", "record_digest", &row.record_digest);
        let plan_text = self.digest("determination", "plan_text", &row.plan_text);
        let (from, until) = (self.day("from", &row.from), self.day("until", &row.until));
        let kept = determinations::Kept {
            ordinal: row.ordinal,
            employer_id: row.employer_id.clone(),
            record_version: row.record_version,
            record_digest: record_digest?,
            plan_text: plan_text?,
            from_day: from?,
            until_day: until?,
            terms: row.terms.clone(),
            result: row.result.clone().into_bytes(),
            detail: row.detail.clone().into_bytes(),
        };
        self.same("determination", "digest", &row.digest, text(&kept.digest(&row.batch)));
        Some(kept)
    }

    /// Row in chunk, chunk in batch, batch in entry.
    fn stands(&mut self, kept: Option<&determinations::Kept>) {
        let (row, proof) = (&self.dossier.determination, &self.dossier.proof);
        let at = |from: i64, of: i64| usize::try_from(of.checked_sub(from)?).ok();
        let digest = kept.map_or_else(|| row.digest.clone(), |kept| text(&kept.digest(&row.batch)));
        let place = at(proof.first_ordinal, row.ordinal).and_then(|at| proof.rows.get(at));
        self.same("proof", "rows", place.map_or("no row at the determination's place", |p| p), digest);
        let rows: Option<Vec<[u8; 32]>> =
            proof.rows.iter().map(|d| self.digest("proof", "rows", d)).collect();
        let chunks: Option<Vec<[u8; 32]>> =
            proof.chunks.iter().map(|d| self.digest("proof", "chunks", d)).collect();
        if let Some(rows) = rows {
            let place = at(1, proof.chunk).and_then(|at| proof.chunks.get(at));
            let made = text(&digest_of(CHUNK_DIGEST, rows.iter()));
            self.same("proof", "chunks", place.map_or("no digest at the chunk's place", |p| p), made);
        }
        let entry: PublicationEntry = match serde_json::from_str(&proof.entry.detail) {
            Ok(entry) => entry,
            Err(why) => {
                self.same("proof", "entry.detail", why, "what the ledger says of a publication");
                return;
            }
        };
        if let Some(chunks) = chunks {
            self.same(
                "proof",
                "entry.detail.digest",
                &entry.digest,
                hex(&digest_of(BATCH_DIGEST, chunks.iter())),
            );
        }
        let first = usize::try_from(proof.first_ordinal).unwrap_or(0);
        let end = first.saturating_add(proof.rows.len());
        let size = usize::try_from(entry.size).unwrap_or(0);
        // The last chunk ends where the batch does, no other one reaches that.
        let last = at(1, proof.chunk).is_some_and(|at| at + 1 == proof.chunks.len());
        if first == 0 || (last && end != size.saturating_add(1)) || (!last && end > size) {
            let expected = format!("a place within the {size} rows of the batch");
            self.same("proof", "first_ordinal", proof.first_ordinal, expected);
        }
        let position = entry.first_position.saturating_add(row.ordinal).saturating_sub(1);
        self.same("determination", "position", row.position, position);
    }

    fn entry(&mut self) {
        let (row, entry) = (&self.dossier.determination, &self.dossier.proof.entry);
        self.same("proof", "entry.kind", &entry.kind, Kind::Published.name());
        self.same("proof", "entry.subject", &entry.subject, &row.batch);
        self.same("determination", "signature", &row.signature, &entry.signature);
        self.same("determination", "published_at", &row.published_at, Instant(entry.at_us).rfc3339());
        if let Some(previous) = self.digest("proof", "previous", &self.dossier.proof.previous) {
            let made = ledger::Entry {
                seq: entry.seq,
                at: Instant(entry.at_us),
                kind: entry.kind.clone(),
                subject: entry.subject.clone(),
                signature: entry.signature.clone(),
                detail: entry.detail.clone().into_bytes(),
                digest: [0; 32],
            };
            self.same("proof", "entry.digest", &entry.digest, text(&made.expected(&previous)));
        }
    }

    fn record(&mut self) {
        let (row, record) = (&self.dossier.determination, &self.dossier.record);
        self.same("record", "version", record.version, row.record_version);
        let made = text(blake3::hash(record.body.as_bytes()).as_bytes());
        self.same(
            "record",
            "body",
            format!("of the digest {made}"),
            format!("of the digest {}", row.record_digest),
        );
        self.same("record", "digest", &record.digest, &row.record_digest);
    }

    fn text(&mut self) {
        let (row, kept) = (&self.dossier.determination, &self.dossier.plan_text);
        let made = text(&PlanText::digest_of(kept.body.as_bytes()));
        self.same(
            "plan_text",
            "body",
            format!("of the digest {made}"),
            format!("of the digest {}", row.plan_text),
        );
        self.same("plan_text", "digest", &kept.digest, &row.plan_text);
    }

    fn replay(&mut self, kept: &determinations::Kept) {
        let key = self.dossier.determination.id.clone();
        let (record, text) = (&self.dossier.record, &self.dossier.plan_text);
        let unread = |part, field: &str, why: String| Misfit::new(part, key.clone(), field, &why, &why);
        let body = record.body.clone().into_bytes();
        let region = match crate::employer::Body(body.clone()).record() {
            Ok((record, _)) => record.employer.region.unwrap_or_default(),
            Err(why) => return self.misfits.push(unread("record", "body", why.to_string())),
        };
        let digest = PlanText::digest_of(text.body.as_bytes());
        let text = PlanText { plan: text.plan.clone(), digest, body: text.body.clone().into_bytes() };
        let raters = Raters::default();
        let loaded = match raters.of_text(&text).and_then(|loaded| loaded.plan().map(drop).map(|()| loaded)) {
            Ok(loaded) => loaded,
            Err(why) => return self.misfits.push(unread("plan_text", "body", why.to_string())),
        };
        let record = records::Kept {
            employer_id: kept.employer_id.clone(),
            version: record.version,
            digest: *blake3::hash(&body).as_bytes(),
            body,
            region,
        };
        let made = Made { id: key.clone(), ..Made::of("", kept) };
        let job = Job { made, record: &record, loaded: &loaded };
        self.misfits.extend(replayed(&[job], 1));
    }

    fn heads(&mut self, heads: &[[u8; 32]]) {
        let entry = &self.dossier.proof.entry;
        for head in heads {
            let shown = text(head);
            if shown == entry.digest {
                continue;
            }
            let en = format!(
                "is not {}, the head at publication, the only one that this file proves; whether one is part of the other, the database shows: floatrate verify --head",
                entry.digest
            );
            let zh = format!(
                "不是公布时的账本摘要 {}（本卷宗只能证明该摘要）；二者是否同属一条链，须对数据库执行 floatrate verify --head",
                entry.digest
            );
            self.misfits.push(Misfit::new("head", shown, "", &en, &zh));
        }
    }
}
