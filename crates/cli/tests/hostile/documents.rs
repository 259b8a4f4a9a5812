//! Documents that are made to harm whoever compares them.

use serde_json::{Value, json};

/// A document and what it is.
pub(crate) struct Hostile {
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
}

fn hostile(name: &'static str, bytes: impl Into<Vec<u8>>) -> Hostile {
    Hostile {
        name,
        bytes: bytes.into(),
    }
}

/// A document with one operation, whose request and response have a schema, and with these components.
fn holding(schema: &str, components: &str) -> String {
    let content = format!(r#"{{"application/json": {{"schema": {schema}}}}}"#);
    operation(
        &format!(
            r#""requestBody": {{"required": true, "content": {content}}},
               "responses": {{"200": {{"description": "ok", "content": {content}}}}}"#
        ),
        components,
    )
}

/// A document with one operation that has these members.
fn operation(members: &str, components: &str) -> String {
    format!(
        r#"{{"openapi": "3.1.0", "info": {{"title": "x", "version": "1"}},
            "paths": {{"/a": {{"post": {{{members}}}}}}}, "components": {{{components}}}}}"#
    )
}

/// A schema `A`, which refers to itself or to others, in both directions.
fn component(schema: &str) -> String {
    holding(
        r##"{"$ref": "#/components/schemas/A"}"##,
        &format!(r#""schemas": {{"A": {schema}}}"#),
    )
}

const SELF: &str = r##"{"$ref": "#/components/schemas/A"}"##;

/// A document with one name at every place for a name or a text.
fn named(name: &str) -> String {
    let value: Value = json!({
        "openapi": "3.1.0",
        "info": {"title": name, "version": name, "description": name},
        "tags": [{"name": name}],
        "servers": [{"url": format!("https://a.example/{name}"), "description": name}],
        "paths": {format!("/{name}"): {"post": {
            "operationId": name, "summary": name, "description": name, "tags": [name],
            "parameters": [{"name": name, "in": "query", "required": true, "schema": {"enum": [name, "b"]}},
                {"name": name, "in": "header", "schema": {"const": name}}],
            "requestBody": {"required": true, "content": {
                "application/json": {"schema": {"type": "object", "required": [name], "properties": {
                    name: {"type": "string", "description": name, "default": name, "enum": [name]}}}},
                name: {"schema": {"type": "string"}}}},
            "responses": {"200": {"description": name, "headers": {name: {"required": true, "schema": {"type": "string"}}},
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/N"}}}}},
            "security": [{name: [name]}],
            "callbacks": {name: {name: {"post": {"responses": {}}}}}}}},
        "components": {
            "schemas": {"N": {"title": name, "oneOf": [{"const": name}, {"type": "object", "properties": {name: {"pattern": name}}}]}},
            "securitySchemes": {name: {"type": "apiKey", "in": "header", "name": name}}},
    });
    value.to_string()
}

/// A reference in the place of a schema.
fn referring(reference: &str) -> String {
    holding(&json!({ "$ref": reference }).to_string(), "")
}

/// YAML with this before an operation that leans on it.
fn yaml(before: &str, schema: &str) -> String {
    format!(
        "openapi: 3.1.0\ninfo: {{title: x, version: '1'}}\n{before}\npaths:\n  /a:\n    post:\n      requestBody:\n        \
         content:\n          application/json:\n            schema: {schema}\n      responses:\n        '200': {{description: ok}}\n"
    )
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

/// Names that would run as code if a format did not escape them. Only such code writes `PWNED`.
pub(crate) const CODE: &[(&str, &str)] = &[
    (
        "names that are HTML",
        r#"<script>document.title="PW"+"NED"</script>"#,
    ),
    (
        "names that are HTML which ends an attribute",
        r#""><img src=x onerror='document.title="PW"+"NED"'>"#,
    ),
    (
        "names that are HTML which ends another",
        r#"' onmouseover='document.title="PW"+"NED"' x='"#,
    ),
    (
        "names that end the page's own script",
        r#"</script></style><script>document.title="PW"+"NED"</script>"#,
    ),
    ("names that are SVG", r#"<svg/onload=document.title="PW"+"NED">"#),
    (
        "names that end a comment",
        r#"--><script>document.title="PW"+"NED"</script><!--"#,
    ),
    (
        "names that are Markdown",
        "[x](javascript:alert(1)) ![x](http://evil.example/x.png) | ` ``` *x* <details>",
    ),
    (
        "names that end a block of Markdown",
        "```\n\n# evil\n\n<img src=x onerror=alert(1)>\n\n```",
    ),
    (
        "names that are XML",
        r#"]]></failure><testcase name="&xxe;"/><![CDATA[<!ENTITY xxe SYSTEM "file:///etc/passwd">"#,
    ),
    (
        "names that are formulas of a table",
        "=cmd|' /C calc'!A0,+1,-1,@SUM(1)\t\"x\",;",
    ),
    (
        "names that are shell",
        "$(touch PWNED) `touch PWNED` ; touch PWNED && touch PWNED | touch PWNED",
    ),
    ("names that are SQL", "'; DROP TABLE pets; --"),
    ("names that are formats", "%s%n%x {} {0} {:?} ${x} #{x} {{x}}"),
    (
        "names that are commands of a workflow",
        "x\n::error file=a,line=1::evil\n::set-output name=a::b\n##[group]x",
    ),
    (
        "names that are commands of other runners",
        "##vso[task.setvariable variable=x]y ###[group]x ##teamcity[buildStop] x ::error::y",
    ),
    (
        "names that are TOML",
        "x\"\nlevels = {}\n[[accept]]\nrule = \"*\"\n'''",
    ),
    (
        "names that are Rust",
        "x { fn main() { std::process::abort() } } // \"# \u{202e} */",
    ),
    ("names that are keywords of Rust", "self"),
    ("names that are paths", "../../../../etc/passwd"),
    ("names that are pointers", "~0~1/~2/%2F#/$ref"),
    ("names that are prototypes", "__proto__"),
    (
        "names that clear the terminal",
        "\u{1b}[2J\u{1b}[H\u{1b}]0;evil\u{7}\u{1b}]8;;http://evil.example\u{7}x\u{1b}]8;;\u{7}",
    ),
    (
        "names with eight-bit controls",
        "\u{9b}2J\u{9d}0;evil\u{9c}\u{90}x\u{9c}",
    ),
    (
        "names that overwrite their line",
        "good\r\u{8}\u{8}\u{8}\u{8}evil\u{7f}",
    ),
    (
        "names of fillers that are not seen",
        "a\u{3164}\u{ffa0}\u{115f}\u{1160}\u{34f}\u{180e}\u{17b4}\u{e0100}\u{e0041}b",
    ),
    (
        "names that run from right to left",
        "\u{202e}txet\u{202c} \u{2066}\u{2067}\u{2068}\u{2069} \u{61c}\u{200f}",
    ),
    (
        "names of nothing that is seen",
        "\u{200b}\u{200d}\u{2060}\u{feff}\u{ad}\u{e0001}\u{e0041}",
    ),
    (
        "names with other ends of lines",
        "a\u{2028}b\u{2029}c\u{85}d\u{b}e\u{c}f",
    ),
    ("names with NUL", "a\u{0}b"),
    (
        "names of marks that pile up",
        "a\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}\u{309}\u{30a}\u{30b}\u{30c}",
    ),
    ("names that are empty", ""),
    ("names that are white space", " \t "),
    ("names beyond the plane", "\u{10ffff}\u{1f4a9}\u{fdd0}\u{fffe}"),
];

#[expect(clippy::too_many_lines, reason = "it is one table")]
pub(crate) fn all() -> Vec<Hostile> {
    let pair = r##"{"allOf": [{"$ref": "#/components/schemas/B"}]}, "B": {"anyOf": [{"$ref": "#/components/schemas/A"}]}"##;
    let reference = |section: &str, name: &str| {
        format!(r##""{section}": {{"{name}": {{"$ref": "#/components/{section}/{name}"}}}}"##)
    };
    let chain: Vec<String> = (0..300)
        .map(|it| format!(r##""S{it}": {{"$ref": "#/components/schemas/S{}"}}"##, it + 1))
        .collect();
    let number = |limit: &str| component(&format!(r#"{{"type": "number", {limit}}}"#));
    let pattern = |pattern: &str| component(&json!({"type": "string", "pattern": pattern}).to_string());
    let plain = component(r#"{"type": "string"}"#);
    let mut bomb = "x-a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
    let mut merges = "x-m0: &m0 {a: 1}\n".to_owned();
    for it in 1..12 {
        let last = it - 1;
        bomb += &format!("x-a{it}: &a{it} [{}]\n", vec![format!("*a{last}"); 9].join(","));
        merges += &format!(
            "x-m{it}: &m{it} {{<<: [{}], k{it}: 1}}\n",
            vec![format!("*m{last}"); 9].join(",")
        );
    }
    let mut found = vec![
        hostile("a schema that is itself", component(SELF)),
        hostile("two schemas that are each other", component(pair)),
        hostile(
            "a schema of all of itself",
            component(&format!(r#"{{"allOf": [{SELF}]}}"#)),
        ),
        hostile(
            "a schema of any of itself",
            component(&format!(r#"{{"anyOf": [{SELF}, {{"type": "string"}}]}}"#)),
        ),
        hostile(
            "a schema of one of itself",
            component(&format!(r#"{{"oneOf": [{SELF}, {{"type": "string"}}]}}"#)),
        ),
        hostile(
            "a schema that is not itself",
            component(&format!(r#"{{"not": {SELF}}}"#)),
        ),
        hostile(
            "a schema if itself",
            component(&format!(r#"{{"if": {SELF}, "then": {SELF}, "else": false}}"#)),
        ),
        hostile(
            "a schema that needs itself",
            component(&format!(
                r#"{{"type": "object", "required": ["a"], "properties": {{"a": {SELF}}}}}"#
            )),
        ),
        hostile(
            "a list of at least one of itself",
            component(&format!(r#"{{"type": "array", "minItems": 1, "items": {SELF}}}"#)),
        ),
        hostile(
            "a map of itself",
            component(&format!(
                r#"{{"additionalProperties": {SELF}, "minProperties": 1}}"#
            )),
        ),
        hostile(
            "names that are itself",
            component(&format!(
                r#"{{"propertyNames": {SELF}, "unevaluatedProperties": {SELF}}}"#
            )),
        ),
        hostile(
            "a dependent of itself",
            component(&format!(r#"{{"dependentSchemas": {{"a": {SELF}}}}}"#)),
        ),
        hostile(
            "a dynamic reference to itself",
            component(r##"{"$dynamicAnchor": "a", "$dynamicRef": "#a"}"##),
        ),
        hostile(
            "a resource that is itself",
            component(r#"{"$id": "https://a.example/a", "$ref": "https://a.example/a"}"#),
        ),
        hostile(
            "a tag that chooses itself",
            component(&format!(
                r##"{{"type": "object", "discriminator": {{"propertyName": "t", "mapping": {{"a": "#/components/schemas/A"}}}}, "oneOf": [{SELF}]}}"##
            )),
        ),
        hostile(
            "a reference through itself",
            component(
                r##"{"properties": {"a": {"$ref": "#/components/schemas/A/properties/a/properties/a"}}}"##,
            ),
        ),
        hostile(
            "a chain of 300 references",
            holding(
                r##"{"$ref": "#/components/schemas/S0"}"##,
                &format!(r#""schemas": {{{}, "S300": {{}}}}"#, chain.join(", ")),
            ),
        ),
        hostile(
            "a parameter that is itself",
            operation(
                r##""parameters": [{"$ref": "#/components/parameters/P"}], "responses": {}"##,
                &reference("parameters", "P"),
            ),
        ),
        hostile(
            "an answer that is itself",
            operation(
                r##""responses": {"200": {"$ref": "#/components/responses/R"}}"##,
                &reference("responses", "R"),
            ),
        ),
        hostile(
            "a body that is itself",
            operation(
                r##""requestBody": {"$ref": "#/components/requestBodies/B"}, "responses": {}"##,
                &reference("requestBodies", "B"),
            ),
        ),
        hostile(
            "a header that is itself",
            operation(
                r##""responses": {"200": {"headers": {"X": {"$ref": "#/components/headers/H"}}}}"##,
                &reference("headers", "H"),
            ),
        ),
        hostile(
            "a callback that is itself",
            operation(
                r##""callbacks": {"c": {"$ref": "#/components/callbacks/C"}}, "responses": {}"##,
                &reference("callbacks", "C"),
            ),
        ),
        hostile(
            "a link that is itself",
            operation(
                r##""responses": {"200": {"links": {"l": {"$ref": "#/components/links/L"}}}}"##,
                &reference("links", "L"),
            ),
        ),
        hostile(
            "a way in that is itself",
            operation(
                r#""security": [{"S": []}], "responses": {}"#,
                &reference("securitySchemes", "S"),
            ),
        ),
        hostile(
            "a callback that is the operation that calls it",
            operation(
                r##""callbacks": {"c": {"{$request.body}": {"$ref": "#/paths/~1a"}}}, "responses": {}"##,
                "",
            ),
        ),
        hostile(
            "a path that is itself",
            r##"{"openapi": "3.1.0", "paths": {"/a": {"$ref": "#/paths/~1a"}}}"##,
        ),
        hostile(
            "two paths that are each other",
            r##"{"openapi": "3.1.0", "paths": {"/a": {"$ref": "#/paths/~1b"}, "/b": {"$ref": "#/paths/~1a"}}}"##,
        ),
        hostile("a reference to the whole", referring("#")),
        hostile("a reference to a text", referring("#/info/title")),
        hostile(
            "a reference to a file of the system",
            referring("file:///etc/passwd"),
        ),
        hostile(
            "a reference out of its folder",
            referring("../../../../../../etc/passwd"),
        ),
        hostile(
            "a reference out of its folder, escaped",
            referring("%2e%2e/%2e%2e/etc/passwd"),
        ),
        hostile("a reference to an absolute path", referring("/etc/passwd")),
        hostile(
            "a reference to a cloud's metadata",
            referring("http://169.254.169.254/latest/meta-data/"),
        ),
        hostile("a reference to another host", referring("//evil.example/x.json")),
        hostile("a reference to data", referring("data:application/json,{}")),
        hostile("a reference to a device", referring("../../../../../../dev/zero")),
        hostile(
            "a reference of 100,000 characters",
            referring(&"a/".repeat(50_000)),
        ),
        hostile("an alias of what it stands in", yaml("x-a: &a [*a]", "{}")),
        hostile("an alias of nothing", yaml("x-a: *nobody", "{}")),
        hostile(
            "an anchor that stands twice",
            yaml("x-a: &a {type: string}\nx-b: &a {type: integer}", "*a"),
        ),
        hostile("a bomb of aliases", yaml(&bomb, "{enum: *a11}")),
        hostile("a bomb of merge keys", yaml(&merges, "{properties: *m11}")),
        hostile("a merge key of itself", yaml("x-a: &a {<<: *a}", "*a")),
        hostile("a merge key of a text", yaml("", "{<<: x, type: string}")),
        hostile(
            "a merge key that stands twice",
            yaml("x-a: &a {type: string}", "{<<: *a, <<: *a}"),
        ),
        hostile(
            "a tag that makes a thing of Python",
            yaml("", "!!python/object/apply:os.system ['touch PWNED']"),
        ),
        hostile(
            "a tag that makes a thing of Ruby",
            yaml("", "!ruby/object:Gem::Installer {i: x}"),
        ),
        hostile(
            "tags of YAML's own",
            yaml(
                "",
                "{enum: [!!binary aGk=, !!set {a, b}, !!omap [a: 1], !!timestamp 2001-01-01, !!float .inf, .nan, !!null '']}",
            ),
        ),
        hostile(
            "a handle for tags",
            format!(
                "%YAML 1.2\n%TAG !e! tag:evil.example,2026:\n---\n{}",
                yaml("", "!e!x {type: string}")
            ),
        ),
        hostile(
            "keys that are lists and maps",
            yaml("", "{properties: {? [a, b] : {}, ? {c: d} : {}, ? ~ : {}}}"),
        ),
        hostile(
            "words that are yes and no",
            yaml(
                "",
                "{enum: [yes, no, on, off, y, n, NO, 0o17, 017, 0x1F, 1_000, 1:30, ~]}",
            ),
        ),
        hostile(
            "a status as a number and as a text",
            yaml("", "{}").replace(
                "'200': {description: ok}",
                "200: {description: a}\n        '200': {description: b}",
            ),
        ),
        hostile(
            "two documents in one stream",
            format!("{}---\nopenapi: 3.1.0\npaths: {{}}\n", yaml("", "{}")),
        ),
        hostile("tabs that indent", yaml("x-a:\n\t- a", "{}")),
        hostile(
            "an anchor of 100,000 characters",
            yaml(&format!("x-a: &{} 1", "a".repeat(100_000)), "{}"),
        ),
        hostile(
            "lists within lists of YAML",
            yaml(
                &format!("x-a: {}{}", "[".repeat(10_000), "]".repeat(10_000)),
                "{}",
            ),
        ),
        hostile("a byte order mark", format!("\u{feff}{plain}")),
        hostile("two byte order marks", format!("\u{feff}\u{feff}{plain}")),
        hostile(
            "UTF-16, the small end first",
            [vec![0xff, 0xfe], utf16(&plain, u16::to_le_bytes)].concat(),
        ),
        hostile(
            "UTF-16, the great end first, without a mark",
            utf16(&plain, u16::to_be_bytes),
        ),
        hostile(
            "UTF-32",
            plain
                .chars()
                .flat_map(|c| u32::from(c).to_le_bytes())
                .collect::<Vec<_>>(),
        ),
        hostile(
            "bytes that are no text",
            [plain.as_bytes(), &[0xff, 0xc0, 0x80]].concat(),
        ),
        hostile(
            "a slash that is written too long",
            plain
                .replace("string", "str\u{1}ng")
                .into_bytes()
                .into_iter()
                .map(|it| if it == 1 { 0xc0 } else { it })
                .collect::<Vec<_>>(),
        ),
        hostile("NUL bytes at the end", [plain.as_bytes(), &[0; 100]].concat()),
        hostile("half a surrogate pair", component(r#"{"enum": ["\ud83d"]}"#)),
        hostile("the other half", component(r#"{"enum": ["\ude00"]}"#)),
        hostile(
            "a surrogate pair the wrong way round",
            component(r#"{"enum": ["\ude00\ud83d"]}"#),
        ),
        hostile(
            "half a surrogate pair as a name",
            component(r#"{"properties": {"\ud83d": {}}}"#),
        ),
        hostile(
            "a name that is written in two ways",
            component(r#"{"properties": {"a": {"type": "string"}, "\u0061": {"type": "integer"}}}"#),
        ),
        hostile(
            "a name in two normal forms",
            component("{\"required\": [\"\u{e9}\"], \"properties\": {\"\u{e9}\": {}, \"e\u{301}\": false}}"),
        ),
        hostile(
            "all of it twice",
            format!(
                "{}, \"paths\": {{}}}}",
                plain.strip_suffix('}').unwrap_or_default()
            ),
        ),
        hostile(
            "a key 5,000 times",
            component(&format!(
                r#"{{{} "type": "string"}}"#,
                r#""type": "integer","#.repeat(5_000)
            )),
        ),
        hostile("a number beyond doubles", number(r#""maximum": 1e400"#)),
        hostile("a number below doubles", number(r#""multipleOf": 1e-400"#)),
        hostile("a number of a million zeros", number(r#""maximum": 1e1000000"#)),
        hostile(
            "a number of 10^18 zeros",
            number(r#""minimum": 1e1000000000000000000"#),
        ),
        hostile(
            "a number of 3,000 digits",
            number(&format!(r#""maximum": {}"#, "9".repeat(3_000))),
        ),
        hostile("zero as a step", number(r#""multipleOf": 0"#)),
        hostile(
            "minus zero",
            number(r#""minimum": -0, "maximum": -0.0, "multipleOf": -1"#),
        ),
        hostile(
            "lengths that are no lengths",
            component(r#"{"type": "string", "minLength": -1, "maxLength": 1.5}"#),
        ),
        hostile(
            "lengths beyond 64 bits",
            component(r#"{"type": "string", "minLength": 99999999999999999999}"#),
        ),
        hostile(
            "a list of at least 10^18",
            component(r#"{"type": "array", "minItems": 1000000000000000000, "uniqueItems": true}"#),
        ),
        hostile("an expression that backtracks", pattern("^(a+)+(b|c|a)*\\1?$")),
        hostile(
            "an expression that counts",
            pattern("^((a{1,1000}){1,1000}){1,1000}$"),
        ),
        hostile(
            "an expression that is none",
            pattern("[[:evil:](?<x>\\p{Nobody}{2,1}"),
        ),
        hostile(
            "an expression that looks around",
            pattern("(?=a)(?!b)(?<=c)(?<!d)\\b\\B\\k<x>"),
        ),
        hostile("an expression of 6,000 characters", pattern(&"a?".repeat(3_000))),
        hostile(
            "lists within lists of JSON",
            format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
        ),
        hostile(
            "schemas within schemas, as deep as is read",
            component(&format!("{}{{}}{}", r#"{"items": "#.repeat(120), "}".repeat(120))),
        ),
        hostile(
            "2,000 values of an enum",
            component(&json!({"enum": (0..2_000).collect::<Vec<_>>()}).to_string()),
        ),
        hostile("a name of 20,000 characters", named(&"b".repeat(20_000))),
        hostile("nothing", ""),
        hostile("null", "null"),
        hostile("a text", "\"openapi\""),
        hostile("a page", "<!doctype html><script>alert(1)</script>"),
        hostile("a version that is a number", "openapi: 3.1\npaths: {}\n"),
        hostile(
            "a version that is to come",
            r#"{"openapi": "4.0.0", "paths": {}}"#,
        ),
        hostile(
            "two kinds at once",
            r#"{"openapi": "3.1.0", "swagger": "2.0", "paths": {}}"#,
        ),
        hostile("a JSON that is cut", &plain[..plain.len() / 2]),
        hostile("a gzip", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0xae]),
        hostile(
            "everything of the wrong type",
            r#"{"openapi": "3.1.0", "info": 1, "servers": {}, "security": "x", "tags": 1, "webhooks": [], "components": [], "paths": {"/a": {"parameters": {}, "servers": 1, "post": {"parameters": "x", "requestBody": [], "responses": 7, "callbacks": "c", "security": {}}}}}"#,
        ),
    ];
    found.extend(CODE.iter().map(|(name, text)| hostile(name, named(text))));
    found
}
