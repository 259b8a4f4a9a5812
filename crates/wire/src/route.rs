//! Which operation a method and a path reach.

use openapi_document::Document;
use openapi_document::view::{Operation, Operations, Server};

/// Where a request leads.
#[derive(Debug)]
pub enum Route<'o, 'd> {
    /// To an operation, with the texts of its path parameters by name, still escaped, in the order of the path.
    Operation(&'o Operation<'d>, Vec<(String, String)>),
    /// To a path that has these operations, under other methods.
    NoSuchMethod(Vec<&'o Operation<'d>>),
    /// Nowhere.
    NoSuchPath,
}

/// The operation that a method and a path reach: a path without parameters before one with them, segment by segment, as
/// [OpenAPI](https://spec.openapis.org/oas/v3.1.1#path-templating-matching) says.
pub(crate) fn route<'o, 'd>(
    document: &'d Document,
    operations: &'o Operations<'d>,
    method: &str,
    path: &str,
) -> Route<'o, 'd> {
    let mut best: Option<(Vec<u8>, usize)> = None;
    let mut found = Vec::new();
    for operation in &operations.list {
        for base in bases(&operation.servers(document)) {
            let Some(rest) = path.strip_prefix(base.as_str()) else {
                continue;
            };
            if let Some(texts) = matched(&operation.path, rest) {
                found.push((weight(&operation.path), operation, texts));
                break;
            }
        }
    }
    for (index, (weight, ..)) in found.iter().enumerate() {
        if best.as_ref().is_none_or(|(best, _)| weight < best) {
            best = Some((weight.clone(), index));
        }
    }
    let Some((weight, _)) = best else {
        return Route::NoSuchPath;
    };
    found.retain(|it| it.0 == weight);
    let own = found
        .iter()
        .position(|(_, operation, _)| operation.method.eq_ignore_ascii_case(method));
    if let Some(index) = own {
        let (_, operation, texts) = found.swap_remove(index);
        return Route::Operation(operation, texts);
    }
    Route::NoSuchMethod(found.into_iter().map(|(_, operation, _)| operation).collect())
}

/// What may stand before the paths of a document; nothing where it names no server.
pub(crate) fn bases(servers: &[Server<'_>]) -> Vec<String> {
    let mut bases: Vec<String> = servers.iter().map(Server::base_path).collect();
    if bases.is_empty() {
        bases.push(String::new());
    }
    bases
}

/// Smaller for a template that is more definite: per segment 0 without a parameter, 1 with one beside text, 2 with one
/// alone.
fn weight(template: &str) -> Vec<u8> {
    let segments = template.split('/');
    segments
        .map(|segment| {
            match (
                segment.contains('{'),
                segment.starts_with('{') && segment.ends_with('}'),
            ) {
                (false, _) => 0,
                (true, false) => 1,
                (true, true) => 2,
            }
        })
        .collect()
}

/// The texts of a template's parameters in a path, by name; a parameter never spans a slash and is never empty.
pub(crate) fn matched(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let mut texts = Vec::new();
    let (mut template, mut path) = (template, path);
    while let Some((before, rest)) = template.split_once('{') {
        let (name, after) = rest.split_once('}')?;
        path = path.strip_prefix(before)?;
        // A parameter ends where the text behind it begins, or with its segment.
        let literal = after.split(['{', '/']).next().unwrap_or_default();
        let segment = path.split('/').next().unwrap_or_default();
        let end = if literal.is_empty() {
            segment.len()
        } else if after.contains(['{', '/']) {
            segment.find(literal)?
        } else {
            segment.rfind(literal)?
        };
        if end == 0 {
            return None;
        }
        texts.push((name.to_owned(), path[..end].to_owned()));
        (template, path) = (after, &path[end..]);
    }
    (template == path).then_some(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_matches_segment_by_segment() {
        let found = |template, path| {
            let texts = matched(template, path)?;
            Some(
                texts
                    .into_iter()
                    .map(|(name, text)| format!("{name}={text}"))
                    .collect::<Vec<_>>()
                    .join(" "),
            )
        };
        assert_eq!(found("/a/{b}", "/a/1").as_deref(), Some("b=1"));
        assert_eq!(found("/a/{b}", "/a/"), None);
        assert_eq!(found("/a/{b}", "/a/1/2"), None);
        assert_eq!(found("/a/{b}:link", "/a/x:y:link").as_deref(), Some("b=x:y"));
        assert_eq!(found("/a/{b}.{c}", "/a/x.y").as_deref(), Some("b=x c=y"));
        assert_eq!(found("/a/{b}/c/{d}", "/a/1/c/2").as_deref(), Some("b=1 d=2"));
        assert_eq!(found("/a", "/a").as_deref(), Some(""));
        assert_eq!(found("/a", "/b"), None);
    }

    #[test]
    fn the_definite_path_answers_before_the_open_one() {
        let document = Document::read(
            r#"{"openapi": "3.0.0", "servers": [{"url": "https://h.example/v1/"}], "paths": {
                "/{any}/x": {"get": {}}, "/pets/{id}": {"get": {}}, "/pets/mine": {"get": {}}
            }}"#,
        )
        .unwrap();
        let operations = Operations::of_paths(&document);
        let reached = |method: &str, path: &str| match route(&document, &operations, method, path) {
            Route::Operation(operation, _) => operation.path.to_string(),
            Route::NoSuchMethod(others) => format!("no such method but {}", others[0].method),
            Route::NoSuchPath => "no such path".to_owned(),
        };
        assert_eq!(reached("GET", "/v1/pets/mine"), "/pets/mine");
        assert_eq!(reached("GET", "/v1/pets/x"), "/pets/{id}");
        assert_eq!(reached("GET", "/v1/dogs/x"), "/{any}/x");
        assert_eq!(reached("POST", "/v1/pets/mine"), "no such method but GET");
        assert_eq!(reached("GET", "/pets/mine"), "no such path");
    }
}
