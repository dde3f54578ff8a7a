//! Records to columns: only those that the program reads, with the range of each.

use super::injuries::Injuries;
use crate::limits::{RATE_PLACES, VALUE_PLACES};
use crate::plan::checked::{Column, PriorPart};
use crate::plan::compiled::{Extent, Input, Op, Program};
use crate::record::{Claim, Period, Record};

/// The columns of a chunk of records.
#[derive(Debug, Default)]
pub(super) struct Columns {
    /// Number columns by the node that reads them, with their smallest and largest value.
    pub numbers: Vec<(usize, Vec<i64>, (i64, i64))>,
    /// Boolean columns by the node that reads them.
    pub booleans: Vec<(usize, Vec<bool>)>,
    /// Where each employer's periods begin, and their number at the end.
    pub period_starts: Vec<usize>,
    /// Where each employer's claims begin, and their number at the end.
    pub claim_starts: Vec<usize>,
    /// The injuries and accidents; filled only for plans that look at them.
    injuries: Injuries,
    /// The employers.
    pub employers: usize,
    /// Most rows of one employer.
    pub most_rows: usize,
}

/// Places of the units in which `Fact` columns come from a record.
const _: () = assert!(VALUE_PLACES <= 9 && RATE_PLACES <= 12);

impl Columns {
    /// Rows of an extent.
    pub fn rows(&self, extent: Extent) -> usize {
        match extent {
            Extent::Scalar => 1,
            Extent::Employers => self.employers,
            rows => self.groups(rows, Extent::Employers).last().copied().unwrap_or(0),
        }
    }

    /// Where the rows of `from` of each employer or accident begin, and their number at the end.
    pub fn groups(&self, from: Extent, into: Extent) -> &[usize] {
        match (from, into) {
            (Extent::Injuries, Extent::Accidents) => &self.injuries.members,
            (Extent::Claims, _) => &self.claim_starts,
            (Extent::Injuries, _) => &self.injuries.starts,
            (Extent::Accidents, _) => &self.injuries.accident_starts,
            _ => &self.period_starts,
        }
    }

    /// The rows of `from` that belong to an employer or accident.
    pub fn rows_of(&self, from: Extent, into: Extent, at: usize) -> std::ops::Range<usize> {
        match self.groups(from, into).get(at..at + 2) {
            Some([from, to]) => *from..*to,
            _ => 0..0,
        }
    }

    /// What a row is called in a letter.
    pub fn label(&self, records: &[Record], extent: Extent, row: usize) -> String {
        match extent {
            Extent::Injuries => self.injuries.id(records, row).to_owned(),
            Extent::Accidents => {
                let members = self.rows_of(Extent::Injuries, Extent::Accidents, row);
                members.map(|at| self.injuries.id(records, at)).collect::<Vec<_>>().join(" + ")
            }
            _ => {
                let employer = self.period_starts.partition_point(|start| *start <= row).saturating_sub(1);
                let period = &records[employer].periods[row - self.period_starts[employer]];
                let class = period.class.as_ref().map_or_else(String::new, |class| format!(" ({class})"));
                format!("{} .. {}{class}", period.start, period.end)
            }
        }
    }

    /// Fills the columns from records, whose classes and industries are known.
    pub fn fill(&mut self, program: &Program, records: &[Record], classes: &[u8], industries: &[usize]) {
        self.employers = records.len();
        self.period_starts.clear();
        self.claim_starts.clear();
        let (mut periods, mut claims) = (0, 0);
        self.most_rows = 0;
        for record in records {
            self.period_starts.push(periods);
            self.claim_starts.push(claims);
            periods += record.periods.len();
            claims += record.claims.len();
            self.most_rows = self.most_rows.max(record.periods.len()).max(record.claims.len());
        }
        self.period_starts.push(periods);
        self.claim_starts.push(claims);
        if program.plan.looks_at_injuries() {
            self.injuries.fill(records);
        }
        let (mut number, mut boolean) = (0, 0);
        for (id, node) in program.nodes.iter().enumerate() {
            let Op::Input(input) = node.op else { continue };
            if is_boolean(input) {
                if self.booleans.len() == boolean {
                    self.booleans.push((id, Vec::new()));
                }
                let column = &mut self.booleans[boolean];
                column.0 = id;
                column.1.clear();
                fill_booleans(&mut column.1, input, program, records);
                boolean += 1;
            } else {
                if self.numbers.len() == number {
                    self.numbers.push((id, Vec::new(), (0, 0)));
                }
                let column = &mut self.numbers[number];
                column.0 = id;
                column.1.clear();
                fill_numbers(&mut column.1, input, program, records, (classes, industries), &self.injuries);
                column.2 = column.1.iter().fold((0, 0), |(low, high), v| (low.min(*v), high.max(*v)));
                number += 1;
            }
        }
        self.numbers.truncate(number);
        self.booleans.truncate(boolean);
    }
}

fn is_boolean(input: Input) -> bool {
    matches!(input, Input::Missing(_) | Input::Flag(_) | Input::FactGiven(_) | Input::PriorGiven(_))
}

fn prior_part(record: &Record, part: PriorPart) -> Option<i64> {
    let prior = record.employer.prior.as_ref()?;
    match part {
        PriorPart::Rate => Some(prior.rate.0),
        PriorPart::Tier => prior.tier.map(|t| t.0),
        PriorPart::UnlimitedRate => prior.unlimited_rate.map(|r| r.0),
    }
}

/// A fact as of the rating date, in units of 10^-9.
pub(crate) fn fact(program: &Program, record: &Record, at: usize) -> Option<i64> {
    let name = &program.plan.facts[at].name.text;
    // A record has few facts, and texts of other lengths are told apart at once.
    record.facts.iter().find(|f| f.name == *name)?.at(program.rating_date).map(|n| n.0)
}

fn fill_booleans(out: &mut Vec<bool>, input: Input, program: &Program, records: &[Record]) {
    match input {
        Input::Flag(at) => out.extend(records.iter().map(|r| fact(program, r, at).is_some_and(|v| v != 0))),
        Input::FactGiven(at) => out.extend(records.iter().map(|r| fact(program, r, at).is_some())),
        Input::PriorGiven(part) => out.extend(records.iter().map(|r| prior_part(r, part).is_some())),
        Input::Missing(Column::Value(at)) => {
            let name = &program.plan.values[at].name;
            let lacks = |p: &Period| period_value(p, name).is_none();
            records.iter().for_each(|r| out.extend(r.periods.iter().map(lacks)));
        }
        Input::Missing(column) => {
            records
                .iter()
                .for_each(|r| out.extend(r.periods.iter().map(|p| period_cell(p, column).is_none())));
        }
        _ => {}
    }
}

fn fill_numbers(
    out: &mut Vec<i64>,
    input: Input,
    program: &Program,
    records: &[Record],
    (classes, industries): (&[u8], &[usize]),
    injuries: &Injuries,
) {
    let row_classes = &program.plan.row_classes;
    let row_class = |class: Option<&str>| {
        let known = class.and_then(|class| row_classes.binary_search_by(|c| c.as_str().cmp(class)).ok());
        i64::try_from(known.unwrap_or(row_classes.len())).unwrap_or(0)
    };
    match input {
        Input::Class => out.extend(classes.iter().map(|c| i64::from(*c))),
        Input::Industry => out.extend(industries.iter().map(|at| i64::try_from(*at).unwrap_or(0))),
        Input::Injury(column) => injuries.column(out, column),
        Input::AccidentDate => out.extend_from_slice(&injuries.accident_dates),
        Input::RowClass(Extent::Periods) => {
            records.iter().for_each(|r| out.extend(r.periods.iter().map(|p| row_class(p.class.as_deref()))));
        }
        Input::RowClass(Extent::Accidents) => {
            let firsts = injuries.members.iter().take(injuries.accident_dates.len());
            out.extend(firsts.map(|at| row_class(injuries.class(records, *at))));
        }
        Input::RowClass(_) => {
            out.extend((0..injuries.len()).map(|at| row_class(injuries.class(records, at))));
        }
        Input::InsuredSince => {
            out.extend(records.iter().map(|r| i64::from(r.employer.insured_since.day_number())));
        }
        Input::FirstInsured => {
            out.extend(records.iter().map(|r| i64::from(r.employer.first_insured.day_number())));
        }
        Input::Fact(at) => {
            // Facts are kept at nine places; the reader of records has seen that no more than the declared are used.
            let unit = 10_i64.pow(VALUE_PLACES - program.plan.facts[at].places);
            out.extend(records.iter().map(|r| fact(program, r, at).unwrap_or(0) / unit));
        }
        Input::Prior(part) => out.extend(records.iter().map(|r| prior_part(r, part).unwrap_or(0))),
        Input::Cell(column)
            if Column::ALL.iter().any(|c| c.2 == column && c.0 == crate::plan::checked::Rows::Claims) =>
        {
            records.iter().for_each(|r| out.extend(r.claims.iter().map(|c| claim_cell(c, column))));
        }
        Input::Cell(Column::Value(at)) => {
            let value = &program.plan.values[at];
            let unit = 10_i64.pow(VALUE_PLACES - value.places);
            let of = |p: &Period| period_value(p, &value.name).unwrap_or(0) / unit;
            records.iter().for_each(|r| out.extend(r.periods.iter().map(of)));
        }
        Input::Cell(column) => {
            records
                .iter()
                .for_each(|r| out.extend(r.periods.iter().map(|p| period_cell(p, column).unwrap_or(0))));
        }
        Input::FreshStart => {
            for record in records {
                let mut covered_to = i64::MIN;
                for period in &record.periods {
                    let (start, end) = (day(period.start), day(period.end));
                    out.push(start.max(covered_to.saturating_add(1)));
                    covered_to = covered_to.max(end);
                }
            }
        }
        Input::Flag(_) | Input::FactGiven(_) | Input::PriorGiven(_) | Input::Missing(_) => {}
    }
}

fn day(date: crate::record::Date) -> i64 {
    i64::from(date.day_number())
}

/// A declared value, in units of 10^-9.
fn period_value(period: &Period, name: &str) -> Option<i64> {
    period.values.iter().find(|(known, _)| known == name).map(|(_, value)| value.0)
}

fn period_cell(period: &Period, column: Column) -> Option<i64> {
    match column {
        Column::PeriodStart => Some(day(period.start)),
        Column::PeriodEnd => Some(day(period.end)),
        Column::Payroll => period.payroll.map(|a| a.0),
        Column::ContributionsDue => period.contributions_due.map(|a| a.0),
        Column::ContributionsPaid => period.contributions_paid.map(|a| a.0),
        Column::Headcount => period.headcount.map(|h| h.0),
        Column::MonthsInsured => period.months_insured.map(i64::from),
        _ => None,
    }
}

pub(super) fn claim_cell(claim: &Claim, column: Column) -> i64 {
    match column {
        Column::ClaimDate => day(claim.date),
        Column::PaidOn => day(claim.paid_on),
        Column::Cause => i64::from(claim.cause.place()),
        Column::Outcome => i64::from(claim.outcome.place()),
        Column::Count => claim.count,
        Column::BenefitsPaid => claim.benefits_paid.0,
        Column::Reserve => claim.reserve.0,
        _ => 0,
    }
}
