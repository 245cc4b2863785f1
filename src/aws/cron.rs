//! The cron expressions that Secrets Manager takes (facts: rotation.md, schedules).

use super::Malformed;
use super::calendar::days_in;
use super::schedule::Weekday;

/// Least time between two rotations in hours (facts: rotation.md, schedules).
pub(super) const LEAST_HOURS: u32 = 4;

/// The days and hours a cron expression names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cron {
    hours: Vec<u8>,
    days: Days,
    months: Vec<u8>,
    pause: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Days {
    OfMonth(Vec<MonthDay>),
    OfWeek(Vec<WeekDay>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MonthDay {
    Number(u8),
    Last,
    LastOf(Weekday),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WeekDay {
    Every(Weekday),
    Nth(Weekday, u8),
    LastOf(Weekday),
}

const MONTHS: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

impl Cron {
    /// Reads the six fields between the parentheses.
    pub(super) fn parse(fields: &str) -> Result<Self, Malformed> {
        let parts: Vec<&str> = fields.split(' ').filter(|part| !part.is_empty()).collect();
        let &[minute, hours, month_days, months, week_days, year] = parts.as_slice() else {
            return Err(Malformed::because(format!(
                "cron takes six fields (minutes, hours, day of month, month, day of week, year), not {}",
                parts.len()
            )));
        };
        if minute != "0" {
            return Err(Malformed::because("the minutes field must be `0`"));
        }
        if year != "*" {
            return Err(Malformed::because("the year field must be `*`"));
        }
        let days = match (month_days, week_days) {
            ("?", "?") => return Err(Malformed::because("only one of the two day fields may be `?`")),
            ("?", days) => Days::OfWeek(list(days, week_day)?),
            (days, "?") => Days::OfMonth(list(days, month_day)?),
            _ => return Err(Malformed::because("one of the two day fields must be `?`")),
        };
        let mut cron = Self { hours: hours_field(hours)?, days, months: list(months, month)?, pause: 0 };
        cron.pause = cron.measure().ok_or_else(|| Malformed::because("no calendar has such a day"))?;
        cron.check()?;
        Ok(cron)
    }

    /// The hour of the day at which the last window of a day begins.
    pub(super) fn last_hour(&self) -> u8 {
        self.hours.last().copied().unwrap_or(0)
    }

    /// Hours between two windows of one day, when there are several.
    pub(super) fn step(&self) -> Option<u8> {
        match self.hours.as_slice() {
            [first, second, ..] => Some(second.saturating_sub(*first)),
            _ => None,
        }
    }

    /// Most hours between two beginnings.
    pub(super) fn longest_pause(&self) -> u32 {
        self.pause
    }

    /// The longest pause over every arrangement of months, leap days and weekdays.
    fn measure(&self) -> Option<u32> {
        let mut longest = 0;
        let mut last: Option<u32> = None;
        let mut first = 0;
        let mut day_number: u32 = 0;
        for year in CYCLE {
            for month in 1..=12 {
                for day in 1..=days_in(year, month) {
                    if self.matches(year, month, day, weekday(day_number)) {
                        let from = day_number.saturating_mul(24).saturating_add(u32::from(self.first_hour()));
                        match last {
                            Some(last) => longest = longest.max(from.saturating_sub(last)),
                            None => first = from,
                        }
                        last =
                            Some(day_number.saturating_mul(24).saturating_add(u32::from(self.last_hour())));
                    }
                    day_number = day_number.saturating_add(1);
                }
            }
        }
        let around = first.saturating_add(day_number.saturating_mul(24)).saturating_sub(last?);
        Some(longest.max(around).max(u32::from(self.step().unwrap_or(0))))
    }

    fn first_hour(&self) -> u8 {
        self.hours.first().copied().unwrap_or(0)
    }

    fn check(&self) -> Result<(), Malformed> {
        let over_midnight =
            24_u32.saturating_sub(u32::from(self.last_hour())).saturating_add(u32::from(self.first_hour()));
        let steps_meet = self.step().is_some() && self.pause < 48;
        if steps_meet && over_midnight < LEAST_HOURS {
            return Err(Malformed::because(format!(
                "steps restart each day, which leaves {over_midnight} hours over midnight; the least is {LEAST_HOURS}"
            )));
        }
        Ok(())
    }

    fn matches(&self, year: u16, month: u8, day: u8, weekday: Weekday) -> bool {
        let length = days_in(year, month);
        let last_week = day.saturating_add(7) > length;
        self.months.contains(&month)
            && match &self.days {
                Days::OfMonth(days) => days.iter().any(|term| match *term {
                    MonthDay::Number(number) => number == day,
                    MonthDay::Last => day == length,
                    MonthDay::LastOf(wanted) => wanted == weekday && last_week,
                }),
                Days::OfWeek(days) => days.iter().any(|term| match *term {
                    WeekDay::Every(wanted) => wanted == weekday,
                    WeekDay::Nth(wanted, nth) => wanted == weekday && day.div_ceil(7) == nth,
                    WeekDay::LastOf(wanted) => wanted == weekday && last_week,
                }),
            }
    }
}

/// 28 years hold every arrangement of weekdays and leap days once; this run begins on a Monday.
const CYCLE: std::ops::RangeInclusive<u16> = 2001..=2028;

fn weekday(day_number: u32) -> Weekday {
    let index = day_number.saturating_add(1) % 7;
    usize::try_from(index).ok().and_then(|index| Weekday::ALL.get(index)).copied().unwrap_or(Weekday::Sunday)
}

fn hours_field(text: &str) -> Result<Vec<u8>, Malformed> {
    let demand = || {
        Malformed::because(format!(
            "the hours field is an hour from 0 to 23, with `/` for steps of at least {LEAST_HOURS} hours, such as `8/8`"
        ))
    };
    let hour =
        |text: &str| text.parse::<u8>().ok().filter(|hour| *hour < 24 && plain(text)).ok_or_else(demand);
    match text.split_once('/') {
        None => Ok(vec![hour(text)?]),
        Some((start, step)) => {
            let start = if start.is_empty() { 0 } else { hour(start)? };
            let step = hour(step)?;
            if u32::from(step) < LEAST_HOURS {
                return Err(demand());
            }
            Ok((start..24).step_by(usize::from(step)).collect())
        }
    }
}

/// The terms between commas, each once.
fn list<T: PartialEq>(
    text: &str,
    term: impl Fn(&str, &mut Vec<T>) -> Result<(), Malformed>,
) -> Result<Vec<T>, Malformed> {
    let mut all: Vec<T> = Vec::new();
    for part in text.split(',') {
        let mut terms = Vec::new();
        term(part, &mut terms)?;
        for term in terms {
            if !all.contains(&term) {
                all.push(term);
            }
        }
    }
    Ok(all)
}

fn month(text: &str, out: &mut Vec<u8>) -> Result<(), Malformed> {
    let named = |word: &str| {
        let position = MONTHS.iter().position(|name| *name == word)?;
        u8::try_from(position.saturating_add(1)).ok()
    };
    range(text, 1, 12, named, "the month field takes 1 to 12 or JAN to DEC", out)
}

fn month_day(text: &str, out: &mut Vec<MonthDay>) -> Result<(), Malformed> {
    if text == "L" {
        out.push(MonthDay::Last);
    } else if let Some(day) = text.strip_suffix('L').and_then(Weekday::from_name) {
        out.push(MonthDay::LastOf(day));
    } else {
        let mut numbers = Vec::new();
        range(text, 1, 31, |_| None, "the day-of-month field takes 1 to 31 or `L`", &mut numbers)?;
        out.extend(numbers.into_iter().map(MonthDay::Number));
    }
    Ok(())
}

fn week_day(text: &str, out: &mut Vec<WeekDay>) -> Result<(), Malformed> {
    let demand = "the day-of-week field takes 1 to 7 or SUN to SAT, `SUN#1` for the first and `SUNL` for the last Sunday";
    if let Some((day, nth)) = text.split_once('#') {
        let nth = nth.parse::<u8>().ok().filter(|number| (1..=5).contains(number) && plain(nth));
        match (Weekday::from_field(day), nth) {
            (Some(day), Some(nth)) => out.push(WeekDay::Nth(day, nth)),
            _ => return Err(Malformed::because(demand)),
        }
    } else if let Some(day) = text.strip_suffix('L').and_then(Weekday::from_field) {
        out.push(WeekDay::LastOf(day));
    } else {
        let mut numbers = Vec::new();
        range(text, 1, 7, |word| Weekday::from_name(word).map(Weekday::number), demand, &mut numbers)?;
        out.extend(numbers.into_iter().filter_map(Weekday::from_number).map(WeekDay::Every));
    }
    Ok(())
}

/// `*`, `N`, `A-B`, each with `/STEP`.
fn range(
    text: &str,
    least: u8,
    most: u8,
    named: impl Fn(&str) -> Option<u8>,
    demand: &str,
    out: &mut Vec<u8>,
) -> Result<(), Malformed> {
    let refuse = || Malformed::because(demand);
    let number = |word: &str| {
        let value = if plain(word) { word.parse().ok() } else { named(word) };
        value.filter(|value| (least..=most).contains(value)).ok_or_else(refuse)
    };
    let (span, step) = match text.split_once('/') {
        Some((span, step)) => (span, Some(number(step)?)),
        None => (text, None),
    };
    let (first, last) = match (span, span.split_once('-')) {
        ("*", _) => (least, most),
        (_, Some((first, last))) => (number(first)?, number(last)?),
        (single, None) => {
            let first = number(single)?;
            (first, if step.is_some() { most } else { first })
        }
    };
    if first > last {
        return Err(refuse());
    }
    out.extend((first..=last).step_by(usize::from(step.unwrap_or(1))));
    Ok(())
}

fn plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
