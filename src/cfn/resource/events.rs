//! `AWS::Events`.

use super::{Tag, object, resource};
use crate::cfn::value::words::{AnyArn, QueueArn, RuleArn, RuleName, Text};
use crate::cfn::{Handle, Tree, Value};

resource! {
    /// A rule on the default bus; `Ref` is its name.
    Rule = "AWS::Events::Rule", Ref = RuleName {
        name: Value<RuleName> = "Name",
        description: Value<Text> = "Description",
        schedule_expression: Value<Text> = "ScheduleExpression",
        event_pattern: Tree = "EventPattern",
        state: Value<Text> = "State",
        targets: Vec<Target> = "Targets",
        tags: Vec<Tag> = "Tags",
    }
}

object! {
    /// Where a matching event goes.
    Target {
        id: Value<Text> = "Id",
        arn: Value<AnyArn> = "Arn",
        dead_letter_config: DeadLetterConfig = "DeadLetterConfig",
        input: Value<Text> = "Input",
        input_transformer: InputTransformer = "InputTransformer",
    }
    /// Where an event goes that could not be delivered.
    DeadLetterConfig {
        arn: Value<QueueArn> = "Arn",
    }
    /// How an event becomes a message.
    InputTransformer {
        input_paths_map: Tree = "InputPathsMap",
        input_template: Value<Text> = "InputTemplate",
    }
}

impl Handle<Rule> {
    /// The rule's ARN.
    pub(crate) fn arn(self) -> Value<RuleArn> {
        self.attribute("Arn")
    }
}
