//! A record that is corrected after publication: what was known then, what is known now, and what differs.

use super::{Office, order, record};
use floatrate_proto::floatrate::v1;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_correction_keeps_both_answers_and_explains_what_differs() {
    let mut office = Office::open().await;
    // Shenyang, class 4, no benefits in two years: half of 0.9 %.
    office.import(vec![record("A", 0)]).await;
    let first = office.publish(order("A")).await;

    // A claim of March 2025 comes to light: 500,000 yuan, a quarter of what was paid in. The rate of the whole year is
    // determined again.
    office.import(vec![record("A", 50_000_000)]).await;
    let again = v1::CreateDeterminationRequest {
        cause: "redetermination".into(),
        note: "the claim of 2025-03-04 was entered late".into(),
        ..order("A")
    };
    let second = office.publish(again).await;
    assert_eq!((second.record_version, &second.supersedes), (2, &first.id));

    // For a day of February: now, as was known when the first was published, and before anything was.
    let of = |answer: v1::GetRateResponse| (answer.rate.unwrap().id, answer.charged);
    let february = "2026-02-01";
    assert_eq!(of(office.rate("A", february).await.unwrap()), (second.id.clone(), "0.0072".into()));
    assert_eq!(
        of(office.known("A", february, &first.published_at).await.unwrap()),
        (first.id.clone(), "0.0045".into())
    );
    assert_eq!(
        of(office.known("A", february, &second.published_at).await.unwrap()),
        (second.id.clone(), "0.0072".into())
    );
    let before = office.known("A", february, "2020-01-01T00:00:00+08:00").await.unwrap_err();
    assert_eq!(super::told(&before), "RATE_UNPUBLISHED");

    // Why: one more claim, hence the ratio, hence the row of the table, hence the rate.
    let request = v1::ExplainDeterminationRequest {
        id: second.id.clone(),
        compare_with: first.id.clone(),
        language: "zh".into(),
        ..Default::default()
    };
    let explained = office.determinations.explain_determination(request).await.unwrap().into_inner();
    assert!(explained.record_history.is_empty());
    let result = explained.determination.unwrap().result.unwrap();
    let explanation = result.explanation.unwrap();
    assert!(!explanation.paragraphs.is_empty() && !explanation.paragraphs[0].text.is_ascii());
    let differ: Vec<(&str, &str, &str)> = explained
        .differences
        .iter()
        .map(|d| (d.path.as_str(), d.before.as_str(), d.after.as_str()))
        .filter(|(path, ..)| !path.ends_with("_digest") && *path != "determination.published_at")
        .collect();
    let claim = differ.iter().find(|(path, ..)| *path == "record.claims.2025-1").unwrap();
    assert!(claim.1.is_empty() && claim.2.contains("50000000"), "{claim:?}");
    for expected in [
        ("determination.record_version", "1", "2"),
        ("result.measures.payout_ratio", "0", "0.25"),
        ("result.tier", "0.5", "0.8"),
        ("result.rate", "0.0045", "0.0072"),
        ("result.step", "-2", "-1"),
        ("result.reasons[0]", "band:payout_ratio:1", "band:payout_ratio:2"),
    ] {
        assert!(differ.contains(&expected), "{expected:?} is not among {differ:?}");
    }
    // Nothing else of the record: no name, no period.
    assert!(
        differ.iter().all(|(path, ..)| !path.starts_with("record.") || path.starts_with("record.claims."))
    );

    // Both are what they were, bit for bit.
    for id in [first.id.clone(), second.id] {
        let request = v1::ReplayDeterminationRequest { id };
        let replayed = office.determinations.replay_determination(request).await.unwrap().into_inner();
        assert!(replayed.same && replayed.differences.is_empty(), "{replayed:?}");
    }
    // Others are not to be compared with.
    office.import(vec![record("B", 0)]).await;
    let other = office.publish(order("B")).await;
    for (compare_with, language, expected) in [
        (&*other.id, "", "compare_with INVALID_REQUEST"),
        ("d0-1", "", "NOT_FOUND"),
        ("", "fr", "language INVALID_REQUEST"),
    ] {
        let request = v1::ExplainDeterminationRequest {
            id: first.id.clone(),
            compare_with: compare_with.into(),
            language: language.into(),
            ..Default::default()
        };
        let why = office.determinations.explain_determination(request).await.unwrap_err();
        assert_eq!(super::told(&why), expected);
    }
}
