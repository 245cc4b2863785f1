//! Roles and what runs under them.

use super::{Control, Rule, control};
use crate::change::Class;

const ROLE: &str = "AWS::IAM::Role";
const FUNCTION: &str = "AWS::Lambda::Function";
const POD: &str = "AWS::EKS::PodIdentityAssociation";
const DOOR: Rule = Rule::Says(Class::Broader, "somebody else comes by the role");

pub(super) const CONTROLS: &[Control] = &[
    control(ROLE, "/AssumeRolePolicyDocument", "who may assume it", Rule::Elsewhere),
    control(ROLE, "/Policies", "its policies", Rule::Elsewhere),
    control(ROLE, "/ManagedPolicyArns", "its managed policies", Rule::Elsewhere),
    control(ROLE, "/PermissionsBoundary", "its boundary", Rule::Elsewhere),
    // Seconds of a session where it is left out (facts: resources.md, `AWS::IAM::Role`).
    control(
        ROLE,
        "/MaxSessionDuration",
        "seconds that a session lasts at most",
        Rule::LessIsStronger(Some(3600)),
    ),
    control("AWS::IAM::ManagedPolicy", "/PolicyDocument", "what it says", Rule::Elsewhere),
    control("AWS::IAM::ManagedPolicy", "/Roles", "the roles that have it", Rule::Elsewhere),
    control("AWS::IAM::ManagedPolicy", "/Users", "the users that have it", Rule::Door),
    control("AWS::IAM::ManagedPolicy", "/Groups", "the groups that have it", Rule::Door),
    control("AWS::IAM::Policy", "/PolicyDocument", "what it says", Rule::Elsewhere),
    control("AWS::IAM::Policy", "/Roles", "the roles that have it", Rule::Elsewhere),
    control("AWS::IAM::Policy", "/Users", "the users that have it", Rule::Door),
    control("AWS::IAM::Policy", "/Groups", "the groups that have it", Rule::Door),
    control("AWS::IAM::RolePolicy", "/PolicyDocument", "what it says", Rule::Elsewhere),
    control("AWS::IAM::RolePolicy", "/RoleName", "the role that has it", Rule::Elsewhere),
    control("AWS::IAM::User", "/Policies", "its policies", Rule::Elsewhere),
    control("AWS::IAM::Group", "/Policies", "its policies", Rule::Elsewhere),
    control("AWS::IAM::InstanceProfile", "/Roles", "the role that instances get", DOOR),
    control("AWS::IAM::OIDCProvider", "/ClientIdList", "the audiences that it admits", Rule::Door),
    control("AWS::IAM::OIDCProvider", "/ThumbprintList", "the certificates that it trusts", Rule::Door),
    control(POD, "/RoleArn", "the role that pods get", DOOR),
    control(POD, "/ServiceAccount", "the service account that gets the role", DOOR),
    control(POD, "/Namespace", "the namespace whose pods get the role", DOOR),
    control(POD, "/ClusterName", "the cluster whose pods get the role", DOOR),
    control(POD, "/TargetRoleArn", "the role that pods assume in turn", DOOR),
    control(FUNCTION, "/Role", "the role that it runs under", DOOR),
    control(
        FUNCTION,
        "/Code",
        "its code",
        Rule::Says(Class::Altered, "what it does is for its source to say"),
    ),
    control(FUNCTION, "/Handler", "where its code begins", Rule::Says(Class::Altered, "other code runs")),
    control(FUNCTION, "/Layers", "its layers", Rule::Says(Class::Altered, "other code runs")),
    control(
        FUNCTION,
        "/Environment",
        "its environment",
        Rule::Says(Class::Altered, "what it does may depend on it"),
    ),
    control(FUNCTION, "/KmsKeyArn", "the key that encrypts its environment", Rule::PresenceIsStronger),
    control(FUNCTION, "/CodeSigningConfigArn", "whether its code must be signed", Rule::PresenceIsStronger),
    control(FUNCTION, "/DeadLetterConfig", "where failed calls go", Rule::PresenceIsStronger),
    control(FUNCTION, "/Timeout", "seconds that it has", Rule::MoreIsStronger(Some(3))),
    control(
        FUNCTION,
        "/ReservedConcurrentExecutions",
        "how often it may run at once",
        Rule::Says(Class::Altered, "at 0 it never runs"),
    ),
    control("AWS::Lambda::Permission", "", "who may invoke it", Rule::Elsewhere),
];
