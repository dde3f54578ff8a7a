//! From draft to closed, and what is refused on the way.

use super::*;
use floatrate::collection::{Answer, Feed};
use floatrate::cycle::State;
use floatrate::determination::{found, replay};
use floatrate::problem::What;
use floatrate::store::requests::Request;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[tokio::test(flavor = "multi_thread")]
async fn from_draft_to_closed() {
    on_each(async |agency, _| {
        import(&agency.db, city(3_000, 1)).await;
        import(&agency.db, [record("Z1", 5), record("Z2", 9_999_999)]).await;
        let id = created(&agency).await;
        assert_eq!(cycle::get(&agency.db, &id).await.unwrap().cycle.state, State::Draft);
        let frozen = freeze(&agency, &id).await.cycle;
        let freeze = frozen.frozen.unwrap();
        assert_eq!((frozen.state, freeze.employers, freeze.number), (State::Frozen, 3_002, 1));
        // What comes in later is not in it.
        import(&agency.db, [record("Z2", 1), record("Z3", 1)]).await;
        let mut told = Vec::new();
        let mut tell = |progress: Progress| told.push(progress.done);
        let standing = cycle::run(&agency, &id, OFFICER, &Options::default(), &mut tell).await.unwrap();
        assert_eq!(told, [0, 2_000, 3_002]);
        let counts = standing.cycle.rated.as_ref().unwrap().counts;
        assert_eq!((counts.employers, counts.rated + counts.kept + counts.review), (3_002, 3_002));
        for item in cycle::items(&agency.db, &id, 0, "", 1_000).await.unwrap() {
            let choice = cycle::Resolution::Choose(cycle::Choice::LeaveOut, "closed since");
            cycle::resolve(&agency, &id, &item.employer_id, &choice, &item.etag, OFFICER, None)
                .await
                .unwrap();
        }
        let feed = Feed::open(agency.db.clone()).await.unwrap();
        assert_eq!(feed.newest(), 0);
        let approved = approve(&agency, &id).await.unwrap().cycle.approved.unwrap();
        assert_eq!(approved.determinations + approved.left_out, 3_002);
        feed.catch_up().await.unwrap();
        assert_eq!(feed.newest(), 0);
        let published = publish(&agency, &id).await.unwrap().cycle;
        assert_eq!(published.published.as_ref().unwrap().accept_illustrative, REASON);
        assert_eq!(cycle::illustrative_reason(&agency.db, &id).await.unwrap(), REASON);
        feed.catch_up().await.unwrap();
        assert_eq!(feed.newest(), approved.determinations);
        let Answer::Holds(change) = feed.rate("Z2", DATE.parse().unwrap(), None) else { panic!() };
        assert_eq!(
            (change.terms.cause.as_str(), change.until.to_string().as_str()),
            ("annual", "2026-12-31")
        );
        let one = found(&agency.db, &change.id).await.unwrap();
        assert_eq!(one.kept.record_version, 1);
        assert!(replay(&agency, &one.kept).await.unwrap().differences.is_empty());
        assert!(matches!(feed.rate("Z3", DATE.parse().unwrap(), None), Answer::Nothing));
        let closed = cycle::close(&agency, &id, "", OFFICER, None).await.unwrap().cycle;
        assert_eq!((closed.state, closed.closed.unwrap().by.as_str()), (State::Closed, OFFICER));
    })
    .await;
}

/// Every step from every state: only the arrows of the picture go.
#[tokio::test(flavor = "multi_thread")]
async fn only_the_arrows_go() {
    on_each(async |agency, _| {
        import(&agency.db, (0..5).map(|n| record(&format!("E{n}"), n))).await;
        let states = ["draft", "frozen", "rated", "approved", "published", "closed", "cancelled"];
        let steps = ["freeze", "run", "return", "approve", "publish", "close", "cancel"];
        let allowed = [
            "draft freeze frozen",
            "draft cancel cancelled",
            "frozen freeze frozen",
            "frozen run rated",
            "frozen cancel cancelled",
            "rated return frozen",
            "rated approve approved",
            "rated cancel cancelled",
            "approved publish published",
            "approved cancel cancelled",
            "published close closed",
        ];
        for state in states {
            for step in steps {
                let id = brought_to(&agency, state).await;
                let done = go(&agency, &id, step).await;
                let arrow = format!("{state} {step} ");
                match allowed.iter().find_map(|a| a.strip_prefix(&arrow)) {
                    Some(to) => assert_eq!(done.unwrap().cycle.state.name(), to, "{arrow}"),
                    None => {
                        let why = done.unwrap_err();
                        let in_state = matches!(&why, Problem::State(What::Cycle, _, is, _) if is == state);
                        assert!(in_state, "{arrow}: {why:?}");
                        let now = cycle::get(&agency.db, &id).await.unwrap();
                        assert_eq!(now.cycle.state.name(), state);
                    }
                }
            }
        }
    })
    .await;
}

async fn brought_to(agency: &Agency, state: &str) -> String {
    let id = created(agency).await;
    let steps: &[&str] = match state {
        "draft" => &[],
        "frozen" => &["freeze"],
        "rated" => &["freeze", "run"],
        "approved" => &["freeze", "run", "approve"],
        "published" => &["freeze", "run", "approve", "publish"],
        "closed" => &["freeze", "run", "approve", "publish", "close"],
        _ => &["cancel"],
    };
    for step in steps {
        go(agency, &id, step).await.unwrap();
    }
    id
}

async fn go(agency: &Agency, id: &str, step: &str) -> Result<Standing, Problem> {
    match step {
        "freeze" => cycle::freeze(agency, id, &BTreeMap::new(), "", OFFICER, None).await,
        "run" => run(agency, id).await,
        "return" => cycle::give_back(agency, id, "look again", "", APPROVER, None).await,
        "approve" => approve(agency, id).await,
        "publish" => publish(agency, id).await,
        "close" => cycle::close(agency, id, "", OFFICER, None).await,
        _ => cycle::cancel(agency, id, "not this year", "", OFFICER, None).await,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_and_what_stands_in_the_way() {
    on_each(async |agency, _| {
        let wrong = Order { region: "5104".into(), plan: PLAN.into(), rating_date: "2026-13-01".into() };
        let Problem::Fields(fields) = cycle::create(&agency, &wrong, OFFICER, None).await.unwrap_err() else {
            panic!()
        };
        assert!(fields.iter().map(|f| f.field.as_str()).eq(["region", "rating_date"]));
        let off = Order { rating_date: "2026-02-01".into(), ..order() };
        let why = cycle::create(&agency, &off, OFFICER, None).await.unwrap_err();
        assert!(matches!(why, Problem::NotARatingDate(..)), "{why:?}");
        let unknown = Order { plan: "cn-999999-2021".into(), ..order() };
        let why = cycle::create(&agency, &unknown, OFFICER, None).await.unwrap_err();
        assert!(matches!(why, Problem::PlanNotFound(..)), "{why:?}");
        // Nobody is there.
        let id = created(&agency).await;
        let why = cycle::freeze(&agency, &id, &BTreeMap::new(), "", OFFICER, None).await.unwrap_err();
        assert!(matches!(&why, Problem::NoEmployers(region) if region == "510400"), "{why:?}");
        import(&agency.db, [record("A", 1)]).await;
        let draft = cycle::get(&agency.db, &id).await.unwrap().etag;
        freeze(&agency, &id).await;
        let why = cycle::freeze(&agency, &id, &BTreeMap::new(), &draft, OFFICER, None).await.unwrap_err();
        assert!(matches!(why, Problem::Stale(What::Cycle, _)), "{why:?}");
        run(&agency, &id).await.unwrap();
        for creator in [OFFICER, "wang (approver, token)"] {
            let why = cycle::approve(&agency, &id, "", creator, None).await.unwrap_err();
            assert!(matches!(why, Problem::SamePerson(..)), "{why:?}");
        }
        approve(&agency, &id).await.unwrap();
        let why = cycle::publish(&agency, &id, " ", "", OFFICER, None).await.unwrap_err();
        assert!(matches!(&why, Problem::NotEnacted(_, status) if status == "illustrative"), "{why:?}");
        publish(&agency, &id).await.unwrap();
    })
    .await;
}

/// A province's cycle has the areas within it, the nation's has all; who names no region is in none, and is counted.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_it() {
    on_each(async |agency, _| {
        let of = |id: &str, region: &str| {
            let text = String::from_utf8(record(id, 1).body).unwrap();
            let stated = if region.is_empty() { String::new() } else { format!("\"region\":\"{region}\",") };
            read(&text.replace("\"region\":\"510400\",", &stated))
        };
        import(&agency.db, [of("A", "510402"), of("B", "510000"), of("C", "320100"), of("D", "")]).await;
        for (region, employers) in [("510400", 1), ("510000", 2), ("000000", 3)] {
            let order = Order { region: region.into(), ..order() };
            let id = cycle::create(&agency, &order, OFFICER, None).await.unwrap().cycle.id;
            let frozen = freeze(&agency, &id).await.cycle.frozen.unwrap();
            assert_eq!((frozen.employers, frozen.without_region), (employers, 1), "{region}");
        }
    })
    .await;
}

/// What is law is approved by persons that somebody vouches for, and published without a reason; elsewhere it is no law.
#[tokio::test(flavor = "multi_thread")]
async fn an_enacted_plan() {
    on_each(async |agency, _| {
        let catalog = &agency.library.catalog;
        let plan = catalog
            .plans()
            .find(|p| p.checked.status.name() == "enacted" && p.checked.rating.is_some())
            .unwrap();
        let (plan, region) = (plan.checked.id.clone(), plan.checked.region.clone());
        let date = (2015..2040)
            .flat_map(|year| (1..=12).map(move |month| format!("{year}-{month:02}-01")))
            .find(|date| catalog.plan(&plan).unwrap().checked.rates_on(date.parse().unwrap()))
            .unwrap();
        let text = |region: &str| {
            let whole = record(&format!("R{region}"), 1);
            String::from_utf8(whole.body).unwrap().replace("510400", region)
        };
        import(&agency.db, [read(&text(&region)), read(&text("510400"))]).await;
        for (place, law) in [(region.as_str(), true), ("510400", false)] {
            let order = Order { region: place.into(), plan: plan.clone(), rating_date: date.clone() };
            let id = cycle::create(&agency, &order, OFFICER, None).await.unwrap().cycle.id;
            freeze(&agency, &id).await;
            run(&agency, &id).await.unwrap();
            for item in cycle::items(&agency.db, &id, 0, "", 10).await.unwrap() {
                let step = cycle::Resolution::Choose(cycle::Choice::ByHand { step: 0 }, "as before");
                cycle::resolve(&agency, &id, &item.employer_id, &step, "", OFFICER, None).await.unwrap();
                let agree = cycle::Resolution::Agree;
                cycle::resolve(&agency, &id, &item.employer_id, &agree, "", SECOND, None).await.unwrap();
            }
            let why = approve(&agency, &id).await.unwrap_err();
            assert!(matches!(why, Problem::NotVerified(..)), "{why:?}");
            cycle::approve(&agency, &id, "", "chen (approver, certificate)", None).await.unwrap();
            let bare = cycle::publish(&agency, &id, "", "", OFFICER, None).await;
            let why = cycle::publish(&agency, &id, REASON, "", OFFICER, None).await;
            assert_eq!((bare.is_ok(), why.is_ok()), (law, !law), "{place}: {bare:?} {why:?}");
        }
    })
    .await;
}

/// A request that is sent again does nothing twice.
#[tokio::test(flavor = "multi_thread")]
async fn requests() {
    on_each(async |agency, _| {
        let request = Request::new("r1", "CreateCycle", OFFICER, b"510400");
        let id = cycle::create(&agency, &order(), OFFICER, Some(&request)).await.unwrap().cycle.id;
        let again = cycle::create(&agency, &order(), OFFICER, Some(&request)).await.unwrap_err();
        assert!(matches!(again, Problem::Store(floatrate::store::StoreError::Conflict)), "{again:?}");
        assert_eq!(floatrate::determination::answered(&agency, Some(&request)).await.unwrap(), Some(id));
        assert_eq!(cycle::page(&agency.db, "", None, "", 10).await.unwrap().len(), 1);
    })
    .await;
}

/// The same employers give the same digest on both databases, with one thread or many, and in every later run.
#[tokio::test(flavor = "multi_thread")]
async fn one_digest() {
    let mut digests = Vec::new();
    for database in databases() {
        let db = Db::open(&database.url).await.unwrap();
        let agency = agency(&db);
        import(&db, city(9_000, 3)).await;
        for threads in [1, 2, 7] {
            let id = frozen(&agency).await;
            let options = Options { threads, ..Options::default() };
            let standing = cycle::run(&agency, &id, OFFICER, &options, &mut |_| {}).await.unwrap();
            digests.push(digest(&standing));
            cycle::give_back(&agency, &id, "again", "", APPROVER, None).await.unwrap();
            digests.push(digest(&run(&agency, &id).await.unwrap()));
        }
        db.close().await;
    }
    assert!(digests.windows(2).all(|pair| pair[0] == pair[1]), "{digests:#?}");
    let other = crate::databases::sqlite();
    let db = Db::open(&other.url).await.unwrap();
    let agency = agency(&db);
    import(&db, city(9_000, 4)).await;
    assert_ne!(digest(&run(&agency, &frozen(&agency).await).await.unwrap()), digests[0]);
}

/// While it is published, a reader sees none or all, by the feed and by employer.
#[tokio::test(flavor = "multi_thread")]
async fn none_or_all() {
    on_each(async |agency, database| {
        const SIZE: i64 = 20_000;
        import(&agency.db, (0..SIZE).map(|n| record(&format!("E{n:06}"), n))).await;
        let id = rated(&agency).await;
        approve(&agency, &id).await.unwrap();
        let done = Arc::new(AtomicBool::new(false));
        let (url, stop) = (database.url.clone(), Arc::clone(&done));
        let reader = tokio::spawn(async move {
            let db = Db::open(&url).await.unwrap();
            let feed = Feed::open(db.clone()).await.unwrap();
            let (mut looks, mut last) = (0, false);
            while !last {
                last = stop.load(Ordering::SeqCst);
                feed.catch_up().await.unwrap();
                let newest = feed.newest();
                assert!(newest == 0 || newest == SIZE, "{newest}");
                let held = |n: i64| feed.rate(&format!("E{n:06}"), DATE.parse().unwrap(), None);
                let seen = [0, SIZE / 2, SIZE - 1].map(|n| !matches!(held(n), Answer::Nothing));
                assert!(newest == 0 || seen == [true; 3]);
                looks += 1;
                tokio::task::yield_now().await;
            }
            looks
        });
        publish(&agency, &id).await.unwrap();
        done.store(true, Ordering::SeqCst);
        assert!(reader.await.unwrap() > 0);
    })
    .await;
}
