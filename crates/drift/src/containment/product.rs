//! The product of a string's automata: one state in the search for the shortest string.

use std::rc::Rc;

use super::regex::{Automaton, Run};

/// The string of the characters on the path to a state of the search. Each state has a link to its predecessor.
pub(super) fn read_back(trail: &[(usize, char)], mut at: usize) -> String {
    let mut reversed = Vec::new();
    while let Some((from, c)) = trail.get(at) {
        reversed.push(*c);
        at = *from;
    }
    reversed.iter().rev().collect()
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
        automata: &[(Rc<Automaton>, bool)],
        excluded: &[Vec<char>],
        length: u64,
        c: char,
    ) -> Self {
        Self {
            runs: automata
                .iter()
                .zip(&self.runs)
                .map(|((automaton, _), run)| automaton.step(run, c.into()))
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

    /// One code point of each class that all automata treat alike, the most readable ones first.
    pub(super) fn representatives(
        &self,
        automata: &[(Rc<Automaton>, bool)],
        excluded: &[Vec<char>],
        length: u64,
    ) -> Vec<char> {
        let mut cuts = vec![0, 0xD800, 0xE000, 0x11_0000];
        for ((automaton, _), run) in automata.iter().zip(&self.runs) {
            automaton.boundaries(run, &mut cuts);
            // A match may start at every code point.
            automaton.boundaries(automaton.restart(), &mut cuts);
        }
        for index in &self.alive {
            if let Some(c) = usize::try_from(length)
                .ok()
                .and_then(|at| excluded[*index].get(at))
            {
                cuts.extend([u32::from(*c), u32::from(*c) + 1]);
            }
        }
        cuts.sort_unstable();
        cuts.dedup();
        let mut found: Vec<char> = cuts
            .windows(2)
            .filter(|pair| pair[0] != 0xD800)
            .filter_map(|pair| representative(pair[0], pair[1]))
            .collect();
        found.sort_by_key(|c| (pleasantness(*c), *c));
        found
    }
}

fn representative(from: u32, to: u32) -> Option<char> {
    ['a', 'A', '0', ' ']
        .into_iter()
        .map(u32::from)
        .map(|wish| wish.clamp(from, to - 1))
        .filter_map(char::from_u32)
        .min_by_key(|c| (pleasantness(*c), *c))
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
