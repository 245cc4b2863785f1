//! What a change comes to, and which classes stop a pipeline.

use std::collections::BTreeSet;

use serde::Serialize;

/// What a change comes to, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Access for anyone: without credentials, from any account, for any service.
    Public,
    /// Access from another account or from identities of another provider.
    Foreign,
    /// A value, or what a key encrypts, is lost.
    DataLost,
    /// A secret's value is made anew; who holds the old one is shut out.
    Regenerated,
    /// Nothing rotates a secret any more.
    RotationLost,
    /// CloudFormation will refuse the update, or the service will.
    UpdateFails,
    /// A resource is made anew, under a new id.
    Replacement,
    /// More is allowed than before.
    Broader,
    /// A control protects less than before.
    Weaker,
    /// The change is only safe in a certain order of steps.
    Order,
    /// Which way it goes is not certain.
    Undecided,
    /// A control works differently, neither more nor less.
    Altered,
    /// The update interrupts what uses the resource.
    Interruption,
    /// Less is allowed than before.
    Narrower,
    /// A control protects more than before.
    Stronger,
    /// A resource that was not there, and what comes with it.
    Added,
    /// A resource that is no longer there.
    Removed,
    /// A change without bearing on access, controls or what is kept.
    Other,
}

/// All classes, the gravest first.
pub const CLASSES: [Class; 18] = [
    Class::Public,
    Class::Foreign,
    Class::DataLost,
    Class::Regenerated,
    Class::RotationLost,
    Class::UpdateFails,
    Class::Replacement,
    Class::Broader,
    Class::Weaker,
    Class::Order,
    Class::Undecided,
    Class::Altered,
    Class::Interruption,
    Class::Narrower,
    Class::Stronger,
    Class::Added,
    Class::Removed,
    Class::Other,
];

/// Words that stand for several classes, and what they stand for. `broader` includes the access that is worse, so that
/// whoever stops at the lesser stops at the greater.
const GROUPS: [(&str, &[Class]); 5] = [
    ("broader", &[Class::Public, Class::Foreign, Class::Broader]),
    ("foreign", &[Class::Public, Class::Foreign]),
    ("destructive", &[Class::DataLost, Class::Regenerated, Class::RotationLost]),
    ("any", &CLASSES),
    ("none", &[]),
];

/// What stops a pipeline unless it is said otherwise: whatever grants, weakens, destroys or is not certain.
pub const STOPPING: &str = "broader,weaker,destructive,replacement,update-fails,order,undecided";

impl Class {
    /// The word that reports, options and acknowledgements use.
    pub fn word(self) -> &'static str {
        match self {
            Class::Public => "public",
            Class::Foreign => "foreign",
            Class::DataLost => "data-lost",
            Class::Regenerated => "regenerated",
            Class::RotationLost => "rotation-lost",
            Class::UpdateFails => "update-fails",
            Class::Replacement => "replacement",
            Class::Broader => "broader",
            Class::Weaker => "weaker",
            Class::Order => "order",
            Class::Undecided => "undecided",
            Class::Altered => "altered",
            Class::Interruption => "interruption",
            Class::Narrower => "narrower",
            Class::Stronger => "stronger",
            Class::Added => "added",
            Class::Removed => "removed",
            Class::Other => "other",
        }
    }

    /// The heading under which people find such changes.
    pub fn heading(self) -> &'static str {
        match self {
            Class::Public => "Open to anyone",
            Class::Foreign => "Access from outside the account",
            Class::DataLost => "Data will be lost",
            Class::Regenerated => "A value will be made anew",
            Class::RotationLost => "Rotation will be lost",
            Class::UpdateFails => "The update will fail",
            Class::Replacement => "Will be replaced",
            Class::Broader => "Broader access",
            Class::Weaker => "Weaker controls",
            Class::Order => "Only safe in order",
            Class::Undecided => "Not decided",
            Class::Altered => "Altered controls",
            Class::Interruption => "Interruptions",
            Class::Narrower => "Narrower access",
            Class::Stronger => "Stronger controls",
            Class::Added => "New",
            Class::Removed => "Gone",
            Class::Other => "Other changes",
        }
    }
}

/// The classes that a list of words names, such as `broader,replacement`.
///
/// # Errors
/// The first word that names nothing.
pub fn named(list: &str) -> Result<BTreeSet<Class>, String> {
    let mut classes = BTreeSet::new();
    for word in list.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        match GROUPS.iter().find(|(group, _)| *group == word) {
            Some((_, members)) => classes.extend(*members),
            None => {
                let class = CLASSES.iter().find(|class| class.word() == word);
                classes.insert(*class.ok_or_else(|| word.to_owned())?);
            }
        }
    }
    Ok(classes)
}

/// Every word that [`named`] knows.
pub fn words() -> impl Iterator<Item = &'static str> {
    let single = CLASSES.iter().map(|class| class.word());
    single.chain(
        GROUPS.iter().map(|(word, _)| *word).filter(|word| CLASSES.iter().all(|it| it.word() != *word)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_classes_and_groups() {
        assert_eq!(named("foreign").unwrap(), [Class::Public, Class::Foreign].into());
        assert_eq!(named(" weaker, none ,").unwrap(), [Class::Weaker].into());
        assert_eq!(named("any").unwrap().len(), CLASSES.len());
        assert_eq!(named("weaker,brooder"), Err("brooder".to_owned()));
        assert!(named(STOPPING).unwrap().contains(&Class::Public));
        for word in words() {
            assert!(named(word).is_ok(), "{word}");
        }
        assert_eq!(words().collect::<BTreeSet<_>>().len(), words().count());
    }
}
