//! Documents of several files on a server: only files of their origin are read.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use openapi_document::{Document, Limits, Loader as _};
use ratio_spec::fetch::{self, Headers, Origin};

/// A server that answers each path with a given response, and records the requests.
struct Server {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn new(answer: impl Fn(&str) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut head = vec![0; 4096];
                let read = stream.read(&mut head).unwrap_or(0);
                let head = String::from_utf8_lossy(&head[..read]).into_owned();
                told.lock().unwrap().push(head.clone());
                let path = head.split(' ').nth(1).unwrap_or_default();
                let _ = stream.write_all(answer(path).as_bytes());
            }
        });
        Self { address, asked }
    }

    fn pets() -> Self {
        Self::new(|path| {
            match path {
            "/v1/pet%20one.json" | "/pets/pet.json" => ok(r#"{"Pet": {"type": "object"}}"#),
            "/v1/moved.json" => "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned(),
            _ => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned(),
        }
        })
    }

    fn origin(&self, limits: fetch::Limits) -> Origin {
        let headers = Headers::new(vec!["X-Api-Key: hunter2".parse().unwrap()], None).unwrap();
        let address = format!("http://{}/v1/api.json?token=hunter2", self.address);
        Origin::new(&address.parse().unwrap(), headers, limits).unwrap()
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn ok(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// Returns the target of the reference in a document of the server, or the reason why it cannot be resolved.
fn leads(server: &Server, reference: &str) -> Result<String, String> {
    let text = serde_json::json!({
        "openapi": "3.1.0", "components": { "schemas": { "A": { "$ref": reference } } }
    });
    let mut origin = server.origin(fetch::Limits::default());
    let name = origin.document().to_owned();
    let document = Document::read_with(text.to_string(), &name, &Limits::default(), &mut origin).unwrap();
    let from = document.root().pointer("/components/schemas/A").unwrap();
    match document.resolve(from, reference) {
        Ok(found) => Ok(found.location().to_string()),
        Err(why) => Err(why.into_owned()),
    }
}

#[test]
fn files_of_the_origin_are_read_however_they_are_named() {
    let server = Server::pets();
    let own = format!("http://{}/pets/pet.json#/Pet", server.address);
    let relative_to_scheme = format!("//{}/pets/pet.json#/Pet", server.address);
    for (reference, place) in [
        ("pet%20one.json#/Pet", "v1/pet one.json#/Pet"),
        ("../pets/pet.json#/Pet", "pets/pet.json#/Pet"),
        ("/pets/pet.json#/Pet", "pets/pet.json#/Pet"),
        (&own, "pets/pet.json#/Pet"),
        (&relative_to_scheme, "pets/pet.json#/Pet"),
    ] {
        assert_eq!(leads(&server, reference).as_deref(), Ok(place), "{reference}");
    }
    let asked = server.asked();
    assert_eq!(asked.len(), 5);
    for head in asked {
        assert!(head.to_ascii_lowercase().contains("x-api-key: hunter2"), "{head}");
        assert!(!head.contains("token"), "the document's query is its own: {head}");
    }
}

#[test]
fn no_name_leads_to_another_origin() {
    let other = Server::pets();
    let server = Server::pets();
    let (own, port) = server.address.split_once(':').unwrap();
    for hostile in [
        format!("http://{}/pets/pet.json", other.address),
        format!("//{}/pets/pet.json", other.address),
        format!("\\\\{}\\pets\\pet.json", other.address),
        format!("https://{}/pets/pet.json", server.address),
        format!("http://me:hunter2@{}/pets/pet.json", server.address),
        format!("http://{own}:{port}@{}/pets/pet.json", other.address),
        "file:///etc/passwd".to_owned(),
        "data:application/json,{}".to_owned(),
        "../../pets/pet.json".to_owned(),
        "%2e%2e/%2e%2e/pets/pet.json".to_owned(),
    ] {
        let refused = leads(&server, &format!("{hostile}#/Pet")).unwrap_err();
        assert!(!refused.contains("hunter2"), "{hostile}: {refused}");
        assert!(
            server
                .origin(fetch::Limits::default())
                .load(&hostile, 1_000)
                .is_err(),
            "{hostile}"
        );
    }
    assert!(other.asked().is_empty(), "neither headers nor requests left");
    let heads = server.asked();
    assert!(
        heads.iter().all(|head| !head.starts_with("GET /pets/pet.json ")),
        "{heads:?}"
    );
}

#[test]
fn a_redirect_out_and_what_is_missing_are_told_without_secrets() {
    let server = Server::pets();
    let refused = leads(&server, "moved.json#/Pet").unwrap_err();
    assert!(
        refused.contains("redirects to http://127.0.0.1:1, which is another host"),
        "{refused}"
    );
    let refused = leads(&server, "gone.json#/Pet").unwrap_err();
    assert!(refused.contains("answered 404 Not Found"), "{refused}");
    assert!(!refused.contains("hunter2"), "{refused}");
}

#[test]
fn limits_are_shared_by_all_files() {
    let server = Server::pets();
    let mut origin = server.origin(fetch::Limits::default());
    let refused = origin.load("pets/pet.json", 5).unwrap_err();
    assert!(refused.contains("serves more than 5 bytes"), "{refused}");
    let mut late = server.origin(fetch::Limits {
        total: Duration::ZERO,
        ..fetch::Limits::default()
    });
    assert_eq!(
        late.load("pets/pet.json", 1_000).unwrap_err(),
        "the time for the files of the document is used up"
    );
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn an_address_that_names_no_file_has_nothing_beside_it() {
    for address in [
        "http://127.0.0.1/",
        "http://127.0.0.1/v1/",
        "http://127.0.0.1/a%2fb",
        "http://127.0.0.1/%ff",
    ] {
        let origin = Origin::new(
            &address.parse().unwrap(),
            Headers::default(),
            fetch::Limits::default(),
        );
        assert!(origin.is_err(), "{address}");
    }
}
