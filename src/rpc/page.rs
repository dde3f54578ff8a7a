//! Pages: their size, and tokens that are opaque and bound to the query.

use super::status::{FieldFault, Refusal};

/// Items of a page when the caller does not say.
pub const SIZE: usize = 50;
/// Most items of a page.
pub const SIZE_MAX: usize = 1_000;

/// What a caller asks of a list.
#[derive(Debug)]
pub(super) struct Page {
    /// Items at most.
    pub size: usize,
    /// The last item of the page before; empty for the first page.
    pub after: String,
    query: [u8; 8],
}

impl Page {
    /// Reads size and token. `query` is what else the request says: a token is good for the query that gave it.
    pub fn read(size: i32, token: &str, query: &[&str]) -> Result<Self, Refusal> {
        let mut faults = Vec::new();
        let size = match usize::try_from(size) {
            Ok(0) => SIZE,
            Ok(size) => size.min(SIZE_MAX),
            Err(_) => {
                let en = format!("page_size is {size}: expected 0 or more");
                let zh = format!("page_size 为 {size}，应不小于 0");
                faults.push(FieldFault::new("page_size", "negative", &en, &zh));
                0
            }
        };
        let mut hasher = blake3::Hasher::new();
        for part in query {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let mut bound = [0; 8];
        bound.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        let after = if token.is_empty() { Some(String::new()) } else { after(token, bound) };
        if after.is_none() {
            let en = "page_token is not one of an earlier answer to the same query";
            let zh = "page_token 不是先前对同一查询的应答给出的";
            faults.push(FieldFault::new("page_token", "unknown_value", en, zh));
        }
        match after {
            Some(after) if faults.is_empty() => Ok(Self { size, after, query: bound }),
            _ => Err(Refusal::invalid_request(faults)),
        }
    }

    /// Items to ask for: one more than the page holds, to see whether there is another page.
    pub fn ask(&self) -> i64 {
        i64::try_from(self.size).unwrap_or(i64::MAX).saturating_add(1)
    }

    /// Cuts items to the page; the token of the next one, or an empty text.
    pub fn cut<T>(&self, items: &mut Vec<T>, last: impl Fn(&T) -> String) -> String {
        if items.len() <= self.size {
            return String::new();
        }
        items.truncate(self.size);
        items.last().map_or_else(String::new, |item| self.token(&last(item)))
    }

    /// The token of the page after an item.
    pub fn token(&self, last: &str) -> String {
        crate::store::ledger::hex(&[&self.query[..], last.as_bytes()].concat())
    }
}

fn after(token: &str, query: [u8; 8]) -> Option<String> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
    if !token.len().is_multiple_of(2) || token.len() > 4096 {
        return None;
    }
    let bytes: Option<Vec<u8>> =
        token.as_bytes().chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect();
    let bytes = bytes?;
    let (bound, last) = bytes.split_at_checked(8)?;
    if bound != query || last.is_empty() {
        return None;
    }
    String::from_utf8(last.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_query_alone() {
        let first = Page::read(2, "", &["510400"]).unwrap();
        assert_eq!((first.size, first.after.as_str(), first.ask()), (2, "", 3));
        let mut items = vec!["甲", "乙", "丙"];
        let token = first.cut(&mut items, |item| (*item).to_owned());
        assert_eq!(items, ["甲", "乙"]);
        assert_eq!(Page::read(2, &token, &["510400"]).unwrap().after, "乙");
        assert!(Page::read(2, &token, &["510500"]).is_err());
        for wrong in ["x", "0", &token[1..], &token[..16], "zz", &"00".repeat(3000)] {
            assert!(Page::read(2, wrong, &["510400"]).is_err(), "{wrong}");
        }
        assert_eq!(first.cut(&mut items, |item| (*item).to_owned()), "");
        assert!(Page::read(-1, "", &[]).is_err());
        assert_eq!(Page::read(i32::MAX, "", &[]).unwrap().size, SIZE_MAX);
    }
}
