//! Passes over the responses of operations.

use serde_json::{Map, Value};

use super::Draft;
use crate::Error;
use crate::reference::resolve;

/// Replaces each `$ref` of a response with its target, so that the passes see only one form.
fn inline(draft: &mut Draft<'_>) {
    let document = draft.document.clone();
    draft.each_operation(|operation| {
        for response in responses(operation).into_iter().flat_map(|map| map.values_mut()) {
            let mut steps = 0;
            while let Some(target) = response
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|at| resolve(&document, at))
            {
                *response = target.clone();
                steps += 1;
                if steps > 32 {
                    break;
                }
            }
        }
    });
}

fn responses(operation: &mut Value) -> Option<&mut Map<String, Value>> {
    operation.get_mut("responses")?.as_object_mut()
}

pub(super) fn empty_204(draft: &mut Draft<'_>) -> Result<(), Error> {
    inline(draft);
    draft.each_operation(|operation| {
        for (status, response) in responses(operation).into_iter().flatten() {
            // By RFC 9110, these responses never have content.
            if matches!(status.as_str(), "204" | "205" | "304")
                && let Some(response) = response.as_object_mut()
            {
                response.remove("content");
            }
        }
    });
    Ok(())
}

pub(super) fn json_media_types(draft: &mut Draft<'_>) -> Result<(), Error> {
    draft.each_operation(|operation| {
        for response in responses(operation).into_iter().flat_map(|map| map.values_mut()) {
            let Some(content) = response.get_mut("content").and_then(Value::as_object_mut) else {
                continue;
            };
            let json = content.keys().find(|key| is_json(key)).cloned();
            if let Some(body) = json.and_then(|key| content.remove(&key)) {
                content.clear();
                content.insert("application/json".to_owned(), body);
            }
        }
    });
    Ok(())
}

fn is_json(media_type: &str) -> bool {
    let essence = media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Keeps the first type of successes and the first type of errors, since the generator supports only one of each. The
/// client handles all other statuses by their content.
pub(super) fn one_type(draft: &mut Draft<'_>) -> Result<(), Error> {
    draft.each_operation(|operation| {
        let Some(responses) = responses(operation) else {
            return;
        };
        let all = responses.clone();
        let body = |status: &str| all[status].pointer("/content/application~1json/schema");
        let of_class = |class: &[char]| {
            all.keys()
                .filter(|status| status.starts_with(class))
                .cloned()
                .collect::<Vec<_>>()
        };
        let success = of_class(&['2']);
        let errors = of_class(&['4', '5']);
        // A success with a body has more information than one without.
        let first = |statuses: &[String]| {
            statuses
                .iter()
                .find_map(|status| body(status))
                .cloned()
                .or_else(|| statuses.first().map(|_| Value::Null))
        };
        let keep = [(first(&success), success.clone()), (first(&errors), errors)];
        responses.retain(|status, _| {
            if status.eq_ignore_ascii_case("default") {
                // For the generator, `default` is both a success and an error.
                return success.is_empty();
            }
            keep.iter().any(|(kept, statuses)| {
                statuses.contains(status)
                    && kept
                        .as_ref()
                        .is_some_and(|kept| body(status).unwrap_or(&Value::Null) == kept)
            })
        });
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{GET_A, run};
    use serde_json::{Value, json};

    fn responses(pass: &str, responses: &Value) -> Value {
        let document = json!({
            "paths": { "/a": { "get": { "responses": responses } } },
            "components": { "responses": { "Gone": { "content": { "application/json": {} } } } },
        });
        run(pass, &document, GET_A).unwrap().0["paths"]["/a"]["get"]["responses"].clone()
    }

    fn of(name: &str) -> Value {
        json!({ "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/{name}") } } } })
    }

    #[test]
    fn a_204_has_no_body_even_behind_a_ref() {
        let left = responses(
            "empty-204",
            &json!({ "204": { "$ref": "#/components/responses/Gone" }, "200": of("A"), "205": of("A") }),
        );
        assert_eq!(left, json!({ "204": {}, "200": of("A"), "205": {} }));
    }

    #[test]
    fn a_relative_of_json_is_read_as_json() {
        let left = responses(
            "json-answers",
            &json!({ "200": { "content": { "text/html": {}, "application/vnd.ratio+json; v=1": { "schema": {} } } } }),
        );
        assert_eq!(
            left["200"]["content"],
            json!({ "application/json": { "schema": {} } })
        );
    }

    #[test]
    fn one_success_and_one_error_type_are_left() {
        let left = responses(
            "one-answer-type",
            &json!({ "200": of("A"), "201": of("B"), "202": {}, "400": of("E"), "401": of("E"), "500": of("F"), "default": of("E") }),
        );
        assert_eq!(left, json!({ "200": of("A"), "400": of("E"), "401": of("E") }));
        let left = responses("one-answer-type", &json!({ "202": {}, "200": of("A") }));
        assert_eq!(left, json!({ "200": of("A") }));
        let left = responses("one-answer-type", &json!({ "204": {}, "404": of("E") }));
        assert_eq!(left, json!({ "204": {}, "404": of("E") }));
    }
}
