//! The timetable of `[procedure]`: what it says, what is refused, how it is inherited; no program knows it.

use floatrate_engine::diff::{self, Effect, Kind, Version};
use floatrate_engine::plan::catalog::Catalog;
use floatrate_engine::plan::source::{Due, Handling, Timed};
use floatrate_engine::record::Date;
use std::collections::BTreeMap;
use std::path::Path;

const FOUR: &str = r#"
[[procedure.timetable]]
what = "data_requested"
by = "12-20"
year = -1
cite = "law all"

[[procedure.timetable]]
what = "data_handed_over"
by = "01-31"
cite = "law all"

[[procedure.timetable]]
what = "rates_fixed"
by = "02-end"
cite = "law all"

[[procedure.timetable]]
what = "notices_sent"
from = "03-01"
working_days = 5
cite = "law all"
"#;

/// The tests' base plan with `base` in it, a child with `own`.
fn texts(base: &str, own: &str) -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/plans/base/plan.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let head = "language = 1\nid = \"xx-case\"\nextends = \"xx-base\"\nstatus = \"draft\"\n\
                title = { zh = \"例\", en = \"case\" }\n";
    BTreeMap::from([
        ("xx/base/plan.toml".to_owned(), format!("{text}{base}")),
        ("xx/case/plan.toml".to_owned(), format!("{head}{own}")),
    ])
}

fn load(base: &str, own: &str) -> Catalog {
    Catalog::load(&texts(base, own)).unwrap_or_else(|(d, files)| panic!("{}", files.render(&d[0])))
}

fn timetable(catalog: &Catalog) -> Option<&[Timed]> {
    catalog.plan("xx-case").unwrap().checked.procedure.timetable.as_deref()
}

fn names(lines: Option<&[Timed]>) -> Option<Vec<&'static str>> {
    lines.map(|lines| lines.iter().map(|line| line.what.name()).collect())
}

#[test]
fn days_and_words() {
    let catalog = load("", FOUR);
    let expected = [
        (
            "data_requested",
            "费率年度的上一年12月20日前提出数据需求",
            "data are asked for by 20 December of the year before the rating year",
        ),
        (
            "data_handed_over",
            "费率年度1月31日前提取并移交数据",
            "data are handed over by 31 January of the rating year",
        ),
        (
            "rates_fixed",
            "费率年度2月底前核定费率档次和费率",
            "tiers and rates are fixed by the end of February of the rating year",
        ),
        (
            "notices_sent",
            "费率年度3月1日起5个工作日内发出费率浮动告知书",
            "notices are sent within 5 working days from 1 March of the rating year",
        ),
    ];
    let lines = timetable(&catalog).unwrap();
    for (line, (name, zh, en)) in lines.iter().zip(expected) {
        let (what, due) = (line.what.title(), line.due.words());
        assert_eq!(
            (line.what.name(), format!("{}{}", due.zh, what.zh), format!("{} {}", what.en, due.en)),
            (name, zh.to_owned(), en.to_owned())
        );
    }
    assert_eq!(lines.len(), Handling::ALL.len());
    // The last day of February is that of the year.
    for (rating_date, days) in [
        ("2023-01-01", ["2022-12-20", "2023-01-31", "2023-02-28", "2023-03-01"]),
        ("2024-07-01", ["2023-12-20", "2024-01-31", "2024-02-29", "2024-03-01"]),
    ] {
        let rating_date: Date = rating_date.parse().unwrap();
        let shown = lines.iter().map(|line| match line.due {
            Due::By(day) | Due::Within { from: day, .. } => day.of(rating_date).to_string(),
        });
        assert_eq!(shown.collect::<Vec<_>>(), days);
    }
}

/// The national procedure of 2011 (人社险中心函〔2011〕101号), which Panzhihua's plan extends.
#[test]
fn the_national_year() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let mut texts = BTreeMap::new();
    for folder in ["cn/000000/2015", "cn/510400/2021"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            texts.insert(format!("{folder}/{name}"), std::fs::read_to_string(&path).unwrap());
        }
    }
    let catalog = Catalog::load(&texts).unwrap_or_else(|(d, files)| panic!("{}", files.render(&d[0])));
    let procedure = &catalog.plan("cn-510400-2021").unwrap().checked.procedure;
    let rating_date: Date = "2026-01-01".parse().unwrap();
    let shown = procedure.timetable.iter().flatten().map(|line| {
        let cites: Vec<_> = line.cite.0.iter().map(|c| c.text.as_str()).collect();
        assert_eq!(cites, ["gc timetable", "decision timetable"]);
        match line.due {
            Due::By(day) => format!("{} by {}", line.what.name(), day.of(rating_date)),
            Due::Within { from, working_days } => {
                format!("{} within {working_days} from {}", line.what.name(), from.of(rating_date))
            }
        }
    });
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [
            "data_requested by 2026-01-05",
            "data_handed_over by 2026-02-04",
            "rates_fixed by 2026-02-28",
            "notices_sent within 5 from 2026-03-01",
        ]
    );
}

#[test]
fn every_mistake_is_told() {
    let line = |fields: &str| format!("[[procedure.timetable]]\n{fields}\ncite = \"law all\"\n");
    let one = line("what = \"rates_fixed\"\nby = \"02-end\"");
    for (own, expected) in [
        (line("what = \"rates\"\nby = \"02-end\""), &["`what` of [[procedure.timetable]] is \"rates\""][..]),
        (line("by = \"02-end\""), &["[[procedure.timetable]] has no `what`"]),
        (line("what = \"rates_fixed\"\nby = \"02-29\""), &["`by` of [[procedure.timetable]] is \"02-29\""]),
        (line("what = \"rates_fixed\"\nby = \"13-end\""), &["`by` of [[procedure.timetable]] is \"13-end\""]),
        (line("what = \"rates_fixed\"\nby = \"end\""), &["`by` of [[procedure.timetable]] is \"end\""]),
        (line("what = \"rates_fixed\"\nby = 228"), &["`by` of [[procedure.timetable]] is a whole number"]),
        (
            line("what = \"rates_fixed\"\nby = \"02-end\"\nyear = 1"),
            &["`year` of [[procedure.timetable]] is 1"],
        ),
        (
            line("what = \"notices_sent\"\nfrom = \"03-01\"\nworking_days = 0"),
            &["`working_days` of [[procedure.timetable]] is 0"],
        ),
        (
            line("what = \"notices_sent\"\nfrom = \"03-01\""),
            &["[[procedure.timetable]] has no `working_days`"],
        ),
        (line("what = \"notices_sent\"\nworking_days = 5"), &["[[procedure.timetable]] has no `from`"]),
        (
            line("what = \"notices_sent\""),
            &["a line of the timetable needs either `by`, or `from` and `working_days`"],
        ),
        (
            line("what = \"notices_sent\"\nby = \"03-07\"\nworking_days = 5"),
            &["a line of the timetable needs either `by`, or `from` and `working_days`"],
        ),
        (
            line("what = \"rates_fixed\"\nby = \"02-end\"\nday = 3"),
            &["[[procedure.timetable]] has no field `day`"],
        ),
        (
            "[[procedure.timetable]]\nwhat = \"rates_fixed\"\nby = \"02-end\"\n".to_owned(),
            &["[[procedure.timetable]] cites no article"],
        ),
        (
            "[[procedure.timetable]]\nwhat = \"rates_fixed\"\nby = \"02-end\"\ncite = \"law 77\"\n"
                .to_owned(),
            &["the ledger has no clause `law 77`"],
        ),
        (format!("{one}{one}"), &["`rates_fixed` stands twice in the timetable"]),
        (
            format!("{one}{}", line("what = \"data_requested\"\nby = \"03-05\"")),
            &["`data_requested` stands behind `rates_fixed`"],
        ),
        (
            format!("{one}{}", line("what = \"notices_sent\"\nby = \"02-28\"")),
            &["`notices_sent` is due before `rates_fixed`"],
        ),
        ("procedure.timetable = 5\n".to_owned(), &["`timetable` of [procedure] is a whole number"]),
        (
            "procedure.timetable = [5]\n".to_owned(),
            &["[[procedure.timetable]] is a whole number, not a table"],
        ),
        (
            format!("{}{}", line("what = \"x\"\nby = \"y\""), line("working_days = 999\nfrom = \"03-01\"")),
            &[
                "`what` of [[procedure.timetable]] is \"x\"",
                "`by` of [[procedure.timetable]] is \"y\"",
                "[[procedure.timetable]] has no `what`",
                "`working_days` of [[procedure.timetable]] is 999",
            ],
        ),
    ] {
        let Err((told, _)) = Catalog::load(&texts("", &own)) else { panic!("{own} is taken") };
        let told: Vec<_> = told.iter().map(|d| d.message.as_str()).collect();
        assert_eq!(told, expected, "{own}");
    }
}

#[test]
fn a_child_replaces_the_whole_list_or_has_none() {
    let all = Handling::ALL.map(Handling::name).to_vec();
    let own = "[[procedure.timetable]]\nwhat = \"rates_fixed\"\nby = \"06-30\"\ncite = \"law all\"\n";
    assert_eq!(names(timetable(&load(FOUR, ""))), Some(all));
    assert_eq!(names(timetable(&load(FOUR, own))), Some(vec!["rates_fixed"]));
    assert_eq!(names(timetable(&load(FOUR, "procedure.timetable = []\n"))), Some(Vec::new()));
    assert_eq!(names(timetable(&load("", ""))), None);
    let other = "[procedure.objection_days]\nis = 3\ncite = \"law all\"\n";
    assert_eq!(names(timetable(&load(FOUR, other))).map(|all| all.len()), Some(4));
}

/// Another timetable is another text and so another digest; the program is the same, and a comparison says so.
#[test]
fn no_rate_depends_on_it() {
    let (before, after) = (load("", FOUR), load("", &FOUR.replace("working_days = 5", "working_days = 10")));
    let [one, two] = [&before, &after].map(|catalog| catalog.plan("xx-case").unwrap());
    assert_ne!(one.digest, two.digest);
    let date = "2024-01-01".parse().unwrap();
    let nodes = [one, two].map(|plan| format!("{:?}", plan.compile(date).unwrap().nodes));
    assert_eq!(nodes[0], nodes[1]);
    let changes = diff::diff(
        Version { plan: one, declared: before.declared() },
        Version { plan: two, declared: after.declared() },
    );
    let [change] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!(
        (change.section, change.name.as_str(), change.kind),
        ("procedure", "timetable.notices_sent", Kind::Changed)
    );
    assert!(matches!(change.effect, Effect::Outside), "{:?}", change.effect);
    assert_eq!(
        change.says.en,
        "procedure ‘notices are sent’ (timetable.notices_sent), value: ‘within 5 working days from 1 March of the \
         rating year’ becomes ‘within 10 working days from 1 March of the rating year’"
    );
    assert_eq!(
        change.says.zh,
        "办理程序“发出费率浮动告知书”（timetable.notices_sent）的规定由“费率年度3月1日起5个工作日内”改为“费率年度3月1日起\
         10个工作日内”"
    );
}
