//! The sum of several employers' records, exactly or not at all.

use floatrate_engine::record::{Amount, Claim, Headcount, Number, Period, Record};
use std::collections::{BTreeMap, BTreeSet};

/// Why records have no sum, in English and Chinese.
pub(super) type Why = (String, String);

/// Adds the records of `others` to that of `survivor`, who keeps its own name, industry, class, prior result and facts.
/// Notes say what was left out.
///
/// Periods of the same days and class are added: amounts and headcounts as they are, months insured the larger, the
/// headcounts weighted so that person-months stay the same. Claims are put together; where two employers use one id
/// for different injuries, the other employer's gets its key before it.
pub(super) fn sum(survivor: &Record, others: &[&Record]) -> Result<(Record, Vec<String>), Why> {
    let mut out = survivor.clone();
    let mut notes = Vec::new();
    for other in others {
        let who = &other.employer.id;
        out.employer.insured_since = out.employer.insured_since.min(other.employer.insured_since);
        out.employer.first_insured = out.employer.first_insured.min(other.employer.first_insured);
        for period in &other.periods {
            match out.periods.iter_mut().find(|own| overlap(own, period)) {
                None => out.periods.push(period.clone()),
                Some(own)
                    if (own.start, own.end, &own.class) == (period.start, period.end, &period.class) =>
                {
                    add(own, period, who)?;
                }
                Some(own) => {
                    return Err((
                        format!(
                            "the period {} to {} of {who} and {} to {} overlap without being the same days",
                            period.start, period.end, own.start, own.end
                        ),
                        format!(
                            "{who} 的期间 {} 至 {} 与期间 {} 至 {} 部分重叠",
                            period.start, period.end, own.start, own.end
                        ),
                    ));
                }
            }
        }
        claims(&mut out.claims, &other.claims, who);
        let left: Vec<&str> = other.facts.iter().map(|f| f.name.as_str()).collect();
        if !left.is_empty() {
            notes.push(format!("facts of {who} were not carried over: {}", left.join(", ")));
        }
        if other.employer.prior.is_some() {
            notes.push(format!("the prior result of {who} was not carried over"));
        }
    }
    out.periods.sort_by(|a, b| (a.start, &a.class).cmp(&(b.start, &b.class)));
    out.claims.sort_by(|a, b| (&a.id, a.date).cmp(&(&b.id, b.date)));
    Ok((out, notes))
}

fn overlap(a: &Period, b: &Period) -> bool {
    a.class == b.class && a.start <= b.end && b.start <= a.end
}

fn add(own: &mut Period, other: &Period, who: &str) -> Result<(), Why> {
    let days = format!("{} to {}", own.start, own.end);
    let zh_days = format!("{} 至 {}", own.start, own.end);
    let one_sided = |name: &str| {
        (
            format!("{name} of the period {days} is given by one employer and not by {who} or the other way"),
            format!("期间 {zh_days} 的 {name} 只有一方给出（{who}）"),
        )
    };
    let amount = |name: &str, a: Option<Amount>, b: Option<Amount>| match (a, b) {
        (Some(a), Some(b)) => match a.0.checked_add(b.0).filter(|sum| *sum < 10_i64.pow(18)) {
            Some(sum) => Ok(Some(Amount(sum))),
            None => Err((
                format!("{name} of the period {days} is past the largest amount"),
                format!("期间 {zh_days} 的 {name} 超过金额上限"),
            )),
        },
        (None, None) => Ok(None),
        _ => Err(one_sided(name)),
    };
    own.payroll = amount("payroll", own.payroll, other.payroll)?;
    own.contributions_due = amount("contributions_due", own.contributions_due, other.contributions_due)?;
    own.contributions_paid = amount("contributions_paid", own.contributions_paid, other.contributions_paid)?;
    let months = match (own.months_insured, other.months_insured) {
        (Some(a), Some(b)) => Some((a, b, a.max(b))),
        (None, None) => None,
        _ => return Err(one_sided("months_insured")),
    };
    own.headcount = match (own.headcount, other.headcount) {
        (Some(a), Some(b)) => {
            let (m, n, most) = months.unwrap_or((1, 1, 1));
            let person_months = i128::from(a.0) * i128::from(m) + i128::from(b.0) * i128::from(n);
            let most = i128::from(most.max(1));
            if person_months % most != 0 {
                return Err((
                    format!("the headcounts of the period {days} have no exact average over {most} months"),
                    format!("期间 {zh_days} 的平均人数按 {most} 个月计算除不尽"),
                ));
            }
            i64::try_from(person_months / most).ok().map(Headcount)
        }
        (None, None) => None,
        _ => return Err(one_sided("headcount")),
    };
    own.months_insured = months.map(|(_, _, most)| most);
    let mut values: BTreeMap<String, Number> = own.values.iter().cloned().collect();
    for (name, value) in &other.values {
        // What a value means only its plan knows: hours add up, shares do not.
        if values.insert(name.clone(), *value).is_some_and(|known| known != *value) {
            return Err((
                format!(
                    "the value {name} of the period {days} differs, and only its plan knows how to add it"
                ),
                format!("期间 {zh_days} 的 {name} 不一致，且无法判断其合并方法"),
            ));
        }
    }
    own.values = values.into_iter().collect();
    Ok(())
}

fn claims(own: &mut Vec<Claim>, others: &[Claim], who: &str) {
    let ids: BTreeSet<String> = own.iter().map(|c| c.id.clone()).collect();
    let events: BTreeSet<String> = own.iter().filter_map(|c| c.event.clone()).collect();
    let theirs = |known: &BTreeSet<String>, id: &str| {
        if known.contains(id) { format!("{who}:{id}") } else { id.to_owned() }
    };
    for claim in others {
        let mut claim = claim.clone();
        claim.id = theirs(&ids, &claim.id);
        claim.event = claim.event.map(|event| theirs(&events, &event));
        own.push(claim);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::employer::Body;

    fn record(id: &str, rest: &str) -> Record {
        let text = format!(r#"{{"employer":{{"id":"{id}","insured_since":"2020-01-01"}},{rest}}}"#);
        Body(text.into_bytes()).record().unwrap().0
    }

    fn period(months: u32, people: &str, paid: i64) -> String {
        format!(
            r#""periods":[{{"start":"2024-01-01","end":"2024-12-31","contributions_paid":{paid},"headcount":"{people}","months_insured":{months}}}]"#
        )
    }

    #[test]
    fn periods_are_added_exactly() {
        for (a, b, expected) in [
            (period(12, "400", 10), period(12, "100", 5), Ok((15, 12, 500_000_000))),
            (period(12, "400", 10), period(6, "100", 5), Ok((15, 12, 450_000_000))),
            (period(12, "400", 10), period(7, "100", 5), Err("no exact average")),
            (period(12, "400", 999_999_999_999_999_999), period(12, "1", 1), Err("past the largest")),
        ] {
            let found = sum(&record("A", &a), &[&record("B", &b)]);
            let found = found.map(|(r, _)| {
                let p = &r.periods[0];
                (p.contributions_paid.unwrap().0, p.months_insured.unwrap(), p.headcount.unwrap().0)
            });
            match (found, expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err((en, zh)), Err(part)) => assert!(en.contains(part) && !zh.is_empty(), "{en}"),
                (found, expected) => panic!("{found:?} {expected:?}"),
            }
        }
    }

    #[test]
    fn one_id_of_two_employers_stays_two_injuries() {
        let claims = r#""claims":[{"id":"1","event":"e","date":"2024-02-01","cause":"work_accident","outcome":"temporary","benefits_paid":5}]"#;
        let (out, notes) = sum(&record("A", claims), &[&record("B", claims)]).unwrap();
        let ids: Vec<_> = out.claims.iter().map(|c| (c.id.as_str(), c.event.as_deref())).collect();
        assert_eq!(ids, [("1", Some("e")), ("B:1", Some("B:e"))]);
        assert!(notes.is_empty());
    }
}
