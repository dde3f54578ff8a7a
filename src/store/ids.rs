//! Ids of what the service makes.

use super::Instant;

/// A new id: the kind's letter, the instant in milliseconds and 80 random bits, in the letters of Crockford's base 32.
/// Later ids sort after earlier ones, by the clock of whoever makes them.
#[must_use]
pub fn new_id(kind: char) -> String {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let milliseconds = u128::try_from(Instant::now().0.max(0) / 1000).unwrap_or(0);
    let random = u128::from(random()) << 16 | u128::from(random() & 0xffff);
    let bits = milliseconds << 80 | random;
    let mut out = String::with_capacity(27);
    out.push(kind);
    for place in (0..26).rev() {
        let letter = usize::try_from(bits >> (5 * place) & 31).unwrap_or(0);
        out.push(char::from(LETTERS[letter]));
    }
    out
}

/// Random bits: the standard library's keys of hash maps come from the system.
fn random() -> u64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u64(u64::from(std::process::id()));
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_differ_and_sort_by_time() {
        let ids: Vec<String> = (0..1000).map(|_| new_id('d')).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 1000);
        assert!(ids.iter().all(|id| id.len() == 27 && id.starts_with("d0")), "{}", ids[0]);
        std::thread::sleep(std::time::Duration::from_millis(2));
        assert!(new_id('d') > ids[0]);
    }
}
