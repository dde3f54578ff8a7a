use super::*;
use crate::exchange::{Input, json};
use crate::nested::{self, column, list, structure, texts};
use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{Compression, GzipLevel, ZstdLevel};
use ::parquet::file::properties::{WriterProperties, WriterVersion};
use arrow_array::{
    ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray, StructArray,
};
use arrow_schema::{DataType, Field, Schema};
use floatrate_engine::Lang;
use floatrate_engine::record::Form;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::io::Write;
use std::sync::Arc;

fn open(bytes: &[u8]) -> Result<Reader, Error> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    Reader::new(file, "f.parquet".to_string())
}

fn inputs(bytes: &[u8]) -> Result<Vec<Input>, Error> {
    open(bytes)?.map(|rows| Ok(rows?.parse())).collect::<Result<Vec<_>, _>>().map(|all| all.concat())
}

fn refused(bytes: &[u8]) -> Error {
    match inputs(bytes) {
        Ok(_) => panic!("it should be refused"),
        Err(why) => why,
    }
}

fn schema() -> Arc<Schema> {
    let text = |name: &str| column(name, DataType::Utf8);
    let prior = structure(vec![text("rate"), text("tier")]);
    let industry = structure(vec![text("standard"), text("code")]);
    let employer = vec![
        text("id"),
        text("name"),
        column("industry", industry),
        column("risk_class", DataType::Int64),
        column("insured_since", DataType::Date32),
        column("prior", prior),
    ];
    let period = vec![
        column("start", DataType::Date32),
        column("payroll", DataType::Int64),
        text("headcount"),
        column("values", texts()),
    ];
    let claim = vec![text("id"), column("date", DataType::Date32), column("benefits_paid", DataType::Int64)];
    Arc::new(Schema::new(vec![
        column("employer", structure(employer)),
        column("periods", list(structure(period))),
        column("claims", list(structure(claim))),
        column("facts", texts()),
    ]))
}

fn record(id: &str, claims: usize) -> Value {
    let claims: Vec<_> =
        (0..claims).map(|n| json!({"id": n.to_string(), "date": "2023-05-04", "benefits_paid": n})).collect();
    json!({
        "employer": {"id": id, "name": "攀枝花", "industry": {"standard": "2017", "code": "06"}, "risk_class": 8,
            "insured_since": "2015-03-01", "prior": {"rate": "0.019", "tier": "1"}},
        "periods": [{"start": "2023-01-01", "payroll": i64::MAX, "headcount": "400.5", "values": {"hours": "8"}}],
        "claims": claims, "facts": {"blacklisted": "false"},
    })
}

fn written(rows: &[Value], properties: WriterProperties) -> Vec<u8> {
    let mut writer = ArrowWriter::try_new(Vec::new(), schema(), Some(properties)).unwrap();
    for rows in rows.chunks(100) {
        writer.write(&nested::batch(&schema(), rows).unwrap()).unwrap();
    }
    writer.into_inner().unwrap()
}

#[test]
fn the_same_forms_as_json_in_every_packing() {
    let rows: Vec<Value> = (0..700).map(|n| record(&format!("E{n}"), n % 7)).collect();
    let zstd = Compression::ZSTD(ZstdLevel::try_new(1).unwrap());
    for compression in
        [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::GZIP(GzipLevel::default()), zstd]
    {
        for (dictionary, group_rows) in [(true, 150), (false, 10_000)] {
            let properties = WriterProperties::builder()
                .set_compression(compression)
                .set_dictionary_enabled(dictionary)
                .set_max_row_group_row_count(Some(group_rows));
            let found = inputs(&written(&rows, properties.build())).unwrap();
            assert_eq!(found.len(), rows.len());
            for (n, (found, row)) in found.iter().zip(&rows).enumerate() {
                assert_eq!(found.place.line, n as u64 + 1);
                assert_eq!(
                    sorted(found.form.clone().unwrap()),
                    sorted(json::parse(&row.to_string()).unwrap()),
                    "row {n}"
                );
            }
        }
    }
}

fn sorted(form: Form) -> Form {
    match form {
        Form::Map(mut fields) => {
            fields.sort_by(|a, b| a.0.cmp(&b.0));
            Form::Map(fields.into_iter().map(|(name, form)| (name, sorted(form))).collect())
        }
        Form::List(items) => Form::List(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

/// A file of one row with those columns.
fn file(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn strukt(fields: Vec<(&str, ArrayRef)>) -> ArrayRef {
    let fields: Vec<(Arc<Field>, ArrayRef)> = fields
        .into_iter()
        .map(|(name, array)| (Arc::new(Field::new(name, array.data_type().clone(), true)), array))
        .collect();
    Arc::new(StructArray::from(fields))
}

fn text(text: &str) -> ArrayRef {
    Arc::new(StringArray::from(vec![text]))
}

#[test]
fn decimals_and_structures_of_facts() {
    let rate = Decimal128Array::from(vec![19_000]).with_precision_and_scale(38, 6).unwrap();
    let months = Decimal128Array::from(vec![-5]).with_precision_and_scale(9, 1).unwrap();
    let bytes = file(vec![
        ("employer", strukt(vec![("id", text("A")), ("prior", strukt(vec![("rate", Arc::new(rate))]))])),
        (
            "facts",
            strukt(vec![
                ("arrears_months", Arc::new(months)),
                ("blacklisted", Arc::new(BooleanArray::from(vec![true]))),
                ("grade", Arc::new(Int64Array::from(vec![2]))),
                ("fraud", Arc::new(BooleanArray::from(vec![None]))),
            ]),
        ),
    ]);
    assert!(!open(&bytes).unwrap().has_claims());
    let expected = r#"{"employer":{"id":"A","prior":{"rate":"0.019"}},
        "facts":{"arrears_months":"-0.5","blacklisted":true,"grade":"2"}}"#;
    assert_eq!(inputs(&bytes).unwrap()[0].form, json::parse(expected));
}

#[test]
fn columns_are_refused_by_name_all_at_once() {
    let bytes = file(vec![
        (
            "employer",
            strukt(vec![
                ("id", Arc::new(Int64Array::from(vec![1]))),
                ("nmae", text("x")),
                ("姓名", text("x")),
                ("prior", strukt(vec![("rate", Arc::new(Float64Array::from(vec![0.5])))])),
            ]),
        ),
        ("id_card", text("x")),
        ("facts", strukt(vec![("x", Arc::new(Float64Array::from(vec![0.5])))])),
        ("claims", text("x")),
    ]);
    let why = refused(&bytes);
    let told = why.message(Lang::En);
    for part in [
        "column `employer.id` is Int64; expected STRING",
        "column `employer.nmae` is unknown (did you mean name?)",
        "column `employer.姓名` holds personal data",
        "column `employer.prior.rate` is DOUBLE, which is not exact; expected STRING or DECIMAL",
        "column `id_card` holds personal data",
        "column `facts.x` is DOUBLE",
        "column `claims` is Utf8; expected LIST",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    assert!(why.message(Lang::Zh).contains("个人信息"));
    assert!(refused(&file(vec![("facts", text("x"))])).to_string().contains("column `employer` is missing"));
}

#[test]
fn batches_are_bounded_by_their_lists() {
    // One employer of many claims among small ones.
    let mut rows: Vec<Value> = (0..300).map(|n| record(&format!("E{n}"), 1)).collect();
    rows[150] = record("big", 30_000);
    let bytes = written(&rows, WriterProperties::builder().build());
    let reader = open(&bytes).unwrap();
    let portions: Vec<Rows> = reader.map(Result::unwrap).collect();
    assert!(portions.iter().all(|rows| rows.batch.num_rows() <= BATCH_ITEMS));
    let big = portions.iter().find(|p| p.first <= 151 && 151 < p.first + p.batch.num_rows() as u64).unwrap();
    assert_eq!(big.first + big.batch.num_rows() as u64, 152, "a batch ends with what fills it");
    let count: usize = portions.iter().map(|rows| rows.batch.num_rows()).sum();
    assert_eq!(count, 300);
}

#[test]
fn claims_beyond_the_limit_are_not_made() {
    use floatrate_engine::limits::CLAIMS_MAX;
    let bytes = written(&[record("A", CLAIMS_MAX + 5)], WriterProperties::builder().build());
    let found = inputs(&bytes).unwrap();
    let Ok(Form::Map(fields)) = &found[0].form else { panic!("a form") };
    let claims = fields.iter().find(|(name, _)| name == "claims").unwrap();
    assert!(matches!(&claims.1, Form::List(rows) if rows.len() == CLAIMS_MAX + 1));
}

#[test]
fn personal_numbers_break_their_row_only() {
    let mut bad = record("A", 1);
    bad["claims"][0]["id"] = json!("11010519491231002X");
    let found = inputs(&written(&[bad, record("B", 1)], WriterProperties::builder().build())).unwrap();
    let broken = found[0].form.as_ref().unwrap_err();
    assert_eq!((broken.reason, broken.field.as_deref()), ("personal_data", Some("claims[0].id")));
    assert!(found[1].form.is_ok());
}

#[test]
fn what_is_no_parquet_is_refused() {
    let good = written(&[record("A", 1)], WriterProperties::builder().build());
    let end = good.len();
    let with = |at: usize, bytes: &[u8]| [&good[..at], bytes, &good[at + bytes.len()..]].concat();
    for (bytes, expected) in [
        (Vec::new(), "it has 0 bytes"),
        (b"{\"employer\":{}}\n".to_vec(), "does not end with the mark PAR1"),
        (good[..end - 1].to_vec(), "does not end with the mark PAR1"),
        (with(end - 8, &u32::MAX.to_le_bytes()), "4294967295 bytes of footer, and the limit is 16777216"),
        (with(end - 4, b"PARE"), "it is encrypted"),
        (with(end - 8, &100_u32.to_le_bytes()), "is not a readable Parquet file"),
        (with(4, &[0xFF; 40]), "a page's header cannot be read"),
    ] {
        let why = refused(&bytes).to_string();
        assert!(why.contains(expected), "{why}\n{expected}");
    }
}

/// Columns within columns, deeper than any stack.
#[test]
fn deep_schemas_are_refused() {
    // FileMetaData { 1: version 1, 2: schema [ { 4: name "a", 5: one child } ... ] }
    let count = 1_000_000_u32;
    let mut footer = vec![0x15, 2, 0x19, 0xFC];
    let varint = [(count & 0x7F) | 0x80, ((count >> 7) & 0x7F) | 0x80, count >> 14];
    footer.extend(varint.map(|b| u8::try_from(b).unwrap()));
    footer.extend([0x48, 1, b'a', 0x15, 2, 0].repeat(count as usize));
    footer.push(0);
    let length = u32::try_from(footer.len()).unwrap().to_le_bytes();
    let why = refused(&[b"PAR1", footer.as_slice(), &length, b"PAR1"].concat()).to_string();
    assert!(why.contains("1000000 nested columns, and the limit is 1000"), "{why}");
}

/// A page that unpacks to more than it says.
#[test]
fn a_gzip_page_that_lies_is_refused_before_it_is_unpacked() {
    let long = "x".repeat(40_000);
    let rows = [json!({"employer": {"id": "A", "name": long}})];
    let gzip = Compression::GZIP(GzipLevel::default());
    let properties = WriterProperties::builder()
        .set_compression(gzip)
        .set_dictionary_enabled(false)
        .set_statistics_enabled(::parquet::file::properties::EnabledStatistics::None);
    let good = written(&rows, properties.build());
    assert_eq!(inputs(&good).unwrap().len(), 1);
    // The page's header holds its unpacked size, 4 bytes of length and levels more than the text, as a zigzag varint.
    let varint = |size: u32| {
        let zigzag = size * 2;
        [(zigzag & 0x7F) | 0x80, ((zigzag >> 7) & 0x7F) | 0x80, zigzag >> 14]
            .map(|b| u8::try_from(b).unwrap())
    };
    // Before it stands the type of the page, which is 0.
    let header = |size| [[0x15, 0, 0x15].as_slice(), &varint(size)].concat();
    let found = (40_000..40_064).find_map(|size| {
        let at = good.windows(6).position(|bytes| bytes == header(size))?;
        Some((at, size))
    });
    let (at, size) = found.unwrap();
    let mut lying = good;
    lying.splice(at..at + 6, header(size - 20_000));
    let why = refused(&lying).to_string();
    assert!(why.contains("a page unpacks to more than the"), "{why}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn damaged_files_never_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        version in any::<bool>(),
        gzip in any::<bool>(),
    ) {
        let properties = WriterProperties::builder()
            .set_writer_version(if version { WriterVersion::PARQUET_2_0 } else { WriterVersion::PARQUET_1_0 })
            .set_compression(if gzip { Compression::GZIP(GzipLevel::default()) } else { Compression::SNAPPY });
        let mut bytes = written(&[record("A", 2), record("B", 0)], properties.build());
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = inputs(&bytes);
    }

    #[test]
    fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), length in 0_u32..400) {
        let mut file = bytes;
        file.extend(length.to_le_bytes());
        file.extend(b"PAR1");
        let _ = inputs(&file);
    }
}
