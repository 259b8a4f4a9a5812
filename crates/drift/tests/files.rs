//! Documents of several files: parts in other files are compared, and reported with their file.

use std::collections::BTreeMap;

use crate::support::findings;
use openapi_document::Loader;
use openapi_drift::{Document, Finding, Level, Limits};

/// A loader of files in memory.
struct Memory(BTreeMap<&'static str, String>);

impl Loader for Memory {
    fn load(&mut self, name: &str, _: usize) -> Result<Vec<u8>, String> {
        let text = self.0.get(name).ok_or("there is no such file")?;
        Ok(text.clone().into_bytes())
    }
}

fn read(files: &[(&'static str, &str)]) -> Document {
    let mut memory = Memory(
        files
            .iter()
            .map(|(name, text)| (*name, (*text).to_owned()))
            .collect(),
    );
    let text = memory.0["api.yaml"].clone();
    Document::read_with(text, "api.yaml", &Limits::default(), &mut memory).expect("an OpenAPI document")
}

fn found(old: &[(&'static str, &str)], new: &[(&'static str, &str)]) -> Vec<Finding> {
    let (old, new) = (read(old), read(new));
    findings(&old, &new)
}

const PETS: &str = "
openapi: 3.0.3
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: 'schemas/pets.yaml#/Pet'}}}}
";

#[test]
fn a_schema_in_another_file_is_compared_where_it_stands() {
    let pet = |of: &str| {
        format!(
            "Pet: {{type: object, properties: {{age: {{$ref: '#/{of}'}}}}}}\nWhole: {{type: integer}}\nText: {{type: string}}\n"
        )
    };
    let (old, new) = (pet("Whole"), pet("Text"));
    let found = found(
        &[("api.yaml", PETS), ("schemas/pets.yaml", &old)],
        &[("api.yaml", PETS), ("schemas/pets.yaml", &new)],
    );
    let breaking: Vec<_> = found.iter().filter(|it| it.level == Level::Breaking).collect();
    assert_eq!(breaking.len(), 1, "{found:#?}");
    assert_eq!(breaking[0].base_at.as_deref(), Some("schemas/pets.yaml#/Whole"));
    assert_eq!(
        breaking[0].revision_at.as_deref(),
        Some("schemas/pets.yaml#/Text")
    );
    assert!(breaking[0].witness.is_some());
}

#[test]
fn places_in_two_files_with_one_pointer_are_two_places() {
    let api = "
openapi: 3.1.0
paths:
  /cats:
    post:
      requestBody: {content: {application/json: {schema: {$ref: 'cats.yaml'}}}}
      responses: {'204': {description: ok}}
  /dogs:
    post:
      requestBody: {content: {application/json: {schema: {$ref: 'dogs.yaml'}}}}
      responses: {'204': {description: ok}}
";
    let file =
        |limit: u8| format!("type: object\nproperties: {{name: {{type: string, maxLength: {limit}}}}}\n");
    let (wide, narrow) = (file(9), file(5));
    let found = found(
        &[("api.yaml", api), ("cats.yaml", &wide), ("dogs.yaml", &wide)],
        &[("api.yaml", api), ("cats.yaml", &wide), ("dogs.yaml", &narrow)],
    );
    let told: Vec<_> = found
        .iter()
        .map(|it| (it.level, it.revision_at.as_deref(), it.operations.len()))
        .collect();
    assert_eq!(told, [(Level::Breaking, Some("dogs.yaml#/properties/name"), 1)]);
    assert!(found[0].title.contains("`dogs.name`"), "{}", found[0].title);
}

#[test]
fn the_file_of_a_part_is_no_drift() {
    let whole = "
openapi: 3.0.3
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
components:
  schemas:
    Pet: {type: object, properties: {name: {type: string}, mother: {$ref: '#/components/schemas/Pet'}}}
";
    let pet = "Pet: {type: object, properties: {name: {type: string}, mother: {$ref: 'pets.yaml#/Pet'}}}\n";
    for (old, new) in [
        (
            &[("api.yaml", whole)][..],
            &[("api.yaml", PETS), ("schemas/pets.yaml", pet)][..],
        ),
        (
            &[("api.yaml", PETS), ("schemas/pets.yaml", pet)][..],
            &[("api.yaml", whole)][..],
        ),
    ] {
        let found = found(old, new);
        assert!(found.iter().all(|it| it.level == Level::Cosmetic), "{found:#?}");
    }
}

#[test]
fn a_path_item_in_another_file_holds_its_operations() {
    let api = "openapi: 3.0.3\npaths:\n  /a: {$ref: './a.yaml'}\n";
    let item = |method: &str| format!("{method}: {{responses: {{'200': {{description: ok}}}}}}\n");
    let (get, post) = (item("get"), item("post"));
    let found = found(
        &[("api.yaml", api), ("a.yaml", &get)],
        &[("api.yaml", api), ("a.yaml", &post)],
    );
    let gone = found
        .iter()
        .find(|it| it.rule == "operation-removed")
        .expect("GET /a is gone");
    assert_eq!(gone.base_at.as_deref(), Some("a.yaml#/get"));
}

#[test]
fn files_that_refer_to_each_other_in_a_circle_are_compared() {
    let api = "
openapi: 3.1.0
paths:
  /a:
    get:
      responses: {'200': {description: ok, content: {application/json: {schema: {$ref: 'a.yaml'}}}}}
";
    let a = "type: object\nproperties: {b: {$ref: 'b.yaml'}}\n";
    let b =
        |kind: &str| format!("type: object\nproperties: {{a: {{$ref: 'a.yaml'}}, n: {{type: {kind}}}}}\n");
    let (old, new) = (b("string"), b("integer"));
    let found = found(
        &[("api.yaml", api), ("a.yaml", a), ("b.yaml", &old)],
        &[("api.yaml", api), ("a.yaml", a), ("b.yaml", &new)],
    );
    let breaking: Vec<_> = found.iter().filter(|it| it.level == Level::Breaking).collect();
    assert_eq!(breaking.len(), 1, "{found:#?}");
    assert_eq!(breaking[0].base_at.as_deref(), Some("b.yaml#/properties/n"));
}

#[test]
fn a_file_that_is_missing_on_one_side_is_one_finding_without_a_verdict() {
    let pet = "Pet: {type: object}\n";
    let there = [("api.yaml", PETS), ("schemas/pets.yaml", pet)];
    let missing = [("api.yaml", PETS)];
    for (old, new) in [(&there[..], &missing[..]), (&missing[..], &there[..])] {
        let found = found(old, new);
        let told: Vec<_> = found
            .iter()
            .map(|it| (it.rule.as_str(), it.level, it.undecided.is_some()))
            .collect();
        assert_eq!(told, [("reference-unresolved", Level::Risky, true)]);
        assert!(
            found[0].title.contains("there is no such file"),
            "{}",
            found[0].title
        );
    }
}
