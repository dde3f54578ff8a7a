use super::{Cell, Kind, Row, Writer, read};
use std::path::Path;

fn written(kind: Kind, name: &str, rows: &[Vec<Cell>]) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let mut writer = Writer::new(kind, true).unwrap();
    writer.header(&["甲", "b", "c", "d"]).unwrap();
    let mut bytes = writer.ready();
    for row in rows {
        writer.row(row).unwrap();
        bytes.extend(writer.ready());
    }
    bytes.extend(writer.finish().unwrap());
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

#[test]
fn what_is_written_is_read_again() {
    let rows = [
        vec![
            Cell::text("=1+1"),
            Cell::Plain("-0.0152".into()),
            Cell::Whole(-9_007_199_254_740_991),
            Cell::text("a, \"b\""),
        ],
        vec![Cell::Empty, Cell::text("007"), Cell::Whole(i128::from(i64::MAX) * 1000), Cell::Empty],
    ];
    for (kind, name) in [(Kind::Csv, "x.csv"), (Kind::Xlsx, "x.xlsx")] {
        let (_folder, path) = written(kind, name, &rows);
        let found: Vec<(u64, Vec<String>)> =
            read(&path, kind).unwrap().into_iter().map(|row| (row.number, row.cells.unwrap())).collect();
        let trimmed = |cells: &[&str]| cells.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
        assert_eq!(found[0], (1, trimmed(&["甲", "b", "c", "d"])), "{name}");
        assert_eq!(found[1], (2, trimmed(&["=1+1", "-0.0152", "-9007199254740991", "a, \"b\""])), "{name}");
        assert_eq!(found[2].1[..3], trimmed(&["", "007", "9223372036854775807000"]), "{name}");
    }
}

/// As the spreadsheets of China save CSV.
#[test]
fn gb18030_is_read_and_a_bad_row_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    let (text, _, _) = encoding_rs::GB18030.encode("单位,决定\n甲,\"不核定\"\n");
    std::fs::write(&path, text).unwrap();
    let rows = read(&path, Kind::Csv).unwrap();
    assert_eq!(rows[1], Row { number: 2, cells: Ok(vec!["甲".into(), "不核定".into()]) });
    std::fs::write(&path, "a,b\n\"x,y\n1,2\n").unwrap();
    let rows = read(&path, Kind::Csv).unwrap();
    assert!(rows[1].cells.is_err() && rows[2].cells.is_ok(), "{rows:?}");
    std::fs::write(&path, "no zip").unwrap();
    assert!(read(&path, Kind::Xlsx).is_err());
    assert_eq!([Kind::of(Path::new("a.XLSX")), Kind::of(Path::new("a"))], [Some(Kind::Xlsx), None]);
}
