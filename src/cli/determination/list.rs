//! `floatrate determination list`.

use crate::cli::database::{DatabaseArguments, block_on};
use crate::cli::officer::refused;
use crate::cli::text::table;
use crate::cli::{Exit, Stop, output};
use crate::collection::{Change, Feed};
use crate::determination::{Fate, Terms};
use crate::problem::{Problem, What};
use crate::store::tables::determinations::{self, Published};
use crate::store::tables::records;
use crate::store::{Db, StoreError, day};
use clap::Args;
use floatrate_engine::Lang;
use serde::Serialize;

#[derive(Args, Debug)]
#[command(
    after_help = "For an employer each line also says for which days it holds now. Whole files for other systems: floatrate export determinations.\n\nExamples:\n  floatrate determination list --employer 91510400MA6212342W\n  floatrate determination list --last 20 --json"
)]
pub(in crate::cli) struct ListArguments {
    /// All of this employer's; without it the newest of all
    #[arg(long, value_name = "ID")]
    employer: Option<String>,
    /// How many of the newest
    #[arg(long, value_name = "N", default_value_t = 50, conflicts_with = "employer",
        value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    last: u32,
    #[command(flatten)]
    database: DatabaseArguments,
    /// As one JSON object
    #[arg(long)]
    json: bool,
}

/// A line.
#[derive(Debug, Serialize)]
struct Line {
    position: i64,
    id: String,
    employer_id: String,
    plan: String,
    from: String,
    until: String,
    tier: Option<String>,
    rate: Option<String>,
    cause: String,
    withdraws: String,
    published_at: String,
    /// Stretches of days; only for one employer.
    #[serde(skip_serializing_if = "Option::is_none")]
    holds: Option<Vec<[String; 2]>>,
}

pub(super) fn run(arguments: &ListArguments, lang: Lang) -> Result<Exit, Stop> {
    let lines = block_on(async {
        let db = arguments.database.existing(lang).await?;
        let lines = match &arguments.employer {
            Some(id) => of_employer(&db, id).await,
            None => newest(&db, arguments.last).await.map_err(Problem::from),
        };
        db.close().await;
        lines.map_err(|why| refused(why, lang))
    })?;
    output::print(&if arguments.json {
        format!("{}\n", serde_json::json!({ "determinations": lines }))
    } else {
        text(&lines, lang)
    })?;
    Ok(Exit::Done)
}

async fn of_employer(db: &Db, id: &str) -> Result<Vec<Line>, Problem> {
    let all = determinations::of_employer(db, id).await?;
    if all.is_empty() && records::employer(db, id).await?.is_none() {
        return Err(Problem::NotFound(What::Employer, id.to_owned()));
    }
    let line = |published: &Published| {
        let fate = Fate::among(&all, published.position)?;
        let terms = Terms::read(&published.kept.terms)?;
        let holds = fate.holds.iter().map(|(from, until)| [from.to_string(), until.to_string()]);
        Ok(Line {
            position: published.position,
            id: published.id(),
            employer_id: id.to_owned(),
            plan: terms.plan,
            from: day(published.kept.from_day)?.to_string(),
            until: day(published.kept.until_day)?.to_string(),
            tier: terms.tier,
            rate: terms.rate,
            cause: terms.cause,
            withdraws: terms.withdraws,
            published_at: published.at.rfc3339(),
            holds: Some(holds.collect()),
        })
    };
    all.iter().map(line).collect()
}

async fn newest(db: &Db, last: u32) -> Result<Vec<Line>, StoreError> {
    let feed = Feed::open(db.clone()).await?;
    let changes = feed.after(feed.newest().saturating_sub(last.into()), usize::try_from(last).unwrap_or(50));
    let line = |change: Change| Line {
        position: change.position,
        id: change.id,
        employer_id: change.employer_id.to_string(),
        plan: change.terms.plan.clone(),
        from: change.from.to_string(),
        until: change.until.to_string(),
        tier: change.terms.tier.clone(),
        rate: change.terms.rate.clone(),
        cause: change.terms.cause.clone(),
        withdraws: change.terms.withdraws.clone(),
        published_at: change.published_at.rfc3339(),
        holds: None,
    };
    Ok(changes.into_iter().map(line).collect())
}

fn text(lines: &[Line], lang: Lang) -> String {
    let head = match lang {
        Lang::En => [
            "position",
            "id",
            "employer",
            "plan",
            "from",
            "until",
            "tier",
            "rate",
            "cause",
            "published",
            "holds",
        ],
        Lang::Zh => {
            ["序号", "编号", "用人单位", "办法", "起", "止", "档次", "费率", "原因", "公布时间", "现行有效"]
        }
    };
    let with_holds = lines.iter().any(|line| line.holds.is_some());
    let columns = if with_holds { head.len() } else { head.len() - 1 };
    let mut rows = vec![head[..columns].iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()];
    for line in lines {
        let mut row = vec![
            line.position.to_string(),
            line.id.clone(),
            line.employer_id.clone(),
            line.plan.clone(),
            line.from.clone(),
            line.until.clone(),
            line.tier.clone().unwrap_or_default(),
            line.rate.clone().unwrap_or_default(),
            line.cause.clone(),
            line.published_at.clone(),
        ];
        if let Some(holds) = &line.holds {
            let days: Vec<String> = holds.iter().map(|[from, until]| format!("{from} .. {until}")).collect();
            row.push(if days.is_empty() { "-".to_owned() } else { days.join(", ") });
        }
        rows.push(row);
    }
    table(&rows)
}
