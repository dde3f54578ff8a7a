//! A folder of plans: loading, parents, digests, and which plan a region and date pick.

use super::checked::{Checked, check};
use super::compiled::{
    Frozen, Id, Probe, Program, Question, compile_asking, compile_asserted, compile_by_hand,
};
use super::formula::Name;
use super::regions::{RegionTables, not_encoded, wider};
use super::schedule::one_plan_a_day;
use super::source::{
    FactType, Kind, Node, NotEncoded, PlanSource, Status, merge, order_tables, read_plan, read_tree,
};
use crate::diagnostic::{Diagnostic, FileId, Files, nearest};
use crate::limits::{EXTENDS_DEPTH_MAX, VALUE_PLACES};
use crate::record::{Date, Declared, FactKind};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Period values that every record may hold: those of the contract. Plans declare further ones.
const STANDARD_VALUES: [&str; 1] = ["hours_worked"];
const VALUE: FactKind = FactKind::Number { places: VALUE_PLACES };

/// A loaded plan.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it says.
    pub checked: Arc<Checked>,
    /// blake3 of the resolved plan: its parents, tables and maps, without status and `reviewed_through`.
    pub digest: [u8; 32],
    /// The plan as written, its parents merged in.
    pub source: Arc<PlanSource>,
    /// Its folder.
    pub folder: String,
    /// The tree of `examples.toml`, if there is one.
    pub examples: Option<Node>,
    /// Its text, to tell lines of.
    pub examples_text: Arc<str>,
}

/// The plans of a folder.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    plans: BTreeMap<String, Plan>,
    tables: RegionTables,
    not_encoded: Vec<NotEncoded>,
    declared: Declared,
    /// The plans' texts, for diagnostics.
    pub files: Files,
}

/// A plan file before its parents are merged in.
struct Loaded {
    source: PlanSource,
    file: FileId,
    folder: String,
    digest_bytes: Vec<u8>,
    examples: Option<Node>,
    examples_text: Arc<str>,
}

impl Catalog {
    /// Reads every `plan.toml` of a tree of files, given by their path below the plan folder.
    ///
    /// # Errors
    ///
    /// Every mistake of every plan, with the texts that they point into. A folder with a mistake loads nothing: which
    /// plan a mistake was meant to be cannot be known.
    pub fn load(texts: &BTreeMap<String, String>) -> Result<Self, (Vec<Diagnostic>, Files)> {
        let mut files = Files::default();
        let mut diagnostics = Vec::new();
        let mut loaded: BTreeMap<String, Loaded> = BTreeMap::new();
        let mut unread = BTreeSet::new();
        for (path, text) in texts {
            let Some(folder) = path.strip_suffix("plan.toml").map(|f| f.trim_end_matches('/')) else {
                continue;
            };
            let file = files.add(path, text);
            match read_one(texts, folder, file, text, &mut files, &mut diagnostics) {
                Some(plan) => {
                    loaded.insert(plan.source.id.text.clone(), plan);
                }
                None => {
                    unread.insert(folder.replace('/', "-"));
                }
            }
        }
        let tables = RegionTables::load(texts, &mut files, &mut diagnostics);
        let not_encoded = not_encoded(texts, &mut files, &mut diagnostics);
        let mut plans = BTreeMap::new();
        // Plans with mistakes are checked all the same, so that an author sees all mistakes at once.
        for plan in loaded.values() {
            match resolve(plan, &loaded, &unread, &tables) {
                Ok(resolved) => {
                    plans.insert(plan.source.id.text.clone(), resolved);
                }
                Err(mut mistakes) => diagnostics.append(&mut mistakes),
            }
        }
        let declared = declared(&plans, &loaded, &mut diagnostics);
        let enacted = plans.values().filter(|p| p.checked.status == Status::Enacted);
        let placed: Vec<_> =
            enacted.filter_map(|p| Some((&*p.checked, loaded.get(&p.checked.id)?.source.id.span))).collect();
        one_plan_a_day(&placed, &mut diagnostics);
        diagnostics.sort_by_key(|d| d.place.as_ref().map(|p| p.0));
        // A parent's mistakes are found again in each of its children.
        let mut told: Vec<Diagnostic> = Vec::new();
        for diagnostic in diagnostics {
            let place = |d: &Diagnostic| d.place.as_ref().map(|p| p.0);
            let mut beside = told.iter().rev().take_while(|d| place(d) == place(&diagnostic));
            if !beside.any(|d| *d == diagnostic) {
                told.push(diagnostic);
            }
        }
        let diagnostics = told;
        if diagnostics.is_empty() {
            Ok(Self { plans, tables, not_encoded, declared, files })
        } else {
            Err((diagnostics, files))
        }
    }

    /// The facts and values that any plan declares.
    #[must_use]
    pub const fn declared(&self) -> &Declared {
        &self.declared
    }

    /// The regions' tables of reductions.
    #[must_use]
    pub const fn region_tables(&self) -> &RegionTables {
        &self.tables
    }

    /// Regions whose rules are known to be there, and that no plan encodes, with what is missing.
    #[must_use]
    pub fn not_encoded(&self) -> &[NotEncoded] {
        &self.not_encoded
    }

    /// A plan by its id.
    #[must_use]
    pub fn plan(&self, id: &str) -> Option<&Plan> {
        self.plans.get(id)
    }

    /// Every plan, by id.
    pub fn plans(&self) -> impl Iterator<Item = &Plan> {
        self.plans.values()
    }

    /// The enacted plan that rates a region on a date: the most specific region first (510402, 510400, 510000,
    /// 000000), and of one region's plans the one whose first rating date is the latest not after the date.
    #[must_use]
    pub fn select(&self, region: &str, date: Date) -> Option<&Plan> {
        wider(region).into_iter().find_map(|region| {
            let of_region = self.plans.values().filter(|p| p.checked.region == region);
            of_region
                .filter(|p| p.checked.status == Status::Enacted)
                .filter_map(|p| Some((p.checked.first_rating_date()?, p)))
                .filter(|(first, _)| *first <= date)
                .max_by_key(|(first, _)| *first)
                .map(|(_, plan)| plan)
                .filter(|plan| plan.checked.last_valid_day().is_none_or(|last| date <= last))
        })
    }
}

impl Plan {
    /// Compiles the plan for a rating date.
    ///
    /// # Errors
    ///
    /// A sentence, when the plan rates nobody or not on that date, with the dates on which it does.
    pub fn compile(&self, rating_date: Date) -> Result<Program, String> {
        self.compile_with(rating_date, &[])
    }

    /// Compiles the plan for a rating date with the portfolio values of its employers.
    ///
    /// # Errors
    ///
    /// As [`Plan::compile`].
    pub fn compile_with(&self, rating_date: Date, portfolio: &[Frozen]) -> Result<Program, String> {
        self.compile_asking(rating_date, portfolio, &[]).map(|(program, _)| program)
    }

    /// Compiles the plan for a rating date to see whether it compiles, or for a first pass: with portfolio values that
    /// stand for any.
    ///
    /// # Errors
    ///
    /// As [`Plan::compile`].
    pub fn compile_for_first_pass(&self, rating_date: Date) -> Result<Program, String> {
        self.compile_with(rating_date, &vec![Frozen { num: 1, den: 1 }; self.checked.portfolio.len()])
    }

    /// Compiles the plan for a rating date, with the nodes that answer questions about it.
    ///
    /// # Errors
    ///
    /// As [`Plan::compile`].
    pub fn compile_asking(
        &self,
        rating_date: Date,
        portfolio: &[Frozen],
        questions: &[Question<'_>],
    ) -> Result<(Program, Vec<Vec<Probe>>), String> {
        self.rates(rating_date)?;
        compile_asking(&self.checked, rating_date, self.digest, portfolio, questions)
    }

    /// Compiles the plan for a rating date and a step that a person set in place of the rules. Everything after the step
    /// is computed as always, so a result set by hand is replayed like every other. Which steps a class may reach says
    /// [`Ladder::steps`](super::checked::Ladder::steps), as far as the ladder does. What the law says of a class binds
    /// the person too: a step that class rules or the ladder do not let stand becomes the one that they give. Whoever
    /// must not charge another step than the one set compares it with that of the verdict.
    ///
    /// # Errors
    ///
    /// As [`Plan::compile`], and when the plan has no tiers.
    pub fn compile_by_hand(
        &self,
        rating_date: Date,
        portfolio: &[Frozen],
        step: i64,
    ) -> Result<Program, String> {
        self.rates(rating_date)?;
        compile_by_hand(&self.checked, rating_date, self.digest, portfolio, step)
    }

    /// Compiles the plan for a rating date, with the nodes of its assertions: for each what it says, and where.
    ///
    /// # Errors
    ///
    /// As [`Plan::compile`].
    pub fn compile_asserted(
        &self,
        rating_date: Date,
        portfolio: &[Frozen],
    ) -> Result<(Program, Vec<(Id, Id)>), String> {
        self.rates(rating_date)?;
        compile_asserted(&self.checked, rating_date, self.digest, portfolio)
    }

    fn rates(&self, rating_date: Date) -> Result<(), String> {
        let plan = &self.checked;
        if plan.rating.is_none() {
            return Err(format!("{} rates nobody by itself; it only serves to be extended", plan.id));
        }
        if !plan.rates_on(rating_date) {
            return Err(format!(
                "{} does not rate on {rating_date}; it rates on {}",
                plan.id,
                plan.schedule()
            ));
        }
        Ok(())
    }
}

fn read_one(
    texts: &BTreeMap<String, String>,
    folder: &str,
    file: FileId,
    text: &str,
    files: &mut Files,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Loaded> {
    let before = diagnostics.len();
    let tree = read_tree(text, file, diagnostics);
    // Past a mistake of TOML itself, keys land in sections that nobody meant.
    let doubled = |d: &Diagnostic| d.place.as_ref().is_some_and(|(_, caption)| caption == "duplicate key");
    if diagnostics[before..].iter().any(|d| d.code == "limit" || (d.code == "toml" && !doubled(d))) {
        return None;
    }
    let used = std::cell::RefCell::new(Vec::new());
    let csv = |name: &str| {
        let path = format!("{folder}/{name}");
        let text = texts.get(path.trim_start_matches('/')).map(String::as_str);
        used.borrow_mut().extend(text.map(|text| (name.to_owned(), text.to_owned())));
        text
    };
    let mut source = read_plan(&tree, &csv, diagnostics)?;
    if diagnostics.len() > before {
        source.broken.insert("[plan]".to_owned());
    }
    let expected = folder.replace('/', "-");
    if source.id.text != expected {
        let message = format!("the plan `{}` stands in the folder of `{expected}`", source.id.text);
        diagnostics.push(
            Diagnostic::at("id", source.id.span, message, format!("expected \"{expected}\""))
                .help("the folder is the id: cn/510400/2021 holds cn-510400-2021"),
        );
    }
    let mut digest_bytes = Vec::new();
    tree.digest_bytes(&["status", "reviewed_through"], &mut digest_bytes);
    for (name, text) in used.into_inner() {
        for part in [name, text] {
            digest_bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
            digest_bytes.extend_from_slice(part.as_bytes());
        }
    }
    let examples_path = format!("{folder}/examples.toml");
    let examples_text = texts.get(examples_path.trim_start_matches('/'));
    let examples = examples_text.map(|text| {
        let file = files.add(&examples_path, text);
        read_tree(text, file, diagnostics)
    });
    let examples_text = Arc::from(examples_text.map_or("", String::as_str));
    Some(Loaded { source, file, folder: folder.to_owned(), digest_bytes, examples, examples_text })
}

/// A plan with its parents merged in, checked.
fn resolve(
    plan: &Loaded,
    all: &BTreeMap<String, Loaded>,
    unread: &BTreeSet<String>,
    tables: &RegionTables,
) -> Result<Plan, Vec<Diagnostic>> {
    let mut chain = vec![plan];
    while let Some(name) = &chain[chain.len() - 1].source.extends {
        let Some(parent) = all.get(&name.text) else {
            if unread.contains(&name.text) {
                // What is wrong with the parent is told where it stands.
                return Err(Vec::new());
            }
            let message = format!("there is no plan `{}`", name.text);
            let mut diagnostic =
                Diagnostic::at("extends", name.span, message, "expected the id of a plan of this folder");
            diagnostic.help = nearest(&name.text, all.keys().map(String::as_str))
                .map(|near| format!("did you mean `{near}`?"));
            return Err(vec![diagnostic]);
        };
        if chain.iter().any(|p| p.source.id.text == parent.source.id.text) {
            let message = format!("`{}` extends itself", parent.source.id.text);
            return Err(vec![Diagnostic::at("extends", name.span, message, "in a circle here")]);
        }
        if chain.len() >= EXTENDS_DEPTH_MAX {
            let message = format!("the chain of parents is longer than {EXTENDS_DEPTH_MAX}");
            return Err(vec![Diagnostic::at("limit", name.span, message, "too deep here")]);
        }
        if let (Some(own), Some(theirs)) = (&chain[chain.len() - 1].source.currency, &parent.source.currency)
            && own.text != theirs.text
        {
            let message = format!("the currency is {}, but that of the parent is {}", own.text, theirs.text);
            return Err(vec![
                Diagnostic::at("extends", own.span, message, "expected the parent's currency")
                    .also(theirs.span, "the parent's stands here"),
            ]);
        }
        chain.push(parent);
    }
    let parents = chain[1..].iter().map(|p| p.source.id.text.clone()).collect();
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"floatrate plan 1\0");
    let mut merged: Option<PlanSource> = None;
    for link in chain.iter().rev() {
        hasher.update(&(link.digest_bytes.len() as u64).to_le_bytes());
        hasher.update(&link.digest_bytes);
        merged = Some(match merged {
            None => link.source.clone(),
            Some(parent) => merge(parent, link.source.clone()),
        });
    }
    let Some(mut merged) = merged else { return Err(Vec::new()) };
    order_tables(&mut merged);
    let mut checked = check(&merged, parents, plan.file)?;
    tables.apply(&plan.folder, &mut checked, &mut hasher).map_err(|mistake| vec![*mistake])?;
    Ok(Plan {
        checked: Arc::new(checked),
        digest: *hasher.finalize().as_bytes(),
        source: Arc::new(merged),
        folder: plan.folder.clone(),
        examples: plan.examples.clone(),
        examples_text: Arc::clone(&plan.examples_text),
    })
}

/// What records may hold. Two plans that declare one name differently would read one record in two ways.
fn declared(
    plans: &BTreeMap<String, Plan>,
    loaded: &BTreeMap<String, Loaded>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Declared {
    let sound = || loaded.values().filter(|l| plans.contains_key(&l.source.id.text)).map(|l| &l.source);
    let kind = |ty: FactType, places: u32| match ty {
        FactType::Boolean => FactKind::Boolean,
        _ => FactKind::Number { places },
    };
    let facts = sound().flat_map(|p| &p.facts).map(|f| (&f.name, kind(f.ty, f.places)));
    let values = sound().flat_map(|p| &p.values).map(|v| (&v.name, kind(v.ty, v.places)));
    let facts = one_kind_a_name("fact", facts, diagnostics);
    let mut values = one_kind_a_name("value", values, diagnostics);
    for name in STANDARD_VALUES {
        values.entry(name.to_owned()).or_insert(VALUE);
    }
    Declared { facts, values }
}

fn one_kind_a_name<'n>(
    what: &'static str,
    declared: impl Iterator<Item = (&'n Name, FactKind)>,
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<String, FactKind> {
    let mut out: BTreeMap<String, (FactKind, crate::diagnostic::Span)> = BTreeMap::new();
    for (name, kind) in declared {
        match out.get(&name.text) {
            Some((known, first)) if *known != kind => {
                let message = format!("the {what} `{}` is declared with another type elsewhere", name.text);
                diagnostics.push(
                    Diagnostic::at(what, name.span, message, "declared again here")
                        .also(*first, "declared here"),
                );
            }
            Some(_) => {}
            None => {
                out.insert(name.text.clone(), (kind, name.span));
            }
        }
    }
    out.into_iter().map(|(name, (kind, _))| (name, kind)).collect()
}

/// The entries of `[[example]]` of an examples file.
#[must_use]
pub fn examples(tree: &Node) -> &[Node] {
    match &tree.kind {
        Kind::Table(entries) => {
            match entries.iter().find(|(name, _)| name.text == "example").map(|e| &e.1.kind) {
                Some(Kind::List(items)) => items,
                _ => &[],
            }
        }
        _ => &[],
    }
}
