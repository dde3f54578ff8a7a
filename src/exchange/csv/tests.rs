use super::*;
use crate::exchange::{Input, json};
use floatrate_engine::Lang;
use floatrate_engine::record::Form;
use std::collections::BTreeSet;
use std::fmt::Write;

/// A folder with those files.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn inputs(folder: &Path, partitions: usize) -> Vec<Input> {
    let groups = Groups::open_in(folder, Encoding::Auto, None, Some(partitions)).unwrap();
    let layout = groups.layout();
    groups.flat_map(|group| layout.parse(&group.unwrap())).collect()
}

fn rejects(inputs: &[Input]) -> Vec<String> {
    let show = |input: &Input| {
        let broken = input.form.as_ref().err()?;
        let (file, line) = (input.place.file.as_deref().unwrap(), input.place.line);
        Some(format!("{file}:{line} {} {}", broken.employer_id.as_deref().unwrap_or("?"), broken.reason))
    };
    inputs.iter().filter_map(show).collect()
}

#[test]
fn the_same_form_as_json() {
    let folder = folder(&[
        (
            "employers.csv",
            "id,name,region,industry_standard,industry_code,risk_class,insured_since,prior_rate,prior_tier,\
             facts_blacklisted,facts_arrears_months\r\n\
             A,\"攀枝花, 一厂\r\n\",510400,2017,06,8,2015-03-01,0.019,1,FALSE,0\r\n"
                .as_bytes(),
        ),
        (
            "periods.csv",
            b"employer_id,start,end,payroll,headcount,months_insured,values_hours_worked\n\
              A,2023-01-01,2023-12-31,123400000,400,12,\nA,2024-01-01,2024-12-31,,400.5,0,800000\n",
        ),
        (
            "claims.csv",
            "单位编号,案件编号,事故日期,认定依据,伤情,待遇支付\nA,2023-17,2023-05-04,work_accident,disability_7,1300000\n"
                .as_bytes(),
        ),
    ]);
    let found = inputs(folder.path(), 1);
    let expected = r#"{"employer":{"id":"A","name":"攀枝花, 一厂\r\n","region":"510400","risk_class":8,
        "insured_since":"2015-03-01","industry":{"standard":"2017","code":"06"},"prior":{"rate":"0.019","tier":"1"}},
        "periods":[{"start":"2023-01-01","end":"2023-12-31","payroll":123400000,"headcount":"400","months_insured":12},
        {"start":"2024-01-01","end":"2024-12-31","headcount":"400.5","months_insured":0,
         "values":{"hours_worked":"800000"}}],
        "claims":[{"id":"2023-17","date":"2023-05-04","cause":"work_accident","outcome":"disability_7",
        "benefits_paid":1300000}],"facts":{"blacklisted":"false","arrears_months":"0"}}"#;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].form, json::parse(expected));
    assert_eq!(found[0].place_of("periods[1].payroll").line, 3);
    assert_eq!(found[0].place_of("claims[0]").file.as_deref(), Some("claims.csv"));
}

#[test]
fn columns_of_years_are_periods() {
    let text = "id,insured_since,payroll_2024,payroll_2023,values_x_2023,2023年平均人数,payroll_2022\nA,2015-03-01,5,4,1.5,7,\n";
    let folder = folder(&[
        ("unit.csv", text.as_bytes()),
        ("periods.csv", b"employer_id,start,end\nA,2025-01-01,2025-12-31\n"),
    ]);
    let groups = Groups::open(&folder.path().join("unit.csv"), Encoding::Auto, None).unwrap();
    assert!(!groups.has_claims());
    let layout = groups.layout();
    let found: Vec<_> = groups.flat_map(|group| layout.parse(&group.unwrap())).collect();
    let expected = r#"{"employer":{"id":"A","insured_since":"2015-03-01"},"periods":[
        {"start":"2023-01-01","end":"2023-12-31","payroll":4,"headcount":"7","values":{"x":"1.5"}},
        {"start":"2024-01-01","end":"2024-12-31","payroll":5},{"start":"2025-01-01","end":"2025-12-31"}],
        "claims":[],"facts":{}}"#;
    assert_eq!(found[0].form, json::parse(expected));
    assert_eq!(found[0].place_of("periods[0].payroll").file.as_deref(), Some("unit.csv"));
    assert_eq!(found[0].place_of("periods[2].start").file.as_deref(), Some("periods.csv"));
}

#[test]
fn bad_rows_are_named_and_good_ones_stay() {
    let folder = folder(&[
        (
            "employers.csv",
            b"id,insured_since,name,payroll_2023\nA,2015-03-01,\"a\nb\",1\nB,2015-03-01,1\nA,2015-03-01,,1\n\
              C,2015-03-01,\xFFx,1\nD,2015-03-01,\xE6\x94\x80,1\nE,2015-03-01,,1\nF,2015-03-01,\"x,1\nG,2015-03-01,,1\n",
        ),
        ("periods.csv", b"employer_id,start,end\nE,2023-01-01\nZ,2023-01-01,2023-12-31\nB,2024-01-01,2024-12-31\n"),
        ("claims.csv", b"employer_id,id,date,cause,outcome\nE,1,2,3,4,5\nY,1,2,3,4\nA,1,2,3,4\n,1,2,3,4\n"),
    ]);
    for partitions in [1, 3] {
        let found = inputs(folder.path(), partitions);
        let good: Vec<_> =
            found.iter().filter(|i| i.form.is_ok()).map(|i| i.employer_id().unwrap()).collect();
        assert_eq!(good, ["A", "D", "G"]);
        assert_eq!(
            rejects(&found),
            [
                "employers.csv:4 B cell_count",
                "employers.csv:5 A duplicate_employer",
                "employers.csv:6 C not_utf8",
                "periods.csv:2 E cell_count",
                "claims.csv:2 E cell_count",
                "employers.csv:9 F unclosed_quote",
                "periods.csv:3 Z unknown_employer",
                "claims.csv:3 Y unknown_employer",
                "claims.csv:5 ? unknown_employer",
            ]
        );
    }
}

#[test]
fn partitions_change_nothing() {
    let (mut employers, mut periods, mut claims) = (
        "id,insured_since\n".to_string(),
        "employer_id,start,end\n".to_string(),
        "employer_id,id,date,cause,outcome\n".to_string(),
    );
    for n in 0..500 {
        writeln!(employers, "{n},2015-03-01").unwrap();
        // Periods and claims come in another order than employers, some of nobody.
        let other = n * 37 % 510;
        writeln!(periods, "{other},2023-01-01,2023-12-31\n{n},2024-01-01,2024-12-31").unwrap();
        writeln!(claims, "{other},a{n},2023-05-04,work_accident,fatal").unwrap();
    }
    let folder = folder(&[
        ("employers.csv", employers.as_bytes()),
        ("periods.csv", periods.as_bytes()),
        ("claims.csv", claims.as_bytes()),
    ]);
    let one = inputs(folder.path(), 1);
    assert_eq!(one, inputs(folder.path(), 3));
    assert_eq!(one, inputs(folder.path(), 50));
    let ids: Vec<_> =
        one.iter().filter(|i| i.form.is_ok()).map(|i| i.employer_id().unwrap().to_string()).collect();
    assert!(ids.iter().cloned().eq((0..500).map(|n| n.to_string())));
    assert!(one.iter().filter(|i| i.form.is_ok()).all(|i| !i.periods.is_empty()));
    let nobody: BTreeSet<_> = one[500..].iter().map(|i| i.form.as_ref().unwrap_err().reason).collect();
    assert_eq!(nobody, BTreeSet::from(["unknown_employer"]));
}

#[test]
fn files_may_differ_in_encoding() {
    let (claims, _, _) =
        encoding_rs::GB18030.encode("统一社会信用代码,工伤案件,工伤日期,认定依据,伤情\n甲㛹𠮷,1,2,3,4\n");
    let folder = folder(&[
        ("employers.csv", "\u{feff}id,insured_since,payroll_2023\n甲㛹𠮷,2015-03-01,1\n".as_bytes()),
        ("claims.csv", &claims),
    ]);
    let found = inputs(folder.path(), 1);
    assert_eq!((found.len(), found[0].employer_id(), found[0].claims.len()), (1, Some("甲㛹𠮷"), 1));
}

#[test]
fn wrong_files_are_refused() {
    let header: &[u8] = b"id,insured_since\n";
    for (files, expected) in [
        (vec![("employers.csv", header)], "no periods.csv beside"),
        (
            vec![("employers.csv", b"".as_slice())],
            "column `id` is missing; column `insured_since` is missing",
        ),
        (
            vec![("employers.csv", "id,insured_since,身份证号\n".as_bytes())],
            "column 3 `身份证号` holds personal data",
        ),
        (
            vec![("employers.csv", header), ("periods.csv", b"employer_id,start,end,paid\n")],
            "periods.csv: column 4 `paid` is unknown",
        ),
    ] {
        let folder = folder(&files);
        let Err(error) = Groups::open(folder.path(), Encoding::Auto, None) else {
            panic!("refused: {expected}")
        };
        assert!(matches!(error, Error::Usage(_)));
        assert!(error.message(Lang::En).contains(expected), "{error}");
    }
    let nowhere = tempfile::tempdir().unwrap();
    assert!(matches!(Groups::open(nowhere.path(), Encoding::Auto, None), Err(Error::Io { .. })));
}

#[test]
fn rows_of_one_employer_are_bounded() {
    let mut claims = "employer_id,id,date,cause,outcome\n".to_string();
    for n in 0..floatrate_engine::limits::CLAIMS_MAX + 50 {
        writeln!(claims, "A,{n},,,").unwrap();
    }
    let folder = folder(&[
        ("employers.csv", b"id,insured_since,payroll_2023\nA,2015-03-01,1\n"),
        ("claims.csv", claims.as_bytes()),
    ]);
    let found = inputs(folder.path(), 1);
    assert_eq!(found[0].claims.len(), floatrate_engine::limits::CLAIMS_MAX + 1);
    assert!(matches!(found[0].form, Ok(Form::Map(_))));
}
