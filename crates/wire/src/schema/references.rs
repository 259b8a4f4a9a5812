//! `$ref` and `$dynamicRef`.

use std::fmt::Write as _;
use std::rc::Rc;

use openapi_document::{Node, SlotId};
use serde_json::Value;

use super::answer::Answer;
use super::borrowed::Keyword;
use super::evaluation::{Applied, Evaluation, Level};
use super::marks::Marks;

const DYNAMIC: &str = "$dynamicRef";
const ANCHOR: &str = "$dynamicAnchor";
/// The schema of schemas, which no document needs to contain.
const META_SCHEMA: &str = "https://json-schema.org/draft/2020-12/";

pub(super) const CIRCLE: &str = "a reference leads back to itself";

/// The application of a schema to a part of the value, which is identified by its address.
pub(super) type Application = (SlotId, Level, usize);

/// The result of an application through a reference.
pub(super) struct Known<'v> {
    /// `None` while it is being found.
    answer: Option<Answer>,
    marks: Option<Rc<Marks<'v>>>,
}

impl<'d, 'v> Evaluation<'d, 'v, '_> {
    /// `$ref` and `$dynamicRef`, which may stand beside each other.
    pub(super) fn references(
        &mut self,
        it: Applied<'_, 'd, 'v>,
        mut marks: Option<&mut Marks<'v>>,
    ) -> Answer {
        let keywords = it.keywords;
        let mut all = self.all();
        if keywords.recursive_reference.is_some() && self.is_openapi() {
            let _ = all.is_settled_by(Err("the judge does not follow `$recursiveRef`".into()));
        }
        if let Some(reference) = keywords.dynamic_reference.and_then(Node::as_str) {
            let answer = self.reference(it, DYNAMIC, reference, marks.as_deref_mut());
            if all.is_settled_by(answer) {
                return all.answer();
            }
        }
        if let Some(reference) = keywords.reference.and_then(Node::as_str) {
            let _ = all.is_settled_by(self.reference(it, "$ref", reference, marks));
        }
        all.answer()
    }

    pub(super) fn reference(
        &mut self,
        it: Applied<'_, 'd, 'v>,
        keyword: &'static str,
        reference: &str,
        marks: Option<&mut Marks<'v>>,
    ) -> Answer {
        let value = it.value;
        let mut target = match self.kept.target(self.document, it.schema, keyword, reference) {
            Ok(target) => target,
            Err(why) => {
                let is_meta_schema = reference.starts_with(META_SCHEMA);
                if !is_meta_schema || marks.is_some() || self.document.mentions(ANCHOR) {
                    return Err(why.into());
                }
                let borrowed = &mut self.kept.borrowed;
                let is_schema = borrowed.accepts(Keyword::MetaSchema, reference, value)?;
                return self.hold(is_schema, keyword, |out| write!(out, "{value} is no schema"));
            }
        };
        let anchor = reference.split_once('#').map(|(_, anchor)| anchor);
        if let Some(scopes) = &self.scopes
            && keyword == DYNAMIC
            && let Some(anchor) = anchor.filter(|it| target.text(ANCHOR) == Some(*it))
        {
            let mut resources = scopes.resources(it.level.scope).iter();
            let outermost = resources.find_map(|it| self.document.dynamic_anchor(*it, anchor));
            target = outermost.unwrap_or(target);
        }
        self.target(target, value, it.level, marks)
    }

    /// Applies the target of a reference. The result is kept, so that schemas that refer to each other many times are
    /// applied to the same part of the value only once.
    pub(super) fn target(
        &mut self,
        target: Node<'d>,
        value: &'v Value,
        level: Level,
        marks: Option<&mut Marks<'v>>,
    ) -> Answer {
        let application = (target.slot_id(), level, std::ptr::from_ref(value).addr());
        if let Some(known) = self.known.get(&application) {
            match (&known.answer, &known.marks, marks.is_some()) {
                (None, ..) => {
                    self.is_circular = true;
                    return Err(CIRCLE.into());
                }
                (Some(Ok(false)), ..) if self.reasons.is_open() => {}
                (Some(Ok(true)), None, true) => {}
                (Some(answer), kept, _) => {
                    if let (Some(marks), Some(kept)) = (marks, kept) {
                        marks.merge(kept);
                    }
                    return answer.clone();
                }
            }
        }
        let open = Known {
            answer: None,
            marks: None,
        };
        self.known.insert(application, open);
        let mut own = marks.as_ref().map(|_| Marks::default());
        let answer = self.schema(target, value, level, own.as_mut());
        let own = own.map(Rc::new);
        if let (Some(marks), Some(own)) = (marks, &own) {
            marks.merge(own);
        }
        let found = Known {
            answer: Some(answer.clone()),
            marks: own,
        };
        self.known.insert(application, found);
        answer
    }
}
