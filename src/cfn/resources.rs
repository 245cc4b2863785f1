//! The resources of a run: added once, referred to by handle, each with its home, origin and retention.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use crate::source::Origin;

use super::logical_id::LogicalId;
use super::resource::Resource;
use super::tree::Node;
use super::value::{Expr, Value, words};

/// The number of a resource in its [`Resources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ResourceId(usize);

/// The number of a home in its [`Resources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct HomeId(usize);

/// Where a resource lives: which stack of which account and Region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Home {
    /// The blueprint whose output it belongs to.
    pub(crate) application: String,
    /// The environment.
    pub(crate) environment: String,
    /// The Region.
    pub(crate) region: String,
    /// The stack's name below its Region, which is the template's file name.
    pub(crate) stack: String,
    /// The account that deploys it.
    pub(crate) account: String,
    /// When it is deployed.
    pub(crate) layer: Layer,
}

/// The order of deployment within an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Layer {
    /// Keys of the primary Region.
    PrimaryKeys,
    /// Keys of the other Regions.
    ReplicaKeys,
    /// Everything else of the primary Region.
    Primary,
    /// Everything else of the other Regions.
    Replica,
    /// The halves that belong into consumers' accounts.
    Foreign,
}

/// What becomes of a resource that leaves its stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retention {
    /// Deleted with the stack.
    Delete,
    /// Kept, unless the very operation that made it rolls back.
    Retain,
}

/// A resource as it was added.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Its stack.
    pub(crate) home: HomeId,
    /// Its id there.
    pub(crate) logical_id: LogicalId,
    /// `AWS::Service::Resource`.
    pub(crate) kind: &'static str,
    /// Its properties in the order in which they are written.
    pub(crate) properties: Vec<(Cow<'static, str>, Node)>,
    /// What in the blueprint asked for it.
    pub(crate) origin: Origin,
    /// What becomes of it.
    pub(crate) retention: Retention,
    /// Resources that must be there first, beside those that it refers to.
    pub(crate) depends_on: Vec<ResourceId>,
    /// The transform that its template needs, if any.
    pub(crate) transform: Option<&'static str>,
}

/// A value that a stack shows after deployment.
#[derive(Debug)]
pub(crate) struct Output {
    /// The stack.
    pub(crate) home: HomeId,
    /// Its name there.
    pub(crate) name: LogicalId,
    /// What it is.
    pub(crate) description: String,
    /// The value.
    pub(crate) value: Expr,
    /// What in the blueprint it stands for.
    pub(crate) origin: Origin,
}

/// All resources of a run.
#[derive(Debug, Default)]
pub(crate) struct Resources {
    homes: Vec<Home>,
    home_ids: BTreeMap<Home, HomeId>,
    entries: Vec<Entry>,
    outputs: Vec<Output>,
    parameters: Vec<Declared>,
}

/// A parameter that the deployer gives a value.
#[derive(Debug)]
pub(crate) struct Declared {
    /// The stack.
    pub(crate) home: HomeId,
    /// Its name there.
    pub(crate) name: LogicalId,
    /// What to give.
    pub(crate) description: String,
    /// The pattern that a value must match.
    pub(crate) pattern: &'static str,
    /// What in the blueprint asked for it.
    pub(crate) origin: Origin,
}

/// What is decided about a resource beside its properties.
#[derive(Debug)]
pub(crate) struct Draft {
    /// Its stack.
    pub(crate) home: HomeId,
    /// Its id there.
    pub(crate) logical_id: LogicalId,
    /// What in the blueprint asked for it.
    pub(crate) origin: Origin,
    /// What becomes of it.
    pub(crate) retention: Retention,
    /// Resources that must be there first, beside those that it refers to.
    pub(crate) depends_on: Vec<ResourceId>,
}

/// A resource of a known kind.
#[derive(Debug)]
pub(crate) struct Handle<R> {
    id: ResourceId,
    kind: PhantomData<fn() -> R>,
}

impl<R> Clone for Handle<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Handle<R> {}

impl<R> Handle<R> {
    /// The id, for dependencies.
    pub(crate) fn id(self) -> ResourceId {
        self.id
    }

    /// An attribute whose word the kind's file vouches for.
    pub(super) fn attribute<T>(self, name: &'static str) -> Value<T> {
        Value::expr(Expr::GetAtt(self.id, name))
    }
}

impl<R: Resource> Handle<R> {
    /// What `Ref` returns for this kind.
    pub(crate) fn reference(self) -> Value<R::Ref> {
        Value::expr(Expr::Ref(self.id))
    }
}

impl Draft {
    /// A resource that is deleted with its stack and waits for nothing in particular.
    pub(crate) fn new(home: HomeId, logical_id: LogicalId, origin: Origin) -> Self {
        Self { home, logical_id, origin, retention: Retention::Delete, depends_on: Vec::new() }
    }

    /// Keeps it when it leaves its stack.
    #[must_use]
    pub(crate) fn retained(mut self) -> Self {
        self.retention = Retention::Retain;
        self
    }

    /// Makes it wait.
    #[must_use]
    pub(crate) fn after(mut self, first: impl IntoIterator<Item = ResourceId>) -> Self {
        self.depends_on.extend(first);
        self
    }
}

impl Resources {
    /// The id of a home; equal homes have one id.
    pub(crate) fn home(&mut self, home: Home) -> HomeId {
        if let Some(id) = self.home_ids.get(&home) {
            return *id;
        }
        let id = HomeId(self.homes.len());
        self.homes.push(home.clone());
        self.home_ids.insert(home, id);
        id
    }

    /// Adds a resource; the only way to get a handle.
    pub(crate) fn add<R: Resource>(&mut self, draft: Draft, resource: &R) -> Handle<R> {
        let id = ResourceId(self.entries.len());
        self.entries.push(Entry {
            home: draft.home,
            logical_id: draft.logical_id,
            kind: R::TYPE,
            properties: resource.properties(),
            origin: draft.origin,
            retention: draft.retention,
            depends_on: draft.depends_on,
            transform: resource.transform(),
        });
        Handle { id, kind: PhantomData }
    }

    /// Shows a value after deployment.
    pub(crate) fn output(&mut self, output: Output) {
        self.outputs.push(output);
    }

    /// Asks the deployer for a value.
    pub(crate) fn parameter(&mut self, declared: Declared) -> Value<words::Text> {
        let value = Value::parameter(declared.name.as_str());
        self.parameters.push(declared);
        value
    }

    /// The homes with their ids.
    pub(crate) fn homes(&self) -> impl Iterator<Item = (HomeId, &Home)> {
        self.homes.iter().enumerate().map(|(at, home)| (HomeId(at), home))
    }

    /// The resources with their ids, in the order they were added.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (ResourceId, &Entry)> {
        self.entries.iter().enumerate().map(|(at, entry)| (ResourceId(at), entry))
    }

    /// The outputs, in the order they were added.
    pub(crate) fn outputs(&self) -> impl Iterator<Item = &Output> {
        self.outputs.iter()
    }

    /// The parameters, in the order they were added.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &Declared> {
        self.parameters.iter()
    }

    /// The entry behind an id.
    pub(crate) fn get(&self, id: ResourceId) -> Option<&Entry> {
        self.entries.get(id.0)
    }

    /// The home behind an id.
    pub(crate) fn home_of(&self, id: HomeId) -> Option<&Home> {
        self.homes.get(id.0)
    }
}
