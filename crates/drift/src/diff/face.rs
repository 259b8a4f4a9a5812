//! The face of a schema: its keywords, with references followed and `allOf` and one-member unions laid flat.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::{Document, Kind, Located, Node, Unresolved, Version};

use crate::report::Direction;

/// The most parts that are laid flat; past them only the values are compared.
const MOST_PARTS: usize = 256;

/// The most subschemas that are searched for `readOnly` or `writeOnly`.
const MOST_SAYING: usize = 16;

/// The types of JSON Schema, null aside.
const TYPES: [&str; 6] = ["boolean", "object", "array", "number", "string", "integer"];

/// The schema of the names that an object does not declare.
#[derive(Clone, Debug)]
pub(crate) enum Additional<'d> {
    Unsaid,
    Any,
    Refused,
    Like(Located<'d>),
}

/// How null is added to the values of the parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Null {
    /// Null is not added: each part speaks of null itself.
    Plain,
    /// The whole is null or what the parts say.
    Whole,
    /// Some parts are null or what they say.
    Mixed,
}

/// What one schema declares, read without deciding anything.
#[derive(Clone, Debug)]
pub(crate) struct Face<'d> {
    pub(crate) version: Version,
    /// The place of the substance of the schema: past references and wrappers that add nothing.
    pub(crate) home: String,
    /// The schema itself and all that is laid flat into it.
    pub(crate) parts: Vec<Located<'d>>,
    /// The properties by name, with every place where a part declares one.
    pub(crate) properties: BTreeMap<&'d str, Vec<Located<'d>>>,
    /// Names that a part declares and that do not travel in this direction.
    pub(crate) hidden: BTreeSet<&'d str>,
    pub(crate) required: BTreeSet<&'d str>,
    pub(crate) additional: Additional<'d>,
    pub(crate) items: Vec<Located<'d>>,
    /// The branches of each `oneOf` or `anyOf` with several.
    pub(crate) unions: Vec<Vec<Located<'d>>>,
    /// Null is allowed in so many words.
    pub(crate) nullable: bool,
    /// The values of an `enum` or `const`, null aside.
    pub(crate) values: Option<Vec<Node<'d>>>,
    /// The values of an `enum` that was put on an array and is meant for its items.
    pub(crate) item_values: Option<Vec<Node<'d>>>,
    /// The types that `type` lists, null aside.
    pub(crate) types: Option<BTreeSet<&'d str>>,
    pub(crate) unresolved: Vec<Unresolved>,
    pub(crate) null: Null,
    /// References that were followed: one that comes again leads nowhere new.
    followed: Vec<String>,
    /// The schema says more than is laid flat.
    pub(crate) is_cut: bool,
    /// A part is of another dialect, or has a keyword of no meaning: what it declares is not known.
    pub(crate) is_unread: bool,
}

impl<'d> Face<'d> {
    /// The face of a schema for values that travel in `direction`: what is read-only is no part of requests, what
    /// is write-only no part of answers.
    pub(crate) fn of(document: &'d Document, place: &Located<'d>, direction: Direction) -> Self {
        let mut face = Self {
            version: document.version(),
            home: place.at.clone(),
            parts: Vec::new(),
            properties: BTreeMap::new(),
            hidden: BTreeSet::new(),
            required: BTreeSet::new(),
            additional: Additional::Unsaid,
            items: Vec::new(),
            unions: Vec::new(),
            nullable: false,
            values: None,
            item_values: None,
            types: None,
            unresolved: Vec::new(),
            null: Null::Plain,
            followed: Vec::new(),
            is_cut: false,
            is_unread: false,
        };
        face.add(document, place);
        face.leave_out_what_never_travels();
        let absent = match direction {
            Direction::Request => "readOnly",
            Direction::Response => "writeOnly",
        };
        let (hidden, properties): (BTreeMap<_, _>, BTreeMap<_, _>) = std::mem::take(&mut face.properties)
            .into_iter()
            .partition(|(_, places)| places.iter().any(|it| says(document, it, absent)));
        face.properties = properties;
        face.hidden = hidden.into_keys().collect();
        // A required name that nothing declares is still required.
        face.required.retain(|name| !face.hidden.contains(name));
        let mut substantial = face.parts.iter().filter(|part| has_substance(part.node));
        if let (Some(only), None) = (substantial.next(), substantial.next()) {
            face.home.clone_from(&only.at);
        }
        face
    }

    /// Drops what is said of items where no list is a value, and of names where no object is.
    fn leave_out_what_never_travels(&mut self) {
        let Some(types) = &self.types else { return };
        if !types.contains("array") {
            self.items.clear();
            self.item_values = None;
        }
        if !types.contains("object") {
            self.properties.clear();
            self.required.clear();
            self.additional = Additional::Unsaid;
        }
    }

    fn add(&mut self, document: &'d Document, place: &Located<'d>) {
        self.is_cut |= self.parts.len() >= MOST_PARTS;
        if self.is_cut || self.parts.iter().any(|part| part.at == place.at) {
            return;
        }
        if let Some(target) = place.target(document) {
            if self.followed.contains(&place.at) {
                self.is_cut = true;
                return;
            }
            self.followed.push(place.at.clone());
            match target {
                Ok(target) => self.add(document, &target),
                Err(unresolved) => self.unresolved.push(unresolved),
            }
            if document.version() == Version::V3_0 {
                if self.adds_null(place) {
                    self.nullable = true;
                    self.wrap_null(true);
                }
                return;
            }
        }
        if crate::dialect::unread(document, place.node).is_some() {
            (self.is_cut, self.is_unread) = (true, true);
        }
        // As the only word of an alternative `nullable` means null, and anything elsewhere: the search knows.
        self.is_cut |= self.adds_null(place) && place.node.members().len() == 1;
        self.parts.push(place.clone());
        self.read_keywords(place);
        let composed = ["allOf", "oneOf", "anyOf"]
            .iter()
            .any(|key| place.says(key).is_some());
        if composed && self.adds_null(place) {
            self.wrap_null(true);
        }
        for member in place.get("allOf").iter().flat_map(Located::items) {
            self.add(document, &member);
        }
        for union in ["oneOf", "anyOf"] {
            let Some(list) = place.get(union) else { continue };
            let branches: Vec<Located<'d>> = list.items().collect();
            let mut others = branches.iter().filter(|branch| !is_null_only(branch.node));
            match (others.next(), others.next()) {
                (Some(only), None) => {
                    if branches.len() > 1 {
                        self.nullable = true;
                        let alone = ["allOf", "oneOf", "anyOf"]
                            .iter()
                            .filter(|key| place.says(key).is_some());
                        // Exactly one may hold: what takes null itself takes it away again.
                        let sure = union == "anyOf"
                            || branches.len() == 2
                                && only.clone().follow(document).is_ok_and(|only| {
                                    only.text("type").is_some_and(|name| name != "null")
                                        && !self.adds_null(&only)
                                });
                        self.wrap_null(sure && alone.count() == 1 && !has_substance(place.node));
                    }
                    self.add(document, only);
                }
                (Some(_), Some(_)) => {
                    self.nullable |= branches.iter().any(|branch| is_null_only(branch.node));
                    self.unions.push(branches);
                }
                (None, _) => match branches.as_slice() {
                    [null] => self.add(document, null),
                    _ => self.is_cut = true,
                },
            }
        }
    }

    /// `nullable` is a word of OpenAPI 3.0 only.
    pub(crate) fn adds_null(&self, part: &Located<'d>) -> bool {
        self.version == Version::V3_0 && part.is_true("nullable")
    }

    /// Notes that the schema just read admits null whatever its parts say.
    fn wrap_null(&mut self, alone: bool) {
        self.null = if alone && self.parts.len() == 1 {
            Null::Whole
        } else {
            Null::Mixed
        };
    }

    fn read_keywords(&mut self, place: &Located<'d>) {
        let properties = place.get("properties");
        for (name, property) in properties.iter().flat_map(Located::entries) {
            self.properties.entry(name).or_default().push(property);
        }
        let required = place.says("required").into_iter().flat_map(Node::items);
        self.required.extend(required.filter_map(Node::as_str));
        if let Some(schema) = place.get("additionalProperties") {
            self.additional = match schema.node.kind() {
                Kind::Bool(true) => Additional::Any,
                Kind::Bool(false) => Additional::Refused,
                Kind::Object(members) if members.is_empty() => Additional::Any,
                _ => Additional::Like(schema),
            };
        }
        self.items
            .extend(place.get("items").filter(|items| items.node.is_object()));
        self.nullable |= self.adds_null(place);
        match place.says("type").map(Node::kind) {
            Some(Kind::String(one)) => {
                self.nullable |= one == "null";
                self.narrow_types(std::iter::once(one));
            }
            Some(Kind::Array(several)) => {
                let several = several.filter_map(Node::as_str);
                self.nullable |= several.clone().any(|it| it == "null");
                self.narrow_types(several);
            }
            _ => {}
        }
        let listed = place.says("enum").and_then(Node::as_array);
        let on_array = place.text("type") == Some("array");
        if let Some(listed) = listed {
            if !on_array {
                self.nullable |= listed.clone().any(Node::is_null);
                narrow(&mut self.values, listed.filter(|it| !it.is_null()).collect());
            } else if !listed.clone().any(|it| it.is_array() || it.is_null()) {
                narrow(&mut self.item_values, listed.collect());
            }
        }
        if let Some(constant) = place.says("const") {
            narrow(&mut self.values, vec![constant]);
        }
    }

    fn narrow_types(&mut self, types: impl Iterator<Item = &'d str>) {
        let own: BTreeSet<&str> = types.filter(|name| *name != "null").collect();
        // A name that JSON does not know excludes nothing that is known.
        if own.iter().any(|name| !TYPES.contains(name)) {
            return;
        }
        self.types = Some(match self.types.take() {
            None => own,
            Some(known) => {
                // An integer is a number.
                let lists = |types: &BTreeSet<&str>, name: &str| {
                    types.contains(name) || name == "integer" && types.contains("number")
                };
                let all = known.union(&own).copied();
                all.filter(|name| lists(&known, name) && lists(&own, name))
                    .collect()
            }
        });
    }

    /// The one place that declares a property; nothing when several do, for then no one place says what it is.
    pub(crate) fn property(&self, name: &str) -> Option<&Located<'d>> {
        match self.properties.get(name).map(Vec::as_slice) {
            Some([one]) => Some(one),
            _ => None,
        }
    }

    /// Whether a part declares a name, even one that does not travel in this direction.
    pub(crate) fn declares(&self, name: &str) -> bool {
        self.properties.contains_key(name) || self.hidden.contains(name)
    }

    /// Whether no part declares a name.
    pub(crate) fn is_bare(&self) -> bool {
        self.properties.is_empty() && self.hidden.is_empty()
    }

    pub(crate) fn is_object(&self) -> bool {
        !self.properties.is_empty()
            || !self.required.is_empty()
            || !matches!(self.additional, Additional::Unsaid)
            || self.types.as_ref().is_some_and(|types| types.contains("object"))
    }

    /// The value of a keyword in the first part that has it.
    pub(crate) fn keyword(&self, key: &str) -> Option<Node<'d>> {
        self.parts.iter().find_map(|part| part.says(key))
    }
}

/// Whether a schema carries a flag, itself or through what it is made of.
fn says<'d>(document: &'d Document, place: &Located<'d>, flag: &str) -> bool {
    let mut open = vec![place.clone()];
    for _ in 0..=MOST_SAYING {
        let Some(place) = open.pop() else { return false };
        if place.is_true(flag) {
            return true;
        }
        open.extend(place.target(document).and_then(Result::ok));
        open.extend(place.get("allOf").iter().flat_map(Located::items));
    }
    false
}

/// Keeps the values that every part lists.
fn narrow<'d>(known: &mut Option<Vec<Node<'d>>>, own: Vec<Node<'d>>) {
    match known {
        Some(known) => known.retain(|value| own.contains(value)),
        None => *known = Some(own),
    }
}

pub(crate) fn is_null_only(schema: Node<'_>) -> bool {
    match schema.get("type").map(Node::kind) {
        Some(Kind::Array(mut types)) => types.len() == 1 && types.all(|it| it.as_str() == Some("null")),
        Some(kind) => matches!(kind, Kind::String("null")),
        None => match (schema.get("enum"), schema.get("const")) {
            (Some(values), _) if values.is_array() => {
                values.items().len() == 1 && values.items().all(Node::is_null)
            }
            (None, Some(constant)) => constant.is_null(),
            _ => false,
        },
    }
}

/// Whether a part says more about values than which other parts to read and whether null is one.
fn has_substance(part: Node<'_>) -> bool {
    part.members().any(|(key, value)| match key {
        "nullable"
        | "default"
        | "readOnly"
        | "writeOnly"
        | "deprecated"
        | crate::shape::SUNSET
        | "$ref"
        | "allOf" => false,
        "oneOf" | "anyOf" => value.items().filter(|branch| !is_null_only(*branch)).count() > 1,
        key => !crate::shape::is_prose(key),
    })
}
