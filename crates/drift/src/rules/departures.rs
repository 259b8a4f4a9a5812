//! Removed operations, by cause: all operations, those below a prefix that has a new name, or a single one.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use openapi_document::view::{Operation, shape};

/// Operations that were removed for one cause.
pub(crate) struct Departure<'o, 'd> {
    pub(crate) operations: Vec<&'o Operation<'d>>,
    /// The title of their finding.
    pub(crate) title: String,
    /// The operation that replaces the first of them.
    pub(crate) successor: Option<&'o Operation<'d>>,
}

/// Groups the removed operations by cause, and returns with them the added operations that replaced none. `is_empty`
/// says that the revision has no operations at all.
pub(crate) fn of<'o, 'd>(
    gone: &[&'o Operation<'d>],
    added: Vec<&'o Operation<'d>>,
    is_empty: bool,
) -> (Vec<Departure<'o, 'd>>, Vec<&'o Operation<'d>>) {
    if is_empty && gone.len() > 1 {
        let all = Departure {
            operations: gone.to_vec(),
            title: format!("all {} operations are gone, and there is none left", gone.len()),
            successor: None,
        };
        return (vec![all], added);
    }
    let by_prefix = moves(gone, &added);
    let moved: HashSet<usize> = by_prefix.values().flatten().map(|it| it.0).collect();
    let taken: HashSet<usize> = by_prefix.values().flatten().map(|it| it.1).collect();
    let name = |prefix: String| if prefix.is_empty() { "/".to_owned() } else { prefix };
    let below = by_prefix.into_iter().map(|((old, new), pairs)| Departure {
        title: format!(
            "{} operations below `{}` are gone, and stand below `{}` now",
            pairs.len(),
            name(old),
            name(new)
        ),
        operations: pairs.iter().map(|it| gone[it.0]).collect(),
        successor: pairs.first().map(|it| added[it.1]),
    });
    let others = gone
        .iter()
        .enumerate()
        .filter(|(index, _)| !moved.contains(index));
    let alone = others.map(|(_, &operation)| Departure {
        operations: vec![operation],
        title: format!("{} is gone", operation.label()),
        successor: None,
    });
    let departures = below.chain(alone).collect();
    let others = added
        .iter()
        .enumerate()
        .filter(|(index, _)| !taken.contains(index));
    let others = others.map(|(_, &operation)| operation).collect();
    (departures, others)
}

/// The operations that moved to another prefix, as indices of `gone` and `added`, by the old and the new prefix. The
/// rest of their paths, their methods and their identifiers or texts are the same. A single operation is not a moved
/// prefix.
fn moves(
    gone: &[&Operation<'_>],
    added: &[&Operation<'_>],
) -> BTreeMap<(String, String), Vec<(usize, usize)>> {
    let mut waiting: HashMap<_, VecDeque<usize>> = HashMap::new();
    for (index, operation) in added.iter().enumerate() {
        waiting.entry(identity(operation)).or_default().push_back(index);
    }
    let mut moves: BTreeMap<(String, String), Vec<(usize, usize)>> = BTreeMap::new();
    for (index, operation) in gone.iter().enumerate() {
        let like = waiting.get_mut(&identity(operation));
        let is_one = |it: &mut usize| {
            let id = |it: &Operation<'_>| it.here.text("operationId").is_some();
            id(operation) || operation.here.node == added[*it].here.node
        };
        if let Some(like) = like.and_then(|it| it.pop_front_if(is_one)) {
            let prefixes = prefixes(&operation.path, &added[like].path);
            moves.entry(prefixes).or_default().push((index, like));
        }
    }
    moves.retain(|_, pairs| pairs.len() > 1);
    moves
}

/// The identity that an operation keeps when its path moves: the method, the last segment without parameter names, and
/// the identifier. An operation without identifier has the hash of its text instead.
fn identity(operation: &Operation<'_>) -> (String, String, Result<String, u64>) {
    let last = operation.path.rsplit('/').next().unwrap_or_default();
    let id = operation.here.text("operationId").map(str::to_owned);
    let id = id.ok_or_else(|| operation.here.node.hash());
    (operation.method.to_string(), shape(last), id)
}

/// The parts of two paths that precede their common last segments.
fn prefixes(old: &str, new: &str) -> (String, String) {
    let (mut old, mut new): (Vec<&str>, Vec<&str>) = (old.split('/').collect(), new.split('/').collect());
    while old.len().min(new.len()) > 1
        && let (Some(one), Some(other)) = (old.last(), new.last())
        && shape(one) == shape(other)
    {
        old.pop();
        new.pop();
    }
    (old.join("/"), new.join("/"))
}

#[cfg(test)]
mod tests {
    use super::prefixes;

    #[test]
    fn a_prefix_is_what_stands_before_the_segments_that_are_alike() {
        let of = |old, new| prefixes(old, new);
        let pair = |old: &str, new: &str| (old.to_owned(), new.to_owned());
        assert_eq!(of("/v1/users/{id}", "/v2/users/{userId}"), pair("/v1", "/v2"));
        assert_eq!(of("/users", "/api/users"), pair("", "/api"));
        assert_eq!(of("/api/v1/users", "/users"), pair("/api/v1", ""));
        assert_eq!(of("/cats/{id}/toys", "/dogs/{id}/toys"), pair("/cats", "/dogs"));
    }
}
