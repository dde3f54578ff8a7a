//! Exact ratios of two whole numbers. Every product is checked: an overflow ends the test, it never wraps.

/// A ratio of two whole numbers; the denominator is not 0.
#[derive(Clone, Copy, Debug)]
pub struct Ratio {
    numerator: u128,
    denominator: u128,
}

impl Ratio {
    /// None when the denominator is 0.
    pub fn new(numerator: u128, denominator: u128) -> Option<Ratio> {
        (denominator != 0).then_some(Ratio { numerator, denominator })
    }

    pub fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// Whether the ratio is greater than `hundredths` / 100.
    pub fn is_above(self, hundredths: u128) -> bool {
        let left = self.numerator.checked_mul(100).expect("the numerator fits");
        let right = self.denominator.checked_mul(hundredths).expect("the denominator fits");
        left > right
    }

    /// Whether the ratio is `hundredths` / 100 or greater.
    pub fn is_at_least(self, hundredths: u128) -> bool {
        let left = self.numerator.checked_mul(100).expect("the numerator fits");
        let right = self.denominator.checked_mul(hundredths).expect("the denominator fits");
        left >= right
    }

    /// The exact decimal where a finite one exists, otherwise 18 places, cut off, and `…`.
    pub fn text(self) -> String {
        let finite = self.has_finite_decimal();
        let mut text = (self.numerator / self.denominator).to_string();
        let mut rest = self.numerator % self.denominator;
        let mut places = 0;
        while if finite { rest != 0 } else { places < 18 } {
            if places == 0 {
                text.push('.');
            }
            let ten_times = rest.checked_mul(10).expect("the remainder fits");
            text += &(ten_times / self.denominator).to_string();
            rest = ten_times % self.denominator;
            places += 1;
        }
        if !finite {
            text.push('…');
        }
        text
    }

    /// In lowest terms only the primes 2 and 5 divide the denominator.
    fn has_finite_decimal(self) -> bool {
        let (mut a, mut b) = (self.denominator, self.numerator);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let mut lowest = self.denominator / a;
        for prime in [2, 5] {
            while lowest.is_multiple_of(prime) {
                lowest /= prime;
            }
        }
        lowest == 1
    }
}

#[test]
fn ratios_print_exactly_or_cut_off() {
    let text = |numerator, denominator| Ratio::new(numerator, denominator).expect("not 0").text();
    assert_eq!(text(0, 7), "0");
    assert_eq!(text(3, 2), "1.5");
    assert_eq!(text(1_300_000, 7_033_800), "0.184821860160937189…");
    assert_eq!(text(1, 3 * 10_u128.pow(20)), "0.000000000000000000…");
    assert_eq!(text(20, 10), "2");
    assert_eq!(text(3, 6), "0.5");
    assert_eq!(text(1, 1 << 20), "0.00000095367431640625");
    assert_eq!(text(22, 7), "3.142857142857142857…");
    assert!(Ratio::new(1, 0).is_none());
}

#[test]
fn thresholds_are_open_below() {
    let above = |numerator, denominator, hundredths| {
        Ratio::new(numerator, denominator).expect("not 0").is_above(hundredths)
    };
    assert!(!above(1, 2, 50));
    assert!(above(500_000_000_000_000_000_000_001, 1_000_000_000_000_000_000_000_000, 50));
    assert!(!above(3, 2, 150));
    assert!(above(1, 1_000_000_000_000_000_000, 0));
    let at_least = |numerator, denominator, hundredths| {
        Ratio::new(numerator, denominator).expect("not 0").is_at_least(hundredths)
    };
    assert!(at_least(1, 5, 20));
    assert!(!at_least(199_999_999_999_999_999, 1_000_000_000_000_000_000, 20));
}
