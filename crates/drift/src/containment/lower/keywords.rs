//! The formula of each keyword.

use std::rc::Rc;

use openapi_document::{Items, Node, Number};

use super::closed::Step;
use super::{Lowering, WIDEST};
use crate::containment::formula::{Arena, Formula, FormulaId, Text};
use crate::containment::literal::{Literal, Strict};
use crate::containment::number::{self, Num};
use crate::containment::reading::{At, Closing};
use crate::containment::sorted::distinct;
use crate::containment::types::Kind;
use crate::schema::ast::{Bound, Keyword, Schema, Types};

/// Maximum number of properties that are not sent where a schema counts properties.
const MOST_UNSENT: usize = 8;
/// Maximum number of required names in one list; a longer list stays undecided.
const MOST_REQUIRED: usize = 100_000;

impl<'d> Lowering<'d> {
    /// Adds the formulas of a keyword.
    #[expect(clippy::too_many_lines, reason = "one arm for each keyword")]
    pub(in crate::containment) fn keyword(
        &mut self,
        at: At<'d>,
        schema: &Schema<'d>,
        keyword: &Keyword<'d>,
        parts: &mut Vec<FormulaId>,
    ) {
        let literal = match keyword {
            Keyword::Boolean(false) => return parts.push(Arena::FALSE),
            Keyword::Reference(target) => return parts.push(self.reference(at, *target)),
            Keyword::Unread(why) => return parts.push(self.opaque_schema(at, why)),
            Keyword::DynamicReference(..) => {
                let why = "what a `$dynamicRef` means depends on too many ways that lead to it";
                return parts.push(self.opaque_schema(at, why));
            }

            Keyword::Types(types) => {
                let unknown = schema.keywords.iter().filter_map(|it| match it {
                    Keyword::UnknownType(name) => Some(*name),
                    _ => None,
                });
                let unknown: Vec<_> = unknown
                    .map(|name| self.opaque(&format!("type {name}"), "a `type` is none that JSON knows"))
                    .collect();
                let known = self.types(*types);
                return parts.push(self.arena.or(unknown.into_iter().chain([known])));
            }
            Keyword::Const(value) => return parts.extend(self.only(at, std::iter::once(*value))),
            Keyword::Enum(values) => return parts.extend(self.only(at, values.clone())),
            Keyword::EnumOfItems(values) => Literal::Rest(0, self.listed(at, values.clone())),

            Keyword::Minimum(bound) | Keyword::Maximum(bound) => {
                let (number, strict) = match bound {
                    Bound::Written(number, is_excluded) => {
                        (self.number(keyword, *number, parts), *is_excluded)
                    }
                    Bound::OfFormat(number) => (Some(Num::from_integer((*number).into())), false),
                };
                let Some(number) = number.map(Rc::new) else { return };
                let strict = if strict { Strict::Yes } else { Strict::No };
                if matches!(keyword, Keyword::Minimum(_)) {
                    Literal::NumMin(number, strict)
                } else {
                    Literal::NumMax(number, strict)
                }
            }
            Keyword::MultipleOf(step) => match self.number(keyword, *step, parts) {
                Some(step) => Literal::Multiple(Rc::new(step)),
                None => return,
            },
            Keyword::MinLength(n) => Literal::MinLen(*n),
            Keyword::MaxLength(n) => Literal::MaxLen(*n),
            Keyword::Pattern(pattern) => return parts.push(self.like(pattern)),
            // A format restricts values only if the reading asks for it.
            Keyword::Annotation("format", format) if self.reading.formats => match format.as_str() {
                Some(format) => Literal::Format(self.arena.text(format)),
                None => return,
            },

            Keyword::Properties(all) => {
                let unsent = self.reader.names(at.mode.unsent);
                for (name, property) in all.clone().filter(|(name, _)| !unsent.contains(name)) {
                    let formula = self.behind(at, Step::Property(name), property);
                    let name = self.arena.text(name);
                    parts.push(self.arena.literal(Literal::Prop(name, formula)));
                }
                return;
            }
            Keyword::PatternProperties(all) => {
                for (pattern, property) in all.iter() {
                    let formula = self.inside(at, Step::UNLISTED, *property);
                    let like = self.like(pattern);
                    let names = self.sent_names(at, like);
                    parts.push(self.arena.literal(Literal::Names(names, formula)));
                }
                return;
            }
            Keyword::EveryProperty(_, property) => {
                let formula = self.inside(at, Step::UNLISTED, *property);
                let names = self.sent_names(at, Arena::TRUE);
                Literal::Names(names, formula)
            }
            Keyword::AdditionalProperties(rest) => {
                let formula = self.inside(at, Step::UNLISTED, *rest);
                let others = self.others(at, schema);
                Literal::Names(others, formula)
            }
            Keyword::PropertyNames(names) => {
                let names = self.schema(at.negated(*names));
                let others = self.arena.not(names);
                Literal::Names(self.sent_names(at, others), Arena::FALSE)
            }
            Keyword::MinProperties(n) => return parts.push(self.counted(at, *n, Literal::MinProps)),
            Keyword::MaxProperties(n) => return parts.push(self.counted(at, *n, Literal::MaxProps)),
            Keyword::Required(names) => return parts.extend(self.has_all(at, names)),
            Keyword::DependentRequired(all) => {
                for (name, needed) in all.clone() {
                    let lacks = self.lacks(at, name);
                    let has = self.has_all(at, &needed.items());
                    let has = self.arena.and(has);
                    parts.push(self.arena.or([lacks, has]));
                }
                return;
            }
            Keyword::DependentSchemas(all) => {
                for (name, schema) in all.clone() {
                    let lacks = self.lacks(at, name);
                    let formula = self.schema(at.beside(schema));
                    parts.push(self.arena.or([lacks, formula]));
                }
                return;
            }

            Keyword::PrefixItems(items) => {
                for (index, item) in items.clone().enumerate() {
                    let formula = self.inside(at, Step::Item, item);
                    parts.push(self.arena.literal(Literal::Item(index as u64, formula)));
                }
                return;
            }
            Keyword::Items(item) => Literal::Rest(schema.prefix_items(), self.behind(at, Step::Item, *item)),
            Keyword::MinItems(n) => Literal::MinItems(*n),
            Keyword::MaxItems(n) => Literal::MaxItems(*n),
            Keyword::UniqueItems => Literal::Unique,
            Keyword::Contains(item, min, max) => {
                let formula = self.inside(at.open().to_the_letter(), Step::Item, *item);
                if let Some(max) = max {
                    parts.push(self.arena.literal(Literal::AtMost(0, formula, *max)));
                }
                Literal::AtLeast(0, formula, *min)
            }

            Keyword::AllOf(all) => {
                let is_wrapper = schema.is_wrapper();
                for part in all.clone() {
                    let part = if is_wrapper {
                        at.beside(part)
                    } else {
                        at.inherited(part)
                    };
                    parts.push(self.schema(part));
                }
                return;
            }
            Keyword::AnyOf(_) | Keyword::OneOf(_)
                if at.mode.is_chosen && schema.discriminator().is_some() =>
            {
                return;
            }
            Keyword::AnyOf(branches) | Keyword::OneOf(branches)
                if schema.discriminator().is_some_and(|it| it.has_branches()) =>
            {
                let formula = self.by_tag(at, schema, branches);
                return parts.push(self.unless_wide(at, formula));
            }
            // The closed reading of an object checks the tags, too.
            Keyword::Discriminator(_) if at.mode.closing != Closing::Open => return,
            Keyword::Discriminator(own) => return self.chosen(at, schema, own, parts),
            Keyword::AnyOf(branches) => {
                let branches = self.branches(at, branches);
                let any = self.arena.or(branches);
                return parts.push(self.unless_wide(at, any));
            }
            Keyword::OneOf(branches) => {
                // The closed world does not prevent a value from matching two alternatives, so exclusion uses the
                // open readings.
                let open = self.branches(at.open(), branches);
                let own = self.branches(at, branches);
                if at.mode.takes_overlaps {
                    let any = self.arena.or(own);
                    return parts.push(self.unless_wide(at, any));
                }
                if own != open {
                    let any = self.arena.or(own);
                    parts.push(self.unless_wide(at, any));
                }
                let one = self.arena.one_of(open);
                return parts.push(self.unless_wide(at, one));
            }
            Keyword::Not(schema) => {
                let formula = self.schema(at.negated(*schema));
                return parts.push(self.arena.not(formula));
            }
            Keyword::Conditional {
                condition,
                then,
                otherwise,
            } => {
                let holds = self.schema(at.negated(*condition));
                let fails = self.arena.not(holds);
                for (guard, schema) in [(fails, then), (holds, otherwise)] {
                    if let Some(schema) = schema {
                        let formula = self.schema(at.beside(*schema));
                        parts.push(self.arena.or([guard, formula]));
                    }
                }
                return;
            }
            // These are handled together with other keywords, or refuse nothing.
            Keyword::Boolean(true)
            | Keyword::UnevaluatedProperties(_)
            | Keyword::UnevaluatedItems(_)
            | Keyword::UnknownType(_)
            | Keyword::ReadOnly
            | Keyword::WriteOnly
            | Keyword::Annotation(..) => return,
        };
        parts.push(self.arena.literal(literal));
    }

    pub(super) fn types(&mut self, types: Types) -> FormulaId {
        let mut formulas = Vec::new();
        for (name, kind) in [
            (Types::NULL, Kind::Null),
            (Types::BOOLEAN, Kind::Bool),
            (Types::NUMBER, Kind::Number),
            (Types::STRING, Kind::String),
            (Types::ARRAY, Kind::Array),
            (Types::OBJECT, Kind::Object),
        ] {
            if types.has(name) {
                formulas.push(self.arena.kind(kind));
            }
        }
        if types.has(Types::INTEGER) && !types.has(Types::NUMBER) {
            let whole = Literal::Multiple(Rc::new(Num::from_integer(1.into())));
            let parts = [self.arena.kind(Kind::Number), self.arena.literal(whole)];
            formulas.push(self.arena.and(parts));
        }
        self.arena.or(formulas)
    }

    /// The exact number of a keyword. If it is too large to compute with, it is unknown which numbers are accepted.
    fn number(
        &mut self,
        keyword: &Keyword<'d>,
        number: Number<'d>,
        parts: &mut Vec<FormulaId>,
    ) -> Option<Num> {
        let exact = number::exact(&number);
        if exact.is_none() {
            let opaque = self.opaque(&format!("{keyword:?}"), "a number is too large to compute with");
            let others = self.arena.kinds(Kind::Number.only().not());
            parts.push(self.arena.or([opaque, others]));
        }
        exact
    }

    pub(super) fn branches(&mut self, at: At<'d>, branches: &Items<'d>) -> Vec<FormulaId> {
        let formulas = branches.clone().map(|branch| {
            if self.reader.is_only_nullable(at.source, branch) {
                self.arena.kind(Kind::Null)
            } else {
                let at = self.alternative(at, branches, branch);
                self.schema(at.beside(branch))
            }
        });
        formulas.collect()
    }

    /// The location of a value for which an alternative is chosen.
    pub(super) fn alternative(&mut self, at: At<'d>, branches: &Items<'d>, branch: Node<'d>) -> At<'d> {
        if branches.len() == 1 {
            return at;
        }
        let direction = at.mode.direction;
        let unsent = self
            .reader
            .unsent_in_alternative(at.source, at.mode.unsent, branch, direction);
        at.alternative(unsent)
    }

    /// The formula of alternatives; opaque if there are too many.
    fn unless_wide(&mut self, at: At<'d>, formula: FormulaId) -> FormulaId {
        match self.arena.get(formula) {
            Formula::Or(parts) | Formula::OneOf(parts) if parts.len() > WIDEST => {
                self.opaque_schema(at, "it has too many alternatives")
            }
            _ => formula,
        }
    }

    /// One literal for each name that is sent, which requires the property.
    fn has_all(&mut self, at: At<'d>, names: &Items<'d>) -> Vec<FormulaId> {
        if names.len() > MOST_REQUIRED {
            // The formula equals only itself, because comparing the text of the list would be as expensive as reading
            // it.
            let this = format!("names that {:?} requires", at.node.id());
            return vec![self.opaque(&this, "it requires too many names")];
        }
        let unsent = self.reader.names(at.mode.unsent);
        let names = names.clone().filter_map(Node::as_str);
        names
            .filter(|name| !unsent.contains(name))
            .map(|name| {
                let name = self.arena.text(name);
                self.arena.literal(Literal::Has(name))
            })
            .collect()
    }

    /// The formula that holds for every value except objects with this property. A property that is not sent is
    /// always absent.
    pub(super) fn lacks(&mut self, at: At<'d>, name: &str) -> FormulaId {
        if self.reader.names(at.mode.unsent).contains(name) {
            return Arena::TRUE;
        }
        self.lacks_text(name)
    }

    pub(in crate::containment) fn lacks_text(&mut self, name: &str) -> FormulaId {
        let name = self.arena.text(name);
        self.arena.literal(Literal::Lacks(name))
    }

    /// The names of a set that are sent.
    fn sent_names(&mut self, at: At<'d>, names: FormulaId) -> FormulaId {
        let unsent = self.reader.names(at.mode.unsent);
        let unsent = unsent.iter().map(|name| self.arena.text(name)).collect();
        let sent = self.names_except(unsent, &[]);
        let string = self.arena.kind(Kind::String);
        self.arena.and([names, sent, string])
    }

    /// A limit on the number of properties, of which those that are not sent do not count.
    fn counted(&mut self, at: At<'d>, limit: u64, literal: impl Fn(u64) -> Literal) -> FormulaId {
        let unsent = self.reader.names(at.mode.unsent);
        if unsent.len() > MOST_UNSENT {
            return self.opaque_schema(at, "it counts properties, of which too many may not be sent");
        }
        // The formula for each number of unsent names that are there, of the names that are not looked at yet.
        let mut limits: Vec<_> = (0..=unsent.len() as u64)
            .map(|there| self.arena.literal(literal(limit.saturating_add(there))))
            .collect();
        for name in unsent.iter() {
            let lacks = self.lacks_text(name);
            let name = self.arena.text(name);
            let has = self.arena.literal(Literal::Has(name));
            let of_pair = |pair: &[FormulaId]| {
                let without = self.arena.and([lacks, pair[0]]);
                let with = self.arena.and([has, pair[1]]);
                self.arena.or([without, with])
            };
            limits = limits.windows(2).map(of_pair).collect();
        }
        limits[0]
    }

    /// The names to which `additionalProperties` applies.
    fn others(&mut self, at: At<'d>, schema: &Schema<'d>) -> FormulaId {
        let unsent = self.reader.names(at.mode.unsent);
        let names = schema
            .properties()
            .map(|(name, _)| name)
            .chain(unsent.iter().copied());
        let names = names.map(|name| self.arena.text(name)).collect();
        let patterns: Vec<&str> = schema.pattern_properties().map(|(it, _)| it).collect();
        self.names_except(names, &patterns)
    }

    /// The strings that are not among these names and match none of these patterns.
    pub(super) fn names_except(&mut self, names: Vec<Text>, patterns: &[&str]) -> FormulaId {
        let names = distinct(names);
        let mut parts = vec![self.arena.kind(Kind::String)];
        if names.is_empty() && patterns.is_empty() {
            return Arena::TRUE;
        }
        if !names.is_empty() {
            parts.push(self.arena.literal(Literal::StrNotIn(names.into())));
        }
        for pattern in patterns {
            let like = self.like(pattern);
            parts.push(self.arena.not(like));
        }
        self.arena.and(parts)
    }

    /// The values that are no strings, and the strings that match a pattern.
    fn like(&mut self, pattern: &str) -> FormulaId {
        let pattern = self.arena.text(pattern);
        self.arena.literal(Literal::Pattern(pattern))
    }
}
