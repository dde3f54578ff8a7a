//! A served door and synthetic records as messages, for the tests of the service.

use floatrate::config::{Config, DatabaseUrl};
use floatrate::plans;
use floatrate::rpc::{Ended, Server};
use floatrate::synth::{SynthOptions, employer};
use floatrate_engine::record::Date;
use floatrate_proto::floatrate::v1;
use serde_json::Value;
use std::net::SocketAddr;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::Channel;

pub(crate) const PLAN: &str = "cn-510400-2021";
pub(crate) const DATE: &str = "2026-01-01";

/// A served door; dropping `down` ends it.
pub(crate) struct Served {
    pub(crate) channel: Channel,
    pub(crate) grpc: SocketAddr,
    pub(crate) console: SocketAddr,
    pub(crate) down: oneshot::Sender<()>,
    pub(crate) ended: JoinHandle<Ended>,
    /// The database is in here.
    pub(crate) folder: TempDir,
}

pub(crate) fn today() -> Date {
    "2025-06-01".parse().unwrap()
}

pub(crate) async fn serve(change: impl FnOnce(&mut Config)) -> Served {
    let mut config = Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        console: "127.0.0.1:0".parse().unwrap(),
        ..Config::default()
    };
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("floatrate.db");
    config.database = DatabaseUrl::parse(database.to_str().unwrap()).unwrap();
    change(&mut config);
    let server =
        Server::bind(&config, plans::library(config.plan_dir.as_deref()).unwrap(), today).await.unwrap();
    let (grpc, console) = server.addresses().unwrap();
    let (down, asked) = oneshot::channel::<()>();
    let ended = tokio::spawn(async move {
        let asked = async {
            let _ = asked.await;
        };
        server.run(asked).await.unwrap()
    });
    let channel = Channel::from_shared(format!("http://{grpc}")).unwrap().connect().await.unwrap();
    Served { channel, grpc, console, down, ended, folder }
}

pub(crate) fn options() -> SynthOptions {
    SynthOptions { employers: 10_000, seed: 3, region: "510400".into(), first_year: 2023, last_year: 2025 }
}

/// A synthetic employer as a message, from its JSON.
pub(crate) fn message(index: u64) -> v1::Record {
    let json: Value = serde_json::to_value(employer(&options(), index)).unwrap();
    let text = |v: &Value| v.as_str().map(str::to_owned);
    let e = &json["employer"];
    let rows = |name: &str| json[name].as_array().cloned().unwrap_or_default();
    let fact = |v: &Value| v1::FactValue {
        kind: Some(match v {
            Value::Bool(b) => v1::fact_value::Kind::Boolean(*b),
            other => v1::fact_value::Kind::Decimal(other.as_str().unwrap().to_owned()),
        }),
    };
    v1::Record {
        employer: Some(v1::Employer {
            id: text(&e["id"]).unwrap(),
            name: text(&e["name"]),
            region: text(&e["region"]),
            industry: e["industry"].is_object().then(|| v1::Industry {
                standard: text(&e["industry"]["standard"]).unwrap(),
                code: text(&e["industry"]["code"]).unwrap(),
            }),
            risk_class: e["risk_class"].as_i64().map(|c| i32::try_from(c).unwrap()),
            insured_since: text(&e["insured_since"]).unwrap(),
            first_insured: text(&e["first_insured"]),
            prior: e["prior"].is_object().then(|| v1::Prior {
                rate: text(&e["prior"]["rate"]).unwrap(),
                tier: text(&e["prior"]["tier"]),
                unlimited_rate: text(&e["prior"]["unlimited_rate"]),
            }),
        }),
        periods: rows("periods")
            .iter()
            .map(|p| v1::Period {
                start: text(&p["start"]).unwrap(),
                end: text(&p["end"]).unwrap(),
                payroll: p["payroll"].as_i64(),
                contributions_due: p["contributions_due"].as_i64(),
                contributions_paid: p["contributions_paid"].as_i64(),
                headcount: text(&p["headcount"]),
                months_insured: p["months_insured"].as_i64().map(|m| i32::try_from(m).unwrap()),
                ..Default::default()
            })
            .collect(),
        claims: rows("claims")
            .iter()
            .map(|c| v1::Claim {
                id: text(&c["id"]).unwrap(),
                date: text(&c["date"]).unwrap(),
                cause: text(&c["cause"]).unwrap(),
                outcome: text(&c["outcome"]).unwrap(),
                count: c["count"].as_i64().map(|n| i32::try_from(n).unwrap()),
                paid_on: text(&c["paid_on"]),
                benefits_paid: c["benefits_paid"].as_i64(),
                reserve: c["reserve"].as_i64(),
                ..Default::default()
            })
            .collect(),
        facts: json["facts"]
            .as_object()
            .map(|facts| facts.iter().map(|(name, v)| (name.clone(), fact(v))).collect())
            .unwrap_or_default(),
    }
}

pub(crate) fn one(record: v1::Record) -> v1::RateEmployerRequest {
    v1::RateEmployerRequest {
        plan: PLAN.into(),
        rating_date: DATE.into(),
        record: Some(record),
        ..Default::default()
    }
}
