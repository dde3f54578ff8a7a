//! The order of a cycle's steps: which follows which, what each may change, and that it is signed like its entry.

use super::said::{Said, Signed, same_person};
use crate::determination::compare::of_json;
use crate::determination::verify::{Fault, Misfit};
use crate::store::ledger::Entry;
use serde_json::Value;

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Created,
    Frozen,
    Rated,
    Returned,
    Approved,
    Published,
    Closed,
    Cancelled,
}

/// What stands where it should not: path below the detail, what is there, what was expected.
type Wrong = (String, String, String);

fn wrong(path: &str, found: impl ToString, expected: impl ToString) -> Wrong {
    (path.to_owned(), found.to_string(), expected.to_string())
}

/// The step that an entry tells of, after what the one before said.
pub(super) fn step(
    before: Option<(&Said, &Value)>,
    (said, value): (&Said, &Value),
    entry: &Entry,
) -> Result<Step, Fault> {
    let found = taken(before, (said, value)).and_then(|step| {
        signed(step, said, entry)?;
        Ok(step)
    });
    found.map_err(|(path, found, expected)| {
        let path = format!("detail.{path}");
        Misfit::differs("ledger", entry.seq.to_string(), &path, found, expected).into()
    })
}

fn taken(before: Option<(&Said, &Value)>, (said, value): (&Said, &Value)) -> Result<Step, Wrong> {
    let Some((old, old_value)) = before else {
        let fresh = said.frozen.is_none() && said.rated.is_none() && said.returned.is_empty();
        return match said.state.as_str() {
            "draft" if fresh => Ok(Step::Created),
            other => Err(wrong("state", other, "draft, of nothing else than what was ordered")),
        };
    };
    let (step, parts): (Step, &[&str]) = match (old.state.as_str(), said.state.as_str()) {
        ("draft" | "frozen", "frozen") => (Step::Frozen, &["state", "frozen"]),
        ("frozen", "rated") => (Step::Rated, &["state", "rated"]),
        ("rated", "frozen") => (Step::Returned, &["state", "rated", "returned"]),
        ("rated", "approved") => (Step::Approved, &["state", "approved"]),
        ("approved", "published") => (Step::Published, &["state", "published"]),
        ("published", "closed") => (Step::Closed, &["state", "closed"]),
        ("draft" | "frozen" | "rated" | "approved", "cancelled") => {
            (Step::Cancelled, &["state", "cancelled"])
        }
        (from, to) => return Err(wrong("state", to, format!("a state that follows {from}"))),
    };
    // Everything else stays as it was.
    let mut expected = old_value.clone();
    for part in parts {
        expected[*part] = value.get(*part).cloned().unwrap_or(Value::Null);
    }
    if let Some(other) = of_json("", value, &expected).into_iter().next() {
        return Err(wrong(other.path.trim_start_matches('.'), other.before, other.after));
    }
    match step {
        Step::Frozen => {
            let number = said.frozen.as_ref().map_or(0, |frozen| frozen.number);
            let next = old.frozen.as_ref().map_or(1, |frozen| frozen.number + 1);
            if number != next {
                return Err(wrong("frozen.number", number, next));
            }
        }
        Step::Returned => {
            let (found, next) = (said.returned.len(), old.returned.len() + 1);
            if found != next || said.rated.is_some() {
                return Err(wrong("returned", format!("{found} times"), format!("{next} times, unrated")));
            }
        }
        Step::Approved => {
            let by = said.approved.as_ref().map_or("", |approved| approved.signed.by.as_str());
            if same_person(by, &said.created.by) {
                return Err(wrong("approved.signed.by", by, "another person than who created the cycle"));
            }
        }
        _ => {}
    }
    Ok(step)
}

/// The step is signed, like its entry.
fn signed(step: Step, said: &Said, entry: &Entry) -> Result<(), Wrong> {
    let (path, signed): (&str, Option<&Signed>) = match step {
        Step::Created => ("created", Some(&said.created)),
        Step::Frozen => ("frozen.signed", said.frozen.as_ref().map(|part| &part.signed)),
        Step::Rated => ("rated.signed", said.rated.as_ref().map(|part| &part.signed)),
        Step::Returned => ("returned.signed", said.returned.last().map(|part| &part.signed)),
        Step::Approved => ("approved.signed", said.approved.as_ref().map(|part| &part.signed)),
        Step::Published => ("published.signed", said.published.as_ref().map(|part| &part.signed)),
        Step::Closed => ("closed", said.closed.as_ref()),
        Step::Cancelled => ("cancelled.signed", said.cancelled.as_ref().map(|part| &part.signed)),
    };
    let Some(signed) = signed else { return Err(wrong(path, "not there", "who took the step")) };
    if signed.by != entry.signature {
        return Err(wrong(&format!("{path}.by"), &signed.by, &entry.signature));
    }
    if signed.at_us != entry.at.0 {
        return Err(wrong(&format!("{path}.at_us"), signed.at_us, entry.at.0));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Instant;
    use serde_json::json;

    fn cycle(state: &str, more: Value) -> Value {
        let mut value = json!({"id": "c1", "region": "510400", "plan": "p", "rating_date": "2026-01-01",
            "state": state, "created": {"by": "wang", "at_us": 1}});
        for (name, part) in more.as_object().unwrap() {
            value[name] = part.clone();
        }
        value
    }

    fn part(more: Value) -> Value {
        let mut value = json!({"signed": {"by": "li", "at_us": 9}});
        for (name, part) in more.as_object().unwrap() {
            value[name] = part.clone();
        }
        value
    }

    fn tried(before: Option<&Value>, now: &Value, by: &str) -> Result<Step, String> {
        let read = |value: &Value| -> Said { serde_json::from_value(value.clone()).unwrap() };
        let old = before.map(|value| (read(value), value));
        let entry = Entry {
            seq: 7,
            at: Instant(if before.is_none() { 1 } else { 9 }),
            kind: "cycle".into(),
            subject: "c1".into(),
            signature: by.into(),
            detail: Vec::new(),
            digest: [0; 32],
        };
        step(old.as_ref().map(|(said, value)| (said, *value)), (&read(now), now), &entry).map_err(|fault| {
            match fault {
                Fault::Misfit(misfit) => misfit.field,
                Fault::Store(why) => panic!("{why}"),
            }
        })
    }

    #[test]
    fn steps_follow_one_another() {
        let frozen = |number: i64| {
            part(
                json!({"number": number, "plan_text": "", "plan_digest": "", "employers": 3, "pins_digest": ""}),
            )
        };
        let rated = part(json!({"batch": "b1", "results_digest": "", "kept_digest": "",
            "counts": {"employers": 3, "rated": 3, "kept": 0, "review": 0}}));
        let approved = |by: &str| json!({"signed": {"by": by, "at_us": 9}, "digest": "", "determinations": 3, "by_hand": 0, "left_out": 0});
        let draft = cycle("draft", json!({}));
        let first = cycle("frozen", json!({"frozen": frozen(1)}));
        let run = cycle("rated", json!({"frozen": frozen(1), "rated": rated}));
        let back = cycle("frozen", json!({"frozen": frozen(1), "returned": [part(json!({}))]}));
        let agreed = |by: &str| {
            cycle("approved", json!({"frozen": frozen(1), "rated": rated, "approved": approved(by)}))
        };
        let cancelled = |more: Value| {
            let mut value = cycle("cancelled", more);
            value["cancelled"] = part(json!({}));
            value
        };
        for (before, now, by, expected) in [
            (None, &draft, "wang", Ok(Step::Created)),
            (None, &draft, "li", Err("detail.created.by")),
            (None, &first, "wang", Err("detail.state")),
            (Some(&draft), &first, "li", Ok(Step::Frozen)),
            (Some(&draft), &cycle("frozen", json!({"frozen": frozen(2)})), "li", Err("detail.frozen.number")),
            (Some(&first), &cycle("frozen", json!({"frozen": frozen(2)})), "li", Ok(Step::Frozen)),
            (Some(&first), &first, "li", Err("detail.frozen.number")),
            (Some(&draft), &cycle("frozen", json!({})), "li", Err("detail.frozen.number")),
            (Some(&first), &run, "li", Ok(Step::Rated)),
            (Some(&first), &run, "wang", Err("detail.rated.signed.by")),
            (Some(&draft), &run, "li", Err("detail.state")),
            (
                Some(&first),
                &cycle("rated", json!({"frozen": frozen(2), "rated": rated})),
                "li",
                Err("detail.frozen.number"),
            ),
            (Some(&run), &back, "li", Ok(Step::Returned)),
            (Some(&run), &first, "li", Err("detail.returned")),
            (Some(&run), &agreed("li"), "li", Ok(Step::Approved)),
            (Some(&run), &agreed("wang"), "wang", Err("detail.approved.signed.by")),
            (Some(&first), &agreed("li"), "li", Err("detail.state")),
            (Some(&agreed("li")), &cycle("closed", json!({})), "li", Err("detail.state")),
            (Some(&draft), &cancelled(json!({})), "li", Ok(Step::Cancelled)),
            (Some(&cancelled(json!({}))), &draft, "li", Err("detail.state")),
            (Some(&draft), &cancelled(json!({"region": "510000"})), "li", Err("detail.region")),
        ] {
            assert_eq!(tried(before, now, by), expected.map_err(str::to_owned), "{before:?} {now}");
        }
    }
}
