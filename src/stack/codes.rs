//! What can be wrong with stacks.

use crate::diagnostic::code;

code! {
    /// ## What it finds
    ///
    /// Two things of one stack whose names become the same logical id, because logical ids have letters and digits
    /// only.
    ///
    /// ## Why it matters
    ///
    /// A template holds one resource for each id; the second would replace the first.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer }
    /// secrets:
    ///   api-key: { type: text, rotation: none }
    ///   apiKey2: { type: text, rotation: none }
    /// waivers: []
    /// ```
    ///
    /// ## Instead
    ///
    /// Give one of them another name, or pin its id with `id:`.
    LOGICAL_ID_TAKEN = "logical-id-taken" { Error, Names, "two names become one logical id" }

    /// ## What it finds
    ///
    /// A stack beyond a quota of CloudFormation, counted as the service counts: after transforms, which add a nested
    /// stack for each hosted rotation.
    ///
    /// ## Why it matters
    ///
    /// The deployment would fail. keyprint never moves resources between stacks by itself, because a moved secret is a
    /// new secret.
    ///
    /// ## Example
    ///
    /// A blueprint with 200 secrets, each with rotation and resource policy.
    ///
    /// ## Instead
    ///
    /// Place some secrets or consumers in a stack of their own with `stack: reporting`.
    STACK_TOO_LARGE = "stack-too-large" { Error, Limits, "a stack exceeds a quota of CloudFormation" }

    /// ## What it finds
    ///
    /// A policy document beyond the size that its service takes.
    ///
    /// ## Why it matters
    ///
    /// The deployment would fail: 2,048 characters for a trust policy, 6,144 for a managed policy, 10 managed policies
    /// for a role (IAM quotas), 20,480 for the policy of a secret (Secrets Manager quotas) or an endpoint, 32,768 for a
    /// key policy (KMS quotas).
    ///
    /// ## Example
    ///
    /// A key that encrypts two hundred secrets with different readers.
    ///
    /// ## Instead
    ///
    /// Give groups of secrets keys of their own, or consumers fewer secrets each.
    POLICY_TOO_LARGE = "policy-too-large" { Error, Limits, "a policy exceeds the size that its service takes" }

    /// ## What it finds
    ///
    /// Stacks that need each other.
    ///
    /// ## Why it matters
    ///
    /// There is no order in which they could be deployed.
    ///
    /// ## Example
    ///
    /// A secret in `stack: a` whose superuser is in `stack: b`, and the other way round.
    ///
    /// ## Instead
    ///
    /// Place things that need each other in one stack.
    STACK_CYCLE = "stack-cycle" { Error, Names, "stacks need each other" }
}
