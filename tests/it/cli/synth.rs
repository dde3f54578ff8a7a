//! `synth` and `demo`.

use super::{folder, names, run};

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let folder = folder();
    let made = |name: &str, arguments: &str| {
        let out = folder.path().join(name);
        let ran = run(&format!("synth --out {} {arguments}", out.display()), "").done();
        let files = names(&out);
        assert_eq!(ran.lines().count(), files.len(), "{ran}");
        files.iter().map(|file| std::fs::read_to_string(out.join(file)).unwrap()).collect::<Vec<_>>()
    };
    let first = made("a", "--employers 500 --seed 3");
    assert_eq!(first, made("b", "--employers 500 --seed 3"));
    assert_eq!(first, made("b", "--employers 500 --seed 3 --lang zh"));
    assert_ne!(first, made("c", "--employers 500 --seed 4"));
    // More employers begin with the same ones.
    assert!(made("d", "--employers 700 --seed 3")[0].starts_with(&first[0]));
    let csv = made("e", "--employers 500 --seed 3 --format csv");
    assert_eq!((csv.len(), &csv), (3, &made("f", "--employers 500 --seed 3 --format csv")));
    let other = made("g", "--employers 5 --region 440300 --first-year 2020 --last-year 2021");
    assert!(other[0].contains(r#""region":"440300""#) && other[0].contains("2021-12-31"));
    assert_eq!(made("h", "--employers 0"), [""]);
}

#[test]
fn synth_refuses_what_it_cannot_make() {
    let folder = folder();
    let out = folder.path().join("out").display().to_string();
    for (arguments, message) in [
        ("--employers 10 --region 5104", "5104"),
        ("--employers 10 --region 51040x", "51040x"),
        ("--employers 10 --first-year 2025 --last-year 2023", "2025"),
        ("--employers 10 --first-year 1000", "1000"),
        ("--employers 99999999999", "99999999999"),
        ("--employers -1", "--employers"),
        ("--employers many", "many"),
        ("", "--employers"),
        ("--employers 1 --format xml", "parquet"),
    ] {
        let ran = run(&format!("synth --out {out} {arguments}"), "");
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{arguments}\n{}", ran.err);
        assert!(ran.err.contains(message), "{arguments}\n{}", ran.err);
    }
    assert_eq!(names(folder.path()), [""; 0]);
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let ran = run(&format!("synth --employers 1 --out {}/x", file.display()), "");
    assert_eq!(ran.status, 3);
    assert!(ran.err.contains("cannot write") && ran.err.contains("Not a directory"), "{}", ran.err);
}

#[test]
fn demo_shows_tables_and_says_what_they_are_not() {
    for (lang, words) in [
        (
            "en",
            [
                "A synthetic city: 200 employers",
                "The plan is illustrative",
                "x0.5",
                "review",
                "200 employers:",
                "One of them, explained:",
                "What to try next:",
            ],
        ),
        (
            "zh",
            [
                "虚构城市：200户",
                "规则含示例内容，结果不具效力",
                "x0.5",
                "复核",
                "共200户：",
                "其中一户的核定说明：",
                "接下来可以试：",
            ],
        ),
    ] {
        let arguments = format!("demo --no-serve --employers 200 --lang {lang}");
        let ran = run(&arguments, "");
        assert_eq!(ran.status, 0, "{}", ran.err);
        // What the cycle's run says stands on standard error, with the warning.
        assert!(
            ran.err.contains(["the plan is illustrative", "结果不具效力"][usize::from(lang == "zh")]),
            "{}",
            ran.err
        );
        for word in words {
            assert!(ran.out.contains(word), "{word}\n{}", ran.out);
        }
        // The last row of the first table adds up to all employers; the cycle's own tables follow.
        let total = ran
            .out
            .lines()
            .find(|l| l.trim_start().starts_with(["total", "合计"][usize::from(lang == "zh")]));
        let numbers: Vec<u64> = total.unwrap().split_whitespace().filter_map(|n| n.parse().ok()).collect();
        assert_eq!((numbers.last(), numbers[..numbers.len() - 1].iter().sum()), (Some(&200), 200_u64));
        // All but the cycle's id is the same again.
        let without_id = |out: &str| {
            let lines =
                out.lines().filter(|line| !line.split_whitespace().any(|word| word.starts_with("c01")));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(without_id(&run(&arguments, "").out), without_id(&ran.out));
    }
    assert_eq!(run("demo --no-serve --employers 0", "").status, 0);
    assert_eq!(run("demo --employers x", "").status, 2);
    assert_eq!(run("demo --employers 99999999999", "").status, 2);
}

/// What the demonstration tells people to try does work.
#[test]
fn the_demonstration_s_advice_works() {
    let folder = folder();
    let out = run("demo --no-serve --employers 20", "").done();
    let advice: Vec<&str> = out.lines().filter_map(|line| line.trim().strip_prefix("floatrate ")).collect();
    assert!(advice.len() >= 3, "{out}");
    for arguments in advice {
        let ran = super::ended(super::command(arguments).current_dir(folder.path()), b"");
        assert_eq!(ran.status, 0, "{arguments}\n{}", ran.err);
    }
}
