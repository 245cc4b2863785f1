//! Secrets, their policies, their rotation.

use super::{Control, Rule, control};
use crate::change::Class;

const SECRET: &str = "AWS::SecretsManager::Secret";
const ROTATION: &str = "AWS::SecretsManager::RotationSchedule";
const POLICY: &str = "AWS::SecretsManager::ResourcePolicy";
const ATTACHMENT: &str = "AWS::SecretsManager::SecretTargetAttachment";

pub(super) const CONTROLS: &[Control] = &[
    control(SECRET, "/GenerateSecretString", "how its value is generated", Rule::Regenerates),
    control(SECRET, "/SecretString", "its value", Rule::Regenerates),
    control(SECRET, "/KmsKeyId", "the key that encrypts it", Rule::Elsewhere),
    control(SECRET, "/ReplicaRegions", "its replicas", Rule::Elsewhere),
    control(
        SECRET,
        "/Type",
        "what kind of secret it is",
        Rule::Says(Class::Altered, "a partner's rotation depends on it"),
    ),
    control(ROTATION, "/RotationRules", "how often it rotates", Rule::Schedule),
    control(
        ROTATION,
        "/RotateImmediatelyOnUpdate",
        "whether this update rotates",
        Rule::Says(
            Class::Altered,
            "left out or true, every update of the schedule rotates the secret at once",
        ),
    ),
    control(
        ROTATION,
        "/RotationLambdaARN",
        "the function that rotates it",
        Rule::Says(Class::Altered, "its role must have the access of the one before"),
    ),
    control(
        ROTATION,
        "/HostedRotationLambda",
        "the hosted function that rotates it",
        Rule::Says(Class::Altered, "the transform makes the function and its role anew where it has to"),
    ),
    control(
        ROTATION,
        "/ExternalSecretRotationRoleArn",
        "the role that rotates it at its partner",
        Rule::Says(Class::Altered, "that role must have the access of the one before"),
    ),
    control(POLICY, "/ResourcePolicy", "its policy", Rule::Elsewhere),
    control(POLICY, "/BlockPublicPolicy", "whether a public policy is refused", Rule::TrueIsStronger(false)),
    control(
        ATTACHMENT,
        "/TargetId",
        "the database whose address it holds",
        Rule::Says(Class::Altered, "the address in the secret's value is rewritten"),
    ),
];
