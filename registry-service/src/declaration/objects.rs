//! A declaration spread out: every thing by itself, with a name, a place in the file and its content.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::declaration::{
    Application, Declaration, Document, Product, Service, Specification, Version,
};

/// What there is to declare, in the order it can be made: what comes later names what comes before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A way to authenticate.
    Strategy,
    /// The portal's settings.
    Portal,
    /// An API product.
    Product,
    /// A document of a product.
    Document,
    /// A version of a product.
    Version,
    /// The OpenAPI document of a version.
    Specification,
    /// An application of nobody's.
    Application,
    /// A service, of a version or of none.
    Service,
    /// How the portal shows a version.
    Publication,
    /// What an application may call.
    Registration,
}

/// Names a thing: its kind, and what people call it and all it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// What it is.
    pub kind: Kind,
    /// What it is called, the outermost first.
    pub names: Vec<String>,
}

/// A thing by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Where the file says so, such as `products[0].versions[1].service`.
    pub place: String,
    /// What it is like; what it is made of besides stands by itself.
    pub content: Map<String, Value>,
    /// Where it stands in the file: parents come before their children.
    pub order: usize,
}

/// Everything a declaration says.
#[derive(Debug, Default)]
pub struct Objects {
    /// The things.
    pub things: BTreeMap<Name, Object>,
    /// The lists that were given, by kind and what they belong to: what is not in them may be pruned.
    pub lists: BTreeSet<Name>,
    /// Names that two things have, and the places of the later ones.
    pub repeated: Vec<(Name, String)>,
}

// === impl Kind ===

impl Kind {
    /// Returns what people call it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Strategy => "strategy",
            Self::Portal => "portal",
            Self::Product => "product",
            Self::Document => "document",
            Self::Version => "version",
            Self::Specification => "specification",
            Self::Application => "application",
            Self::Service => "service",
            Self::Publication => "publication",
            Self::Registration => "registration",
        }
    }
}

// === impl Name ===

impl Name {
    /// Names a thing.
    pub fn new(kind: Kind, names: &[&str]) -> Self {
        Self {
            kind,
            names: names.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    /// Names the list it stands in: its kind, and what it belongs to.
    #[must_use]
    pub fn list(&self) -> Self {
        let outer = match self.kind {
            Kind::Document | Kind::Version | Kind::Registration => 1,
            // A version's is no list: it is there or not.
            Kind::Specification | Kind::Publication => 2,
            Kind::Service if self.names.len() == 2 => 2,
            _ => 0,
        };
        Self {
            kind: self.kind,
            names: self.names.iter().take(outer).cloned().collect(),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.kind.word())?;
        if !self.names.is_empty() {
            write!(out, " `{}`", self.names.join("` `"))?;
        }
        Ok(())
    }
}

// === impl Objects ===

impl Objects {
    /// Spreads a declaration out.
    pub fn of(declaration: &Declaration) -> Self {
        let mut objects = Self::default();
        if let Some(portal) = &declaration.portal {
            objects.add(Name::new(Kind::Portal, &[]), "portal", members(portal));
        }
        for (index, strategy) in objects.list(Kind::Strategy, &[], declaration.strategies.as_ref())
        {
            let mut content = members(strategy);
            content.shift_remove("name");
            let shown = strategy.display_name.as_ref().unwrap_or(&strategy.name);
            content.insert("display_name".to_owned(), json!(shown));
            content.entry("ttl").or_insert(Value::Null);
            let name = Name::new(Kind::Strategy, &[strategy.name.as_str()]);
            objects.add(name, &format!("strategies[{index}]"), content);
        }
        for (index, product) in objects.list(Kind::Product, &[], declaration.products.as_ref()) {
            objects.product(product, &format!("products[{index}]"));
        }
        for (index, application) in
            objects.list(Kind::Application, &[], declaration.applications.as_ref())
        {
            objects.application(application, &format!("applications[{index}]"));
        }
        for (index, service) in objects.list(Kind::Service, &[], declaration.services.as_ref()) {
            let name = Name::new(Kind::Service, &[service.name.as_str()]);
            objects.add(name, &format!("services[{index}]"), guarded(service));
        }
        objects
    }

    fn product(&mut self, product: &Product, place: &str) {
        let own = product.name.as_str();
        let content = map(json!({
            "description": product.description,
            "labels": product.labels,
            "public_labels": product.public_labels,
        }));
        self.add(Name::new(Kind::Product, &[own]), place, content);
        if let Some(documents) = &product.documents {
            self.lists.insert(Name::new(Kind::Document, &[own]));
            self.documents(own, None, (documents, &format!("{place}.documents")));
        }
        for (index, version) in self.list(Kind::Version, &[own], product.versions.as_ref()) {
            self.version(own, version, &format!("{place}.versions[{index}]"));
        }
    }

    fn documents(
        &mut self,
        product: &str,
        parent: Option<&str>,
        (documents, place): (&[Document], &str),
    ) {
        for (index, document) in documents.iter().enumerate() {
            let place = format!("{place}[{index}]");
            let slug = document.slug.as_str();
            let content = map(json!({
                "parent": parent,
                "title": document.title,
                "status": document.status,
                "content": document.content.as_deref().unwrap_or_default(),
                "position": document.position.map_or(json!(index), Value::from),
            }));
            self.add(Name::new(Kind::Document, &[product, slug]), &place, content);
            let beneath = format!("{place}.documents");
            self.documents(product, Some(slug), (&document.documents, &beneath));
        }
    }

    fn version(&mut self, product: &str, version: &Version, place: &str) {
        let names = [product, version.name.as_str()];
        let content = map(json!({"deprecated": version.deprecated}));
        self.add(Name::new(Kind::Version, &names), place, content);
        if let Some(Specification { name, content, .. }) = &version.specification {
            let name_of = Name::new(Kind::Specification, &names);
            let content = map(json!({"name": name, "content": content}));
            self.add(name_of, &format!("{place}.specification"), content);
        }
        if let Some(service) = &version.service {
            let mut content = guarded(service);
            content.insert("name".to_owned(), json!(service.name));
            let name = Name::new(Kind::Service, &names);
            self.add(name, &format!("{place}.service"), content);
        }
        if let Some(publication) = &version.publication {
            let mut content = members(publication);
            content.entry("strategy").or_insert(Value::Null);
            let name = Name::new(Kind::Publication, &names);
            self.add(name, &format!("{place}.publication"), content);
        }
    }

    fn application(&mut self, application: &Application, place: &str) {
        let own = application.reference_id.as_str();
        let mut groups: Vec<_> = application.groups.iter().collect();
        groups.sort_unstable();
        let mut content = map(json!({
            "name": application.name,
            "description": application.description,
            "groups": groups,
        }));
        if let Some(strategy) = &application.strategy {
            content.insert("strategy".to_owned(), json!(strategy));
        }
        self.add(Name::new(Kind::Application, &[own]), place, content);
        let registrations = application.registrations.as_ref();
        for (index, registration) in self.list(Kind::Registration, &[own], registrations) {
            let version = registration.version.as_str();
            let names = [own, registration.product.as_str(), version];
            let content = map(json!({"status": registration.status}));
            let place = format!("{place}.registrations[{index}]");
            self.add(Name::new(Kind::Registration, &names), &place, content);
        }
    }

    /// Notes that a list was given, and numbers what is in it.
    fn list<'a, T>(
        &mut self,
        kind: Kind,
        outer: &[&str],
        given: Option<&'a Vec<T>>,
    ) -> impl Iterator<Item = (usize, &'a T)> + use<'a, T> {
        if given.is_some() {
            self.lists.insert(Name::new(kind, outer));
        }
        given.into_iter().flatten().enumerate()
    }

    fn add(&mut self, name: Name, place: &str, content: Map<String, Value>) {
        let object = Object {
            place: place.to_owned(),
            content,
            order: self.things.len(),
        };
        match self.things.entry(name) {
            Entry::Occupied(taken) => self.repeated.push((taken.key().clone(), object.place)),
            Entry::Vacant(free) => {
                free.insert(object);
            }
        }
    }
}

/// Returns how a service is guarded, with everything said: a change has to take back what is not there.
fn guarded(service: &Service) -> Map<String, Value> {
    let mut key_auth = members(&service.key_auth);
    for name in ["key_names", "anonymous", "realm", "value_prefix"] {
        key_auth.entry(name).or_insert(Value::Null);
    }
    map(json!({
        "proxy_url": service.proxy_url,
        "key_auth": key_auth,
        "acl": service.acl,
        "public": service.public,
    }))
}

fn members(of: &impl Serialize) -> Map<String, Value> {
    map(serde_json::to_value(of).unwrap_or_default())
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
