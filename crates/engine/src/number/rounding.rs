//! Rounding, where a plan says so: the only rounding there is.

use super::Integer;

/// How a quotient that is not whole becomes whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rounding {
    /// To the nearest; a half away from 0.
    HalfUp,
    /// To the nearest; a half to the even one.
    HalfEven,
    /// Towards 0.
    Down,
    /// Away from 0.
    Up,
}

impl Rounding {
    /// Every mode.
    pub const ALL: [Self; 4] = [Self::HalfUp, Self::HalfEven, Self::Down, Self::Up];

    /// The name in plans.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HalfUp => "half_up",
            Self::HalfEven => "half_even",
            Self::Down => "down",
            Self::Up => "up",
        }
    }

    /// `num / den` as a whole number; `den` is above 0.
    pub fn divide<N: Integer>(self, num: &N, den: &N) -> N {
        let zero = N::of(0);
        let (quotient, rest) = num.divide(den);
        if rest == zero {
            return quotient;
        }
        let below = rest < zero;
        let size = if below { zero.minus(&rest) } else { rest };
        let gap = den.minus(&size);
        let away = match self {
            Self::Down => false,
            Self::Up => true,
            Self::HalfUp => size >= gap,
            Self::HalfEven => size > gap || (size == gap && quotient.divide(&N::of(2)).1 != zero),
        };
        match (away, below) {
            (false, _) => quotient,
            (true, false) => quotient.plus(&N::of(1)),
            (true, true) => quotient.minus(&N::of(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigInt;

    #[test]
    fn modes_as_their_names_say() {
        for (num, den, expected) in [
            (5_i64, 2_i64, [3, 2, 2, 3]),
            (7, 2, [4, 4, 3, 4]),
            (-5, 2, [-3, -2, -2, -3]),
            (-7, 2, [-4, -4, -3, -4]),
            (1, 3, [0, 0, 0, 1]),
            (2, 3, [1, 1, 0, 1]),
            (-1, 3, [0, 0, 0, -1]),
            (6, 3, [2, 2, 2, 2]),
            (0, 7, [0, 0, 0, 0]),
        ] {
            for (mode, expected) in Rounding::ALL.into_iter().zip(expected) {
                assert_eq!(mode.divide(&num, &den), expected, "{num} / {den} {}", mode.name());
                assert_eq!(mode.divide(&i128::from(num), &i128::from(den)), i128::from(expected));
                assert_eq!(mode.divide(&BigInt::from(num), &BigInt::from(den)), BigInt::from(expected));
            }
        }
        assert_eq!(Rounding::HalfUp.divide(&i64::MAX, &2), i64::MAX / 2 + 1);
    }
}
