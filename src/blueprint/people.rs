//! People: the roles of administrators and auditors, and the one for emergencies.

use super::mapping::mapping;
use super::scalar::Hours;
use super::words::words;
use crate::aws::{AccountId, RoleName};
use crate::source::Sourced;

mapping! {
    /// The roles in which people work.
    pub(crate) struct People = "a set of people" {
        /// Who changes and deletes secrets and keys; they do not read values.
        administrators: Option<Person> = "administrators" like "{ role: platform-admin, mfa: required }";
        /// Who sees settings and policies; they do not read values.
        auditors: Option<Person> = "auditors" like "{ role: security-audit }";
        /// Who may read and repair everything in an emergency; each use raises an alarm.
        break_glass: Option<Person> = "break-glass" like "{ role: orders-break-glass, mfa: required, session: 1 hour }";
    }
}

mapping! {
    /// A role in which people work.
    pub(crate) struct Person = "a person" {
        /// The name of the role.
        role: Sourced<RoleName> = "role" like "platform-admin";
        /// Whether the role demands MFA: `required` creates the role with a trust policy that does, `none` means that the role exists.
        mfa: Option<Sourced<Mfa>> = "mfa" like "required";
        /// The longest session, 1 to 12 hours.
        session: Option<Sourced<Hours<1, 12>>> = "session" like "1 hour";
        /// The account from which people come, where it is not the environment's own.
        from: Option<Sourced<AccountId>> = "from" like "\"555555555555\"";
    }
}

words! {
    /// Whether people show a second factor.
    pub(crate) enum Mfa = "a word for MFA" {
        /// The role is created and its trust policy demands MFA.
        Required = "required",
        /// The role exists; its trust policy is not ours.
        None = "none",
    }
}
