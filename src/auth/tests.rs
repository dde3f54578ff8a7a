//! Names, regions, signatures, the table, and the decision over what a call carries.

use super::settings::{KeyFile, LIFE_SECONDS, Settings};
use super::table::{Scope, TABLE, Verdict, verdict};
use super::*;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use ring::hmac;
use serde_json::{Value, json};
use std::sync::LazyLock;

const NOW: i64 = 1_800_000_000;
const SECRET: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn a_name_is_short_and_visible() {
    let long = "名".repeat(NAME_CHARS_MAX);
    for (name, expected) in [
        ("zhang.wei", true),
        ("张 伟", true),
        (&long, true),
        (&(long.clone() + "x"), false),
        ("", false),
        (" x", false),
        ("x\u{3000}", false),
        ("x (officer, token)", false),
        ("x（y", false),
        ("a\tb", false),
        ("a\nb", false),
        ("a\u{202e}b", false),
        ("a\u{200b}b", false),
        ("a\u{0}b", false),
    ] {
        assert_eq!(is_name(name), expected, "{name:?}");
    }
}

#[test]
fn a_region_covers_what_lies_within() {
    for (codes, region, expected) in [
        (&["510000"][..], Some("510400"), true),
        (&["510000"], Some("510402"), true),
        (&["510400"], Some("510402"), true),
        (&["510400"], Some("510400"), true),
        (&["510400"], Some("510000"), false),
        (&["510402"], Some("510400"), false),
        (&["510400"], Some("510500"), false),
        (&["510400"], Some("520400"), false),
        (&["510400", "520000"], Some("520400"), true),
        (&["510400"], None, false),
        (&["000000"], None, true),
        (&["000000", "510400"], Some("110000"), true),
        // A region that nobody checked is no way in.
        (&["510000"], Some(""), false),
        (&["510000"], Some("5104"), false),
        (&["510000"], Some("五104"), false),
    ] {
        let regions = Regions::of(codes.iter().copied()).unwrap();
        assert_eq!(regions.covers(region), expected, "{codes:?} {region:?}");
        if let (Some(prefixes), Some(region)) = (regions.prefixes(), region.filter(|r| r.len() == 6)) {
            assert_eq!(prefixes.iter().any(|p| region.starts_with(p)), expected, "{codes:?} {region}");
        }
    }
    assert_eq!(Regions::of([]), Err(String::new()));
    assert_eq!(Regions::of(["510400", "all", "51"]), Err("51, all".to_owned()));
    assert_eq!(Regions::of(["510000", "510400"]).unwrap().prefixes(), Some(vec!["51", "5104"]));
}

proptest! {
    /// A query by prefixes sees what the check by code lets through.
    #[test]
    fn prefixes_and_codes_say_the_same(area in "[0-9]{2}(00|[0-9]{2})(00|[0-9]{2})", region in "[0-9]{6}", tail in 0_usize..7) {
        let region = format!("{}{}", &area[..6 - tail.min(6)], &region[6 - tail.min(6)..]);
        let regions = Regions::of([area.as_str()]).unwrap();
        let by_prefix = regions.prefixes().is_none_or(|p| p.iter().any(|p| region.starts_with(p)));
        prop_assert_eq!(regions.covers(Some(&region)), by_prefix, "{} {}", area, region);
    }

    #[test]
    fn signatures_are_read_back(name in "[a-z张.,+-]{1,9}( [a-z张.,+-]{1,9})?", roles in 1_usize..32, how in 0_usize..3) {
        prop_assume!(is_name(&name));
        let roles = Role::ALL.into_iter().filter(|r| roles >> r.column() & 1 == 1).collect();
        let signature = Signature { name, roles, how: How::ALL[how] };
        prop_assert_eq!(Signature::parse(&signature.to_string()), Some(signature));
    }

    #[test]
    fn no_text_makes_the_reader_of_signatures_panic(text in ".{0,40}") {
        let _ = Signature::parse(&text);
    }
}

#[test]
fn signatures_have_one_form() {
    let all = Caller::self_declared(None, None).unwrap();
    assert_eq!(all.signature(), "local (all, self-declared)");
    assert!(!all.is_verified());
    for text in [
        "x",
        "x ()",
        "x (officer)",
        "x (boss, token)",
        "x (officer+officer, token)",
        "x (approver+officer, token)",
    ] {
        assert_eq!(Signature::parse(text), None, "{text}");
    }
}

#[test]
fn the_table_keeps_its_promises() {
    let one = |role: Role| std::iter::once(role).collect();
    for service in TABLE {
        assert_eq!(service.scope == Scope::Open, service.methods.iter().all(|m| m.allows(Role::Collector)));
        for method in service.methods {
            let path = format!("/{}/{}", service.name, method.name);
            let who: Vec<Role> = Role::ALL.into_iter().filter(|role| method.allows(*role)).collect();
            for role in Role::ALL {
                let expected = if who.contains(&role) { Verdict::Allowed } else { Verdict::Refused };
                assert_eq!(verdict(&path, &one(role)), expected, "{path} {role:?}");
            }
            // Somebody may; nobody may without a role; what changes something is one role's alone.
            assert!(!who.is_empty(), "{path}");
            assert_eq!(verdict(&path, &[].into()), Verdict::Refused);
            // But for the step that one person proposes and another agrees to.
            let two = method.name == "ResolveReviewItem" && who == [Role::Officer, Role::Approver];
            assert!(!method.changes || who.len() == 1 || two, "{path} {who:?}");
            // The auditor reads everything and changes nothing, and so the actuary changes nothing either.
            assert_eq!(method.allows(Role::Auditor), !method.changes, "{path}");
            assert!(!method.changes || !method.allows(Role::Actuary), "{path}");
        }
    }
    let all = Role::ALL.into();
    for path in ["", "/", "//", "x", "/floatrate.v1.PlanService", "/floatrate.v1.PlanService/", "/a/b/c"] {
        assert_eq!(verdict(path, &all), Verdict::Unknown, "{path}");
    }
    assert_eq!(verdict("/floatrate.v1.PlanService/ListPlans/", &all), Verdict::Unknown);
    assert_eq!(verdict("/floatrate.v1.planservice/ListPlans", &all), Verdict::Unknown);
}

#[test]
fn alternative_names_have_a_kind() {
    for (text, expected) in [
        ("URI:floatrate:collector:tax", Some("URI:floatrate:collector:tax")),
        ("DNS:Tax.Example", Some("DNS:tax.example")),
        ("email:zhang@agency.example", Some("email:zhang@agency.example")),
        ("tax.example", None),
        ("dns:tax.example", None),
        ("DNS:*.example", None),
        ("DNS:", None),
        ("URI:a b", None),
        ("IP:127.0.0.1", None),
    ] {
        assert_eq!(San::parse(text).map(|san| san.to_string()).as_deref(), expected, "{text}");
    }
    assert_eq!(sans(b"no certificate"), []);
}

/// A directory with the key `k` of HS256, and its settings changed.
fn directory(change: impl FnOnce(&mut Settings)) -> Directory {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{SECRET}\n")).unwrap();
    let key = KeyFile { kid: "k".into(), algorithm: Algorithm::Hs256, file: file.path().into() };
    let mut settings = Settings { keys: vec![key], ..Settings::default() };
    change(&mut settings);
    Directory::load(&settings).unwrap()
}

/// A token of head and claims, signed with a secret.
fn signed(head: &Value, claims: &str, secret: &str) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let message = format!("{}.{}", part(&head.to_string()), part(claims));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(hmac::sign(&key, message.as_bytes())))
}

fn head() -> Value {
    json!({"alg": "HS256", "typ": "JWT", "kid": "k"})
}

fn claims() -> Value {
    json!({"sub": "li.na", "aud": "floatrate", "exp": NOW + 600, "roles": ["officer", "approver"], "regions": ["510400"]})
}

fn of_token(directory: &Directory, token: &str) -> Result<Caller, Unknown> {
    let authorization = format!("Bearer {token}");
    let carried = Carried { authorization: Some(authorization.as_bytes()), ..Carried::default() };
    directory.identify(&carried, NOW)
}

#[test]
fn a_token_names_its_caller() {
    let caller = of_token(&directory(|_| {}), &signed(&head(), &claims().to_string(), SECRET)).unwrap();
    assert_eq!(caller.signature(), "li.na (officer+approver, token)");
    assert_eq!(caller.regions.codes(), ["510400"]);
}

/// One row a claim: how it is changed, and what becomes of the token. `null` takes it away.
#[test]
fn claims_are_what_they_have_to_be() {
    use TokenFault as F;
    let life = LIFE_SECONDS;
    let ok: Result<(), F> = Ok(());
    let rows = [
        ("exp", json!(NOW - LEEWAY_SECONDS + 1), ok),
        ("exp", json!(NOW - LEEWAY_SECONDS), Err(F::Expired)),
        ("exp", json!(i64::MIN), Err(F::Expired)),
        ("exp", json!(NOW + life + LEEWAY_SECONDS), ok),
        ("exp", json!(NOW + life + LEEWAY_SECONDS + 1), Err(F::LivesTooLong)),
        ("exp", json!(i64::MAX), Err(F::LivesTooLong)),
        ("exp", json!(u64::MAX), Err(F::BadClaims)),
        ("exp", json!(1.8e9), Err(F::BadClaims)),
        ("exp", json!("1800000600"), Err(F::BadClaims)),
        ("exp", Value::Null, Err(F::BadClaims)),
        ("nbf", json!(NOW + LEEWAY_SECONDS), ok),
        ("nbf", json!(NOW + LEEWAY_SECONDS + 1), Err(F::NotYet)),
        ("nbf", json!("never"), Err(F::BadClaims)),
        ("iat", json!(NOW - 10), ok),
        ("iat", json!(NOW + LEEWAY_SECONDS + 1), Err(F::NotYet)),
        ("iat", json!(NOW + 600 - life), ok),
        ("iat", json!(NOW + 600 - life - 1), Err(F::LivesTooLong)),
        ("iat", json!(i64::MIN), Err(F::LivesTooLong)),
        ("aud", json!(["other", "floatrate"]), ok),
        ("aud", json!("other"), Err(F::Audience)),
        ("aud", json!([]), Err(F::Audience)),
        ("aud", Value::Null, Err(F::BadClaims)),
        ("sub", json!(""), Err(F::Name)),
        ("sub", json!("x (officer, certificate)"), Err(F::Name)),
        ("sub", json!(7), Err(F::BadClaims)),
        ("sub", Value::Null, Err(F::BadClaims)),
        ("roles", json!([]), Err(F::Roles)),
        ("roles", json!(["officer", "boss"]), Err(F::Roles)),
        ("roles", json!("officer"), Err(F::BadClaims)),
        ("roles", Value::Null, Err(F::BadClaims)),
        ("regions", json!([]), Err(F::Regions)),
        ("regions", json!(["5104"]), Err(F::Regions)),
        ("regions", Value::Null, Err(F::BadClaims)),
        ("iss", json!("anybody"), ok),
        ("department", json!({"any": "thing"}), ok),
    ];
    let directory = directory(|_| {});
    for (claim, value, expected) in rows {
        let mut claims = claims();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(claim);
        } else {
            claims[claim] = value.clone();
        }
        let got = of_token(&directory, &signed(&head(), &claims.to_string(), SECRET)).map(drop);
        assert_eq!(got, expected.map_err(Unknown::Token), "{claim} {value}");
    }
    // A claim twice could be read in two ways.
    let twice = claims().to_string().replacen('{', "{\"roles\":[\"auditor\"],", 1);
    let got = of_token(&directory, &signed(&head(), &twice, SECRET));
    assert_eq!(got, Err(Unknown::Token(F::BadClaims)));
}

#[test]
fn an_issuer_is_checked_where_it_is_configured() {
    let directory = directory(|s| s.claims.issuer = Some("https://id.example".into()));
    for (issuer, expected) in
        [(Some("https://id.example"), true), (Some("https://id.example/"), false), (None, false)]
    {
        let mut claims = claims();
        claims["iss"] = json!(issuer);
        let got = of_token(&directory, &signed(&head(), &claims.to_string(), SECRET));
        assert_eq!(got.is_ok(), expected, "{got:?}");
    }
}

#[test]
fn heads_that_lead_elsewhere_are_refused() {
    use TokenFault as F;
    let directory = directory(|_| {});
    let claims = claims().to_string();
    for (head, expected) in [
        (json!({"alg": "none", "kid": "k"}), F::Malformed),
        (json!({"alg": "None", "kid": "k"}), F::Malformed),
        (json!({"kid": "k"}), F::Malformed),
        (json!({"alg": "HS384", "kid": "k"}), F::OtherAlgorithm),
        (json!({"alg": "RS256", "kid": "k"}), F::OtherAlgorithm),
        (json!({"alg": "ES256", "kid": "k"}), F::OtherAlgorithm),
        (json!({"alg": "HS256"}), F::UnknownKey),
        (json!({"alg": "HS256", "kid": ""}), F::UnknownKey),
        (json!({"alg": "HS256", "kid": "other"}), F::UnknownKey),
        (json!({"alg": "HS256", "kid": "../k"}), F::UnknownKey),
        (json!({"alg": "HS256", "kid": "k", "crit": ["exp"]}), F::Critical),
    ] {
        let got = of_token(&directory, &signed(&head, &claims, SECRET));
        assert_eq!(got, Err(Unknown::Token(expected)), "{head}");
    }
    let token = signed(&head(), &claims, SECRET);
    let (message, signature) = token.rsplit_once('.').unwrap();
    let other = signed(&head(), &claims.replace("officer", "auditor"), SECRET);
    let tampered = format!("{}.{signature}", other.rsplit_once('.').unwrap().0);
    for (token, expected) in [
        (format!("{message}."), F::BadSignature),
        (tampered, F::BadSignature),
        (signed(&head(), &claims, "another secret of as many bytes!"), F::BadSignature),
        (message.to_owned(), F::Malformed),
        (format!("{token}.x"), F::Malformed),
        (format!("{token}="), F::Malformed),
        ("a".repeat(TOKEN_BYTES_MAX + 1), F::TooLong),
    ] {
        assert_eq!(of_token(&directory, &token), Err(Unknown::Token(expected)), "{token}");
    }
}

#[test]
fn authorization_decides_alone() {
    let token = signed(&head(), &claims().to_string(), SECRET);
    let (open, with_keys) = (Directory::default(), directory(|s| s.open_loopback = true));
    let carried = |authorization: &'static str| Carried {
        loopback: true,
        authorization: Some(authorization.as_bytes()),
        ..Carried::default()
    };
    // A credential that cannot be checked is not passed over, though without one the caller would be let in.
    for directory in [&open, &with_keys] {
        for text in ["", "Bearer", "Bearer ", "Basic eDp5", "bearer\tx"] {
            assert_eq!(directory.identify(&carried(text), NOW), Err(Unknown::Authorization), "{text:?}");
        }
        assert!(directory.identify(&carried("Bearer x"), NOW).is_err());
        assert_eq!(
            directory.identify(&Carried { loopback: true, ..Carried::default() }, NOW).unwrap().name,
            LOCAL
        );
    }
    let text = format!("bEARER {token}");
    let good = Carried { authorization: Some(text.as_bytes()), ..Carried::default() };
    assert_eq!(with_keys.identify(&good, NOW).unwrap().name, "li.na");
    assert_eq!(with_keys.identify(&Carried { doubled: true, ..good }, NOW), Err(Unknown::Authorization));
}

#[test]
fn their_own_word_counts_on_this_machine_alone() {
    let with_keys = directory(|_| {});
    let here = Carried {
        loopback: true,
        name: Some("张伟".as_bytes()),
        role: Some(b"officer"),
        ..Carried::default()
    };
    let caller = Directory::default().identify(&here, NOW).unwrap();
    assert_eq!(caller.signature(), "张伟 (officer, self-declared)");
    assert_eq!(caller.regions, Regions::All);
    for (directory, carried) in [
        (&Directory::default(), Carried { loopback: false, ..here }),
        (&with_keys, here),
        (&with_keys, Carried::default()),
    ] {
        assert_eq!(directory.identify(&carried, NOW), Err(Unknown::NoCredentials));
    }
    let bad = Carried { name: Some(b"\xff"), role: Some(b"boss"), ..here };
    let both = vec![Misdeclared::Name, Misdeclared::Role];
    assert_eq!(Directory::default().identify(&bad, NOW), Err(Unknown::Declared(both)));
}

#[test]
fn key_files_that_are_none_are_told_together() {
    const ED: &[u8] = b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
    let folder = tempfile::tempdir().unwrap();
    let mut keys = Vec::new();
    for (index, (algorithm, bytes)) in [
        (Algorithm::EdDsa, ED),
        (Algorithm::Es256, ED),
        (Algorithm::Rs256, ED),
        (Algorithm::Hs256, ED),
        (Algorithm::Hs256, b"short\n"),
        (Algorithm::Es256, b"nothing"),
        (Algorithm::Es256, b"-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----\n"),
    ]
    .into_iter()
    .enumerate()
    {
        let file = folder.path().join(index.to_string());
        std::fs::write(&file, bytes).unwrap();
        keys.push(KeyFile { kid: format!("k{index}"), algorithm, file });
    }
    keys.push(KeyFile { kid: "k7".into(), algorithm: Algorithm::Es256, file: folder.path().join("none") });
    let LoadError(why) = Directory::load(&Settings { keys, ..Settings::default() }).unwrap_err();
    let lines: Vec<&str> = why.lines().collect();
    assert_eq!(lines.len(), 7, "{why}");
    for (line, words) in lines.iter().zip([
        "prime256v1",
        "an RSA key",
        "would let anybody sign",
        "holds 5 bytes",
        "no public key in PEM",
        "no public key that can be read",
        "No such file",
    ]) {
        assert!(line.contains(words), "{line}");
    }
}

/// Its key is read once for thousands of cases.
static PLAIN: LazyLock<Directory> = LazyLock::new(|| directory(|_| {}));

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_token_makes_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let text = [b"Bearer ", bytes.as_slice()].concat();
        let carried = Carried { authorization: Some(&text), ..Carried::default() };
        prop_assert!(PLAIN.identify(&carried, NOW).is_err());
    }

    /// Text that is almost a token: any head and claims, truly signed.
    #[test]
    fn no_claims_make_the_reader_panic(head in "\\{\"alg\":\"HS256\",\"kid\":\"k\"(,\"[a-z]{1,4}\":(1|null|\"\"))?\\}", claims in "\\{(\"(exp|nbf|iat|sub|aud|roles|regions)\":(-?[0-9]{1,25}|null|\"x\"|\\[\\]|\\{\\}|1e9),?){0,7}\\}") {
        if let Ok(head) = serde_json::from_str(&head) {
            let got = of_token(&PLAIN, &signed(&head, &claims, SECRET));
            prop_assert!(got.is_err());
        }
    }

    /// A changed byte is another token.
    #[test]
    fn a_changed_byte_is_noticed(at in 0_usize..1000, to in "[A-Za-z0-9_-]") {
        let token = signed(&head(), &claims().to_string(), SECRET);
        let at = at % token.len();
        let changed = format!("{}{to}{}", &token[..at], &token[at + 1..]);
        prop_assume!(changed != token && token.as_bytes()[at] != b'.');
        // The last digit of base64 holds bits that stand for nothing; the reader refuses those that are not zero.
        let got = of_token(&PLAIN, &changed);
        prop_assert!(got.is_err());
    }
}
