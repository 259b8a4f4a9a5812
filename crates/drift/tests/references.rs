//! References: one that cannot be followed gives one finding without a verdict. Nothing behind it is reported as lost,
//! new or refused.

use openapi_drift::{Document, Finding, Level, Options, compare};

fn found(old: &str, new: &str) -> Vec<Finding> {
    let [old, new] = [old, new].map(|text| Document::read(text).expect("an OpenAPI document"));
    let report = compare(&old, &new, &Options::default());
    assert_eq!(report.questions.internal_faults, 0);
    report.findings
}

/// A document with these `paths` and further members.
fn document(version: &str, paths: &str, rest: &str) -> String {
    format!("openapi: {version}\ninfo: {{title: Shop, version: '1'}}\npaths: {paths}\n{rest}\n")
}

/// An operation with a response and further members.
fn operation(rest: &str) -> String {
    format!("{{/orders: {{post: {{responses: {{'200': {{description: ok}}}}{rest}}}}}}}")
}

/// Pairs in which a part is known on one side and behind a reference on the other.
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn behind_a_reference() -> Vec<(&'static str, String, String)> {
    let shop = |paths: &str, rest: &str| document("3.1.0", paths, rest);
    let of_operation = |rest: &str| shop(&operation(rest), "");
    let answer = |rest: &str| {
        shop(
            &format!("{{/orders: {{post: {{responses: {{'200': {{description: ok{rest}}}}}}}}}}}"),
            "",
        )
    };
    vec![
        (
            "all paths",
            shop(&operation(""), ""),
            shop("{$ref: 'paths.yaml'}", ""),
        ),
        (
            "a path item",
            shop(&operation(""), ""),
            shop("{/orders: {$ref: 'orders.yaml'}}", ""),
        ),
        (
            "an operation",
            shop(&operation(""), ""),
            shop("{/orders: {post: {$ref: 'orders.yaml#/post'}}}", ""),
        ),
        (
            "a parameter",
            of_operation(", parameters: [{name: trace, in: header, required: true, schema: {type: string}}]"),
            of_operation(", parameters: [{$ref: 'trace.yaml'}]"),
        ),
        (
            "one of two parameters",
            of_operation(
                ", parameters: [{name: a, in: query, schema: {type: string}}, {name: b, in: query, required: true, schema: {type: string}}]",
            ),
            of_operation(
                ", parameters: [{$ref: '#/components/parameters/b'}, {name: a, in: query, schema: {type: string}}]",
            ),
        ),
        (
            "a request body",
            of_operation(
                ", requestBody: {required: true, content: {application/json: {schema: {type: string}}}}",
            ),
            of_operation(", requestBody: {$ref: 'https://other.example/body.yaml'}"),
        ),
        (
            "the schema of a body",
            of_operation(", requestBody: {content: {application/json: {schema: {type: string}}}}"),
            of_operation(
                ", requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}",
            ),
        ),
        (
            "a part of a schema",
            of_operation(
                ", requestBody: {content: {application/json: {schema: {type: object, required: [a], properties: {a: {type: string}}}}}}",
            ),
            of_operation(
                ", requestBody: {content: {application/json: {schema: {type: object, allOf: [{$ref: 'a.yaml'}]}}}}",
            ),
        ),
        (
            "a header",
            answer(", headers: {Retry-After: {required: true, schema: {type: integer}}}"),
            answer(", headers: {retry-after: {$ref: 'headers.yaml#/retry'}}"),
        ),
        (
            "an answer",
            answer(", content: {application/json: {schema: {type: string}}}"),
            shop(
                "{/orders: {post: {responses: {'200': {$ref: '#/components/responses/ok'}}}}}",
                "",
            ),
        ),
        (
            "a security scheme",
            format!(
                "{}components: {{securitySchemes: {{key: {{type: apiKey, in: header, name: X-Key}}}}}}\n",
                of_operation(", security: [{key: []}]")
            ),
            format!(
                "{}components: {{securitySchemes: {{key: {{$ref: 'schemes.yaml#/key'}}}}}}\n",
                of_operation(", security: [{key: []}]")
            ),
        ),
        (
            "a security scheme that is not declared",
            format!(
                "{}components: {{securitySchemes: {{key: {{type: http, scheme: bearer}}}}}}\n",
                of_operation(", security: [{key: []}]")
            ),
            of_operation(", security: [{key: []}]"),
        ),
        (
            "a callback",
            of_operation(
                ", callbacks: {paid: {'{$request.body#/url}': {post: {responses: {'204': {description: ok}}}}}}",
            ),
            of_operation(", callbacks: {paid: {$ref: 'callbacks.yaml#/paid'}}"),
        ),
        (
            "a path item of a callback",
            of_operation(
                ", callbacks: {paid: {'{$request.body#/url}': {post: {responses: {'204': {description: ok}}}}}}",
            ),
            of_operation(", callbacks: {paid: {'{$request.body#/url}': {$ref: 'paid.yaml'}}}"),
        ),
        (
            "a webhook",
            shop(
                "{}",
                "webhooks: {paid: {post: {responses: {'204': {description: ok}}}}}",
            ),
            shop("{}", "webhooks: {paid: {$ref: 'paid.yaml'}}"),
        ),
    ]
}

#[test]
fn parts_behind_an_unresolved_reference_are_neither_lost_nor_new() {
    for (what, known, unread) in behind_a_reference() {
        for (old, new) in [(&known, &unread), (&unread, &known)] {
            let found = found(old, new);
            let told: Vec<_> = found
                .iter()
                .filter(|it| it.level != Level::Cosmetic)
                .map(|it| {
                    (
                        it.rule.as_str(),
                        it.level,
                        it.undecided.is_some(),
                        it.operations.len(),
                    )
                })
                .collect();
            assert_eq!(
                told,
                [("reference-unresolved", Level::Risky, true, 1)],
                "{what}: {found:#?}"
            );
        }
    }
}

#[test]
fn the_same_unresolved_reference_at_the_same_place_is_no_drift() {
    for (what, _, unread) in behind_a_reference() {
        assert_eq!(found(&unread, &unread), [], "{what}: a document and itself");
        let other = format!("{unread}\nx-edition: second\n");
        let told: Vec<_> = found(&unread, &other)
            .into_iter()
            .map(|it| (it.rule, it.level))
            .collect();
        let alike = ("reference-unresolved-in-both".to_owned(), Level::Cosmetic);
        assert_eq!(told, [alike], "{what}");
    }
}

#[test]
fn an_unresolved_reference_that_became_another_is_one_finding() {
    let shop = |reference: &str| {
        let paths = format!("{{/orders: {{get: {{$ref: '{reference}'}}}}}}");
        document("3.0.3", &paths, "")
    };
    let found = found(&shop("old.yaml"), &shop("new.yaml"));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].level, found[0].operations.len()), (Level::Risky, 1));
    assert!(
        found[0].title.contains("`old.yaml` became `new.yaml`"),
        "{}",
        found[0].title
    );
}

#[test]
fn a_reference_that_moved_to_another_operation_is_told_at_both() {
    let shop = |path: &str, other: &str| {
        let body = |schema: &str| {
            format!(
                "{{post: {{requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}, responses: {{'200': {{description: ok}}}}}}}}"
            )
        };
        let (lost, text) = (body("{$ref: 'order.yaml'}"), body("{type: string}"));
        document("3.0.3", &format!("{{{path}: {lost}, {other}: {text}}}"), "")
    };
    let found = found(&shop("/a", "/b"), &shop("/b", "/a"));
    let told: Vec<_> = found.iter().map(|it| (it.rule.as_str(), it.level)).collect();
    assert!(
        told.iter()
            .all(|it| *it == ("reference-unresolved", Level::Risky)),
        "{found:#?}"
    );
    let mut touched: Vec<_> = found
        .iter()
        .flat_map(|it| &it.operations)
        .map(|it| &*it.endpoint.path)
        .collect();
    touched.sort_unstable();
    assert_eq!(touched, ["/a", "/b"]);
}

#[test]
fn keywords_beside_the_same_unresolved_reference_are_compared() {
    let shop = |parameters: &str| document("3.0.3", &operation(&format!(", parameters: [{parameters}]")), "");
    let shared = "{$ref: 'trace.yaml'}";
    let own = "{name: day, in: query, required: true, schema: {type: string}}";
    let found = found(&shop(shared), &shop(&format!("{shared}, {own}")));
    let worst = found.iter().map(|it| it.level).min();
    assert_eq!(worst, Some(Level::Breaking), "{found:#?}");
}

#[test]
fn a_scheme_that_cannot_be_read_hides_no_parameter() {
    let shop = |rest: &str| {
        document(
            "3.0.3",
            &operation(&format!(", security: [{{key: []}}]{rest}")),
            "",
        )
    };
    let day = ", parameters: [{name: day, in: query, schema: {type: string}}]";
    let rules: Vec<_> = found(&shop(day), &shop(""))
        .into_iter()
        .map(|it| it.rule)
        .collect();
    assert!(rules.contains(&"parameter-lost".to_owned()), "{rules:?}");
}

#[test]
fn names_within_a_document_are_followed() {
    for (reference, component) in [
        ("#order", "$anchor: order"),
        ("https://shop.example/order", "$id: 'https://shop.example/order'"),
        ("order.json", "$id: order.json"),
        ("https://shop.example/order#", "$id: 'https://shop.example/order'"),
    ] {
        let shop = |kind: &str| {
            let paths = format!(
                "{{/orders: {{get: {{responses: {{'200': {{description: ok, content: {{application/json: {{schema: {{$ref: '{reference}'}}}}}}}}}}}}}}}}"
            );
            let schemas = format!("components: {{schemas: {{Order: {{{component}, type: {kind}}}}}}}");
            document("3.1.0", &paths, &schemas)
        };
        let found = found(&shop("string"), &shop("integer"));
        let breaking: Vec<_> = found.iter().filter(|it| it.level == Level::Breaking).collect();
        assert_eq!(breaking.len(), 1, "{reference}: {found:#?}");
        assert_eq!(breaking[0].base_at.as_deref(), Some("/components/schemas/Order"));
    }
}

#[test]
fn an_id_that_nothing_leans_on_changes_nothing() {
    let shop = |id: &str, required: &str| {
        let paths = "{/orders: {get: {responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}}}}}";
        let schemas = format!(
            "components: {{schemas: {{Order: {{{id}type: object, required: [{required}], properties: {{a: {{type: string}}, b: {{$ref: '#/components/schemas/Text'}}}}}}, Text: {{type: string}}}}}}"
        );
        document("3.1.0", paths, &schemas)
    };
    let id = "$id: 'https://shop.example/order.json', ";
    let same = found(&shop("", "a, b"), &shop(id, "a, b"));
    assert!(same.iter().all(|it| it.level == Level::Cosmetic), "{same:#?}");
    let lost = found(&shop(id, "a, b"), &shop(id, "a"));
    assert_eq!(
        lost.iter().map(|it| it.level).min(),
        Some(Level::Breaking),
        "{lost:#?}"
    );
}

/// What a schema means that is entered by itself may depend on what was entered before, but only if that declares a
/// `$dynamicAnchor`.
#[test]
fn a_difference_inside_is_found_there_if_nothing_around_it_declares_an_anchor() {
    let shop = |most: usize, around: &str| {
        let body = format!(
            "{{{around}type: object, properties: {{orders: {{$ref: '#/components/schemas/Page'}}}}}}"
        );
        let paths = operation(&format!(
            ", requestBody: {{required: true, content: {{application/json: {{schema: {body}}}}}}}"
        ));
        let text = "{$id: 'https://shop.example/text', $dynamicAnchor: item, type: string}";
        let page = format!(
            "{{$id: 'https://shop.example/page', $defs: {{item: {{$dynamicAnchor: item}}}}, type: array, maxItems: {most}, items: {{$dynamicRef: '#item'}}}}"
        );
        document(
            "3.1.0",
            &paths,
            &format!("components: {{schemas: {{Page: {page}, Text: {text}}}}}"),
        )
    };
    let anchor = "$id: 'https://shop.example/orders', $defs: {item: {$dynamicAnchor: item, type: string}}, ";
    let other = "$id: 'https://shop.example/orders', $defs: {item: {$anchor: item}}, ";
    for (around, place) in [(other, "/components/schemas/Page"), (anchor, "/schema")] {
        let findings = found(&shop(5, around), &shop(3, around));
        let breaking: Vec<_> = findings.iter().filter(|it| it.level == Level::Breaking).collect();
        assert_eq!(breaking.len(), 1, "{findings:#?}");
        let at = breaking[0].base_at.as_deref().unwrap();
        assert!(at.ends_with(place), "{at}");
    }
}
