//! The credentials that requests bring: security requirements as an OR of ANDs of schemes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use openapi_document::{Document, Located, Node, Unresolved, Version, pointer};

use crate::comparison::{Comparison, Pair};
use crate::report::Side;
use crate::rules::presence::Presence;

/// The credentials of one security requirement, by meaning, with their scopes. An empty map requires nothing.
pub(crate) type Alternative = BTreeMap<String, BTreeSet<String>>;

/// One security requirement of an operation.
#[derive(Debug, Default)]
pub(crate) struct Way<'d> {
    pub(crate) asked: Alternative,
    /// The declared schemes of the credentials. Several schemes may ask for the same one, such as two that grant
    /// tokens.
    pub(crate) schemes: Vec<Scheme<'d>>,
    /// Whether one of its schemes cannot be read, so that the whole requirement is unknown.
    pub(crate) is_unknown: bool,
}

/// A scheme that a security requirement names.
#[derive(Debug)]
pub(crate) struct Scheme<'d> {
    pub(crate) meaning: String,
    pub(crate) name: &'d str,
    pub(crate) here: Located<'d>,
}

impl<'d> Way<'d> {
    /// The scheme that corresponds to a scheme of the other document. Among schemes with the same meaning, this is the
    /// one with the same name, else one with a new name, else any.
    pub(crate) fn counterpart(&self, of: &Scheme<'d>, beside: &Self) -> Option<&Scheme<'d>> {
        let alike = || self.schemes.iter().filter(|it| it.meaning == of.meaning);
        let is_new = |it: &&Scheme<'d>| beside.schemes.iter().all(|own| own.name != it.name);
        let own = alike().find(|it| it.name == of.name);
        own.or_else(|| alike().find(is_new)).or_else(|| alike().next())
    }
}

/// Where the security requirements of an operation are declared, if anywhere.
fn declared<'d>(comparison: &Comparison<'d>, side: Side, pair: &Pair<'d>) -> Option<Located<'d>> {
    let own = pair.side(side).here.get("security");
    let of_all = || Located::root(comparison.document(side)).get("security");
    own.or_else(|| of_all().filter(|_| !pair.calls_back))
}

/// The number of credentials in all security requirements of an operation.
pub(crate) fn number<'d>(comparison: &Comparison<'d>, side: Side, pair: &Pair<'d>) -> usize {
    let place = declared(comparison, side, pair);
    let ways = place.iter().flat_map(|it| it.node.items());
    ways.map(|it| 1 + it.members().len()).sum()
}

/// The security requirements of an operation, and the place where they are declared.
pub(crate) fn ways<'d>(
    comparison: &mut Comparison<'d>,
    side: Side,
    pair: &Pair<'d>,
) -> (Vec<Way<'d>>, String) {
    let root = Located::root(comparison.document(side));
    let Some(place) = declared(comparison, side, pair) else {
        return (vec![Way::default()], String::new());
    };
    let schemes = root.get("components").and_then(|it| it.get("securitySchemes"));
    let mut ways = Vec::new();
    for item in place.items() {
        let mut way = Way::default();
        for (name, scopes) in item.node.members() {
            let scopes = scopes.items().filter_map(Node::as_str).map(str::to_owned);
            let touched = pair.touched(None, "/credentials");
            let Some(scheme) = scheme_of(comparison.document(side), schemes.as_ref(), item.node, name) else {
                let why = "no security scheme of that name is declared";
                let unresolved = Unresolved::new(pointer::join(&item.at, name), name, why);
                comparison.dangling.note(side, unresolved, &touched);
                way.is_unknown = true;
                continue;
            };
            if let Some(scheme) = comparison.follow(side, scheme, &touched) {
                let meaning = meaning(&scheme);
                way.asked.entry(meaning.clone()).or_default().extend(scopes);
                way.schemes.push(Scheme {
                    meaning,
                    name,
                    here: scheme,
                });
            } else {
                way.is_unknown = true;
            }
        }
        ways.push(way);
    }
    if ways.is_empty() {
        ways.push(Way::default());
    }
    (ways, place.at.to_string())
}

/// The scheme that a requirement names: a declared scheme or, since OpenAPI 3.2, the target of a reference.
fn scheme_of<'d>(
    document: &'d Document,
    declared: Option<&Located<'d>>,
    requirement: Node<'d>,
    name: &str,
) -> Option<Located<'d>> {
    let declared = declared.and_then(|it| it.get(name));
    let referred = || document.resolve(requirement, name).ok();
    declared.or_else(|| referred().filter(|_| document.version() == Version::V3_2))
}

pub(crate) const CERTIFICATE: &str = "mutual TLS";
const HTTP: &str = "HTTP ";
const BEARER: &str = "HTTP bearer";
const OAUTH_2: &str = "OAuth 2";
const OPENID_CONNECT: &str = "OpenID Connect";

/// Whether the values listed for a credential are scopes of a token, and not roles of the caller.
pub(crate) fn has_scopes(meaning: &str) -> bool {
    matches!(meaning, OAUTH_2 | OPENID_CONNECT)
}

/// The credential that a scheme asks for, whatever the name of the scheme.
pub(crate) fn meaning(scheme: &Located<'_>) -> String {
    let text = |key: &str| scheme.text(key).unwrap_or("?");
    match text("type") {
        "apiKey" => credential(text("in"), text("name")),
        "http" => format!("{HTTP}{}", text("scheme").to_ascii_lowercase()),
        "oauth2" => OAUTH_2.to_owned(),
        "openIdConnect" => OPENID_CONNECT.to_owned(),
        "mutualTLS" => CERTIFICATE.to_owned(),
        other => format!("`{other}`"),
    }
}

/// Describes a key by its location and name, so that it equals the parameter with the same location and name.
pub(crate) fn credential(location: &str, name: &str) -> String {
    match location {
        "header" => format!("the header `{}`", name.to_ascii_lowercase()),
        location => format!("the {location} key `{name}`"),
    }
}

/// How often messages of `side` bring a parameter as a credential: for all, some or none of the requirements.
///
/// See reading 10 in `docs/readings.md`.
pub(crate) fn brought<'d>(
    comparison: &mut Comparison<'d>,
    side: Side,
    pair: &Pair<'d>,
    (location, name): (&str, &str),
) -> Presence {
    let key = credential(location, name);
    let document = comparison.document(side);
    let schemes = document.at("/components/securitySchemes").into_iter();
    let schemes = schemes.flat_map(Node::members).map(|(_, scheme)| scheme);
    // A reference may lead to any credential.
    let may_ask = |it: Node<'d>| {
        it.get("$ref").is_some()
            || it
                .text("name")
                .is_some_and(|name| credential(it.text("in").unwrap_or("?"), name) == key)
    };
    let is_declared = document.version() == Version::V3_2 || schemes.into_iter().any(may_ask);
    if !is_declared && !is_authorization(&key) {
        return Presence::of(false, false);
    }
    let number = number(comparison, side, pair);
    if !comparison.may_ask(number) {
        return Presence::Maybe;
    }
    let (ways, _) = ways(comparison, side, pair);
    let brings = |way: &Way<'d>| way.asked.contains_key(&key);
    Presence::of(ways.iter().any(brings), ways.iter().all(brings))
}

pub(crate) fn label(alternative: &Alternative) -> String {
    let parts = alternative.iter().map(|(scheme, scopes)| match scopes.len() {
        0 => scheme.clone(),
        _ => format!("{scheme} ({})", listed(scopes.iter().cloned(), ", ")),
    });
    if alternative.is_empty() {
        "no credentials".to_owned()
    } else {
        listed(parts, " and ")
    }
}

/// Maximum number of schemes, scopes or alternatives that are named at once. Thousands of findings may name them.
const MOST_NAMED: usize = 10;

/// The first of some names, and how many more there are.
pub(crate) fn listed(names: impl ExactSizeIterator<Item = String>, between: &str) -> String {
    let more = names.len().saturating_sub(MOST_NAMED);
    let mut shown: Vec<String> = names.take(MOST_NAMED).collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    shown.join(between)
}

/// The header `Authorization` with any content, as [`credential`] describes it.
pub(crate) const AUTHORIZATION: &str = "the header `authorization`";

/// Whether a credential is sent in the header `Authorization`.
pub(crate) fn is_authorization(meaning: &str) -> bool {
    has_scopes(meaning) || meaning.starts_with(HTTP) || meaning == AUTHORIZATION
}

/// Whether the credentials `brought` contain one that is asked, with its scopes.
fn has(brought: &Alternative, (scheme, scopes): (&String, &BTreeSet<String>)) -> bool {
    brought.get(scheme).is_some_and(|own| scopes.is_subset(own))
}

/// Whether the credentials `brought` contain those that are `asked`.
pub(crate) fn contains_exactly(brought: &Alternative, asked: &Alternative) -> bool {
    asked.iter().all(|one| has(brought, one))
}

/// Whether the credentials `brought` contain those that are `asked`, or a header `Authorization` of unknown content,
/// which may be any of them.
pub(crate) fn contains(brought: &Alternative, asked: &Alternative) -> bool {
    asked.iter().all(|one| contains_one(brought, one))
}

fn contains_one(brought: &Alternative, one: (&String, &BTreeSet<String>)) -> bool {
    has(brought, one) || brought.contains_key(AUTHORIZATION) && is_authorization(one.0)
}

/// Whether the credentials `brought` satisfy the requirement `asked`, as they are sent. A header `Authorization` of
/// unknown content may be any credential that is sent in it, and each of these is such a header. Every token is a bearer
/// token.
pub(crate) fn suffices(brought: &Alternative, asked: &Alternative) -> bool {
    let brings = |is_one: fn(&str) -> bool| brought.keys().any(|it| is_one(it));
    asked.iter().all(|one| {
        let scheme = one.0;
        contains_one(brought, one)
            || *scheme == AUTHORIZATION && brings(is_authorization)
            || scheme == BEARER && brings(has_scopes)
    })
}

/// The security requirements of an operation, found by what they ask for, because there may be hundreds.
pub(crate) struct Index<'w, 'd> {
    pub(crate) ways: &'w [Way<'d>],
    /// The requirements that need a credential which nothing else can replace, by the first such credential.
    by_credential: HashMap<&'w str, Vec<usize>>,
    others: Vec<usize>,
    /// The first requirement with a scheme of each meaning.
    by_meaning: HashMap<&'w str, &'w Way<'d>>,
    asked: HashSet<&'w Alternative>,
    has_unknown: bool,
}

impl<'w, 'd> Index<'w, 'd> {
    pub(crate) fn of(ways: &'w [Way<'d>]) -> Self {
        let mut index = Self {
            ways,
            by_credential: HashMap::new(),
            others: Vec::new(),
            by_meaning: HashMap::new(),
            asked: ways.iter().map(|it| &it.asked).collect(),
            has_unknown: ways.iter().any(|it| it.is_unknown),
        };
        for (number, way) in ways.iter().enumerate() {
            match way.asked.keys().find(|it| !is_authorization(it)) {
                Some(only) => index.by_credential.entry(only).or_default().push(number),
                None => index.others.push(number),
            }
            for scheme in &way.schemes {
                index.by_meaning.entry(&scheme.meaning).or_insert(way);
            }
        }
        index
    }

    /// The number of credentials that are looked at to find which requirements the credentials of `ways` satisfy.
    pub(crate) fn cost(&self, ways: &[Way<'d>]) -> usize {
        let worth = |near: &[usize]| {
            near.iter()
                .map(|it| 1 + self.ways[*it].asked.len())
                .sum::<usize>()
        };
        let others = worth(&self.others);
        let by_credential: HashMap<&str, usize> = self
            .by_credential
            .iter()
            .map(|(name, near)| (*name, worth(near)))
            .collect();
        let brought = ways.iter().flat_map(|it| it.asked.keys());
        let near = brought.filter_map(|it| by_credential.get(&**it)).sum::<usize>();
        // The counterpart of each scheme is searched among all schemes of one requirement.
        let counterparts = ways.iter().map(|it| it.schemes.len().pow(2)).sum::<usize>();
        near + ways.len() * others + counterparts
    }

    /// The requirements that the credentials `brought` satisfy, in document order.
    pub(crate) fn satisfied(&self, brought: &Alternative) -> Vec<&'w Way<'d>> {
        let own = brought.keys().filter_map(|it| self.by_credential.get(&**it));
        let mut near: Vec<usize> = own.chain([&self.others]).flatten().copied().collect();
        near.sort_unstable();
        let near = near.into_iter().map(|number| &self.ways[number]);
        near.filter(|it| suffices(brought, &it.asked)).collect()
    }

    /// Whether the credentials `brought` may satisfy a requirement.
    pub(crate) fn passes(&self, brought: &Alternative) -> bool {
        self.has_unknown || !self.satisfied(brought).is_empty()
    }

    /// Whether some requirement asks for exactly this.
    pub(crate) fn asks(&self, asked: &Alternative) -> bool {
        self.asked.contains(asked)
    }

    /// Whether some requirement cannot be read.
    pub(crate) fn has_unknown(&self) -> bool {
        self.has_unknown
    }

    /// The scheme that corresponds to a scheme of the other document, in the first requirement that has one.
    pub(crate) fn counterpart(&self, of: &Scheme<'d>, beside: &Way<'d>) -> Option<&'w Scheme<'d>> {
        self.by_meaning.get(&*of.meaning)?.counterpart(of, beside)
    }
}
