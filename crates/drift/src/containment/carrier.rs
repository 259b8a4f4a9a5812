//! How the values of a schema are sent: as JSON, or as texts in a style, a form or a media type.
//!
//! A value that is sent as text is represented by its written form. Scalars are strings, a list of one item is that
//! item, and null has no form. Two values with the same written form are the same message.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::numeral;

/// How a value is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Carrier {
    /// JSON.
    #[default]
    Json,
    /// XML. A schema says too little about XML for a proof: see [`Carrier::proves`].
    Xml,
    /// A text, or a part of one.
    Text,
    /// One of several texts in a style.
    Item(Among),
    /// A value inside one of several texts, for which OpenAPI defines no form.
    Nested,
    /// A part of an object under the style `deepObject`: `a[b][c]=1`.
    Deep,
    /// A parameter or a header, in a style.
    Styled(Styled),
    /// A field of a form, in which objects are JSON.
    Field,
    /// One of several values of a form field.
    Part,
    /// The fields of a form.
    Form(FormId),
    /// The fields of a form that is the whole query, which is absent if the form is empty.
    Query(FormId),
    /// The fields of a server-sent event.
    Event,
    /// A field of a server-sent event: a text, in which lists and objects are JSON.
    Data,
}

/// The fields of a server-sent event ([WHATWG HTML,
/// 9.2.6](https://html.spec.whatwg.org/multipage/server-sent-events.html)).
const EVENT: [&str; 4] = ["data", "event", "id", "retry"];

/// The reasons why a value that one schema refuses shows no message that is refused.
pub(crate) const UNPROVEN: [&str; 2] = [
    "a value proves nothing of how XML is read",
    "OpenAPI does not say how this value is written in a text",
];

/// The properties of a style and a location that affect how a value is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Styled {
    /// Whether an empty list is written as an empty text; otherwise nothing is written.
    pub(crate) spells_empty: bool,
    pub(crate) place: TextPlace,
    /// The separator between the items of a list and between the members of an object.
    pub(crate) parting: Parting,
    /// Whether only objects have a form (`deepObject`).
    pub(crate) is_deep: bool,
}

/// The position of a text among other texts, which restricts its characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Among {
    pub(crate) place: TextPlace,
    pub(crate) parting: Parting,
}

/// A separator between texts that is not escaped inside them. OpenAPI leaves it to the parties of an API to agree on
/// an escape for it ([OpenAPI 3.1.1, appendix E](https://spec.openapis.org/oas/v3.1.1)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Parting {
    /// The separator is escaped inside each text.
    #[default]
    Escaped,
    Comma,
    CommaOrSemicolon,
    Dot,
    Space,
    Bar,
}

/// The location of a text, which restricts its characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum TextPlace {
    /// A segment of a path, by itself or after a dot. An empty text, or one that consists of dots, would be another
    /// path.
    Segment,
    /// A header, in which nothing is escaped.
    Header,
    /// The value after a name, in which special characters are escaped.
    #[default]
    Named,
}

/// The carriers of some fields of a form, by name, interned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FormId(u32);

/// The fields of all forms that have other carriers than the default one.
#[derive(Debug, Default)]
pub(super) struct Forms(Vec<Rc<[(String, Carrier)]>>);

impl Forms {
    pub(super) fn intern(&mut self, mut fields: Vec<(String, Carrier)>) -> FormId {
        fields.sort_by(|(one, _), (other, _)| one.cmp(other));
        fields.dedup_by(|(later, _), (first, _)| later == first);
        let fields: Rc<[(String, Carrier)]> = fields.into();
        let at = self.0.iter().position(|known| *known == fields);
        let at = at.unwrap_or_else(|| {
            self.0.push(fields);
            self.0.len() - 1
        });
        FormId(u32::try_from(at).expect("fewer than 2^32 forms"))
    }

    /// The fields of a form or an event that have their own carriers.
    pub(super) fn fields(&self, carrier: Carrier) -> Rc<[(String, Carrier)]> {
        match carrier {
            Carrier::Form(form) | Carrier::Query(form) => Rc::clone(&self.0[form.0 as usize]),
            Carrier::Event => EVENT.map(|name| (name.to_owned(), Carrier::Data)).into(),
            _ => Rc::default(),
        }
    }

    /// The carrier of a property.
    pub(super) fn member(&self, of: Carrier, name: &str) -> Carrier {
        match of {
            Carrier::Json | Carrier::Field | Carrier::Part | Carrier::Data => Carrier::Json,
            Carrier::Event if EVENT.contains(&name) => Carrier::Data,
            Carrier::Xml => Carrier::Xml,
            Carrier::Styled(styled) if styled.is_deep => Carrier::Deep,
            Carrier::Deep => Carrier::Deep,
            Carrier::Styled(styled) => Carrier::Item(styled.among()),
            Carrier::Text | Carrier::Item(_) | Carrier::Nested | Carrier::Event => Carrier::Nested,
            Carrier::Form(form) | Carrier::Query(form) => {
                let fields = &self.0[form.0 as usize];
                let own = fields.binary_search_by(|(own, _)| (**own).cmp(name));
                own.map_or(Carrier::Field, |index| fields[index].1)
            }
        }
    }
}

impl Carrier {
    /// The carrier of an item.
    pub(super) fn item(self) -> Self {
        match self {
            Self::Json | Self::Part | Self::Data => Self::Json,
            Self::Xml => Self::Xml,
            Self::Deep => Self::Deep,
            Self::Styled(styled) => Self::Item(styled.among()),
            Self::Text | Self::Item(_) | Self::Nested | Self::Form(_) | Self::Query(_) | Self::Event => {
                Self::Nested
            }
            Self::Field => Self::Part,
        }
    }

    /// Whether a number is written as text.
    pub(crate) fn is_text(self) -> bool {
        self != Self::Json
    }

    /// Whether an empty object is written as an empty text or not at all.
    pub(super) fn is_styled(self) -> bool {
        matches!(self, Self::Styled(_) | Self::Deep | Self::Query(_))
    }

    /// The same carrier, with a form as a whole query.
    pub(crate) fn as_query(self) -> Self {
        match self {
            Self::Form(form) => Self::Query(form),
            other => other,
        }
    }

    /// Whether the whole value is written in one text.
    pub(super) fn is_one_text(self) -> bool {
        matches!(self, Self::Text | Self::Item(_) | Self::Styled(_))
    }

    /// The carrier for a reader, which also accepts texts that contain the separator, as one text or as several.
    pub(super) fn as_read(self) -> Self {
        match self {
            Self::Styled(styled) => Self::Styled(Styled {
                parting: Parting::Escaped,
                ..styled
            }),
            other => other,
        }
    }

    /// Whether lists and objects are written in one text, with separators between the texts of their parts.
    pub(super) fn joins_texts(self) -> bool {
        matches!(self, Self::Styled(styled) if !styled.is_deep && (styled.spells_empty || styled.parting == Parting::Dot))
    }

    /// Whether a list of one item is written like the item.
    pub(crate) fn joins_lists(self) -> bool {
        matches!(self, Self::Field) || matches!(self, Self::Styled(styled) if !styled.is_deep)
    }

    /// Whether a value that one schema accepts and the other refuses also proves a difference between messages.
    pub(crate) fn proves(self) -> bool {
        !matches!(self, Self::Xml | Self::Nested)
    }

    /// Whether OpenAPI defines how an object is written.
    pub(crate) fn writes_objects(self) -> bool {
        self.proves() && !matches!(self, Self::Text | Self::Item(_))
    }

    /// The reason why no value is a proof.
    pub(crate) fn unproven(self) -> &'static str {
        match self {
            Self::Xml => UNPROVEN[0],
            _ => UNPROVEN[1],
        }
    }

    /// Whether lists and objects are sent as JSON.
    fn keeps_composites(self) -> bool {
        matches!(self, Self::Json | Self::Part | Self::Data)
    }

    pub(super) fn keeps_objects(self) -> bool {
        self.keeps_composites() || self == Self::Field
    }

    fn writes(self, text: &str) -> bool {
        match self {
            Self::Styled(styled) => styled.place.holds(text),
            Self::Item(among) => among.holds(text),
            _ => true,
        }
    }

    /// The position of an object's names, if they are written next to their values.
    pub(super) fn names(self) -> Among {
        match self {
            Self::Styled(styled) if !styled.is_deep => styled.among(),
            _ => Among::default(),
        }
    }
}

impl Styled {
    fn among(self) -> Among {
        Among {
            place: match (self.place, self.parting) {
                (TextPlace::Header, _) => TextPlace::Header,
                // Empty texts between dots would be another path.
                (TextPlace::Segment, Parting::Dot) => TextPlace::Segment,
                // One of several texts is not a whole segment.
                _ => TextPlace::Named,
            },
            parting: self.parting,
        }
    }
}

impl Among {
    fn holds(self, text: &str) -> bool {
        self.place.holds(text) && !text.contains(self.parting.characters())
    }
}

impl TextPlace {
    fn holds(self, text: &str) -> bool {
        match self {
            Self::Segment => !matches!(text, "" | "." | ".."),
            Self::Header => !text.chars().any(char::is_control) && text == text.trim(),
            Self::Named => true,
        }
    }
}

impl Parting {
    /// The separator between two texts.
    fn between(self) -> &'static str {
        match self {
            Self::Escaped | Self::Comma | Self::CommaOrSemicolon => ",",
            Self::Dot => ".",
            Self::Space => " ",
            Self::Bar => "|",
        }
    }

    fn characters(self) -> &'static [char] {
        match self {
            Self::Escaped => &[],
            Self::Comma => &[','],
            Self::CommaOrSemicolon => &[',', ';'],
            Self::Dot => &['.'],
            Self::Space => &[' '],
            Self::Bar => &['|'],
        }
    }

    /// The pattern of the texts that do not contain the separator.
    pub(super) fn pattern(self) -> Option<&'static str> {
        match self {
            Self::Escaped => None,
            Self::Comma => Some("^[^,]*$"),
            Self::CommaOrSemicolon => Some("^[^,;]*$"),
            Self::Dot => Some("^[^.]*$"),
            Self::Space => Some("^[^ ]*$"),
            Self::Bar => Some("^[^|]*$"),
        }
    }
}

/// The written form of a value; `None` if some part of it has no written form.
pub(super) fn written(forms: &Forms, carrier: Carrier, value: &Value) -> Option<Value> {
    if carrier == Carrier::Json {
        return Some(value.clone());
    }
    Some(match value {
        Value::Null if carrier == Carrier::Xml => Value::Null,
        Value::Null => return None,
        Value::String(text) => carrier.writes(text).then(|| text.as_str().into())?,
        Value::Bool(truth) => truth.to_string().into(),
        Value::Number(number) => numeral::of(number).into(),
        Value::Array(items) => {
            let items = items.iter().map(|it| written(forms, carrier.item(), it));
            let mut items = items.collect::<Option<Vec<_>>>()?;
            match (items.as_slice(), carrier) {
                ([], Carrier::Styled(styled)) => {
                    (styled.spells_empty && carrier.writes("")).then(|| "".into())?
                }
                ([], Carrier::Field | Carrier::Deep) => return None,
                ([one], _) if carrier.joins_lists() && !one.is_array() => {
                    let is_written = one.as_str().is_none_or(|text| carrier.writes(text));
                    is_written.then(|| items.swap_remove(0))?
                }
                _ => items.into(),
            }
        }
        Value::Object(members) if members.is_empty() && carrier.is_styled() => match carrier {
            Carrier::Styled(styled) if styled.spells_empty && carrier.writes("") => "".into(),
            _ => return None,
        },
        Value::Object(members) => {
            let names = carrier.names();
            let members = members.iter().map(|(name, value)| {
                let inside = forms.member(carrier, name);
                let value = names.holds(name).then(|| written(forms, inside, value))??;
                Some((name.clone(), value))
            });
            members.collect::<Option<Map<_, _>>>()?.into()
        }
    })
}

/// Whether a written form contains the text of a number in another spelling than the canonical one.
pub(super) fn is_spelled_otherwise(written: &Value) -> bool {
    match written {
        Value::String(text) => numeral::number(text).is_some_and(|it| numeral::of(&it) != *text),
        Value::Array(items) => items.iter().any(is_spelled_otherwise),
        Value::Object(members) => members.values().any(is_spelled_otherwise),
        _ => false,
    }
}

/// The single text of a list, given its written form, if the carrier writes lists as one text.
pub(super) fn joined(carrier: Carrier, written: &Value) -> Option<String> {
    let Carrier::Styled(styled) = carrier else {
        return None;
    };
    let items = written.as_array().filter(|_| carrier.joins_texts())?;
    let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
    Some(texts?.join(styled.parting.between()))
}

/// Maximum number of fields of a form that are replaced one by one.
const MOST_REPLACED: usize = 16;

/// The written forms of other values with the same text, given a written form that contains lists or objects: the text
/// itself and, of an object, the list of its parts.
pub(super) fn written_alike(forms: &Forms, carrier: Carrier, written: &Value) -> Vec<Value> {
    let Some(members) = written.as_object() else {
        return joined(carrier, written).map(Value::from).into_iter().collect();
    };
    match carrier {
        Carrier::Field => vec![written.to_string().into()],
        Carrier::Form(_) | Carrier::Query(_) => {
            let mut wholes = Vec::new();
            for (name, member) in members.iter().take(MOST_REPLACED) {
                for alike in written_alike(forms, forms.member(carrier, name), member) {
                    let mut whole = members.clone();
                    whole[name] = alike;
                    wholes.push(Value::Object(whole));
                }
            }
            wholes
        }
        Carrier::Styled(_) if carrier.joins_texts() => {
            let texts = |spell: fn(&str, &str) -> Vec<String>| {
                let parts = members
                    .iter()
                    .map(|(name, text)| Some(spell(name, text.as_str()?)));
                let parts: Option<Vec<Vec<String>>> = parts.collect();
                parts.map(|it| Value::from(it.concat()))
            };
            let flat = texts(|name, text| vec![name.to_owned(), text.to_owned()]);
            let exploded = texts(|name, text| vec![format!("{name}={text}")]);
            let lists: Vec<Value> = flat.into_iter().chain(exploded).collect();
            let texts = lists.iter().filter_map(|it| joined(carrier, it)).map(Value::from);
            texts.chain(lists.iter().cloned()).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether OpenAPI defines how a value with this written form is sent.
pub(super) fn is_defined(forms: &Forms, carrier: Carrier, written: &Value) -> bool {
    match (carrier, written) {
        (Carrier::Xml | Carrier::Nested, _)
        | (Carrier::Text | Carrier::Item(_), Value::Array(_) | Value::Object(_)) => false,
        (Carrier::Styled(styled), value) if styled.is_deep && !value.is_object() => false,
        (Carrier::Form(_) | Carrier::Query(_), value) if !value.is_object() => false,
        (Carrier::Event, value) if value.get("data").is_none() => false,
        (_, Value::Array(items)) => items.iter().all(|it| is_defined(forms, carrier.item(), it)),
        (_, Value::Object(members)) => members
            .iter()
            .all(|(name, it)| is_defined(forms, forms.member(carrier, name), it)),
        _ => true,
    }
}

/// Maximum number of values that are tried for one written form.
const MOST: usize = 256;

/// The values that a written form can represent, texts first; `None` if there are too many.
pub(super) fn readings(forms: &Forms, carrier: Carrier, written: &Value) -> Option<Vec<Value>> {
    let mut found = match written {
        _ if carrier == Carrier::Json => vec![written.clone()],
        Value::String(text) => scalars(text),
        Value::Array(_) | Value::Object(_) if carrier == Carrier::Data => {
            vec![written.clone(), written.to_string().into()]
        }
        Value::Array(items) => {
            let mut lists = vec![Vec::new()];
            for item in items {
                let readings = readings(forms, carrier.item(), item)?;
                lists = product(lists, readings, Vec::push)?;
            }
            lists.into_iter().map(Value::Array).collect()
        }
        Value::Object(members) => {
            let mut objects = vec![Map::new()];
            for (name, value) in members {
                let readings = readings(forms, forms.member(carrier, name), value)?;
                objects = product(objects, readings, |object, value| {
                    object.insert(name.clone(), value);
                })?;
            }
            objects.into_iter().map(Value::Object).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => vec![written.clone()],
    };
    // An object can be the single item of a list only if items can be JSON.
    let is_item = !written.is_array() && (!written.is_object() || carrier.item().keeps_objects());
    if carrier.joins_lists() && is_item {
        let items = readings(forms, carrier.item(), written)?;
        found.extend(items.into_iter().map(|item| Value::Array(vec![item])));
        if matches!(carrier, Carrier::Styled(styled) if styled.spells_empty) && written == "" {
            found.push(Value::Array(Vec::new()));
            found.push(Value::Object(Map::new()));
        }
    }
    Some(found)
}

/// The scalars that a text can represent.
pub(super) fn scalars(text: &str) -> Vec<Value> {
    let mut found = vec![Value::from(text)];
    found.extend(text.parse::<bool>().ok().map(Value::Bool));
    found.extend(numeral::number(text).map(Value::Number));
    found
}

/// Combines each partial value with each reading of its next part; `None` if there are too many.
fn product<W: Clone>(
    mut wholes: Vec<W>,
    mut readings: Vec<Value>,
    add: impl Fn(&mut W, Value),
) -> Option<Vec<W>> {
    if wholes.len() * readings.len() > MOST {
        return None;
    }
    // A part with one reading extends the values in place, since an object may have thousands of parts.
    if let [_] = readings.as_slice() {
        let only = readings.remove(0);
        for whole in &mut wholes {
            add(whole, only.clone());
        }
        return Some(wholes);
    }
    let extended = wholes.iter().flat_map(|whole| {
        readings.iter().map(|value| {
            let mut whole = whole.clone();
            add(&mut whole, value.clone());
            whole
        })
    });
    Some(extended.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_known_by_the_first_carrier_of_each_field() {
        let field = |name: &str, carrier| (name.to_owned(), carrier);
        let mut forms = Forms::default();
        let other = forms.intern(vec![field("a", Carrier::Text)]);
        let form = forms.intern(vec![
            field("b", Carrier::Text),
            field("a", Carrier::Part),
            field("a", Carrier::Text),
        ]);
        assert_ne!(form, other);
        assert_eq!(
            forms.intern(vec![field("a", Carrier::Part), field("b", Carrier::Text)]),
            form
        );
        for (name, carrier) in [("a", Carrier::Part), ("b", Carrier::Text), ("c", Carrier::Field)] {
            assert_eq!(forms.member(Carrier::Form(form), name), carrier, "{name}");
        }
    }
}
