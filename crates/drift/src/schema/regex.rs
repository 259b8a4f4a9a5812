//! Patterns (ECMA-262, as JSON Schema has them: unanchored) as finite automata over code points.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// States of one automaton at most; larger patterns stay undecided.
const STATES: usize = 20_000;
/// Ranges of code points that the states of one automaton read, at most.
const RANGES: usize = 200_000;

/// One step of an automaton.
#[derive(Clone, Debug)]
enum State {
    /// Reads a code point in one of these ranges (sorted, inclusive) and goes on.
    Read(Vec<(u32, u32)>, usize),
    Split(Vec<usize>),
    /// Goes on only at the start or at the end of the text.
    AtStart(usize),
    AtEnd(usize),
    Match,
    Fail,
}

/// A pattern, ready to be run beside others.
#[derive(Clone, Debug)]
pub(super) struct Automaton {
    states: Vec<State>,
    start: usize,
    /// A run that begins after something was read.
    restart: Run,
}

/// Where a run stands: the states that read next, or that the pattern has matched somewhere, which is enough.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Run {
    Open(Vec<usize>),
    Matched,
}

impl Automaton {
    /// Reads a pattern; `None` for what a finite automaton cannot do (look-around, back-references, word boundaries)
    /// and for what is no pattern at all.
    pub(super) fn new(pattern: &str) -> Option<Self> {
        let translated = translate(pattern)?;
        let hir = regex_syntax::ParserBuilder::new()
            .nest_limit(100)
            .build()
            .parse(&translated)
            .ok()?;
        let mut builder = Builder {
            states: Vec::new(),
            ranges: 0,
        };
        let matched = builder.push(State::Match)?;
        let start = builder.build(&hir, matched)?;
        let mut automaton = Self {
            states: builder.states,
            start,
            restart: Run::Matched,
        };
        let mut seen = vec![false; automaton.states.len()];
        automaton.restart = automaton.close(start, false, false, &mut Vec::new(), &mut seen);
        Some(automaton)
    }

    /// What one step of a run costs, in small operations.
    pub(super) fn cost(&self, run: &Run) -> usize {
        let open = match run {
            Run::Open(states) => states.len(),
            Run::Matched => 0,
        };
        4 + 2 * open + self.states.len() / 16
    }

    /// What it took to build.
    pub(super) fn size(&self) -> usize {
        self.states.len()
    }

    /// The run before anything is read.
    pub(super) fn begin(&self) -> Run {
        let mut open = Vec::new();
        self.close(
            self.start,
            true,
            false,
            &mut open,
            &mut vec![false; self.states.len()],
        )
    }

    fn close(
        &self,
        from: usize,
        at_start: bool,
        at_end: bool,
        open: &mut Vec<usize>,
        seen: &mut [bool],
    ) -> Run {
        let mut todo = vec![from];
        while let Some(at) = todo.pop() {
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            match &self.states[at] {
                State::Match => return Run::Matched,
                State::Split(next) => todo.extend(next),
                State::AtStart(next) if at_start => todo.push(*next),
                State::AtEnd(next) if at_end => todo.push(*next),
                // An end is kept open: when the text ends here it may still be taken.
                State::Read(..) | State::AtEnd(_) => open.push(at),
                State::AtStart(_) | State::Fail => {}
            }
        }
        open.sort_unstable();
        Run::Open(std::mem::take(open))
    }

    /// A run that begins after something was read.
    pub(super) fn restart(&self) -> &Run {
        &self.restart
    }

    /// The run after one more code point. A match may begin anywhere, so a new one begins at each.
    pub(super) fn step(&self, run: &Run, c: u32) -> Run {
        let Run::Open(states) = run else {
            return Run::Matched;
        };
        let mut seen = vec![false; self.states.len()];
        let mut open = Vec::new();
        let next = states.iter().filter_map(|at| match &self.states[*at] {
            State::Read(ranges, next) => contains(ranges, c).then_some(*next),
            _ => None,
        });
        for at in next.chain([self.start]) {
            match self.close(at, false, false, &mut open, &mut seen) {
                Run::Matched => return Run::Matched,
                Run::Open(states) => open = states,
            }
        }
        open.sort_unstable();
        open.dedup();
        Run::Open(open)
    }

    /// Whether the pattern is matched when the text ends here; `empty` when nothing was read.
    pub(super) fn accepts(&self, run: &Run, empty: bool) -> bool {
        let Run::Open(states) = run else {
            return true;
        };
        let mut seen = vec![false; self.states.len()];
        states.iter().any(|at| match &self.states[*at] {
            State::AtEnd(next) => self.close(*next, empty, true, &mut Vec::new(), &mut seen) == Run::Matched,
            _ => false,
        })
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        let mut run = self.begin();
        for c in text.chars() {
            run = self.step(&run, c.into());
        }
        self.accepts(&run, text.is_empty())
    }

    /// Where the ranges read next begin, and where they have ended: between two of these all code points are alike.
    pub(super) fn boundaries(&self, run: &Run, into: &mut Vec<u32>) {
        let mut add = |at: usize| {
            if let State::Read(ranges, _) = &self.states[at] {
                into.extend(ranges.iter().flat_map(|(lo, hi)| [*lo, hi + 1]));
            }
        };
        if let Run::Open(states) = run {
            for at in states {
                add(*at);
            }
        }
    }
}

fn contains(ranges: &[(u32, u32)], c: u32) -> bool {
    let after = ranges.partition_point(|(lo, _)| *lo <= c);
    after > 0 && ranges[after - 1].1 >= c
}

struct Builder {
    states: Vec<State>,
    ranges: usize,
}

impl Builder {
    fn push(&mut self, state: State) -> Option<usize> {
        if let State::Read(ranges, _) = &state {
            self.ranges += ranges.len();
        }
        self.states.push(state);
        (self.states.len() <= STATES && self.ranges <= RANGES).then(|| self.states.len() - 1)
    }

    /// Builds from the end: the states that match `hir` and then go on at `next`.
    fn build(&mut self, hir: &Hir, next: usize) -> Option<usize> {
        match hir.kind() {
            HirKind::Empty => Some(next),
            HirKind::Literal(literal) => {
                let text = std::str::from_utf8(&literal.0).ok()?;
                text.chars().rev().try_fold(next, |next, c| {
                    self.push(State::Read(vec![(c.into(), c.into())], next))
                })
            }
            HirKind::Class(Class::Unicode(class)) => {
                let ranges: Vec<_> = class.iter().map(|r| (r.start().into(), r.end().into())).collect();
                if ranges.is_empty() {
                    return self.push(State::Fail);
                }
                self.push(State::Read(ranges, next))
            }
            HirKind::Class(Class::Bytes(class)) => {
                let ranges: Vec<_> = class
                    .iter()
                    .map(|r| (u32::from(r.start()), u32::from(r.end())))
                    .collect();
                if ranges.iter().any(|(_, hi)| *hi > 0x7f) {
                    return None;
                }
                self.push(State::Read(ranges, next))
            }
            HirKind::Look(Look::Start) => self.push(State::AtStart(next)),
            HirKind::Look(Look::End) => self.push(State::AtEnd(next)),
            HirKind::Look(_) => None,
            HirKind::Capture(capture) => self.build(&capture.sub, next),
            HirKind::Concat(parts) => parts
                .iter()
                .rev()
                .try_fold(next, |next, part| self.build(part, next)),
            HirKind::Alternation(parts) => {
                let starts = parts
                    .iter()
                    .map(|part| self.build(part, next))
                    .collect::<Option<Vec<_>>>()?;
                self.push(State::Split(starts))
            }
            HirKind::Repetition(repetition) => {
                let mut at = next;
                match repetition.max {
                    None => {
                        // The loop's head is made first, so that its body can lead back to it.
                        let head = self.push(State::Fail)?;
                        let body = self.build(&repetition.sub, head)?;
                        self.states[head] = State::Split(vec![body, next]);
                        at = head;
                    }
                    Some(max) => {
                        for _ in repetition.min..max {
                            let body = self.build(&repetition.sub, at)?;
                            at = self.push(State::Split(vec![body, next]))?;
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

/// White space as ECMA-262 defines it.
const SPACE: &str =
    r"\t\n\x0B\x0C\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}";

/// The pattern in the syntax of `regex-syntax`, where the two differ.
fn translate(pattern: &str) -> Option<String> {
    let mut chars = pattern.chars().peekable();
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut in_class = false;
    let mut class_is_fresh = false;
    let mut after_class = false;
    while let Some(c) = chars.next() {
        let fresh = std::mem::replace(&mut class_is_fresh, false);
        let beside_class = std::mem::replace(&mut after_class, false);
        match c {
            '\\' => {
                after_class = in_class && chars.peek().is_some_and(|c| is_class(*c));
                escape(&mut chars, &mut out, in_class)?;
            }
            '[' if in_class => out.push_str(r"\["),
            '[' => {
                let negated = chars.next_if_eq(&'^').is_some();
                if chars.next_if_eq(&']').is_some() {
                    // `[]` matches nothing and `[^]` anything.
                    out.push_str(if negated {
                        r"[\x{0}-\x{10FFFF}]"
                    } else {
                        r"[^\x{0}-\x{10FFFF}]"
                    });
                } else {
                    out.push_str(if negated { "[^" } else { "[" });
                    in_class = true;
                    class_is_fresh = true;
                }
            }
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            ']' => out.push_str(r"\]"),
            // Set operators and a leading or trailing dash mean nothing special in ECMA-262.
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(c);
            }
            // What `[\w-a-z]` means depends on the flag that the pattern is compiled with.
            '-' if beside_class && chars.clone().take(2).any(|c| matches!(c, '-' | '\\')) => return None,
            '-' if in_class && (fresh || beside_class || is_no_range(&chars)) => out.push_str(r"\-"),
            '^' if in_class => out.push_str(r"\^"),
            '.' if !in_class => out.push_str(r"[^\n\r\x{2028}\x{2029}]"),
            '^' => out.push_str(r"\A"),
            '$' if !in_class => out.push_str(r"\z"),
            '(' if !in_class => {
                out.push('(');
                if chars.next_if_eq(&'?').is_some() {
                    match chars.next()? {
                        ':' => out.push_str("?:"),
                        // A named group; `(?<=` and `(?<!` look behind.
                        '<' if !matches!(chars.peek(), Some('=' | '!')) => {
                            for c in chars.by_ref() {
                                if c == '>' {
                                    break;
                                }
                            }
                        }
                        _ => return None,
                    }
                }
            }
            '{' if !in_class => {
                // Without a count it is a brace: `{,5}` too, which other dialects read as a count.
                let rest: String = chars.clone().take_while(|c| *c != '}').collect();
                let counted = chars.clone().nth(rest.chars().count()) == Some('}')
                    && rest.starts_with(|c: char| c.is_ascii_digit())
                    && rest.chars().all(|c| c.is_ascii_digit() || c == ',')
                    && rest.matches(',').count() <= 1;
                out.push_str(if counted { "{" } else { r"\{" });
                if counted {
                    out.push_str(&rest);
                    out.push('}');
                    chars.nth(rest.chars().count());
                }
            }
            '}' if !in_class => out.push_str(r"\}"),
            c => out.push(c),
        }
    }
    (!in_class).then_some(out)
}

/// Whether a dash of a class, with what comes after it, makes no range: at its end, before another dash, or before a
/// class of its own.
fn is_no_range(rest: &std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    let mut rest = rest.clone();
    match rest.next() {
        Some(']' | '-') => true,
        Some('\\') => rest.next().is_some_and(is_class),
        _ => false,
    }
}

/// Whether this letter after a backslash stands for many characters.
fn is_class(letter: char) -> bool {
    matches!(letter, 'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'p' | 'P')
}

fn escape(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    out: &mut String,
    in_class: bool,
) -> Option<()> {
    use std::fmt::Write as _;
    // In brackets of its own even within a class, so that a dash beside it stays a dash.
    let class = |inside: &str, negated: bool| format!("[{}{inside}]", if negated { "^" } else { "" });
    match chars.next()? {
        'd' => out.push_str(&class("0-9", false)),
        'D' => out.push_str(&class("0-9", true)),
        'w' => out.push_str(&class("0-9A-Za-z_", false)),
        'W' => out.push_str(&class("0-9A-Za-z_", true)),
        's' => out.push_str(&class(SPACE, false)),
        'S' => out.push_str(&class(SPACE, true)),
        'n' => out.push_str(r"\n"),
        'r' => out.push_str(r"\r"),
        't' => out.push_str(r"\t"),
        'v' => out.push_str(r"\x0B"),
        'f' => out.push_str(r"\x0C"),
        'b' if in_class => out.push_str(r"\x08"),
        'c' => {
            let letter = chars.next().filter(char::is_ascii_alphabetic)?;
            write!(out, r"\x{{{:X}}}", u32::from(letter) % 32).ok()?;
        }
        '0' if !chars.peek().is_some_and(char::is_ascii_digit) => out.push_str(r"\x00"),
        'x' => {
            let code = hex(chars, 2)?;
            write!(out, r"\x{{{code:X}}}").ok()?;
        }
        'u' => {
            let code = if chars.next_if_eq(&'{').is_some() {
                let digits: String = chars.by_ref().take_while(|c| *c != '}').collect();
                u32::from_str_radix(&digits, 16).ok()?
            } else {
                let high = hex(chars, 4)?;
                if (0xD800..0xDC00).contains(&high) {
                    (chars.next()? == '\\' && chars.next()? == 'u').then_some(())?;
                    let low = hex(chars, 4)?;
                    (0xDC00..0xE000).contains(&low).then_some(())?;
                    0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00)
                } else {
                    high
                }
            };
            char::from_u32(code)?;
            write!(out, r"\x{{{code:X}}}").ok()?;
        }
        kind @ ('p' | 'P') => {
            (chars.next()? == '{').then_some(())?;
            let name: String = chars.by_ref().take_while(|c| *c != '}').collect();
            write!(out, r"\{kind}{{{name}}}").ok()?;
        }
        // Back-references, word boundaries and letters without a meaning.
        c if c.is_ascii_alphanumeric() => return None,
        // By its number: after a backslash `<` and `>` mean something else to `regex-syntax`.
        c => write!(out, r"\x{{{:X}}}", u32::from(c)).ok()?,
    }
    Some(())
}

fn hex(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, digits: usize) -> Option<u32> {
    let text: String = chars.by_ref().take(digits).collect();
    (text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit())).then_some(())?;
    u32::from_str_radix(&text, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Automaton::new(pattern).unwrap().is_match(text)
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

    #[test]
    fn what_no_automaton_can_do_is_refused() {
        for pattern in [
            "(?=a)b",
            "(?<!a)b",
            r"(a)\1",
            r"\bword",
            "(",
            "[a",
            r"[\w-a-z]",
            r"[\w--z]",
        ] {
            assert!(Automaton::new(pattern).is_none(), "{pattern}");
        }
    }
}
