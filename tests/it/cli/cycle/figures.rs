//! What is shown adds up, to the fen.

use super::{folder, rated, show, words};
use crate::cli::values;
use serde_json::Value;

/// The details sum to the report's totals, whatever the city.
#[test]
fn details_sum_to_the_report() {
    for seed in [11, 12, 13] {
        let folder = folder();
        let at = folder.path();
        let id = rated(at, 150, seed);
        let name = "details.jsonl";
        let ran = words(at, &format!("cycle show {id} --details {name} --statistics s.csv --json"));
        assert!(ran.status == 0 && ran.err.contains("ledger head blake3:"), "{}", ran.err);
        let sum = &ran.json()["report"]["totals"]["sum"];
        let lines = values(&std::fs::read_to_string(at.join(name)).unwrap());
        assert_eq!(lines.len(), 154);
        let counted: Vec<&Value> = lines.iter().filter(|l| l["status"] != "review").collect();
        assert_eq!(i64::try_from(counted.len()).unwrap(), sum["employers"].as_i64().unwrap());
        for (field, of) in [
            ("payroll", "payroll"),
            ("contribution_before", "contribution_before"),
            ("contribution", "contribution"),
        ] {
            let all: i128 = counted.iter().map(|l| i128::from(l[field].as_i64().unwrap_or(0))).sum();
            assert_eq!(all.to_string(), sum[of].as_str().unwrap(), "{field}");
        }
        let cells = ran.json()["report"]["cells"].clone();
        let cells: i64 =
            cells.as_array().unwrap().iter().map(|c| c["sum"]["employers"].as_i64().unwrap()).sum();
        assert_eq!(cells, sum["employers"].as_i64().unwrap());
        // The statistic has the same total, in yuan.
        let statistic = std::fs::read_to_string(at.join("s.csv")).unwrap();
        let total = statistic.lines().find(|line| line.starts_with("合计")).unwrap();
        let fen = sum["contribution"].as_str().unwrap();
        let (yuan, rest) = fen.split_at(fen.len() - 2);
        assert!(total.contains(&format!(",{yuan}.{rest},")), "{total}: {fen}");
        assert!(statistic.contains("不具效力") && statistic.contains("510400"), "{statistic}");
        // CSV and the workbook have a row for each employer too.
        words(at, &format!("cycle show {id} --details d.csv --statistics s.xlsx")).done();
        words(at, &format!("cycle show {id} --details d.xlsx --lang zh")).done();
        let csv = std::fs::read_to_string(at.join("d.csv")).unwrap();
        assert_eq!(csv.lines().count(), 155);
        assert!(std::fs::read(at.join("d.xlsx")).unwrap().starts_with(b"PK"));
        assert_eq!(show(at, &id)["report"]["totals"]["sum"], *sum);
    }
}
