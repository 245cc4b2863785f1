//! `AWS::Lambda`.

use super::{Tag, object, resource};
use crate::cfn::value::words::{
    AnyArn, FunctionArn, FunctionName, KeyArn, LogGroupName, RoleArn, SecurityGroupId, Text, Unused,
};
use crate::cfn::{Handle, ToTree, Tree, Value};

resource! {
    /// A function; `Ref` is its name.
    Function = "AWS::Lambda::Function", Ref = FunctionName {
        function_name: Value<FunctionName> = "FunctionName",
        description: Value<Text> = "Description",
        runtime: Value<Text> = "Runtime",
        architectures: Vec<Value<Text>> = "Architectures",
        handler: Value<Text> = "Handler",
        role: Value<RoleArn> = "Role",
        timeout: u32 = "Timeout",
        memory_size: u32 = "MemorySize",
        environment: Environment = "Environment",
        kms_key_arn: Value<KeyArn> = "KmsKeyArn",
        logging_config: LoggingConfig = "LoggingConfig",
        dead_letter_config: DeadLetterConfig = "DeadLetterConfig",
        vpc_config: VpcConfig = "VpcConfig",
        tags: Vec<Tag> = "Tags",
        code: Code = "Code",
    }
    /// Who may invoke a function.
    Permission = "AWS::Lambda::Permission", Ref = Unused {
        function_name: Value<FunctionName> = "FunctionName",
        action: Value<Text> = "Action",
        principal: Value<Text> = "Principal",
        source_account: Value<Text> = "SourceAccount",
        source_arn: Value<AnyArn> = "SourceArn",
    }
}

object! {
    /// Inline source; the file is named `index`.
    Code {
        zip_file: Value<Text> = "ZipFile",
    }
    /// Where the function logs.
    LoggingConfig {
        log_format: Value<Text> = "LogFormat",
        log_group: Value<LogGroupName> = "LogGroup",
    }
    /// Where events go that could not be worked on.
    DeadLetterConfig {
        target_arn: Value<AnyArn> = "TargetArn",
    }
    /// The function's place in a VPC.
    VpcConfig {
        subnet_ids: Vec<Value<Text>> = "SubnetIds",
        security_group_ids: Vec<Value<SecurityGroupId>> = "SecurityGroupIds",
    }
}

/// Environment variables in the order in which they are written; never a secret's value.
#[derive(Debug, Default)]
pub(crate) struct Environment(pub(crate) Vec<(&'static str, Value<Text>)>);

impl ToTree for Environment {
    fn to_tree(&self) -> Tree {
        let variables = self.0.iter().map(|(name, value)| crate::cfn::member(name, value)).collect();
        Tree::Map(vec![crate::cfn::member("Variables", &Tree::Map(variables))])
    }
}

impl Handle<Function> {
    /// The function's ARN.
    pub(crate) fn arn(self) -> Value<FunctionArn> {
        self.attribute("Arn")
    }
}
