//! Parameter styles: RFC 6570, as restricted by [OpenAPI](https://spec.openapis.org/oas/v3.1.1#style-values).
//!
//! `read` reverses `write`, except where a style is ambiguous: an empty list is written like a list of one empty
//! text, or like an absent parameter.

mod pairs;
mod read;
mod write;

pub(crate) use pairs::PairsByName;
pub(crate) use read::{Raw, grouped, read};
pub use write::CannotWrite;
pub(crate) use write::{Pairs, write};

use openapi_document::view::Style;

/// How one value is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form<'n> {
    pub(crate) name: &'n str,
    pub(crate) style: Style,
    pub(crate) explode: bool,
    /// Whether reserved characters are written unescaped.
    pub(crate) allow_reserved: bool,
}

/// Whether the names of members are consecutive indices: `0`, `1`, …
fn is_like_a_list<'n>(names: impl Iterator<Item = &'n str>) -> bool {
    let mut count = 0;
    names.enumerate().all(|(index, name)| {
        count = index + 1;
        *name == index.to_string()
    }) && count > 0
}

#[cfg(test)]
mod tests {
    use openapi_document::view::{ParameterIn, Style};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::written::{Written, written};

    const FORMS: [(ParameterIn, Style); 9] = [
        (ParameterIn::Path, Style::Simple),
        (ParameterIn::Path, Style::Label),
        (ParameterIn::Path, Style::Matrix),
        (ParameterIn::Header, Style::Simple),
        (ParameterIn::Query, Style::Form),
        (ParameterIn::Query, Style::SpaceDelimited),
        (ParameterIn::Query, Style::PipeDelimited),
        (ParameterIn::Query, Style::DeepObject),
        (ParameterIn::Cookie, Style::Form),
    ];

    fn form(style: Style, explode: bool) -> Form<'static> {
        Form {
            name: "p",
            style,
            explode,
            allow_reserved: false,
        }
    }

    fn there_and_back(place: ParameterIn, form: &Form<'_>, value: &Value) -> Option<Vec<Written>> {
        let pairs = write(place, form, &written(value)?).ok()?;
        Some(read_back(place, form, &pairs, value))
    }

    fn read_back(place: ParameterIn, form: &Form<'_>, pairs: &Pairs, value: &Value) -> Vec<Written> {
        let names: Vec<String> = value
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect();
        let own = PairsByName::new(pairs.0.clone());
        let raw = match place {
            ParameterIn::Path => Raw::Segment(&pairs.0[0].1),
            ParameterIn::Header => Raw::Header(&pairs.0[0].1),
            _ => Raw::Pairs(&own),
        };
        read(form, &raw, &names).unwrap_or_default()
    }

    #[test]
    fn the_examples_of_openapi_are_written_as_it_says() {
        let (text, list) = (json!("blue"), json!(["blue", "black", "brown"]));
        let object = json!({"R": 100, "G": 200, "B": 150});
        let told = |style, explode, value: &Value| {
            let place = FORMS.iter().find(|it| it.1 == style).unwrap().0;
            let form = Form {
                name: "color",
                ..form(style, explode)
            };
            write(place, &form, &written(value).unwrap())
                .map(|it| it.text(place))
                .ok()
        };
        for (style, explode, expected) in [
            (
                Style::Matrix,
                false,
                [
                    ";color=blue",
                    ";color=blue,black,brown",
                    ";color=B,150,G,200,R,100",
                ],
            ),
            (
                Style::Matrix,
                true,
                [
                    ";color=blue",
                    ";color=blue;color=black;color=brown",
                    ";B=150;G=200;R=100",
                ],
            ),
            (
                Style::Label,
                false,
                [".blue", ".blue,black,brown", ".B,150,G,200,R,100"],
            ),
            (
                Style::Label,
                true,
                [".blue", ".blue.black.brown", ".B=150.G=200.R=100"],
            ),
            (
                Style::Form,
                false,
                ["color=blue", "color=blue,black,brown", "color=B,150,G,200,R,100"],
            ),
            (
                Style::Form,
                true,
                [
                    "color=blue",
                    "color=blue&color=black&color=brown",
                    "B=150&G=200&R=100",
                ],
            ),
            (
                Style::Simple,
                false,
                ["blue", "blue,black,brown", "B,150,G,200,R,100"],
            ),
            (
                Style::Simple,
                true,
                ["blue", "blue,black,brown", "B=150,G=200,R=100"],
            ),
        ] {
            for (value, expected) in [&text, &list, &object].into_iter().zip(expected) {
                // The comparison ignores the order of members.
                let sorted: Value = serde_json::from_str(&value.to_string()).unwrap();
                let found = told(style, explode, &sorted).unwrap();
                let bag = |text: &str| {
                    let mut chars: Vec<char> = text.chars().collect();
                    chars.sort_unstable();
                    chars
                };
                assert_eq!(bag(&found), bag(expected), "{style:?} {explode}: {found}");
            }
        }
        assert_eq!(
            told(Style::SpaceDelimited, false, &list).unwrap(),
            "color=blue%20black%20brown"
        );
        assert_eq!(
            told(Style::PipeDelimited, false, &list).unwrap(),
            "color=blue|black|brown"
        );
        assert!(
            told(Style::DeepObject, true, &object)
                .unwrap()
                .contains("color[R]=100")
        );
        assert!(told(Style::DeepObject, true, &text).is_none());
        // OpenAPI does not define how a list is written here.
        assert_eq!(
            told(Style::DeepObject, true, &list).as_deref(),
            Some("color[0]=blue&color[1]=black&color[2]=brown")
        );
        assert_eq!(
            told(Style::DeepObject, true, &json!({"a": {"b": [1]}})).as_deref(),
            Some("color[a][b][0]=1")
        );
    }

    fn texts() -> impl Strategy<Value = String> {
        "[a-c,.;=&|+%/?#\\[\\]é 0-9-]{1,6}"
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_written_is_read_back(
            which in 0..FORMS.len(),
            explode in any::<bool>(),
            value in prop_oneof![
                texts().prop_map(Value::from),
                proptest::collection::vec(texts(), 1..4).prop_map(Value::from),
                proptest::collection::btree_map("[a-c]{1,3}", texts(), 1..4)
                    .prop_map(|it| it.into_iter().map(|(k, v)| (k, Value::from(v))).collect()),
            ],
        ) {
            let (place, style) = FORMS[which];
            let form = form(style, explode);
            if let Some(found) = there_and_back(place, &form, &value) {
                prop_assert!(found.contains(&written(&value).unwrap()), "{value} came back as {found:?}");
            }
        }

        #[test]
        fn no_text_panics(which in 0..FORMS.len(), explode in any::<bool>(), text in ".{0,30}") {
            let (_, style) = FORMS[which];
            let pairs = PairsByName::new([("p".to_owned(), text.clone()), (text.clone(), text.clone())]);
            for raw in [Raw::Segment(&text), Raw::Header(&text), Raw::Pairs(&pairs)] {
                let _ = read(&form(style, explode), &raw, &["p".to_owned(), text.clone()]);
            }
        }
    }
}
