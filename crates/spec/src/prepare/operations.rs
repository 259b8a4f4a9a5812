//! Passes over the operations.

use serde_json::{Value, json};

use super::Draft;
use crate::{Error, Operation};
use openapi_document::pointer::escape;

/// Headers that the client itself adds to every request.
const CLIENT_HEADERS: [&str; 4] = [
    "ratio-client-id",
    "ratio-client-secret",
    "ratio-device-fingerprint",
    "authorization",
];

/// The JSON pointer of an operation.
pub(super) fn operation_place(operation: &Operation) -> String {
    format!(
        "/paths/{}/{}",
        escape(&operation.path),
        operation.method.to_ascii_lowercase()
    )
}

pub(super) fn name(draft: &mut Draft<'_>) -> Result<(), Error> {
    for operation in draft.pin.operations() {
        let place = operation_place(operation);
        if let Some(named) = draft.document.pointer_mut(&place).and_then(Value::as_object_mut) {
            named.insert("operationId".to_owned(), json!(operation.name));
        }
    }
    Ok(())
}

pub(super) fn drop_generator_extensions(draft: &mut Draft<'_>) -> Result<(), Error> {
    draft.each_operation(|operation| {
        if let Some(operation) = operation.as_object_mut() {
            operation.retain(|key, _| !key.starts_with("x-dropshot"));
        }
    });
    Ok(())
}

pub(super) fn drop_client_headers(draft: &mut Draft<'_>) -> Result<(), Error> {
    // What a parameter refers to is a component: `select` refuses all others.
    let document = json!({"components": {"parameters": draft.document["components"]["parameters"].clone()}});
    let is_ours = |parameter: &Value| {
        let reference = parameter.get("$ref").and_then(Value::as_str);
        let parameter = reference
            .and_then(|at| crate::reference::resolve(&document, at))
            .unwrap_or(parameter);
        parameter["in"] == "header"
            && parameter["name"]
                .as_str()
                .is_some_and(|name| CLIENT_HEADERS.contains(&name.to_ascii_lowercase().as_str()))
    };
    let drop = |holder: &mut Value| {
        if let Some(parameters) = holder.get_mut("parameters").and_then(Value::as_array_mut) {
            parameters.retain(|parameter| !is_ours(parameter));
        }
    };
    for item in draft.document["paths"]
        .as_object_mut()
        .into_iter()
        .flat_map(|paths| paths.values_mut())
    {
        drop(item);
    }
    draft.each_operation(drop);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{GET_A, run};
    use serde_json::json;

    #[test]
    fn an_operation_is_called_what_the_pin_calls_it() {
        let (document, _) = run(
            "name-operations",
            &json!({ "paths": { "/a": { "get": {} } } }),
            GET_A,
        )
        .unwrap();
        assert_eq!(document["paths"]["/a"]["get"]["operationId"], "read_a");
    }

    #[test]
    fn the_clients_own_headers_are_no_parameters_whatever_their_case_and_place() {
        let (document, _) = run(
            "drop-client-headers",
            &json!({
                "paths": { "/a": {
                    "parameters": [{ "in": "header", "name": "Authorization" }],
                    "get": { "parameters": [
                        { "$ref": "#/components/parameters/Id" },
                        { "in": "header", "name": "Ratio-Client-Secret" },
                        { "in": "query", "name": "authorization" },
                        { "in": "header", "name": "x-other" },
                    ] },
                } },
                "components": { "parameters": { "Id": { "in": "header", "name": "ratio-client-id" } } },
            }),
            GET_A,
        )
        .unwrap();
        assert_eq!(document["paths"]["/a"]["parameters"], json!([]));
        let left = document["paths"]["/a"]["get"]["parameters"].as_array().unwrap();
        assert_eq!(left.len(), 2, "{left:?}");
    }
}
