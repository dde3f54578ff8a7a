//! Where a caller may look: everywhere, or areas of GB/T 2260 with all that lies within them.

use floatrate_engine::plan::regions::wider;
use std::collections::BTreeSet;

/// The code of the nation, which covers everything.
const NATION: &str = "000000";

/// The regions of a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Regions {
    /// Everything, records without a region too: 000000.
    All,
    /// These areas and the areas within them, by the code's hierarchy: 510000 covers 510400, which covers 510402.
    Areas(BTreeSet<String>),
}

impl Regions {
    /// The regions of codes.
    ///
    /// # Errors
    ///
    /// The codes that are not six digits, joined by commas; or an empty text, where there are no codes at all.
    pub fn of<'c>(codes: impl IntoIterator<Item = &'c str>) -> Result<Self, String> {
        let codes: BTreeSet<String> = codes.into_iter().map(str::to_owned).collect();
        let bad: Vec<&str> = codes.iter().map(String::as_str).filter(|code| !is_code(code)).collect();
        if codes.is_empty() || !bad.is_empty() {
            return Err(bad.join(", "));
        }
        Ok(if codes.contains(NATION) { Self::All } else { Self::Areas(codes) })
    }

    /// Whether a region, or what stands in none, is among them.
    #[must_use]
    pub fn covers(&self, region: Option<&str>) -> bool {
        match (self, region) {
            (Self::All, _) => true,
            (Self::Areas(_), None) => false,
            // What is no code lies nowhere, though its first digits may be those of an area.
            (Self::Areas(areas), Some(region)) => {
                is_code(region) && wider(region).iter().any(|area| areas.contains(area))
            }
        }
    }

    /// What codes of covered regions begin with, for a query; None: everything is covered. 510400 gives `5104`.
    #[must_use]
    pub fn prefixes(&self) -> Option<Vec<&str>> {
        let Self::Areas(areas) = self else { return None };
        Some(areas.iter().map(|code| prefix(code)).collect())
    }

    /// The codes, for people: `000000` stands for everything.
    #[must_use]
    pub fn codes(&self) -> Vec<&str> {
        match self {
            Self::All => vec![NATION],
            Self::Areas(areas) => areas.iter().map(String::as_str).collect(),
        }
    }
}

fn is_code(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit())
}

/// A code without the pairs of zeros at its end, which stand for all areas within.
fn prefix(code: &str) -> &str {
    let code = code.strip_suffix("00").unwrap_or(code);
    if code.len() == 4 { code.strip_suffix("00").unwrap_or(code) } else { code }
}
