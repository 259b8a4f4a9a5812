//! What the judge says of a value, beside what another validator says.

mod generated;

use openapi_document::Document;
use openapi_wire::{Contract, Direction, Verdict};
use proptest::prelude::*;
use serde_json::Value;

use generated::{schema, value, values};

/// Whether boon takes each value; `None` where it does not read the schema.
fn taken_by_boon(schema: &Value, values: &[Value]) -> Option<Vec<bool>> {
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.set_default_draft(boon::Draft::V2020_12);
    compiler.add_resource("document:/", schema.clone()).ok()?;
    let index = compiler.compile("document:/", &mut schemas).ok()?;
    Some(
        values
            .iter()
            .map(|it| schemas.validate(it, index).is_ok())
            .collect(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn boon_takes_what_the_judge_takes(schema in schema(), own in prop::collection::vec(value(), 0..6)) {
        // A document that is no object is YAML.
        prop_assume!(schema.is_object());
        let values: Vec<Value> = values().into_iter().chain(own).collect();
        let boon = taken_by_boon(&schema, &values).expect("boon reads generated schemas");
        let document = Document::read_schema(schema.to_string()).unwrap();
        let contract = Contract::new(&document);
        for (value, taken) in values.iter().zip(boon) {
            for direction in [Direction::Request, Direction::Response] {
                let judgement = contract.value(document.root(), direction, value);
                prop_assert_ne!(judgement.verdict(), Verdict::CannotTell, "{} {}", schema, value);
                prop_assert_eq!(judgement.verdict() == Verdict::Accepted, taken, "{} {}", schema, value);
            }
        }
    }

    #[test]
    fn boon_takes_what_the_judge_takes_inside_a_component_of_3_1(schema in schema()) {
        let values = values();
        let boon = taken_by_boon(&schema, &values).expect("boon reads generated schemas");
        // References are written from the root of their document.
        let schema = schema.to_string().replace("#/$defs/", "#/components/schemas/S/$defs/");
        let text = format!(r#"{{"openapi": "3.1.0", "paths": {{}}, "components": {{"schemas": {{"S": {schema}}}}}}}"#);
        let document = Document::read(text).unwrap();
        let contract = Contract::new(&document);
        let node = document.root().pointer("/components/schemas/S").unwrap();
        for (value, taken) in values.iter().zip(boon) {
            let judgement = contract.value(node, Direction::Request, value);
            prop_assert_eq!(judgement.verdict() == Verdict::Accepted, taken, "{} {}", schema, value);
        }
    }
}
