//! How what has a rule looks in JSON Schema, for the OpenAPI documents of our APIs.

macro_rules! schema {
    ([$($generics:tt)*] $name:ty = $($json:tt)+) => {
        impl<$($generics)*> ::schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!($($json)+)
            }
        }
    };
}

pub(crate) use schema;
