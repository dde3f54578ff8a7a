//! Messages of a stream, and calls below gRPC, by a client that keeps no rules.

use super::door::{DATE, PLAN, message, one};
use super::process::LONG;
use floatrate_proto::floatrate::v1;
use floatrate_proto::floatrate::v1::rating_service_client::RatingServiceClient;
use floatrate_proto::floatrate::v1::stream_rate_employers_request::Content;
use h2::client::{ResponseFuture, SendRequest};
use prost::Message;
use prost::bytes::Bytes;
use std::net::SocketAddr;
use tokio_stream::StreamExt;
use tonic::transport::Channel;

pub(crate) fn header() -> v1::StreamRateEmployersRequest {
    let header =
        v1::StreamRateEmployersHeader { plan: PLAN.into(), rating_date: DATE.into(), ..Default::default() };
    v1::StreamRateEmployersRequest { content: Some(Content::Header(header)) }
}

pub(crate) fn item(number: u64, record: v1::Record) -> v1::StreamRateEmployersRequest {
    let item = v1::StreamRateEmployersItem { number: i64::try_from(number).unwrap(), record: Some(record) };
    v1::StreamRateEmployersRequest { content: Some(Content::Item(item)) }
}

/// A stream with one item and no end.
pub(crate) fn endless() -> impl tokio_stream::Stream<Item = v1::StreamRateEmployersRequest> {
    tokio_stream::iter([header(), item(0, message(0))]).chain(tokio_stream::pending())
}

/// A message as gRPC frames it.
pub(crate) fn framed(message: &impl Message) -> Bytes {
    let body = message.encode_to_vec();
    let mut out = vec![0];
    out.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
    out.extend(body);
    out.into()
}

/// A connection below gRPC, which keeps no rules of its own.
pub(crate) async fn raw(grpc: SocketAddr) -> SendRequest<Bytes> {
    let stream = tokio::net::TcpStream::connect(grpc).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    client.ready().await.unwrap()
}

pub(crate) fn call(
    client: &mut SendRequest<Bytes>,
    method: &str,
    headers: &[(&str, &str)],
) -> (ResponseFuture, h2::SendStream<Bytes>) {
    let mut request = http::Request::post(format!("http://door/floatrate.v1.RatingService/{method}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    client.send_request(request.body(()).unwrap(), false).unwrap()
}

/// One call is served.
pub(crate) async fn served(channel: Channel) {
    let mut client = RatingServiceClient::new(channel);
    let answer = tokio::time::timeout(LONG, client.rate_employer(one(message(0)))).await;
    assert!(answer.unwrap().unwrap().into_inner().result.is_some());
}
