//! The counterparts of alternatives: which branch of a `oneOf` or `anyOf` corresponds to which in the other document.

use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use openapi_document::{Located, Node, NodeId};

use crate::diff::face::Face;
use crate::diff::likeness::{Features, Likeness};
use crate::diff::node::Unmatched;
use crate::diff::pair::Both;
use crate::report::{Direction, Side};
use crate::schema::ast::{Keyword, Types};
use crate::schema::reader::Reader;
use crate::schema::wrapper::reference_of;
use crate::unchanged::Unchanged;

/// Maximum number of branches that are matched. A wider union is compared only as a whole.
pub(crate) const WIDEST: usize = 512;

/// Maximum number of features that are collected of all alternatives, and that are compared with each other. Beyond it,
/// the first possible counterpart is taken.
const MOST_FEATURES: usize = 2_000_000;
const MOST_COMPARISONS: usize = 50_000_000;
/// A pair of lists costs as much as this many comparisons of features.
const LISTS: usize = 16;

/// The alternatives of both sides, paired where they correspond.
#[derive(Default)]
pub(crate) struct Aligned<'d> {
    pub(crate) pairs: Vec<(Located<'d>, Located<'d>)>,
    pub(crate) unmatched: Unmatched<'d>,
}

/// Pairs the alternatives. A side without alternatives counts as one. Of several lists, each is paired with the one with
/// which it has most in common.
pub(crate) fn align<'d>(
    unchanged: &Unchanged<'d>,
    reader: &mut Reader<'d>,
    known: &mut KnownTraits<'d>,
    both: &Both<'_, 'd>,
) -> Aligned<'d> {
    let (old, new) = (both.base.unions.as_slice(), both.revision.unions.as_slice());
    let mut aligned = Aligned::default();
    let mut add = |old: &[Located<'d>], new: &[Located<'d>]| {
        aligned.add(unchanged, reader, known, both.direction(), (old, new));
    };
    match (old, new) {
        ([], []) => {}
        ([old], [new]) => add(old, new),
        ([old], []) => add(old, std::slice::from_ref(&both.node.revision)),
        ([], [new]) => add(std::slice::from_ref(&both.node.base), new),
        _ => {
            for (i, j) in lists_in_common(reader, known, (old, new)) {
                aligned.add(unchanged, reader, known, both.direction(), (&old[i], &new[j]));
            }
        }
    }
    aligned
}

/// Pairs lists of alternatives, those with most in common first.
fn lists_in_common<'d>(
    reader: &mut Reader<'d>,
    known: &mut KnownTraits<'d>,
    (old, new): (&[Vec<Located<'d>>], &[Vec<Located<'d>>]),
) -> Vec<(usize, usize)> {
    if old.len() > WIDEST || new.len() > WIDEST {
        return Vec::new();
    }
    let Some(left) = known.comparisons.checked_sub(LISTS * old.len() * new.len()) else {
        return (0..old.len().min(new.len())).map(|it| (it, it)).collect();
    };
    known.comparisons = left;
    let mut features = |side: Side, lists: &[Vec<Located<'d>>]| -> Vec<Features> {
        let of = |list: &Vec<Located<'d>>| {
            Features::of(reader, side, list.iter().map(|it| it.node), &mut known.features)
        };
        lists.iter().map(of).collect()
    };
    let features = (features(Side::Base, old), features(Side::Revision, new));
    let pairs = (0..old.len()).flat_map(|i| (0..new.len()).map(move |j| (i, j)));
    greedily(pairs, |i, j| known.in_common(&features.0[i], &features.1[j]))
}

/// Chooses among pairs of numbers so that each number stands in one pair at most, and the pairs with most in common
/// come first.
fn greedily(
    pairs: impl Iterator<Item = (usize, usize)>,
    mut likeness: impl FnMut(usize, usize) -> Likeness,
) -> Vec<(usize, usize)> {
    let mut ranked: Vec<_> = pairs.map(|(i, j)| (Reverse(likeness(i, j)), i, j)).collect();
    ranked.sort_unstable();
    let mut taken: [HashSet<usize>; 2] = Default::default();
    let free = ranked.into_iter().filter(|(_, i, j)| {
        let is_free = !taken[0].contains(i) && !taken[1].contains(j);
        if is_free {
            taken[0].insert(*i);
            taken[1].insert(*j);
        }
        is_free
    });
    free.map(|(_, i, j)| (i, j)).collect()
}

impl<'d> Aligned<'d> {
    /// Pairs the alternatives of two lists. Wider lists are compared only as a whole.
    fn add(
        &mut self,
        unchanged: &Unchanged<'d>,
        reader: &mut Reader<'d>,
        known: &mut KnownTraits<'d>,
        direction: Direction,
        (old, new): (&[Located<'d>], &[Located<'d>]),
    ) {
        // Null is reported for the whole schema, in whichever way it is written.
        let mut without_null = |side: Side, list: &[Located<'d>]| -> Vec<Located<'d>> {
            let is_whole = list.len() == 1;
            let others = list
                .iter()
                .filter(|it| is_whole || !reader.is_null(side.index(), it.node));
            others.cloned().collect()
        };
        let (old, new) = (without_null(Side::Base, old), without_null(Side::Revision, new));
        if old.len() > WIDEST || new.len() > WIDEST {
            return;
        }
        let mut traits = |side: Side, list: &[Located<'d>]| -> Vec<Rc<Traits<'d>>> {
            list.iter()
                .map(|place| known.of(reader, side, place, direction))
                .collect()
        };
        let traits = (traits(Side::Base, &old), traits(Side::Revision, &new));
        let matched = matching(unchanged, reader, known, (&old, &traits.0), (&new, &traits.1));
        for (old, counterpart) in old.iter().zip(&matched) {
            match counterpart {
                Some(j) => self.pairs.push((old.clone(), new[*j].clone())),
                None => self.unmatched.old.push(old.clone()),
            }
        }
        let left = (0..new.len()).filter(|j| !matched.contains(&Some(*j)));
        self.unmatched.new.extend(left.map(|j| new[j].clone()));
    }
}

/// The traits of all alternatives, since one component may be an alternative in many places.
pub(crate) struct KnownTraits<'d> {
    all: HashMap<(NodeId, Direction), Rc<Traits<'d>>>,
    /// Number of features that may still be collected.
    features: usize,
    /// Number of features that may still be compared.
    comparisons: usize,
}

impl Default for KnownTraits<'_> {
    fn default() -> Self {
        Self {
            all: HashMap::new(),
            features: MOST_FEATURES,
            comparisons: MOST_COMPARISONS,
        }
    }
}

impl<'d> KnownTraits<'d> {
    fn of(
        &mut self,
        reader: &mut Reader<'d>,
        side: Side,
        place: &Located<'d>,
        direction: Direction,
    ) -> Rc<Traits<'d>> {
        // An unresolved reference is examined as it stands.
        let target = reader.follow_alone(side, place.clone());
        let place = target.as_ref().unwrap_or(place);
        let key = (place.node.id(), direction);
        let traits = || Rc::new(Traits::of(reader, side, place, direction));
        Rc::clone(self.all.entry(key).or_insert_with(traits))
    }

    fn likeness(&mut self, reader: &mut Reader<'d>, old: &Traits<'d>, new: &Traits<'d>) -> Likeness {
        let [old, new] = [(Side::Base, old), (Side::Revision, new)].map(|(side, of)| {
            let collect = || Features::of(reader, side, std::iter::once(of.node), &mut self.features);
            of.features.get_or_init(collect)
        });
        self.in_common(old, new)
    }

    fn in_common(&mut self, old: &Features, new: &Features) -> Likeness {
        let Some(left) = self.comparisons.checked_sub(old.len() + new.len()) else {
            return Likeness::default();
        };
        self.comparisons = left;
        Likeness::of(old, new)
    }
}

/// The traits that distinguish a branch from its siblings.
struct Traits<'d> {
    node: Node<'d>,
    /// The properties in the order of their names, each with its value if it has only a single one: the tags.
    properties: Vec<(&'d str, Option<Node<'d>>)>,
    types: Option<Types>,
    /// Whether it consists of alternatives itself.
    is_list: bool,
    features: OnceCell<Features>,
}

impl<'d> Traits<'d> {
    fn of(reader: &mut Reader<'d>, side: Side, place: &Located<'d>, direction: Direction) -> Self {
        let face = Face::of(reader, side, place, direction);
        let mut tag = |places: &[Located<'d>]| {
            let document = reader.document(side.index());
            let place = places.first()?.clone().follow(document).ok()?;
            let schema = reader.read(side.index(), place.node);
            schema.keywords.iter().find_map(|keyword| match keyword {
                Keyword::Const(value) => Some(*value),
                Keyword::Enum(values) if values.len() == 1 => values.clone().next(),
                _ => None,
            })
        };
        Self {
            node: place.node,
            properties: face
                .properties
                .iter()
                .map(|(&name, places)| (name, tag(places)))
                .collect(),
            // Properties without a `type` mean an object.
            types: face
                .types
                .filter(|types| !types.is_empty())
                .or_else(|| face.lists_names.then_some(Types::OBJECT)),
            is_list: !face.unions.is_empty(),
            features: OnceCell::new(),
        }
    }

    /// The tags of each property that both declare.
    fn common<'t>(&'t self, other: &'t Self) -> impl Iterator<Item = [Option<Node<'d>>; 2]> + 't {
        let mut others = other.properties.iter().peekable();
        self.properties.iter().filter_map(move |(name, tag)| {
            while others.next_if(|(other, _)| other < name).is_some() {}
            others
                .next_if(|(other, _)| other == name)
                .map(|(_, other)| [*tag, *other])
        })
    }

    fn contradicts(&self, other: &Self) -> bool {
        self.common(other)
            .any(|tags| matches!(tags, [Some(one), Some(other)] if one != other))
    }

    fn has_tag_of(&self, other: &Self) -> bool {
        self.common(other)
            .any(|tags| matches!(tags, [Some(one), Some(other)] if one == other))
    }
}

/// Maps each branch of the first list to its counterpart in the second.
fn matching<'d>(
    unchanged: &Unchanged<'d>,
    reader: &mut Reader<'d>,
    known: &mut KnownTraits<'d>,
    (old, old_traits): (&[Located<'d>], &[Rc<Traits<'d>>]),
    (new, new_traits): (&[Located<'d>], &[Rc<Traits<'d>>]),
) -> Vec<Option<usize>> {
    let mut components = |side: Side, list: &[Located<'d>]| -> Vec<Option<&'d str>> {
        list.iter().map(|it| component(reader, side, it)).collect()
    };
    let components = (components(Side::Base, old), components(Side::Revision, new));
    let mut matched: Vec<Option<usize>> = vec![None; old.len()];
    let mut taken = vec![false; new.len()];
    // Among the possible counterparts, the one with most in common is taken first, so that the order of the branches
    // has no meaning.
    let mut pass = |fits: &dyn Fn(usize, usize) -> bool| {
        let left = |taken: &[bool]| -> Vec<usize> { (0..taken.len()).filter(|it| !taken[*it]).collect() };
        let is_matched: Vec<bool> = matched.iter().map(Option::is_some).collect();
        let new_left = left(&taken);
        let pairs = left(&is_matched).into_iter();
        let pairs = pairs.flat_map(|i| new_left.iter().map(move |&j| (i, j)));
        let fitting: Vec<(usize, usize)> = pairs.filter(|&(i, j)| fits(i, j)).collect();
        let (mut of_old, mut of_new) = (vec![0; old.len()], vec![0; new.len()]);
        for &(i, j) in &fitting {
            of_old[i] += 1;
            of_new[j] += 1;
        }
        let likeness = |i: usize, j: usize| match (of_old[i], of_new[j]) {
            // There is no choice.
            (1, 1) => Likeness::default(),
            _ => known.likeness(reader, &old_traits[i], &new_traits[j]),
        };
        for (i, j) in greedily(fitting.iter().copied(), likeness) {
            matched[i] = Some(j);
            taken[j] = true;
        }
    };
    pass(&|i, j| components.0[i].is_some() && components.0[i] == components.1[j]);
    pass(&|i, j| unchanged.same(old[i].node, new[j].node));
    pass(&|i, j| old[i].node == new[j].node);
    // A component whose name differs only in case or punctuation is the same one.
    pass(&|i, j| match (components.0[i], components.1[j]) {
        (Some(old), Some(new)) => letters(old).eq(letters(new)),
        _ => false,
    });
    pass(&|i, j| {
        let (a, b) = (&old_traits[i], &new_traits[j]);
        !a.contradicts(b) && a.has_tag_of(b)
    });
    // The remaining branches are paired if they have the same types and no contradicting tags. Objects must also
    // declare at least one name in common.
    let alike = |i: usize, j: usize| {
        let (a, b) = (&old_traits[i], &new_traits[j]);
        let objects = !a.properties.is_empty() || !b.properties.is_empty();
        a.types == b.types && !a.contradicts(b) && (!objects || a.common(b).next().is_some())
    };
    pass(&|i, j| old_traits[i].types.is_some() && alike(i, j));
    // A number that becomes an integer is narrowed, not removed.
    pass(&|i, j| {
        let (a, b) = (&old_traits[i], &new_traits[j]);
        let numbers = [a.types, b.types].map(|types| types.is_some_and(|it| Types::NUMBER.has(it)));
        numbers == [true; 2] && !a.contradicts(b)
    });
    // Lists of alternatives have no traits of their own, so they are paired by what their alternatives have in common.
    let is_list = |it: &Traits<'_>| it.is_list && it.types.is_none() && it.properties.is_empty();
    pass(&|i, j| is_list(&old_traits[i]) && is_list(&new_traits[j]));
    // Other branches without a type are paired if they stand at the same position and are not two components.
    pass(&|i, j| i == j && (components.0[i].is_none() || components.1[j].is_none()) && alike(i, j));
    matched
}

/// The name of the component that an alternative stands for. With other keywords beside the reference, it stands for less.
fn component<'d>(reader: &mut Reader<'d>, side: Side, branch: &Located<'d>) -> Option<&'d str> {
    let (schema, reference) = reference_of(branch.node)?;
    let stands_for_it = reader.read(side.index(), schema).is_reference_alone(true);
    stands_for_it.then(|| reference.rsplit('/').next())?
}

/// The letters and digits of a name, in lower case.
fn letters(name: &str) -> impl Iterator<Item = char> {
    let all = name.chars().filter(|it| it.is_alphanumeric());
    all.flat_map(char::to_lowercase)
}
