//! The keywords for the members of objects.

use openapi_document::{Members, Node};
use serde_json::{Map, Value};

use super::answer::Answer;
use super::borrowed::Keyword;
use super::evaluation::{Applied, Evaluation, Level, PARTS};
use super::marks::Marks;
use super::reasons::{Step, unexpected};
use crate::judgement::Cause;

impl<'d, 'v> Evaluation<'d, 'v, '_> {
    /// `properties`, `patternProperties`, `additionalProperties` and `propertyNames`.
    pub(super) fn members(
        &mut self,
        it: Applied<'_, 'd, 'v>,
        members: &'v Map<String, Value>,
        mut marks: Option<&mut Marks<'v>>,
    ) -> Answer {
        let Applied { keywords, level, .. } = it;
        let properties = keywords.properties.and_then(Node::as_object);
        let patterns = keywords.pattern_properties.and_then(Node::as_object);
        let further = keywords.additional_properties;
        let mut all = self.all();
        let mut extra = Vec::new();
        if properties.is_some() || patterns.is_some() || further.is_some() {
            self.spend_on_parts(it.value)?;
            for (name, member) in members {
                let step = Step::Member(name);
                let mut is_declared = false;
                if let Some(schema) = properties.as_ref().and_then(|it| it.get(name)) {
                    is_declared = true;
                    if all.is_settled_by(self.inside(schema, step, member, level)) {
                        return all.answer();
                    }
                }
                if let Some(patterns) = &patterns {
                    let answer = self.matching(patterns, name, member, level, &mut is_declared);
                    if all.is_settled_by(answer) {
                        return all.answer();
                    }
                }
                if let Some(schema) = further.filter(|_| !is_declared) {
                    if schema.as_bool() == Some(false) {
                        extra.push(name);
                    } else if all.is_settled_by(self.inside(schema, step, member, level)) {
                        return all.answer();
                    }
                }
                if let Some(marks) = marks.as_deref_mut().filter(|_| is_declared || further.is_some()) {
                    marks.members.insert(name);
                }
            }
        }
        let answer = self.hold(extra.is_empty(), "additionalProperties", |out| {
            unexpected(out, "Additional properties", &extra)
        });
        if !all.is_settled_by(answer)
            && let Some(schema) = keywords.property_names
        {
            for name in members.keys() {
                if all.is_settled_by(self.property_name(schema, name, level)) {
                    break;
                }
            }
        }
        all.answer()
    }

    /// Applies the schemas of the patterns that match a name.
    fn matching(
        &mut self,
        patterns: &Members<'d>,
        name: &'v str,
        member: &'v Value,
        level: Level,
        is_declared: &mut bool,
    ) -> Answer {
        let mut all = self.all();
        self.spend(patterns.len() / PARTS)?;
        let text = Value::from(name);
        for (pattern, schema) in patterns.clone() {
            let answer = match self.kept.borrowed.accepts(Keyword::Pattern, pattern, &text) {
                Ok(false) => continue,
                Ok(true) => self.inside(schema, Step::Member(name), member, level),
                open => open,
            };
            *is_declared = true;
            if all.is_settled_by(answer) {
                break;
            }
        }
        all.answer()
    }

    /// `propertyNames`. Its reasons belong to the object.
    fn property_name(&mut self, schema: Node<'d>, name: &str, level: Level) -> Answer {
        let name = Value::from(name);
        let level = self.guarded(level);
        let is_telling = self.reasons.is_open();
        let are_quoted = self.reasons.are_quoted;
        let (answer, told) = self.beside(|it| {
            it.reasons.told = is_telling.then(Vec::new);
            it.reasons.are_quoted = are_quoted;
            let answer = it.schema(schema, &name, level, None);
            (answer, it.reasons.told.take())
        });
        for reason in told.into_iter().flatten() {
            self.reasons.add(Cause::Schema, "propertyNames", |out| {
                std::fmt::Write::write_str(out, &reason.why)
            });
        }
        answer
    }
}
