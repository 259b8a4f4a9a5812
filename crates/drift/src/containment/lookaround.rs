//! Look-around in patterns: conditions on the text before or after a position.
//!
//! A look-behind is decided when its position is reached, because a run also follows the text that its look-behinds
//! match. A look-ahead is decided later: the thread that meets one carries it along, as a set of states of which one
//! must match, or none may.
//!
//! ```text
//! ^a(?!b)\w*$   on "ac":   `\w*` carries "not b" after "a", and reading "c" fulfils it
//! ```

use std::collections::BTreeSet;

use super::regex::{Automaton, NfaState, Run};
use super::sorted::distinct;

/// Maximum number of threads in one run; beyond it the run is given up.
const MOST_THREADS: usize = 1_000;

/// A look-around of a pattern.
#[derive(Clone, Debug)]
pub(super) struct Look {
    pub(super) is_ahead: bool,
    /// Whether the text must match, or must not.
    pub(super) wanted: bool,
    /// The first state of its own pattern.
    pub(super) start: usize,
}

/// A state of the pattern, and the look-aheads that the rest of the text must fulfil.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Thread {
    at: usize,
    /// None of these states may match.
    never: Vec<usize>,
    /// One state of each of these sets must match.
    must: BTreeSet<Vec<usize>>,
}

/// A run of a pattern with look-around.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Looking {
    threads: BTreeSet<Thread>,
    /// For each look-around: whether it holds here as a look-behind, and its open states.
    behind: Vec<(bool, Vec<usize>)>,
}

/// Whether the text begins or ends at a position.
#[derive(Clone, Copy, Default)]
struct Ends {
    at_start: bool,
    at_end: bool,
}

impl Looking {
    /// The number of states that the run follows.
    pub(super) fn size(&self) -> usize {
        let threads = self.threads.iter();
        let threads = threads.map(|it| 2 + it.never.len() + it.must.iter().map(Vec::len).sum::<usize>());
        threads.sum::<usize>() + self.behind.iter().map(|(_, open)| open.len()).sum::<usize>()
    }

    /// Whether no text that follows can match.
    pub(super) fn is_dead(&self) -> bool {
        self.threads.is_empty() && self.behind.iter().all(|(_, open)| open.is_empty())
    }
}

impl Automaton {
    /// The run before any text is read.
    pub(super) fn begin_looking(&self) -> Run {
        let here = Ends {
            at_start: true,
            at_end: false,
        };
        let behind = self.looks.iter().map(|look| {
            if look.is_ahead {
                return Default::default();
            }
            self.spread(&[look.start], here)
        });
        let start = Thread {
            at: self.start,
            ..Thread::default()
        };
        self.close_threads(vec![start], here, behind.collect())
    }

    /// The run after one more code point.
    pub(super) fn step_looking(&self, run: &Looking, c: u32) -> Run {
        let here = Ends::default();
        let behind = self.looks.iter().zip(&run.behind).map(|(look, (_, open))| {
            if look.is_ahead {
                return Default::default();
            }
            // The matched part may begin anywhere.
            let mut next = self.read(open, c);
            next.push(look.start);
            self.spread(&next, here)
        });
        let mut threads: Vec<Thread> = run.threads.iter().filter_map(|it| self.advance(it, c)).collect();
        threads.push(Thread {
            at: self.start,
            ..Thread::default()
        });
        self.close_threads(threads, here, behind.collect())
    }

    /// Whether the pattern matches if the text ends here; `empty` if nothing was read.
    pub(super) fn accepts_looking(&self, run: &Looking, empty: bool) -> bool {
        let here = Ends {
            at_start: empty,
            at_end: true,
        };
        run.threads.iter().any(|thread| {
            let is_met = |states: &[usize]| self.spread(states, here).0;
            !is_met(&thread.never)
                && thread.must.iter().all(|states| is_met(states))
                && self.ends(thread.at, here, &run.behind)
        })
    }

    /// Whether a state leads to a match without reading more.
    fn ends(&self, at: usize, here: Ends, behind: &[(bool, Vec<usize>)]) -> bool {
        let mut seen = vec![false; self.states.len()];
        let mut todo = vec![at];
        while let Some(at) = todo.pop() {
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            match &self.states[at] {
                NfaState::Match => return true,
                NfaState::Split(next) => todo.extend(next),
                NfaState::AtStart(next) if here.at_start => todo.push(*next),
                NfaState::AtEnd(next) => todo.push(*next),
                NfaState::Look(index, next) => {
                    let look = &self.looks[*index];
                    let holds = if look.is_ahead {
                        self.spread(&[look.start], here).0
                    } else {
                        behind[*index].0 || self.spread(&behind[*index].1, here).0
                    };
                    if holds == look.wanted {
                        todo.push(*next);
                    }
                }
                NfaState::AtStart(_) | NfaState::Read(..) | NfaState::Fail => {}
            }
        }
        false
    }

    /// The thread after one more code point, before its new state is followed. `None` if it ends.
    fn advance(&self, thread: &Thread, c: u32) -> Option<Thread> {
        let at = match &self.states[thread.at] {
            NfaState::Read(..) => self.next(thread.at, c)?,
            // The pattern has matched, and only look-aheads are left.
            NfaState::Match => thread.at,
            _ => return None,
        };
        let (is_met, never) = self.spread(&self.read(&thread.never, c), Ends::default());
        if is_met {
            return None;
        }
        let mut must = BTreeSet::new();
        for states in &thread.must {
            let (is_met, open) = self.spread(&self.read(states, c), Ends::default());
            if !is_met {
                if open.is_empty() {
                    return None;
                }
                must.insert(open);
            }
        }
        Some(Thread { at, never, must })
    }

    /// Follows threads to the states that read, and starts the look-aheads on the way.
    fn close_threads(&self, mut todo: Vec<Thread>, here: Ends, behind: Vec<(bool, Vec<usize>)>) -> Run {
        let (mut seen, mut threads) = (BTreeSet::new(), BTreeSet::new());
        while let Some(mut thread) = todo.pop() {
            if seen.len() > MOST_THREADS {
                return Run::Lost;
            }
            if !seen.insert(thread.clone()) {
                continue;
            }
            let to = |next: usize, thread: &Thread| Thread {
                at: next,
                ..thread.clone()
            };
            match &self.states[thread.at] {
                NfaState::Match if thread.never.is_empty() && thread.must.is_empty() => return Run::Matched,
                NfaState::Split(next) => todo.extend(next.iter().map(|next| to(*next, &thread))),
                NfaState::AtStart(next) if here.at_start => todo.push(to(*next, &thread)),
                NfaState::Look(index, next) => {
                    let look = &self.looks[*index];
                    if look.is_ahead {
                        let (is_met, open) = self.spread(&[look.start], here);
                        match (is_met, look.wanted) {
                            (true, false) => continue,
                            (true, true) => {}
                            (false, true) => {
                                thread.must.insert(open);
                            }
                            (false, false) => {
                                thread.never = distinct(thread.never.into_iter().chain(open));
                            }
                        }
                        todo.push(to(*next, &thread));
                    } else if behind[*index].0 == look.wanted {
                        todo.push(to(*next, &thread));
                    }
                }
                // An end assertion stays open, because the text may end here.
                NfaState::Match | NfaState::Read(..) | NfaState::AtEnd(_) => {
                    threads.insert(thread);
                }
                NfaState::AtStart(_) | NfaState::Fail => {}
            }
        }
        Run::Looking(Box::new(Looking { threads, behind }))
    }

    /// The states after one code point.
    fn read(&self, open: &[usize], c: u32) -> Vec<usize> {
        let next = open.iter().filter_map(|at| self.next(*at, c));
        next.collect()
    }

    /// Follows states of a look-around to those that read: whether one matches, and the open ones.
    fn spread(&self, from: &[usize], here: Ends) -> (bool, Vec<usize>) {
        let mut seen = BTreeSet::new();
        let (mut is_met, mut open, mut todo) = (false, Vec::new(), from.to_vec());
        while let Some(at) = todo.pop() {
            if !seen.insert(at) {
                continue;
            }
            match &self.states[at] {
                NfaState::Match => is_met = true,
                NfaState::Split(next) => todo.extend(next),
                NfaState::AtStart(next) if here.at_start => todo.push(*next),
                NfaState::AtEnd(next) if here.at_end => todo.push(*next),
                NfaState::Read(..) | NfaState::AtEnd(_) => open.push(at),
                NfaState::AtStart(_) | NfaState::Look(..) | NfaState::Fail => {}
            }
        }
        open.sort_unstable();
        (is_met, open)
    }
}

#[cfg(test)]
mod tests {
    use super::super::regex::Automaton;

    #[test]
    fn look_around_holds_where_it_stands() {
        for (pattern, within, without) in [
            (r"^(?!-)[a-z-]+(?<!-)$", &["a", "a-b"][..], &["-a", "a-", ""][..]),
            (
                r"^(?=.*[a-z])(?=.*\d).{3,}$",
                &["a1_", "__a_1"],
                &["a1", "abc", "123"],
            ),
            (r"^a(?!b)\w*$", &["a", "ac"], &["ab", "abc"]),
            (r"^a(?=b)\w*$", &["ab", "abc"], &["a", "ac"]),
            (r"^(?:(?!foo)[a-z]+|\d+)$", &["fo", "7"], &["foo", "food", ""]),
            (r"^(?:(?!--)[a-z-])+$", &["a-b", "-"], &["a--b", "--"]),
            (
                r"^/(?:(?!admin).)*$",
                &["/", "/a", "/admi"],
                &["/admin", "/x/admin/y"],
            ),
            (r"^.*(?<!x)y$", &["y", "ay"], &["xy", "axy"]),
            (r"^.*(?<=x)y$", &["xy", "axy"], &["y", "ay"]),
            (r"(?<=x)y", &["xy", "yxyz"], &["y", "yx", "x"]),
            ("(?=a)b", &[], &["b", "ab", "a"]),
            ("(?=ab)a", &["ab", "xab"], &["a", "ac"]),
            (r"^x(?:a|(?=b)\w)$", &["xa", "xb"], &["xc", "x"]),
            (r"^(?=a$|b).*$", &["a", "b", "bc"], &["ab", "c"]),
            (r"^a(?!$)", &["ab"], &["a"]),
            (r"^(?<=^)a(?<=^a)$", &["a"], &["aa"]),
            (r"a$(?<=a)", &["a", "ba"], &["ab", "b"]),
            (r"^\w$(?<=a$)", &["a"], &["b"]),
            (r"^\w$(?<!a)(?!c)", &["b"], &["a", "bc"]),
            (r"a$(?=b)", &[], &["a", "ab"]),
            (r"^a(?=^)", &[], &["a", "aa"]),
            (r"^(?<!a)?a$", &["a"], &[""]),
            (r"\bcat\b", &["cat", "a cat.", "cat-x"], &["cats", "acat", "_cat"]),
            (r"^\Ba", &[], &["a"]),
            (r"a\Bb", &["ab"], &["a b"]),
            (r"^[(?=a)]$", &["(", "=", "a"], &["b"]),
            (r"^\(?=a$", &["(=a", "=a"], &["a"]),
            (
                r"^(?:(?!-)[a-z\d-]{1,63}(?<!-)\.)+[a-z]{2,}$",
                &["a.b.co", "a-b.de"],
                &["-a.de", "a-.de", "a..de"],
            ),
        ] {
            let automaton = Automaton::new(pattern).unwrap_or_else(|| panic!("{pattern} can be read"));
            for text in within {
                assert_eq!(automaton.matches(text), Some(true), "{pattern} on {text:?}");
            }
            for text in without {
                assert_eq!(automaton.matches(text), Some(false), "{pattern} on {text:?}");
            }
        }
    }

    #[test]
    fn look_around_in_look_around_is_not_read() {
        for pattern in [r"(?=a(?!b))", r"(?<=\bx)", "(?=a", "(?<!"] {
            assert!(Automaton::new(pattern).is_none(), "{pattern}");
        }
    }
}
