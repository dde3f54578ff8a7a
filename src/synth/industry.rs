//! Industries: divisions of GB/T 4754 with the risk class of the annex of 人社部发〔2015〕71号 (`china.md` 2).

use super::random::Random;
use super::record::Industry;

/// Risk class and weight of the divisions 01 to 96 of GB/T 4754-2011, ten a line. The weights are ours: an
/// ordinary city, with every class present.
#[rustfmt::skip]
const DIVISIONS: [(u8, u16); 96] = [
    (4, 60), (5, 20), (4, 40), (6, 12), (4, 40), (8, 30), (7, 6), (8, 20), (8, 10), (8, 45),
    (5, 12), (7, 4), (3, 120), (3, 70), (3, 50), (3, 2), (3, 60), (4, 70), (4, 30), (3, 50),
    (5, 50), (5, 30), (4, 45), (3, 40), (7, 20), (6, 80), (4, 35), (4, 6), (4, 80), (6, 130),
    (6, 30), (6, 25), (4, 150), (4, 140), (4, 100), (4, 60), (4, 15), (4, 80), (3, 60), (3, 20),
    (3, 25), (4, 20), (4, 40), (4, 50), (4, 15), (3, 20), (6, 120), (6, 130), (5, 90), (5, 170),
    (2, 1150), (2, 1050), (4, 4), (5, 200), (5, 8), (4, 4), (4, 2), (5, 70), (2, 40), (2, 40),
    (2, 130), (2, 420), (2, 30), (2, 70), (1, 350), (1, 60), (1, 20), (1, 40), (1, 40), (2, 280),
    (2, 120), (2, 900), (2, 60), (2, 330), (1, 260), (3, 20), (3, 40), (3, 90), (2, 230), (3, 190),
    (2, 90), (2, 360), (2, 220), (1, 90), (2, 15), (1, 40), (2, 110), (4, 40), (3, 90), (1, 60),
    (1, 280), (1, 8), (1, 25), (1, 180), (1, 160), (1, 1),
];

/// Weight of the division 79 that is new in 2017, land management (土地管理业).
const LAND_MANAGEMENT: u16 = 15;

/// National base rates of the classes 1 to 8 in millionths of the payroll (71号, `china.md` 1.2).
pub(super) const BASE_RATES_PPM: [u64; 8] = [2_000, 4_000, 7_000, 9_000, 11_000, 13_000, 16_000, 19_000];

/// Regions that are encoded with the three classes of 劳社部发〔2003〕29号, and their base rates in millionths: Huainan,
/// Yantai, Zhengzhou, Puyang (`china.md` 1.4, 3.7, 3.8, 3.9, 3.12).
const THREE_CLASSES: [(&str, [u64; 3]); 4] = [
    ("340400", [5_000, 10_000, 20_000]),
    ("370600", [5_000, 10_000, 20_000]),
    ("410100", [4_000, 9_000, 18_000]),
    ("410900", [5_000, 10_000, 20_000]),
];

/// The base rates of a region's classes in millionths, class 1 first.
pub(super) fn base_rates_ppm(region: &str) -> &'static [u64] {
    THREE_CLASSES.iter().find(|(code, _)| *code == region).map_or(&BASE_RATES_PPM, |(_, rates)| rates)
}

/// The class of 29号 that an industry of the eight classes most likely had. The split is ours.
pub(super) const fn of_three(class: u8) -> u8 {
    match class {
        1 => 1,
        2..=4 => 2,
        _ => 3,
    }
}

/// An industry as drawn.
pub(super) struct Drawn {
    /// As the record shows it.
    pub industry: Industry,
    /// The division's place in the edition of 2011, 1 to 96; land management counts as 78.
    pub division_2011: u8,
    /// Risk class of the annex, or a local ruling's where the annex has no answer.
    pub class: u8,
    /// The edition's map has no single answer: the record must give the class.
    pub ambiguous: bool,
}

fn drawn(standard: &'static str, code: u8, division_2011: u8, class: u8, ambiguous: bool) -> Drawn {
    Drawn { industry: Industry { standard, code: format!("{code:02}") }, division_2011, class, ambiguous }
}

/// Draws an industry of either edition.
pub(super) fn draw(random: &mut Random) -> Drawn {
    let edition_2017 = random.percent(70);
    let extra = if edition_2017 { LAND_MANAGEMENT } else { 0 };
    let weights = DIVISIONS.iter().map(|(_, weight)| *weight).chain([extra]).map(u64::from);
    let place = random.weighted(weights);
    let Some((class, _)) = DIVISIONS.get(place) else { return drawn("2017", 79, 78, 2, true) };
    let division = place as u8 + 1;
    match (edition_2017, division) {
        (false, _) => drawn("2011", division, division, *class, false),
        // 2017 merges handling (2011: 58, class 5) and storage (59, class 2) into 59.
        (true, 58) if random.percent(60) => drawn("2017", 59, 58, 5, true),
        (true, 59) => drawn("2017", 59, 59, 2, true),
        (true, 1..=78) => drawn("2017", division, division, *class, false),
        // Everything behind the new 79 moved by one.
        (true, _) => drawn("2017", division + 1, division, *class, false),
    }
}

/// An industry without a single answer in the annex: 59 or 79 of 2017.
pub(super) fn draw_ambiguous(random: &mut Random) -> Drawn {
    if random.percent(80) { drawn("2017", 59, 59, 2, true) } else { drawn("2017", 79, 78, 2, true) }
}

/// Registering department with entity type, and the letters that begin the organisation code, for an employer of a
/// division and size: organs, public institutions, associations, cooperatives, sole traders, enterprises.
pub(super) fn legal_form(
    division_2011: u8,
    headcount: u64,
    random: &mut Random,
) -> (&'static str, &'static str) {
    match division_2011 {
        90..=93 => ("11", "MB"),
        76..=78 | 82..=85 if random.percent(45) => ("12", "MB"),
        82..=84 if random.percent(40) => ("52", "MJ"),
        94 => ("51", "MJ"),
        1..=5 if random.percent(30) => ("93", "MA"),
        51 | 52 | 61 | 62 | 79..=81 if headcount <= 7 && random.percent(50) => ("92", "MA"),
        _ => ("91", "MA"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_annex_has_so_many_divisions_a_class() {
        let of = |class: u8| DIVISIONS.iter().filter(|(c, _)| *c == class).count();
        assert_eq!([1, 2, 3, 4, 5, 6, 7, 8].map(of), [15, 19, 16, 23, 9, 7, 3, 4]);
    }

    #[test]
    fn both_editions_name_the_same_industry() {
        let mut random = Random::new(5, 5);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..200_000 {
            let drawn = draw(&mut random);
            seen.insert((drawn.industry.standard, drawn.industry.code.clone()));
            let code: u8 = drawn.industry.code.parse().unwrap();
            let shifted = u8::from(drawn.industry.standard == "2017" && code >= 79);
            let merged = drawn.industry.standard == "2017" && code == 59;
            assert!(merged || code - shifted == drawn.division_2011);
            assert_eq!(drawn.ambiguous, drawn.industry.standard == "2017" && (code == 59 || code == 79));
        }
        assert_eq!(seen.len(), 96 + 97);
    }
}
