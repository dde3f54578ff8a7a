//! The door, and an echo that does nothing but answer: as many results, each of the size of a real one.

use super::load::{batch, one};
use floatrate::auth::Directory;
use floatrate::config::{Config, DatabaseUrl};
use floatrate::plans;
use floatrate::rpc::{Draining, IdentityLayer, Metrics, Server, transport};
use floatrate_engine::record::Date;
use floatrate_proto::floatrate::v1;
use floatrate_proto::floatrate::v1::rating_service_client::RatingServiceClient;
use floatrate_proto::floatrate::v1::rating_service_server::{RatingService, RatingServiceServer};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_stream::{Stream, StreamExt};
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status, Streaming};

/// Serves both; the addresses of the door and the echo.
pub(super) async fn serve() -> (SocketAddr, SocketAddr) {
    let here = || "127.0.0.1:0".parse().unwrap();
    let mut config = Config { listen: here(), console: here(), ..Config::default() };
    let folder = tempfile::tempdir().unwrap_or_else(|why| panic!("{why}"));
    let file = folder.keep().join("floatrate.db");
    config.database = DatabaseUrl::parse(&file.to_string_lossy()).unwrap_or_else(|why| panic!("{why}"));
    // A queue is to show as time here, not as refusals: the machine may be busy with other things for a moment.
    config.limits.in_flight = 100_000;
    let plans = plans::library(None).unwrap_or_else(|why| panic!("{}", why.text()));
    let clock: fn() -> Date = || "2025-06-01".parse().unwrap();
    let server = Server::bind(&config, plans, clock).await.unwrap();
    let door = server.addresses().unwrap().0;
    tokio::spawn(server.run(std::future::pending()));

    // The echo's answer is one that the door has given.
    let mut client = RatingServiceClient::connect(format!("http://{door}")).await.unwrap();
    let answer = client.rate_employer(one(1)).await.unwrap().into_inner();
    let rated = client.batch_rate_employers(batch(0)).await.unwrap().into_inner();
    let is_result = |item: &v1::BatchRateEmployersItem| {
        matches!(item.outcome, Some(v1::batch_rate_employers_item::Outcome::Result(_)))
    };
    assert!(rated.items.iter().all(is_result), "the records of the benchmark are rated");

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let echo = listener.local_addr().unwrap();
    let size = config.limits.message_bytes;
    let service = RatingServiceServer::new(Echo { result: answer.result.unwrap() })
        .max_decoding_message_size(size)
        .max_encoding_message_size(size);
    let identity = IdentityLayer::new(Arc::new(Directory::default()), || 0);
    let router = transport(&config.limits, &Arc::new(Metrics::default()), identity, &Draining::default())
        .add_service(service);
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    tokio::spawn(router.serve_with_incoming(incoming));
    (door, echo)
}

struct Echo {
    result: v1::RatingResult,
}

#[tonic::async_trait]
impl RatingService for Echo {
    async fn rate_employer(
        &self,
        _: Request<v1::RateEmployerRequest>,
    ) -> Result<Response<v1::RateEmployerResponse>, Status> {
        Ok(Response::new(v1::RateEmployerResponse { result: Some(self.result.clone()) }))
    }

    async fn batch_rate_employers(
        &self,
        request: Request<v1::BatchRateEmployersRequest>,
    ) -> Result<Response<v1::BatchRateEmployersResponse>, Status> {
        use v1::batch_rate_employers_item::Outcome;
        let item = || v1::BatchRateEmployersItem { outcome: Some(Outcome::Result(self.result.clone())) };
        let items = request.into_inner().records.iter().map(|_| item()).collect();
        Ok(Response::new(v1::BatchRateEmployersResponse { items }))
    }

    type StreamRateEmployersStream =
        Pin<Box<dyn Stream<Item = Result<v1::StreamRateEmployersResponse, Status>> + Send>>;

    async fn stream_rate_employers(
        &self,
        request: Request<Streaming<v1::StreamRateEmployersRequest>>,
    ) -> Result<Response<Self::StreamRateEmployersStream>, Status> {
        use v1::stream_rate_employers_request::Content;
        use v1::stream_rate_employers_response::Outcome;
        let result = self.result.clone();
        let answers = request.into_inner().filter_map(move |message| match message.map(|m| m.content) {
            Ok(Some(Content::Item(item))) => Some(Ok(v1::StreamRateEmployersResponse {
                number: item.number,
                outcome: Some(Outcome::Result(result.clone())),
            })),
            Ok(_) => None,
            Err(why) => Some(Err(why)),
        });
        Ok(Response::new(Box::pin(answers)))
    }
}
