//! Account and organization ids.

use super::form::{id, text_form};

text_form! {
    /// The twelve digits of an AWS account; text, because a number would lose leading zeros.
    AccountId: "an account id", 12..=12, |text| text.bytes().all(|b| b.is_ascii_digit()),
    pattern "^[0-9]{12}$", rule "an account id has exactly 12 digits", example "111122223333"
}

text_form! {
    /// The id of an organization in AWS Organizations (facts: iam.md, `aws:PrincipalOrgID`).
    OrganizationId: "an organization id", 12..=34,
    |text| id(text, "o-", |c| c.is_ascii_lowercase() || c.is_ascii_digit()),
    pattern "^o-[a-z0-9]{10,32}$",
    rule "an organization id is `o-` and 10 to 32 lower-case letters or digits", example "o-a1b2c3d4e5"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Form;

    #[test]
    fn leading_zeros_stay() {
        assert_eq!(AccountId::parse("012345678901").unwrap().to_string(), "012345678901");
        assert!(AccountId::parse("12345678901").is_err());
        assert!(AccountId::parse("12345678901a").is_err());
    }

    #[test]
    fn an_organization_id_is_lower_case() {
        assert!(OrganizationId::parse("o-a1b2c3d4e5").is_ok());
        assert!(OrganizationId::parse("o-A1B2C3D4E5").is_err());
        assert!(OrganizationId::parse("ou-a1b2c3d4e5").is_err());
    }
}
