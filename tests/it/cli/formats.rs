//! Parquet, XLSX, mapping files and personal data, through the command.

use super::{PANZHIHUA, folder, good, run, values};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rust_xlsxwriter::{Workbook, Worksheet};
use std::path::Path;

/// Amounts and other whole numbers as numbers of the sheet; everything else as text.
const NUMBERS: &[&str] = &[
    "risk_class",
    "payroll",
    "contributions_due",
    "contributions_paid",
    "headcount",
    "months_insured",
    "count",
    "benefits_paid",
    "reserve",
    "prior_rate",
    "prior_tier",
];

/// A CSV file as a sheet.
pub(super) fn sheet(sheet: &mut Worksheet, path: &Path) {
    let mut rows = csv::Reader::from_path(path).unwrap();
    let names: Vec<String> = rows.headers().unwrap().iter().map(str::to_owned).collect();
    for (column, name) in (0..).zip(&names) {
        sheet.write_string(0, column, name).unwrap();
    }
    for (row, cells) in (1..).zip(rows.records()) {
        for ((column, name), cell) in (0..).zip(&names).zip(&cells.unwrap()) {
            match cell.parse::<f64>() {
                Ok(number) if NUMBERS.contains(&name.as_str()) => {
                    sheet.write_number(row, column, number).unwrap();
                }
                _ if cell.is_empty() => {}
                _ => {
                    sheet.write_string(row, column, cell).unwrap();
                }
            }
        }
    }
}

#[test]
fn every_format_gives_the_same_bytes() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).display().to_string();
    for format in ["jsonl", "csv", "parquet"] {
        let out = path(format);
        run(&format!("synth --employers 1500 --seed 7 --out {out} --format {format}"), "").done();
    }
    let mut book = Workbook::new();
    for (name, file) in [("单位", "employers"), ("考核期", "periods"), ("工伤案件", "claims")] {
        sheet(book.add_worksheet().set_name(name).unwrap(), &folder.path().join(format!("csv/{file}.csv")));
    }
    book.save(folder.path().join("book.xlsx")).unwrap();
    let rate = |input: &str, options: &str| {
        run(&format!("{PANZHIHUA} --quiet --input {input} {options}"), "").done()
    };
    let expected = rate(&path("jsonl/records.jsonl"), "");
    assert_eq!(expected.lines().count(), 1500);
    for input in ["csv", "parquet/records.parquet", "book.xlsx"] {
        for threads in ["--threads 1", "--threads 3"] {
            assert!(rate(&path(input), threads) == expected, "{input} differs");
        }
    }
    // With explanations too, and by name of the ending in capitals.
    std::fs::rename(path("book.xlsx"), path("BOOK.XLSX")).unwrap();
    let some: Vec<&str> = expected.lines().take(1).collect();
    assert!(rate(&path("BOOK.XLSX"), "--explain rules").starts_with(&some[0][..some[0].len() - 1]));
}

#[test]
fn results_as_parquet_hold_what_the_lines_hold() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).display().to_string();
    run(&format!("synth --employers 300 --seed 3 --out {}", path("")), "").done();
    let arguments = format!("{PANZHIHUA} --quiet --explain full --input {}", path("records.jsonl"));
    let lines = values(&run(&arguments, "").done());
    for threads in [1, 3] {
        run(&format!("{arguments} --threads {threads} --format parquet --output {}", path("r.parquet")), "")
            .done();
        let file = std::fs::File::open(path("r.parquet")).unwrap();
        let batches = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
        let mut row = 0;
        for batch in batches.map(Result::unwrap) {
            let text = |name: &str, at: usize| {
                let column = batch.column_by_name(name).unwrap();
                (!arrow_array::Array::is_null(column, at))
                    .then(|| column.as_string::<i32>().value(at).to_owned())
            };
            for at in 0..batch.num_rows() {
                let line = &lines[row];
                for name in
                    ["employer_id", "plan_digest", "input_digest", "result_digest", "status", "rate", "tier"]
                {
                    assert_eq!(text(name, at).as_deref(), line[name].as_str(), "{name} of row {row}");
                }
                let step = batch.column_by_name("step").unwrap().as_primitive::<Int64Type>().value(at);
                assert_eq!(Some(step), line["step"].as_i64());
                let measures = batch.column_by_name("measures").unwrap().as_map().value(at);
                let pairs =
                    measures.column(0).as_string::<i32>().iter().zip(measures.column(1).as_string::<i32>());
                for (name, value) in pairs {
                    assert_eq!(line["measures"][name.unwrap()].as_str(), value);
                }
                let words = batch.column_by_name("explanation").unwrap().as_struct();
                let paragraphs = words.column_by_name("paragraphs").unwrap().as_list::<i32>().value(at);
                let texts = paragraphs
                    .as_struct()
                    .column_by_name("text")
                    .unwrap()
                    .as_string::<i32>()
                    .value(0)
                    .to_owned();
                assert_eq!(Some(texts.as_str()), line["explanation"]["paragraphs"][0]["text"].as_str());
                row += 1;
            }
        }
        assert_eq!(row, lines.len());
    }
}

#[test]
fn rows_of_parquet_are_rejected_by_number() {
    use arrow_schema::{DataType, Schema};
    use floatrate::nested::{batch, column, list, structure, writer};
    let text = |name: &str| column(name, DataType::Utf8);
    let claim = vec![
        text("id"),
        column("date", DataType::Date32),
        text("cause"),
        text("outcome"),
        column("benefits_paid", DataType::Int64),
    ];
    let schema = std::sync::Arc::new(Schema::new(vec![
        column("employer", structure(vec![text("id"), column("insured_since", DataType::Date32)])),
        column("claims", list(structure(claim))),
    ]));
    let row = |id: &str, claim: &str, paid: i64| {
        serde_json::json!({"employer": {"id": id, "insured_since": "2015-03-01"}, "claims": [{"id": claim,
            "date": "2023-05-04", "cause": "work_accident", "outcome": "fatal", "benefits_paid": paid}]})
    };
    let rows = [row("A", "1", 1), row("B", "1", -1), row("C", "11010519491231002X", 1)];
    let mut out = writer(Vec::new(), schema.clone()).unwrap();
    out.write(&batch(&schema, &rows).unwrap()).unwrap();
    let folder = folder();
    let path = folder.path().join("r.parquet");
    std::fs::write(&path, out.into_inner().unwrap()).unwrap();
    let ran = run(&format!("{PANZHIHUA} --quiet --input {}", path.display()), "");
    assert_eq!((ran.status, ran.out.lines().count()), (1, 1), "{}", ran.err);
    let rejects: Vec<String> = values(&ran.err)
        .iter()
        .map(|r| {
            [&r["line"], &r["employer_id"], &r["field"], &r["reason"]]
                .map(ToString::to_string)
                .join(" ")
                .replace('"', "")
        })
        .collect();
    assert_eq!(rejects, ["2 B claims[0].benefits_paid negative", "3 C claims[0].id personal_data"]);
    let ran = run(&format!("{PANZHIHUA} --encoding utf-8 --input {}", path.display()), "");
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("--encoding is for text"), "{}", ran.err);
}

#[test]
fn personal_data_is_refused_in_both_languages() {
    let with_key = good("A").replacen("\"id\"", "\"职工姓名\":\"x\",\"id\"", 1);
    let ran = run(&format!("{PANZHIHUA} --quiet --lang zh"), format!("{with_key}\n{}", good("B")));
    assert_eq!((ran.status, ran.out.lines().count()), (1, 1));
    let reject = &values(&ran.err)[0];
    assert_eq!(
        (reject["reason"].as_str(), reject["employer_id"].as_str()),
        (Some("personal_data"), Some("A"))
    );
    assert!(reject["message"].as_str().unwrap().contains("个人信息"), "{reject}");
    let folder = folder();
    std::fs::write(folder.path().join("employers.csv"), "id,insured_since,payroll_2023,AAC003\n").unwrap();
    let ran = run(&format!("{PANZHIHUA} --input {}", folder.path().display()), "");
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("column 4 `AAC003` holds personal data"), "{}", ran.err);
}

#[test]
fn an_agency_s_own_columns_are_mapped() {
    let folder = folder();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let amounts = |year: i32| format!("A,{year}01,{year}12,1234000.00,400,23446.00,23446,12\n");
    write("employers.csv", "AAB001,AAB004,AAB022,参保日期,AAB019,risk_class\nA,一厂,06,2015-03-01,x,8\n");
    write(
        "periods.csv",
        &format!(
            "AAB001,AAE041,AAE042,AAB121,YAE231,应缴,实缴,months_insured\n{}{}{}",
            amounts(2023),
            amounts(2024),
            amounts(2025)
        ),
    );
    write("claims.csv", "AAB001,AAZ127,ALC020,ALA016,ALA040,待遇,ALC022\nA,1,20230504,01,7,13000,arm\n");
    let mapping = include_str!("../../../data/mappings/agency-codes.toml")
        .replace("\"YAE231\" = \"headcount\"", "\"YAE231\" = \"headcount\"\n\"应缴\" = { to = \"contributions_due\", unit = \"yuan\" }\n\"实缴\" = { to = \"contributions_paid\", unit = \"yuan\" }")
        .replace("\"ALA040\" = \"outcome\"", "\"ALA040\" = \"outcome\"\n\"待遇\" = { to = \"benefits_paid\", unit = \"yuan\" }")
        .replace("[values.cause]", "[values.cause]\n\"01\" = \"work_accident\"");
    write("map.toml", &mapping);
    let path = folder.path().display().to_string();
    let mapped = run(&format!("{PANZHIHUA} --quiet --input {path} --mapping {path}/map.toml"), "").done();
    let record = r#"{"employer":{"id":"A","name":"一厂","industry":{"standard":"2017","code":"06"},"risk_class":8,"insured_since":"2015-03-01"},"periods":[PERIODS],"claims":[{"id":"1","date":"2023-05-04","cause":"work_accident","outcome":"disability_7","benefits_paid":1300000}]}"#;
    let period = |year: i32| {
        format!(
            r#"{{"start":"{year}-01-01","end":"{year}-12-31","payroll":123400000,"contributions_due":2344600,"contributions_paid":2344600,"headcount":"400","months_insured":12}}"#
        )
    };
    let periods = [2023, 2024, 2025].map(period).join(",");
    assert_eq!(mapped, run(&format!("{PANZHIHUA} --quiet"), record.replace("PERIODS", &periods)).done());

    // The shipped mapping by name: the code that it does not know breaks its row, with the codes that it does.
    write(
        "claims.csv",
        "AAB001,AAZ127,ALC020,ALA016,ALA040,benefits_paid\nA,1,20230504,01,7,1300000\nA,2,2023年,104,11,5\n",
    );
    write("periods.csv", "AAB001,AAE041,AAE042,AAB121,YAE231\nA,202301,202312,1.234,400\n");
    let ran = run(&format!("{PANZHIHUA} --quiet --input {path} --mapping agency-codes"), "");
    assert_eq!((ran.status, ran.out.as_str()), (1, ""));
    let told: Vec<String> = values(&ran.err)
        .iter()
        .map(|r| format!("{}:{} {} {}", r["file"], r["line"], r["reason"], r["message"]))
        .collect();
    assert_eq!(told.len(), 3, "{told:?}");
    for (told, parts) in told.iter().zip([
        ["periods.csv", "column `AAB121` has `1.234`: expected a decimal in yuan with at most 2 places"],
        ["claims.csv", "column `ALA016` has `01`: the mapping's code table has 104, away_on_duty"],
        ["claims.csv", "column `ALC020` has `2023年`: expected a date written yyyymmdd"],
    ]) {
        assert!(parts.iter().all(|part| told.contains(part)) && told.contains("not_mapped"), "{told}");
    }
    write("map.toml", "[employers.columns]\nA = \"b\"\nB = { to = \"id\", unit = \"yuan\" }\n");
    let ran = run(&format!("{PANZHIHUA} --input {path} --mapping {path}/map.toml"), "");
    assert_eq!(ran.status, 2);
    assert!(
        ran.err.contains("map.toml:2: `b` is unknown") && ran.err.contains("map.toml:3: `id` is not written"),
        "{}",
        ran.err
    );
}

#[test]
fn damaged_and_hostile_files_end_with_a_sentence() {
    let folder = folder();
    for (name, bytes, expected) in [
        ("a.parquet", b"PAR1".to_vec(), "is not a readable Parquet file"),
        ("b.xlsx", b"PK\x03\x04".to_vec(), "is not a readable XLSX workbook"),
        ("c.xls", b"x".to_vec(), "of spreadsheets only .xlsx is read"),
        (
            "d.parquet",
            [b"PAR1".as_slice(), &[0x15; 4000], &4000_u32.to_le_bytes(), b"PAR1"].concat(),
            "is not a readable Parquet file",
        ),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let ran = run(&format!("{PANZHIHUA} --input {}", path.display()), "");
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{}", ran.err);
        assert!(ran.err.contains(expected) && !ran.err.contains("internal error"), "{}", ran.err);
    }
}
