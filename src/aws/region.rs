//! Regions and partitions (facts: endpoints.md, partitions).

use std::fmt;

use super::{Form, Malformed};

/// A Region whose partition is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Region(&'static str);

/// A set of Regions with accounts and an ARN prefix of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Partition {
    /// `aws`.
    Commercial,
    /// `aws-cn`.
    China,
    /// `aws-us-gov`.
    UsGovernment,
    /// `aws-eusc`.
    EuropeanSovereign,
}

/// Every Region of the partitions above in the service's own order by partition and name.
const REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "cn-north-1",
    "cn-northwest-1",
    "us-gov-east-1",
    "us-gov-west-1",
    "eusc-de-east-1",
];

impl Region {
    /// All Regions.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        REGIONS.iter().copied().map(Self)
    }

    /// The name.
    pub(crate) fn as_str(self) -> &'static str {
        self.0
    }

    /// The partition it belongs to.
    pub(crate) fn partition(self) -> Partition {
        match self.0.split('-').next() {
            Some("cn") => Partition::China,
            Some("eusc") => Partition::EuropeanSovereign,
            _ if self.0.starts_with("us-gov-") => Partition::UsGovernment,
            _ => Partition::Commercial,
        }
    }
}

impl Partition {
    /// What stands after `arn:`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Commercial => "aws",
            Self::China => "aws-cn",
            Self::UsGovernment => "aws-us-gov",
            Self::EuropeanSovereign => "aws-eusc",
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Form for Region {
    const WHAT: &'static str = "a Region";
    const PATTERN: &'static str = "^([a-z]+-)+[0-9]$";
    const EXAMPLE: &'static str = "eu-west-1";

    fn parse(text: &str) -> Result<Self, Malformed> {
        REGIONS.iter().find(|known| **known == text).map(|known| Self(known)).ok_or_else(|| {
            let zone = text.strip_suffix(|c: char| c.is_ascii_lowercase());
            match zone.and_then(|region| REGIONS.iter().find(|known| **known == region)) {
                Some(region) => Malformed::because("that is an Availability Zone").instead(*region),
                None => Malformed::because("no Region of the supported partitions has that name"),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_know_their_partition() {
        let partition = |name| Region::parse(name).unwrap().partition();
        assert_eq!(partition("eu-west-1"), Partition::Commercial);
        assert_eq!(partition("us-gov-west-1"), Partition::UsGovernment);
        assert_eq!(partition("us-east-1"), Partition::Commercial);
        assert_eq!(partition("cn-north-1"), Partition::China);
        assert_eq!(partition("eusc-de-east-1"), Partition::EuropeanSovereign);
        assert_eq!(Region::all().count(), 39);
    }

    #[test]
    fn a_zone_is_not_a_region() {
        assert_eq!(Region::parse("eu-west-1b").unwrap_err().instead.as_deref(), Some("eu-west-1"));
        assert!(Region::parse("eu-west-9").is_err());
    }
}
