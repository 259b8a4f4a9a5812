//! The two places of a finding, as a line diff of their JSON.

use openapi_document::{Document, Node, pointer};
use serde_json::{Map, Value};
use similar::{ChangeTag, TextDiff};

/// Maximum number of lines shown of a place without a counterpart, and of a diff.
const LONGEST: usize = 24;

/// One line of an excerpt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The document that has the line.
    pub tag: Tag,
    /// The line, indented.
    pub text: String,
}

/// The document that has a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// Both documents.
    Both,
    /// Only the base.
    Base,
    /// Only the revision.
    Revision,
    /// Lines were omitted here.
    Cut,
}

/// The part of the two places that is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shown {
    /// Everything except prose, which often differs without consequences.
    Structure,
    /// Only the prose.
    Prose,
}

/// Maximum number of nested or adjacent parts of a value that is shown.
const MOST_PARTS: usize = 50_000;

/// Whether a value has more parts than the maximum.
fn is_large(node: Node<'_>) -> bool {
    let (mut open, mut parts) = (vec![node], 0);
    while let Some(node) = open.pop() {
        parts += 1;
        if parts + node.items().len() + node.members().len() > MOST_PARTS {
            return true;
        }
        open.extend(node.items());
        open.extend(node.members().values());
    }
    false
}

/// Returns the value at a place, in an object with its key. A value that is too large is replaced with a text that says
/// so.
pub(crate) fn entry(document: &Document, at: &str) -> Option<Value> {
    let node = document.at(at)?;
    let value = if is_large(node) {
        "… too large to be shown".into()
    } else {
        serde_json::to_value(node).ok()?
    };
    let Some((parent, key)) = at.rsplit_once('/') else {
        return Some(value);
    };
    if document.at(parent).is_some_and(Node::is_object) {
        let key = pointer::unescape(key).into_owned();
        return Some(Value::Object(Map::from_iter([(key, value)])));
    }
    Some(value)
}

/// Compares two entries. A missing entry counts as empty.
pub(crate) fn excerpt(base: Option<Value>, revision: Option<Value>, shown: Shown) -> Vec<Line> {
    let (old, new) = (pretty(base, shown), pretty(revision, shown));
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    // Ignore a comma that is there only because another line follows.
    let trimmed = |lines: &[&str]| -> Vec<String> {
        let lines = lines.iter().map(|line| line.trim_end_matches(','));
        lines.map(str::to_owned).collect()
    };
    let (before, after) = (trimmed(&old), trimmed(&new));
    let mut lines = Vec::new();
    let diff = TextDiff::from_slices(
        &before.iter().map(String::as_str).collect::<Vec<_>>(),
        &after.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    for (index, group) in diff.grouped_ops(2).iter().enumerate() {
        // Always show the key first, even if it is far from the change.
        let begins = group.first().map_or(0, |op| op.new_range().start);
        if index == 0 && begins > 0 {
            lines.extend(new.first().map(|first| both(first)));
            lines.extend((begins > 1).then(|| cut("…".to_owned())));
        }
        if index > 0 {
            lines.push(cut("…".to_owned()));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (tag, text) = match change.tag() {
                ChangeTag::Equal => (Tag::Both, change.new_index().map(|at| new[at])),
                ChangeTag::Delete => (Tag::Base, change.old_index().map(|at| old[at])),
                ChangeTag::Insert => (Tag::Revision, change.new_index().map(|at| new[at])),
            };
            lines.push(Line {
                tag,
                text: text.unwrap_or_default().to_owned(),
            });
        }
    }
    if lines.len() > LONGEST {
        let hidden = lines.len() - LONGEST;
        lines.truncate(LONGEST);
        lines.push(cut(format!("… {hidden} more lines")));
    }
    lines
}

fn both(text: &str) -> Line {
    Line {
        tag: Tag::Both,
        text: text.to_owned(),
    }
}

fn cut(text: String) -> Line {
    Line { tag: Tag::Cut, text }
}

/// Formats the value as indented lines. For an object with one key, shows the key and its value without the outer
/// braces.
fn pretty(value: Option<Value>, shown: Shown) -> String {
    let Some(mut value) = value else {
        return String::new();
    };
    if let Some(under) = value.as_object_mut().filter(|it| it.len() == 1) {
        for inner in under.values_mut() {
            reduce(inner, shown);
        }
        let text = serde_json::to_string_pretty(&value).unwrap_or_default();
        let lines = text.lines().filter_map(|line| line.strip_prefix("  "));
        return lines.map(|line| line.to_owned() + "\n").collect();
    }
    reduce(&mut value, shown);
    // Serialization cannot fail, because all keys are strings.
    serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"
}

/// Keys whose string value is prose.
const PROSE: [&str; 3] = ["description", "summary", "title"];

fn is_prose(key: &str, value: &Value) -> bool {
    // A property may be named `description`; then its value is a schema and not a string.
    PROSE.contains(&key) && value.is_string() || matches!(key, "example" | "examples" | "externalDocs")
}

/// Removes the prose, or everything else, and sorts the keys.
fn reduce(value: &mut Value, shown: Shown) {
    match value {
        Value::Object(object) => {
            if shown == Shown::Prose {
                object.retain(|key, value| is_prose(key, value) || value.is_object() || value.is_array());
            } else {
                object.retain(|key, value| !is_prose(key, value));
            }
            object.sort_keys();
            for (key, inner) in object.iter_mut() {
                if !is_prose(key, inner) {
                    reduce(inner, shown);
                }
            }
            if shown == Shown::Prose {
                object.retain(|key, value| is_prose(key, value) || !is_empty(value));
            }
        }
        Value::Array(items) => {
            for item in &mut *items {
                reduce(item, shown);
            }
            if shown == Shown::Prose {
                items.retain(|item| item.is_object() && !is_empty(item));
            }
        }
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
}

#[cfg(test)]
mod tests {
    use openapi_document::Document;
    use serde_json::json;

    use super::{Shown, Tag, entry, excerpt};

    fn tagged(lines: &[super::Line], tag: Tag) -> Vec<&str> {
        let of = lines.iter().filter(|line| line.tag == tag);
        of.map(|line| line.text.trim()).collect()
    }

    #[test]
    fn only_what_differs_is_shown_with_a_little_around_it() {
        let lines = excerpt(
            Some(json!({"type": "string", "enum": ["BTC", "ETH"]})),
            Some(json!({"type": "string", "enum": ["ETH"]})),
            Shown::Structure,
        );
        assert_eq!(tagged(&lines, Tag::Base), ["\"BTC\","]);
        assert!(tagged(&lines, Tag::Revision).is_empty());
    }

    #[test]
    fn a_place_is_shown_with_the_key_that_it_stands_under() {
        let document = Document::read(
            br#"{"openapi": "3.0.0", "paths": {}, "x": {"fee/day": {"type": "string"}, "list": [1]}}"#,
        )
        .unwrap();
        let shown = |at| excerpt(None, entry(&document, at), Shown::Structure);
        let lines: Vec<String> = shown("/x/fee~1day").into_iter().map(|line| line.text).collect();
        assert_eq!(lines, ["\"fee/day\": {", "  \"type\": \"string\"", "}"]);
        assert_eq!(shown("/x/list/0")[0].text, "1");

        // The key is shown even if the change is far from it.
        let long = |last: &str| json!({"fee": {"a": [1, 2, 3, 4, 5, 6], "z": last}});
        let lines = excerpt(Some(long("x")), Some(long("y")), Shown::Structure);
        assert_eq!((lines[0].text.as_str(), lines[1].tag), ("\"fee\": {", Tag::Cut));
    }

    #[test]
    fn a_line_that_only_gains_a_comma_is_no_difference() {
        let lines = excerpt(Some(json!(["A"])), Some(json!(["A", "B"])), Shown::Structure);
        let shown: Vec<_> = lines.iter().map(|line| (line.tag, line.text.trim())).collect();
        assert_eq!(
            shown,
            [
                (Tag::Both, "["),
                (Tag::Both, "\"A\","),
                (Tag::Revision, "\"B\""),
                (Tag::Both, "]")
            ]
        );
    }

    #[test]
    fn a_change_of_prose_shows_the_prose_and_any_other_change_shows_none() {
        let of = |prose: &str, max: u32| json!({"type": "object", "description": prose, "properties": {"title": {"type": "string", "maxLength": max}}});
        let texts = |shown| {
            let lines = excerpt(Some(of("was", 1)), Some(of("is", 2)), shown);
            lines.into_iter().map(|line| line.text).collect::<String>()
        };
        let (prose, structure) = (texts(Shown::Prose), texts(Shown::Structure));
        assert!(
            prose.contains("\"was\"") && prose.contains("\"is\"") && !prose.contains("type"),
            "{prose}"
        );
        assert!(
            structure.contains("maxLength") && !structure.contains("description"),
            "{structure}"
        );
    }

    #[test]
    fn a_long_place_is_cut_and_says_so() {
        let long: Vec<_> = (0..100).collect();
        let lines = excerpt(None, Some(json!(long)), Shown::Structure);
        assert_eq!(lines.last().unwrap().text, "… 78 more lines");
    }
}
