//! A decision on an employer of a cycle, as an officer words it.

use crate::cycle::{Choice, Resolution, ReviewItem, resolve, step_of_tier};
use crate::determination::Agency;
use crate::problem::Problem;
use floatrate_engine::Lang;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Wanted {
    /// Rated by a later version of the record; 0 is the newest.
    Record(i64),
    /// A tier by hand.
    Tier(String),
    /// A step by hand.
    Step(i64),
    /// Left out by name.
    LeaveOut,
    /// Agreed to the step that another proposed.
    Agree,
}

/// Takes a decision.
pub(in crate::cli) async fn settle(
    agency: &Agency,
    id: &str,
    employer_id: &str,
    (wanted, reason): (&Wanted, &str),
    etag: &str,
    signature: &str,
) -> Result<ReviewItem, Problem> {
    let choice = match wanted {
        Wanted::Record(version) => Choice::Record { version: *version },
        Wanted::Step(step) => Choice::ByHand { step: *step },
        Wanted::Tier(tier) => Choice::ByHand { step: step_of_tier(agency, id, employer_id, tier).await? },
        Wanted::LeaveOut => Choice::LeaveOut,
        Wanted::Agree => {
            return resolve(agency, id, employer_id, &Resolution::Agree, etag, signature, None).await;
        }
    };
    resolve(agency, id, employer_id, &Resolution::Choose(choice, reason), etag, signature, None).await
}

/// What became of an item.
pub(in crate::cli) fn told(item: &ReviewItem, lang: Lang) -> String {
    let (employer, decided) = (&item.employer_id, decided(item, lang));
    match (item.state.as_str(), lang) {
        ("proposed", Lang::Zh) => format!("{employer}：{decided}，须由另一人用 --agree 同意"),
        ("proposed", Lang::En) => format!("{employer}: {decided}; another person must agree with --agree"),
        ("open", _) => {
            let why = item.decided.as_ref().map(|d| d.open_reasons.join(", ")).unwrap_or_default();
            match lang {
                Lang::Zh => format!("{employer}：{decided}，但仍须人工复核：{why}"),
                Lang::En => format!("{employer}: {decided}, but still for a person to decide: {why}"),
            }
        }
        (_, Lang::Zh) => format!("{employer}：{decided}"),
        (_, Lang::En) => format!("{employer}: {decided}"),
    }
}

/// What was decided.
pub(super) fn decided(item: &ReviewItem, lang: Lang) -> String {
    match (item.decided.as_ref().map(|decided| &decided.choice), lang) {
        (None, _) => String::new(),
        (Some(Choice::Record { version }), Lang::Zh) => format!("按记录版本 {version} 核定"),
        (Some(Choice::Record { version }), Lang::En) => format!("by version {version} of the record"),
        (Some(Choice::ByHand { step }), Lang::Zh) => format!("人工设定 {step} 档"),
        (Some(Choice::ByHand { step }), Lang::En) => format!("step {step} by hand"),
        (Some(Choice::LeaveOut), Lang::Zh) => "不核定".to_owned(),
        (Some(Choice::LeaveOut), Lang::En) => "left out".to_owned(),
    }
}
