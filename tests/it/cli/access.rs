//! `floatrate access`: the table for people in both languages, and for programs.

use super::run;
use floatrate::auth::Role;
use floatrate::auth::table::TABLE;

#[test]
fn the_table_is_printed_for_people_and_programs() {
    let english = run("access --lang en", "").done();
    let chinese = run("access --lang zh", "").done();
    let json = run("access --json", "").json();
    let methods = json["methods"].as_array().unwrap();
    let mut number = 0;
    for service in TABLE {
        for method in service.methods {
            let row = |text: &str| -> Vec<String> {
                let head = format!("{} (", service.name);
                let rows = text.lines().skip_while(|line| !line.starts_with(&head));
                let mut words =
                    rows.map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
                words.find(|words| words.first().is_some_and(|w| w == method.name)).unwrap()
            };
            let may = Role::ALL.map(|role| method.allows(role));
            let kind = |names: [&str; 2]| names[usize::from(method.changes)].to_owned();
            let cells = |yes: &str| may.map(|may| if may { yes.to_owned() } else { "-".to_owned() });
            assert_eq!(row(&english)[1..], [&[kind(["read", "change"])][..], &cells("yes")].concat());
            assert_eq!(row(&chinese)[1..], [&[kind(["读取", "变更"])][..], &cells("可")].concat());
            let item = &methods[number];
            assert_eq!((&item["service"], &item["method"]), (&service.name.into(), &method.name.into()));
            let roles: Vec<&str> =
                item["roles"].as_array().unwrap().iter().filter_map(|r| r.as_str()).collect();
            let wanted: Vec<&str> =
                Role::ALL.into_iter().filter(|r| method.allows(*r)).map(Role::name).collect();
            assert_eq!(roles, wanted);
            number += 1;
        }
    }
    assert_eq!(methods.len(), number);
    assert!(
        english.is_ascii()
            && Role::ALL.iter().all(|r| english.contains(r.name()) && chinese.contains(r.zh()))
    );
}
