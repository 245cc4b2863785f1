//! Sets of strings as unions of globs.

use super::meter::{Exhausted, Meter};

/// Characters that a step accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Class {
    /// This one.
    Char(char),
    /// This one in either case; it is given in lower case.
    Fold(char),
    /// A decimal digit.
    Digit,
    /// Any but a colon and capital letters.
    Lowered,
    /// Any but a colon.
    InPart,
    /// Any.
    Any,
}

impl Class {
    /// Whether a character is accepted.
    pub(crate) fn accepts(self, c: char) -> bool {
        match self {
            Class::Char(own) => own == c,
            Class::Fold(own) => own == c.to_ascii_lowercase(),
            Class::Digit => c.is_ascii_digit(),
            Class::Lowered => c != ':' && !c.is_ascii_uppercase(),
            Class::InPart => c != ':',
            Class::Any => true,
        }
    }

    /// Whether characters that no pattern mentions are accepted too.
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Class::Lowered | Class::InPart | Class::Any)
    }
}

/// One step of a glob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Step {
    /// One character.
    Once(Class),
    /// Any run of characters.
    Run(Class),
}

impl Step {
    /// The characters of the step.
    pub(crate) fn class(self) -> Class {
        match self {
            Step::Once(class) | Step::Run(class) => class,
        }
    }
}

/// A glob over classes.
pub(crate) type Glob = Vec<Step>;

/// A union of exact strings and globs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct TextSet {
    exact: Vec<String>,
    globs: Vec<Glob>,
}

impl TextSet {
    /// The union of these globs; those without wildcard become exact members.
    pub(crate) fn new(globs: impl IntoIterator<Item = Glob>) -> TextSet {
        let mut set = TextSet::default();
        for glob in globs {
            match exact(&glob) {
                Some(text) => set.exact.push(text),
                None => set.globs.push(glob),
            }
        }
        set.exact.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
        set.exact.dedup();
        set.globs.sort();
        set.globs.dedup();
        set
    }

    /// The set of one string.
    pub(crate) fn single(text: &str) -> TextSet {
        TextSet { exact: vec![text.to_owned()], globs: Vec::new() }
    }

    /// The strings that are members by themselves.
    pub(crate) fn members(&self) -> &[String] {
        &self.exact
    }

    /// The globs.
    pub(crate) fn globs(&self) -> &[Glob] {
        &self.globs
    }

    /// Whether its members are all that it has.
    pub(crate) fn is_finite(&self) -> bool {
        self.globs.is_empty()
    }

    /// The place of a text among the members.
    pub(crate) fn position(&self, text: &str) -> Option<usize> {
        let key = (text.len(), text);
        self.exact.binary_search_by(|member| (member.len(), member.as_str()).cmp(&key)).ok()
    }

    /// Whether the set has the text.
    pub(crate) fn contains(&self, text: &str, meter: &mut Meter) -> Result<bool, Exhausted> {
        meter.spend(1)?;
        if self.position(text).is_some() {
            return Ok(true);
        }
        for glob in &self.globs {
            if matches(glob, text, meter)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.globs.is_empty()
    }
}

/// Whether a glob matches a text.
fn matches(glob: &[Step], text: &str, meter: &mut Meter) -> Result<bool, Exhausted> {
    // Most globs tell at their first characters.
    let wild = glob.iter().take_while(|step| matches!(step, Step::Once(_))).count();
    let (plain, glob) = glob.split_at(wild);
    let mut rest = text.chars();
    for step in plain {
        if !rest.next().is_some_and(|c| step.class().accepts(c)) {
            return Ok(false);
        }
    }
    let mut places = Vec::new();
    arrive(glob, 0, &mut places);
    let mut next = Vec::new();
    for c in rest {
        meter.spend(places.len())?;
        next.clear();
        for place in places.iter().copied() {
            match glob.get(place) {
                Some(Step::Once(class)) if class.accepts(c) => arrive(glob, place + 1, &mut next),
                Some(Step::Run(class)) if class.accepts(c) => arrive(glob, place, &mut next),
                Some(_) | None => {}
            }
        }
        if next.is_empty() {
            return Ok(false);
        }
        std::mem::swap(&mut places, &mut next);
    }
    Ok(places.last() == Some(&glob.len()))
}

/// Adds a place of a glob to those that a text leads to, with what a run of length zero leads on to. Places come in
/// their order; one that is there already has led on to all that follows it.
fn arrive(glob: &[Step], mut place: usize, places: &mut Vec<usize>) {
    loop {
        if places.last().is_some_and(|last| *last >= place) {
            return;
        }
        // A run of anything takes whatever the places before it would take.
        if glob.get(place) == Some(&Step::Run(Class::Any)) {
            places.clear();
        }
        places.push(place);
        if !matches!(glob.get(place), Some(Step::Run(_))) {
            return;
        }
        place += 1;
    }
}

fn exact(glob: &Glob) -> Option<String> {
    let character = |step: &Step| match step {
        Step::Once(Class::Char(c)) => Some(*c),
        Step::Once(Class::Fold(_) | Class::Digit | Class::Lowered | Class::InPart | Class::Any)
        | Step::Run(_) => None,
    };
    glob.iter().map(character).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(glob: &[Step], text: &str) -> bool {
        let set = TextSet::new([glob.to_vec()]);
        set.contains(text, &mut Meter::new(10_000)).expect("a small budget is enough")
    }

    #[test]
    fn globs_match_whole_texts() {
        let any = Step::Run(Class::Any);
        let part = Step::Run(Class::InPart);
        let one = |c| Step::Once(Class::Char(c));
        assert!(has(&[one('a'), any, one('b')], "a::bab"));
        assert!(!has(&[one('a'), any, one('b')], "abc"));
        assert!(has(&[part, one(':'), part, one(':')], "a::"));
        assert!(!has(&[part, one(':'), part], "a:b:c"));
        assert!(has(&[part, part, one('b'), any], "aab:"));
        assert!(has(&[any, one('a'), part, one('b'), any, Step::Once(Class::Digit)], "a:aab7b8"));
        assert!(!has(&[any, one('a'), part, one('b'), any, Step::Once(Class::Digit)], "a:b7"));
        assert!(has(&[], "") && !has(&[], "a") && has(&[any], "") && !has(&[one('a'), any], ""));
    }

    #[test]
    fn matching_costs_steps() {
        let glob: Vec<Step> = [Step::Run(Class::InPart); 40].into();
        let set = TextSet::new([glob]);
        assert!(set.contains(&"a".repeat(40), &mut Meter::new(100)).is_err());
    }
}
