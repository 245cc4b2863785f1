//! A fast hash without random state, for tables that keep insertion order.

use std::hash::{BuildHasherDefault, Hasher};

use indexmap::{IndexMap, IndexSet};

/// A map in insertion order.
pub(crate) type Map<K, V> = IndexMap<K, V, BuildHasherDefault<Mixer>>;

/// A set in insertion order.
pub(crate) type Set<K> = IndexSet<K, BuildHasherDefault<Mixer>>;

/// Multiplies and rotates word by word.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Mixer {
    state: u64,
}

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.state ^ (self.state >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let word = chunk.iter().fold(0_u64, |word, byte| (word << 8) | u64::from(*byte));
            self.write_u64(word);
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(value.into());
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(value.into());
    }

    fn write_u64(&mut self, value: u64) {
        self.state = (self.state.rotate_left(23) ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }
}
