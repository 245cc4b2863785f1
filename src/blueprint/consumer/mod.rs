//! Consumers: who reads, writes, logs in and encrypts, and where they run.
//!
//! A kind of compute is one file: its word, its options, and a function from the options to [`Compute`]. Everything
//! behind the reader works on these facts and knows no kinds.

mod codebuild;
mod ec2;
mod ecs_task;
mod eks_irsa;
mod eks_pod;
mod emr;
mod emr_serverless;
mod facts;
mod fields;
mod github_actions;
mod glue_job;
mod lambda;
mod redshift;
mod runs_on;
mod step_functions;

pub(crate) use facts::{
    Attachment, Compute, Lookup, Need, Piece, Placement, Provider, ResourcePattern, Resources, ServiceTrust,
    Trust, When,
};
pub(crate) use fields::{AllowStatement, Consumer, ConsumerNetwork, Identity, Verb};

use runs_on::Kind;

/// Every kind of compute, in the order of the manual.
static KINDS: &[Kind] = &[
    lambda::KIND,
    ecs_task::KIND,
    ec2::KIND,
    eks_pod::KIND,
    eks_irsa::KIND,
    glue_job::KIND,
    emr::KIND,
    emr_serverless::KIND,
    step_functions::KIND,
    redshift::KIND,
    codebuild::KIND,
    github_actions::KIND,
];
