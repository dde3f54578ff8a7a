//! Imports, an update, a succession, three versions of a plan, batches, a withdrawal, objections in every state,
//! consumers with refusals, and a batch that nobody sees.

use floatrate::collection::{Feed, Refused, acknowledge, resolve};
use floatrate::determination::{
    Agency, Batch, By, Cause, Detail, New, Order, Withdrawal, create, objection, withdraw,
};
use floatrate::employer::{Body, Intake, Kind, Succession, succeed};
use floatrate::exchange::json;
use floatrate::plans::{self, Library};
use floatrate::rate::Explain;
use floatrate::store::tables::{determinations, records};
use floatrate::store::{Db, Instant};
use floatrate::synth::{SynthOptions, employer};
use floatrate::workdays::Calendar;
use floatrate_engine::Lang;
use floatrate_engine::record::Date;
use std::collections::BTreeMap;
use std::sync::Arc;
use tempfile::TempDir;

pub(super) const PLAN: &str = "cn-510400-2021";
pub(super) const OFFICER: &str = "self-declared:officer Li";

/// A database in a folder of its own.
pub(super) struct World {
    folder: TempDir,
    pub(super) db: Db,
    /// Batches, the first of them with the plan as it is shipped.
    pub(super) batches: Vec<String>,
}

impl World {
    async fn empty() -> Self {
        let folder = TempDir::new().unwrap();
        let db = Db::open(&folder.path().join("f.db").display().to_string()).await.unwrap();
        Self { folder, db, batches: Vec::new() }
    }

    pub(super) fn path(&self) -> String {
        self.folder.path().join("f.db").display().to_string()
    }

    /// Employers rated under three versions of the plan, and nothing else.
    pub(super) async fn of_employers(employers: u64) -> Self {
        let mut world = Self::empty().await;
        let libraries = versions();
        world.import(&libraries[0], 0..employers, |_| ()).await;
        for library in libraries {
            world.rate(&Agency::new(world.db.clone(), library)).await;
        }
        world
    }

    /// Everything that a database can hold, in small.
    pub(super) async fn of_everything() -> Self {
        let mut world = Self::empty().await;
        let [first, second, third] = versions();
        world.import(&first, 0..24, |_| ()).await;
        let agency = Agency::new(world.db.clone(), first);
        world.rate(&agency).await;
        let update = |value: &mut serde_json::Value| value["employer"]["name"] = "更名企业".into();
        world.import(&agency.library, 0..6, update).await;
        let succession = Succession {
            kind: Kind::Renaming,
            date: "2026-02-01".into(),
            predecessors: vec![employer(&options(), 3).employer.id],
            successors: Vec::new(),
            policy: None,
            policy_of: String::new(),
            name: Some("承继企业".into()),
            risk_class: None,
            region: None,
            reason: "registry notice 7".into(),
            notes: Vec::new(),
            sources: BTreeMap::new(),
        };
        succeed(&world.db, succession, &[], OFFICER, None, false).await.unwrap();
        world.rate(&Agency::new(world.db.clone(), second)).await;
        world.rate(&Agency::new(world.db.clone(), third)).await;
        world.procedures(&agency).await;
        world.consumers().await;
        world.unseen().await;
        world
    }

    /// Imports employers as changed, and an item that is rejected.
    async fn import(
        &self,
        library: &Library,
        indexes: std::ops::Range<u64>,
        change: impl Fn(&mut serde_json::Value),
    ) {
        let mut intake = Intake::begin(Some(&self.db), "a test", OFFICER).await.unwrap();
        for index in indexes {
            let mut value = serde_json::to_value(employer(&options(), index)).unwrap();
            change(&mut value);
            let form = json::parse(&value.to_string()).unwrap();
            let read = Intake::read(i64::try_from(index).unwrap() + 1, &form, library.catalog.declared());
            intake.add(read).await.unwrap();
        }
        let wrong = json::parse(r#"{"employer":{"id":"71"},"periods":[]}"#).unwrap();
        let read = Intake::read(100_001, &wrong, library.catalog.declared());
        assert!(read.is_err());
        intake.add(read).await.unwrap();
        intake.end(None).await.unwrap();
    }

    /// Rates all newest records under the plan of an agency and publishes what needs no person.
    async fn rate(&mut self, agency: &Agency) {
        let date: Date = "2026-01-01".parse().unwrap();
        let text = agency.raters.text(&agency.library, PLAN).unwrap();
        let loaded = agency.raters.of_text(&text).unwrap();
        let until = loaded.valid_through(date).unwrap();
        let detail = Detail::new(Cause::Annual);
        let mut batch = Batch::default();
        let mut after = String::new();
        loop {
            let page = records::bodies(&self.db, None, &after, 2_000).await.unwrap();
            let Some(last) = page.last() else { break };
            after.clone_from(&last.0);
            let read: Vec<_> =
                page.iter().map(|(_, _, _, b, _)| Body(b.clone()).record().unwrap().0).collect();
            let rows = loaded
                .rate(date, By { portfolio: &BTreeMap::new(), hand: None }, &read, Explain::None, Lang::En)
                .unwrap();
            for ((_, version, digest, _, region), row) in page.iter().zip(&rows) {
                if row.status == "review" {
                    continue;
                }
                let new = New {
                    row,
                    record_version: *version,
                    record_digest: *digest,
                    region,
                    from: date,
                    until,
                    detail: &detail,
                };
                batch.add(&self.db, &text, &new).await.unwrap();
            }
        }
        self.batches.push(batch.id().to_owned());
        batch.publish(&self.db, &[&text], OFFICER).await.unwrap();
    }

    /// Objections: filed, rejected, upheld, answered; and a withdrawal.
    async fn procedures(&self, agency: &Agency) {
        let today = Instant::now().day();
        let mut upheld = Vec::new();
        for ordinal in 1..=4 {
            let filing = objection::Filing {
                determination_id: determinations::id(&self.batches[0], ordinal),
                reason: "claim 2023-17 was paid by another employer".into(),
                ..objection::Filing::default()
            };
            let filed =
                objection::file(agency, &filing, &Calendar::default(), today, OFFICER, None).await.unwrap();
            if ordinal > 1 {
                let id = filed.objection.id;
                objection::decide(agency, &id, ordinal > 2, "file 12", "", OFFICER, None).await.unwrap();
                upheld.push((id, filed.objection.employer_id));
            }
        }
        let (id, employer_id) = upheld.pop().unwrap();
        let order = Order {
            employer_id,
            plan: PLAN.into(),
            rating_date: "2026-01-01".into(),
            cause: "objection".into(),
            note: "claim removed, file 12".into(),
            accept_illustrative: "a test".into(),
            objection_id: id,
            ..Order::default()
        };
        create(agency, &order, OFFICER, None).await.unwrap();
        let withdrawal =
            Withdrawal { id: determinations::id(&self.batches[0], 5), reason: "rated twice, file 13".into() };
        withdraw(agency, &withdrawal, OFFICER, None).await.unwrap();
    }

    async fn consumers(&self) {
        let feed = Feed::open(self.db.clone()).await.unwrap();
        let refused = |position| Refused { position, reason: "unknown payer 31".into() };
        acknowledge(&feed, "tax", 5, &[refused(2), refused(4)], "self-declared:tax").await.unwrap();
        acknowledge(&feed, "tax", 9, &[], "self-declared:tax").await.unwrap();
        acknowledge(&feed, "bank-2", 7, &[refused(7)], "self-declared:bank").await.unwrap();
        resolve(&feed, "tax", 4, "registered, notice 8", OFFICER).await.unwrap();
    }

    /// A batch that broke off.
    async fn unseen(&self) {
        let mut tx = self.db.begin().await.unwrap();
        let rows = determinations::of_batch(&mut tx, &self.batches[0], 0, 3).await.unwrap();
        let rows: Vec<_> = rows.into_iter().map(|(row, _)| row).collect();
        determinations::add_chunk(&mut tx, "b7unseen", 1, &rows).await.unwrap();
        tx.commit().await.unwrap();
    }
}

fn options() -> SynthOptions {
    SynthOptions { employers: 1_000_000, seed: 5, region: "510400".into(), first_year: 2023, last_year: 2025 }
}

/// The shipped plans, and two times with another band.
fn versions() -> [Arc<Library>; 3] {
    ["0.5", "0.4", "0.3"].map(|bound| {
        let mut texts = plans::embedded();
        let plan = texts.get_mut("cn/510400/2021/plan.toml").unwrap();
        for (from, to) in
            [("\"(0..0.5]\"", format!("\"(0..{bound}]\"")), ("\"(0.5..1]\"", format!("\"({bound}..1]\""))]
        {
            assert!(plan.contains(from));
            *plan = plan.replacen(from, &to, 1);
        }
        let catalog = plans::catalog(&texts).unwrap_or_else(|why| panic!("{}", why.text()));
        Arc::new(Library { catalog, texts })
    })
}
