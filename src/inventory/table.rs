//! Tables with typed row numbers.

use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;

/// The number of a row in a [`Table`] of `T`.
pub(crate) struct Id<T> {
    row: usize,
    of: PhantomData<fn() -> T>,
}

/// Rows that are added once and keep their number.
#[derive(Debug)]
pub(crate) struct Table<T> {
    rows: Vec<T>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { rows: Vec::new() }
    }
}

impl<T> Table<T> {
    /// Adds a row.
    pub(crate) fn add(&mut self, row: T) -> Id<T> {
        self.rows.push(row);
        Id { row: self.rows.len().saturating_sub(1), of: PhantomData }
    }

    /// The row behind an id; ids of another table may have none.
    pub(crate) fn get(&self, id: Id<T>) -> Option<&T> {
        self.rows.get(id.row)
    }

    /// The row behind an id, to be filled in further.
    pub(crate) fn get_mut(&mut self, id: Id<T>) -> Option<&mut T> {
        self.rows.get_mut(id.row)
    }

    /// All rows with their ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Id<T>, &T)> {
        self.rows.iter().enumerate().map(|(row, value)| (Id { row, of: PhantomData }, value))
    }

    /// All rows.
    pub(crate) fn rows(&self) -> &[T] {
        &self.rows
    }
}

impl<T> Id<T> {
    /// The id that a row will have, for references that are looked up before the rows exist.
    pub(super) fn of_row(row: usize) -> Self {
        Self { row, of: PhantomData }
    }

    /// The row's number.
    pub(crate) fn row(self) -> usize {
        self.row
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Id<T> {}

impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.row == other.row
    }
}

impl<T> Eq for Id<T> {}

impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.row.cmp(&other.row)
    }
}

impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "#{}", self.row)
    }
}
