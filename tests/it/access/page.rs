//! `docs/access.md` shows the table, and its example works.

use floatrate::auth::table::{Scope, TABLE};
use floatrate::auth::{Carried, Directory, Role, San, sans};
use floatrate::config::Config;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;

const MARKS: [&str; 2] = ["<!-- table -->\n", "<!-- end -->\n"];

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/access.md")
}

fn table() -> String {
    let mut out = String::new();
    for service in TABLE {
        let scope = match service.scope {
            Scope::Open => "everywhere",
            Scope::Regions => "within the caller's regions",
        };
        let heads = Role::ALL.map(Role::name).join(" | ");
        let _ = write!(
            out,
            "\n`{}`, {scope}:\n\n| method | | {heads} |\n|---|---|---|---|---|---|---|\n",
            service.name
        );
        for method in service.methods {
            let cells = Role::ALL.map(|role| if method.allows(role) { "yes" } else { "–" }).join(" | ");
            let kind = if method.changes { "changes" } else { "reads" };
            let _ = writeln!(out, "| `{}` | {kind} | {cells} |", method.name);
        }
    }
    out + "\n"
}

/// With `FLOATRATE_WRITE_DOCS` set, the page is written and not compared.
#[test]
fn the_page_shows_the_table() {
    let page = std::fs::read_to_string(path()).unwrap();
    let (before, rest) = page.split_once(MARKS[0]).unwrap();
    let (_, after) = rest.split_once(MARKS[1]).unwrap();
    let wanted = [before, MARKS[0], &table(), MARKS[1], after].concat();
    if std::env::var_os("FLOATRATE_WRITE_DOCS").is_some() {
        std::fs::write(path(), &wanted).unwrap();
        return;
    }
    assert!(page == wanted, "run this test with FLOATRATE_WRITE_DOCS=1");
}

/// The text of the page's only block of a language.
fn block(language: &str) -> String {
    let page = std::fs::read_to_string(path()).unwrap();
    let (_, rest) = page.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```\n").unwrap().0.to_owned()
}

#[test]
fn the_example_makes_callers() {
    let folder = tempfile::tempdir().unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let ran = Command::new(program).args(arguments).current_dir(folder.path()).output().unwrap();
        assert!(ran.status.success(), "{program}: {}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap()
    };
    run("sh", &["-e", "-c", &block("sh")]);
    let file = folder.path().join("floatrate.toml");
    std::fs::write(&file, block("toml")).unwrap();
    let config = Config::read(Some(&file), &BTreeMap::new(), None, None, None).unwrap();
    let tls = config.tls.unwrap();
    for name in [tls.certificate, tls.key, tls.client_ca] {
        assert!(folder.path().join(&name).is_file(), "{}", name.display());
    }
    let mut identity = config.identity.unwrap();
    identity.keys[0].file = folder.path().join(&identity.keys[0].file);
    let directory = Directory::load(&identity).unwrap();

    let token = run("python3", &["-c", &block("python")]);
    let authorization = format!("Bearer {}", token.trim_end());
    let by_token = Carried { authorization: Some(authorization.as_bytes()), ..Carried::default() };
    let now = time::OffsetDateTime::now_utc().unix_timestamp();
    let officer = directory.identify(&by_token, now).unwrap();
    assert_eq!(officer.signature(), "zhang.wei (officer, token)");
    assert!(directory.identify(&by_token, now + 4000).is_err());

    let der = CertificateDer::from_pem_file(folder.path().join("tax.pem")).unwrap();
    assert_eq!(sans(&der), [San::Uri("floatrate:collector:tax-510400".into())]);
    let by_certificate = Carried { certificate: Some(&der), ..Carried::default() };
    let collector = directory.identify(&by_certificate, now).unwrap();
    assert_eq!(collector.signature(), "tax-510400 (collector, certificate)");
    assert!(collector.may_see(Some("510402")) && !collector.may_see(Some("510500")));
}
