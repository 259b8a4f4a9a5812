//! Resolves `$ref`s within a document.

use openapi_document::pointer;
use serde_json::Value;

/// Returns the target of `#/a/b` in `root`.
pub(crate) fn resolve<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    root.pointer(&pointer_of(reference)?)
}

/// The JSON pointer in `#/a/b`.
pub(crate) fn pointer_of(reference: &str) -> Option<String> {
    let pointer = pointer::of_fragment(reference.strip_prefix('#')?)?;
    Some(pointer.into_owned())
}

/// The kind and name of the component into which `#/components/<kind>/<name>…` leads.
pub(crate) fn component(reference: &str) -> Option<(String, String)> {
    let pointer = pointer_of(reference)?;
    let mut steps = pointer::steps(&pointer)?;
    if steps.next()? != "components" {
        return None;
    }
    Some((steps.next()?.into_owned(), steps.next()?.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::component;

    #[test]
    fn a_component_is_named_whatever_its_escapes() {
        let named = |reference| component(reference).map(|(kind, name)| format!("{kind} {name}"));
        assert_eq!(named("#/components/schemas/a~1b%20c").unwrap(), "schemas a/b c");
        assert_eq!(named("#/components/schemas/A/properties/b").unwrap(), "schemas A");
        for other in [
            "#/paths/~1x",
            "other.json#/components/schemas/A",
            "#/components/schemas",
            "#/components/schemas/%ff",
            "#A",
        ] {
            assert_eq!(named(other), None);
        }
    }
}
