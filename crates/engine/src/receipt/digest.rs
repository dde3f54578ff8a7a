//! Digests of what a result depends on, and of the result.

use super::canonical_record;
use crate::number::Decimal;
use crate::plan::compiled::Program;
use crate::rating::Outcome;
use crate::record::Record;

/// A blake3 digest; prints as `blake3:` and hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("blake3:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// Covers everything that a result depends on: the resolved plan, the rating date, the record with its prior
/// result, portfolio values, and the step that a person set, if one did.
/// `buffer` is reused between calls.
#[must_use]
pub fn input_digest(program: &Program, record: &Record, buffer: &mut Vec<u8>) -> Digest {
    buffer.clear();
    buffer.extend_from_slice(b"floatrate input 1\0");
    buffer.extend_from_slice(&program.plan_digest);
    buffer.extend_from_slice(&program.rating_date.day_number().to_le_bytes());
    canonical_record(record, buffer);
    for value in &program.portfolio {
        buffer.extend_from_slice(&value.num.to_le_bytes());
        buffer.extend_from_slice(&value.den.to_le_bytes());
    }
    // How many portfolio values there are is the plan's, so this cannot be taken for one more.
    if let Some(step) = program.by_hand {
        buffer.extend_from_slice(b"by hand\0");
        buffer.extend_from_slice(&step.to_le_bytes());
    }
    Digest(*blake3::hash(buffer).as_bytes())
}

/// Covers the result in the plan's own words. Flags and the engine's version stand outside, so that relabelling a plan
/// or a new release does not change a result.
#[must_use]
pub fn result_digest(program: &Program, input: Digest, outcome: &Outcome, buffer: &mut Vec<u8>) -> Digest {
    let plan = &program.plan;
    let Outcome { employer_id, verdict, charged, components, reasons, measures, flags: _, assumed } = outcome;
    buffer.clear();
    buffer.extend_from_slice(b"floatrate result 1\0");
    buffer.extend_from_slice(&input.0);
    text(buffer, employer_id);
    text(buffer, verdict.status.name());
    buffer.extend_from_slice(&verdict.step.to_le_bytes());
    buffer.push(verdict.risk_class.unwrap_or(0));
    for rate in [verdict.base_rate, verdict.tier, verdict.unlimited_rate, verdict.rate] {
        decimal(buffer, rate);
    }
    count(buffer, charged.len());
    for (from, rate) in charged {
        buffer.extend_from_slice(&from.day_number().to_le_bytes());
        decimal(buffer, Some(*rate));
    }
    count(buffer, components.len());
    for (reason, step) in components {
        text(buffer, &reason.name(plan));
        buffer.extend_from_slice(&step.to_le_bytes());
    }
    count(buffer, reasons.len());
    reasons.iter().for_each(|r| text(buffer, &r.name(plan)));
    count(buffer, measures.len());
    for (name, value) in measures {
        text(buffer, name);
        text(buffer, value);
    }
    count(buffer, assumed.len());
    assumed.iter().for_each(|name| text(buffer, name));
    Digest(*blake3::hash(buffer).as_bytes())
}

fn count(out: &mut Vec<u8>, count: usize) {
    out.extend_from_slice(&(count as u64).to_le_bytes());
}

fn text(out: &mut Vec<u8>, text: &str) {
    count(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

fn decimal(out: &mut Vec<u8>, value: Option<Decimal>) {
    text(out, &value.map_or_else(String::new, |v| v.to_string()));
}
