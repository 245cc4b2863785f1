//! Parts of templates whose removal nothing notices, with the reason.

/// Parts whose removal nothing notices, and why that is no fault of the checks. Everything else must be noticed.
pub(crate) const UNNOTICED: &[(&str, &str)] = &[
    ("*.Tags", "tags grant nothing; the rule on owners speaks of secrets"),
    ("*Description", "words for people"),
    ("*.AlarmName", "CloudFormation makes a name up"),
    ("*.Name", "CloudFormation makes a name up"),
    ("*.TopicName", "CloudFormation makes a name up"),
    ("*.FunctionName", "CloudFormation makes a name up"),
    ("*.InstanceProfileName", "CloudFormation makes a name up"),
    ("AWS::CloudWatch::Dashboard.DashboardName", "CloudFormation makes a name up"),
    ("AWS::SSM::Document.DocumentFormat", "CloudFormation takes JSON where it is left out"),
    (
        "AWS::SSM::Document.DocumentType",
        "the schema demands none; Systems Manager refuses the content of a runbook",
    ),
    ("AWS::SSM::Document.UpdateMethod", "CloudFormation replaces the document where it is left out"),
    (
        "AWS::IAM::ManagedPolicy.PolicyDocument[PublishMetrics]",
        "the trial here is of secrets and keys; the bench runs the watch under its role, and it fails",
    ),
    (
        "AWS::IAM::ManagedPolicy.PolicyDocument[WatchSecrets]",
        "the trial here is of readers; the access proof finds that the watch cannot look, and so does the bench",
    ),
    (
        "AWS::Lambda::Permission.SourceArn",
        "rules demand it for Secrets Manager; for others the access proof finds that any rule could invoke",
    ),
    (
        "AWS::SecretsManager::ResourcePolicy.ResourcePolicy[DenyVersionsByOthers]*",
        "the trial here is of other statements; the access proof finds who could write versions",
    ),
    ("*.LogGroupName", "CloudFormation makes a name up; the function names the group by reference"),
    (
        "*.RoleName",
        "CloudFormation makes a name up; policies that name the role are then about nobody, which refuses",
    ),
    (
        "AWS::CloudWatch::Alarm.*",
        "which of its properties an alarm needs depends on its form; the schema demands none",
    ),
    (
        "AWS::EC2::SecurityGroupIngress.*",
        "without ports or group the schema allows other forms; EC2 refuses the request",
    ),
    ("AWS::EC2::VPCEndpoint.ServiceName", "the schema allows other forms; EC2 refuses the request"),
    (
        "AWS::EC2::VPCEndpoint.VpcEndpointType",
        "the default is a gateway, which EC2 refuses for these services",
    ),
    (
        "AWS::EC2::VPCEndpoint.PolicyDocument[AssumeWithWebIdentity]",
        "the trials follow Secrets Manager and KMS only",
    ),
    ("AWS::Events::Rule.State", "the default is the same"),
    (
        "AWS::IAM::ManagedPolicy.PolicyDocument[AdministerSecrets]",
        "fewer permissions; the trials follow reading, writing and rotating",
    ),
    ("AWS::IAM::ManagedPolicy.PolicyDocument[Author]", "fewer permissions, which the author asked for"),
    (
        "AWS::IAM::ManagedPolicy.PolicyDocument[DescribeSecrets]",
        "fewer permissions; the trials follow reading, writing and rotating",
    ),
    (
        "AWS::IAM::ManagedPolicy.PolicyDocument[EncryptOwnData]",
        "fewer permissions; the trials follow reading, writing and rotating",
    ),
    (
        "AWS::IAM::ManagedPolicy.PolicyDocument[List]",
        "fewer permissions; the trials follow reading, writing and rotating",
    ),
    (
        "AWS::IAM::ManagedPolicy.PolicyDocument[Manage*",
        "interfaces and keys: the trials follow reading, writing and rotating",
    ),
    (
        "AWS::IAM::ManagedPolicy.PolicyDocument[ReadConnection]",
        "fewer permissions; the trials follow reading, writing and rotating",
    ),
    (
        "AWS::IAM::ManagedPolicy.PolicyDocument[ReadSecrets]",
        "a role that is granted nothing has no grant to try",
    ),
    (
        "AWS::IAM::ManagedPolicy.PolicyDocument[WriteLogs]",
        "fewer permissions; the trials follow reading, writing and rotating",
    ),
    (
        "AWS::IAM::ManagedPolicy.PolicyDocument[WriteSecrets]",
        "a role that is granted nothing has no grant to try",
    ),
    (
        "AWS::IAM::ManagedPolicy.PolicyDocument[* kms:CallerAccount",
        "the key's policy says the same, and both must allow",
    ),
    (
        "AWS::IAM::ManagedPolicy.PolicyDocument[EncryptThroughSecretsManager] *",
        "the key's policy says the same, and both must allow",
    ),
    ("AWS::IAM::ManagedPolicy.Roles", "a policy that no role has grants nothing"),
    (
        "AWS::IAM::Role.AssumeRolePolicyDocument[*",
        "of several conditions one may go while the rules are content with the others",
    ),
    ("AWS::IAM::Role.MaxSessionDuration", "the default is one hour"),
    ("AWS::IAM::Role.PermissionsBoundary", "only the blueprint says whether there is one"),
    (
        "AWS::KMS::*Key.KeyPolicy[Administration]",
        "fewer permissions; another statement keeps an administrator",
    ),
    (
        "AWS::KMS::*Key.KeyPolicy[AttachAndReplicateSecrets]",
        "fewer permissions; the trials do not follow the deployer",
    ),
    ("AWS::KMS::*Key.KeyPolicy[Audit]", "fewer permissions"),
    ("AWS::KMS::*Key.KeyPolicy[Deployment]", "fewer permissions; another statement keeps an administrator"),
    (
        "AWS::KMS::*Key.KeyPolicy[Encrypt*",
        "fewer permissions; the trials follow reading, writing and rotating",
    ),
    ("AWS::KMS::Key.KeyPolicy[PublishToTopics]", "fewer permissions; the trials do not follow alarms"),
    (
        "AWS::KMS::*Key.KeyPolicy[ValidateForSecrets]*",
        "where secrets are attached or replicated, the deployer may decrypt them by another statement",
    ),
    (
        "AWS::KMS::Key.MultiRegion",
        "the default is the same, but for one key, which the replica would miss at deployment",
    ),
    ("AWS::KMS::*Key.PendingWindowInDays", "the default is 30 days"),
    ("AWS::KMS::Key.RotationPeriodInDays", "the default is a year"),
    (
        "AWS::Lambda::Function*",
        "the schema demands code and role only; a function without the rest fails its first rotation, which alarms",
    ),
    ("AWS::SNS::Subscription.Endpoint", "the schema does not demand it; SNS refuses the request"),
    ("AWS::SNS::Topic.SignatureVersion", "the default signature is weaker, but signed"),
    ("AWS::SNS::TopicPolicy.PolicyDocument[*", "the trials do not follow alarms"),
    ("AWS::SQS::Queue.MessageRetentionPeriod", "the default is four days"),
    ("AWS::SQS::QueuePolicy.PolicyDocument[*", "the trials do not follow events"),
    (
        "AWS::SecretsManager::ResourcePolicy.ResourcePolicy[DenyPendingVersion]*",
        "the access proof notices it, see the tests of the proof",
    ),
    (
        "AWS::SecretsManager::ResourcePolicy.ResourcePolicy[DenyChangesByOthers] ArnNotEquals*",
        "refuses more: the deployer too, which the first change shows",
    ),
    (
        "AWS::SecretsManager::ResourcePolicy.ResourcePolicy[DenyOutsideOrganization] StringNotEquals aws:PrincipalAccount",
        "an exemption for an account whose role lives here needs none",
    ),
    ("AWS::SecretsManager::RotationSchedule DependsOn", "order is not followed, only what is referred to"),
    ("AWS::SecretsManager::RotationSchedule.RotationLambdaARN", "managed rotation has none"),
    ("AWS::SecretsManager::Secret.GenerateSecretString", "a secret may begin without a value"),
];
