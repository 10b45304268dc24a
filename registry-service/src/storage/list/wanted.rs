//! What may be asked of a list: conditions on its fields, and an order.
//!
//! Fields are known by the names they have on the wire; each entity has a table of its own.

use std::fmt::Display;

use uuid::Uuid;

use crate::domain::name::named;
use crate::domain::timestamp::Timestamp;
use crate::storage::Result;
use crate::storage::list::{Range, Select};

named! {
    /// How a field is compared; the names are Konnect's.
    Operator {
        /// It is this.
        Equals = "eq",
        /// It is something else.
        Differs = "neq",
        /// It is one of these, separated by commas.
        OneOf = "oeq",
        /// It has this somewhere, in any case.
        Contains = "contains",
        /// It is before this.
        Less = "lt",
        /// It is this or before it.
        AtMost = "lte",
        /// It is after this.
        Greater = "gt",
        /// It is this or after it.
        AtLeast = "gte",
    }
}

named! {
    /// Which end of an order comes first.
    Direction {
        /// The least.
        Ascending = "asc",
        /// The greatest.
        Descending = "desc",
    }
}

/// A condition on a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The field.
    pub field: String,
    /// How it is compared.
    pub operator: Operator,
    /// With what.
    pub value: String,
}

/// An order by a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The field.
    pub field: String,
    /// Which end comes first.
    pub direction: Direction,
}

/// Which items of a list are wanted, in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What all of them meet.
    pub conditions: Vec<Condition>,
    /// By what they are ordered; nothing means the list's own order.
    pub order: Vec<Order>,
    /// Which of those.
    pub range: Range,
}

/// Why a list cannot be asked for like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{parameter}` {reason}")]
pub struct InvalidQuery {
    /// The parameter, such as `filter[status]` or `sort`.
    pub parameter: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// A field that lists may be asked by.
#[derive(Debug)]
pub(in crate::storage) struct Field {
    /// Its name on the wire.
    name: &'static str,
    /// The expression that holds it.
    column: &'static str,
    /// What it holds.
    kind: Kind,
}

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub(in crate::storage) enum Kind {
    /// The id of something.
    Id,
    /// One of some names.
    Name(&'static [&'static str]),
    /// Any text; beside it the expression that has it in lower case. Of the databases' own `lower`,
    /// SQLite's knows ASCII alone.
    Text(&'static str),
    /// Milliseconds.
    Moment,
    /// 0 or 1.
    Switch,
}

// === impl Wanted ===

impl Wanted {
    /// Wants all items of a range.
    pub const fn all(range: Range) -> Self {
        Self {
            conditions: Vec::new(),
            order: Vec::new(),
            range,
        }
    }

    /// Wants only those whose field compares so with a value.
    #[must_use]
    pub fn with(mut self, field: &str, operator: Operator, value: impl Display) -> Self {
        self.conditions.push(Condition {
            field: field.to_owned(),
            operator,
            value: value.to_string(),
        });
        self
    }

    /// Wants only those whose field is a value.
    #[must_use]
    pub fn equal(self, field: &str, value: impl Display) -> Self {
        self.with(field, Operator::Equals, value)
    }

    /// Wants them ordered by a field, after what they are ordered by already.
    #[must_use]
    pub fn ordered(mut self, field: &str, direction: Direction) -> Self {
        self.order.push(Order {
            field: field.to_owned(),
            direction,
        });
        self
    }
}

// === impl Select ===

impl Select {
    /// Adds what is wanted of a list with these fields.
    pub(in crate::storage) fn wanted(
        mut self,
        fields: &'static [Field],
        wanted: &Wanted,
    ) -> Result<Self> {
        for condition in &wanted.conditions {
            let parameter = format!("filter[{}]", condition.field);
            let field = find(fields, &condition.field, &parameter)?;
            self = self.meets(field, condition)?;
        }
        let mut order = String::new();
        for Order { field, direction } in &wanted.order {
            let field = find(fields, field, "sort")?;
            // The databases disagree about where what is not there belongs.
            order.extend([field.ordering(), " ", direction.name(), " nulls last, "]);
        }
        // The list's own order decides between equals, so that no page has what another has.
        self.order.insert_str(0, &order);
        Ok(self)
    }

    fn meets(self, field: &Field, condition: &Condition) -> Result<Self> {
        let column = field.column;
        let place = field.place();
        let value = |text: &str| field.value(text, condition);
        let sign = match condition.operator {
            Operator::Equals => "=",
            // What is not there differs from everything.
            Operator::Differs => "is distinct from",
            Operator::Less => "<",
            Operator::AtMost => "<=",
            Operator::Greater => ">",
            Operator::AtLeast => ">=",
            Operator::Contains => {
                let Kind::Text(key) = field.kind else {
                    return Err(condition.refused("cannot be searched").into());
                };
                return Ok(self.contains(key, Some(condition.value.to_lowercase())));
            }
            Operator::OneOf => {
                let values = condition.value.split(',').map(value);
                let values = values.collect::<Result<Vec<_>>>()?;
                return Ok(self.one_of(column, place, values));
            }
        };
        let value = value(&condition.value)?;
        Ok(self.compares(&format!("{column} {sign} {place}"), value))
    }

    fn one_of(mut self, column: &str, place: &str, values: Vec<String>) -> Self {
        let mut places = Vec::new();
        for value in values {
            self.values.push(value);
            places.push(place.replace('?', &format!("${}", self.values.len())));
        }
        self.and(&format!("{column} in ({})", places.join(", ")));
        self
    }
}

// === impl Condition ===

impl Condition {
    fn refused(&self, reason: &'static str) -> InvalidQuery {
        InvalidQuery {
            parameter: format!("filter[{}]", self.field),
            reason,
        }
    }
}

// === impl Field ===

impl Field {
    /// A field that is called what its column is.
    pub(in crate::storage) const fn column(name: &'static str, kind: Kind) -> Self {
        Self::named(name, name, kind)
    }

    /// A field with a name of its own on the wire.
    pub(in crate::storage) const fn named(
        name: &'static str,
        column: &'static str,
        kind: Kind,
    ) -> Self {
        Self { name, column, kind }
    }

    fn ordering(&self) -> &'static str {
        match self.kind {
            Kind::Text(key) => key,
            _ => self.column,
        }
    }

    /// Returns how a value is written into a comparison: values are bound as text.
    const fn place(&self) -> &'static str {
        match self.kind {
            Kind::Moment | Kind::Switch => "cast(? as bigint)",
            _ => "?",
        }
    }

    /// Returns a value as the column has it.
    fn value(&self, text: &str, condition: &Condition) -> Result<String> {
        let refused = |reason| condition.refused(reason);
        Ok(match self.kind {
            Kind::Id => Uuid::try_parse(text)
                .map_err(|_| refused("must be an id"))?
                .to_string(),
            Kind::Name(names) if names.contains(&text) => text.to_owned(),
            Kind::Name(_) => return Err(refused("must be one of the field's names").into()),
            Kind::Text(_) => text.to_owned(),
            Kind::Moment => {
                let moment: Timestamp = text
                    .parse()
                    .map_err(|_| refused("must be a date and time as RFC 3339 writes them"))?;
                moment.0.to_string()
            }
            Kind::Switch => match text {
                "true" => "1".to_owned(),
                "false" => "0".to_owned(),
                _ => return Err(refused("must be true or false").into()),
            },
        })
    }
}

fn find(fields: &'static [Field], name: &str, parameter: &str) -> Result<&'static Field> {
    fields
        .iter()
        .find(|field| field.name == name)
        .ok_or_else(|| {
            InvalidQuery {
                parameter: parameter.to_owned(),
                reason: "names a field this list cannot be asked by",
            }
            .into()
        })
}
