//! Records are valid, repeatable and shaped like a real area; the formats agree.

use std::collections::BTreeSet;

use floatrate_engine::limits;
use floatrate_engine::record::{Cause, ClaimOutcome};
use proptest::prelude::{ProptestConfig, any, proptest};

use super::industry::BASE_RATES_PPM;
use super::{EMPLOYERS_MAX, Format, Record, SynthOptions, check_digit, employer, records, write};

fn options(employers: u64) -> SynthOptions {
    SynthOptions { employers, seed: 42, region: "510400".into(), first_year: 2023, last_year: 2025 }
}

/// What the contract asks of any record.
fn assert_valid(record: &Record, options: &SynthOptions) {
    let e = &record.employer;
    assert_eq!(check_digit(&e.id[..17]), e.id.chars().last(), "{}", e.id);
    assert_eq!((e.id.len(), &e.id[2..8], &e.region), (18, options.region.as_str(), &options.region));
    assert!(e.name.contains("样例") && e.name.chars().count() <= limits::NAME_CHARS_MAX);
    assert!(e.risk_class.is_none_or(|class| (1..=8).contains(&class)));
    assert!(e.first_insured.is_none_or(|first| first < e.insured_since && first.year() >= limits::YEAR_MIN));
    for pair in record.periods.windows(2) {
        assert!(pair[0].end < pair[1].start, "{}: periods overlap", e.id);
    }
    for p in &record.periods {
        assert!(p.start <= p.end && e.insured_since <= p.start && p.end.year() <= limits::YEAR_MAX);
        assert!(p.contributions_paid <= p.contributions_due && p.contributions_due <= p.payroll);
        assert!(p.payroll <= limits::AMOUNT_MAX.unsigned_abs() && p.months_insured <= 15);
        assert!(p.headcount.places() <= limits::HEADCOUNT_PLACES && p.headcount.mantissa() >= 0);
    }
    assert!(record.claims.len() <= limits::CLAIMS_MAX);
    let mut injuries = BTreeSet::new();
    for c in &record.claims {
        assert!(e.insured_since <= c.date && c.date.year() <= options.last_year, "{}: {c:?}", e.id);
        assert!(c.paid_on.is_none_or(|day| c.date < day && day.year() <= options.last_year));
        assert_eq!(c.paid_on.is_some(), c.benefits_paid > 0 && c.reserve == 0, "{}: {c:?}", e.id);
        assert_eq!(
            c.count == 1,
            injuries.insert(c.id.as_str()),
            "{}: {c:?} repeats or lacks its injury",
            e.id
        );
        assert!(c.benefits_paid + c.reserve <= 1_000_000_000_000 && c.benefits_paid + c.reserve > 0);
        assert!(c.cause != Cause::SuddenIllness || c.outcome == ClaimOutcome::Fatal);
    }
}

#[test]
fn an_area_looks_like_one() {
    let options = options(20_000);
    let (mut ids, mut classes, mut sizes) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    let (mut without, mut given, mut recent, mut injuries, mut people) = (0, 0, 0, 0, 0);
    let (mut paid_in_full, mut periods, mut accidents, mut further, mut reserved) = (0, 0, 0, 0, 0);
    let (mut benefits, mut contributions, mut payroll) = (0_u64, 0_u64, 0_u64);
    for record in records(&options) {
        assert_valid(&record, &options);
        without += u32::from(record.claims.is_empty());
        given += u32::from(record.employer.risk_class.is_some());
        recent += u32::from(record.employer.insured_since.year() >= options.first_year);
        for p in &record.periods {
            periods += 1;
            paid_in_full += u32::from(p.contributions_paid == p.contributions_due);
            people += p.headcount.units(2).unwrap();
            contributions += p.contributions_paid;
            payroll += p.payroll;
            if let Some(ppm) = (p.contributions_due * 1_000_000 + p.payroll / 2).checked_div(p.payroll)
                && let Some(place) = BASE_RATES_PPM.iter().position(|rate| rate.abs_diff(ppm) <= 5)
            {
                classes.insert(place + 1);
            }
        }
        for c in &record.claims {
            injuries += i64::from(c.count);
            accidents += i64::from(c.count == 1 && c.cause == Cause::WorkAccident);
            further += u32::from(c.count == 0);
            reserved += u32::from(c.reserve > 0);
            benefits += c.benefits_paid;
        }
        sizes.extend(record.periods.last().map(|p| p.headcount.units(2).unwrap()));
        assert!(ids.insert(record.employer.id));
    }
    sizes.sort_unstable();
    let median = sizes[sizes.len() / 2];
    println!(
        "without claims {without} of 20000, class given {given}, recent {recent}, median {median}/100, \
         mean {}/100, largest {}, injuries {injuries} in {} person-years, accidents {accidents}, \
         further {further}, reserved {reserved}, paid in full {paid_in_full} of {periods}, \
         benefits {benefits} of contributions {contributions} of payroll {payroll}",
        people / i64::from(periods),
        sizes[sizes.len() - 1],
        people / 100
    );
    assert!((17_800..19_000).contains(&without), "{without} of 20000 without claims");
    assert_eq!(classes.into_iter().collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert!((5_600..6_600).contains(&given) && (1_400..1_800).contains(&recent), "{given} {recent}");
    assert!((700..=900).contains(&median) && sizes[sizes.len() - 1] > 300_000, "{median}");
    let mean = people / i64::from(periods);
    assert!((4_000..5_000).contains(&mean), "{mean}");
    let rate_ppm = injuries * 100_000_000 / people;
    assert!((3_600..5_000).contains(&rate_ppm), "{rate_ppm} injuries for a million people and year");
    assert!((70..80).contains(&(accidents * 100 / injuries)), "{accidents} of {injuries}");
    assert!((96..=98).contains(&(paid_in_full * 100 / periods)), "{paid_in_full} of {periods}");
    assert!((40..110).contains(&(benefits * 100 / contributions)), "{benefits} of {contributions}");
    assert!(further > 0 && reserved > 0);
}

#[test]
fn some_need_a_person() {
    let options = options(60_000);
    let (mut missing, mut straddling, mut unpaid, mut open, mut gaps) = (0, 0, 0, 0, 0);
    for record in records(&options) {
        let e = &record.employer;
        let years = options.last_year - e.insured_since.year().max(options.first_year) + 1;
        missing += u32::from(record.periods.len() != usize::try_from(years).unwrap());
        straddling += u32::from(record.periods.iter().any(|p| p.end.year() > options.last_year));
        unpaid += u32::from(record.periods.iter().all(|p| p.contributions_due == 0));
        let unclear = e.industry.standard == "2017" && matches!(e.industry.code.as_str(), "59" | "79");
        open += u32::from(unclear && e.risk_class.is_none());
        gaps += u32::from(record.periods.iter().any(|p| p.months_insured == 0));
    }
    for count in [missing, straddling, unpaid, open] {
        assert!((20..80).contains(&count), "{missing} {straddling} {unpaid} {open}");
    }
    assert!((60..180).contains(&gaps), "{gaps}");
}

#[test]
fn a_known_seed_gives_known_bytes() {
    let bytes: Vec<u8> = records(&options(2_000)).flat_map(|r| serde_json::to_vec(&r).unwrap()).collect();
    let hash = bytes
        .iter()
        .fold(0xCBF2_9CE4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x100_0000_01B3));
    // FNV-1a of the lines. A change here changes every area that a seed stands for: say so in the change log.
    assert_eq!(format!("{hash:016x}"), "4f61343f58c58077", "{}", bytes.len());
}

#[test]
fn json_has_the_contracts_keys_in_order() {
    let line = serde_json::to_string(&employer(&options(1), 0)).unwrap();
    let keys = [
        "employer",
        "id",
        "name",
        "region",
        "industry",
        "standard",
        "code",
        "insured_since",
        "periods",
        "start",
        "end",
        "payroll",
        "contributions_due",
        "contributions_paid",
        "headcount",
        "months_insured",
        "claims",
        "facts",
    ];
    let places: Vec<_> = keys.iter().map(|key| line.find(&format!("\"{key}\":")).expect(key)).collect();
    assert!(places.is_sorted(), "{line}");
    assert!(!line.contains("null"), "{line}");
}

#[test]
fn both_formats_describe_the_same_employers() {
    let options = options(3_000);
    let folder = tempfile::tempdir().unwrap();
    let jsonl = write(&options, &folder.path().join("new/jsonl"), Format::Jsonl).unwrap();
    let csv = write(&options, folder.path(), Format::Csv).unwrap();
    let counts = (csv.employers, csv.periods, csv.claims);
    assert_eq!((jsonl.employers, jsonl.periods, jsonl.claims), counts);

    let mut from_csv = Vec::new();
    for (file, columns) in csv.files.iter().zip([
        &[][..],
        &["payroll", "contributions_due", "contributions_paid"],
        &["count", "benefits_paid", "reserve"],
    ]) {
        let mut reader = csv::Reader::from_path(file).unwrap();
        let headers = reader.headers().unwrap().clone();
        let at = |name: &str| headers.iter().position(|h| h == name).expect("column");
        let (mut rows, mut sums) = (0_u64, vec![0_u64; columns.len()]);
        for row in reader.records().map(Result::unwrap) {
            rows += 1;
            for (sum, name) in sums.iter_mut().zip(columns) {
                *sum += row[at(name)].parse::<u64>().unwrap();
            }
        }
        from_csv.push((rows, sums));
    }
    assert_eq!((from_csv[0].0, from_csv[1].0, from_csv[2].0), counts);

    let mut sums = [[0_u64; 3]; 2];
    let text = std::fs::read_to_string(&jsonl.files[0]).unwrap();
    for line in text.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        for (place, list, columns) in [
            (0, "periods", ["payroll", "contributions_due", "contributions_paid"]),
            (1, "claims", ["count", "benefits_paid", "reserve"]),
        ] {
            for row in value[list].as_array().unwrap() {
                for (sum, name) in sums[place].iter_mut().zip(columns) {
                    *sum += row[name].as_u64().unwrap();
                }
            }
        }
    }
    assert_eq!((from_csv[1].1.as_slice(), from_csv[2].1.as_slice()), (&sums[0][..], &sums[1][..]));
    assert_eq!(text.lines().count() as u64, options.employers);
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        4,
        "three files, a folder, nothing partial"
    );
}

#[test]
fn wrong_options_are_named() {
    let good = options(1);
    for (bad, named) in [
        (SynthOptions { employers: EMPLOYERS_MAX + 1, ..good.clone() }, "employers"),
        (SynthOptions { region: "5104".into(), ..good.clone() }, "5104"),
        (SynthOptions { region: "五一".into(), ..good.clone() }, "region"),
        (SynthOptions { first_year: 2026, ..good.clone() }, "first year 2026"),
        (SynthOptions { first_year: 1900, ..good.clone() }, "1900"),
        (SynthOptions { first_year: 1960, ..good.clone() }, "50 years"),
        (SynthOptions { last_year: 2200, ..good.clone() }, "2200"),
    ] {
        let error = write(&bad, std::path::Path::new("/nonexistent"), Format::Csv).unwrap_err();
        assert!(error.is_usage() && error.to_string().contains(named), "{error}");
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    assert!(!write(&good, file.path(), Format::Jsonl).unwrap_err().is_usage());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_options_give_valid_records(
        seed in any::<u64>(), first_year in 1930..2199_i32, years in 0..50_i32, region in 0..1_000_000_u32,
        index in 0..EMPLOYERS_MAX,
    ) {
        let options = SynthOptions {
            employers: EMPLOYERS_MAX, seed, region: format!("{region:06}"), first_year,
            last_year: (first_year + years).min(2199),
        };
        options.check().unwrap();
        assert_valid(&employer(&options, index), &options);
    }

    #[test]
    fn employers_do_not_depend_on_their_number(seed in any::<u64>(), few in 1..50_u64, more in 0..50_u64) {
        let of = |employers| records(&SynthOptions { seed, ..options(employers) }).collect::<Vec<_>>();
        let all = of(few + more);
        assert_eq!(of(few), all[..few as usize]);
        assert_eq!(all.iter().map(|r| &r.employer.id).collect::<BTreeSet<_>>().len(), all.len());
    }
}

/// The encoded regions of three classes: the class is given, and contributions are at its base rate.
#[test]
fn regions_of_three_classes_have_them() {
    for region in ["340400", "370600", "410100", "410900"] {
        let options = SynthOptions {
            employers: 2_000,
            seed: 5,
            region: region.to_owned(),
            first_year: 2013,
            last_year: 2015,
        };
        let records: Vec<_> = (0..options.employers).map(|at| employer(&options, at)).collect();
        let given: BTreeSet<_> = records.iter().filter_map(|r| r.employer.risk_class).collect();
        assert_eq!(given, BTreeSet::from([1, 2, 3]), "{region}");
        let open = records.iter().filter(|r| r.employer.risk_class.is_none()).count();
        assert!(open < 10, "{region}: {open} without a class");
        for record in &records {
            for period in record.periods.iter().filter(|p| p.payroll > 1_000_000) {
                let rate = 10_000 * period.contributions_due / period.payroll;
                assert!((39..=201).contains(&rate), "{region}: {rate} of 10,000");
            }
        }
    }
}
