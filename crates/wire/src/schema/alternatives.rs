//! The keywords for alternatives: `anyOf`, `oneOf` and `discriminator`.

use std::borrow::Cow;
use std::fmt::Write as _;

use openapi_document::{Items, Node, Version};
use serde_json::{Map, Value};

use super::answer::Answer;
use super::discriminator::is_list;
use super::evaluation::{Applied, Evaluation, Level, PARTS};
use super::keywords::{is_name, is_true};
use super::marks::Marks;
use super::reasons::Reasons;
use super::travelling::travelling;
use crate::judgement::Cause;

impl<'d, 'v> Evaluation<'d, 'v, '_> {
    /// `discriminator`, `anyOf` and `oneOf`. The tag selects a schema, and it then does not matter whether other
    /// alternatives match, too.
    pub(super) fn alternatives(
        &mut self,
        it: Applied<'_, 'd, 'v>,
        mut marks: Option<&mut Marks<'v>>,
    ) -> Answer {
        let Applied {
            schema,
            keywords,
            value,
            level,
        } = it;
        let mut all = self.all();
        let mut takes_overlaps = self.reading.takes_overlaps && !level.is_guarded;
        let discriminator = keywords.discriminator.filter(|_| self.is_openapi());
        if let Some(property) = discriminator.and_then(|it| it.text("propertyName")) {
            if level.is_chosen {
                return Ok(true);
            }
            let (selection, visited) = self.kept.choices.of(self.document, schema, property);
            self.spend(visited / PARTS)?;
            takes_overlaps |= !selection.choices.is_empty();
            if let Some(chosen) = selection.chosen(self.document, value, property) {
                // A schema that is only an alias of this one leads back to it.
                let leads_back = chosen.id() == schema.id() || is_name(chosen);
                let next = Level {
                    unsent: self.unsent(chosen, value),
                    is_chosen: !is_list(schema) && leads_back,
                    ..level
                };
                let answer = match self.where_chosen(chosen, value, next, None) {
                    Some(answer) => answer,
                    None => self.target(chosen, value, next, None),
                };
                if all.is_settled_by(answer) {
                    return all.answer();
                }
            }
        }
        if let Some(parts) = keywords.any_of.and_then(Node::as_array)
            && all.is_settled_by(self.any_of(parts, it, marks.as_deref_mut()))
        {
            return all.answer();
        }
        if let Some(parts) = keywords.one_of.and_then(Node::as_array) {
            let _ = all.is_settled_by(if takes_overlaps {
                self.any_of(parts, it, marks)
            } else {
                self.one_of(parts, it, marks)
            });
        }
        all.answer()
    }

    fn any_of(&mut self, parts: Items<'d>, it: Applied<'_, 'd, 'v>, marks: Option<&mut Marks<'v>>) -> Answer {
        let value = it.value;
        match self.accepting(parts, it, 1, marks) {
            (0, Some(why)) => Err(why),
            (accepting, _) => self.hold(accepting > 0, "anyOf", |out| {
                write!(
                    out,
                    "{value} is not valid under any of the schemas listed in the 'anyOf' keyword"
                )
            }),
        }
    }

    fn one_of(&mut self, parts: Items<'d>, it: Applied<'_, 'd, 'v>, marks: Option<&mut Marks<'v>>) -> Answer {
        let value = it.value;
        match self.accepting(parts, it, 2, marks) {
            (0 | 1, Some(why)) => Err(why),
            (1, None) => Ok(true),
            (0, None) => self.hold(false, "oneOf", |out| {
                write!(
                    out,
                    "{value} is not valid under any of the schemas listed in the 'oneOf' keyword"
                )
            }),
            _ => {
                self.reasons.add(Cause::Ambiguous, "oneOf", |out| {
                    write!(
                        out,
                        "{value} is valid under more than one of the schemas listed in the 'oneOf' keyword"
                    )
                });
                Ok(false)
            }
        }
    }

    /// The number of alternatives that accept a value, counted up to `most`, and the reason why another one is
    /// undecided.
    fn accepting(
        &mut self,
        parts: Items<'d>,
        it: Applied<'_, 'd, 'v>,
        most: usize,
        mut marks: Option<&mut Marks<'v>>,
    ) -> (usize, Option<Cow<'static, str>>) {
        let is_alone = parts.len() == 1;
        let (mut accepting, mut open) = (0, None);
        for part in parts {
            let mut own = marks.as_ref().map(|_| Marks::default());
            match self.quietly(|evaluation| evaluation.alternative(part, is_alone, it, own.as_mut())) {
                Ok(false) => continue,
                Ok(true) => accepting += 1,
                Err(why) => open = open.or(Some(why)),
            }
            match (&mut marks, own) {
                (Some(marks), Some(own)) => marks.merge(&own),
                _ if accepting == most => break,
                _ => {}
            }
        }
        (accepting, open)
    }

    fn alternative(
        &mut self,
        part: Node<'d>,
        is_alone: bool,
        it: Applied<'_, 'd, 'v>,
        mut marks: Option<&mut Marks<'v>>,
    ) -> Answer {
        let is_lone_null = self.document.version() == Version::V3_0
            && !self.reading.strict_null
            && part.members().len() == 1
            && is_true(part.get("nullable"));
        if is_lone_null {
            return Ok(it.value.is_null());
        }
        if is_alone {
            return self.schema(part, it.value, it.level, marks);
        }
        let own = self.unsent(part, it.value);
        let level = Level {
            unsent: self.kept.unsent.both(it.level.unsent, own),
            ..it.level
        };
        match self.where_chosen(part, it.value, level, marks.as_deref_mut()) {
            Some(answer) => answer,
            None => self.schema(part, it.value, level, marks),
        }
    }

    /// Applies a schema to what is sent of a value where the schema is chosen; `None` if that is the whole value. What
    /// is not sent counts as evaluated.
    fn where_chosen(
        &mut self,
        schema: Node<'d>,
        value: &'v Value,
        level: Level,
        marks: Option<&mut Marks<'v>>,
    ) -> Option<Answer> {
        let kept = &mut self.kept.unsent;
        let sent = travelling(self.document, schema, self.direction, value, kept);
        let visited = kept.visited();
        if let Err(why) = self.spend(visited / PARTS) {
            return Some(Err(why));
        }
        let Cow::Owned(sent) = sent else { return None };
        let reasons = Reasons {
            told: self.reasons.told.take(),
            are_quoted: self.reasons.are_quoted,
            path: self.reasons.path.clone(),
        };
        let (answer, told) = self.beside(|it| {
            it.reasons = reasons;
            let mut own = marks.is_some().then(Marks::default);
            let answer = it.target(schema, &sent, level, own.as_mut());
            if let (Some(marks), Some(own)) = (marks, own) {
                let members = value.as_object().into_iter().flat_map(Map::keys);
                let is_marked = |it: &&String| own.has_member(it) || sent.get(it.as_str()).is_none();
                marks
                    .members
                    .extend(members.filter(is_marked).map(String::as_str));
                marks.has_all_members |= own.has_all_members;
                marks.prefix = marks.prefix.max(own.prefix);
                marks.items.extend(own.items);
                marks.has_all_items |= own.has_all_items;
            }
            (answer, it.reasons.told.take())
        });
        self.reasons.told = told;
        Some(answer)
    }
}
