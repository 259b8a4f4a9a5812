//! Schemas that are designed to keep a checker busy stay within their fuel and within the stack of a test.

use openapi_document::{Document, Node, Version};
use serde_json::{Map, Value, json};

use super::{FUEL, Sole, ask_within};
use crate::containment::Schemas;
use crate::containment::engine::{Beside, Engine, Question, reserve};
use crate::containment::formula::FormulaId;
use crate::containment::literal::Literal;
use crate::containment::outcome::Outcome;
use crate::containment::reading::Reading;
use crate::containment::solve::MOST_KEPT;
use crate::containment::solver::Solver;
use crate::containment::subsume::Inside;
use crate::containment::types::Kind;
use crate::containment::verdict::{Verdict, World};
use crate::options::Nullable;
use crate::report::{Direction, Side};

fn end(source: &Value, target: &Value) -> [Verdict; 2] {
    [ask_within(source, target, FUEL), ask_within(target, source, FUEL)]
}

fn is_undecided(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Undecided(_))
}

fn within(schema: Value, times: usize, wrap: impl Fn(Value, usize) -> Value) -> Value {
    (0..times).fold(schema, wrap)
}

#[test]
fn patterns_whose_product_is_huge() {
    let pattern = |text: &str| json!({"type": "string", "pattern": text});
    let [verdict, _] = end(&pattern("^(a|b)*a(a|b){20}$"), &pattern("^(a|b)*b(a|b){20}$|c"));
    assert!(is_undecided(&verdict));
    let many: Vec<Value> = ('a'..='h')
        .map(|c| json!({"pattern": format!("^(.*{c}.*){{3}}$")}))
        .collect();
    end(
        &json!({"type": "string", "allOf": many, "maxLength": 20}),
        &pattern("zzz"),
    );
    end(&pattern(r"^\p{L}{1,5000}$"), &pattern(r"^\p{L}{1,5001}$"));
    end(&pattern("^((((a{10}){10}){10}){10}){10}$"), &pattern("^a*$"));
    let longer: Vec<Value> = (0..300)
        .map(|n| json!({"pattern": format!("a{{{n},}}")}))
        .collect();
    end(&json!({"type": "string", "allOf": longer}), &pattern("a{299}"));
}

#[test]
fn look_around_that_follows_many_texts_at_once() {
    let pattern = |text: &str| json!({"type": "string", "pattern": text});
    for text in [
        "^(?:(?=(?:a|b){0,30}c)[abc])*$",
        "^(?:(?!(?:a|b){30}c)[abc])*$",
        "^(?:(?=.*a.{20}b)(?=.*b.{20}a).)*$",
        "^(?:.(?<=a.{20})){40}$",
    ] {
        end(&pattern(text), &pattern("^[ab]{50}c$"));
    }
}

#[test]
fn huge_numbers_of_everything() {
    let huge = 1_000_000_000_000_u64;
    for (keyword, kind) in [
        ("minLength", "string"),
        ("minItems", "array"),
        ("minProperties", "object"),
    ] {
        let [wide, narrow] = end(
            &json!({"type": kind, keyword: huge}),
            &json!({"type": kind, keyword: huge + 1}),
        );
        assert!(is_undecided(&wide), "{keyword}");
        assert_eq!(narrow, Verdict::Proved, "{keyword}");
    }
    let steps: Vec<Value> = (0..200_u64)
        .map(|n| json!({"multipleOf": 1_000_000_000_000_000_003 + 2 * n}))
        .collect();
    let [verdict, _] = end(
        &json!({"type": "integer", "allOf": steps}),
        &json!({"multipleOf": 7_919}),
    );
    assert!(is_undecided(&verdict));
    end(
        &json!({"type": "number", "multipleOf": 1e-300}),
        &json!({"type": "number", "multipleOf": 1e300}),
    );
    end(
        &json!({"type": "array", "contains": {"type": "integer"}, "minContains": 500}),
        &json!({"type": "array", "contains": {"type": "number"}, "minContains": 501}),
    );
}

#[test]
fn long_lists() {
    let names = |count: usize| -> Vec<String> { (0..count).map(|n| format!("v{n}")).collect() };
    let constants: Vec<Value> = names(6_000).iter().map(|name| json!({ "const": name })).collect();
    let [there, back] = end(&json!({"enum": names(6_000)}), &json!({ "oneOf": constants }));
    assert_eq!([there, back], [Verdict::Proved, Verdict::Proved]);
    let [proved, refuted] = end(&json!({"enum": names(6_000)}), &json!({"enum": names(6_001)}));
    assert_eq!(proved, Verdict::Proved);
    assert!(matches!(refuted, Verdict::Refuted(_)));
    let objects = |count: usize| -> Vec<Value> { (0..count).map(|n| json!({ "a": n })).collect() };
    let [verdict, _] = end(&json!({"enum": objects(5_000)}), &json!({"enum": objects(5_001)}));
    assert!(is_undecided(&verdict));
    let [proved, _] = end(
        &json!({"required": names(3_001)}),
        &json!({"required": names(3_000)}),
    );
    assert_eq!(proved, Verdict::Proved);
}

#[test]
fn objects_of_a_thousand_properties() {
    let object = |kind: &str| {
        let properties: Map<String, Value> = (0..1_000)
            .map(|n| (format!("p{n}"), json!({ "type": kind })))
            .collect();
        json!({"type": "object", "properties": properties, "additionalProperties": false})
    };
    let [proved, refuted] = end(&object("integer"), &object("number"));
    assert_eq!(proved, Verdict::Proved);
    assert!(matches!(refuted, Verdict::Refuted(_)));
}

#[test]
fn alternatives_within_alternatives() {
    let tagged = |inner: Value, n: usize| {
        json!({"anyOf": [
            {"type": "object", "required": ["t"], "properties": {"t": {"const": n}, "a": inner}},
            {"type": "object", "required": ["t"], "properties": {"t": {"const": -1}, "a": inner}}]})
    };
    let leaf = |kind: &str| json!({ "type": kind });
    end(
        &within(leaf("integer"), 7, tagged),
        &within(leaf("number"), 7, tagged),
    );
    let negated = |inner: Value, n: usize| json!({"oneOf": [inner, {"properties": {format!("q{n}"): inner}}, {"not": inner}]});
    end(
        &within(leaf("integer"), 6, negated),
        &within(leaf("number"), 6, negated),
    );
    let mutual = |kind: &str| {
        let definitions: Map<String, Value> = (0..12)
            .map(|n| {
                let branches: Vec<Value> = (0..5)
                    .map(|m| {
                        json!({"type": "object", "required": [format!("k{m}")], "properties": {
                        "x": {"$ref": format!("#/$defs/d{}", (n * 7 + m) % 12)}, "n": {"type": kind}}})
                    })
                    .collect();
                (format!("d{n}"), json!({ "oneOf": branches }))
            })
            .collect();
        json!({"$ref": "#/$defs/d0", "$defs": definitions})
    };
    end(&mutual("integer"), &mutual("number"));
    // The pigeonhole principle.
    let holes: Vec<Value> = (0..8)
        .map(|p| json!({"anyOf": (0..7).map(|h| json!({"required": [format!("x{p}{h}")]})).collect::<Vec<_>>()}))
        .collect();
    let clashes: Vec<Value> = (0..7)
        .flat_map(|h| {
            (0..8).flat_map(move |p| {
                (0..p).map(move |q| json!({"required": [format!("x{p}{h}"), format!("x{q}{h}")]}))
            })
        })
        .collect();
    let [verdict, _] = end(
        &json!({"type": "object", "allOf": holes}),
        &json!({ "anyOf": clashes }),
    );
    assert!(is_undecided(&verdict));
    let conditions = |required: Value| -> Vec<Value> {
        (0..60).map(|n| json!({"if": {"properties": {"t": {"const": n}}, "required": required}, "then": {"required": [format!("a{n}")]}})).collect()
    };
    end(
        &json!({"allOf": conditions(json!([]))}),
        &json!({"allOf": conditions(json!(["t"]))}),
    );
    let some: Vec<Value> = (0..1_000)
        .map(|n| json!({"not": {"additionalProperties": {"minimum": n}}}))
        .collect();
    end(&json!({ "allOf": some }), &json!({"minProperties": 2}));
}

#[test]
fn deep_nesting() {
    let items = |inner: Value, _| json!({"type": "array", "items": inner});
    let leaf = |kind: &str| json!({ "type": kind });
    end(
        &within(leaf("integer"), 100, items),
        &within(leaf("number"), 100, items),
    );
    let required = |inner: Value, _| json!({"type": "object", "required": ["a"], "properties": {"a": inner}});
    end(
        &within(leaf("integer"), 50, required),
        &within(leaf("number"), 50, required),
    );
    let union = |inner: Value, n: usize| json!({"anyOf": [{"required": [format!("a{n}")]}, {"properties": {"a": inner}}]});
    end(
        &within(leaf("integer"), 30, union),
        &within(leaf("number"), 30, union),
    );
    let choices: Vec<Value> = (0..900)
        .map(|n| json!({"anyOf": [{"required": [format!("a{n}")]}, {"required": [format!("b{n}")]}]}))
        .collect();
    ask_within(
        &json!({"type": "object", "allOf": choices}),
        &json!(false),
        200_000,
    );
    let chain = |leaf: &str, link: fn(Value) -> Value| {
        let mut definitions: Map<String, Value> = (0..1_000)
            .map(|n| (n.to_string(), link(json!({"$ref": format!("#/$defs/{}", n + 1)}))))
            .collect();
        definitions.insert("1000".to_owned(), json!({ "type": leaf }));
        json!({"$ref": "#/$defs/0", "$defs": definitions})
    };
    end(&chain("integer", |next| next), &json!({"type": "number"}));
    let step = |next: Value| json!({"type": "object", "required": ["n"], "properties": {"n": next}});
    end(&chain("integer", step), &chain("number", step));
    let union = |next: Value| json!({"anyOf": [{"required": ["a"]}, {"properties": {"n": next}}, {"not": {"required": ["b"]}}]});
    end(&chain("integer", union), &chain("number", union));
    let far = within(json!(1), 200, |inner, _| Value::Array(vec![inner]));
    let schema = Value::Object(Map::from_iter([("const".to_owned(), far)]));
    assert!(is_undecided(&ask_within(&schema, &json!(true), FUEL)));
}

#[test]
fn a_witness_is_checked_though_its_schema_doubles_at_each_level() {
    let mut definitions: Map<String, Value> = (0..60)
        .map(|n| {
            let next = json!({"$ref": format!("#/$defs/{}", n + 1)});
            (
                n.to_string(),
                json!({"oneOf": [next, {"allOf": [next, {"not": next}]}]}),
            )
        })
        .collect();
    definitions.insert("60".to_owned(), json!({"type": "string"}));
    let schema = json!({"$ref": "#/$defs/0", "$defs": definitions});
    let answer = super::answer(&json!({}), &schema, &super::Options::default());
    assert!(matches!(answer.verdict, Verdict::Refuted(_)), "{answer:?}");
    assert_eq!(answer.faults, 0);
}

#[test]
fn alternatives_that_were_not_tried_are_not_counted_out() {
    let mut apart: Vec<Value> = (0..50).map(|n| json!({ "const": n })).collect();
    apart.extend([json!({"minimum": 0}), json!({"exclusiveMaximum": 0})]);
    let both = json!({"not": {"oneOf": apart}});
    let inhabited = json!({"type": "number", "allOf": [both]});
    for fuel in 1..200 {
        let verdict = ask_within(&inhabited, &json!(false), fuel);
        assert_ne!(verdict, Verdict::Proved, "{fuel}");
    }
    let verdict = ask_within(&inhabited, &json!(false), FUEL);
    assert!(matches!(verdict, Verdict::Refuted(_)), "{verdict:?}");
}

#[test]
fn a_wide_object_that_was_not_read_to_its_end_is_not_counted_out() {
    let properties: Map<String, Value> = (0..300)
        .map(|n| (format!("p{n}"), json!({"type": "integer"})))
        .collect();
    let wide = json!({"type": "object", "properties": properties});
    for fuel in 1..100 {
        let verdict = ask_within(&wide, &json!(false), fuel);
        assert_ne!(verdict, Verdict::Proved, "{fuel}");
    }
}

/// Asks an engine with little fuel about a schema of strings.
fn with_string(ask: impl FnOnce(&mut Engine<'_>)) {
    let schema = Sole::new(&json!({"type": "string"}), Version::JsonSchema);
    let reading = Reading {
        nullable: Nullable::Strict,
        formats: false,
    };
    ask(&mut Engine::new([&schema.document; 2], reading, FUEL));
}

/// Otherwise a proof would be needed for each pair of alternatives.
#[test]
fn objects_are_told_apart_by_one_of_several_tags() {
    let tagged = |tags: &[(&str, &str)]| {
        let names: Vec<&str> = tags.iter().map(|(name, _)| *name).collect();
        let own: Map<String, Value> = tags
            .iter()
            .map(|(name, text)| ((*name).to_owned(), json!({"const": text})))
            .collect();
        json!({"type": "object", "required": names, "properties": own})
    };
    let (one, other) = (
        tagged(&[("a", "x"), ("b", "y"), ("c", "1")]),
        tagged(&[("b", "y"), ("c", "2")]),
    );
    for (schemas, are_apart) in [
        ([&one, &other], true),
        ([&other, &one], true),
        ([&one, &one], false),
    ] {
        let [one, other] = schemas.map(|it| Sole::new(it, Version::JsonSchema));
        let reading = Reading {
            nullable: Nullable::Lenient,
            formats: false,
        };
        let mut engine = Engine::new([&one.document, &other.document], reading, FUEL);
        let one = engine.formula(one.question(0, None), World::Open);
        let other = engine.formula(other.question(1, None), World::Open);
        assert_eq!(engine.solver.are_apart(one, other), are_apart, "{schemas:?}");
    }
}

#[test]
fn a_second_attempt_gets_its_whole_share() {
    with_string(|engine| {
        let granted = |engine: &mut Engine<'_>| {
            engine.solver.fuel.refill();
            engine.solver.fuel.granted()
        };
        let whole = granted(engine);
        let little = engine.soon(granted);
        assert!(little < whole, "{little} of {whole}");
        assert_eq!(granted(engine), whole);
    });
}

/// Asks an engine about the formulas of an integer and a number inside so many lists, the outermost list first.
fn within_lists(levels: usize, ask: impl FnOnce(&mut Engine<'_>, &[(FormulaId, FormulaId)])) {
    let lists = |leaf: &str| {
        let list = |n: usize| {
            (
                n.to_string(),
                json!({"type": "array", "items": {"$ref": format!("#/$defs/{}", n + 1)}}),
            )
        };
        let mut definitions: Map<String, Value> = (0..levels).map(list).collect();
        definitions.insert(levels.to_string(), json!({"type": leaf}));
        Sole::new(&json!({"$defs": definitions}), Version::JsonSchema)
    };
    let (one, other) = (lists("integer"), lists("number"));
    let reading = Reading {
        nullable: Nullable::Strict,
        formats: false,
    };
    let mut engine = Engine::new([&one.document, &other.document], reading, 200_000);
    let mut formula = |source: usize, level: usize| {
        let schema = [&one, &other][source].document.root();
        let schema = schema.pointer(&format!("/$defs/{level}")).unwrap();
        let question = Question {
            schema,
            ..one.question(source, None)
        };
        engine.formula(question, World::Open)
    };
    let pairs: Vec<_> = (0..=levels)
        .map(|level| (formula(0, level), formula(1, level)))
        .collect();
    ask(&mut engine, &pairs);
}

#[test]
fn a_pair_that_lies_too_deep_for_one_proof_has_a_proof_of_its_own() {
    within_lists(300, |engine, pairs| {
        assert!(!engine.solver.subsumes(pairs[0], &[]));
        assert!(!engine.solver.subsumes(pairs[180], &[]));
        assert!(engine.solver.subsumes(pairs[250], &[]));
        for pair in pairs.iter().rev() {
            assert!(engine.solver.subsumes(*pair, &[]));
        }
    });
}

#[test]
fn each_proof_and_search_has_its_own_fuel() {
    within_lists(1, |engine, pairs| {
        let spend = |engine: &mut Engine<'_>| while engine.solver.fuel.step() {};
        spend(engine);
        assert!(engine.solver.subsumes(pairs[0], &[]));
        let (narrow, wide) = ((pairs[0].1, pairs[0].0), (pairs[1].1, pairs[1].0));
        spend(engine);
        assert!(engine.solver.lifts(narrow, Inside::Item(0), wide));
        spend(engine);
        assert!(matches!(engine.solver.ask(&[pairs[1].0]), Outcome::Sat(_)));
    });
}

#[test]
fn a_first_attempt_at_a_question_that_took_all_of_its_fuel_is_not_repeated() {
    let read = |schema: Value| Document::read_schema(schema.to_string()).unwrap();
    let one = read(json!({"type": "string", "pattern": "^a{200}$"}));
    let other = read(json!({"const": "b"}));
    let options = crate::Options {
        fuel: 64,
        ..crate::Options::default()
    };
    let mut schemas = Schemas::new(&one, &other, &options);
    let source = schemas.lower(Side::Base, one.root(), Direction::Request);
    let target = schemas.lower(Side::Revision, other.root(), Direction::Request);
    for _ in 0..2 {
        assert_eq!(schemas.contains_soon(source, target, World::Open), None);
    }
}

#[test]
fn a_first_attempt_answers_what_no_fuel_could_decide() {
    let read = |schema: Value| Document::read_schema(schema.to_string()).unwrap();
    let unreadable = read(json!({"type": "string", "pattern": r"^(a)\1$"}));
    let integer = read(json!({"type": "integer"}));
    let mut schemas = Schemas::new(&unreadable, &integer, &crate::Options::default());
    let source = schemas.lower(Side::Base, unreadable.root(), Direction::Request);
    let target = schemas.lower(Side::Revision, integer.root(), Direction::Request);
    let answer = schemas.contains_soon(source, target, World::Open);
    assert!(answer.as_ref().is_some_and(is_undecided), "{answer:?}");
}

#[test]
fn questions_about_small_documents_share_a_small_reserve() {
    with_string(|engine| {
        let mut granted = || {
            engine.solver.fuel.refill();
            let granted = engine.solver.fuel.granted();
            while engine.solver.fuel.step() {}
            granted
        };
        let whole = granted();
        assert!((1..14).all(|_| granted() == whole));
        assert!((14..20).all(|_| granted() < whole));
    });
    for (bytes, tanks) in [
        (999_999, 16),
        (1_000_000, 24),
        (5_999_999, 56),
        (6_000_000, 64),
        (7_000_000, 64),
    ] {
        assert_eq!(reserve(bytes), tanks, "{bytes}");
    }
}

/// The outcome of each search is kept, but beyond a limit the values that were found are forgotten.
#[test]
fn found_values_are_forgotten_when_they_are_too_many() {
    with_string(|engine| {
        let solver = &mut engine.solver;
        let [string, number] = [Kind::String, Kind::Number].map(|kind| solver.arena().kind(kind));
        let least = |solver: &mut Solver<'_>, n| solver.arena().literal(Literal::MinLen(n));
        let (three, four) = (least(solver, 3), least(solver, 4));
        let at_most = solver.arena().literal(Literal::MaxLen(3));
        assert_eq!(solver.ask(&[string, four, at_most]), Outcome::Unsat);
        assert!(matches!(solver.ask(&[string, three]), Outcome::Sat(_)));
        assert_eq!((solver.memo.len(), solver.kept), (2, 1));
        solver.kept = MOST_KEPT - 1;
        assert!(matches!(solver.ask(&[string, four]), Outcome::Sat(_)));
        assert_eq!((solver.memo.len(), solver.kept), (3, MOST_KEPT));
        assert!(matches!(solver.ask(&[number]), Outcome::Sat(_)));
        assert_eq!((solver.memo.len(), solver.kept), (2, 1));
    });
}

#[test]
fn a_later_question_may_decide_what_an_earlier_one_left_open() {
    let hard = |letter: &str| json!({"type": "string", "pattern": format!("^({letter}|x)*{letter}({letter}|x){{6}}$"), "not": {"pattern": "x|y"}, "minLength": 9});
    let schema =
        json!({"type": "object", "required": ["a", "b"], "properties": {"a": hard("a"), "b": hard("b")}});
    let reading = Reading {
        nullable: Nullable::Strict,
        formats: false,
    };
    let schema = Sole::new(&schema, Version::JsonSchema);
    let asked = |fuel: u64, parts: &[Node<'_>]| -> Vec<Option<bool>> {
        let mut engine = Engine::new([&schema.document; 2], reading, fuel);
        let question = |schema| Question {
            source: 0,
            schema,
            beside: Beside::default(),
            direction: None,
            carrier: crate::containment::Carrier::Json,
            takes_overlaps: false,
        };
        parts.iter().map(|it| engine.is_empty(question(*it))).collect()
    };
    let schema = schema.node();
    let b = schema.pointer("/properties/b").unwrap();
    let enough_for = |parts: &[Node<'_>]| {
        (1..FUEL)
            .find(|fuel| asked(*fuel, parts).last() != Some(&None))
            .unwrap()
    };
    let fuel = enough_for(&[b]);
    assert_eq!(asked(fuel, &[schema, b]), [None, Some(false)]);
}

#[test]
fn wide_objects_within_wide_objects_stay_within_the_stack() {
    const LEVELS: usize = 1_000;
    let mut definitions: Map<String, Value> = (0..LEVELS)
        .map(|level| {
            let names: Vec<String> = (0..257).map(|n| format!("{level}-{n}")).collect();
            let next = json!({"$ref": format!("#/$defs/{}", level + 1)});
            (level.to_string(), json!({"allOf": [next, {"required": names}]}))
        })
        .collect();
    definitions.insert(LEVELS.to_string(), json!({"type": "object"}));
    let schema = json!({"$ref": "#/$defs/0", "$defs": definitions});
    let answer = super::answer(&schema, &json!(false), &super::Options::default());
    assert_ne!(answer.verdict, Verdict::Proved);
}
