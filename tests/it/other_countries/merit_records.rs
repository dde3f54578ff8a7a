//! Records for the merit system: sizes, premiums and benefits near the bounds of the rule.

use super::merit::{Industry, Kind, NON_WORK};
use crate::oracle::dice::Dice;
use serde_json::{Value, json};

/// The rule's first table, with the codes of decisions.md: rates in 0.1 permil.
pub const INDUSTRIES: [Industry; 54] = [
    logging("forestry", 520),
    other("sea_fishing", 180),
    other("set_net_fishing", 370),
    other("metal_coal_mining", 880),
    other("limestone_dolomite", 130),
    other("oil_gas", 25),
    other("quarrying", 370),
    other("other_mining", 260),
    construction("hydro_tunnel", 340),
    construction("roads", 110),
    construction("paving", 90),
    construction("rail", 90),
    construction("buildings", 95),
    construction("equipment_in_buildings", 120),
    construction("machine_installation", 60),
    construction("other_construction", 150),
    other("food", 55),
    other("textile", 40),
    other("wood", 130),
    other("pulp_paper", 70),
    other("printing", 35),
    other("chemical", 45),
    other("glass_cement", 60),
    other("concrete", 130),
    other("ceramics", 170),
    other("other_ceramics_stone", 230),
    other("iron_steel_refining", 65),
    other("non_ferrous_refining", 70),
    other("metal_materials", 50),
    other("casting", 160),
    other("metal_products", 90),
    other("cutlery_tools", 65),
    other("plating", 65),
    other("machinery", 50),
    other("electrical", 30),
    other("transport_equipment", 40),
    other("ship", 230),
    other("instruments", 25),
    other("jewellery_leather", 35),
    other("other_manufacturing", 60),
    other("passenger_transport", 40),
    other("freight_transport", 85),
    port("port_cargo", 90),
    port("stevedoring", 120),
    other("power_gas_water_heat", 30),
    other("farming", 130),
    other("cleaning_cremation_slaughter", 130),
    other("building_maintenance", 60),
    other("warehouse_security", 65),
    other("communications_press", 25),
    other("wholesale_retail", 30),
    other("finance_insurance", 25),
    other("other_business", 30),
    owners("ship_owners", 420),
];

const fn of(code: &'static str, rate: u128, factor: u128, kind: Kind) -> Industry {
    Industry { code, rate, factor, kind }
}

const fn logging(code: &'static str, rate: u128) -> Industry {
    of(code, rate, 51, Kind::Logging)
}

const fn construction(code: &'static str, rate: u128) -> Industry {
    of(code, rate, 63, Kind::Construction)
}

const fn port(code: &'static str, rate: u128) -> Industry {
    of(code, rate, 63, Kind::Other)
}

const fn owners(code: &'static str, rate: u128) -> Industry {
    of(code, rate, 35, Kind::Other)
}

const fn other(code: &'static str, rate: u128) -> Industry {
    of(code, rate, 67, Kind::Other)
}

/// A fiscal year, in yen and people.
pub struct Year {
    pub headcount_halves: [u128; 2],
    pub due: u128,
    /// None: left out, so it follows the rates.
    pub non_work: Option<u128>,
}

pub struct Claim {
    pub paid: u128,
    /// A work accident or an occupational disease.
    pub counts: bool,
    /// Paid in the window.
    pub inside: bool,
}

pub struct Works {
    pub industry: Industry,
    pub years: [Year; 3],
    pub claims: Vec<Claim>,
    /// The special merit of small and medium employers was granted.
    pub special: bool,
    /// The calendar year of the rating date.
    pub rating_year: i64,
    insured: (i64, u8),
    missing: Option<usize>,
}

/// Ends of rows of the tables, in per cent.
const BOUNDS: [u128; 19] = [0, 5, 10, 20, 30, 40, 50, 60, 70, 75, 85, 90, 100, 110, 120, 130, 140, 150, 160];

impl Works {
    pub fn drawn(seed: u64, number: u64) -> Works {
        let mut dice = Dice::new("jp-merit", seed, number);
        let industry = dice.pick(&INDUSTRIES);
        let rating_year = dice.between(2025, 2028);
        let large = !dice.one_in(3);
        let years = [(); 3].map(|()| year(&mut dice, &industry, large));
        // Three years are whole from the window's first day on.
        let insured = if dice.one_in(15) { (rating_year - 4, dice.between(3, 6) as u8) } else { (1990, 4) };
        let missing = dice.one_in(25).then(|| dice.below(3) as usize);
        let special = dice.one_in(4);
        let mut works = Works { industry, years, claims: Vec::new(), special, rating_year, insured, missing };
        works.claims =
            claims(&mut dice, works.benefits_near_a_bound(&mut Dice::new("benefits", seed, number)));
        works
    }

    /// Benefits that make a ratio a yen below, at, or above a bound.
    fn benefits_near_a_bound(&self, dice: &mut Dice) -> u128 {
        let rate = self.industry.rate;
        let work: u128 = self
            .years
            .iter()
            .map(|year| {
                (year.due * rate)
                    .saturating_sub(year.non_work.map_or(year.due * NON_WORK, |part| part * rate))
            })
            .sum();
        let at = work * self.industry.factor * dice.pick(&BOUNDS) / (10_000 * rate);
        (at + u128::from(dice.below(3))).saturating_sub(1)
    }

    /// Whole months from the day of insurance to the window's end.
    pub fn months_insured(&self) -> i64 {
        (self.rating_year - 1 - self.insured.0) * 12 + 4 - i64::from(self.insured.1)
    }

    pub fn lacks_a_year(&self) -> bool {
        self.missing.is_some()
    }

    /// The years that the record has.
    pub fn known_years(&self) -> impl Iterator<Item = &Year> {
        self.years.iter().enumerate().filter(|(at, _)| Some(*at) != self.missing).map(|(_, year)| year)
    }

    /// Months of the window before the first day of insurance.
    fn joined_late(&self) -> u8 {
        if self.insured.0 == self.rating_year - 4 { self.insured.1.saturating_sub(4) } else { 0 }
    }

    pub fn record(&self) -> Value {
        let mut periods = Vec::new();
        for (at, year) in self.years.iter().enumerate().filter(|(at, _)| Some(*at) != self.missing) {
            let first = self.rating_year - 4 + at as i64;
            let halves = [
                (format!("{first}-04-01"), format!("{first}-09-30")),
                (format!("{first}-10-01"), format!("{}-03-31", first + 1)),
            ];
            for (half, (start, end)) in halves.into_iter().enumerate() {
                // The premium of a year is split unevenly, for its halves say nothing.
                let part = |whole: u128| if half == 0 { whole / 3 } else { whole - whole / 3 };
                // Who joins in May or June has no row before.
                let late = if at == 0 && half == 0 { self.joined_late() } else { 0 };
                let start = if late > 0 { format!("{first}-{:02}-01", 4 + late) } else { start };
                let mut row = json!({
                    "start": start, "end": end, "months_insured": 6 - late, "headcount": year.headcount_halves[half].to_string(),
                    "contributions_due": part(year.due) as u64,
                });
                if let Some(non_work) = year.non_work {
                    row["values"] = json!({ "non_work_share": part(non_work).to_string() });
                }
                periods.push(row);
            }
        }
        let claims = self.claims.iter().enumerate().map(|(at, claim)| {
            let year = if claim.inside { self.rating_year - 2 } else { self.rating_year };
            let causes = if claim.counts { ["work_accident", "occupational_disease"] } else { ["commuting", "other"] };
            json!({
                "id": at.to_string(), "date": format!("{}-05-02", self.rating_year - 3), "cause": causes[at % 2],
                "outcome": "temporary", "paid_on": format!("{year}-05-02"), "benefits_paid": claim.paid as u64,
            })
        });
        json!({
            "employer": {
                "id": "A", "industry": { "standard": "jp", "code": self.industry.code },
                "insured_since": format!("{}-{:02}-01", self.insured.0, self.insured.1),
            },
            "periods": periods, "claims": claims.collect::<Vec<_>>(), "facts": { "sme_special_merit": self.special },
        })
    }
}

fn year(dice: &mut Dice, industry: &Industry, large: bool) -> Year {
    // Near 100, near 20, near the product of 0.4, or anything.
    let near = match dice.below(4) {
        0 => 100,
        1 => 20,
        2 => (4_000 / (industry.rate - NON_WORK)).clamp(1, 200),
        _ => u128::from(dice.below(300)) + 1,
    };
    let headcount = if large { near + 100 } else { near };
    let halves = [headcount + u128::from(dice.below(2)), headcount.saturating_sub(u128::from(dice.below(2)))];
    let due = match dice.below(6) {
        0 => 400_000 - u128::from(dice.below(2)),
        1 => 1_000_000 - u128::from(dice.below(2)),
        2 => u128::from(dice.below(1_000_000)),
        // Whole ten thousands, so that a ratio can lie on a bound.
        3 => (u128::from(dice.below(5_000)) + 1) * 10_000,
        4 if dice.one_in(4) => 0,
        _ => u128::from(dice.below(3_000_000_000)),
    };
    let non_work = match dice.below(4) {
        0 => Some(0),
        1 => Some(due / 10),
        _ => None,
    };
    Year { headcount_halves: halves, due, non_work }
}

/// Counted benefits in a few pieces, and some that must not count.
fn claims(dice: &mut Dice, benefits: u128) -> Vec<Claim> {
    let first = benefits / (u128::from(dice.below(3)) + 1);
    let mut claims = vec![
        Claim { paid: first, counts: true, inside: true },
        Claim { paid: benefits - first, counts: true, inside: true },
    ];
    if dice.one_in(3) {
        claims.push(Claim { paid: u128::from(dice.below(1_000_000)) + 1, counts: false, inside: true });
    }
    if dice.one_in(3) {
        claims.push(Claim { paid: u128::from(dice.below(1_000_000)) + 1, counts: true, inside: false });
    }
    dice.shuffle(&mut claims);
    claims
}
