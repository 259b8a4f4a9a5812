//! Ways in: what each scheme wants, and what is said where nobody can tell.

use openapi_wire::{Contract, Granted, Request};
use serde_json::{Value, json};

use crate::{document, post, told};

fn components() -> Value {
    json!({"securitySchemes": {
        "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "query": {"type": "apiKey", "in": "query", "name": "a key"},
        "cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
        "nowhere": {"type": "apiKey", "in": "body", "name": "k"},
        "basic": {"type": "http", "scheme": "Basic"},
        "oauth": {"type": "oauth2", "flows": {}},
        "openid": {"type": "openIdConnect", "openIdConnectUrl": "https://a.example"},
        "tls": {"type": "mutualTLS"},
        "odd": {"type": "handshake"},
        "broken": {"$ref": "#/nowhere"},
    }})
}

fn judged(security: &Value, request: &Request) -> String {
    let document = document("3.1.0", "/x", &json!({ "security": security }), &components());
    told(&Contract::new(&document).request(request))
}

#[test]
fn each_scheme_wants_its_credential() {
    for (scheme, request, expected) in [
        ("header", post("/x", &[("x-key", "")], None), ""),
        (
            "header",
            post("/x", &[("x-keys", "1")], None),
            "the credentials: `header` wants the key `X-Key`",
        ),
        ("query", post("/x?b=1&a+key=", &[], None), ""),
        (
            "query",
            post("/x?key=1", &[], None),
            "the credentials: `query` wants the key `a key`",
        ),
        ("cookie", post("/x", &[("Cookie", "a=b; sid=1")], None), ""),
        (
            "cookie",
            post("/x", &[("Cookie", "sidd=1; sid")], None),
            "the credentials: `cookie` wants the key `sid`",
        ),
        ("basic", post("/x", &[("authorization", "bASIC abc")], None), ""),
        (
            "basic",
            post("/x", &[("Authorization", "Basic ")], None),
            "the credentials: `basic` wants `Authorization: Basic`",
        ),
        (
            "basic",
            post("/x", &[("Authorization", "Basic")], None),
            "the credentials: `basic` wants `Authorization: Basic`",
        ),
        (
            "basic",
            post("/x", &[("Authorization", "Bearer abc")], None),
            "the credentials: `basic` wants `Authorization: Basic`",
        ),
        ("oauth", post("/x", &[("Authorization", "Bearer abc")], None), ""),
        (
            "oauth",
            post("/x", &[("Authorization", "Basic abc")], None),
            "the credentials: `oauth` wants a bearer token",
        ),
        ("openid", post("/x", &[("Authorization", "Bearer abc")], None), ""),
        (
            "openid",
            post("/x", &[], None),
            "the credentials: `openid` wants a bearer token",
        ),
        (
            "nowhere",
            post("/x", &[], None),
            "open: the credentials: the scheme `nowhere` does not say where its key travels",
        ),
        (
            "tls",
            post("/x", &[], None),
            "open: the credentials: the certificate that `tls` wants is no part of the message",
        ),
        (
            "odd",
            post("/x", &[], None),
            "open: the credentials: the scheme `odd` has no type that is known",
        ),
        (
            "lost",
            post("/x", &[], None),
            "open: the credentials: the document does not declare the scheme `lost`",
        ),
    ] {
        assert_eq!(
            judged(&json!([{scheme: []}]), &request),
            expected,
            "{scheme} {:?}",
            request.target
        );
    }
    assert!(judged(&json!([{"broken": []}]), &post("/x", &[], None)).starts_with("open: the credentials: "));
}

#[test]
fn one_way_is_enough_and_all_of_it_is_needed() {
    let key = post("/x", &[("X-Key", "1")], None);
    let neither = "the credentials: `cookie` wants the key `sid`, and `basic` wants `Authorization: Basic`";
    for (security, expected) in [
        (json!([{"cookie": []}, {"basic": []}]), neither),
        (json!([{"cookie": []}, {"header": []}]), ""),
        (
            json!([{"header": [], "cookie": []}]),
            "the credentials: `cookie` wants the key `sid`",
        ),
        // A refused requirement stays refused, even if another part of it is undecided.
        (
            json!([{"tls": [], "cookie": []}]),
            "the credentials: `cookie` wants the key `sid`",
        ),
        (
            json!([{"cookie": []}, {"header": [], "tls": []}]),
            "open: the credentials: the certificate that `tls` wants is no part of the message",
        ),
        (json!([{"tls": []}, {"header": []}]), ""),
        (json!([{"cookie": []}, {}]), ""),
        (json!([]), ""),
    ] {
        assert_eq!(judged(&security, &key), expected, "{security}");
    }
}

#[test]
fn a_scope_counts_where_it_is_known_what_was_granted() {
    let granted = |schemes: &[(&str, &[&str])]| Request {
        granted: Some(Granted {
            schemes: schemes
                .iter()
                .map(|(name, scopes)| {
                    (
                        (*name).to_owned(),
                        scopes.iter().map(|it| (*it).to_owned()).collect(),
                    )
                })
                .collect(),
        }),
        ..post("/x", &[("Authorization", "Bearer t")], None)
    };
    let security = json!([{"oauth": ["read", "write"]}]);
    for (schemes, expected) in [
        (&[("oauth", &["write", "more", "read"][..])][..], ""),
        (
            &[("oauth", &["read"][..])][..],
            "the credentials: `oauth` wants the scope `write`",
        ),
        (
            &[("oauth", &[][..])][..],
            "the credentials: `oauth` wants the scope `read`",
        ),
        (
            &[("openid", &["read", "write"][..])][..],
            "the credentials: `oauth` wants a token of its own",
        ),
    ] {
        assert_eq!(judged(&security, &granted(schemes)), expected, "{schemes:?}");
    }
}
