//! Writes values as texts.

use std::fmt;

use openapi_document::view::{ParameterIn, Style};

use super::Form;
use crate::percent::{encoded, encoded_reserved};
use crate::written::Written;

/// The reason why a value cannot be written in a style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CannotWrite(&'static str);

impl fmt::Display for CannotWrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for CannotWrite {}

impl CannotWrite {
    pub(crate) const NESTED: Self = Self("lists and objects inside others have no form under this style");
    pub(crate) const EMPTY_SEGMENT: Self = Self("an empty text would be another path");
    pub(crate) const NULL: Self = Self("null has no form in a text");
    pub(crate) const SCALAR: Self = Self("only an object has a form under this style");
    pub(crate) const DELIMITER: Self = Self("the text holds what parts items under this style");
    pub(crate) const CONTROL: Self = Self("the text holds what no header can");
    pub(crate) const CHARSET: Self = Self("the charset has no such character");
    pub(crate) const NAME: Self = Self("the document names no such part");
    pub(crate) const UNTOLD: Self = Self("an event without `data` is told to nobody");
    pub(crate) const LINE: Self = Self("the text holds a line break that its place has no form for");
    pub(crate) const UNREAD: Self = Self("its description cannot be followed");
    pub(crate) const UNKNOWN: Self = Self("how a value is written in this media type is not known");

    /// Whether it is unknown how the value is written. Either the writer has a limit, a reference cannot be followed,
    /// or OpenAPI defines no form for the value in its style. In the last case, a service may still have a form.
    pub fn is_unknown(&self) -> bool {
        [
            Self::UNKNOWN,
            Self::UNREAD,
            Self::UNTOLD,
            Self::NESTED,
            Self::SCALAR,
        ]
        .contains(self)
    }
}

/// Names and texts for a query or for cookies; a text without a name for a path or a header.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Pairs(pub(crate) Vec<(String, String)>);

impl Pairs {
    /// The text as it appears in the message.
    pub(crate) fn text(&self, place: ParameterIn) -> String {
        let pairs: Vec<String> = self
            .0
            .iter()
            .map(|(name, text)| format!("{name}={text}"))
            .collect();
        match place {
            ParameterIn::Path | ParameterIn::Header => self.0.iter().map(|(_, text)| text.as_str()).collect(),
            ParameterIn::Query | ParameterIn::QueryString => pairs.join("&"),
            ParameterIn::Cookie => pairs.join("; "),
        }
    }
}

/// Writes a value. An empty list or object in exploded form results in no pairs.
pub(crate) fn write(place: ParameterIn, form: &Form<'_>, value: &Written) -> Result<Pairs, CannotWrite> {
    let writer = Writer { place, form };
    let pairs = match form.style {
        Style::Simple | Style::Label | Style::Matrix => Pairs(vec![(String::new(), writer.segment(value)?)]),
        _ => writer.pairs(value)?,
    };
    if place == ParameterIn::Path
        && pairs
            .0
            .iter()
            .any(|(_, text)| matches!(text.as_str(), "" | "." | ".."))
    {
        return Err(CannotWrite::EMPTY_SEGMENT);
    }
    Ok(pairs)
}

struct Writer<'f, 'n> {
    place: ParameterIn,
    form: &'f Form<'n>,
}

type Texts = Vec<String>;

impl Writer<'_, '_> {
    /// The text of a path parameter or a header.
    fn segment(&self, value: &Written) -> Result<String, CannotWrite> {
        let (form, name) = (self.form, encoded(self.form.name));
        let (prefix, apart) = match form.style {
            Style::Label => (".".to_owned(), "."),
            Style::Matrix => (format!(";{name}="), ";"),
            _ => (String::new(), ","),
        };
        Ok(match value {
            Written::Json(_) => return Err(CannotWrite::NESTED),
            Written::Text(text) => prefix + &self.escape(text)?,
            Written::List(items) if form.explode && form.style == Style::Matrix => {
                let items = self.items(items)?;
                items.iter().map(|item| format!(";{name}={item}")).collect()
            }
            Written::List(items) => prefix + &self.items(items)?.join(if form.explode { apart } else { "," }),
            Written::Members(members) if form.explode => {
                let prefix = if form.style == Style::Matrix {
                    ";".to_owned()
                } else {
                    prefix
                };
                let members = self
                    .members(members)?
                    .into_iter()
                    .map(|(name, text)| format!("{name}={text}"));
                prefix + &members.collect::<Texts>().join(apart)
            }
            Written::Members(members) => prefix + &self.flat(members)?.join(","),
        })
    }

    /// The pairs of a query or of cookies.
    fn pairs(&self, value: &Written) -> Result<Pairs, CannotWrite> {
        let name = encoded(self.form.name);
        let separator = match self.form.style {
            Style::SpaceDelimited => "%20",
            Style::PipeDelimited => "|",
            _ => ",",
        };
        Ok(Pairs(match (self.form.style, value) {
            (_, Written::Json(_)) => return Err(CannotWrite::NESTED),
            (Style::DeepObject, Written::Text(_)) => return Err(CannotWrite::SCALAR),
            (Style::DeepObject, Written::List(_) | Written::Members(_)) => {
                let mut pairs = Vec::new();
                self.deep(name, value, true, &mut pairs)?;
                pairs
            }
            (_, Written::Text(text)) => vec![(name, self.escape(text)?)],
            (_, Written::List(items)) if self.form.explode => {
                let items = self.items(items)?;
                items.into_iter().map(|item| (name.clone(), item)).collect()
            }
            (_, Written::Members(members)) if self.form.explode => self.members(members)?,
            (_, Written::List(items)) => vec![(name, self.items(items)?.join(separator))],
            (_, Written::Members(members)) => vec![(name, self.flat(members)?.join(separator))],
        }))
    }

    /// The pairs of a deep object: `a[b]=1`. OpenAPI does not define nested lists and objects. They are written in
    /// the form that most readers expect: `a[0]=1` and `a[b][c]=1`.
    fn deep(
        &self,
        name: String,
        value: &Written,
        is_whole: bool,
        into: &mut Vec<(String, String)>,
    ) -> Result<(), CannotWrite> {
        match value {
            Written::Text(text) => into.push((name, self.escape(text)?)),
            Written::Json(_) => return Err(CannotWrite::NESTED),
            Written::List(items) if items.is_empty() && !is_whole => return Err(CannotWrite::NESTED),
            Written::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.deep(format!("{name}[{index}]"), item, false, into)?;
                }
            }
            Written::Members(members) => {
                let is_like_a_list = super::is_like_a_list(members.iter().map(|(own, _)| own.as_str()));
                if !is_whole && (members.is_empty() || is_like_a_list) {
                    return Err(CannotWrite::NESTED);
                }
                for (own, member) in members {
                    // Most readers read `a[]=1` as an item.
                    if own.is_empty() || own.contains(['[', ']']) {
                        return Err(CannotWrite::DELIMITER);
                    }
                    let own = self.escape(own)?;
                    self.deep(format!("{name}[{own}]"), member, false, into)?;
                }
            }
        }
        Ok(())
    }

    fn escape(&self, text: &str) -> Result<String, CannotWrite> {
        match self.place {
            // A header value is not escaped, so an item must not contain the separator.
            ParameterIn::Header if text.chars().any(char::is_control) => Err(CannotWrite::CONTROL),
            ParameterIn::Header if text != text.trim() => Err(CannotWrite::DELIMITER),
            ParameterIn::Header => Ok(text.to_owned()),
            _ if self.form.allow_reserved => Ok(encoded_reserved(text)),
            _ => Ok(encoded(text)),
        }
    }

    /// Writes a text as one of several items.
    fn item(&self, written: &Written) -> Result<String, CannotWrite> {
        let Written::Text(text) = written else {
            return Err(CannotWrite::NESTED);
        };
        let explode = self.form.explode;
        let parts_items = match (self.place, self.form.style) {
            (ParameterIn::Header, _) => text.contains(','),
            (_, Style::SpaceDelimited) => !explode && text.contains(' '),
            (_, Style::PipeDelimited) => !explode && text.contains('|'),
            // A dot is never escaped in a URI, so it cannot be distinguished from the separator.
            (_, Style::Label) => explode && text.contains('.'),
            _ => self.form.allow_reserved && text.contains([',', ';']),
        };
        if parts_items {
            return Err(CannotWrite::DELIMITER);
        }
        self.escape(text)
    }

    fn items(&self, items: &[Written]) -> Result<Texts, CannotWrite> {
        items.iter().map(|item| self.item(item)).collect()
    }

    fn members(&self, members: &[(String, Written)]) -> Result<Vec<(String, String)>, CannotWrite> {
        // A header value is not escaped, so a name would end at its first `=`.
        let is_parted =
            |name: &str| self.place == ParameterIn::Header && self.form.explode && name.contains('=');
        let name = |name: &String| match name {
            name if is_parted(name) => Err(CannotWrite::DELIMITER),
            name => self.item(&Written::Text(name.clone())),
        };
        members
            .iter()
            .map(|(own, value)| Ok((name(own)?, self.item(value)?)))
            .collect()
    }

    /// Names and texts in alternation.
    fn flat(&self, members: &[(String, Written)]) -> Result<Texts, CannotWrite> {
        let members = self.members(members)?;
        Ok(members
            .into_iter()
            .flat_map(|(name, text)| [name, text])
            .collect())
    }
}
