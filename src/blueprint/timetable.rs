//! From an interval and a time of day to the schedule expression that says exactly that.

use std::fmt;

use super::codes::values;
use super::syntax::Scalar;
use crate::aws::{Duration, Form, Malformed, ScheduleExpression, Unit, Weekday};
use crate::diagnostic::{Code, closest};

/// When in a day, week or month a window begins; always on the hour, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    day: Day,
    hour: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Day {
    Any,
    Week(Weekday),
    Nth(u8, Weekday),
    LastWeekday(Weekday),
    Month(u8),
    LastOfMonth,
}

/// Why no schedule says it, and the nearest that can be written.
#[derive(Debug)]
pub(super) struct Unsaid {
    pub(super) message: String,
    pub(super) instead: Vec<String>,
}

const ORDINALS: [&str; 4] = ["first", "second", "third", "fourth"];
/// The last day of the month that every month has.
const LAST_COMMON_DAY: u8 = 28;

/// The schedule that rotates with that interval at that moment.
pub(super) fn schedule(every: Duration, at: Option<Moment>) -> Result<ScheduleExpression, Unsaid> {
    let text = match (every.unit, at) {
        (Unit::Minute, _) => return Err(unsaid("the shortest interval is 4 hours", ["every: 4 hours"])),
        (_, None) => format!("rate({every})"),
        (Unit::Hour, Some(at)) if !every.count.is_multiple_of(24) => hours(every, at)?,
        (Unit::Hour | Unit::Day, Some(at)) => days(every.whole(Unit::Day).unwrap_or(0), at)?,
    };
    ScheduleExpression::parse(&text).map_err(|malformed| {
        let nearest = if every.unit == Unit::Hour { "every: 4 hours" } else { "every: 999 days" };
        unsaid(&format!("no schedule says `every: {every}`: {}", malformed.reason), [nearest])
    })
}

fn hours(every: Duration, at: Moment) -> Result<String, Unsaid> {
    let Some(step) = u8::try_from(every.count).ok().filter(|step| *step >= 4 && 24_u8.is_multiple_of(*step))
    else {
        let message = format!("`every: {every}` at a time of day restarts each midnight");
        return Err(unsaid(
            &message,
            [
                &format!("every: {every}` without `at"),
                "every: 4 hours",
                "every: 6 hours",
                "every: 8 hours",
                "every: 12 hours",
            ],
        ));
    };
    match at.day {
        Day::Any if at.hour < step => Ok(format!("cron(0 {}/{step} * * ? *)", at.hour)),
        Day::Any => {
            let first = at.hour.checked_rem(step).unwrap_or(0);
            let message = format!("`every: {every}` has a window before {:02}:00", at.hour);
            Err(unsaid(&message, [format!("at: {first:02}:00")]))
        }
        Day::Week(_) | Day::Nth(..) | Day::LastWeekday(_) | Day::Month(_) | Day::LastOfMonth => {
            let message = format!("`every: {every}` happens on every day");
            Err(unsaid(&message, [format!("at: {:02}:00", at.hour.checked_rem(step).unwrap_or(0))]))
        }
    }
}

fn days(every: u32, at: Moment) -> Result<String, Unsaid> {
    let hour = at.hour;
    match (every, at.day) {
        (1, Day::Any) => Ok(format!("cron(0 {hour} * * ? *)")),
        (1, _) => Err(unsaid("`every: 1 day` happens on every day", [format!("at: {hour:02}:00")])),
        (7, Day::Week(day)) => Ok(format!("cron(0 {hour} ? * {} *)", day.name())),
        (7, _) => {
            Err(unsaid("`every: 7 days` happens on a day of the week", [format!("at: Sunday {hour:02}:00")]))
        }
        _ => match months(every) {
            Some(step) => monthly(step, at),
            None => Err(unsaid(
                &format!(
                    "no schedule says every {every} days at a time of day: cron expressions count weeks and months"
                ),
                [
                    format!("every: {every} days` without `at"),
                    format!("every: 7 days, at: Sunday {hour:02}:00"),
                    format!("every: 30 days, at: first Sunday {hour:02}:00"),
                ],
            )),
        },
    }
}

/// How many calendar months an interval in days means.
fn months(days: u32) -> Option<u8> {
    match days {
        28..=31 => Some(1),
        59..=62 => Some(2),
        89..=92 => Some(3),
        120..=123 => Some(4),
        180..=184 => Some(6),
        360..=366 => Some(12),
        _ => None,
    }
}

fn monthly(step: u8, at: Moment) -> Result<String, Unsaid> {
    let hour = at.hour;
    let months = match step {
        1 => "*".to_owned(),
        12 => "1".to_owned(),
        _ => format!("*/{step}"),
    };
    Ok(match at.day {
        Day::Any => {
            let instead = [format!("at: first Sunday {hour:02}:00"), format!("at: day 1 {hour:02}:00")];
            return Err(unsaid("a month has many days; `at` does not say which", instead));
        }
        Day::Week(day) | Day::Nth(1, day) => format!("cron(0 {hour} ? {months} {}#1 *)", day.name()),
        Day::Nth(nth, day) => format!("cron(0 {hour} ? {months} {}#{nth} *)", day.name()),
        Day::LastWeekday(day) => format!("cron(0 {hour} ? {months} {}L *)", day.name()),
        Day::Month(day) if day <= LAST_COMMON_DAY => format!("cron(0 {hour} {day} {months} ? *)"),
        Day::Month(day) => {
            let message = format!("not every month has a day {day}");
            return Err(unsaid(
                &message,
                [format!("at: last day {hour:02}:00"), format!("at: day 28 {hour:02}:00")],
            ));
        }
        Day::LastOfMonth => format!("cron(0 {hour} L {months} ? *)"),
    })
}

fn unsaid<T: AsRef<str>, const N: usize>(message: &str, instead: [T; N]) -> Unsaid {
    Unsaid {
        message: message.to_owned(),
        instead: instead.iter().map(|text| text.as_ref().to_owned()).collect(),
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.day {
            Day::Any => {}
            Day::Week(day) => write!(f, "{} ", day.word())?,
            Day::Nth(nth, day) => {
                let ordinal = ORDINALS.get(usize::from(nth.saturating_sub(1))).copied().unwrap_or("first");
                write!(f, "{ordinal} {} ", day.word())?;
            }
            Day::LastWeekday(day) => write!(f, "last {} ", day.word())?,
            Day::Month(day) => write!(f, "day {day} ")?,
            Day::LastOfMonth => f.write_str("last day ")?,
        }
        write!(f, "{:02}:00", self.hour)
    }
}

impl Form for Moment {
    const WHAT: &'static str = "a time";
    const PATTERN: &'static str = "^(((first|second|third|fourth|last) )?(Sun|Mon|Tues|Wednes|Thurs|Fri|Satur)day |day [0-9]{1,2} |last day )?[0-2][0-9]:00$";
    const EXAMPLE: &'static str = "Sunday 02:00";

    fn parse(text: &str) -> Result<Self, Malformed> {
        let words: Vec<&str> = text.split(' ').collect();
        let (time, day) = words.split_last().unwrap_or((&"", &[]));
        let hour = hour(time)?;
        let day = match day {
            [] => Day::Any,
            ["last", "day"] => Day::LastOfMonth,
            ["day", number] => match number.parse::<u8>() {
                Ok(day) if (1..=31).contains(&day) => Day::Month(day),
                _ => return Err(Malformed::because("a month has days 1 to 31")),
            },
            ["last", day] => Day::LastWeekday(weekday(day)?),
            [day] => Day::Week(weekday(day)?),
            [ordinal, day] => {
                let nth =
                    ORDINALS.iter().position(|known| known == ordinal).and_then(|at| u8::try_from(at).ok());
                let Some(nth) = nth else {
                    return Err(Malformed::because(
                        "a day of the month is the `first`, `second`, `third`, `fourth` or `last`",
                    ));
                };
                Day::Nth(nth.saturating_add(1), weekday(day)?)
            }
            _ => {
                return Err(Malformed::because(
                    "a time is `02:00`, `Sunday 02:00`, `first Sunday 02:00` or `day 1 02:00`",
                ));
            }
        };
        Ok(Self { day, hour })
    }
}

impl Scalar for Moment {
    const CODE: &'static Code = &values::BAD_VALUE;
    const PLAIN: bool = true;
}

fn hour(text: &str) -> Result<u8, Malformed> {
    let digits = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    let Some((hour, minute)) = text.split_once(':').filter(|(hour, minute)| digits(hour) && digits(minute))
    else {
        return Err(Malformed::because("a time of day is two digits, a colon and `00`"));
    };
    if minute != "00" {
        return Err(Malformed::because("a window begins on the hour"));
    }
    hour.parse()
        .ok()
        .filter(|hour| *hour < 24)
        .ok_or_else(|| Malformed::because("a day has the hours 00 to 23"))
}

fn weekday(text: &str) -> Result<Weekday, Malformed> {
    Weekday::ALL.into_iter().find(|day| day.word() == text).ok_or_else(|| {
        let malformed = Malformed::because("a day of the week is written in full, such as `Sunday`");
        let near = Weekday::ALL.into_iter().find(|day| {
            let start = text.get(..3).unwrap_or(text);
            day.word().get(..3).is_some_and(|word| word.eq_ignore_ascii_case(start))
        });
        match near.map(Weekday::word).or_else(|| closest(text, Weekday::ALL.into_iter().map(Weekday::word))) {
            Some(day) => Malformed::because(format!("a day of the week is written in full: `{day}`")),
            None => malformed,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(every: &str, at: &str) -> Result<String, Vec<String>> {
        let at = (!at.is_empty()).then(|| Moment::parse(at).unwrap());
        schedule(Duration::parse(every).unwrap(), at)
            .map(|schedule| schedule.to_string())
            .map_err(|unsaid| unsaid.instead)
    }

    #[test]
    fn what_can_be_said_is_said_exactly() {
        for (every, at, expression) in [
            ("30 days", "", "rate(30 days)"),
            ("1 day", "", "rate(1 day)"),
            ("8 hours", "", "rate(8 hours)"),
            ("8 hours", "02:00", "cron(0 2/8 * * ? *)"),
            ("24 hours", "02:00", "cron(0 2 * * ? *)"),
            ("1 day", "02:00", "cron(0 2 * * ? *)"),
            ("7 days", "Sunday 02:00", "cron(0 2 ? * SUN *)"),
            ("30 days", "Sunday 02:00", "cron(0 2 ? * SUN#1 *)"),
            ("30 days", "third Friday 23:00", "cron(0 23 ? * FRI#3 *)"),
            ("30 days", "last Sunday 02:00", "cron(0 2 ? * SUNL *)"),
            ("30 days", "day 15 02:00", "cron(0 2 15 * ? *)"),
            ("30 days", "last day 02:00", "cron(0 2 L * ? *)"),
            ("60 days", "Sunday 02:00", "cron(0 2 ? */2 SUN#1 *)"),
            ("90 days", "day 1 02:00", "cron(0 2 1 */3 ? *)"),
            ("180 days", "Monday 04:00", "cron(0 4 ? */6 MON#1 *)"),
            ("365 days", "Sunday 02:00", "cron(0 2 ? 1 SUN#1 *)"),
        ] {
            assert_eq!(said(every, at), Ok(expression.to_owned()), "{every} at {at}");
        }
    }

    #[test]
    fn what_cannot_be_said_names_what_can() {
        for (every, at) in [
            ("3 days", "02:00"),
            ("14 days", "Sunday 02:00"),
            ("7 days", "02:00"),
            ("7 days", "first Sunday 02:00"),
            ("30 days", "02:00"),
            ("30 days", "day 31 02:00"),
            ("5 hours", "02:00"),
            ("8 hours", "10:00"),
            ("8 hours", "Sunday 02:00"),
            ("1 day", "Sunday 02:00"),
            ("3 hours", ""),
            ("30 minutes", ""),
            ("1000 days", ""),
        ] {
            assert!(!said(every, at).unwrap_err().is_empty(), "{every} at {at}");
        }
    }

    #[test]
    fn moments_keep_their_text() {
        for text in [
            "02:00",
            "Sunday 02:00",
            "first Sunday 02:00",
            "last Friday 23:00",
            "day 1 00:00",
            "last day 04:00",
        ] {
            assert_eq!(Moment::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "2:00",
            "02:30",
            "24:00",
            "sunday 02:00",
            "Sun 02:00",
            "fifth Sunday 02:00",
            "day 32 02:00",
            "Sunday",
            "02:00 Sunday",
        ] {
            assert!(Moment::parse(text).is_err(), "{text}");
        }
    }
}
