//! The additions of OpenAPI 3.2 are compared, and the version alone is no drift.

use crate::support::findings;
use openapi_drift::{Document, Finding, Level};

fn found(old: &str, new: &str) -> Vec<Finding> {
    let [old, new] = [old, new].map(|text| Document::read(text).expect("an OpenAPI document"));
    findings(&old, &new)
}

fn document(version: &str, paths: &str, rest: &str) -> String {
    format!("openapi: {version}\ninfo: {{title: Search, version: '1'}}\npaths: {paths}\n{rest}\n")
}

/// The rules and levels of the findings, without cosmetic ones.
fn told(old: &str, new: &str) -> Vec<(String, Level)> {
    let told = found(old, new)
        .into_iter()
        .filter(|it| it.level != Level::Cosmetic);
    told.map(|it| (it.rule, it.level)).collect()
}

#[track_caller]
fn is_worst(old: &str, new: &str, level: Option<Level>) {
    let told = told(old, new);
    assert_eq!(told.iter().map(|(_, level)| *level).min(), level, "{told:?}");
}

/// A response body, as one media type describes it.
fn answer(media: &str, content: &str) -> String {
    let paths = format!(
        "{{/log: {{get: {{responses: {{'200': {{description: ok, content: {{{media}: {content}}}}}}}}}}}}}"
    );
    document("3.2.0", &paths, "")
}

#[test]
fn a_document_of_another_version_that_says_the_same_is_no_drift() {
    let paths = "{/a: {get: {parameters: [{name: q, in: query, schema: {type: [string, 'null'], maxLength: 3}}],
        responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}}}}}";
    let rest = "components: {schemas: {A: {type: object, required: [a], properties: {a: {type: integer, exclusiveMinimum: 3}}}}}";
    let texts = ["3.1.0", "3.2.0"].map(|version| document(version, paths, rest));
    for (old, new) in [(&texts[0], &texts[1]), (&texts[1], &texts[0])] {
        let rules: Vec<_> = found(old, new)
            .into_iter()
            .map(|it| (it.rule, it.level))
            .collect();
        assert_eq!(rules, [("openapi-version-changed".to_owned(), Level::Cosmetic)]);
    }
}

#[test]
fn methods_beyond_the_eight_are_operations() {
    let plain = "responses: {'200': {description: ok}}";
    let with = |more: &str| document("3.2.0", &format!("{{/a: {{get: {{{plain}}}{more}}}}}"), "");
    let query = format!(", query: {{{plain}}}");
    let copy = format!(", additionalOperations: {{COPY: {{{plain}}}}}");
    for (method, more) in [("QUERY", &query), ("COPY", &copy)] {
        let gone = found(&with(more), &with(""));
        assert_eq!(gone[0].rule, "operation-removed", "{gone:#?}");
        assert!(
            gone[0].title.contains(&format!("{method} /a")),
            "{}",
            gone[0].title
        );
        is_worst(&with(""), &with(more), Some(Level::Additive));
    }
}

#[test]
fn the_items_of_a_stream_are_compared() {
    let items = |kind: &str| answer("application/jsonl", &format!("{{itemSchema: {{type: {kind}}}}}"));
    is_worst(&items("string"), &items("string"), None);
    is_worst(&items("string"), &items("integer"), Some(Level::Breaking));
    is_worst(&items("number"), &items("integer"), Some(Level::Additive));
    let listed = |kind: &str| {
        answer(
            "application/jsonl",
            &format!("{{schema: {{type: array, items: {{type: {kind}}}}}}}"),
        )
    };
    is_worst(&listed("string"), &items("string"), None);
    is_worst(&items("string"), &listed("integer"), Some(Level::Breaking));
    is_worst(&listed("string"), &listed("integer"), Some(Level::Breaking));
    let whole = answer("application/jsonl", "{schema: {type: array, maxItems: 3}}");
    let undecided = found(&whole, &items("string"));
    assert!(
        undecided.iter().any(|it| it.undecided.is_some()),
        "{undecided:#?}"
    );
}

#[test]
fn a_media_type_under_components_is_compared_where_it_is_used() {
    let shared = |kind: &str| {
        let paths = "{/log: {get: {responses: {'200': {description: ok, content: {application/json: {$ref: '#/components/mediaTypes/Log'}}}}}}}";
        document(
            "3.2.0",
            paths,
            &format!("components: {{mediaTypes: {{Log: {{schema: {{type: {kind}}}}}}}}}"),
        )
    };
    let inline = |kind: &str| answer("application/json", &format!("{{schema: {{type: {kind}}}}}"));
    is_worst(&shared("string"), &inline("string"), None);
    is_worst(&shared("string"), &shared("integer"), Some(Level::Breaking));
    is_worst(&inline("string"), &shared("integer"), Some(Level::Breaking));
}

#[test]
fn a_whole_query_string_is_a_parameter() {
    let with = |parameters: &str| {
        let paths = format!(
            "{{/a: {{get: {{parameters: [{parameters}], responses: {{'200': {{description: ok}}}}}}}}}}"
        );
        document("3.2.0", &paths, "")
    };
    let whole = |required: bool, kind: &str| {
        with(&format!(
            "{{name: q, in: querystring, required: {required}, content: {{application/json: {{schema: {{type: {kind}}}}}}}}}"
        ))
    };
    is_worst(&with(""), &whole(false, "object"), Some(Level::Additive));
    is_worst(&whole(false, "object"), &with(""), Some(Level::Risky));
    let narrowed = told(&whole(true, "[object, array]"), &whole(true, "object"));
    assert!(
        narrowed.iter().any(|(_, level)| *level <= Level::Risky),
        "{narrowed:?}"
    );
}

#[test]
fn a_whole_query_string_that_is_a_form_is_compared_by_its_fields() {
    let of = |kind: &str| {
        let paths = format!(
            "{{/a: {{get: {{parameters: [{{name: q, in: querystring, required: true, content: {{application/x-www-form-urlencoded: {{schema: {{type: object, required: [n], properties: {{n: {{type: {kind}}}}}}}}}}}}}], responses: {{'200': {{description: ok}}}}}}}}}}"
        );
        document("3.2.0", &paths, "")
    };
    // On the wire, the text of a number is also a string.
    is_worst(&of("integer"), &of("string"), Some(Level::Additive));
    is_worst(&of("string"), &of("integer"), Some(Level::Breaking));
}

#[test]
fn what_a_value_is_in_xml_is_named_in_two_ways() {
    let of = |xml: &str| {
        answer(
            "application/xml",
            &format!("{{schema: {{type: object, properties: {{a: {{type: string, xml: {{{xml}}}}}}}}}}}"),
        )
    };
    is_worst(&of("attribute: true"), &of("nodeType: attribute"), None);
    is_worst(&of("name: a"), &of("nodeType: element"), None);
    is_worst(&of("name: a"), &of("nodeType: text"), Some(Level::Risky));
    is_worst(&of("attribute: true"), &of("nodeType: cdata"), Some(Level::Risky));
}

#[test]
fn a_cookie_written_otherwise_is_another() {
    let with = |style: &str| {
        let paths = format!(
            "{{/a: {{get: {{parameters: [{{name: c, in: cookie, style: {style}, schema: {{type: array, items: {{type: string}}}}}}], responses: {{'200': {{description: ok}}}}}}}}}}"
        );
        document("3.2.0", &paths, "")
    };
    is_worst(&with("cookie"), &with("cookie"), None);
    is_worst(&with("form"), &with("cookie"), Some(Level::Risky));
    is_worst(&with("cookie"), &with("form"), Some(Level::Risky));
}

#[test]
fn the_source_of_tokens_is_compared() {
    let with = |scheme: &str| {
        let paths = "{/a: {get: {security: [{login: [read]}], responses: {'200': {description: ok}}}}}";
        document(
            "3.2.0",
            paths,
            &format!("components: {{securitySchemes: {{login: {{type: oauth2, {scheme}}}}}}}"),
        )
    };
    let device = |url: &str| {
        format!(
            "flows: {{deviceAuthorization: {{deviceAuthorizationUrl: '{url}', tokenUrl: 'https://a.example/t', scopes: {{read: r}}}}}}"
        )
    };
    is_worst(
        &with(&device("https://a.example/d")),
        &with(&device("https://b.example/d")),
        Some(Level::Risky),
    );
    let metadata = |url: &str| format!("oauth2MetadataUrl: '{url}', {}", device("https://a.example/d"));
    is_worst(
        &with(&metadata("https://a.example/m")),
        &with(&metadata("https://b.example/m")),
        Some(Level::Risky),
    );
}

#[test]
fn a_scheme_may_be_named_by_a_reference() {
    let with = |name: &str, scheme: &str| {
        let paths = format!(
            "{{/a: {{get: {{security: [{{'{name}': []}}], responses: {{'200': {{description: ok}}}}}}}}}}"
        );
        document(
            "3.2.0",
            &paths,
            &format!("components: {{securitySchemes: {{key: {{type: http, scheme: {scheme}}}}}}}"),
        )
    };
    let reference = "#/components/securitySchemes/key";
    is_worst(&with("key", "bearer"), &with(reference, "bearer"), None);
    is_worst(
        &with(reference, "bearer"),
        &with(reference, "basic"),
        Some(Level::Breaking),
    );
}

#[test]
fn a_tag_that_is_not_listed_may_be_read_otherwise() {
    let with = |fallback: &str| {
        let paths = "{/a: {get: {responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}}}}";
        document(
            "3.2.0",
            paths,
            &format!(
                "components: {{schemas: {{Pet: {{oneOf: [{{$ref: '#/components/schemas/Cat'}}, {{$ref: '#/components/schemas/Dog'}}], discriminator: {{propertyName: kind, defaultMapping: {fallback}}}}}, Cat: {{type: object, required: [kind, meow], properties: {{kind: {{type: string}}, meow: {{type: string}}}}}}, Dog: {{type: object, required: [kind, bark], properties: {{kind: {{type: string}}, bark: {{type: string}}}}}}}}}}"
            ),
        )
    };
    is_worst(&with("Cat"), &with("Dog"), Some(Level::Risky));
}

#[test]
fn metadata_of_a_document_is_no_drift() {
    let paths = "{/a: {get: {tags: [a], responses: {'200': {description: ok}}}}}";
    let plain = document(
        "3.2.0",
        paths,
        "servers: [{url: 'https://a.example'}]\ntags: [{name: a}]",
    );
    let said = document(
        "3.2.0",
        "{/a: {get: {tags: [a], responses: {'200': {summary: fine, description: ok}}}}}",
        "$self: https://docs.example/api.yaml\nservers: [{url: 'https://a.example', name: main}]\ntags: [{name: a, kind: nav, parent: b}, {name: b}]",
    );
    is_worst(&plain, &said, None);
    is_worst(&said, &plain, None);
}
