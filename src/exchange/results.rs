//! Results as JSON Lines, CSV and Parquet, in the words of the contract.

use super::escape;
use crate::nested::{batch, column, list, structure, texts};
use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, DataType, Schema, SchemaRef};
use floatrate_engine::Lang;
use floatrate_engine::explain::Explanation;
use floatrate_engine::rating::{Chunk, Distance, Outcome};
use floatrate_engine::receipt::{Digest, input_digest, result_digest};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// Version of the engine, in every result.
pub const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");

/// One result.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ResultRow {
    /// Key of the employer.
    pub employer_id: String,
    /// Id of the plan.
    pub plan: String,
    /// Digest of the resolved plan.
    pub plan_digest: String,
    /// Digest of everything that the result depends on.
    pub input_digest: String,
    /// Digest of the result.
    pub result_digest: String,
    /// Version of the engine.
    pub engine_version: Cow<'static, str>,
    /// First day of the rate.
    pub rating_date: String,
    /// `rated`, `kept` or `review`.
    pub status: Cow<'static, str>,
    /// Shown measures by name.
    #[serde(serialize_with = "as_map", deserialize_with = "of_map")]
    pub measures: Vec<(String, String)>,
    /// Values over all employers that the result depends on, by name.
    #[serde(
        serialize_with = "as_map",
        deserialize_with = "of_map",
        default,
        skip_serializing_if = "Vec::is_empty"
    )]
    pub portfolio: Vec<(String, String)>,
    /// Risk class; null where none is known.
    pub risk_class: Option<u8>,
    /// Base rate of the class.
    pub base_rate: Option<String>,
    /// Steps moved.
    pub step: i64,
    /// Multiple of the base rate.
    pub tier: Option<String>,
    /// Rate after floor and cap.
    pub rate: Option<String>,
    /// Rate before floor and cap.
    pub unlimited_rate: Option<String>,
    /// Charged rates by the day from which they hold.
    pub charged: Vec<Charged>,
    /// Changes that add up to the step.
    pub components: Vec<Component>,
    /// Why.
    pub reasons: Vec<String>,
    /// Warnings.
    pub flags: Vec<String>,
    /// Facts that count as false or 0 because the record does not say.
    pub assumed: Vec<String>,
    /// The result in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Words>,
    /// The nearest changes that reach a tier above and below; empty where the result stands on no tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensitivity: Option<Vec<DistanceRow>>,
}

/// A distance to a neighbouring tier.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DistanceRow {
    /// `benefits`, `injuries` or `deaths`.
    pub quantity: Cow<'static, str>,
    /// `above` or `below` the employer's tier.
    pub side: Cow<'static, str>,
    /// Change in minor units or people; below 0 is less.
    pub change: i64,
    /// Step reached.
    pub step: i64,
    /// Tier reached.
    pub tier: String,
    /// Rate there.
    pub rate: String,
}

impl From<&Distance> for DistanceRow {
    fn from(distance: &Distance) -> Self {
        Self {
            quantity: distance.quantity.name().into(),
            side: if distance.above { "above" } else { "below" }.into(),
            change: distance.change,
            step: distance.step,
            tier: distance.tier.to_string(),
            rate: distance.rate.to_string(),
        }
    }
}

/// A charged rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charged {
    /// First day.
    pub from: String,
    /// The rate.
    pub rate: String,
}

/// A change of the step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Component {
    /// What changed it.
    pub from: String,
    /// By how much.
    pub step: i64,
}

/// An explanation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Words {
    /// `en` or `zh`.
    pub language: Cow<'static, str>,
    /// In the order of the rules.
    pub paragraphs: Vec<WordsParagraph>,
}

/// A step of an explanation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WordsParagraph {
    /// What it is about.
    pub topic: Cow<'static, str>,
    /// Sentences.
    pub text: String,
    /// Articles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cites: Vec<String>,
}

fn as_map<S: Serializer>(pairs: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(pairs.len()))?;
    for (name, value) in pairs {
        map.serialize_entry(name, value)?;
    }
    map.end()
}

/// Names with their values, in the order in which they stand.
fn of_map<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, String)>, D::Error> {
    struct Pairs;

    impl<'de> Visitor<'de> for Pairs {
        type Value = Vec<(String, String)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("names with their values")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut out = Vec::new();
            while let Some(entry) = map.next_entry()? {
                out.push(entry);
            }
            Ok(out)
        }
    }
    deserializer.deserialize_map(Pairs)
}

impl From<Explanation> for Words {
    fn from(explanation: Explanation) -> Self {
        let language = match explanation.lang {
            Lang::En => "en",
            Lang::Zh => "zh",
        };
        let paragraphs = explanation.paragraphs.into_iter();
        Self {
            language: language.into(),
            paragraphs: paragraphs
                .map(|p| WordsParagraph { topic: p.topic.into(), text: p.text, cites: p.cites })
                .collect(),
        }
    }
}

impl ResultRow {
    /// The result of the record at a place of a rated chunk. `buffer` is reused between calls.
    #[must_use]
    pub fn of(chunk: &Chunk<'_>, at: usize, buffer: &mut Vec<u8>) -> Self {
        let (program, outcome) = (chunk.program(), chunk.outcome(at));
        let input = input_digest(program, chunk.record(at), buffer);
        let result = result_digest(program, input, &outcome, buffer);
        let Outcome { employer_id, verdict, charged, components, reasons, measures, flags, assumed } =
            outcome;
        let plan = &program.plan;
        Self {
            employer_id,
            plan: plan.id.clone(),
            plan_digest: Digest(program.plan_digest).to_string(),
            input_digest: input.to_string(),
            result_digest: result.to_string(),
            engine_version: ENGINE_VERSION.into(),
            rating_date: program.rating_date.to_string(),
            status: verdict.status.name().into(),
            measures,
            portfolio: plan
                .portfolio
                .iter()
                .zip(&program.portfolio)
                .map(|(value, frozen)| (value.name.clone(), frozen.to_string()))
                .collect(),
            risk_class: verdict.risk_class,
            base_rate: verdict.base_rate.map(|d| d.to_string()),
            step: verdict.step,
            tier: verdict.tier.map(|d| d.to_string()),
            rate: verdict.rate.map(|d| d.to_string()),
            unlimited_rate: verdict.unlimited_rate.map(|d| d.to_string()),
            charged: charged
                .into_iter()
                .map(|(from, rate)| Charged { from: from.to_string(), rate: rate.to_string() })
                .collect(),
            components: components
                .into_iter()
                .map(|(reason, step)| Component { from: reason.name(plan), step })
                .collect(),
            reasons: reasons.into_iter().map(|r| r.name(plan)).collect(),
            flags: flags.into_iter().map(floatrate_engine::rating::Flag::name).collect(),
            assumed,
            explanation: None,
            sensitivity: None,
        }
    }

    /// The columns of results in Parquet: the nesting of JSON, decimals as texts.
    #[must_use]
    pub fn schema() -> SchemaRef {
        let text = |name: &str| column(name, DataType::Utf8);
        let number = |name: &str| column(name, DataType::Int64);
        let texts_of = |name: &str| column(name, list(DataType::Utf8));
        let paragraph = structure(vec![text("topic"), text("text"), texts_of("cites")]);
        let distance = vec![
            text("quantity"),
            text("side"),
            number("change"),
            number("step"),
            text("tier"),
            text("rate"),
        ];
        Arc::new(Schema::new(vec![
            text("employer_id"),
            text("plan"),
            text("plan_digest"),
            text("input_digest"),
            text("result_digest"),
            text("engine_version"),
            column("rating_date", DataType::Date32),
            text("status"),
            column("measures", texts()),
            column("portfolio", texts()),
            number("risk_class"),
            text("base_rate"),
            number("step"),
            text("tier"),
            text("rate"),
            text("unlimited_rate"),
            column("charged", list(structure(vec![column("from", DataType::Date32), text("rate")]))),
            column("components", list(structure(vec![text("from"), number("step")]))),
            texts_of("reasons"),
            texts_of("flags"),
            texts_of("assumed"),
            column("explanation", structure(vec![text("language"), column("paragraphs", list(paragraph))])),
            column("sensitivity", list(structure(distance))),
        ]))
    }

    /// Results as columns of [`ResultRow::schema`].
    ///
    /// # Errors
    /// A field that the schema lacks, which would be a mistake here.
    pub fn columns(rows: &[Self]) -> Result<RecordBatch, ArrowError> {
        let values: Result<Vec<_>, _> = rows.iter().map(serde_json::to_value).collect();
        batch(&Self::schema(), &values.map_err(|why| ArrowError::JsonError(why.to_string()))?)
    }

    /// The columns of [`ResultRow::csv`].
    pub const COLUMNS: [&'static str; 23] = [
        "employer_id",
        "plan",
        "rating_date",
        "status",
        "risk_class",
        "base_rate",
        "step",
        "tier",
        "rate",
        "unlimited_rate",
        "charged",
        "measures",
        "portfolio",
        "components",
        "reasons",
        "flags",
        "assumed",
        "explanation",
        "plan_digest",
        "input_digest",
        "result_digest",
        "engine_version",
        "language",
    ];

    /// The result as cells: lists are joined by `; `, pairs by `=`, and a leading `= + - @` of a text is escaped.
    #[must_use]
    pub fn csv(&self) -> [String; 23] {
        let text = |s: &str| escape(s).into_owned();
        let number = |n: &Option<String>| n.clone().unwrap_or_default();
        let joined = |items: Vec<String>| items.join("; ");
        let words = self.explanation.as_ref();
        let letter =
            words.map(|w| w.paragraphs.iter().map(|p| p.text.as_str()).collect::<Vec<_>>().join("\n"));
        [
            text(&self.employer_id),
            self.plan.clone(),
            self.rating_date.clone(),
            self.status.to_string(),
            self.risk_class.map_or_else(String::new, |c| c.to_string()),
            number(&self.base_rate),
            self.step.to_string(),
            number(&self.tier),
            number(&self.rate),
            number(&self.unlimited_rate),
            joined(self.charged.iter().map(|c| format!("{}={}", c.from, c.rate)).collect()),
            joined(self.measures.iter().map(|(name, value)| format!("{name}={value}")).collect()),
            joined(self.portfolio.iter().map(|(name, value)| format!("{name}={value}")).collect()),
            joined(self.components.iter().map(|c| format!("{}={}", c.from, c.step)).collect()),
            joined(self.reasons.clone()),
            joined(self.flags.clone()),
            joined(self.assumed.clone()),
            text(&letter.unwrap_or_default()),
            self.plan_digest.clone(),
            self.input_digest.clone(),
            self.result_digest.clone(),
            self.engine_version.to_string(),
            words.map_or_else(String::new, |w| w.language.to_string()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::json;
    use crate::plans;
    use crate::rate::{Desk, Explain};
    use crate::synth::{SynthOptions, employer};
    use floatrate_engine::Lang;
    use std::sync::Arc;

    /// A line that was kept is a result again: the same line, the same cells.
    #[test]
    fn a_line_is_read_as_it_was_written() {
        let catalog = plans::to_rate(None).unwrap();
        let plan = catalog.plan("cn-510400-2021").unwrap();
        let program = Arc::new(plan.compile_with("2026-01-01".parse().unwrap(), &[]).unwrap());
        let options = SynthOptions {
            employers: 60,
            seed: 5,
            region: "510400".into(),
            first_year: 2023,
            last_year: 2025,
        };
        let form = |index| json::parse(&serde_json::to_string(&employer(&options, index)).unwrap()).unwrap();
        let forms: Vec<_> = (0..60).map(form).collect();
        for explain in [Explain::None, Explain::Rules, Explain::Full] {
            let desk = Desk::new(Arc::clone(&program), catalog.declared().clone(), explain, Lang::Zh);
            for row in desk.rate_forms(&forms) {
                let mut row = row.unwrap();
                row.employer_id.insert(0, '=');
                let line = serde_json::to_string(&row).unwrap();
                let read: ResultRow = serde_json::from_str(&line).unwrap();
                assert_eq!(read.csv(), row.csv());
                assert_eq!(serde_json::to_string(&read).unwrap(), line);
            }
        }
    }
}
