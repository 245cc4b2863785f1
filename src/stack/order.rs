//! The order of deployment: by layer, then by need, then by name.

use std::collections::BTreeSet;

/// Sorts positions so that each comes after those it needs; `Err` holds positions that need each other.
pub(super) fn sorted(keys: &[impl Ord], needs: &[Vec<usize>]) -> Result<Vec<usize>, Vec<usize>> {
    let mut left: BTreeSet<usize> = (0..keys.len()).collect();
    let mut done: Vec<usize> = Vec::with_capacity(keys.len());
    let mut missing: Vec<usize> =
        needs.iter().map(|needed| needed.iter().collect::<BTreeSet<_>>().len()).collect();
    let mut dependants: Vec<Vec<usize>> = vec![Vec::new(); keys.len()];
    for (position, needed) in needs.iter().enumerate() {
        for first in needed.iter().collect::<BTreeSet<_>>() {
            if let Some(list) = dependants.get_mut(*first) {
                list.push(position);
            }
        }
    }
    let mut ready: BTreeSet<(&_, usize)> = BTreeSet::new();
    for position in 0..keys.len() {
        if missing.get(position) == Some(&0)
            && let Some(key) = keys.get(position)
        {
            ready.insert((key, position));
        }
    }
    while let Some((_, position)) = ready.pop_first() {
        left.remove(&position);
        done.push(position);
        for dependant in dependants.get(position).into_iter().flatten() {
            if let (Some(count), Some(key)) = (missing.get_mut(*dependant), keys.get(*dependant)) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    ready.insert((key, *dependant));
                }
            }
        }
    }
    if left.is_empty() { Ok(done) } else { Err(left.into_iter().collect()) }
}

#[cfg(test)]
mod tests {
    use super::sorted;

    #[test]
    fn needs_come_first_and_ties_go_by_key() {
        assert_eq!(sorted(&["c", "b", "a"], &[vec![], vec![0], vec![]]), Ok(vec![2, 0, 1]));
    }

    #[test]
    fn a_circle_is_named() {
        assert_eq!(sorted(&["a", "b", "c"], &[vec![1], vec![0], vec![]]), Err(vec![0, 1]));
    }
}
