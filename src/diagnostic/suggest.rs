//! Suggestions for misspelt words.

/// The known word nearest to a misspelt one, if it is near enough to be meant.
pub(crate) fn closest<'known>(
    word: &str,
    known: impl IntoIterator<Item = &'known str>,
) -> Option<&'known str> {
    let limit = (word.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| {
            *distance <= limit
                || (word.len() > 3 && candidate.starts_with(word))
                || candidate.eq_ignore_ascii_case(word)
        })
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn near_words_are_suggested_and_far_ones_are_not() {
        let known = ["rotation", "replicate", "username"];
        assert_eq!(closest("rotatoin", known), Some("rotation"));
        assert_eq!(closest("user-name", known), Some("username"));
        assert_eq!(closest("colour", known), None);
    }
}
