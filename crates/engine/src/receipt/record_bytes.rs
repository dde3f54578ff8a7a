//! The canonical bytes of a record.

use crate::record::{Claim, Date, Employer, Fact, Period, Record};

/// First byte of the encoding. Any change of the layout needs another one, or old digests would lie.
const VERSION: u8 = 1;

/// Appends the canonical bytes of `record` to `out`. Two records that differ in anything but the employer's name
/// have different bytes; records that [`Record::from_form`] made equal have equal bytes, whatever order and
/// defaults their forms had. Nothing is allocated besides `out`.
///
/// Layout, in the order of writing, integers little-endian:
///
/// | part | bytes |
/// |---|---|
/// | version | the byte 1 |
/// | text | `u32` length in bytes, then UTF-8 |
/// | whole number, amount, rate, headcount, number | `i64` in the unit of its type |
/// | date | `i64` Julian day number |
/// | risk class, cause, outcome | one byte; cause and outcome by their place in the contract's list, from 0 |
/// | option | the byte 0, or the byte 1 and the value |
/// | list | `u32` rows, then the rows |
/// | employer | id, option region, option (industry standard, code), option risk class, insured_since, first_insured, option (prior rate, option tier, option unlimited rate) |
/// | period | start, end, option class, option payroll, option contributions due, option contributions paid, option headcount, option months insured, list of (name, number) |
/// | claim | id, option event, option class, date, cause, outcome, count, paid_on, benefits paid, reserve |
/// | fact | name, list of (option from, option to, number) |
/// | record | version, employer, list of periods, list of claims, list of facts |
///
/// Every part says its own length, so no two records share their bytes, and none is the beginning of another's.
pub fn canonical_record(record: &Record, out: &mut Vec<u8>) {
    // Destructuring without `..` makes a new field of the vocabulary a compile error here.
    let Record { employer, periods, claims, facts } = record;
    out.push(VERSION);
    put_employer(employer, out);
    put_list(periods, put_period, out);
    put_list(claims, put_claim, out);
    put_list(facts, put_fact, out);
}

fn put_employer(employer: &Employer, out: &mut Vec<u8>) {
    let Employer { id, name: _, region, industry, risk_class, insured_since, first_insured, prior } =
        employer;
    put_text(id, out);
    put_option(region.as_deref(), put_text, out);
    put_tag(industry.is_some(), out);
    if let Some(industry) = industry {
        put_text(&industry.standard, out);
        put_text(&industry.code, out);
    }
    put_option(*risk_class, |class, out| out.push(class.0), out);
    put_date(*insured_since, out);
    put_date(*first_insured, out);
    put_tag(prior.is_some(), out);
    if let Some(prior) = prior {
        put_i64(prior.rate.0, out);
        put_option(prior.tier, |rate, out| put_i64(rate.0, out), out);
        put_option(prior.unlimited_rate, |rate, out| put_i64(rate.0, out), out);
    }
}

fn put_period(period: &Period, out: &mut Vec<u8>) {
    let Period {
        start,
        end,
        class,
        payroll,
        contributions_due,
        contributions_paid,
        headcount,
        months_insured,
        values,
    } = period;
    put_date(*start, out);
    put_date(*end, out);
    put_option(class.as_deref(), put_text, out);
    for amount in [payroll, contributions_due, contributions_paid] {
        put_option(*amount, |amount, out| put_i64(amount.0, out), out);
    }
    put_option(*headcount, |headcount, out| put_i64(headcount.0, out), out);
    put_option(*months_insured, |months, out| put_i64(i64::from(months), out), out);
    let put_value = |(name, number): &(String, crate::record::Number), out: &mut Vec<u8>| {
        put_text(name, out);
        put_i64(number.0, out);
    };
    put_list(values, put_value, out);
}

fn put_claim(claim: &Claim, out: &mut Vec<u8>) {
    let Claim { id, event, class, date, cause, outcome, count, paid_on, benefits_paid, reserve } = claim;
    put_text(id, out);
    put_option(event.as_deref(), put_text, out);
    put_option(class.as_deref(), put_text, out);
    put_date(*date, out);
    out.push(cause.place());
    out.push(outcome.place());
    put_i64(*count, out);
    put_date(*paid_on, out);
    put_i64(benefits_paid.0, out);
    put_i64(reserve.0, out);
}

fn put_fact(fact: &Fact, out: &mut Vec<u8>) {
    let Fact { name, spans } = fact;
    put_text(name, out);
    let put_span = |span: &crate::record::FactSpan, out: &mut Vec<u8>| {
        put_option(span.from, put_date, out);
        put_option(span.to, put_date, out);
        put_i64(span.value.0, out);
    };
    put_list(spans, put_span, out);
}

fn put_text(text: &str, out: &mut Vec<u8>) {
    put_len(text.len(), out);
    out.extend_from_slice(text.as_bytes());
}

fn put_date(date: Date, out: &mut Vec<u8>) {
    put_i64(i64::from(date.day_number()), out);
}

fn put_i64(value: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put_tag(given: bool, out: &mut Vec<u8>) {
    out.push(u8::from(given));
}

fn put_option<T>(value: Option<T>, put: impl Fn(T, &mut Vec<u8>), out: &mut Vec<u8>) {
    put_tag(value.is_some(), out);
    if let Some(value) = value {
        put(value, out);
    }
}

fn put_list<T>(rows: &[T], put: impl Fn(&T, &mut Vec<u8>), out: &mut Vec<u8>) {
    put_len(rows.len(), out);
    for row in rows {
        put(row, out);
    }
}

fn put_len(len: usize, out: &mut Vec<u8>) {
    // The limits keep every text and list of a record far below 2^32.
    out.extend_from_slice(&u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes());
}
