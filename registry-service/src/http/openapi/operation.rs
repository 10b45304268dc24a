//! What extractors and answers say about the operations they are part of.

use aide::generate::GenContext;
use aide::openapi::{MediaType, Operation, RequestBody, Response, SchemaObject};
use aide::operation::{
    OperationInput, OperationOutput, ParamLocation, add_parameters, parameters_from_schema,
    set_body,
};
use axum::Json;
use axum::http::StatusCode;
use schemars::{JsonSchema, json_schema};

use crate::http::admin::caller::{Asked, Caller, Made, One};
use crate::http::admin::gateways::About;
use crate::http::admin::logs::{AuditFile, CSV};
use crate::http::body::Body;
use crate::http::paging::Paging;
use crate::http::path::Named;
use crate::http::portal::signed_in::Developer;
use crate::http::problem::{self, Problem};

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

/// A status, and what comes with it.
type Answer = (Option<u16>, Response);

// === impl Problem ===

impl OperationOutput for Problem {
    type Inner = Self;

    fn operation_response(context: &mut GenContext, _: &mut Operation) -> Option<Response> {
        Some(refusal(context))
    }

    /// What every operation may answer.
    fn inferred_responses(context: &mut GenContext, _: &mut Operation) -> Vec<Answer> {
        refusals(
            context,
            &[
                StatusCode::BAD_REQUEST,
                StatusCode::NOT_FOUND,
                StatusCode::CONFLICT,
                StatusCode::SERVICE_UNAVAILABLE,
            ],
        )
    }
}

// === impl Made ===

impl<T: JsonSchema> OperationOutput for Made<T> {
    type Inner = T;

    fn operation_response(context: &mut GenContext, operation: &mut Operation) -> Option<Response> {
        Json::<T>::operation_response(context, operation)
    }

    fn inferred_responses(context: &mut GenContext, operation: &mut Operation) -> Vec<Answer> {
        let response = Self::operation_response(context, operation);
        let created = StatusCode::CREATED.as_u16();
        response
            .map(|response| (Some(created), response))
            .into_iter()
            .collect()
    }
}

// === impl One ===

impl<T: JsonSchema> OperationOutput for One<T> {
    type Inner = T;

    fn operation_response(context: &mut GenContext, operation: &mut Operation) -> Option<Response> {
        Json::<T>::operation_response(context, operation)
    }

    fn inferred_responses(context: &mut GenContext, operation: &mut Operation) -> Vec<Answer> {
        Json::<T>::inferred_responses(context, operation)
    }
}

// === impl AuditFile ===

impl OperationOutput for AuditFile {
    type Inner = Self;

    fn operation_response(context: &mut GenContext, _: &mut Operation) -> Option<Response> {
        let text = content(context.schema.subschema_for::<String>());
        Some(Response {
            content: [(CSV.to_owned(), text)].into_iter().collect(),
            ..Response::default()
        })
    }

    fn inferred_responses(context: &mut GenContext, operation: &mut Operation) -> Vec<Answer> {
        let response = Self::operation_response(context, operation);
        let ok = StatusCode::OK.as_u16();
        response
            .map(|response| (Some(ok), response))
            .into_iter()
            .collect()
    }
}

// === impl Caller ===

impl OperationInput for Caller {
    fn inferred_early_responses(context: &mut GenContext, _: &mut Operation) -> Vec<Answer> {
        let statuses = [
            StatusCode::UNAUTHORIZED,
            StatusCode::FORBIDDEN,
            StatusCode::PRECONDITION_FAILED,
        ];
        refusals(context, &statuses)
    }
}

// === impl Developer ===

impl OperationInput for Developer {
    fn inferred_early_responses(context: &mut GenContext, _: &mut Operation) -> Vec<Answer> {
        let statuses = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
        refusals(context, &statuses)
    }
}

// === impl Body ===

impl<T: JsonSchema> OperationInput for Body<T> {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        let schema = context.schema.subschema_for::<T>();
        let body = RequestBody {
            content: [(JSON.to_owned(), content(schema))].into_iter().collect(),
            required: true,
            ..RequestBody::default()
        };
        set_body(context, operation, body);
    }

    fn inferred_early_responses(context: &mut GenContext, _: &mut Operation) -> Vec<Answer> {
        let statuses = [
            StatusCode::PAYLOAD_TOO_LARGE,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ];
        refusals(context, &statuses)
    }
}

// === impl Named ===

/// Its ids are described with the path.
impl<T> OperationInput for Named<T> {}

// === impl Paging ===

impl OperationInput for Paging {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        let schema = json_schema!({"properties": {
            "page[size]": {"type": "integer", "minimum": 1, "maximum": 100, "default": 10},
            "page[number]": {
                "type": "integer", "minimum": 1, "maximum": u32::MAX, "default": 1,
            },
        }});
        add_query(context, operation, schema);
    }
}

// === impl Asked ===

impl OperationInput for Asked {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        Paging::operation_input(context, operation);
        let schema = json_schema!({"properties": {
            "sort": {
                "type": "string",
                "description": "Fields to sort by, such as `name` or `created_at desc`, with commas between. \
                                Lists are narrowed with `filter[field]=value` and `filter[field][operator]=value`.",
            },
        }});
        add_query(context, operation, schema);
    }
}

// === impl About ===

impl OperationInput for About {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        let schema = context.schema.root_schema_for::<Self>();
        add_query(context, operation, schema);
    }
}

fn add_query(context: &mut GenContext, operation: &mut Operation, schema: schemars::Schema) {
    let parameters = parameters_from_schema(context, schema, ParamLocation::Query);
    add_parameters(context, operation, parameters);
}

fn refusals(context: &mut GenContext, statuses: &[StatusCode]) -> Vec<Answer> {
    let refusal = |status: &StatusCode| {
        let response = Response {
            description: status.canonical_reason().unwrap_or_default().to_owned(),
            ..refusal(context)
        };
        (Some(status.as_u16()), response)
    };
    statuses.iter().map(refusal).collect()
}

fn refusal(context: &mut GenContext) -> Response {
    let schema = context.schema.subschema_for::<problem::Body<'_>>();
    Response {
        content: [(PROBLEM.to_owned(), content(schema))]
            .into_iter()
            .collect(),
        ..Response::default()
    }
}

fn content(json_schema: schemars::Schema) -> MediaType {
    MediaType {
        schema: Some(SchemaObject {
            json_schema,
            example: None,
            external_docs: None,
        }),
        ..MediaType::default()
    }
}
