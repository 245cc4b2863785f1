//! keyprint: from a blueprint of secrets to verified CloudFormation templates.

pub mod access;
