//! The annual rate cycle through served doors, on both databases: from the draft to what the collection system reads.

mod python;
mod regions;
mod runs;
mod whole;

use super::databases::Database;
use super::services::{Office, record_in};
use floatrate::config::{Config, DatabaseUrl};
use floatrate_proto::floatrate::v1;
use floatrate_proto::floatrate::v1::cycle_service_client::CycleServiceClient;
use tonic::transport::Channel;
use tonic::{Request, Status};

/// An illustrative plan of 510400 with a ladder of 0.5, 0.8, 1, 1.2, 1.5 for class 4.
const PLAN: &str = "cn-510400-2021";
const CITY: &str = "510400";
const DATE: &str = "2026-01-01";
/// Two persons, by their own word.
const ZHANG: [&str; 2] = ["zhang", "officer"];
const LI: [&str; 2] = ["li", "approver"];

/// An office that also runs cycles.
struct Bureau {
    office: Office,
    cycles: CycleServiceClient<Channel>,
}

/// A message of somebody who names itself.
fn by<T>([name, role]: [&str; 2], message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("x-floatrate-name", name.parse().unwrap());
    request.metadata_mut().insert("x-floatrate-role", role.parse().unwrap());
    request
}

/// An employer of the city, class 4, without claims.
fn good(id: &str) -> v1::Record {
    record_in("510402", id)
}

/// One that paid no contributions: its payout ratio has no value, and a person must decide.
fn unpaid(id: &str) -> v1::Record {
    let mut record = good(id);
    record.periods.iter_mut().for_each(|period| period.contributions_paid = Some(0));
    record
}

fn state(cycle: &v1::Cycle) -> &'static str {
    v1::CycleState::try_from(cycle.state).unwrap().as_str_name().trim_start_matches("CYCLE_STATE_")
}

impl Bureau {
    async fn at(database: &Database) -> Self {
        Self::with(database, |_| {}).await
    }

    async fn with(database: &Database, change: impl FnOnce(&mut Config)) -> Self {
        let url = DatabaseUrl::parse(&database.url).unwrap();
        let office = Office::with(|config| {
            config.database = url;
            change(config);
        })
        .await;
        let cycles = CycleServiceClient::new(office.served.channel.clone());
        Self { office, cycles }
    }

    /// Many employers without claims.
    async fn import_many(&mut self, employers: usize) {
        let records = (0..employers).map(|number| good(&format!("E{number:05}"))).collect();
        self.office.import(records).await;
    }

    /// A draft of Zhang's.
    async fn draft(&mut self) -> v1::Cycle {
        let request = v1::CreateCycleRequest {
            request_id: String::new(),
            region: CITY.into(),
            plan: PLAN.into(),
            rating_date: DATE.into(),
        };
        self.cycles.create_cycle(by(ZHANG, request)).await.unwrap().into_inner().cycle.unwrap()
    }

    async fn freeze(&mut self, id: &str) -> Result<v1::Cycle, Status> {
        let request = v1::FreezeCycleRequest { id: id.into(), ..Default::default() };
        Ok(self.cycles.freeze_cycle(by(ZHANG, request)).await?.into_inner().cycle.unwrap())
    }

    /// The id of a frozen cycle.
    async fn frozen(&mut self) -> String {
        let id = self.draft().await.id;
        assert_eq!(state(&self.freeze(&id).await.unwrap()), "FROZEN");
        id
    }

    async fn run(&mut self, id: &str) -> Result<v1::Cycle, Status> {
        let request = v1::RunCycleRequest { id: id.into() };
        Ok(self.cycles.run_cycle(by(ZHANG, request)).await?.into_inner().cycle.unwrap())
    }

    async fn get(&mut self, id: &str) -> v1::Cycle {
        let request = v1::GetCycleRequest { id: id.into() };
        self.cycles.get_cycle(request).await.unwrap().into_inner().cycle.unwrap()
    }

    /// Everything that a watch tells until it ends.
    async fn watched(&mut self, id: &str) -> Vec<v1::Cycle> {
        let request = v1::WatchCycleRequest { id: id.into() };
        let mut watch = self.cycles.watch_cycle(request).await.unwrap().into_inner();
        let mut told = Vec::new();
        while let Some(message) = watch.message().await.unwrap() {
            told.push(message.cycle.unwrap());
        }
        told
    }

    /// Runs a cycle to its end.
    async fn rated(&mut self, id: &str) -> v1::Cycle {
        let begun = self.run(id).await.unwrap();
        assert_eq!((state(&begun), begun.runner.as_str()), ("FROZEN", "zhang (officer, self-declared)"));
        let last = self.watched(id).await.pop().unwrap();
        assert_eq!((state(&last), last.runner.as_str()), ("RATED", ""));
        last
    }

    async fn report(&mut self, id: &str) -> v1::CycleReport {
        let request = v1::GetCycleReportRequest { id: id.into(), ..Default::default() };
        self.cycles.get_cycle_report(request).await.unwrap().into_inner().report.unwrap()
    }

    async fn items(&mut self, id: &str, state: &str) -> Vec<String> {
        let request =
            v1::ListReviewItemsRequest { cycle_id: id.into(), state: state.into(), ..Default::default() };
        let page = self.cycles.list_review_items(request).await.unwrap().into_inner();
        page.items.into_iter().map(|item| item.employer_id).collect()
    }

    async fn approve(&mut self, who: [&str; 2], id: &str, etag: &str) -> Result<v1::Cycle, Status> {
        let request = v1::ApproveCycleRequest { id: id.into(), etag: etag.into(), ..Default::default() };
        Ok(self.cycles.approve_cycle(by(who, request)).await?.into_inner().cycle.unwrap())
    }

    async fn publish(&mut self, id: &str, reason: &str) -> Result<v1::Cycle, Status> {
        let request = v1::PublishCycleRequest {
            id: id.into(),
            accept_illustrative: reason.into(),
            ..Default::default()
        };
        Ok(self.cycles.publish_cycle(by(ZHANG, request)).await?.into_inner().cycle.unwrap())
    }

    async fn cancel(&mut self, id: &str, reason: &str) -> Result<v1::Cycle, Status> {
        let request = v1::CancelCycleRequest { id: id.into(), reason: reason.into(), ..Default::default() };
        Ok(self.cycles.cancel_cycle(by(ZHANG, request)).await?.into_inner().cycle.unwrap())
    }
}
