//! Closed world: a producer emits only declared properties, and only objects if nothing but properties is declared.
//!
//! The declared names may be spread over `allOf`, references and alternatives, so they are collected from all schemas
//! that apply to the same value. Alternatives that declare different properties are closed separately. A schema that
//! is only a reference, or a list with one part, is closed like its target. If several schemas declare a property,
//! its value is closed by all of them together; the same applies to items.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use foldhash::fast::FixedState;
use openapi_document::{Node, NodeId};

use super::Lowering;
use crate::containment::formula::{Arena, FormulaId, Map};
use crate::containment::literal::Literal;
use crate::containment::reading::{At, Closing, Shared};
use crate::containment::types::{Kind, Kinds};
use crate::schema::ast::{Keyword, Schema, Types};
use crate::schema::reader::Known;

/// The names that a schema declares, so that its producer may emit them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own that a schema states"
)]
pub(super) struct Declared<'d> {
    names: BTreeSet<&'d str>,
    patterns: BTreeSet<&'d str>,
    /// Required names, which are sent even if no schema declares them.
    required: BTreeSet<&'d str>,
    /// Whether a schema for additional properties declares all other names.
    further: bool,
    /// Whether a schema lists its properties, even if it lists none.
    lists_names: bool,
    /// Whether a schema declares properties without a `type`.
    has_untyped: bool,
    /// Whether a keyword says that the value may be something else than an object or null.
    has_other_types: bool,
    is_nullable: bool,
    /// For each step into the value, the schemas that declare names or items themselves.
    inside: BTreeMap<Step<'d>, Vec<Declarer<'d>>>,
    /// The number of nested steps above this value that several schemas declare.
    level: u8,
}

impl<'d> Declared<'d> {
    fn is_bare(&self) -> bool {
        self.names.is_empty() && self.patterns.is_empty() && !self.lists_names
    }

    /// The kinds of values that are meant where properties are declared without a `type`.
    ///
    /// See reading 3 in `docs/readings.md`.
    fn meant(&self) -> Kinds {
        match (self.has_untyped && !self.has_other_types, self.is_nullable) {
            (false, _) => Kinds::ALL,
            (true, false) => Kind::Object.only(),
            (true, true) => Kind::Object.only().or(Kind::Null.only()),
        }
    }

    /// Adds what a schema itself says of the type of its value.
    fn add_type(&mut self, schema: &Schema<'d>) {
        let declares = |it: &Keyword<'d>| match it {
            Keyword::Properties(_) | Keyword::PatternProperties(_) => true,
            Keyword::EveryProperty(_, rest) | Keyword::AdditionalProperties(rest) => rest.is_object(),
            _ => false,
        };
        let mut types = schema.keywords.iter().filter_map(|it| match it {
            Keyword::Types(types) => Some(*types),
            _ => None,
        });
        let listed = types.next();
        let has_others = schema.keywords.iter().any(Keyword::is_of_other_types);
        let said = listed.unwrap_or_default();
        self.has_untyped |= listed.is_none() && !has_others && schema.keywords.iter().any(declares);
        self.has_other_types |= has_others || !said.without(Types::NULL.or(Types::OBJECT)).is_empty();
        self.is_nullable |= schema.adds_null || said.has(Types::NULL);
    }

    fn add(&mut self, step: Step<'d>, node: Node<'d>, in_alternative: bool) {
        let declarers = self.inside.entry(step).or_default();
        if declarers.iter().all(|it| it.node.id() != node.id()) {
            declarers.push(Declarer { node, in_alternative });
        }
    }
}

/// A step from a value to one inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Step<'d> {
    Property(&'d str),
    Item,
}

impl Step<'_> {
    /// To a property that is not listed by name.
    pub(super) const UNLISTED: Self = Self::Property("");
}

/// A schema for one step into a value.
#[derive(Clone, Copy, Debug)]
struct Declarer<'d> {
    node: Node<'d>,
    /// Whether it applies only in one of several alternatives, or under a condition.
    in_alternative: bool,
}

impl Declarer<'_> {
    /// Whether both may apply to the same value. Two alternatives are assumed to exclude each other.
    fn meets(&self, other: &Self) -> bool {
        self.node.id() != other.node.id() && !(self.in_alternative && other.in_alternative)
    }
}

impl PartialEq for Declarer<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.node.id() == other.node.id() && self.in_alternative == other.in_alternative
    }
}

impl Eq for Declarer<'_> {}

impl Hash for Declarer<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.node.id().hash(state);
        self.in_alternative.hash(state);
    }
}

/// The steps that several schemas declare together, and the number of such steps above them.
type Steps<'d> = (BTreeMap<Step<'d>, Vec<Declarer<'d>>>, u8);

/// The interned sets of steps that several schemas declare together.
#[derive(Default)]
pub(super) struct SharedSteps<'d> {
    all: Vec<Rc<Steps<'d>>>,
    ids: Map<Rc<Steps<'d>>, Shared>,
    /// Whether a schema declares names or items.
    declares: Known,
}

impl<'d> SharedSteps<'d> {
    /// The steps of `declared` that several schemas declare for the same value.
    fn of(&mut self, declared: &Declared<'d>) -> Shared {
        // Two schemas that meet are not both in alternatives. If any two meet, every schema outside the alternatives
        // meets one.
        let meet = |list: &[Declarer<'d>]| {
            let own = list.iter().find(|it| !it.in_alternative);
            own.is_some_and(|own| list.iter().any(|other| own.meets(other)))
        };
        let shared = declared.inside.iter().filter(|(_, list)| meet(list));
        let shared: BTreeMap<_, _> = shared.map(|(step, list)| (*step, list.clone())).collect();
        if declared.level >= DEEPEST_SHARED || shared.is_empty() {
            return Shared::default();
        }
        let steps = Rc::new((shared, declared.level));
        let next = Shared::nth(self.all.len());
        let id = *self.ids.entry(Rc::clone(&steps)).or_insert(next);
        if id == next {
            self.all.push(steps);
        }
        id
    }

    /// The other schemas that apply to the value behind a step, and the level of that value.
    fn beside(&self, shared: Shared, step: Step<'d>, node: Node<'d>) -> Option<(Vec<Node<'d>>, u8)> {
        let (steps, level) = &**self.all.get(shared.index()?)?;
        let declarers = steps.get(&step)?;
        let own = declarers.iter().find(|it| it.node.id() == node.id())?;
        let others = declarers.iter().filter(|it| own.meets(it));
        Some((others.map(|it| it.node).collect(), level + 1))
    }
}

/// Maximum nesting of alternatives; deeper ones are assumed to be open.
const DEEPEST: usize = 24;
/// Maximum number of schemas that are searched for declared names. A schema with more parts is assumed to be open.
const MOST: usize = 4_096;
/// The same limit for all schemas together.
pub(super) const MOST_IN_ALL: usize = 2_000_000;
/// Maximum number of nested steps that several schemas declare. Deeper ones are closed by each schema separately.
const DEEPEST_SHARED: u8 = 8;

impl<'d> Lowering<'d> {
    /// The formula of a schema whose producer emits only declared properties.
    pub(super) fn closed(&mut self, at: At<'d>, schema: &Schema<'d>) -> FormulaId {
        match schema.lone_reference() {
            Some(target) => self.reference(at, target),
            None => self.close(at, schema, Declared::default(), 0),
        }
    }

    /// The formula of a schema beside others that declare names of the same value.
    fn close(&mut self, at: At<'d>, schema: &Schema<'d>, outer: Declared<'d>, depth: usize) -> FormulaId {
        let at = at.closing(Closing::Inner);
        if depth > DEEPEST {
            return self.schema(at);
        }
        let key = (at.node.id(), at.mode, outer);
        if let Some(known) = self.known_closed.get(&key) {
            return *known;
        }
        // If a tag already selected a schema that inherits from this one, the alternatives have no effect.
        let is_chosen = at.mode.is_chosen && schema.discriminator().is_some();
        let branches = closed_by_branch(schema).filter(|_| !is_chosen);
        let Some(declared) = self.declared(at, schema, branches, key.2.clone()) else {
            return self.schema(at);
        };
        // Each alternative is closed separately below, so the declarations of all alternatives count here.
        let whole = branches.and_then(|_| self.declared(at, schema, None, key.2.clone()));
        let shared = match (branches, &whole) {
            (None, _) => self.shared_steps.of(&declared),
            (Some(_), Some(whole)) => self.shared_steps.of(whole),
            (Some(_), None) => Shared::default(),
        };
        let inner = self.schema(at.sharing(shared));
        let closure =
            if let Some(Keyword::AnyOf(list) | Keyword::OneOf(list) | Keyword::AllOf(list)) = branches {
                let inherits = matches!(branches, Some(Keyword::AllOf(_))) && !schema.is_wrapper();
                let tagged: Vec<_> = list
                    .clone()
                    .map(|branch| self.tagged(at, schema, branch))
                    .collect();
                let any_tag = self.arena.or(tagged.iter().flatten().copied());
                let no_tag = self.arena.not(any_tag);
                let (mut closed, mut untagged) = (Vec::new(), Vec::new());
                for (branch, tagged) in list.clone().zip(tagged) {
                    let part = if inherits {
                        at.inheriting()
                    } else {
                        self.alternative(at, list, branch)
                    };
                    let own = self.close_branch(part, branch, &declared, depth + 1);
                    untagged.push(own);
                    // A tag selects one alternative, so an alternative without tags excludes all of them.
                    closed.push(self.arena.and([own, tagged.unwrap_or(no_tag)]));
                }
                // Only objects are closed. A value of another type, such as a null beside the alternatives, stays
                // admitted, unless an alternative means only objects by its properties.
                let others = self.arena.kinds(Kind::Object.only().not());
                let others = match whole.filter(|it| it.has_untyped && !declared.has_other_types) {
                    Some(whole) => {
                        untagged.extend(whole.is_nullable.then(|| self.arena.kind(Kind::Null)));
                        let meant = self.arena.or(untagged);
                        self.arena.and([others, meant])
                    }
                    None => others,
                };
                self.arena.or(closed.into_iter().chain([others]))
            } else {
                let own = self.closure(at, &declared);
                self.closed_by_tag(at, schema, own)
            };
        let formula = self.arena.and([inner, closure]);
        self.known_closed.insert(key, formula);
        formula
    }

    fn close_branch(
        &mut self,
        at: At<'d>,
        branch: Node<'d>,
        outer: &Declared<'d>,
        depth: usize,
    ) -> FormulaId {
        if self.reader.is_only_nullable(at.source, branch) {
            return self.arena.kind(Kind::Null);
        }
        let at = at.beside(branch);
        let schema = self.read(at);
        if let Some(target) = schema.lone_reference().filter(|_| depth <= DEEPEST) {
            return match target {
                Some(target) if !outer.is_bare() || !outer.inside.is_empty() => {
                    self.close_branch(at, target, outer, depth + 1)
                }
                // The closed reading of a whole component has its own definition.
                _ => self.schema(at.closing(Closing::Closed)),
            };
        }
        self.close(at, &schema, outer.clone(), depth)
    }

    fn closure(&mut self, at: At<'d>, declared: &Declared<'d>) -> FormulaId {
        let meant = self.arena.kinds(declared.meant());
        if declared.further || declared.is_bare() {
            return meant;
        }
        let unsent = self.reader.names(at.mode.unsent);
        let names = declared.names.union(&declared.required);
        let names: Vec<_> = names
            .filter(|name| !unsent.contains(*name))
            .map(|name| self.arena.text(name))
            .collect();
        let patterns: Vec<&str> = declared.patterns.iter().copied().collect();
        let others = self.names_except(names, &patterns);
        let closed = self.arena.literal(Literal::Names(others, Arena::FALSE));
        self.arena.and([meant, closed])
    }

    /// Everything that a schema declares for its value, together with the outer declarations and without the
    /// alternatives under `except`. `None` if the schema consists of too many schemas.
    fn declared(
        &mut self,
        at: At<'d>,
        schema: &Schema<'d>,
        except: Option<&Keyword<'d>>,
        outer: Declared<'d>,
    ) -> Option<Declared<'d>> {
        let mut declared = outer;
        let mut seen: HashSet<NodeId, FixedState> = HashSet::default();
        let mut open = self.declare(at, schema, except, false, &mut declared);
        while let Some((node, in_alternative)) = open.pop() {
            if seen.len() == MOST || self.searchable == 0 {
                return None;
            }
            if seen.insert(node.id()) {
                self.searchable -= 1;
                let schema = self.read(at.beside(node));
                open.extend(self.declare(at, &schema, None, in_alternative, &mut declared));
            }
        }
        Some(declared)
    }

    /// The formula of the value behind a step that other schemas may declare, too.
    pub(super) fn behind(&mut self, at: At<'d>, step: Step<'d>, node: Node<'d>) -> FormulaId {
        let Some((others, level)) = self.shared_steps.beside(at.mode.shared, step, node) else {
            return self.inside(at, step, node);
        };
        let inner = self.behind_step(at, step, node);
        let formula = self.closed_beside(inner, &others, level);
        let all: Vec<Node<'d>> = others.iter().copied().chain([node]).collect();
        self.as_meant(inner, &all, formula)
    }

    /// The formula of a schema beside others for the same value. It is closed by the declarations of all of them.
    fn closed_beside(&mut self, at: At<'d>, others: &[Node<'d>], level: u8) -> FormulaId {
        let mut outer = Declared {
            level,
            ..Declared::default()
        };
        for other in others {
            let schema = self.read(at.beside(*other));
            match self.declared(at, &schema, None, outer) {
                Some(declared) => outer = declared,
                None => return self.schema(at),
            }
        }
        self.close_branch(at, at.node, &outer, 0)
    }

    /// The formula of several schemas for the same value.
    pub(in crate::containment) fn together(&mut self, all: &[At<'d>]) -> FormulaId {
        let mut parts = Vec::new();
        for at in all {
            let others: Vec<_> = all
                .iter()
                .map(|it| it.node)
                .filter(|it| it.id() != at.node.id())
                .collect();
            parts.push(match at.mode.closing {
                Closing::Closed => self.closed_beside(*at, &others, 0),
                Closing::Open | Closing::Inner => self.schema(*at),
            });
        }
        self.arena.and(parts)
    }

    /// Whether a schema declares names or items of its value, individually or as a map, or requires names.
    fn declares_inside(&mut self, at: At<'d>, node: Node<'d>) -> bool {
        let mut known = std::mem::take(&mut self.shared_steps.declares);
        let is_step = |it: &Keyword<'d>| match it {
            Keyword::Properties(_)
            | Keyword::PatternProperties(_)
            | Keyword::Items(_)
            | Keyword::Required(_) => true,
            Keyword::EveryProperty(_, rest)
            | Keyword::AdditionalProperties(rest)
            | Keyword::UnevaluatedProperties(rest) => rest.is_object(),
            _ => false,
        };
        let declares = self.reader.reaches(
            at.source,
            node,
            &mut known,
            |_, schema| schema.keywords.iter().any(is_step),
            Schema::in_place,
        );
        self.shared_steps.declares = known;
        declares
    }

    /// Collects the declarations of a schema's keywords. Returns the subschemas for the same value, and whether each
    /// of them is one of several alternatives.
    fn declare(
        &mut self,
        at: At<'d>,
        schema: &Schema<'d>,
        except: Option<&Keyword<'d>>,
        in_alternative: bool,
        into: &mut Declared<'d>,
    ) -> Vec<(Node<'d>, bool)> {
        let mut deeper = Vec::new();
        into.add_type(schema);
        for keyword in &schema.keywords {
            match keyword {
                Keyword::Properties(all) => {
                    into.lists_names = true;
                    for (name, property) in all.clone() {
                        into.names.insert(name);
                        if self.declares_inside(at, property) {
                            into.add(Step::Property(name), property, in_alternative);
                        }
                    }
                }
                Keyword::Items(item) if self.declares_inside(at, *item) => {
                    into.add(Step::Item, *item, in_alternative);
                }
                Keyword::PatternProperties(all) => into.patterns.extend(all.iter().map(|(it, _)| *it)),
                Keyword::Required(names) => into.required.extend(names.clone().filter_map(Node::as_str)),
                Keyword::EveryProperty(_, rest)
                | Keyword::AdditionalProperties(rest)
                | Keyword::UnevaluatedProperties(rest) => {
                    // A schema that only annotates additional names does not declare them.
                    into.further |= rest.is_object() && !self.read(at.beside(*rest)).is_silent();
                }
                Keyword::Conditional { condition, .. } => deeper.push((*condition, true)),
                _ => {}
            }
            if !except.is_some_and(|except| std::ptr::eq(except, keyword)) {
                let mut parts = Vec::new();
                keyword.in_place(&mut parts);
                let is_certain = match keyword {
                    Keyword::Reference(_) | Keyword::AllOf(_) => true,
                    Keyword::AnyOf(list) | Keyword::OneOf(list) => list.clone().len() == 1,
                    _ => false,
                };
                let in_alternative = in_alternative || !is_certain;
                deeper.extend(parts.into_iter().map(|it| (it, in_alternative)));
            }
        }
        deeper
    }
}

/// The alternatives, or the only part, that are closed separately.
fn closed_by_branch<'s, 'd>(schema: &'s Schema<'d>) -> Option<&'s Keyword<'d>> {
    let is_list = |it: &&Keyword<'d>| matches!(it, Keyword::AnyOf(_) | Keyword::OneOf(_));
    let mut lists = schema.keywords.iter().filter(is_list);
    match (lists.next(), lists.next()) {
        (Some(list), None) => Some(list),
        (None, _) => {
            let mut all = schema.keywords.iter();
            all.find(|it| matches!(it, Keyword::AllOf(list) if list.clone().len() == 1))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use openapi_document::Document;

    use super::*;

    #[test]
    fn declarers_are_told_apart_by_their_place_and_whether_they_always_apply() {
        let document = Document::read_schema(r#"{"a": {}, "b": {}}"#).unwrap();
        let at = |name: &str, in_alternative| Declarer {
            node: document.root().get(name).unwrap(),
            in_alternative,
        };
        assert_eq!(at("a", true), at("a", true));
        assert_ne!(at("a", true), at("b", true));
        assert_ne!(at("a", true), at("a", false));
    }
}
