//! Reading forms: each reason, everything at once, order and defaults, round trips, canonical bytes.

use std::collections::{BTreeMap, BTreeSet};

use floatrate_engine::Lang;
use floatrate_engine::receipt::canonical_record;
use floatrate_engine::record::{Declared, FactKind, Form, Record, Violation};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop, prop_oneof, proptest};

fn declared() -> Declared {
    let facts = [
        ("arrears_months", FactKind::Number { places: 0 }),
        ("blacklisted", FactKind::Boolean),
        ("grade", FactKind::Number { places: 2 }),
    ];
    let values = [("audited", FactKind::Boolean), ("hours_worked", FactKind::Number { places: 9 })];
    let named = |kinds: &[(&str, FactKind)]| -> BTreeMap<String, FactKind> {
        kinds.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect()
    };
    Declared { facts: named(&facts), values: named(&values) }
}

/// A form from JSON-like text in TOML's inline syntax is not enough (no null, no duplicates), so: a tiny reader.
/// `~` is null, `#1.5` a number that is not a whole one, `'` quotes texts, and `\0` is U+0000.
struct Notation<'t>(&'t str);

impl<'t> Notation<'t> {
    fn form(text: &str) -> Form {
        let mut rest = Notation(text);
        let form = rest.value();
        assert!(rest.0.trim().is_empty(), "left over: {}", rest.0);
        form
    }

    fn eat(&mut self, c: char) -> bool {
        self.0 = self.0.trim_start();
        let Some(rest) = self.0.strip_prefix(c) else { return false };
        self.0 = rest;
        true
    }

    fn until(&mut self, stop: impl Fn(char) -> bool) -> &'t str {
        let at = self.0.find(stop).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(at);
        self.0 = rest;
        word
    }

    fn value(&mut self) -> Form {
        if self.eat('~') {
            Form::Null
        } else if self.eat('{') {
            let mut entries = Vec::new();
            while !self.eat('}') {
                self.0 = self.0.trim_start();
                let key = self.until(|c| c == ':').replace("\\0", "\0");
                assert!(self.eat(':'));
                entries.push((key, self.value()));
                self.eat(',');
            }
            Form::Map(entries)
        } else if self.eat('[') {
            let mut rows = Vec::new();
            while !self.eat(']') {
                rows.push(self.value());
                self.eat(',');
            }
            Form::List(rows)
        } else if self.eat('\'') {
            let text = self.until(|c| c == '\'').replace("\\0", "\0");
            assert!(self.eat('\''));
            Form::Text(text)
        } else if self.eat('#') {
            Form::Inexact(self.until(|c| ",}]".contains(c)).to_owned())
        } else {
            match self.until(|c| ",}]".contains(c)).trim() {
                "true" => Form::Bool(true),
                "false" => Form::Bool(false),
                number => Form::Int(number.parse().unwrap()),
            }
        }
    }
}

fn read(text: &str) -> Result<Record, Vec<Violation>> {
    Record::from_form(&Notation::form(text), &declared())
}

/// Field and reason of every violation.
fn violations(text: &str) -> Vec<(String, &'static str)> {
    let found = read(text).err().unwrap_or_default();
    for violation in &found {
        for lang in [Lang::En, Lang::Zh] {
            let message = violation.message(lang);
            assert!(!message.is_empty() && !message.chars().any(char::is_control), "{message:?}");
            assert!(message.chars().count() < 500, "{message}");
        }
    }
    found.into_iter().map(|v| (v.field.clone(), v.reason())).collect()
}

const EMPLOYER: &str = "id:'E1',insured_since:'2015-03-01'";
const SPAN: &str = "start:'2023-01-01',end:'2023-12-31'";
const CLAIM: &str = "id:'C1',date:'2023-05-04',cause:'other',outcome:'fatal',benefits_paid:1";

/// One mistake a row: where it is put (employer, period, claim, facts or the whole), the fields, the violation.
const MISTAKES: &[(&str, &str, &str, &str)] = &[
    ("whole", "7", "", "wrong_type"),
    ("whole", "~", "", "wrong_type"),
    ("whole", "{}", "employer", "missing_field"),
    ("whole", "{employer:~}", "employer", "missing_field"),
    ("whole", "{employer:'E1'}", "employer", "wrong_type"),
    ("whole", "{employer:{insured_since:'2015-03-01'}}", "employer.id", "missing_field"),
    ("whole", "{employer:{id:'E1',insured_since:~}}", "employer.insured_since", "missing_field"),
    ("whole", "{employer:{id:'',insured_since:'2015-03-01'}}", "employer.id", "empty"),
    ("whole", "{employer:{id:'  ',insured_since:'2015-03-01'}}", "employer.id", "empty"),
    ("whole", "{employer:{id:' E1',insured_since:'2015-03-01'}}", "employer.id", "surrounding_space"),
    ("whole", "{employer:{id:'E1　',insured_since:'2015-03-01'}}", "employer.id", "surrounding_space"),
    ("whole", "{employer:{id:'E\t1',insured_since:'2015-03-01'}}", "employer.id", "control_character"),
    ("whole", "{employer:{id:1,insured_since:'2015-03-01'}}", "employer.id", "wrong_type"),
    ("whole", "{employer:{id:'E1',insured_since:'2015-02-29'}}", "employer.insured_since", "not_a_date"),
    (
        "whole",
        "{employer:{id:'E1',insured_since:'1899-12-31'}}",
        "employer.insured_since",
        "date_out_of_range",
    ),
    (
        "whole",
        "{employer:{id:'E1',insured_since:'2201-01-01'}}",
        "employer.insured_since",
        "date_out_of_range",
    ),
    ("whole", "{employer:{id:'E1',insured_since:20150301}}", "employer.insured_since", "wrong_type"),
    ("whole", "{employer:{id:'E1',insured_since:'2015-03-01'},periods:{}}", "periods", "wrong_type"),
    ("whole", "{employer:{id:'E1',insured_since:'2015-03-01'},claims:[~]}", "claims[0]", "wrong_type"),
    ("whole", "{employer:{id:'E1',insured_since:'2015-03-01'},facts:[]}", "facts", "wrong_type"),
    ("whole", "{employer:{id:'E1',insured_since:'2015-03-01'},claim:[]}", "claim", "unknown_field"),
    ("whole", "{employer:{id:'E1',insured_since:'2015-03-01'},a\\0b:1}", "a\\u{0}b", "control_character"),
    ("employer", "id:'E2'", "employer.id", "duplicate_field"),
    ("employer", "name:~,name:'x'", "employer.name", "duplicate_field"),
    ("employer", "uscc:~", "employer.uscc", "unknown_field"),
    ("employer", "name:'a\\0'", "employer.name", "control_character"),
    ("employer", "region:'51040'", "employer.region", "wrong_form"),
    ("employer", "region:'51040０'", "employer.region", "wrong_form"),
    ("employer", "region:510400", "employer.region", "wrong_type"),
    ("employer", "industry:{standard:'2017'}", "employer.industry.code", "missing_field"),
    ("employer", "industry:{code:'06'}", "employer.industry.standard", "missing_field"),
    ("employer", "industry:{standard:'2017',code:'6'}", "employer.industry.code", "wrong_form"),
    ("employer", "industry:{standard:'2011',code:'B06'}", "employer.industry.code", "wrong_form"),
    ("employer", "industry:{standard:'2017',code:'06123'}", "employer.industry.code", "wrong_form"),
    ("employer", "industry:{standard:'JP',code:'06'}", "employer.industry.standard", "wrong_form"),
    (
        "employer",
        "industry:{standard:'a2345678901234567',code:'1'}",
        "employer.industry.standard",
        "wrong_form",
    ),
    ("employer", "industry:{standard:'jp',code:'a-b'}", "employer.industry.code", "wrong_form"),
    ("employer", "risk_class:0", "employer.risk_class", "too_small"),
    ("employer", "risk_class:-1", "employer.risk_class", "negative"),
    ("employer", "risk_class:100", "employer.risk_class", "too_large"),
    ("employer", "risk_class:'8'", "employer.risk_class", "wrong_type"),
    ("employer", "first_insured:'2015-03-02'", "employer.first_insured", "first_after_insured_since"),
    ("employer", "prior:{}", "employer.prior.rate", "missing_field"),
    ("employer", "prior:{rate:#0.019}", "employer.prior.rate", "inexact_number"),
    ("employer", "prior:{rate:'1.9%'}", "employer.prior.rate", "not_a_decimal"),
    ("employer", "prior:{rate:''}", "employer.prior.rate", "not_a_decimal"),
    ("employer", "prior:{rate:'-0.1'}", "employer.prior.rate", "negative"),
    ("employer", "prior:{rate:'1000000'}", "employer.prior.rate", "too_large"),
    ("employer", "prior:{rate:'0.0000000000001'}", "employer.prior.rate", "too_many_digits"),
    ("employer", "prior:{rate:true}", "employer.prior.rate", "wrong_type"),
    ("employer", "prior:{rate:1,tier:#1e0}", "employer.prior.tier", "inexact_number"),
    ("period", "start:'2023-01-01'", "periods[0].start", "duplicate_field"),
    ("period", "payrol:1", "periods[0].payrol", "unknown_field"),
    ("period", "payroll:-1", "periods[0].payroll", "negative"),
    ("period", "payroll:#1234.00", "periods[0].payroll", "not_a_whole_number"),
    ("period", "payroll:#1e5", "periods[0].payroll", "not_a_whole_number"),
    ("period", "payroll:#99999999999999999999", "periods[0].payroll", "too_large"),
    ("period", "payroll:#-99999999999999999999", "periods[0].payroll", "negative"),
    ("period", "payroll:1000000000000000000", "periods[0].payroll", "too_large"),
    ("period", "payroll:'123400'", "periods[0].payroll", "wrong_type"),
    ("period", "payroll:'1\\0'", "periods[0].payroll", "control_character"),
    ("period", "contributions_due:true", "periods[0].contributions_due", "wrong_type"),
    ("period", "contributions_paid:-5", "periods[0].contributions_paid", "negative"),
    ("period", "headcount:#400.5", "periods[0].headcount", "inexact_number"),
    ("period", "headcount:-1", "periods[0].headcount", "negative"),
    ("period", "headcount:1000000000000", "periods[0].headcount", "too_large"),
    ("period", "headcount:'0.0000001'", "periods[0].headcount", "too_many_digits"),
    ("period", "months_insured:13", "periods[0].months_insured", "too_many_months"),
    ("period", "months_insured:-1", "periods[0].months_insured", "negative"),
    ("period", "class:''", "periods[0].class", "empty"),
    ("period", "values:{hours:'1'}", "periods[0].values.hours", "unknown_fact"),
    (
        "period",
        "values:{hours_worked:~,hours_worked:'1'}",
        "periods[0].values.hours_worked",
        "duplicate_field",
    ),
    ("period", "values:{hours_worked:'1000000000'}", "periods[0].values.hours_worked", "too_large"),
    ("claim", "cause:'other'", "claims[0].cause", "duplicate_field"),
    ("claim", "count:-1", "claims[0].count", "negative"),
    ("claim", "count:1000000001", "claims[0].count", "too_large"),
    ("claim", "count:#1.0", "claims[0].count", "not_a_whole_number"),
    ("claim", "reserve:#0.5", "claims[0].reserve", "not_a_whole_number"),
    ("claim", "paid_on:'2023-13-01'", "claims[0].paid_on", "not_a_date"),
    ("claim", "event:'\\0'", "claims[0].event", "control_character"),
    ("facts", "fraud:false", "facts.fraud", "unknown_fact"),
    ("facts", "blacklist:~", "facts.blacklist", "unknown_fact"),
    ("facts", "\\0:1", "facts.\\u{0}", "control_character"),
    ("facts", "blacklisted:true,grade:'1',blacklisted:true", "facts.blacklisted", "duplicate_field"),
    ("facts", "blacklisted:1", "facts.blacklisted", "wrong_type"),
    ("facts", "blacklisted:'True'", "facts.blacklisted", "unknown_value"),
    ("facts", "grade:true", "facts.grade", "wrong_type"),
    ("facts", "grade:#1.5", "facts.grade", "inexact_number"),
    ("facts", "grade:'1.234'", "facts.grade", "too_many_digits"),
    ("facts", "arrears_months:'0.5'", "facts.arrears_months", "too_many_digits"),
    ("facts", "grade:-1", "facts.grade", "negative"),
    ("facts", "grade:{value:1}", "facts.grade", "wrong_type"),
    ("facts", "grade:[1]", "facts.grade[0]", "wrong_type"),
    ("facts", "grade:[{from:'2023-01-01'}]", "facts.grade[0].value", "missing_field"),
    ("facts", "grade:[{until:'2023-01-01',value:1}]", "facts.grade[0].until", "unknown_field"),
    ("facts", "grade:[{from:'2023-02-01',to:'2023-01-01',value:1}]", "facts.grade[0].to", "end_before_start"),
    (
        "facts",
        "grade:[{to:'2023-01-01',value:1},{from:'2023-01-01',value:2}]",
        "facts.grade[1]",
        "overlapping_spans",
    ),
    ("facts", "grade:[{from:'2023-01-02',value:1},{value:2}]", "facts.grade[1]", "overlapping_spans"),
];

fn with_mistake(place: &str, fields: &str) -> String {
    let (mut employer, mut period, mut claim, mut facts) =
        (EMPLOYER.to_owned(), SPAN.to_owned(), CLAIM.to_owned(), String::new());
    match place {
        "whole" => return fields.to_owned(),
        "employer" => employer = format!("{EMPLOYER},{fields}"),
        "period" => period = format!("{SPAN},{fields}"),
        "claim" => claim = format!("{CLAIM},{fields}"),
        _ => facts = fields.to_owned(),
    }
    format!("{{employer:{{{employer}}},periods:[{{{period}}}],claims:[{{{claim}}}],facts:{{{facts}}}}}")
}

/// Mistakes that replace or need several rows, as whole lists.
fn listed(name: &str, rows: &str) -> String {
    format!("{{employer:{{{EMPLOYER}}},{name}:[{rows}]}}")
}

#[test]
fn every_reason_is_found_alone_and_where_it_is() {
    let mut reasons = BTreeSet::new();
    let mut check = |form: &str, field: &str, reason: &'static str| {
        assert_eq!(violations(form), [(field.to_owned(), reason)], "{form:.300}");
        reasons.insert(reason);
    };
    for (place, fields, field, reason) in MISTAKES {
        check(&with_mistake(place, fields), field, reason);
    }
    let (id, name) = ("x".repeat(65), "名".repeat(401));
    check(&format!("{{employer:{{id:'{id}',insured_since:'2015-03-01'}}}}"), "employer.id", "too_long");
    check(&with_mistake("employer", &format!("name:'{name}'")), "employer.name", "too_long");
    let digits = "9".repeat(45);
    check(&with_mistake("facts", &format!("grade:'{digits}'")), "facts.grade", "too_large");
    check(&with_mistake("facts", &format!("grade:'-{digits}'")), "facts.grade", "negative");
    check(&with_mistake("facts", &format!("grade:'0.{digits}'")), "facts.grade", "too_many_digits");
    let long = "k".repeat(1000);
    check(&with_mistake("facts", &format!("{long}:1")), &format!("facts.{}…", &long[..60]), "unknown_fact");

    for (name, rows, field, reason) in [
        ("periods", "{end:'2023-12-31'}", "periods[0].start", "missing_field"),
        ("periods", "{start:'2023-12-31'}", "periods[0].end", "missing_field"),
        (
            "periods",
            "{start:'2023-12-31',end:'2023-12-30',months_insured:1}",
            "periods[0].end",
            "end_before_start",
        ),
        (
            "periods",
            "{start:'2023-01-01',end:'2023-06-30'},{start:'2023-06-30',end:'2023-12-31'}",
            "periods[1]",
            "overlapping_periods",
        ),
        (
            "periods",
            "{start:'2023-06-30',end:'2023-12-31',class:'a'},{start:'2023-01-01',end:'2023-06-30',class:'b'},\
             {start:'2023-01-01',end:'2023-06-30',class:'a'}",
            "periods[2]",
            "overlapping_periods",
        ),
        (
            "claims",
            "{id:'C',date:'2023-05-04',cause:'other',outcome:'fatal'}",
            "claims[0].benefits_paid",
            "missing_field",
        ),
        (
            "claims",
            "{id:'C',date:'2023-05-04',cause:'work-accident',outcome:'fatal',benefits_paid:0}",
            "claims[0].cause",
            "unknown_value",
        ),
        (
            "claims",
            "{id:'C',date:'2023-05-04',cause:'other',outcome:'disability_11',benefits_paid:0}",
            "claims[0].outcome",
            "unknown_value",
        ),
    ] {
        check(&listed(name, rows), field, reason);
    }
    check(&listed("periods", &"1,".repeat(20_001)), "periods", "too_many_rows");
    check(&listed("claims", &"1,".repeat(100_001)), "claims", "too_many_rows");
    check(&with_mistake("facts", &format!("grade:[{}]", "1,".repeat(1_001))), "facts.grade", "too_many_rows");
    let many = violations(&listed("claims", &"1,".repeat(1_500)));
    assert_eq!((many.len(), &many[998]), (1_000, &("claims[998]".to_owned(), "wrong_type")));
    assert_eq!(many[999], (String::new(), "too_many_violations"));
    assert_eq!(violations(&listed("claims", &"1,".repeat(999))).len(), 999);
    reasons.insert(many[999].1);

    let all: BTreeSet<_> = Violation::REASONS.iter().copied().collect();
    assert_eq!(all.len(), Violation::REASONS.len(), "a reason stands twice");
    assert_eq!(reasons, all, "each reason has a case");
}

#[test]
fn independent_mistakes_are_all_told() {
    let found = violations(
        "{employer:{id:' a',insured_since:'x',risk_class:0,prior:{tier:#1}},extra:1,\
          periods:[{start:'2023-01-01',end:'2022-01-01',payroll:-1,headcount:'a'},\
                   {start:'2024-01-01',end:'2024-12-31',payroll:-1},{start:'2024-06-01',end:'2024-06-30'},7],\
          claims:[{},{id:'a',date:'2023-01-01',cause:'b',outcome:'c',benefits_paid:#1.5}],\
          facts:{nothing:1,grade:[{from:'2023-01-01',value:#2.5},{from:'2023-01-02',value:1}]}}",
    );
    let fields: Vec<_> = found.iter().map(|(field, _)| field.as_str()).collect();
    let expected = "extra employer.id employer.risk_class employer.insured_since employer.prior.rate \
        employer.prior.tier periods[0].end periods[0].payroll periods[0].headcount periods[1].payroll periods[3] \
        periods[2] claims[0].id claims[0].date claims[0].cause claims[0].outcome claims[0].benefits_paid \
        claims[1].cause claims[1].outcome claims[1].benefits_paid facts.nothing facts.grade[0].value facts.grade[1]";
    let order = |mut fields: Vec<&str>| {
        fields.sort_unstable();
        fields.join(" ")
    };
    assert_eq!(order(fields), order(expected.split_whitespace().collect()));
}

#[test]
fn messages_name_value_and_remedy() {
    for (place, fields, en, zh) in [
        (
            "period",
            "payroll:#1234.00",
            "1234.00 is not a whole number: write an integer in the minor unit (fen, cents, yen), such as 123400 \
             and not 1234.00",
            "1234.00 不是整数：应为以最小货币单位（分）计的整数，如 123400，而非 1234.00",
        ),
        (
            "period",
            "payrol:1",
            "there is no field periods[0].payrol: did you mean payroll?",
            "没有字段 periods[0].payrol：是否应为 payroll？",
        ),
        (
            "employer",
            "prior:{rate:#0.019}",
            "0.019 is a bare number that readers may take for a binary float: write it as text, \"0.019\"",
            "0.019 是数字而非文本，可能被当作二进制浮点数：请写成文本，如 \"0.019\"",
        ),
        (
            "facts",
            "black_list:true",
            "no loaded plan declares facts.black_list: did you mean blacklisted?",
            "已载入的办法均未声明 facts.black_list：是否应为 blacklisted？",
        ),
        (
            "period",
            "months_insured:13",
            "13 months insured are more than the 12 calendar months of the span: write 12 at most",
            "参保 13 个月，多于该期间的 12 个日历月：应不大于 12",
        ),
    ] {
        let found = read(&with_mistake(place, fields)).unwrap_err();
        assert_eq!((found[0].message(Lang::En).as_str(), found[0].message(Lang::Zh).as_str()), (en, zh));
    }
}

const CONTRACT: &str = "{employer:{id:'91510400MA6212342W',name:'攀',region:'510400',\
    industry:{standard:'2017',code:'06'},risk_class:8,insured_since:'2015-03-01',\
    prior:{rate:'0.019',tier:'1',unlimited_rate:'0.019'}},\
    periods:[{start:'2024-01-01',end:'2024-12-31',headcount:'400'},\
             {start:'2023-01-01',end:'2023-12-31',payroll:123400000,months_insured:12,\
              values:{hours_worked:'800000',audited:true}}],\
    claims:[{id:'b',date:'2023-05-04',cause:'work_accident',outcome:'disability_7',benefits_paid:1},\
            {id:'a',date:'2023-06-04',cause:'commuting',outcome:'fatal',benefits_paid:2,count:0},\
            {id:'a',date:'2023-05-04',cause:'rescue',outcome:'temporary',benefits_paid:3},\
            {id:'a',date:'2023-05-04',cause:'rescue',outcome:'temporary',benefits_paid:0}],\
    facts:{grade:[{from:'2024-01-01',value:'2.5'},{to:'2023-12-31',value:1}],blacklisted:'false',\
           arrears_months:'0'}}";

#[test]
fn order_defaults_and_units() {
    let record = read(CONTRACT).unwrap();
    assert_eq!(record.employer.first_insured, record.employer.insured_since);
    assert_eq!(record.employer.prior.as_ref().unwrap().rate.0, 19_000_000_000);
    assert_eq!(record.periods[1].headcount.unwrap().0, 400_000_000);
    assert_eq!(
        record.periods[0].values[0],
        ("audited".to_owned(), floatrate_engine::record::Number(1_000_000_000))
    );
    let paid: Vec<_> = record.claims.iter().map(|c| c.benefits_paid.0).collect();
    assert_eq!(paid, [3, 0, 2, 1]);
    assert_eq!((record.claims[0].count, record.claims[2].count), (1, 0));
    assert_eq!(record.claims[3].paid_on.to_string(), "2023-05-04");
    let names: Vec<_> = record.facts.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["arrears_months", "blacklisted", "grade"]);
    assert_eq!(record.facts[2].at("2023-12-31".parse().unwrap()).unwrap().0, 1_000_000_000);
    assert_eq!(record.facts[2].at("2024-01-01".parse().unwrap()).unwrap().0, 2_500_000_000);
    for (form, rows) in
        [("facts:{}", 0), ("facts:{grade:[]}", 0), ("facts:{grade:~}", 0), ("facts:{grade:3}", 1)]
    {
        assert_eq!(read(&format!("{{employer:{{{EMPLOYER}}},{form}}}")).unwrap().facts.len(), rows, "{form}");
    }
    // What lies exactly at the limits is accepted.
    for (place, fields) in [
        ("employer", "risk_class:99,prior:{rate:'999999.999999999999',tier:'0.000000000001'}"),
        ("employer", "first_insured:'1900-01-01',industry:{standard:'jp',code:'buildings'}"),
        ("period", "payroll:999999999999999999,headcount:'999999999999.999999',months_insured:12"),
        ("period", "months_insured:0,headcount:'-0.0',values:{hours_worked:'999999999.999999999'}"),
        ("claim", "count:1000000000,reserve:0"),
        ("facts", "grade:[{to:'2022-12-31',value:1},{from:'2023-01-01',value:2}],blacklisted:'true'"),
    ] {
        assert_eq!(violations(&with_mistake(place, fields)), [], "{fields}");
    }
}

fn bytes(record: &Record) -> Vec<u8> {
    let mut out = Vec::new();
    canonical_record(record, &mut out);
    out
}

#[test]
fn equal_records_have_equal_bytes_and_others_do_not() {
    let record = read(CONTRACT).unwrap();
    let again = Record::from_form(&record.to_form(&declared()), &declared()).unwrap();
    assert_eq!((&record, bytes(&record)), (&again, bytes(&again)));
    assert_eq!(bytes(&read(&CONTRACT.replace("name:'攀',", "")).unwrap()), bytes(&record));
    // Each row changes, adds or removes one thing; all the results differ from one another.
    let mut seen = BTreeSet::from([bytes(&record)]);
    for (from, to) in [
        ("91510400MA6212342W", "91510400MA6212342X"),
        ("region:'510400',", ""),
        ("region:'510400'", "region:'510401'"),
        ("standard:'2017'", "standard:'2011'"),
        ("code:'06'", "code:'061'"),
        ("risk_class:8,", ""),
        ("risk_class:8", "risk_class:7"),
        ("insured_since:'2015-03-01'", "insured_since:'2015-03-02'"),
        ("insured_since:'2015-03-01'", "insured_since:'2015-03-01',first_insured:'2015-02-01'"),
        (",tier:'1'", ""),
        (",unlimited_rate:'0.019'", ""),
        ("rate:'0.019',tier", "rate:'0.0190000001',tier"),
        ("payroll:", "contributions_due:"),
        ("payroll:", "contributions_paid:"),
        (",months_insured:12", ""),
        ("months_insured:12", "months_insured:0"),
        (",headcount:'400'", ""),
        (",headcount:'400'", ",class:'400'"),
        ("end:'2024-12-31'", "end:'2024-12-30'"),
        (",audited:true", ""),
        ("audited:true", "audited:false"),
        ("id:'b'", "id:'c'"),
        ("id:'b'", "id:'b',event:'b'"),
        ("id:'b'", "id:'b',class:'b'"),
        ("work_accident", "other"),
        ("disability_7", "disability_8"),
        ("benefits_paid:3", "benefits_paid:3,reserve:1"),
        ("benefits_paid:3", "benefits_paid:3,paid_on:'2023-06-01'"),
        ("count:0", "count:2"),
        ("value:'2.5'", "value:'2.51'"),
        ("{from:'2024-01-01',value", "{from:'2024-01-02',value"),
        ("{from:'2024-01-01',value", "{from:'2024-01-01',to:'2024-01-01',value"),
        ("blacklisted:'false',", ""),
        ("blacklisted:'false'", "blacklisted:true"),
    ] {
        let changed = CONTRACT.replacen(from, to, 1);
        assert_ne!(changed, CONTRACT, "{from}");
        assert!(seen.insert(bytes(&read(&changed).unwrap())), "{from} -> {to}");
    }
    // Pinned: a change here invalidates every digest that was ever written.
    let bytes = bytes(&record);
    assert_eq!(&bytes[..9], b"\x01\x12\0\0\09151");
    assert_eq!(blake3::hash(&bytes).to_hex().as_str(), PINNED);
}

const PINNED: &str = "351c09842fa22f11be8acaadfaaab5d6275c880ec5842fc65af2f9041220bc92";

/// Names that mean something somewhere, so that arbitrary trees get past the first check.
const WORDS: &str = "employer periods claims facts id name region industry standard code risk_class insured_since \
    first_insured prior rate tier start end class payroll headcount months_insured values date cause outcome count \
    paid_on benefits_paid reserve from to value grade blacklisted hours_worked 2023-01-01 2023-12-31 0.019 other";

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(WORDS.split_whitespace().map(str::to_owned).collect::<Vec<_>>()),
        any::<String>()
    ]
}

fn tree() -> impl Strategy<Value = Form> {
    let leaf = prop_oneof![
        Just(Form::Null),
        any::<bool>().prop_map(Form::Bool),
        any::<i64>().prop_map(Form::Int),
        "-?[0-9]{0,40}(\\.[0-9]{0,3})?".prop_map(Form::Inexact),
        "-?[0-9]{0,45}\\.?[0-9]{0,45}".prop_map(Form::Text),
        word().prop_map(Form::Text),
    ];
    leaf.prop_recursive(5, 96, 12, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Form::List),
            prop::collection::vec((word(), inner), 0..12).prop_map(Form::Map),
        ]
    })
}

/// Puts `tree` in the place of the `at`-th value of `form`, counted in the order of reading.
fn graft(form: &mut Form, at: &mut usize, tree: &Form) {
    if *at == 0 {
        *form = tree.clone();
    }
    *at = at.wrapping_sub(1);
    match form {
        Form::List(rows) => rows.iter_mut().for_each(|row| graft(row, at, tree)),
        Form::Map(entries) => entries.iter_mut().for_each(|(_, value)| graft(value, at, tree)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn never_panics(form in tree()) {
        if let Err(found) = Record::from_form(&form, &declared()) {
            assert!(!found.is_empty());
            for violation in found {
                assert!(!violation.message(Lang::En).contains('\0') && !violation.message(Lang::Zh).contains('\0'));
            }
        }
    }

    /// A good record with one value replaced by anything: refused, or read and written back unchanged.
    #[test]
    fn accepted_records_round_trip(tree in tree(), at in 0_usize..80) {
        let mut form = Notation::form(CONTRACT);
        graft(&mut form, &mut at.clone(), &tree);
        if let Ok(record) = Record::from_form(&form, &declared()) {
            let again = Record::from_form(&record.to_form(&declared()), &declared());
            assert_eq!(again.as_ref(), Ok(&record));
            assert_eq!(bytes(&again.unwrap()), bytes(&record));
        }
    }

    /// A mistake in each of some rows: as many violations, whatever the rows are.
    #[test]
    fn as_many_violations_as_mistakes(bad in prop::collection::vec(any::<bool>(), 0..40)) {
        let rows: Vec<_> = bad.iter().map(|bad| format!("{{{CLAIM},reserve:{}}}", if *bad { "-1" } else { "1" })).collect();
        let expected = bad.iter().filter(|bad| **bad).count();
        assert_eq!(violations(&listed("claims", &rows.join(","))).len(), expected);
    }
}
