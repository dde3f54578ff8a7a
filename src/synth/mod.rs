//! Synthetic employers: a made-up pooling area for trying out, demonstrations, tests and benchmarks.
//!
//! Employer `k` of a seed is the same however many employers are asked for, in every format and on every machine:
//! each has its own generator keyed by seed and index, and everything is integer arithmetic. No record describes a
//! real employer: names say 样例企业 ("sample enterprise"), and ids are valid codes with a scrambled serial number.
//!
//! What is drawn, and why so. Sections are those of the policy notes `china.md`; where they are silent the choice
//! is ours and says so.
//!
//! | what | choice | ground |
//! |---|---|---|
//! | id | unified social credit code, region as area code, both check digits right | 4.4 |
//! | industry | a division of GB/T 4754-2011 (30 %) or 2017 (70 %); trade, services, offices frequent, mines rare | 2; weights ours |
//! | `risk_class` | given for 30 %, of these 2 % one off the annex; always given where 2017 has no answer (59, 79), and one of three in regions of three classes | 2, 1.4 |
//! | headcount | table with a power-law tail: median 8, mean about 45, up to some thousands | 6 (44.5 an employer) |
//! | payroll | people x about 70,000 yuan, by class and employer, 3 % more each year | ours |
//! | contributions | payroll x the national base rate, or that of a region of three classes, half up to the fen; 97 % paid in full | 1.2 |
//! | injuries | about 0.43 % of the headcount a year, by class and size; few employers have most of them | 6 (Liaoning, Shenyang) |
//! | outcomes | 56 % with a disability grade, most of them 9 and 10 | 6 (18,000 of 35,000 in Liaoning) |
//! | benefits | months of wages by grade, 20 annual incomes at death, heavy-tailed treatment costs | ours, near 6 (76,000 yuan each) |
//! | payment | weeks or months later; pensions and late bills as rows with `count` 0 in later years | 4.3 (old injuries) |
//! | not yet paid | money due after the last year is `reserve` | ours |
//! | facts | the Chinese plans' facts, each given for a part only; short payers tend to have arrears | 4.3 |
//! | joining | 8 % joined inside the years asked for; a few had been insured before | 3, new employers |
//! | trouble | 0.3 % need a person: a year missing, a straddling period, no contributions, an open industry | 2, 3.15 |
//! | gap | 0.2 % have a year without insurance (`months_insured` 0) | ours |
//!
//! Periods are calendar years; the first begins on the day of joining.
//!
//! *Invariant*: no clock, no floating point, no state between employers; memory does not grow with their number.

mod claims;
mod columns;
mod employer;
mod industry;
mod options;
mod random;
mod record;
mod uscc;
mod write;

#[cfg(test)]
mod tests;

pub use employer::employer;
pub use options::{EMPLOYERS_MAX, SynthError, SynthOptions, YEARS_MAX};
pub use record::{Claim, Employer, Facts, Industry, Period, Prior, Record};
pub use uscc::check_digit;
pub use write::{Format, Summary, write, write_with_progress};

/// All employers of `options`, in the order of their index.
///
/// # Panics
///
/// When `options` do not pass [`SynthOptions::check`].
pub fn records(options: &SynthOptions) -> impl Iterator<Item = Record> + '_ {
    (0..options.employers).map(move |index| employer(options, index))
}
