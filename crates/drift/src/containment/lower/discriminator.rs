//! Discriminators: the tag selects the schema. A tag that selects no schema proves nothing.

use openapi_document::{Items, Node};

use super::Lowering;
use crate::containment::formula::FormulaId;
use crate::containment::literal::Literal;
use crate::containment::reading::{At, Closing};
use crate::containment::sorted::distinct;
use crate::containment::types::Kind;
use crate::schema::ast::Schema;
use crate::schema::discriminator::Discriminator;

impl<'d> Lowering<'d> {
    /// The alternatives, one of which is selected by a tag. It then does not matter whether others match, too.
    pub(super) fn by_tag(&mut self, at: At<'d>, schema: &Schema<'d>, branches: &Items<'d>) -> FormulaId {
        let formulas = self.branches(at, branches);
        let any = self.arena.or(formulas.clone());
        if at.mode.closing != Closing::Open {
            // The closed reading of the alternatives checks the tags, too.
            return any;
        }
        let (mut ways, mut all) = (Vec::new(), Vec::new());
        for (branch, formula) in branches.clone().zip(formulas) {
            if let Some(tagged) = self.tagged(at, schema, branch) {
                ways.push(self.arena.and([tagged, formula]));
                all.push(tagged);
            }
        }
        let tagged = self.arena.or(all);
        let untagged = self.arena.not(tagged);
        ways.push(self.arena.and([untagged, any]));
        self.arena.or(ways)
    }

    /// Adds the schemas that inherit from the one with the discriminator, each under the condition that its tag
    /// selects it.
    pub(super) fn chosen(
        &mut self,
        at: At<'d>,
        schema: &Schema<'d>,
        discriminator: &Discriminator<'d>,
        parts: &mut Vec<FormulaId>,
    ) {
        if !self.is_sent(at, discriminator) || schema.has_alternatives() {
            return;
        }
        for (target, tags) in discriminator.targets() {
            let tagged = self.holds_one_of(discriminator.property, &tags);
            let untagged = self.arena.not(tagged);
            let chosen = self.instead(at, target.target.node);
            parts.push(self.arena.or([untagged, chosen]));
        }
    }

    /// The closed reading of a schema with a discriminator and heirs; `own` is the closure without a tag.
    pub(super) fn closed_by_tag(&mut self, at: At<'d>, schema: &Schema<'d>, own: FormulaId) -> FormulaId {
        let discriminator = schema.discriminator().filter(|it| self.is_sent(at, it));
        let Some(discriminator) = discriminator.filter(|_| !schema.has_alternatives()) else {
            return own;
        };
        let (mut ways, mut all) = (Vec::new(), Vec::new());
        for (target, tags) in discriminator.targets() {
            let tagged = self.holds_one_of(discriminator.property, &tags);
            let chosen = self.instead(at.closing(Closing::Closed), target.target.node);
            ways.push(self.arena.and([tagged, chosen]));
            all.push(tagged);
        }
        let tagged = self.arena.or(all);
        let untagged = self.arena.not(tagged);
        ways.push(self.arena.and([untagged, own]));
        self.arena.or(ways)
    }

    /// Whether a tag may select a schema: it is sent, and no schema is selected already.
    fn is_sent(&self, at: At<'d>, discriminator: &Discriminator<'d>) -> bool {
        let unsent = self.reader.names(at.mode.unsent);
        !at.mode.is_chosen && !unsent.contains(discriminator.property)
    }

    fn instead(&mut self, at: At<'d>, target: Node<'d>) -> FormulaId {
        let unsent = self.reader.unsent(at.source, target, at.mode.direction);
        let schema = self.reader.read(at.source, target);
        let is_name = schema.is_wrapper() || schema.lone_reference().is_some();
        self.definition(at.instead(target, unsent, is_name))
    }

    /// The objects whose tag selects an alternative.
    pub(super) fn tagged(&mut self, at: At<'d>, schema: &Schema<'d>, branch: Node<'d>) -> Option<FormulaId> {
        let discriminator = schema.discriminator().filter(|it| self.is_sent(at, it))?;
        let tags = discriminator
            .tags
            .iter()
            .filter(|it| it.branch == Some(branch.id()));
        let tags: Vec<&str> = tags.map(|it| &*it.value).collect();
        (!tags.is_empty()).then(|| self.holds_one_of(discriminator.property, &tags))
    }

    /// The objects in which a property has one of these texts.
    pub(in crate::containment) fn holds_one_of(&mut self, property: &str, tags: &[&str]) -> FormulaId {
        let tags = distinct(tags.iter().map(|tag| self.arena.text(tag)));
        let kind = self.arena.kind(Kind::String);
        let tag = self.arena.literal(Literal::StrIn(tags.into()));
        let tag = self.arena.and([kind, tag]);
        let name = self.arena.text(property);
        let parts = [
            self.arena.kind(Kind::Object),
            self.arena.literal(Literal::Has(name)),
            self.arena.literal(Literal::Prop(name, tag)),
        ];
        self.arena.and(parts)
    }
}
