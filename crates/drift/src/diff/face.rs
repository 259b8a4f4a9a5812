//! The face of a schema: its keywords, with references followed, and with `allOf` and one-member unions flattened.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use openapi_document::{Kind, Located, Node, NodeId, Unresolved};

use crate::diff::limits::Limits;
use crate::report::{Direction, Side};
use crate::schema::ast::{Keyword, Schema, Types};
use crate::schema::discriminator::Discriminator;
use crate::schema::keywords::SUNSET;
use crate::schema::reader::Reader;

/// Maximum number of parts that are flattened; beyond it only the values are compared.
const MOST_PARTS: usize = 256;
/// Number of parts that each schema may have besides those that all schemas share.
const FEW_PARTS: usize = 16;

/// The schema of the names that an object does not declare individually, from whichever keyword. The names of a map
/// are declared by its schema.
#[derive(Clone, Debug)]
pub(crate) enum Additional<'d> {
    Unsaid,
    Any,
    Like(Located<'d>),
    Refused,
}

impl<'d> Additional<'d> {
    /// The schema at a location. A schema without conditions on values equals no schema.
    fn of(reader: &mut Reader<'d>, side: Side, place: Located<'d>) -> Self {
        match reader.admits_all_or_none(side.index(), place.node) {
            Some(true) => Self::Any,
            Some(false) => Self::Refused,
            None => Self::Like(place),
        }
    }

    /// The stricter of two schemas that both apply.
    fn and(self, other: Self) -> Self {
        let rank = |it: &Self| match it {
            Self::Unsaid => 0,
            Self::Any => 1,
            Self::Like(_) => 2,
            Self::Refused => 3,
        };
        if rank(&other) >= rank(&self) { other } else { self }
    }
}

/// The condition under which a schema applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition<'d> {
    /// A property is present.
    Has(&'d str),
    /// The value matches a schema.
    Is(Node<'d>),
    /// The value does not match a schema.
    IsNot(Node<'d>),
}

/// The declarations of one schema, before any decision.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own that a schema states"
)]
pub(crate) struct Face<'d> {
    /// The location of the schema's substance, behind references and wrappers that add nothing.
    pub(crate) home: Arc<str>,
    /// The schema itself and all parts that are flattened into it.
    pub(crate) parts: Vec<Located<'d>>,
    /// The properties by name, with every location at which a part declares one.
    pub(crate) properties: BTreeMap<&'d str, Vec<Located<'d>>>,
    /// Whether a part lists its properties, even if it lists none.
    pub(crate) lists_names: bool,
    /// Names that are not sent in this direction.
    pub(crate) hidden: Rc<BTreeSet<&'d str>>,
    pub(crate) required: BTreeSet<&'d str>,
    pub(crate) additional: Additional<'d>,
    /// Whether several parts have a schema for further names, so that none of them is complete.
    has_further_parts: bool,
    /// The schema of `unevaluatedProperties`, which is used only without `additionalProperties`.
    unevaluated: Additional<'d>,
    /// Names that are declared only under a condition, such as the presence of another property.
    pub(crate) conditional: BTreeMap<&'d str, Located<'d>>,
    /// The properties that a schema describes under a condition.
    pub(crate) conditions: Vec<(Condition<'d>, &'d str, Located<'d>)>,
    /// Whether a keyword treats some names in another way than the other undeclared ones, or a declared name is refused.
    pub(crate) selects_names: bool,
    /// Whether a keyword may refuse undeclared names only for what comes with them, such as too many others.
    pub(crate) limits_company: bool,
    /// Whether a keyword refuses undeclared names.
    pub(crate) refuses_names: bool,
    pub(crate) patterns: Vec<(&'d str, Located<'d>)>,
    pub(crate) limits: Limits<'d>,
    /// The limits of all names.
    pub(crate) limits_of_names: Limits<'d>,
    pub(crate) items: Vec<Located<'d>>,
    /// The schemas of the first items, by position, with every location at which a part describes one.
    pub(crate) prefix: Vec<Vec<Located<'d>>>,
    /// The branches of each `oneOf` or `anyOf` with several branches.
    pub(crate) unions: Vec<Vec<Located<'d>>>,
    /// The discriminator that selects among values of this schema, with its location. A discriminator that selects
    /// this schema itself is not included.
    pub(crate) discriminator: Option<(Located<'d>, Rc<Discriminator<'d>>)>,
    /// Whether null is allowed explicitly.
    pub(crate) nullable: bool,
    /// The values of an `enum` or `const`, except null.
    pub(crate) values: Option<Rc<[Node<'d>]>>,
    /// The values of an `enum` beside `type: array`, which is meant for the items.
    pub(crate) item_values: Option<Rc<[Node<'d>]>>,
    /// The types that `type` lists, except null.
    pub(crate) types: Option<Types>,
    /// Whether the `type` that is read next lists an unknown type.
    has_unknown_type: bool,
    /// The values of all other keywords, each value once; the first part takes precedence.
    annotations: BTreeMap<&'d str, Vec<Node<'d>>>,
    pub(crate) unresolved: Vec<Unresolved>,
    /// The parts that are flattened.
    flattened: HashSet<NodeId>,
    /// References that were followed, so that a repeated one is not followed again.
    followed: HashSet<NodeId>,
    /// Locations of parts that do more than select other parts or allow null.
    substantial: Vec<Arc<str>>,
    /// Whether the schema says more than was flattened.
    is_cut: bool,
    /// Whether a part has another dialect or a meaningless keyword, so that its declarations are unknown.
    pub(crate) is_unread: bool,
}

impl<'d> Face<'d> {
    /// The face of a schema for values that are sent in `direction`: requests omit `readOnly` properties, and
    /// responses omit `writeOnly` ones.
    pub(crate) fn of(reader: &mut Reader<'d>, side: Side, place: &Located<'d>, direction: Direction) -> Self {
        Self::of_all(reader, side, std::slice::from_ref(place), direction)
    }

    /// The face of schemas that apply to the same value; the first one provides the location.
    pub(crate) fn of_all(
        reader: &mut Reader<'d>,
        side: Side,
        places: &[Located<'d>],
        direction: Direction,
    ) -> Self {
        let mut hidden = Rc::default();
        for place in places {
            let unsent = reader.unsent(side.index(), place.node, Some(direction));
            let own = reader.names(unsent);
            hidden = if places.len() == 1 {
                own
            } else {
                Rc::new(BTreeSet::union(&hidden, &own).copied().collect())
            };
        }
        let mut face = Self {
            home: places.first().map_or_else(|| "".into(), |it| Arc::clone(&it.at)),
            parts: Vec::new(),
            properties: BTreeMap::new(),
            lists_names: false,
            hidden,
            required: BTreeSet::new(),
            additional: Additional::Unsaid,
            has_further_parts: false,
            unevaluated: Additional::Unsaid,
            conditional: BTreeMap::new(),
            conditions: Vec::new(),
            selects_names: false,
            limits_company: false,
            refuses_names: false,
            patterns: Vec::new(),
            limits: Limits::default(),
            limits_of_names: Limits::default(),
            items: Vec::new(),
            prefix: Vec::new(),
            unions: Vec::new(),
            discriminator: None,
            nullable: false,
            values: None,
            item_values: None,
            types: None,
            has_unknown_type: false,
            annotations: BTreeMap::new(),
            unresolved: Vec::new(),
            flattened: HashSet::new(),
            followed: HashSet::new(),
            substantial: Vec::new(),
            is_cut: false,
            is_unread: false,
        };
        for place in places {
            face.add(reader, side, place, false);
        }
        face.describe_first_items();
        if matches!(face.additional, Additional::Unsaid) {
            face.additional = face.unevaluated.clone();
        }
        face.leave_out_what_never_travels();
        if let [only] = face.substantial.as_slice() {
            face.home.clone_from(only);
        }
        // Thousands of faces are kept, and these lists are not needed any more.
        (face.flattened, face.followed) = (HashSet::new(), HashSet::new());
        face.substantial = Vec::new();
        face
    }

    /// Adds the schema of a part's items to those positions that only another part describes by itself.
    fn describe_first_items(&mut self) {
        if self.prefix.is_empty() {
            return;
        }
        for part in &self.parts {
            let own = part.node.get("prefixItems").map_or(0, |it| it.items().len());
            let items = part.get("items").filter(|it| it.node.is_object());
            for position in self.prefix.iter_mut().skip(own) {
                position.extend(items.clone());
            }
        }
    }

    /// Whether the schema accepts any value by the letter, although its properties show that an object is meant.
    ///
    /// See reading 3 in `docs/readings.md`.
    pub(crate) fn means_object(&self) -> bool {
        self.lists_names && self.types.is_none() && self.values.is_none() && self.unions.is_empty()
    }

    /// Drops the conditions on items if no array is accepted, and those on names if no object is.
    fn leave_out_what_never_travels(&mut self) {
        let Some(types) = self.types else { return };
        if !types.has(Types::ARRAY) {
            self.items.clear();
            self.prefix.clear();
            self.item_values = None;
        }
        if !types.has(Types::OBJECT) {
            self.properties.clear();
            self.lists_names = false;
            self.required.clear();
            self.additional = Additional::Unsaid;
            self.unevaluated = Additional::Unsaid;
            self.conditional.clear();
            self.conditions.clear();
            self.selects_names = false;
            self.limits_company = false;
            self.refuses_names = false;
            self.patterns.clear();
        }
    }

    /// Flattens a part, which the schema may inherit.
    fn add(&mut self, reader: &mut Reader<'d>, side: Side, place: &Located<'d>, is_inherited: bool) {
        self.is_cut |= self.parts.len() >= MOST_PARTS;
        if self.is_cut || self.flattened.contains(&place.node.id()) {
            return;
        }
        let schema = reader.read(side.index(), place.node);
        if let Some(target) = place.target(reader.document(side.index())) {
            self.is_cut |= !self.followed.insert(place.node.id());
            if self.is_cut {
                return;
            }
            match target {
                Ok(target) => self.add(reader, side, &target, is_inherited),
                Err(unresolved) => self.unresolved.push(unresolved),
            }
        }
        self.nullable |= schema.adds_null;
        if schema.is_reference_alone(true) {
            return;
        }
        if self.parts.len() >= FEW_PARTS && !reader.may_flatten() {
            self.is_cut = true;
            return;
        }
        self.flattened.insert(place.node.id());
        self.parts.push(place.clone());
        if has_substance(&schema, |node| reader.is_null(side.index(), node)) {
            self.substantial.push(Arc::clone(&place.at));
        }
        for keyword in &schema.keywords {
            self.keyword(reader, place, keyword);
        }
        let discriminator = schema.discriminator();
        let has_chosen = is_inherited && discriminator.is_some();
        if let Some(own) = discriminator.filter(|_| !is_inherited && self.discriminator.is_none()) {
            self.discriminator = Some((place.clone(), Rc::clone(own)));
        }
        for keyword in &schema.keywords {
            match keyword {
                Keyword::AllOf(_) => {
                    let is_inherited = is_inherited || !schema.is_wrapper();
                    for member in place.get("allOf").iter().flat_map(Located::items) {
                        self.add(reader, side, &member, is_inherited);
                    }
                }
                Keyword::AnyOf(_) | Keyword::OneOf(_) if has_chosen => {}
                Keyword::AnyOf(_) => self.union(reader, side, place.get("anyOf").as_ref(), is_inherited),
                Keyword::OneOf(_) => self.union(reader, side, place.get("oneOf").as_ref(), is_inherited),
                Keyword::Properties(all) => {
                    let mut sent = all.clone().filter(|(name, _)| !self.hidden.contains(name));
                    self.selects_names |=
                        sent.any(|(_, it)| reader.admits_all_or_none(side.index(), it) == Some(false));
                }
                Keyword::AdditionalProperties(_) => {
                    let own = place.get("additionalProperties");
                    self.further(own.map(|it| Additional::of(reader, side, it)), true);
                }
                Keyword::UnevaluatedProperties(_) => {
                    let own = place.get("unevaluatedProperties");
                    self.further(own.map(|it| Additional::of(reader, side, it)), false);
                }
                Keyword::PropertyNames(names) => {
                    let schema = reader.read(side.index(), *names);
                    schema.keywords.iter().for_each(|it| self.limits_of_names.add(it));
                    let limits = names.as_bool() != Some(true) && !schema.is_silent();
                    self.selects_names |= limits;
                    self.refuses_names |= limits;
                }
                Keyword::PatternProperties(_) => self.selects_names = true,
                Keyword::EveryProperty(pattern, _) => {
                    let all = place.get("patternProperties");
                    let own = all.and_then(|it| it.get(pattern));
                    self.further(own.map(|it| Additional::of(reader, side, it)), true);
                }
                Keyword::MaxProperties(_) | Keyword::DependentRequired(_) | Keyword::Not(_) => {
                    self.limits_company = true;
                }
                Keyword::DependentSchemas(_) => {
                    self.selects_names = true;
                    for (name, place) in place.entries_of("dependentSchemas") {
                        self.condition(reader, side, place, Some(Condition::Has(name)));
                    }
                }
                Keyword::Conditional { .. } => {
                    self.selects_names = true;
                    let condition = place.says("if");
                    for (key, condition) in [
                        ("if", None),
                        ("then", condition.map(Condition::Is)),
                        ("else", condition.map(Condition::IsNot)),
                    ] {
                        let schema = place.get(key).into_iter();
                        schema.for_each(|it| self.condition(reader, side, it, condition));
                    }
                }
                _ => {}
            }
        }
    }

    /// Adds the condition of a keyword on undeclared names.
    fn further(&mut self, own: Option<Additional<'d>>, is_additional: bool) {
        let Some(own) = own else { return };
        self.refuses_names |= matches!(own, Additional::Refused);
        let has_like = [&self.additional, &self.unevaluated]
            .into_iter()
            .any(|it| matches!(it, Additional::Like(_)));
        self.has_further_parts |= has_like && matches!(own, Additional::Like(_));
        let known = if is_additional {
            &mut self.additional
        } else {
            &mut self.unevaluated
        };
        *known = std::mem::replace(known, Additional::Unsaid).and(own);
    }

    /// Adds the names that a schema declares under a condition. `None` means that its declarations need not apply.
    fn condition(
        &mut self,
        reader: &mut Reader<'d>,
        side: Side,
        place: Located<'d>,
        condition: Option<Condition<'d>>,
    ) {
        let document = reader.document(side.index());
        let mut seen: Vec<Arc<str>> = Vec::new();
        let mut open = vec![(place, condition)];
        while let Some((place, condition)) = open.pop() {
            if seen.len() == MOST_PARTS || seen.contains(&place.at) {
                continue;
            }
            seen.push(Arc::clone(&place.at));
            for (name, property) in place.entries_of("properties") {
                if !self.hidden.contains(name) {
                    self.conditional.entry(name).or_insert_with(|| property.clone());
                    self.conditions.extend(condition.map(|it| (it, name, property)));
                }
            }
            let parts = place.get("allOf");
            let parts = parts.iter().flat_map(Located::items);
            let parts = parts.chain(place.target(document).into_iter().flatten());
            open.extend(parts.map(|it| (it, condition)));
            let lists = ["anyOf", "oneOf"].into_iter().filter_map(|it| place.get(it));
            let alternatives: Vec<_> = lists.flat_map(|it| it.items().collect::<Vec<_>>()).collect();
            let inner = place.entries_of("dependentSchemas").map(|(_, it)| it);
            let inner = inner.chain(["if", "then", "else"].into_iter().filter_map(|it| place.get(it)));
            open.extend(alternatives.into_iter().chain(inner).map(|it| (it, None)));
        }
    }

    #[expect(
        clippy::mutable_key_type,
        reason = "what a node holds is read once and never changes"
    )]
    fn union(&mut self, reader: &mut Reader<'d>, side: Side, list: Option<&Located<'d>>, is_inherited: bool) {
        let branches: Vec<Located<'d>> = list.into_iter().flat_map(Located::items).collect();
        let mut others = branches
            .iter()
            .filter(|branch| !reader.is_null(side.index(), branch.node));
        match (others.next(), others.next()) {
            (Some(only), None) => {
                self.nullable |= branches.len() > 1;
                self.add(reader, side, only, is_inherited);
            }
            (Some(_), Some(_)) => {
                if let Some(values) = constants(reader, side, &branches, 0) {
                    self.nullable |= values.iter().any(|it| it.is_null());
                    let mut seen = HashSet::new();
                    let values = values.into_iter().filter(|it| !it.is_null());
                    narrow(&mut self.values, values.filter(|it| seen.insert(*it)).collect());
                    return;
                }
                self.nullable |= branches
                    .iter()
                    .any(|branch| reader.is_null(side.index(), branch.node));
                self.unions.push(branches);
            }
            (None, _) => match branches.as_slice() {
                [null] => {
                    self.add(reader, side, null, is_inherited);
                    // `nullable` alone does not restrict the types, so all of them are excluded here.
                    self.narrow_types(Types::default());
                }
                _ => self.is_cut = true,
            },
        }
    }

    fn keyword(&mut self, reader: &mut Reader<'d>, place: &Located<'d>, keyword: &Keyword<'d>) {
        match keyword {
            Keyword::Properties(_) => {
                self.lists_names = true;
                for (name, property) in place.entries_of("properties") {
                    if !self.hidden.contains(name) {
                        self.properties.entry(name).or_default().push(property);
                    }
                }
            }
            // A required name is required even if no schema declares it.
            Keyword::Required(names) => {
                let names = names.clone().filter_map(Node::as_str);
                self.required
                    .extend(names.filter(|name| !self.hidden.contains(name)));
            }
            Keyword::PatternProperties(own) => {
                let is_refused = |it: &Located<'d>| it.node.as_bool() == Some(false);
                let all = place.entries_of("patternProperties");
                let all = all.filter(|(name, _)| own.iter().any(|(it, _)| it == name));
                let (refused, declared): (Vec<_>, Vec<_>) = all.partition(|(_, it)| is_refused(it));
                self.refuses_names |= !refused.is_empty();
                self.patterns.extend(declared);
            }
            Keyword::Items(schema) if schema.is_object() => self.items.extend(place.get("items")),
            Keyword::PrefixItems(_) => {
                let own = place.get("prefixItems");
                for (index, item) in own.iter().flat_map(Located::items).enumerate() {
                    if index == self.prefix.len() {
                        self.prefix.push(Vec::new());
                    }
                    self.prefix[index].push(item);
                }
            }
            // A list with an unknown type excludes no known type.
            Keyword::UnknownType(_) => self.has_unknown_type = true,
            Keyword::Types(_) if std::mem::take(&mut self.has_unknown_type) => {}
            Keyword::Types(types) => {
                self.nullable |= types.has(Types::NULL);
                self.narrow_types(types.without(Types::NULL));
            }
            Keyword::Enum(listed) => {
                let values = reader.listed(place.node, listed);
                self.nullable |= values.len() < listed.len();
                narrow(&mut self.values, values);
            }
            Keyword::Const(constant) => narrow(&mut self.values, Rc::new([*constant])),
            Keyword::EnumOfItems(listed) => narrow(&mut self.item_values, listed.clone().collect()),
            Keyword::Unread(_) | Keyword::DynamicReference(..) => self.is_unread = true,
            Keyword::Annotation(key, value) => {
                let said = self.annotations.entry(key).or_default();
                if !said.contains(value) {
                    said.push(*value);
                }
            }
            limit => self.limits.add(limit),
        }
    }

    fn narrow_types(&mut self, own: Types) {
        self.types = Some(self.types.map_or(own, |known| known.and(own)));
    }

    /// The schema of further names, if a single part has one.
    pub(crate) fn further_names(&self) -> Option<&Located<'d>> {
        match &self.additional {
            Additional::Like(place) if !self.has_further_parts => Some(place),
            _ => None,
        }
    }

    /// The value of a keyword that restricts no values.
    pub(crate) fn annotation(&self, key: &str) -> Option<Node<'d>> {
        self.annotations(key).first().copied()
    }

    /// The values of a keyword that restricts no values, from all parts.
    pub(crate) fn annotations(&self, key: &str) -> &[Node<'d>] {
        self.annotations.get(key).map_or(&[], Vec::as_slice)
    }

    /// The only location that declares a property; `None` if there are several, because none of them is complete.
    pub(crate) fn property(&self, name: &str) -> Option<&Located<'d>> {
        match self.properties.get(name).map(Vec::as_slice) {
            Some([one]) => Some(one),
            _ => None,
        }
    }

    /// Whether a part declares a name, even one that is not sent in this direction.
    pub(crate) fn declares(&self, name: &str) -> bool {
        self.says(name) || self.hidden.contains(name)
    }

    /// Whether a part declares a name, possibly under a condition.
    pub(crate) fn says(&self, name: &str) -> bool {
        self.properties.contains_key(name) || self.conditional.contains_key(name)
    }

    /// Whether a part refuses a name: its schema is `false`.
    pub(crate) fn refuses(&self, name: &str) -> bool {
        let is_false = |place: &Located<'d>| place.node.as_bool() == Some(false);
        self.properties
            .get(name)
            .is_some_and(|places| places.iter().any(is_false))
    }

    /// The location that declares a name first.
    pub(crate) fn place_of(&self, name: &str) -> Option<&Located<'d>> {
        let first = self.properties.get(name).and_then(|places| places.first());
        first.or_else(|| self.conditional.get(name))
    }

    /// The names that some part declares; those under a condition come last.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'d str> {
        let conditional = self.conditional.keys();
        let others = conditional.filter(|name| !self.properties.contains_key(*name));
        self.properties.keys().chain(others).copied()
    }

    /// Whether a keyword limits the names or the values of undeclared names, or a declared name is refused.
    pub(crate) fn limits_names(&self) -> bool {
        let limits = |it: &Additional<'_>| matches!(it, Additional::Like(_) | Additional::Refused);
        self.selects_names || limits(&self.additional) || limits(&self.unevaluated)
    }

    /// Whether every object is a map, in which one schema applies to the values of all names.
    pub(crate) fn is_map(&self) -> bool {
        let is_limited = self.selects_names || self.limits_company;
        let is_alike = self.is_bare() && self.unions.is_empty() && !is_limited;
        is_alike && matches!(self.additional, Additional::Like(_))
    }

    /// Whether a schema declares names that are not listed individually.
    pub(crate) fn declares_further(&self) -> bool {
        matches!(self.additional, Additional::Like(_)) || !self.patterns.is_empty()
    }

    /// All names that are declared, including those that are not sent, and those that are required.
    pub(crate) fn all_names(&self) -> BTreeSet<&'d str> {
        let declared = self.names().chain(self.required.iter().copied());
        declared.chain(self.hidden.iter().copied()).collect()
    }

    /// Whether no part declares a name.
    pub(crate) fn is_bare(&self) -> bool {
        self.properties.is_empty() && self.hidden.is_empty()
    }

    /// Whether the schema accepts every value, as far as it was read.
    pub(crate) fn says_nothing(&self) -> bool {
        let is_read = !self.is_cut && !self.is_unread && self.unresolved.is_empty();
        let is_plain = self.values.is_none() && self.items.is_empty() && self.prefix.is_empty();
        is_read && is_plain && self.unions.is_empty() && self.types.is_none() && !self.is_object()
    }

    pub(crate) fn is_object(&self) -> bool {
        self.lists_names
            || !self.required.is_empty()
            || !matches!(self.additional, Additional::Unsaid)
            || !self.patterns.is_empty()
            || !self.conditional.is_empty()
            || self.types.is_some_and(|types| types.has(Types::OBJECT))
    }
}

/// Maximum nesting of constants; deeper ones count as ordinary alternatives.
const DEEPEST: usize = 16;
/// Maximum number of constants in a list; longer lists count as ordinary alternatives.
const MOST_CONSTANTS: usize = 4_096;

/// The values of alternatives that all list their values, possibly with a type, and have no other condition. This is
/// an enum in which each value can have a title.
fn constants<'d>(
    reader: &mut Reader<'d>,
    side: Side,
    branches: &[Located<'d>],
    depth: usize,
) -> Option<Vec<Node<'d>>> {
    let mut values = Vec::new();
    for branch in branches {
        let branch = reader.follow_alone(side, branch.clone()).ok()?;
        if reader.is_null(side.index(), branch.node) {
            continue;
        }
        let schema = reader.read(side.index(), branch.node);
        if schema.adds_null || depth > DEEPEST {
            return None;
        }
        let mut types = None;
        let mut own: Option<Rc<[Node<'d>]>> = None;
        for keyword in &schema.keywords {
            let list: Rc<[Node<'d>]> = match keyword {
                Keyword::Types(it) => {
                    types = Some(*it);
                    continue;
                }
                Keyword::Annotation(..) => continue,
                Keyword::Const(value) => Rc::new([*value]),
                Keyword::Enum(list) => list.clone().collect(),
                Keyword::AllOf(parts) if !parts.clone().any(|it| reader.is_null(side.index(), it)) => {
                    let mut all = None;
                    for part in branch.get("allOf").iter().flat_map(Located::items) {
                        narrow(&mut all, constants(reader, side, &[part], depth + 1)?.into());
                    }
                    all?
                }
                Keyword::OneOf(_) | Keyword::AnyOf(_) => {
                    let key = if matches!(keyword, Keyword::OneOf(_)) {
                        "oneOf"
                    } else {
                        "anyOf"
                    };
                    let inner: Vec<_> = branch.get(key).iter().flat_map(Located::items).collect();
                    constants(reader, side, &inner, depth + 1)?.into()
                }
                _ => return None,
            };
            narrow(&mut own, list);
        }
        values.extend(
            own?.iter()
                .copied()
                .filter(|it| types.is_none_or(|types| is_of(types, *it))),
        );
        if values.len() > MOST_CONSTANTS {
            return None;
        }
    }
    Some(values)
}

fn is_of(types: Types, value: Node<'_>) -> bool {
    types.has(match value.kind() {
        Kind::Null => Types::NULL,
        Kind::Bool(_) => Types::BOOLEAN,
        Kind::Number(number) if number.as_f64().fract() == 0.0 => Types::INTEGER,
        Kind::Number(_) => Types::NUMBER,
        Kind::String(_) => Types::STRING,
        Kind::Array(_) => Types::ARRAY,
        Kind::Object(_) => Types::OBJECT,
    })
}

/// Keeps the values that every part lists.
#[expect(
    clippy::mutable_key_type,
    reason = "what a node holds is read once and never changes"
)]
fn narrow<'d>(known: &mut Option<Rc<[Node<'d>]>>, own: Rc<[Node<'d>]>) {
    let narrower = match known {
        Some(known) if Rc::ptr_eq(known, &own) => return,
        Some(known) => {
            let own: HashSet<Node<'d>> = own.iter().copied().collect();
            known.iter().copied().filter(|it| own.contains(it)).collect()
        }
        None => own,
    };
    *known = Some(narrower);
}

/// Whether a part restricts values other than by selecting other parts or allowing null.
fn has_substance<'d>(part: &Schema<'d>, mut is_null: impl FnMut(Node<'d>) -> bool) -> bool {
    part.keywords.iter().any(|keyword| match keyword {
        Keyword::Reference(_)
        | Keyword::AllOf(_)
        | Keyword::ReadOnly
        | Keyword::WriteOnly
        | Keyword::Annotation("default" | "deprecated" | SUNSET, _) => false,
        Keyword::OneOf(list) | Keyword::AnyOf(list) => list.clone().filter(|it| !is_null(*it)).count() > 1,
        _ => true,
    })
}
