//! Groups drifts into findings by root cause. A drift that is met again only adds the operation that reaches it.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use crate::report::{Direction, Finding, Level, Side, Touched, Witness};
use crate::rule::Rule;

/// A drift as a rule describes it, before grouping.
#[derive(Clone, Debug)]
pub(crate) struct Drift {
    pub(crate) rule: &'static Rule,
    /// Identifies the root cause among the drifts of this rule.
    pub(crate) cause: String,
    pub(crate) title: String,
    pub(crate) direction: Option<Direction>,
    pub(crate) base_at: Option<String>,
    pub(crate) revision_at: Option<String>,
    pub(crate) witness: Option<Witness>,
    pub(crate) undecided: Option<String>,
    /// The reference that leads to another component, if the drift lies behind it.
    pub(crate) swap: Option<Swap>,
}

/// The names of two components. A reference leads to the first in the base, and to the second in the revision.
pub(crate) type Swap = (Rc<str>, Rc<str>);

impl Drift {
    pub(crate) fn new(rule: &'static Rule, cause: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            rule,
            cause: cause.into(),
            title: title.into(),
            direction: None,
            base_at: None,
            revision_at: None,
            witness: None,
            undecided: None,
            swap: None,
        }
    }

    pub(crate) fn base(mut self, at: &str) -> Self {
        self.base_at = Some(at.to_owned());
        self
    }

    pub(crate) fn revision(mut self, at: &str) -> Self {
        self.revision_at = Some(at.to_owned());
        self
    }

    pub(crate) fn flows(mut self, direction: Direction) -> Self {
        self.direction = Some(direction);
        self
    }

    pub(crate) fn witness(mut self, witness: Option<Witness>) -> Self {
        self.witness = witness;
        self
    }

    pub(crate) fn undecided(mut self, why: impl Into<String>) -> Self {
        self.undecided = Some(why.into());
        self
    }
}

/// The side that allows a message, the side that refuses it, and why.
#[derive(Clone, Debug)]
pub(crate) struct Proof {
    pub(crate) accepted_by: Side,
    pub(crate) rejected_by: Side,
    pub(crate) because: String,
    /// The refused place in the message, if it is narrower than the finding's.
    pub(crate) at: Option<&'static str>,
}

impl Proof {
    /// The same proof, if only the media type is refused.
    pub(crate) fn of_media_type(self) -> Self {
        Self {
            at: Some("/headers/content-type"),
            ..self
        }
    }

    /// A request that the base allows and the revision refuses.
    pub(crate) fn refused_request(because: impl Into<String>) -> Self {
        Self {
            accepted_by: Side::Base,
            rejected_by: Side::Revision,
            because: because.into(),
            at: None,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Findings {
    by_cause: HashMap<(&'static str, String), usize>,
    list: Vec<Finding>,
    /// The swapped reference behind which each finding lies, if any.
    swaps: Vec<Option<Swap>>,
}

impl Findings {
    /// The finding for a drift's root cause: an existing one or a new one.
    pub(crate) fn of(&mut self, drift: Drift) -> usize {
        let (list, swaps) = (&mut self.list, &mut self.swaps);
        *self
            .by_cause
            .entry((drift.rule.id, drift.cause))
            .or_insert_with(|| {
                // An undecided drift is not known to break callers.
                let at_most = if drift.undecided.is_some() {
                    Level::Risky
                } else {
                    Level::Breaking
                };
                list.push(Finding {
                    rule: drift.rule.id.to_owned(),
                    level: drift.rule.level.max(at_most),
                    title: drift.title,
                    direction: drift.direction,
                    base_at: drift.base_at,
                    revision_at: drift.revision_at,
                    operations: Vec::new(),
                    witness: drift.witness,
                    undecided: drift.undecided,
                    also: Vec::new(),
                });
                swaps.push(drift.swap);
                list.len() - 1
            })
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> &mut Finding {
        &mut self.list[index]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.list.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// Merges some findings into a finding of `rule` that explains them, if that one reaches all their operations.
    pub(crate) fn fold(&mut self, some: &[usize], rule: &str) {
        let mut told = Vec::new();
        for &index in some {
            let meets = |it: &Finding, one: &Touched| {
                let mut own = it.operations.iter();
                own.any(|own| own.method == one.method && own.path == one.path && own.status == one.status)
            };
            let cause = self.list.iter().position(|it| {
                it.rule == rule && self.list[index].operations.iter().all(|one| meets(it, one))
            });
            if let Some(cause) = cause {
                let title = self.list[index].title.clone();
                self.list[cause].also.push(title);
                told.push(index);
            }
        }
        let is_told = |index: &usize| told.contains(index);
        let mut index = 0..self.list.len();
        self.list.retain(|_| !index.next().is_some_and(|it| is_told(&it)));
        let mut index = 0..self.swaps.len();
        self.swaps
            .retain(|_| !index.next().is_some_and(|it| is_told(&it)));
        self.by_cause.clear();
    }

    /// Gives undecided findings the name of a rule that claims only what is known of them.
    pub(crate) fn rename(&mut self, rule: &str, is_meant: impl Fn(&Finding) -> bool) {
        for finding in self.list.iter_mut().filter(|it| is_meant(it)) {
            rule.clone_into(&mut finding.rule);
            finding.undecided = None;
        }
    }

    /// Returns all findings. Those behind one swapped reference have one cause, so the worst of them stands for the
    /// rest. An undecided finding stays by itself, since it is not known to be a drift.
    pub(crate) fn into_list(self) -> Vec<Finding> {
        let mut list = Vec::with_capacity(self.list.len());
        let mut behind: BTreeMap<Swap, Vec<Finding>> = BTreeMap::new();
        for (finding, swap) in self.list.into_iter().zip(self.swaps) {
            match swap.filter(|_| finding.undecided.is_none()) {
                Some(swap) => behind.entry(swap).or_default().push(finding),
                None => list.push(finding),
            }
        }
        for ((old, new), mut findings) in behind {
            let told = findings.iter().filter(|it| it.level < Level::Cosmetic).count();
            if told > 1 {
                findings.sort_by_key(|it| it.level);
                let mut others = findings.into_iter();
                list.extend(others.next().map(|worst| Finding {
                    title: format!("`{new}` is where `{old}` was: {}", worst.title),
                    also: others.map(|it| it.title).collect(),
                    ..worst
                }));
            } else {
                list.append(&mut findings);
            }
        }
        list
    }

    /// Adds an operation to a finding, once for each place in its messages.
    pub(crate) fn touch(&mut self, index: usize, touched: Touched) {
        let operations = &mut self.list[index].operations;
        let same = |it: &Touched| {
            it.method == touched.method
                && it.path == touched.path
                && it.status == touched.status
                && it.at == touched.at
        };
        if !operations.last().is_some_and(same) {
            operations.push(touched);
        }
    }
}
