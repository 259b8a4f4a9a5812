//! Reads texts as the values that they can represent.

use std::collections::{HashMap, VecDeque};

use openapi_document::view::Style;

use super::{Form, PairsByName, is_like_a_list};
use crate::percent::{decoded, form_decoded};
use crate::written::Written;

/// The text of a parameter, still escaped.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Raw<'m> {
    /// The part of a path that belongs to the parameter in the template.
    Segment(&'m str),
    /// A header's value.
    Header(&'m str),
    /// All pairs of the query, or all cookies.
    Pairs(&'m PairsByName),
}

/// Returns the values that a text can represent in a form: a text, a list and an object. The result is empty if the
/// parameter is absent.
///
/// `names` are the members that an object may have. If the form writes members as separate pairs, only these names
/// identify them. Returns `None` if the text violates the form.
pub(crate) fn read(form: &Form<'_>, raw: &Raw<'_>, names: &[String]) -> Option<Vec<Written>> {
    match raw {
        // A text with invalid escapes represents nothing.
        Raw::Segment(text) => segment(form, text).filter(|found| !found.is_empty()),
        Raw::Header(text) => Some(parted(text.trim(), ",", form.explode, &|it| {
            Some(it.trim().to_owned())
        })),
        Raw::Pairs(pairs) => pairs_of(form, pairs, names),
    }
}

type Decode<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The whole text, its parts as items, and its parts as members: `a=1,b=2` or `a,1,b,2`.
fn parted(text: &str, separator: &str, spells_members: bool, decode: Decode<'_>) -> Vec<Written> {
    let parts: Vec<&str> = text.split(separator).collect();
    let mut found = Vec::new();
    found.extend(decode(text).map(Written::Text));
    let item = |part: &&str| decode(part).map(Written::Text);
    found.extend(
        parts
            .iter()
            .map(item)
            .collect::<Option<Vec<_>>>()
            .map(Written::List),
    );
    if text.is_empty() {
        found.push(Written::List(Vec::new()));
        found.push(Written::Members(Vec::new()));
    }
    found.extend(members(&parts, spells_members, decode));
    found
}

fn members(parts: &[&str], spells_members: bool, decode: Decode<'_>) -> Option<Written> {
    let pairs: Vec<(&str, &str)> = if spells_members {
        parts
            .iter()
            .map(|part| part.split_once('='))
            .collect::<Option<_>>()?
    } else {
        let (pairs, []) = parts.as_chunks::<2>() else {
            return None;
        };
        pairs.iter().map(|[name, text]| (*name, *text)).collect()
    };
    let member = |(name, text): (&str, &str)| Some((decode(name)?, Written::Text(decode(text)?)));
    Some(Written::Members(
        pairs.into_iter().map(member).collect::<Option<_>>()?,
    ))
}

fn segment(form: &Form<'_>, text: &str) -> Option<Vec<Written>> {
    match form.style {
        Style::Label => {
            let text = text.strip_prefix('.')?;
            let separator = if form.explode { "." } else { "," };
            Some(parted(text, separator, form.explode, &decoded))
        }
        Style::Matrix => {
            let text = text.strip_prefix(';')?;
            if form.explode {
                let parts: Vec<&str> = text.split(';').collect();
                let mut found = Vec::new();
                let own = |part: &&str| {
                    let (name, text) = part.split_once('=').unwrap_or((part, ""));
                    (decoded(name)? == form.name).then(|| decoded(text)).flatten()
                };
                if let Some(items) = parts.iter().map(own).collect::<Option<Vec<_>>>() {
                    if let [only] = items.as_slice() {
                        found.push(Written::Text(only.clone()));
                    }
                    found.push(Written::List(items.into_iter().map(Written::Text).collect()));
                }
                found.extend(members(&parts, true, &decoded));
                return (!found.is_empty()).then_some(found);
            }
            let (name, text) = text.split_once('=').unwrap_or((text, ""));
            (decoded(name)? == form.name).then(|| parted(text, ",", false, &decoded))
        }
        _ => Some(parted(text, ",", form.explode, &decoded)),
    }
}

fn pairs_of(form: &Form<'_>, pairs: &PairsByName, names: &[String]) -> Option<Vec<Written>> {
    let text = |raw: &str| form_decoded(raw).map(Written::Text);
    if form.style == Style::DeepObject {
        if pairs.is_malformed {
            return None;
        }
        let mut entries = Vec::new();
        for (inside, raw) in pairs.inside(form.name) {
            let steps = inside.strip_suffix(']')?.split("][").map(str::to_owned);
            entries.push((steps.collect(), text(raw)?));
        }
        if entries.is_empty() {
            return Some(Vec::new());
        }
        let members = nested(entries)?;
        let items = as_items(&members).map(Written::List);
        return Some([Written::Members(members)].into_iter().chain(items).collect());
    }
    let own: Vec<&str> = pairs.named(form.name).collect();
    let mut found = Vec::new();
    match (form.explode, own.as_slice()) {
        (_, []) => {}
        (false, [only]) => {
            // The separator may be escaped, and a space may also be written as a plus.
            let (separator, plain) = match form.style {
                Style::SpaceDelimited => (" ", only.replace("%20", " ").replace('+', " ")),
                Style::PipeDelimited => ("|", only.replace("%7C", "|").replace("%7c", "|")),
                _ => (",", (*only).to_owned()),
            };
            found = parted(&plain, separator, false, &form_decoded);
            if found.is_empty() {
                return None;
            }
        }
        // A repeated name is the exploded form of a list.
        (false, _) => return None,
        (true, all) => {
            let items = all.iter().map(|raw| text(raw)).collect::<Option<Vec<_>>>()?;
            if let [only] = items.as_slice() {
                found.push(only.clone());
            }
            found.push(Written::List(items));
        }
    }
    if form.explode {
        let members = pairs
            .with_names(names)
            .map(|(name, raw)| Some((name.to_owned(), text(raw)?)))
            .collect::<Option<Vec<_>>>()?;
        if !members.is_empty() {
            found.push(Written::Members(grouped(members)));
        }
    }
    Some(found)
}

/// The path to a text in a deep object, and the text.
type Entry = (VecDeque<String>, Written);

/// Nests members by their paths; `None` if one name has both a text and members.
fn nested(entries: Vec<Entry>) -> Option<Vec<(String, Written)>> {
    let first = |(mut steps, text): Entry| Some((steps.pop_front()?, (steps, text)));
    let by_name = by_name(entries.into_iter().map(first).collect::<Option<_>>()?);
    let member = |(name, mut inside): (String, Vec<Entry>)| {
        let ends = inside.iter().filter(|(steps, _)| steps.is_empty()).count();
        let value = match (ends, inside.len()) {
            (1, 1) => inside.remove(0).1,
            (ends, all) if ends == all => Written::List(inside.into_iter().map(|(_, text)| text).collect()),
            (0, _) => {
                let members = nested(inside)?;
                as_items(&members).map_or(Written::Members(members), Written::List)
            }
            _ => return None,
        };
        Some((name, value))
    };
    by_name.into_iter().map(member).collect()
}

/// The members as items, if their names count from 0 or the only name is empty: `a[]=1&a[]=2`.
fn as_items(members: &[(String, Written)]) -> Option<Vec<Written>> {
    if let [(name, items)] = members
        && name.is_empty()
    {
        return Some(match items {
            Written::List(items) => items.clone(),
            one => vec![one.clone()],
        });
    }
    let is_list = is_like_a_list(members.iter().map(|(name, _)| name.as_str()));
    is_list.then(|| members.iter().map(|(_, value)| value.clone()).collect())
}

/// Combines members with the same name into a list.
pub(crate) fn grouped(members: Vec<(String, Written)>) -> Vec<(String, Written)> {
    let one = |(name, mut values): (String, Vec<Written>)| match values.len() {
        1 => (name, values.remove(0)),
        _ => (name, Written::List(values)),
    };
    by_name(members).into_iter().map(one).collect()
}

/// Groups entries by their names, in the order in which the names first occur.
fn by_name<T>(entries: Vec<(String, T)>) -> Vec<(String, Vec<T>)> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut grouped: Vec<(String, Vec<T>)> = Vec::new();
    for (name, entry) in entries {
        let place = *places.entry(name).or_insert_with_key(|name| {
            grouped.push((name.clone(), Vec::new()));
            grouped.len() - 1
        });
        grouped[place].1.push(entry);
    }
    grouped
}
