//! Keys.

use super::{Control, Rule, control};
use crate::change::Class;

const KEY: &str = "AWS::KMS::Key";
const REPLICA: &str = "AWS::KMS::ReplicaKey";

/// Days of a deletion window that is left out (facts: resources.md, `AWS::KMS::Key`).
const WINDOW: Rule = Rule::MoreIsStronger(Some(30));
const ENABLED: Rule =
    Rule::Says(Class::Interruption, "what a disabled key encrypts cannot be read, by anybody");

pub(super) const CONTROLS: &[Control] = &[
    control(KEY, "/KeyPolicy", "its policy", Rule::Elsewhere),
    control(KEY, "/EnableKeyRotation", "whether its material rotates", Rule::TrueIsStronger(false)),
    control(
        KEY,
        "/RotationPeriodInDays",
        "days between rotations of its material",
        Rule::LessIsStronger(Some(365)),
    ),
    control(KEY, "/PendingWindowInDays", "days to call back its deletion", WINDOW),
    control(KEY, "/Enabled", "whether it is enabled", ENABLED),
    control(
        KEY,
        "/BypassPolicyLockoutSafetyCheck",
        "whether a policy may lock everybody out",
        Rule::FalseIsStronger(false),
    ),
    // The schema calls none of these create-only: the service refuses the change (facts: resources.md).
    control(KEY, "/KeySpec", "its specification", Rule::Fails),
    control(KEY, "/KeyUsage", "its usage", Rule::Fails),
    control(KEY, "/Origin", "the origin of its material", Rule::Fails),
    control(KEY, "/MultiRegion", "whether it is a multi-Region key", Rule::Fails),
    control(REPLICA, "/KeyPolicy", "its policy", Rule::Elsewhere),
    control(REPLICA, "/PendingWindowInDays", "days to call back its deletion", WINDOW),
    control(REPLICA, "/Enabled", "whether it is enabled", ENABLED),
    control(
        "AWS::KMS::Alias",
        "/TargetKeyId",
        "the key that it stands for",
        Rule::Says(Class::Altered, "whoever names the alias uses the other key from now on"),
    ),
];
