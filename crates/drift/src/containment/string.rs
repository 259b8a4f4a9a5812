//! Strings: lengths, patterns, sets and formats, and the search for the shortest string that satisfies them.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::Value;

use super::format;
use super::formula::{Arena, FormulaId, Map, Set, Text};
use super::fuel::{Fuel, SPENT};
use super::literal::Literal;
use super::number::{self, Num};
use super::numeral;
use super::outcome::Outcome;
use super::product::{Alphabets, Product, marks_of, read_back};
use super::regex::{Automaton, Run};
use super::sorted::distinct;

/// Maximum number of product states that are visited; beyond it the question stays undecided.
const STATES: usize = 50_000;
/// Maximum length of a string that is built.
const LONGEST: u64 = 100_000;

/// Maximum number of states in all cached automata; beyond it they are built anew.
const KEPT: usize = 100_000;
/// Maximum number of cached answers whether a name matches a pattern.
const KNOWN: usize = 1_000_000;
/// The cost of building a state, in small operations. It is higher than the cost of visiting one.
const BUILDING: usize = 16;
/// The number of states that cost as much as reading a short pattern.
const READING: usize = 16;
const TOO_LONG: &str = "a string of that length is too long to be built";
const UNREAD: &str = "a pattern is not read: it is too large, is no regular expression, or has a back-reference or a \
                      look-around inside another one";
const TOO_LARGE: &str = "the patterns' automata are too large";

/// The automata of patterns, each of which is built once.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    built: Map<Text, Option<Rc<Automaton>>>,
    size: usize,
    /// Whether a text matches a pattern, for names that many questions ask about.
    known: Map<(Text, Text), bool>,
}

impl Patterns {
    pub(super) fn get(&mut self, arena: &Arena, pattern: Text, fuel: &mut Fuel) -> Option<Rc<Automaton>> {
        if let Some(built) = self.built.get(&pattern) {
            return built.clone();
        }
        // Without fuel the question stays undecided, so that an automaton, or a larger one, would be built for nothing.
        if fuel.is_spent() {
            return None;
        }
        let most = usize::try_from(fuel.left()).unwrap_or(usize::MAX) / BUILDING;
        let Ok(built) = Automaton::within(arena.str(pattern), most) else {
            fuel.work(usize::MAX);
            return None;
        };
        let built = built.map(Rc::new);
        let size = built.as_ref().map_or(1, |automaton| automaton.size());
        if self.size + size > KEPT {
            self.built.clear();
            self.size = 0;
        }
        self.size += size;
        fuel.work((READING + size).saturating_mul(BUILDING));
        self.built.insert(pattern, built.clone());
        built
    }

    /// Whether a text matches; `None` if the pattern cannot be read, or no fuel is left.
    pub(super) fn matches(
        &mut self,
        arena: &Arena,
        pattern: Text,
        text: &str,
        fuel: &mut Fuel,
    ) -> Option<bool> {
        let automaton = self.get(arena, pattern, fuel)?;
        let cost = automaton.cost(automaton.restart()).saturating_mul(text.len() + 1);
        fuel.work(cost).then(|| automaton.matches(text))?
    }

    /// The same for a name, about which many questions ask again.
    pub(super) fn matches_name(
        &mut self,
        arena: &Arena,
        pattern: Text,
        name: Text,
        fuel: &mut Fuel,
    ) -> Option<bool> {
        if let Some(known) = self.known.get(&(pattern, name)) {
            return Some(*known);
        }
        let matches = self.matches(arena, pattern, arena.str(name), fuel)?;
        if self.known.len() >= KNOWN {
            self.known.clear();
        }
        self.known.insert((pattern, name), matches);
        Some(matches)
    }
}

/// The characters from which the search builds strings.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    Printable,
    Whole,
}

/// The constraints on a string.
#[derive(Clone, Debug, Default)]
pub(super) struct Strings {
    pub(super) min: u64,
    pub(super) max: Option<u64>,
    patterns: BTreeSet<Text>,
    not_patterns: BTreeSet<Text>,
    allowed: Option<BTreeSet<Text>>,
    excluded: BTreeSet<Text>,
    formats: BTreeSet<Text>,
    not_formats: BTreeSet<Text>,
    /// Formulas of numbers; the string must be the canonical text of a number of each.
    pub(super) spelled: BTreeSet<FormulaId>,
    /// Formulas of numbers; the string must not be a text of a number of any.
    pub(super) unspelled: BTreeSet<FormulaId>,
}

impl Strings {
    /// Adds a literal. Returns `false` if no string is left.
    pub(super) fn add(&mut self, literal: &Literal) -> bool {
        match literal {
            Literal::MinLen(n) => self.min = self.min.max(*n),
            Literal::MaxLen(n) => self.max = Some(self.max.map_or(*n, |old| old.min(*n))),
            Literal::Pattern(p) => {
                self.patterns.insert(*p);
            }
            Literal::NotPattern(p) => {
                self.not_patterns.insert(*p);
            }
            Literal::StrIn(set) => match &mut self.allowed {
                Some(allowed) => allowed.retain(|text| set.binary_search(text).is_ok()),
                None => {
                    self.allowed = Some(
                        set.iter()
                            .filter(|text| !self.excluded.contains(text))
                            .copied()
                            .collect(),
                    );
                }
            },
            Literal::StrNotIn(set) => {
                self.excluded.extend(set.iter());
                if let Some(allowed) = &mut self.allowed {
                    for text in set.iter() {
                        allowed.remove(text);
                    }
                }
            }
            Literal::Format(f) => {
                self.formats.insert(*f);
            }
            Literal::NotFormat(f) => {
                self.not_formats.insert(*f);
            }
            Literal::Spells(numbers) => {
                self.spelled.insert(*numbers);
            }
            Literal::Unspells(numbers) => {
                self.unspelled.insert(*numbers);
            }
            _ => {}
        }
        self.max.is_none_or(|max| self.min <= max)
            && self.allowed.as_ref().is_none_or(|allowed| !allowed.is_empty())
            && self.patterns.is_disjoint(&self.not_patterns)
            && self.formats.is_disjoint(&self.not_formats)
            && self.spelled.is_disjoint(&self.unspelled)
    }

    /// Whether the constraints restrict the number that the string represents.
    pub(super) fn speaks_of_numbers(&self) -> bool {
        !(self.spelled.is_empty() && self.unspelled.is_empty())
    }

    /// The listed texts, if the string must be one of them.
    pub(super) fn listed(&self) -> Option<Vec<Text>> {
        self.allowed.as_ref().map(|it| it.iter().copied().collect())
    }

    /// The same constraints without those on numbers.
    pub(super) fn without_numbers(&self) -> Self {
        Self {
            spelled: BTreeSet::new(),
            unspelled: BTreeSet::new(),
            ..self.clone()
        }
    }

    /// The numbers whose canonical texts are excluded, sorted.
    pub(super) fn excluded_numerals(&self, arena: &Arena) -> Vec<Num> {
        let numbers = self.excluded.iter().filter_map(|it| {
            let text = arena.str(*it);
            let number = number::exact(&numeral::number(text)?)?;
            // If the excluded text has another spelling, such as `1.50`, the canonical text of its number may still
            // be sent.
            (numeral::spelled(&number)? == **text).then_some(number)
        });
        distinct(numbers)
    }

    /// Whether a text satisfies all constraints except those on numbers.
    pub(super) fn is_kept_by(
        &self,
        text: &str,
        arena: &Arena,
        patterns: &mut Patterns,
        fuel: &mut Fuel,
    ) -> Option<bool> {
        if self.is_excluded(text, arena) {
            return Some(false);
        }
        self.admits(text, arena, patterns, fuel)
    }

    /// Whether a literal leaves no string, as far as this is known without a search.
    pub(super) fn excludes(&self, literal: &Literal) -> bool {
        match literal {
            Literal::MinLen(n) => self.max.is_some_and(|max| max < *n),
            Literal::MaxLen(n) => self.min > *n,
            Literal::Pattern(p) => self.not_patterns.contains(p),
            Literal::NotPattern(p) => self.patterns.contains(p),
            Literal::Format(f) => self.not_formats.contains(f),
            Literal::NotFormat(f) => self.formats.contains(f),
            Literal::Spells(numbers) => self.unspelled.contains(numbers),
            Literal::Unspells(numbers) => self.spelled.contains(numbers),
            Literal::StrIn(set) => match &self.allowed {
                Some(allowed) => set.iter().all(|text| !allowed.contains(text)),
                None => set.iter().all(|text| self.excluded.contains(text)),
            },
            Literal::StrNotIn(set) => self
                .allowed
                .as_ref()
                .is_some_and(|allowed| allowed.iter().all(|text| set.binary_search(text).is_ok())),
            _ => false,
        }
    }

    /// The cost of a copy, in small operations.
    pub(super) fn size(&self) -> usize {
        self.excluded.len() + self.allowed.as_ref().map_or(0, BTreeSet::len) + 8
    }

    /// Whether the strings are listed.
    pub(super) fn is_finite(&self) -> bool {
        self.allowed.is_some()
    }

    /// Whether a text satisfies all constraints; `None` if a pattern cannot be checked here.
    fn admits(&self, text: &str, arena: &Arena, patterns: &mut Patterns, fuel: &mut Fuel) -> Option<bool> {
        let length = text.chars().count() as u64;
        if length < self.min || self.max.is_some_and(|max| length > max) {
            return Some(false);
        }
        let mut known = true;
        for (set, wanted) in [(&self.patterns, true), (&self.not_patterns, false)] {
            for pattern in set {
                match patterns.matches(arena, *pattern, text, fuel) {
                    Some(matches) if matches != wanted => return Some(false),
                    Some(_) => {}
                    None => known = false,
                }
            }
        }
        for (set, wanted) in [(&self.formats, true), (&self.not_formats, false)] {
            for name in set {
                if format::admits(arena.str(*name), text) != wanted {
                    return Some(false);
                }
            }
        }
        known.then_some(true)
    }

    fn is_excluded(&self, text: &str, arena: &Arena) -> bool {
        self.excluded.iter().any(|out| &**arena.str(*out) == text)
    }

    /// The shortest string that satisfies all constraints.
    pub(super) fn solve(&self, arena: &Arena, patterns: &mut Patterns, fuel: &mut Fuel) -> Outcome {
        let value = |text: &str| Value::String(text.to_owned());
        if let Some(allowed) = &self.allowed {
            let mut end = Outcome::Unsat;
            for text in allowed {
                if !fuel.work(8) {
                    return end.or(Outcome::unknown("the search ran out of fuel"));
                }
                let text = Rc::clone(arena.str(*text));
                end = match self.admits(&text, arena, patterns, fuel) {
                    Some(true) => return Outcome::sat(value(&text)),
                    Some(false) => end,
                    None => end.or(Outcome::Unknown {
                        why: UNREAD.into(),
                        candidate: Some(Rc::new(value(&text))),
                    }),
                };
            }
            return end;
        }
        let mut automata = Vec::new();
        // A pattern that is not read can still guide the search, but proves nothing.
        let mut guides = Vec::new();
        let mut unreadable = false;
        for (set, wanted) in [(&self.patterns, true), (&self.not_patterns, false)] {
            for pattern in set {
                if let Some(automaton) = patterns.get(arena, *pattern, fuel) {
                    automata.push((automaton, wanted));
                } else {
                    if fuel.is_spent() {
                        return Outcome::unknown(SPENT);
                    }
                    unreadable = true;
                    if let Some(guide) = Automaton::without_inner_looks(arena.str(*pattern)) {
                        fuel.work(guide.size().saturating_mul(BUILDING));
                        guides.push((Rc::new(guide), wanted));
                    }
                }
            }
        }
        if self.formats.is_empty() && self.not_formats.is_empty() {
            if !guides.is_empty() {
                guides.extend(automata.iter().cloned());
                if let Outcome::Sat(candidate) = self.shortest(&guides, arena, fuel) {
                    return Outcome::Unknown {
                        why: UNREAD.into(),
                        candidate: Some(candidate),
                    };
                }
            }
            let found = self.shortest(&automata, arena, fuel);
            if !unreadable {
                return found;
            }
            // The patterns that were read suffice to refute. A string that they admit may still violate the unread
            // one.
            return match found {
                Outcome::Sat(candidate) => Outcome::Unknown {
                    why: UNREAD.into(),
                    candidate: Some(candidate),
                },
                other => other,
            };
        }
        // A format is known only by its checker. Examples can prove that a string exists, but nothing can prove that
        // none does.
        let mut candidates: Vec<String> = Vec::new();
        for name in &self.formats {
            candidates.extend(
                format::examples(arena.str(*name))
                    .iter()
                    .map(|it| (*it).to_owned()),
            );
        }
        match self.shortest(&automata, arena, fuel) {
            Outcome::Sat(found) => candidates.extend(found.as_str().map(str::to_owned)),
            Outcome::Unsat => return Outcome::Unsat,
            Outcome::Unknown { .. } => {}
        }
        candidates.extend(format::STRANGE.iter().map(|it| (*it).to_owned()));
        for name in &self.not_formats {
            candidates.extend(
                format::examples(arena.str(*name))
                    .iter()
                    .map(|it| (*it).to_owned()),
            );
        }
        for text in &candidates {
            if !self.is_excluded(text, arena) && self.admits(text, arena, patterns, fuel) == Some(true) {
                return Outcome::sat(value(text));
            }
        }
        Outcome::unknown("a format is a set known only by its checker")
    }

    /// The shortest string, of printable ASCII if possible, because all validators read patterns on ASCII alike.
    fn shortest(&self, automata: &[(Rc<Automaton>, bool)], arena: &Arena, fuel: &mut Fuel) -> Outcome {
        match self.shortest_of(Alphabet::Printable, automata, arena, fuel) {
            Outcome::Unsat => self.shortest_of(Alphabet::Whole, automata, arena, fuel),
            outcome => outcome,
        }
    }

    /// The shortest string that only its length limits.
    fn shortest_of_any(&self, fuel: &mut Fuel) -> Outcome {
        /// The small operations of a character, which is copied and judged several times.
        const CHARACTER: usize = 8;
        let length = usize::try_from(self.min).unwrap_or(usize::MAX);
        if self.max.is_some_and(|max| max < self.min) {
            Outcome::Unsat
        } else if fuel.work(length.saturating_mul(CHARACTER)) {
            Outcome::sat(Value::String("a".repeat(length)))
        } else {
            Outcome::unknown(TOO_LARGE)
        }
    }

    /// Searches breadth first through the product of all automata, so that the first string found is the shortest.
    fn shortest_of(
        &self,
        alphabet: Alphabet,
        automata: &[(Rc<Automaton>, bool)],
        arena: &Arena,
        fuel: &mut Fuel,
    ) -> Outcome {
        if self.min > LONGEST {
            return Outcome::unknown(TOO_LONG);
        }
        if automata.is_empty() && self.excluded.is_empty() {
            return self.shortest_of_any(fuel);
        }
        if !fuel.work(self.excluded.len().saturating_mul(8)) {
            return Outcome::unknown(TOO_LARGE);
        }
        let excluded: Vec<Vec<char>> = self
            .excluded
            .iter()
            .map(|text| arena.str(*text).chars().collect())
            .collect();
        let start = Product {
            runs: automata.iter().map(|(automaton, _)| automaton.begin()).collect(),
            alive: (0..excluded.len()).collect(),
        };
        // Each node of the search has a link to its predecessor, so that the string can be read back.
        let mut trail: Vec<(usize, char)> = Vec::new();
        let mut alphabets = Alphabets::default();
        let mut level = vec![(Rc::new(start), usize::MAX)];
        let mut seen: Set<Rc<Product>> = Set::default();
        let mut marks = marks_of(automata);
        for length in 0_u64.. {
            if self.max.is_some_and(|max| length > max) || level.is_empty() {
                return Outcome::Unsat;
            }
            if length >= self.min {
                for (product, at) in &level {
                    let excluded_here = product
                        .alive
                        .iter()
                        .any(|index| excluded[*index].len() as u64 == length);
                    if product.runs.contains(&Run::Lost) {
                        return Outcome::unknown(TOO_LARGE);
                    }
                    let accepted = automata
                        .iter()
                        .zip(&product.runs)
                        .all(|((automaton, wanted), run)| {
                            automaton.accepts(run, length == 0) == Some(*wanted)
                        });
                    if accepted && !excluded_here {
                        return Outcome::sat(Value::String(read_back(&trail, *at)));
                    }
                }
            }
            // Below the minimum length, the same state at a later level is another state.
            if length < self.min {
                seen.clear();
            }
            let mut next = Vec::new();
            for (product, at) in level {
                if !fuel.work(product.cost(automata)) {
                    return Outcome::unknown(TOO_LARGE);
                }
                let read = product.representatives(automata, &excluded, length, (&mut alphabets, fuel));
                let Some(read) = read else {
                    return Outcome::unknown(TOO_LARGE);
                };
                for &c in &*read {
                    if alphabet == Alphabet::Printable && !matches!(c, ' '..='~') {
                        continue;
                    }
                    if !fuel.work(product.cost(automata)) {
                        return Outcome::unknown(TOO_LARGE);
                    }
                    let to = Rc::new(product.step((automata, &mut marks), &excluded, length, c));
                    if to.is_hopeless(automata) || !seen.insert(Rc::clone(&to)) {
                        continue;
                    }
                    if trail.len() == STATES {
                        return Outcome::unknown(TOO_LARGE);
                    }
                    trail.push((at, c));
                    next.push((to, trail.len() - 1));
                }
            }
            level = next;
        }
        Outcome::Unsat
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn solve(literals: impl FnOnce(&mut Arena) -> Vec<Literal>) -> Outcome {
        let mut arena = Arena::new();
        let literals = literals(&mut arena);
        let mut strings = Strings::default();
        if !literals.iter().all(|literal| strings.add(literal)) {
            return Outcome::Unsat;
        }
        strings.solve(&arena, &mut Patterns::default(), &mut Fuel::new(200_000, 1))
    }

    fn texts(arena: &mut Arena, list: &[&str]) -> Rc<[Text]> {
        distinct(list.iter().map(|it| arena.text(it))).into()
    }

    #[test]
    fn contradicting_literals_exclude_each_other() {
        let mut arena = Arena::new();
        let (a, numbers) = (arena.text("a"), arena.kind(super::super::types::Kind::Number));
        let [ab, bc, c] = [&["a", "b"][..], &["b", "c"], &["c"]].map(|list| texts(&mut arena, list));
        for (one, other, clash) in [
            (Literal::MinLen(2), Literal::MaxLen(1), true),
            (Literal::MinLen(2), Literal::MaxLen(2), false),
            (Literal::Pattern(a), Literal::NotPattern(a), true),
            (Literal::Format(a), Literal::NotFormat(a), true),
            (Literal::Format(a), Literal::NotPattern(a), false),
            (Literal::Spells(numbers), Literal::Unspells(numbers), true),
            (Literal::Pattern(a), Literal::NotFormat(a), false),
            (
                Literal::StrIn(Rc::clone(&ab)),
                Literal::StrIn(Rc::clone(&c)),
                true,
            ),
            (
                Literal::StrIn(Rc::clone(&ab)),
                Literal::StrIn(Rc::clone(&bc)),
                false,
            ),
            (
                Literal::StrIn(Rc::clone(&ab)),
                Literal::StrNotIn(Rc::clone(&bc)),
                false,
            ),
            (
                Literal::StrIn(Rc::clone(&c)),
                Literal::StrNotIn(Rc::clone(&bc)),
                true,
            ),
        ] {
            for (one, other) in [(&one, &other), (&other, &one)] {
                let mut strings = Strings::default();
                assert!(!strings.excludes(one) && strings.add(one), "{one:?}");
                assert_eq!(strings.excludes(other), clash, "{one:?} and {other:?}");
                assert_eq!(strings.add(other), !clash, "{one:?} and {other:?}");
            }
        }
    }

    #[test]
    fn a_string_of_a_format_is_taken_from_its_examples() {
        let date = |not: &[&str]| {
            solve(|arena| {
                vec![
                    Literal::Format(arena.text("date")),
                    Literal::StrNotIn(texts(arena, not)),
                ]
            })
        };
        assert_eq!(date(&[]), Outcome::sat(json!("2024-02-29")));
        assert_eq!(date(&["2024-02-29"]), Outcome::sat(json!("1963-06-19")));
        let unknown = Outcome::unknown("a format is a set known only by its checker");
        assert_eq!(date(&["2024-02-29", "1963-06-19"]), unknown);
        let short = solve(|arena| vec![Literal::Format(arena.text("date")), Literal::MaxLen(3)]);
        assert_eq!(short, unknown);
        let none = solve(|arena| {
            vec![
                Literal::Format(arena.text("date")),
                Literal::Pattern(arena.text("^ab$")),
                Literal::MaxLen(1),
            ]
        });
        assert_eq!(none, Outcome::Unsat);
        let not = solve(|arena| vec![Literal::NotFormat(arena.text("date")), Literal::MinLen(3)]);
        assert_eq!(not, Outcome::sat(json!("aaa")));
        let not = solve(|arena| vec![Literal::NotFormat(arena.text("regex")), Literal::MinLen(1)]);
        assert_eq!(not, Outcome::sat(json!("\\")));
    }

    #[test]
    fn the_end_of_nothing_is_its_start() {
        let found = solve(|arena| vec![Literal::Pattern(arena.text("$^"))]);
        assert_eq!(found, Outcome::sat(json!("")));
        let longer = solve(|arena| vec![Literal::Pattern(arena.text("$^")), Literal::MinLen(1)]);
        assert_eq!(longer, Outcome::Unsat);
    }

    #[test]
    fn strings_are_built_so_long() {
        assert!(matches!(
            solve(|_| vec![Literal::MinLen(LONGEST)]),
            Outcome::Sat(_)
        ));
        assert!(matches!(
            solve(|_| vec![Literal::MinLen(LONGEST + 1)]),
            Outcome::Unknown { .. }
        ));
    }

    #[test]
    fn a_state_is_visited_once_from_the_least_length_on() {
        let cost = |least| {
            let mut arena = Arena::new();
            let (all, not) = (arena.text("^a+$"), arena.text("^a*$"));
            let mut strings = Strings::default();
            for literal in [
                Literal::Pattern(all),
                Literal::NotPattern(not),
                Literal::MinLen(least),
            ] {
                strings.add(&literal);
            }
            let mut fuel = Fuel::new(10_000, 1);
            let found = strings.solve(&arena, &mut Patterns::default(), &mut fuel);
            assert_eq!(found, Outcome::Unsat);
            fuel.taken()
        };
        assert_eq!(cost(0), cost(1));
    }

    #[test]
    fn automata_are_kept_until_they_are_too_many() {
        let mut arena = Arena::new();
        let mut patterns = Patterns::default();
        let mut fuel = Fuel::new(100_000, 1);
        for (letter, kept) in [('a', 1), ('b', 2), ('c', 3), ('d', 4), ('e', 5), ('a', 5)] {
            let pattern = arena.text(&format!("{letter}{{19999}}"));
            assert!(patterns.get(&arena, pattern, &mut fuel).is_some());
            assert_eq!(patterns.built.len(), kept, "{letter}");
        }
        let one_more = arena.text("(");
        assert!(patterns.get(&arena, one_more, &mut fuel).is_none());
        assert_eq!(patterns.built.len(), 1);
    }

    #[test]
    fn the_shortest_string_is_found() {
        let found = solve(|arena| {
            let (digits, not) = (arena.text("^[0-9]+$"), arena.text("^0"));
            vec![
                Literal::Pattern(digits),
                Literal::NotPattern(not),
                Literal::MinLen(3),
            ]
        });
        assert_eq!(found, Outcome::sat(json!("100")));
    }

    #[test]
    fn impossible_strings_are_proved() {
        let found = solve(|arena| {
            let (narrow, wide) = (arena.text("^[a-c]{2,4}$"), arena.text("^[a-z]+$"));
            vec![Literal::Pattern(narrow), Literal::NotPattern(wide)]
        });
        assert_eq!(found, Outcome::Unsat);
    }

    #[test]
    fn a_pattern_that_costs_more_than_what_is_left_spends_all_of_it() {
        let mut arena = Arena::new();
        let pattern = arena.text("^a{200}$");
        let mut fuel = Fuel::new(4, 1);
        fuel.work(1);
        assert!(Patterns::default().get(&arena, pattern, &mut fuel).is_none());
        assert!(fuel.is_spent());
    }

    #[test]
    fn excluded_strings_are_passed_by() {
        let found = solve(|arena| {
            let (pattern, a, b) = (arena.text("^[ab]$"), arena.text("a"), arena.text("b"));
            let mut set = [a, b];
            set.sort_unstable();
            vec![
                Literal::Pattern(pattern),
                Literal::StrNotIn(set.as_slice().into()),
            ]
        });
        assert_eq!(found, Outcome::Unsat);
        let found = solve(|arena| {
            let a = arena.text("");
            vec![Literal::StrNotIn([a].as_slice().into()), Literal::MaxLen(1)]
        });
        assert_eq!(found, Outcome::sat(json!("a")));
    }
}
