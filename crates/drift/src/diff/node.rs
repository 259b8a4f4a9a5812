//! The graph of aligned pairs: a schema of the base and the schema of the revision that stands in its place.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use openapi_document::{Located, Unresolved};

use crate::containment::{Carrier, Refutation, SchemaId};
use crate::diff::face::Face;
use crate::findings::Drift;
use crate::report::{Direction, Level, Side};

/// Index of a [`Node`].
pub(crate) type NodeId = usize;

/// Two schemas whose values meet: one in each document, for one direction.
#[derive(Debug)]
pub(crate) struct Node<'d> {
    pub(crate) base: Located<'d>,
    pub(crate) revision: Located<'d>,
    pub(crate) direction: Direction,
    /// How the values travel.
    pub(crate) carrier: Carrier,
    /// The sender may leave the value out, somewhere where this pair stands.
    pub(crate) may_be_absent: bool,
    pub(crate) base_id: SchemaId,
    pub(crate) revision_id: SchemaId,
    /// The target, where a value may be of several alternatives of a `oneOf`.
    pub(crate) lenient_target: SchemaId,
    /// The faces of both schemas.
    pub(crate) faces: (Face<'d>, Face<'d>),
    /// The side that stands here as a whole, beside one alternative of the other: what it alone declares may be in
    /// another alternative, so that is told where it stands beside all of them.
    pub(crate) whole: Option<Side>,
    /// The names that each side declares beside the alternatives or parts of which this pair is one, wherever the pair
    /// stands.
    pub(crate) beside: Option<[BTreeSet<&'d str>; 2]>,
    pub(crate) unmatched: Unmatched<'d>,
    /// The property and the tag that choose both schemas, somewhere where this pair stands: a value with another tag
    /// refutes nothing there.
    pub(crate) tag: Option<(&'d str, Cow<'d, str>)>,
    /// The sources wherever this pair stands: its own, or that of the pair of which it is an alternative.
    pub(crate) senders: Vec<SchemaId>,
    /// The targets wherever this pair stands, likewise.
    pub(crate) readers: Vec<SchemaId>,
    /// The target is proved to be contained in every sender, so that no deeper pair widens; asked of alternatives only.
    pub(crate) is_covered: bool,
    /// Whether the source is contained in the target.
    pub(crate) decision: Decision,
    /// Whether a contained pair also is where alternatives exclude each other.
    pub(crate) letter: Letter,
    /// The pair is contained if every child pair is.
    pub(crate) follows: bool,
    /// The index of the edge by which this pair was refuted.
    pub(crate) lifted_by: Option<usize>,
    pub(crate) locals: Vec<Local>,
    /// Deeper pairs.
    pub(crate) edges: Vec<Edge>,
    pub(crate) dangling: Vec<(Side, Unresolved)>,
}

/// The way to a deeper pair.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    /// A JSON pointer with `*` for any item or name; empty to an alternative.
    pub(crate) step: String,
    pub(crate) child: NodeId,
    /// The step leads to items, not to properties.
    pub(crate) items: bool,
    /// A refutation of the child is one of the parent, once that was asked.
    pub(crate) lifts: Option<bool>,
    /// The value that refutes the child was tried on the parent.
    pub(crate) is_tried: bool,
}

/// The verdict of a pair: whether every value of its source is one of its target.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Decision {
    /// The pair is not decided yet.
    Open,
    /// The pair is contained.
    Proved,
    /// The pair is refuted; where it holds no refutation of its own, a deeper pair has it.
    Refuted(Option<Refutation>),
    /// Neither could be shown; the text says why.
    Undecided(String),
}

/// The verdict of a contained pair where a value may be of one alternative of a `oneOf` only.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Letter {
    /// It was not asked: the pair is not contained, or a deeper pair is refused by the letter already.
    Unasked,
    /// The pair is contained by the letter, too.
    Kept,
    /// The pair is contained by the letter, but for names that another alternative declares, here or deeper.
    Loose,
    /// Several alternatives take a value, and so refuse it.
    Broken(Refutation),
    /// Several alternatives take a value that has a name which another alternative of the source declares.
    BrokenByName(Refutation),
    /// Neither could be shown; the text says why.
    Undecided(String),
}

impl<'d> Node<'d> {
    /// The schema whose values are sent.
    pub(crate) fn source(&self) -> SchemaId {
        match self.direction {
            Direction::Request => self.base_id,
            Direction::Response => self.revision_id,
        }
    }

    /// Whether a tag of this name chooses the pair wherever it stands.
    pub(crate) fn is_chosen_by(&self, name: &str) -> bool {
        let is_tag = self.tag.as_ref().is_some_and(|(property, _)| *property == name);
        is_tag && !self.senders.contains(&self.source())
    }

    /// Notes a place where it is no alternative.
    pub(crate) fn stands_by_itself(&mut self) {
        self.stands_in(self.source(), self.target());
    }

    /// Notes a pair of which it is an alternative, or itself.
    pub(crate) fn stands_in(&mut self, source: SchemaId, target: SchemaId) {
        if !self.senders.contains(&source) {
            self.senders.push(source);
        }
        if !self.readers.contains(&target) {
            self.readers.push(target);
        }
    }

    /// Notes a place where the sides declare these names beside it.
    pub(crate) fn stands_beside(&mut self, names: [BTreeSet<&'d str>; 2]) {
        match &mut self.beside {
            None => self.beside = Some(names),
            Some(known) => {
                for (known, own) in known.iter_mut().zip(&names) {
                    known.retain(|name| own.contains(name));
                }
            }
        }
    }

    /// Whether a side declares any name beside this pair.
    pub(crate) fn has_names_beside(&self, side: Side) -> bool {
        let beside = self.beside.as_ref();
        beside.is_some_and(|names| !names[side.index()].is_empty())
    }

    /// Whether a side declares a name beside the alternatives of which this pair is one.
    pub(crate) fn is_beside(&self, side: Side, name: &str) -> bool {
        let beside = self.beside.as_ref();
        beside.is_some_and(|names| names[side.index()].contains(name))
    }

    /// The schema that has to take them: several alternatives of a `oneOf` may, for a refusal that rests on this alone
    /// is one by the letter.
    pub(crate) fn target(&self) -> SchemaId {
        self.lenient_target
    }

    /// The target, where the alternatives of a `oneOf` exclude each other.
    pub(crate) fn target_to_the_letter(&self) -> SchemaId {
        match self.direction {
            Direction::Request => self.revision_id,
            Direction::Response => self.base_id,
        }
    }

    pub(crate) fn sender(&self) -> Side {
        match self.direction {
            Direction::Request => Side::Base,
            Direction::Response => Side::Revision,
        }
    }

    pub(crate) fn reader(&self) -> Side {
        match self.direction {
            Direction::Request => Side::Revision,
            Direction::Response => Side::Base,
        }
    }

    /// Whether a drift found right here is certain, whatever is proved further out.
    pub(crate) fn speaks(&self) -> bool {
        self.locals.iter().any(Local::is_certain)
    }

    /// Whether a drift found right here is certain and more than cosmetic.
    pub(crate) fn says_more_than_words(&self) -> bool {
        let mut said = self.locals.iter().filter(|local| local.is_certain());
        said.any(|local| local.drift.rule.level < Level::Cosmetic)
    }

    /// Whether a drift found right here says that the target accepts more than the source sends.
    pub(crate) fn widens(&self) -> bool {
        self.locals.iter().any(Local::widens)
    }

    /// Whether a drift found right here shows that the pair is refuted.
    pub(crate) fn explains_itself(&self) -> bool {
        self.locals.iter().any(Local::refutes)
    }
}

/// A drift found at a node.
#[derive(Clone, Debug)]
pub(crate) struct Local {
    pub(crate) drift: Drift,
    /// The way from the node to where the drift is met: `/network`, or nothing.
    pub(crate) suffix: String,
    /// The witness is a value at the node, not at the suffix.
    pub(crate) whole: bool,
    /// The cause stands inline, so that the slot tells it apart from others of its shape.
    pub(crate) inline: bool,
    pub(crate) claim: Claim,
}

/// The claim of a drift about the values that are sent and accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// A value that is sent is refused: the drift counts only where containment is not proved.
    Refusal,
    /// A value that is accepted is never sent: the drift counts only where the reverse is not proved.
    Widening,
    /// A value that is sent is refused by the letter: the drift counts only where no pair above is contained by it.
    Overlap,
    /// The drift claims neither.
    Other,
}

impl Local {
    pub(crate) fn widening(self) -> Self {
        Self {
            claim: Claim::Widening,
            ..self
        }
    }

    pub(crate) fn refutes(&self) -> bool {
        self.claim == Claim::Refusal
    }

    pub(crate) fn widens(&self) -> bool {
        self.claim == Claim::Widening
    }

    pub(crate) fn overlaps(&self) -> bool {
        self.claim == Claim::Overlap
    }

    /// Whether the drift says that a value that is sent is refused, or may be.
    pub(crate) fn is_doubt(&self) -> bool {
        self.refutes() || self.drift.undecided.is_some()
    }

    /// Whether the drift counts whatever is proved of the pairs above.
    pub(crate) fn is_certain(&self) -> bool {
        !self.is_doubt() && !self.widens()
    }
}

/// Finds the node of a pair.
pub(crate) type Index = HashMap<([Vec<openapi_document::NodeId>; 2], Direction, Carrier), NodeId>;

/// The alternatives that stand for nothing on the other side.
#[derive(Debug, Default)]
pub(crate) struct Unmatched<'d> {
    pub(crate) old: Vec<Located<'d>>,
    pub(crate) new: Vec<Located<'d>>,
}

impl<'d> Unmatched<'d> {
    pub(crate) fn of(&self, side: Side) -> &[Located<'d>] {
        match side {
            Side::Base => &self.old,
            Side::Revision => &self.new,
        }
    }

    /// Whether an alternative of a side stands for nothing on the other one.
    pub(crate) fn has(&self, side: Side, at: &str) -> bool {
        self.of(side).iter().any(|it| *it.at == *at)
    }
}
