//! Parameters of an operation: the values that callers may or must send beside the body.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use openapi_document::Located;

use crate::comparison::{Comparison, Pair, SchemaUse, Slot, message_key, parameter_at};
use crate::containment::Carrier;
use crate::findings::Drift;
use crate::report::{Direction, Level, Side, Touched};
use crate::rule::{Affects, Rule};
use crate::rules::format::FORMAT;
use crate::rules::media::{self, MediaType};
use crate::rules::presence::{self, Presence};
use crate::rules::wire::{self, Writing};
use crate::rules::{content, credentials, form, message, one_sided, uncompared};
use openapi_document::view::{Operation, ParameterIn, Style, template_names};

pub(crate) const RULES: &[&Rule] = &[
    &MOVED,
    &SERIALIZATION,
    &RESERVED,
    &EMPTY_VALUE,
    &RESERVED_TAKEN,
    &EMPTY_VALUE_TAKEN,
    &RESTRICTED,
    &BECAME_TEXT,
    &BECAME_LIST,
    &OPENED,
    &READ_OTHERWISE,
    &PARTED,
];

const MOVED: Rule = Rule {
    id: "parameter-moved",
    level: Level::Breaking,
    affects: Affects::Senders,
    explanation: "A required parameter is expected at another place (query, header, path or cookie), so it is missing where callers put it.",
    mend: "Send the parameter at the new place.",
    readings: &[9],
};
const SERIALIZATION: Rule = Rule {
    id: "parameter-serialization-changed",
    level: Level::Breaking,
    affects: Affects::Senders,
    explanation: "A parameter is written differently (style, explode or media type), so what callers write is misread or refused.",
    mend: "Write the parameter in the new form.",
    readings: &[1],
};
const RESERVED: Rule = Rule {
    id: "parameter-reserved-refused",
    level: Level::Risky,
    affects: Affects::Senders,
    explanation: "A query parameter no longer accepts reserved characters as they are (`allowReserved`), so they may be misread if they are not escaped.",
    mend: "Percent-encode the reserved characters.",
    readings: &[1],
};
const RESERVED_TAKEN: Rule = Rule {
    id: "parameter-reserved-accepted",
    level: Level::Additive,
    affects: Affects::Senders,
    explanation: "A query parameter also accepts reserved characters as they are (`allowReserved`).",
    mend: "Nothing to do.",
    readings: &[1],
};
const EMPTY_VALUE_TAKEN: Rule = Rule {
    id: "parameter-empty-value-accepted",
    level: Level::Additive,
    affects: Affects::Senders,
    explanation: "A query parameter may also be sent without a value (`allowEmptyValue`).",
    mend: "Nothing to do.",
    readings: &[1],
};
const EMPTY_VALUE: Rule = Rule {
    id: "parameter-empty-value-refused",
    level: Level::Risky,
    affects: Affects::Senders,
    explanation: "A query parameter may no longer be sent without a value (`allowEmptyValue`).",
    mend: "Send a value, or leave the parameter out.",
    readings: &[1],
};

const RESTRICTED: Rule = Rule {
    id: "parameter-restricted",
    level: Level::Breaking,
    affects: Affects::Senders,
    explanation: "A parameter that could have any value accepts only some.",
    mend: "Keep to the new schema.",
    readings: &[1],
};
const OPENED: Rule = Rule {
    id: "parameter-opened",
    level: Level::Additive,
    affects: Affects::Senders,
    explanation: "A parameter accepts any value where it accepted only some.",
    mend: "Nothing to do.",
    readings: &[1],
};
const READ_OTHERWISE: Rule = Rule {
    id: "parameter-read-as-other-text",
    level: Level::Risky,
    affects: Affects::Senders,
    explanation: "A parameter is written differently, so its reader gets another text than the one that was meant.",
    mend: "Write the parameter in the new form.",
    readings: &[1],
};
const PARTED: Rule = Rule {
    id: "parameter-text-parted",
    level: Level::Risky,
    affects: Affects::Senders,
    explanation: "A text is now read as a list whose items are separated by commas, so a text that contains a comma is read as several items.",
    mend: "Do not send commas in this text, or ask the vendor.",
    readings: &[1],
};
const BECAME_TEXT: Rule = Rule {
    id: "parameter-became-text",
    level: Level::Additive,
    affects: Affects::Senders,
    explanation: "A number or boolean is now read as a text. It was a text on the wire before, so what callers send is accepted.",
    mend: "Nothing to do.",
    readings: &[1],
};

const BECAME_LIST: Rule = Rule {
    id: "parameter-became-list",
    level: Level::Additive,
    affects: Affects::Senders,
    explanation: "A query parameter may be given several times. A single value is a list of one item on the wire.",
    mend: "Nothing to do.",
    readings: &[1],
};

/// A parameter as one document declares it.
#[derive(Clone, Debug)]
pub(crate) struct Parameter<'d> {
    pub(crate) place: Located<'d>,
    pub(crate) location: &'d str,
    pub(crate) name: &'d str,
    pub(crate) required: bool,
    /// Whether the path template lacks the name, so that no request carries the parameter.
    pub(crate) unplaced: bool,
    /// The identity on the wire: header names in any case, path parameters by their slot.
    key: (&'d str, String),
}

/// The slots of a template's parameters: the segment, and the position within the segment. Segments are counted from
/// the end, since a base path may be added in front.
fn slots(path: &str) -> Vec<String> {
    let segments = path.rsplit('/').enumerate().map(|(index, segment)| {
        let names = template_names(segment).len();
        (0..names).map(|nth| format!("{index}.{nth}")).collect::<Vec<_>>()
    });
    let mut slots: Vec<Vec<String>> = segments.collect();
    slots.reverse();
    slots.concat()
}

impl<'d> Parameter<'d> {
    /// The schema of its `content`, or its own `schema` if it has no `content`.
    pub(crate) fn schema(&self) -> Option<Located<'d>> {
        match self.content() {
            Some((_, media_type)) => media_type.get("schema"),
            None => self.place.get("schema"),
        }
    }

    /// The single media type of its `content`, if it has one.
    pub(crate) fn content(&self) -> Option<(&'d str, Located<'d>)> {
        self.place.get("content")?.members().next()
    }

    /// How its values are written.
    pub(crate) fn writing(&self) -> Writing {
        Writing::of_parameter(&self.place, self.location)
    }

    /// The carrier of its values, as one document describes them.
    pub(crate) fn carrier(&self, comparison: &mut Comparison<'d>, side: Side) -> Carrier {
        match query_form(self) {
            Some((media, place)) => form::carrier(comparison, side, &media, &place).as_query(),
            None => self.writing().carrier(),
        }
    }

    fn has_a_style_of_its_place(&self) -> bool {
        let style = self.place.text("style").and_then(Style::named);
        let place = ParameterIn::named(self.location);
        style.zip(place).is_none_or(|(style, place)| style.is_of(place))
    }

    fn label(&self) -> String {
        format!("{} parameter `{}`", self.location, self.name)
    }

    fn slot(&self) -> Slot {
        Slot::Parameter {
            location: self.location.to_owned(),
            name: self.name.to_owned(),
        }
    }

    fn at(&self) -> String {
        parameter_at(self.location, self.name)
    }
}

/// The parameters of an operation: its own, and those of the path item that it does not override.
///
/// Header parameters named Accept, Content-Type and Authorization are left out, as OpenAPI requires. A path parameter
/// that is missing from the template is an error of the author. If the template has a single undeclared name, that name
/// is taken to be meant. Otherwise the parameter is compared as if it were sent.
pub(crate) fn of<'d>(
    comparison: &mut Comparison<'d>,
    side: Side,
    operation: &Operation<'d>,
    touched: &Touched,
) -> Vec<Parameter<'d>> {
    let names = template_names(&operation.path);
    let slots = slots(&operation.path);
    let mut parameters: Vec<Parameter<'d>> = Vec::new();
    let mut known = HashSet::new();
    let mut unplaced = Vec::new();
    let lists: Vec<Located<'d>> = operation.parameter_lists().collect();
    for place in lists.iter().flat_map(Located::items) {
        let Some(place) = comparison.follow(side, place, touched) else {
            continue;
        };
        let (Some(location), Some(name)) = (place.text("in"), place.text("name")) else {
            continue;
        };
        // A parameter with an unknown location is skipped, since its place in a request is unknown.
        if ParameterIn::named(location).is_none() {
            continue;
        }
        let key = match location {
            "header" => name.to_ascii_lowercase(),
            "path" => {
                let index = names.iter().position(|it| *it == name);
                if let Some(slot) = index.and_then(|index| slots.get(index)) {
                    slot.clone()
                } else {
                    unplaced.push(parameters.len());
                    format!("`{name}`")
                }
            }
            _ => name.to_owned(),
        };
        if location == "header" && matches!(key.as_str(), "accept" | "content-type" | "authorization") {
            continue;
        }
        let key = (location, key);
        if !known.insert(key.clone()) {
            unplaced.retain(|index| *index < parameters.len());
            continue;
        }
        let required = location == "path" || place.is_true("required");
        parameters.push(Parameter {
            place,
            location,
            name,
            required,
            unplaced: false,
            key,
        });
    }
    let undeclared: Vec<String> = slots
        .into_iter()
        .filter(|slot| {
            parameters
                .iter()
                .all(|it| it.location != "path" || it.key.1 != *slot)
        })
        .collect();
    match (unplaced.as_slice(), undeclared.as_slice()) {
        ([only], [slot]) => parameters[*only].key.1.clone_from(slot),
        _ => {
            for index in unplaced {
                parameters[index].unplaced = true;
            }
        }
    }
    parameters
}

fn by_key<'p, 'd>(parameters: &'p [Parameter<'d>]) -> HashMap<&'p (&'d str, String), &'p Parameter<'d>> {
    parameters.iter().map(|it| (&it.key, it)).collect()
}

/// Compares the parameters of one operation.
pub(crate) fn compare<'d>(comparison: &mut Comparison<'d>, pair: &Rc<Pair<'d>>) {
    let touched = pair.touched(None, "");
    let old = of(comparison, Side::Base, &pair.base, &touched);
    let new = of(comparison, Side::Revision, &pair.revision, &touched);
    let (known_old, known_new) = (by_key(&old), by_key(&new));
    let is_same = |it: &&Parameter<'d>| {
        let other = known_new.get(&it.key);
        other.is_some_and(|other| comparison.unchanged.same(it.place.node, other.place.node))
    };
    let same = old.iter().filter(is_same).count();
    let number = old.len().max(new.len()) - same;
    if number > 0 && !comparison.may_pair(number) {
        let title = "so many parameters are declared that these were not compared";
        return uncompared::tell(comparison, pair, "", title);
    }

    let mut moved = Vec::new();
    for parameter in &old {
        let is_missing = !known_new.contains_key(&parameter.key);
        if is_missing && comparison.dangling.may_hide(Side::Revision, &touched) {
            continue;
        }
        match known_new.get(&parameter.key) {
            Some(other) => both(comparison, pair, parameter, other),
            // A path parameter that the revision no longer lists is still part of its template.
            None if parameter.location == "path" => {
                if is_open(parameter, &pair.revision.path) {
                    text_written_otherwise(comparison, pair, parameter, Side::Base);
                }
            }
            None => {
                let elsewhere = new.iter().position(|it| {
                    it.name == parameter.name && it.required && !known_old.contains_key(&it.key)
                });
                if let Some(index) = elsewhere.filter(|_| parameter.required) {
                    moved.push(index);
                    parameter_moved(comparison, pair, parameter, &new[index]);
                } else {
                    let unlisted = unlisted(comparison, Side::Revision, pair, parameter);
                    compare_presence(comparison, pair, (Some(parameter), None), unlisted);
                }
            }
        }
    }
    for (index, parameter) in new.iter().enumerate() {
        let is_new = !known_old.contains_key(&parameter.key);
        if is_new && comparison.dangling.may_hide(Side::Base, &touched) {
            continue;
        }
        let known = !is_new || moved.contains(&index);
        if !known && parameter.location == "path" {
            // If the base has no parameter at this slot, its path allows only its own text there.
            if is_open(parameter, &pair.base.path) {
                declared(comparison, pair, parameter);
            }
        } else if !known {
            let unlisted = unlisted(comparison, Side::Base, pair, parameter);
            compare_presence(comparison, pair, (None, Some(parameter)), unlisted);
        }
    }
}

/// How often requests of `side` carry a parameter that it does not list. A credential may be the same header or key.
///
/// See reading 10 in `docs/readings.md`.
fn unlisted<'d>(
    comparison: &mut Comparison<'d>,
    side: Side,
    pair: &Pair<'d>,
    parameter: &Parameter<'d>,
) -> Presence {
    let is_sender = side == pair.requests().sender();
    match credentials::brought(comparison, side, pair, (parameter.location, parameter.name)) {
        // The security rules report the requirements that do without the parameter.
        Presence::Maybe | Presence::Always if !parameter.required => Presence::Maybe,
        // If the other side requires the parameter, each requirement must bring it.
        Presence::Maybe if is_sender => Presence::Never,
        presence => presence,
    }
}

/// Compares the presence of a parameter that at least one document lists. `unlisted` is its presence in a document that
/// does not list it.
fn compare_presence<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Pair<'d>,
    (old, new): (Option<&Parameter<'d>>, Option<&Parameter<'d>>),
    unlisted: Presence,
) {
    let Some(known) = old.or(new) else { return };
    let says = |it: Option<&Parameter<'d>>| it.map_or(unlisted, |it| Presence::of(true, it.required));
    if says(old) == says(new) {
        return;
    }
    let mut shapes = String::new();
    for (side, parameter) in [(Side::Base, old), (Side::Revision, new)] {
        if let Some(parameter) = parameter {
            shapes = format!("{shapes} {}", comparison.shape(side, parameter.place.node));
        }
    }
    let direction = pair.requests();
    let part = presence::Part {
        label: format!("the {}", known.label()),
        cause: format!("{} {}{shapes}", known.key.0, known.key.1),
        base_at: old.map(|it| it.place.at.to_string()),
        revision_at: new.map(|it| it.place.at.to_string()),
        touched: pair.touched(None, known.at()),
    };
    let rules = presence::of_parameters(direction);
    presence::compare(
        comparison,
        pair,
        direction,
        rules,
        (says(old), says(new)),
        part,
        |it| message::request(it, direction.sender(), pair, None),
    );
}

/// Whether a path has any text at the slot of a path parameter.
fn is_open(parameter: &Parameter<'_>, path: &str) -> bool {
    !parameter.unplaced && slots(path).contains(&parameter.key.1)
}

/// Reports a path parameter that only one document lists, if a text is not written there as it is. Says whether it did.
fn text_written_otherwise<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Pair<'d>,
    parameter: &Parameter<'d>,
    side: Side,
) -> bool {
    let (own, as_it_is) = (parameter.writing(), Writing::of_text_in_path());
    let shape = comparison.shape(side, parameter.place.node);
    let about = |rule, what: &str| {
        let cause = format!("{} {shape}", parameter.name);
        let drift =
            Drift::new(rule, cause, format!("the {} {what}", parameter.label())).flows(pair.requests());
        match side {
            Side::Base => drift.base(&parameter.place.at),
            Side::Revision => drift.revision(&parameter.place.at),
        }
    };
    let schema = parameter.schema();
    let (described, open) = ((&own, schema.as_ref()), (&as_it_is, None));
    let (base, revision) = match side {
        Side::Base => (described, open),
        Side::Revision => (open, described),
    };
    let written = wire::Written {
        base,
        revision,
        direction: pair.requests(),
    };
    let Some(found) = written.misread(comparison) else {
        return false;
    };
    misread(comparison, pair, (parameter, None), found, &about);
    true
}

/// Reports that a parameter is written in one way and read in another.
fn misread<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Pair<'d>,
    (parameter, other): (&Parameter<'d>, Option<&Parameter<'d>>),
    found: wire::Misread,
    about: &dyn Fn(&'static Rule, &str) -> Drift,
) {
    let (slot, direction) = (parameter.slot(), pair.requests());
    let touched = pair.touched(None, parameter.at());
    let what = found.told();
    if found.as_text {
        return comparison.report(about(&READ_OTHERWISE, &what), touched);
    }
    if !parameter.has_a_style_of_its_place() || other.is_some_and(|it| !it.has_a_style_of_its_place()) {
        let why = "OpenAPI has no such style at this place, so that nobody can tell how it is written";
        return comparison.report(about(&SERIALIZATION, &what).undecided(why), touched);
    }
    let proof = direction.proof(format!("it is read as another value, or not at all: it {what}"));
    comparison.prove(about(&SERIALIZATION, &what), pair, touched, proof, |it| {
        message::carrying(it, direction.sender(), pair, &slot, found.value)
    });
}

/// Reports a path parameter that only the revision describes. In the base it may be any text.
fn declared<'d>(comparison: &mut Comparison<'d>, pair: &Pair<'d>, parameter: &Parameter<'d>) {
    if text_written_otherwise(comparison, pair, parameter, Side::Revision) {
        return;
    }
    let Some(schema) = parameter.schema().filter(|_| !pair.calls_back) else {
        return;
    };
    let cause = format!(
        "{} {}",
        parameter.name,
        comparison.shape(Side::Revision, schema.node)
    );
    let described = (Side::Revision, &schema, parameter.writing().carrier());
    let slot = (&parameter.slot(), Direction::Request);
    one_sided::compare(comparison, pair, slot, described, |_| {
        let title = format!("the {} no longer takes any text", parameter.label());
        Drift::new(&RESTRICTED, cause, title)
            .revision(&parameter.place.at)
            .flows(Direction::Request)
    });
}

fn parameter_moved<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Pair<'d>,
    old: &Parameter<'d>,
    new: &Parameter<'d>,
) {
    let direction = pair.requests();
    let does = match direction {
        Direction::Request => "is now expected in",
        Direction::Response => "now comes in",
    };
    let title = format!(
        "the required {} {does} {}",
        old.label(),
        message_key(new.location)
    );
    let drift = Drift::new(
        &MOVED,
        format!("{} {} {}", old.location, new.location, old.name),
        title,
    )
    .base(&old.place.at)
    .revision(&new.place.at)
    .flows(direction);
    let missing = direction.flow(old, new).read;
    let proof = direction.proof(format!("the required {} is missing", missing.label()));
    comparison.prove(drift, pair, pair.touched(None, old.at()), proof, |it| {
        message::request(it, direction.sender(), pair, None)
    });
}

fn both<'d>(comparison: &mut Comparison<'d>, pair: &Rc<Pair<'d>>, old: &Parameter<'d>, new: &Parameter<'d>) {
    if comparison.unchanged.same(old.place.node, new.place.node) {
        return;
    }
    let touched = || pair.touched(None, old.at());
    let shapes = [(Side::Base, old), (Side::Revision, new)]
        .map(|(side, parameter)| comparison.shape(side, parameter.place.node));
    let about = |rule, what: &str| {
        let cause = format!("{} {} {} {}", old.key.0, old.name, shapes[0], shapes[1]);
        Drift::new(rule, cause, format!("the {} {what}", old.label()))
            .base(&old.place.at)
            .revision(&new.place.at)
            .flows(pair.requests())
    };

    compare_presence(comparison, pair, (Some(old), Some(new)), Presence::Never);
    let direction = pair.requests();
    let flow = direction.flow(old, new);
    // OpenAPI ignores these fields elsewhere.
    let changes = |key: &str| {
        let flags = [flow.sent, flow.read].map(|it| it.place.is_true(key));
        (old.location == "query" && flags[0] != flags[1]).then_some(flags[0])
    };
    // The text of a number or a boolean has no reserved characters.
    let has_reserved = |comparison: &mut Comparison<'d>| {
        let schema = flow.sent.schema();
        !schema.is_some_and(|it| wire::is_plain(comparison, direction.sender(), &it, direction))
    };
    if let Some(is_refused) = changes("allowReserved").filter(|_| has_reserved(comparison)) {
        let (rule, does) = match (direction, is_refused) {
            (Direction::Request, true) => (&RESERVED, "no longer takes reserved characters as they are"),
            (Direction::Response, true) => (&RESERVED, "may carry reserved characters as they are"),
            (Direction::Request, false) => (&RESERVED_TAKEN, "also takes reserved characters as they are"),
            (Direction::Response, false) => (
                &RESERVED_TAKEN,
                "no longer carries reserved characters as they are",
            ),
        };
        comparison.report(about(rule, does), touched());
    }
    let escapes = |it: &Parameter<'d>| it.place.text("style") != Some("cookie");
    if old.location == "cookie" && escapes(old) != escapes(new) {
        let does = if escapes(new) {
            "is read with its characters escaped, no longer as they are"
        } else {
            "is read with its characters as they are, no longer escaped"
        };
        comparison.report(about(&RESERVED, does), touched());
    }
    if let Some(is_refused) = changes("allowEmptyValue") {
        let (rule, does) = match (direction, is_refused) {
            (Direction::Request, true) => (&EMPTY_VALUE, "may no longer be sent without a value"),
            (Direction::Response, true) => (&EMPTY_VALUE, "may come without a value"),
            (Direction::Request, false) => (&EMPTY_VALUE_TAKEN, "may also be sent without a value"),
            (Direction::Response, false) => (&EMPTY_VALUE_TAKEN, "no longer comes without a value"),
        };
        comparison.report(about(rule, does), touched());
    }
    crate::rules::lifecycle::compare_deprecation(
        comparison,
        (&old.place, &new.place),
        &format!("the {}", old.label()),
        touched(),
    );

    values(comparison, pair, old, new, &about);
}

/// Compares the values of a parameter as they are written.
fn values<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Rc<Pair<'d>>,
    old: &Parameter<'d>,
    new: &Parameter<'d>,
    about: &dyn Fn(&'static Rule, &str) -> Drift,
) {
    let touched = || pair.touched(None, old.at());
    let writings = [old, new].map(|it| Writing::of_parameter(&it.place, it.location));
    let direction = pair.requests();
    let is_content = writings.each_ref().map(|it| matches!(it, Writing::Content(_)));
    let (base, revision) = (old.schema(), new.schema());
    if is_content[0] != is_content[1] && (base.is_none() || revision.is_none()) {
        let what = if is_content[1] {
            "is written in a media type of its own, no longer under a style"
        } else {
            "is written under a style, no longer in a media type of its own"
        };
        let why = "one of the documents does not say what its values are";
        return comparison.report(about(&SERIALIZATION, what).undecided(why), touched());
    }
    let written = wire::Written {
        base: (&writings[0], base.as_ref()),
        revision: (&writings[1], revision.as_ref()),
        direction,
    };
    if let Some(found) = written.misread(comparison) {
        return misread(comparison, pair, (old, Some(new)), found, about);
    }
    let (base, revision) = match (&base, &revision) {
        (Some(base), Some(revision)) => (base, revision),
        (base, revision) => {
            let (side, what) = if base.is_some() {
                (Side::Base, "may now be anything")
            } else {
                (Side::Revision, "no longer takes any value")
            };
            let Some(schema) = base.as_ref().or(revision.as_ref()) else {
                return;
            };
            let own = if side == Side::Base { old } else { new };
            let described = (side, schema, own.carrier(comparison, side));
            return one_sided::compare(
                comparison,
                pair,
                (&old.slot(), direction),
                described,
                |is_restricted| about(if is_restricted { &RESTRICTED } else { &OPENED }, what),
            );
        }
    };
    let carrier = match (query_form(old), query_form(new)) {
        (Some((media, base)), Some((_, revision))) => content::fields(
            comparison,
            pair,
            &media,
            (&base, &revision),
            &old.slot(),
            direction,
        )
        .as_query(),
        _ => written.carrier(comparison),
    };
    if let Some(became) = written.became(comparison, carrier)
        && (direction == Direction::Request || became == wire::Became::PartedList)
    {
        let wanted = revision.clone().follow(comparison.revision).ok();
        let drift = match (became, wanted.as_ref().and_then(|it| it.text("format"))) {
            (wire::Became::Text, Some(wanted)) => about(&FORMAT, &format!("is now read as `{wanted}`")),
            (wire::Became::Text, None) => about(&BECAME_TEXT, "is now read as text"),
            (wire::Became::List, _) => about(&BECAME_LIST, "may now be a list"),
            (wire::Became::PartedList, _) if direction == Direction::Response => about(
                &PARTED,
                "is one text now, which a comma in it parts where a list is read",
            ),
            (wire::Became::PartedList, _) => about(&PARTED, "is now a list, which a comma in a text parts"),
        };
        return comparison.report(drift, touched());
    }
    comparison.uses.push(SchemaUse {
        pair: Rc::clone(pair),
        slot: old.slot(),
        base: base.clone(),
        revision: revision.clone(),
        direction,
        carrier,
        is_given: if direction == Direction::Request {
            old.required
        } else {
            new.required
        },
    });
}

/// The media type of a whole query that is written as a form (OpenAPI 3.2), and where it is described.
fn query_form<'d>(parameter: &Parameter<'d>) -> Option<(MediaType, Located<'d>)> {
    let content = parameter
        .place
        .get("content")
        .filter(|_| parameter.location == "querystring")?;
    let (media, place) = media::entries(Some(&content)).into_iter().next()?;
    media.is_urlencoded().then_some((media, place))
}
