use super::*;
use floatrate_engine::Lang;
use proptest::prelude::*;

#[test]
fn the_shipped_ones_are_right() {
    for (name, _) in SHIPPED {
        let mapping = Mapping::load(name).unwrap_or_else(|why| panic!("{why}"));
        assert!(!mapping.tables[0].columns.is_empty());
    }
}

/// Every code of the notes' two lists is either a column or passed over with a reason, but those of persons.
#[test]
fn no_code_is_forgotten() {
    let known = |mapping: &str, codes: &str| {
        let mapping = Mapping::load(mapping).unwrap();
        for code in codes.split_whitespace() {
            let found = Table::ALL.iter().any(|table| mapping.column(*table, code).is_some());
            assert!(found != personal(code), "{code}");
        }
    };
    fn personal(code: &str) -> bool {
        super::super::personal::is_personal(code)
    }
    known(
        "agency-codes",
        "AAB001 AAB004 AAE044 AAB019 AAB020 AAB021 AAB022 AAB030 YLB001 AAE140 AAE002 AAE003 AAE041 AAE042 AAB121 \
         AAA042 ALA080 YAE231 AAB156 AAB033 AAC001 AAC002 AAZ127 AAZ128 ALC020 ALC021 ALC022 ALC040 ALC027 ALC029 \
         ALC030 ALC031 ALC011 ALA016 ALA017 ALA040 ALC060 ALC034 ALC035 ALC017 ALC026",
    );
    known(
        "foshan",
        "sbjgdm dwbh dwmc dwlx gshylb_jz gshylb GSHYLB_dm GSHYLB_FL jzfl fddc_fl fddc gw_rs gw_fddc zjl zjl_fddc \
         zsjehj zfjehj ylf kfyl zykf fzqj hsbz jtss ylfhj scbz ylbz schj szbz gwbz gwbc gwhj qt",
    );
}

#[test]
fn columns_are_understood() {
    let text = r#"
        [employers]
        ignore = ["备注"]
        [employers.columns]
        "DWBH" = "id"
        "GZ2023" = { to = "payroll_2023", unit = "wan_yuan" }
        "FL" = { to = "prior_rate", unit = "percent" }
        "HMD" = "facts_blacklisted"
        [employers.constants]
        region = "510400"
        [periods.columns]
        from = { to = "start", date = "yyyymm" }
        until = { to = "end", date = "yyyymm" }
        since = { to = "payroll", unit = "yuan" }
        [values.facts_blacklisted]
        "1" = "true"
        "0" = "false"
    "#;
    let mapping = Mapping::parse(text, "m").unwrap();
    let name = |table, name: &str| mapping.column(table, name).map(|c| c.target.name(table));
    assert_eq!(name(Table::Employers, "dwbh").as_deref(), Some("id"));
    assert_eq!(name(Table::Employers, "单位名称").as_deref(), Some("name"));
    assert_eq!(name(Table::Employers, "备注").as_deref(), Some(""));
    assert_eq!(name(Table::Periods, "dwbh"), None);
    let cell = |table, name: &str, cell: &str| {
        mapping.column(table, name).and_then(|c| c.convert).unwrap().apply(cell).map_err(|why| why.en)
    };
    assert_eq!(cell(Table::Employers, "GZ2023", "12.34").unwrap(), "123400 00".replace(' ', ""));
    assert_eq!(cell(Table::Employers, "FL", "1.9").unwrap(), "0.019");
    assert_eq!(cell(Table::Employers, "HMD", "1").unwrap(), "true");
    assert_eq!(cell(Table::Employers, "HMD", "2").unwrap_err(), "the mapping's code table has 0, 1");
    assert_eq!(cell(Table::Periods, "from", "202302").unwrap(), "2023-02-01");
    assert_eq!(cell(Table::Periods, "until", "202302").unwrap(), "2023-02-28");
    assert_eq!(
        cell(Table::Periods, "since", "1.234").unwrap_err(),
        "expected a decimal in yuan with at most 2 places"
    );
}

#[test]
fn every_mistake_is_told_with_its_line() {
    let text = "[employers]
ignore = [\"x\", \"AAC002\", 5]
other = 1
[employers.columns]
\"A\" = \"nmae\"
\"x\" = \"id\"
\"B\" = { to = \"insured_since\", date = \"yyyymm\" }
\"C\" = { to = \"name\", unit = \"percent\" }
\"D\" = { to = \"payroll_2023\", unit = \"dollar\" }
\"E\" = { unit = \"yuan\" }
\"姓名\" = \"name\"
\"F\" = 1
[employers.constants]
id = \"1\"
[values.couse]
[workers]
";
    let error = Mapping::parse(text, "m.toml").unwrap_err();
    let told = error.message(Lang::En);
    let lines: Vec<&str> = told.lines().collect();
    for (line, part) in [
        ("m.toml:2:", "`AAC002` holds personal data"),
        ("m.toml:2:", "expected a text in quotation marks"),
        ("m.toml:3:", "`other` is unknown; known are columns, constants, ignore"),
        ("m.toml:5:", "`nmae` is unknown"),
        ("m.toml:7:", "a month is no day"),
        ("m.toml:8:", "`name` is not written in that unit"),
        ("m.toml:9:", "`dollar` is unknown; known are yuan"),
        ("m.toml:10:", "`to` is missing"),
        ("m.toml:11:", "`姓名` holds personal data"),
        ("m.toml:12:", "expected a table"),
        ("m.toml:14:", "the employer's id differs from row to row"),
        ("m.toml:15:", "`couse` is unknown"),
        ("m.toml:16:", "`workers` is unknown"),
    ] {
        assert!(
            lines.iter().any(|told| told.starts_with(line) && told.contains(part)),
            "{line} {part}\n{told}"
        );
    }
    assert!(told.contains("`x` stands under columns and under ignore"), "{told}");
    assert!(error.message(Lang::Zh).contains("m.toml 第 5 行：“nmae”无法识别"));
    let broken = Mapping::parse("[employers\nx = \n", "m").unwrap_err().message(Lang::En);
    assert!(broken.starts_with("m:1: the text is not TOML"), "{broken}");
}

proptest! {
    #[test]
    fn never_panics(text in "([\\[\\]{}=\".a-z_\n#']|employers|columns|to|unit|yuan|date|yyyymm|values|ignore|\\PC){0,40}") {
        let _ = Mapping::parse(&text, "m");
    }

    /// A shipped file with bytes changed.
    #[test]
    fn damaged_files_never_panic(at in 0_usize..6000, with in "\\PC{0,3}", cut in 0_usize..40) {
        let text = SHIPPED[0].1;
        let (at, end) = (text.floor_char_boundary(at.min(text.len())), text.floor_char_boundary((at + cut).min(text.len())));
        let _ = Mapping::parse(&format!("{}{with}{}", &text[..at], &text[end.max(at)..]), "m");
    }

    #[test]
    fn shifting_back_is_the_same(whole in 0_u64..10_000_000, cents in 0_u32..100) {
        let text = format!("{whole}.{cents:02}");
        let there = convert::shifted(&text, 2, 0).unwrap();
        prop_assert_eq!(there.parse::<u64>().unwrap(), whole * 100 + u64::from(cents));
        let back = convert::shifted(&there, -2, 2).unwrap();
        prop_assert_eq!(convert::shifted(&back, 2, 0).unwrap(), there);
    }
}
