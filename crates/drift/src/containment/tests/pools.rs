//! Compares every schema of a small pool with every other one, and checks each answer against many values.
//!
//! The values of a pool are few and small, so that a second validator can decide which schemas accept them. If a
//! value distinguishes two schemas, the answer must be a refutation. Otherwise it must be a proof, or a value that
//! shows the difference. No question about a pool may stay undecided.

use std::rc::Rc;

use openapi_document::Version;
use serde_json::{Value, json};

use super::{Second, Sole};
use crate::containment::Options;
use crate::containment::engine::Engine;
use crate::containment::reading::Reading;
use crate::containment::verdict::{Verdict, World};
use crate::options::Nullable;
use crate::report::Direction;

/// A schema with its meaning in JSON Schema 2020-12.
struct Meant {
    written: Value,
    source: Rc<Second>,
    target: Rc<Second>,
}

impl Meant {
    #[track_caller]
    fn new(written: Value, meaning: &Value) -> Self {
        let meaning = Rc::new(Second::new(meaning));
        Self {
            written,
            source: Rc::clone(&meaning),
            target: meaning,
        }
    }

    #[track_caller]
    fn itself(schema: Value) -> Self {
        let meaning = schema.clone();
        Self::new(schema, &meaning)
    }
}

/// Asks about every pair, and checks each answer against the values and against every witness of another answer. The
/// total cost must stay below a limit, because a question costs the same on every machine.
#[track_caller]
fn hold(pool: &[Meant], values: &[Value], ask: impl Fn(&Value, &Value) -> (Verdict, u64), most: u64) {
    let mut proofs = Vec::new();
    let admitted = |second: &Second, values: &[Value]| -> Vec<bool> {
        values.iter().map(|value| second.admits(value)).collect()
    };
    let small: Vec<_> = pool
        .iter()
        .map(|it| (admitted(&it.source, values), admitted(&it.target, values)))
        .collect();
    let (mut witnesses, mut taken) = (Vec::new(), 0);
    for (one, (in_source, _)) in pool.iter().zip(&small) {
        for (other, (_, in_target)) in pool.iter().zip(&small) {
            let (source, target) = (&one.written, &other.written);
            let shown = (0..values.len()).find(|at| in_source[*at] && !in_target[*at]);
            let (verdict, more) = ask(source, target);
            taken += more;
            match (verdict, shown) {
                (Verdict::Proved, None) => proofs.push((one, other)),
                (Verdict::Refuted(refutation), _) => {
                    let witness = refutation.witness;
                    let tells = |value: &Value| one.source.admits(value) && !other.target.admits(value);
                    assert!(tells(&witness), "{witness} does not tell {source} from {target}");
                    for less in smaller(&witness) {
                        assert!(
                            !tells(&less),
                            "{less} would do for {witness}: {source} in {target}"
                        );
                    }
                    assert!(!refutation.because.is_empty(), "{source} in {target}");
                    witnesses.push(witness);
                }
                (verdict, Some(at)) => panic!("{source} in {target}: {verdict:?}, but {}", values[at]),
                (verdict, None) => panic!("{source} in {target}: {verdict:?}"),
            }
        }
    }
    witnesses.retain(|witness| !values.contains(witness));
    witnesses.dedup();
    for (one, other) in proofs {
        for value in &witnesses {
            assert!(
                !one.source.admits(value) || other.target.admits(value),
                "{} in {}: proved, but {value}",
                one.written,
                other.written
            );
        }
    }
    assert!(
        taken <= most,
        "all questions of the pool took {taken} small operations, at most {most} were meant"
    );
}

/// The value without one of its properties or items, at any depth.
fn smaller(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => (0..items.len())
            .flat_map(|at| {
                let mut without = items.clone();
                without.remove(at);
                let inside = smaller(&items[at]).into_iter().map(move |less| {
                    let mut with = items.clone();
                    with[at] = less;
                    Value::Array(with)
                });
                std::iter::once(Value::Array(without)).chain(inside)
            })
            .collect(),
        Value::Object(map) => map
            .iter()
            .flat_map(|(name, value)| {
                let mut without = map.clone();
                without.remove(name);
                let inside = smaller(value).into_iter().map(move |less| {
                    let mut with = map.clone();
                    with[name] = less;
                    Value::Object(with)
                });
                std::iter::once(Value::Object(without)).chain(inside)
            })
            .collect(),
        _ => Vec::new(),
    }
}

#[track_caller]
pub(super) fn read(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"))
}

#[track_caller]
fn every_pair(lines: &str, values: &[Value], most: u64) {
    let pool: Vec<_> = lines.lines().map(|line| Meant::itself(read(line))).collect();
    let way = Way {
        versions: [Version::JsonSchema; 2],
        nullable: Nullable::Strict,
        direction: None,
        world: World::Open,
    };
    hold(&pool, values, |source, target| way.ask(source, target), most);
}

fn scalars() -> Vec<Value> {
    vec![json!(null), json!(true), json!(false), json!(1), json!("a")]
}

/// All arrays of these items, up to a length.
pub(super) fn arrays(items: &[Value], longest: usize) -> Vec<Value> {
    let mut all: Vec<Vec<Value>> = vec![vec![]];
    let mut last = all.clone();
    for _ in 0..longest {
        last = last
            .iter()
            .flat_map(|array| {
                items.iter().map(|item| {
                    let mut longer = array.clone();
                    longer.push(item.clone());
                    longer
                })
            })
            .collect();
        all.extend(last.iter().cloned());
    }
    all.into_iter().map(Value::Array).collect()
}

/// All objects that have some of these names, each with one of these values.
pub(super) fn objects(names: &[&str], values: &[Value]) -> Vec<Value> {
    let mut all = vec![serde_json::Map::new()];
    for name in names {
        let with: Vec<_> = all
            .iter()
            .flat_map(|map| {
                values.iter().map(|value| {
                    let mut more = map.clone();
                    more.insert((*name).to_owned(), value.clone());
                    more
                })
            })
            .collect();
        all.extend(with);
    }
    all.into_iter().map(Value::Object).collect()
}

#[test]
fn kinds_and_lists() {
    let mut values = scalars();
    values.extend([
        json!(0),
        json!(2),
        json!(1.5),
        json!(""),
        json!("b"),
        json!([]),
        json!([1]),
        json!([true]),
        json!({}),
        json!({"a": 1}),
    ]);
    every_pair(include_str!("pools/kinds.jsonl"), &values, 285_000);
}

#[test]
fn numbers() {
    let values: Vec<_> = (-12..=26)
        .map(|n| json!(f64::from(n) / 4.0))
        .chain(scalars())
        .collect();
    every_pair(include_str!("pools/numbers.jsonl"), &values, 915_000);
}

#[test]
fn strings() {
    let mut values = scalars();
    let letters = ["a", "b", "-", "1", "é", "\n", "A", "_", " "];
    values.push(json!(""));
    for one in letters {
        values.push(json!(one));
        for two in letters {
            values.push(json!(format!("{one}{two}")));
            for three in ["a", "b", "1"] {
                values.push(json!(format!("{one}{two}{three}")));
            }
        }
    }
    every_pair(include_str!("pools/strings.jsonl"), &values, 1_760_000);
}

#[test]
fn arrays_by_length_and_position() {
    let mut values = arrays(&[json!(0), json!(1), json!("a"), json!(null), json!([])], 3);
    values.extend(scalars());
    every_pair(include_str!("pools/arrays.jsonl"), &values, 900_000);
}

#[test]
fn arrays_by_counts() {
    let mut values = arrays(&[json!(0), json!(1), json!(2), json!("a"), json!(null)], 4);
    values.extend(scalars());
    every_pair(include_str!("pools/counts.jsonl"), &values, 830_000);
}

#[test]
fn arrays_by_difference() {
    let mut values = arrays(
        &[
            json!(0),
            json!(1),
            json!(2),
            json!(true),
            json!(false),
            json!("a"),
        ],
        3,
    );
    values.extend(scalars());
    every_pair(include_str!("pools/differences.jsonl"), &values, 810_000);
}

#[test]
fn objects_by_property() {
    let mut values = objects(&["a", "b", "c", "ab"], &[json!(1), json!("a"), json!(null)]);
    values.extend(scalars());
    values.extend([
        json!({"a": {"a": 1}}),
        json!({"a": {"a": "a"}}),
        json!({"a": {}}),
        json!({"a": {"b": 1}, "b": 1}),
    ]);
    every_pair(include_str!("pools/objects.jsonl"), &values, 1_750_000);
}

#[test]
fn references_and_recursion() {
    let mut values = scalars();
    let mut inner = vec![json!(1), json!(null), json!({}), json!([])];
    for _ in 0..2 {
        inner.extend(objects(&["a", "b"], &inner.clone()));
        inner.extend(arrays(&inner.clone(), 1));
        inner.truncate(200);
    }
    values.extend(inner);
    every_pair(include_str!("pools/references.jsonl"), &values, 353_479);
}

/// The values for the pools of OpenAPI's own keywords.
pub(super) fn told_apart() -> Vec<Value> {
    let mut values = scalars();
    values.extend([
        json!(0),
        json!(1.5),
        json!(2),
        json!(-1),
        json!(3_000_000_000_u64),
        json!(-3_000_000_000_i64),
    ]);
    values.extend([json!(1e19), json!(""), json!("b"), json!("ab")]);
    values.extend(arrays(&[json!("a"), json!("b"), json!(1)], 2));
    values.extend(objects(&["a", "b", "c"], &[json!(1), json!("a"), json!(null)]));
    let nested = [
        json!({}),
        json!({"a": 1}),
        json!({"b": 1}),
        json!({"a": {"b": 1}}),
    ];
    for inner in nested {
        values.extend([
            json!([inner]),
            json!({"a": inner}),
            json!({"b": inner}),
            json!({"c": inner}),
        ]);
    }
    values
}

#[track_caller]
pub(super) fn columns<const N: usize>(lines: &str) -> Vec<[Value; N]> {
    let columns = |line| match read(line) {
        Value::Array(columns) => columns.try_into().expect("as many columns as were asked for"),
        _ => panic!("a list of columns: {line}"),
    };
    lines.lines().map(columns).collect()
}

struct Way {
    versions: [Version; 2],
    nullable: Nullable,
    direction: Option<Direction>,
    world: World,
}

impl Way {
    #[track_caller]
    fn ask(&self, source: &Value, target: &Value) -> (Verdict, u64) {
        let reading = Reading {
            nullable: self.nullable,
            formats: false,
        };
        let [one, other] = self.versions;
        let (one, other) = (Sole::new(source, one), Sole::new(target, other));
        let fuel = Options::default().fuel;
        let mut engine = Engine::new([&one.document, &other.document], reading, fuel);
        let verdict = engine.contains(
            one.question(0, self.direction),
            other.question(1, self.direction),
            self.world,
        );
        assert_eq!(engine.faults(), 0, "{source} in {target}");
        (verdict, engine.cost())
    }
}

#[test]
fn the_older_version_beside_what_it_means() {
    let lines: Vec<[Value; 3]> = columns(include_str!("pools/openapi-3.0.jsonl"));
    for (column, nullable, most) in [(1, Nullable::Lenient, 176_000), (2, Nullable::Strict, 240_000)] {
        let way = |versions| Way {
            versions,
            nullable,
            direction: None,
            world: World::Open,
        };
        let pool: Vec<_> = lines
            .iter()
            .map(|line| Meant::new(line[0].clone(), &line[column]))
            .collect();
        let old = [Version::V3_0; 2];
        hold(
            &pool,
            &told_apart(),
            |source, target| way(old).ask(source, target),
            most,
        );
        for line in &lines {
            let (old, new) = (&line[0], &line[column]);
            let there = way([Version::V3_0, Version::V3_1]).ask(old, new).0;
            let back = way([Version::V3_1, Version::V3_0]).ask(new, old).0;
            assert_eq!(
                [there, back],
                [Verdict::Proved, Verdict::Proved],
                "{old} beside {new}"
            );
        }
    }
}

#[test]
fn properties_that_are_sent_in_one_direction() {
    let lines: Vec<[Value; 3]> = columns(include_str!("pools/directions.jsonl"));
    for (column, direction, most) in [(1, Direction::Request, 14_000), (2, Direction::Response, 14_000)] {
        for version in [Version::V3_0, Version::V3_1] {
            let way = Way {
                versions: [version; 2],
                nullable: Nullable::Lenient,
                direction: Some(direction),
                world: World::Open,
            };
            let pool: Vec<_> = lines
                .iter()
                .map(|line| Meant::new(line[0].clone(), &line[column]))
                .collect();
            hold(
                &pool,
                &told_apart(),
                |source, target| way.ask(source, target),
                most,
            );
        }
    }
}

#[test]
fn values_that_a_producer_emits() {
    let lines: Vec<[Value; 2]> = columns(include_str!("pools/emitted.jsonl"));
    let way = Way {
        versions: [Version::V3_1; 2],
        nullable: Nullable::Lenient,
        direction: Some(Direction::Response),
        world: World::Closed,
    };
    let pool: Vec<_> = lines
        .iter()
        .map(|[written, emitted]| Meant {
            written: written.clone(),
            source: Rc::new(Second::new(emitted)),
            target: Rc::new(Second::new(written)),
        })
        .collect();
    hold(
        &pool,
        &told_apart(),
        |source, target| way.ask(source, target),
        790_000,
    );
}
