//! Both places of a finding side by side, as a line diff of their JSON.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

/// Lines shown of one place that has no counterpart, and of one diff.
const LONGEST: usize = 24;

/// One line of an excerpt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) tag: Tag,
    pub(crate) text: String,
}

/// Which document a line stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    Both,
    Pinned,
    Staging,
    /// Lines were left out here.
    Cut,
}

/// Compares two values; a place that is missing counts as empty. Prose is left out unless it is the point.
pub(crate) fn excerpt(pinned: Option<&Value>, staging: Option<&Value>, prose: bool) -> Vec<Line> {
    let (old, new) = (pretty(pinned, prose), pretty(staging, prose));
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    // A comma that is there because another line follows is no difference.
    let bare = |lines: &[&str]| -> Vec<String> {
        let bare = lines.iter().map(|line| line.trim_end_matches(','));
        bare.map(str::to_owned).collect()
    };
    let (old_bare, new_bare) = (bare(&old), bare(&new));
    let mut lines = Vec::new();
    let diff = TextDiff::from_slices(
        &old_bare.iter().map(String::as_str).collect::<Vec<_>>(),
        &new_bare.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    for (index, group) in diff.grouped_ops(2).iter().enumerate() {
        if index > 0 {
            lines.push(cut("…".to_owned()));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (tag, text) = match change.tag() {
                ChangeTag::Equal => (Tag::Both, change.new_index().map(|at| new[at])),
                ChangeTag::Delete => (Tag::Pinned, change.old_index().map(|at| old[at])),
                ChangeTag::Insert => (Tag::Staging, change.new_index().map(|at| new[at])),
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

fn cut(text: String) -> Line {
    Line { tag: Tag::Cut, text }
}

fn pretty(value: Option<&Value>, prose: bool) -> String {
    let Some(value) = value else { return String::new() };
    let mut value = value.clone();
    if !prose {
        strip_prose(&mut value);
    }
    // Serializing a value cannot fail: its keys are strings.
    serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"
}

/// Removes descriptions and examples, which differ everywhere and decide nothing.
fn strip_prose(value: &mut Value) {
    match value {
        Value::Object(object) => {
            // A property may be called `description`; then its value is a schema and no text.
            object.retain(|key, value| !(key == "description" && value.is_string() || key == "example"));
            object.sort_keys();
            object.values_mut().for_each(strip_prose);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_prose),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Tag, excerpt};

    #[test]
    fn only_what_differs_is_shown_with_a_little_around_it() {
        let lines = excerpt(
            Some(&json!({"type": "string", "enum": ["BTC", "ETH"]})),
            Some(&json!({"type": "string", "enum": ["ETH"]})),
            false,
        );
        let gone: Vec<_> = lines
            .iter()
            .filter(|line| line.tag == Tag::Pinned)
            .map(|line| line.text.trim())
            .collect();
        assert_eq!(gone, ["\"BTC\","]);
        assert!(lines.iter().all(|line| line.tag != Tag::Staging));
    }

    #[test]
    fn a_line_that_only_gains_a_comma_is_no_difference() {
        let lines = excerpt(Some(&json!(["A"])), Some(&json!(["A", "B"])), false);
        let shown: Vec<_> = lines.iter().map(|line| (line.tag, line.text.trim())).collect();
        assert_eq!(
            shown,
            [
                (Tag::Both, "["),
                (Tag::Both, "\"A\","),
                (Tag::Staging, "\"B\""),
                (Tag::Both, "]")
            ]
        );
    }

    #[test]
    fn a_long_place_is_cut_and_says_so() {
        let long: Vec<_> = (0..100).collect();
        let lines = excerpt(None, Some(&json!(long)), false);
        assert_eq!(lines.last().unwrap().text, "… 78 more lines");
    }
}
