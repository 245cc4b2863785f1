//! Codes about the fields of a blueprint.

use crate::diagnostic::code;

code! {
    /// ## What it finds
    /// A field, or a name, that stands twice in one mapping.
    ///
    /// ## Why it matters
    /// YAML readers differ in which of the two they keep.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// owner: checkout
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
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
    DUPLICATE_FIELD = "duplicate-field" { Error, Blueprint, "a field that stands twice" }

    /// ## What it finds
    /// A value that stands twice in a list.
    ///
    /// ## Why it matters
    /// The second says nothing; often another value was meant.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1, eu-west-1] }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1, eu-central-1] }
    /// ```
    DUPLICATE_ENTRY = "duplicate-entry" { Error, Blueprint, "a value that stands twice in a list" }

    /// ## What it finds
    /// A field that the language does not have at that place.
    ///
    /// ## Why it matters
    /// A misspelt field would leave what it meant undone: a secret unrotated, a role too wide.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", region: [eu-west-1], regions: [eu-west-1] }
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
    UNKNOWN_FIELD = "unknown-field" { Error, Blueprint, "a field that the language does not have" }

    /// ## What it finds
    /// A field that has to be there and is not.
    ///
    /// ## Why it matters
    /// There is no safe default for it.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
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
    MISSING_FIELD = "missing-field" { Error, Blueprint, "a field that is missing" }

    /// ## What it finds
    /// A text where a list or a mapping belongs, a list where a text belongs, a field without a value, and the like.
    ///
    /// ## Why it matters
    /// What was meant cannot be told from what stands there.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: eu-west-1 }
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
    WRONG_TYPE = "wrong-type" { Error, Blueprint, "a value of the wrong type" }

    /// ## What it finds
    /// A word that is not one of the words the field takes.
    ///
    /// ## Why it matters
    /// There is nothing it could mean.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// data-class: secret
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// data-class: confidential
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// ```
    UNKNOWN_WORD = "unknown-word" { Error, Blueprint, "a word that the field does not take" }

    /// ## What it finds
    /// Two fields that say different things about one matter, or a field that means nothing beside another.
    ///
    /// ## Why it matters
    /// One of the two would be ignored, and the author could not tell which.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   staging: { account: "222222222222", regions: [eu-west-1] }
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// keys:
    ///   orders: { only: [staging], except: [production] }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   staging: { account: "222222222222", regions: [eu-west-1] }
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// keys:
    ///   orders: { only: [staging] }
    /// ```
    CONFLICTING_FIELDS = "conflicting-fields" { Error, Blueprint, "fields that exclude each other" }
}
