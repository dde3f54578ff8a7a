//! The life of an objection.

use super::{agency, determine, fields, import, on_each, order, record};
use floatrate::determination::create;
use floatrate::determination::objection::{Filing, Objection, decide, file, get, page};
use floatrate::problem::Problem;
use floatrate::store::ledger::entries_of;
use floatrate::workdays::Calendar;

#[tokio::test(flavor = "multi_thread")]
async fn filed_decided_and_answered() {
    on_each(async |db, _| {
        let agency = agency(&db);
        let calendar = Calendar::default();
        import(&db, [record("A", 1), record("B", 1)]).await;
        let id = determine(&agency, "A", "").await;
        let filing = |filed_on: &str, accept_late: &str| Filing {
            determination_id: id.clone(),
            reason: "the claim is not ours".to_owned(),
            filed_on: filed_on.to_owned(),
            notified_on: "2026-03-02".to_owned(),
            accept_late: accept_late.to_owned(),
        };
        let today = "2026-03-10".parse().unwrap();
        // Fifteen days from Monday to Friday after 2 March end on 23 March.
        let file = async |filing: Filing| file(&agency, &filing, &calendar, today, "clerk", None).await;
        let why = file(filing("2026-03-24", "")).await.unwrap_err();
        assert!(matches!(&why, Problem::ObjectionLate(day) if day == "2026-03-23"), "{why:?}");
        assert!(file(filing("2026-03-24", "the post was late")).await.unwrap().objection.late);
        assert_eq!(
            fields(&file(filing("2026-03-01", "")).await.unwrap_err()),
            [("filed_on", "unknown_value")]
        );
        let standing = file(filing("", "")).await.unwrap();
        let objection = &standing.objection;
        let found = (objection.state.as_str(), objection.filed_on.as_str(), objection.file_by.as_str());
        assert_eq!(found, ("filed", "2026-03-10", "2026-03-23"));
        assert_eq!(
            (objection.decide_by.as_str(), &objection.uncertain_years[..]),
            ("2026-03-24", &[2026][..])
        );

        // Two decide at once; one wins.
        let (yes, no) = tokio::join!(
            decide(&agency, &objection.id, true, "right", &standing.etag, "chief", None),
            decide(&agency, &objection.id, true, "right", &standing.etag, "deputy", None),
        );
        assert!(yes.is_ok() != no.is_ok(), "{yes:?} {no:?}");
        let lost = yes.err().or(no.err()).unwrap();
        assert!(matches!(lost, Problem::Stale(..)), "{lost:?}");
        let late = decide(&agency, &objection.id, false, "wrong", "", "chief", None).await.unwrap_err();
        assert!(matches!(late, Problem::State(_, _, state, _) if state == "upheld"));

        let mut answer = order("A", "");
        (answer.cause, answer.objection_id) = ("objection".to_owned(), objection.id.clone());
        let other = floatrate::determination::Order { employer_id: "B".to_owned(), ..answer.clone() };
        assert!(matches!(create(&agency, &other, "chief", None).await, Err(Problem::NotFound(..))));
        let (one, two) =
            tokio::join!(create(&agency, &answer, "chief", None), create(&agency, &answer, "chief", None));
        let (made, lost) = if let Ok(made) = one { (made, two) } else { (two.unwrap(), one) };
        assert!(matches!(lost, Err(Problem::State(..))), "{lost:?}");
        let now = get(&db, &objection.id).await.unwrap().objection;
        assert_eq!((now.state.as_str(), &now.redetermination_id), ("redetermined", &made.id));

        let entries = entries_of(&db, &objection.id).await.unwrap();
        let kinds: Vec<_> = entries.iter().map(|e| e.kind.as_str()).collect();
        assert_eq!(kinds, ["objected", "upheld", "redetermined"]);
        assert_eq!(Objection::by_ledger(&entries).unwrap(), Some(now));
        for (region, state, employer, expected) in [
            (None, "", "", 2),
            (Some("510000"), "filed", "A", 1),
            (Some("440300"), "", "", 0),
            (None, "redetermined", "A", 1),
            (None, "", "B", 0),
        ] {
            let found = page(&db, "", region, state, employer, 10).await.unwrap().len();
            assert_eq!(found, expected, "{region:?} {state} {employer}");
        }
    })
    .await;
}
