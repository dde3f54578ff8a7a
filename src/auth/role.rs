//! What a caller is for.

/// A role. What each may do stands in [`TABLE`](super::table::TABLE) alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The collection system: reads published rates and acknowledges changes (征缴系统).
    Collector,
    /// Works at the agency: keeps records, makes determinations, takes objections (经办人).
    Officer,
    /// Decides at the agency what officers have prepared (审批人).
    Approver,
    /// Calculates: rates, compares plans, reads (精算人员).
    Actuary,
    /// Looks at everything and changes nothing (审计人员).
    Auditor,
}

impl Role {
    /// All roles, in the order of the table's columns.
    pub const ALL: [Self; 5] = [Self::Collector, Self::Officer, Self::Approver, Self::Actuary, Self::Auditor];

    /// The word of configuration, tokens and signatures.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Collector => "collector",
            Self::Officer => "officer",
            Self::Approver => "approver",
            Self::Actuary => "actuary",
            Self::Auditor => "auditor",
        }
    }

    /// What an agency says.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Collector => "征缴系统",
            Self::Officer => "经办人",
            Self::Approver => "审批人",
            Self::Actuary => "精算人员",
            Self::Auditor => "审计人员",
        }
    }

    /// The role of a word.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// The words of all roles, for messages.
    #[must_use]
    pub fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }

    /// The role's column of the table.
    pub(super) const fn column(self) -> usize {
        self as usize
    }
}
