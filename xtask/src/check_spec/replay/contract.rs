//! What staging's document asks of a request, checked by an independent validator.

use axum::http::HeaderMap;
use openapi_drift::{Document, Touched};
use serde_json::{Value, json};

use crate::check_spec::surface::nameless;

/// One operation of staging's document, as its server would hold a request to it.
pub(super) struct Contract {
    root: Value,
    operation: Option<Value>,
    shared: Vec<Value>,
}

/// Why staging does not take a request, and which part of it is at fault: `/headers/x`, `/body/y`.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) at: String,
    pub(super) why: String,
}

impl Contract {
    pub(super) fn new(staging: &Document, touched: &Touched) -> Self {
        let root = staging.root();
        let path = nameless(&touched.path);
        let paths = root.get("paths").and_then(Value::as_object);
        let item = paths
            .and_then(|paths| paths.iter().find(|(key, _)| nameless(key) == path))
            .map(|(_, item)| item);
        let method = touched.method.to_ascii_lowercase();
        let shared = item
            .and_then(|item| item.get("parameters"))
            .and_then(Value::as_array)
            .cloned();
        Self {
            operation: item.and_then(|item| item.get(&method)).cloned(),
            shared: shared.unwrap_or_default(),
            root: root.clone(),
        }
    }

    /// Everything about a request that staging does not take.
    pub(super) fn refusals(&self, headers: &HeaderMap, body: &[u8]) -> Vec<Refusal> {
        let Some(operation) = &self.operation else {
            return vec![Refusal {
                at: String::new(),
                why: "there is no such operation".to_owned(),
            }];
        };
        let mut refusals = Vec::new();
        let own = operation.get("parameters").and_then(Value::as_array);
        for parameter in own
            .into_iter()
            .flatten()
            .chain(&self.shared)
            .map(|it| self.resolve(it))
        {
            let name = parameter["name"].as_str().unwrap_or_default();
            if parameter["in"] == "header" && parameter["required"] == true && !headers.contains_key(name) {
                refusals.push(Refusal {
                    at: format!("/headers/{name}"),
                    why: format!("the required header `{name}` is missing"),
                });
            }
        }
        if let Some(wanted) = operation.get("requestBody") {
            self.body(self.resolve(wanted), body, &mut refusals);
        }
        refusals
    }

    fn body(&self, wanted: &Value, body: &[u8], refusals: &mut Vec<Refusal>) {
        if body.is_empty() {
            if wanted["required"] == true {
                refusals.push(Refusal {
                    at: "/body".to_owned(),
                    why: "the required body is missing".to_owned(),
                });
            }
            return;
        }
        let Some(schema) = wanted.pointer("/content/application~1json/schema") else {
            return;
        };
        let Ok(value) = serde_json::from_slice::<Value>(body) else {
            return;
        };
        // The components stay beside the schema, so that references into them resolve.
        let whole = json!({"allOf": [schema], "components": self.root.get("components")});
        let Ok(validator) = jsonschema::draft4::new(&whole) else {
            return;
        };
        for error in validator.iter_errors(&value) {
            refusals.push(Refusal {
                at: format!("/body{}", error.instance_path()),
                why: error.to_string(),
            });
        }
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        let pointer = value
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|at| at.strip_prefix('#'));
        pointer
            .and_then(|pointer| self.root.pointer(pointer))
            .unwrap_or(value)
    }
}
