//! The ledger: what happened, in order, each entry's digest over the one before.
//!
//! Whoever owns the database can rewrite rows, but not without changing the head, and heads stand on exports and notices.

use super::statement::statements;
use super::{Ask, Db, Instant, Row, StoreError, Tx};

statements! {
    HEAD = "SELECT seq, digest, position, at_us FROM head WHERE id = 1";
    LOCK_HEAD = "SELECT seq, digest, position, at_us FROM head WHERE id = 1",
        postgres "SELECT seq, digest, position, at_us FROM head WHERE id = 1 FOR UPDATE";
    MOVE_HEAD = "UPDATE head SET seq = $1, digest = $2, position = $3, at_us = $4 WHERE id = 1";
    ADD_ENTRY = "INSERT INTO ledger (seq, at_us, kind, subject, signature, detail, digest) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    ENTRIES = "SELECT seq, at_us, kind, subject, signature, detail, digest FROM ledger WHERE seq > $1 ORDER BY seq LIMIT $2";
    ENTRIES_OF = "SELECT seq, at_us, kind, subject, signature, detail, digest FROM ledger WHERE subject = $1 ORDER BY seq";
}

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// How records come in: an import began, or a succession was recorded; the subject is the intake.
    Intake,
    /// A chunk of records came in; the subject is the intake.
    Recorded,
    /// An import ended; the subject is the intake.
    Ended,
    /// A batch of determinations became visible; the subject is the batch.
    Published,
    /// A consumer acknowledged changes; the subject is the consumer.
    Acknowledged,
    /// An officer resolved a refused change; the subject is the consumer.
    Resolved,
    /// An objection was filed; the subject is the objection, as of the next three.
    Objected,
    /// It was upheld.
    Upheld,
    /// It was rejected.
    Rejected,
    /// A determination followed.
    Redetermined,
    /// A rate cycle was created or went a step on; the subject is the cycle.
    Cycle,
    /// An officer decided on an employer of a cycle; the subject is the cycle.
    Decided,
}

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Intake,
        Self::Recorded,
        Self::Ended,
        Self::Published,
        Self::Acknowledged,
        Self::Resolved,
        Self::Objected,
        Self::Upheld,
        Self::Rejected,
        Self::Redetermined,
        Self::Cycle,
        Self::Decided,
    ];

    /// The name in the ledger.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Recorded => "recorded",
            Self::Ended => "ended",
            Self::Published => "published",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
            Self::Objected => "objected",
            Self::Upheld => "upheld",
            Self::Rejected => "rejected",
            Self::Redetermined => "redetermined",
            Self::Cycle => "cycle",
            Self::Decided => "decided",
        }
    }

    /// The kind of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// The newest entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its number; 0 before the first.
    pub seq: i64,
    /// Its digest.
    pub digest: [u8; 32],
    /// Newest position of the change feed.
    pub position: i64,
    /// Its instant.
    pub at: Instant,
}

impl Head {
    fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self { seq: row.int(0)?, digest: row.digest(1)?, position: row.int(2)?, at: Instant(row.int(3)?) })
    }

    /// The newest entry now.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn read(ask: impl Ask) -> Result<Self, StoreError> {
        Self::of(&ask.one(HEAD, &[]).await?.ok_or_else(missing)?)
    }

    /// As exports and notices show it.
    #[must_use]
    pub fn text(&self) -> String {
        text(&self.digest)
    }
}

fn missing() -> StoreError {
    StoreError::broken("the ledger's head is missing")
}

/// A digest as it is shown.
#[must_use]
pub fn text(digest: &[u8; 32]) -> String {
    floatrate_engine::receipt::Digest(*digest).to_string()
}

/// The digest that a text shows; None for another text.
#[must_use]
pub fn parse(text: &str) -> Option<[u8; 32]> {
    unhex(text.strip_prefix("blake3:")?)
}

/// Hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The digest of 64 hexadecimal digits; None for another text.
#[must_use]
pub fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    let lower = digits.iter().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(b));
    if digits.len() != 64 || !lower {
        return None;
    }
    let mut out = [0; 32];
    for (byte, pair) in out.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(out)
}

/// An entry as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number, from 1 without gaps.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// What: a [`Kind`]'s name.
    pub kind: String,
    /// About what.
    pub subject: String,
    /// Who.
    pub signature: String,
    /// The rest, JSON.
    pub detail: Vec<u8>,
    /// The digest of all this and of the entry before.
    pub digest: [u8; 32],
}

impl Entry {
    fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            seq: row.int(0)?,
            at: Instant(row.int(1)?),
            kind: row.text(2)?,
            subject: row.text(3)?,
            signature: row.text(4)?,
            detail: row.bytes(5)?,
            digest: row.digest(6)?,
        })
    }

    /// The digest that it should have after an entry of the digest `before`.
    #[must_use]
    pub fn expected(&self, before: &[u8; 32]) -> [u8; 32] {
        let mut hasher = Hasher::new("floatrate ledger 1");
        hasher.bytes(before);
        hasher.int(self.seq);
        hasher.int(self.at.0);
        for text in [&self.kind, &self.subject, &self.signature] {
            hasher.bytes(text.as_bytes());
        }
        hasher.bytes(&self.detail);
        hasher.done()
    }
}

/// A digest over parts, each of which says its own length.
#[derive(Debug)]
pub struct Hasher(blake3::Hasher);

impl Hasher {
    /// Begins, for one use.
    #[must_use]
    pub fn new(what: &str) -> Self {
        let mut hasher = Self(blake3::Hasher::new());
        hasher.bytes(what.as_bytes());
        hasher
    }

    /// Adds bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    /// Adds a number.
    pub fn int(&mut self, number: i64) {
        self.0.update(&number.to_le_bytes());
    }

    /// The digest.
    #[must_use]
    pub fn done(&self) -> [u8; 32] {
        *self.0.finalize().as_bytes()
    }
}

/// Entries after one, in order, so many at most.
///
/// # Errors
///
/// Those of the database.
pub async fn entries(tx: &mut Tx, after: i64, most: i64) -> Result<Vec<Entry>, StoreError> {
    tx.all(ENTRIES, &[after.into(), most.into()]).await?.iter().map(Entry::of).collect()
}

/// Entries about one subject, in order.
///
/// # Errors
///
/// Those of the database.
pub async fn entries_of(db: &Db, subject: &str) -> Result<Vec<Entry>, StoreError> {
    db.all(ENTRIES_OF, &[subject.into()]).await?.iter().map(Entry::of).collect()
}

/// The ledger, locked by a transaction until its end: no other adds entries or takes positions.
///
/// Positions and instants are given here, so that the order of positions is the order of commits; with a sequence, a slow
/// transaction's lower number would appear after a higher one was read, and a cursor would lose it.
#[derive(Debug)]
pub struct Ledger<'t> {
    /// The transaction.
    pub tx: &'t mut Tx,
    head: Head,
    at: Instant,
}

impl<'t> Ledger<'t> {
    /// Locks the ledger. Do it late: everybody else waits.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn lock(tx: &'t mut Tx) -> Result<Self, StoreError> {
        let head = Head::of(&tx.one(LOCK_HEAD, &[]).await?.ok_or_else(missing)?)?;
        // A clock that is put back does not put back the ledger.
        Ok(Self { tx, head, at: Instant::now().max(head.at) })
    }

    /// The instant of the entries.
    #[must_use]
    pub const fn at(&self) -> Instant {
        self.at
    }

    /// The newest entry.
    #[must_use]
    pub const fn head(&self) -> &Head {
        &self.head
    }

    /// Adds an entry that takes so many positions of the change feed; the first of them.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn add(
        &mut self,
        kind: Kind,
        subject: &str,
        signature: &str,
        detail: &[u8],
        positions: i64,
    ) -> Result<i64, StoreError> {
        let first = self.head.position + 1;
        let mut entry = Entry {
            seq: self.head.seq + 1,
            at: self.at,
            kind: kind.name().to_owned(),
            subject: subject.to_owned(),
            signature: signature.to_owned(),
            detail: detail.to_owned(),
            digest: [0; 32],
        };
        entry.digest = entry.expected(&self.head.digest);
        self.head = Head {
            seq: entry.seq,
            digest: entry.digest,
            position: self.head.position + positions,
            at: self.at,
        };
        let values = [
            entry.seq.into(),
            self.at.0.into(),
            kind.name().into(),
            subject.into(),
            signature.into(),
            detail.into(),
            (&entry.digest).into(),
        ];
        self.tx.run(ADD_ENTRY, &values).await?;
        let head = [entry.seq.into(), (&entry.digest).into(), self.head.position.into(), self.at.0.into()];
        self.tx.run(MOVE_HEAD, &head).await?;
        Ok(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_read_as_they_are_shown() {
        let digest = std::array::from_fn(|n| u8::try_from(n * 8).unwrap());
        assert_eq!(parse(&text(&digest)), Some(digest));
        let shown = text(&digest);
        for wrong in
            [&shown[1..], &shown[7..], &shown[..70], &format!("{shown}0"), &shown.to_uppercase(), "blake3:"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn kinds_have_names_of_their_own() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(*kind));
        }
        assert_eq!(Kind::from_name("forged"), None);
    }

    #[test]
    fn an_entry_s_digest_covers_every_part() {
        let entry = Entry {
            seq: 1,
            at: Instant(2),
            kind: "k".into(),
            subject: "s".into(),
            signature: "g".into(),
            detail: b"d".to_vec(),
            digest: [0; 32],
        };
        let changed = [
            Entry { seq: 2, ..entry.clone() },
            Entry { at: Instant(3), ..entry.clone() },
            Entry { kind: "ks".into(), subject: String::new(), ..entry.clone() },
            Entry { subject: "t".into(), ..entry.clone() },
            Entry { signature: String::new(), ..entry.clone() },
            Entry { detail: Vec::new(), ..entry.clone() },
        ];
        let before = [7; 32];
        assert_ne!(entry.expected(&before), entry.expected(&[8; 32]));
        for other in changed {
            assert_ne!(entry.expected(&before), other.expected(&before), "{other:?}");
        }
    }
}
