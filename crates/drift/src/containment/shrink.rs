//! Shrinks a witness: deletes parts that are not needed, and asks the judge again each time.

use serde_json::Value;

/// Maximum number of questions to the judge for one witness.
const ATTEMPTS: usize = 200;
/// Maximum number of nested values in all these questions together, so that a huge witness is tried only a few times.
const LARGEST: usize = 40_000;

/// Deletes properties and items one after another while the value still `holds`, and returns the smallest value.
pub(super) fn shrink(value: Value, mut holds: impl FnMut(&Value) -> bool) -> Value {
    let mut best = value;
    let (mut attempts, mut asked) = (0, 0);
    'again: loop {
        let removable = removable(&best);
        let size = removable.len();
        for path in removable {
            attempts += 1;
            asked += size;
            if attempts > ATTEMPTS || asked > LARGEST {
                return best;
            }
            let mut smaller = best.clone();
            remove(&mut smaller, &path);
            if holds(&smaller) {
                best = smaller;
                continue 'again;
            }
        }
        return best;
    }
}

/// The paths of all parts that can be deleted, outermost first. Each step is an index among the parts of the parent.
fn removable(value: &Value) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    let mut open = std::collections::VecDeque::from([(value, Vec::new())]);
    while let Some((value, path)) = open.pop_front() {
        let inside: Vec<(usize, &Value)> = match value {
            Value::Object(map) => map.values().enumerate().collect(),
            Value::Array(items) => items.iter().enumerate().rev().collect(),
            _ => continue,
        };
        for (step, value) in inside {
            let mut path: Vec<usize> = path.clone();
            path.push(step);
            found.push(path.clone());
            open.push_back((value, path));
        }
    }
    found
}

fn remove(value: &mut Value, path: &[usize]) {
    match (value, path) {
        (Value::Array(items), [at]) => {
            items.remove(*at);
        }
        (Value::Array(items), [at, inside @ ..]) => remove(&mut items[*at], inside),
        (Value::Object(map), [at]) => {
            let name = map.keys().nth(*at).cloned();
            name.and_then(|name| map.shift_remove(&name));
        }
        (Value::Object(map), [at, inside @ ..]) => {
            if let Some(value) = map.values_mut().nth(*at) {
                remove(value, inside);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn unneeded_parts_are_deleted_everywhere() {
        let whole = json!({"x": 1, "a": {"y": {"z": 2}, "b": [3, [4, {"w": 5, "c": 6}, 7], 8]}, "v": []});
        for (needed, least) in [
            ("", json!({})),
            ("/x", json!({"x": 1})),
            ("/a/y/z", json!({"a": {"y": {"z": 2}}})),
            // Deleting from the end of a list does not move other items.
            ("/a/b/1/1/c", json!({"a": {"b": [3, [4, {"c": 6}]]}})),
            ("/a/b/2", json!({"a": {"b": [3, [], 8]}})),
        ] {
            let found = whole.pointer(needed).unwrap().clone();
            let holds = |value: &Value| match value.pointer(needed) {
                Some(it) => needed.is_empty() || *it == found,
                None => false,
            };
            assert_eq!(shrink(whole.clone(), holds), least, "{needed}");
        }
        let three = |value: &Value| value.to_string().contains('3');
        assert_eq!(shrink(json!([1, [2, 3], 4]), three), json!([[3]]));
        assert_eq!(shrink(json!("3"), three), json!("3"));
    }

    /// The number of questions about a list from which only the first item can be deleted.
    fn asked(length: usize) -> usize {
        let mut asked = 0;
        shrink(json!(vec![0; length]), |value| {
            asked += 1;
            asked == length && value.as_array().is_some_and(|it| it.len() + 1 == length)
        });
        asked
    }

    #[test]
    fn the_judge_is_asked_so_often() {
        assert_eq!(asked(3), 5);
        assert_eq!(asked(100), 199);
        // Both the number of questions and the number of values in them are limited.
        assert_eq!(asked(101), 200);
        assert_eq!(asked(190), 200);
        assert_eq!(asked(200), 200);
        assert_eq!(asked(201), 199);
        assert_eq!(asked(400), 100);
    }
}
