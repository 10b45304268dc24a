use std::fmt::Write as _;

use super::*;

const PETS: &str = r##"
openapi: 3.0.3
info: { title: Pets, version: "1.2", description: All about *pets*. }
servers:
  - url: https://api.example.test/v1
paths:
  /pets:
    parameters:
      - $ref: "#/components/parameters/Limit"
    get:
      operationId: listPets
      summary: Lists pets
      tags: [pets]
      parameters:
        - { name: kind, in: query, schema: { enum: [cat, dog] } }
      responses:
        200:
          description: Pets
          content:
            application/json:
              schema: { type: array, items: { $ref: "#/components/schemas/Pet" } }
        default: { $ref: "#/components/responses/Problem" }
    post:
      deprecated: true
      requestBody:
        required: true
        content:
          application/json:
            schema: { $ref: "#/components/schemas/Pet" }
      responses: { "201": { description: Made } }
components:
  parameters:
    Limit: { name: limit, in: query, schema: { type: integer, format: int32 } }
  responses:
    Problem: { description: Something is wrong }
  schemas:
    Pet:
      type: object
      required: [name]
      properties:
        name: { type: string, description: What it hears to }
        born: { type: string, format: date }
"##;

/// Documents, and what is said of them.
const REFUSED: &[(&str, &str)] = &[
    ("[]", "`.`: must be an object"),
    ("{\"openapi\": \"3.0.0\",}", "line 1 column"),
    ("a: [", "neither JSON nor YAML"),
    ("info: {}", "must say `openapi: 3.0.x`"),
    ("openapi: 4.0.0", "`openapi` must be 3.0 or 3.1"),
    ("swagger: '1.2'", "`swagger` must be \"2.0\""),
    ("openapi: 3.0.0", "`info` is missing"),
    (
        "openapi: 3.0.0\ninfo: {title: a}",
        "`info`: `version` is missing",
    ),
    (
        "openapi: 3.0.0\ninfo: {title: a, version: 1.0}",
        "`info.version`: must be text",
    ),
    ("..", "`paths` is missing"),
    (
        "..paths: {pets: {}}",
        "`paths.pets`: a path must begin with `/`",
    ),
    (
        "..paths: {/a: {get: []}}",
        "`paths./a.get`: must be an object",
    ),
    (
        "..paths: {/a: {get: {responses: {ok: {}}}}}",
        "`paths./a.get.responses.ok`: must be under a status",
    ),
    (
        "..paths: {/a: {get: {parameters: [{in: query}]}}}",
        "`paths./a.get.parameters.0`: `name` is missing",
    ),
    (
        "..paths: {/a: {get: {parameters: [{name: x, in: url}]}}}",
        "`in` must be one of path",
    ),
    (
        "..paths: {/a: {get: {tags: x}}}",
        "`paths./a.get.tags`: must be a list",
    ),
    (
        "..paths: {/a: {get: {operationId: x}, put: {operationId: x}}}",
        "`operationId` `x` is another",
    ),
    (
        "..paths: {/a: {$ref: '#/nowhere'}}",
        "`#/nowhere`, which does not exist",
    ),
    (
        "..paths: {/a: {$ref: 'http://example.test/'}}",
        "leads out of the document",
    ),
    (
        "..paths: {/a: {$ref: '#/paths/~1a'}}",
        "leads back to itself",
    ),
];

fn refused(text: &str) -> String {
    OpenApi::parse(text).unwrap_err().to_string()
}

#[test]
fn a_document_of_version_three_is_read() {
    let document = OpenApi::parse(PETS).unwrap();
    assert_eq!(
        (document.title.as_str(), document.version.as_str()),
        ("Pets", "1.2")
    );
    assert_eq!(document.servers[0].url, "https://api.example.test/v1");
    let [list, _] = document.operations.as_slice() else {
        panic!("two operations: {:?}", document.operations);
    };
    assert_eq!((list.path.as_str(), list.method), ("/pets", Method::Get));
    assert_eq!(list.id.as_deref(), Some("listPets"));
}

#[test]
fn parameters_answers_and_bodies_are_put_into_words() {
    let document = OpenApi::parse(PETS).unwrap();
    let (list, add) = (&document.operations[0], &document.operations[1]);
    let parameters: Vec<_> = list
        .parameters
        .iter()
        .map(|one| (one.name.as_str(), one.shape.as_str()))
        .collect();
    let expected = [("kind", "\"cat\" or \"dog\""), ("limit", "integer (int32)")];
    assert_eq!(parameters, expected, "the path's own parameters come after");
    let statuses: Vec<_> = list.responses.iter().map(|(status, _)| status).collect();
    assert_eq!(
        statuses,
        ["200", "default"],
        "YAML may write statuses as numbers"
    );
    assert_eq!(list.responses[0].1.contents[0].shape, "array of Pet");
    assert!(add.is_deprecated);
    let members = &add.request.as_ref().unwrap().contents[0].members;
    assert_eq!(members[0].name, "name", "as the document has it");
    assert!(members[0].is_required);
}

#[test]
fn a_document_of_version_two_is_read() {
    let text = r##"{"swagger": "2.0", "info": {"title": "Old", "version": "1"},
        "host": "api.example.test", "basePath": "/v1", "schemes": ["https"],
        "consumes": ["application/json"], "produces": ["application/json"],
        "paths": {"/pets/{id}": {"put": {
            "parameters": [
                {"name": "id", "in": "path", "required": true, "type": "string", "format": "uuid"},
                {"name": "pet", "in": "body", "schema": {"$ref": "#/definitions/Pet"}}],
            "responses": {"200": {"description": "ok", "schema": {"$ref": "#/definitions/Pet"}}}},
          "post": {"consumes": ["multipart/form-data"],
            "parameters": [{"name": "photo", "in": "formData", "type": "file"}],
            "responses": {}}}},
        "definitions": {"Pet": {"properties": {"name": {"type": "string"}}}}}"##;
    let document = OpenApi::parse(text).unwrap();
    assert_eq!(document.servers[0].url, "https://api.example.test/v1");
    let [replace, post] = document.operations.as_slice() else {
        panic!("two operations: {:?}", document.operations);
    };
    assert_eq!(replace.parameters.len(), 1, "a body is none");
    assert_eq!(replace.parameters[0].shape, "string (uuid)");
    let request = replace.request.as_ref().unwrap();
    assert_eq!(request.contents[0].media_type, "application/json");
    assert_eq!(request.contents[0].shape, "Pet");
    assert_eq!(replace.responses[0].1.contents[0].members[0].name, "name");
    let form = &post.request.as_ref().unwrap().contents[0];
    assert_eq!(
        (form.shape.as_str(), form.members[0].name.as_str()),
        ("form", "photo")
    );
}

#[test]
fn since_3_1_a_document_may_have_no_paths() {
    let text = "openapi: 3.1.0\ninfo: {title: a, version: '1'}\nwebhooks: {}";
    assert_eq!(OpenApi::parse(text).unwrap().operations, []);
}

#[test]
fn a_refusal_says_what_is_wrong_and_where() {
    for (text, expected) in REFUSED {
        // `..` stands for a head that is right.
        let head = "openapi: 3.0.0\ninfo: {title: a, version: '1'}\n";
        let text = text.replace("..", head);
        let reason = refused(&text);
        assert!(
            reason.contains(expected),
            "{text}\nwas refused because it {reason}"
        );
    }
}

#[test]
fn small_documents_that_unfold_to_large_ones_are_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = level - 1;
        let list = vec![format!("*a{before}"); 10].join(", ");
        writeln!(text, "a{level}: &a{level} [{list}]").unwrap();
    }
    assert!(refused(&text).contains("neither JSON nor YAML"));
}

#[test]
fn documents_that_nest_too_deep_are_refused() {
    for open in ["[", "{\"a\":", "- "] {
        let text = open.repeat(100_000);
        assert!(refused(&text).contains("neither JSON nor YAML"), "{open}");
    }
}

#[test]
fn a_schema_that_refers_to_itself_is_put_into_words() {
    let text = "openapi: 3.0.0\ninfo: {title: a, version: '1'}\ncomponents: {schemas: {A: {$ref: '#/components/schemas/A'}}}\n\
        paths: {/a: {post: {requestBody: {content: {text/plain: {schema: {$ref: '#/components/schemas/A'}}}}}}}";
    let document = OpenApi::parse(text).unwrap();
    let content = &document.operations[0].request.as_ref().unwrap().contents[0];
    assert_eq!((content.shape.as_str(), content.members.len()), ("A", 0));
}

#[test]
fn a_specification_that_is_too_large_is_refused() {
    let judged = SpecificationText::parse(&" ".repeat(LARGEST + 1));
    assert_eq!(judged, Err(InvalidSpecification::TooLarge));
}
