//! Seeded chance: splitmix64, so that a record depends on nothing but plan, seed and number.

pub struct Dice {
    state: u64,
}

impl Dice {
    pub fn new(plan: &str, seed: u64, i: u64) -> Dice {
        let mut state = seed;
        for byte in plan.bytes() {
            state = state.wrapping_mul(31).wrapping_add(u64::from(byte));
        }
        let mut dice = Dice { state };
        dice.state = dice.next() ^ i;
        dice.state = dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// 0 to `bound` - 1.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// 0 to `bound` - 1.
    pub fn below_wide(&mut self, bound: u128) -> u128 {
        ((u128::from(self.next()) << 64) | u128::from(self.next())) % bound
    }

    /// `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as u64) as i64
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u64 + 1) as usize);
        }
    }
}

#[test]
fn the_sequence_is_splitmix64() {
    // The first two numbers of the published algorithm for the seed 1234567.
    let mut dice = Dice { state: 1_234_567 };
    assert_eq!(dice.next(), 6_457_827_717_110_365_317);
    assert_eq!(dice.next(), 3_203_168_211_198_807_973);
}
