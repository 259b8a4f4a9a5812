//! Applies a schema to a value.
//!
//! Only the schemas that apply to the value are visited. Answers are combined by Kleene's logic: what is undecided
//! does not matter if something else refuses the value.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;

use foldhash::fast::FixedState;
use openapi_document::{Document, Kind, Members, Node, Version};
use serde_json::Value;

use super::Direction;
use super::answer::{All, Answer};
use super::dialect;
use super::judge::Reading;
use super::kept::Kept;
use super::keywords::{Keywords, is_name, is_true};
use super::marks::Marks;
use super::reasons::{Cut, Reasons, Step};
use super::references::{Application, Known};
use super::scopes::Scopes;
use super::travelling::Names;
use crate::judgement::Cause;

/// Maximum nesting of schema applications, which are recursive.
const DEEPEST: usize = 300;
/// Number of visited parts of a value, names or values of a list that count as one schema application.
pub(super) const PARTS: usize = 4;

const TOO_DEEP: &str = "the schema is nested too deep for the judge";
const TOO_MANY: &str = "its schema takes too many steps to be judged";

/// The context in which a schema is applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Level {
    /// The names that are not sent in the object that is judged.
    pub(super) unsent: Names,
    /// The schema resources that were entered: an index into [`Scopes`].
    pub(super) scope: usize,
    /// Whether a schema that inherits from this one already applies, so that the tag selects nothing here.
    pub(super) is_chosen: bool,
    /// Whether the schema is under a keyword such as `not`, where accepting more could make the whole accept less.
    pub(super) is_guarded: bool,
}

/// A schema, and the part of the value to which it is applied.
#[derive(Clone, Copy)]
pub(super) struct Applied<'a, 'd, 'v> {
    pub(super) schema: Node<'d>,
    pub(super) keywords: &'a Keywords<'d>,
    pub(super) value: &'v Value,
    pub(super) level: Level,
}

/// Judges one value.
pub(super) struct Evaluation<'d, 'v, 'k> {
    pub(super) document: &'d Document,
    pub(super) direction: Direction,
    pub(super) reading: Reading,
    pub(super) kept: &'k mut Kept,
    pub(super) reasons: Reasons<'v>,
    /// The number of schema applications that may follow.
    pub(super) steps: u64,
    /// Whether more would have followed.
    pub(super) is_exhausted: bool,
    /// Whether a reference led back to itself.
    pub(super) is_circular: bool,
    nesting: usize,
    /// `None` if the target of each `$dynamicRef` is the same in every scope.
    pub(super) scopes: Option<Scopes>,
    pub(super) known: HashMap<Application, Known<'v>, FixedState>,
}

impl<'d, 'v, 'k> Evaluation<'d, 'v, 'k> {
    pub(super) fn new(
        document: &'d Document,
        direction: Direction,
        reading: Reading,
        kept: &'k mut Kept,
        steps: u64,
    ) -> Self {
        Self {
            document,
            direction,
            reading,
            kept,
            reasons: Reasons::default(),
            steps,
            is_exhausted: false,
            is_circular: false,
            nesting: 0,
            scopes: document.has_dynamic_scopes().then(Scopes::default),
            known: HashMap::default(),
        }
    }

    /// Whether a schema accepts the whole value.
    pub(super) fn whole(&mut self, schema: Node<'d>, value: &'v Value) -> Answer {
        let level = Level {
            unsent: self.unsent(schema, value),
            ..Level::default()
        };
        self.schema(schema, value, level, None)
    }

    /// An evaluation of a value that is no part of this one's.
    pub(super) fn beside<'o, T>(&mut self, run: impl FnOnce(&mut Evaluation<'d, 'o, '_>) -> T) -> T
    where
        'v: 'o,
    {
        let mut beside = Evaluation::new(self.document, self.direction, self.reading, self.kept, self.steps);
        (beside.nesting, beside.is_exhausted) = (self.nesting, self.is_exhausted);
        beside.scopes = self.scopes.take();
        let out = run(&mut beside);
        self.scopes = beside.scopes.take();
        self.is_circular |= beside.is_circular;
        (self.steps, self.is_exhausted) = (beside.steps, beside.is_exhausted);
        out
    }

    pub(super) fn all(&self) -> All {
        All::new(self.reasons.is_open())
    }

    /// Runs without collecting reasons.
    pub(super) fn quietly<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let told = self.reasons.told.take();
        let out = run(self);
        self.reasons.told = told;
        out
    }

    /// The answer of a keyword, whose reason against the value is collected.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "it is combined with answers that may be undecided"
    )]
    pub(super) fn hold(
        &mut self,
        is_held: bool,
        keyword: &'static str,
        quote: impl FnOnce(&mut Cut) -> std::fmt::Result,
    ) -> Answer {
        if !is_held {
            self.reasons.add(Cause::Schema, keyword, quote);
        }
        Ok(is_held)
    }

    /// Counts steps.
    pub(super) fn spend(&mut self, steps: usize) -> Result<(), Cow<'static, str>> {
        let left = self.steps.checked_sub(steps as u64);
        self.is_exhausted |= left.is_none();
        self.steps = left.unwrap_or(0);
        if left.is_some() {
            Ok(())
        } else {
            Err(TOO_MANY.into())
        }
    }

    /// Counts what is done for each part of a value without applying a schema to it.
    pub(super) fn spend_on_parts(&mut self, value: &Value) -> Result<(), Cow<'static, str>> {
        self.spend(match value {
            Value::Array(items) => items.len() / PARTS,
            Value::Object(members) => members.len() / PARTS,
            _ => 0,
        })
    }

    /// The names that are not sent in a value of a schema.
    pub(super) fn unsent(&mut self, schema: Node<'d>, value: &Value) -> Names {
        if self.document.version() == Version::JsonSchema || !value.is_object() {
            return Names::default();
        }
        self.kept.unsent.of(self.document, schema, self.direction)
    }

    /// The level under a keyword such as `not`.
    pub(super) fn guarded(&self, level: Level) -> Level {
        Level {
            is_guarded: self.reading.takes_overlaps,
            ..level
        }
    }

    /// Applies a schema to a part of the value.
    pub(super) fn inside(
        &mut self,
        schema: Node<'d>,
        step: Step<'v>,
        part: &'v Value,
        level: Level,
    ) -> Answer {
        let level = Level {
            unsent: self.unsent(schema, part),
            is_chosen: false,
            ..level
        };
        self.reasons.path.push(step);
        let answer = self.schema(schema, part, level, None);
        self.reasons.path.pop();
        answer
    }

    /// Applies a schema to a value. `marks` receives the evaluated parts of an accepted value.
    pub(super) fn schema(
        &mut self,
        schema: Node<'d>,
        value: &'v Value,
        level: Level,
        marks: Option<&mut Marks<'v>>,
    ) -> Answer {
        self.spend(1)?;
        match schema.kind() {
            Kind::Object(_) if self.nesting == DEEPEST => Err(TOO_DEEP.into()),
            Kind::Object(members) => {
                self.nesting += 1;
                let answer = self.keywords(schema, members, value, level, marks);
                self.nesting -= 1;
                answer
            }
            Kind::Bool(false) => self.hold(false, "falseSchema", |out| {
                write!(out, "False schema does not allow {value}")
            }),
            _ => Ok(true),
        }
    }

    fn keywords(
        &mut self,
        schema: Node<'d>,
        members: Members<'d>,
        value: &'v Value,
        mut level: Level,
        marks: Option<&mut Marks<'v>>,
    ) -> Answer {
        if let Some(scopes) = &mut self.scopes {
            level.scope = scopes.entered(level.scope, self.document.resource(schema));
        }
        let dialect = self.document.dialect(schema);
        if let Some(why) = dialect.and_then(|dialect| dialect::unjudged(dialect, schema)) {
            return Err(why.into());
        }
        let count = members.len();
        let keywords = &Keywords::of(members);
        let it = Applied {
            schema,
            keywords,
            value,
            level,
        };
        let version = self.document.version();
        let is_nullable = version == Version::V3_0 && is_true(keywords.nullable);
        if version == Version::V3_0
            && let Some(reference) = keywords.reference.and_then(Node::as_str)
        {
            // OpenAPI 3.0 ignores all other keywords beside a `$ref`, but authors mean `nullable`.
            if is_nullable && !self.reading.strict_null && value.is_null() {
                return Ok(true);
            }
            return self.reference(it, "$ref", reference, marks);
        }
        // If `nullable` is the only keyword, an alternative accepts only null; any other schema accepts every value.
        if is_nullable && count == 1 {
            return Ok(true);
        }
        // An `enum` without null does not exclude the null that `type` names, just as it does not with `nullable`.
        let takes_null = match version {
            Version::V3_0 => is_nullable,
            Version::JsonSchema => false,
            _ => value.is_null() && keywords.lists_values_beside_null(),
        };
        if takes_null && !self.reading.strict_null && value.is_null() {
            return Ok(true);
        }
        let unevaluated = match value {
            Value::Object(_) => keywords.unevaluated_properties,
            Value::Array(_) => keywords.unevaluated_items,
            _ => None,
        };
        let mut all = self.all();
        let Some(unevaluated) = unevaluated else {
            let _ = all.is_settled_by(self.assertions(it, is_nullable))
                || all.is_settled_by(self.evaluating(it, marks));
            return all.answer();
        };
        let mut own = Marks::default();
        let _ = all.is_settled_by(self.assertions(it, is_nullable))
            || all.is_settled_by(self.evaluating(it, Some(&mut own)))
            || all.is_settled_by(self.unevaluated(unevaluated, it, &mut own));
        if let Some(marks) = marks {
            marks.merge(&own);
        }
        all.answer()
    }

    /// Applies the keywords that evaluate parts of the value.
    fn evaluating(&mut self, it: Applied<'_, 'd, 'v>, mut marks: Option<&mut Marks<'v>>) -> Answer {
        if marks.is_some() {
            self.spend_on_parts(it.value)?;
        }
        let mut all = self.all();
        let inside = match it.value {
            Value::Object(members) => self.members(it, members, marks.as_deref_mut()),
            Value::Array(items) => self.items(it, items, marks.as_deref_mut()),
            _ => Ok(true),
        };
        let _ = all.is_settled_by(inside)
            || all.is_settled_by(self.dependents(it, marks.as_deref_mut()))
            || all.is_settled_by(self.parts(it, marks.as_deref_mut()))
            || all.is_settled_by(self.alternatives(it, marks.as_deref_mut()))
            || all.is_settled_by(self.conditions(it, marks.as_deref_mut()))
            || all.is_settled_by(self.references(it, marks));
        all.answer()
    }

    /// `dependencies`, which has no effect in OpenAPI.
    pub(super) fn older(&self, keywords: &Keywords<'d>) -> Option<Node<'d>> {
        keywords.dependencies.filter(|_| !self.is_openapi())
    }

    /// `dependentSchemas`.
    fn dependents(&mut self, it: Applied<'_, 'd, 'v>, mut marks: Option<&mut Marks<'v>>) -> Answer {
        let mut all = self.all();
        let Value::Object(members) = it.value else {
            return all.answer();
        };
        for dependents in [it.keywords.dependent_schemas, self.older(it.keywords)] {
            let Some(dependents) = dependents.and_then(Node::as_object) else {
                continue;
            };
            for schema in members.keys().filter_map(|name| dependents.get(name)) {
                if all.is_settled_by(self.schema(schema, it.value, it.level, marks.as_deref_mut())) {
                    return all.answer();
                }
            }
        }
        all.answer()
    }

    /// `allOf`.
    fn parts(&mut self, it: Applied<'_, 'd, 'v>, mut marks: Option<&mut Marks<'v>>) -> Answer {
        let mut all = self.all();
        let Some(parts) = it.keywords.all_of.and_then(Node::as_array) else {
            return all.answer();
        };
        let level = Level {
            is_chosen: it.level.is_chosen || !is_name(it.schema),
            ..it.level
        };
        for part in parts {
            if all.is_settled_by(self.schema(part, it.value, level, marks.as_deref_mut())) {
                break;
            }
        }
        all.answer()
    }

    /// `not`, and `if` with `then` and `else`.
    fn conditions(&mut self, it: Applied<'_, 'd, 'v>, mut marks: Option<&mut Marks<'v>>) -> Answer {
        let Applied {
            keywords,
            value,
            level,
            ..
        } = it;
        let mut all = self.all();
        let guarded = self.guarded(level);
        if let Some(schema) = keywords.not {
            let answer = match self.quietly(|it| it.schema(schema, value, guarded, None)) {
                Ok(is_accepted) => self.hold(!is_accepted, "not", |out| {
                    write!(out, "{schema} is not allowed for {value}")
                }),
                open => open,
            };
            if all.is_settled_by(answer) {
                return all.answer();
            }
        }
        if let Some(condition) = keywords.condition
            && (marks.is_some() || keywords.then.is_some() || keywords.otherwise.is_some())
        {
            let mut own = marks.as_ref().map(|_| Marks::default());
            let branch = match self.quietly(|it| it.schema(condition, value, guarded, own.as_mut())) {
                Ok(true) => {
                    if let (Some(marks), Some(own)) = (&mut marks, own) {
                        marks.merge(&own);
                    }
                    keywords.then
                }
                Ok(false) => keywords.otherwise,
                open => {
                    let _ = all.is_settled_by(open);
                    None
                }
            };
            if let Some(branch) = branch {
                let _ = all.is_settled_by(self.schema(branch, value, level, marks));
            }
        }
        all.answer()
    }

    pub(super) fn is_openapi(&self) -> bool {
        self.document.version() != Version::JsonSchema
    }
}
