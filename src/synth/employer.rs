//! One employer from seed and index.

use floatrate_engine::number::Decimal;
use floatrate_engine::record::Date;

use super::claims;
use super::industry;
use super::options::SynthOptions;
use super::random::Random;
use super::record::{Employer, Facts, Period, Prior, Record};
use super::uscc;

/// Insured people: weight of 10,000, from, to. Median 8, mean about 45 (`china.md` 6).
const SIZES: [(u64, u64, u64); 11] = [
    (1_800, 1, 2),
    (2_000, 3, 5),
    (1_400, 6, 8),
    (1_700, 9, 15),
    (1_300, 16, 30),
    (818, 31, 60),
    (580, 61, 150),
    (230, 151, 400),
    (112, 401, 1_000),
    (52, 1_001, 3_000),
    (8, 3_001, 9_000),
];

/// Average wage of a year, in fen.
const WAGE_FEN: u64 = 7_000_000;

/// What makes a record need a person (`review`).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    None,
    MissingYear,
    Straddling,
    NoContributions,
    OpenIndustry,
}

impl Trouble {
    fn draw(random: &mut Random) -> Self {
        if !random.ppm(3_000) {
            return Self::None;
        }
        match random.below(4) {
            0 => Self::MissingYear,
            1 => Self::Straddling,
            2 => Self::NoContributions,
            _ => Self::OpenIndustry,
        }
    }
}

/// What stays the same over an employer's years.
struct Profile {
    base_ppm: u64,
    people: u64,
    wage_fen: u64,
    insured_since: Date,
    no_contributions: bool,
    gap_year: Option<i32>,
}

/// The employer `index` of `options`: the same whatever `options.employers` is, which this function does not read.
///
/// # Panics
///
/// When `options` do not pass [`SynthOptions::check`].
#[must_use]
pub fn employer(options: &SynthOptions, index: u64) -> Record {
    let (first, last) = (options.first_year, options.last_year);
    let mut random = Random::new(options.seed, index);
    let trouble = Trouble::draw(&mut random);
    let drawn = match trouble {
        Trouble::OpenIndustry => industry::draw_ambiguous(&mut random),
        _ => industry::draw(&mut random),
    };
    let (_, low, high) = SIZES[random.weighted(SIZES.iter().map(|(weight, ..)| *weight))];
    let people = random.between(low, high);
    let (kind, series) = industry::legal_form(drawn.division_2011, people, &mut random);

    let risk_class = match random.below(1_000) {
        _ if trouble == Trouble::OpenIndustry => None,
        0..=5 if drawn.class < 8 => Some(drawn.class + 1),
        0..=299 => Some(drawn.class),
        _ => drawn.ambiguous.then_some(drawn.class),
    };
    let class = risk_class.unwrap_or(drawn.class);
    // Where the region has three classes the record gives one of them: no map of industries says it.
    let rates = industry::base_rates_ppm(&options.region);
    let (rated_class, risk_class) = match (rates.len(), trouble) {
        (8, _) => (class, risk_class),
        (_, Trouble::OpenIndustry) => (industry::of_three(class), None),
        _ => (industry::of_three(class), Some(industry::of_three(class))),
    };
    let base_ppm = rates[usize::from(rated_class - 1)];
    let recent = random.percent(8);
    let insured_since = joined(&mut random, first, last, recent);
    let first_insured =
        (recent && random.percent(15)).then(|| insured_since.plus_months(-(random.between(12, 96) as i32)));
    let gap_year = (last > insured_since.year() && last > first && random.ppm(2_000)).then_some(last - 1);
    let profile = Profile {
        base_ppm,
        people,
        wage_fen: WAGE_FEN * random.around(65, 129 + if class == 1 { 40 } else { 0 }) / 100,
        insured_since,
        no_contributions: trouble == Trouble::NoContributions,
        gap_year,
    };
    let hazard_ppm = claims::hazard_ppm(&mut random, class, people);

    let last_day = day(last, 12, 31);
    let mut periods = Vec::new();
    let mut claims = Vec::new();
    for year in first.max(insured_since.year())..=last {
        let (period, people) = period(&mut random, &profile, year, first);
        if period.months_insured > 0 && !profile.no_contributions {
            claims::draw(&mut random, &mut claims, &period, people, hazard_ppm, last_day);
        }
        periods.push(period);
    }
    let facts = facts(&mut random, class, &periods);
    let prior = (!recent && random.percent(60)).then(|| prior(&mut random, rated_class, base_ppm));
    disturb(&mut random, trouble, &mut periods);

    Record {
        employer: Employer {
            id: uscc::code(kind, &options.region, series, options.seed, index),
            name: name(&options.region, index),
            region: options.region.clone(),
            industry: drawn.industry,
            risk_class,
            insured_since,
            first_insured,
            prior,
        },
        periods,
        claims,
        facts,
    }
}

fn day(year: i32, month: u32, day: u32) -> Date {
    Date::new(year, month, day).expect("years were checked and days are up to 28, or 31 December or March")
}

fn name(region: &str, index: u64) -> String {
    let place = if region.starts_with("5104") { "攀枝花" } else { "" };
    format!("{place}样例企业{index:06}")
}

/// Joining: inside the years asked for, or in the twenty years before; mostly on the first of a month.
fn joined(random: &mut Random, first: i32, last: i32, recent: bool) -> Date {
    let year = if recent {
        first + random.below((last - first) as u64 + 1) as i32
    } else {
        first - random.between(1, 20) as i32
    };
    let of_month = if random.percent(80) { 1 } else { random.between(2, 28) };
    day(year, random.between(1, 12) as u32, of_month as u32)
}

/// One calendar year, and its people as a whole number for drawing injuries.
fn period(random: &mut Random, profile: &Profile, year: i32, first_year: i32) -> (Period, u64) {
    let end = day(year, 12, 31);
    let start = day(year, 1, 1).max(profile.insured_since);
    if profile.gap_year == Some(year) && start.month() == 1 && start.day() == 1 {
        return (span(start, end, [0; 3], Decimal::ZERO, 0), 0);
    }
    let months = 13 - start.month();
    // Size wanders by a tenth, in quarters of a person: the average of four quarters' counts.
    let quarters = (profile.people * 4 * random.around(90, 110) / 100).max(1);
    let percent_wage = random.between(97, 103) + 3 * (year - first_year) as u64;
    let payroll = profile.wage_fen * percent_wage / 100 * quarters * u64::from(months) / 48;
    let payroll = if profile.no_contributions { 0 } else { payroll };
    let due = (payroll * profile.base_ppm + 500_000) / 1_000_000;
    let paid = if random.percent(97) { due } else { due * random.between(0, 999) / 1_000 };
    let headcount = Decimal::new(i128::from(quarters) * 25, 2);
    (span(start, end, [payroll, due, paid], headcount, months), quarters.div_ceil(4))
}

fn span(start: Date, end: Date, fen: [u64; 3], headcount: Decimal, months_insured: u32) -> Period {
    let [payroll, contributions_due, contributions_paid] = fen;
    Period { start, end, payroll, contributions_due, contributions_paid, headcount, months_insured }
}

fn disturb(random: &mut Random, trouble: Trouble, periods: &mut Vec<Period>) {
    match trouble {
        Trouble::MissingYear if periods.len() > 1 => {
            periods.remove(random.below(periods.len() as u64) as usize);
        }
        // The last row runs to the end of the next March.
        Trouble::MissingYear | Trouble::Straddling => {
            if let Some(last) = periods.last_mut() {
                last.end = day(last.end.year() + 1, 3, 31);
                last.months_insured += 3;
            }
        }
        Trouble::None | Trouble::NoContributions | Trouble::OpenIndustry => {}
    }
}

/// Facts, each given for a part of the employers. Who paid short in the last year is in arrears more often.
fn facts(random: &mut Random, class: u8, periods: &[Period]) -> Facts {
    let short = periods.last().is_some_and(|p| p.contributions_paid < p.contributions_due);
    let in_arrears = if short { random.percent(80) } else { random.ppm(5_000) };
    let months = if in_arrears { random.between(1, 6) } else { 0 };
    let mut flag =
        |given_percent, true_ppm| random.percent(given_percent).then_some(()).map(|()| random.ppm(true_ppm));
    let mut facts = Facts {
        arrears_months: None,
        blacklisted: flag(50, 3_000),
        concealed_payroll: flag(45, 5_000),
        fraud: flag(45, 1_000),
        uncorrected_hazard: flag(40, 2_000 * u64::from(class)),
        safety_certificate_grade: None,
        safety_certificate_used: None,
    };
    facts.arrears_months = (months > 0 || random.percent(55)).then_some(months);
    if class >= 3 && random.percent(40) {
        let grade = [0, 1, 2, 3][random.weighted([50, 3, 12, 35].into_iter())];
        facts.safety_certificate_grade = Some(grade);
        facts.safety_certificate_used = (grade > 0).then(|| random.percent(30));
    }
    facts
}

/// The result of the cycle before: a national tier, most often down, in class 1 never (`china.md` 1.2, 6).
fn prior(random: &mut Random, class: u8, base_ppm: u64) -> Prior {
    let tenths = match class {
        1 => [10, 12, 15][random.weighted([92, 6, 2].into_iter())],
        _ => [5, 8, 10, 12, 15][random.weighted([20, 35, 37, 6, 2].into_iter())],
    };
    let ppm = base_ppm * tenths / 10;
    let rate = Decimal::new(i128::from(ppm), 6);
    Prior { rate, tier: Decimal::new(i128::from(tenths), 1), unlimited_rate: rate }
}
