//! The certificate authorities of Amazon RDS by Region; `README.md` names their source.

macro_rules! regions {
    ($($region:literal)+) => {
        &[$(($region, include_str!(concat!($region, ".pem")))),+]
    };
}

const REGIONS: &[(&str, &str)] = regions! {
    "af-south-1"
    "ap-east-1"
    "ap-northeast-1"
    "ap-northeast-2"
    "ap-northeast-3"
    "ap-south-1"
    "ap-south-2"
    "ap-southeast-1"
    "ap-southeast-2"
    "ap-southeast-3"
    "ap-southeast-4"
    "ca-central-1"
    "eu-central-1"
    "eu-central-2"
    "eu-north-1"
    "eu-south-1"
    "eu-south-2"
    "eu-west-1"
    "eu-west-2"
    "eu-west-3"
    "me-central-1"
    "me-south-1"
    "sa-east-1"
    "us-east-1"
    "us-east-2"
    "us-west-1"
    "us-west-2"
};

/// The authorities of a Region as PEM, where they are known.
pub(crate) fn rds_authorities(region: &str) -> Option<&'static str> {
    REGIONS.iter().find(|(known, _)| *known == region).map(|(_, certificates)| *certificates)
}
