//! Collects findings by root cause: the same drift met again only adds the operation that reaches it.

use std::collections::HashMap;

use serde_json::Value;

use crate::report::{Direction, Finding, Touched, Witness};
use crate::rule::Rule;

/// What makes two drifts one: the rule, and what a rule's author says identifies the cause.
type Cause = (&'static str, String);

/// A drift as a rule describes it, before grouping.
pub(crate) struct Drift {
    pub(crate) rule: &'static Rule,
    /// Identifies the root cause among the drifts of this rule.
    pub(crate) cause: String,
    pub(crate) title: String,
    pub(crate) direction: Option<Direction>,
    pub(crate) pinned_at: Option<String>,
    pub(crate) staging_at: Option<String>,
    pub(crate) witness: Option<Witness>,
    pub(crate) undecided: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Findings {
    by_cause: HashMap<Cause, usize>,
    list: Vec<Finding>,
}

impl Findings {
    /// Whether this cause was met before; then describing it again is not needed.
    pub(crate) fn known(&self, rule: &'static Rule, cause: &str) -> Option<usize> {
        self.by_cause.get(&(rule.id, cause.to_owned())).copied()
    }

    /// Adds a drift, or the operation that reaches it when its cause is known.
    pub(crate) fn add(&mut self, drift: Drift, touched: Option<Touched>) -> usize {
        let cause = (drift.rule.id, drift.cause);
        let list = &mut self.list;
        let index = *self.by_cause.entry(cause).or_insert_with(|| {
            list.push(Finding {
                rule: drift.rule.id.to_owned(),
                level: drift.rule.level,
                title: drift.title,
                direction: drift.direction,
                pinned_at: drift.pinned_at,
                staging_at: drift.staging_at,
                operations: Vec::new(),
                witness: drift.witness,
                undecided: drift.undecided,
            });
            list.len() - 1
        });
        if let Some(touched) = touched {
            self.touch(index, touched);
        }
        index
    }

    /// Adds an operation to a finding.
    pub(crate) fn touch(&mut self, index: usize, touched: Touched) {
        self.list[index].operations.push(touched);
    }

    /// How many operations a finding already has.
    pub(crate) fn reached(&self, index: usize) -> usize {
        self.list[index].operations.len()
    }

    pub(crate) fn into_list(self) -> Vec<Finding> {
        self.list
    }
}

/// What a part of a document says without its prose: two copies of one thing have the same shape.
pub(crate) fn shape(value: &Value) -> String {
    fn write(value: &Value, out: &mut String, names: bool) {
        match value {
            Value::Object(map) => {
                out.push('{');
                let mut keys: Vec<&String> = map.keys().collect();
                keys.sort_unstable();
                for key in keys {
                    let prose = matches!(
                        key.as_str(),
                        "description" | "summary" | "title" | "example" | "examples" | "externalDocs"
                    );
                    if !names && (prose || key.starts_with("x-")) {
                        continue;
                    }
                    out.push_str(key);
                    out.push(':');
                    // Under `properties` the keys are names that a vendor chose.
                    write(&map[key], out, !names && key == "properties");
                    out.push(',');
                }
                out.push('}');
            }
            Value::Array(items) => {
                out.push('[');
                for item in items {
                    write(item, out, false);
                    out.push(',');
                }
                out.push(']');
            }
            other => out.push_str(&other.to_string()),
        }
    }
    let mut out = String::new();
    write(value, &mut out, false);
    out
}
