//! The grammar of the command line.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::change::{self, Class};
use crate::report::FORMATS;
use crate::report::review::REVIEW_FORMATS;
use crate::workspace;

/// Compiles blueprints of secrets into CloudFormation templates and proves what they grant.
#[derive(Debug, Parser)]
#[command(name = "keyprint", version, about, after_help = EXIT_CODES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
    #[command(flatten)]
    pub(super) output: OutputOptions,
}

const EXIT_CODES: &str = "Exit codes: 0 clean, or the answer is yes; 1 findings of level error, or the answer is no; \
     2 usage or environment; 3 fault of keyprint; 4 undecided, or a change stops";

const COMPARE_CODES: &str = "Exit codes: 0 nothing more, 1 new access, 2 a file cannot be read, 4 unknown";

const CHECK_CODES: &str = "With --against, findings of level error come first; where there is none, the change is reviewed \
     as `keyprint diff` does.\n\n\
     Exit codes: 0 clean, 1 findings of level error, 2 usage or environment, 4 a change stops";

const DIFF_CODES: &str = "A side is a directory of blueprints, a directory of templates, a single file of either, \
     git:REVISION[:PATH], or - for a template on standard input.\n\n\
     Exit codes: 0 no change stops, 1 findings of level error in a side, 2 a side cannot be read, 4 a change stops";

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Compile, verify, and write the templates
    Build(Build),
    /// Compile, verify, and compare with the snapshots, or with what was before
    #[command(after_help = CHECK_CODES)]
    Check(Check),
    /// Print the commands that deploy the stacks, in order
    DeployPlan(Box<DeployPlan>),
    /// What a change does to access and safety
    #[command(after_help = DIFF_CODES)]
    Diff(Diff),
    /// Who has an access to a secret or key, and by which statements?
    WhoCan(WhoCan),
    /// May a principal do something? The exit code is the answer
    Can(Can),
    /// Why is an access allowed or not, or why is a resource deployed?
    Why(Why),
    /// Who can do what by any templates, and what rules say about them
    Verify(Verify),
    /// Does one policy allow what another does not?
    #[command(after_help = COMPARE_CODES)]
    Compare(Compare),
    /// Decide single requests, one JSON object per line
    Decide {
        /// The file of requests and their policies, or `-` for standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Explain a code, or list all of them
    Explain {
        /// The code in the brackets of a message, for example `unknown-field`
        code: Option<String>,
    },
    /// Print the JSON schema of blueprints, for editors
    Schema,
    /// Write a first blueprint
    Init {
        /// The name of the application
        #[arg(long, default_value = "example", value_name = "NAME", value_parser = application_name)]
        name: String,
    },
    /// Print the source of a function, to rehearse it or to deploy it by other means
    Function {
        /// What it rotates, watches or checks
        #[arg(value_parser = PossibleValuesParser::new(crate::rotation_functions()))]
        engine: String,
        /// The Region whose certificate authorities of Amazon RDS it trusts
        #[arg(long, value_name = "REGION")]
        region: Option<String>,
    },
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Judge templates by rules from outside, as the process of their own that `--policies` runs in
    #[command(hide = true)]
    Judge,
}

#[derive(Debug, Args)]
pub(super) struct Build {
    #[command(flatten)]
    pub(super) inputs: Inputs,
    /// Where the templates go
    #[arg(long, value_name = "DIR")]
    pub(super) out: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    pub(super) inputs: Inputs,
    /// Take the present texts over as snapshots
    #[arg(long)]
    pub(super) accept: bool,
    /// The accepted texts [default: snapshots, if it is there]
    #[arg(long, value_name = "DIR")]
    pub(super) snapshots: Option<PathBuf>,
    /// Review what changes against this, as `keyprint diff` names sides, for example `git:origin/main`
    #[arg(long, value_name = "OLD")]
    pub(super) against: Option<String>,
    /// The classes of change that stop, as `keyprint diff` has them; may be a list
    #[arg(long, value_name = "CLASSES", default_value = crate::change::STOPPING, value_parser = classes,
        requires = "against")]
    pub(super) fail_on: BTreeSet<Class>,
    /// Write the review as Markdown to this file too
    #[arg(long, value_name = "FILE", requires = "against")]
    pub(super) summary: Option<PathBuf>,
    /// Show the texts that differ, and what differs without meaning anything
    #[arg(long, requires = "against")]
    pub(super) verbose: bool,
}

#[derive(Debug, Args)]
pub(super) struct DeployPlan {
    /// Blueprints, or directories of them [default: blueprints]
    #[arg(value_name = "PATH", conflicts_with = "built")]
    pub(super) paths: Vec<PathBuf>,
    /// A directory that `build` wrote, in place of blueprints
    #[arg(long, value_name = "DIR")]
    pub(super) built: Option<PathBuf>,
    /// Where the templates will be when the plan is carried out [default: out, or the directory of `--built`]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// The environment that is meant [default: all]
    #[arg(long, value_name = "NAME")]
    pub(super) environment: Option<String>,
    /// The account that is meant, 12 digits [default: all]
    #[arg(long, value_name = "ID", value_parser = account)]
    pub(super) account: Option<String>,
    /// The bucket for templates over 51,200 bytes; `{account}` and `{region}` stand for the stack's
    #[arg(long, value_name = "NAME", value_parser = bucket)]
    pub(super) bucket: Option<String>,
    /// The form of the plan
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "shell")]
    pub(super) format: PlanFormat,
    /// The day that waivers are measured by [default: the system's]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub(super) today: Option<String>,
    #[command(flatten)]
    pub(super) stack_sets: StackSets,
}

/// How a fleet of accounts and Regions is deployed.
#[derive(Debug, Args)]
#[group(id = "fleet")]
pub(super) struct StackSets {
    /// Deploy by StackSets, with these permissions
    #[arg(long, value_enum, value_name = "PERMISSIONS", requires = "administrator")]
    pub(super) stack_sets: Option<StackSetPermissions>,
    /// The account that StackSets belong to, 12 digits
    #[arg(long, value_name = "ID", value_parser = account, requires = "stack_sets")]
    pub(super) administrator: Option<String>,
    /// The Region that StackSets belong to [default: that of the first stack]
    #[arg(long, value_name = "REGION", value_parser = region, requires = "stack_sets")]
    pub(super) home_region: Option<String>,
    /// An account, an organizational unit or a root; may be given again. Beside units, accounts narrow them
    /// [default with self-managed permissions: the account of each stack]
    #[arg(long, value_name = "ID", value_parser = target, requires = "stack_sets")]
    pub(super) target: Vec<String>,
    /// A Region of the targets; may be given again [default: the Region of each stack]
    #[arg(long, value_name = "REGION", value_parser = region, requires = "stack_sets")]
    pub(super) region: Vec<String>,
    /// The administrator is a delegated one, and not the management account
    #[arg(long, requires = "stack_sets")]
    pub(super) delegated: bool,
    /// The role by which the administrator deploys, for self-managed permissions
    #[arg(long, value_name = "ARN", value_parser = role_arn, requires = "stack_sets")]
    pub(super) administration_role: Option<String>,
}

/// CloudFormation's permission models for StackSets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum StackSetPermissions {
    /// CloudFormation makes the roles, in the accounts of an organization
    ServiceManaged,
    /// A role of the administrator assumes the deployer's role in each account
    SelfManaged,
}

/// The form of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PlanFormat {
    /// A script for bash
    #[value(alias = "text")]
    Shell,
    /// One JSON object
    Json,
}

#[derive(Debug, Args)]
pub(super) struct Diff {
    /// As it was, or is deployed
    #[arg(value_name = "OLD")]
    pub(super) old: String,
    /// As it is, or would be
    #[arg(value_name = "NEW")]
    pub(super) new: String,
    #[command(flatten)]
    pub(super) judging: Judging,
    /// The form of the review
    #[arg(long, value_name = "FORMAT", default_value = "text",
        value_parser = PossibleValuesParser::new(REVIEW_FORMATS.map(|(word, _)| word)))]
    pub(super) format: String,
    /// The account that templates are deployed to where nothing else says it, 12 digits
    #[arg(long, value_name = "ID", value_parser = account)]
    pub(super) account: Option<String>,
    /// The Region that templates are deployed to where nothing else says it
    #[arg(long, value_name = "REGION", value_parser = region)]
    pub(super) region: Option<String>,
}

/// How changes are judged and shown.
#[derive(Debug, Args)]
pub(super) struct Judging {
    /// The classes of change that stop, or `any` or `none`; may be a list
    #[arg(long, value_name = "CLASSES", default_value = crate::change::STOPPING, value_parser = classes)]
    pub(super) fail_on: BTreeSet<Class>,
    /// Show the texts that differ, and what differs without meaning anything
    #[arg(long)]
    pub(super) verbose: bool,
    /// Write the review as Markdown to this file too
    #[arg(long, value_name = "FILE")]
    pub(super) summary: Option<PathBuf>,
    /// The day that acknowledgements and waivers are measured by [default: the system's]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub(super) today: Option<String>,
}

fn classes(text: &str) -> Result<BTreeSet<Class>, String> {
    change::named(text).map_err(|word| {
        let words: Vec<&str> = change::words().collect();
        let near = crate::diagnostic::closest(&word, words.iter().copied());
        let near = near.map(|near| format!(", perhaps `{near}`")).unwrap_or_default();
        format!("`{word}` is no class of change{near}; there are {}", words.join(", "))
    })
}

/// What questions about a workspace share.
#[derive(Debug, Args)]
pub(super) struct Question {
    /// Blueprints, or directories of them [default: blueprints]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// The environment that is meant [default: all]
    #[arg(long, value_name = "NAME")]
    pub(super) environment: Option<String>,
    /// The form of the answer
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(super) format: AnswerFormat,
}

#[derive(Debug, Args)]
pub(super) struct WhoCan {
    /// `read`, `describe`, `write`, `administer`, `connect-to`, `encrypt-with`, or an IAM action
    #[arg(value_name = "ACCESS")]
    pub(super) access: String,
    /// `secrets.NAME`, `keys.NAME`, either below `APPLICATION/`, or an ARN
    #[arg(value_name = "SUBJECT")]
    pub(super) subject: String,
    #[command(flatten)]
    pub(super) question: Question,
}

#[derive(Debug, Args)]
pub(super) struct Can {
    /// A consumer, `people.TIER`, a role, an ARN, an account, a service, or `anonymous`
    #[arg(value_name = "PRINCIPAL")]
    pub(super) principal: String,
    /// An IAM action, or a word such as `read`
    #[arg(value_name = "ACTION")]
    pub(super) action: String,
    /// `secrets.NAME`, `keys.NAME`, either below `APPLICATION/`, or an ARN
    #[arg(value_name = "RESOURCE")]
    pub(super) resource: String,
    /// A condition key that the request has; may be given again
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub(super) context: Vec<(String, String)>,
    #[command(flatten)]
    pub(super) question: Question,
}

#[derive(Debug, Args)]
pub(super) struct Why {
    /// A logical id; or a principal, an action and a resource
    #[arg(value_name = "WORD", required = true, num_args = 1..=3)]
    pub(super) words: Vec<String>,
    /// Blueprints, or directories of them; may be given again [default: blueprints]
    #[arg(long, value_name = "PATH")]
    pub(super) blueprints: Vec<PathBuf>,
    /// The environment that is meant [default: all]
    #[arg(long, value_name = "NAME")]
    pub(super) environment: Option<String>,
    /// A condition key that the request has; may be given again
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub(super) context: Vec<(String, String)>,
    /// The form of the answer
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(super) format: AnswerFormat,
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// CloudFormation templates in JSON or YAML, or directories of them, judged together
    #[arg(value_name = "TEMPLATE", required = true)]
    pub(super) templates: Vec<PathBuf>,
    /// A directory of guard rules to judge the templates by as well; may be given again
    #[arg(long, value_name = "DIR")]
    pub(super) policies: Vec<PathBuf>,
    /// The account that the templates are deployed to, 12 digits
    #[arg(long, value_name = "ID", value_parser = account)]
    pub(super) account: Option<String>,
    /// The Region that the templates are deployed to
    #[arg(long, value_name = "REGION", value_parser = region)]
    pub(super) region: Option<String>,
    /// The form of the report
    #[arg(long, value_name = "FORMAT", default_value = "text",
        value_parser = PossibleValuesParser::new(FORMATS.map(|(word, _)| word)))]
    pub(super) format: String,
}

fn account(text: &str) -> Result<String, String> {
    let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_account { Ok(text.to_owned()) } else { Err("an account has 12 digits".to_owned()) }
}

fn region(text: &str) -> Result<String, String> {
    let is_word = |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_alphanumeric());
    let is_region = text.split('-').count() >= 3 && text.split('-').all(is_word);
    if is_region { Ok(text.to_owned()) } else { Err("a Region looks like eu-west-1".to_owned()) }
}

/// An S3 bucket's name once its placeholders are filled in (S3 docs).
fn bucket(text: &str) -> Result<String, String> {
    let filled = text.replace("{account}", "111111111111").replace("{region}", "eu-west-1");
    let holds = (3..=63).contains(&filled.len())
        && filled.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'))
        && !filled.starts_with(['-', '.']);
    if holds {
        Ok(text.to_owned())
    } else {
        Err("a bucket looks like templates-{account}-{region}".to_owned())
    }
}

/// An account, an organizational unit or a root (Organizations API).
fn target(text: &str) -> Result<String, String> {
    let is_id = |part: &str| {
        (4..=32).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let is_unit = text.strip_prefix("ou-").is_some_and(|id| match id.split_once('-') {
        Some((root, unit)) => is_id(root) && is_id(unit) && unit.len() >= 8,
        None => false,
    });
    if account(text).is_ok() || is_unit || text.strip_prefix("r-").is_some_and(is_id) {
        Ok(text.to_owned())
    } else {
        Err("a target is an account of 12 digits, a unit like ou-ab12-cd34ef56, or a root like r-ab12"
            .to_owned())
    }
}

fn role_arn(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let is_arn = matches!(parts.as_slice(), ["arn", _, "iam", "", id, role]
        if account(id).is_ok() && role.starts_with("role/"));
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-/:".contains(&byte));
    if is_arn && is_plain { Ok(text.to_owned()) } else { Err("not the ARN of a role".to_owned()) }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("a condition key is given as KEY=VALUE")?;
    if key.contains(':') {
        Ok((key.to_owned(), value.to_owned()))
    } else {
        Err("a condition key has the form SERVICE:NAME, for example aws:SourceVpce".to_owned())
    }
}

#[derive(Debug, Args)]
pub(super) struct Compare {
    /// The policy as it is: a JSON document, or `-` for standard input
    #[arg(value_name = "POLICY_A")]
    pub(super) old: PathBuf,
    /// The policy as it would be, which is asked for more than the first allows
    #[arg(value_name = "POLICY_B")]
    pub(super) new: PathBuf,
    /// What the two are attached to
    #[arg(long, value_name = "KIND", default_value = "identity",
        value_parser = PossibleValuesParser::new(KINDS))]
    pub(super) kind: String,
    /// The form of the answer
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(super) format: AnswerFormat,
}

/// The kinds of policies that can be compared, in the words of [`crate::access::PolicyKind::named`].
const KINDS: [&str; 10] =
    ["identity", "resource", "trust", "key", "endpoint", "boundary", "session", "scp", "rcp", "topic"];

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum AnswerFormat {
    /// For people
    Text,
    /// One JSON object
    Json,
}

/// What is compiled, by what and when.
#[derive(Debug, Args)]
pub(super) struct Inputs {
    /// Blueprints, or directories of them [default: blueprints]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// The form of the report
    #[arg(long, value_name = "FORMAT", default_value = "text",
        value_parser = PossibleValuesParser::new(FORMATS.map(|(word, _)| word)))]
    pub(super) format: String,
    /// A directory of guard rules to judge the templates by as well; may be given again
    #[arg(long, value_name = "DIR")]
    pub(super) policies: Vec<PathBuf>,
    /// The day that waivers are measured by [default: the system's]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub(super) today: Option<String>,
    /// A directory that remembers which templates were judged without a finding; may be deleted at any time
    #[arg(long, value_name = "DIR")]
    pub(super) cache: Option<PathBuf>,
}

/// How much is said, and in which colours.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct OutputOptions {
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN")]
    pub(super) color: Color,
    /// Say nothing but findings and errors
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal that takes them
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

fn day(text: &str) -> Result<String, String> {
    let is_day = workspace::is_day(text);
    if is_day { Ok(text.to_owned()) } else { Err("not a day of the calendar as YYYY-MM-DD".to_owned()) }
}

fn application_name(text: &str) -> Result<String, String> {
    let starts_well = text.starts_with(|letter: char| letter.is_ascii_lowercase());
    let is_kebab = text.split('-').all(|part| {
        !part.is_empty() && part.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
    });
    if starts_well && is_kebab && text.len() <= LONGEST_NAME {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "a name has lower-case letters, digits and hyphens, begins with a letter, and has at most {LONGEST_NAME} characters"
        ))
    }
}

/// Longer names of applications leave no room for role names, which IAM limits to 64 characters.
const LONGEST_NAME: usize = 32;
