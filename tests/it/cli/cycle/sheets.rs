//! The work list as a spreadsheet: written, filled in, taken back.

use super::{folder, rated, words};
use std::path::Path;

/// Cells of a list in CSV.
fn rows(text: &str) -> Vec<Vec<String>> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// Fills the last three columns in.
fn filled(rows: &mut [Vec<String>], employer: &str, cells: [&str; 3]) {
    let row = rows.iter_mut().find(|row| row[1] == employer).unwrap();
    for (at, cell) in (10..).zip(cells) {
        row[at] = cell.to_owned();
    }
}

fn save(path: &Path, rows: &[Vec<String>]) {
    if path.extension().is_some_and(|ending| ending == "xlsx") {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (row, cells) in (0..).zip(rows) {
            for (column, cell) in (0..).zip(cells) {
                sheet.write_string(row, column, cell).unwrap();
            }
        }
        book.save(path).unwrap();
        return;
    }
    let mut writer = csv::WriterBuilder::new().flexible(true).from_path(path).unwrap();
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    writer.flush().unwrap();
}

#[test]
fn a_spreadsheet_is_filled_in_and_applied() {
    for (ending, lang) in [("csv", "en"), ("csv", "zh"), ("xlsx", "zh")] {
        let folder = folder();
        let at = folder.path();
        let id = rated(at, 30, 4);
        let list = words(at, &format!("cycle review {id} --output list.csv --lang {lang}"));
        assert!(list.status == 0 && list.out.is_empty(), "{list:?}");
        words(at, &format!("cycle review {id} --output list.xlsx --lang {lang}")).done();
        let mut rows = rows(&std::fs::read_to_string(at.join("list.csv")).unwrap());
        // A workbook that nobody filled in changes nothing.
        let empty = words(at, &format!("cycle review {id} --apply list.xlsx --json"));
        assert_eq!((empty.status, empty.json()["applied"].as_i64()), (0, Some(0)), "{}", empty.err);
        filled(
            &mut rows,
            "OPEN1",
            if lang == "zh" { ["不核定", "", "待补"] } else { ["leave_out", "", "later"] },
        );
        filled(
            &mut rows,
            "NONE1",
            if lang == "zh" { ["档次", "1", "无缴费"] } else { ["tier", "1", "none"] },
        );
        filled(&mut rows, "OPEN2", ["whim", "", "why"]);
        filled(&mut rows, "NONE2", ["leave_out", "7", ""]);
        let mut stranger = rows[1].clone();
        stranger[1] = "NOBODY".into();
        stranger[10] = "leave_out".into();
        stranger[12] = "gone".into();
        rows.push(stranger);
        let file = format!("filled.{ending}");
        save(&at.join(&file), &rows);
        let ran = words(at, &format!("cycle review {id} --apply {file} --json --lang {lang}"));
        assert_eq!(ran.status, 1, "{ran:?}");
        let done = ran.json();
        assert_eq!((&done["applied"], &done["unchanged"]), (&2.into(), &0.into()), "{done}");
        let refused = done["refused"].as_array().unwrap();
        let who: Vec<&str> = refused.iter().map(|r| r["employer_id"].as_str().unwrap()).collect();
        assert!(who.len() == 3 && who.contains(&"OPEN2") && who.contains(&"NOBODY"), "{who:?}");
        for refusal in refused {
            let row = refusal["row"].as_u64().unwrap();
            assert_eq!(rows[usize::try_from(row).unwrap() - 1][1], refusal["employer_id"].as_str().unwrap());
        }
        // Again, harmlessly.
        let again = words(at, &format!("cycle review {id} --apply {file} --json")).json();
        assert_eq!((&again["applied"], &again["unchanged"]), (&0.into(), &2.into()), "{again}");
        // Another cycle's list, and one without its columns.
        let mut foreign = rows.clone();
        foreign.iter_mut().skip(1).for_each(|row| row[0] = "c-other".into());
        save(&at.join(&file), &foreign);
        let ran = words(at, &format!("cycle review {id} --apply {file}"));
        assert!(ran.status == 1 && ran.err.contains("c-other"), "{ran:?}");
        let short: Vec<Vec<String>> = rows.iter().map(|row| row[..10].to_vec()).collect();
        save(&at.join(&file), &short);
        let ran = words(at, &format!("cycle review {id} --apply {file}"));
        assert!(ran.status == 2 && ran.err.contains("decision"), "{ran:?}");
    }
}
