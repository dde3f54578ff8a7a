//! Every threshold of a plan x every class, enumerated: one unit below, exact, one unit above.

use serde_json::{Value, json};

use super::calendar::{Span, add_months, read, text};
use super::plans::{JIANGSU, PANZHIHUA, Plan, SHENZHEN};

/// One employer whose numbers are even: 12-month rows, 400 insured, so that 4 injuries are exactly
/// 0.01 and 12 exactly 0.03.
struct Case {
    class: u8,
    insured_since: i64,
    first_insured: i64,
    benefits_fen: u64,
    injuries: u64,
}

const PAID_PER_ROW_FEN: u64 = 10_000_000;
const HEADCOUNT: u64 = 400;

/// Label, record and rating date of every boundary of a plan.
pub fn boundary_cases(plan: &str) -> Vec<(String, Value, String)> {
    let rating_date = match plan {
        PANZHIHUA => "2026-01-01",
        SHENZHEN => "2022-03-01",
        JIANGSU => "2025-01-01",
        _ => panic!("no boundary cases for the plan {plan:?}"),
    };
    let plan = Plan::named(plan);
    let (now, earlier) = plan.windows(rating_date);
    let paid_fen = if plan == Plan::Panzhihua { 3 } else { 2 } * PAID_PER_ROW_FEN;
    let long_ago = read("2001-01-01");
    let mut cases = Vec::new();
    for class in 1..=8 {
        let mut add = |label: String, case: Case| {
            let record = case.record(plan, now, earlier);
            cases.push((format!("class {class}, {label}"), record, rating_date.to_owned()));
        };
        let plain =
            Case { class, insured_since: long_ago, first_insured: long_ago, benefits_fen: 0, injuries: 0 };

        add("payout ratio 0".to_owned(), Case { ..plain });
        add("payout ratio 0 + 1 fen".to_owned(), Case { benefits_fen: 1, ..plain });
        let thresholds: &[u64] = if plan == Plan::Jiangsu { &[50, 100] } else { &[50, 100, 150] };
        for hundredths in thresholds {
            let exact = paid_fen * hundredths / 100;
            for (benefits_fen, name) in [(exact - 1, " - 1 fen"), (exact, ""), (exact + 1, " + 1 fen")] {
                let label = format!("payout ratio {hundredths}/100{name}");
                add(label, Case { benefits_fen, ..plain });
            }
        }
        if plan == Plan::Jiangsu {
            add("injury rate 0 + 1 injury".to_owned(), Case { injuries: 1, ..plain });
            for hundredths in [1, 3] {
                let exact = HEADCOUNT * hundredths / 100;
                for (injuries, name) in [(exact - 1, " - 1 injury"), (exact, ""), (exact + 1, " + 1 injury")]
                {
                    let label = format!("injury rate {hundredths}/100{name}");
                    add(label, Case { injuries, ..plain });
                }
            }
        }
        let (gate, gate_name) = match plan {
            Plan::Panzhihua => (now.first, "insured 36 months"),
            Plan::Shenzhen => (now.first, "insured 24 months"),
            _ => (earlier.first, "insured 48 months"),
        };
        for (day, name) in [(gate, ""), (gate + 1, " less a day")] {
            let case = Case { insured_since: day, first_insured: day, ..plain };
            add(format!("{gate_name}{name}"), case);
        }
        if plan == Plan::Jiangsu {
            for (day, name) in [(now.first, ""), (now.first + 1, " less a day")] {
                let case = Case { insured_since: now.first + 1, first_insured: day, ..plain };
                add(format!("first insured 24 months{name}"), case);
            }
        }
    }
    cases
}

impl Case {
    fn record(&self, plan: Plan, now: Span, earlier: Span) -> Value {
        let insured_since = self.insured_since;
        let mut periods = Vec::new();
        let mut first = if plan == Plan::Jiangsu { earlier.first } else { now.first };
        while first <= now.last {
            let next = add_months(first, 12);
            if insured_since < next {
                let joined = first.max(insured_since);
                periods.push(
                    json!({"start": text(joined), "end": text(next - 1), "payroll": 2_000_000_000_u64,
                    "contributions_due": PAID_PER_ROW_FEN, "contributions_paid": PAID_PER_ROW_FEN,
                    "headcount": HEADCOUNT.to_string(), "months_insured": 12}),
                );
            }
            first = next;
        }
        let mut claims = Vec::new();
        if self.benefits_fen > 0 {
            claims.push(json!({"id": "money", "date": text(now.last - 200), "cause": "work_accident",
                "outcome": "temporary", "count": 0, "paid_on": text(now.last), "benefits_paid": self.benefits_fen}));
        }
        if self.injuries > 0 {
            claims.push(json!({"id": "injuries", "date": text(now.last), "cause": "work_accident",
                "outcome": "temporary", "count": self.injuries, "benefits_paid": 0}));
        }
        json!({
            "employer": {"id": "91510400MA6212342W", "name": "样本", "region": "510400",
                "industry": {"standard": "2017", "code": "06"}, "risk_class": self.class,
                "insured_since": text(insured_since), "first_insured": text(self.first_insured)},
            "periods": periods,
            "claims": claims,
            "facts": {},
        })
    }
}

/// Band and step of each case of one class, checked by eye; the other classes differ in the rate alone.
#[test]
fn each_boundary_falls_on_its_own_side() {
    let reasons = |plan: &str, class: u8| -> Vec<String> {
        let start = format!("class {class}, ");
        let cases = boundary_cases(plan).into_iter().filter(|(label, ..)| label.starts_with(&start));
        cases.map(|(_, record, date)| super::rate(plan, &date, &record).reasons.join(" ")).collect()
    };
    let payout = [1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 1].map(|band| format!("band:payout_ratio:{band}"));
    for plan in [PANZHIHUA, SHENZHEN] {
        let found = reasons(plan, 4);
        assert_eq!(found[..12], [&payout[..11], &payout[11..]].concat()[..]);
        assert_eq!(found[12..], ["insured_too_short".to_owned()]);
    }
    let bands = [3, 5, 5, 5, 2, 2, 2, 1, 5, 5, 5, 2, 2, 2, 1, 3, 4, 4].map(|band| format!("band:{band}"));
    let found = reasons(JIANGSU, 8);
    assert_eq!(found[..18], bands);
    assert_eq!(found[18..], ["insured_too_short".to_owned()]);
    assert_eq!(reasons(JIANGSU, 1)[0], "band:3 class_rule:class_1_never_down");
    for plan in [PANZHIHUA, SHENZHEN, JIANGSU] {
        assert_eq!(boundary_cases(plan).len() % 8, 0);
    }
}
