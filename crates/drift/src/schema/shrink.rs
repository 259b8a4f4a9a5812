//! Making a witness as small as it can be: what is not needed is deleted, and the judge is asked again.

use serde_json::Value;

/// Questions to the judge that one witness is worth.
const ATTEMPTS: usize = 200;
/// Values within values that all those questions together may hold, so that a huge witness is tried a few times only.
const LARGEST: usize = 40_000;

/// The smallest value, by deleting properties and items one after another, that still `holds`.
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
            if remove(&mut smaller, &path) && holds(&smaller) {
                best = smaller;
                continue 'again;
            }
        }
        return best;
    }
}

/// Everything that can be deleted, outermost first.
fn removable(value: &Value) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut open = std::collections::VecDeque::from([(value, Vec::new())]);
    while let Some((value, path)) = open.pop_front() {
        let inside: Vec<(String, &Value)> = match value {
            Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), value)).collect(),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .map(|(at, it)| (at.to_string(), it))
                .rev()
                .collect(),
            _ => continue,
        };
        for (step, value) in inside {
            let mut path: Vec<String> = path.clone();
            path.push(step);
            found.push(path.clone());
            open.push_back((value, path));
        }
    }
    found
}

fn remove(value: &mut Value, path: &[String]) -> bool {
    let Some((last, way)) = path.split_last() else {
        return false;
    };
    let mut at = value;
    for step in way {
        let next = match at {
            Value::Object(map) => map.get_mut(step),
            Value::Array(items) => step.parse::<usize>().ok().and_then(|index| items.get_mut(index)),
            _ => None,
        };
        let Some(next) = next else { return false };
        at = next;
    }
    match at {
        Value::Object(map) => map.shift_remove(last).is_some(),
        Value::Array(items) => match last.parse::<usize>() {
            Ok(index) if index < items.len() => {
                items.remove(index);
                true
            }
            _ => false,
        },
        _ => false,
    }
}
