//! Libraries that read damaged files may panic over them. Here that is one more way in which a file is wrong.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic on this thread is caught here, so that nobody need hear of it.
#[must_use]
pub fn is_guarded() -> bool {
    GUARDED.get()
}

/// What a library makes of a file, or none where it panicked.
///
/// Whatever `read` has borrowed must not be used after a panic: the callers give the whole file up.
pub(super) fn guarded<T>(read: impl FnOnce() -> T) -> Option<T> {
    let before = GUARDED.replace(true);
    let read = catch_unwind(AssertUnwindSafe(read));
    GUARDED.set(before);
    read.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_are_caught_and_the_mark_is_taken_back() {
        assert_eq!(guarded(|| guarded(|| 5)), Some(Some(5)));
        let seen = guarded(|| {
            assert!(is_guarded());
            assert_eq!(guarded(|| [1].get(5).copied().expect("a sixth")), None::<i32>);
            is_guarded()
        });
        assert_eq!((seen, is_guarded()), (Some(true), false));
    }
}
