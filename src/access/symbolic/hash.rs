//! A fast hash without random state, for tables that keep insertion order.

use std::hash::{BuildHasherDefault, Hasher};

use indexmap::{IndexMap, IndexSet};

/// A map in insertion order.
pub(crate) type Map<K, V> = IndexMap<K, V, BuildHasherDefault<Mixer>>;

/// A set in insertion order.
pub(crate) type Set<K> = IndexSet<K, BuildHasherDefault<Mixer>>;

/// Multiplies word by word and folds the upper half of the product into the lower: tables look at the lowest and the
/// highest bits, so both must depend on all of them. Without that, the states of an automaton, lists of small numbers,
/// fall on few slots, and a lookup is no longer one step.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Mixer {
    state: u64,
}

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.state
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            self.write_u64(rest.iter().fold(0, |word, byte| (word << 8) | u64::from(*byte)));
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(value.into());
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(value.into());
    }

    fn write_u64(&mut self, value: u64) {
        // The first constant keeps zeros from leaving no trace.
        let word = self.state.rotate_left(23) ^ value ^ 0x2B7E_1516_28AE_D2A6;
        let product = u128::from(word) * u128::from(0x9E37_79B9_7F4A_7C15_u64);
        self.state = (product as u64) ^ ((product >> 64) as u64);
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::hash::Hash;

    use super::*;

    /// As states of automata are: tables look at the lowest bits for the slot and at the highest to tell entries apart.
    #[test]
    fn lists_of_small_numbers_fall_on_many_slots() {
        let (mut low, mut high) = (BTreeSet::new(), BTreeSet::new());
        for list in 0..1_u32 << 16 {
            let positions: Vec<u32> = (0..16).filter(|at| list >> at & 1 == 1).map(|at| 30 + at).collect();
            let mut mixer = Mixer::default();
            positions.hash(&mut mixer);
            low.insert(mixer.finish() & 0xFFFF);
            high.insert(mixer.finish() >> 48);
        }
        // Chance alone leaves a part of 1/e of the slots empty.
        let expected = 41_000..42_000;
        assert!(
            expected.contains(&low.len()) && expected.contains(&high.len()),
            "{} {}",
            low.len(),
            high.len()
        );
    }
}
