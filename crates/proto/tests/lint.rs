//! The rules of buf's STANDARD and COMMENTS categories that files like ours can break, over the descriptor set.

use floatrate_proto::FILE_DESCRIPTOR_SET;
use prost::Message;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet,
    ServiceDescriptorProto,
};
use std::collections::{BTreeMap, BTreeSet};

/// Places of the descriptors' fields in paths of source code locations.
mod place {
    pub const FILE_MESSAGE: i32 = 4;
    pub const FILE_ENUM: i32 = 5;
    pub const FILE_SERVICE: i32 = 6;
    pub const MESSAGE_FIELD: i32 = 2;
    pub const MESSAGE_NESTED: i32 = 3;
    pub const MESSAGE_ENUM: i32 = 4;
    pub const MESSAGE_ONEOF: i32 = 8;
    pub const ENUM_VALUE: i32 = 2;
    pub const SERVICE_METHOD: i32 = 2;
}

#[test]
fn the_files_keep_the_rules() {
    let found = lint(&ours());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_service_and_file_is_there() {
    let files = ours();
    let names: Vec<&str> = files.iter().map(FileDescriptorProto::name).collect();
    let expected = [
        "collection_service",
        "cycle_service",
        "determination_service",
        "employer_service",
        "error",
        "plan_service",
        "rating_service",
        "record",
        "result",
    ]
    .map(|name| format!("floatrate/v1/{name}.proto"));
    assert_eq!(BTreeSet::from_iter(names), BTreeSet::from_iter(expected.iter().map(String::as_str)));
    let methods: BTreeSet<String> = files
        .iter()
        .flat_map(|f| &f.service)
        .flat_map(|s| s.method.iter().map(|m| format!("{}.{}", s.name(), m.name())))
        .collect();
    let expected = [
        "CollectionService.AcknowledgeRateChanges",
        "CollectionService.BatchGetRates",
        "CollectionService.GetRate",
        "CollectionService.ListRateChanges",
        "CollectionService.ListRefusedChanges",
        "CollectionService.ResolveRefusedChange",
        "CollectionService.WatchRateChanges",
        "CycleService.ApproveCycle",
        "CycleService.CancelCycle",
        "CycleService.CloseCycle",
        "CycleService.CreateCycle",
        "CycleService.FreezeCycle",
        "CycleService.GetCycle",
        "CycleService.GetCycleReport",
        "CycleService.ListCycles",
        "CycleService.ListReviewItems",
        "CycleService.PublishCycle",
        "CycleService.ResolveReviewItem",
        "CycleService.ReturnCycle",
        "CycleService.RunCycle",
        "CycleService.WatchCycle",
        "DeterminationService.CreateDetermination",
        "DeterminationService.DecideObjection",
        "DeterminationService.ExplainDetermination",
        "DeterminationService.FileObjection",
        "DeterminationService.GetDetermination",
        "DeterminationService.ListDeterminations",
        "DeterminationService.ListObjections",
        "DeterminationService.ReplayDetermination",
        "DeterminationService.WithdrawDetermination",
        "EmployerService.GetEmployer",
        "EmployerService.ImportRecords",
        "EmployerService.ListEmployers",
        "EmployerService.ListImportRejects",
        "EmployerService.ListRecordVersions",
        "EmployerService.RecordSuccession",
        "PlanService.CheckPlan",
        "PlanService.DiffPlans",
        "PlanService.GetPlan",
        "PlanService.ListPlans",
        "RatingService.BatchRateEmployers",
        "RatingService.RateEmployer",
        "RatingService.StreamRateEmployers",
    ];
    assert_eq!(methods, expected.map(str::to_owned).into());
}

/// A rule that never fires proves nothing: each is broken once.
#[test]
fn each_rule_fires() {
    type Break = fn(&mut FileDescriptorProto);
    let cases: &[(&str, Break)] = &[
        ("PACKAGE_VERSION_SUFFIX", |f| f.package = Some("floatrate".into())),
        ("PACKAGE_DIRECTORY_MATCH", |f| f.name = Some("other/rating_service.proto".into())),
        ("FILE_LOWER_SNAKE_CASE", |f| f.name = Some("floatrate/v1/RatingService.proto".into())),
        ("SYNTAX_SPECIFIED", |f| f.syntax = None),
        ("IMPORT_NO_PUBLIC", |f| f.public_dependency.push(0)),
        ("IMPORT_USED", |f| f.dependency.push("google/protobuf/empty.proto".into())),
        ("SERVICE_SUFFIX", |f| f.service[0].name = Some("Rating".into())),
        ("SERVICE_PASCAL_CASE", |f| f.service[0].name = Some("rating_Service".into())),
        ("RPC_PASCAL_CASE", |f| f.service[0].method[0].name = Some("rateEmployer".into())),
        ("RPC_REQUEST_STANDARD_NAME", |f| {
            f.service[0].method[0].input_type = Some(".floatrate.v1.Record".into());
        }),
        ("RPC_RESPONSE_STANDARD_NAME", |f| {
            f.service[0].method[0].output_type = Some(".floatrate.v1.RatingResult".into());
        }),
        ("RPC_REQUEST_RESPONSE_UNIQUE", |f| {
            f.service[0].method[1].input_type = f.service[0].method[0].input_type.clone();
        }),
        ("MESSAGE_PASCAL_CASE", |f| f.message_type[0].name = Some("rate_employer".into())),
        ("FIELD_LOWER_SNAKE_CASE", |f| f.message_type[0].field[0].name = Some("planId".into())),
        ("FIELD_NOT_REQUIRED", |f| f.message_type[0].field[0].label = Some(2)),
        ("ONEOF_LOWER_SNAKE_CASE", |f| {
            let message = f.message_type.iter_mut().find(|m| !m.oneof_decl.is_empty()).unwrap();
            message.oneof_decl[0].name = Some("OutCome".into());
        }),
        ("ENUM_PASCAL_CASE", |f| f.enum_type[0].name = Some("explain".into())),
        ("ENUM_VALUE_UPPER_SNAKE_CASE", |f| f.enum_type[0].value[1].name = Some("EXPLAIN_none".into())),
        ("ENUM_VALUE_PREFIX", |f| f.enum_type[0].value[1].name = Some("NONE".into())),
        ("ENUM_ZERO_VALUE_SUFFIX", |f| f.enum_type[0].value[0].name = Some("EXPLAIN_ZERO".into())),
        ("ENUM_FIRST_VALUE_ZERO", |f| f.enum_type[0].value.swap(0, 1)),
        ("ENUM_NO_ALLOW_ALIAS", |f| {
            f.enum_type[0].options.get_or_insert_with(Default::default).allow_alias = Some(true);
        }),
        ("COMMENTS", |f| f.source_code_info = None),
    ];
    let rating = |f: &&FileDescriptorProto| f.name().ends_with("rating_service.proto");
    let good = ours().iter().find(rating).unwrap().clone();
    for (rule, break_it) in cases {
        let mut file = good.clone();
        break_it(&mut file);
        let found = lint(&[file]);
        assert!(found.iter().any(|f| f.starts_with(rule)), "{rule} does not fire: {found:?}");
    }
}

/// All files but the copies of Google's.
fn ours() -> Vec<FileDescriptorProto> {
    let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
    set.file.into_iter().filter(|f| !f.name().starts_with("google/")).collect()
}

fn lint(files: &[FileDescriptorProto]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        let mut linter = Linter { file, comments: comments(file), found: &mut found };
        linter.file();
        for (at, message) in (0..).zip(&file.message_type) {
            linter.message(message, &[place::FILE_MESSAGE, at]);
        }
        for (at, of) in (0..).zip(&file.enum_type) {
            linter.enumeration(of, &[place::FILE_ENUM, at]);
        }
        for (at, service) in (0..).zip(&file.service) {
            linter.service(service, &[place::FILE_SERVICE, at]);
        }
    }
    let mut uses: BTreeMap<&str, u32> = BTreeMap::new();
    for method in files.iter().flat_map(|f| &f.service).flat_map(|s| &s.method) {
        *uses.entry(method.input_type()).or_default() += 1;
        *uses.entry(method.output_type()).or_default() += 1;
    }
    let shared = uses.into_iter().filter(|(_, n)| *n > 1);
    found.extend(shared.map(|(name, n)| format!("RPC_REQUEST_RESPONSE_UNIQUE {name}: used {n} times")));
    found
}

/// Paths of the places that have a leading comment.
fn comments(file: &FileDescriptorProto) -> BTreeSet<Vec<i32>> {
    let places = file.source_code_info.iter().flat_map(|info| &info.location);
    places.filter(|l| !l.leading_comments().trim().is_empty()).map(|l| l.path.clone()).collect()
}

struct Linter<'a> {
    file: &'a FileDescriptorProto,
    comments: BTreeSet<Vec<i32>>,
    found: &'a mut Vec<String>,
}

impl Linter<'_> {
    fn hold(&mut self, rule: &str, holds: bool, what: &str) {
        if !holds {
            self.found.push(format!("{rule} {}: {what}", self.file.name()));
        }
    }

    fn commented(&mut self, what: &str, path: &[i32]) {
        self.hold("COMMENTS", self.comments.contains(path), what);
    }

    fn file(&mut self) {
        let file = self.file;
        let (folder, name) = file.name().rsplit_once('/').unwrap_or(("", file.name()));
        let package = file.package();
        let last = package.rsplit('.').next().unwrap_or("");
        let version = last.strip_prefix('v').is_some_and(|n| n.parse::<u32>().is_ok());
        self.hold("PACKAGE_VERSION_SUFFIX", version, package);
        self.hold("PACKAGE_LOWER_SNAKE_CASE", package.split('.').all(lower_snake), package);
        self.hold("PACKAGE_DIRECTORY_MATCH", folder.replace('/', ".") == package, package);
        self.hold("FILE_LOWER_SNAKE_CASE", name.strip_suffix(".proto").is_some_and(lower_snake), name);
        self.hold("SYNTAX_SPECIFIED", file.syntax() == "proto3", file.syntax());
        self.hold("IMPORT_NO_PUBLIC", file.public_dependency.is_empty(), "public import");
        self.hold("IMPORT_NO_WEAK", file.weak_dependency.is_empty(), "weak import");
        // A type's package and the import that it comes from, as far as the names of our own files and Google's say.
        let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
        let used = types(file);
        for import in &file.dependency {
            let from = set.file.iter().find(|f| f.name() == import);
            let names = from.iter().flat_map(|f| {
                let messages = f.message_type.iter().map(DescriptorProto::name);
                let enums = f.enum_type.iter().map(EnumDescriptorProto::name);
                messages.chain(enums).map(|n| format!(".{}.{n}", f.package())).collect::<Vec<_>>()
            });
            let is_used = names.into_iter().any(|n| used.contains(&n));
            self.hold("IMPORT_USED", is_used, import);
        }
    }

    fn message(&mut self, message: &DescriptorProto, path: &[i32]) {
        if message.options.as_ref().is_some_and(|o| o.map_entry()) {
            return;
        }
        let name = message.name();
        self.hold("MESSAGE_PASCAL_CASE", pascal(name), name);
        self.commented(name, path);
        for (at, field) in (0..).zip(&message.field) {
            let what = format!("{name}.{}", field.name());
            self.hold("FIELD_LOWER_SNAKE_CASE", lower_snake(field.name()), &what);
            self.hold("FIELD_NOT_REQUIRED", field.label != Some(2), &what);
            self.commented(&what, &[path, &[place::MESSAGE_FIELD, at]].concat());
        }
        for (at, oneof) in (0..).zip(&message.oneof_decl) {
            let what = format!("{name}.{}", oneof.name());
            // The oneof that stands for an `optional` is not in the text.
            let made = |f: &&FieldDescriptorProto| f.oneof_index == Some(at) && f.proto3_optional();
            if message.field.iter().any(|f| made(&f)) {
                continue;
            }
            self.hold("ONEOF_LOWER_SNAKE_CASE", lower_snake(oneof.name()), &what);
            self.commented(&what, &[path, &[place::MESSAGE_ONEOF, at]].concat());
        }
        for (at, nested) in (0..).zip(&message.nested_type) {
            self.message(nested, &[path, &[place::MESSAGE_NESTED, at]].concat());
        }
        for (at, nested) in (0..).zip(&message.enum_type) {
            self.enumeration(nested, &[path, &[place::MESSAGE_ENUM, at]].concat());
        }
    }

    fn enumeration(&mut self, of: &EnumDescriptorProto, path: &[i32]) {
        let name = of.name();
        let prefix = upper_snake_of(name);
        self.hold("ENUM_PASCAL_CASE", pascal(name), name);
        self.hold("ENUM_NO_ALLOW_ALIAS", of.options.as_ref().is_none_or(|o| !o.allow_alias()), name);
        self.hold("ENUM_FIRST_VALUE_ZERO", of.value.first().is_some_and(|v| v.number() == 0), name);
        self.commented(name, path);
        for (at, value) in (0..).zip(&of.value) {
            let what = value.name();
            let tail = what.strip_prefix(&prefix).and_then(|t| t.strip_prefix('_'));
            self.hold("ENUM_VALUE_PREFIX", tail.is_some_and(|t| !t.is_empty()), what);
            let upper = lower_snake(&what.to_ascii_lowercase()) && what == what.to_ascii_uppercase();
            self.hold("ENUM_VALUE_UPPER_SNAKE_CASE", upper, what);
            if value.number() == 0 {
                self.hold("ENUM_ZERO_VALUE_SUFFIX", what.ends_with("_UNSPECIFIED"), what);
            }
            self.commented(what, &[path, &[place::ENUM_VALUE, at]].concat());
        }
    }

    fn service(&mut self, service: &ServiceDescriptorProto, path: &[i32]) {
        let name = service.name();
        self.hold("SERVICE_PASCAL_CASE", pascal(name), name);
        self.hold("SERVICE_SUFFIX", name.ends_with("Service"), name);
        self.commented(name, path);
        for (at, method) in (0..).zip(&service.method) {
            let what = format!("{name}.{}", method.name());
            let of = |suffix: &str| format!(".{}.{}{suffix}", self.file.package(), method.name());
            let (request, response) = (of("Request"), of("Response"));
            self.hold("RPC_PASCAL_CASE", pascal(method.name()), &what);
            self.hold("RPC_REQUEST_STANDARD_NAME", method.input_type() == request, &what);
            self.hold("RPC_RESPONSE_STANDARD_NAME", method.output_type() == response, &what);
            self.commented(&what, &[path, &[place::SERVICE_METHOD, at]].concat());
        }
    }
}

/// Names of all types that a file uses.
fn types(file: &FileDescriptorProto) -> BTreeSet<String> {
    fn of_message(message: &DescriptorProto, out: &mut BTreeSet<String>) {
        out.extend(message.field.iter().filter_map(|f| f.type_name.clone()));
        message.nested_type.iter().for_each(|m| of_message(m, out));
    }
    let mut out = BTreeSet::new();
    file.message_type.iter().for_each(|m| of_message(m, &mut out));
    let methods = file.service.iter().flat_map(|s| &s.method);
    out.extend(methods.flat_map(|m| [m.input_type().to_owned(), m.output_type().to_owned()]));
    out
}

fn lower_snake(name: &str) -> bool {
    name.split('_')
        .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}

fn pascal(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase()) && name.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// `DistanceQuantity` to `DISTANCE_QUANTITY`.
fn upper_snake_of(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_uppercase());
    }
    out
}
