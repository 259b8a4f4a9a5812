//! The changes in callers' Rust source if the client is built from staging's document.

mod attribution;
mod build;
pub(crate) mod generate;
mod items;
mod public;

use openapi_drift_cli::report::{ApiDiff, Change, Kind};
use ratio_spec::Pin;

pub(crate) use attribution::attribute;
pub(crate) use build::{Operations, between, builds, joined, nameless};
use items::Items;
pub(crate) use public::{Public, publish};

/// Compares generated clients. Callers are built against the first one.
fn compare(old: Items, new: Items, pin: &Pin) -> ApiDiff {
    of_items(&callers_view(old, pin), &callers_view(new, pin))
}

fn of_items(old: &Items, new: &Items) -> ApiDiff {
    ApiDiff {
        changes: changes(old, new),
        unavailable: None,
    }
}

/// The result for identical documents, which give the same source.
fn unchanged() -> ApiDiff {
    ApiDiff {
        changes: Vec::new(),
        unavailable: None,
    }
}

fn unavailable(why: String) -> ApiDiff {
    ApiDiff {
        changes: Vec::new(),
        unavailable: Some(why),
    }
}

fn changes(old: &Items, new: &Items) -> Vec<Change> {
    let mut changes = Vec::new();
    for (path, was) in old {
        match new.get(path) {
            // If a whole item is removed, its parts are not reported separately.
            None if was
                .of
                .as_ref()
                .is_some_and(|of| old.contains_key(of) && !new.contains_key(of)) => {}
            None => changes.push(change(path, Kind::Removed, Some(&was.shape), None, true)),
            Some(is) if is.shape != was.shape => {
                changes.push(change(
                    path,
                    Kind::Changed,
                    Some(&was.shape),
                    Some(&is.shape),
                    true,
                ));
            }
            Some(_) => {}
        }
    }
    for (path, is) in new {
        if old.contains_key(path) {
            continue;
        }
        let (mut breaks, mut part_of_new) = (false, false);
        if let Some(of) = &is.of {
            part_of_new = new.contains_key(of) && !old.contains_key(of);
            breaks = !is_apart(&is.shape) && old.get(of).is_some_and(|of| of.exhaustive);
        }
        if !part_of_new {
            changes.push(change(path, Kind::Added, None, Some(&is.shape), breaks));
        }
    }
    changes.sort_by(|a, b| (a.kind, &a.item).cmp(&(b.kind, &b.item)));
    changes
}

/// Whether adding an item of this kind never breaks users of its type: methods, constants and traits.
fn is_apart(shape: &str) -> bool {
    shape == "trait"
        || ["fn", "async fn", "const"]
            .iter()
            .any(|kind| shape.starts_with(kind))
}

/// The items that callers of this crate can name: the generated types, and the operations, which `Session` wraps.
fn callers_view(items: Items, pin: &Pin) -> Items {
    let mut view = Items::new();
    for (path, mut item) in items {
        let place = path.rsplit_once(" for ").map_or(path.as_str(), |(_, of)| of);
        let operation = path.strip_prefix("Client::").map(str::to_owned);
        if place.starts_with("types::") || place.starts_with("enums::") {
            view.insert(path, item);
        } else if let Some(name) = operation.filter(|name| pin.operations().iter().any(|it| it.name == *name))
        {
            item.shape = item
                .shape
                .replace("ResponseValue<", "")
                .replace(">, Error<types::Error>>", ">");
            item.of = None;
            view.insert(format!("Session::{name}"), item);
        }
    }
    view
}

fn change(item: &str, kind: Kind, old: Option<&str>, new: Option<&str>, breaks: bool) -> Change {
    Change {
        item: item.to_owned(),
        kind,
        old: old.map(str::to_owned),
        new: new.map(str::to_owned),
        breaks,
        ours: None,
        findings: Vec::new(),
    }
}

/// A change in one line: `types::Wallet::network removed`, with the necessary change in this crate's own source if
/// there is one.
fn headline(change: &Change) -> String {
    match &change.ours {
        Some(ours) => format!("{} {} (ours to mend: {ours})", change.item, change.kind.as_str()),
        None => format!("{} {}", change.item, change.kind.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use openapi_drift::Step;

    use super::items::public_items;
    use super::{headline, of_items};

    fn compared(old: &str, new: &str) -> (Vec<String>, Step) {
        let api_diff = of_items(&public_items(old).unwrap(), &public_items(new).unwrap());
        let lines = api_diff
            .changes
            .iter()
            .map(|c| format!("{}{}", headline(c), if c.breaks { "!" } else { "" }));
        (lines.collect(), api_diff.step())
    }

    #[test]
    fn a_field_that_goes_and_a_method_that_gains_an_argument_are_major() {
        let (lines, step) = compared(
            "pub struct W { pub a: u8, pub b: u8 } impl W { pub fn f(&self) {} }",
            "pub struct W { pub b: u8 } impl W { pub fn f(&self, x: u8) {} }",
        );
        assert_eq!(lines, ["W::a removed!", "W::f changed!"]);
        assert_eq!(step, Step::Major);
    }

    #[test]
    fn a_new_field_breaks_only_those_who_may_write_the_struct_out() {
        let open = compared(
            "pub struct W { pub a: u8 }",
            "pub struct W { pub a: u8, pub b: u8 }",
        );
        assert_eq!(open, (vec!["W::b added!".to_owned()], Step::Major));
        let closed = compared(
            "#[non_exhaustive] pub struct W { pub a: u8 }",
            "#[non_exhaustive] pub struct W { pub a: u8, pub b: u8 }",
        );
        assert_eq!(closed, (vec!["W::b added".to_owned()], Step::Minor));
    }

    #[test]
    fn a_type_that_goes_takes_its_parts_along_in_one_line() {
        let (lines, _) = compared(
            "pub mod t { pub struct W { pub a: u8 } impl W { pub fn f() {} } }",
            "pub mod t {}",
        );
        assert_eq!(lines, ["t::W removed!"]);
    }

    #[test]
    fn a_type_that_can_no_longer_be_made_of_nothing_is_major() {
        let (lines, step) = compared(
            "#[derive(Clone, Default)] #[non_exhaustive] pub struct W { pub a: u8 }",
            "#[derive(Clone, Copy)] #[non_exhaustive] pub struct W { pub a: u8 }",
        );
        assert_eq!(lines, ["Default for W removed!", "Copy for W added"]);
        assert_eq!(step, Step::Major);
    }

    #[test]
    fn a_value_more_of_an_open_enum_is_minor_and_one_less_is_major() {
        let source =
            |values| format!("pub mod enums {{ crate::open_enum::open_enum! {{ E {{ {values} }} }} }}");
        let (one, two) = (source("A = \"A\""), source("A = \"A\", B = \"B\""));
        assert_eq!(
            compared(&one, &two),
            (vec!["enums::E::B added".to_owned()], Step::Minor)
        );
        assert_eq!(
            compared(&two, &one),
            (vec!["enums::E::B removed!".to_owned()], Step::Major)
        );
    }

    #[test]
    fn new_methods_and_types_are_minor_and_nothing_is_nothing() {
        let (lines, step) = compared(
            "pub struct W;",
            "pub struct W; impl W { pub fn f() {} } pub struct V { pub a: u8 }",
        );
        assert_eq!(
            (lines, step),
            (vec!["V added".to_owned(), "W::f added".to_owned()], Step::Minor)
        );
        assert_eq!(compared("pub struct W;", "pub struct W;"), (vec![], Step::None));
    }
}
