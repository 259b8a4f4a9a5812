//! The product of a string's automata: one state in the search for the shortest string.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::fuel::Fuel;
use super::regex::{Automaton, Marks, Run, contains};
use super::sorted::distinct;

/// The string of the characters on the path to a state of the search. Each state has a link to its predecessor.
pub(super) fn read_back(trail: &[(usize, char)], mut at: usize) -> String {
    let mut reversed = Vec::new();
    while let Some((from, c)) = trail.get(at) {
        reversed.push(*c);
        at = *from;
    }
    reversed.iter().rev().collect()
}

/// The buffers of each automaton, which all steps of a search share.
pub(super) fn marks_of(automata: &[(Rc<Automaton>, bool)]) -> Vec<Marks> {
    automata
        .iter()
        .map(|(automaton, _)| Marks::of(automaton))
        .collect()
}

/// A state of the search: the runs of all automata, and the excluded strings that are still possible.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Product {
    pub(super) runs: Vec<Run>,
    /// The excluded strings that start with the characters that were read.
    pub(super) alive: Vec<usize>,
}

impl Product {
    /// The cost of one step, in small operations.
    pub(super) fn cost(&self, automata: &[(Rc<Automaton>, bool)]) -> usize {
        let runs = automata.iter().zip(&self.runs);
        runs.map(|((automaton, _), run)| automaton.cost(run))
            .sum::<usize>()
            + self.alive.len()
            + 4
    }

    /// Whether a pattern that must not match has matched, or one that must match no longer can.
    pub(super) fn is_hopeless(&self, automata: &[(Rc<Automaton>, bool)]) -> bool {
        automata
            .iter()
            .zip(&self.runs)
            .any(|((_, wanted), run)| !wanted && *run == Run::Matched)
            || automata
                .iter()
                .zip(&self.runs)
                .any(|((_, wanted), run)| *wanted && run.is_dead())
    }

    pub(super) fn step(
        &self,
        (automata, marks): (&[(Rc<Automaton>, bool)], &mut [Marks]),
        excluded: &[Vec<char>],
        length: u64,
        c: char,
    ) -> Self {
        Self {
            runs: automata
                .iter()
                .zip(&self.runs)
                .zip(marks)
                .map(|(((automaton, _), run), marks)| automaton.step(run, c.into(), marks))
                .collect(),
            alive: self
                .alive
                .iter()
                .copied()
                .filter(|index| {
                    usize::try_from(length)
                        .ok()
                        .and_then(|at| excluded[*index].get(at))
                        == Some(&c)
                })
                .collect(),
        }
    }

    /// One code point of each class that all automata treat alike, the most readable ones first. `None` without fuel.
    pub(super) fn representatives(
        &self,
        automata: &[(Rc<Automaton>, bool)],
        excluded: &[Vec<char>],
        length: u64,
        (alphabets, fuel): (&mut Alphabets, &mut Fuel),
    ) -> Option<Rc<[char]>> {
        let mut read = BTreeSet::new();
        for (index, ((automaton, _), run)) in automata.iter().zip(&self.runs).enumerate() {
            let mut classes = BTreeSet::new();
            automaton.read_next(run, &mut classes);
            // A match may start at every code point.
            automaton.read_next(automaton.restart(), &mut classes);
            read.extend(classes.into_iter().map(|class| (index, class)));
        }
        let at = usize::try_from(length).ok();
        let alone = self.alive.iter().filter_map(|it| excluded[*it].get(at?));
        let alone: BTreeSet<char> = alone.copied().collect();
        alphabets.of(automata, (read, alone), fuel)
    }
}

/// The classes that can be read next, by automaton and index, and the single code points that count.
type Readable = (BTreeSet<(usize, usize)>, BTreeSet<char>);

/// The representatives of all code points for the classes that can be read next, which are the same at many states.
#[derive(Debug, Default)]
pub(super) struct Alphabets(HashMap<Readable, Rc<[char]>>);

impl Alphabets {
    fn of(
        &mut self,
        automata: &[(Rc<Automaton>, bool)],
        key: Readable,
        fuel: &mut Fuel,
    ) -> Option<Rc<[char]>> {
        if let Some(known) = self.0.get(&key) {
            return Some(Rc::clone(known));
        }
        let mut classes: Vec<Cow<'_, [(u32, u32)]>> = key
            .0
            .iter()
            .map(|(index, class)| automata[*index].0.class(*class).into())
            .collect();
        classes.extend(key.1.iter().map(|c| vec![(u32::from(*c), u32::from(*c))].into()));
        let ranges = classes.iter().map(|class| class.len()).sum::<usize>();
        // A class is looked up in a few steps for each boundary.
        if !fuel.work(ranges.saturating_mul(classes.len()) / 8) {
            return None;
        }
        let found = alike(&classes);
        self.0.insert(key, Rc::clone(&found));
        Some(found)
    }
}

/// One code point of each set of code points that are in the same classes.
fn alike(classes: &[Cow<'_, [(u32, u32)]>]) -> Rc<[char]> {
    let ranges = classes.iter().flat_map(|class| class.iter());
    let cuts = ranges.flat_map(|(lo, hi)| [*lo, hi + 1]);
    let cuts = distinct(cuts.chain([0, 0xD800, 0xE000, 0x11_0000]));
    let mut best: HashMap<Vec<bool>, char> = HashMap::new();
    for pair in cuts.windows(2).filter(|pair| pair[0] != 0xD800) {
        let Some(c) = representative(pair[0], pair[1]) else {
            continue;
        };
        let is_in = classes.iter().map(|class| contains(class, pair[0]));
        let own = best.entry(is_in.collect()).or_insert(c);
        *own = pleasantest([*own, c]).unwrap_or(c);
    }
    let mut found: Vec<char> = best.into_values().collect();
    found.sort_by_key(|c| (pleasantness(*c), *c));
    found.into()
}

fn representative(from: u32, to: u32) -> Option<char> {
    let wishes = ['a', 'A', '0', ' '].map(u32::from).into_iter();
    let nearest = wishes.map(|wish| wish.clamp(from, to - 1));
    pleasantest(nearest.filter_map(char::from_u32))
}

fn pleasantest(characters: impl IntoIterator<Item = char>) -> Option<char> {
    characters.into_iter().min_by_key(|c| (pleasantness(*c), *c))
}

fn pleasantness(c: char) -> u8 {
    match c {
        'a'..='z' => 0,
        'A'..='Z' => 1,
        '0'..='9' => 2,
        '!'..='~' => 3,
        ' ' => 4,
        // Validators disagree about line breaks, and about white space beyond ASCII.
        '\n' => 5,
        c if !c.is_control() && !c.is_whitespace() && c != '\u{feff}' => 6,
        _ => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pleasant_characters_come_first() {
        let order = ['b', 'Q', '5', '+', ' ', '\n', 'é'];
        for pair in order.windows(2) {
            assert!(pleasantness(pair[0]) < pleasantness(pair[1]), "{pair:?}");
        }
        for c in ['\0', '\t', '\u{85}', '\u{a0}', '\u{2028}', '\u{feff}'] {
            assert!(pleasantness('é') < pleasantness(c), "{c:?}");
        }
    }

    #[test]
    fn one_character_of_each_class_is_tried_pleasant_ones_first() {
        let class = |from: char, to: char| vec![(u32::from(from), u32::from(to))].into();
        let found = alike(&[
            class('b', 'd'),
            class('c', 'z'),
            class('0', '9'),
            class('\0', '\0'),
        ]);
        assert_eq!(*found, ['a', 'b', 'c', 'e', '0', '\0']);
    }

    #[test]
    fn of_each_class_the_pleasantest_is_taken() {
        for (from, to, taken) in [
            ('\0', '\u{10ffff}', 'a'),
            ('b', '\u{10ffff}', 'b'),
            ('\0', 'a', 'A'),
            ('\0', 'A', '0'),
            ('\0', '0', '/'),
            ('!', '0', '!'),
            ('\0', '!', ' '),
            ('\0', ' ', '\u{1f}'),
            ('{', '\u{10ffff}', '{'),
        ] {
            assert_eq!(
                representative(from.into(), to.into()),
                Some(taken),
                "{from:?} to {to:?}"
            );
        }
    }
}
