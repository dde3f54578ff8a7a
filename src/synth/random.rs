//! A seeded generator of our own, so that no release of a crate ever changes the employers.

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// splitmix64, one stream for each seed and employer.
pub(super) struct Random(u64);

/// The finaliser of splitmix64: a bijection of the 64-bit numbers.
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A number that depends on the seed alone.
pub(super) const fn of_seed(seed: u64) -> u64 {
    mix(seed.wrapping_add(GOLDEN))
}

impl Random {
    /// The stream of one employer.
    pub const fn new(seed: u64, index: u64) -> Self {
        Self(mix(of_seed(seed).wrapping_add(index)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number from 0 to `n` - 1. The bias is under n / 2^64.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// Like [`between`](Self::between) with the middle more frequent.
    pub fn around(&mut self, low: u64, high: u64) -> u64 {
        u64::midpoint(self.between(low, high), self.between(low, high))
    }

    /// True for so many in a million.
    pub fn ppm(&mut self, millionths: u64) -> bool {
        self.below(1_000_000) < millionths
    }

    /// True for so many in a hundred.
    pub fn percent(&mut self, hundredths: u64) -> bool {
        self.below(100) < hundredths
    }

    /// How many of `trials` come true, each for so many in a million.
    pub fn successes(&mut self, trials: u64, millionths: u64) -> u64 {
        (0..trials).map(|_| u64::from(self.ppm(millionths))).sum()
    }

    /// The place of a weight, as often as the weights say. They must not all be 0.
    pub fn weighted(&mut self, weights: impl Iterator<Item = u64> + Clone) -> usize {
        let mut rest = self.below(weights.clone().sum());
        for (place, weight) in weights.enumerate() {
            if rest < weight {
                return place;
            }
            rest -= weight;
        }
        unreachable!("a number below the sum falls on a weight")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_sequence() {
        // First outputs of the published splitmix64 for the state 1234567.
        let mut random = Random(1_234_567);
        for expected in [6_457_827_717_110_365_317_u64, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        {
            assert_eq!(random.next(), expected);
        }
    }

    #[test]
    fn draws_stay_in_range_and_reach_the_ends() {
        let mut random = Random::new(1, 2);
        let drawn: std::collections::BTreeSet<u64> = (0..1000).map(|_| random.between(3, 7)).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [3, 4, 5, 6, 7]);
        assert!((0..1000).all(|_| random.weighted([0, 5, 0, 1].into_iter()) % 2 == 1));
        assert_eq!(random.successes(500, 1_000_000), 500);
        assert_eq!(random.successes(500, 0), 0);
    }
}
