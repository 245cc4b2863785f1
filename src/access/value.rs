//! Typed values of conditions: exact numbers, instants and address ranges.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How a number or instant is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Comparison {
    /// `…Equals`.
    Equal,
    /// `…LessThan`.
    Less,
    /// `…LessThanEquals`.
    LessOrEqual,
    /// `…GreaterThan`.
    Greater,
    /// `…GreaterThanEquals`.
    GreaterOrEqual,
}

impl Comparison {
    /// Whether `value` stands in this relation to `bound`.
    pub(crate) fn holds(self, value: i128, bound: i128) -> bool {
        match self {
            Comparison::Equal => value == bound,
            Comparison::Less => value < bound,
            Comparison::LessOrEqual => value <= bound,
            Comparison::Greater => value > bound,
            Comparison::GreaterOrEqual => value >= bound,
        }
    }
}

/// Digits after the decimal point that a number keeps.
const DECIMALS: usize = 18;

/// Reads a number as a multiple of 10⁻¹⁸; exponents and more than 18 digits on a side are not read.
pub(crate) fn number(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fits = whole.len() <= 18 && fraction.len() <= DECIMALS && !(whole.is_empty() && fraction.is_empty());
    if !fits || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    let padded = format!("{whole}{fraction:0<DECIMALS$}");
    let value: i128 = padded.parse().ok()?;
    Some(if negative { -value } else { value })
}

/// Writes a number read by [`number`].
pub(crate) fn number_text(value: i128) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let digits = format!("{:019}", value.unsigned_abs());
    let (whole, fraction) = digits.split_at(digits.len() - DECIMALS);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// Nanoseconds in a second: the unit of instants.
const NANOS: i128 = 1_000_000_000;

/// Reads ISO 8601 (`2026-01-31`, `2026-01-31T10:00:00Z`, with fraction or offset) or epoch seconds, as nanoseconds since 1970.
pub(crate) fn instant(text: &str) -> Option<i128> {
    if let Some(seconds) = number(text) {
        return Some(seconds / NANOS);
    }
    let (date, time) = match text.split_once(['T', 't']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let days = date_days(date)?;
    let (seconds, fraction) = match time {
        Some(time) => clock(time)?,
        None => (0, 0),
    };
    Some((days * 86_400 + seconds) * NANOS + fraction)
}

/// Writes an instant as ISO 8601 in UTC.
pub(crate) fn instant_text(nanos: i128) -> String {
    let (seconds, fraction) = (nanos.div_euclid(NANOS), nanos.rem_euclid(NANOS));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    if !(0..=9999).contains(&year) {
        return seconds.to_string();
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:09}") };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

fn digits(text: &str, length: usize) -> Option<i128> {
    (text.len() == length && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

fn date_days(date: &str) -> Option<i128> {
    let mut fields = date.splitn(3, '-');
    let year = digits(fields.next()?, 4)?;
    let month = digits(fields.next()?, 2)?;
    let day = digits(fields.next()?, 2)?;
    let days = days_of(year, month, day);
    (civil(days) == (year, month, day)).then_some(days)
}

/// Seconds of day, less the offset, and the fraction in nanoseconds.
fn clock(time: &str) -> Option<(i128, i128)> {
    let zone = time.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = time.split_at(zone);
    let offset = match zone {
        "Z" | "z" => 0,
        _ => {
            let (sign, rest) = zone.split_at(1);
            let compact: String = rest.chars().filter(|c| *c != ':').collect();
            let value = digits(compact.get(..2)?, 2)? * 3600 + digits(compact.get(2..)?, 2)? * 60;
            if sign == "-" { -value } else { value }
        }
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut fields = time.splitn(3, ':');
    let hour = digits(fields.next()?, 2)?;
    let minute = digits(fields.next()?, 2)?;
    let second = fields.next().map_or(Some(0), |s| digits(s, 2))?;
    if hour > 24 || minute > 59 || second > 60 || fraction.is_empty() || fraction.len() > 9 {
        return None;
    }
    let fraction = digits(&format!("{fraction:0<9}"), 9)?;
    Some((hour * 3600 + minute * 60 + second - offset, fraction))
}

/// Days since 1970-01-01 of a date of the Gregorian calendar.
fn days_of(year: i128, month: i128, day: i128) -> i128 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a day counted from 1970-01-01.
fn civil(days: i128) -> (i128, i128, i128) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + i128::from(month <= 2), month, day)
}

/// A range of addresses of one family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Range {
    /// The family; v4 and v6 never match each other.
    pub(crate) family: Family,
    /// The first address.
    pub(crate) first: u128,
    /// The last address.
    pub(crate) last: u128,
}

/// An address family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// Reads an address or a CIDR block; without a length the block is one address.
pub(crate) fn range(text: &str) -> Option<Range> {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(digits(length, length.len())?)),
        None => (text, None),
    };
    let (family, value) = address_of(address)?;
    let bits: u32 = match family {
        Family::V4 => 32,
        Family::V6 => 128,
    };
    let length = length.map_or(Some(bits), |l| u32::try_from(l).ok()).filter(|l| *l <= bits)?;
    let host = if length == 0 && bits == 128 { u128::MAX } else { (1_u128 << (bits - length)) - 1 };
    Some(Range { family, first: value & !host, last: value | host })
}

/// Reads one address.
pub(crate) fn address_of(text: &str) -> Option<(Family, u128)> {
    match text.parse::<IpAddr>().ok()? {
        IpAddr::V4(v4) => Some((Family::V4, u128::from(u32::from(v4)))),
        IpAddr::V6(v6) => Some((Family::V6, u128::from(v6))),
    }
}

/// Writes an address.
pub(crate) fn address_text(family: Family, value: u128) -> Option<String> {
    match family {
        Family::V4 => u32::try_from(value).ok().map(|v| Ipv4Addr::from(v).to_string()),
        Family::V6 => Some(Ipv6Addr::from(value).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_value() {
        for text in ["0", "-1", "10.5", "0.000000000000000001", "999999999999999999"] {
            assert_eq!(number(text).map(number_text).as_deref(), Some(text));
        }
        assert_eq!(number("1.50"), number("+1.5"));
        for text in ["", ".", "1e3", "x", "--1", "1.2.3"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn instants_are_read_and_written() {
        assert_eq!(instant("1970-01-02"), Some(86_400 * NANOS));
        assert_eq!(instant("2026-02-28T23:00:00+01:00"), instant("2026-02-28T22:00:00Z"));
        assert_eq!(instant("1700000000").map(instant_text).as_deref(), Some("2023-11-14T22:13:20Z"));
        assert_eq!(instant("2023-02-29"), None);
        for days in (-800_000..3_000_000).step_by(12_345) {
            let (y, m, d) = civil(days);
            assert_eq!(days_of(y, m, d), days);
        }
    }

    #[test]
    fn ranges_cover_their_block() {
        let block = range("10.1.2.3/8").unwrap();
        assert_eq!((block.first, block.last), (10 << 24, (11 << 24) - 1));
        assert_eq!(range("::/0").map(|r| r.last), Some(u128::MAX));
        assert_eq!(range("10.0.0.0/33"), None);
    }
}
