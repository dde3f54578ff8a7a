//! Values over all employers: over gRPC they come with the request, and results depend on them.

use crate::door::serve;
use floatrate_proto::floatrate::v1;
use floatrate_proto::floatrate::v1::rating_service_client::RatingServiceClient;
use std::path::Path;
use tempfile::TempDir;
use tonic::Code;
use tonic_types::StatusExt;

/// A folder with the tests' plan that reads two values over all employers, and its parent.
pub(crate) fn plans() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans");
    for (from, to) in [("base/plan.toml", "xx/base"), ("good/portfolio.toml", "xx/case")] {
        let to = folder.path().join(to);
        std::fs::create_dir_all(&to).unwrap();
        std::fs::copy(root.join(from), to.join("plan.toml")).unwrap();
    }
    folder
}

fn request(portfolio: &[(&str, &str)]) -> v1::RateEmployerRequest {
    let employer = v1::Employer {
        id: "A".into(),
        risk_class: Some(2),
        insured_since: "2020-01-01".into(),
        ..Default::default()
    };
    let period = v1::Period {
        start: "2024-01-01".into(),
        end: "2024-12-31".into(),
        contributions_paid: Some(1000),
        months_insured: Some(12),
        ..Default::default()
    };
    let claim = v1::Claim {
        id: "1".into(),
        date: "2024-05-04".into(),
        cause: "work_accident".into(),
        outcome: "temporary".into(),
        benefits_paid: Some(200),
        ..Default::default()
    };
    v1::RateEmployerRequest {
        plan: "xx-case".into(),
        rating_date: "2025-01-01".into(),
        record: Some(v1::Record {
            employer: Some(employer),
            periods: vec![period],
            claims: vec![claim],
            ..Default::default()
        }),
        portfolio: portfolio.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        ..Default::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_gives_the_values_and_results_depend_on_them() {
    let folder = plans();
    let served = serve(|config| config.plan_dir = Some(folder.path().to_owned())).await;
    let mut client = RatingServiceClient::new(served.channel.clone());

    let lacks = client.rate_employer(request(&[("share", "0.25")])).await.unwrap_err();
    assert_eq!(lacks.code(), Code::FailedPrecondition, "{lacks:?}");
    let info = lacks.get_details_error_info().unwrap();
    assert_eq!(info.reason, "PORTFOLIO_MISSING");
    assert_eq!(info.metadata["values"], "city_ratio");

    let wrong = client.rate_employer(request(&[("shaer", "0.25"), ("city_ratio", "-1")])).await.unwrap_err();
    assert_eq!(wrong.code(), Code::InvalidArgument);
    let faults = wrong.get_details_bad_request().unwrap().field_violations;
    let mut fields: Vec<String> = faults.into_iter().map(|f| f.field).collect();
    fields.sort();
    assert_eq!(fields, ["portfolio.city_ratio", "portfolio.shaer"]);

    let mut digests = Vec::new();
    for (city_ratio, step) in [("1/3", -1), ("0.2", 0)] {
        let given = [("share", "0.25"), ("city_ratio", city_ratio)];
        let result = client.rate_employer(request(&given)).await.unwrap().into_inner().result.unwrap();
        assert_eq!(result.step, step);
        assert_eq!(result.portfolio["city_ratio"], city_ratio);
        assert_eq!(result.portfolio["share"], "0.25");
        digests.push(result.input_digest);
    }
    assert_ne!(digests[0], digests[1]);
}
