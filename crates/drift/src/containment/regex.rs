//! Patterns (ECMA-262, unanchored as in JSON Schema) as finite automata over code points.

use std::collections::{BTreeSet, HashMap};

use regex_syntax::hir::{self, Class, Hir, HirKind};

use super::ecma::{LOOK, parse};
use super::lookaround::{Look, Looking};
use super::sorted::distinct;

/// Maximum number of states in one automaton; larger patterns stay undecided.
const STATES: usize = 20_000;
/// Maximum number of code point ranges in the classes of one automaton.
const RANGES: usize = 200_000;

/// One state of an automaton.
#[derive(Clone, Debug)]
pub(super) enum NfaState {
    /// Reads a code point of the class with this index and continues.
    Read(usize, usize),
    Split(Vec<usize>),
    /// Continues only at the start or at the end of the text.
    AtStart(usize),
    AtEnd(usize),
    /// Continues only if the look-around with this index holds.
    Look(usize, usize),
    Match,
    Fail,
}

/// A class of code points: sorted, inclusive ranges.
pub(super) type Ranges = Vec<(u32, u32)>;

/// The automaton of a pattern.
#[derive(Clone, Debug)]
pub(super) struct Automaton {
    pub(super) states: Vec<NfaState>,
    /// The classes that states read, each once.
    classes: Vec<Ranges>,
    pub(super) start: usize,
    pub(super) looks: Vec<Look>,
    /// A run that starts after some text was read.
    restart: Run,
}

/// A run: the open states, or the fact that the pattern has matched somewhere, which is sufficient. A run with too many
/// look-aheads to follow is lost.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Run {
    Open(Vec<usize>),
    Looking(Box<Looking>),
    Matched,
    Lost,
}

/// The buffers that the steps of runs share.
#[derive(Debug)]
pub(super) struct Marks {
    /// The round in which each state was last met.
    seen: Vec<u32>,
    round: u32,
    todo: Vec<usize>,
}

impl Marks {
    pub(super) fn of(automaton: &Automaton) -> Self {
        Self {
            seen: vec![0; automaton.states.len()],
            round: 1,
            todo: Vec::new(),
        }
    }
}

impl Run {
    /// Whether no text that follows can match.
    pub(super) fn is_dead(&self) -> bool {
        match self {
            Self::Open(states) => states.is_empty(),
            Self::Looking(run) => run.is_dead(),
            Self::Matched | Self::Lost => false,
        }
    }
}

impl Automaton {
    /// Reads a pattern; `None` if it is invalid, or if it has a back-reference or look-around in look-around.
    #[cfg(test)]
    pub(super) fn new(pattern: &str) -> Option<Self> {
        Self::within(pattern, STATES).ok()?
    }

    /// Reads a pattern that has at most this many states; `None` if it is invalid, or if it has a back-reference or
    /// look-around in look-around.
    ///
    /// # Errors
    /// If the pattern has more states, but is not too large altogether.
    pub(super) fn within(pattern: &str, most: usize) -> Result<Option<Self>, TooLarge> {
        let mut builder = Builder::of(most.min(STATES));
        let automaton = Self::parsed(pattern, true, &mut builder);
        if automaton.is_none() && builder.states.len() > builder.most && builder.most < STATES {
            return Err(TooLarge);
        }
        Ok(automaton)
    }

    /// Reads a pattern as if a look-around had no other look-around inside.
    pub(super) fn without_inner_looks(pattern: &str) -> Option<Self> {
        Self::parsed(pattern, false, &mut Builder::of(STATES))
    }

    fn parsed(pattern: &str, is_strict: bool, builder: &mut Builder) -> Option<Self> {
        let mut written = Vec::new();
        let hir = parse(pattern, &mut written)?;
        let matched = builder.push(NfaState::Match)?;
        let start = builder.build(&hir, matched)?;
        let mut looks = Vec::new();
        for look in written {
            let mut inner = Vec::new();
            let hir = parse(&look.inside, &mut inner)?;
            (inner.is_empty() || !is_strict).then_some(())?;
            builder.drops_looks = true;
            looks.push(Look {
                is_ahead: look.is_ahead,
                wanted: look.wanted,
                start: builder.build(&hir, matched)?,
            });
        }
        let mut automaton = Self {
            states: std::mem::take(&mut builder.states),
            classes: std::mem::take(&mut builder.classes),
            start,
            looks,
            restart: Run::Open(Vec::new()),
        };
        if automaton.looks.is_empty() {
            automaton.restart = automaton.closure(start, false, false);
        }
        Some(automaton)
    }

    /// The cost of one step of a run, in small operations.
    pub(super) fn cost(&self, run: &Run) -> usize {
        let open = match run {
            Run::Open(states) => states.len(),
            Run::Looking(run) => run.size(),
            Run::Matched | Run::Lost => 0,
        };
        if !self.looks.is_empty() {
            return 4 + 16 * open + self.states.len() / 16;
        }
        4 + 2 * open + self.states.len() / 16
    }

    /// The cost of building the automaton: the number of its states.
    pub(super) fn size(&self) -> usize {
        self.states.len()
    }

    /// The run before any text is read.
    pub(super) fn begin(&self) -> Run {
        if !self.looks.is_empty() {
            return self.begin_looking();
        }
        self.closure(self.start, true, false)
    }

    /// The run in all states that are reached from one state without reading.
    fn closure(&self, from: usize, at_start: bool, at_end: bool) -> Run {
        let mut open = Vec::new();
        if self.close(from, at_start, at_end, &mut open, &mut Marks::of(self)) {
            Run::Matched
        } else {
            Run::Open(open)
        }
    }

    /// Adds the states that are reached from one state without reading. Returns `true` if the pattern has matched.
    fn close(
        &self,
        from: usize,
        at_start: bool,
        at_end: bool,
        open: &mut Vec<usize>,
        marks: &mut Marks,
    ) -> bool {
        marks.todo.clear();
        marks.todo.push(from);
        while let Some(at) = marks.todo.pop() {
            if std::mem::replace(&mut marks.seen[at], marks.round) == marks.round {
                continue;
            }
            match &self.states[at] {
                NfaState::Match => return true,
                NfaState::Split(next) => marks.todo.extend(next),
                NfaState::AtStart(next) if at_start => marks.todo.push(*next),
                NfaState::AtEnd(next) if at_end => marks.todo.push(*next),
                // An end assertion stays open, because the text may end here.
                NfaState::Read(..) | NfaState::AtEnd(_) => open.push(at),
                NfaState::AtStart(_) | NfaState::Look(..) | NfaState::Fail => {}
            }
        }
        false
    }

    /// A run that starts after some text was read.
    pub(super) fn restart(&self) -> &Run {
        &self.restart
    }

    /// The run after one more code point. A match may start anywhere, so a new run starts at each code point.
    pub(super) fn step(&self, run: &Run, c: u32, marks: &mut Marks) -> Run {
        let states = match run {
            Run::Open(states) => states,
            Run::Looking(run) => return self.step_looking(run, c),
            Run::Matched => return Run::Matched,
            Run::Lost => return Run::Lost,
        };
        let mut open = Vec::new();
        if self.read_into(states, c, &mut open, marks) {
            return Run::Matched;
        }
        Run::Open(distinct(open))
    }

    /// Adds the states after one more code point. Returns `true` if the pattern has matched.
    fn read_into(&self, states: &[usize], c: u32, open: &mut Vec<usize>, marks: &mut Marks) -> bool {
        marks.round += 1;
        let mut next = states
            .iter()
            .filter_map(|at| self.next(*at, c))
            .chain([self.start]);
        next.any(|at| self.close(at, false, false, open, marks))
    }

    /// The state after one code point, if this state reads it.
    pub(super) fn next(&self, at: usize, c: u32) -> Option<usize> {
        match &self.states[at] {
            NfaState::Read(class, next) => contains(&self.classes[*class], c).then_some(*next),
            _ => None,
        }
    }

    /// Whether the pattern matches if the text ends here; `empty` if nothing was read. `None` if the run is lost.
    pub(super) fn accepts(&self, run: &Run, empty: bool) -> Option<bool> {
        let states = match run {
            Run::Open(states) => states,
            Run::Looking(run) => return Some(self.accepts_looking(run, empty)),
            Run::Matched => return Some(true),
            Run::Lost => return None,
        };
        let mut ends = states.iter().filter_map(|at| match &self.states[*at] {
            NfaState::AtEnd(next) => Some(*next),
            _ => None,
        });
        let (mut open, mut marks) = (Vec::new(), Marks::of(self));
        Some(ends.any(|at| self.close(at, empty, true, &mut open, &mut marks)))
    }

    /// Whether a text matches; `None` if the run is lost.
    pub(super) fn matches(&self, text: &str) -> Option<bool> {
        let mut run = self.begin();
        // All steps share their buffers.
        let (mut open, mut marks) = (Vec::new(), Marks::of(self));
        for c in text.chars() {
            match &mut run {
                Run::Open(states) if states.is_empty() && self.restart.is_dead() => return Some(false),
                Run::Open(states) => {
                    open.clear();
                    if self.read_into(states, c.into(), &mut open, &mut marks) {
                        return Some(true);
                    }
                    std::mem::swap(states, &mut open);
                }
                Run::Matched => return Some(true),
                Run::Looking(_) | Run::Lost => run = self.step(&run, c.into(), &mut marks),
            }
        }
        self.accepts(&run, text.is_empty())
    }

    /// The classes that can be read next.
    pub(super) fn read_next(&self, run: &Run, into: &mut BTreeSet<usize>) {
        let mut add = |at: &usize| {
            if let NfaState::Read(class, _) = &self.states[*at] {
                into.insert(*class);
            }
        };
        // A run with look-around follows several states at once, and may start anew later.
        if !self.looks.is_empty() {
            into.extend(0..self.classes.len());
        } else if let Run::Open(states) = run {
            states.iter().for_each(&mut add);
        }
    }

    /// The code points of a class.
    pub(super) fn class(&self, index: usize) -> &[(u32, u32)] {
        &self.classes[index]
    }
}

/// Whether a class contains a code point.
pub(super) fn contains(ranges: &[(u32, u32)], c: u32) -> bool {
    let after = ranges.partition_point(|(lo, _)| *lo <= c);
    after > 0 && ranges[after - 1].1 >= c
}

/// A pattern has more states than its automaton may have.
#[derive(Debug)]
pub(super) struct TooLarge;

#[derive(Default)]
struct Builder {
    /// Maximum number of states.
    most: usize,
    states: Vec<NfaState>,
    classes: Vec<Ranges>,
    /// The index of each class.
    known: HashMap<Ranges, usize>,
    /// The number of ranges in all classes.
    ranges: usize,
    /// Whether look-around counts as nothing.
    drops_looks: bool,
}

impl Builder {
    fn of(most: usize) -> Self {
        Self {
            most,
            ..Self::default()
        }
    }

    fn push(&mut self, state: NfaState) -> Option<usize> {
        self.states.push(state);
        (self.states.len() <= self.most).then(|| self.states.len() - 1)
    }

    /// A state that reads one of these code points. A class that is repeated is kept once.
    fn reading(&mut self, ranges: Ranges, next: usize) -> Option<usize> {
        let next_class = self.classes.len();
        let class = *self.known.entry(ranges).or_insert_with_key(|ranges| {
            self.ranges += ranges.len();
            self.classes.push(ranges.clone());
            next_class
        });
        (self.ranges <= RANGES).then(|| self.push(NfaState::Read(class, next)))?
    }

    /// Builds from the end: the states that match `hir` and then continue at `next`.
    fn build(&mut self, hir: &Hir, next: usize) -> Option<usize> {
        match hir.kind() {
            HirKind::Empty => Some(next),
            HirKind::Literal(literal) => {
                let text = std::str::from_utf8(&literal.0).ok()?;
                text.chars()
                    .rev()
                    .try_fold(next, |next, c| self.reading(vec![(c.into(), c.into())], next))
            }
            HirKind::Class(class) if class.is_empty() => self.push(NfaState::Fail),
            HirKind::Class(Class::Unicode(class)) => {
                let ranges = class.iter().map(|r| (r.start().into(), r.end().into()));
                self.reading(ranges.collect(), next)
            }
            HirKind::Look(hir::Look::Start) => self.push(NfaState::AtStart(next)),
            HirKind::Look(hir::Look::End) => self.push(NfaState::AtEnd(next)),
            HirKind::Class(Class::Bytes(_)) | HirKind::Look(_) => None,
            HirKind::Capture(capture) => match &capture.name {
                // Only look-around has a name in a translated pattern.
                Some(_) if self.drops_looks => Some(next),
                Some(name) => {
                    let index = name.strip_prefix(LOOK)?.parse().ok()?;
                    self.push(NfaState::Look(index, next))
                }
                None => self.build(&capture.sub, next),
            },
            HirKind::Concat(parts) => parts
                .iter()
                .rev()
                .try_fold(next, |next, part| self.build(part, next)),
            HirKind::Alternation(parts) => {
                let starts = parts
                    .iter()
                    .map(|part| self.build(part, next))
                    .collect::<Option<Vec<_>>>()?;
                self.push(NfaState::Split(starts))
            }
            HirKind::Repetition(repetition) => {
                let mut at = next;
                match repetition.max {
                    None => {
                        // The head of the loop is created first, so that its body can lead back to it.
                        let head = self.push(NfaState::Fail)?;
                        let body = self.build(&repetition.sub, head)?;
                        self.states[head] = NfaState::Split(vec![body, next]);
                        at = head;
                    }
                    Some(max) => {
                        for _ in repetition.min..max {
                            let body = self.build(&repetition.sub, at)?;
                            at = self.push(NfaState::Split(vec![body, next]))?;
                        }
                    }
                }
                for _ in 0..repetition.min {
                    at = self.build(&repetition.sub, at)?;
                }
                Some(at)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Automaton::new(pattern).unwrap().matches(text).unwrap()
    }

    #[test]
    fn only_a_pattern_with_more_states_than_allowed_is_too_large() {
        for (pattern, is_read) in [("abc", true), ("abc(?=d(?=e))", false)] {
            let states = if is_read { 4 } else { 5 };
            assert!(Automaton::within(pattern, states - 1).is_err(), "{pattern}");
            let read = Automaton::within(pattern, states);
            assert_eq!(read.map(|it| it.is_some()).ok(), Some(is_read), "{pattern}");
        }
    }

    #[test]
    fn patterns_are_unanchored_and_read_as_ecma_262() {
        assert!(matches("a+", "xaay"));
        assert!(matches("^$", ""));
        assert!(!matches("^$", "a"));
        assert!(!matches("^a$", "a\n"));
        assert!(matches(r"^\d{2,}$", "123"));
        assert!(!matches(r"^\d$", "৪"));
        assert!(!matches(r"^\w$", "é"));
        assert!(matches(r"^\s$", "\u{feff}"));
        assert!(!matches("^.$", "\u{2028}"));
        assert!(matches("^🐲*$", "🐲🐲"));
        assert!(matches(r"^\uD83D\uDC32$", "🐲"));
        assert!(matches(r"^[\w.-]+$", "a.b-c"));
        assert!(matches(r"^[^]$", "\n"));
        assert!(matches(r"^a{,2}$", "a{,2}"));
        assert!(matches(r"^\cA$", "\u{1}"));
        assert!(matches(r"^[a&&b~-]+$", "&~-a"));
        assert!(matches(r"a$|^b", "xa"));
        assert!(!matches(r"a$|^b", "ab"));
        assert!(matches(r"^(?<year>\d{4})-(?:0|1)$", "2024-1"));
        assert!(matches(r"^\p{L}+$", "éß"));
        assert!(matches(r"^[\w-z]+$", "-_a"));
        assert!(!matches(r"^[\w-z]$", "`"));
        assert!(matches(r"^[+-\d]+$", "+-7"));
        assert!(!matches(r"^[+-\d]$", "/"));
        assert!(matches(r"^\<b\>$", "<b>"));
        assert!(matches(r"^[a-z--9]+$", "a/9"));
    }

    /// Checks patterns on whole texts. Each row has a pattern, texts that it matches, and texts that it does not
    /// match.
    #[track_caller]
    fn whole(rows: &[(&str, &[&str], &[&str])]) {
        for (pattern, within, without) in rows {
            let automaton = Automaton::new(&format!("^(?:{pattern})$"))
                .unwrap_or_else(|| panic!("{pattern} can be read"));
            for text in *within {
                assert!(automaton.matches(text).unwrap(), "{pattern} on {text:?}");
            }
            for text in *without {
                assert!(!automaton.matches(text).unwrap(), "{pattern} on {text:?}");
            }
        }
    }

    #[test]
    fn classes() {
        whole(&[
            // A dash forms a range between two characters, each of which may be a dash.
            ("[a-c]", &["a", "b", "c"], &["-", "d", ""]),
            ("[-ac]", &["-", "a", "c"], &["b"]),
            ("[ac-]", &["-", "a", "c"], &["b"]),
            ("[^-ac]", &["b"], &["-", "a", "c"]),
            ("[+--]", &["+", ",", "-"], &["."]),
            ("[--/]", &["-", ".", "/"], &[",", "0"]),
            ("[---]", &["-"], &[",", "."]),
            ("[a-c-e]", &["a", "b", "-", "e"], &["d"]),
            ("[a-c--/]", &["b", ".", "-"], &["d", ","]),
            (r"[\x61-c]", &["a", "b", "c"], &["-"]),
            (r"[a-\x63]", &["a", "b", "c"], &["-"]),
            // A dash next to a class is literal.
            (r"[\d-z]", &["5", "-", "z"], &["a", "<"]),
            (r"[+-\d]", &["+", "-", "5"], &[","]),
            (r"[\d-]-", &["5-", "--"], &["5"]),
            (r"[\d-]\.", &["5.", "-."], &["5"]),
            (r"\d-\d", &["1-2"], &["1"]),
            (r"[\d.-]", &["1", ".", "-"], &["/"]),
            // Brackets, braces and other signs in a class are literal.
            ("[[a]", &["[", "a"], &["]"]),
            ("[a]]", &["a]"], &["a", "]"]),
            ("[[:alpha:]]", &["a]", ":]", "[]"], &["a", "z]"]),
            (r"[\]a]", &["]", "a"], &["\\"]),
            ("[$.(){|}*+?]", &["$", ".", "(", "{", "}", "|"], &["a", ""]),
            ("[{2}]", &["{", "2", "}"], &["22"]),
            ("[a-{0}-~]", &["b", "{", "0", "}", "~"], &["|", "-"]),
            ("[(?a]", &["(", "?", "a"], &["b"]),
            ("[a^]", &["a", "^"], &["b"]),
            ("[^^]", &["a"], &["^"]),
            ("[a&&b]", &["a", "&", "b"], &["c"]),
            ("[a~~b]", &["a", "~", "b"], &["c"]),
            (r"[\b]", &["\u{8}"], &["b"]),
            ("[^]", &["\n", "]"], &[""]),
            ("[]|a", &["a"], &["", "]"]),
            (r"[^\w]", &["-", "é"], &["a", "_"]),
            (r"[\W\w]", &["-", "a"], &[""]),
        ]);
    }

    #[test]
    fn escapes() {
        whole(&[
            (r"\d", &["0", "9"], &["a", "৪"]),
            (r"\D", &["a", "৪"], &["0", "9"]),
            (r"\w", &["a", "Z", "0", "_"], &["-", "é"]),
            (r"\W", &["-", "é"], &["a", "Z", "0", "_"]),
            (r"\s", &[" ", "\u{b}", "\u{feff}", "\u{2028}"], &["a", "\u{85}"]),
            (r"\S", &["a", "\u{85}"], &[" ", "\u{b}", "\u{feff}", "\u{2028}"]),
            (r"\n\r\t\v\f", &["\n\r\t\u{b}\u{c}"], &["nrtvf"]),
            (r"\cA\cz", &["\u{1}\u{1a}"], &["cAcz"]),
            (r"\0", &["\0"], &["0"]),
            (r"\0a", &["\0a"], &["0a"]),
            (r"\x41\u0042\u{43}", &["ABC"], &["abc"]),
            (r"\uD83D\uDC32", &["🐲"], &["?"]),
            (r"\uD800\uDC00\uDBFF\uDFFF", &["\u{10000}\u{10ffff}"], &["a"]),
            (r"\uE000\uD7FF", &["\u{e000}\u{d7ff}"], &["a"]),
            (r"\p{Lu}", &["A", "É"], &["a"]),
            (r"\P{Lu}", &["a"], &["A", "É"]),
            (r"\.\/\-\<\>\$", &["./-<>$"], &["a/-<>$"]),
        ]);
    }

    #[test]
    fn repetitions_groups_and_ends() {
        whole(&[
            ("a?", &["", "a"], &["aa"]),
            ("a*", &["", "a", "aa"], &["b"]),
            ("a+?", &["a", "aa"], &[""]),
            ("a{2}", &["aa"], &["a", "aaa"]),
            ("a{2,}", &["aa", "aaa"], &["a"]),
            ("a{1,2}", &["a", "aa"], &["", "aaa"]),
            ("a{0}b", &["b"], &["ab"]),
            ("(a{1,2}b){2}", &["abaab"], &["ab", "aaab"]),
            // Braces without a count are literal.
            ("a{,2}", &["a{,2}"], &["", "aa"]),
            ("a{1,2,3}", &["a{1,2,3}"], &["a"]),
            ("a{b}", &["a{b}"], &["a"]),
            ("a{1", &["a{1"], &["a"]),
            ("a{1x}", &["a{1x}"], &["a"]),
            ("{a}}", &["{a}}"], &["a"]),
            ("]&~-", &["]&~-"], &["]"]),
            ("a-b-c", &["a-b-c"], &["b"]),
            ("(?:a|b)c", &["ac", "bc"], &["a", "abc"]),
            ("(?<n>a)(?<m>b)", &["ab"], &["n", "a"]),
            (".", &["a", "\u{85}"], &["\n", "\r", "\u{2028}", "\u{2029}"]),
            ("a$$", &["a"], &["a\n", "aa"]),
            ("^^a", &["a"], &["aa"]),
            ("(^|b)a($|c)", &["a", "ba", "ac", "bac"], &["bb", "c"]),
            ("a^b|a$b", &[], &["ab", "a", "b", ""]),
            ("$^", &[""], &["a"]),
            // A loop whose body may be empty leads back to itself without reading.
            ("(?:a?b?)*c", &["c", "abac"], &["d"]),
            ("(?:(?:a|b*)+)*", &["", "abba"], &["c"]),
        ]);
        for (pattern, found, not_found) in [
            ("b", "abc", "ac"),
            ("^b|c$", "ac", "abca"),
            ("^$|b", "", "a"),
            ("$", "a", "a"),
            ("(?:a$|^b)c?", "ba", "ab"),
        ] {
            assert!(matches(pattern, found), "{pattern} on {found:?}");
            assert!(
                pattern == "$" || !matches(pattern, not_found),
                "{pattern} on {not_found:?}"
            );
        }
    }

    #[test]
    fn an_automaton_is_so_large() {
        assert!(Automaton::new("a{19999}").is_some());
        assert!(Automaton::new("a{20000}").is_none());
        // A class counts once, however often it is repeated.
        let ranges = |n: u32| {
            (0..n)
                .map(|n| format!(r"\u{{{:x}}}", 0x3400 + 2 * n))
                .collect::<String>()
        };
        assert!(Automaton::new(&format!("[{}]{{2000}}", ranges(200))).is_some());
        let many = |n: u32| (1..=n).map(|n| format!("[{}]", ranges(n))).collect::<String>();
        assert!(Automaton::new(&many(631)).is_some());
        assert!(Automaton::new(&many(632)).is_none());
    }

    #[test]
    fn groups_nest_so_deep() {
        let nested = |levels: usize| format!("{}a{}", "(".repeat(levels), ")".repeat(levels));
        assert!(Automaton::new(&nested(100)).is_some());
        assert!(Automaton::new(&nested(101)).is_none());
    }

    #[test]
    fn unsupported_patterns_are_refused() {
        for pattern in [
            r"\x1",
            r"\x+1",
            r"\xg1",
            r"\u+041",
            r"\u{+41}",
            r"\u{41",
            r"\u{}",
            r"\u{110000}",
            r"\uD83D",
            r"\uD83Dab",
            r"\uD83D\x41",
            r"\uD83Da0041",
            r"\uD83D\aDC32",
            r"\uD83DauDC32",
            r"\uD83D\u0041",
            r"\uD83D\uE000",
            r"\uDC32",
            r"\01",
            r"\c1",
            r"\p",
            r"\pL",
            r"\p{L",
            r"\p{Nothing}",
            r"\e",
            "\\",
            "a{2,1}",
            "[b-a]",
            "(?i)a",
            "(?",
            r"[\d-\w]",
            r"(a)\1",
            "(",
            "[a",
            r"[\w-a-z]",
            r"[\w--z]",
        ] {
            assert!(Automaton::new(pattern).is_none(), "{pattern}");
        }
    }
}
