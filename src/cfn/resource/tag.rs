//! Tags, as every taggable kind takes them: a list of key and value.

use std::borrow::Cow;

use crate::cfn::{Node, ToTree, Tree};
use crate::source::Sourced;

/// One tag.
#[derive(Debug, Clone)]
pub(crate) struct Tag {
    /// The key; must not begin with `aws:`.
    pub(crate) key: Sourced<String>,
    /// The value.
    pub(crate) value: Sourced<String>,
}

impl ToTree for Tag {
    fn to_tree(&self) -> Tree {
        Tree::Map(vec![
            (Cow::Borrowed("Key"), self.key.to_node()),
            (Cow::Borrowed("Value"), self.value.to_node()),
        ])
    }

    fn to_node(&self) -> Node {
        Node { tree: self.to_tree(), origin: Some(self.value.origin) }
    }
}
