//! Which secrets can be asked about in one question, and whom there is to ask.

use std::collections::{BTreeMap, BTreeSet};

use super::statements::may_reach;
use crate::access::Names;
use crate::deployed::{Deployed, DeployedRole, account_of};

/// The most secrets of a group: what a question costs grows faster than the number of things that it is about.
const MOST: usize = 32;

/// Secrets that nothing but their ARN tells apart.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// The secrets, by position.
    pub(super) secrets: Vec<usize>,
    /// Whether they are closed to others of the account.
    pub(super) closed: bool,
}

/// Who is asked.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asker {
    /// A role whose policies are all known, by position.
    Known(usize),
    /// Everybody else.
    Others,
}

/// What is to be asked: each role whose policies are all known about those secrets of a group that it may reach, and
/// everybody else about all of them.
pub(super) fn asked(deployed: &Deployed, is_closed: impl Fn(usize) -> bool) -> Vec<(Group, Asker)> {
    let groups = groups(deployed, is_closed);
    let mut group_of = vec![0; deployed.secrets.len()];
    for (position, group) in groups.iter().enumerate() {
        for at in &group.secrets {
            if let Some(slot) = group_of.get_mut(*at) {
                *slot = position;
            }
        }
    }
    // Where the secrets' own policy allows something, any role may reach them.
    let opens = |group: &Group| {
        let first = group.secrets.first().and_then(|at| deployed.secrets.get(*at));
        first.and_then(|secret| secret.policy.as_ref()).is_some_and(|placed| placed.policy.has_allow())
    };
    let open: Vec<(usize, &Group)> = groups.iter().enumerate().filter(|(_, group)| opens(group)).collect();
    let names = Names::new(deployed.secrets.iter().map(|secret| secret.arn.as_str()));
    // By group and role.
    let mut reached: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for (role, it) in deployed.roles.iter().enumerate().filter(|(_, it)| is_asked(it)) {
        let own: BTreeSet<usize> = it.identity.iter().flat_map(|it| names.allowed_by(&it.policy)).collect();
        for at in own {
            let Some(group) = group_of.get(at) else { continue };
            reached.entry((*group, role)).or_default().push(at);
        }
        reached.extend(open.iter().map(|(group, it)| ((*group, role), it.secrets.clone())));
    }
    let mut asked = Vec::new();
    for (position, group) in groups.iter().enumerate() {
        let rest = reached.split_off(&(position + 1, 0));
        for ((_, role), secrets) in std::mem::replace(&mut reached, rest) {
            asked.push((Group { secrets, closed: group.closed }, Asker::Known(role)));
        }
        asked.push((group.clone(), Asker::Others));
    }
    asked
}

/// Secrets by account, policy and whether they are closed to others of the account.
fn groups(deployed: &Deployed, is_closed: impl Fn(usize) -> bool) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut positions: BTreeMap<(bool, Option<&str>, Option<String>), usize> = BTreeMap::new();
    for (at, secret) in deployed.secrets.iter().enumerate() {
        let closed = is_closed(at);
        let policy = secret.policy.as_ref().map(|placed| placed.document.to_string());
        let position = positions.entry((closed, account_of(&secret.arn), policy)).or_insert(groups.len());
        match groups.get_mut(*position).filter(|group| group.secrets.len() < MOST) {
            Some(group) => group.secrets.push(at),
            None => {
                *position = groups.len();
                groups.push(Group { secrets: vec![at], closed });
            }
        }
    }
    groups
}

/// Whether every identity policy of a role is known.
pub(super) fn is_known(role: &DeployedRole) -> bool {
    role.made && role.elsewhere.is_empty()
}

fn is_asked(role: &DeployedRole) -> bool {
    is_known(role) && role.identity.iter().any(|placed| may_reach(&placed.document, "secretsmanager:"))
}
