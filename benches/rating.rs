//! How fast rating is, against the same rule written by hand in plain Rust.
//!
//! `cargo bench --bench rating` prints criterion's times and then the ratios, which are what matters: absolute times
//! differ from machine to machine.

use criterion::{BenchmarkId, Criterion, Throughput};
use floatrate::exchange::json;
use floatrate::plans;
use floatrate::synth::{SynthOptions, employer};
use floatrate_engine::Lang;
use floatrate_engine::explain::explain;
use floatrate_engine::plan::catalog::Catalog;
use floatrate_engine::rating::{Rater, Width};
use floatrate_engine::receipt::{input_digest, result_digest};
use floatrate_engine::record::{Cause, ClaimOutcome, Date, Record};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

const EMPLOYERS: u64 = 10_000;
const CHUNK: usize = 256;

fn main() {
    let catalog = plans::load(None).unwrap_or_else(|why| panic!("{}", why.text()));
    let records = records(&catalog);
    let program = catalog.plan("cn-510400-2021").unwrap().compile("2026-01-01".parse().unwrap()).unwrap();
    let program = Arc::new(program);
    let rater = || Rater::new(Arc::clone(&program));
    let by_hand = ByHand::new();
    agree(&mut rater(), &by_hand, &records);

    let mut criterion = Criterion::default().configure_from_args();
    {
        let mut group = criterion.benchmark_group("one employer");
        let mut one = rater();
        group.bench_function("by hand", |b| b.iter(|| by_hand.rate(black_box(&records[0]))));
        group.bench_function("verdict", |b| b.iter(|| one.rate(black_box(&records[..1])).verdict(0)));
        group.bench_function("outcome", |b| b.iter(|| one.rate(black_box(&records[..1])).outcome(0)));
        group.bench_function("explanation", |b| {
            b.iter(|| explain(&one.rate(black_box(&records[..1])), 0, Lang::Zh));
        });
    }
    {
        let mut group = criterion.benchmark_group("batch");
        group.throughput(Throughput::Elements(EMPLOYERS)).sample_size(20);
        group.bench_function("by hand", |b| b.iter(|| sum_by_hand(&by_hand, &records)));
        for size in [1, 64, CHUNK, 1024] {
            let mut batch = rater();
            group.bench_with_input(BenchmarkId::new("verdicts, chunk of", size), &size, |b, size| {
                b.iter(|| verdicts(&mut batch, &records, *size));
            });
        }
        let mut batch = rater();
        group.bench_function("outcomes", |b| b.iter(|| outcomes(&mut batch, &records)));
        group.bench_function("outcomes with digests", |b| b.iter(|| digests(&mut batch, &records)));
        group.bench_function("explanations", |b| b.iter(|| explanations(&mut batch, &records)));
        for width in [Width::W128, Width::Big] {
            let mut wide = rater().at_least(width);
            group.bench_function(format!("verdicts, {width:?} forced"), |b| {
                b.iter(|| verdicts(&mut wide, &records, CHUNK));
            });
        }
    }
    criterion.final_summary();
    if std::env::args().any(|a| a == "--profile-time") {
        return;
    }

    let mut batch = rater();
    let hand = fastest(|| sum_by_hand(&by_hand, &records));
    let say = |name: &str, time: Duration| {
        println!("ratio to the hand-written loop: {name} {:.2}", time.as_secs_f64() / hand.as_secs_f64());
    };
    say("batch without trace (verdicts)", fastest(|| verdicts(&mut batch, &records, CHUNK)));
    say(
        "batch with trace read (outcomes: reasons, components, measures)",
        fastest(|| outcomes(&mut batch, &records)),
    );
    say("batch with digests", fastest(|| digests(&mut batch, &records)));
    say("batch with explanations", fastest(|| explanations(&mut batch, &records)));
    let mut wide = rater().at_least(Width::W128);
    say("batch without trace, 128 bits forced", fastest(|| verdicts(&mut wide, &records, CHUNK)));
    let mut big = rater().at_least(Width::Big);
    say("batch without trace, arbitrary precision forced", fastest(|| verdicts(&mut big, &records, CHUNK)));
}

/// The shortest of twenty runs.
fn fastest<T>(mut run: impl FnMut() -> T) -> Duration {
    let time = |run: &mut dyn FnMut() -> T| {
        let start = Instant::now();
        black_box(run());
        start.elapsed()
    };
    (0..20).map(|_| time(&mut run)).min().unwrap_or_default()
}

fn records(catalog: &Catalog) -> Vec<Record> {
    let options = SynthOptions {
        employers: EMPLOYERS,
        seed: 1,
        region: "510400".into(),
        first_year: 2023,
        last_year: 2025,
    };
    let record = |index| {
        let text = serde_json::to_string(&employer(&options, index)).unwrap();
        let record = Record::from_form(&json::parse(&text).unwrap(), catalog.declared()).unwrap();
        // The loop by hand knows no industries: both get the class.
        Record {
            employer: floatrate_engine::record::Employer {
                risk_class: Some(floatrate_engine::record::RiskClass(u8::try_from(index % 8).unwrap() + 1)),
                ..record.employer.clone()
            },
            ..record
        }
    };
    (0..EMPLOYERS).map(record).collect()
}

fn verdicts(rater: &mut Rater, records: &[Record], size: usize) -> i64 {
    let mut sum = 0;
    for part in records.chunks(size) {
        let chunk = rater.rate(part);
        for at in 0..part.len() {
            let verdict = chunk.verdict(at);
            sum += verdict.step + i64::try_from(verdict.rate.map_or(0, |r| r.mantissa())).unwrap_or(0);
        }
    }
    sum
}

fn outcomes(rater: &mut Rater, records: &[Record]) -> usize {
    let mut sum = 0;
    for part in records.chunks(CHUNK) {
        let chunk = rater.rate(part);
        sum += (0..part.len()).map(|at| chunk.outcome(at).reasons.len()).sum::<usize>();
    }
    sum
}

fn digests(rater: &mut Rater, records: &[Record]) -> u8 {
    let (mut sum, mut buffer) = (0, Vec::new());
    for part in records.chunks(CHUNK) {
        let chunk = rater.rate(part);
        for (at, record) in part.iter().enumerate() {
            let input = input_digest(chunk.program(), record, &mut buffer);
            sum ^= result_digest(chunk.program(), input, &chunk.outcome(at), &mut buffer).0[0];
        }
    }
    sum
}

fn explanations(rater: &mut Rater, records: &[Record]) -> usize {
    let mut sum = 0;
    for part in records.chunks(CHUNK) {
        let chunk = rater.rate(part);
        sum += (0..part.len()).map(|at| explain(&chunk, at, Lang::Zh).paragraphs.len()).sum::<usize>();
    }
    sum
}

fn sum_by_hand(by_hand: &ByHand, records: &[Record]) -> i64 {
    records.iter().map(|r| by_hand.rate(r)).map(|(_, step, rate)| step + rate).sum()
}

/// Panzhihua's rule for rating date 2026-01-01, written for this one plan: status, step, rate in 10^-5.
struct ByHand {
    start: Date,
    end: Date,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HandStatus {
    Rated,
    Kept,
    Review,
}

impl ByHand {
    fn new() -> Self {
        Self { start: "2023-01-01".parse().unwrap(), end: "2025-12-31".parse().unwrap() }
    }

    fn fact(record: &Record, name: &str) -> bool {
        let date: Date = Date::of_day_number(2_461_042);
        record.facts.iter().find(|f| f.name == name).and_then(|f| f.at(date)).is_some_and(|v| v.0 > 0)
    }

    fn rate(&self, record: &Record) -> (HandStatus, i64, i64) {
        const BASE: [i64; 8] = [200, 400, 700, 900, 1100, 1300, 1600, 1900];
        const TIER: [i64; 5] = [50, 80, 100, 120, 150];
        let class = usize::from(record.employer.risk_class.map_or(1, |c| c.0));
        let base = BASE[class - 1];
        if record.employer.insured_since.whole_months_to(self.end.plus_days(1)) < 36 {
            return (HandStatus::Kept, 0, base * 100);
        }
        let (mut contributions, mut covered, mut free_from) = (0_i64, 0_i64, i32::MIN);
        let (mut straddled, mut missing) = (false, false);
        let first = self.start.max(record.employer.insured_since);
        for period in &record.periods {
            if period.start >= self.start && period.end <= self.end {
                match period.contributions_paid {
                    Some(paid) => contributions += paid.0,
                    None => missing = true,
                }
            } else if period.start <= self.end && period.end >= self.start {
                straddled = true;
            }
            let from = period.start.max(first).day_number().max(free_from);
            let to = period.end.min(self.end).day_number();
            if to >= from {
                covered += i64::from(to - from + 1);
                free_from = to + 1;
            }
        }
        let needed = i64::from(self.end.day_number() - first.day_number() + 1).max(0);
        let (mut benefits, mut death) = (0_i64, false);
        for claim in &record.claims {
            let inside = |d: Date| d >= self.start && d <= self.end;
            let excluded = matches!(
                claim.cause,
                Cause::Commuting
                    | Cause::SuddenIllness
                    | Cause::Rescue
                    | Cause::EpidemicDuty
                    | Cause::MilitaryRelapse
                    | Cause::AwayOnDuty
            );
            if inside(claim.paid_on) && !excluded {
                benefits += claim.benefits_paid.0;
            }
            death |= inside(claim.date)
                && claim.count > 0
                && claim.outcome == ClaimOutcome::Fatal
                && claim.cause == Cause::WorkAccident;
        }
        if straddled || covered < needed || missing || contributions == 0 {
            return (HandStatus::Review, 0, base * 100);
        }
        let mut step = match () {
            () if benefits == 0 => -2,
            () if benefits * 2 <= contributions => -1,
            () if benefits <= contributions => 0,
            () if benefits * 2 <= contributions * 3 => 1,
            () => 2,
        };
        let vetoes = ["uncorrected_hazard", "blacklisted", "arrears_months", "concealed_payroll", "fraud"];
        if step < 0 && (death || class == 1 || vetoes.iter().any(|name| Self::fact(record, name))) {
            step = 0;
        }
        let tier = TIER[usize::try_from(step + 2).unwrap_or(2)];
        (HandStatus::Rated, step, (base * tier).max(BASE[0] * 100))
    }
}

/// Both give the same results, or the ratio means nothing.
fn agree(rater: &mut Rater, by_hand: &ByHand, records: &[Record]) {
    for part in records.chunks(CHUNK) {
        let chunk = rater.rate(part);
        for (at, record) in part.iter().enumerate() {
            let verdict = chunk.verdict(at);
            let (status, step, rate) = by_hand.rate(record);
            let same = format!("{status:?}") == format!("{:?}", verdict.status)
                && step == verdict.step
                && verdict.rate.and_then(|r| r.units(7)) == Some(rate);
            assert!(same, "{verdict:?} against {status:?} {step} {rate}: {record:?}");
        }
    }
}
