//! What the configuration takes and refuses.

use super::*;

fn read(variables: &[(&str, &str)], listen: Option<&str>) -> Result<Config, String> {
    let environment = variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    Config::read(None, &environment, listen, None, None)
}

#[test]
fn the_default_is_loopback() {
    let config = read(&[], None).unwrap();
    assert_eq!(config, Config::default());
    assert!(config.listen.ip().is_loopback() && config.console.ip().is_loopback());
}

#[test]
fn other_machines_need_certificates() {
    let tls = [
        ("FLOATRATE_TLS_CERTIFICATE", "a.pem"),
        ("FLOATRATE_TLS_KEY", "b.pem"),
        ("FLOATRATE_TLS_CLIENT_CA", "c.pem"),
    ];
    let why = read(&tls, Some("0.0.0.0:50051")).unwrap_err();
    assert!(!why.contains("no [tls]") && why.contains("names nobody"), "{why}");
    assert!(read(&tls[..2], None).unwrap_err().contains("together"));
}

#[test]
fn every_mistake_is_told_at_once() {
    let why = read(
        &[("FLOATRATE_LISTEN", "nowhere"), ("FLOATRATE_THREADS", "many"), ("FLOATRATE_TREADS", "2")],
        None,
    )
    .unwrap_err();
    assert_eq!(why.lines().count(), 3, "{why}");
}

#[test]
fn the_command_line_wins_over_the_environment() {
    let config = read(&[("FLOATRATE_LISTEN", "127.0.0.1:1")], Some("127.0.0.1:2")).unwrap();
    assert_eq!(config.listen.port(), 2);
    assert_eq!(read(&[("FLOATRATE_LISTEN", "127.0.0.1:1")], None).unwrap().listen.port(), 1);
}

fn from_file(text: &str) -> Result<Config, String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    Config::read(Some(file.path()), &BTreeMap::new(), None, None, None)
}

const TLS: &str = "[tls]\ncertificate = \"a.pem\"\nkey = \"b.pem\"\nclient_ca = \"c.pem\"\n";
const CERTIFICATE: &str = "[[identity.certificate]]\nsan = \"URI:x\"\nname = \"x\"\nroles = [\"officer\"]\nregions = [\"510400\"]\n";

/// What other machines can reach has TLS, and knows its callers.
#[test]
fn an_open_address_needs_tls_and_identity() {
    let open = "listen = \"0.0.0.0:50051\"\n";
    let token = "[[identity.key]]\nkid = \"k\"\nalgorithm = \"ES256\"\nfile = \"k.pem\"\n";
    for (text, lacks) in [
        (open.to_owned(), &["no [tls]", "names nobody"][..]),
        (format!("{open}{TLS}"), &["names nobody"]),
        (format!("{open}{TLS}[identity]\n"), &["names nobody"]),
        (format!("{open}{token}"), &["no [tls]"]),
        (format!("{open}{TLS}{CERTIFICATE}"), &[]),
        (format!("{open}{TLS}{token}"), &[]),
        (format!("{open}{TLS}[identity]\nopen_loopback = true\n{token}"), &["own word"]),
        // On loopback.
        (token.to_owned(), &[]),
        (CERTIFICATE.to_owned(), &["no client could show one"]),
        ("[identity]\n".to_owned(), &["nobody could call"]),
        ("[identity]\nopen_loopback = true\n".to_owned(), &[]),
    ] {
        let why = from_file(&text).err().unwrap_or_default();
        assert_eq!(why.lines().count(), lacks.len(), "{text}\n{why}");
        assert!(lacks.iter().all(|words| why.contains(words)), "{text}\n{why}");
    }
}

#[test]
fn every_mistake_of_identity_is_told_at_once() {
    let text = "[identity]\naudience = \"\"\ntoken_life_seconds = 1\n[[identity.certificate]]\nsan = \"tax\"\nname = \"\"\nroles = [\"boss\", \"chief\"]\nregions = [\"51\"]\n[[identity.certificate]]\nsan = \"DNS:x\"\nname = \"x\"\nroles = []\nregions = []\n[[identity.key]]\nkid = \"\"\nalgorithm = \"none\"\nfile = \"k\"\n";
    let why = from_file(text).unwrap_err();
    for place in [
        "identity.audience",
        "identity.token_life_seconds is 1",
        "identity.certificate[0].san is \"tax\"",
        "identity.certificate[0].name",
        "identity.certificate[0].roles has \"boss\"",
        "identity.certificate[0].roles has \"chief\"",
        "identity.certificate[0].regions has \"51\"",
        "identity.certificate[1].roles is empty",
        "identity.certificate[1].regions is empty",
        "identity.key[0].kid",
        "identity.key[0].algorithm is \"none\"",
    ] {
        assert!(why.contains(place), "{place}\n{why}");
    }
    let twice = format!("{TLS}{CERTIFICATE}{CERTIFICATE}");
    assert!(from_file(&twice).unwrap_err().contains("give each name once"));
}

#[test]
fn the_database_is_shown_nowhere() {
    let read = |variables: &[(&str, &str)], option| {
        let environment = variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Config::read(None, &environment, None, None, option)
    };
    let secret = "postgres://u:hunter2@db.example/rates";
    let config = read(&[("FLOATRATE_DATABASE", secret)], None).unwrap();
    assert_eq!(config.database.reveal(), secret);
    assert!(config.database.is_postgres() && !format!("{config:?}").contains("hunter2"));
    let option = read(&[("FLOATRATE_DATABASE", secret)], Some("here.db")).unwrap();
    assert_eq!(option.database.reveal(), "here.db");
    for text in ["mysql://u:hunter2@db/x", "post\u{0}hunter2"] {
        assert!(!read(&[], Some(text)).unwrap_err().contains("hunter2"));
    }
    for text in [
        "database = \"postgres://u:hunter2@db/x\nlisten = \"x\"",
        "database = \"postgres://u:hunter2@db/x\" trailing",
        "  database = hunter2",
        "database = \"x\"\n\"a\" = \"postgres://hunter2@db/x\" b",
    ] {
        let why = from_file(text).unwrap_err();
        assert!(!why.contains("hunter2") && why.contains("line "), "{why}");
    }
    assert_eq!(from_file("database = \"of-file.db\"").unwrap().database.reveal(), "of-file.db");
}
