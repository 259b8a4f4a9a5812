//! The pairs of names and values of a query, a form or cookies, which are found by their names.

use std::collections::HashMap;

use crate::percent::form_decoded;

/// Pairs in the order of their message. The values stay escaped.
#[derive(Debug)]
pub(crate) struct PairsByName {
    /// Each pair with its decoded name; `None` if its escapes are not UTF-8.
    list: Vec<(Option<String>, String)>,
    by_name: HashMap<String, Vec<usize>>,
    /// Whether a name has escapes that are not UTF-8.
    pub(crate) is_malformed: bool,
    /// The pairs with a bracket in their name, by the text before it: the name of a deep object.
    by_object: HashMap<String, Vec<usize>>,
}

impl PairsByName {
    pub(crate) fn new(escaped: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut pairs = Self {
            list: Vec::new(),
            by_name: HashMap::new(),
            is_malformed: false,
            by_object: HashMap::new(),
        };
        for (index, (name, value)) in escaped.into_iter().enumerate() {
            let name = form_decoded(&name);
            if let Some(name) = &name {
                if let Some((object, _)) = name.split_once('[') {
                    pairs.by_object.entry(object.to_owned()).or_default().push(index);
                }
                pairs.by_name.entry(name.clone()).or_default().push(index);
            }
            pairs.is_malformed |= name.is_none();
            pairs.list.push((name, value));
        }
        pairs
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Option<&str>, &str)> {
        self.list.iter().map(|(name, value)| (name.as_deref(), &**value))
    }

    /// The values of a name.
    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = &str> {
        let own = self.by_name.get(name).into_iter().flatten();
        own.map(|index| &*self.list[*index].1)
    }

    /// The pairs with one of these names.
    pub(crate) fn with_names<'p>(&'p self, names: &[String]) -> impl Iterator<Item = (&'p str, &'p str)> {
        let mut own: Vec<usize> = names
            .iter()
            .filter_map(|it| self.by_name.get(it))
            .flatten()
            .copied()
            .collect();
        own.sort_unstable();
        own.dedup();
        own.into_iter().filter_map(|index| {
            let (name, value) = &self.list[index];
            Some((name.as_deref()?, &**value))
        })
    }

    /// The members of a deep object: the texts after `object[` in the names, and the values.
    pub(crate) fn inside<'p>(&'p self, object: &'p str) -> impl Iterator<Item = (&'p str, &'p str)> {
        let begin = object.split('[').next().unwrap_or_default();
        let own = self.by_object.get(begin).into_iter().flatten();
        own.filter_map(move |index| {
            let (name, value) = &self.list[*index];
            Some((
                name.as_deref()?.strip_prefix(object)?.strip_prefix('[')?,
                &**value,
            ))
        })
    }
}
