//! Choices that a seed repeats.

use keystile_protocol::key;

const SIGNS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Makes a key up.
pub(crate) fn key(chance: &mut fastrand::Rng) -> String {
    let random: String = (0..32)
        .filter_map(|_| chance.choice(SIGNS))
        .map(|sign| char::from(*sign))
        .collect();
    key::compose("ks", &random)
}

/// Returns a source of choices of its own for one of several who choose at the same time.
pub(crate) fn for_one(seed: u64, number: u64) -> fastrand::Rng {
    fastrand::Rng::with_seed(seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_choices_and_another_does_not() {
        let made = |seed, number| key(&mut for_one(seed, number));
        assert_eq!(made(7, 1), made(7, 1));
        assert_ne!(made(7, 1), made(7, 2));
        assert_ne!(made(7, 1), made(8, 1));
        assert!(key::is_well_formed("ks", made(7, 1).as_bytes()));
    }
}
