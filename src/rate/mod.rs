//! Rating a chunk of inputs: the one path from forms to results, for files, the demo and later the wire.

mod desks;
mod tally;

pub use desks::{Desks, How};
pub use tally::Tally;

use crate::exchange::results::{DistanceRow, ResultRow};
use crate::exchange::{Fault, Input, Reject};
use floatrate_engine::Lang;
use floatrate_engine::explain::explain;
use floatrate_engine::plan::compiled::Program;
use floatrate_engine::rating::{FirstPass, Rater, Verdict};
use floatrate_engine::record::{Declared, Form, Record, Violation};
use std::sync::{Arc, Mutex, PoisonError};

/// How results are explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Explain {
    /// Not at all.
    None,
    /// Which rules led to the result.
    Rules,
    /// The rules, and how far the next tier on each side is.
    Full,
}

/// Rates inputs under one compiled plan, from any thread.
#[derive(Debug)]
pub struct Desk {
    program: Arc<Program>,
    declared: Declared,
    explain: Explain,
    lang: Lang,
    /// Raters that are not in use; each keeps its buffers.
    idle: Mutex<Vec<Rater>>,
}

/// What became of a chunk of inputs.
#[derive(Debug, Default)]
pub struct Rated {
    /// Results, in the order of the input.
    pub results: Vec<ResultRow>,
    /// The numbers of the results.
    pub verdicts: Vec<Verdict>,
    /// What could not be rated, in the order of the input.
    pub rejects: Vec<Reject>,
}

impl Desk {
    /// A desk for a compiled plan.
    #[must_use]
    pub fn new(program: Arc<Program>, declared: Declared, explain: Explain, lang: Lang) -> Self {
        Self { program, declared, explain, lang, idle: Mutex::new(Vec::new()) }
    }

    /// Rates a chunk. What is wrong with one input touches no other.
    #[must_use]
    pub fn rate(&self, inputs: &[Input]) -> Rated {
        let mut out = Rated::default();
        let mut records = Vec::with_capacity(inputs.len());
        for input in inputs {
            match self.record(input) {
                Ok(record) => records.push(record),
                Err(faults) => out.rejects.extend(Reject::of(input, faults, self.lang)),
            }
        }
        (out.results, out.verdicts) = self.rate_records(&records);
        out
    }

    /// What a chunk of inputs adds to the sums over employers of a first pass. Inputs that would be rejected add nothing.
    #[must_use]
    pub fn first_pass(&self, inputs: &[Input]) -> FirstPass {
        let records: Vec<Record> = inputs.iter().filter_map(|input| self.record(input).ok()).collect();
        let mut rater = Rater::new(Arc::clone(&self.program));
        let mut pass = FirstPass::default();
        pass.add(&rater.rate(&records), records.len());
        pass
    }

    /// Rates forms one by one: a result or the violations of each.
    #[must_use]
    pub fn rate_forms(&self, forms: &[Form]) -> Vec<Result<ResultRow, Vec<Violation>>> {
        let read: Vec<_> = forms.iter().map(|form| Record::from_form(form, &self.declared)).collect();
        let (records, refused): (Vec<_>, Vec<_>) =
            read.into_iter().map(|r| r.map_or_else(|v| (None, Some(v)), |r| (Some(r), None))).unzip();
        let (rows, _) = self.rate_records(&records.into_iter().flatten().collect::<Vec<_>>());
        let mut rows = rows.into_iter();
        refused
            .into_iter()
            .filter_map(|refused| refused.map_or_else(|| rows.next().map(Ok), |v| Some(Err(v))))
            .collect()
    }

    /// Rates records: results and their numbers, in order.
    #[must_use]
    pub fn rate_records(&self, records: &[Record]) -> (Vec<ResultRow>, Vec<Verdict>) {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let rater = idle().pop();
        let mut rater = rater.unwrap_or_else(|| Rater::new(Arc::clone(&self.program)));
        let chunk = rater.rate(records);
        let (mut rows, mut verdicts) = (Vec::with_capacity(records.len()), Vec::with_capacity(records.len()));
        let mut buffer = Vec::new();
        let mut letters = Vec::new();
        for at in 0..records.len() {
            letters.extend((self.explain != Explain::None).then(|| explain(&chunk, at, self.lang)));
            rows.push(ResultRow::of(&chunk, at, &mut buffer));
            verdicts.push(chunk.verdict(at));
        }
        for ((record, row), mut letter) in records.iter().zip(&mut rows).zip(letters) {
            if self.explain == Explain::Full {
                let distances = rater.distances(record);
                letter.add_distances(&self.program.plan, distances.as_deref());
                row.sensitivity = Some(distances.unwrap_or_default().iter().map(DistanceRow::from).collect());
            }
            row.explanation = Some(letter.into());
        }
        idle().push(rater);
        (rows, verdicts)
    }

    fn record(&self, input: &Input) -> Result<Record, Vec<Fault>> {
        let Ok(form) = &input.form else { return Err(Vec::new()) };
        Record::from_form(form, &self.declared).map_err(|violations| {
            let faults = violations.iter().map(|v| Fault {
                field: Some(v.field.clone()),
                reason: v.reason().to_owned(),
                message: v.message(self.lang),
            });
            faults.collect()
        })
    }
}
