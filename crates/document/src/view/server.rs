//! The servers of operations.

use std::borrow::Cow;

use crate::document::Document;
use crate::located::Located;

/// One server.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Server<'d> {
    /// The server object.
    pub here: Located<'d>,
    /// Its URL template as written.
    pub template: &'d str,
}

impl<'d> Server<'d> {
    /// The servers that a document lists for all of its operations.
    pub fn of_document(document: &'d Document) -> Vec<Self> {
        all(Located::root(document).get("servers").as_ref())
    }
}

impl Server<'_> {
    /// Its URL, with the default of each variable.
    ///
    /// # Examples
    /// ```
    /// use openapi_document::Document;
    /// use openapi_document::view::Operations;
    ///
    /// let document = Document::read(r#"{"openapi": "3.0.0", "paths": {"/": {"get": {}}}, "servers": [
    ///     {"url": "https://{host}/v{major}", "variables": {"host": {"default": "a.example"}}}
    /// ]}"#)?;
    /// let operations = Operations::of_paths(&document);
    /// assert_eq!(operations.list[0].servers(&document)[0].url(), "https://a.example/v{major}");
    /// # Ok::<(), openapi_document::ReadError>(())
    /// ```
    pub fn url(&self) -> String {
        let variables = self.here.says("variables");
        let mut url = String::with_capacity(self.template.len());
        let mut rest = self.template;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, tail)) = after.split_once('}') else {
                break;
            };
            url.push_str(before);
            match variables
                .and_then(|it| it.get(name))
                .and_then(|it| it.text("default"))
            {
                Some(default) => url.push_str(default),
                None => url.push_str(&rest[before.len()..rest.len() - tail.len()]),
            }
            rest = tail;
        }
        url + rest
    }

    /// The path of its URL, without a slash at its end. It is the prefix of each path of the document.
    pub fn base_path(&self) -> String {
        let url = self.url();
        // The URL may omit the scheme; it then is the scheme of the document's own URL.
        let behind_scheme = url.split_once("://").map(|(_, rest)| rest);
        let path = match behind_scheme.or_else(|| url.strip_prefix("//")) {
            Some(rest) => rest.find('/').map_or("", |at| &rest[at..]),
            None => url.as_str(),
        };
        let path = path.split(['?', '#']).next().unwrap_or_default();
        without_dots(path).trim_end_matches('/').to_owned()
    }
}

/// Removes the segments `.` and `..` from a path, as a client does before it sends a request ([RFC 3986, section
/// 5.2.4](https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4)).
///
/// # Examples
/// ```
/// use openapi_document::view::without_dots;
///
/// assert_eq!(without_dots("/api/../v1/./pets"), "/v1/pets");
/// assert_eq!(without_dots("/../v1"), "/v1");
/// assert_eq!(without_dots("/v1/.well-known"), "/v1/.well-known");
/// ```
pub fn without_dots(path: &str) -> Cow<'_, str> {
    let is_dots = |segment: &str| segment == "." || segment == "..";
    if !path.split('/').any(is_dots) {
        return Cow::Borrowed(path);
    }
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "." => {}
            ".." => {
                // Do not go above the root, which is the empty segment before the first slash.
                if kept != [""] {
                    kept.pop();
                }
            }
            segment => kept.push(segment),
        }
    }
    let is_folder = path.rsplit('/').next().is_some_and(is_dots);
    Cow::Owned(kept.join("/") + if is_folder { "/" } else { "" })
}

/// The entries of a `servers` list, without those that have no URL.
pub(super) fn all<'d>(servers: Option<&Located<'d>>) -> Vec<Server<'d>> {
    let items = servers.into_iter().flat_map(Located::items);
    items
        .filter_map(|here| {
            let template = here.text("url")?;
            Some(Server { here, template })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Server;
    use crate::Document;

    #[test]
    fn the_path_of_a_server_begins_behind_its_host() {
        for (url, path) in [
            ("https://a.example/v1/", "/v1"),
            ("//a.example/v1", "/v1"),
            ("//a.example", ""),
            ("/v1", "/v1"),
            ("https://a.example/api/../v1", "/v1"),
            ("https://a.example/../v1/.", "/v1"),
            ("/v1/..", ""),
            ("{scheme}://a.example/{version}", "/v2"),
        ] {
            let document = Document::read(format!(
                r#"{{"openapi": "3.0.3", "paths": {{}}, "servers": [{{"url": "{url}", "variables": {{
                    "scheme": {{"default": "https"}}, "version": {{"default": "v2"}}
                }}}}]}}"#
            ))
            .unwrap();
            assert_eq!(Server::of_document(&document)[0].base_path(), path, "{url}");
        }
    }
}
