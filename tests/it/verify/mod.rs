//! `verify`, `export dossier` and what they find: on a small world of everything that a database can hold.

mod command;
mod cycles;
mod dossier;
mod flips;
mod many;
mod rewritten;
mod world;

use floatrate::determination::{Report, verify};
use floatrate::store::Db;

/// Verifies, with heads that were written down.
async fn verified(db: &Db, heads: &[[u8; 32]]) -> Report {
    verify(db, heads, &mut |_| ()).await.unwrap()
}

/// Seeded random numbers.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(n).unwrap()).unwrap()
    }
}
