//! Plain AWS values: what their text looks like and what it says.
//!
//! *Never:* CloudFormation, YAML, blueprints.

mod account;
mod arn;
mod authorities;
mod calendar;
mod cron;
mod form;
mod names;
mod network;
mod region;
mod schedule;
mod span;

pub(crate) use account::{AccountId, OrganizationId};
pub(crate) use arn::{Arn, FunctionArn, KeyArn, PolicyArn, QueueArn, SecretArn};
pub(crate) use authorities::rds_authorities;
pub(crate) use calendar::Date;
pub(crate) use form::{Form, Malformed, only, text_form};
pub(crate) use names::{
    CacheUserId, DatabaseIdentifier, DatabaseResourceId, DatabaseUser, LogGroupName, OidcProvider,
    PolicyName, RoleName, SecretName, TagKey, TagValue,
};
pub(crate) use network::{HostName, SecurityGroupId, SubnetId, VpcId};
pub(crate) use region::Region;
pub(crate) use schedule::{ScheduleExpression, Weekday};
pub(crate) use span::{Duration, Unit};
