//! The grammar of the command line.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::report::FORMATS;
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
     2 usage or environment; 3 fault of keyprint; 4 undecided";

const COMPARE_CODES: &str = "Exit codes: 0 nothing more, 1 new access, 2 a file cannot be read, 4 unknown";

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Compile, verify, and write the templates
    Build(Build),
    /// Compile, verify, and compare with the snapshots
    Check(Check),
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
