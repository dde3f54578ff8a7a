use super::*;
use proptest::prelude::*;

const CALENDAR: &str = include_str!("../../tests/data/calendar-for-tests.csv");

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// From, days, expected last day, expected uncertain years.
#[test]
fn deadlines_of_a_calendar() {
    let calendar = Calendar::parse(CALENDAR).unwrap();
    assert_eq!(calendar.years(), Some(2025..=2026));
    for (from, days, last, uncertain) in [
        // No day at all is the day itself, also on a Sunday.
        ("2025-06-01", 0, "2025-06-01", &[][..]),
        // Friday: the first working day is Monday.
        ("2025-06-06", 1, "2025-06-09", &[]),
        // Saturday and Sunday count like Friday.
        ("2025-06-07", 1, "2025-06-09", &[]),
        ("2025-06-08", 1, "2025-06-09", &[]),
        ("2025-06-09", 5, "2025-06-16", &[]),
        ("2025-06-09", 15, "2025-06-30", &[]),
        // A Monday and Tuesday off, and the Saturday worked: 03-05, 03-06, 03-07, 03-08, 03-10.
        ("2025-02-28", 1, "2025-03-05", &[]),
        ("2025-02-28", 4, "2025-03-08", &[]),
        ("2025-02-28", 5, "2025-03-10", &[]),
        // From a day off; from a Saturday that is worked.
        ("2025-03-03", 1, "2025-03-05", &[]),
        ("2025-03-08", 1, "2025-03-10", &[]),
        // Over the new year of two known years: 01-04 is a Sunday that is worked.
        ("2025-12-30", 1, "2026-01-04", &[]),
        ("2025-12-30", 2, "2026-01-05", &[]),
        // Into a year that is not known: its first Friday may be a holiday.
        ("2026-12-30", 1, "2026-12-31", &[]),
        ("2026-12-31", 1, "2027-01-01", &[2027]),
        ("2026-12-25", 15, "2027-01-15", &[2027]),
        // Out of one.
        ("2024-12-30", 1, "2024-12-31", &[2024]),
        ("2024-12-31", 1, "2025-01-02", &[]),
        ("2024-12-30", 2, "2025-01-02", &[2024]),
        // All of a known span, with a year that is not known at either end.
        ("2024-12-30", 600, "2027-04-23", &[2024, 2027]),
        // The end of the calendar.
        ("9999-12-31", 1, "9999-12-31", &[9999]),
        ("9999-12-30", 9, "9999-12-31", &[9999]),
    ] {
        let deadline = calendar.add_working_days(date(from), days);
        let expected = Deadline { date: date(last), uncertain_years: uncertain.to_vec() };
        assert_eq!(deadline, expected, "{days} working days from {from}");
        assert_eq!(deadline.is_certain(), uncertain.is_empty());
    }
}

#[test]
fn the_largest_number_of_days_ends() {
    let deadline = Calendar::default().add_working_days(date("9990-01-01"), u32::MAX);
    assert_eq!(deadline.date, date("9999-12-31"));
    assert_eq!(deadline.uncertain_years, (9990..=9999).collect::<Vec<_>>());
}

#[test]
fn without_a_calendar_nothing_is_certain() {
    let deadline = Calendar::default().add_working_days(date("2025-06-06"), 1);
    assert_eq!(deadline, Deadline { date: date("2025-06-09"), uncertain_years: vec![2025] });
    assert_eq!(Calendar::default().years(), None);
}

#[test]
fn texts_that_are_calendars() {
    let one = Calendar::parse("# years = 2025\ndate,kind\n2025-01-01,holiday\n").unwrap();
    assert!(one.covers(2025) && !one.covers(2024) && !one.covers(2026));
    for same in [
        "\u{feff}# years = 2025..2025\r\ndate,kind\r\n2025-01-01,holiday\r\n",
        "# a remark = with a sign\n\n#years=2025\n date , kind \n\n 2025-01-01 , holiday ",
        "date,kind\n2025-01-01,holiday\n# years = 2025",
    ] {
        assert_eq!(Calendar::parse(same).as_ref(), Ok(&one), "{same:?}");
    }
    assert!(!one.is_working_day(date("2025-01-01")) && one.is_working_day(date("2025-01-02")));
}

#[test]
fn every_mistake_is_told_with_its_line() {
    for (text, expected) in [
        (
            "",
            &[
                "line 1: the years are missing; expected a line \"# years = 2025..2026\"",
                "line 1: the heading is missing; expected a line \"date,kind\"",
            ][..],
        ),
        (
            "date;kind\n2025-01-01,holiday\n",
            &[
                "line 1: the heading is \"date;kind\"; expected \"date,kind\"",
                "line 1: the years are missing; expected a line \"# years = 2025..2026\"",
            ],
        ),
        (
            "# years = 2026..2025\ndate,kind\n",
            &["line 1: the years are \"2026..2025\"; expected 1900 to 2200, like 2025..2026 or 2025"],
        ),
        (
            "# years = +025\n# years = 2025\ndate,kind\n",
            &[
                "line 1: the years are \"+025\"; expected 1900 to 2200, like 2025..2026 or 2025",
                "line 2: the years stand twice; line 1 has them",
            ],
        ),
        (
            "# years = 2025..2026\ndate,kind\n2025-01-01,holiday\n",
            &["line 1: the year 2026 is named, but none of its days stands here; expected one at least"],
        ),
        (
            "# years = 2025\ndate,kind\n2025-01-01\n2025-02-30,holiday\n2025/1/1,off\n2025-01-04,holiday\n\
             2025-01-06,workday\n2025-01-06,holiday\n2026-01-01,holiday\n2025-01-07，holiday\n2025-01-08,holiday,x\n",
            &[
                "line 3: the line is \"2025-01-01\"; expected two fields, a day and its kind",
                "line 4: the day is \"2025-02-30\"; expected a day like 2025-01-31",
                "line 5: the day is \"2025/1/1\"; expected a day like 2025-01-31",
                "line 5: the kind is \"off\"; expected holiday or workday",
                "line 6: 2025-01-04 is a weekend day and off anyway; expected a holiday from Monday to Friday",
                "line 7: 2025-01-06 is no weekend day and worked anyway; expected a workday on a weekend",
                "line 8: 2025-01-06 stands twice; line 7 has it",
                "line 9: 2026-01-01 is outside of the years 2025 to 2025 that line 1 names",
                "line 10: the line is \"2025-01-07，holiday\"; expected two fields, a day and its kind",
                "line 11: the line is \"2025-01-08,holiday,x\"; expected two fields, a day and its kind",
            ],
        ),
    ] {
        let mistakes = Calendar::parse(text).unwrap_err();
        let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        assert_eq!(told, expected, "{text:?}");
        assert!(mistakes.iter().all(|m| m.text(Lang::Zh).starts_with('第')));
    }
}

#[test]
fn limits_are_told() {
    let large = "#".repeat(CALENDAR_BYTES_MAX + 1);
    let told = Calendar::parse(&large).unwrap_err()[0].to_string();
    assert_eq!(told, "line 1: the calendar has 1048577 bytes; the limit is 1048576");
    let many = format!("# years = 2025\ndate,kind\n{}", "x\n".repeat(CALENDAR_MISTAKES_MAX + 5));
    let mistakes = Calendar::parse(&many).unwrap_err();
    assert_eq!(mistakes.len(), CALENDAR_MISTAKES_MAX + 1);
    assert_eq!(mistakes[CALENDAR_MISTAKES_MAX].to_string(), "line 102: and 5 more mistakes");
}

/// A calendar that is made up, as its text and as an oracle reads it: the days, and which of them are listed.
fn made_up() -> impl Strategy<Value = (String, i32, i32, Vec<Date>)> {
    (2020..2030_i32, 1..=3_i32, prop::collection::btree_set(0..365_i32, 1..60)).prop_map(
        |(first, count, days)| {
            let mut text = format!("# years = {first}..{}\ndate,kind\n", first + count - 1);
            let mut listed = Vec::new();
            for year in first..first + count {
                let new_year = Date::new(year, 1, 1).unwrap();
                for day in days.iter().map(|day| new_year.plus_days(*day)) {
                    let weekend = day.day_number().rem_euclid(7) >= 5;
                    text += &format!("{day},{}\n", if weekend { "workday" } else { "holiday" });
                    listed.push(day);
                }
            }
            (text, first, first + count - 1, listed)
        },
    )
}

proptest! {
    /// Day by day, from a list of all days worked: a day that is listed is the other of what its weekday says.
    #[test]
    fn deadlines_agree_with_days_on_a_list(
        (text, first, last, listed) in made_up(),
        start in 0..2000_i32,
        days in 0..=250_u32,
    ) {
        let calendar = Calendar::parse(&text).unwrap();
        let from = Date::new(first - 1, 1, 1).unwrap().plus_days(start);
        let after = |day: &Date| (0..700).map(|n| day.plus_days(n + 1)).collect::<Vec<_>>();
        let worked = |day: &&Date| (day.day_number().rem_euclid(7) < 5) != listed.contains(day);
        let looked_at = after(&from);
        let expected = match days {
            0 => from,
            n => *looked_at.iter().filter(worked).nth(n as usize - 1).unwrap(),
        };
        let deadline = calendar.add_working_days(from, days);
        prop_assert_eq!(deadline.date, expected);
        let mut unknown: Vec<i32> =
            looked_at.iter().filter(|day| **day <= expected).map(|day| day.year()).collect();
        unknown.retain(|year| *year < first || *year > last);
        unknown.dedup();
        prop_assert_eq!(deadline.uncertain_years, unknown);
    }

    /// Two stretches one after the other are one.
    #[test]
    fn stretches_add_up((text, first, _, _) in made_up(), start in 0..900_i32, a in 0..100_u32, b in 0..100_u32) {
        let calendar = Calendar::parse(&text).unwrap();
        let from = Date::new(first, 1, 1).unwrap().plus_days(start);
        let middle = calendar.add_working_days(from, a).date;
        prop_assert_eq!(
            calendar.add_working_days(middle, b).date,
            calendar.add_working_days(from, a + b).date
        );
    }

    /// Whatever the text, reading it ends with a calendar or with mistakes, and never panics.
    #[test]
    fn any_text_is_read_or_told(text in "\\PC{0,200}") {
        told_or_read(&text);
    }

    /// The same of texts that look like calendars.
    #[test]
    fn slips_are_read_or_told(
        at in 0..200_usize,
        cut in 0..12_usize,
        scrap in "[#=.,0-9a-z\u{feff}\r\n，-]{0,12}",
    ) {
        let mut letters: Vec<char> = CALENDAR.chars().collect();
        let at = at.min(letters.len());
        let end = (at + cut).min(letters.len());
        letters.splice(at..end, scrap.chars());
        told_or_read(&letters.into_iter().collect::<String>());
    }
}

fn told_or_read(text: &str) {
    match Calendar::parse(text) {
        Ok(calendar) => {
            let years = calendar.years().unwrap();
            assert!(calendar.days.keys().all(|day| years.contains(&day.year())));
        }
        Err(mistakes) => {
            let lines = text.lines().count().max(1);
            assert!(!mistakes.is_empty());
            assert!(mistakes.iter().all(|m| (1..=lines).contains(&m.line)));
            assert!(mistakes.windows(2).all(|pair| pair[0].line <= pair[1].line));
        }
    }
}
