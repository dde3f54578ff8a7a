//! What a verification says.

use super::Misfit;
use crate::store::Instant;
use crate::store::ledger::Head;

/// How much was checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Entries of the ledger.
    pub entries: i64,
    /// Positions of the change feed, which are the determinations to replay.
    pub positions: i64,
    /// Plan texts.
    pub plan_texts: i64,
    /// Versions of records.
    pub records: i64,
    /// Rejects of imports.
    pub rejects: i64,
    /// Visible determinations whose rows fit.
    pub determinations: i64,
    /// Determinations that were rated again bit for bit: the visible ones, and those of a cycle that nobody sees.
    pub replayed: i64,
    /// Rows of batches that nobody sees; they fit their digests.
    pub unpublished: i64,
    /// Rate cycles.
    pub cycles: i64,
    /// Employers that their freezes hold fast.
    pub pins: i64,
    /// Review items of their runs, rated again bit for bit.
    pub review_items: i64,
    /// Objections.
    pub objections: i64,
    /// Consumers of the change feed.
    pub consumers: i64,
    /// Changes that they refused.
    pub refusals: i64,
}

/// A head that was given, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadFound {
    /// The digest.
    pub digest: [u8; 32],
    /// Number and instant of the entry; None where it is not in the chain, as far as that was walked.
    pub entry: Option<(i64, Instant)>,
}

/// The result of a verification.
#[derive(Clone, Debug)]
pub struct Report {
    /// How much was checked.
    pub figures: Figures,
    /// The newest entry.
    pub head: Option<Head>,
    /// The heads that were given.
    pub heads: Vec<HeadFound>,
    /// The first row that does not fit.
    pub misfit: Option<Misfit>,
}

impl Report {
    pub(super) fn new(heads: &[[u8; 32]]) -> Self {
        let heads = heads.iter().map(|digest| HeadFound { digest: *digest, entry: None });
        Self { figures: Figures::default(), head: None, heads: heads.collect(), misfit: None }
    }

    /// Whether everything fits, and every head that was given is in the chain.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.misfit.is_none() && self.heads.iter().all(|head| head.entry.is_some())
    }
}
