//! What `docs/worked-plans.md` quotes stands so in the plans that are shipped, and every formula in it is one of the
//! grammar.

use floatrate_engine::diagnostic::Files;
use floatrate_engine::plan::formula::{parse, parse_cell};
use floatrate_engine::plan::source::{Kind, Node, read_tree};
use std::path::Path;

const DOCUMENT: &str = include_str!("../../docs/worked-plans.md");
/// Fields that hold a formula wherever they stand.
const FORMULAS: [&str; 8] = ["is", "when", "if", "step", "rate", "where", "only_where", "default"];
/// Fields of a table's row that are not its columns.
const OF_A_ROW: [&str; 7] = ["step", "percent", "rate", "choice", "cite", "if", "otherwise"];

/// Notes what cannot be read. `row` says that the node is a row of a table, whose other fields are cells.
fn check(node: &Node, row: bool, read: &mut usize, wrong: &mut Vec<String>) {
    match &node.kind {
        Kind::List(items) => items.iter().for_each(|item| check(item, row, read, wrong)),
        Kind::Table(entries) => {
            for (name, value) in entries {
                let key = name.text.as_str();
                if let Kind::Text(text, start) = &value.kind {
                    let cell = (row && !OF_A_ROW.contains(&key)) || (key == "in" && text.contains(".."));
                    let result = if cell {
                        parse_cell(text, value.span, *start).map(drop)
                    } else if FORMULAS.contains(&key) {
                        parse(text, value.span, *start).map(drop)
                    } else {
                        continue;
                    };
                    *read += 1;
                    wrong.extend(result.err().map(|d| format!("{key} = {text:?}: {}", d.message)));
                }
                check(value, key == "row", read, wrong);
            }
        }
        _ => {}
    }
}

#[test]
fn worked_plans_are_of_the_grammar() {
    let blocks: Vec<&str> = DOCUMENT
        .split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default())
        .collect();
    assert_eq!(blocks.len(), 9, "one block a section");
    let (mut read, mut wrong) = (0, Vec::new());
    for (at, block) in blocks.into_iter().enumerate() {
        let mut files = Files::default();
        let file = files.add(&format!("plan {}", at + 1), block);
        let mut diagnostics = Vec::new();
        let tree = read_tree(block, file, &mut diagnostics);
        wrong.extend(diagnostics.iter().map(|d| files.render(d)));
        check(&tree, false, &mut read, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(read > 70, "{read} formulas");
}

#[test]
fn worked_plans_are_quoted_as_they_are_shipped() {
    let sections: Vec<&str> = DOCUMENT.split("\n## ").skip(1).collect();
    assert_eq!(sections.len(), 9);
    for section in sections {
        let name = section.lines().next().unwrap_or_default();
        let after =
            section.split("\nThe plan is [`").nth(1).unwrap_or_else(|| panic!("{name} names no plan"));
        let path = after.split('`').next().unwrap_or_default();
        let plan = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
            .unwrap_or_else(|why| panic!("{path}: {why}"));
        let block = after.split("```toml\n").nth(1).and_then(|rest| rest.split("\n```").next());
        for part in block.unwrap_or_else(|| panic!("{name} quotes nothing")).split("\n\n") {
            assert!(plan.contains(&format!("{part}\n")), "{path} has no\n{part}");
        }
    }
}
