//! The command `pin-spec`: the files that it writes, the documents that it refuses, and its advice.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Server, changed, command, held, own_pin, pinned, without_relink};

/// Runs the command on the pin in a folder. Returns its exit code, standard output and standard error.
fn pin_spec(folder: &Path, from: &str, arguments: &[&str]) -> (i32, String, String) {
    let pin = folder.join("pin.toml").display().to_string();
    let output = command(
        "pin-spec",
        &[
            "--pin",
            &pin,
            "--from",
            from,
            "--retrieved",
            "2026-11-24T00:00:00Z",
        ],
    )
    .args(arguments)
    .output()
    .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn document(folder: &Path, bytes: &[u8]) -> String {
    let path = folder.join("new.json");
    let mut file = std::fs::File::create(&path).unwrap();
    std::io::Write::write_all(&mut file, bytes).unwrap();
    path.display().to_string()
}

fn without_mfa() -> Vec<u8> {
    changed(|document| {
        let user = &mut document["components"]["schemas"]["User"]["properties"];
        user.as_object_mut().unwrap().remove("lastName").unwrap();
    })
}

#[test]
fn a_new_document_is_shown_and_pinned_and_the_comments_stay() {
    let folder = own_pin();
    let folder = folder.path();
    let (before, _) = held(folder);
    let new = document(folder, &without_mfa());
    let (code, shown, said) = pin_spec(folder, &new, &[]);
    assert_eq!(code, 0, "{said}");
    assert!(shown.contains("`User.lastName` is gone"), "{shown}");
    assert!(shown.contains("types::User::last_name"), "{shown}");
    assert!(
        shown.contains("semver step of the next release: major"),
        "{shown}"
    );
    assert!(said.contains("pinned "), "{said}");

    let (after, bytes) = held(folder);
    assert_eq!(bytes, without_mfa());
    let differing: Vec<_> = before
        .lines()
        .zip(after.lines())
        .filter(|(old, new)| old != new)
        .collect();
    let keys: Vec<_> = differing
        .iter()
        .map(|(_, new)| new.split_whitespace().next().unwrap())
        .collect();
    assert_eq!(
        keys,
        ["source", "retrieved", "sha256"],
        "nothing else of pin.toml changes"
    );
    let source = format!("\"{new}\"");
    assert!(after.contains(&source), "the source is what was pinned");
    assert_eq!(before.lines().count(), after.lines().count());

    let (code, shown, said) = pin_spec(folder, &new, &["--check"]);
    assert_eq!((code, shown.as_str()), (0, ""), "{said}");
    assert!(said.contains("the pin is up to date"), "{said}");
}

#[test]
fn a_check_says_that_the_pin_is_behind_and_writes_nothing() {
    let folder = own_pin();
    let folder = folder.path();
    let before = held(folder);
    let new = document(folder, &without_mfa());
    let (code, shown, _) = pin_spec(folder, &new, &["--check"]);
    assert_eq!(code, 1);
    assert!(shown.contains("`User.lastName` is gone"), "{shown}");
    assert_eq!(held(folder), before);
}

#[test]
fn an_operation_that_is_gone_is_named_with_the_line_to_remove() {
    let folder = own_pin();
    let folder = folder.path();
    let before = held(folder);
    let new = document(folder, &without_relink());
    let (code, _, said) = pin_spec(folder, &new, &[]);
    assert_eq!(code, 2, "{said}");
    let line = before
        .0
        .lines()
        .position(|line| line.contains("{bankId}:requestLink"))
        .unwrap();
    let entry = before
        .0
        .lines()
        .take(line)
        .filter(|line| *line == "[[operation]]")
        .count();
    assert_eq!(entry, 3);
    let named = format!(
        "pin.toml:{}: POST /v1/users/{{userId}}/banks/{{bankId}}:requestLink is gone",
        line - 1
    );
    assert!(said.contains(&named), "{said}");
    assert!(said.contains("remove the entry `request_bank_relink`"), "{said}");
    assert_eq!(held(folder), before);
}

#[test]
fn a_path_whose_parameters_have_new_names_is_to_be_written_anew() {
    let folder = own_pin();
    let folder = folder.path();
    let renamed = changed(|document| {
        let paths = document["paths"].as_object_mut().unwrap();
        let mut user = paths.remove("/v1/users/{userId}").unwrap();
        user["get"]["parameters"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .for_each(|it| {
                if it["in"] == "path" {
                    it["name"] = "id".into();
                }
            });
        paths.insert("/v1/users/{id}".to_owned(), user);
    });
    let (code, _, said) = pin_spec(folder, &document(folder, &renamed), &[]);
    assert_eq!(code, 2);
    assert!(
        said.contains("GET /v1/users/{userId} is now written /v1/users/{id}"),
        "{said}"
    );
}

#[test]
fn a_new_operation_on_banks_comes_with_the_lines_to_add() {
    let folder = own_pin();
    let folder = folder.path();
    let more = changed(|document| {
        let paths = document["paths"].as_object_mut().unwrap();
        let get = json!({"responses": {"200": {"description": "the bank"}}});
        paths["/v1/users/{userId}/banks/{bankId}"]["get"] = get;
    });
    let (code, _, said) = pin_spec(folder, &document(folder, &more), &[]);
    assert_eq!(code, 0, "{said}");
    let lines = "[[operation]]\nmethod = \"GET\"\npath   = \"/v1/users/{userId}/banks/{bankId}\"\nname   = ";
    assert!(said.contains(lines), "{said}");
}

#[test]
fn a_document_that_no_client_can_be_built_from_is_refused_with_the_reason() {
    let folder = own_pin();
    let folder = folder.path();
    let before = held(folder);
    let dangling = changed(|document| {
        document["components"]["schemas"]["User"]["properties"]["kyc"] =
            json!({"$ref": "#/components/schemas/Nope"});
    });
    let (code, _, said) = pin_spec(folder, &document(folder, &dangling), &[]);
    assert_eq!(code, 3, "{said}");
    assert!(
        said.contains("no client can be built from")
            && said.contains("\"#/components/schemas/Nope\" leads nowhere"),
        "{said}"
    );
    assert_eq!(held(folder), before);
}

/// A change of the document, and the expected parts of the error message.
type Refused = (fn(&mut Value), &'static [&'static str]);

#[test]
fn a_document_whose_names_collide_is_refused_with_both_places_before_anything_is_written() {
    fn add(document: &mut Value, name: &str) {
        let schemas = &mut document["components"]["schemas"];
        schemas[name] = json!({ "type": "object" });
        schemas["User"]["properties"][name.len().to_string()] =
            json!({ "$ref": format!("#/components/schemas/{name}") });
    }
    fn get_user(document: &mut Value) -> &mut Value {
        &mut document["paths"]["/v1/users/{userId}"]["get"]
    }
    let refused: [Refused; 8] = [
        (
            |document| ["foo-bar", "FooBar"].iter().for_each(|name| add(document, name)),
            &["#/components/schemas/foo-bar", "#/components/schemas/FooBar"],
        ),
        (
            |document| add(document, "error"),
            &["#/components/schemas/Error", "#/components/schemas/error"],
        ),
        (
            |document| ["+", "--"].iter().for_each(|name| add(document, name)),
            &["#/components/schemas/+", "#/components/schemas/--"],
        ),
        (
            |document| {
                for name in ["first-name", "firstName"] {
                    document["components"]["schemas"]["User"]["properties"][name] =
                        json!({ "type": "string" });
                }
            },
            &[
                "#/components/schemas/User/properties/first-name",
                "#/components/schemas/User/properties/firstName",
            ],
        ),
        (
            |document| {
                let parameters = get_user(document)["parameters"].as_array_mut().unwrap();
                for name in ["a-b", "a_b"] {
                    parameters.push(json!({ "name": name, "in": "query", "schema": { "type": "string" } }));
                }
            },
            &["argument `a_b`", "/get/parameters/"],
        ),
        (
            |document| {
                document["components"]["schemas"]["InitiateAchRequest"]["properties"]["added"] =
                    json!({ "type": "string", "enum": ["+", "-"] });
            },
            &["properties/added/enum/0", "properties/added/enum/1"],
        ),
        (
            |document| *get_user(document) = json!("x"),
            &["#/paths/~1v1~1users~1{userId}/get: the operation here is not an object"],
        ),
        (
            |document| document["components"] = json!([]),
            &["#/components: the value here is not an object"],
        ),
    ];
    for (change, places) in refused {
        let folder = own_pin();
        let folder = folder.path();
        let before = held(folder);
        let (code, _, said) = pin_spec(folder, &document(folder, &changed(change)), &[]);
        assert_eq!(code, 3, "{said}");
        for place in places {
            assert!(said.contains(place), "{place}: {said}");
        }
        assert!(
            !said.contains("panicked") && !said.contains("without end"),
            "{said}"
        );
        assert_eq!(held(folder), before);
    }
}

#[test]
fn a_keyword_is_no_name_of_an_operation() {
    let folder = own_pin();
    let folder = folder.path();
    let toml = held(folder).0.replace("\"get_user\"", "\"async\"");
    let mut file = std::fs::File::create(folder.join("pin.toml")).unwrap();
    std::io::Write::write_all(&mut file, toml.as_bytes()).unwrap();
    let (code, _, said) = pin_spec(folder, &document(folder, &without_mfa()), &[]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("the name \"async\" is a keyword of Rust"), "{said}");
    assert_eq!(held(folder).0, toml);
}

#[test]
fn a_document_of_another_api_is_refused() {
    let folder = own_pin();
    let folder = folder.path();
    let before = held(folder);
    let (code, _, said) = pin_spec(
        folder,
        &document(folder, br#"{"openapi": "3.0.0", "paths": {}}"#),
        &[],
    );
    assert_eq!(code, 2, "{said}");
    assert!(
        said.contains("pin.toml names") && said.contains("remove the entry `get_user`"),
        "{said}"
    );
    assert_eq!(held(folder), before);
}

#[test]
fn yaml_is_pinned_as_json_that_means_the_same() {
    let folder = own_pin();
    let folder = folder.path();
    // In flow style, the JSON document with a comment in front is valid YAML.
    let yaml = [b"# yaml\n".as_slice(), &without_mfa()].concat();
    let (code, _, said) = pin_spec(folder, &document(folder, &yaml), &[]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("it is pinned as JSON"), "{said}");
    let (_, bytes) = held(folder);
    let [new, old]: [Value; 2] = [bytes, without_mfa()].map(|bytes| serde_json::from_slice(&bytes).unwrap());
    assert_eq!(new, old);
}

#[test]
fn the_servers_tag_is_kept_and_asked_for_the_next_time() {
    let folder = own_pin();
    let folder = folder.path();
    let body = pinned();
    let server = Server::new(move |stream, head| {
        use std::io::Write;
        let known = head.contains("if-none-match: \"v2\"");
        let (status, body) = if known {
            ("304 Not Modified", &b""[..])
        } else {
            ("200 OK", body.as_slice())
        };
        let head = format!(
            "HTTP/1.1 {status}\r\nconnection: close\r\netag: \"v2\"\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let _ = stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(body));
    });
    let toml = held(folder)
        .0
        .replace("https://api.staging.ratio.me/v1/api-docs", &server.url());
    let mut file = std::fs::File::create(folder.join("pin.toml")).unwrap();
    std::io::Write::write_all(&mut file, toml.as_bytes()).unwrap();
    // The bytes are those of the pin; only the `ETag` is new.
    let (code, shown, said) = pin_spec(folder, &server.url(), &[]);
    assert_eq!((code, shown.as_str()), (0, ""), "{said}");
    let (toml, bytes) = held(folder);
    assert_eq!(bytes, pinned());
    assert!(
        toml.contains("etag = \"\\\"v2\\\"\"") || toml.contains("etag = '\"v2\"'"),
        "{toml}"
    );
    assert!(toml.contains(&server.url()), "{toml}");

    let (code, shown, said) = pin_spec(folder, &server.url(), &["--check"]);
    assert_eq!((code, shown.as_str()), (0, ""));
    assert!(said.contains("unchanged since it was pinned"), "{said}");

    let pin = folder.join("pin.toml").display().to_string();
    let output = crate::support::check_spec(&["--pin", &pin]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("unchanged since it was pinned"), "{said}");
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("staging serves the pinned document")
    );
}

#[test]
fn a_document_is_retrieved_at_a_time() {
    let folder = own_pin();
    let folder = folder.path();
    let before = held(folder);
    let pin = folder.join("pin.toml").display().to_string();
    let new = document(folder, &without_mfa());
    for time in [
        "yesterday",
        "",
        "2026-11-24",
        "2026-13-24T00:00:00Z",
        "2026-11-24T00:00:00",
    ] {
        let output = command("pin-spec", &["--pin", &pin, "--from", &new, "--retrieved", time])
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("--retrieved"), "{said}");
        assert_eq!(held(folder), before);
    }
    let (code, _, said) = pin_spec(folder, &new, &[]);
    assert_eq!(code, 0, "{said}");
    assert!(held(folder).0.contains("\"2026-11-24T00:00:00Z\""));
}

#[test]
fn every_stale_entry_is_named_at_once_with_its_line() {
    let folder = own_pin();
    let folder = folder.path();
    let before = held(folder);
    let stale = changed(|document| {
        let paths = document["paths"].as_object_mut().unwrap();
        paths
            .remove("/v1/users/{userId}/banks/{bankId}:requestLink")
            .unwrap();
        let schemas = &mut document["components"]["schemas"];
        schemas["User"]["properties"]
            .as_object_mut()
            .unwrap()
            .remove("preferredMfaMethod")
            .unwrap();
        schemas["BankAccount"]["properties"]["id"] = serde_json::json!({"type": "integer"});
        schemas["Wallet"]["properties"]["network"] = serde_json::json!({"type": "string"});
    });
    let (code, _, said) = pin_spec(folder, &document(folder, &stale), &[]);
    assert_eq!(code, 2, "{said}");
    let line = |text: &str| before.0.lines().position(|line| line.starts_with(text)).unwrap() + 1;
    for (entry, what) in [
        (
            "\"User.preferredMfaMethod\"",
            "`User.preferredMfaMethod` is gone: remove it from [enum-names]",
        ),
        ("\"BankAccount.id\"", "`BankAccount.id` is no longer a text"),
        ("\"Wallet.network\"", "`Wallet.network` is no longer an enum"),
    ] {
        assert!(
            said.contains(&format!("pin.toml:{}: {what}", line(entry))),
            "{said}"
        );
    }
    assert!(said.contains("remove the entry `request_bank_relink`"), "{said}");
    assert_eq!(held(folder), before);
}

#[test]
fn what_is_left_to_do_comes_last_and_nothing_that_breaks_is_called_fine() {
    let folder = own_pin();
    let folder = folder.path();
    let new = changed(|document| {
        let schemas = &mut document["components"]["schemas"];
        schemas["InitiateAchRequest"]["properties"]["cryptoCurrency"]["enum"] = serde_json::json!(["ETH"]);
    });
    let (code, shown, said) = pin_spec(folder, &document(folder, &new), &[]);
    assert_eq!(code, 0, "{said}");
    assert!(!shown.contains("ok: "), "{shown}");
    let (_, steps) = shown.split_once("what is left to do\n").unwrap();
    let steps: Vec<&str> = steps.lines().collect();
    assert!(
        steps[0].starts_with("  1. cargo build --workspace --all-targets ("),
        "{steps:?}"
    );
    assert!(steps[0].contains("may keep callers from compiling"), "{steps:?}");
    assert!(steps[2].contains("the semver step is major"), "{steps:?}");
    assert!(
        steps[3].contains("git add ") && steps[3].contains("pin.toml"),
        "{steps:?}"
    );
}

/// The pinned document with all schemas in a separate file. `name` is the name of the first file.
fn in_two_files(name: &str) -> (Vec<u8>, Vec<u8>) {
    let whole: Value = serde_json::from_slice(&pinned()).unwrap();
    let schemas = whole["components"]["schemas"].to_string();
    let to_whole = format!(r#""$ref":"{name}#/components/schemas/"#);
    let schemas = schemas.replace(r##""$ref":"#/components/schemas/"##, &to_whole);
    let first = changed(|document| document["components"]["schemas"] = json!({"$ref": "schemas.json"}));
    (first, schemas.into_bytes())
}

#[test]
fn a_document_of_several_files_is_pinned_as_one() {
    let whole: Value = serde_json::from_slice(&pinned()).unwrap();
    let (first, schemas) = in_two_files("new.json");
    let folder = own_pin();
    let from = document(folder.path(), &first);
    let (code, _, said) = pin_spec(folder.path(), &from, &[]);
    // The second file does not exist yet.
    assert_ne!(code, 0, "{said}");
    assert_eq!(held(folder.path()).1, pinned(), "the pin stays as it is");

    std::io::Write::write_all(
        &mut std::fs::File::create(folder.path().join("schemas.json")).unwrap(),
        &schemas,
    )
    .unwrap();
    let (code, shown, said) = pin_spec(folder.path(), &from, &[]);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("the document has several files; it is pinned as one"),
        "{said}"
    );
    assert!(!shown.contains("breaking["), "{shown}");
    let held: Value = serde_json::from_slice(&held(folder.path()).1).unwrap();
    assert_eq!(held, whole);
}

#[test]
fn the_files_of_a_document_that_is_served_come_from_its_server() {
    let (first, schemas) = in_two_files("docs");
    let server = Server::new(move |stream, head| {
        let (status, body) = match head.split(' ').nth(1) {
            Some("/docs") => ("200 OK", &first[..]),
            Some("/schemas.json") => ("200 OK", &schemas[..]),
            _ => ("404 Not Found", &b""[..]),
        };
        crate::support::send(stream, status, "", body);
    });
    let folder = own_pin();
    let (code, _, said) = pin_spec(folder.path(), &server.url(), &[]);
    assert_eq!(code, 0, "{said}");
    let held: Value = serde_json::from_slice(&held(folder.path()).1).unwrap();
    assert_eq!(held, serde_json::from_slice::<Value>(&pinned()).unwrap());
}
