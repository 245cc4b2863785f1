//! Logical ids: letters and digits, derived from blueprint names.

use std::fmt;

/// The id of a resource, parameter or output in its template; 255 letters and digits at most (CloudFormation quotas).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LogicalId(String);

impl LogicalId {
    /// The id for a thing of a blueprint: its name in Pascal case, then the AWS noun.
    pub(crate) fn of(name: &str, noun: &str) -> Self {
        Self(pascal(name) + noun)
    }

    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LogicalId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn pascal(name: &str) -> String {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .flat_map(|word| {
            let mut chars = word.chars();
            chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::LogicalId;

    #[test]
    fn ids_are_pascal_case_and_end_in_the_noun() {
        assert_eq!(LogicalId::of("orders-db", "Secret").as_str(), "OrdersDbSecret");
        assert_eq!(LogicalId::of("key", "Key").as_str(), "KeyKey");
    }
}
