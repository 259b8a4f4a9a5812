//! Finds the operation for a method and a path.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use openapi_document::Document;
use openapi_document::view::{
    METHODS, Operation, Server, after, shape, template_names, template_texts, unescaped,
};

use crate::body::pairs;

/// The destination of a request.
#[derive(Debug)]
pub enum Route<'o, 'd> {
    /// An operation, with the texts of its path parameters by name, still escaped, in the order of the path.
    Operation(&'o Operation<'d>, Vec<(String, String)>),
    /// A path that has these operations, but none with the method of the request.
    NoSuchMethod(Vec<&'o Operation<'d>>),
    /// No path matches.
    NoSuchPath,
}

/// The operations of a document in a tree of path segments, so that a target is not compared with every path.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    texts: HashMap<String, Routes>,
    /// The shapes of segments that contain a parameter, and the index of each.
    templates: Vec<(String, Routes)>,
    places: HashMap<String, usize>,
    /// The indices of the paths that end here.
    ends: Vec<usize>,
}

/// An operation, with the texts of its path parameters in a target.
pub(crate) type Reached<'o, 'd> = (&'o Operation<'d>, Vec<(String, String)>);

/// The segments of a path that the tree distinguishes. Their number is limited, because a very long path would make
/// the tree very deep.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    const MOST: usize = 64;
    path.split('/').take(MOST)
}

impl Routes {
    pub(crate) fn of(document: &Document, operations: &[Operation<'_>]) -> Self {
        let mut routes = Self::default();
        for (index, operation) in operations.iter().enumerate() {
            routes.add(index, &operation.path, &bases(&operation.servers(document)));
        }
        routes
    }

    /// Adds a path, with its index, below each of the base paths.
    pub(crate) fn add(&mut self, index: usize, path: &str, bases: &[String]) {
        for base in bases {
            let path = format!("{base}{}", Template::of(path).path);
            let end = segments(&path).fold(&mut *self, Self::below);
            // Servers often differ only in their hosts.
            if end.ends.last() != Some(&index) {
                end.ends.push(index);
            }
        }
    }

    fn below<'r>(&'r mut self, segment: &str) -> &'r mut Self {
        if !segment.contains('{') {
            return self.texts.entry(unescaped(segment).into_owned()).or_default();
        }
        // The names of parameters do not matter for which segments match.
        let shape = shape(segment);
        let at = *self.places.entry(shape).or_insert_with_key(|shape| {
            self.templates.push((shape.clone(), Self::default()));
            self.templates.len() - 1
        });
        &mut self.templates[at].1
    }

    /// The indices of the paths that, without their queries, may match this target. One may come several times.
    pub(crate) fn near(&self, target: &str) -> impl Iterator<Item = usize> + Clone {
        let path = target.split('?').next().unwrap_or_default();
        let mut here = vec![self];
        for segment in segments(path) {
            let below = here.into_iter().flat_map(|it| {
                let templates = it.templates.iter();
                let fitting = templates.filter(|(own, _)| template_texts(own, segment).is_some());
                it.texts
                    .get(&*unescaped(segment))
                    .into_iter()
                    .chain(fitting.map(|(_, routes)| routes))
            });
            here = below.collect();
        }
        here.into_iter().flat_map(|it| &it.ends).copied()
    }

    /// Returns the operations that match a method and a target equally well, in document order. There may be several,
    /// for example if their paths differ only in a fragment, which is not sent. Without a match, returns the reason.
    ///
    /// A path whose delimiters are escaped as in the target comes first, because an escaped delimiter in the target
    /// normally belongs to the value of a parameter ([RFC 3986, section
    /// 2.2](https://www.rfc-editor.org/rfc/rfc3986#section-2.2)). A path without parameters comes before one with
    /// parameters, segment by segment, as [OpenAPI](https://spec.openapis.org/oas/v3.1.1#path-templating-matching)
    /// requires. A template with a query comes before one without.
    pub(crate) fn reached<'o, 'd>(
        &self,
        document: &'d Document,
        operations: &'o [Operation<'d>],
        method: &str,
        target: &str,
    ) -> Result<Vec<Reached<'o, 'd>>, Route<'o, 'd>> {
        let path = target.split('?').next().unwrap_or_default();
        let mut found = Vec::new();
        let near: BTreeSet<usize> = self.near(target).collect();
        for operation in near.into_iter().map(|index| &operations[index]) {
            let template = Template::of(&operation.path);
            if let Some(texts) = template.matched(&bases(&operation.servers(document)), target) {
                let weight = (!template.spells(&texts, path), template.weight());
                found.push((weight, operation, texts));
            }
        }
        let Some(best) = found.iter().map(|(weight, ..)| weight).min().cloned() else {
            return Err(Route::NoSuchPath);
        };
        found.retain(|it| it.0 == best);
        let found = found.into_iter().map(|(_, operation, texts)| (operation, texts));
        let (own, others): (Vec<_>, Vec<_>) =
            found.partition(|(operation, _)| is_method(&operation.method, method));
        if own.is_empty() {
            let others = others.into_iter().map(|(operation, _)| operation);
            return Err(Route::NoSuchMethod(others.collect()));
        }
        Ok(own)
    }
}

/// Whether a request under a method is one under another. Methods have a case
/// ([RFC 9110, section 9.1](https://www.rfc-editor.org/rfc/rfc9110#section-9.1)); those that a path item has fields for
/// are known whatever theirs is.
fn is_method(own: &str, method: &str) -> bool {
    let has_field = METHODS.iter().any(|it| it.eq_ignore_ascii_case(own));
    own == method || has_field && own.eq_ignore_ascii_case(method)
}

/// The number of escaped characters in a path that would be delimiters without the escape.
fn escaped_delimiters(path: &str) -> usize {
    let escapes = path.split('%').skip(1).filter_map(|it| it.get(..2));
    let bytes = escapes.filter_map(|it| u8::from_str_radix(it, 16).ok());
    bytes.filter(|byte| b":@!$&'()*+,;=[]".contains(byte)).count()
}

/// The base paths that may precede the paths of a document; one empty base path if it names no server.
pub(crate) fn bases(servers: &[Server<'_>]) -> Vec<String> {
    let mut bases: Vec<String> = servers.iter().map(Server::base_path).collect();
    if bases.is_empty() {
        bases.push(String::new());
    }
    bases
}

/// A path of a document, split into the parts that are sent. Some documents append a query or a fragment to a path to
/// declare several operations there. The query is sent, but the fragment is not.
#[derive(Clone, Copy)]
pub(crate) struct Template<'t> {
    pub(crate) path: &'t str,
    pub(crate) query: Option<&'t str>,
}

impl<'t> Template<'t> {
    pub(crate) fn of(written: &'t str) -> Self {
        let sent = written.split('#').next().unwrap_or_default();
        match sent.split_once('?') {
            Some((path, query)) => Self {
                path,
                query: Some(query),
            },
            None => Self {
                path: sent,
                query: None,
            },
        }
    }

    /// The texts of the parameters in a target below one of the base paths, by name and still escaped; `None` if the
    /// target does not match.
    pub(crate) fn matched(self, bases: &[String], target: &str) -> Option<Vec<(String, String)>> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut rests = bases.iter().filter_map(|base| after(base, path));
        let texts = rests.find_map(|rest| template_texts(self.path, rest))?;
        let names = template_names(self.path).into_iter();
        let mut found: Vec<(String, String)> = names
            .zip(texts)
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect();
        let sent = pairs(query);
        for (name, wanted) in self.query.map(pairs).unwrap_or_default() {
            let mut own = sent.iter().filter(|(own, _)| *own == name);
            match template_names(&wanted).first() {
                Some(parameter) => found.push(((*parameter).to_owned(), own.next()?.1.clone())),
                None => own.any(|(_, text)| *text == wanted).then_some(())?,
            }
        }
        Some(found)
    }

    /// Whether all escaped delimiters of a matched path come from its parameters or from the template itself.
    fn spells(self, texts: &[(String, String)], path: &str) -> bool {
        let texts = texts.iter().take(template_names(self.path).len());
        let own: usize = texts.map(|(_, text)| escaped_delimiters(text)).sum();
        escaped_delimiters(path) == escaped_delimiters(self.path) + own
    }

    /// Sort key that is smaller for a more specific template. Each segment counts as 0 without a parameter, 1 with a
    /// parameter and text, and 2 with a parameter alone. Then the template with more pairs in its query comes first.
    fn weight(self) -> (Vec<u8>, Reverse<usize>) {
        let segments = self.path.split('/').map(|segment| {
            match (
                segment.contains('{'),
                segment.starts_with('{') && segment.ends_with('}'),
            ) {
                (false, _) => 0,
                (true, false) => 1,
                (true, true) => 2,
            }
        });
        (
            segments.collect(),
            Reverse(self.query.map_or(0, |it| pairs(it).len())),
        )
    }
}

#[cfg(test)]
mod tests {
    use openapi_document::view::Operations;

    use super::*;

    fn route<'o, 'd>(
        document: &'d Document,
        operations: &'o Operations<'d>,
        method: &str,
        target: &str,
    ) -> Result<&'o str, String> {
        let routes = Routes::of(document, &operations.list);
        match routes.reached(document, &operations.list, method, target) {
            Ok(reached) => Ok(&reached[0].0.path),
            Err(Route::NoSuchMethod(others)) => Err(format!("no such method but {}", others[0].method)),
            Err(_) => Err("no such path".to_owned()),
        }
    }

    #[test]
    fn a_template_matches_segment_by_segment() {
        let found = |template, path| {
            let texts = Template::of(template).matched(&[String::new()], path)?;
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
        assert_eq!(found("/a/{b}{c}", "/a/xyz").as_deref(), Some("b=x c=yz"));
        assert_eq!(found("/a/{b}{c}", "/a/x"), None);
        assert_eq!(found("/a/{b}-{c}-d", "/a/1--2-d").as_deref(), Some("b=1 c=-2"));
        assert_eq!(found("/a/{b}x", "/a/x"), None);
    }

    #[test]
    fn a_path_of_very_many_segments_is_found_and_held_apart_from_its_like() {
        let long = "/a".repeat(100_000);
        let text = format!(
            r#"{{"openapi": "3.0.0", "paths": {{"{long}": {{"get": {{}}}}, "/a": {{"get": {{}}}}}}}}"#
        );
        let document = Document::read(text).unwrap();
        let operations = Operations::of_paths(&document);
        assert_eq!(route(&document, &operations, "get", &long), Ok(&*long));
        let longer = format!("{long}/a");
        assert_eq!(
            route(&document, &operations, "get", &longer),
            Err("no such path".to_owned())
        );
    }

    #[test]
    fn an_escaped_delimiter_belongs_to_an_id_where_one_may_hold_it() {
        let text = r#"{"openapi": "3.0.0", "paths": {"/pets/{id}": {"get": {}}, "/pets/{id}:wash": {"get": {}}, "/dogs/{id}:wash": {"get": {}}}}"#;
        let document = Document::read(text).unwrap();
        let operations = Operations::of_paths(&document);
        for (target, path) in [
            ("/pets/a:wash", "/pets/{id}:wash"),
            ("/pets/a%3Awash", "/pets/{id}"),
            ("/pets/a%3Ab:wash", "/pets/{id}:wash"),
            ("/dogs/a%3awash", "/dogs/{id}:wash"),
        ] {
            assert_eq!(route(&document, &operations, "get", target), Ok(path), "{target}");
        }
    }

    #[test]
    fn a_fragment_of_a_template_does_not_travel_and_its_query_does() {
        let found = |template, target| {
            let texts = Template::of(template).matched(&["/v1".to_owned(), String::new()], target)?;
            Some(
                texts
                    .into_iter()
                    .map(|(name, text)| format!("{name}={text}"))
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(found("/a/{b}#byName", "/v1/a/1"), Some(vec!["b=1".to_owned()]));
        assert_eq!(found("/a?do=list", "/v1/a?x=1&do=list"), Some(Vec::new()));
        assert_eq!(found("/a?do=list", "/v1/a?do=drop"), None);
        assert_eq!(found("/a?do=list", "/v1/a"), None);
        assert_eq!(
            found("/a?of={of}", "/a?of=b%20c"),
            Some(vec!["of=b%20c".to_owned()])
        );
        assert_eq!(found("/a?of={of}", "/a"), None);
    }

    #[test]
    fn the_template_with_the_longer_query_answers() {
        let document = Document::read(
            r#"{"openapi": "3.0.0", "paths": {"/a": {"get": {}}, "/a?do=x": {"get": {}}, "/a?do=x&as=y": {"get": {}}}}"#,
        )
        .unwrap();
        let operations = Operations::of_paths(&document);
        for (target, path) in [
            ("/a?do=x", "/a?do=x"),
            ("/a?as=y&do=x", "/a?do=x&as=y"),
            ("/a?do=z", "/a"),
        ] {
            assert_eq!(route(&document, &operations, "get", target), Ok(path), "{target}");
        }
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
            Ok(path) => path.to_owned(),
            Err(why) => why,
        };
        assert_eq!(reached("GET", "/v1/pets/mine"), "/pets/mine");
        assert_eq!(reached("GET", "/v1/pets/x"), "/pets/{id}");
        assert_eq!(reached("GET", "/v1/dogs/x"), "/{any}/x");
        assert_eq!(reached("POST", "/v1/pets/mine"), "no such method but GET");
        assert_eq!(reached("GET", "/pets/mine"), "no such path");
    }
}
