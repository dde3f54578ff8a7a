//! `floatrate serve`: rating over gRPC.

use super::{Exit, Stop, proved, runtime};
use crate::config::Config;
use crate::rpc::{Ended, Server};
use clap::Args;
use floatrate_engine::Lang;
use floatrate_engine::record::Date;
use std::path::PathBuf;

#[derive(Args, Debug)]
#[command(
    after_help = "Serves RatingService, PlanService, health and reflection over gRPC, and /metrics and /healthz over HTTP.\nOther machines are let in with certificates only; see docs/integration.md.\n\nExamples:\n  floatrate serve\n  floatrate serve --config floatrate.toml\n  grpcurl -plaintext 127.0.0.1:50051 list"
)]
pub(super) struct ServeArguments {
    /// Configuration file (TOML); the environment and these options go before it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address of gRPC; default 127.0.0.1:50051
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Address of HTTP; default 127.0.0.1:8080
    #[arg(long, value_name = "ADDR")]
    console: Option<String>,
    /// The database: a file of SQLite or a PostgreSQL URL; default floatrate.db
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// A folder of plans to use instead of those that come with floatrate
    #[arg(long, value_name = "DIR")]
    plan_dir: Option<PathBuf>,
}

pub(super) fn run(arguments: &ServeArguments, lang: Lang) -> Result<Exit, Stop> {
    let environment = std::env::vars().filter(|(name, _)| name.starts_with("FLOATRATE_")).collect();
    let config = Config::read(
        arguments.config.as_deref(),
        &environment,
        arguments.listen.as_deref(),
        arguments.console.as_deref(),
        arguments.database.as_deref(),
    )
    .map_err(Stop::usage)?;
    let folder = arguments.plan_dir.as_deref().or(config.plan_dir.as_deref());
    let plans = proved(crate::plans::library(folder), folder)?;
    tracing_subscriber::fmt().json().flatten_event(true).with_writer(std::io::stderr).init();
    block_on(lang, async {
        let server = Server::bind(&config, plans, today).await.map_err(|why| Stop::failed(why.0))?;
        let (grpc, console) = server.addresses().map_err(|why| Stop::failed(why.to_string()))?;
        let down = signal()?;
        super::output::print(&format!("grpc {grpc}\nhttp {console}\n"))?;
        server.run(down).await.map_err(|why| Stop::failed(why.0))
    })
}

/// Runs a server to its end, on threads of its own.
pub(super) fn block_on(lang: Lang, serving: impl Future<Output = Result<Ended, Stop>>) -> Result<Exit, Stop> {
    match runtime()?.block_on(serving)? {
        Ended::Drained => Ok(Exit::Done),
        Ended::CutOff(calls) => Err(Stop::failed(match lang {
            Lang::Zh => format!("停机时限已到，中断了{calls}个未完成的调用或运行"),
            Lang::En => format!("the drain deadline came; {calls} calls or runs were cut off"),
        })),
    }
}

/// Today, in universal time.
pub(super) fn today() -> Date {
    let now = time::OffsetDateTime::now_utc().date();
    let date = Date::new(now.year(), u32::from(u8::from(now.month())), u32::from(now.day()));
    date.unwrap_or_else(|| Date::of_day_number(now.to_julian_day()))
}

/// Ready when the process is asked to end. From the call on, not from the first wait: who has read our address may ask
/// at once.
pub(super) fn signal() -> Result<impl Future<Output = ()> + Send, Stop> {
    use tokio::signal::unix::{SignalKind, signal};
    let heard = |kind| signal(kind).map_err(|why| Stop::failed(format!("signals: {why}")));
    let (mut term, mut int) = (heard(SignalKind::terminate())?, heard(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
    })
}
