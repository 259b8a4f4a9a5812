//! Collects findings by root cause. A drift with a known cause only adds an operation to its finding.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use crate::containment::UNPROVEN;
use crate::listing::{ENOUGH, Listing};
use crate::report::{Direction, Endpoint, Finding, Level, Side, Touched, Witness};
use crate::rule::Rule;

/// A drift as a rule describes it, before grouping.
#[derive(Clone, Debug)]
pub(crate) struct Drift {
    pub(crate) rule: &'static Rule,
    /// Identifies the root cause among the drifts of this rule. It is empty if all of them have the same one. All drifts without one are one finding.
    pub(crate) cause: String,
    pub(crate) title: String,
    pub(crate) direction: Option<Direction>,
    pub(crate) base_at: Option<String>,
    pub(crate) revision_at: Option<String>,
    pub(crate) witness: Option<Witness>,
    pub(crate) undecided: Option<String>,
    /// The components on both sides of a changed reference, if the drift is the difference between the two.
    pub(crate) swap: Option<Swap>,
}

/// The names of two components: a reference leads to the first in the base, and to the second in the revision.
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

    pub(crate) fn on(self, side: Side, at: &str) -> Self {
        match side {
            Side::Base => self.base(at),
            Side::Revision => self.revision(at),
        }
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

/// The document that accepts a message, the document that refuses it, and the reason.
#[derive(Clone, Debug)]
pub(crate) struct Proof {
    pub(crate) accepted_by: Side,
    pub(crate) rejected_by: Side,
    pub(crate) because: String,
    /// The location of the refused part, if it is narrower than the location of the finding.
    pub(crate) at: Option<&'static str>,
    /// Whether the body of the message is the list of all items of a stream, not a single item.
    pub(crate) is_list: bool,
}

impl Proof {
    /// The same proof for a message of which only the media type is refused.
    pub(crate) fn of_media_type(self) -> Self {
        Self {
            at: Some("/headers/content-type"),
            ..self
        }
    }
}

/// Maximum number of findings of one kind. Further drifts are listed by title in the first of them, because each finding
/// takes the time to build and judge a message, and a reader needs no thousands of the same kind.
const MOST_OF_A_KIND: usize = 1_000;
/// The same for the findings of one kind in all operations, such as all removed operations.
const MOST_OF_A_RULE: usize = 10_000;
/// Maximum total length of findings with their titles and places, in bytes. Beyond it, each kind has a single finding. A
/// place contains the path of its operation, so thousands of parameters under a path with as many names would fill a
/// gigabyte.
const MOST_TOLD: usize = 8 << 20;

/// Length of a finding in a report, in bytes, apart from its title and places.
const FINDING: usize = 512;

/// Maximum length of the places in operations that all findings list, in bytes.
const MOST_LISTED: usize = 16 << 20;

/// The kind of a finding: the rule, whether it is undecided, the direction, and the first operation.
type Kind = (KindOfAll, Arc<Endpoint>);
/// The kind of a finding in any operation.
type KindOfAll = (&'static str, bool, Option<Direction>);

/// The finding that reports a drift.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// The index of its finding.
    pub(crate) index: usize,
    /// Whether the finding has another cause, and lists this drift by title.
    pub(crate) is_beside: bool,
}

/// A finding, and what the report does not show of it.
#[derive(Debug)]
struct Entry {
    finding: Finding,
    /// The changed reference behind it, if there is one.
    swap: Option<Swap>,
    /// The operations that it lists, once it also reports drifts of another cause.
    operations: Option<HashSet<Met>>,
    /// The number of places that it does not list.
    unlisted: usize,
}

impl Entry {
    /// Whether all operations that meet the finding are among those `known`.
    fn is_covered_by(&self, known: &HashSet<Met>) -> bool {
        let mut operations = self.finding.operations.iter();
        self.unlisted == 0 && operations.all(|it| known.contains(&met(it)))
    }
}

/// An operation that meets a drift, and the status if it is a response.
type Met = (Arc<Endpoint>, Option<Arc<str>>);

fn met(touched: &Touched) -> Met {
    (Arc::clone(&touched.endpoint), touched.status.clone())
}

#[derive(Debug, Default)]
pub(crate) struct Findings {
    by_cause: HashMap<(&'static str, String), Place>,
    /// The first finding of each kind, and their number.
    kinds: HashMap<Kind, (usize, usize)>,
    /// The same for the kinds of all operations.
    kinds_of_all: HashMap<KindOfAll, (usize, usize)>,
    /// The total length of titles and places so far, in bytes.
    told: usize,
    listing: Listing<MOST_LISTED>,
    list: Vec<Entry>,
}

impl Findings {
    /// Returns the finding for the cause of a drift, which is created if it does not exist.
    pub(crate) fn of(&mut self, drift: Drift) -> usize {
        let key = (drift.rule.id, drift.cause.clone());
        if let Some(known) = self.by_cause.get(&key) {
            return known.index;
        }
        self.add(drift)
    }

    /// Returns the finding that reports a drift of an operation: the one with the same cause, or one of the same kind if
    /// there are already many.
    pub(crate) fn of_kind(&mut self, drift: Drift, operation: &Touched) -> Place {
        let key = (drift.rule.id, drift.cause.clone());
        if let Some(known) = self.by_cause.get(&key).copied() {
            let finding = &mut self.list[known.index].finding;
            // The same change may have another effect in the other direction.
            let is_mirrored = finding.direction != drift.direction && finding.title != drift.title;
            // A change that many schemas share is one finding, which names the others.
            let is_shared = drift.cause.is_empty() && finding.title != drift.title;
            let is_named = is_mirrored || is_shared && finding.also.len() < ENOUGH;
            // A finding that lists many drifts by title would be searched for each of them.
            if is_named && !known.is_beside && !finding.also.contains(&drift.title) {
                finding.also.push(drift.title);
            }
            return known;
        }
        let kind_of_all = (drift.rule.id, drift.undecided.is_some(), drift.direction);
        let kind = (kind_of_all, Arc::clone(&operation.endpoint));
        let is_told = self.told > MOST_TOLD;
        let of_kind = self.kinds.get(&kind).copied();
        let of_kind = of_kind.filter(|(_, times)| *times >= MOST_OF_A_KIND || is_told);
        let of_all = self.kinds_of_all.get(&kind_of_all).copied();
        let of_all = of_all.filter(|(_, times)| *times >= MOST_OF_A_RULE || is_told);
        if let Some((index, _)) = of_kind.or(of_all) {
            self.list[index].finding.also.push(drift.title);
            let place = Place {
                index,
                is_beside: true,
            };
            self.by_cause.insert(key, place);
            return place;
        }
        self.told += length(&drift, operation);
        let index = self.add(drift);
        self.kinds.entry(kind).or_insert((index, 0)).1 += 1;
        self.kinds_of_all.entry(kind_of_all).or_insert((index, 0)).1 += 1;
        Place {
            index,
            is_beside: false,
        }
    }

    fn add(&mut self, drift: Drift) -> usize {
        // An undecided drift is not known to break a client.
        let at_most = if drift.undecided.is_some() {
            Level::Risky
        } else {
            Level::Breaking
        };
        let index = self.list.len();
        let place = Place {
            index,
            is_beside: false,
        };
        self.by_cause.insert((drift.rule.id, drift.cause), place);
        self.list.push(Entry {
            finding: Finding {
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
            },
            swap: drift.swap,
            operations: None,
            unlisted: 0,
        });
        index
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> &mut Finding {
        &mut self.list[index].finding
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.list.iter().map(|it| &it.finding)
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// Merges findings into a finding of another rule that is their cause, if that one covers all their operations.
    pub(crate) fn fold(&mut self, some: &[usize], rule: &str) {
        let mut causes: Vec<(usize, HashSet<Met>)> = Vec::new();
        for (index, finding) in self.iter().enumerate().filter(|(_, it)| it.rule == rule) {
            causes.push((index, finding.operations.iter().map(met).collect()));
        }
        let mut told = Vec::new();
        for &index in some {
            let entry = &self.list[index];
            let finding = &entry.finding;
            if let Some((cause, _)) = causes.iter().find(|(_, known)| entry.is_covered_by(known)) {
                let titles: Vec<_> = [&finding.title]
                    .into_iter()
                    .chain(&finding.also)
                    .cloned()
                    .collect();
                self.list[*cause].finding.also.extend(titles);
                told.push(index);
            }
        }
        let is_told = |index: &usize| told.contains(index);
        let mut index = 0..self.list.len();
        self.list.retain(|_| !index.next().is_some_and(|it| is_told(&it)));
        self.by_cause.clear();
    }

    /// Moves undecided findings to a rule that claims only certain facts.
    pub(crate) fn rename(&mut self, rule: &str, is_meant: impl Fn(&Finding) -> bool) {
        let all = self.list.iter_mut().map(|it| &mut it.finding);
        for finding in all.filter(|it| is_meant(it)) {
            rule.clone_into(&mut finding.rule);
            finding.undecided = None;
        }
    }

    /// Removes findings that are undecided only because of how a value is written, where another finding tells each of
    /// their operations what follows from the same two places. A schema may be used as JSON and as a text.
    pub(crate) fn drop_unwritten(&mut self) {
        type Key<'f> = (Option<Direction>, &'f Option<String>, &'f Option<String>);
        fn key(it: &Finding) -> Key<'_> {
            (it.direction, &it.base_at, &it.revision_at)
        }
        let is_open = |it: &Finding| it.undecided.as_deref().is_some_and(|why| UNPROVEN.contains(&why));
        let open: HashSet<Key<'_>> = self.iter().filter(|it| is_open(it)).map(key).collect();
        let mut told: HashMap<Key<'_>, HashSet<Met>> = HashMap::new();
        for finding in self.iter() {
            if finding.undecided.is_none() && finding.level <= Level::Risky && open.contains(&key(finding)) {
                let met = finding.operations.iter().map(met);
                told.entry(key(finding)).or_default().extend(met);
            }
        }
        let is_told = |entry: &Entry| {
            let it = &entry.finding;
            is_open(it) && told.get(&key(it)).is_some_and(|known| entry.is_covered_by(known))
        };
        let kept: Vec<bool> = self.list.iter().map(|it| !is_told(it)).collect();
        let mut kept = kept.into_iter();
        self.list.retain(|_| kept.next().unwrap_or(true));
        self.by_cause.clear();
    }

    /// Returns all findings. Findings of one direction behind one changed reference have the same cause and are merged
    /// into the most severe one. Undecided findings stay separate, because they may not be drifts.
    pub(crate) fn into_list(self) -> Vec<Finding> {
        let mut list = Vec::with_capacity(self.list.len());
        let mut behind: BTreeMap<(Swap, Option<Direction>), Vec<Finding>> = BTreeMap::new();
        for entry in self.list {
            let Entry {
                mut finding,
                swap,
                unlisted,
                ..
            } = entry;
            if unlisted > 0 {
                finding.also.push(format!(
                    "{unlisted} more places in messages meet it and are not listed"
                ));
            }
            match swap.filter(|_| finding.undecided.is_none()) {
                Some(swap) => behind.entry((swap, finding.direction)).or_default().push(finding),
                None => list.push(finding),
            }
        }
        for (((old, new), _), mut findings) in behind {
            let told = findings.iter().filter(|it| it.level < Level::Cosmetic).count();
            if told > 1 {
                findings.sort_by_key(|it| it.level);
                let mut others = findings.into_iter();
                list.extend(others.next().map(|mut worst| {
                    worst.title = format!("`{new}` is where `{old}` was: {}", worst.title);
                    let place = |it: &Touched| (met(it), Arc::clone(&it.at));
                    let mut known: HashSet<_> = worst.operations.iter().map(place).collect();
                    for other in others {
                        worst.also.extend(std::iter::once(other.title).chain(other.also));
                        let news = other.operations.into_iter().filter(|it| known.insert(place(it)));
                        worst.operations.extend(news);
                    }
                    worst
                }));
            } else {
                list.append(&mut findings);
            }
        }
        list
    }

    /// Whether a finding lists further places.
    pub(crate) fn lists_more(&self, index: usize) -> bool {
        self.listing.takes(self.list[index].finding.operations.len())
    }

    /// Counts places that a finding does not list.
    pub(crate) fn omit(&mut self, index: usize, places: usize) {
        self.list[index].unlisted += places;
    }

    /// Adds an affected operation to the finding that reports its drift, which is returned.
    pub(crate) fn report(&mut self, drift: Drift, touched: Touched) -> Place {
        let place = self.of_kind(drift, &touched);
        self.touch_at(place, touched);
        place
    }

    /// Adds an affected operation to the finding of its drift, once for each location in its messages. A finding that
    /// reports the drift beside others gets the operation only once, because these may be thousands.
    pub(crate) fn touch_at(&mut self, Place { index, is_beside }: Place, touched: Touched) {
        let entry = &mut self.list[index];
        let listed = &entry.finding.operations;
        let is_known = is_beside && {
            let operations = entry
                .operations
                .get_or_insert_with(|| listed.iter().map(met).collect());
            operations.contains(&met(&touched))
        };
        if !is_known {
            self.touch(index, touched);
        }
    }

    /// Adds an operation to a finding, once for each location in its messages.
    pub(crate) fn touch(&mut self, index: usize, touched: Touched) {
        if !self.lists_more(index) {
            return self.omit(index, 1);
        }
        let entry = &mut self.list[index];
        let operations = &mut entry.finding.operations;
        let is_same = |it: &Touched| it.is_at(&touched);
        if !operations.last().is_some_and(is_same) {
            if let Some(known) = &mut entry.operations {
                known.insert(met(&touched));
            }
            self.listing.add(&touched.at);
            operations.push(touched);
        }
    }
}

/// The bytes of what is told of a drift that an operation meets.
fn length(drift: &Drift, operation: &Touched) -> usize {
    let places = [&drift.base_at, &drift.revision_at].into_iter().flatten();
    let own = FINDING + drift.title.len() + places.map(String::len).sum::<usize>();
    own + operation.endpoint.path.len() + operation.at.len()
}

#[cfg(test)]
mod tests {
    use openapi_document::Document;
    use serde_json::{Value, json};

    use super::*;
    use crate::report::Report;
    use crate::{Options, compare};

    /// The report on a document of so many path parameters, or of a body of so many properties, that are all retyped.
    fn retyped(names: usize, in_path: bool) -> Report {
        let document = |kind: &str| {
            let schema = json!({"type": kind});
            let name = |it: usize| format!("p{it}");
            let answers = json!({"200": {"description": ""}});
            let (path, operation) = if in_path {
                let path: String = (0..names).map(|it| format!("/{{{}}}", name(it))).collect();
                let parameter =
                    |it| json!({"name": name(it), "in": "path", "required": true, "schema": schema});
                let parameters: Value = (0..names).map(parameter).collect();
                (path, json!({"parameters": parameters, "responses": answers}))
            } else {
                let properties: serde_json::Map<String, Value> =
                    (0..names).map(|it| (name(it), schema.clone())).collect();
                let body = json!({"content": {"application/json": {"schema": {"properties": {"x": {"properties": properties}}}}}});
                (
                    "/a".to_owned(),
                    json!({"requestBody": body, "responses": answers}),
                )
            };
            let paths = serde_json::Map::from_iter([(path, json!({"post": operation}))]);
            Document::read(json!({"openapi": "3.1.0", "paths": paths}).to_string()).unwrap()
        };
        compare(&document("string"), &document("integer"), &Options::default())
    }

    /// None is lost: each name is in a title.
    fn assert_all_told(report: &Report, names: usize) {
        let mut titles = report
            .findings
            .iter()
            .flat_map(|it| it.also.iter().chain([&it.title]));
        assert_eq!(titles.clone().count(), names);
        let last = format!("p{}`", names - 1);
        assert!(titles.any(|it| it.contains(&last)));
    }

    #[test]
    fn of_thousands_that_one_rule_finds_in_one_operation_a_thousand_are_told_in_full() {
        for names in [MOST_OF_A_KIND, MOST_OF_A_KIND + 500] {
            let report = retyped(names, false);
            assert_eq!(report.findings.len(), MOST_OF_A_KIND);
            // Each of them is shown, none of the others takes its place.
            let is_shown =
                |it: &Finding| it.level == Level::Breaking && it.witness.as_ref().unwrap().message.is_some();
            assert!(report.findings.iter().all(is_shown));
            assert_all_told(&report, names);
            assert!(report.findings.iter().all(|it| it.operations.len() == 1));
        }
    }

    #[test]
    fn a_long_path_is_not_told_again_for_each_of_its_thousands_of_parameters() {
        const NAMES: usize = 1_500;
        let report = retyped(NAMES, true);
        let places = |it: &Finding| {
            let places = [&it.base_at, &it.revision_at].into_iter().flatten();
            places.map(String::len).sum::<usize>() + it.operations[0].endpoint.path.len()
        };
        let bytes: usize = report.findings.iter().map(places).sum();
        assert!(bytes < MOST_TOLD + (1 << 20), "{bytes} bytes");
        assert_all_told(&report, NAMES);
    }

    #[test]
    fn many_places_are_counted_where_they_are_not_listed() {
        let touched = |number: usize| Touched::body_of(&format!("/{number}"));
        let mut findings = Findings {
            listing: Listing::full(),
            ..Findings::default()
        };
        let index = findings.of(Drift::new(&crate::rules::malformed::MALFORMED, "a", "a"));
        for number in 0..ENOUGH + 5 {
            assert_eq!(findings.lists_more(index), number < ENOUGH, "{number}");
            findings.touch(index, touched(number));
        }
        let listed = findings.into_list();
        assert_eq!(listed[0].operations.len(), ENOUGH);
        assert_eq!(
            listed[0].also,
            ["5 more places in messages meet it and are not listed"]
        );
    }
}
