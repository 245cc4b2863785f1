//! Changing templates by the names of their resources and statements.

use serde_json::{Value, json};

/// The templates of a side.
pub(crate) struct Templates {
    entries: Vec<(String, Value)>,
}

impl Templates {
    pub(crate) fn new(entries: Vec<(String, Value)>) -> Templates {
        Templates { entries }
    }

    pub(crate) fn documents(self) -> Vec<Value> {
        self.entries.into_iter().map(|(_, document)| document).collect()
    }

    /// The template that has a resource, in production and the primary Region.
    pub(crate) fn home(&mut self, id: &str) -> &mut Value {
        let elsewhere = |path: &str| path.contains("staging") || path.contains("eu-central-1");
        let wanted = |(path, document): &&mut (String, Value)| {
            document["Resources"].get(id).is_some() && !elsewhere(path)
        };
        &mut self.entries.iter_mut().find(wanted).unwrap_or_else(|| panic!("no {id}")).1
    }

    /// A resource.
    pub(crate) fn resource(&mut self, id: &str) -> &mut Value {
        &mut self.home(id)["Resources"][id]
    }

    /// The properties of a resource.
    pub(crate) fn properties(&mut self, id: &str) -> &mut Value {
        &mut self.resource(id)["Properties"]
    }

    /// A part of the properties of a resource that is there.
    pub(crate) fn part(&mut self, id: &str, pointer: &str) -> &mut Value {
        self.properties(id).pointer_mut(pointer).unwrap_or_else(|| panic!("{id} has no {pointer}"))
    }

    /// Sets a property.
    pub(crate) fn set(&mut self, id: &str, name: &str, value: Value) {
        self.properties(id)[name] = value;
    }

    /// Takes a property away.
    pub(crate) fn unset(&mut self, id: &str, name: &str) {
        self.properties(id)
            .as_object_mut()
            .unwrap()
            .shift_remove(name)
            .unwrap_or_else(|| panic!("{id} has no {name}"));
    }

    /// Takes a resource away.
    pub(crate) fn remove(&mut self, id: &str) -> Value {
        self.home(id)["Resources"].as_object_mut().unwrap().shift_remove(id).unwrap()
    }

    /// Adds a resource to the template that has another.
    pub(crate) fn add(&mut self, beside: &str, id: &str, resource: Value) {
        self.home(beside)["Resources"][id] = resource;
    }

    /// Moves a resource to another logical id, with every reference.
    pub(crate) fn rename(&mut self, id: &str, to: &str) {
        let home = self.home(id);
        let text = serde_json::to_string(home).unwrap().replace(&format!("\"{id}\""), &format!("\"{to}\""));
        *home = serde_json::from_str(&text).unwrap();
    }

    /// The statements of the only policy of a resource.
    pub(crate) fn statements(&mut self, id: &str) -> &mut Vec<Value> {
        let properties = self.properties(id);
        let names = ["PolicyDocument", "ResourcePolicy", "KeyPolicy", "AssumeRolePolicyDocument"];
        let name = names.iter().find(|name| properties.get(**name).is_some()).unwrap();
        properties[*name]["Statement"].as_array_mut().unwrap()
    }

    /// A statement by its `Sid`.
    pub(crate) fn statement(&mut self, id: &str, sid: &str) -> &mut Value {
        let found = self.statements(id).iter_mut().find(|it| it["Sid"] == sid);
        found.unwrap_or_else(|| panic!("{id} has no statement {sid}"))
    }

    /// Takes a statement away.
    pub(crate) fn drop_statement(&mut self, id: &str, sid: &str) {
        let statements = self.statements(id);
        let before = statements.len();
        statements.retain(|it| it["Sid"] != sid);
        assert!(statements.len() < before, "{id} has no statement {sid}");
    }

    /// The actions of a statement, as a list.
    pub(crate) fn actions(&mut self, id: &str, sid: &str) -> &mut Vec<Value> {
        list(&mut self.statement(id, sid)["Action"])
    }
}

/// A list, also where one entry stands alone.
pub(crate) fn list(value: &mut Value) -> &mut Vec<Value> {
    if !value.is_array() {
        *value = json!([value.clone()]);
    }
    value.as_array_mut().unwrap()
}
