//! Injuries: how many, why, how they end, what they cost and when it is paid.

use floatrate_engine::record::{Cause, ClaimOutcome, Date};

use super::random::Random;
use super::record::{Claim, Period};

/// Injuries a year for a million insured people: 0.43 % (`china.md` 6, Liaoning 2012).
const INJURIES_PPM: u64 = 4_300;
/// Injuries of a class, in hundredths of the average; ours, near the steps of the base rates.
const CLASS_PERCENT: [u64; 8] = [35, 60, 130, 150, 200, 260, 250, 420];
/// No employer has more injuries a year than 5 % of its people.
const INJURIES_PPM_MAX: u64 = 50_000;
/// How dangerous an employer is among its like, for all its years: weight, hundredths of the class's injuries. The
/// spread is what an experience rate is there to find, and leaves most employers without a claim.
const FRAILTY: [(u64, u64); 3] = [(70, 8), (22, 100), (8, 905)];

/// Weights of the grounds, of 1,000; ours.
const CAUSES: [(Cause, u64); 10] = [
    (Cause::WorkAccident, 750),
    (Cause::Commuting, 150),
    (Cause::SuddenIllness, 8),
    (Cause::OccupationalDisease, 25),
    (Cause::Rescue, 4),
    (Cause::EpidemicDuty, 2),
    (Cause::MilitaryRelapse, 1),
    (Cause::AwayOnDuty, 32),
    (Cause::ThirdParty, 13),
    (Cause::Other, 15),
];

/// An outcome: weight of 10,000; treatment costs in yuan before their tail; months of wages paid at once; weeks to
/// the payment; a pension afterwards, in hundredths of the wage.
struct Ending(ClaimOutcome, u64, u64, u64, (u64, u64), u64);

/// Lump sums by grade and pensions follow articles 35 to 39 of 工伤保险条例, from memory; the subsidy that the fund
/// pays when grades 5 to 10 leave is in the months. Weights: 56 % get a grade (`china.md` 6).
const ENDINGS: [Ending; 13] = [
    Ending(ClaimOutcome::MedicalOnly, 1_550, 1_500, 0, (2, 16), 0),
    Ending(ClaimOutcome::Temporary, 2_730, 5_000, 0, (4, 26), 0),
    Ending(ClaimOutcome::Disability10, 3_000, 8_000, 8, (12, 52), 0),
    Ending(ClaimOutcome::Disability9, 1_300, 10_000, 11, (12, 52), 0),
    Ending(ClaimOutcome::Disability8, 600, 14_000, 14, (14, 60), 0),
    Ending(ClaimOutcome::Disability7, 350, 18_000, 17, (14, 60), 0),
    Ending(ClaimOutcome::Disability6, 150, 25_000, 22, (18, 70), 0),
    Ending(ClaimOutcome::Disability5, 100, 30_000, 26, (18, 70), 0),
    Ending(ClaimOutcome::Disability4, 60, 50_000, 21, (20, 70), 75),
    Ending(ClaimOutcome::Disability3, 35, 60_000, 23, (20, 70), 80),
    Ending(ClaimOutcome::Disability2, 25, 80_000, 25, (20, 70), 85),
    Ending(ClaimOutcome::Disability1, 20, 100_000, 27, (20, 70), 90),
    Ending(ClaimOutcome::Fatal, 80, 10_000, 6, (6, 40), 30),
];

/// The one-off payment at death: 20 annual incomes of about 50,000 yuan, in fen.
const DEATH_PAYMENT_FEN: u64 = 100_000_000;

/// The chance of an injury of one person in one year, in millionths, for the whole life of an employer.
pub(super) fn hazard_ppm(random: &mut Random, class: u8, headcount: u64) -> u64 {
    // Small employers report less, large ones more; ours, set so that an area as a whole has its 0.43 %.
    let reported = match headcount {
        0..=20 => 65,
        21..=400 => 100,
        _ => 165,
    };
    let (_, frailty) = FRAILTY[random.weighted(FRAILTY.iter().map(|(weight, _)| *weight))];
    let class = CLASS_PERCENT[usize::from(class - 1)];
    (INJURIES_PPM * class * frailty * reported / 1_000_000).min(INJURIES_PPM_MAX)
}

/// Adds the injuries of one period. Money that falls due after `last_day` is not yet paid.
pub(super) fn draw(
    random: &mut Random,
    claims: &mut Vec<Claim>,
    period: &Period,
    people: u64,
    hazard_ppm: u64,
    last_day: Date,
) {
    let months = u64::from(period.months_insured);
    let injuries = random.successes(people, hazard_ppm * months / 12);
    let month_wage_fen = if injuries == 0 { 0 } else { period.payroll / (people * months) };
    let days = (period.end.day_number() - period.start.day_number()).unsigned_abs();
    for number in 1..=injuries {
        let date = period.start.plus_days(random.between(0, u64::from(days)) as i32);
        let id = format!("{}-{number}", period.start.year());
        injury(random, claims, id, date.min(last_day), month_wage_fen, last_day);
    }
}

fn injury(
    random: &mut Random,
    claims: &mut Vec<Claim>,
    id: String,
    date: Date,
    month_wage_fen: u64,
    last_day: Date,
) {
    let (cause, _) = CAUSES[random.weighted(CAUSES.iter().map(|(_, weight)| *weight))];
    let place = match cause {
        // Recognised only when the illness kills within 48 hours.
        Cause::SuddenIllness => ENDINGS.len() - 1,
        _ => random.weighted(ENDINGS.iter().map(|ending| ending.1)),
    };
    let Ending(outcome, _, costs_yuan, months, (weeks_low, weeks_high), pension_percent) = ENDINGS[place];
    let death = if outcome == ClaimOutcome::Fatal { DEATH_PAYMENT_FEN } else { 0 };
    let amount = costs_fen(random, costs_yuan) + months * month_wage_fen + death;
    let paid_on = date.plus_days(random.between(weeks_low * 7, weeks_high * 7) as i32);
    let paid = paid_on <= last_day;
    let row = Claim {
        id,
        date,
        cause,
        outcome,
        count: 1,
        paid_on: paid.then_some(paid_on),
        benefits_paid: if paid { amount } else { 0 },
        reserve: if paid { 0 } else { amount },
    };
    let pension_fen = 12 * month_wage_fen * pension_percent / 100;
    let late_bill = pension_fen == 0 && random.percent(8);
    let further = |paid_on: Date, benefits_paid: u64| Claim {
        count: 0,
        paid_on: Some(paid_on),
        benefits_paid,
        reserve: 0,
        ..row.clone()
    };
    let mut later = Vec::new();
    if late_bill {
        let day = paid_on.plus_days(random.between(120, 500) as i32);
        later.push(further(day, costs_fen(random, costs_yuan / 3)));
    } else if pension_fen > 0 {
        let years = last_day.year() - paid_on.year();
        later.extend((1..=years).map(|year| further(paid_on.plus_months(12 * year), pension_fen)));
    }
    claims.push(row);
    claims.extend(later.into_iter().filter(|claim| claim.paid_on <= Some(last_day)));
}

/// Treatment costs: half to one and a half times the table's, doubled again and again for a quarter each time.
fn costs_fen(random: &mut Random, costs_yuan: u64) -> u64 {
    let mut fen = costs_yuan * random.between(50, 150);
    for _ in 0..6 {
        if !random.percent(25) {
            break;
        }
        fen *= 2;
    }
    fen
}
