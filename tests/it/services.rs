//! Records, determinations and collection, through a served door over SQLite: what an agency and a collection system do
//! with them, and what they are told where something stands in the way.

mod determinations;
mod hindsight;
mod kinds;
mod objections;
mod rates;
mod reasons;
mod records;
mod refused;
mod regions;
mod succession;

use super::door::{Served, serve};
use floatrate::config::Config;
use floatrate_proto::floatrate::v1;
use floatrate_proto::floatrate::v1::collection_service_client::CollectionServiceClient;
use floatrate_proto::floatrate::v1::determination_service_client::DeterminationServiceClient;
use floatrate_proto::floatrate::v1::employer_service_client::EmployerServiceClient;
use tonic::Status;
use tonic::transport::Channel;
use tonic_types::StatusExt;

/// A region with an enacted plan that looks at the two calendar years before, and its class 4: 0.9 %.
pub(crate) const REGION: &str = "210100";
/// A first of January on which that plan rates.
pub(crate) const NEW_YEAR: &str = "2026-01-01";

/// A served door with a client of each service.
pub(crate) struct Office {
    pub(crate) served: Served,
    pub(crate) employers: EmployerServiceClient<Channel>,
    pub(crate) determinations: DeterminationServiceClient<Channel>,
    pub(crate) collection: CollectionServiceClient<Channel>,
}

impl Office {
    pub(crate) async fn open() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let served = serve(change).await;
        let channel = || served.channel.clone();
        Self {
            employers: EmployerServiceClient::new(channel()),
            determinations: DeterminationServiceClient::new(channel()),
            collection: CollectionServiceClient::new(channel()),
            served,
        }
    }

    /// Imports records that are good.
    pub(crate) async fn import(&mut self, records: Vec<v1::Record>) -> v1::ImportRecordsResponse {
        let done = self.employers.import_records(upload("", records)).await.unwrap().into_inner();
        assert_eq!(done.rejected, 0, "{:?}", done.first_rejects);
        done
    }

    /// Publishes a determination.
    pub(crate) async fn publish(&mut self, request: v1::CreateDeterminationRequest) -> v1::Determination {
        let made = self.determinations.create_determination(request).await;
        made.unwrap_or_else(|why| panic!("{why:?}")).into_inner().determination.unwrap()
    }

    /// Why a determination is not made.
    pub(crate) async fn refused(&mut self, request: v1::CreateDeterminationRequest) -> Status {
        self.determinations.create_determination(request).await.unwrap_err()
    }

    pub(crate) async fn rate(&mut self, employer: &str, date: &str) -> Result<v1::GetRateResponse, Status> {
        self.known(employer, date, "").await
    }

    pub(crate) async fn known(
        &mut self,
        employer: &str,
        date: &str,
        known_at: &str,
    ) -> Result<v1::GetRateResponse, Status> {
        let request =
            v1::GetRateRequest { employer_id: employer.into(), date: date.into(), known_at: known_at.into() };
        self.collection.get_rate(request).await.map(tonic::Response::into_inner)
    }

    /// The feed after a position.
    pub(crate) async fn feed(&mut self, cursor: i64) -> Vec<v1::RateChange> {
        let request =
            v1::ListRateChangesRequest { consumer: "tax".into(), cursor: Some(cursor), page_size: 1_000 };
        self.collection.list_rate_changes(request).await.unwrap().into_inner().changes
    }
}

/// An employer of [`REGION`], class 4, insured for long, with four full years and these benefits in 2025, in fen; the
/// contributions of the window are 200,000,000.
pub(crate) fn record(id: &str, benefits: i64) -> v1::Record {
    let period = |year: i32| v1::Period {
        start: format!("{year}-01-01"),
        end: format!("{year}-12-31"),
        payroll: Some(11_111_111_100),
        contributions_due: Some(100_000_000),
        contributions_paid: Some(100_000_000),
        headcount: Some("100".into()),
        months_insured: Some(12),
        ..Default::default()
    };
    let claim = |benefits| v1::Claim {
        id: "2025-1".into(),
        date: "2025-03-04".into(),
        cause: "work_accident".into(),
        outcome: "temporary".into(),
        benefits_paid: Some(benefits),
        ..Default::default()
    };
    v1::Record {
        employer: Some(v1::Employer {
            id: id.into(),
            name: Some(format!("单位{id}")),
            region: Some(REGION.into()),
            risk_class: Some(4),
            insured_since: "2015-01-01".into(),
            ..Default::default()
        }),
        periods: (2022..=2025).map(period).collect(),
        claims: (benefits > 0).then(|| claim(benefits)).into_iter().collect(),
        facts: [].into(),
    }
}

/// The same in another region.
pub(crate) fn record_in(region: &str, id: &str) -> v1::Record {
    let mut record = record(id, 0);
    record.employer.as_mut().unwrap().region = Some(region.into());
    record
}

/// An import as a stream: the header, then the records, counted from 1.
pub(crate) fn upload(
    request_id: &str,
    records: Vec<v1::Record>,
) -> impl tokio_stream::Stream<Item = v1::ImportRecordsRequest> + Send + 'static {
    let header = v1::ImportRecordsHeader {
        request_id: request_id.into(),
        source: "a file".into(),
        ..Default::default()
    };
    upload_with(header, records)
}

pub(crate) fn upload_with(
    header: v1::ImportRecordsHeader,
    records: Vec<v1::Record>,
) -> impl tokio_stream::Stream<Item = v1::ImportRecordsRequest> + Send + 'static {
    use v1::import_records_request::Content;
    let item = |(number, record)| Content::Item(v1::ImportRecordsItem { number, record: Some(record) });
    let all = std::iter::once(Content::Header(header)).chain((1..).zip(records).map(item));
    let all: Vec<_> = all.map(|content| v1::ImportRecordsRequest { content: Some(content) }).collect();
    tokio_stream::iter(all)
}

/// Asks for a determination of the first of January.
pub(crate) fn order(employer: &str) -> v1::CreateDeterminationRequest {
    v1::CreateDeterminationRequest {
        employer_id: employer.into(),
        rating_date: NEW_YEAR.into(),
        cause: "annual".into(),
        ..Default::default()
    }
}

/// A UUID of a number.
pub(crate) fn uuid(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012x}")
}

/// The reason of a refusal, after the fields that it names.
pub(crate) fn told(status: &Status) -> String {
    let details = status.get_error_details();
    let info = details.error_info().unwrap_or_else(|| panic!("{status:?}"));
    assert!(details.localized_message().is_some_and(|m| !m.message.is_ascii()), "{status:?}");
    let fields = details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
    let fields: Vec<String> = fields.into_iter().map(|violation| violation.field).collect();
    [fields.join(" "), info.reason.clone()].join(" ").trim_start().to_owned()
}

/// A value of a refusal's metadata.
pub(crate) fn value(status: &Status, key: &str) -> String {
    status.get_error_details().error_info().unwrap().metadata[key].clone()
}
