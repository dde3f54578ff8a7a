//! Which role may call what: the one table, printed by `floatrate access` and in `docs/access.md`.
//!
//! *Invariant*: every method of every service of `floatrate.v1` has its row, and nothing else has (a test holds it
//! against the descriptors); what has no row is refused to everybody.

use super::Role;
use std::collections::BTreeSet;

/// Where a service's answers end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// At nothing: it works on what the caller sends, and on plans, which are published law.
    Open,
    /// At the caller's regions: what stands elsewhere is as if it were not there.
    Regions,
}

/// The methods of a service.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    /// Its full name.
    pub name: &'static str,
    /// Where its answers end.
    pub scope: Scope,
    /// Its methods, in the order of the proto file.
    pub methods: &'static [Method],
}

/// A method and who may call it.
#[derive(Clone, Copy, Debug)]
pub struct Method {
    /// Its name within the service.
    pub name: &'static str,
    /// Whether it changes what is kept; the caller's signature is stored with the change.
    pub changes: bool,
    /// By the columns of [`Role::ALL`].
    allowed: [bool; 5],
}

impl Method {
    /// Whether a role may call it.
    #[must_use]
    pub const fn allows(&self, role: Role) -> bool {
        self.allowed[role.column()]
    }
}

/// What the table says of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The roles allow it.
    Allowed,
    /// They do not.
    Refused,
    /// The table has no such method: nobody may call it.
    Unknown,
}

/// What the table says of a call by its path, such as `/floatrate.v1.PlanService/ListPlans`.
///
/// ```
/// use floatrate::auth::{Role, table::{Verdict, verdict}};
/// let auditor = [Role::Auditor].into();
/// assert_eq!(verdict("/floatrate.v1.PlanService/ListPlans", &auditor), Verdict::Allowed);
/// assert_eq!(verdict("/floatrate.v1.EmployerService/ImportRecords", &auditor), Verdict::Refused);
/// assert_eq!(verdict("/floatrate.v1.PlanService/DropPlans", &auditor), Verdict::Unknown);
/// ```
#[must_use]
pub fn verdict(path: &str, roles: &BTreeSet<Role>) -> Verdict {
    let Some((service, method)) = path.strip_prefix('/').and_then(|path| path.split_once('/')) else {
        return Verdict::Unknown;
    };
    let found = TABLE
        .iter()
        .find(|row| row.name == service)
        .and_then(|service| service.methods.iter().find(|row| row.name == method));
    match found {
        None => Verdict::Unknown,
        Some(method) if roles.iter().any(|role| method.allows(*role)) => Verdict::Allowed,
        Some(_) => Verdict::Refused,
    }
}

const fn read(name: &'static str, allowed: [bool; 5]) -> Method {
    Method { name, changes: false, allowed }
}

const fn change(name: &'static str, allowed: [bool; 5]) -> Method {
    Method { name, changes: true, allowed }
}

const Y: bool = true;
const N: bool = false;

/// The table. Columns: collector, officer, approver, actuary, auditor.
///
/// - Whoever calls at all may rate what it sends and read plans: both are published law, and neither shows a record.
/// - The collector sees what is published, and no record: CollectionService alone. It moves its own cursors; nobody
///   else does, because a moved cursor is a change that the collection system never carries out.
/// - The officer prepares: records, determinations, objections taken, refused changes resolved, rate cycles; and carries
///   out what was approved: an approved cycle is published by the officer, and nothing of it can be changed any more.
/// - The approver decides: objections, and cycles, which it approves or sends back. Who prepares does not decide, so no
///   rule is needed that compares names; who has both roles was given both on purpose. Only in a cycle, which is the rates
///   of a whole city, are names compared too.
/// - One change is two roles': a step of an employer that is set by hand is proposed by one person and agreed to by
///   another, and either may be an officer or an approver.
/// - The actuary reads records and determinations and changes nothing.
/// - The auditor reads everything and changes nothing.
pub const TABLE: &[Service] = &[
    Service {
        name: "floatrate.v1.RatingService",
        scope: Scope::Open,
        methods: &[
            read("RateEmployer", [Y, Y, Y, Y, Y]),
            read("BatchRateEmployers", [Y, Y, Y, Y, Y]),
            read("StreamRateEmployers", [Y, Y, Y, Y, Y]),
        ],
    },
    Service {
        name: "floatrate.v1.PlanService",
        scope: Scope::Open,
        methods: &[
            read("ListPlans", [Y, Y, Y, Y, Y]),
            read("GetPlan", [Y, Y, Y, Y, Y]),
            read("DiffPlans", [Y, Y, Y, Y, Y]),
            read("CheckPlan", [Y, Y, Y, Y, Y]),
        ],
    },
    Service {
        name: "floatrate.v1.EmployerService",
        scope: Scope::Regions,
        methods: &[
            read("GetEmployer", [N, Y, Y, Y, Y]),
            read("ListEmployers", [N, Y, Y, Y, Y]),
            change("ImportRecords", [N, Y, N, N, N]),
            read("ListImportRejects", [N, Y, Y, Y, Y]),
            read("ListRecordVersions", [N, Y, Y, Y, Y]),
            change("RecordSuccession", [N, Y, N, N, N]),
        ],
    },
    Service {
        name: "floatrate.v1.DeterminationService",
        scope: Scope::Regions,
        methods: &[
            read("GetDetermination", [N, Y, Y, Y, Y]),
            read("ListDeterminations", [N, Y, Y, Y, Y]),
            change("CreateDetermination", [N, Y, N, N, N]),
            change("WithdrawDetermination", [N, Y, N, N, N]),
            read("ExplainDetermination", [N, Y, Y, Y, Y]),
            read("ReplayDetermination", [N, Y, Y, Y, Y]),
            change("FileObjection", [N, Y, N, N, N]),
            change("DecideObjection", [N, N, Y, N, N]),
            read("ListObjections", [N, Y, Y, Y, Y]),
        ],
    },
    Service {
        name: "floatrate.v1.CollectionService",
        scope: Scope::Regions,
        methods: &[
            read("GetRate", [Y, Y, Y, N, Y]),
            read("BatchGetRates", [Y, Y, Y, N, Y]),
            read("ListRateChanges", [Y, Y, Y, N, Y]),
            read("WatchRateChanges", [Y, Y, Y, N, Y]),
            change("AcknowledgeRateChanges", [Y, N, N, N, N]),
            read("ListRefusedChanges", [N, Y, Y, N, Y]),
            change("ResolveRefusedChange", [N, Y, N, N, N]),
        ],
    },
    Service {
        name: "floatrate.v1.CycleService",
        scope: Scope::Regions,
        methods: &[
            change("CreateCycle", [N, Y, N, N, N]),
            change("FreezeCycle", [N, Y, N, N, N]),
            change("RunCycle", [N, Y, N, N, N]),
            read("WatchCycle", [N, Y, Y, Y, Y]),
            read("GetCycle", [N, Y, Y, Y, Y]),
            read("ListCycles", [N, Y, Y, Y, Y]),
            read("GetCycleReport", [N, Y, Y, Y, Y]),
            read("ListReviewItems", [N, Y, Y, Y, Y]),
            change("ResolveReviewItem", [N, Y, Y, N, N]),
            change("ApproveCycle", [N, N, Y, N, N]),
            change("ReturnCycle", [N, N, Y, N, N]),
            change("PublishCycle", [N, Y, N, N, N]),
            change("CloseCycle", [N, Y, N, N, N]),
            change("CancelCycle", [N, Y, N, N, N]),
        ],
    },
];
