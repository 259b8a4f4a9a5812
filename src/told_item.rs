//! An activity item that may deviate from the pin, with all of its content.
//!
//! An order is searched among such items: a wallet without its `network`, for example, still has the id that the order
//! names.

use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use crate::generated::types::{ActivityItem, ActivityItems};
use crate::receipt::{is_exact, mended, unlist};

/// A page of such items.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ToldItems {
    pub(crate) items: Vec<ToldItem>,
    pub(crate) next_page_token: Option<String>,
}

/// An activity item as far as it conforms to the pin, and all of its content.
pub(crate) struct ToldItem {
    pub(crate) item: ActivityItem,
    told: Value,
}

impl ToldItem {
    /// The string at a JSON pointer, or the number that is there in its place, as text.
    pub(crate) fn text(&self, pointer: &str) -> Option<String> {
        match self.told.pointer(pointer)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()).filter(|number| is_exact(number)),
            _ => None,
        }
    }
}

impl From<ActivityItems> for ToldItems {
    fn from(page: ActivityItems) -> Self {
        let told = |item| ToldItem {
            told: serde_json::to_value(&item).unwrap_or_default(),
            item,
        };
        Self {
            items: page.items.into_iter().map(told).collect(),
            next_page_token: page.next_page_token,
        }
    }
}

impl<'de> Deserialize<'de> for ToldItem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut told = Value::deserialize(deserializer)?;
        unlist(&mut told);
        let item = mended(&mut told.clone()).ok_or_else(|| de::Error::custom("it is no item"))?;
        Ok(Self { item, told })
    }
}
