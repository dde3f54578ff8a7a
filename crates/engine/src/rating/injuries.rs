//! Claims to injuries and accidents: rows with one id are one injury, injuries with one event one accident.

use super::columns::claim_cell;
use crate::plan::checked::Column;
use crate::record::{Claim, Record};
use std::collections::BTreeMap;

/// The injuries of a chunk of records, those of one accident beside one another, accidents in the order of their first
/// rows.
#[derive(Debug, Default)]
pub(super) struct Injuries {
    /// Where each employer's injuries begin, and their number at the end.
    pub starts: Vec<usize>,
    /// Where each employer's accidents begin, and their number at the end.
    pub accident_starts: Vec<usize>,
    /// Where each accident's injuries begin, and their number at the end.
    pub members: Vec<usize>,
    /// The first day of each accident.
    pub accident_dates: Vec<i64>,
    rows: Vec<Injury>,
}

/// An injury with the money of all its rows. Where it happened and how it ended say its first row that counts an
/// injury; a row that counts none is a further payment.
#[derive(Debug)]
struct Injury {
    record: usize,
    row: usize,
    count: i64,
    benefits_paid: i64,
    reserve: i64,
    cells: [i64; 3],
}

/// What an injury takes from one row.
const OF_ONE_ROW: [Column; 3] = [Column::ClaimDate, Column::Cause, Column::Outcome];

impl Injury {
    fn of(record: usize, row: usize, claim: &Claim) -> Self {
        let cells = OF_ONE_ROW.map(|column| claim_cell(claim, column));
        Self { record, row, count: 0, benefits_paid: 0, reserve: 0, cells }
    }

    fn add(&mut self, row: usize, claim: &Claim) {
        if self.count == 0 && claim.count > 0 {
            self.row = row;
            self.cells = OF_ONE_ROW.map(|column| claim_cell(claim, column));
        }
        // Where a sum does not fit 64 bits the record is a review, whatever its injuries come to.
        self.count = self.count.saturating_add(claim.count);
        self.benefits_paid = self.benefits_paid.saturating_add(claim.benefits_paid.0);
        self.reserve = self.reserve.saturating_add(claim.reserve.0);
    }
}

impl Injuries {
    /// Groups the claims of a chunk.
    pub fn fill(&mut self, records: &[Record]) {
        *self = Self::default();
        for (at, record) in records.iter().enumerate() {
            self.starts.push(self.rows.len());
            self.accident_starts.push(self.accident_dates.len());
            self.record(at, record);
        }
        self.starts.push(self.rows.len());
        self.accident_starts.push(self.accident_dates.len());
        self.members.push(self.rows.len());
    }

    fn record(&mut self, at: usize, record: &Record) {
        let mut by_id: BTreeMap<&str, usize> = BTreeMap::new();
        let mut injuries: Vec<Injury> = Vec::new();
        for (row, claim) in record.claims.iter().enumerate() {
            let place = *by_id.entry(&claim.id).or_insert(injuries.len());
            if place == injuries.len() {
                injuries.push(Injury::of(at, row, claim));
            }
            injuries[place].add(row, claim);
        }
        let mut by_event: BTreeMap<&str, usize> = BTreeMap::new();
        let mut accidents: Vec<Vec<Injury>> = Vec::new();
        for injury in injuries {
            let place = match record.claims[injury.row].event.as_deref() {
                Some(event) => *by_event.entry(event).or_insert(accidents.len()),
                None => accidents.len(),
            };
            if place == accidents.len() {
                accidents.push(Vec::new());
            }
            accidents[place].push(injury);
        }
        for accident in accidents {
            self.members.push(self.rows.len());
            self.accident_dates.extend(accident.iter().map(|injury| injury.cells[0]).min());
            self.rows.extend(accident);
        }
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// The id of an injury.
    pub fn id<'r>(&self, records: &'r [Record], at: usize) -> &'r str {
        let injury = &self.rows[at];
        &records[injury.record].claims[injury.row].id
    }

    /// The class of an injury.
    pub fn class<'r>(&self, records: &'r [Record], at: usize) -> Option<&'r str> {
        let injury = &self.rows[at];
        records[injury.record].claims[injury.row].class.as_deref()
    }

    /// A column.
    pub fn column(&self, out: &mut Vec<i64>, column: Column) {
        out.extend(self.rows.iter().map(|injury| match column {
            Column::Count => injury.count,
            Column::BenefitsPaid => injury.benefits_paid,
            Column::Reserve => injury.reserve,
            _ => OF_ONE_ROW.iter().position(|known| *known == column).map_or(0, |at| injury.cells[at]),
        }));
    }
}
