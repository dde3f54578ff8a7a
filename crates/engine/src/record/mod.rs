//! The vocabulary: one employer's record, in the units that the contract fixes.
//!
//! A [`Record`] only comes from [`Record::from_form`], which lists every violation of the form at once. All input
//! formats (JSON Lines, CSV, the wire) are first turned into the same tree of [`Form`] values, so there is one set
//! of rules and one set of messages.

mod date;
mod form;
mod read;
mod uscc;
mod violation;
mod write;

pub use date::Date;
pub use form::Form;
pub use uscc::{UsccCheck, uscc_check};
pub use violation::{Expected, Limit, Problem, Shape, Violation};

/// An amount in the currency's minor unit (fen, cents, yen), 0 to [`limits::AMOUNT_MAX`](crate::limits::AMOUNT_MAX).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(pub i64);

/// A rate, ratio or tier in units of 10^-12.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(pub i64);

/// An average number of insured people in units of 10^-6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Headcount(pub i64);

/// A declared fact or period value in units of 10^-9.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(pub i64);

/// An industry's risk class, 1 (least dangerous) upwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RiskClass(pub u8);

/// Everything that is known of one employer at the time of rating.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The insured unit.
    pub employer: Employer,
    /// Spans of its insurance, sorted by start, then class. Spans of one class do not overlap.
    pub periods: Vec<Period>,
    /// Injuries and payments, sorted by id, then date, then the order of the input.
    pub claims: Vec<Claim>,
    /// Declared facts, sorted by name; only those that a loaded plan declares.
    pub facts: Vec<Fact>,
}

/// The insured unit whose rate is set (用人单位).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Employer {
    /// Key of the employer, usually its unified social credit code.
    pub id: String,
    /// Name for people; never part of a result.
    pub name: Option<String>,
    /// Pooling area, a GB/T 2260 code of six digits.
    pub region: Option<String>,
    /// Industry with the year of its standard.
    pub industry: Option<Industry>,
    /// Risk class as the agency decided it; wins over the industry's.
    pub risk_class: Option<RiskClass>,
    /// First day of the present insurance.
    pub insured_since: Date,
    /// First day of any insurance; `insured_since` where not given.
    pub first_insured: Date,
    /// The result of the cycle before; none means the base rate.
    pub prior: Option<Prior>,
}

/// An industry: a code of a named edition of a standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Industry {
    /// Edition of the standard: `2011` or `2017` of GB/T 4754, `jp` for Japan.
    pub standard: String,
    /// Code in that standard; of GB/T 4754 two to four digits, the first two being the division.
    pub code: String,
}

/// The result of the cycle before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prior {
    /// The rate, after floor and cap.
    pub rate: Rate,
    /// The tier, rate / base rate.
    pub tier: Option<Rate>,
    /// The rate before floor and cap.
    pub unlimited_rate: Option<Rate>,
}

/// A span of insurance: a year, a quarter, a month, or any days. `None` means that the record does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub start: Date,
    /// Last day.
    pub end: Date,
    /// Class of the row, where a plan rates several classes of one employer.
    pub class: Option<String>,
    /// Wages that contributions are computed on (缴费工资总额).
    pub payroll: Option<Amount>,
    /// Contributions due (应缴).
    pub contributions_due: Option<Amount>,
    /// Contributions paid (实缴).
    pub contributions_paid: Option<Amount>,
    /// Average insured headcount of the span.
    pub headcount: Option<Headcount>,
    /// Months insured in the span; 0 is a gap in insurance.
    pub months_insured: Option<u32>,
    /// Further values that plans declare, sorted by name.
    pub values: Vec<(String, Number)>,
}

/// One injury, a group of like injuries (`count`), or with `count` 0 a further payment for an earlier injury.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Rows with one id are one injury.
    pub id: String,
    /// Joins the injuries of one accident.
    pub event: Option<String>,
    /// Class of the row, where a plan rates several classes of one employer.
    pub class: Option<String>,
    /// Day of the injury: places the count.
    pub date: Date,
    /// Legal ground of the recognition (认定依据).
    pub cause: Cause,
    /// How the injury ended (伤情/伤残等级).
    pub outcome: ClaimOutcome,
    /// Number of injuries, 0 to [`limits::COUNT_MAX`](crate::limits::COUNT_MAX).
    pub count: i64,
    /// Day of the payment: places the money; `date` where not given.
    pub paid_on: Date,
    /// What the fund paid (待遇支付).
    pub benefits_paid: Amount,
    /// What is still to be paid.
    pub reserve: Amount,
}

/// A fact that a plan declares, with the spans it holds for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Name as plans declare it.
    pub name: String,
    /// Values in the order of their dates.
    pub spans: Vec<FactSpan>,
}

/// A fact's value from one day to another, both included; an open end holds for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactSpan {
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
    /// The value; a boolean fact is 0 or 1 whole.
    pub value: Number,
}

impl Fact {
    /// The value that holds on `date`, if one does.
    #[must_use]
    pub fn at(&self, date: Date) -> Option<Number> {
        self.spans
            .iter()
            .find(|s| s.from.is_none_or(|d| d <= date) && s.to.is_none_or(|d| date <= d))
            .map(|s| s.value)
    }
}

/// What a loaded plan says of a fact or period value, as far as reading a record needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// `true` or `false`.
    Boolean,
    /// A decimal of at most so many places after the point, not negative.
    Number {
        /// At most [`limits::VALUE_PLACES`](crate::limits::VALUE_PLACES).
        places: u32,
    },
}

/// The facts and period values that any loaded plan declares. A record may hold these and no others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// Facts by name.
    pub facts: std::collections::BTreeMap<String, FactKind>,
    /// Period values by name.
    pub values: std::collections::BTreeMap<String, FactKind>,
}

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every value, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in records and plans.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The place in the contract's list, from 0: what programs and digests know it by.
            #[must_use]
            pub const fn place(self) -> u8 {
                self as u8
            }

            /// The value of that name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|v| v.name() == name)
            }
        }
    };
}

named! {
    /// Legal ground on which an injury was recognised.
    Cause {
        /// Accident at work (工作原因).
        WorkAccident = "work_accident",
        /// Accident on the way to or from work (上下班途中).
        Commuting = "commuting",
        /// Sudden illness, death within 48 hours (突发疾病).
        SuddenIllness = "sudden_illness",
        /// Occupational disease (职业病).
        OccupationalDisease = "occupational_disease",
        /// Rescue or another act of public interest (抢险救灾).
        Rescue = "rescue",
        /// Infection when sent to an epidemic area (疫区履职).
        EpidemicDuty = "epidemic_duty",
        /// Relapse of an old military wound (旧伤复发).
        MilitaryRelapse = "military_relapse",
        /// Injury or disappearance while away on duty (因工外出).
        AwayOnDuty = "away_on_duty",
        /// Injury for which a third party answers (第三人责任).
        ThirdParty = "third_party",
        /// Any other ground.
        Other = "other",
    }
}

named! {
    /// How an injury ended.
    ClaimOutcome {
        /// Treated without leave.
        MedicalOnly = "medical_only",
        /// Healed after leave.
        Temporary = "temporary",
        /// Disability grade 1, the gravest.
        Disability1 = "disability_1",
        /// Disability grade 2.
        Disability2 = "disability_2",
        /// Disability grade 3.
        Disability3 = "disability_3",
        /// Disability grade 4.
        Disability4 = "disability_4",
        /// Disability grade 5.
        Disability5 = "disability_5",
        /// Disability grade 6.
        Disability6 = "disability_6",
        /// Disability grade 7.
        Disability7 = "disability_7",
        /// Disability grade 8.
        Disability8 = "disability_8",
        /// Disability grade 9.
        Disability9 = "disability_9",
        /// Disability grade 10, the lightest.
        Disability10 = "disability_10",
        /// Death.
        Fatal = "fatal",
    }
}
