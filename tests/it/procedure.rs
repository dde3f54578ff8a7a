//! `[procedure]`: what the shipped plans say of it, how children replace it, and that no rate depends on it.

use floatrate::outline::sections;
use floatrate::plans;
use floatrate_engine::Lang;
use floatrate_engine::diff::{self, Effect, Kind, Version};
use floatrate_engine::plan::catalog::Catalog;
use floatrate_engine::plan::cover;
use floatrate_engine::plan::source::Stated;
use floatrate_engine::proof;
use std::collections::BTreeMap;

const NATIONAL: &str = "cn/000000/2015/plan.toml";
const PANZHIHUA: &str = "cn/510400/2021/plan.toml";

fn load(texts: &BTreeMap<String, String>) -> Catalog {
    Catalog::load(texts).unwrap_or_else(|(d, files)| panic!("{}", files.render(&d[0])))
}

/// The embedded plans with a change of one file.
fn with(path: &str, change: impl FnOnce(&str) -> String) -> BTreeMap<String, String> {
    let mut texts = plans::embedded();
    let text = change(&texts[path]);
    assert_ne!(text, texts[path], "{path}");
    texts.insert(path.to_owned(), text);
    texts
}

fn cited<T>(stated: Option<&Stated<T>>) -> String {
    let cites = stated.into_iter().flat_map(|s| &s.cite.0);
    cites.map(|cite| cite.text.as_str()).collect::<Vec<_>>().join("; ")
}

/// Deadlines as shown, with their articles: of a plan's own rule, or of the national one that it extends.
#[test]
fn deadlines_of_the_shipped_plans() {
    let catalog = load(&plans::embedded());
    let national =
        [("15", "gc objection; decision procedure"), ("10", "yz22 redetermination; decision procedure")];
    let own = |cite| [("announced", cite), national[1]];
    let none = [("", ""), ("", "")];
    for plan in catalog.plans().filter(|p| p.checked.id.starts_with("cn-")) {
        let id = plan.checked.id.as_str();
        let expected = match id {
            "cn-320000-2023" => own("yz22 objection"),
            "cn-440300-2018" => own("r11 objection"),
            "cn-000000-2015" => national,
            _ if plan.checked.parents.iter().any(|p| p == "cn-000000-2015") => national,
            _ => none,
        };
        let procedure = &plan.checked.procedure;
        let days = |is: Option<u32>| is.map_or_else(|| "announced".to_owned(), |days| days.to_string());
        let objection = procedure.objection_days.as_ref();
        let decision = procedure.redetermination_days.as_ref();
        let shown = [
            (objection.map_or_else(String::new, |o| days(o.is.working())), cited(objection)),
            (decision.map_or_else(String::new, |d| d.is.to_string()), cited(decision)),
        ];
        assert_eq!(shown, expected.map(|(is, cite)| (is.to_owned(), cite.to_owned())), "{id}");
        // No source tells what becomes of a record; an officer does.
        assert!(procedure.succession.is_none(), "{id}");
    }
    let others = catalog.plans().filter(|p| !p.checked.id.starts_with("cn-"));
    for plan in others {
        assert!(plan.checked.procedure.objection_days.is_none(), "{}", plan.checked.id);
    }
}

#[test]
fn a_child_replaces_part_by_part() {
    let texts = with(PANZHIHUA, |text| {
        let own = "\n[procedure]\nobjection_days = { is = 5, cite = \"r71 floor\" }\n\
                   succession = { is = \"new_at_base\", cite = \"r71 tiers\" }\n";
        format!("{text}{own}")
    });
    let catalog = load(&texts);
    let procedure = &catalog.plan("cn-510400-2021").unwrap().checked.procedure;
    assert_eq!(procedure.objection_days.as_ref().and_then(|d| d.is.working()), Some(5));
    assert_eq!(procedure.redetermination_days.as_ref().map(|d| d.is), Some(10));
    assert_eq!(procedure.succession.as_ref().map(|s| s.is.name()), Some("new_at_base"));
}

/// Another deadline is another text, and so another digest; programs, proofs and what examples reach stay.
#[test]
fn no_rate_depends_on_it() {
    let (before, after) =
        (load(&plans::embedded()), load(&with(NATIONAL, |text| text.replacen("is = 15", "is = 16", 1))));
    for id in ["cn-510400-2021", "cn-210100-2020"] {
        let [a, b] = [&before, &after].map(|catalog| catalog.plan(id).unwrap());
        assert_ne!(a.digest, b.digest, "{id}");
        let date = a.checked.first_rating_date().unwrap();
        let [one, two] = [a, b].map(|plan| {
            let program = plan.compile(date).unwrap();
            format!("{:?}", program.nodes)
        });
        assert!(one == two, "{id} compiles to another program");
        let [one, two] = [(a, &before), (b, &after)].map(|(plan, catalog)| {
            let report = proof::check(plan, catalog.declared());
            (report.sound(), report.counts())
        });
        assert_eq!(one, two, "{id}");
        let [one, two] = [(a, &before), (b, &after)].map(|(plan, catalog)| {
            cover::cover(plan, catalog.declared())
                .unwrap()
                .into_iter()
                .map(|item| item.name)
                .collect::<Vec<_>>()
        });
        assert_eq!(one, two, "{id}");
        let changes = diff::diff(
            Version { plan: a, declared: before.declared() },
            Version { plan: b, declared: after.declared() },
        );
        let [change] = changes.as_slice() else { panic!("{id}: {changes:?}") };
        assert_eq!(
            (change.section, change.name.as_str(), change.kind),
            ("procedure", "objection_days", Kind::Changed)
        );
        assert!(matches!(change.effect, Effect::Outside), "{id}: {:?}", change.effect);
        assert_eq!(
            change.says.en,
            "procedure ‘time to object’ (objection_days), value: ‘15 working days’ becomes ‘16 working days’"
        );
        assert_eq!(
            change.says.zh,
            "办理程序“异议期限”（objection_days）的规定由“15个工作日”改为“16个工作日”"
        );
        assert_eq!(change.cites, ["gc objection", "decision procedure"]);
    }
}

/// The command's JSON and the wire have the same section.
#[test]
fn the_outline_lists_it() {
    let catalog = load(&plans::embedded());
    for (id, lang, expected) in [
        (
            "cn-510400-2021",
            Lang::En,
            &[
                (
                    "timetable.data_requested",
                    "by 5 January of the rating year",
                    "gc timetable; decision timetable",
                ),
                (
                    "timetable.data_handed_over",
                    "by 4 February of the rating year",
                    "gc timetable; decision timetable",
                ),
                (
                    "timetable.rates_fixed",
                    "by the end of February of the rating year",
                    "gc timetable; decision timetable",
                ),
                (
                    "timetable.notices_sent",
                    "within 5 working days from 1 March of the rating year",
                    "gc timetable; decision timetable",
                ),
                ("objection_days", "15 working days", "gc objection; decision procedure"),
                ("redetermination_days", "10 working days", "yz22 redetermination; decision procedure"),
            ][..],
        ),
        (
            "cn-440300-2018",
            Lang::Zh,
            &[
                ("timetable.data_requested", "费率年度1月5日前", "gc timetable; decision timetable"),
                ("timetable.data_handed_over", "费率年度2月4日前", "gc timetable; decision timetable"),
                ("timetable.rates_fixed", "费率年度2月底前", "gc timetable; decision timetable"),
                ("timetable.notices_sent", "费率年度3月1日起5个工作日内", "gc timetable; decision timetable"),
                ("objection_days", "announced", "r11 objection"),
                ("redetermination_days", "10个工作日", "yz22 redetermination; decision procedure"),
            ],
        ),
        ("tw-merit-2022", Lang::En, &[]),
    ] {
        let sections = sections(catalog.plan(id).unwrap(), lang);
        let (_, parts) = sections.into_iter().find(|(name, _)| *name == "procedure").unwrap();
        let shown: Vec<_> = parts.iter().map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str())).collect();
        assert_eq!(shown, expected, "{id}");
    }
}
