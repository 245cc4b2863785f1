//! Codes about single values.

use crate::diagnostic::code;

code! {
    /// ## What it finds
    /// Plain text that other YAML readers take for a truth value, a number, a date or nothing.
    ///
    /// ## Why it matters
    /// `no`, `1e3`, `0123` and `12:30:00` are texts here and something else to the next tool that reads the file.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// tags: { cost-centre: 0815 }
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// tags: { cost-centre: "0815" }
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// ```
    AMBIGUOUS_TEXT = "ambiguous-text" { Error, Blueprint, "text that other YAML readers take for something else" }

    /// ## What it finds
    /// An account id without quotes.
    ///
    /// ## Why it matters
    /// YAML readers take it for a number: `012345678901` loses its zero, or is read as an octal number.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: 012345678901, regions: [eu-west-1] }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "012345678901", regions: [eu-west-1] }
    /// ```
    UNQUOTED_ACCOUNT_ID = "unquoted-account-id" { Error, Blueprint, "an account id without quotes" }

    /// ## What it finds
    /// Text that is not an account id.
    ///
    /// ## Why it matters
    /// Every ARN and every trust policy is built from it.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "3333-3333-3333", regions: [eu-west-1] }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// ```
    BAD_ACCOUNT_ID = "bad-account-id" { Error, Names, "text that is not an account id" }

    /// ## What it finds
    /// A blueprint name with other characters than lower-case letters, digits and single hyphens.
    ///
    /// ## Why it matters
    /// Physical names, aliases and logical ids are made from it, and each service allows other characters.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: Order_Capture
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// blueprint: v1
    /// application: order-capture
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// ```
    BAD_NAME = "bad-name" { Error, Names, "a name with characters it cannot have" }

    /// ## What it finds
    /// Text that is no Region of a supported partition.
    ///
    /// ## Why it matters
    /// Nothing could be deployed there.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west1] }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// ```
    BAD_REGION = "bad-region" { Error, Names, "text that is not a Region" }

    /// ## What it finds
    /// Text that is not an ARN, or the ARN of another kind of thing.
    ///
    /// ## Why it matters
    /// A policy with a malformed ARN grants nothing, and the wrong kind of ARN grants something else.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// secrets:
    ///   partner-api: { type: api-key, rotation: { every: 30 days, function: rotate-partner-api } }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// secrets:
    ///   partner-api:
    ///     type: api-key
    ///     rotation: { every: 30 days, function: arn:aws:lambda:eu-west-1:333333333333:function:rotate-partner-api }
    /// ```
    BAD_ARN = "bad-arn" { Error, Names, "text that is not the ARN it should be" }

    /// ## What it finds
    /// Text that is not the id of an organization.
    ///
    /// ## Why it matters
    /// The perimeter compares it with `aws:PrincipalOrgID`; a wrong id would refuse everyone.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// organization: "333333333333"
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// organization: o-a1b2c3d4e5
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// ```
    BAD_ORGANIZATION_ID = "bad-organization-id" { Error, Names, "text that is not an organization id" }

    /// ## What it finds
    /// A date that does not exist, or is not written year-month-day.
    ///
    /// ## Why it matters
    /// A waiver ends on a day, and two people must read the same day.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// waivers:
    ///   - finding: secret-without-rotation
    ///     on: secrets.partner-api
    ///     because: the partner issues keys by hand
    ///     until: 31/03/2027
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// waivers:
    ///   - finding: secret-without-rotation
    ///     on: secrets.partner-api
    ///     because: the partner issues keys by hand
    ///     until: 2027-03-31
    /// ```
    BAD_DATE = "bad-date" { Error, Blueprint, "a date that does not exist" }

    /// ## What it finds
    /// A length of time that is not a number and a unit, or is outside the field's range.
    ///
    /// ## Why it matters
    /// Each service has its own least and most.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// keys:
    ///   orders: { deletion-window: 3 days }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// keys:
    ///   orders: { deletion-window: 7 days }
    /// ```
    BAD_DURATION = "bad-duration" { Error, Blueprint, "a length of time out of form or range" }

    /// ## What it finds
    /// A value whose text does not have the form of what the field holds: an id, a host name, an address, a number.
    ///
    /// ## Why it matters
    /// The service would refuse it in the middle of a deployment, or accept it and never match.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production:
    ///     account: "333333333333"
    ///     regions: [eu-west-1]
    ///     network: { vpc: orders-vpc, subnets: [subnet-0a2] }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production:
    ///     account: "333333333333"
    ///     regions: [eu-west-1]
    ///     network: { vpc: vpc-0aa2, subnets: [subnet-0a2] }
    /// ```
    BAD_VALUE = "bad-value" { Error, Blueprint, "a value that does not have the field's form" }

    /// ## What it finds
    /// Something that looks like a secret's value: a known token format, a private key, a connection string with a
    /// password, random text, or a field named like a password. The value is never shown again, here or in reports.
    ///
    /// ## Why it matters
    /// A blueprint is committed and reviewed, and stays in the history of the repository. No field of the language
    /// holds a value: Secrets Manager generates it, or a person sets it after deployment.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// secrets:
    ///   partner-api: { type: api-key, rotation: none, password: hunter2 }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// secrets:
    ///   partner-api: { type: api-key, rotation: none }
    /// ```
    LITERAL_SECRET = "literal-secret" { Error, Blueprint, "a secret's value in the blueprint" }
}
