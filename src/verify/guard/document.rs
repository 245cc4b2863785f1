//! A template as the engine sees it: values with their JSON pointers, and resources by type.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use cloudformation_guard_lang::path_value::{Location, MapValue, Path, PathAwareValue};
use serde_json::Value;

use crate::pointer::escaped;

/// Deeper values are refused, because the engine recurses over them; the limit of serde_json's parser.
const MAX_DEPTH: usize = 128;

/// A template converted once, for any number of rules.
pub(super) struct Document {
    pub(super) root: Rc<PathAwareValue>,
    by_type: Option<BTreeMap<String, Vec<usize>>>,
    shared: RefCell<BTreeMap<usize, Rc<PathAwareValue>>>,
}

impl Document {
    /// Converts a template; `None` if it is nested too deeply.
    pub(super) fn new(template: &Value) -> Option<Document> {
        let root = convert(template, String::new(), 0)?;
        let by_type = index_by_type(&root);
        Some(Document { root: Rc::new(root), by_type, shared: RefCell::new(BTreeMap::new()) })
    }

    /// The resources of some types in the order of the template, or `None` where only the engine can tell.
    pub(super) fn of_types(&self, names: &[&str]) -> Option<Vec<Rc<PathAwareValue>>> {
        Some(self.entries_of_types(names)?.into_iter().map(|(_, resource)| resource).collect())
    }

    /// The same with the keys of the resources, which are their logical ids.
    pub(super) fn entries_of_types(
        &self,
        names: &[&str],
    ) -> Option<Vec<(Rc<PathAwareValue>, Rc<PathAwareValue>)>> {
        let by_type = self.by_type.as_ref()?;
        let positions: BTreeSet<usize> =
            names.iter().flat_map(|name| by_type.get(*name).into_iter().flatten()).copied().collect();
        let PathAwareValue::Map((_, root)) = self.root.as_ref() else { return None };
        let PathAwareValue::Map((_, resources)) = root.values.get("Resources")? else { return None };
        let mut shared = self.shared.borrow_mut();
        positions
            .into_iter()
            .map(|position| {
                let (_, resource) = resources.values.get_index(position)?;
                let resource = shared.entry(position).or_insert_with(|| Rc::new(resource.clone()));
                Some((Rc::new(resources.keys.get(position)?.clone()), Rc::clone(resource)))
            })
            .collect()
    }
}

/// Positions of the resources of each type. `None` unless every resource is a map with a literal `Type`: the
/// engine also tries other spellings of a missing key, and the index must never answer differently.
fn index_by_type(root: &PathAwareValue) -> Option<BTreeMap<String, Vec<usize>>> {
    let PathAwareValue::Map((_, root)) = root else { return None };
    let PathAwareValue::Map((_, resources)) = root.values.get("Resources")? else { return None };
    if resources.is_empty() {
        return None;
    }
    let mut by_type: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (position, resource) in resources.values.values().enumerate() {
        let PathAwareValue::Map((_, resource)) = resource else { return None };
        let PathAwareValue::String((_, type_name)) = resource.values.get("Type")? else { return None };
        by_type.entry(type_name.clone()).or_default().push(position);
    }
    Some(by_type)
}

fn convert(value: &Value, pointer: String, depth: usize) -> Option<PathAwareValue> {
    if depth > MAX_DEPTH {
        return None;
    }
    Some(match value {
        Value::Null => PathAwareValue::Null(at(pointer)),
        Value::Bool(flag) => PathAwareValue::Bool((at(pointer), *flag)),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => PathAwareValue::Int((at(pointer), integer)),
            None => PathAwareValue::Float((at(pointer), number.as_f64()?)),
        },
        Value::String(text) => PathAwareValue::String((at(pointer), text.clone())),
        Value::Array(items) => {
            let items = items
                .iter()
                .enumerate()
                .map(|(index, item)| convert(item, format!("{pointer}/{index}"), depth + 1))
                .collect::<Option<Vec<_>>>()?;
            PathAwareValue::List((at(pointer), items))
        }
        Value::Object(members) => {
            let mut keys = Vec::with_capacity(members.len());
            let mut values = Vec::with_capacity(members.len());
            for (key, member) in members {
                let below = format!("{pointer}/{}", escaped(key));
                keys.push(PathAwareValue::String((at(below.clone()), key.clone())));
                values.push((key.clone(), convert(member, below, depth + 1)?));
            }
            PathAwareValue::Map((at(pointer), MapValue { keys, values: values.into_iter().collect() }))
        }
    })
}

fn at(pointer: String) -> Path {
    Path(pointer, Location::default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pointer::logical_id;
    use serde_json::json;

    #[test]
    fn pointers_are_escaped_and_ids_come_back_unescaped() {
        let document = Document::new(&json!({"Resources": {"A/b~c": {"Type": "T", "x": 1}}})).unwrap();
        let found = document.of_types(&["T"]).unwrap();
        let pointer = found[0].self_path().0.clone();
        assert_eq!(pointer, "/Resources/A~1b~0c");
        assert_eq!(logical_id(&pointer).as_deref(), Some("A/b~c"));
    }

    #[test]
    fn the_index_declines_where_the_engine_would_try_other_spellings() {
        let odd = json!({"Resources": {"A": {"Type": "T"}, "B": {"type": "T"}}});
        assert!(Document::new(&odd).unwrap().of_types(&["T"]).is_none());
        assert!(Document::new(&json!({"Resources": {}})).unwrap().of_types(&["T"]).is_none());
        assert!(Document::new(&json!([])).unwrap().of_types(&["T"]).is_none());
    }

    #[test]
    fn a_deep_document_is_refused() {
        let mut deep = json!(1);
        for _ in 0..200 {
            deep = json!([deep]);
        }
        assert!(Document::new(&deep).is_none());
    }
}
