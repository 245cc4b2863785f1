//! `AWS::SSM`.

use super::{Tag, resource};
use crate::cfn::value::words::{Text, Unused};
use crate::cfn::{Tree, Value};

resource! {
    /// A document of Systems Manager; with `NewVersion` a change keeps the document and its earlier versions.
    Document = "AWS::SSM::Document", Ref = Unused {
        name: Value<Text> = "Name",
        document_type: Value<Text> = "DocumentType",
        document_format: Value<Text> = "DocumentFormat",
        update_method: Value<Text> = "UpdateMethod",
        content: Tree = "Content",
        tags: Vec<Tag> = "Tags",
    }
}
