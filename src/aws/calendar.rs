//! Dates, and the lengths of months.

use std::fmt;

use super::{Form, Malformed};

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date {
    /// Year, 1970 to 9999.
    pub(crate) year: u16,
    /// Month, 1 to 12.
    pub(crate) month: u8,
    /// Day of the month, from 1.
    pub(crate) day: u8,
}

/// How many days a month has.
pub(super) fn days_in(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

fn leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Form for Date {
    const WHAT: &'static str = "a date";
    const PATTERN: &'static str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";
    const EXAMPLE: &'static str = "2027-03-31";

    fn parse(text: &str) -> Result<Self, Malformed> {
        let form = || Malformed::because("a date is written year-month-day: `2027-03-31`");
        let digits = |range: std::ops::Range<usize>| {
            text.get(range).filter(|part| part.bytes().all(|b| b.is_ascii_digit())).ok_or_else(form)
        };
        if text.len() != 10 || text.get(4..5) != Some("-") || text.get(7..8) != Some("-") {
            return Err(form());
        }
        let year = digits(0..4)?.parse().map_err(|_| form())?;
        let month = digits(5..7)?.parse().map_err(|_| form())?;
        let day = digits(8..10)?.parse().map_err(|_| form())?;
        if !(1..=12).contains(&month) {
            return Err(Malformed::because("a year has 12 months"));
        }
        let last = days_in(year, month);
        if !(1..=last).contains(&day) {
            let nearest = Self { year, month, day: day.clamp(1, last) };
            return Err(
                Malformed::because(format!("that month has {last} days")).instead(nearest.to_string())
            );
        }
        if !(1970..=9999).contains(&year) {
            return Err(Malformed::because("the year is before 1970"));
        }
        Ok(Self { year, month, day })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_exist_or_are_refused() {
        assert_eq!(Date::parse("2028-02-29").unwrap().to_string(), "2028-02-29");
        assert_eq!(Date::parse("2027-02-29").unwrap_err().instead.as_deref(), Some("2027-02-28"));
        for text in ["2027-13-01", "31.03.2027", "2027-3-31", "27-03-31", "0000-01-01", "２０27-01-1"] {
            assert!(Date::parse(text).is_err(), "{text}");
        }
        assert!(Date::parse("2026-12-31").unwrap() < Date::parse("2027-01-01").unwrap());
    }
}
