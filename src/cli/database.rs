//! The database of a command: `--database`, the variable, or a file beside it.

use super::{Stop, runtime};
use crate::config::DatabaseUrl;
use crate::store::{Db, StoreError};
use clap::Args;
use floatrate_engine::Lang;
use std::path::Path;

/// The variable that names the database.
const VARIABLE: &str = "FLOATRATE_DATABASE";

#[derive(Args, Debug)]
pub(super) struct DatabaseArguments {
    /// The database: a file of SQLite or a PostgreSQL URL; default the variable FLOATRATE_DATABASE, else floatrate.db
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

impl DatabaseArguments {
    /// The address, which may hold a password.
    fn url(&self) -> Result<DatabaseUrl, Stop> {
        let named = || std::env::var(VARIABLE).ok().filter(|text| !text.is_empty());
        match self.database.clone().or_else(named) {
            None => Ok(DatabaseUrl::default()),
            Some(text) => DatabaseUrl::parse(&text).map_err(Stop::usage),
        }
    }

    /// Opens the database, and makes it where it is a file that is not there.
    pub(super) async fn open(&self, lang: Lang) -> Result<Db, Stop> {
        Db::open(self.url()?.reveal()).await.map_err(|why| stopped(&why, lang))
    }

    /// Opens a database that is there: who reads or checks does not want a new one.
    pub(super) async fn existing(&self, lang: Lang) -> Result<Db, Stop> {
        let url = self.url()?;
        if !url.is_postgres() {
            let path = url.reveal();
            let path = path.strip_prefix("sqlite:").unwrap_or(path);
            let path = path.strip_prefix("//").unwrap_or(path);
            if !Path::new(path).is_file() {
                return Err(Stop::usage(match lang {
                    Lang::Zh => format!("没有数据库文件 {path}：请用 --database 或变量 {VARIABLE} 指明"),
                    Lang::En => format!(
                        "there is no database {path}: name it by --database or the variable {VARIABLE}"
                    ),
                }));
            }
        }
        self.open(lang).await
    }
}

/// Runs a command that waits for the database.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
    runtime()?.block_on(work)
}

/// What the database did not do.
pub(super) fn stopped(why: &StoreError, lang: Lang) -> Stop {
    Stop::failed(match (why, lang) {
        (_, Lang::En) => why.to_string(),
        (StoreError::Unavailable(why), Lang::Zh) => format!("数据库没有应答：{why}"),
        (StoreError::Conflict, Lang::Zh) => "另一写入方抢先一步，请重试".to_owned(),
        (StoreError::Broken(why), Lang::Zh) => format!("数据库内容异常：{why}"),
    })
}
