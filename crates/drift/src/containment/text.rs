//! The written forms of a formula's values: the content of the message if the values are sent as text.
//!
//! Within one kind of scalar, a value is identified by its text, so a formula of values is also a formula of their
//! texts. Lists and objects are identified by the written forms of their parts. A formula of them is split into
//! alternatives, each of which has one condition on each item and property. Containment of written forms is
//! containment of texts.

use std::collections::HashMap;
use std::rc::Rc;

use super::carrier::{Among, Carrier, TextPlace};
use super::formula::{Arena, Formula, FormulaId, Text};
use super::literal::Literal;
use super::memo::Of;
use super::numeral;
use super::outcome::Outcome;
use super::solver::Solver;
use super::sorted::distinct;
use super::types::Kind;

/// Maximum number of alternatives into which a formula of lists or objects is split.
const WIDEST: usize = 512;
/// Maximum number of numbers that are listed as texts; longer lists stay numbers.
const LISTED: usize = 256;
/// Maximum nesting of forms; deeper ones are computed when they are needed.
const DEEPEST: usize = 64;
const TOO_WIDE: &str = "it has too many alternatives to be read as text";
const COUNTED: &str = "which of several texts are counted is not known";
const UNTOLD: &str = "an event without `data` is told to nobody";
const JSON_IN_A_TEXT: &str = "a list or an object in a field of an event is a text as well";
const EMPTY_QUERY: &str =
    "OpenAPI does not say whether an empty query is one without members or no query at all";
const PARTED: &str = "OpenAPI does not say how a text is written that holds what parts it from others";

/// The texts that a header can contain, without white space at either end.
const HEADER: &str = concat!(
    r"^([^\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]",
    r"([^\x00-\x1f\x7f-\x9f]*[^\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?)?$"
);

/// Whether an empty list or object is written as an empty text.
fn spells_empty(carrier: Carrier) -> bool {
    matches!(carrier, Carrier::Styled(styled) if styled.spells_empty)
}

impl Solver<'_> {
    /// The written forms of the values of a formula.
    pub(super) fn texts(&mut self, values: FormulaId, carrier: Carrier) -> FormulaId {
        if carrier == Carrier::Json || values == Arena::FALSE {
            return values;
        }
        if let Some(known) = self.texts.known.get(&(values, carrier)) {
            return *known;
        }
        self.texts.open.push((values, carrier));
        let found = self.texts_anew(values, carrier);
        self.texts.open.pop();
        self.texts.known.insert((values, carrier), found);
        found
    }

    fn texts_anew(&mut self, values: FormulaId, carrier: Carrier) -> FormulaId {
        // A schema that also accepts other values means the objects: nothing else can be written.
        let writes_objects_only = match carrier {
            Carrier::Form(_) | Carrier::Query(_) => true,
            Carrier::Styled(styled) => styled.is_deep,
            _ => false,
        };
        if writes_objects_only && self.of_kind(values, Of::Kind(Kind::Object)) != Arena::FALSE {
            let objects = self.texts_of_objects(values, carrier);
            return match carrier {
                Carrier::Styled(styled) => self.writable(objects, styled.place),
                _ => objects,
            };
        }
        let mut forms = self.texts_of_scalars(values);
        let is_composite = [Kind::Array, Kind::Object].into_iter().any(|kind| {
            let composites = self.of_kind(values, Of::Kind(kind));
            composites != Arena::FALSE && !self.has_doubt(composites)
        });
        // Scalars that a schema may not mean do not count beside lists or objects that it means.
        let counts = |form: &FormulaId| *form != Arena::FALSE && !(is_composite && self.has_doubt(*form));
        let is_scalar = forms.iter().any(counts);
        match carrier {
            // A single text contains no list and no object, unless the schema accepts nothing else there.
            Carrier::Text | Carrier::Item(_) if is_scalar => {}
            Carrier::Part => {
                for kind in [Kind::Array, Kind::Object] {
                    forms.push(self.kept(values, kind));
                }
            }
            Carrier::Data => {
                let kept = [Kind::Array, Kind::Object].map(|kind| self.kept(values, kind));
                let kept = self.arena().or(kept);
                let perhaps = self.lowering.opaque("a text that is JSON", JSON_IN_A_TEXT);
                forms.push(self.arena().and([kept, perhaps]));
            }
            Carrier::Field => {
                forms.push(self.kept(values, Kind::Object));
                forms.push(self.texts_of_lists(values, carrier));
            }
            _ => {
                if carrier == Carrier::Xml {
                    forms.push(self.kept(values, Kind::Null));
                }
                forms.push(self.texts_of_lists(values, carrier));
                forms.push(self.texts_of_objects(values, carrier));
            }
        }
        let mut found = self.arena().or(forms);
        match carrier {
            Carrier::Event => {
                let untold = self.lowering.lacks_text("data");
                let told = self.arena().not(untold);
                let perhaps = self.lowering.opaque("an event without data", UNTOLD);
                let either = self.arena().or([told, perhaps]);
                found = self.arena().and([found, either]);
            }
            Carrier::Styled(styled) => found = self.writable(found, styled.place),
            Carrier::Item(among) => {
                let writable = self.writable(found, among.place);
                found = self.apart(writable, among);
            }
            _ => {}
        }
        found
    }

    /// The written forms of the values of a formula, for readers of another formula. If both accept any text, a list
    /// that is written in one text is that text for both.
    pub(super) fn sent_texts(&mut self, values: FormulaId, taken: FormulaId, carrier: Carrier) -> FormulaId {
        let texts = self.texts(values, carrier);
        let mut both = [values, taken].into_iter();
        if !carrier.joins_texts() || !both.all(|it| self.of_kind(it, Of::Kind(Kind::String)) == Arena::TRUE) {
            return texts;
        }
        let string = self.arena().kind(Kind::String);
        self.arena().and([texts, string])
    }

    /// The written forms of a part of a value. References are followed when this is needed.
    fn texts_inside(&mut self, values: FormulaId, carrier: Carrier) -> FormulaId {
        let is_named = values == Arena::TRUE || matches!(self.lowering.arena.get(values), Formula::Ref(_));
        // A value may contain values of the same formula.
        let open = &self.texts.open;
        let is_lazy = is_named || open.len() >= DEEPEST || open.contains(&(values, carrier));
        if is_lazy && carrier != Carrier::Json {
            let def = self.lowering.definitions.define_texts(values, carrier);
            return self.arena().reference(def);
        }
        self.texts(values, carrier)
    }

    fn kept(&mut self, values: FormulaId, kind: Kind) -> FormulaId {
        let kind = self.arena().kind(kind);
        self.arena().and([values, kind])
    }

    /// Excludes the texts that cannot be written in their location.
    fn writable(&mut self, texts: FormulaId, place: TextPlace) -> FormulaId {
        let arena = self.arena();
        let mut parts = vec![texts];
        if place == TextPlace::Segment {
            let other = distinct(["", ".", ".."].map(|it| arena.text(it)));
            parts.push(arena.literal(Literal::StrNotIn(other.into())));
        }
        if place == TextPlace::Header {
            let pattern = arena.text(HEADER);
            parts.push(arena.literal(Literal::Pattern(pattern)));
        }
        arena.and(parts)
    }

    /// Leaves undecided whether a text that contains the separator is written.
    fn apart(&mut self, texts: FormulaId, among: Among) -> FormulaId {
        let Some(pattern) = among.parting.pattern() else {
            return texts;
        };
        let perhaps = self.lowering.opaque(&format!("parted by {among:?}"), PARTED);
        let arena = self.arena();
        let pattern = arena.text(pattern);
        let whole = arena.literal(Literal::Pattern(pattern));
        let either = arena.or([whole, perhaps]);
        arena.and([texts, either])
    }

    fn listed(&mut self, texts: &[&str]) -> FormulaId {
        let arena = self.arena();
        let texts = distinct(texts.iter().map(|it| arena.text(it)));
        let parts = [
            arena.kind(Kind::String),
            arena.literal(Literal::StrIn(texts.into())),
        ];
        arena.and(parts)
    }

    fn texts_of_scalars(&mut self, values: FormulaId) -> Vec<FormulaId> {
        let mut forms = Vec::new();
        let strings = self.of_kind(values, Of::Kind(Kind::String));
        let string = self.arena().kind(Kind::String);
        forms.push(self.arena().and([strings, string]));
        for truth in [true, false] {
            let holds = self.of_kind(values, Of::Bool(truth));
            let text = self.listed(&[if truth { "true" } else { "false" }]);
            forms.push(self.arena().and([holds, text]));
        }
        let numbers = self.of_kind(values, Of::Kind(Kind::Number));
        let listed = self.listed_numbers(numbers);
        forms.push(listed.unwrap_or_else(|| {
            let spelled = self.arena().literal(Literal::Spells(numbers));
            self.arena().and([string, spelled])
        }));
        forms
    }

    /// The texts of the numbers that a formula lists; `None` if it does not list them.
    fn listed_numbers(&mut self, numbers: FormulaId) -> Option<FormulaId> {
        let arena = &self.lowering.arena;
        let parts = arena.conjuncts(numbers);
        let listed = parts.iter().find_map(|part| match arena.get(*part) {
            Formula::Literal(Literal::NumIn(set)) if set.len() <= LISTED => Some(Rc::clone(set)),
            _ => None,
        })?;
        let mut texts = Vec::new();
        for number in listed.iter() {
            let one = Literal::NumIn([number.clone()].as_slice().into());
            let parts = [self.arena().literal(one), self.arena().kind(Kind::Number)];
            let one = self.arena().and(parts);
            match self.solve(&[numbers, one]) {
                Outcome::Sat(_) => texts.push(numeral::spelled(number)?),
                Outcome::Unsat => {}
                Outcome::Unknown { .. } => return None,
            }
        }
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        Some(if texts.is_empty() {
            Arena::FALSE
        } else {
            self.listed(&texts)
        })
    }

    fn texts_of_lists(&mut self, values: FormulaId, carrier: Carrier) -> FormulaId {
        let lists = self.of_kind(values, Of::Kind(Kind::Array));
        let Some(cases) = self.cases(lists, Kind::Array) else {
            return self.lowering.opaque(&format!("lists of {values:?}"), TOO_WIDE);
        };
        let mut forms = Vec::new();
        for case in cases {
            self.texts_of_list(&case, carrier, &mut forms);
        }
        self.arena().or(forms)
    }

    /// The written forms of the lists in one alternative.
    fn texts_of_list(&mut self, case: &[FormulaId], carrier: Carrier, forms: &mut Vec<FormulaId>) {
        let mut items: Vec<(u64, FormulaId)> = Vec::new();
        let mut rests: Vec<(u64, FormulaId)> = Vec::new();
        let (mut counted, mut others) = (Vec::new(), Vec::new());
        let (mut least, mut most) = (0, u64::MAX);
        for id in case {
            match self.lowering.arena.get(*id) {
                Formula::Literal(Literal::Item(index, item)) => items.push((*index, *item)),
                Formula::Literal(Literal::Rest(from, item)) => rests.push((*from, *item)),
                Formula::Literal(Literal::MinItems(n)) => least = least.max(*n),
                Formula::Literal(Literal::MaxItems(n)) => most = most.min(*n),
                Formula::Literal(literal @ (Literal::AtLeast(..) | Literal::AtMost(..))) => {
                    counted.push(literal.clone());
                }
                _ => others.push(*id),
            }
        }
        // From this index on, all items have the same conditions.
        let indices = items.iter().map(|(index, _)| index.saturating_add(1));
        let froms = rests.iter().map(|(from, _)| *from);
        let alike = indices.chain(froms).max().unwrap_or(0);
        if alike > WIDEST as u64 {
            forms.push(self.lowering.opaque(&format!("lists of {case:?}"), TOO_WIDE));
            return;
        }
        let at = |index: u64| {
            let own = items.iter().filter(move |(own, _)| *own == index);
            let rest = rests.iter().filter(move |(from, _)| *from <= index);
            own.chain(rest).map(|(_, item)| *item).collect::<Vec<_>>()
        };
        let inside = carrier.item();
        let mut parts = vec![self.arena().kind(Kind::Array)];
        parts.push(self.arena().literal(Literal::MinItems(least)));
        if most < u64::MAX {
            parts.push(self.arena().literal(Literal::MaxItems(most)));
        }
        let mut first = Arena::TRUE;
        for index in 0..=alike {
            let item = self.arena().and(at(index));
            if index == 0 {
                first = item;
            }
            let item = self.texts_inside(item, inside);
            let literal = if index == alike {
                Literal::Rest(index, item)
            } else {
                Literal::Item(index, item)
            };
            parts.push(self.arena().literal(literal));
        }
        for literal in counted {
            let literal = match literal {
                Literal::AtLeast(from, mut item, n) => {
                    if alike == 0 {
                        item = self.arena().and([item].into_iter().chain(at(0)));
                    } else {
                        // The counted items may be among the first ones, which have other conditions than the rest.
                        parts.push(self.lowering.opaque(&format!("counted {case:?}"), COUNTED));
                    }
                    Literal::AtLeast(from, self.texts_inside(item, inside), n)
                }
                literal => {
                    parts.push(self.lowering.opaque(&format!("counted {case:?}"), COUNTED));
                    literal
                }
            };
            if matches!(literal, Literal::AtLeast(..)) {
                parts.push(self.arena().literal(literal));
            }
        }
        parts.extend(others.iter().copied());
        if !carrier.joins_lists() {
            if carrier.is_styled() || carrier == Carrier::Text {
                parts.push(self.arena().literal(Literal::MinItems(1)));
            }
            forms.push(self.arena().and(parts));
            return;
        }
        // A list of one item is written like the item, and an empty list as an empty text or not at all.
        if least <= 1
            && most >= 1
            && let Some(first) = self.one_of_a_list(case, first)
        {
            for form in self.texts_of_one_item(first, inside) {
                forms.push(self.as_sure(form, case));
            }
        }
        if least == 0 && self.may_be_empty(case) && spells_empty(carrier) {
            let empty = self.listed(&[""]);
            forms.push(self.as_sure(empty, case));
        }
        let several = self.arena().literal(Literal::MinItems(2));
        forms.push(self.arena().and(parts.into_iter().chain([several])));
    }

    /// A written form of an alternative, which is as sure as the alternative is.
    fn as_sure(&mut self, form: FormulaId, case: &[FormulaId]) -> FormulaId {
        let doubts: Vec<FormulaId> = case.iter().copied().filter(|it| self.has_doubt(*it)).collect();
        self.arena().and(doubts.into_iter().chain([form]))
    }

    /// Whether it is not known if a conjunct holds.
    fn has_doubt(&self, id: FormulaId) -> bool {
        let arena = &self.lowering.arena;
        arena.conjuncts(id).iter().any(|it| match arena.get(*it) {
            Formula::Opaque(_) | Formula::NotOpaque(_) => true,
            Formula::Literal(Literal::Spells(numbers)) => self.has_doubt(*numbers),
            _ => false,
        })
    }

    /// The written forms of a list with this item only: those of the item, and a list of an item that has no other form.
    fn texts_of_one_item(&mut self, item: FormulaId, inside: Carrier) -> Vec<FormulaId> {
        let item = self.texts_inside(item, inside);
        let arena = self.arena();
        let array = arena.kind(Kind::Array);
        // A list or an object in a list has no form, unless items can be JSON.
        let mut kinds = vec![array];
        kinds.extend((!inside.keeps_objects()).then(|| arena.kind(Kind::Object)));
        let composite = arena.or(kinds);
        let single = arena.not(composite);
        let mut forms = vec![arena.and([item, single])];
        let nested = arena.and([item, composite]);
        if nested != Arena::FALSE && inside != Carrier::Text {
            let literals = [
                Literal::Item(0, nested),
                Literal::MinItems(1),
                Literal::MaxItems(1),
            ];
            let literals = literals.map(|it| self.arena().literal(it));
            forms.push(self.arena().and(literals.into_iter().chain([array])));
        }
        forms
    }

    /// The item of a list with no other ones, where `first` are the conditions on each first item; `None` if there is no
    /// such list.
    fn one_of_a_list(&mut self, case: &[FormulaId], mut first: FormulaId) -> Option<FormulaId> {
        for id in case {
            let counted = match self.lowering.arena.get(*id) {
                Formula::Literal(Literal::AtLeast(0, item, 1)) => *item,
                Formula::Literal(Literal::NotUnique | Literal::AtLeast(..)) => return None,
                _ => continue,
            };
            first = self.arena().and([first, counted]);
        }
        Some(first)
    }

    /// Whether a list or an object in one alternative may be empty.
    fn may_be_empty(&self, case: &[FormulaId]) -> bool {
        !case.iter().any(|id| {
            matches!(
                self.lowering.arena.get(*id),
                Formula::Literal(
                    Literal::AtLeast(..)
                        | Literal::NotUnique
                        | Literal::Has(_)
                        | Literal::MinProps(_)
                        | Literal::SomeName(..)
                )
            )
        })
    }

    fn texts_of_objects(&mut self, values: FormulaId, carrier: Carrier) -> FormulaId {
        let objects = self.of_kind(values, Of::Kind(Kind::Object));
        let Some(cases) = self.cases(objects, Kind::Object) else {
            return self.lowering.opaque(&format!("objects of {values:?}"), TOO_WIDE);
        };
        let mut forms = Vec::new();
        for case in cases {
            let form = self.texts_of_object(&case, carrier);
            if !carrier.is_styled() {
                forms.push(form);
                continue;
            }
            let mut some = self.arena().literal(Literal::MinProps(1));
            if matches!(carrier, Carrier::Query(_)) {
                let perhaps = self.lowering.opaque("an empty query", EMPTY_QUERY);
                some = self.arena().or([some, perhaps]);
            }
            forms.push(self.arena().and([form, some]));
            if self.may_be_empty(&case) && spells_empty(carrier) {
                let empty = self.listed(&[""]);
                forms.push(self.as_sure(empty, &case));
            }
        }
        self.arena().or(forms)
    }

    /// The written forms of the objects in one alternative.
    fn texts_of_object(&mut self, case: &[FormulaId], carrier: Carrier) -> FormulaId {
        let mut properties: Vec<(Text, Vec<FormulaId>)> = Vec::new();
        let mut places: HashMap<Text, usize> = HashMap::new();
        let (mut names, mut some) = (Vec::new(), Vec::new());
        let mut parts = vec![self.arena().kind(Kind::Object)];
        for (name, _) in self.lowering.forms.fields(carrier).iter() {
            let name = self.arena().text(name);
            places.insert(name, properties.len());
            properties.push((name, Vec::new()));
        }
        for id in case {
            match self.lowering.arena.get(*id) {
                Formula::Literal(Literal::Prop(name, value)) => {
                    let (name, value) = (*name, *value);
                    let place = *places.entry(name).or_insert(properties.len());
                    if place == properties.len() {
                        properties.push((name, Vec::new()));
                    }
                    properties[place].1.push(value);
                }
                Formula::Literal(Literal::Names(of, value)) => names.push((*of, *value)),
                Formula::Literal(Literal::SomeName(of, value)) => some.push((*of, *value)),
                _ => parts.push(*id),
            }
        }
        for (name, mut values) in properties {
            for (of, value) in &names {
                match self.is_name(*of, name) {
                    Some(true) => values.push(*value),
                    Some(false) => {}
                    None => parts.push(
                        self.lowering
                            .opaque("a set of names", "a set of names is unknown"),
                    ),
                }
            }
            let inside = self.lowering.forms.member(carrier, self.lowering.arena.str(name));
            let value = self.arena().and(values);
            let value = self.texts_inside(value, inside);
            parts.push(self.arena().literal(Literal::Prop(name, value)));
        }
        // Other names without conditions have any value that can be written.
        names.push((Arena::TRUE, Arena::TRUE));
        let inside = self.lowering.forms.member(carrier, "");
        let listed = distinct(places.into_keys());
        let except = (!listed.is_empty()).then(|| self.arena().literal(Literal::StrNotIn(listed.into())));
        for (of, value) in names {
            let of = self.arena().and([of].into_iter().chain(except));
            let value = self.texts_inside(value, inside);
            parts.push(self.arena().literal(Literal::Names(of, value)));
        }
        for (of, value) in some {
            let value = self.texts_inside(value, inside);
            parts.push(self.arena().literal(Literal::SomeName(of, value)));
        }
        let among = carrier.names();
        if among != Among::default() {
            let writable = self.writable(Arena::TRUE, among.place);
            let other = self.arena().not(writable);
            parts.push(self.arena().literal(Literal::Names(other, Arena::FALSE)));
            let apart = self.apart(Arena::TRUE, among);
            let other = self.arena().not(apart);
            parts.push(self.arena().literal(Literal::Names(other, Arena::FALSE)));
        }
        self.arena().and(parts)
    }

    /// The conditions of a formula on values of one kind.
    fn of_kind(&mut self, id: FormulaId, of: Of) -> FormulaId {
        if let Some(known) = self.texts.of_kind.get(&(id, of)) {
            return *known;
        }
        let kind = match of {
            Of::Kind(kind) => kind,
            Of::Bool(_) => Kind::Bool,
        };
        let truth = |it: bool| if it { Arena::TRUE } else { Arena::FALSE };
        let found = match self.lowering.arena.get(id).clone() {
            Formula::Kinds(kinds) => truth(kinds.has(kind)),
            Formula::Literal(literal) if literal.kind() != kind => Arena::TRUE,
            Formula::Literal(Literal::Bool(wanted)) => match of {
                Of::Bool(own) => truth(own == wanted),
                Of::Kind(_) => id,
            },
            Formula::Literal(_) | Formula::Opaque(_) | Formula::NotOpaque(_) => id,
            Formula::And(parts) => {
                let parts = self.each_of_kind(&parts, of);
                self.arena().and(parts)
            }
            Formula::Or(parts) => {
                let parts = self.each_of_kind(&parts, of);
                self.arena().or(parts)
            }
            Formula::OneOf(parts) => {
                let parts = self.each_of_kind(&parts, of);
                self.arena().one_of(parts)
            }
            Formula::NotOneOf(parts) => {
                let parts = self.each_of_kind(&parts, of);
                let one = self.arena().one_of(parts);
                self.arena().not(one)
            }
            Formula::Ref(def) => {
                let body = self.body(def);
                self.of_kind(body, of)
            }
            Formula::NotRef(def) => {
                let body = self.body(def);
                let found = self.of_kind(body, of);
                self.arena().not(found)
            }
        };
        self.texts.of_kind.insert((id, of), found);
        found
    }

    fn each_of_kind(&mut self, parts: &[FormulaId], of: Of) -> Vec<FormulaId> {
        parts.iter().map(|part| self.of_kind(*part, of)).collect()
    }

    /// Splits a formula of one kind into alternatives, each a conjunction; `None` if there are too many.
    fn cases(&mut self, id: FormulaId, kind: Kind) -> Option<Vec<Vec<FormulaId>>> {
        self.fuel.work(4);
        Some(match self.lowering.arena.get(id).clone() {
            Formula::Kinds(kinds) if kinds.has(kind) => vec![Vec::new()],
            Formula::Kinds(_) => Vec::new(),
            Formula::And(parts) => {
                let mut cases = vec![Vec::new()];
                for part in parts.iter() {
                    let alternatives = self.cases(*part, kind)?;
                    if cases.len() * alternatives.len() > WIDEST {
                        return None;
                    }
                    cases = cases
                        .iter()
                        .flat_map(|case| {
                            alternatives
                                .iter()
                                .map(|it| [case.as_slice(), it.as_slice()].concat())
                        })
                        .collect();
                }
                cases
            }
            Formula::Or(parts) => {
                let mut cases = Vec::new();
                for part in parts.iter() {
                    add(&mut cases, self.cases(*part, kind)?)?;
                }
                cases
            }
            Formula::OneOf(parts) => {
                let mut cases = Vec::new();
                for index in 0..parts.len() {
                    let mut this = vec![parts[index]];
                    for other in parts.iter().enumerate().filter(|(at, _)| *at != index) {
                        this.push(self.arena().not(*other.1));
                    }
                    let this = self.arena().and(this);
                    add(&mut cases, self.cases(this, kind)?)?;
                }
                cases
            }
            Formula::NotOneOf(parts) => {
                let none: Vec<_> = parts.iter().map(|part| self.lowering.arena.not(*part)).collect();
                let none = self.arena().and(none);
                let mut cases = self.cases(none, kind)?;
                for (at, part) in parts.iter().enumerate() {
                    for other in &parts[at + 1..] {
                        let two = self.arena().and([*part, *other]);
                        add(&mut cases, self.cases(two, kind)?)?;
                    }
                }
                cases
            }
            // References were followed before.
            Formula::Literal(_)
            | Formula::Opaque(_)
            | Formula::NotOpaque(_)
            | Formula::Ref(_)
            | Formula::NotRef(_) => vec![vec![id]],
        })
    }
}

/// Adds further alternatives; `None` if there are too many.
fn add(cases: &mut Vec<Vec<FormulaId>>, further: Vec<Vec<FormulaId>>) -> Option<()> {
    cases.extend(further);
    (cases.len() <= WIDEST).then_some(())
}
