//! What a variable can hold that programs are started with.

/// `NAME=VALUE`, at most: bytes of `MAX_ARG_STRLEN` (execve(2)), UTF-16 units on Windows,
/// <https://learn.microsoft.com/windows/win32/procthread/environment-variables>
const LONGEST: usize = if cfg!(windows) { 32_767 } else { 131_071 };

/// Said of the value.
pub(super) const TOO_LONG: &str = if cfg!(windows) {
    "it is longer than the 32,767 characters with which Windows starts a program"
} else {
    "it is longer than the 128 KiB with which the system starts a program"
};

/// Whether a program can be started with it.
pub(super) fn fits(name: &str, value: &str) -> bool {
    let length = |text: &str| match cfg!(windows) {
        true => text.encode_utf16().count(),
        false => text.len(),
    };
    length(name) + 1 + length(value) <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_is_the_systems() {
        let of = |length: usize| fits("V", &"x".repeat(length));
        assert_eq!((of(LONGEST - 2), of(LONGEST - 1)), (true, false));
        assert!(of(12_288), "the largest token");
    }
}
