//! Dialects of JSON Schema other than 2020-12. A schema is not judged if the judge, which assumes 2020-12, would
//! misread it.

use openapi_document::Node;

/// Keywords that each draft before 2020-12 does not know or reads differently. The row of a draft also applies to all
/// earlier drafts.
const OTHERWISE: [(&str, &[&str]); 4] = [
    (
        "draft/2019-09",
        &[
            "dependencies",
            "prefixItems",
            "$dynamicRef",
            "$dynamicAnchor",
            "$recursiveRef",
            "$recursiveAnchor",
        ],
    ),
    (
        "draft-07",
        &[
            "unevaluatedItems",
            "unevaluatedProperties",
            "dependentRequired",
            "dependentSchemas",
            "minContains",
            "maxContains",
            "$anchor",
        ],
    ),
    ("draft-06", &["if", "then", "else"]),
    (
        "draft-04",
        &[
            "exclusiveMinimum",
            "exclusiveMaximum",
            "const",
            "contains",
            "propertyNames",
            "id",
        ],
    ),
];

/// Keywords that may stand beside a `$ref` without effect in a draft that ignores all keywords there.
const BESIDE: [&str; 6] = ["$ref", "$comment", "title", "description", "examples", "default"];

/// The reason why a schema of a dialect cannot be judged; `None` if it can.
pub(super) fn unjudged(dialect: &str, schema: Node<'_>) -> Option<String> {
    if is_own(dialect) {
        return None;
    }
    let name = dialect.trim_end_matches('#');
    let is = |(draft, _): &(&str, &[&str])| {
        ["http", "https"]
            .iter()
            .any(|scheme| name == format!("{scheme}://json-schema.org/{draft}/schema"))
    };
    let Some(row) = OTHERWISE.iter().position(is) else {
        return Some(unknown(dialect));
    };
    let otherwise = OTHERWISE[..=row].iter().flat_map(|(_, keys)| keys.iter());
    let listed = schema.get("items").filter(|it| it.is_array()).map(|_| &"items");
    let is_alone = || schema.members().keys().all(|key| BESIDE.contains(&key));
    let beside = schema
        .get("$ref")
        .filter(|_| row > 0 && !is_alone())
        .map(|_| &"$ref");
    let key = otherwise
        .copied()
        .filter(|key| schema.get(key).is_some())
        .chain(listed.copied())
        .chain(beside.copied())
        .next()?;
    let shown = shown(dialect);
    Some(format!(
        "its dialect {shown:?} reads `{key}` in its own way, which the judge does not know"
    ))
}

pub(super) fn unknown(dialect: &str) -> String {
    format!(
        "its schema is written in the dialect {:?}, which the judge does not know",
        shown(dialect)
    )
}

/// The name of a dialect for a message, truncated if it is long.
fn shown(dialect: &str) -> String {
    dialect.chars().take(80).collect()
}

/// Whether a dialect is 2020-12 or one of OpenAPI, which add no keyword that refuses values.
pub(super) fn is_own(dialect: &str) -> bool {
    dialect.trim_end_matches('#') == "https://json-schema.org/draft/2020-12/schema"
        || dialect.starts_with("https://spec.openapis.org/oas/3.1/dialect/")
        || dialect.starts_with("https://spec.openapis.org/oas/3.2/dialect/")
}

#[cfg(test)]
mod tests {
    use openapi_document::Document;

    use super::unjudged;

    fn why(dialect: &str, schema: &str) -> Option<String> {
        let schema = Document::read_schema(schema).unwrap();
        unjudged(dialect, schema.root())
    }

    #[test]
    fn keywords_shared_with_an_earlier_draft_are_judged() {
        let draft7 = "http://json-schema.org/draft-07/schema#";
        assert_eq!(why(draft7, r#"{"type": "string", "if": {}, "const": 1}"#), None);
        assert_eq!(why(draft7, r##"{"$ref": "#/a", "title": "x"}"##), None);
        for schema in [
            r#"{"items": [{}]}"#,
            r#"{"dependencies": {}}"#,
            r##"{"$ref": "#/a", "maxLength": 1}"##,
            r#"{"unevaluatedItems": false}"#,
        ] {
            assert!(why(draft7, schema).is_some(), "{schema}");
        }
        let draft4 = "http://json-schema.org/draft-04/schema#";
        assert!(why(draft4, r#"{"exclusiveMinimum": true}"#).is_some());
        assert!(why(draft4, r#"{"if": {}}"#).is_some());
        assert_eq!(
            why(
                "https://json-schema.org/draft/2019-09/schema",
                r#"{"$anchor": "a"}"#
            ),
            None
        );
    }

    #[test]
    fn an_unknown_dialect_is_not_judged() {
        let told = why("https://shop.example/schema", "{}").unwrap();
        assert!(told.contains(r#""https://shop.example/schema""#), "{told}");
        let long = format!("https://shop.example/{}", "x".repeat(100));
        let told = why(&long, "{}").unwrap();
        assert!(told.contains(&format!("{:?}", &long[..80])), "{told}");
        assert_eq!(why("https://spec.openapis.org/oas/3.1/dialect/base", "{}"), None);
    }
}
