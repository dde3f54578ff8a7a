//! Imports, versions, lists.

use super::{Office, record, record_in, told, upload, upload_with, uuid};
use floatrate_proto::floatrate::v1;
use floatrate_proto::floatrate::v1::import_records_request::Content;
use tonic_types::RpcStatusExt;

fn broken(id: &str) -> v1::Record {
    let mut record = record(id, 0);
    record.employer.as_mut().unwrap().insured_since = "2023-02-30".into();
    record.periods[0].payroll = Some(-1);
    record
}

fn counts(done: &v1::ImportRecordsResponse) -> [i64; 4] {
    [done.created, done.updated, done.unchanged, done.rejected]
}

async fn rejects(office: &mut Office, import: &str, size: i32) -> Vec<v1::ImportReject> {
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = v1::ListImportRejectsRequest { import_id: import.into(), page_size: size, page_token };
        let page = office.employers.list_import_rejects(request).await.unwrap().into_inner();
        assert!(page.rejects.len() <= usize::try_from(size).unwrap());
        all.extend(page.rejects);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return all;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_items_touch_no_good_one_and_are_listed_in_order() {
    let mut office = Office::open().await;
    // More than a piece of work and than the first rejects that are shown.
    let all = (1..=300).map(|n| {
        let id = format!("E{n:03}");
        if n % 10 == 0 { broken(&id) } else { record(&id, 0) }
    });
    let done = office.employers.import_records(upload("", all.collect())).await.unwrap().into_inner();
    assert_eq!(counts(&done), [270, 0, 0, 30]);
    assert_eq!(done.first_rejects.len(), 20);
    let listed = rejects(&mut office, &done.import_id, 7).await;
    assert_eq!(
        listed.iter().map(|r| r.number).collect::<Vec<_>>(),
        (1..=30).map(|n| 10 * n).collect::<Vec<_>>()
    );
    assert_eq!(listed[..20], done.first_rejects[..]);
    let first = &listed[0];
    assert_eq!(first.employer_id, "E010");
    let status = first.status.as_ref().unwrap();
    let bad = status.get_error_details().bad_request().unwrap().field_violations.clone();
    let mut fields: Vec<&str> = bad.iter().map(|v| v.field.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["employer.insured_since", "periods[0].payroll"]);

    // The same again changes nothing; one changed record makes one version.
    let again = (1..=300).filter(|n| n % 10 != 0).map(|n| record(&format!("E{n:03}"), i64::from(n == 7)));
    let done = office.import(again.collect()).await;
    assert_eq!(counts(&done), [0, 1, 269, 0]);
    assert!(rejects(&mut office, &done.import_id, 7).await.is_empty());
    let unknown = v1::ListImportRejectsRequest { import_id: "i0".into(), ..Default::default() };
    assert_eq!(told(&office.employers.list_import_rejects(unknown).await.unwrap_err()), "NOT_FOUND");
}

/// Numbers are the caller's, and it need not give any.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn items_without_numbers_are_rejected_one_by_one() {
    let mut office = Office::open().await;
    let header =
        v1::ImportRecordsRequest { content: Some(Content::Header(v1::ImportRecordsHeader::default())) };
    let item = |record| v1::ImportRecordsRequest {
        content: Some(Content::Item(v1::ImportRecordsItem { number: 0, record: Some(record) })),
    };
    let all = vec![header.clone(), item(broken("A")), item(record("B", 0)), item(broken("C"))];
    let done = office.employers.import_records(tokio_stream::iter(all)).await.unwrap().into_inner();
    assert_eq!(counts(&done), [1, 0, 0, 2]);
    let ids: Vec<String> =
        rejects(&mut office, &done.import_id, 1).await.into_iter().map(|r| r.employer_id).collect();
    assert_eq!(ids, ["A", "C"]);
    // A stream in another order, or without anything.
    for wrong in [vec![item(record("D", 0))], vec![header.clone(), header], Vec::new()] {
        let why = office.employers.import_records(tokio_stream::iter(wrong)).await.unwrap_err();
        assert_eq!(told(&why), "header STREAM_ORDER");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_only_checked_is_not_kept_and_what_is_sent_twice_is_kept_once() {
    let mut office = Office::open().await;
    let check = v1::ImportRecordsHeader { validate_only: true, ..Default::default() };
    let all = vec![record("A", 0), broken("B")];
    let done = office.employers.import_records(upload_with(check, all)).await.unwrap().into_inner();
    assert_eq!((done.rejected, done.first_rejects.len()), (1, 1));
    let get = |id: &str| v1::GetEmployerRequest { id: id.into(), version: 0 };
    assert_eq!(told(&office.employers.get_employer(get("A")).await.unwrap_err()), "NOT_FOUND");

    let first = office.employers.import_records(upload(&uuid(1), vec![record("A", 0), broken("B")])).await;
    let first = first.unwrap().into_inner();
    assert_eq!(counts(&first), [1, 0, 0, 1]);
    let second = office.employers.import_records(upload(&uuid(1), vec![record("A", 0), broken("B")])).await;
    assert_eq!(second.unwrap().into_inner(), first);
    let other =
        v1::ImportRecordsHeader { request_id: uuid(1), source: "another".into(), validate_only: false };
    let why = office.employers.import_records(upload_with(other, Vec::new())).await.unwrap_err();
    assert_eq!(told(&why), "request_id REQUEST_ID_REUSED");
    let why = office.employers.import_records(upload("1", Vec::new())).await.unwrap_err();
    assert_eq!(told(&why), "request_id INVALID_REQUEST");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn versions_are_kept_and_lists_come_in_pages() {
    let mut office = Office::open().await;
    for benefits in [0, 5, 7] {
        office.import(vec![record("A", benefits)]).await;
    }
    let get = |version| v1::GetEmployerRequest { id: "A".into(), version };
    let newest = office.employers.get_employer(get(0)).await.unwrap().into_inner().employer.unwrap();
    assert_eq!((newest.version, newest.region.as_deref()), (3, Some("210100")));
    assert_eq!(newest.record.as_ref().unwrap().claims[0].benefits_paid, Some(7));
    let old = office.employers.get_employer(get(2)).await.unwrap().into_inner().employer.unwrap();
    assert_eq!(old.record.unwrap().claims[0].benefits_paid, Some(5));
    // The etag is that of what is newest, whichever version is shown.
    assert_eq!(old.etag, newest.etag);
    assert_ne!(old.digest, newest.digest);
    let by = &newest.recorded_by;
    assert!(by.starts_with("local (") && by.ends_with("self-declared)"), "{by}");
    assert!(newest.origin.starts_with("import:i"), "{}", newest.origin);
    for missing in [4, -1] {
        assert_eq!(told(&office.employers.get_employer(get(missing)).await.unwrap_err()), "NOT_FOUND");
    }
    let versions = |page_token: &str| v1::ListRecordVersionsRequest {
        employer_id: "A".into(),
        page_size: 2,
        page_token: page_token.into(),
    };
    let page = office.employers.list_record_versions(versions("")).await.unwrap().into_inner();
    assert_eq!(page.versions.iter().map(|v| v.version).collect::<Vec<_>>(), [3, 2]);
    let page = office.employers.list_record_versions(versions(&page.next_page_token)).await.unwrap();
    let page = page.into_inner();
    assert_eq!(page.versions.iter().map(|v| v.version).collect::<Vec<_>>(), [1]);
    assert_eq!(page.next_page_token, "");

    office
        .import(vec![record("B", 0), record("C", 0), record_in("210102", "D"), record_in("220100", "E")])
        .await;
    let list = |region: &str, page_token: &str| v1::ListEmployersRequest {
        page_size: 3,
        page_token: page_token.into(),
        region: region.into(),
    };
    let mut ids = Vec::new();
    let mut token = String::new();
    loop {
        let page = office.employers.list_employers(list("210000", &token)).await.unwrap().into_inner();
        assert!(page.employers.iter().all(|e| e.record.is_none() && !e.etag.is_empty()));
        ids.extend(page.employers.into_iter().map(|e| e.id));
        if page.next_page_token.is_empty() {
            break;
        }
        token = page.next_page_token;
    }
    assert_eq!(ids, ["A", "B", "C", "D"]);
    // A token is good for the query that gave it.
    let why = office.employers.list_employers(list("220000", &token)).await.unwrap_err();
    assert_eq!(told(&why), "page_token INVALID_REQUEST");
    let negative = v1::ListEmployersRequest { page_size: -1, ..Default::default() };
    assert_eq!(
        told(&office.employers.list_employers(negative).await.unwrap_err()),
        "page_size INVALID_REQUEST"
    );
}
