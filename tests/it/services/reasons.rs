//! A database that does not answer. The other reasons are met where they belong, in the modules beside this one.

use super::{order, told};
use crate::door::today;
use floatrate::auth::Caller;
use floatrate::collection::Feed;
use floatrate::determination::Agency;
use floatrate::plans;
use floatrate::rpc::{Desks, Determinations, Door, Employers, Pool};
use floatrate::store::Db;
use floatrate::workdays::Calendar;
use floatrate_proto::floatrate::v1;
use floatrate_proto::floatrate::v1::determination_service_server::DeterminationService;
use floatrate_proto::floatrate::v1::employer_service_server::EmployerService;
use std::sync::Arc;
use std::time::Duration;
use tonic::{Code, Request};
use tonic_types::StatusExt;

fn by_somebody<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(Caller::self_declared(None, None).unwrap());
    request
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_told_with_a_time_to_come_back() {
    let library = Arc::new(plans::library(None).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(folder.path().join("floatrate.db").to_str().unwrap()).await.unwrap();
    let door = Arc::new(Door {
        desks: Desks::new(Arc::clone(&library)),
        feed: Feed::open(db.clone()).await.unwrap(),
        agency: Agency::new(db.clone(), library),
        calendar: Calendar::default(),
        pool: Pool::new(1, 1).unwrap(),
        clock: today,
    });
    db.close().await;
    let created = Determinations::new(Arc::clone(&door)).create_determination(by_somebody(order("A"))).await;
    let get = v1::GetEmployerRequest { id: "A".into(), version: 0 };
    let got = Employers::new(door).get_employer(by_somebody(get)).await;
    for why in [created.unwrap_err(), got.unwrap_err()] {
        assert_eq!((why.code(), told(&why).as_str()), (Code::Unavailable, "DATABASE_UNAVAILABLE"));
        let retry = why.get_error_details().retry_info().unwrap().retry_delay;
        assert_eq!(retry, Some(Duration::from_secs(1)));
    }
}
