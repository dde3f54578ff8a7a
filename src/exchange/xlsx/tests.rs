use super::archive::{LIMITS, Limits};
use super::*;
use crate::exchange::{Input, csv, json};
use floatrate_engine::Lang;
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

fn inputs(bytes: &[u8]) -> Result<Vec<Input>, Error> {
    let groups = read(Cursor::new(bytes), "book.xlsx", None, LIMITS)?;
    let layout = groups.layout();
    groups.map(|group| Ok(layout.parse(&group?))).collect::<Result<Vec<_>, _>>().map(|all| all.concat())
}

fn refused(bytes: &[u8]) -> String {
    match inputs(bytes) {
        Ok(_) => panic!("it should be refused"),
        Err(why) => why.message(Lang::En),
    }
}

/// A sheet of texts; a cell that starts with `#` is a number.
fn fill(sheet: &mut Worksheet, rows: &[&str]) {
    for (row, text) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(text.split(',')) {
            if let Some(number) = cell.strip_prefix('#') {
                sheet.write_number(row, column, number.parse::<f64>().unwrap()).unwrap();
            } else if !cell.is_empty() {
                sheet.write_string(row, column, cell).unwrap();
            }
        }
    }
}

fn book(sheets: &[(&str, &[&str])]) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, rows) in sheets {
        fill(book.add_worksheet().set_name(*name).unwrap(), rows);
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn the_same_form_as_csv_and_json() {
    let employers: &[&str] = &[
        "",
        "id,单位名称,industry_standard,industry_code,risk_class,insured_since,prior_rate,facts_blacklisted",
        "A,\"攀枝花\" 一厂,2017,06,#8,2015-03-01,#0.019,true",
    ];
    let periods: &[&str] =
        &["employer_id,start,end,payroll,headcount", "A,2023-01-01,2023-12-31,#123400000,#400.5"];
    let claims: &[&str] = &[
        "employer_id,id,date,cause,outcome,benefits_paid",
        "A,2023-17,2023-05-04,work_accident,disability_7,#1300000",
    ];
    let expected = json::parse(
        r#"{"employer":{"id":"A","name":"\"攀枝花\" 一厂","risk_class":8,"insured_since":"2015-03-01",
        "industry":{"standard":"2017","code":"06"},"prior":{"rate":"0.019"}},
        "periods":[{"start":"2023-01-01","end":"2023-12-31","payroll":123400000,"headcount":"400.5"}],
        "claims":[{"id":"2023-17","date":"2023-05-04","cause":"work_accident","outcome":"disability_7",
        "benefits_paid":1300000}],"facts":{"blacklisted":"true"}}"#,
    );
    for names in [["employers", "periods", "claims"], ["单位", "考核期", "工伤案件"]] {
        let found =
            inputs(&book(&[(names[0], employers), (names[1], periods), (names[2], claims), ("Sheet4", &[])]))
                .unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].form, expected);
        assert_eq!(
            (found[0].place.line, found[0].place.file.as_deref()),
            (3, Some(&*format!("book.xlsx:{}", names[0])))
        );
        assert_eq!(found[0].place_of("claims[0].date").line, 2);
    }
    let wide = inputs(&book(&[(
        "2023年",
        &["id,insured_since,payroll_2023", "A,2015-03-01,#5", "", "B,2015-03-01,#6"],
    )]));
    let found = wide.unwrap();
    assert_eq!(
        found.iter().map(|i| (i.employer_id().unwrap(), i.place.line)).collect::<Vec<_>>(),
        [("A", 2), ("B", 4)]
    );
}

#[test]
fn cells_of_every_kind() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    fill(sheet, &["id,insured_since,prior_rate,facts_fraud,headcount_2023,payroll_2023,name"]);
    for (row, id) in (1..).zip(["A", "B", "C", "D", "E", "F", "G"]) {
        sheet.write_string(row, 0, id).unwrap();
        let date = ExcelDateTime::from_ymd(2015, 3, 1).unwrap();
        let date = if id == "B" { date.and_hms(8, 0, 0).unwrap() } else { date };
        sheet.write_datetime_with_format(row, 1, &date, &day).unwrap();
    }
    sheet.write_number(1, 2, 0.019).unwrap();
    sheet.write_boolean(1, 3, false).unwrap();
    sheet.write_formula(1, 5, Formula::new("=2+3").set_result("5")).unwrap();
    sheet.write_number(3, 2, 0.1 + 0.2).unwrap();
    sheet.write_number(3, 4, 0.123_456_7).unwrap();
    sheet.write_formula(4, 5, Formula::new("=NA()").set_result("#N/A")).unwrap();
    sheet.write_number(5, 5, 1.5).unwrap();
    sheet.write_number(6, 5, 9_007_199_254_740_992_f64).unwrap();
    sheet.write_string(7, 7, "beyond").unwrap();
    let found = inputs(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(
        found[0].form,
        json::parse(
            r#"{"employer":{"id":"A","insured_since":"2015-03-01","prior":{"rate":"0.019"}},
            "periods":[{"start":"2023-01-01","end":"2023-12-31","payroll":5}],"claims":[],"facts":{"fraud":"false"}}"#
        )
    );
    let told: Vec<_> = found[1..].iter().map(|i| i.form.as_ref().unwrap_err()).collect();
    let at = |index: usize| {
        (told[index].employer_id.as_deref(), told[index].reason, told[index].message.en.as_str())
    };
    assert_eq!(
        at(0),
        (
            Some("B"),
            "bad_cell",
            "book.xlsx:Sheet1, cell B3 (`insured_since`) is a date with a time of day: write the date alone"
        )
    );
    let (_, _, both) = at(1);
    assert!(
        both.contains("cell C4 (`prior_rate`) is 0.30000000000000004, which is not a decimal of at most 12"),
        "{both}"
    );
    assert!(both.contains("; book.xlsx:Sheet1, cell E4 (`headcount_2023`) is 0.1234567"), "{both}");
    assert!(at(2).2.contains("cell F5 (`payroll_2023`) is the error #N/A"), "{}", at(2).2);
    assert!(at(3).2.contains("is 1.5, which is not a decimal of at most 0 places"), "{}", at(3).2);
    assert!(at(4).2.contains("does not keep exactly"), "{}", at(4).2);
    assert_eq!((at(5).0, at(5).1), (Some("G"), "cell_count"));
}

#[test]
fn sheets_and_columns_are_checked() {
    let head: &[&str] = &["id,insured_since,payroll_2023"];
    for (sheets, expected) in [
        (vec![("employers", head), ("claims2", &["x"] as &[&str])], "the sheet `claims2` is unknown"),
        (
            vec![("employers", head), ("单位", head)],
            "the sheets `employers` and `单位` are both of employers",
        ),
        (vec![("periods", &["employer_id,start,end"] as &[&str])], "there is no sheet `employers`"),
        (vec![("employers", &["id,insured_since"] as &[&str])], "has no sheet `periods`"),
        (
            vec![("employers", &["id,insured_since,身份证号"] as &[&str])],
            "column 3 `身份证号` holds personal data",
        ),
        (vec![("employers", &["id,,insured_since"] as &[&str])], "column 2 `` is unknown"),
        (vec![("employers", &[] as &[&str])], "column `id` is missing"),
    ] {
        let why = refused(&book(&sheets));
        assert!(why.contains(expected), "{why}");
    }
}

#[test]
fn a_mapping_is_applied_to_cells() {
    let mapping = Mapping::parse(
        "[employers.columns]\nDWBH = \"id\"\nRQ = { to = \"insured_since\", date = \"yyyymmdd\" }\n\
         GZ = { to = \"payroll_2023\", unit = \"yuan\" }\n[employers]\nignore = [\"BZ\"]\n",
        "m",
    );
    let bytes = book(&[(
        "employers",
        &["DWBH,RQ,GZ,BZ", "A,#20150301,#1234.56,#0.333333333333", "B,20150301,#0.005,"],
    )]);
    let groups = read(Cursor::new(bytes), "b", Some(&mapping.unwrap()), LIMITS).unwrap();
    let layout = groups.layout();
    let found: Vec<_> = groups.flat_map(|group| layout.parse(&group.unwrap())).collect();
    let expected = json::parse(
        r#"{"employer":{"id":"A","insured_since":"2015-03-01"},"periods":[{"start":"2023-01-01","end":"2023-12-31",
        "payroll":123456}],"claims":[],"facts":{}}"#,
    );
    assert_eq!(found[0].form, expected);
    assert!(
        found[1]
            .form
            .as_ref()
            .unwrap_err()
            .message
            .en
            .contains("is 0.005, which is not a decimal of at most 2")
    );
}

/// An archive with those parts.
fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn bombs_are_refused_with_their_numbers() {
    let small =
        Limits { file_bytes: 100_000, bytes: 50_000_000, whole_bytes: 1_000, text_bytes: 100, entries: 3 };
    let noise: Vec<u8> =
        (0..200_000_u32).map(|n| u8::try_from(n.wrapping_mul(2_654_435_761) >> 24).unwrap()).collect();
    let zeros = "<a/>".repeat(3_000_000).into_bytes();
    for (bytes, expected) in [
        (noise.clone(), "200000 bytes, and the limit is 100000"),
        (archive(&[("a", b""), ("b", b""), ("c", b""), ("d", b"")]), "4 parts, and the limit is 3"),
        (archive(&[("xl/worksheets/sheet1.xml", &zeros)]), "times its packed size, and the limit is 200"),
        (
            archive(&[("xl/sharedStrings.xml", "<a/>".repeat(300).as_bytes())]),
            "1200 unpacked bytes of texts, and the limit is 1000",
        ),
        (archive(&[("a", [b'x'; 500].as_slice())]), "bytes of one text, and the limit is 100"),
        (b"PK".to_vec(), "is not a readable XLSX workbook"),
        (Vec::new(), "is not a readable XLSX workbook"),
        (archive(&[("a", b"<a/>")]), "is not a readable XLSX workbook"),
    ] {
        let why = match read(Cursor::new(&bytes), "b.xlsx", None, small) {
            Ok(_) => panic!("it should be refused: {expected}"),
            Err(why) => why.message(Lang::En),
        };
        assert!(why.contains(expected), "{why}\n{expected}");
    }
    let all = Limits { bytes: 1_000_000, ..LIMITS };
    let Err(why) = read(Cursor::new(archive(&[("xl/worksheets/sheet1.xml", &zeros)])), "b", None, all) else {
        panic!("it should be refused")
    };
    assert!(why.to_string().contains("1000001 unpacked bytes, and the limit is 1000000"), "{why}");
}

/// A declared size that is a lie does not matter: what is counted is what comes out.
#[test]
fn lies_about_sizes_are_found() {
    let honest = archive(&[("xl/worksheets/sheet1.xml", &"<a/>".repeat(3_000_000).into_bytes())]);
    let size = 12_000_000_u32.to_le_bytes();
    let mut lying = honest.clone();
    while let Some(at) = lying.windows(4).position(|w| w == size) {
        lying[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    assert_ne!(lying, honest);
    let limits = Limits { bytes: 1_000_000, ..LIMITS };
    assert!(read(Cursor::new(lying), "b", None, limits).is_err());
}

#[test]
fn cells_out_of_order_and_absurd_addresses_are_refused() {
    let good = book(&[("employers", &["id,insured_since,payroll_2023", "A,2015-03-01,#5"])]);
    let with = |from: &str, to: &str| {
        let mut zip = zip::ZipArchive::new(Cursor::new(&good)).unwrap();
        let parts: Vec<(String, Vec<u8>)> = (0..zip.len())
            .map(|index| {
                let mut part = zip.by_index(index).unwrap();
                let mut bytes = Vec::new();
                part.read_to_end(&mut bytes).unwrap();
                let name = part.name().unwrap().into_owned();
                if name.ends_with("sheet1.xml") {
                    let text = String::from_utf8(bytes).unwrap();
                    assert!(text.contains(from), "{text}");
                    bytes = text.replace(from, to).into_bytes();
                }
                (name, bytes)
            })
            .collect();
        archive(&parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>())
    };
    for (from, to, expected) in [
        ("r=\"A2\"", "r=\"C1\"", "the cell C1 comes after C1"),
        ("r=\"C2\"", "r=\"A2\"", "the cell A2 comes after B2"),
        ("r=\"C2\"", "r=\"XFD2\"", "the cell XFD2 is beyond the limit of 2000 columns"),
        ("r=\"C2\"", "r=\"ZZZZZZZZZZZ2\"", "is not a readable XLSX workbook"),
        ("r=\"C2\"", "r=\"C99999999999999\"", "is not a readable XLSX workbook"),
        ("<v>5</v>", "<v>5", "is not a readable XLSX workbook"),
    ] {
        let why = refused(&with(from, to));
        assert!(why.contains(expected), "{why}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damaged_workbooks_never_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), cut in any::<prop::sample::Index>(), cuts in any::<bool>()) {
        let mut bytes = book(&[("employers", &["id,insured_since,payroll_2023", "A,2015-03-01,#5"])]);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if cuts {
            let at = cut.index(bytes.len());
            bytes.truncate(at);
        }
        let _ = inputs(&bytes);
    }

    /// Damage within the XML, which a damaged archive never reaches because its checksums fail.
    #[test]
    fn damaged_sheets_never_panic(at in any::<prop::sample::Index>(), with in "[<>/=\"A-Z0-9cvr]{0,6}", cut in 0_usize..30) {
        let good = book(&[("employers", &["id,insured_since,payroll_2023", "A,2015-03-01,#5"])]);
        let mut zip = zip::ZipArchive::new(Cursor::new(&good)).unwrap();
        let target = at.index(zip.len());
        let mut parts = Vec::new();
        for index in 0..zip.len() {
            let mut part = zip.by_index(index).unwrap();
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes).unwrap();
            if index == target && !bytes.is_empty() {
                let from = at.index(bytes.len());
                let to = (from + cut).min(bytes.len());
                bytes.splice(from..to, with.bytes());
            }
            parts.push((part.name().unwrap().into_owned(), bytes));
        }
        let _ = inputs(&archive(&parts.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect::<Vec<_>>()));
    }

    /// Whatever a CSV file has in its cells, a sheet of texts says the same.
    #[test]
    fn texts_are_those_of_csv(cells in prop::collection::vec("[a-z,\"' =攀\n]{0,6}", 3)) {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        fill(sheet, &["id,insured_since,name,payroll_2023", "A,2015-03-01"]);
        let mut table = "id,insured_since,name,payroll_2023\nA,2015-03-01".to_string();
        for (column, cell) in (2..).zip(&cells[..2]) {
            sheet.write_string(1, column, cell).unwrap();
            table.push_str(&format!(",\"{}\"", cell.replace('"', "\"\"")));
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("employers.csv"), table).unwrap();
        let groups = csv::Groups::open(folder.path(), crate::exchange::Encoding::Utf8, None).unwrap();
        let layout = groups.layout();
        let expected: Vec<_> = groups.flat_map(|group| layout.parse(&group.unwrap())).map(|i| i.form).collect();
        let found: Vec<_> = inputs(&workbook.save_to_buffer().unwrap()).unwrap().into_iter().map(|i| i.form).collect();
        prop_assert_eq!(found, expected);
    }
}
