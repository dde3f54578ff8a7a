//! Every limit of the engine, in one place. A limit that is exceeded is an error that names it, never a truncation.

/// Largest amount, in the currency's minor unit (fen, cents, yen).
pub const AMOUNT_MAX: i64 = 999_999_999_999_999_999;
/// Places after the point of rates, ratios and tiers.
pub const RATE_PLACES: u32 = 12;
/// Rates, ratios and tiers are below this whole number.
pub const RATE_BELOW: i64 = 1_000_000;
/// Places after the point of an average headcount.
pub const HEADCOUNT_PLACES: u32 = 6;
/// Headcounts are below this whole number.
pub const HEADCOUNT_BELOW: i64 = 1_000_000_000_000;
/// Places after the point of facts and period values.
pub const VALUE_PLACES: u32 = 9;
/// Facts and period values are below this whole number.
pub const VALUE_BELOW: i64 = 1_000_000_000;
/// Largest `count` of a row of claims.
pub const COUNT_MAX: i64 = 1_000_000_000;
/// First year that a date of a record may have.
pub const YEAR_MIN: i32 = 1900;
/// Last year that a date of a record may have.
pub const YEAR_MAX: i32 = 2200;
/// Largest number of characters of an employer, claim or event id.
pub const ID_CHARS_MAX: usize = 64;
/// Largest number of characters of a name.
pub const NAME_CHARS_MAX: usize = 400;
/// Largest number of periods of one employer.
pub const PERIODS_MAX: usize = 20_000;
/// Largest number of claim rows of one employer.
pub const CLAIMS_MAX: usize = 100_000;
/// Largest number of dated values of one fact.
pub const FACT_SPANS_MAX: usize = 1_000;
/// Largest number of violations told of one record; the last of them says that there are more.
pub const VIOLATIONS_MAX: usize = 1_000;
/// Risk classes are 1 to this.
pub const CLASS_MAX: u8 = 99;

/// Largest text of one plan file, in bytes.
pub const PLAN_FILE_BYTES_MAX: usize = 1 << 20;
/// Longest chain of `extends`.
pub const EXTENDS_DEPTH_MAX: usize = 8;
/// Deepest nesting of a formula.
pub const FORMULA_DEPTH_MAX: usize = 64;
/// Longest formula, in names, numbers and signs.
pub const FORMULA_TOKENS_MAX: usize = 1_000;
/// Longest chain of measures that are computed from one another.
pub const MEASURE_DEPTH_MAX: usize = 64;
/// Most windows that nested `all` and `any` take in turn.
pub const QUANTIFIED_WINDOWS_MAX: usize = 1_000;
/// Largest number of columns of a table of a plan.
pub const TABLE_COLUMNS_MAX: usize = 64;
/// Largest number of nodes of a compiled plan.
pub const NODES_MAX: usize = 20_000;
/// Largest number of parts of a plan's decision diagrams, by class; beyond it nothing is proved and the check says so.
pub const DIAGRAM_PARTS_MAX: usize = 1_000_000;
/// Most steps of all searches for witnesses in one check of a plan; beyond it the claims that are left are undecided.
pub const SEARCH_STEPS_MAX: u32 = 1_000_000;
/// Largest number of rows of a table of a plan.
pub const TABLE_ROWS_MAX: usize = 10_000;
/// Largest number of places after the point of a number in a plan.
pub const PLAN_NUMBER_PLACES_MAX: u32 = 12;
/// Numbers of a plan are below this whole number.
pub const PLAN_NUMBER_BELOW: i128 = 1_000_000_000_000_000_000;
/// Largest length of a window, in months.
pub const WINDOW_MONTHS_MAX: u32 = 600;
/// Longest deadline that a plan's procedure sets, in working days.
pub const PROCEDURE_DAYS_MAX: u32 = 250;
/// Places shown of a measure without a finite decimal.
pub const MEASURE_PLACES: u32 = 18;
