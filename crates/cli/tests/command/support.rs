//! The command, and documents that the tests share.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder in which the command runs, with the documents that a test lays down.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// One with the documents `base.json` and `revision.json`.
    pub(crate) fn with(base: &Value, revision: &Value) -> Self {
        let place = Self::new();
        place.lay("base.json", &base.to_string());
        place.lay("revision.json", &revision.to_string());
        place
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn lay(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut file = std::fs::File::create(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.path().join(name)).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_openapi-drift"));
        command
            .args(["--color", "never"])
            .args(arguments)
            .current_dir(self.path())
            .env_remove("OPENAPI_DRIFT_HEADERS")
            .env_remove("GITHUB_STEP_SUMMARY")
            .env("NO_PROXY", "*");
        command
    }

    /// What the command comes to.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.command(arguments).output().unwrap())
    }

    /// The same with text on its standard input, and an environment of its own.
    pub(crate) fn run_with(&self, input: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
        let mut child = self
            .command(arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that refuses its arguments reads nothing.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Ran::of(&child.wait_with_output().unwrap())
    }

    /// The two documents compared on a day that does not pass.
    pub(crate) fn compare(&self, arguments: &[&str]) -> Ran {
        let fixed = ["base.json", "revision.json", "--today", "2026-11-24"];
        self.run(&[&fixed, arguments].concat())
    }

    /// The JSON of a comparison.
    pub(crate) fn report(&self, arguments: &[&str]) -> Value {
        let ran = self.compare(&[arguments, &["--format", "json"]].concat());
        serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}", ran.err))
    }
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout.clone()).unwrap(),
            err: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }
}

/// A document with these paths and schemas.
pub(crate) fn document(paths: &Value, schemas: &Value) -> Value {
    json!({"openapi": "3.0.3", "info": {"title": "Pets", "version": "1"}, "paths": paths,
        "components": {"schemas": schemas}})
}

/// Pets that are listed, made and forgotten.
pub(crate) fn pets() -> Value {
    let pet = json!({"$ref": "#/components/schemas/Pet"});
    let answer = json!({"200": {"description": "a pet", "content": {"application/json": {"schema": pet}}}});
    let body = json!({"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewPet"}}}});
    document(
        &json!({
            "/pets": {"post": {"operationId": "makePet", "tags": ["write"], "requestBody": body, "responses": answer}},
            "/pets/{id}": {
                "parameters": [{"in": "path", "name": "id", "required": true, "schema": {"type": "string"}}],
                "get": {"operationId": "getPet", "tags": ["read"], "responses": answer},
                "delete": {"operationId": "forgetPet", "tags": ["write"], "responses": {"204": {"description": "gone"}}},
            },
        }),
        &json!({
            "NewPet": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 100}}},
            "Pet": {"type": "object", "required": ["name"], "properties": {
                "name": {"type": "string"}, "tag": {"type": "string"},
            }},
        }),
    )
}

/// The same with one drift of each level: a shorter limit, a property less, an operation more, other words.
pub(crate) fn other_pets() -> Value {
    let mut pets = pets();
    pets["components"]["schemas"]["NewPet"]["properties"]["name"]["maxLength"] = json!(10);
    let pet = &mut pets["components"]["schemas"]["Pet"]["properties"];
    pet.as_object_mut().unwrap().remove("tag");
    pets["paths"]["/pets"]["get"] = json!({"responses": {"204": {"description": "none"}}});
    pets["paths"]["/pets/{id}"]["get"]["description"] = json!("other words");
    pets
}
