//! The graph of aligned pairs: a schema of the base and its counterpart in the revision.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use openapi_document::{Located, Unresolved};

use crate::containment::{Carrier, Refutation, SchemaId};
use crate::diff::face::Face;
use crate::findings::Drift;
use crate::report::{Direction, Level, Side};

/// Index of a [`Node`].
pub(crate) type NodeId = usize;

/// A step down the graph: a pair, and the index of one of its edges.
pub(crate) type Step = (NodeId, usize);

/// A property and the text in it that selects a schema.
pub(crate) type Tag<'d> = (&'d str, Cow<'d, str>);

/// The names that an element of XML has in the base and in the revision if its schemas have no `xml` with a name.
/// `None` if OpenAPI defines no name.
pub(crate) type XmlNames = [Option<String>; 2];

/// Two schemas for the same values, one in each document, for one direction.
#[derive(Debug)]
pub(crate) struct Node<'d> {
    pub(crate) base: Located<'d>,
    pub(crate) revision: Located<'d>,
    pub(crate) direction: Direction,
    /// How the values are sent.
    pub(crate) carrier: Carrier,
    /// The names of the root elements that messages in XML have by this pair. Only nodes at which a use starts have any.
    pub(crate) root_names: Vec<XmlNames>,
    /// Whether the sender may leave the value out at some location of this pair.
    pub(crate) may_be_absent: bool,
    pub(crate) base_id: SchemaId,
    pub(crate) revision_id: SchemaId,
    /// The target, read so that a value may match several alternatives of a `oneOf`.
    pub(crate) lenient_target: SchemaId,
    /// The faces of both schemas.
    pub(crate) faces: (Face<'d>, Face<'d>),
    /// The side whose whole schema is paired with one alternative of the other side. A name that only this side
    /// declares may be in another alternative, so it is reported at the pair with all alternatives.
    pub(crate) whole: Option<Side>,
    /// The names that each side declares beside the alternatives or parts that include this pair, at every location
    /// of the pair.
    pub(crate) beside: Option<[BTreeSet<&'d str>; 2]>,
    pub(crate) unmatched: Unmatched<'d>,
    /// The property and the tag that select both schemas at some location of this pair. A value with another tag
    /// refutes nothing there.
    pub(crate) tag: Option<Tag<'d>>,
    /// The sources at all locations of this pair: its own, or that of the pair of which it is an alternative.
    pub(crate) senders: Vec<SchemaId>,
    /// The targets at all locations of this pair, determined in the same way.
    pub(crate) readers: Vec<SchemaId>,
    /// Whether the target is proved to be contained in every sender, so that no deeper pair widens. This is determined
    /// only for alternatives.
    pub(crate) is_covered: bool,
    /// Whether the source is contained in the target.
    pub(crate) decision: Decision,
    /// Whether a contained pair is also contained if alternatives exclude each other.
    pub(crate) letter: Letter,
    /// Whether the pair is contained if every child pair is.
    pub(crate) follows: bool,
    /// The index of the edge by which this pair was refuted.
    pub(crate) lifted_by: Option<usize>,
    pub(crate) locals: Vec<Local>,
    /// Deeper pairs.
    pub(crate) edges: Vec<Edge<'d>>,
    pub(crate) dangling: Vec<(Side, Unresolved)>,
}

/// The edge to a deeper pair.
#[derive(Clone, Debug)]
pub(crate) struct Edge<'d> {
    /// A JSON Pointer with `*` for any item or name; empty for an alternative.
    pub(crate) step: String,
    pub(crate) child: NodeId,
    /// The tag that selects the deeper pair among the alternatives or heirs of this one.
    pub(crate) tag: Option<Tag<'d>>,
    /// Whether the step leads to items instead of properties.
    pub(crate) items: bool,
    /// Whether a refutation of the child is also one of the parent; `None` until this is asked.
    pub(crate) lifts: Option<bool>,
    /// Whether the value that refutes the child was tried on the parent.
    pub(crate) is_tried: bool,
}

/// The verdict of a pair: whether every value of its source is one of its target.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Decision {
    /// The pair is not decided yet.
    Open,
    /// The pair is contained.
    Proved,
    /// The pair is refuted. If the refutation is not here, a deeper pair has it.
    Refuted(Option<Refutation>),
    /// Neither could be shown; the text contains the reason.
    Undecided(String),
}

/// The verdict of a contained pair if a value must match exactly one alternative of a `oneOf`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Letter {
    /// Not asked: the pair is not contained, or a deeper pair already is refused by exclusive alternatives.
    Unasked,
    /// The pair is also contained with exclusive alternatives.
    Kept,
    /// The pair is contained with exclusive alternatives, except for names that another alternative declares, here or
    /// deeper.
    Loose,
    /// Several alternatives match a value, which is therefore refused.
    Broken(Refutation),
    /// Several alternatives match a value with a name that another alternative of the source declares.
    BrokenByName(Refutation),
    /// Neither could be shown; the text contains the reason.
    Undecided(String),
}

impl<'d> Node<'d> {
    /// The schema of one document.
    pub(crate) fn place(&self, side: Side) -> &Located<'d> {
        match side {
            Side::Base => &self.base,
            Side::Revision => &self.revision,
        }
    }

    /// The schema whose values are sent.
    pub(crate) fn source(&self) -> SchemaId {
        match self.direction {
            Direction::Request => self.base_id,
            Direction::Response => self.revision_id,
        }
    }

    /// Whether a tag with this name selects the pair at all of its locations.
    pub(crate) fn is_chosen_by(&self, name: &str) -> bool {
        let is_tag = self.tag.as_ref().is_some_and(|(property, _)| *property == name);
        is_tag && !self.senders.contains(&self.source())
    }

    /// Records a location at which it is not an alternative.
    pub(crate) fn stands_by_itself(&mut self) {
        self.stands_in(self.source(), self.target());
    }

    /// Records the pair that contains this one as an alternative, or this pair itself.
    pub(crate) fn stands_in(&mut self, source: SchemaId, target: SchemaId) {
        if !self.senders.contains(&source) {
            self.senders.push(source);
        }
        if !self.readers.contains(&target) {
            self.readers.push(target);
        }
    }

    /// Records a location at which the sides declare these names beside it.
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

    /// The schema that has to accept the values. A value may match several alternatives of a `oneOf`, because a
    /// refusal for that reason alone is a separate verdict.
    pub(crate) fn target(&self) -> SchemaId {
        self.lenient_target
    }

    /// The target, in which the alternatives of a `oneOf` exclude each other.
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

    /// Whether a drift at this node is certain, regardless of proofs further out.
    pub(crate) fn speaks(&self) -> bool {
        self.locals.iter().any(Local::is_certain)
    }

    /// Whether a drift at this node is certain, more than cosmetic, and about values.
    pub(crate) fn says_more_than_words(&self) -> bool {
        let is_of_values = |local: &&Local| local.is_certain() && local.claim != Claim::Note;
        let mut said = self.locals.iter().filter(is_of_values);
        said.any(|local| local.drift.rule.level < Level::Cosmetic)
    }

    /// Whether a drift at this node says that the target accepts more than the source sends.
    pub(crate) fn widens(&self) -> bool {
        self.locals.iter().any(Local::widens)
    }

    /// Whether a drift at this node shows that the pair is refuted.
    pub(crate) fn explains_itself(&self) -> bool {
        self.locals.iter().any(Local::refutes)
    }
}

/// A drift found at a node.
#[derive(Clone, Debug)]
pub(crate) struct Local {
    pub(crate) drift: Drift,
    /// The path from the node to the location of the drift: `/network`, or empty.
    pub(crate) suffix: String,
    /// Whether the witness is a value at the node, not at the suffix.
    pub(crate) whole: bool,
    /// Whether the cause is in an inline schema, so that the slot distinguishes it from others with the same shape.
    pub(crate) inline: bool,
    pub(crate) claim: Claim,
}

/// The claim of a drift about the values that are sent and accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// A value that is sent is refused. The drift counts only if containment is not proved.
    Refusal,
    /// A value that is accepted is never sent. The drift counts only if the reverse is not proved.
    Widening,
    /// A value that is sent is refused by exclusive alternatives. The drift counts only if no pair above is contained
    /// with exclusive alternatives.
    Overlap,
    /// A value that is sent is refused here, and a pair above is contained, because another alternative accepts the
    /// value. The drift counts only where the refusal does not.
    Despite,
    /// An annotation differs, which says nothing of the values.
    Note,
    /// The drift makes none of these claims.
    Other,
}

impl Local {
    pub(crate) fn widening(self) -> Self {
        Self {
            claim: Claim::Widening,
            ..self
        }
    }

    pub(crate) fn noting(self) -> Self {
        Self {
            claim: Claim::Note,
            ..self
        }
    }

    pub(crate) fn despite_containment(self) -> Self {
        Self {
            claim: Claim::Despite,
            ..self
        }
    }

    pub(crate) fn refutes(&self) -> bool {
        self.claim == Claim::Refusal
    }

    pub(crate) fn widens(&self) -> bool {
        self.claim == Claim::Widening
    }

    pub(crate) fn is_despite_containment(&self) -> bool {
        self.claim == Claim::Despite
    }

    pub(crate) fn overlaps(&self) -> bool {
        self.claim == Claim::Overlap
    }

    /// Whether the drift says that a value which is sent is refused, or may be.
    pub(crate) fn is_doubt(&self) -> bool {
        self.refutes() || self.drift.undecided.is_some()
    }

    /// Whether the drift counts regardless of proofs about the pairs above.
    pub(crate) fn is_certain(&self) -> bool {
        !self.is_doubt() && !self.widens()
    }
}

/// The locations of a pair in both documents, the direction, and the carrier.
pub(crate) type Key = ([Vec<openapi_document::NodeId>; 2], Direction, Carrier);

/// The nodes by their pairs.
pub(crate) type Index = HashMap<Key, NodeId>;

/// The alternatives that have no counterpart on the other side.
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

    /// Whether an alternative of a side has no counterpart on the other one.
    pub(crate) fn has(&self, side: Side, at: &str) -> bool {
        self.of(side).iter().any(|it| *it.at == *at)
    }
}
