//! What to make, and what can be wrong with asking for it.

use std::fmt;
use std::path::{Path, PathBuf};

/// Largest number of employers: the codes that one area and prefix have.
pub const EMPLOYERS_MAX: u64 = 31_u64.pow(6);
/// Largest number of years; keeps every employer within the limit of claim rows.
pub const YEARS_MAX: i32 = 50;

/// What to make. The same options give the same bytes.
///
/// ```
/// use floatrate::synth::{SynthOptions, employer};
/// let options =
///     SynthOptions { employers: 1000, seed: 7, region: "510400".into(), first_year: 2023, last_year: 2025 };
/// options.check().unwrap();
/// assert_eq!(employer(&options, 12).employer.region, "510400");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SynthOptions {
    /// Number of employers, at most [`EMPLOYERS_MAX`].
    pub employers: u64,
    /// Seed; another seed is another area.
    pub seed: u64,
    /// Pooling area, a GB/T 2260 code of six digits.
    pub region: String,
    /// First calendar year of the periods, from 1930.
    pub first_year: i32,
    /// Last calendar year of the periods, up to 2199, at most [`YEARS_MAX`] years in all.
    pub last_year: i32,
}

impl SynthOptions {
    /// Whether employers can be made from these options.
    ///
    /// # Errors
    ///
    /// Names the first option that is out of its range.
    pub fn check(&self) -> Result<(), SynthError> {
        let refuse = |message: String| Err(SynthError(Kind::Options(message)));
        if self.employers > EMPLOYERS_MAX {
            return refuse(format!("{} employers, but at most {EMPLOYERS_MAX} have an id", self.employers));
        }
        if self.region.len() != 6 || !self.region.bytes().all(|b| b.is_ascii_digit()) {
            return refuse(format!("region {:?} is not a code of six digits such as 510400", self.region));
        }
        if self.first_year < 1930 || self.last_year > 2199 {
            return refuse(format!("years {} to {} leave 1930 to 2199", self.first_year, self.last_year));
        }
        if self.first_year > self.last_year {
            return refuse(format!("first year {} is after last year {}", self.first_year, self.last_year));
        }
        if self.last_year - self.first_year >= YEARS_MAX {
            return refuse(format!(
                "years {} to {} are more than {YEARS_MAX} years",
                self.first_year, self.last_year
            ));
        }
        Ok(())
    }
}

/// Why nothing was made.
#[derive(Debug)]
pub struct SynthError(Kind);

#[derive(Debug)]
enum Kind {
    Options(String),
    File { path: PathBuf, cause: std::io::Error },
}

impl SynthError {
    pub(super) fn file(path: &Path, cause: impl Into<std::io::Error>) -> Self {
        Self(Kind::File { path: path.to_owned(), cause: cause.into() })
    }

    /// Whether the options were wrong (usage), not the disk.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self.0, Kind::Options(_))
    }
}

impl fmt::Display for SynthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Options(message) => f.write_str(message),
            Kind::File { path, .. } => write!(f, "cannot write {}", path.display()),
        }
    }
}

impl std::error::Error for SynthError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Kind::Options(_) => None,
            Kind::File { cause, .. } => Some(cause),
        }
    }
}
