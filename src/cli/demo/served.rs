//! The end of the demonstration: it serves, so that the same employer can be asked for over gRPC.

use super::super::{Exit, Stop, output, serve, tell};
use super::call::{quoted, request};
use super::{PLAN, RATING_DATE, Shown};
use crate::config::{Config, DatabaseUrl};
use crate::plans::Library;
use crate::rpc::Server;
use floatrate_engine::Lang;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::SocketAddr;
use std::time::Duration;

/// Serves until Ctrl-C or SIGTERM. An address that was not asked for and is taken gives way to a free port.
pub(super) fn serve_city(
    addresses: [Option<&str>; 2],
    database: DatabaseUrl,
    plans: Library,
    shown: Option<&Shown>,
    lang: Lang,
) -> Result<Exit, Stop> {
    let [listen, console] = addresses;
    // A demonstration reads no configuration, and whoever ends it is not made to wait.
    let mut config = Config::read(None, &BTreeMap::new(), listen, console, None).map_err(Stop::usage)?;
    config.limits.notice = Duration::ZERO;
    config.database = database;
    tracing_subscriber::fmt().with_ansi(false).with_target(false).with_writer(std::io::stderr).init();
    serve::block_on(lang, async {
        let near = [listen.is_none(), console.is_none()];
        let bound = Server::bind_near(&config, near, plans, serve::today).await;
        let server = bound.map_err(|why| Stop::failed(why.0))?;
        let (grpc, http) = server.addresses().map_err(|why| Stop::failed(why.to_string()))?;
        for (wanted, got) in [(config.listen, grpc), (config.console, http)] {
            if wanted.port() != 0 && wanted != got {
                tell(&match lang {
                    Lang::Zh => format!("{wanted} 已被其他程序占用，改用 {got}"),
                    Lang::En => format!("{wanted} is taken by another program: {got} instead"),
                });
            }
        }
        let down = serve::signal()?;
        output::print(&(calls(grpc, http, shown, lang) + &format!("\ngrpc {grpc}\nhttp {http}\n")))?;
        tell(match lang {
            Lang::Zh => "服务已启动，按 Ctrl-C 或发送 SIGTERM 结束；脚本可用 --no-serve 只看结果",
            Lang::En => "serving until Ctrl-C or SIGTERM; for a script, --no-serve ends after the result",
        });
        server.run(down).await.map_err(|why| Stop::failed(why.0))
    })
}

/// What to ask the service, ready to be copied into another terminal.
fn calls(grpc: SocketAddr, http: SocketAddr, shown: Option<&Shown>, lang: Lang) -> String {
    let zh = lang == Lang::Zh;
    let mut out = String::from(if zh {
        "\n另开一个终端，可通过 gRPC 调用本服务：\n"
    } else {
        "\nThe same over gRPC, in another terminal:\n"
    });
    if let Some(shown) = shown {
        let request = request(PLAN, RATING_DATE, &shown.record).to_string();
        let _ = writeln!(out, "  request={}", quoted(&request));
        let _ = writeln!(
            out,
            "  grpcurl -plaintext -d \"$request\" {grpc} floatrate.v1.RatingService/RateEmployer"
        );
        out += if zh {
            "没有 grpcurl 时，用 Python 3（需 grpcio 和 protobuf），在源码目录下：\n"
        } else {
            "Without grpcurl, with Python 3, grpcio and protobuf, from the folder of the sources:\n"
        };
        let _ = writeln!(out, "  python3 tests/python/client.py --target {grpc} --rate \"$request\"");
        let (rate, digest) = (shown.rate.as_deref().unwrap_or("-"), &shown.result_digest);
        let _ = if zh {
            writeln!(out, "应答即上文说明的那一户：费率 {rate}，result_digest 为 {digest}。")
        } else {
            writeln!(out, "The answer is the employer explained above: rate {rate}, result_digest {digest}.")
        };
    }
    if let Some(employer) = shown.and_then(|shown| shown.record["employer"]["id"].as_str()) {
        out += if zh { "已公布的费率：\n" } else { "Its published rate:\n" };
        let asked = quoted(&serde_json::json!({ "employer_id": employer, "date": RATING_DATE }).to_string());
        let _ =
            writeln!(out, "  grpcurl -plaintext -d {asked} {grpc} floatrate.v1.CollectionService/GetRate");
    }
    let _ = writeln!(out, "  grpcurl -plaintext {grpc} list");
    let _ = writeln!(out, "  curl http://{http}/metrics");
    out
}
