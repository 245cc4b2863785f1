//! When Secrets Manager rotates: rate and cron expressions and their windows (facts: rotation.md, schedules).

use std::fmt;

use super::cron::{Cron, LEAST_HOURS};
use super::{Duration, Form, Malformed, Unit};

/// A schedule that Secrets Manager accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScheduleExpression {
    text: String,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Rate(Duration),
    Cron(Cron),
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weekday {
    /// SUN, 1.
    Sunday,
    /// MON, 2.
    Monday,
    /// TUE, 3.
    Tuesday,
    /// WED, 4.
    Wednesday,
    /// THU, 5.
    Thursday,
    /// FRI, 6.
    Friday,
    /// SAT, 7.
    Saturday,
}

/// Longest expression (facts: rotation.md, schedules).
const MOST_CHARACTERS: usize = 256;
/// Longest rate in days (facts: rotation.md, schedules).
const MOST_DAYS: u32 = 999;

impl ScheduleExpression {
    /// The longest window in hours that neither passes midnight UTC nor reaches the next window.
    pub(crate) fn longest_window(&self) -> u32 {
        match &self.kind {
            Kind::Rate(rate) if rate.unit == Unit::Hour => rate.count.min(24),
            Kind::Rate(_) => 24,
            Kind::Cron(cron) => {
                let to_midnight = 24_u32.saturating_sub(u32::from(cron.last_hour()));
                cron.step().map_or(to_midnight, |step| to_midnight.min(u32::from(step)))
            }
        }
    }

    /// Most hours between the beginnings of two windows.
    pub(crate) fn longest_pause(&self) -> u32 {
        match &self.kind {
            Kind::Rate(rate) => rate.whole(Unit::Hour).unwrap_or(0),
            Kind::Cron(cron) => cron.longest_pause(),
        }
    }
}

impl fmt::Display for ScheduleExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Form for ScheduleExpression {
    const WHAT: &'static str = "a schedule expression";
    const PATTERN: &'static str =
        "^(rate\\([1-9][0-9]{0,3} (hour|day)s?\\)|cron\\(0( [0-9A-Z#?*,/-]+){4} \\*\\))$";
    const EXAMPLE: &'static str = "cron(0 2 ? * SUN#1 *)";

    fn parse(text: &str) -> Result<Self, Malformed> {
        if text.len() > MOST_CHARACTERS {
            return Err(Malformed::because(format!("a schedule has up to {MOST_CHARACTERS} characters")));
        }
        let inside = |name| text.strip_prefix(name).and_then(|rest: &str| rest.strip_suffix(')'));
        let kind = if let Some(rate) = inside("rate(") {
            Kind::Rate(parse_rate(rate)?)
        } else if let Some(fields) = inside("cron(") {
            Kind::Cron(Cron::parse(fields)?)
        } else {
            return Err(Malformed::because(
                "a schedule is `rate(N days)`, `rate(N hours)` or `cron(0 H DAY MONTH WEEKDAY *)`",
            ));
        };
        Ok(Self { text: text.to_owned(), kind })
    }
}

fn parse_rate(text: &str) -> Result<Duration, Malformed> {
    let demand = || Malformed::because("a rate is a number and `hours` or `days`, singular for 1");
    let rate = Duration::parse(text).map_err(|_| demand())?;
    if rate.to_string() != text || rate.unit == Unit::Minute {
        return Err(demand().instead(format!("rate({rate})")));
    }
    if rate.whole(Unit::Hour).is_none_or(|hours| hours < LEAST_HOURS) {
        return Err(Malformed::because(format!("the shortest rate is {LEAST_HOURS} hours")));
    }
    if rate.seconds() > u64::from(MOST_DAYS).saturating_mul(86_400) {
        return Err(Malformed::because(format!("the longest rate is {MOST_DAYS} days")));
    }
    Ok(rate)
}

impl Weekday {
    /// The days in the order of the service, from Sunday.
    pub(crate) const ALL: [Self; 7] = [
        Self::Sunday,
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
    ];

    /// The word a person writes.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Sunday => "Sunday",
            Self::Monday => "Monday",
            Self::Tuesday => "Tuesday",
            Self::Wednesday => "Wednesday",
            Self::Thursday => "Thursday",
            Self::Friday => "Friday",
            Self::Saturday => "Saturday",
        }
    }

    /// The three letters of cron expressions.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sunday => "SUN",
            Self::Monday => "MON",
            Self::Tuesday => "TUE",
            Self::Wednesday => "WED",
            Self::Thursday => "THU",
            Self::Friday => "FRI",
            Self::Saturday => "SAT",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|day| day.name() == name)
    }

    pub(super) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number.checked_sub(1)?)).copied()
    }

    pub(super) fn from_field(text: &str) -> Option<Self> {
        Self::from_name(text).or_else(|| Self::from_number(text.parse().ok()?))
    }

    pub(super) fn number(self) -> u8 {
        match self {
            Self::Sunday => 1,
            Self::Monday => 2,
            Self::Tuesday => 3,
            Self::Wednesday => 4,
            Self::Thursday => 5,
            Self::Friday => 6,
            Self::Saturday => 7,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(text: &str) -> ScheduleExpression {
        ScheduleExpression::parse(text).unwrap_or_else(|malformed| panic!("{text}: {}", malformed.reason))
    }

    fn days(text: &str) -> f64 {
        f64::from(schedule(text).longest_pause()) / 24.0
    }

    #[test]
    fn the_service_s_grammar_is_accepted() {
        for text in [
            "rate(4 hours)",
            "rate(1 day)",
            "rate(999 days)",
            "cron(0 2 ? * SUN#1 *)",
            "cron(0 8/8 * * ? *)",
            "cron(0 /8 * * ? *)",
            "cron(0 16 1,15 * ? *)",
            "cron(0 0 L */3 ? *)",
            "cron(0 0 ? JAN-MAR 2-6 *)",
            "cron(0 0 ? * SUNL *)",
            "cron(0 0 SUNL * ? *)",
            "cron(0 23 ? * MON,WED *)",
        ] {
            schedule(text);
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "daily",
            "rate(3 hours)",
            "rate(1000 days)",
            "rate(5 minutes)",
            "rate(1 days)",
            "rate(01 day)",
            "cron(5 2 ? * SUN *)",
            "cron(0 2 ? * SUN 2027)",
            "cron(0 2 1 * SUN *)",
            "cron(0 2 ? * ? *)",
            "cron(0 24 ? * SUN *)",
            "cron(0 * * * ? *)",
            "cron(0 0/3 * * ? *)",
            "cron(0 0/7 * * ? *)",
            "cron(0 2 ? * SUN#6 *)",
            "cron(0 2 30 FEB ? *)",
            "cron(0 2 32 * ? *)",
            "cron(0 2 ? 13 SUN *)",
            "cron(0 2 5-1 * ? *)",
            "cron(0 2 * * ?)",
            "cron(0 2 ? * L *)",
            "cron(0 2 + * ? *)",
        ] {
            assert!(ScheduleExpression::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn pauses_are_exact() {
        assert!((days("rate(30 days)") - 30.0).abs() < 0.01);
        assert!((days("cron(0 2 ? * SUN *)") - 7.0).abs() < 0.01);
        assert!((days("cron(0 2 ? * SUN#1 *)") - 35.0).abs() < 0.01);
        assert!((days("cron(0 2 1 */3 ? *)") - 92.0).abs() < 0.01);
        assert!((days("cron(0 2 ? */3 SUN#1 *)") - 98.0).abs() < 0.01);
        assert!((days("cron(0 2 29 FEB ? *)") - 1461.0).abs() < 0.01);
        assert!((days("cron(0 2 * * ? *)") - 1.0).abs() < 0.01);
        assert_eq!(schedule("cron(0 0/8 * * ? *)").longest_pause(), 8);
        assert_eq!(schedule("cron(0 20/8 * * ? *)").longest_pause(), 24);
    }

    #[test]
    fn windows_end_at_midnight_and_before_the_next() {
        let longest = |text| schedule(text).longest_window();
        assert_eq!(longest("cron(0 22 ? * SUN *)"), 2);
        assert_eq!(longest("cron(0 0/8 * * ? *)"), 8);
        assert_eq!(longest("cron(0 4/8 * * ? *)"), 4);
        assert_eq!(longest("rate(6 hours)"), 6);
        assert_eq!(longest("rate(30 days)"), 24);
    }
}
