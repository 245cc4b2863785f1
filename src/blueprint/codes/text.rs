//! Codes about the text of a blueprint as YAML.

use crate::diagnostic::code;

code! {
    /// ## What it finds
    /// A file without a blueprint in it: no text, or comments alone.
    ///
    /// ## Why it matters
    /// An empty file compiles to nothing, and everything it deployed before would be missing from the output.
    ///
    /// ## Example
    /// ```yaml
    /// # to be written
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
    EMPTY_BLUEPRINT = "empty-blueprint" { Error, Blueprint, "a file without a blueprint" }

    /// ## What it finds
    /// A tab where YAML wants spaces.
    ///
    /// ## Why it matters
    /// Editors show a tab at different widths, so the nesting that is seen and the nesting that is meant differ.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// environments:
    /// 	production: { account: "333333333333", regions: [eu-west-1] }
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
    TAB_INDENTATION = "tab-indentation" { Error, Blueprint, "a tab in the indentation" }

    /// ## What it finds
    /// Text that is not YAML.
    ///
    /// ## Why it matters
    /// From the marked place on, nothing can be read with certainty, so nothing is.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// description: capture: and load
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// description: "capture: and load"
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// ```
    YAML_SYNTAX = "yaml-syntax" { Error, Blueprint, "text that is not YAML" }

    /// ## What it finds
    /// A character that cannot be seen: a control character, or one that reverses the direction of the text.
    ///
    /// ## Why it matters
    /// A reviewer sees another text than the compiler reads.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// description: "Order capture \u202e"
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// description: Order capture
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// ```
    CONTROL_CHARACTER = "control-character" { Error, Blueprint, "a character that cannot be seen" }

    /// ## What it finds
    /// An anchor (`&name`) or an alias (`*name`).
    ///
    /// ## Why it matters
    /// An alias makes a value depend on a place that may be far away, and a change there widens access here unseen.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   staging: &both { account: "222222222222", regions: [eu-west-1] }
    ///   production: *both
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
    /// ```
    ANCHOR_OR_ALIAS = "anchor-or-alias" { Error, Blueprint, "a YAML anchor or alias" }

    /// ## What it finds
    /// The merge key `<<` of YAML 1.1.
    ///
    /// ## Why it matters
    /// It left YAML with version 1.2; some readers merge and others see a field of that name.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { <<: { regions: [eu-west-1] }, account: "333333333333" }
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
    MERGE_KEY = "merge-key" { Error, Blueprint, "the merge key of YAML 1.1" }

    /// ## What it finds
    /// A tag such as `!!str` or `!Sub`.
    ///
    /// ## Why it matters
    /// A blueprint has no types to choose from and no functions of CloudFormation; a tag would be ignored.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: !!str orders
    /// owner: payments
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
    YAML_TAG = "yaml-tag" { Error, Blueprint, "a YAML tag" }

    /// ## What it finds
    /// A second document, after `---`, in one file.
    ///
    /// ## Why it matters
    /// A file is one application; what is read must not depend on which document a reader takes.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// ---
    /// blueprint: v1
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
    SEVERAL_DOCUMENTS = "several-documents" { Error, Blueprint, "more than one document in a file" }

    /// ## What it finds
    /// A file over the reader's limits: 4 MiB of text, 500,000 values, or 32 levels of nesting.
    ///
    /// ## Why it matters
    /// No blueprint comes near them. Text that does is broken or means harm, and is refused before it costs memory.
    ///
    /// ## Example
    /// ```yaml
    /// blueprint: v1
    /// description: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// description: Order capture
    /// owner: payments
    /// environments:
    ///   production: { account: "333333333333", regions: [eu-west-1] }
    /// ```
    OVER_LIMIT = "blueprint-over-limit" { Error, Limits, "a file over the reader's limits" }
}
