//! Lengths of time as people write them: `30 days`, `3 hours`.

use std::fmt;

use super::{Form, Malformed};

/// A whole number of one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Duration {
    /// How many.
    pub(crate) count: u32,
    /// Of what.
    pub(crate) unit: Unit,
}

/// A unit of time without leap seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unit {
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// 24 hours.
    Day,
}

impl Duration {
    /// The length in seconds.
    pub(crate) fn seconds(self) -> u64 {
        u64::from(self.count).saturating_mul(self.unit.seconds())
    }

    /// The length in a unit, when it is a whole number of it.
    pub(crate) fn whole(self, unit: Unit) -> Option<u32> {
        let seconds = self.seconds();
        seconds.is_multiple_of(unit.seconds()).then(|| u32::try_from(seconds / unit.seconds()).ok()).flatten()
    }
}

impl Unit {
    /// The word for one.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    fn seconds(self) -> u64 {
        match self {
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.count, self.unit.word(), if self.count == 1 { "" } else { "s" })
    }
}

impl Form for Duration {
    const WHAT: &'static str = "a length of time";
    const PATTERN: &'static str = "^[1-9][0-9]{0,5} (minute|hour|day)s?$";
    const EXAMPLE: &'static str = "30 days";

    fn parse(text: &str) -> Result<Self, Malformed> {
        let digits = text.len().saturating_sub(text.trim_start_matches(|c: char| c.is_ascii_digit()).len());
        let (count, unit) = text.split_at_checked(digits).unwrap_or(("", text));
        let parsed = count.parse::<u32>().ok().filter(|count| (1..=999_999).contains(count));
        let unit_word = match unit.trim() {
            "minute" | "minutes" | "min" | "m" => Some(Unit::Minute),
            "hour" | "hours" | "h" => Some(Unit::Hour),
            "day" | "days" | "d" => Some(Unit::Day),
            _ => None,
        };
        match (parsed, unit_word) {
            (Some(count), Some(unit_word)) => {
                let value = Self { count, unit: unit_word };
                let exact =
                    unit.strip_prefix(' ').is_some_and(|word| word.trim_end_matches('s') == unit_word.word());
                if exact && !count_has_zeros(text) {
                    Ok(value)
                } else {
                    Err(Malformed::because("a length of time is a number, a space and a unit")
                        .instead(value.to_string()))
                }
            }
            _ => Err(Malformed::because(
                "a length of time is a number, a space and `minutes`, `hours` or `days`",
            )),
        }
    }
}

fn count_has_zeros(text: &str) -> bool {
    text.starts_with('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_write_numbers_and_units() {
        assert_eq!(Duration::parse("30 days").unwrap().seconds(), 2_592_000);
        assert_eq!(Duration::parse("1 hour").unwrap().to_string(), "1 hour");
        assert_eq!(Duration::parse("24 hours").unwrap().whole(Unit::Day), Some(1));
        assert_eq!(Duration::parse("25 hours").unwrap().whole(Unit::Day), None);
    }

    #[test]
    fn near_misses_are_put_right() {
        let instead = |text| Duration::parse(text).unwrap_err().instead;
        assert_eq!(instead("30d").as_deref(), Some("30 days"));
        assert_eq!(instead("030 days").as_deref(), Some("30 days"));
        assert_eq!(instead("3  hours").as_deref(), Some("3 hours"));
        assert_eq!(instead("a month"), None);
        assert_eq!(instead("0 days"), None);
    }
}
