//! Path templates, the vendor's `:verb` segments included, and which of several fits a path best.

use percent_encoding::percent_decode_str;

/// `/v1/users/{userId}/banks/{bankId}:requestLink`, ready to be compared with a path.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    segments: Vec<Vec<Part>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Parameter(String),
}

impl Template {
    /// Reads a template. A brace without its partner is literal text.
    pub(crate) fn parse(text: &str) -> Self {
        Self {
            segments: text.trim_start_matches('/').split('/').map(parts).collect(),
        }
    }

    /// The parameters of a path that fits, decoded and in order; `None` when it does not fit.
    ///
    /// Literals are compared with the path as it was sent: an encoded colon belongs to a parameter's value, so
    /// `banks/x%3ArequestLink` is a bank called `x:requestLink` and not a request for a link.
    pub(crate) fn fits(&self, path: &str) -> Option<Vec<(String, String)>> {
        let sent: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        if sent.len() != self.segments.len() {
            return None;
        }
        let mut found = Vec::new();
        for (parts, text) in self.segments.iter().zip(sent) {
            if !fit(parts, text, &mut found) {
                return None;
            }
        }
        Some(found)
    }

    /// Orders templates that fit the same path: the more literal one wins, from the left.
    pub(crate) fn weight(&self) -> Vec<usize> {
        let literal = |parts: &Vec<Part>| match parts.as_slice() {
            [Part::Literal(_)] => usize::MAX,
            parts => parts
                .iter()
                .map(|p| {
                    if let Part::Literal(text) = p {
                        text.len()
                    } else {
                        0
                    }
                })
                .sum(),
        };
        self.segments.iter().map(literal).collect()
    }

    /// The template with its parameters' names left out, so that documents which name them otherwise still agree.
    pub(crate) fn shape(&self) -> String {
        let mut shape = String::new();
        for parts in &self.segments {
            shape.push('/');
            for part in parts {
                shape.push_str(if let Part::Literal(text) = part {
                    text
                } else {
                    "{}"
                });
            }
        }
        shape
    }
}

fn parts(segment: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = segment;
    while let Some(open) = rest.find('{') {
        let Some(length) = rest[open..].find('}') else {
            break;
        };
        if open > 0 {
            parts.push(Part::Literal(rest[..open].to_owned()));
        }
        parts.push(Part::Parameter(rest[open + 1..open + length].to_owned()));
        rest = &rest[open + length + 1..];
    }
    if !rest.is_empty() || parts.is_empty() {
        parts.push(Part::Literal(rest.to_owned()));
    }
    parts
}

fn fit(parts: &[Part], text: &str, found: &mut Vec<(String, String)>) -> bool {
    let Some((first, others)) = parts.split_first() else {
        return text.is_empty();
    };
    match first {
        Part::Literal(literal) => text
            .strip_prefix(literal.as_str())
            .is_some_and(|rest| fit(others, rest, found)),
        Part::Parameter(name) => {
            // The longest value that lets the rest fit: `a:b:requestLink` is the bank `a:b`.
            let ends = text.char_indices().map(|(at, c)| at + c.len_utf8()).rev();
            for end in ends {
                let mark = found.len();
                found.push((
                    name.clone(),
                    percent_decode_str(&text[..end]).decode_utf8_lossy().into_owned(),
                ));
                if fit(others, &text[end..], found) {
                    return true;
                }
                found.truncate(mark);
            }
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(template: &str, path: &str) -> Option<Vec<String>> {
        Template::parse(template)
            .fits(path)
            .map(|found| found.into_iter().map(|(_, value)| value).collect())
    }

    #[test]
    fn a_verb_behind_a_parameter_is_not_part_of_its_value() {
        assert_eq!(
            values("/u/{u}/banks/{b}:requestLink", "/u/1/banks/2:requestLink"),
            Some(vec!["1".into(), "2".into()])
        );
        assert_eq!(values("/u/{u}/banks/{b}:requestLink", "/u/1/banks/2"), None);
        assert_eq!(
            values("/u/{u}/banks/{b}:requestLink", "/u/1/banks/:requestLink"),
            None
        );
    }

    #[test]
    fn an_encoded_verb_belongs_to_the_value() {
        assert_eq!(values("/banks/{b}:requestLink", "/banks/x%3ArequestLink"), None);
        assert_eq!(
            values("/banks/{b}", "/banks/x%3ArequestLink"),
            Some(vec!["x:requestLink".into()])
        );
    }

    #[test]
    fn an_encoded_slash_stays_inside_its_segment() {
        assert_eq!(values("/banks/{b}", "/banks/a%2Fb"), Some(vec!["a/b".into()]));
        assert_eq!(values("/banks/{b}", "/banks/a/b"), None);
        assert_eq!(values("/banks/{b}", "/banks/"), None);
    }

    #[test]
    fn the_more_literal_template_weighs_more() {
        let heavier = |a, b| Template::parse(a).weight() > Template::parse(b).weight();
        assert!(heavier("/v1/webhooks/events", "/v1/webhooks/{id}"));
        assert!(heavier("/v1/banks/{b}:requestLink", "/v1/banks/{b}"));
    }
}
