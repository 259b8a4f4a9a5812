//! Where references lead, and where they never lead.

use std::collections::BTreeMap;

use openapi_document::{Document, Limits, Loader, Located};
use proptest::prelude::*;

/// Files in memory, and the names that were asked for.
#[derive(Default)]
struct Memory {
    files: BTreeMap<String, String>,
    asked: Vec<String>,
}

impl Memory {
    fn of(files: &[(&str, &str)]) -> Self {
        let files = files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        Self {
            files: files.collect(),
            asked: Vec::new(),
        }
    }
}

impl Loader for Memory {
    fn load(&mut self, name: &str, limit: usize) -> Result<Vec<u8>, String> {
        self.asked.push(name.to_owned());
        let text = self.files.get(name).ok_or("there is no such file")?;
        if text.len() > limit {
            return Err(format!("it is larger than {limit} bytes"));
        }
        Ok(text.clone().into_bytes())
    }
}

fn document(version: &str, schemas: &str) -> Document {
    let text = format!(r#"{{"openapi": "{version}", "components": {{"schemas": {schemas}}}}}"#);
    Document::read(text).unwrap()
}

fn schema<'d>(document: &'d Document, name: &str) -> Located<'d> {
    let schemas = Located::root(document)
        .get("components")
        .unwrap()
        .get("schemas")
        .unwrap();
    schemas.get(name).unwrap()
}

fn leads(document: &Document, name: &str) -> String {
    match schema(document, name).follow(document) {
        Ok(found) => found.location().to_string(),
        Err(unresolved) => unresolved.why.into_owned(),
    }
}

#[test]
fn escapes_of_pointers_and_of_uris_are_undone() {
    let document = document(
        "3.0.0",
        r##"{"a/b": {"c~d": {"é %": {}}},
            "A": {"$ref": "#/components/schemas/a~1b/c~0d/%C3%A9%20%25"},
            "B": {"$ref": "#/components/schemas/a~1b/c~0d/é %25"},
            "C": {"$ref": "#%2Fcomponents%2Fschemas/a~1b/c~0d/é %"},
            "D": {"$ref": "#/components/schemas/%ff"}}"##,
    );
    for name in ["A", "B", "C"] {
        assert_eq!(
            leads(&document, name),
            "#/components/schemas/a~1b/c~0d/é %",
            "{name}"
        );
    }
    assert_eq!(leads(&document, "D"), "its percent-escapes are not UTF-8");
}

#[test]
fn chains_are_followed_and_circles_end() {
    let document = document(
        "3.0.0",
        r##"{"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/C"}, "C": {},
            "D": {"$ref": "#/components/schemas/E"}, "E": {"$ref": "#/components/schemas/D"},
            "F": {"$ref": "#/nowhere"}, "G": {"$ref": "other.json"}}"##,
    );
    assert_eq!(leads(&document, "A"), "#/components/schemas/C");
    assert_eq!(leads(&document, "D"), "it is a cycle of references");
    assert_eq!(leads(&document, "F"), "there is nothing at the place it names");
    assert_eq!(
        leads(&document, "G"),
        "it leads out of the document and is not followed"
    );
    let unresolved = schema(&document, "F").follow(&document).unwrap_err();
    assert_eq!(
        (unresolved.at.as_str(), unresolved.reference.as_str()),
        ("/components/schemas/F", "#/nowhere")
    );
}

#[test]
fn anchors_and_ids_are_names_since_3_1() {
    let schemas = r##"{
        "Tree": {"$id": "https://x.example/tree", "$anchor": "top", "$defs": {"leaf": {"$anchor": "leaf"}},
                 "properties": {"own": {"$ref": "#leaf"}, "pointer": {"$ref": "#/$defs/leaf"}}},
        "A": {"$ref": "https://x.example/tree#leaf"}, "B": {"$ref": "#leaf"}, "C": {"$ref": "HTTPS://X.example/tree"},
        "Data": {"enum": [{"$anchor": "data", "$id": "https://x.example/data"}]},
        "D": {"$ref": "#data"}, "E": {"$ref": "https://x.example/data"},
        "Twice": {"$anchor": "twice"}, "Again": {"$anchor": "twice"}, "F": {"$ref": "#twice"}
    }"##;
    let document = document("3.1.0", schemas);
    assert!(document.has_ids());
    assert_eq!(leads(&document, "A"), "#/components/schemas/Tree/$defs/leaf");
    assert_eq!(leads(&document, "B"), "there is no such anchor");
    assert_eq!(leads(&document, "C"), "#/components/schemas/Tree");
    assert_eq!(leads(&document, "D"), "there is no such anchor");
    assert_eq!(
        leads(&document, "E"),
        "it leads out of the document and is not followed"
    );
    assert_eq!(leads(&document, "F"), "its anchor is given twice in the document");
    for member in ["own", "pointer"] {
        let inside = schema(&document, "Tree")
            .get("properties")
            .unwrap()
            .get(member)
            .unwrap();
        assert_eq!(
            &*inside.follow(&document).unwrap().at,
            "/components/schemas/Tree/$defs/leaf"
        );
    }
    let old = self::document("3.0.0", schemas);
    assert!(!old.has_ids());
    assert_eq!(leads(&old, "B"), "it names an anchor, not a place");
}

#[test]
fn a_reference_that_leads_nowhere_from_its_id_is_resolved_from_the_document() {
    let text = r##"{"$id": "https://x.example/tree", "$defs": {"leaf": {}},
        "properties": {"own": {"$ref": "#/$defs/leaf"}, "other": {"$ref": "#/components/schemas/Other"},
            "named": {"$ref": "https://x.example/tree#/components/schemas/Other"}}}"##;
    let document = document("3.1.0", &format!(r#"{{"Tree": {text}, "Other": {{}}}}"#));
    let properties = schema(&document, "Tree").get("properties").unwrap();
    let leads = |name: &str| match properties.get(name).unwrap().follow(&document) {
        Ok(found) => found.at.to_string(),
        Err(unresolved) => unresolved.why.into_owned(),
    };
    assert_eq!(leads("own"), "/components/schemas/Tree/$defs/leaf");
    assert_eq!(leads("other"), "/components/schemas/Other");
    assert_eq!(leads("named"), "there is nothing at the place it names");
    // A schema by itself is JSON Schema's, to the letter.
    let text = format!(
        r#"{{"x": 1, "$defs": {{"tree": {}}}}}"#,
        r##"{"$id": "tree", "not": {"$ref": "#/x"}}"##
    );
    let alone = Document::read_schema(text).unwrap();
    let inside = alone.root().pointer("/$defs/tree/not").unwrap();
    assert!(alone.resolve(inside, "#/x").is_err());
}

#[test]
fn a_dynamic_anchor_in_two_resources_depends_on_the_way() {
    let one = document(
        "3.1.0",
        r##"{"A": {"$dynamicAnchor": "node"}, "B": {"$dynamicRef": "#node"}}"##,
    );
    assert!(!one.has_dynamic_scopes());
    let two = document(
        "3.1.0",
        r#"{"A": {"$id": "a", "$dynamicAnchor": "node"}, "B": {"$id": "b", "$dynamicAnchor": "node"}}"#,
    );
    assert!(two.has_dynamic_scopes());
}

#[test]
fn other_files_are_read_once_and_lead_on() {
    let mut memory = Memory::of(&[
        (
            "v1/schemas/pet.json",
            r##"{"Pet": {"$ref": "../common.yaml#/Id"}, "Own": {"$ref": "#/Pet"}}"##,
        ),
        (
            "v1/common.yaml",
            "Id: {type: string}\nBack: {$ref: 'api.json#/components/schemas/A'}\n",
        ),
    ]);
    let text = r#"{"openapi": "3.0.3", "components": {"schemas": {
        "A": {"$ref": "schemas/pet.json#/Own"}, "B": {"$ref": "./schemas/../common.yaml#/Back"},
        "C": {"$ref": "missing.json"}, "D": {"enum": [{"$ref": "data.json"}]}
    }}}"#;
    let document = Document::read_with(text, "v1/api.json", &Limits::default(), &mut memory).unwrap();
    assert_eq!(leads(&document, "A"), "v1/common.yaml#/Id");
    assert_eq!(leads(&document, "B"), "v1/common.yaml#/Id");
    assert_eq!(leads(&document, "C"), "there is no such file");
    let mut asked = memory.asked;
    asked.sort();
    assert_eq!(
        asked,
        ["v1/common.yaml", "v1/missing.json", "v1/schemas/pet.json"]
    );
}

#[test]
fn all_files_together_stay_within_the_limits() {
    let chain: Vec<(String, String)> = (0..20)
        .map(|it| {
            (
                format!("f{it}.json"),
                format!(r#"{{"a": {{"$ref": "f{}.json"}}}}"#, it + 1),
            )
        })
        .collect();
    let files: Vec<_> = chain
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let text = r#"{"openapi": "3.0.3", "components": {"schemas": {"A": {"$ref": "f0.json"}}}}"#;

    let mut memory = Memory::of(&files);
    let few = Limits {
        files: 5,
        ..Limits::default()
    };
    Document::read_with(text, "api.json", &few, &mut memory).unwrap();
    assert_eq!(memory.asked.len(), 4);

    let mut memory = Memory::of(&files);
    let small = Limits {
        bytes: text.len() + 30,
        ..Limits::default()
    };
    let document = Document::read_with(text, "api.json", &small, &mut memory).unwrap();
    assert_eq!(leads(&document, "A"), "f0.json#");
    assert_eq!(memory.asked.len(), 2);

    let mut memory = Memory::of(&[("f0.json", "{]")]);
    let document = Document::read_with(text, "api.json", &Limits::default(), &mut memory).unwrap();
    assert!(leads(&document, "A").starts_with("its file is not JSON"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_reference_panics_or_leads_out_of_the_folder(
        references in proptest::collection::vec("[a-c./\\\\:#~%$2eEfF?@ é\u{0}-]{0,14}", 1..6),
        base in prop_oneof![Just("api.json"), Just("a/b/api.json")],
        version in prop_oneof![Just("3.0.0"), Just("3.1.0"), Just("3.2.0")],
    ) {
        let mut schemas = serde_json::Map::new();
        for (index, reference) in references.iter().enumerate() {
            let schema = serde_json::json!({"$ref": reference, "$id": references[0], "$anchor": "a", "x": {"$ref": reference}});
            schemas.insert(format!("{index}"), schema);
        }
        let text = serde_json::json!({"openapi": version, "$self": references[0], "components": {"schemas": schemas}});
        let mut memory = Memory::default();
        let document = Document::read_with(text.to_string(), base, &Limits::default(), &mut memory).unwrap();
        for name in &memory.asked {
            let is_inside = name.split('/').all(|step| !matches!(step, "" | "." | ".."));
            prop_assert!(is_inside && !name.contains(['\\', '\0', ':']), "{name:?}");
        }
        for index in 0..references.len() {
            let here = schema(&document, &index.to_string());
            let _ = here.get("x").unwrap().follow(&document);
            let _ = here.follow(&document);
        }
    }
}

#[test]
fn a_pointer_leads_through_a_reference_that_stands_for_a_whole_section() {
    let mut files = Memory::of(&[
        (
            "schemas.json",
            r#"{"Pet": {"$ref": "pet.json"}, "Old": {"$ref": "old.json#/a"}}"#,
        ),
        ("pet.json", r#"{"type": "object", "properties": {"name": {}}}"#),
    ]);
    let text = r#"{"openapi": "3.0.0", "components": {"schemas": {"$ref": "schemas.json"}}}"#;
    let document = Document::read_with(text, "api.json", &Limits::default(), &mut files).unwrap();
    let leads = |reference: &str| document.resolve(document.root(), reference).map(|it| it.at);
    assert_eq!(&*leads("#/components/schemas/Pet").unwrap(), "schemas.json#/Pet");
    let name = leads("#/components/schemas/Pet/properties/name").unwrap();
    assert_eq!(&*name, "pet.json#/properties/name");
    assert_eq!(document.at(&name).unwrap().to_string(), "{}");
    assert!(leads("#/components/schemas/Old/b").is_err());
    assert!(leads("#/components/schemas/Cat").is_err());
}

#[test]
fn a_pointer_that_goes_round_in_a_circle_of_references_leads_nowhere() {
    let document = document("3.1.0", r##"{"A": {"$ref": "#/components/schemas/A/b"}}"##);
    assert_eq!(leads(&document, "A"), "there is nothing at the place it names");
}

#[test]
fn places_of_files_with_awkward_names_are_found_again() {
    let mut files = Memory::of(&[("a#b%.json", r#"{"Pet": {}}"#)]);
    let text = r#"{"openapi": "3.1.0", "x": {"$ref": "a%23b%25.json#/Pet"}}"#;
    let document = Document::read_with(text, "api.json", &Limits::default(), &mut files).unwrap();
    let pet = document.resolve(document.root(), "a%23b%25.json#/Pet").unwrap();
    assert_eq!(&*pet.at, "a%23b%25.json#/Pet");
    assert_eq!(document.at(&pet.at).unwrap().id(), pet.node.id());
    let location = document.location(&pet.at).unwrap();
    assert_eq!(
        (location.file.as_deref(), location.pointer.as_str()),
        (Some("a#b%.json"), "/Pet")
    );
}

#[test]
fn references_in_place_of_operations_are_followed_or_told() {
    use openapi_document::view::Operations;
    let mut files = Memory::of(&[(
        "pets.json",
        r#"{"list": {"operationId": "list"}, "/cats": {"put": {}}}"#,
    )]);
    let text = r##"{"openapi": "3.0.0", "paths": {
        "/pets": {"get": {"$ref": "pets.json#/list"}, "post": {"$ref": "lost.json"}},
        "/cats": {"$ref": "pets.json#/~1cats"}, "/dogs": {"$ref": "#/nowhere"}
    }}"##;
    let document = Document::read_with(text, "api.json", &Limits::default(), &mut files).unwrap();
    let operations = Operations::of_paths(&document);
    let read: Vec<_> = operations
        .list
        .iter()
        .map(|it| (it.label(), &*it.here.at))
        .collect();
    assert_eq!(
        read,
        [
            ("GET /pets".to_owned(), "pets.json#/list"),
            ("PUT /cats".to_owned(), "pets.json#/~1cats/put"),
        ]
    );
    let unread: Vec<_> = operations
        .unread
        .iter()
        .map(|it| (it.method.as_deref(), it.path.as_deref()))
        .collect();
    assert_eq!(unread, [(Some("POST"), Some("/pets")), (None, Some("/dogs"))]);
}
